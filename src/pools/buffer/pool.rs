//! The pool itself: get, put, prewarm, adapt.

use super::lent::PooledBuffer;
use super::settings::{MAX_LOCAL, MAX_TIERS, Settings, SettingsError, Sizes};
use super::stats::{Stats, TierStats};
use super::store::{Adapted, Buffer, Handle, Reserved, Store};
use crate::per_thread::PerThread;
use crate::pools::local::Local;
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sync::{Mutex, MutexGuard, add_alone};
use std::fmt;
use std::sync::PoisonError;
use thiserror::Error;

/// What a thread keeps for itself, by tier.
type Own = [Local<Handle, MAX_LOCAL>; MAX_TIERS];

/// What a thread counts, by tier.
type Tally = [Traffic; MAX_TIERS];

/// Gets and puts that one thread settled with its own shelf.
#[derive(Debug, Default)]
struct Traffic {
    hits: AtomicU64,
    returned: AtomicU64,
}

/// A request that the budget did not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "no room for a buffer of {size} bytes: {existing} of {max_total} bytes exist\nhint: give buffers back, or raise `max_total`"
)]
pub struct BudgetError {
    /// Bytes of the buffer that would have been made.
    pub size: usize,
    /// Bytes of the buffers that exist.
    pub existing: usize,
    /// The budget, in bytes.
    pub max_total: usize,
}

/// How much to make ahead of need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prewarm {
    /// So many buffers in each tier.
    Count(usize),
    /// At most so many bytes, a buffer of each tier in turn, the small ones first.
    Bytes(usize),
}

/// Lends byte buffers by size. See the [module](super) for what it costs and when not to take it.
///
/// ```
/// use perfblocks::pools::buffer::{BufferPool, Settings};
///
/// let pool = BufferPool::new(Settings::default())?;
/// let mut log = pool.get(2 << 20)?;
/// assert_eq!((log.len(), log.capacity()), (0, 2_621_440)); // the tier of 2.5 MiB
/// log.extend_from_slice(b"started");
/// drop(log); // emptied and kept
/// assert_eq!(pool.get(2 << 20)?.len(), 0);
/// let tier = pool.stats().tiers()[2];
/// assert_eq!((tier.misses, tier.hits), (1, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct BufferPool {
    sizes: Sizes,
    /// Of each tier, how many a thread keeps for itself.
    local: [usize; MAX_TIERS],
    threads: PerThread<Own, Tally>,
    store: Mutex<Store>,
}

