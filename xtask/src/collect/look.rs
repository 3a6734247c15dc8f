//! Benches of one side alone: to learn what they take and in which unit they count, or where there is no other side.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use super::criterion::{Arm, Cpus, Effort, Launch, Listed, Opened, Session, Step};
use super::discovery::Harness;
use super::lockstep::Lone;
use super::schedule::{Schedule, implausible};
use super::whole::Whole;
use crate::model::{Failure, FailureKind, Samples};

/// What one process of one side gave for one benchmark, with nothing beside it.
#[derive(Clone, Debug)]
pub struct Look {
    /// Which.
    pub bench: Listed,
    /// Its samples.
    pub samples: Result<Samples, Failure>,
    /// Its unit, if that is not time.
    pub foreign_unit: Option<String>,
    /// Wall seconds that it took, set-up included.
    pub seconds: f64,
    /// Threads that the process had when the bench was done.
    pub threads: u32,
    /// How many times as fast as real time its clock must run, for it to be short.
    pub dilation: u32,
    /// How it was driven.
    pub harness: Harness,
}

/// Share of its wall time that a bench must keep processors busy, its own turn in the queue included, or it waits for
/// something: then its clock is left alone. Benches that compute are above 0.9.
const LEAST_BUSY: f64 = 0.5;

impl Look {
    fn failed(bench: Listed, failure: Failure) -> Self {
        let (samples, harness) = (Err(failure), Harness::Unknown);
        Self { bench, samples, foreign_unit: None, seconds: 0.0, threads: 1, dilation: 1, harness }
    }

    /// The effort that fits what was seen; Criterion's least where nothing was.
    pub fn fitting(&self) -> Effort {
        let is_alone = self.threads <= 1 && self.bench.threads() == 1;
        let cpus = if is_alone { Cpus::One } else { Cpus::All };
        let Ok(samples) = &self.samples else { return Effort { cpus, ..Effort::LOOK } };
        let mut nanos: Vec<f64> = samples.nanos_per_iteration().collect();
        nanos.sort_by(f64::total_cmp);
        let middle = nanos[nanos.len() / 2];
        match self.harness {
            Harness::Divan => Effort::fitting_divan(middle, cpus),
            Harness::Port(_) | Harness::Files | Harness::Heap | Harness::Unknown => {
                Effort { dilation: self.dilation, ..Effort::fitting(middle, cpus) }
            }
        }
    }
}

/// How a bench kept its process busy.
#[derive(Clone, Copy)]
struct Business {
    wall: Duration,
    /// Unknown where the system does not tell.
    busy: Option<Duration>,
    /// Deadlines that its clock moved.
    shifted: u32,
}

impl Business {
    fn waits(self) -> bool {
        let is_idle = self.busy.is_some_and(|busy| busy.as_secs_f64() < LEAST_BUSY * self.wall.as_secs_f64());
        is_idle || self.shifted > 0
    }
}

/// Looks that are done, and benches that still wait for theirs.
struct Looks {
    remaining: Vec<Listed>,
    done: Vec<Look>,
}

