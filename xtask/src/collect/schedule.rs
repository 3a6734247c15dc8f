//! One pair of processes, interleaved: the replaceable part between "measure these" and samples.
//!
//! Both processes of a pair are alive at once and take turns bench by bench, about 10 ms apart; a fair coin says who
//! goes first for each bench, another who is started first. Criterion itself holds a process between benches, so a
//! waiting side sleeps in a read.
//!
//! ```text
//! base       | b1 |         | b2 |    | b3 |
//! candidate        | b1 | b2 |              | b3 |     one coin a bench
//! ```
//!
//! Executables that do not connect run whole, one side after the other.

use rand::{Rng, RngExt};

use super::conditions::Watch;
use super::criterion::{Arm, Cpus, Effort, Limits, Listed, Opened, Session, Step, filter, parts};
use super::discovery::{Harness, run_for_files};
use crate::model::{Conditions, Failure, FailureKind, Samples, SamplesError, Side};

/// How a pair of processes is run.
#[derive(Clone, Copy, Debug)]
pub struct Schedule<'a> {
    /// How the executables are driven.
    pub harness: Harness,
    /// How long to wait.
    pub limits: Limits<'a>,
}

/// What a pair of processes gave for one benchmark.
#[derive(Clone, Debug)]
pub struct Reading {
    /// Position in the list of what was asked for.
    pub index: usize,
    /// Who ran first.
    pub first: Side,
    /// The base's samples.
    pub base: Result<Samples, Failure>,
    /// The candidate's.
    pub candidate: Result<Samples, Failure>,
    /// What the machine was doing meanwhile.
    pub conditions: Conditions,
}

/// One side of a pair while it runs.
struct Turn<'a> {
    arm: &'a Arm,
    session: Option<Session>,
    results: Vec<Option<Result<Samples, Failure>>>,
    /// The turn in which each bench ran, to know who was first.
    turns: Vec<u32>,
}

impl Schedule<'_> {
    /// In words, for reports.
    pub fn describe(&self) -> &'static str {
        match self.harness {
            Harness::Files => "fresh processes of both sides, one after the other in random order, results from files",
            Harness::Port(_) | Harness::Heap | Harness::Unknown => {
                "fresh processes of both sides, taking turns bench by bench in random order over Criterion's port"
            }
        }
    }

    /// Measures one pair of each benchmark asked for. `wanted` names each on both sides; they are the same unless a
    /// claim holds two benches of one side against each other.
    ///
    /// Returns nothing for benchmarks that were not reached because the user interrupted.
    pub fn pair(
        &self,
        arms: [&Arm; 2],
        wanted: &[(Listed, Listed)],
        effort: Effort,
        coin: &mut impl Rng,
    ) -> Vec<Reading> {
        let longer = |(base, candidate): &'_ (Listed, Listed)| base.full_id().len() >= candidate.full_id().len();
        let mut readings = Vec::new();
        let mut start = 0;
        for part in parts(wanted, |both| if longer(both) { &both.0 } else { &both.1 }) {
            let more = self.pair_at_once(arms, part, effort, coin);
            readings.extend(more.into_iter().map(|reading| Reading { index: start + reading.index, ..reading }));
            start += part.len();
        }
        readings
    }

    /// The same for benchmarks that fit into one filter.
    fn pair_at_once(
        &self,
        arms: [&Arm; 2],
        wanted: &[(Listed, Listed)],
        effort: Effort,
        coin: &mut impl Rng,
    ) -> Vec<Reading> {
        let base_first = coin.random::<bool>();
        let arguments = [
            effort.arguments(&filter(wanted.iter().map(|(base, _)| base)), self.harness),
            effort.arguments(&filter(wanted.iter().map(|(_, candidate)| candidate)), self.harness),
        ];
        let order = if base_first { [0, 1] } else { [1, 0] };
        let watch = Watch::start();
        let mut sides = arms.map(|arm| Turn {
            arm,
            session: None,
            results: vec![None; wanted.len()],
            turns: vec![u32::MAX; wanted.len()],
        });
        if self.harness == Harness::Files {
            for (turn, side) in order.into_iter().enumerate() {
                self.run_whole(&mut sides[side], &arguments[side], turn, |index| name(wanted, index, side));
            }
        } else {
            for side in order {
                self.open(&mut sides[side], &arguments[side], effort.cpus);
            }
            self.take_turns(&mut sides, wanted, coin);
        }
        readings(sides, watch.end(), self.limits.is_interrupted())
    }

    fn run_whole<'n>(
        &self,
        side: &mut Turn<'_>,
        arguments: &[String],
        turn: usize,
        name: impl Fn(usize) -> &'n Listed,
    ) {
        match run_for_files(side.arm, arguments, &self.limits) {
            Ok(measured) => {
                for one in measured {
                    side.note(&one.bench, one.samples, u32::try_from(turn).unwrap_or(u32::MAX), &name);
                }
            }
            Err(failure) => side.fail_rest(&failure),
        }
    }

    fn open(&self, side: &mut Turn<'_>, arguments: &[String], cpus: Cpus) {
        match Session::open(side.arm, arguments, cpus, &self.limits) {
            Ok(Opened::Connected(session)) => side.session = Some(session),
            Ok(Opened::Ended(process)) => {
                side.fail_rest(&process.failure(FailureKind::Crashed, "it ended before it connected"));
            }
            Err(failure) => side.fail_rest(&failure),
        }
    }

    fn take_turns(&self, sides: &mut [Turn<'_>; 2], wanted: &[(Listed, Listed)], coin: &mut impl Rng) {
        let mut turn = 0;
        while sides.iter().any(|side| side.session.is_some()) {
            let order = if coin.random::<bool>() { [0, 1] } else { [1, 0] };
            for side in order {
                let live = &mut sides[side];
                let Some(session) = live.session.as_mut() else { continue };
                match session.step(&self.limits) {
                    Step::Measured(measured) => {
                        live.note(&measured.bench, measured.samples, turn, |index| name(wanted, index, side));
                    }
                    Step::Over | Step::Interrupted => live.session = None,
                    Step::Failed { failure, during } => {
                        live.session = None;
                        match during.and_then(|bench| live.find(&bench, |index| name(wanted, index, side))) {
                            // The others of this process were not at fault: they get another pair.
                            Some(index) => live.results[index] = Some(Err(failure)),
                            None => live.fail_rest(&failure),
                        }
                    }
                }
                turn += 1;
            }
        }
    }
}

