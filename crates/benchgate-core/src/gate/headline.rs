//! The outcome in sentences: what was found, and how far the run could see.

use super::percent::{plural, share};
use super::reach::Reach;
use super::shift;
use super::undecided::Nothing;
use super::{AcceptanceRow, Action, Census, ClaimRow, ClaimState, Effect, Row, Status};
use crate::model::{Metric, Run};

/// Smallest visible effects up to this multiple of the tolerance are what the rule gives on a quiet machine; beyond, a reader is told.
const REMARKABLE: f64 = 1.5;

/// What to do where too little was decided.
fn advice(run: &Run) -> &'static str {
    match run.plan.is_quick {
        true => "without `--quick` more is decided",
        false => "a larger `--budget` or a quieter machine decides more",
    }
}

/// One sentence: what was found.
pub(super) fn sentence(
    rows: &[Row],
    census: &Census,
    nothing: Option<Nothing>,
    claims: &[ClaimRow],
    run: &Run,
) -> String {
    let series = format!("{} series", census.total());
    let found = if rows.is_empty() {
        "no benchmark was found".into()
    } else if nothing.is_some() && run.has_nothing_to_compare {
        format!(
            "nothing is changed, so there is nothing to compare; {series} measured: {}; to compare, change something, or name a base \
             with `--base REV`",
            list(census, |_| true)
        )
    } else if nothing == Some(Nothing::AtAll) && census.count(Status::Inconclusive) == 0 {
        format!("nothing was compared among {series}: {}", list(census, |_| true))
    } else if nothing == Some(Nothing::AtAll) {
        format!("nothing was decided among {series}: {}; {}", list(census, |_| true), advice(run))
    } else if nothing == Some(Nothing::OfTimes) {
        let times = Census::of(rows.iter().filter(|row| row.key.metric == Metric::Time).map(|row| row.status));
        let counts = "what was decided of counts or of benchmarks that do not gate says nothing of them";
        let advice = match times.count(Status::Inconclusive) {
            0 => String::new(),
            _ => format!("; {}", advice(run)),
        };
        format!("no time was decided among {}: {}; {counts}{advice}", times.total(), list(&times, |_| true))
    } else {
        let is_failing = |status| rows.iter().any(|row| row.status == status && row.action == Action::Fail);
        let failing = list(census, is_failing);
        if failing.is_empty() {
            format!("{series}: {}", list(census, |_| true))
        } else {
            format!("{failing} of {series}")
        }
    };
    let interrupted = if run.is_interrupted { "interrupted: " } else { "" };
    let violated = told(claims, ClaimState::Violated, "claim", "violated");
    let blind = told(claims, ClaimState::NotCaught, "control", "not caught");
    let missing = claims.iter().filter(|claim| claim.state == ClaimState::NotRun).count();
    let missing = match missing {
        0 => String::new(),
        n => format!("; {} not run", plural(n as u64, "claim")),
    };
    format!("{interrupted}{}{found}{violated}{blind}{missing}", shift::sentence(rows, run))
}

/// `; claim `a` is violated`, nothing where no claim is in that state.
fn told(claims: &[ClaimRow], state: ClaimState, noun: &str, word: &str) -> String {
    let names: Vec<String> =
        claims.iter().filter(|claim| claim.state == state).map(|claim| format!("`{}`", claim.name)).collect();
    match &names[..] {
        [] => String::new(),
        [one] => format!("; {noun} {one} is {word}"),
        [..] => format!("; {noun}s {} are {word}", names.join(", ")),
    }
}

/// `; the acceptance of time of `a` is unused`, nothing where each is needed or new.
pub(super) fn stale(acceptances: &[AcceptanceRow]) -> String {
    let subjects: Vec<&str> = acceptances.iter().filter(|row| row.is_stale()).map(|row| row.subject.as_str()).collect();
    match &subjects[..] {
        [] => String::new(),
        [one] => format!("; the acceptance of {one} is unused"),
        [first, ..] => format!("; {} acceptances are unused, the first of {first}", subjects.len()),
    }
}

/// `2 regressed, 1 removed`: statuses that occur and are wanted, worst first.
fn list(census: &Census, is_wanted: impl Fn(Status) -> bool) -> String {
    let parts: Vec<String> = Status::ALL
        .into_iter()
        .filter(|&status| census.count(status) > 0 && is_wanted(status))
        .map(|status| format!("{} {status}", census.count(status)))
        .collect();
    parts.join(", ")
}

/// What the run could not have seen, in words; empty where it saw about as far as the tolerance.
pub(super) fn reach(rows: &[Row], cap: u32, reach: Reach) -> String {
    let family = reach.family;
    if family == 0 {
        return String::new();
    }
    let needed = reach.fewest_pairs();
    if cap < needed {
        return format!(
            "{cap} pairs a series could not have called any time red among {family} series; that takes {needed}"
        );
    }
    let visible = |row: &Row| row.smallest_visible.filter(|&visible| visible > REMARKABLE * row.tolerance);
    let far: Vec<(&Row, f64)> = rows.iter().filter_map(|row| Some((row, visible(row)?))).collect();
    let worst = far.iter().max_by(|a, b| (a.1 / a.0.tolerance).total_cmp(&(b.1 / b.0.tolerance)));
    let Some((row, visible)) = worst else { return String::new() };
    let could = if visible.is_infinite() {
        format!("`{}` could not have been red at all", row.id)
    } else {
        format!("in `{}` only a slowdown of {} or more was sure to be seen", row.id, share(*visible))
    };
    match far.len() - 1 {
        0 => could,
        others => format!("{could}; {} could have missed more than {REMARKABLE} times their tolerance", more(others)),
    }
}

fn more(n: usize) -> String {
    if n == 1 { "1 more series".into() } else { format!("{n} more series") }
}

/// How far a row is beyond its tolerance, to sort by: in logarithms, 0 where nothing was measured.
pub(super) fn excess(row: &Row) -> f64 {
    row.effect.map_or(0.0, |Effect { estimate, .. }| estimate.abs() - row.tolerance.ln_1p())
}
