//! One side of a pair while it runs, and what both came to.

use super::super::criterion::{Arm, Launch, Listed, Session, Step};
use super::{Doubt, Interleaving, Reading};
use benchgate_core::model::{Conditions, Failure, FailureKind, Samples, SamplesError, Side};

/// One side of a pair while it runs.
pub(super) struct Turn<'a> {
    pub arm: &'a Arm,
    pub launch: Launch,
    pub session: Option<Session>,
    /// How many times as fast as real time its clock runs.
    pub dilation: u32,
    results: Vec<Option<Result<Samples, Failure>>>,
    /// The turn in which each bench ran, to know who was first.
    turns: Vec<u32>,
    /// Why a bench's samples must not be compared.
    doubts: Vec<Option<Doubt>>,
}

impl<'a> Turn<'a> {
    /// Before it is started, with so many benches to measure.
    pub fn new(arm: &'a Arm, wanted: usize, launch: Launch) -> Self {
        let (results, turns, doubts) = (vec![None; wanted], vec![u32::MAX; wanted], vec![None; wanted]);
        Self { arm, launch, session: None, dilation: 1, results, turns, doubts }
    }

    /// Takes what a step of its process brought, in turn number `turn`; returns the bench that it measured.
    pub fn take<'n>(&mut self, step: Step, turn: u32, name: impl Fn(usize) -> &'n Listed) -> Option<usize> {
        match step {
            Step::Measured(measured) => self.note(&measured.bench, measured.samples, turn, name),
            Step::Over | Step::Interrupted => {
                self.session = None;
                None
            }
            Step::Failed { failure, during } => {
                self.session = None;
                match during.and_then(|bench| self.find(&bench, name)) {
                    // The others of this process were not at fault: they get another pair.
                    Some(index) => self.results[index] = Some(Err(failure)),
                    None => self.fail_rest(&failure),
                }
                None
            }
        }
    }

    /// Keeps what was measured of a bench, if it was asked for; returns its position.
    pub fn note<'n>(
        &mut self,
        bench: &Listed,
        samples: Result<Samples, SamplesError>,
        turn: u32,
        name: impl Fn(usize) -> &'n Listed,
    ) -> Option<usize> {
        let index = self.find(bench, name)?;
        let side = self.arm.side;
        self.turns[index] = turn;
        let samples = samples.and_then(|samples| samples.undilated(self.dilation));
        self.results[index] = Some(samples.map_err(|error| implausible(side, &error)));
        Some(index)
    }

    /// What was measured of a bench.
    pub fn samples(&self, index: usize) -> Option<&Samples> {
        self.results[index].as_ref()?.as_ref().ok()
    }

    /// Doubts what was measured of a bench.
    pub fn doubt(&mut self, index: usize, doubt: Doubt) {
        self.doubts[index].get_or_insert(doubt);
    }

    /// All that is still open fails.
    pub fn fail_rest(&mut self, failure: &Failure) {
        for result in self.results.iter_mut().filter(|result| result.is_none()) {
            *result = Some(Err(failure.clone()));
        }
    }

    /// Whether something crashed of what is measured so far.
    pub fn has_crashed(&self) -> bool {
        let is_crash =
            |result: &Result<Samples, Failure>| matches!(result, Err(failure) if failure.kind == FailureKind::Crashed);
        self.results.iter().flatten().any(is_crash)
    }

    /// Forgets what crashed, so that it can be measured again.
    pub fn forget_crashes(&mut self) {
        for result in &mut self.results {
            if matches!(result, Some(Err(failure)) if failure.kind == FailureKind::Crashed) {
                *result = None;
            }
        }
    }

    fn find<'n>(&self, bench: &Listed, name: impl Fn(usize) -> &'n Listed) -> Option<usize> {
        (0..self.results.len()).find(|&index| self.results[index].is_none() && name(index).is_same(bench))
    }
}

/// A bench's name on one side.
pub(super) fn name(both: &(Listed, Listed), side: usize) -> &Listed {
    if side == 0 { &both.0 } else { &both.1 }
}

/// Readings that are no durations.
pub(in crate::collect) fn implausible(side: Side, error: &SamplesError) -> Failure {
    Failure { side, kind: FailureKind::Implausible, message: error.to_string() }
}

/// Matches both sides. A benchmark that one side did not reach, because another bench took the process with it, gives no
/// reading: it was not at fault and is measured again.
pub(super) fn readings(
    sides: [Turn<'_>; 2],
    complete: impl Fn(Reading) -> Reading,
    is_interrupted: bool,
) -> Vec<Reading> {
    let [base, candidate] = sides;
    let mut readings = Vec::new();
    let results = base.results.into_iter().zip(candidate.results);
    for (index, results) in results.enumerate() {
        let (Some(left), Some(right)) = results else { continue };
        if is_interrupted && (left.is_err() || right.is_err()) {
            continue;
        }
        let first = if base.turns[index] <= candidate.turns[index] { Side::Base } else { Side::Candidate };
        readings.push(complete(Reading {
            index,
            first,
            base: left,
            candidate: right,
            conditions: Conditions::default(),
            interleaving: Interleaving::Benches,
            doubt: base.doubts[index].or(candidate.doubts[index]),
        }));
    }
    readings
}
