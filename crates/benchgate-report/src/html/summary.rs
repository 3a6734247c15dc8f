//! The banner: verdict, census, what a reader should know first, and what this run could have seen.

use super::chip::{Chip, class};
use super::prose::Prose;
use super::worst::{Worst, worst};
use crate::comparison::comparison;
use crate::inert::inert;
use crate::tone::Tone;
use crate::{Verdict, build, foreign, quantity};
use benchgate_core::gate::{Outcome, Status};
use benchgate_core::model::{Base, Metric, Run};

/// The banner.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Summary {
    /// Name of the gated workspace.
    pub workspace: String,
    /// When the run began.
    pub started: String,
    /// Class of the verdict.
    pub class: &'static str,
    /// Sign of the verdict.
    pub sign: &'static str,
    /// The verdict.
    pub word: &'static str,
    /// Exit codes that hold, strongest first.
    pub exits: String,
    /// What is compared with what.
    pub comparison: Prose,
    /// What the builds differ in, and what takes no part.
    pub build: Vec<Prose>,
    /// One sentence.
    pub headline: Prose,
    /// What it is red for.
    pub worst: Worst,
    /// Statuses that occur, worst first.
    pub census: Vec<Share>,
    /// Number of series.
    pub total: u32,
    /// Whether the base is what was stored.
    pub is_stored: bool,
    /// Whether the run was interrupted.
    pub is_interrupted: bool,
    /// What to look at though it does not fail the run.
    pub warnings: Vec<Prose>,
    /// How the run went.
    pub notes: Vec<Prose>,
    /// What this run could have seen.
    pub visible: Vec<Prose>,
}

/// One status of the census.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Share {
    /// The status.
    pub chip: Chip,
    /// Series that have it.
    pub count: u32,
    /// Left edge in the bar of width 1000.
    pub x: String,
    /// Width in the bar.
    pub width: String,
}

impl Summary {
    /// The banner of an outcome.
    pub(super) fn new(run: &Run, outcome: &Outcome) -> Self {
        let verdict = Verdict::of(outcome);
        let (tone, sign) = match verdict {
            Verdict::Pass => (Tone::Good, "✓"),
            Verdict::Fail => (Tone::Bad, "✗"),
            Verdict::Inconclusive => (Tone::Doubt, "?"),
            Verdict::Error => (Tone::Bad, "!"),
        };
        let mut codes: Vec<u8> = outcome.exits.iter().map(|exit| exit.code()).collect();
        codes.dedup();
        let codes: Vec<String> = codes.iter().map(u8::to_string).collect();
        Self {
            workspace: inert(&run.workspace),
            started: inert(&run.started),
            class: class(tone),
            sign,
            word: verdict.name(),
            exits: codes.join(", also "),
            comparison: Prose::of(&comparison(run)),
            build: build::remarks(run).iter().map(|text| Prose::of(text)).collect(),
            headline: Prose::of(&outcome.headline),
            worst: worst(outcome),
            census: census(outcome),
            total: outcome.census.total(),
            is_stored: matches!(run.base, Base::Stored { .. }),
            is_interrupted: run.is_interrupted,
            warnings: outcome.warnings.iter().map(|text| Prose::of(text)).collect(),
            notes: foreign::remarks(run).iter().chain(&run.notes).map(|text| Prose::of(text)).collect(),
            visible: visible(outcome),
        }
    }
}

fn census(outcome: &Outcome) -> Vec<Share> {
    let total = f64::from(outcome.census.total().max(1));
    let mut x = 0.0;
    let mut shares = Vec::new();
    for status in Status::ALL {
        let count = outcome.census.count(status);
        if count == 0 {
            continue;
        }
        let width = 1000.0 * f64::from(count) / total;
        shares.push(Share {
            chip: Chip::of(status),
            count,
            x: format!("{x:.1}"),
            // A gap between neighbours, which may have the same colour.
            width: format!("{:.1}", (width - 3.0).max(1.0)),
        });
        x += width;
    }
    shares
}

/// What this run could have seen, from the rows' own figures: nothing is judged here.
fn visible(outcome: &Outcome) -> Vec<Prose> {
    let mut lines = Vec::new();
    let times = outcome.rows.iter().filter(|row| row.key.metric == Metric::Time);
    let mut seen: Vec<f64> = times.filter_map(|row| row.smallest_visible).collect();
    let all = seen.len();
    seen.retain(|share| share.is_finite());
    seen.sort_by(f64::total_cmp);
    if let (Some(median), Some(worst)) = (seen.get(seen.len() / 2), seen.last()) {
        let (median, worst) = (quantity::size(*median), quantity::size(*worst));
        let rest = if worst == median { String::new() } else { format!(", the least sensitive of them at {worst}") };
        let half =
            format!("With 95 % chance, half of the {all} timed series turn red at a slowdown of {median}{rest}.");
        lines.push(Prose::of(&half));
    }
    if seen.len() < all {
        let blind = all - seen.len();
        lines.push(Prose::of(&format!("{blind} of {all} had too few pairs to turn red whatever the slowdown.")));
    }
    if !outcome.reach.is_empty() {
        lines.push(Prose::of(&outcome.reach));
    }
    lines
}
