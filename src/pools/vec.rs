//! A pool of vectors of one element type.
//!
//! It does not pool by size class: a pool lends one capacity.

use super::counts::{Counts, Event};
use super::limits::{Limits, LimitsError};
use super::shelf::Shelf;
use std::fmt;
use std::ops::{Deref, DerefMut};

/// A vector on the way: boxed, because moving its three words through memory right after one of them was written stalls
/// the processor (8.4 ns a cycle without the box, 3.4 ns with it).
type Lent<T> = Box<Vec<T>>;

const LENT: &str = "a guard holds its vector until it is consumed";

/// Lends empty vectors that have at least the capacity of its [`Limits`].
///
/// ```
/// use perfblocks::pools::{Limits, VecPool};
///
/// let pool = VecPool::new(Limits::JSON)?;
/// let mut text = pool.get();
/// text.extend_from_slice(b"{}");
/// drop(text); // emptied and kept
/// assert!(pool.get().is_empty());
/// assert_eq!(pool.counts().hits, 1);
/// # Ok::<(), perfblocks::pools::LimitsError>(())
/// ```
pub struct VecPool<T> {
    shelf: Shelf<Lent<T>>,
    limits: Limits,
}

impl<T> VecPool<T> {
    /// An empty pool.
    ///
    /// # Errors
    /// The limits contradict each other.
    pub fn new(limits: Limits) -> Result<Self, LimitsError> {
        let limits = limits.checked()?;
        Ok(Self { shelf: Shelf::new(limits.max_retained), limits })
    }

    /// An empty vector of at least the pool's capacity, back in the pool when the guard is dropped.
    ///
    /// # Panics
    /// If a fresh vector of that capacity exceeds `isize::MAX` bytes.
    #[inline]
    pub fn get(&self) -> PooledVec<'_, T> {
        let items = match self.shelf.get() {
            Some(items) => items,
            None => self.fresh(),
        };
        PooledVec { pool: self, items: Some(items) }
    }

    /// What the pool has done so far.
    pub fn counts(&self) -> Counts {
        self.shelf.counts()
    }

    /// The limits that it was made with.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// The most vectors that can lie idle in it, on all shelves together.
    pub fn max_idle(&self) -> usize {
        self.shelf.limit()
    }

    #[cold]
    fn fresh(&self) -> Lent<T> {
        Box::new(Vec::with_capacity(self.limits.capacity))
    }

    #[inline]
    fn put(&self, mut items: Lent<T>) {
        items.clear();
        if self.limits.admit(items.capacity()) {
            self.shelf.put(items);
        } else {
            self.reject(items);
        }
    }

    #[cold]
    fn reject(&self, items: Lent<T>) {
        drop(items);
        self.shelf.count(Event::Rejected);
    }
}

impl<T> fmt::Debug for VecPool<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("VecPool")
            .field("limits", &self.limits)
            .field("counts", &self.counts())
            .finish_non_exhaustive()
    }
}

/// A vector on loan. Dropping it empties it and gives back the very allocation that it has by then, grown or not.
#[must_use = "dropped at once, the vector goes straight back"]
pub struct PooledVec<'pool, T> {
    pool: &'pool VecPool<T>,
    /// `None` only while the guard is being consumed.
    items: Option<Lent<T>>,
}

impl<T> PooledVec<'_, T> {
    /// Keeps the vector; the pool counts it as taken.
    pub fn take(mut self) -> Vec<T> {
        self.pool.shelf.count(Event::Taken);
        *self.items.take().expect(LENT)
    }
}

impl<T> Drop for PooledVec<'_, T> {
    #[inline]
    fn drop(&mut self) {
        if let Some(items) = self.items.take() {
            self.pool.put(items);
        }
    }
}

impl<T> Deref for PooledVec<'_, T> {
    type Target = Vec<T>;

    #[inline]
    fn deref(&self) -> &Vec<T> {
        self.items.as_ref().expect(LENT)
    }
}

impl<T> DerefMut for PooledVec<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut Vec<T> {
        self.items.as_mut().expect(LENT)
    }
}

