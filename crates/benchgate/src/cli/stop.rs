//! Why the program stops before it has a verdict.

use anyhow::anyhow;

use benchgate_core::gate::ExitCode;
use benchgate_engine::collect;

/// An error and the code that it ends with. A regression is no error: it is a verdict.
#[derive(Debug)]
pub(super) struct Stop {
    /// What the process ends with.
    pub code: ExitCode,
    /// What is printed.
    pub error: anyhow::Error,
}

impl Stop {
    /// The user interrupted before there was anything to keep.
    pub fn interrupted() -> Self {
        let error =
            anyhow!("interrupted before anything was measured\nhint: run it again; what is built so far is reused");
        Self { code: ExitCode::Incomplete, error }
    }

    /// This, unless it came of an interrupt that ended a program which the gate had started: git, cargo or a bench says of that
    /// whatever it says, and the signal may reach the gate a moment after it.
    pub fn unless_interrupted(self) -> Self {
        match self.code {
            ExitCode::Internal
            | ExitCode::Metadata
            | ExitCode::BaseUnavailable
            | ExitCode::Build
            | ExitCode::BenchFailed => {
                if collect::interrupt_has_arrived() {
                    Self::interrupted()
                } else {
                    self
                }
            }
            // Of files, flags and verdicts; or told as an interrupt already.
            ExitCode::Usage
            | ExitCode::Configuration
            | ExitCode::MalformedFilter
            | ExitCode::Output
            | ExitCode::Implausible
            | ExitCode::Baseline
            | ExitCode::Incomplete
            | ExitCode::NothingCompared
            | ExitCode::Regression
            | ExitCode::Inconclusive
            | ExitCode::Pass => self,
        }
    }
}

/// Gives an error its exit code, at the place where the kind of step is known.
pub(super) trait OrStop<T> {
    /// Ends with `code` if this failed.
    fn or_stop(self, code: ExitCode) -> Result<T, Stop>;
}

impl<T, E: Into<anyhow::Error>> OrStop<T> for Result<T, E> {
    fn or_stop(self, code: ExitCode) -> Result<T, Stop> {
        self.map_err(|error| Stop { code, error: error.into() })
    }
}
