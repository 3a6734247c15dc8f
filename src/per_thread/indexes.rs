//! Which thread has which slot: numbers that threads take, and give back when they end.
//!
//! A number passes from thread to thread through the lock, which so orders what one did with its slot before what the next
//! does. Nothing here is on a hot path: a thread takes a number once.

use crate::sync::{Mutex, MutexGuard};
use std::sync::PoisonError;

/// Numbers that no live thread holds are those given back, and all from `next` on.
#[derive(Debug, Default)]
struct Given {
    next: usize,
    free: Vec<usize>,
}

/// The numbers of all threads.
#[derive(Debug)]
pub(super) struct Indexes(Mutex<Given>);

impl Indexes {
    /// None is taken yet.
    #[cfg(not(loom))]
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Given { next: 0, free: Vec::new() }))
    }

    /// None is taken yet. What loom watches cannot be made in a constant.
    #[cfg(loom)]
    pub(super) fn new() -> Self {
        Self(Mutex::new(Given::default()))
    }

    /// A number below `limit` that no other live thread has, if there is one.
    pub(super) fn take(&self, limit: usize) -> Option<usize> {
        let mut given = self.given();
        if let Some(index) = given.free.pop() {
            return Some(index);
        }
        let next = given.next;
        if next >= limit {
            return None;
        }
        given.next += 1;
        Some(next)
    }

    /// The thread that has `index` has done with its slot.
    pub(super) fn give_back(&self, index: usize) {
        self.given().free.push(index);
    }

    /// Nobody has had a number from this on.
    pub(super) fn used(&self) -> usize {
        self.given().next
    }

    /// Calls `work` with the numbers that were given back, while none can be taken: it must be short.
    pub(super) fn with_free(&self, work: impl FnMut(usize)) {
        self.given().free.iter().copied().for_each(work);
    }

    /// What it guards is whole even after a panic of `with_free`'s `work`.
    fn given(&self) -> MutexGuard<'_, Given> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
