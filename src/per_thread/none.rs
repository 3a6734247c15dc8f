//! [`PerThread`](super::per_thread) without a slot for anybody: what is compiled under `--cfg loom`.
//!
//! A slot has no protocol between threads to explore. What does is the path of threads that got none, so here every thread
//! takes that one.

use std::marker::PhantomData;

/// Live threads that get a slot.
pub const THREADS: usize = 0;

pub(crate) struct PerThread<Own, Shared> {
    slots: PhantomData<fn() -> (Own, Shared)>,
}

impl<Own: Default, Shared: Default> PerThread<Own, Shared> {
    pub(crate) fn new() -> Self {
        Self { slots: PhantomData }
    }
}

impl<Own, Shared> PerThread<Own, Shared> {
    pub(crate) fn with<T>(&self, _work: impl FnOnce(&Own, &Shared) -> T) -> Option<T> {
        None
    }

    pub(crate) fn shared(&self) -> impl Iterator<Item = &Shared> {
        std::iter::empty()
    }

    #[cfg(feature = "pools")]
    pub(crate) fn abandoned(&self, _work: impl FnMut(&Own)) {}
}
