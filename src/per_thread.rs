//! A value for each live thread, reached without an atomic read-modify-write.
//!
//! The one place of the library with `unsafe`: `thread_local!` cannot be generic or belong to an instance. The safe
//! way, the crate `thread_local`, was tried in this place: 5.2 ns for a get and a put of a pool where this takes 3.1 ns.
//!
//! It does not run destructors when a thread ends: its slots pass to the next thread that gets its index, or to whoever asks
//! for the abandoned ones.
#![allow(dead_code, reason = "each area takes one of the ways to a slot")]
#![allow(unsafe_code, reason = "exclusive slots by thread index; each block says why it is sound")]

mod indexes;

use indexes::Indexes;
use std::cell::{Cell, UnsafeCell};

/// Live threads that get a slot. A thread beyond it gets none, and stays without: that is settled when it first needs one.
pub const THREADS: usize = 64;

/// No index yet.
const UNKNOWN: usize = usize::MAX;
/// No index and none to be had: the thread is ending, or [`THREADS`] others are alive.
const NONE: usize = usize::MAX - 1;

thread_local! {
    /// Index of this thread. Without a destructor, so that reading it is one load.
    static INDEX: Cell<usize> = const { Cell::new(UNKNOWN) };
    /// Gives the index back when the thread ends.
    static LEASE: Lease = const { Lease };
}

/// Of all threads of the process.
static INDEXES: Indexes = Indexes::new();

struct Lease;

impl Drop for Lease {
    fn drop(&mut self) {
        // First this thread loses the index, then another may have it.
        let index = INDEX.replace(NONE);
        if index < THREADS {
            INDEXES.give_back(index);
        }
    }
}

/// Live threads that get an index.
#[cfg(feature = "breakers")]
pub(crate) const INDEXED: usize = THREADS;

/// The index of this thread, which no other live thread has; `None` where it has none.
#[cfg(feature = "breakers")]
#[inline]
pub(crate) fn index() -> Option<usize> {
    let index = INDEX.get();
    if index < THREADS { Some(index) } else { first_index() }
}

#[cfg(feature = "breakers")]
#[cold]
#[inline(never)]
fn first_index() -> Option<usize> {
    let index = if INDEX.get() == UNKNOWN { register() } else { NONE };
    (index < THREADS).then_some(index)
}

/// Gives this thread an index if it can have one. Runs once a thread.
fn register() -> usize {
    let index = match LEASE.try_with(|_| ()) {
        Ok(()) => INDEXES.take(THREADS).unwrap_or(NONE),
        Err(_) => NONE,
    };
    INDEX.set(index);
    index
}

/// Own cache lines (two: adjacent lines are fetched in pairs), so that threads do not slow each other down.
#[repr(align(128))]
struct Slot<Own, Shared> {
    own: UnsafeCell<Own>,
    shared: Shared,
}

/// A slot for each of [`THREADS`] threads: `Own` is for the thread alone, `Shared` may be read by all.
pub(crate) struct PerThread<Own, Shared> {
    slots: Box<[Slot<Own, Shared>; THREADS]>,
}

// SAFETY: `own` is reached only in `with`, by the thread that holds the slot's index at that moment, and an index passes
// from thread to thread through the lock of `INDEXES`, which orders their accesses. So an `Own` is used by one thread at a
// time and merely moves between them: `Send`. `shared` is reached by all: `Sync`, and dropped by any: `Send`.
unsafe impl<Own: Send, Shared: Send + Sync> Sync for PerThread<Own, Shared> {}

impl<Own: Default, Shared: Default> PerThread<Own, Shared> {
    pub(crate) fn new() -> Self {
        let slots: Vec<_> =
            (0..THREADS).map(|_| Slot { own: UnsafeCell::new(Own::default()), shared: Shared::default() }).collect();
        let Ok(slots) = slots.into_boxed_slice().try_into() else { unreachable!("a slot for each of `THREADS`") };
        Self { slots }
    }
}

impl<Own, Shared> PerThread<Own, Shared> {
    /// What a thread's slot takes.
    #[cfg(test)]
    pub(crate) const SLOT_BYTES: usize = size_of::<Slot<Own, Shared>>();

    /// Hands the slot of this thread to `work`; `None` where it has none. `work` gets no `&mut`: it may come back here.
    #[inline]
    pub(crate) fn with<T>(&self, work: impl FnOnce(&Own, &Shared) -> T) -> Option<T> {
        // One branch in the usual case: an index that is unknown or none lies outside the slots.
        let slot = match self.slots.get(INDEX.get()) {
            Some(slot) => slot,
            None => self.first_time()?,
        };
        // SAFETY: this thread holds the slot's index until it ends, and no other thread holds it meanwhile (see `Lease`), so
        // all references to this `own` are on this thread. They are shared ones, and `work` cannot keep its reference: it
        // has to accept any lifetime, so the reference is gone before the thread can give the index away.
        let own = unsafe { &*slot.own.get() };
        Some(work(own, &slot.shared))
    }

