//! How much a row wants to be looked at: one answer for every renderer.

use crate::gate::{Action, Row, Status};

/// What a status means to a reader at a glance. The word and the sign always stand beside the colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    /// Worse, or broken.
    Bad,
    /// Better.
    Good,
    /// Worth a look.
    Doubt,
    /// No news.
    Quiet,
}

impl Tone {
    /// The tone of a status.
    pub(super) fn of(status: Status) -> Self {
        match status {
            Status::Regressed
            | Status::Implausible
            | Status::Leaked
            | Status::Errored
            | Status::TimedOut
            | Status::NotRun
            | Status::Incomparable
            | Status::MissingBaseline
            | Status::Removed => Self::Bad,
            Status::Inconclusive | Status::Accepted | Status::Layout => Self::Doubt,
            Status::Improved | Status::New => Self::Good,
            Status::Advisory | Status::NotCounted | Status::Unchanged | Status::Identical => Self::Quiet,
        }
    }
}

/// Whether a row may be folded away: there is nothing to do about it and nothing to learn from it.
pub(super) fn is_quiet(row: &Row) -> bool {
    row.action == Action::Pass && matches!(row.status, Status::Unchanged | Status::Identical | Status::NotCounted)
}
