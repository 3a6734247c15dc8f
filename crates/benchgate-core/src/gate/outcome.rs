//! The decision, ready to be shown: nothing downstream computes a verdict.

use std::collections::BTreeMap;

use super::{Action, Bound, Cause, ExitCode, Source, Status};
use crate::model::{Ceiling, Metric, Origin, PairKind, SeriesKey};

/// The whole decision of one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// One row a series, worst first.
    pub rows: Vec<Row>,
    /// All rows counted.
    pub census: Census,
    /// One row a claim: violated ones first, then open ones, else in the order of the policy.
    pub claims: Vec<ClaimRow>,
    /// One row an acceptance: those that this change adds first.
    pub acceptances: Vec<AcceptanceRow>,
    /// Everything that holds, strongest first; never empty (`Pass` alone on a pass).
    pub exits: Vec<ExitCode>,
    /// One sentence: what was found.
    pub headline: String,
    /// What a reader should look at though it does not fail the run.
    pub warnings: Vec<String>,
    /// The smallest effect that the run could have called red, in words, when that is worse than the tolerance.
    pub reach: String,
}

/// The decision for one series.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Which series.
    pub key: SeriesKey,
    /// Its shortest unambiguous name.
    pub id: String,
    /// The verdict or state.
    pub status: Status,
    /// What the status does to the run, class and policy considered.
    pub action: Action,
    /// Base value in the metric's unit (for time the median over pairs of the median over samples).
    pub base: Option<f64>,
    /// Candidate value, likewise.
    pub candidate: Option<f64>,
    /// ln(candidate/base) with its interval.
    pub effect: Option<Effect>,
    /// The effect below which nobody cares, as a share: 0.02 is 2 %.
    pub tolerance: f64,
    /// The smallest slowdown that this run would have called red with 95 % chance, as a share: 0.031 is 3.1 %;
    /// infinite where it could not have been red; `None` for counts and where nothing was measured.
    pub smallest_visible: Option<f64>,
    /// Pairs of processes that gave samples.
    pub pairs: u32,
    /// Seconds spent in timed sections of both sides.
    pub seconds: f64,
    /// Candidate's throughput, ready to show, for instance `1.2 GiB/s`.
    pub throughput: Option<String>,
    /// Why this status, in words.
    pub detail: String,
    /// What a profile says of it, where one was taken or tried.
    pub cause: Option<Cause>,
    /// What fresh link orders said, where the series was flagged and they were measured.
    pub relinked: Option<Relinked>,
    /// Why fresh link orders could not judge a time that pairs alone show at the suite's error level.
    pub unconfirmed: Option<String>,
    /// What else differs between the sides than the code that it measures, in words; they stand in `detail` too.
    pub beside: Option<String>,
    /// What its pairs are made of.
    pub kind: PairKind,
    /// What is known of it, where it is `inconclusive`.
    pub open: Option<Open>,
    /// The command that measures this benchmark alone again; only where the status is no pass.
    pub reproduce: Option<String>,
}

impl Row {
    /// Why this status, in words: what a profile blames comes first, why none could comes last.
    pub fn why(&self) -> String {
        let cause = self.cause.as_ref().map(|cause| (&*cause.line, cause.is_found));
        let parts = match cause {
            Some((line, true)) => [line, &self.detail],
            Some((line, false)) => [&self.detail, line],
            None => [&self.detail, ""],
        };
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
    }
}

/// What is known of an `inconclusive` series, which says what that does to the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Open {
    /// Nothing that its interval does not say; the policy for `inconclusive` decides.
    Undecided,
    /// Proven not to be slower by the tolerance; whether it is faster by as much is open. Never fails a run: that it did not get
    /// slower is what a gate has to decide.
    NotSlower,
    /// Its interval at the suite's error level lies beyond the tolerance, and no fresh link order was looked at. Fails unless the
    /// policy says otherwise.
    Slower,
    /// Fresh link orders should have judged it and could not, and pairs alone do not show it at the suite's error level: the run
    /// is incomplete.
    Unconfirmed,
    /// Its harness changed, whose own loop is in the times. Never fails a run, and is no part of the share that may.
    Harness,
}

impl Open {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Undecided, Self::NotSlower, Self::Slower, Self::Unconfirmed, Self::Harness];

    /// The name used in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Undecided => "undecided",
            Self::NotSlower => "not-slower",
            Self::Slower => "slower",
            Self::Unconfirmed => "unconfirmed",
            Self::Harness => "harness-changed",
        }
    }
}

/// A flagged series over fresh link orders of both sides, one pair each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Relinked {
    /// Link orders that gave a pair.
    pub link_orders: u32,
    /// Median over link orders with its interval.
    pub effect: Effect,
    /// The smallest effect of any link order, as a logarithm.
    pub lowest: f64,
    /// The largest.
    pub highest: f64,
    /// ln(candidate/base) of instructions in one cold iteration, where they were counted.
    pub instructions: Option<f64>,
}

/// An effect as a logarithm: ln(candidate/base), positive is worse.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    /// Point estimate: median over pairs; exact for counts; infinite if a count grew from zero.
    pub estimate: f64,
    /// Lower end of the interval; equal to the estimate for counts.
    pub lower: f64,
    /// Upper end, likewise.
    pub upper: f64,
}

impl Effect {
    /// A logarithm as a share: 0.0198 becomes 0.02, which is 2 %.
    pub fn share(log: f64) -> f64 {
        log.exp_m1()
    }
}

/// All series counted by status; every status is present, zeros too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Census(pub BTreeMap<Status, u32>);

