//! One series of times while it is measured.

use super::rule::SERIES;
use super::trial::Trial;
use crate::collect::{Effort, Grain, Listed, Look};
use benchgate_core::gate;
use benchgate_core::model::{Confirmation, Evidence, Metric, PairKind, Paired, SeriesKey};

/// One series of times while it is measured.
pub struct TimeSeries {
    pub key: SeriesKey,
    /// Index of its target.
    pub target: usize,
    pub bench: Listed,
    /// Tolerance as a logarithm.
    pub tau: f64,
    /// Its pairs in the link that was built.
    pub trial: Trial,
    /// Its share of the machine time of its processes so far, in seconds.
    pub(super) seconds: f64,
    /// The same at the moment when the gate was done with it.
    pub verdict_seconds: Option<f64>,
    /// What fresh link orders gave, where it was flagged.
    pub confirmation: Option<Confirmation>,
    /// Its pairs on them.
    pub links: Option<Trial>,
    /// Pairs in which it gave nothing at all, since another bench took the process with it.
    pub(super) missed: u32,
    foreign_unit: Option<String>,
    /// What one side's process takes for it, wall seconds.
    pub(super) look_seconds: f64,
    /// What the configuration says of its pairs.
    pub kind: PairKind,
}

/// A target and an effort: what one pair of processes measures.
pub type Group = (usize, Effort);

/// Pairs without any reading after which a bench is given up.
const MOST_MISSED: u32 = 4;

impl TimeSeries {
    /// Nothing is measured yet; `kind` is what the configuration says of its pairs.
    pub fn new(key: SeriesKey, target: usize, bench: Listed, tolerance: f64, kind: PairKind) -> Self {
        let tau = gate::tau(tolerance);
        let grain = if kind == PairKind::Command { Grain::Process } else { Effort::LOOK.grain };
        let trial = Trial::new(SERIES, Effort { grain, ..Effort::LOOK }, kind == PairKind::OneAtATime);
        Self {
            key,
            target,
            bench,
            tau,
            trial,
            seconds: 0.0,
            verdict_seconds: None,
            confirmation: None,
            links: None,
            missed: 0,
            foreign_unit: None,
            look_seconds: 0.0,
            kind,
        }
    }

    /// Takes in what a look at it showed.
    pub(super) fn note(&mut self, look: Look, fallback: Option<String>) {
        let fallback = fallback.or_else(|| look.foreign_clock.map(|clock| clock.to_string()));
        self.trial.fit(look.fitting(), fallback);
        self.look_seconds = match self.kind {
            PairKind::Interleaved | PairKind::OneAtATime => look.seconds,
            // Its metrics share the runs of a pair.
            PairKind::Command => look.seconds * f64::from(self.trial.effort.samples) / Metric::OF_COMMANDS.len() as f64,
        };
        self.foreign_unit = look.foreign_unit;
        self.trial.failures.extend(look.samples.err());
    }

    /// Failed or was missing too often, or is no time at all.
    pub fn is_given_up(&self) -> bool {
        self.trial.is_given_up() || self.missed > MOST_MISSED || self.foreign_unit.is_some()
    }

    /// Series that share their processes.
    pub fn group(&self) -> Group {
        (self.target, self.trial.effort)
    }

    /// What was found, for the run.
    pub fn into_evidence(self, cut_short: Option<&str>, is_interrupted: bool) -> Evidence {
        if let Some(unit) = self.foreign_unit {
            return Evidence::Incomparable { reason: format!("it measures `{unit}`, not time") };
        }
        if self.trial.pairs.is_empty() {
            return match self.trial.into_failure() {
                Some(failure) => Evidence::Failed(failure),
                None if is_interrupted => Evidence::NotRun { reason: "interrupted before its first pair".into() },
                None if self.missed > 0 => {
                    Evidence::NotRun { reason: "another bench of its process failed each time".into() }
                }
                None => Evidence::NotRun { reason: "the budget was spent before its first pair".into() },
            };
        }
        let confirmation = self.confirmation.map(|confirmation| match self.links {
            Some(links) => Confirmation { pairs: links.pairs, failures: links.failures, ..confirmation },
            None => confirmation,
        });
        Evidence::Pairs(Paired {
            cut_short: cut_short.map(String::from),
            interleaving: self.trial.interleaving(),
            kind: if self.trial.is_apart() { PairKind::OneAtATime } else { self.kind },
            confirmation,
            pairs: self.trial.pairs,
            failures: self.trial.failures,
        })
    }
}
