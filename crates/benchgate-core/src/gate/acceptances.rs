//! Acceptances: what a reviewed permission covers does not fail, within its ceiling and until its last day.
//!
//! ```text
//!  regressed ──┬─ no acceptance ───────────────────> regressed
//!              ├─ the run began after its last day ─> regressed, expired
//!              ├─ estimate > ceiling ──────────────> regressed, exceeded
//!              └─ else ────────────────────────────> accepted
//!  other work ─┬─ no acceptance, or after its day ─> incomparable, fails
//!              └─ else ────────────────────────────> accepted
//!  removed ────┬─ no acceptance, or after its day ─> removed, fails
//!              └─ else ────────────────────────────> removed, shown
//! ```
//!
//! The ceiling is held against the estimate on which red was decided: the median over fresh link orders where those were drawn, else
//! the median over pairs; the counts themselves for counts. Not against an end of the interval: the lower end would let a noisier
//! run accept more, and the upper end would turn red within the ceiling what was measured in few pairs. The day is that on which
//! the run began, in UTC, so that a kept run is judged the same later. It knows neither files nor sides: what only the
//! candidate has is marked by whoever read both.

use jiff::civil::Date;

use super::counts::exceeds;
use super::finding::Finding;
use super::percent::{signed, spelled};
use super::{AcceptanceRow, AcceptanceState, Effect, ExitCode, Status, reproduce};
use crate::model::{Acceptance, Ceiling, Granted, Invocation, Metric, Origin, Permits, Presence, Run, SeriesKey, day};

/// Room for the rounding of a share that is computed through a logarithm; far below a hundredth of a per cent.
const ROUNDING: f64 = 1e-9;

/// The acceptances of a run, and what they met so far.
pub(super) struct Permissions<'a> {
    /// Day on which the run began; without one nothing is valid.
    today: Option<Date>,
    granted: &'a [Granted],
    met: Vec<Met>,
}

/// What an acceptance met among the series of its benchmark.
#[derive(Clone, Debug, Default)]
struct Met {
    /// The worst of where it was needed, with its words.
    needed: Option<(Held, String)>,
    /// A verdict that needed it not.
    spared: Option<Status>,
    /// A series of which nothing can be told.
    open: Option<Status>,
}

/// How an acceptance that is needed holds; worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Held {
    Valid,
    Exceeded,
    Expired,
}

impl<'a> Permissions<'a> {
    pub fn of(run: &'a Run) -> Self {
        let today = run.started.get(..10).and_then(day);
        Self { today, granted: &run.acceptances, met: vec![Met::default(); run.acceptances.len()] }
    }

    /// Holds what was found of one series against the acceptances of its benchmark, and says how the one that it needs holds.
    /// `name` is what rows call the benchmark.
    pub fn hold(&mut self, key: &SeriesKey, name: &str, finding: Finding) -> (Finding, Option<Held>) {
        let mut best: Option<(Held, String, bool)> = None;
        for (Granted { acceptance, .. }, met) in self.granted.iter().zip(&mut self.met) {
            if acceptance.id != name && acceptance.id != key.bench.id() {
                continue;
            }
            let (is_red, is_worse) = match acceptance.permits {
                Permits::Worse { metric, .. } if metric != key.metric => continue,
                Permits::Worse { .. } => (finding.status == Status::Regressed, true),
                Permits::Removal => (finding.status == Status::Removed, false),
                Permits::OtherWork => (finding.is_other_work, true),
            };
            if is_red {
                let (held, words) = held(acceptance, self.today, key.metric, &finding);
                met.need(held, &words);
                if best.as_ref().is_none_or(|(other, ..)| held < *other) {
                    best = Some((held, words, is_worse));
                }
            } else if is_told(finding.status, acceptance.permits) {
                met.spared = met.spared.or(Some(finding.status));
            } else {
                met.open = met.open.or(Some(finding.status));
            }
        }
        let Some((held, words, is_worse)) = best else { return (finding, None) };
        let status = if is_worse && held == Held::Valid { Status::Accepted } else { finding.status };
        (Finding { status, detail: format!("{}; {words}", finding.detail), ..finding }, Some(held))
    }

    /// One row an acceptance: added ones first, then wrong ones, else in their order.
    pub fn rows(&self, invocation: &Invocation) -> Vec<AcceptanceRow> {
        let of = |(granted, met): (&Granted, &Met)| row(granted, met, invocation);
        let mut rows: Vec<AcceptanceRow> = self.granted.iter().zip(&self.met).map(of).collect();
        rows.sort_by_key(|row| (row.origin != Origin::Change, row.state));
        rows
    }
}

impl Met {
    fn need(&mut self, held: Held, words: &str) {
        if self.needed.as_ref().is_none_or(|(worst, _)| held > *worst) {
            self.needed = Some((held, words.to_owned()));
        }
    }
}

/// The exit code of an acceptance that nothing needs: none in the change that adds it.
pub(super) fn exit(row: &AcceptanceRow) -> Option<ExitCode> {
    row.is_stale().then_some(ExitCode::Configuration)
}

/// What to look at in the change that adds an acceptance.
pub(super) fn warning(row: &AcceptanceRow) -> Option<String> {
    let is_unused = row.state == AcceptanceState::Unused && row.origin == Origin::Change;
    is_unused.then(|| format!("the acceptance of {}, added by this change, is unused: {}", row.subject, row.detail))
}

