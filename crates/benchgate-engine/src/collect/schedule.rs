//! One pair of processes, interleaved: the replaceable part between "measure these" and samples.
//!
//! Both processes of a pair are alive at once. A fair coin says who is started first, and for each bench another who goes
//! first. Criterion itself holds a process between benches, so that both sides begin each bench together, and
//!
//! ```text
//! lockstep   | b1 b1 b1 b1 | b2 b2 b2 |    within a bench, a fraction of a millisecond each
//! base       | b1    b1    | b2    b2 |
//! candidate  |    b1    b1 |    b2    |
//! ```
//!
//! hand the turn over within it. Where an executable cannot take part, or a bench shows that it must not, the sides take
//! turns bench by bench, about 10 ms apart. Executables that do not connect run whole, one bench a
//! process: in lockstep, or one side after the other. Sides that cannot live at once, since both want the same port, file or
//! lock, take turns process by process (`apart`).

mod apart;
mod commands;
mod doubt;
mod lockstep;
mod turn;
mod whole;

use std::fmt;

use rand::{Rng, RngExt};

pub(super) use apart::PAUSES;
pub use doubt::Doubt;
pub(super) use turn::implausible;
use turn::{Turn, name};

use super::conditions::Watch;
use super::criterion::{
    Arm, Aside, Effort, Grain, Launch, Limits, Listed, Opened, Session, filter_for, old_filter, parts,
};
use super::discovery::Harness;
use super::divan;
use super::lockstep::{HandOver, Lesson};
use benchgate_core::model::{Conditions, Failure, FailureKind, Metric, Samples, Side};

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
    /// How the sides were interleaved.
    pub interleaving: Interleaving,
    /// Why the samples must not be compared, though both sides gave some. Does not look at which side it favours.
    pub doubt: Option<Doubt>,
}

/// How the two sides of a pair were interleaved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interleaving {
    /// Within benches.
    Lockstep {
        /// When the turn is handed over.
        rule: HandOver,
        /// How many times as fast as real time the benches' clock runs.
        dilation: u32,
    },
    /// Bench by bench.
    Benches,
    /// One process after the other.
    Processes,
    /// Whole runs of a command, base and candidate in turns.
    Commands,
}

impl fmt::Display for Interleaving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lockstep { rule, dilation: ..=1 } => write!(f, "lockstep, {rule}"),
            Self::Lockstep { rule, dilation } => {
                write!(f, "lockstep, {rule}; the benches' clock runs {dilation} times as fast")
            }
            Self::Benches => f.write_str("fresh processes of both sides, taking turns bench by bench"),
            Self::Processes => f.write_str("fresh processes of both sides, one after the other"),
            Self::Commands => f.write_str("whole runs of the command, in the order ABBA"),
        }
    }
}

