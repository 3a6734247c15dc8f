//! How much a row wants to be looked at: one answer for every renderer.

use benchgate_core::gate::{Action, Row, Status};

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
            Status::NotBuilt | Status::Inconclusive | Status::Accepted | Status::Layout => Self::Doubt,
            Status::Improved | Status::New => Self::Good,
            Status::Advisory | Status::NotCounted | Status::Unchanged | Status::Identical => Self::Quiet,
        }
    }
}

/// Whether a row may be folded away: there is nothing to do about it and nothing to learn from it. A count that rose is exact, so it
/// is shown though its tolerance lets it pass.
pub(super) fn is_quiet(row: &Row) -> bool {
    let has_risen = row.key.metric.is_count() && row.effect.is_some_and(|effect| effect.estimate > 0.0);
    let is_no_news = matches!(row.status, Status::Unchanged | Status::Identical | Status::NotCounted);
    row.action == Action::Pass && is_no_news && !has_risen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{count_row, time_row};
    use benchgate_core::model::Metric;

    #[test]
    fn a_count_that_rose_is_shown_though_it_passes() {
        let count = |base, candidate| count_row("a", Metric::Allocations, Status::Unchanged, base, candidate);
        assert!(!is_quiet(&count(397.0, 399.0)));
        assert!(is_quiet(&count(397.0, 397.0)) && is_quiet(&count(399.0, 397.0)));
        assert!(is_quiet(&time_row("a", Status::Unchanged, 1.0, [0.01, 0.0, 0.02])));
    }
}
