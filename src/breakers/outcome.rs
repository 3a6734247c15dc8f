//! What becomes of a call.

use thiserror::Error;

/// Why a call did not run. No rejection allocates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum Rejection {
    /// The breaker is open.
    #[error("the breaker is open")]
    Open,
    /// The breaker is half-open and its trials are all taken.
    #[error("the breaker is half-open and its trials are taken")]
    HalfOpen,
    /// As many calls are in flight as may be. Counts neither as a success nor as a failure.
    #[error("too many calls are in flight")]
    Limit,
}

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a rejected call did not run"]
pub enum Outcome<T, E> {
    /// It ran and succeeded.
    Ok(T),
    /// It ran and failed.
    Failed(E),
    /// It did not run.
    Rejected(Rejection),
}

/// The error of a call that gave no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CallError<E> {
    /// It ran and failed.
    #[error("the call failed: {0}")]
    Failed(E),
    /// It did not run.
    #[error(transparent)]
    Rejected(#[from] Rejection),
}

impl<T, E> Outcome<T, E> {
    /// The same as a `Result`, for `?`.
    ///
    /// # Errors
    /// The call failed or was rejected.
    pub fn into_result(self) -> Result<T, CallError<E>> {
        match self {
            Self::Ok(value) => Ok(value),
            Self::Failed(error) => Err(CallError::Failed(error)),
            Self::Rejected(rejection) => Err(CallError::Rejected(rejection)),
        }
    }
}
