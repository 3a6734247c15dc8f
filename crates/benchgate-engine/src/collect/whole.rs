//! Processes that do not connect: run to their end, and read when they have ended.

use super::criterion::{Arm, End, Launch, Limits, Listed, Measured, Process, results};
use super::discovery::Harness;
use super::divan;
use benchgate_core::model::{Failure, FailureKind};

/// A process that runs to its end.
#[derive(Debug)]
pub(super) struct Whole<'a> {
    arm: &'a Arm,
    harness: Harness,
    process: Process,
}

impl<'a> Whole<'a> {
    /// Starts it.
    pub fn start(arm: &'a Arm, launch: &Launch, harness: Harness) -> Result<Self, Failure> {
        let fail = |kind, message| Failure { side: arm.side, kind, message };
        let home = arm.home.join("criterion");
        if home.exists() {
            std::fs::remove_dir_all(&home)
                .map_err(|error| fail(FailureKind::Rubbish, format!("cannot clear `{}`: {error}", home.display())))?;
        }
        let process = Process::start(arm, launch)
            .map_err(|error| fail(FailureKind::Crashed, format!("cannot start: {error}")))?;
        Ok(Self { arm, harness, process })
    }

    /// Waits for its end and reads what it measured of the benches `asked` for.
    pub fn end(mut self, asked: &[Listed], limits: &Limits<'_>) -> Result<Vec<Measured>, Failure> {
        let process = &mut self.process;
        match process.wait(limits.step, limits) {
            Ok(End::With(status)) if status.success() => {}
            Ok(End::With(status)) => {
                return Err(process.failure(FailureKind::Crashed, &format!("it ended with {status}")));
            }
            Ok(End::Interrupted) => return Err(interrupted(self.arm)),
            Ok(End::TooLate) => return Err(process.failure(FailureKind::TimedOut, "it did not end in time")),
            Err(error) => return Err(process.failure(FailureKind::Crashed, &error.to_string())),
        }
        let rubbish = |what: &str| process.failure(FailureKind::Rubbish, what);
        match self.harness {
            Harness::Divan => divan::results(&String::from_utf8_lossy(&process.said()), asked).map_err(|e| rubbish(&e)),
            Harness::Deaf(_)
            | Harness::Files
            | Harness::Port(_)
            | Harness::Heap
            | Harness::Unknown
            | Harness::Command => {
                results(&self.arm.home.join("criterion")).map_err(|error| rubbish(&format!("{error:#}")))
            }
        }
    }
}

/// What a process that the user interrupted comes to.
pub(super) fn interrupted(arm: &Arm) -> Failure {
    Failure { side: arm.side, kind: FailureKind::TimedOut, message: "interrupted".into() }
}
