//! Where idle values lie: a short stack for each thread and a shared one behind a lock.
//!
//! It neither makes nor judges values: the pools do. It runs no foreign code while it holds a stack.

use super::counts::{Counts, Event, Tally};
use crate::per_thread::{PerThread, THREADS};
use crate::sync::{Mutex, MutexGuard};
use std::cell::Cell;
use std::sync::PoisonError;

/// Idle values that a thread keeps for itself: enough for a few that are borrowed at the same time.
pub const LOCAL_SHELF: usize = 4;

/// The shelf of one thread: a stack in place, so that the fast path follows one pointer less and checks no borrow.
struct Local<T> {
    len: Cell<usize>,
    items: [Cell<Option<T>>; LOCAL_SHELF],
}

impl<T> Default for Local<T> {
    fn default() -> Self {
        Self { len: Cell::new(0), items: [const { Cell::new(None) }; LOCAL_SHELF] }
    }
}

impl<T> Local<T> {
    #[inline]
    fn pop(&self) -> Option<T> {
        let last = self.len.get().wrapping_sub(1);
        let value = self.items.get(last)?.take();
        self.len.set(last);
        value
    }

    /// Gives the value back where `limit` values lie here already.
    #[inline]
    fn push(&self, value: T, limit: usize) -> Result<(), T> {
        let len = self.len.get();
        match self.items.get(len) {
            Some(place) if len < limit => {
                place.set(Some(value));
                self.len.set(len + 1);
                Ok(())
            }
            Some(_) | None => Err(value),
        }
    }
}

pub(super) struct Shelf<T> {
    local: PerThread<Local<T>, Tally>,
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
            let value = own.pop();
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

    /// Keeps `value`, or frees it where both shelves are full.
    #[inline]
    pub(super) fn put(&self, value: T) {
        let mut value = Some(value);
        self.local.with(|own, tally| {
            if let Some(given) = value.take() {
                match own.push(given, self.local_limit) {
                    Ok(()) => tally.count_alone(Event::Returned),
                    Err(given) => value = Some(given),
                }
            }
        });
        if let Some(value) = value {
            self.put_shared(value);
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
