//! Outcome -> one self-contained HTML file: no network, light and dark, the same bytes for the same input.
//!
//! All that there is to read is markup, and links work in it. The one script sorts, filters, searches and keeps the view in the
//! address; what it needs to be worked with, it makes itself.
//!
//! Markup stands in `templates/`; the files here turn `model` and `gate` values into text and coordinates for it. All
//! outside text passes `inert` here and is escaped by the template. The only markup made here is the inside of the charts,
//! which plotters writes.

mod acceptances;
mod anchor;
mod bench;
mod calibration;
mod chart;
mod chip;
mod claims;
mod csp;
mod distribution;
mod environment;
mod flame;
mod forest;
mod profile;
mod prose;
mod run_order;
mod series;
mod sides;
mod summary;
mod worst;

pub use calibration::calibration_html;

use anyhow::Context;
use askama::Template;

use benchgate_core::gate::Outcome;
use benchgate_core::model::Run;

/// The style sheet, inlined in every report.
const STYLE: &str = include_str!("../../templates/report.css");

/// The script of the report, inlined; the calibration has none.
const SCRIPT: &str = concat!(include_str!("../../templates/report.js"), include_str!("../../templates/flame.js"));

/// The outcome as one HTML file.
///
/// # Errors
/// If a chart cannot be drawn or the template cannot be filled. Neither does I/O, so that this means a defect.
pub fn html(run: &Run, outcome: &Outcome) -> anyhow::Result<String> {
    let acceptances = acceptances::acceptances(&outcome.acceptances);
    let benches = bench::benches(run, outcome)?;
    let sections = benches.sections.iter().map(|bench| &*bench.anchor).collect();
    let page = Page {
        csp: csp::policy(STYLE, Some(SCRIPT)),
        style: STYLE,
        script: SCRIPT,
        summary: summary::Summary::new(run, outcome),
        facts: environment::facts(run),
        sides: sides::sides(run),
        added: acceptances.iter().filter(|one| one.is_added).cloned().collect(),
        acceptances,
        changes: acceptances::changes(&run.policy_changes),
        series: series::SeriesTable::new(outcome, &sections),
        benches,
        claims: claims::Claims::new(&outcome.claims),
    };
    page.render().context("could not fill the report's template")
}

/// The whole page; `templates/report.html` puts it together.
#[derive(Template)]
#[template(path = "report.html")]
struct Page {
    csp: String,
    style: &'static str,
    script: &'static str,
    summary: summary::Summary,
    facts: Vec<environment::Fact>,
    sides: Vec<sides::Aspect>,
    added: Vec<acceptances::Acceptance>,
    acceptances: Vec<acceptances::Acceptance>,
    changes: Vec<acceptances::Change>,
    series: series::SeriesTable,
    benches: bench::Benches,
    claims: claims::Claims,
}

#[cfg(test)]
mod tests;