impl Census {
    /// Counts statuses.
    pub fn of(statuses: impl IntoIterator<Item = Status>) -> Self {
        let mut counts: BTreeMap<Status, u32> = Status::ALL.into_iter().map(|status| (status, 0)).collect();
        for status in statuses {
            *counts.entry(status).or_default() += 1;
        }
        Self(counts)
    }

    /// How many series have this status.
    pub fn count(&self, status: Status) -> u32 {
        self.0.get(&status).copied().unwrap_or(0)
    }

    /// How many series there are.
    pub fn total(&self) -> u32 {
        self.0.values().sum()
    }

    /// How many were decided.
    pub fn decided(&self) -> u32 {
        self.0.iter().filter(|(status, _)| status.is_decided()).map(|(_, n)| n).sum()
    }
}

/// The decision for one acceptance.
#[derive(Clone, Debug, PartialEq)]
pub struct AcceptanceRow {
    /// The benchmark.
    pub id: String,
    /// What may be worse; `None` where the benchmark may be gone, or do other work.
    pub metric: Option<Metric>,
    /// How much worse, where something may be.
    pub ceiling: Option<Ceiling>,
    /// What it is about, for instance ``time of `a/b` ``.
    pub subject: String,
    /// What it permits, in words.
    pub statement: String,
    /// Why, as the person said who accepted it.
    pub reason: String,
    /// The last day on which it counts, in UTC, for instance `2026-12-31`.
    pub expires: String,
    /// Whether this change adds it.
    pub origin: Origin,
    /// What became of it.
    pub state: AcceptanceState,
    /// Why, in words.
    pub detail: String,
    /// The command that takes it back; only where nothing needs it.
    pub withdraw: Option<String>,
}

impl AcceptanceRow {
    /// Whether it fails the run because nothing needs it and another change added it.
    pub fn is_stale(&self) -> bool {
        self.state == AcceptanceState::Unused && self.origin == Origin::Base
    }
}

/// What became of an acceptance, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AcceptanceState {
    /// Needed, and what was found is beyond its ceiling.
    Exceeded,
    /// Needed, and the run began after its last day.
    Expired,
    /// Nothing needs it.
    Unused,
    /// Needed, and it holds.
    Used,
    /// The run does not tell whether it is needed.
    Undecided,
}

impl AcceptanceState {
    /// All states, the worst first.
    pub const ALL: [Self; 5] = [Self::Exceeded, Self::Expired, Self::Unused, Self::Used, Self::Undecided];

    /// The name used in tables and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exceeded => "exceeded",
            Self::Expired => "expired",
            Self::Unused => "unused",
            Self::Used => "used",
            Self::Undecided => "undecided",
        }
    }
}

/// The decision for one claim.
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimRow {
    /// Its name.
    pub name: String,
    /// Its kind, as the policy names it.
    pub kind: &'static str,
    /// First segment of its first id.
    pub area: String,
    /// What it states, in words, for instance `time of a / time of b <= 0.4`.
    pub statement: String,
    /// The metric in whose unit value, interval, bound and target are; `None` where those have no unit.
    pub unit: Option<Metric>,
    /// What was found.
    pub state: ClaimState,
    /// What was measured; infinite where something is held against nothing.
    pub value: Option<f64>,
    /// Interval of a measured value; nothing for counts, which are exact.
    pub interval: Option<(f64, f64)>,
    /// Where the value must lie.
    pub bound: Bound,
    /// Where it should lie some day.
    pub target: Option<f64>,
    /// How well it does.
    pub rating: Rating,
    /// Why, in words.
    pub detail: String,
    /// What the source says, in short.
    pub stated: Option<String>,
    /// Why the claim is not what the source says, in short.
    pub note: Option<String>,
    /// Where the statement comes from.
    pub source: Option<Source>,
}

/// What was found of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClaimState {
    /// Shown to hold.
    Holds,
    /// Shown not to hold.
    Violated,
    /// A control, shown not to hold, as it should be.
    Caught,
    /// A control that holds: what breaks it on purpose is not seen.
    NotCaught,
    /// Nanoseconds: measured, shown and rated, never a gate.
    Reported,
    /// Measured, and not enough to tell.
    Undecided,
    /// It should have been measured and was not.
    NotRun,
    /// Nothing was to be measured for it in this run.
    NotSelected,
    /// This machine has too few cores for it.
    NotApplicable,
}

impl ClaimState {
    /// All states, in the order of the documents.
    pub const ALL: [Self; 9] = [
        Self::Holds,
        Self::Violated,
        Self::Caught,
        Self::NotCaught,
        Self::Reported,
        Self::Undecided,
        Self::NotRun,
        Self::NotSelected,
        Self::NotApplicable,
    ];

    /// The name used in tables and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Violated => "violated",
            Self::Caught => "caught",
            Self::NotCaught => "not-caught",
            Self::Reported => "reported",
            Self::Undecided => "undecided",
            Self::NotRun => "not-run",
            Self::NotSelected => "not-selected",
            Self::NotApplicable => "not-applicable",
        }
    }

    /// Whether what was claimed was shown, or shown not to be; `None` where neither.
    pub fn is_kept(self) -> Option<bool> {
        match self {
            Self::Holds | Self::Caught => Some(true),
            Self::Violated | Self::NotCaught => Some(false),
            Self::Reported | Self::Undecided | Self::NotRun | Self::NotSelected | Self::NotApplicable => None,
        }
    }
}

/// How well a claim does, against its target, else against its bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rating {
    /// Met with 20 % to spare; an exact count that is met.
    Excellent,
    /// Met.
    Good,
    /// Missed.
    Optimize,
    /// Could not be told; a control is not rated.
    Unknown,
}

impl Rating {
    /// The word that every output uses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Excellent => "excellent",
            Self::Good => "good",
            Self::Optimize => "optimize",
            Self::Unknown => "not rated",
        }
    }
}
