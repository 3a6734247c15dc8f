//! What the evidence of one series amounts to, before policy: its status with the values that a row shows.

use super::percent::plural;
use super::{Effect, Open, Relinked, Status};
use crate::model::{CountReading, Evidence, Failure, FailureKind, Metric, Samples, Series, Side};
use crate::stats::median;

/// The finding for one series.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Finding {
    pub status: Status,
    pub base: Option<f64>,
    pub candidate: Option<f64>,
    pub effect: Option<Effect>,
    pub smallest_visible: Option<f64>,
    pub pairs: u32,
    pub seconds: f64,
    pub detail: String,
    pub warnings: Vec<String>,
    pub relinked: Option<Relinked>,
    pub unconfirmed: Option<String>,
    /// What is known of it where it is `inconclusive`.
    pub open: Open,
    /// Whether the sides declare other work, so that nothing is compared.
    pub is_other_work: bool,
    /// What else differs between the sides, in words.
    pub beside: Option<String>,
}

impl Finding {
    /// A status with its reason and no values yet.
    pub fn new(status: Status, detail: impl Into<String>) -> Self {
        Self {
            status,
            base: None,
            candidate: None,
            effect: None,
            smallest_visible: None,
            pairs: 0,
            seconds: 0.0,
            detail: detail.into(),
            warnings: Vec::new(),
            relinked: None,
            unconfirmed: None,
            open: Open::Undecided,
            is_other_work: false,
            beside: None,
        }
    }

    /// The finding for evidence that needs nothing but itself; `None` for what `times`,
    /// `counts` and `recorded` judge.
    pub fn of_state(series: &Series) -> Option<Self> {
        let metric = series.key.metric;
        Some(match &series.evidence {
            Evidence::Pairs(_) | Evidence::Counts { .. } | Evidence::Recorded(_) => return None,
            Evidence::Identical { detail } => Self::new(Status::Identical, detail),
            Evidence::OnlyOn { side: Side::Base, value } => {
                Self { base: *value, ..Self::new(Status::Removed, "only in the base") }
            }
            Evidence::OnlyOn { side: Side::Candidate, value } => {
                let leak = value.and_then(|value| leak(metric, CountReading { value, is_exact: value.fract() == 0.0 }));
                Self { candidate: *value, ..leak.unwrap_or_else(|| Self::new(Status::New, "only in the candidate")) }
            }
            Evidence::MissingBaseline { candidate, reason } => {
                let missing = || Self::new(Status::MissingBaseline, reason);
                Self { candidate: Some(candidate.value), ..leak(metric, *candidate).unwrap_or_else(missing) }
            }
            Evidence::Advisory { candidate, reason } => Self::advisory(candidate, reason),
            Evidence::Failed(failure) => Self::failed(failure),
            Evidence::NotRun { reason } => Self::new(Status::NotRun, reason),
            Evidence::Incomparable { reason } => Self::new(Status::Incomparable, reason),
            Evidence::NotCounted { reason } => Self::new(Status::NotCounted, reason),
            Evidence::NotBuilt { reason } => Self::new(Status::NotBuilt, reason),
        })
    }

    /// The state that a failure stands for.
    pub fn failed(failure: &Failure) -> Self {
        let status = match failure.kind {
            FailureKind::Crashed | FailureKind::Rubbish | FailureKind::SetUp => Status::Errored,
            FailureKind::TimedOut => Status::TimedOut,
            FailureKind::Implausible => Status::Implausible,
        };
        Self::new(status, Self::told(failure))
    }

    /// A failure in words.
    pub fn told(failure: &Failure) -> String {
        let who = if failure.kind == FailureKind::SetUp { "both sides" } else { failure.side.name() };
        format!("{who}: {}", failure.message)
    }

    fn advisory(candidate: &[Samples], reason: &str) -> Self {
        let medians: Vec<f64> = candidate.iter().map(median_nanos).collect();
        Self {
            candidate: median(&medians),
            seconds: candidate.iter().map(Samples::total_nanos).sum::<f64>() / 1e9,
            ..Self::new(Status::Advisory, reason)
        }
    }
}

/// Median over samples, in nanoseconds an iteration.
pub(super) fn median_nanos(samples: &Samples) -> f64 {
    let nanos: Vec<f64> = samples.nanos_per_iteration().collect();
    median(&nanos).expect("samples are never empty")
}

/// A leak of the candidate, if the reading is one. What the base did does not excuse it.
pub(super) fn leak(metric: Metric, candidate: CountReading) -> Option<Finding> {
    if !candidate.is_exact || candidate.value <= 0.0 {
        return None;
    }
    let detail = match metric {
        Metric::LiveSlope => format!("live heap grows by {} bytes an iteration", candidate.value),
        Metric::Threads => format!("{} left over at the end", plural(candidate.value as u64, "thread")),
        Metric::Time
        | Metric::Allocations
        | Metric::AllocatedBytes
        | Metric::PeakBytes
        | Metric::LiveBytes
        | Metric::ProcessorTime
        | Metric::PeakMemory => return None,
    };
    Some(Finding::new(Status::Leaked, detail))
}
