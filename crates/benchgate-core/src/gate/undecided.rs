//! What a run does about what it could not decide: rows that stay `inconclusive`, and a run in which nothing was decided at all.

use super::judge::gates;
use super::percent::share;
use super::{Action, Open, Policy, Row, Status, Word};
use crate::model::{Metric, Run};

/// What was not decided, though it had to be for a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nothing {
    /// No series at all.
    AtAll,
    /// No time that gates, though some should have been compared; what was decided of counts is no answer to that.
    OfTimes,
}

/// What a run had to decide and did not.
///
/// A row counts as decided if its verdict is any but `inconclusive`, or if it is proven not to be slower: whether it is faster is no
/// question that a gate must answer.
pub(super) fn nothing(policy: &Policy, run: &Run, rows: &[Row]) -> Option<Nothing> {
    let is_asked =
        |row: &&Row| row.key.metric == Metric::Time && is_to_be_compared(row) && gates(policy, run, &row.key);
    let mut times = rows.iter().filter(is_asked).peekable();
    let is_decided = |row: &Row| is_decided(row) || is_of_the_harness_alone(run, row);
    if !rows.iter().any(is_decided) {
        Some(Nothing::AtAll)
    } else if times.peek().is_some() && !times.any(is_decided) {
        Some(Nothing::OfTimes)
    } else {
        None
    }
}

fn is_decided(row: &Row) -> bool {
    row.status.is_decided() || row.open == Some(Open::NotSlower)
}

/// Whether nothing but the harness differs, so that nothing is left to decide of the code.
fn is_of_the_harness_alone(run: &Run, row: &Row) -> bool {
    let harness = run.differences.get(&row.key.bench).and_then(|difference| difference.harness.as_ref());
    row.open == Some(Open::Harness) && harness.is_some_and(|harness| harness.is_alone)
}

/// Whether both sides have the benchmark, and something that gates to hold it against.
fn is_to_be_compared(row: &Row) -> bool {
    match row.status {
        Status::Errored | Status::TimedOut | Status::NotRun | Status::Incomparable | Status::Implausible => true,
        status => status.word() == Word::Verdict,
    }
}

/// What an inconclusive series does to the run.
pub(super) fn action(policy: &Policy, open: Open) -> Action {
    let stated = policy.actions.get(&Status::Inconclusive).copied();
    let default = Action::default_of(Status::Inconclusive);
    match open {
        Open::Undecided => stated.unwrap_or(default),
        Open::NotSlower | Open::Harness => match stated.unwrap_or(default) {
            Action::Fail => Action::Warn,
            action => action,
        },
        Open::Slower => stated.unwrap_or(Action::Fail),
        Open::Unconfirmed => Action::Fail,
    }
}

/// Lets all that is inconclusive fail where that is a larger share of the compared series than the policy allows; says so.
pub(super) fn limit(policy: &Policy, run: &Run, rows: &mut [Row]) -> Option<String> {
    let at_most = policy.inconclusive_at_most?;
    let is_counted = |row: &Row| {
        row.status.word() == Word::Verdict && row.open != Some(Open::Harness) && gates(policy, run, &row.key)
    };
    let is_open = |row: &Row| row.status == Status::Inconclusive && row.open != Some(Open::NotSlower);
    let all = rows.iter().filter(|row| is_counted(row)).count();
    let mut open: Vec<&mut Row> = rows.iter_mut().filter(|row| is_counted(row) && is_open(row)).collect();
    if open.len() as f64 <= at_most * all as f64 {
        return None;
    }
    open.iter_mut().for_each(|row| row.action = Action::Fail);
    Some(format!(
        "{} of {all} compared series left open whether they got worse, more than the {} that `[on] inconclusive` allows",
        open.len(),
        share(at_most)
    ))
}

#[cfg(test)]
mod tests;