/// Whether a status tells that an acceptance is not needed. What was not compared tells nothing.
fn is_told(status: Status, permits: Permits) -> bool {
    let is_worse = matches!(permits, Permits::Worse { .. });
    match status {
        Status::Improved | Status::Unchanged | Status::Identical | Status::Layout | Status::New => true,
        Status::Removed => permits != Permits::Removal,
        // The benchmark is there and does the same work, whatever is wrong with it.
        Status::Regressed | Status::Accepted | Status::Inconclusive | Status::NotCounted | Status::Advisory => {
            !is_worse
        }
        Status::Implausible
        | Status::Leaked
        | Status::Errored
        | Status::TimedOut
        | Status::NotRun
        | Status::Incomparable
        | Status::MissingBaseline
        | Status::NotBuilt => false,
    }
}

/// How an acceptance that is needed holds, in words that follow the detail of its row.
fn held(acceptance: &Acceptance, today: Option<Date>, metric: Metric, finding: &Finding) -> (Held, String) {
    let Acceptance { permits, reason, expires, .. } = acceptance;
    let is_over = today.is_none_or(|today| today > *expires);
    let Permits::Worse { ceiling, .. } = *permits else {
        return match is_over {
            true => (Held::Expired, format!("its acceptance ended on {expires}")),
            false => (Held::Valid, format!("accepted until {expires}: {reason}")),
        };
    };
    let words = ceiling_words(ceiling, metric);
    let found = found(ceiling, finding);
    match (is_over, is_within(ceiling, metric, finding)) {
        (true, true) => (Held::Expired, format!("the acceptance of up to {words} ended on {expires}")),
        (true, false) => {
            (Held::Expired, format!("the acceptance of up to {words} ended on {expires}, and {found} is beyond it"))
        }
        (false, false) => (Held::Exceeded, format!("{found} is beyond the {words} that are accepted until {expires}")),
        (false, true) => (Held::Valid, format!("{found} is within the {words} accepted until {expires}: {reason}")),
    }
}

/// The estimate on which red was decided.
fn decisive(finding: &Finding) -> Option<Effect> {
    finding.relinked.map(|relinked| relinked.effect).or(finding.effect)
}

fn is_within(ceiling: Ceiling, metric: Metric, finding: &Finding) -> bool {
    match (ceiling, finding.base, finding.candidate) {
        (Ceiling::Count(most), _, Some(candidate)) => metric.is_count() && candidate <= most,
        (Ceiling::Share(most), Some(base), Some(candidate)) if metric.is_count() => !exceeds(candidate, base, most),
        (Ceiling::Share(most), ..) => {
            decisive(finding).is_some_and(|effect| Effect::share(effect.estimate) <= most + ROUNDING)
        }
        (Ceiling::Count(_), _, None) => false,
    }
}

/// What is held against the ceiling, in words.
fn found(ceiling: Ceiling, finding: &Finding) -> String {
    match (ceiling, finding.candidate, decisive(finding)) {
        (Ceiling::Count(_), Some(candidate), _) => format!("{candidate}"),
        (_, _, Some(effect)) => signed(effect.estimate),
        _ => "what no share expresses".into(),
    }
}

fn ceiling_words(ceiling: Ceiling, metric: Metric) -> String {
    match ceiling {
        Ceiling::Share(_) => spelled(&ceiling.to_string()),
        Ceiling::Count(_) => format!("{ceiling} {}", metric.unit()),
    }
}

fn row(Granted { acceptance, origin, presence }: &Granted, met: &Met, invocation: &Invocation) -> AcceptanceRow {
    let (state, detail) = state(met, *presence);
    let Acceptance { id, permits, reason, expires, .. } = acceptance;
    let (metric, ceiling, statement) = match *permits {
        Permits::Worse { metric, ceiling } => {
            let words = ceiling_words(ceiling, metric);
            let above = if matches!(ceiling, Ceiling::Share(_)) { "more" } else { "in all" };
            let statement = format!("{metric} of `{id}` may be up to {words} {above} until {expires}");
            (Some(metric), Some(ceiling), statement)
        }
        Permits::Removal => (None, None, format!("`{id}` may be removed until {expires}")),
        Permits::OtherWork => (None, None, format!("`{id}` may do other work per iteration until {expires}")),
    };
    AcceptanceRow {
        id: id.clone(),
        metric,
        ceiling,
        subject: acceptance.subject(),
        statement,
        reason: reason.clone(),
        expires: expires.to_string(),
        origin: *origin,
        state,
        detail,
        withdraw: (state == AcceptanceState::Unused).then(|| reproduce::withdrawal(invocation, id, permits.matter())),
    }
}

fn state(met: &Met, presence: Presence) -> (AcceptanceState, String) {
    use AcceptanceState::{Exceeded, Expired, Undecided, Unused, Used};
    match (met, presence) {
        (Met { needed: Some((held, words)), .. }, _) => {
            let state = match held {
                Held::Valid => Used,
                Held::Exceeded => Exceeded,
                Held::Expired => Expired,
            };
            (state, words.clone())
        }
        (Met { open: Some(status), .. }, _) => (Undecided, format!("its series is {status}")),
        (Met { spared: Some(status), .. }, _) => (Unused, format!("its series is {status}")),
        (_, Presence::Absent) => (Unused, "no benchmark has this id".into()),
        (_, Presence::Here) => (Undecided, "its series is no part of this run".into()),
        (_, Presence::Untold) => (Undecided, "its benchmark was not looked for in this run".into()),
    }
}

#[cfg(test)]
mod tests;