    /// What this thread leaves to be read; `None` where it has no slot. For the hottest paths: there is no closure that the
    /// compiler could decide to call, its captures in memory.
    #[inline(always)]
    pub(crate) fn mine(&self) -> Option<&Shared> {
        match self.slots.get(INDEX.get()) {
            Some(slot) => Some(&slot.shared),
            None => self.first_time().map(|slot| &slot.shared),
        }
    }

    #[cold]
    #[inline(never)]
    fn first_time(&self) -> Option<&Slot<Own, Shared>> {
        let index = if INDEX.get() == UNKNOWN { register() } else { NONE };
        self.slots.get(index)
    }

    /// What all threads have left to be read, those that have ended included.
    pub(crate) fn shared(&self) -> impl Iterator<Item = &Shared> {
        self.slots[..INDEXES.used()].iter().map(|slot| &slot.shared)
    }

    /// Hands `work` the slots that no live thread holds, while none can get one. `work` must not come back here, and must
    /// be short: threads that start wait for it.
    #[cfg(feature = "pools")]
    pub(crate) fn abandoned(&self, mut work: impl FnMut(&Own)) {
        INDEXES.with_free(|index| {
            // SAFETY: the index is free, and a thread gets one only under the lock that is held here, so no thread reaches
            // this `own` meanwhile; the lock also orders what its last holder did before. The references are shared ones,
            // and `work` cannot keep its own: it has to accept any lifetime.
            work(unsafe { &*self.slots[index].own.get() });
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Barrier, Mutex, MutexGuard, PoisonError};

    /// Slots are the process's, and these tests share it with others. Those hold a few at a time and mind neither to have none
    /// nor what becomes of one, so only these take turns. What needs all slots to itself stands in `tests/slots.rs`, and crowds
    /// of threads that take them all stand in `tests/it`.
    fn in_turn() -> MutexGuard<'static, ()> {
        static TURN: Mutex<()> = Mutex::new(());
        TURN.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[test]
    fn a_thread_sees_its_own_slot_only() {
        let _turn = in_turn();
        let slots = PerThread::<RefCell<Vec<usize>>, AtomicUsize>::new();
        let together = Barrier::new(8);
        let work = |thread: usize| {
            let has_slot = slots.with(|own, _| own.borrow_mut().clear()).is_some();
            together.wait();
            for _ in 0..1000 {
                slots.with(|own, shared| {
                    own.borrow_mut().push(thread);
                    shared.fetch_add(1, Ordering::Relaxed);
                });
            }
            slots.with(|own, _| assert_eq!(*own.borrow(), [thread; 1000]));
            together.wait();
            usize::from(has_slot)
        };
        let work = &work;
        let with_slot: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|thread| scope.spawn(move || work(thread))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert!(with_slot > 0, "nobody got a slot");
        assert_eq!(slots.shared().map(|count| count.load(Ordering::Relaxed)).sum::<usize>(), 1000 * with_slot);
    }

    /// Whether what an ended thread left was found; `None` where a thread got no slot.
    #[cfg(feature = "pools")]
    fn finds_what_is_left() -> Option<bool> {
        let slots = PerThread::<Cell<u8>, ()>::new();
        slots.with(|own, ()| own.set(1))?;
        let left = || {
            let mut sum = 0;
            slots.abandoned(|own| sum += u32::from(own.take()));
            sum
        };
        assert_eq!(left(), 0);
        // Joined by its handle, whose return means that its thread locals are gone, unlike the end of a scope.
        std::thread::scope(|scope| scope.spawn(|| slots.with(|own, ()| own.set(2))).join().unwrap())?;
        let found = left();
        if found == 2 {
            assert_eq!(left(), 0);
        }
        assert_eq!(slots.with(|own, ()| own.get()), Some(1));
        Some(found == 2)
    }

    /// Tests beside this one take indexes too, also the one that has just become free, so it may take several tries.
    #[cfg(feature = "pools")]
    #[test]
    fn what_an_ended_thread_left_is_found_and_what_live_ones_hold_is_not() {
        let _turn = in_turn();
        assert!((0..1000).any(|_| std::thread::spawn(finds_what_is_left).join().unwrap() == Some(true)));
    }

    #[test]
    fn threads_beyond_the_slots_get_none_and_ended_threads_make_room() {
        let _turn = in_turn();
        let slots = PerThread::<Cell<u8>, ()>::new();
        let crowds = if cfg!(miri) { 1 } else { 20 };
        let together = Barrier::new(2 * THREADS);
        let crowd = || {
            std::thread::scope(|scope| {
                let threads: Vec<_> = (0..2 * THREADS)
                    .map(|_| {
                        scope.spawn(|| {
                            together.wait();
                            let has_slot = slots.with(|_, ()| ()).is_some();
                            together.wait();
                            has_slot
                        })
                    })
                    .collect();
                threads.into_iter().map(|thread| usize::from(thread.join().unwrap())).sum::<usize>()
            })
        };
        // Other tests of this process hold slots too, so the exact number is theirs to know.
        let first = crowd();
        assert!((1..=THREADS).contains(&first), "{first} slots");
        let mut later = 0;
        for _ in 0..crowds {
            later = crowd();
            assert!(later <= THREADS, "{later} slots");
        }
        assert!(later > 0, "ended threads kept their slots");
    }
}
