//! A bulkhead: so many calls at a time and no queue, so that one thing that hangs takes a few threads down and not all.
//!
//! Take it where callers can do without an answer. Do not take it to make callers wait for their turn: that is a semaphore.
//! A call costs about one atomic swap and a few plain loads and stores; it has 16 KiB of lines for its threads.

use super::in_flight::Seats;
use super::tally::Tallies;
use std::fmt;
use std::num::NonZeroU32;
use thiserror::Error;

/// All slots are taken; the call did not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
#[error("all slots of the bulkhead are taken")]
pub struct Full;

/// What a bulkhead has seen so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BulkheadCounts {
    /// Calls that ran and ended, those that panicked included.
    pub completed: u64,
    /// Calls that found no slot.
    pub rejected: u64,
    /// Slots in use: exact while no call begins or ends.
    pub active: u32,
}

const COMPLETED: usize = 0;
const REJECTED: usize = 1;

/// A number of slots for calls. Share it by reference or `Arc`.
///
/// ```
/// use perfblocks::breakers::{Bulkhead, Full};
/// use std::num::NonZeroU32;
///
/// let bulkhead = Bulkhead::new(NonZeroU32::MIN);
/// assert_eq!(bulkhead.execute(|| bulkhead.execute(|| 7)), Ok(Err(Full)));
/// let counts = bulkhead.counts();
/// assert_eq!((counts.completed, counts.rejected, counts.active), (1, 1, 0));
/// ```
pub struct Bulkhead {
    seats: Seats,
    tallies: Tallies<2>,
    slots: NonZeroU32,
}

impl Bulkhead {
    /// One with so many slots.
    pub fn new(slots: NonZeroU32) -> Self {
        Self { seats: Seats::new(slots.get()), tallies: Tallies::new(), slots }
    }

    /// Runs `call` if a slot is free.
    ///
    /// # Errors
    /// None is, and `call` did not run.
    ///
    /// # Panics
    /// If `call` does; its slot is free again.
    #[inline]
    pub fn execute<T>(&self, call: impl FnOnce() -> T) -> Result<T, Full> {
        let _slot = self.slot()?;
        Ok(call())
    }

    /// A slot, for callers that [`execute`](Self::execute) does not suit.
    ///
    /// # Errors
    /// None is free.
    #[inline]
    pub fn slot(&self) -> Result<Slot<'_>, Full> {
        if self.seats.acquire() {
            return Ok(Slot(self));
        }
        self.tallies.count(REJECTED);
        Err(Full)
    }

    /// What it has seen so far.
    pub fn counts(&self) -> BulkheadCounts {
        let sums = self.tallies.sums();
        BulkheadCounts { completed: sums[COMPLETED], rejected: sums[REJECTED], active: self.seats.in_use() }
    }

    /// The slots that it was made with.
    pub fn slots(&self) -> NonZeroU32 {
        self.slots
    }
}

impl fmt::Debug for Bulkhead {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Bulkhead").field("slots", &self.slots).field("counts", &self.counts()).finish_non_exhaustive()
    }
}

/// A slot in use. Dropped, the slot is free again.
#[must_use = "dropped, the slot is free again"]
#[derive(Debug)]
pub struct Slot<'bulkhead>(&'bulkhead Bulkhead);

impl Drop for Slot<'_> {
    #[inline]
    fn drop(&mut self) {
        self.0.tallies.count(COMPLETED);
        self.0.seats.release();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    #[track_caller]
    fn check(bulkhead: &Bulkhead, completed: u64, rejected: u64, active: u32) {
        assert_eq!(bulkhead.counts(), BulkheadCounts { completed, rejected, active });
    }

    #[test]
    fn it_holds_as_many_as_it_has_slots_and_takes_more_when_one_leaves() {
        let bulkhead = Bulkhead::new(NonZeroU32::new(3).unwrap());
        let mut slots: Vec<_> = (0..3).map(|_| bulkhead.slot().unwrap()).collect();
        assert_eq!(bulkhead.execute(|| 7), Err(Full));
        check(&bulkhead, 0, 1, 3);
        slots.pop();
        assert_eq!(bulkhead.execute(|| 7), Ok(7));
        check(&bulkhead, 2, 1, 2);
        drop(slots);
        check(&bulkhead, 4, 1, 0);
    }

    #[test]
    fn a_panic_gives_its_slot_back() {
        let bulkhead = Bulkhead::new(NonZeroU32::MIN);
        for calls in 1..=3 {
            assert!(catch_unwind(AssertUnwindSafe(|| bulkhead.execute(|| panic!("on purpose")))).is_err());
            check(&bulkhead, calls, 0, 0);
        }
        assert_eq!(bulkhead.execute(|| 7), Ok(7));
    }

    #[test]
    fn a_slot_that_another_thread_keeps_is_found() {
        let bulkhead = Bulkhead::new(NonZeroU32::new(2).unwrap());
        std::thread::scope(|scope| {
            let idle = scope.spawn(|| bulkhead.execute(|| 7));
            assert_eq!(idle.join().unwrap(), Ok(7));
        });
        let slots = [bulkhead.slot(), bulkhead.slot(), bulkhead.slot()];
        assert!(slots[0].is_ok() && slots[1].is_ok());
        assert_eq!(slots[2].as_ref().unwrap_err(), &Full);
        check(&bulkhead, 1, 1, 2);
    }
}