pub(super) fn implausible(side: Side, error: &SamplesError) -> Failure {
    Failure { side, kind: FailureKind::Implausible, message: error.to_string() }
}

fn name(wanted: &[(Listed, Listed)], index: usize, side: usize) -> &Listed {
    if side == 0 { &wanted[index].0 } else { &wanted[index].1 }
}

impl Turn<'_> {
    fn find<'n>(&self, bench: &Listed, name: impl Fn(usize) -> &'n Listed) -> Option<usize> {
        (0..self.results.len()).find(|&index| self.results[index].is_none() && name(index).is_same(bench))
    }

    fn note<'n>(
        &mut self,
        bench: &Listed,
        samples: Result<Samples, SamplesError>,
        turn: u32,
        name: impl Fn(usize) -> &'n Listed,
    ) {
        let Some(index) = self.find(bench, name) else { return };
        let side = self.arm.side;
        self.turns[index] = turn;
        self.results[index] = Some(samples.map_err(|error| implausible(side, &error)));
    }

    fn fail_rest(&mut self, failure: &Failure) {
        for result in self.results.iter_mut().filter(|result| result.is_none()) {
            *result = Some(Err(failure.clone()));
        }
    }
}

/// Matches both sides. A benchmark that one side did not reach, because another bench took the process with it, gives no
/// reading: it was not at fault and is measured again.
fn readings(sides: [Turn<'_>; 2], conditions: Conditions, is_interrupted: bool) -> Vec<Reading> {
    let [base, candidate] = sides;
    let mut readings = Vec::new();
    let results = base.results.into_iter().zip(candidate.results);
    for (index, results) in results.enumerate() {
        let (Some(left), Some(right)) = results else { continue };
        if is_interrupted && (left.is_err() || right.is_err()) {
            continue;
        }
        let first = if base.turns[index] <= candidate.turns[index] { Side::Base } else { Side::Candidate };
        readings.push(Reading { index, first, base: left, candidate: right, conditions });
    }
    readings
}