impl BufferPool {
    /// An empty pool. It takes memory as buffers are asked for; see [`prewarm`](Self::prewarm).
    ///
    /// # Errors
    /// The settings contradict each other.
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        settings.check()?;
        let mut local = [0; MAX_TIERS];
        for (local, tier) in local.iter_mut().zip(&settings.tiers) {
            *local = tier.local;
        }
        let sizes = Sizes::new(&settings.tiers);
        Ok(Self { sizes, local, threads: PerThread::new(), store: Mutex::new(Store::new(settings)) })
    }

    /// An empty buffer with room for `size` bytes, back in the pool when the guard is dropped. It comes from the smallest
    /// tier that is large enough; above the largest tier it is made for the request and freed afterwards.
    ///
    /// # Errors
    /// Bytes of all buffers would exceed `max_total`, even without the idle ones that any thread may get.
    // Always: as a call, its result goes through memory in pieces that the next load waits for, which doubles the time.
    #[inline(always)]
    pub fn get(&self, size: usize) -> Result<PooledBuffer<'_>, BudgetError> {
        let tier = self.sizes.choose(size);
        let own = self.threads.with(|own, tally| {
            let buffer = own.get(tier)?.take()?;
            add_alone(&tally[tier].hits, 1);
            Some(buffer)
        });
        let buffer = match own {
            Some(Some(buffer)) => buffer,
            Some(None) | None => self.get_shared(tier, size)?,
        };
        Ok(PooledBuffer::new(self, buffer))
    }

    /// Capacity of the buffer that a request of `size` bytes gets; `None` above the largest tier.
    #[inline]
    pub fn size_for(&self, size: usize) -> Option<usize> {
        self.sizes.of(self.sizes.choose(size))
    }

    #[cold]
    fn get_shared(&self, tier: usize, request: usize) -> Result<Handle, BudgetError> {
        let size = self.sizes.of(tier).unwrap_or(request);
        let mut evicted = Vec::new();
        let mut store = self.store();
        let mut reserved = store.reserve(tier, size, &mut evicted);
        if matches!(reserved, Reserved::Refused) {
            self.gather(&mut store);
            reserved = store.reserve(tier, size, &mut evicted);
        }
        match reserved {
            Reserved::Idle(buffer) => Ok(buffer),
            Reserved::Fresh { has_place } => {
                drop(store);
                drop(evicted); // first, so that what gave way is gone before there is more
                Ok(fresh(tier, size, has_place))
            }
            Reserved::Refused => {
                store.refused += 1;
                Err(BudgetError { size, existing: store.total_bytes(), max_total: store.max_total() })
            }
        }
    }

    /// Lays the buffers that this thread keeps for itself, and those that ended threads kept, where any thread may get them.
    fn gather(&self, store: &mut Store) {
        let mut clear = |own: &Own| {
            for buffer in own.iter().flat_map(|shelf| std::iter::from_fn(|| shelf.take())) {
                store.lay_down(buffer);
            }
        };
        self.threads.with(|own, _| clear(own));
        self.threads.abandoned(clear);
    }

    #[inline]
    pub(super) fn put(&self, mut buffer: Handle) {
        buffer.bytes.clear();
        let mut given = Some(buffer);
        self.threads.with(|own, tally| {
            given = given.take().and_then(|buffer| {
                let tier = buffer.tier;
                match own.get(tier) {
                    Some(shelf) if buffer.has_place && buffer.bytes.capacity() == buffer.capacity => {
                        let oldest = shelf.keep(buffer, self.local[tier]);
                        if oldest.is_none() {
                            add_alone(&tally[tier].returned, 1);
                        }
                        oldest
                    }
                    Some(_) | None => Some(buffer),
                }
            });
        });
        if let Some(buffer) = given {
            self.put_shared(buffer);
        }
    }

    #[cold]
    fn put_shared(&self, buffer: Handle) {
        let freed = self.store().settle(buffer);
        // The lock is given back before: freeing a large buffer is a call to the system.
        drop(freed);
    }

    pub(super) fn take(&self, buffer: Handle) -> Vec<u8> {
        let mut store = self.store();
        store.taken += 1;
        store.leave(buffer).bytes
    }

    /// Makes idle buffers ahead of need, as far as places and budgets allow; how many. Nothing is written to them, so the
    /// system commits their memory only when they are used.
    pub fn prewarm(&self, goal: Prewarm) -> usize {
        let mut made = 0;
        match goal {
            Prewarm::Count(count) => {
                for tier in 0..self.sizes.count {
                    while self.make_idle(tier, |store| store.kept(tier) < count) {
                        made += 1;
                    }
                }
            }
            Prewarm::Bytes(mut bytes) => loop {
                let (before, mut tier) = (made, 0);
                while let Some(size) = self.sizes.of(tier).filter(|size| *size <= bytes) {
                    if self.make_idle(tier, |_| true) {
                        made += 1;
                        bytes -= size;
                    }
                    tier += 1;
                }
                if made == before {
                    break;
                }
            },
        }
        made
    }

    /// Makes an idle buffer where it is `wanted` and fits.
    fn make_idle(&self, tier: usize, is_wanted: impl FnOnce(&Store) -> bool) -> bool {
        let mut store = self.store();
        if !is_wanted(&store) || !store.reserve_idle(tier) {
            return false;
        }
        drop(store);
        if let Some(size) = self.sizes.of(tier) {
            let buffer = fresh(tier, size, true);
            self.store().prewarmed(buffer);
        }
        true
    }

    /// Gives each tier more or fewer places, from what was asked of it since this was called last, and frees the idle buffers
    /// that have none any more. [`Timer`](super::Timer) calls it again and again.
    ///
    /// What this thread keeps for itself, and what ended threads kept, goes to where any thread may get it, so it counts as
    /// idle from now on. What other live threads keep counts as used.
    pub fn adapt(&self) -> Adapted {
        let mut freed = Vec::new();
        let mut store = self.store();
        // Read under the lock, so that of two calls the later one sees no fewer.
        let local_hits = self.local_counts(|traffic| &traffic.hits);
        let mut adapted = store.adapt(|tier| local_hits[tier], &mut freed);
        self.gather(&mut store);
        store.begin_window();
        drop(store);
        adapted.freed = freed.len();
        adapted.freed_bytes = freed.iter().map(|buffer| buffer.size).sum();
        adapted
    }

    /// What the pool has done so far and what it holds.
    pub fn stats(&self) -> Stats {
        let hits = self.local_counts(|traffic| &traffic.hits);
        let returned = self.local_counts(|traffic| &traffic.returned);
        let store = self.store();
        let mut tiers = [TierStats::default(); MAX_TIERS];
        for (tier, stats) in tiers.iter_mut().enumerate().take(self.sizes.count) {
            *stats = store.stats(tier);
            stats.hits += hits[tier];
            stats.returned += returned[tier];
        }
        Stats {
            tiers,
            tier_count: self.sizes.count,
            custom: store.custom,
            custom_dropped: store.custom_dropped,
            rejected: store.rejected,
            taken: store.taken,
            refused: store.refused,
            kept_bytes: store.kept_bytes(),
            total_bytes: store.total_bytes(),
        }
    }

    /// What the threads counted for themselves, by tier.
    fn local_counts(&self, of: impl Fn(&Traffic) -> &AtomicU64) -> [u64; MAX_TIERS] {
        let mut sums = [0; MAX_TIERS];
        for tally in self.threads.shared() {
            for (sum, traffic) in sums.iter_mut().zip(tally) {
                *sum += of(traffic).load(Ordering::Relaxed);
            }
        }
        sums
    }

    /// No foreign code runs under the lock, so a poisoned store is whole.
    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Untouched memory: the system commits its pages as they are written.
fn fresh(tier: usize, size: usize, has_place: bool) -> Handle {
    let bytes = Vec::with_capacity(size);
    Box::new(Buffer { size, capacity: bytes.capacity(), bytes, tier, has_place })
}

impl fmt::Debug for BufferPool {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("BufferPool").field("stats", &self.stats()).finish_non_exhaustive()
    }
}

#[cfg(all(test, not(loom), target_pointer_width = "64"))]
mod tests {
    use super::*;
    use crate::per_thread::THREADS;

    #[test]
    fn empty_shelves_take_what_the_documentation_says() {
        assert_eq!(PerThread::<Own, Tally>::SLOT_BYTES * THREADS, 16 << 10);
    }
}
