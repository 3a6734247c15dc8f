//! When a breaker opens, tries again and closes.

use std::time::Duration;
use thiserror::Error;

/// Settings of a [`Breaker`](super::Breaker).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Failures in a row that open it, at least 1.
    pub failure_threshold: u32,
    /// How long after opening the first trial may run.
    pub recovery: Duration,
    /// Trials of a half-open breaker, at least 1. All must succeed to close it.
    pub trials: u32,
    /// Calls that may run at a time, at least 1; `None` sets no limit and saves one atomic read-modify-write a call.
    pub max_in_flight: Option<u32>,
    /// Whether it guards at all. One that does not lets every call run, unlimited and uncounted.
    pub is_enabled: bool,
}

/// Settings under which a breaker could not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// It would have to open before the first failure, or could not count so far.
    #[error("a threshold of {0} failures is outside 1 to {max}", max = Settings::MAX_THRESHOLD)]
    Threshold(u32),
    /// A half-open breaker would never let a call in.
    #[error("a half-open breaker without trials never closes")]
    NoTrials,
    /// No call would ever run.
    #[error("a limit of no calls in flight rejects every call")]
    NoneInFlight,
}

impl Settings {
    /// The greatest threshold that can be counted to.
    pub const MAX_THRESHOLD: u32 = (1 << 30) - 1;

    /// Those of the docker client of netresearch/ofelia (its performance validation report, "Circuit breaker"): 10
    /// failures in a row, 30 s, 200 calls in flight. One trial, where that client lets any number of calls through.
    pub const DOCKER_CLIENT: Self = Self {
        failure_threshold: 10,
        recovery: Duration::from_secs(30),
        trials: 1,
        max_in_flight: Some(200),
        is_enabled: true,
    };

    /// Those of the jobs of the same program: 5 failures in a row, 30 s, one trial; the bulkhead before it limits calls.
    pub const RESILIENT_JOB: Self = Self {
        failure_threshold: 5,
        recovery: Duration::from_secs(30),
        trials: 1,
        max_in_flight: None,
        is_enabled: true,
    };

    pub(super) fn checked(self) -> Result<Self, SettingsError> {
        if !(1..=Self::MAX_THRESHOLD).contains(&self.failure_threshold) {
            return Err(SettingsError::Threshold(self.failure_threshold));
        }
        if self.trials == 0 {
            return Err(SettingsError::NoTrials);
        }
        if self.max_in_flight == Some(0) {
            return Err(SettingsError::NoneInFlight);
        }
        Ok(self)
    }
}

impl Default for Settings {
    /// [`Settings::DOCKER_CLIENT`].
    fn default() -> Self {
        Self::DOCKER_CLIENT
    }
}
