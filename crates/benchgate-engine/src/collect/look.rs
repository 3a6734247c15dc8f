//! Benches of one side alone: to learn what they take and in which unit they count, or where there is no other side.

use std::ops::ControlFlow;
use std::thread;
use std::time::{Duration, Instant};

use super::criterion::{Arm, Cpus, Effort, Grain, Launch, Listed, Measured, Opened, Session, Step};
use super::discovery::Harness;
use super::lockstep::{Foreign, Lesson, Lone, Noted, Noting};
use super::schedule::{PAUSES, Schedule, implausible};
use super::whole::Whole;
use benchgate_core::model::{Failure, FailureKind, Samples};

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
    /// Whose clock its times are of, if that is not the one that the gate holds.
    pub foreign_clock: Option<Foreign>,
}

/// Share of its wall time that a bench must keep processors busy, its own turn in the queue included, or it waits for
/// something: then its clock is left alone. Benches that compute are above 0.9.
const LEAST_BUSY: f64 = 0.5;

/// A clock that runs so many times as fast as before shows whether a bench goes by it.
const FASTER: u32 = 16;

/// Readings on both clocks that differ by less are of one: with another they differ by [`FASTER`].
const SAME_CLOCK: f64 = 4.0;

/// The time of an iteration.
fn middle(samples: &Samples) -> f64 {
    let mut nanos: Vec<f64> = samples.nanos_per_iteration().collect();
    nanos.sort_by(f64::total_cmp);
    nanos[nanos.len() / 2]
}

impl Look {
    pub(super) fn failed(bench: Listed, failure: Failure) -> Self {
        let (samples, harness) = (Err(failure), Harness::Unknown);
        Self { bench, samples, foreign_unit: None, seconds: 0.0, threads: 1, dilation: 1, harness, foreign_clock: None }
    }

    fn has_crashed(&self) -> bool {
        self.samples.as_ref().is_err_and(|failure| failure.kind == FailureKind::Crashed)
    }

