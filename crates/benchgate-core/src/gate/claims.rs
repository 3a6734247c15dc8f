//! Claims: performance statements about the candidate, shown to hold, shown not to, or open.
//!
//! A statement about a ratio of times is a series of its own: pairs of the two benches of the candidate, bounded by the same
//! e-processes. It holds once the bound at 1/beta is within the statement's, and is violated once the bound at the error level
//! shared by all such statements is beyond it; so a run of equal code does not turn red because one of many claims was measured
//! on a bad day. Counts are exact. Nanoseconds are reported.

mod counted;
mod rating;
mod timed;

use super::{Action, Claim, ClaimRow, ClaimState, ExitCode, Expect, Needs, Policy, Rating, Status};
use crate::model::{ClaimEvidence, Run, SeriesKey};

pub use timed::{fewest_refuting_pairs, is_crowded, is_decided, statements};

/// What is found of one claim.
struct Judged {
    state: ClaimState,
    value: Option<f64>,
    interval: Option<(f64, f64)>,
    rating: Rating,
    detail: String,
    exit: Option<ExitCode>,
}

impl Judged {
    /// Nothing was measured, for this reason.
    fn unmeasured(state: ClaimState, detail: impl Into<String>) -> Self {
        let exit = (state == ClaimState::NotRun).then_some(ExitCode::Incomplete);
        Self { state, value: None, interval: None, rating: Rating::Unknown, detail: detail.into(), exit }
    }

    /// Evidence is missing, for this reason.
    fn not_run(why: impl std::fmt::Display) -> Self {
        Self::unmeasured(ClaimState::NotRun, format!("not run: {why}"))
    }

    /// Open because a measurement was not good enough: the policy for `inconclusive` decides.
    fn undecided(policy: &Policy, detail: impl Into<String>) -> Self {
        let fails = policy.action(Status::Inconclusive) == Action::Fail;
        let exit = fails.then_some(ExitCode::Inconclusive);
        Self { exit, ..Self::unmeasured(ClaimState::Undecided, detail) }
    }

    /// Shown to hold, or not to.
    fn shown(holds: bool, value: Option<f64>, rating: Rating, detail: String) -> Self {
        let (state, exit) =
            if holds { (ClaimState::Holds, None) } else { (ClaimState::Violated, Some(ExitCode::Regression)) };
        Self { state, value, interval: None, rating, detail, exit }
    }

    /// The same of a control: what must be found is the violation.
    fn of_control(self) -> Self {
        let (state, exit) = match self.state {
            ClaimState::Holds => (ClaimState::NotCaught, Some(ExitCode::Regression)),
            ClaimState::Violated => (ClaimState::Caught, None),
            open => (open, self.exit),
        };
        Self { state, exit, rating: Rating::Unknown, ..self }
    }
}

/// A row for each claim of the policy, and what each does to the run: violated ones first, then open ones, else in its order.
pub(super) fn rows(policy: &Policy, run: &Run) -> Vec<(ClaimRow, Option<ExitCode>)> {
    let row = |claim: &Claim| {
        let judged = judged(policy, run, claim);
        let row = ClaimRow {
            name: claim.name.clone(),
            kind: claim.kind.name(),
            area: claim.kind.area(),
            statement: format!("{} {}", claim.kind, claim.bound),
            unit: claim.kind.unit(),
            state: judged.state,
            value: judged.value,
            interval: judged.interval,
            bound: claim.bound,
            target: claim.target,
            rating: judged.rating,
            detail: judged.detail,
            stated: claim.stated.clone(),
            note: claim.note.clone(),
            source: claim.source.clone(),
        };
        (row, judged.exit)
    };
    let mut rows: Vec<_> = policy.claims.iter().map(row).collect();
    rows.sort_by_key(|(row, _)| match row.state {
        ClaimState::Violated | ClaimState::NotCaught => 0,
        ClaimState::Undecided | ClaimState::NotRun => 1,
        ClaimState::NotSelected | ClaimState::NotApplicable => 2,
        ClaimState::Holds | ClaimState::Caught | ClaimState::Reported => 3,
    });
    rows
}

/// Whether a control of this run is about this very count.
pub(super) fn is_controlled(policy: &Policy, run: &Run, key: &SeriesKey) -> bool {
    let id = key.bench.id();
    let needed = Needs::Counts { metric: key.metric, ids: vec![&id] };
    let is_control = |claim: &&Claim| claim.expect == Expect::Violated && unchecked(run, claim).is_none();
    policy.claims.iter().filter(is_control).any(|claim| claim.kind.needs() == needed)
}

/// What is found of a claim that is not checked in this run, whatever was measured; `None` where it is.
fn unchecked(run: &Run, claim: &Claim) -> Option<Judged> {
    let cores = claim.kind.cores();
    // A machine of unknown size is taken for one with a core.
    if cores > run.machine.cores.max(1) {
        let detail = format!("it takes {cores} cores, and this machine has {}", run.machine.cores);
        return Some(Judged::unmeasured(ClaimState::NotApplicable, detail));
    }
    if !claim.is_checked_with(&run.plan.tiers) {
        let tier = claim.tier.as_deref().unwrap_or_default();
        return Some(Judged::unmeasured(ClaimState::NotSelected, format!("checked with tier `{tier}` only")));
    }
    None
}

fn judged(policy: &Policy, run: &Run, claim: &Claim) -> Judged {
    if let Some(unchecked) = unchecked(run, claim) {
        return unchecked;
    }
    let judged = match claim.kind.needs() {
        Needs::Pairs { over, under } => timed::judged(policy, run, claim, [&over, &under]),
        Needs::Counts { metric, ids } => counted::judged(policy, run, claim, metric, &ids),
        Needs::Counter { id, counter } => counted::counter(policy, run, claim, id, counter),
    };
    let has_evidence = |evidence: &&ClaimEvidence| {
        evidence.name == claim.name && !(evidence.pairs.is_empty() && evidence.counts.is_empty())
    };
    let judged = match run.claims.iter().find(has_evidence).and_then(|evidence| evidence.note.as_ref()) {
        Some(note) => Judged { detail: format!("{}; {note}", judged.detail), ..judged },
        None => judged,
    };
    match claim.expect {
        Expect::Holds => judged,
        Expect::Violated => judged.of_control(),
    }
}

#[cfg(test)]
mod tests;
