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
    /// `None` if the breaker is disabled: nobody wants to know.
    breaker: Option<&'breaker Breaker<C>>,
    generation: u32,
}

impl<'breaker, C: Clock> Permit<'breaker, C> {
    #[inline]
    pub(super) fn new(breaker: &'breaker Breaker<C>, generation: u32) -> Self {
        Self { breaker: Some(breaker), generation }
    }

    #[inline]
    pub(super) fn of_nobody() -> Self {
        Self { breaker: None, generation: 0 }
    }

    /// The call succeeded.
    #[inline]
    pub fn succeed(self) {
        if let Some(breaker) = self.breaker {
            breaker.end_well(self.generation);
        }
        mem::forget(self);
    }

    /// The call failed.
    pub fn fail(self) {
        self.end(Event::Failed);
        mem::forget(self);
    }

    /// The call was given up before it could tell: neither a success nor a failure. A trial may be taken by another.
    pub fn cancel(self) {
        self.end(Event::Cancelled);
        mem::forget(self);
    }

    fn end(&self, verdict: Event) {
        if let Some(breaker) = self.breaker {
            breaker.end(self.generation, verdict);
        }
    }
}

impl<C: Clock> Drop for Permit<'_, C> {
    fn drop(&mut self) {
        self.end(Event::Failed);
    }
}
