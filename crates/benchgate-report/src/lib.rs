//! Outcome -> terminal, HTML, JSON, Markdown, JUnit XML, annotations, trace events.
//!
//! Pure renderers: `model` and `gate` values in, text out. They read no terminal, clock or environment (width, colours
//! and so on come in as a [`Look`]) and they decide nothing: whatever looks like a verdict was made by `gate`.
//! All outside text (ids, messages, commit subjects) is untrusted and goes through `inert` before it is shown.

mod acceptance;
mod build;
mod calibration;
mod claim;
mod claim_document;
mod claim_table;
mod compare;
mod comparison;
mod doctor;
mod explain;
mod foreign;
mod github;
mod html;
mod inert;
mod iteration;
mod json;
mod junit;
mod markdown;
mod quantity;
mod recordings;
mod terminal;
mod tone;
mod verdict;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod fixture_built;

pub use build::{lacking, left_out};
pub use calibration::calibration_text;
pub use claim_document::{ClaimDocumentError, claim_document, documented_claims};
pub use claim_table::claim_table;
pub use compare::{Judged, compare};
pub use doctor::{doctor, doctor_json};
pub use explain::{Explained, explain};
pub use foreign::sentence as foreign_sentence;
pub use github::{Place, Places, github, github_without_run};
pub use html::{calibration_html, html};
pub use inert::inert;
pub use iteration::iterations;
pub use json::{json, json_without_run};
pub use junit::{junit, junit_without_run};
pub use markdown::{COMMENT, markdown, markdown_without_run};
pub use recordings::{recording_diff, recordings, stored_times};
pub use terminal::{Charset, Look, Palette, Rows, terminal};
pub use verdict::Verdict;