impl Schedule<'_> {
    /// Runs benches of one arm, each once. A bench that crashes takes its process with it; the rest get a fresh one.
    pub fn look(&self, arm: &Arm, benches: &[Listed], effort: Effort) -> Vec<Look> {
        let parts = self.parts(benches, |bench| bench).into_iter();
        parts.flat_map(|part| self.look_at_once(arm, part, effort)).collect()
    }

    /// The same for benches that fit into one filter.
    fn look_at_once(&self, arm: &Arm, benches: &[Listed], mut effort: Effort) -> Vec<Look> {
        let mut looks = Looks { remaining: benches.to_vec(), done: Vec::new() };
        while !looks.remaining.is_empty() && !self.limits.is_interrupted() {
            let before = looks.remaining.len();
            let mut launch = self.launch(effort, &looks.remaining);
            let clock = match self.harness.runs_whole() || effort.dilation > 1 {
                true => Lone::prepare(&arm.fit, &arm.scratch, effort.dilation, &mut launch.environment),
                false => Lone::default(),
            };
            let flow = match self.harness {
                Harness::Files | Harness::Divan => self.look_at_whole(arm, &launch, &clock, &mut looks),
                Harness::Port(_) | Harness::Heap | Harness::Unknown => {
                    self.look_through_port(arm, launch, &clock, &mut looks)
                }
            };
            if flow.is_break() {
                break;
            }
            let fastest = looks.done.iter().map(|look| look.dilation).max().unwrap_or(1);
            effort.dilation = effort.dilation.max(fastest);
            if looks.remaining.len() == before {
                let message = "it was not run though it was asked for".into();
                looks.fail_rest(&Failure { side: arm.side, kind: FailureKind::Rubbish, message });
            }
        }
        looks.done
    }

    /// Breaks where the user interrupted.
    fn look_at_whole(&self, arm: &Arm, launch: &Launch, clock: &Lone, looks: &mut Looks) -> ControlFlow<()> {
        let started = Instant::now();
        let ended =
            Whole::start(arm, launch, self.harness).and_then(|process| process.end(&looks.remaining, &self.limits));
        match ended {
            Ok(all) => {
                let seconds = started.elapsed().as_secs_f64() / all.len().max(1) as f64;
                for one in all {
                    let samples = one.samples.and_then(|samples| samples.undilated(clock.dilation()));
                    let samples = samples.map_err(|error| implausible(arm.side, &error));
                    let dilation = if clock.shifted() > 0 { 1 } else { self.harness.dilation() };
                    let (bench, threads, harness) = (one.bench, 1 + clock.threads(), self.harness);
                    looks.settle(Look { bench, samples, foreign_unit: None, seconds, threads, dilation, harness });
                }
            }
            Err(_) if self.limits.is_interrupted() => return ControlFlow::Break(()),
            Err(failure) => looks.fail_rest(&failure),
        }
        ControlFlow::Continue(())
    }

    /// Breaks where the user interrupted.
    fn look_through_port(&self, arm: &Arm, launch: Launch, clock: &Lone, looks: &mut Looks) -> ControlFlow<()> {
        let mut session = match Session::open(arm, launch, &self.limits) {
            Ok(Opened::Connected(session)) => session,
            _ if self.limits.is_interrupted() => return ControlFlow::Break(()),
            Ok(Opened::Ended(process)) => {
                looks.fail_rest(&process.failure(FailureKind::Crashed, "it ended before it connected"));
                return ControlFlow::Continue(());
            }
            Err(failure) => {
                looks.fail_rest(&failure);
                return ControlFlow::Continue(());
            }
        };
        let dilation = clock.dilation();
        loop {
            let (started, busy, shifted) = (Instant::now(), session.busy(), clock.shifted());
            match session.step(&self.limits) {
                Step::Measured(measured) => {
                    let wall = started.elapsed();
                    let (seconds, threads) = (wall.as_secs_f64(), session.threads());
                    let busy = session.busy().zip(busy).map(|(after, before)| after.saturating_sub(before));
                    let business = Business { wall, busy, shifted: clock.shifted() - shifted };
                    let foreign_unit = session.unit(&self.limits).ok().filter(|unit| unit != "ns");
                    let wanted = measured.dilation(self.harness, dilation);
                    let samples = measured.samples.and_then(|samples| samples.undilated(dilation));
                    let samples = samples.map_err(|error| implausible(arm.side, &error));
                    let wanted = if samples.is_ok() { wanted } else { 1 };
                    let is_too_slow = wanted > dilation && arm.fit.is_ok() && !business.waits();
                    let dilation = if business.waits() { 1 } else { wanted };
                    let (bench, harness) = (measured.bench, self.harness);
                    looks.settle(Look { bench, samples, foreign_unit, seconds, threads, dilation, harness });
                    if is_too_slow {
                        return ControlFlow::Continue(()); // the others are looked at with a faster clock
                    }
                }
                Step::Over => return ControlFlow::Continue(()),
                Step::Interrupted => return ControlFlow::Break(()),
                Step::Failed { failure, during } => {
                    let seconds = started.elapsed().as_secs_f64();
                    match during {
                        Some(bench) => looks.settle(Look { seconds, ..Look::failed(bench, failure) }),
                        None => looks.fail_rest(&failure),
                    }
                    return ControlFlow::Continue(());
                }
            }
        }
    }
}

impl Looks {
    fn settle(&mut self, look: Look) {
        if let Some(index) = self.remaining.iter().position(|other| other.is_same(&look.bench)) {
            self.done.push(Look { bench: self.remaining.remove(index), ..look });
        }
    }

    fn fail_rest(&mut self, failure: &Failure) {
        let failed = |bench| Look::failed(bench, failure.clone());
        self.done.extend(self.remaining.drain(..).map(failed));
    }
}
