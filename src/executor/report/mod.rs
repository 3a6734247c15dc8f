//! Test results as HTML: a short page that counts them ([`count`], in four ways), and a full one with a card for each run
//! ([`Report::to_vec`], [`Report::write`], [`Report::save`]).
//!
//! Take it for the one page that a run leaves behind, and where tens of thousands of results are reported at once: text goes
//! through a scan of sixteen bytes at a time, and the buffer is allocated once. Do not take it for any other page: its
//! structure is compiled in, and a template engine costs a line a change.
//!
//! | what | allocations | memory |
//! |---|---|---|
//! | [`count::stream`] | none | 300 bytes of stack |
//! | [`Report::write`] | none | 8 KiB of stack, whatever the number of results |
//! | [`Report::to_vec`] | 1 | exactly the page, at least 8 KiB |
//! | [`Report::save`] | 1, and the names of files | exactly the page |
//!
//! What the results say is inert in the page: `& < > " '` become references, and a file's name in a link is one segment of a
//! URL. It does not look whether screenshots and videos exist, and reads no clock: the caller says when the page was made.
//!
//! ```
//! use perfblocks::executor::report::Report;
//! use perfblocks::serialization::{Record, Timestamp};
//! let run = Record { app_name: "<b>Shop</b>".into(), error: "a & b".into(), ..Record::default() };
//! let report = Report { generated: Timestamp::UNIX_EPOCH, records: &[run] };
//! let page = String::from_utf8(report.to_vec()).expect("results are UTF-8");
//! assert!(page.contains("&lt;b&gt;Shop&lt;/b&gt;") && page.contains("a &amp; b"));
//! ```

pub mod count;
mod escape;
mod full;
mod page;
mod tally;

pub use tally::Tally;

use crate::serialization::{Record, Timestamp};

/// What a page is made of.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// When the page was made.
    pub generated: Timestamp,
    /// The results, in the order of the cards.
    pub records: &'a [Record],
}

/// Why a report could not be saved.
#[derive(Debug, thiserror::Error)]
#[error("the report `{path}` could not be written\nhint: expected a directory there that can be written to")]
pub struct ReportError {
    /// Where it was to be.
    pub path: std::path::PathBuf,
    /// What the system said.
    pub source: std::io::Error,
}
