//! Exact heap counts from Criterion benches that nobody edited.
//!
//! One process a side runs the benches with the counting library in front of the system's allocator. The library notes what
//! had been asked for at each reading of the clock; [`matching`] finds Criterion's samples among the readings, and
//! [`line`] what one iteration asks for.
//!
//! ```text
//! clock readings with counters ──┐
//!                                ├─ matching ─> (iterations, blocks, bytes) of each sample ─ line ─> blocks, bytes an iteration
//! Criterion's samples ───────────┘
//! ```
//!
//! What is live, and its peak, is not counted here: the allocator's functions are not told how large a block was that is
//! given back, and what it makes of a request is no exact number.

mod line;
mod matching;
mod notes;
mod samples;
#[cfg(test)]
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod tests;

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::criterion::{
    Arm, Cpus, Launch, Limits, Listed, Measured, Opened, Session, Step, counting_arguments, filter_for, parts,
};
use super::discovery::Harness;
use super::heap::HeapCase;
use super::lockstep::Lone;
use benchgate_core::model::{Failure, FailureKind, HeapReading, Uncounted};
use notes::{Noted, Notes};
use samples::{Counted, Samples};

/// Why nothing at all can be counted.
const NO_PORT: &str = "this Criterion cannot be held between benches, which is what tells whose readings are whose";

/// How long counting may take.
#[derive(Clone, Copy, Debug)]
pub struct CountingTime<'a> {
    /// For one process.
    pub limits: Limits<'a>,
    /// When it must be over, where it must.
    pub end: Option<Instant>,
    /// Goes up with each bench that is done.
    pub done: &'a AtomicUsize,
}

/// Counts what benches of an arm ask the system's allocator for. An interrupted count gives no case. What there is no time for is late,
/// not failed: that a bench ends is seen by measuring it.
///
/// # Errors
/// The log cannot be made.
pub fn count_unmodified(
    arm: &Arm,
    harness: Harness,
    wanted: &[Listed],
    time: CountingTime<'_>,
) -> anyhow::Result<Vec<HeapCase>> {
    let refuse = |reason: &str| {
        let case = |bench: &Listed| HeapCase {
            bench: bench.clone(),
            reading: Err(Uncounted::Impossible { reason: reason.into() }),
        };
        Ok(wanted.iter().map(case).collect())
    };
    if !harness.has_port() {
        return refuse(NO_PORT);
    }
    if let Err(why) = &arm.fit {
        return refuse(why);
    }
    let run = CountingRun { arm, harness, time };
    let mut cases = Vec::new();
    let all = if harness.filters_plainly() { wanted.chunks(1).collect() } else { parts(wanted, |bench| bench) };
    for part in all {
        for (bench, found) in run.benches(part, None)? {
            let reading = match found {
                Ok(samples) => run.reading(&bench, samples)?,
                Err(uncounted) => Err(uncounted),
            };
            cases.push(HeapCase { bench, reading });
        }
    }
    Ok(cases)
}

impl<'a> CountingTime<'a> {
    fn left(&self) -> Option<Duration> {
        self.end.map(|end| end.saturating_duration_since(Instant::now()))
    }

    /// What a process may take now.
    fn now(&self) -> Limits<'a> {
        let step = self.left().map_or(self.limits.step, |left| left.min(self.limits.step));
        Limits { step, ..self.limits }
    }

    fn late(&self) -> Uncounted {
        let reason = match self.left() {
            Some(left) if left.is_zero() => {
                "the time for counting was spent, which a larger `--budget` makes longer".into()
            }
            _ => format!(
                "it was not counted within the {} s of BENCHGATE_STEP_LIMIT that a bench may take",
                self.limits.step.as_secs()
            ),
        };
        Uncounted::Late { reason }
    }
}

/// Processes for samples of different lengths.
const ATTEMPTS: u32 = 3;

/// What one process gave for one bench.
type Found = (Listed, Result<Samples, Uncounted>);

struct CountingRun<'a> {
    arm: &'a Arm,
    harness: Harness,
    time: CountingTime<'a>,
}

