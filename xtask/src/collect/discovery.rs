//! Which harness an executable has, and which benches.

use super::criterion::{Arm, Effort, Launch, Limits, Listed, NOTHING, Opened, Process, Session, Step, results};
use super::heap;
use super::lockstep::Lone;
use crate::model::{Failure, FailureKind};

/// What an executable turned out to be.
#[derive(Clone, Debug)]
pub struct Discovered {
    /// Its harness.
    pub harness: Harness,
    /// Its benches, in the order in which they are registered.
    pub benches: Vec<Listed>,
}

/// A bench harness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Harness {
    /// Criterion, driven over its port. The version is its own word.
    Port([u8; 3]),
    /// Criterion, read from the files that it writes.
    Files,
    /// The heap harness.
    Heap,
    /// Something that is not gated: libtest, or another harness.
    Unknown,
}

/// Asks an executable for its benches without measuring, or, where it does not connect, by one short run.
///
/// # Errors
/// It crashed or hung.
pub fn discover(arm: &Arm, limits: &Limits<'_>) -> Result<Discovered, Failure> {
    if let Some(cases) = heap::list(arm, limits) {
        return Ok(Discovered { harness: Harness::Heap, benches: cases? });
    }
    if !is_criterion(arm)? {
        return Ok(Discovered { harness: Harness::Unknown, benches: Vec::new() });
    }
    let arguments = ["--bench", "--noplot", NOTHING];
    match Session::open(arm, Launch::plain(arguments), limits)? {
        Opened::Connected(mut session) => match session.step(limits) {
            Step::Over => {
                let version = session.version.unwrap_or_default();
                Ok(Discovered { harness: Harness::Port(version), benches: std::mem::take(&mut session.skipped) })
            }
            Step::Failed { failure, .. } => Err(failure),
            Step::Interrupted => Err(interrupted(arm)),
            Step::Measured(measured) => Err(Failure {
                side: arm.side,
                kind: FailureKind::Rubbish,
                message: format!("it measured `{}` though nothing was asked for", measured.bench.full_id()),
            }),
        },
        Opened::Ended(process) => from_files(arm, process, limits),
    }
}

/// Whether an executable holds Criterion: the name of its port's variable, or, before there was a port, of a file that it
/// writes. One that does and then fails is a failure; another harness is none of our business.
fn is_criterion(arm: &Arm) -> Result<bool, Failure> {
    let bytes = std::fs::read(&arm.file).map_err(|error| Failure {
        side: arm.side,
        kind: FailureKind::Crashed,
        message: format!("cannot read `{}`: {error}", arm.file.display()),
    })?;
    let holds = |mark: &[u8]| bytes.windows(mark.len()).any(|window| window == mark);
    Ok(holds(b"CARGO_CRITERION_PORT") || holds(b"tukey.json"))
}

fn from_files(arm: &Arm, asked: Process, limits: &Limits<'_>) -> Result<Discovered, Failure> {
    drop(asked);
    let effort = Effort::look(Harness::Files);
    let mut launch = Launch::plain(effort.arguments("", Harness::Files));
    let _fast = Lone::prepare(&arm.fit, &arm.scratch, effort.dilation, &mut launch.environment);
    let benches = run_for_files(arm, &launch, limits)?;
    let harness = if benches.is_empty() { Harness::Unknown } else { Harness::Files };
    Ok(Discovered { harness, benches: benches.into_iter().map(|measured| measured.bench).collect() })
}

/// Runs an arm to its end and reads what it left on disk.
pub(super) fn run_for_files(
    arm: &Arm,
    launch: &Launch,
    limits: &Limits<'_>,
) -> Result<Vec<super::criterion::Measured>, Failure> {
    let home = arm.home.join("criterion");
    if home.exists() {
        std::fs::remove_dir_all(&home).map_err(|error| Failure {
            side: arm.side,
            kind: FailureKind::Rubbish,
            message: format!("cannot clear `{}`: {error}", home.display()),
        })?;
    }
    let mut process = Process::start(arm, launch).map_err(|error| Failure {
        side: arm.side,
        kind: FailureKind::Crashed,
        message: format!("cannot start: {error}"),
    })?;
    match process.wait(limits.step, limits) {
        Ok(Some(status)) if status.success() => {}
        Ok(Some(status)) => return Err(process.failure(FailureKind::Crashed, &format!("it ended with {status}"))),
        Ok(None) if limits.is_interrupted() => return Err(interrupted(arm)),
        Ok(None) => return Err(process.failure(FailureKind::TimedOut, "it did not end in time")),
        Err(error) => return Err(process.failure(FailureKind::Crashed, &error.to_string())),
    }
    results(&home).map_err(|error| process.failure(FailureKind::Rubbish, &format!("{error:#}")))
}

fn interrupted(arm: &Arm) -> Failure {
    Failure { side: arm.side, kind: FailureKind::TimedOut, message: "interrupted".into() }
}
