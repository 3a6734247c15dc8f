//! How many calls run at a time.

use crate::sync::atomic::{AtomicU32, Ordering};

/// A limit of calls in flight. A rejected caller is never counted, not even for a moment, so it cannot push out another.
#[derive(Debug)]
#[repr(align(128))]
pub(super) struct InFlight {
    count: AtomicU32,
    limit: Option<u32>,
}

impl InFlight {
    pub(super) fn new(limit: Option<u32>) -> Self {
        Self { count: AtomicU32::new(0), limit }
    }

    /// Whether a call may run; it must be released then.
    #[inline]
    pub(super) fn acquire(&self) -> bool {
        let Some(limit) = self.limit else { return true };
        let mut count = self.count.load(Ordering::Relaxed);
        while count < limit {
            // Relaxed: the count guards no memory.
            match self.count.compare_exchange_weak(count, count + 1, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return true,
                Err(now) => count = now,
            }
        }
        false
    }

    #[inline]
    pub(super) fn release(&self) {
        if self.limit.is_some() {
            self.count.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Calls in flight, or 0 where they are not limited and so not counted.
    pub(super) fn count(&self) -> u32 {
        self.count.load(Ordering::Relaxed)
    }
}
