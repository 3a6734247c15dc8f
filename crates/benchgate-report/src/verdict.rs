//! The verdict of a whole run, as one of four words.

use benchgate_core::gate::{ExitCode, Outcome};

/// What a run amounts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Nothing that the policy forbids.
    Pass,
    /// A regression or a failed claim.
    Fail,
    /// Could not tell, and the policy says that this fails.
    Inconclusive,
    /// The comparison could not be made, or not completely.
    Error,
}

impl Verdict {
    /// The verdict that an exit code stands for: 0 pass, 100 fail, 5 inconclusive, everything else error.
    pub fn of_exit(exit: ExitCode) -> Self {
        match exit {
            ExitCode::Pass => Self::Pass,
            ExitCode::Regression => Self::Fail,
            ExitCode::Inconclusive => Self::Inconclusive,
            ExitCode::Internal
            | ExitCode::Usage
            | ExitCode::Configuration
            | ExitCode::MalformedFilter
            | ExitCode::Metadata
            | ExitCode::BaseUnavailable
            | ExitCode::Build
            | ExitCode::Output
            | ExitCode::BenchFailed
            | ExitCode::Implausible
            | ExitCode::Baseline
            | ExitCode::Incomplete
            | ExitCode::NothingCompared => Self::Error,
        }
    }

    /// The verdict of an outcome: that of its strongest exit code.
    pub fn of(outcome: &Outcome) -> Self {
        Self::of_exit(ExitCode::strongest(outcome.exits.iter().copied()))
    }

    /// The word that every output uses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Inconclusive => "inconclusive",
            Self::Error => "error",
        }
    }
}