impl CountingRun<'_> {
    /// The count of one iteration. Where samples were as long as others, more processes make some that are not: how
    /// long an iteration takes them may differ from what it took before, so one may not do.
    fn reading(&self, bench: &Listed, mut samples: Samples) -> anyhow::Result<Result<HeapReading, Uncounted>> {
        for attempt in 1..=ATTEMPTS {
            let Counted::Open { seconds: Some(seconds) } = samples.counted() else { break };
            for (_, more) in self.benches(std::slice::from_ref(bench), Some(seconds * f64::from(attempt)))? {
                match more {
                    Ok(more) => samples.add(more),
                    Err(uncounted) => return Ok(Err(uncounted)),
                }
            }
        }
        Ok(Ok(samples.reading()))
    }

    /// Runs benches, each once; `seconds` is how long each is measured, where the usual time will not do. A bench that
    /// crashes takes its process with it; the rest get a fresh one.
    fn benches(&self, benches: &[Listed], seconds: Option<f64>) -> anyhow::Result<Vec<Found>> {
        let mut tally = Tally { remaining: benches.to_vec(), done: Vec::new(), dilation: self.harness.dilation() };
        while !tally.remaining.is_empty() && !self.time.limits.is_interrupted() {
            let before = tally.remaining.len();
            if self.time.left().is_some_and(|left| left.is_zero()) {
                tally.settle_rest(&self.time.late());
                break;
            }
            if self.process(&mut tally, seconds)?.is_break() {
                break;
            }
            if tally.remaining.len() == before {
                let message = "it was not run though it was asked for".into();
                let failure = Failure { side: self.arm.side, kind: FailureKind::Rubbish, message };
                tally.settle_rest(&Uncounted::Failed(failure));
            }
        }
        Ok(tally.done)
    }

    /// Says that one more bench is done; what is run again for samples of another length was done before.
    fn one_done(&self, seconds: Option<f64>) {
        if seconds.is_none() {
            self.time.done.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A process that was too slow is one that there was no time for.
    fn uncounted(&self, failure: Failure) -> Uncounted {
        match failure.kind {
            FailureKind::TimedOut => self.time.late(),
            FailureKind::Crashed | FailureKind::Rubbish | FailureKind::Implausible | FailureKind::SetUp => {
                Uncounted::Failed(failure)
            }
        }
    }

    /// Breaks where the user interrupted.
    fn process(&self, tally: &mut Tally, seconds: Option<f64>) -> anyhow::Result<ControlFlow<()>> {
        let notes = Notes::new(&self.arm.scratch)?;
        let arguments = counting_arguments(
            &filter_for(self.harness, tally.remaining.iter()),
            self.harness,
            tally.dilation,
            seconds,
        );
        let mut launch = Launch { cpus: Cpus::All, ..Launch::plain(arguments) };
        // Held until the process is gone; the last word on what is preloaded is that of the notes.
        let clock = Lone::prepare(&self.arm.fit, &self.arm.scratch, tally.dilation, &mut launch.environment);
        launch.environment.extend(notes.environment());
        let mut session = match Session::open(self.arm, launch, &self.time.now()) {
            Ok(Opened::Connected(session)) => session,
            _ if self.time.limits.is_interrupted() => return Ok(ControlFlow::Break(())),
            Ok(Opened::Ended(process)) => {
                let failure = process.failure(FailureKind::Crashed, "it ended before it connected");
                tally.settle_rest(&Uncounted::Failed(failure));
                return Ok(ControlFlow::Continue(()));
            }
            Err(failure) => {
                tally.settle_rest(&self.uncounted(failure));
                return Ok(ControlFlow::Continue(()));
            }
        };
        loop {
            match session.step(&self.time.now()) {
                Step::Measured(measured) => {
                    let dilation = clock.dilation();
                    let found = look(&measured, notes.take()?, dilation);
                    self.one_done(seconds);
                    tally.settle(&measured.bench, found);
                    // A bench with times of its own, which beat the command line: those after it will be like it.
                    let wanted = measured.dilation(self.harness, dilation);
                    if wanted > dilation && wanted > tally.dilation && !tally.remaining.is_empty() {
                        tally.dilation = wanted;
                        return Ok(ControlFlow::Continue(()));
                    }
                }
                Step::Over => return Ok(ControlFlow::Continue(())),
                Step::Interrupted => return Ok(ControlFlow::Break(())),
                Step::Failed { failure, during: Some(bench) } => {
                    self.one_done(seconds);
                    tally.settle(&bench, Err(self.uncounted(failure)));
                    return Ok(ControlFlow::Continue(()));
                }
                Step::Failed { failure, during: None } => {
                    tally.settle_rest(&self.uncounted(failure));
                    return Ok(ControlFlow::Continue(()));
                }
            }
        }
    }
}

/// Finds one bench's samples in what was noted while it ran.
fn look(measured: &Measured, noted: Noted, dilation: u32) -> Result<Samples, Uncounted> {
    let impossible = |reason: &str| Err(Uncounted::Impossible { reason: reason.into() });
    let log = match noted {
        Noted::All(log) => log,
        Noted::TooMany => return impossible("it reads the clock more often than can be noted"),
        Noted::NotJoined => return impossible("the loader did not load the counting library"),
    };
    let Ok(timed) = &measured.samples else { return impossible("its samples are no durations") };
    match log.last() {
        None => return impossible("it does not read the clock through libc"),
        Some(last) if last.blocks == 0 && last.other_blocks == 0 => {
            return impossible("it asks the system's allocator for nothing at all: it has an allocator of its own");
        }
        Some(_) => {}
    }
    Samples::find(&log, timed.as_slice(), dilation).map_err(|reason| Uncounted::Impossible { reason: reason.into() })
}

/// Benches that are done, and those that still wait for their turn.
struct Tally {
    remaining: Vec<Listed>,
    done: Vec<Found>,
    /// How many times as fast as real time the clock of the next process runs.
    dilation: u32,
}

impl Tally {
    fn settle(&mut self, bench: &Listed, found: Result<Samples, Uncounted>) {
        if let Some(index) = self.remaining.iter().position(|other| other.is_same(bench)) {
            self.done.push((self.remaining.remove(index), found));
        }
    }

    fn settle_rest(&mut self, why: &Uncounted) {
        self.done.extend(self.remaining.drain(..).map(|bench| (bench, Err(why.clone()))));
    }
}
