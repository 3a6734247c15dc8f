//! [`PerThread`](super::per_thread) without a slot for anybody: what is compiled under `--cfg loom`.
//!
//! A slot is its thread's alone, and has no protocol between threads to explore. What has is how threads come by their slots,
//! which the model of `indexes.rs` explores by itself, and the path of threads that got none: here every thread takes that one.
#![allow(dead_code, reason = "each area takes one of the ways to a slot")]

use std::marker::PhantomData;

/// Live threads that get a slot.
pub const THREADS: usize = 0;

/// Threads of a model that get an index: fewer than a model has, so that it explores both kinds.
pub(crate) const INDEXED: usize = 2;

loom::lazy_static! {
    /// Made anew for each execution of a model. Not loom's: who gets which index is no choice to explore.
    static ref NEXT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
}

loom::thread_local! {
    static INDEX: usize = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
}

/// The index of this thread of the model; `None` where it has none.
pub(crate) fn index() -> Option<usize> {
    INDEX.with(|index| (*index < INDEXED).then_some(*index))
}

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

    pub(crate) fn mine(&self) -> Option<&Shared> {
        None
    }

    pub(crate) fn shared(&self) -> impl Iterator<Item = &Shared> {
        std::iter::empty()
    }

    #[cfg(feature = "pools")]
    pub(crate) fn abandoned(&self, _work: impl FnMut(&Own)) {}
}