impl Schedule<'_> {
    /// How two arms will be interleaved, where it is known at which readings of the clock sections end; and why not in lockstep.
    pub fn interleaving(&self, arms: [&Arm; 2], effort: Effort) -> (Interleaving, Option<String>) {
        let coarse = if self.harness.runs_whole() { Interleaving::Processes } else { Interleaving::Benches };
        if self.harness == Harness::Command {
            return (Interleaving::Commands, None);
        }
        match (effort.grain, arms.map(|arm| arm.fit.as_ref())) {
            (Grain::Process, _) => (Interleaving::Processes, None),
            (Grain::Bench, _) => (coarse, None),
            (Grain::Turn, [Ok(_), Ok(_)]) => {
                (Interleaving::Lockstep { rule: HandOver::End, dilation: effort.dilation }, None)
            }
            (Grain::Turn, [Err(why), _] | [_, Err(why)]) => (coarse, Some(why.clone())),
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
        let (interleaving, _) = self.interleaving(arms, effort);
        let apart = match interleaving {
            Interleaving::Lockstep { rule: HandOver::End, dilation } => {
                self.learn(arms, wanted, effort);
                self.by_rule(arms, wanted, dilation)
            }
            Interleaving::Commands => return self.runs(arms, &vec![Metric::Time; wanted.len()], effort, coin),
            Interleaving::Lockstep { .. } | Interleaving::Benches | Interleaving::Processes => {
                vec![(interleaving, (0..wanted.len()).collect())]
            }
        };
        let longer = |(base, candidate): &'_ (Listed, Listed)| base.full_id().len() >= candidate.full_id().len();
        let mut readings = Vec::new();
        for (interleaving, indices) in apart {
            let wanted: Vec<(Listed, Listed)> = indices.iter().map(|&index| wanted[index].clone()).collect();
            let mut start = 0;
            for part in self.parts(&wanted, |both| if longer(both) { &both.0 } else { &both.1 }) {
                let more = self.pair_at_once(arms, part, (effort, interleaving), coin);
                let placed = |reading: Reading| Reading { index: indices[start + reading.index], ..reading };
                readings.extend(more.into_iter().map(placed));
                start += part.len();
            }
        }
        readings
    }

    /// Whether one process measures several benches, so that each runs behind others.
    pub fn shares_processes(&self) -> bool {
        !self.harness.runs_whole()
    }

    /// Looks at benches of which it is not known yet where their sections end, for instance those of an executable that was
    /// linked anew. Nothing happens the second time, whatever came of the first.
    fn learn(&self, arms: [&Arm; 2], wanted: &[(Listed, Listed)], effort: Effort) {
        for (side, arm) in arms.into_iter().enumerate() {
            let Ok(fit) = &arm.fit else { continue };
            let is_new = |bench: &&Listed| fit.lessons.of(bench).is_none();
            let benches: Vec<Listed> = wanted.iter().map(|both| name(both, side)).filter(is_new).cloned().collect();
            if benches.is_empty() {
                continue;
            }
            self.look(arm, &benches, Effort { samples: Effort::LOOK.samples, ..effort });
            for bench in benches.iter().filter(|bench| fit.lessons.of(bench).is_none()) {
                fit.lessons.keep(bench, Lesson::Unknown);
            }
        }
    }

    /// Benches by when their turns end, since that is said to a process once: where it is known on both sides which readings end a
    /// section, at those.
    fn by_rule(&self, arms: [&Arm; 2], wanted: &[(Listed, Listed)], dilation: u32) -> Vec<(Interleaving, Vec<usize>)> {
        let knows = |both: &(Listed, Listed)| {
            let mut sides = arms.into_iter().enumerate();
            sides.all(|(side, arm)| arm.fit.as_ref().is_ok_and(|fit| fit.lessons.know_ends(name(both, side))))
        };
        let (known, unknown): (Vec<usize>, Vec<usize>) = (0..wanted.len()).partition(|&index| knows(&wanted[index]));
        let other = match self.harness {
            Harness::Divan => HandOver::Any, // it does not read the clock four times a sample
            Harness::Deaf(_)
            | Harness::Port(_)
            | Harness::Files
            | Harness::Heap
            | Harness::Unknown
            | Harness::Command => HandOver::Fourth,
        };
        let rules = [(HandOver::End, known), (other, unknown)];
        let rules = rules.into_iter().filter(|(_, indices)| !indices.is_empty());
        rules.map(|(rule, indices)| (Interleaving::Lockstep { rule, dilation }, indices)).collect()
    }

    /// What one process measures: as many as fit into one filter; one, where the driver cannot hold the sides together
    /// between benches.
    pub(super) fn parts<'a, T>(&self, wanted: &'a [T], name: impl Fn(&'a T) -> &'a Listed) -> Vec<&'a [T]> {
        if self.harness.runs_whole() || self.harness.filters_plainly() {
            wanted.chunks(1).collect()
        } else {
            parts(wanted, name)
        }
    }

    /// How a process is started that measures benches.
    pub(super) fn launch<'n>(&self, effort: Effort, benches: impl IntoIterator<Item = &'n Listed>) -> Launch {
        let mut benches = benches.into_iter();
        let arguments = match self.harness {
            Harness::Divan => benches.next().map(|bench| divan::arguments(effort, bench)).unwrap_or_default(),
            Harness::Files => effort.arguments(&benches.next().map(old_filter).unwrap_or_default(), self.harness),
            Harness::Deaf(_) | Harness::Port(_) | Harness::Heap | Harness::Unknown | Harness::Command => {
                effort.arguments(&filter_for(self.harness, benches), self.harness)
            }
        };
        Launch { cpus: effort.cpus, ..Launch::plain(arguments) }
    }

    /// The same for benchmarks that one pair of processes measures.
    fn pair_at_once(
        &self,
        arms: [&Arm; 2],
        wanted: &[(Listed, Listed)],
        (effort, interleaving): (Effort, Interleaving),
        coin: &mut impl Rng,
    ) -> Vec<Reading> {
        let _aside = Aside::step();
        let order = if coin.random::<bool>() { [0, 1] } else { [1, 0] };
        let effort = match interleaving {
            Interleaving::Lockstep { .. } => effort,
            Interleaving::Benches | Interleaving::Processes | Interleaving::Commands => {
                Effort { dilation: 1, ..effort }
            }
        };
        let watch = Watch::start();
        let mut sides = [0, 1].map(|side| {
            let names = wanted.iter().map(|both| name(both, side));
            Turn::new(arms[side], wanted.len(), self.launch(effort, names))
        });
        match interleaving {
            Interleaving::Lockstep { rule, dilation } if self.harness.runs_whole() => {
                self.whole_in_lockstep(&mut sides, wanted, (rule, dilation, order), coin);
            }
            Interleaving::Lockstep { rule, dilation } => {
                self.in_lockstep(&mut sides, wanted, (rule, dilation, order), coin);
            }
            Interleaving::Benches => {
                order.into_iter().for_each(|side| self.open(&mut sides[side]));
                self.bench_by_bench(&mut sides, wanted, coin);
            }
            Interleaving::Processes if effort.grain == Grain::Process => self.apart(&mut sides, order, wanted),
            Interleaving::Processes | Interleaving::Commands => {
                for (turn, side) in order.into_iter().enumerate() {
                    self.run_whole(&mut sides[side], turn, wanted);
                }
            }
        }
        let is_interrupted = self.limits.is_interrupted();
        let readings = turn::readings(sides, |reading| Reading { interleaving, ..reading }, is_interrupted);
        let conditions = watch.end(); // now that the processes are gone
        readings.into_iter().map(|reading| Reading { conditions, ..reading }).collect()
    }

    fn open(&self, side: &mut Turn<'_>) {
        match Session::open(side.arm, side.launch.clone(), &self.limits) {
            Ok(Opened::Connected(session)) => side.session = Some(session),
            Ok(Opened::Ended(process)) => {
                side.fail_rest(&process.failure(FailureKind::Crashed, "it ended before it connected"));
            }
            Err(failure) => side.fail_rest(&failure),
        }
    }

    fn bench_by_bench(&self, sides: &mut [Turn<'_>; 2], wanted: &[(Listed, Listed)], coin: &mut impl Rng) {
        let mut turn = 0;
        while sides.iter().any(|side| side.session.is_some()) {
            let order = if coin.random::<bool>() { [0, 1] } else { [1, 0] };
            for side in order {
                let live = &mut sides[side];
                let Some(session) = live.session.as_mut() else { continue };
                let step = session.step(&self.limits);
                live.take(step, turn, |index| name(&wanted[index], side));
                turn += 1;
            }
        }
    }
}
