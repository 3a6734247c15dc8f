//! The permission to make one call.

use super::breaker::Breaker;
use super::clock::Clock;
use super::counts::Event;
use std::mem;

/// Permission for one call, for callers that [`Breaker::call`] does not suit: asynchronous code, calls in several parts.
///
/// Dropped without a verdict it counts as a failure, so that a panic does.
#[must_use = "dropped without a verdict, it counts as a failure"]
#[derive(Debug)]
pub struct Permit<'breaker, C: Clock> {
    breaker: &'breaker Breaker<C>,
    generation: u32,
}

impl<'breaker, C: Clock> Permit<'breaker, C> {
    #[inline]
    pub(super) fn new(breaker: &'breaker Breaker<C>, generation: u32) -> Self {
        Self { breaker, generation }
    }

    /// The call succeeded.
    #[inline]
    pub fn succeed(self) {
        self.breaker.end_well(self.generation);
        mem::forget(self);
    }

    /// The call failed.
    pub fn fail(self) {
        self.breaker.end(self.generation, Event::Failed);
        mem::forget(self);
    }

    /// The call was given up before it could tell: neither a success nor a failure. A trial may be taken by another.
    pub fn cancel(self) {
        self.breaker.end(self.generation, Event::Cancelled);
        mem::forget(self);
    }
}

impl<C: Clock> Drop for Permit<'_, C> {
    fn drop(&mut self) {
        self.breaker.end(self.generation, Event::Failed);
    }
}
