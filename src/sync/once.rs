//! A stand-in for `std::sync::OnceLock` that loom watches: it has none of its own.
//!
//! Whether there is a value is a flag of loom's, stored after the value with `Release` and read before it with `Acquire`,
//! which is what the standard library's promises. The value itself lies in the standard library's lock, which never waits
//! here: only one thread of a model runs at a time. It is for cells that are filled under a lock of their own.

use loom::sync::atomic::{AtomicBool, Ordering};

#[derive(Debug)]
pub(crate) struct OnceLock<T> {
    is_set: AtomicBool,
    value: std::sync::OnceLock<T>,
}

impl<T> OnceLock<T> {
    pub(crate) fn new() -> OnceLock<T> {
        OnceLock { is_set: AtomicBool::new(false), value: std::sync::OnceLock::new() }
    }

    pub(crate) fn get(&self) -> Option<&T> {
        if self.is_set.load(Ordering::Acquire) { self.value.get() } else { None }
    }

    /// # Panics
    /// If another thread has filled it: a model in which that happens builds twice.
    pub(crate) fn get_or_init(&self, make: impl FnOnce() -> T) -> &T {
        assert!(self.value.set(make()).is_ok(), "filled by one thread only");
        self.is_set.store(true, Ordering::Release);
        self.value.get().expect("it was just filled")
    }

    pub(crate) fn take(&mut self) -> Option<T> {
        self.is_set.store(false, Ordering::Relaxed);
        self.value.take()
    }
}
