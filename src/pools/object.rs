//! A pool of records that own memory: a buffer, lists, a map.
//!
//! It does not know how a record is emptied: the record does, by [`Reset`].

use super::counts::{Counts, Event};
use super::shelf::Shelf;
use std::fmt;
use std::ops::{Deref, DerefMut};

/// A record that can be emptied for the next borrower.
pub trait Reset {
    /// Puts every field back to that of a fresh record, keeping the memory that it owns. A field that is forgotten shows
    /// up in the next borrower's record.
    fn reset(&mut self);

    /// Whether the memory that the record owns is worth keeping; records that have grown too large are freed. All are
    /// kept unless this is overridden.
    fn is_worth_keeping(&self) -> bool {
        true
    }
}

/// Lends records, each in its own box, so that lending moves a pointer whatever the size of the record.
///
/// ```
/// use perfblocks::pools::{ObjectPool, Reset};
///
/// struct Line(String);
///
/// impl Reset for Line {
///     fn reset(&mut self) {
///         self.0.clear();
///     }
/// }
///
/// let pool = ObjectPool::new(8, || Line(String::with_capacity(80)));
/// pool.get().0.push_str("status");
/// assert_eq!(pool.get().0, "");
/// assert_eq!(pool.counts().misses, 1);
/// ```
pub struct ObjectPool<T> {
    shelf: Shelf<Box<T>>,
    make: fn() -> T,
}

impl<T: Reset> ObjectPool<T> {
    /// An empty pool that keeps up to `max_retained` records on its shared shelf and up to
    /// [`LOCAL_SHELF`](super::LOCAL_SHELF) more for each thread; 0 keeps none anywhere. `make` makes a fresh record.
    pub fn new(max_retained: usize, make: fn() -> T) -> Self {
        Self { shelf: Shelf::new(max_retained), make }
    }

    /// A fresh or emptied record, back in the pool when the guard is dropped.
    #[inline]
    pub fn get(&self) -> PooledObject<'_, T> {
        let record = match self.shelf.get() {
            Some(record) => record,
            None => self.fresh(),
        };
        PooledObject { pool: self, record: Some(record) }
    }

    /// What the pool has done so far.
    pub fn counts(&self) -> Counts {
        self.shelf.counts()
    }

    /// The most records that can lie idle in it, on all shelves together.
    pub fn max_idle(&self) -> usize {
        self.shelf.limit()
    }

    #[cold]
    fn fresh(&self) -> Box<T> {
        Box::new((self.make)())
    }

    #[inline]
    fn put(&self, mut record: Box<T>) {
        if record.is_worth_keeping() {
            record.reset();
            self.shelf.put(record);
        } else {
            self.reject(record);
        }
    }

    #[cold]
    fn reject(&self, record: Box<T>) {
        drop(record);
        self.shelf.count(Event::Rejected);
    }
}

impl<T: Reset> fmt::Debug for ObjectPool<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ObjectPool").field("counts", &self.counts()).finish_non_exhaustive()
    }
}

/// A record on loan. Dropping it empties it and gives it back.
#[must_use = "dropped at once, the record goes straight back"]
pub struct PooledObject<'pool, T: Reset> {
    pool: &'pool ObjectPool<T>,
    /// `None` only while the guard is being consumed.
    record: Option<Box<T>>,
}

const LENT: &str = "a guard holds its record until it is consumed";

impl<T: Reset> PooledObject<'_, T> {
    /// Keeps the record; the pool counts it as taken.
    pub fn take(mut self) -> Box<T> {
        self.pool.shelf.count(Event::Taken);
        self.record.take().expect(LENT)
    }
}

impl<T: Reset> Drop for PooledObject<'_, T> {
    #[inline]
    fn drop(&mut self) {
        if let Some(record) = self.record.take() {
            self.pool.put(record);
        }
    }
}

impl<T: Reset> Deref for PooledObject<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.record.as_ref().expect(LENT)
    }
}

impl<T: Reset> DerefMut for PooledObject<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.record.as_mut().expect(LENT)
    }
}

impl<T: Reset + fmt::Debug> fmt::Debug for PooledObject<'_, T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.deref().fmt(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: usize = 64;

    #[derive(Debug, Default, PartialEq)]
    struct Record {
        name: String,
        shots: Vec<u32>,
        is_done: bool,
    }

    impl Reset for Record {
        fn reset(&mut self) {
            self.name.clear();
            self.shots.clear();
            self.is_done = false;
        }

        fn is_worth_keeping(&self) -> bool {
            self.shots.capacity() <= LIMIT
        }
    }

    #[test]
    fn a_record_comes_back_empty_with_its_memory() {
        let pool = ObjectPool::new(4, Record::default);
        let mut record = pool.get();
        *record = Record { name: "a".into(), shots: vec![1; 10], is_done: true };
        drop(record);
        let record = pool.get();
        assert_eq!(*record, Record::default());
        assert!(record.shots.capacity() >= 10);
    }

    #[test]
    fn an_oversize_record_is_freed_and_counted() {
        let pool = ObjectPool::new(4, Record::default);
        pool.get().shots.reserve(LIMIT + 1);
        assert_eq!(pool.counts(), Counts { misses: 1, rejected: 1, ..Counts::default() });
        assert_eq!(pool.get().shots.capacity(), 0);
    }

    #[test]
    fn take_keeps_the_record_as_it_is() {
        let pool = ObjectPool::new(4, Record::default);
        let mut record = pool.get();
        record.is_done = true;
        assert!(record.take().is_done);
        assert_eq!(pool.counts(), Counts { misses: 1, taken: 1, ..Counts::default() });
    }

    #[test]
    fn threads_never_share_a_record() {
        let pool = ObjectPool::new(8, Record::default);
        std::thread::scope(|scope| {
            for thread in 0..8_u32 {
                let pool = &pool;
                scope.spawn(move || {
                    for _ in 0..500 {
                        let mut record = pool.get();
                        assert_eq!(*record, Record::default());
                        record.shots.extend([thread; 20]);
                        std::thread::yield_now();
                        assert!(record.shots.iter().all(|shot| *shot == thread));
                    }
                });
            }
        });
        let counts = pool.counts();
        assert_eq!((counts.hits + counts.misses, counts.returned + counts.dropped), (4000, 4000));
    }
}
