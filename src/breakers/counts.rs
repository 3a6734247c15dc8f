//! What a breaker has seen so far.

use std::time::Duration;

/// Counts since a breaker was made. Exact once no call is under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Calls that ran and succeeded, late ones included.
    pub succeeded: u64,
    /// Calls that ran and failed or panicked, late ones included.
    pub failed: u64,
    /// Permits that were given back without a verdict.
    pub cancelled: u64,
    /// Calls rejected because the breaker was open.
    pub rejected_open: u64,
    /// Calls rejected because the trials were taken.
    pub rejected_half_open: u64,
    /// Calls rejected because too many were in flight.
    pub rejected_limit: u64,
    /// Results that came after the state had changed, and were ignored.
    pub late: u64,
    /// How often the breaker opened.
    pub opened: u64,
    /// Time from each opening until the first trial was let in, up to now.
    pub open_time: Duration,
}

/// Something to count. The order is that of the sums in [`Counts::of`].
#[derive(Clone, Copy)]
pub(super) enum Event {
    Succeeded,
    Failed,
    Cancelled,
    RejectedOpen,
    RejectedHalfOpen,
    RejectedLimit,
    Late,
}

/// How many events there are.
pub(super) const EVENTS: usize = Event::Late as usize + 1;

impl Counts {
    /// Those that calls count; the rest is 0.
    pub(super) fn of(sums: [u64; EVENTS]) -> Self {
        let [succeeded, failed, cancelled, rejected_open, rejected_half_open, rejected_limit, late] = sums;
        Self {
            succeeded,
            failed,
            cancelled,
            rejected_open,
            rejected_half_open,
            rejected_limit,
            late,
            ..Self::default()
        }
    }
}
