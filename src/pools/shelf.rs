//! Where idle values lie: a short stack for each thread and a shared one behind a lock.
//!
//! It neither makes nor judges values: the pools do. It runs no foreign code while it holds a stack.

use super::counts::{Counts, Event, Tally};
use super::local::Local;
use crate::per_thread::{PerThread, THREADS};
use crate::sync::{Mutex, MutexGuard};
use std::sync::PoisonError;

/// Idle values that a thread keeps for itself: enough for a few that are borrowed at the same time.
pub const LOCAL_SHELF: usize = 4;

pub(super) struct Shelf<T> {
    local: PerThread<Local<T, LOCAL_SHELF>, Tally>,
    local_limit: usize,
    shared: Mutex<Vec<T>>,
    shared_limit: usize,
    /// Of the threads that have no slot.
    overflow: Tally,
}

impl<T> Shelf<T> {
    /// Keeps at most `shared_limit` values on the shared shelf; 0 keeps nothing anywhere.
    pub(super) fn new(shared_limit: usize) -> Self {
        Self {
            local: PerThread::new(),
            local_limit: LOCAL_SHELF.min(shared_limit),
            shared: Mutex::new(Vec::new()),
            shared_limit,
            overflow: Tally::default(),
        }
    }

    /// An idle value.
    #[inline]
    pub(super) fn get(&self) -> Option<T> {
        let own = self.local.with(|own, tally| {
            let value = own.take();
            if value.is_some() {
                tally.count_alone(Event::Hit);
            }
            value
        });
        match own {
            Some(Some(value)) => Some(value),
            Some(None) | None => self.get_shared(),
        }
    }

    #[cold]
    fn get_shared(&self) -> Option<T> {
        let value = self.shared().pop();
        self.count(if value.is_some() { Event::Hit } else { Event::Miss });
        value
    }

    /// Keeps `value`, or frees one where both shelves are full.
    #[inline]
    pub(super) fn put(&self, value: T) {
        let mut given = Some(value);
        self.local.with(|own, tally| {
            given = given.take().and_then(|value| own.keep(value, self.local_limit));
            if given.is_none() {
                tally.count_alone(Event::Returned);
            }
        });
        if let Some(oldest) = given {
            self.put_shared(oldest);
        }
    }

    #[cold]
    fn put_shared(&self, value: T) {
        let mut shared = self.shared();
        if shared.len() < self.shared_limit {
            shared.push(value);
            drop(shared);
            self.count(Event::Returned);
        } else {
            // The lock is given back before the value is freed: its drop is foreign code.
            drop(shared);
            drop(value);
            self.count(Event::Dropped);
        }
    }

    pub(super) fn count(&self, event: Event) {
        if self.local.with(|_, tally| tally.count_alone(event)).is_none() {
            self.overflow.count(event);
        }
    }

    pub(super) fn counts(&self) -> Counts {
        self.local.shared().chain([&self.overflow]).collect()
    }

    /// The most values that can lie idle.
    pub(super) fn limit(&self) -> usize {
        self.shared_limit + THREADS * self.local_limit
    }

    /// No foreign code runs under the lock, so a poisoned shelf is whole.
    fn shared(&self) -> MutexGuard<'_, Vec<T>> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(all(test, not(loom), target_pointer_width = "64"))]
mod tests {
    use super::*;

    #[test]
    fn empty_shelves_take_what_the_documentation_says() {
        assert_eq!(PerThread::<Local<Box<u8>, LOCAL_SHELF>, Tally>::SLOT_BYTES * THREADS, 8 << 10);
    }
}
