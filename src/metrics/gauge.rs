//! How many run at a time, and the most that did.
//!
//! ```text
//!  63      32 31      0
//!   the most     now
//! ```
//! Both stand in one word, so that each change and each reading is of one moment: no start is lost, and a reset finds the most
//! to be what runs at that moment.

use crate::sync::atomic::{AtomicU64, Ordering};

/// What a [`Gauge`] reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Level {
    /// That run now.
    pub now: u32,
    /// The most that ran at a time since the last reset.
    pub max: u32,
}

impl Level {
    fn from_word(word: u64) -> Self {
        Self { now: word as u32, max: (word >> 32) as u32 }
    }

    fn word(self) -> u64 {
        u64::from(self.max) << 32 | u64::from(self.now)
    }
}

/// Counts what runs. Two lines of the cache of its own, since all threads write here.
///
/// ```
/// use perfblocks::metrics::Gauge;
///
/// let gauge = Gauge::default();
/// let first = gauge.enter();
/// let second = gauge.enter();
/// drop(first);
/// assert_eq!((gauge.level().now, gauge.level().max), (1, 2));
/// gauge.reset(); // what runs still runs
/// assert_eq!((gauge.level().now, gauge.level().max), (1, 1));
/// drop(second);
/// assert_eq!(gauge.level().now, 0);
/// ```
#[derive(Debug, Default)]
#[repr(align(128))]
pub struct Gauge(AtomicU64);

impl Gauge {
    /// Counts one more until the guard is dropped, by a panic too.
    #[inline]
    pub fn enter(&self) -> Entered<'_> {
        self.update(|level| {
            let now = level.now.saturating_add(1);
            Level { now, max: level.max.max(now) }
        });
        Entered { gauge: self }
    }

    /// Both numbers at one moment.
    pub fn level(&self) -> Level {
        Level::from_word(self.0.load(Ordering::Relaxed))
    }

    /// Starts the most anew from what runs now; both numbers as they were.
    pub fn reset(&self) -> Level {
        self.update(|level| Level { max: level.now, ..level })
    }

    /// Relaxed throughout: the numbers guard no memory.
    #[inline]
    fn update(&self, change: impl Fn(Level) -> Level) -> Level {
        let mut word = self.0.load(Ordering::Relaxed);
        loop {
            let level = Level::from_word(word);
            match self.0.compare_exchange_weak(word, change(level).word(), Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return level,
                Err(now) => word = now,
            }
        }
    }
}

/// One of those that a [`Gauge`] counts.
#[must_use = "dropped at once, it counts for a moment only"]
#[derive(Debug)]
pub struct Entered<'gauge> {
    gauge: &'gauge Gauge,
}

impl Drop for Entered<'_> {
    #[inline]
    fn drop(&mut self) {
        self.gauge.update(|level| Level { now: level.now.saturating_sub(1), ..level });
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::sync::Barrier;

    #[test]
    fn pairs_on_eight_threads_end_at_zero_and_the_most_is_what_was_there_at_once() {
        let gauge = Gauge::default();
        let together = Barrier::new(8);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..16_000 {
                        drop(gauge.enter());
                    }
                    let _all_inside = gauge.enter();
                    together.wait();
                });
            }
        });
        assert_eq!(gauge.level(), Level { now: 0, max: 8 });
    }

    #[test]
    fn a_reset_keeps_what_runs() {
        let gauge = Gauge::default();
        let running = [gauge.enter(), gauge.enter(), gauge.enter()];
        assert_eq!(gauge.reset(), Level { now: 3, max: 3 });
        drop(running);
        assert_eq!(gauge.reset(), Level { now: 0, max: 3 });
        assert_eq!(gauge.level(), Level::default());
    }

    #[test]
    fn a_panic_leaves_the_gauge() {
        let gauge = Gauge::default();
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _running = gauge.enter();
            panic!("on purpose");
        }));
        assert!(caught.is_err());
        assert_eq!(gauge.level(), Level { now: 0, max: 1 });
    }
}
