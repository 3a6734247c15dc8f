//! Why the program stops before it has a verdict.

use crate::gate::ExitCode;

/// An error and the code that it ends with. A regression is no error: it is a verdict.
#[derive(Debug)]
pub(super) struct Stop {
    /// What the process ends with.
    pub code: ExitCode,
    /// What is printed.
    pub error: anyhow::Error,
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
