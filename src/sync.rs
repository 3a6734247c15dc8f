//! Atomics and locks: those of the standard library, or loom's where a model is explored (`--cfg loom`).
//!
//! Only what the protocols between threads need; a module that has none uses `std` as ever.
#![allow(unused_imports, reason = "each area needs a part of it")]

#[cfg(loom)]
mod once;

#[cfg(loom)]
pub(crate) use loom::hint::spin_loop;
#[cfg(loom)]
pub(crate) use loom::sync::{Condvar, Mutex, MutexGuard, atomic};
#[cfg(loom)]
pub(crate) use loom::thread::yield_now;
#[cfg(loom)]
pub(crate) use once::OnceLock;
#[cfg(not(loom))]
pub(crate) use std::hint::spin_loop;
#[cfg(not(loom))]
pub(crate) use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, atomic};
#[cfg(not(loom))]
pub(crate) use std::thread::yield_now;

/// Adds to a number that only one thread writes at a time: a load and a store, where a read-modify-write would cost more than the
/// rest of a hot path. It wraps.
#[inline]
pub(crate) fn add_alone(number: &atomic::AtomicU64, more: u64) {
    number.store(number.load(atomic::Ordering::Relaxed).wrapping_add(more), atomic::Ordering::Relaxed);
}