    /// The effort that fits what was seen; Criterion's least where nothing was.
    pub fn fitting(&self) -> Effort {
        let is_alone = self.threads <= 1 && self.bench.threads() == 1;
        let cpus = if is_alone { Cpus::One } else { Cpus::All };
        // A clock that does not stand still shows the time of the other side as well.
        let grain = if self.foreign_clock.is_some() { Grain::Bench } else { Grain::Turn };
        let Ok(samples) = &self.samples else { return Effort { cpus, grain, ..Effort::LOOK } };
        let middle = middle(samples);
        match self.harness {
            Harness::Divan => Effort { grain, ..Effort::fitting_divan(middle, cpus) },
            Harness::Command => Effort::fitting_command(middle),
            // It takes as many samples as its code says.
            Harness::Deaf(_) => Effort { cpus, grain, dilation: self.dilation, ..Effort::LOOK },
            Harness::Port(_) | Harness::Files | Harness::Heap | Harness::Unknown => {
                Effort { dilation: self.dilation, grain, ..Effort::fitting(middle, cpus) }
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

/// Learns from a process at which readings of the clock its benches' sections end.
struct Teacher<'a> {
    arm: &'a Arm,
    /// None where nothing can be preloaded, or there is no place for a log: then nothing is learned.
    noting: Option<Noting>,
}

impl<'a> Teacher<'a> {
    fn prepare(arm: &'a Arm, launch: &mut Launch) -> Self {
        let fit = arm.fit.as_ref().ok();
        let noting = fit.and_then(|fit| Noting::prepare(fit, &arm.scratch, &mut launch.environment).ok());
        Self { arm, noting }
    }

    /// Takes what was noted while a bench ran; its times are those that its own clock showed.
    fn teach(&self, measured: &Measured) {
        let (Some(noting), Ok(fit)) = (&self.noting, &self.arm.fit) else { return };
        let noted = noting.take().unwrap_or(Noted::NotJoined);
        let lesson = match (&measured.samples, measured.median_of) {
            (Ok(samples), 1) => Lesson::of(&noted, samples),
            (Ok(samples), count) => Lesson::of_median(&noted, samples, count),
            (Err(_), _) => Lesson::Unknown,
        };
        fit.lessons.keep(&measured.bench, lesson);
    }
}

/// Looks that are done, and benches that still wait for theirs.
struct Looks {
    remaining: Vec<Listed>,
    done: Vec<Look>,
}

impl Schedule<'_> {
    /// Runs benches of one arm, each once. A bench that crashes takes its process with it; the rest get a fresh one. It is
    /// tried again: what a process before it held may outlive that for a moment.
    pub fn look(&self, arm: &Arm, benches: &[Listed], effort: Effort) -> Vec<Look> {
        let mut looks = self.look_once(arm, benches, effort);
        for pause in PAUSES {
            let (crashed, rest): (Vec<Look>, Vec<Look>) = looks.into_iter().partition(Look::has_crashed);
            looks = rest;
            if crashed.is_empty() || self.limits.is_interrupted() {
                looks.extend(crashed);
                break;
            }
            thread::sleep(pause);
            let again: Vec<Listed> = crashed.into_iter().map(|look| look.bench).collect();
            looks.extend(self.look_once(arm, &again, effort));
        }
        looks
    }

    fn look_once(&self, arm: &Arm, benches: &[Listed], effort: Effort) -> Vec<Look> {
        if self.harness == Harness::Command {
            return benches.iter().map(|bench| self.look_at_command(arm, bench)).collect();
        }
        let parts = self.parts(benches, |bench| bench).into_iter();
        let looks: Vec<Look> = parts.flat_map(|part| self.look_at_once(arm, part, effort)).collect();
        looks.into_iter().map(|look| self.with_clock(arm, look, effort)).collect()
    }

    /// Says whose clock a bench shows, if that is not the one that the gate holds: with none of its readings do the times agree. Where
    /// threads make readings that are not noted, the times must also stay what they are when the clock runs fast.
    fn with_clock(&self, arm: &Arm, look: Look, effort: Effort) -> Look {
        let (Ok(fit), Ok(samples)) = (&arm.fit, &look.samples) else { return look };
        let foreign = match fit.lessons.of(&look.bench) {
            Some(Lesson::Foreign(foreign @ Foreign::System(_))) => foreign,
            // Its other threads may have read the clock, which nobody noted.
            Some(Lesson::Foreign(Foreign::Other)) if look.threads > 1 => {
                let dilation = FASTER * look.dilation.max(effort.dilation);
                let again = self.look_at_once(arm, std::slice::from_ref(&look.bench), Effort { dilation, ..effort });
                fit.lessons.keep(&look.bench, Lesson::Unknown);
                // Deadlines that a fast clock moves make a bench as fast.
                let is_held = |again: &Look| again.dilation > 1 && look.foreign_unit.is_none();
                let faster = again.iter().find(|again| again.bench == look.bench && is_held(again));
                let Some(Ok(faster)) = faster.map(|faster| &faster.samples) else { return look };
                if middle(faster) * SAME_CLOCK > middle(samples) {
                    return look;
                }
                Foreign::Other
            }
            Some(Lesson::Foreign(Foreign::Other)) => Foreign::Other,
            Some(Lesson::Ends(_) | Lesson::Unknown) | None => return look,
        };
        fit.lessons.keep(&look.bench, Lesson::Foreign(foreign));
        Look { dilation: 1, foreign_clock: Some(foreign), ..look }
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
            let teacher = Teacher::prepare(arm, &mut launch);
            let flow = match self.harness {
                Harness::Files | Harness::Divan => self.look_at_whole(arm, &launch, (&clock, &teacher), &mut looks),
                Harness::Deaf(_) | Harness::Port(_) | Harness::Heap | Harness::Unknown | Harness::Command => {
                    self.look_through_port(arm, launch, (&clock, &teacher), &mut looks)
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
    fn look_at_whole(
        &self,
        arm: &Arm,
        launch: &Launch,
        (clock, teacher): (&Lone, &Teacher<'_>),
        looks: &mut Looks,
    ) -> ControlFlow<()> {
        let started = Instant::now();
        let ended =
            Whole::start(arm, launch, self.harness).and_then(|process| process.end(&looks.remaining, &self.limits));
        match ended {
            Ok(all) => {
                let seconds = started.elapsed().as_secs_f64() / all.len().max(1) as f64;
                for one in all {
                    teacher.teach(&one);
                    let samples = one.samples.and_then(|samples| samples.undilated(clock.dilation()));
                    let samples = samples.map_err(|error| implausible(arm.side, &error));
                    let dilation = if clock.shifted() > 0 { 1 } else { self.harness.dilation() };
                    let (bench, threads, harness) = (one.bench, 1 + clock.threads(), self.harness);
                    looks.settle(Look {
                        bench,
                        samples,
                        foreign_unit: None,
                        seconds,
                        threads,
                        dilation,
                        harness,
                        foreign_clock: None,
                    });
                }
            }
            Err(_) if self.limits.is_interrupted() => return ControlFlow::Break(()),
            Err(failure) => looks.fail_rest(&failure),
        }
        ControlFlow::Continue(())
    }

    /// Breaks where the user interrupted.
    fn look_through_port(
        &self,
        arm: &Arm,
        launch: Launch,
        (clock, teacher): (&Lone, &Teacher<'_>),
        looks: &mut Looks,
    ) -> ControlFlow<()> {
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
                    teacher.teach(&measured);
                    let foreign_unit = session.unit(&self.limits).ok().filter(|unit| unit != "ns");
                    let wanted = measured.dilation(self.harness, dilation);
                    let samples = measured.samples.and_then(|samples| samples.undilated(dilation));
                    let samples = samples.map_err(|error| implausible(arm.side, &error));
                    let wanted = if samples.is_ok() { wanted } else { 1 };
                    let is_too_slow = wanted > dilation && arm.fit.is_ok() && !business.waits();
                    let dilation = if business.waits() { 1 } else { wanted };
                    let (bench, harness) = (measured.bench, self.harness);
                    looks.settle(Look {
                        bench,
                        samples,
                        foreign_unit,
                        seconds,
                        threads,
                        dilation,
                        harness,
                        foreign_clock: None,
                    });
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
