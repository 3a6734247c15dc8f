//! A place for a value that is built at most once, where building may fail and be tried again.
//!
//! `std::sync::OnceLock` has no stable way to fail, and two threads that each build and then `set` would build twice. So a lock
//! stands in front of building, and a full slot is read without it.

use crate::sync::atomic::{AtomicU32, Ordering};
use crate::sync::{Mutex, OnceLock};
use std::sync::PoisonError;

/// A value that is built at most once, on first need, by one thread while the others wait.
///
/// ```
/// use perfblocks::executor::Slot;
/// let slot = Slot::new();
/// assert_eq!(slot.get_or_try_build(|| "four".parse::<u32>()).map_err(|error| error.to_string()), Err("invalid digit found in string".into()));
/// assert_eq!(slot.get_or_try_build(|| "4".parse::<u32>()), Ok(&4));
/// assert_eq!(slot.get_or_try_build(|| unreachable!("it is built") ), Ok::<_, std::num::ParseIntError>(&4));
/// assert_eq!(slot.attempts(), 2);
/// ```
#[derive(Debug)]
pub struct Slot<T> {
    value: OnceLock<T>,
    building: Mutex<()>,
    attempts: AtomicU32,
}

impl<T> Default for Slot<T> {
    fn default() -> Slot<T> {
        Slot::new()
    }
}

impl<T> Slot<T> {
    /// An empty slot. It allocates nothing.
    #[cfg(not(loom))]
    pub const fn new() -> Slot<T> {
        Slot { value: OnceLock::new(), building: Mutex::new(()), attempts: AtomicU32::new(0) }
    }

    /// An empty slot. What loom watches cannot be made in a constant.
    #[cfg(loom)]
    pub fn new() -> Slot<T> {
        Slot { value: OnceLock::new(), building: Mutex::new(()), attempts: AtomicU32::new(0) }
    }

    /// The value, if it is built.
    #[inline]
    pub fn get(&self) -> Option<&T> {
        self.value.get()
    }

    /// The value, built by `build` if it is not there yet. While one thread builds, the others that want the value wait. A
    /// failure is returned and leaves the slot empty, so that the next call tries again; so does a panic.
    ///
    /// # Errors
    /// What `build` fails with.
    ///
    /// # Panics
    /// When `build` panics. A `build` that asks for its own slot waits for itself for ever.
    #[inline]
    pub fn get_or_try_build<E>(&self, build: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        match self.value.get() {
            Some(value) => Ok(value),
            None => self.build(build),
        }
    }

    #[cold]
    fn build<E>(&self, build: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        // The lock guards no data, so a builder that panicked leaves nothing half-done behind it.
        let _building = self.building.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = self.value.get() {
            return Ok(value);
        }
        self.attempts.fetch_add(1, Ordering::Relaxed);
        let value = build()?;
        Ok(self.value.get_or_init(|| value))
    }

    /// Empties the slot and returns what it held; the next call that wants a value builds another.
    pub fn take(&mut self) -> Option<T> {
        self.value.take()
    }

    /// How often building was begun, failures included.
    pub fn attempts(&self) -> u32 {
        self.attempts.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::Slot;
    use std::convert::Infallible;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn racing_threads_build_once_and_see_one_value() {
        const THREADS: usize = 8;
        for _ in 0..300 {
            let (slot, built, start) = (Slot::new(), AtomicU32::new(0), Barrier::new(THREADS));
            let build = || {
                built.fetch_add(1, Ordering::Relaxed);
                std::thread::yield_now();
                Ok::<_, Infallible>(Box::new(7))
            };
            let get = || {
                start.wait();
                slot.get_or_try_build(build).map(|value| &raw const **value as usize).unwrap()
            };
            let seen: Vec<usize> = std::thread::scope(|scope| {
                let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(get)).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            assert_eq!((built.into_inner(), slot.attempts()), (1, 1));
            assert!(seen.windows(2).all(|pair| pair[0] == pair[1]));
        }
    }

    #[test]
    fn racing_threads_each_hear_of_failure_until_one_succeeds() {
        const THREADS: u32 = 8;
        const FAILURES: u32 = 5;
        for _ in 0..100 {
            let (slot, tried, start) = (Slot::new(), AtomicU32::new(0), Barrier::new(THREADS as usize));
            let build = || match tried.fetch_add(1, Ordering::Relaxed) {
                attempt if attempt < FAILURES => Err(attempt),
                attempt => Ok(attempt),
            };
            let get = || {
                start.wait();
                slot.get_or_try_build(build).copied()
            };
            let seen: Vec<Result<u32, u32>> = std::thread::scope(|scope| {
                let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(get)).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            let mut failures: Vec<u32> = seen.iter().filter_map(|seen| seen.err()).collect();
            failures.sort_unstable();
            assert_eq!(failures, (0..FAILURES).collect::<Vec<_>>());
            assert_eq!(seen.iter().filter(|seen| **seen == Ok(FAILURES)).count() as u32, THREADS - FAILURES);
            assert_eq!(slot.attempts(), FAILURES + 1);
        }
    }

    #[test]
    fn a_value_is_taken_once_and_built_again() {
        let mut slot = Slot::new();
        assert_eq!(slot.take(), None);
        assert_eq!(slot.get_or_try_build(|| Ok::<u32, Infallible>(3)), Ok(&3));
        assert_eq!((slot.take(), slot.take(), slot.get()), (Some(3), None, None));
        assert_eq!(slot.get_or_try_build(|| Ok::<u32, Infallible>(4)), Ok(&4));
        assert_eq!(slot.attempts(), 2);
    }

    #[test]
    fn a_panic_leaves_the_slot_usable() {
        let slot = Slot::new();
        let panicking = || -> Result<u32, Infallible> { panic!("on purpose") };
        assert!(catch_unwind(AssertUnwindSafe(|| slot.get_or_try_build(panicking).copied())).is_err());
        assert_eq!(slot.get(), None);
        assert_eq!(slot.get_or_try_build(|| Ok::<u32, Infallible>(3)), Ok(&3));
    }
}
