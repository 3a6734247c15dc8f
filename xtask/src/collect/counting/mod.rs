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

use super::criterion::{
    Arm, Cpus, Launch, Limits, Listed, Measured, Opened, Session, Step, counting_arguments, filter, parts,
};
use super::discovery::Harness;
use super::heap::HeapCase;
use super::lockstep::Lone;
use crate::model::{Failure, FailureKind, HeapReading, Uncounted};
use notes::{Noted, Notes};
use samples::{Counted, Samples};

/// Why nothing at all can be counted.
const NO_PORT: &str = "this Criterion cannot be held between benches, which is what tells whose readings are whose";

/// Counts what benches of an arm ask the system's allocator for. An interrupted count gives no case.
///
/// # Errors
/// The log cannot be made.
pub fn count_unmodified(
    arm: &Arm,
    harness: Harness,
    wanted: &[Listed],
    limits: &Limits<'_>,
) -> anyhow::Result<Vec<HeapCase>> {
    let refuse = |reason: &str| {
        let case = |bench: &Listed| HeapCase {
            bench: bench.clone(),
            reading: Err(Uncounted::Impossible { reason: reason.into() }),
        };
        Ok(wanted.iter().map(case).collect())
    };
    if !matches!(harness, Harness::Port(_)) {
        return refuse(NO_PORT);
    }
    if let Err(why) = &arm.fit {
        return refuse(why);
    }
    let run = CountingRun { arm, harness, limits };
    let mut cases = Vec::new();
    for part in parts(wanted, |bench| bench) {
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

/// Processes for samples of different lengths.
const ATTEMPTS: u32 = 3;

/// What one process gave for one bench.
type Found = (Listed, Result<Samples, Uncounted>);

struct CountingRun<'a> {
    arm: &'a Arm,
    harness: Harness,
    limits: &'a Limits<'a>,
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
        while !tally.remaining.is_empty() && !self.limits.is_interrupted() {
            let before = tally.remaining.len();
            if self.process(&mut tally, seconds)?.is_break() {
                break;
            }
            if tally.remaining.len() == before {
                let message = "it was not run though it was asked for".into();
                tally.fail_rest(&Failure { side: self.arm.side, kind: FailureKind::Rubbish, message });
            }
        }
        Ok(tally.done)
    }

    /// Breaks where the user interrupted.
    fn process(&self, tally: &mut Tally, seconds: Option<f64>) -> anyhow::Result<ControlFlow<()>> {
        let notes = Notes::new(&self.arm.scratch)?;
        let arguments = counting_arguments(&filter(tally.remaining.iter()), self.harness, tally.dilation, seconds);
        let mut launch = Launch { cpus: Cpus::All, ..Launch::plain(arguments) };
        // Held until the process is gone; the last word on what is preloaded is that of the notes.
        let clock = Lone::prepare(&self.arm.fit, &self.arm.scratch, tally.dilation, &mut launch.environment);
        launch.environment.extend(notes.environment());
        let mut session = match Session::open(self.arm, launch, self.limits) {
            Ok(Opened::Connected(session)) => session,
            _ if self.limits.is_interrupted() => return Ok(ControlFlow::Break(())),
            Ok(Opened::Ended(process)) => {
                tally.fail_rest(&process.failure(FailureKind::Crashed, "it ended before it connected"));
                return Ok(ControlFlow::Continue(()));
            }
            Err(failure) => {
                tally.fail_rest(&failure);
                return Ok(ControlFlow::Continue(()));
            }
        };
        loop {
            match session.step(self.limits) {
                Step::Measured(measured) => {
                    let dilation = clock.dilation();
                    let found = look(&measured, notes.take()?, dilation);
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
                    tally.settle(&bench, Err(Uncounted::Failed(failure)));
                    return Ok(ControlFlow::Continue(()));
                }
                Step::Failed { failure, during: None } => {
                    tally.fail_rest(&failure);
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

    fn fail_rest(&mut self, failure: &Failure) {
        let failed = |bench| (bench, Err(Uncounted::Failed(failure.clone())));
        self.done.extend(self.remaining.drain(..).map(failed));
    }
}