impl<T: fmt::Debug> fmt::Debug for PooledVec<'_, T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.deref().fmt(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::Arc;

    fn pool(capacity: usize, max_capacity: usize, max_retained: usize) -> VecPool<u64> {
        VecPool::new(Limits { capacity, max_capacity, max_retained }).unwrap()
    }

    #[track_caller]
    fn check(limits: Limits, capacity: usize, max_capacity: usize) {
        assert_eq!((limits.capacity, limits.max_capacity), (capacity, max_capacity));
        assert!(VecPool::<u8>::new(limits).unwrap().get().capacity() >= capacity);
    }

    #[test]
    fn the_defaults_are_those_of_the_source() {
        check(Limits::TCP, 256, 1024);
        check(Limits::UDP, 64, 1024);
        check(Limits::UNIX, 64, 1024);
        check(Limits::LISTENING, 64, 1024);
        check(Limits::JSON, 16_384, 1_048_576);
        check(Limits::RESULT, 2048, 65_536);
    }

    #[test]
    fn limits_that_reject_every_vector_are_refused() {
        let refused = VecPool::<u8>::new(Limits { capacity: 9, max_capacity: 8, max_retained: 1 }).unwrap_err();
        assert_eq!(refused.to_string(), "a capacity of 9 is above the limit of 8 that is taken back");
    }

    #[test]
    fn growth_goes_back() {
        let pool = pool(4, 1024, 1);
        let mut items = pool.get();
        items.extend(0..500);
        let grown = items.capacity();
        let address = items.as_ptr();
        drop(items);
        let again = pool.get();
        assert_eq!((again.capacity(), again.as_ptr(), again.len()), (grown, address, 0));
    }

    #[test]
    fn a_vector_outside_the_limits_is_freed_and_counted() {
        let pool = pool(4, 8, 4);
        pool.get().reserve(9);
        drop(std::mem::take(&mut *pool.get()));
        assert_eq!(pool.counts(), Counts { misses: 2, rejected: 2, ..Counts::default() });
    }

    #[test]
    fn a_pool_that_retains_nothing_always_misses() {
        let pool = pool(4, 8, 0);
        for _ in 0..3 {
            drop(pool.get());
        }
        assert_eq!(pool.counts(), Counts { misses: 3, dropped: 3, ..Counts::default() });
    }

    #[test]
    fn no_reference_is_kept() {
        let pool = VecPool::new(Limits::UDP).unwrap();
        let stored = Arc::new(());
        pool.get().push(Arc::clone(&stored));
        assert_eq!(Arc::strong_count(&stored), 1);
    }

    #[test]
    fn take_keeps_the_vector() {
        let pool = pool(4, 8, 4);
        let mut items = pool.get();
        items.push(1);
        assert_eq!(items.take(), [1]);
        assert_eq!(pool.counts(), Counts { misses: 1, taken: 1, ..Counts::default() });
    }

    #[test]
    fn a_borrower_that_panics_still_returns() {
        let pool = Arc::new(pool(4, 8, 4));
        let lender = Arc::clone(&pool);
        let borrower = std::thread::spawn(move || {
            let mut items = lender.get();
            items.push(1);
            panic!("on purpose");
        });
        assert!(borrower.join().is_err());
        assert_eq!(pool.counts().returned, 1);
    }

    #[test]
    fn values_that_return_on_another_thread_come_back_over_the_shared_shelf() {
        let pool = pool(4, 8, 64);
        let (give, receive) = std::sync::mpsc::sync_channel::<PooledVec<'_, u64>>(8);
        std::thread::scope(|scope| {
            scope.spawn(move || receive.into_iter().for_each(drop));
            for _ in 0..1000 {
                give.send(pool.get()).unwrap();
            }
            drop(give);
        });
        let counts = pool.counts();
        assert_eq!(counts.hits + counts.misses, 1000);
        assert_eq!(counts.returned, 1000);
        // What can be outstanding or lie on the other thread's shelf at a time: the channel, both ends and the shelf.
        assert!(counts.misses <= 8 + 2 + super::super::LOCAL_SHELF as u64, "{counts:?}");
    }

    #[test]
    fn ten_threads_of_a_hundred_borrows_see_only_empty_vectors_of_their_own() {
        let pool = pool(8, 64, 16);
        std::thread::scope(|scope| {
            for thread in 0..10 {
                let pool = &pool;
                scope.spawn(move || {
                    for round in 0..100 {
                        let mut first = pool.get();
                        let mut second = pool.get();
                        assert!(first.is_empty() && second.is_empty() && first.capacity() >= 8);
                        first.extend([thread; 10]);
                        second.extend([round; 40]);
                        assert!(
                            first.iter().all(|value| *value == thread) && second.iter().all(|value| *value == round)
                        );
                        second.reserve(if round % 10 == 0 { 100 } else { 0 });
                    }
                });
            }
        });
        let counts = pool.counts();
        assert_eq!(counts.hits + counts.misses, 2000);
        assert_eq!(counts.returned + counts.dropped + counts.rejected, 2000);
        assert_eq!(counts.rejected, 100);
    }

    #[derive(Clone, Debug)]
    enum Step {
        Get,
        Grow(usize, usize),
        Drop(usize),
        Take(usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            Just(Step::Get),
            (0_usize..8, 0_usize..40).prop_map(|(which, more)| Step::Grow(which, more)),
            (0_usize..8).prop_map(Step::Drop),
            (0_usize..8).prop_map(Step::Take),
        ]
    }

    proptest! {
        #[test]
        fn counts_balance_and_loans_are_empty_and_roomy(steps in prop::collection::vec(step(), 0..200), retained in 0_usize..6) {
            let pool = pool(4, 32, retained);
            let mut lent = Vec::new();
            for step in steps {
                match step {
                    Step::Get => {
                        let items = pool.get();
                        prop_assert!(items.is_empty() && (4..=32).contains(&items.capacity()));
                        lent.push(items);
                    }
                    Step::Grow(which, more) => {
                        if let Some(items) = lent.get_mut(which) {
                            items.extend(0..more as u64);
                        }
                    }
                    Step::Drop(which) if which < lent.len() => drop(lent.swap_remove(which)),
                    Step::Take(which) if which < lent.len() => drop(lent.swap_remove(which).take()),
                    Step::Drop(_) | Step::Take(_) => {}
                }
                let counts = pool.counts();
                let gone = counts.returned + counts.dropped + counts.rejected + counts.taken;
                prop_assert_eq!(counts.hits + counts.misses, gone + lent.len() as u64);
                prop_assert!(counts.returned - counts.hits <= pool.max_idle() as u64);
            }
        }
    }
}
