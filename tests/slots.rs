//! What needs the slots of threads to itself: how many threads have one, and who takes over the slot of one that has ended.
//!
//! A process of its own, since slots are the process's: crowds in `tests/it` take them all, and any thread that starts may take
//! over the one that has just become free.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use perfblocks::pools::buffer::{BufferPool, Settings, Tier};
use perfblocks::pools::{Counts, LOCAL_SHELF, Limits, THREADS, VecPool};
use std::sync::{Barrier, Mutex, PoisonError};
use std::thread;

/// Runs `test` while no other thread has a slot: tests take turns, and each on a thread that has ended, its slot given back,
/// before the next begins. So must all that it starts: joined by their handles, as the end of a scope does not wait for that.
fn alone(test: impl FnOnce() + Send + 'static) {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    thread::spawn(test).join().unwrap();
}

#[test]
fn a_full_pool_frees_what_comes_back() {
    alone(|| {
        let pool: VecPool<u64> = VecPool::new(Limits { capacity: 4, max_capacity: 8, max_retained: 2 }).unwrap();
        let lent: Vec<_> = (0..7).map(|_| pool.get()).collect();
        drop(lent);
        // Two on the shelf of this thread, as many as the shared one holds, and two on the shared one.
        assert_eq!(pool.counts(), Counts { misses: 7, returned: 4, dropped: 3, ..Counts::default() });
    });
}

#[test]
fn threads_beyond_the_slots_share_a_shelf() {
    const CROWD: usize = THREADS + 8;
    alone(|| {
        let limits = Limits { capacity: 4, max_capacity: 8, max_retained: LOCAL_SHELF };
        let pool: VecPool<u64> = VecPool::new(limits).unwrap();
        let together = Barrier::new(CROWD);
        let borrow = || {
            let lent: Vec<_> = (0..LOCAL_SHELF).map(|_| pool.get()).collect();
            together.wait(); // all are alive, so no slot serves two
            drop(lent);
            together.wait();
        };
        thread::scope(|scope| {
            let crowd: Vec<_> = (0..CROWD).map(|_| scope.spawn(borrow)).collect();
            crowd.into_iter().for_each(|caller| caller.join().unwrap());
        });
        // This thread has asked for no slot, so the crowd has all: their shelves are full, and so is the shared one.
        let (lent, kept) = ((CROWD * LOCAL_SHELF) as u64, pool.max_idle() as u64);
        assert_eq!(kept, ((THREADS + 1) * LOCAL_SHELF) as u64);
        assert_eq!(pool.counts(), Counts { misses: lent, returned: kept, dropped: lent - kept, ..Counts::default() });
    });
}

#[test]
fn what_ended_threads_kept_is_found_again_and_freed() {
    alone(|| {
        let tier = Tier { min: 1, start: 9, max: 9, ..Tier::new(10) };
        let pool = BufferPool::new(Settings { tiers: vec![tier], max_kept: 1000, max_total: 1000 }).unwrap();
        let together = Barrier::new(2);
        let borrow = || {
            let lent = [pool.get(10).unwrap(), pool.get(10).unwrap()];
            together.wait();
            drop(lent);
        };
        thread::scope(|scope| {
            let both = [(); 2].map(|()| scope.spawn(borrow));
            both.into_iter().for_each(|borrower| borrower.join().unwrap());
        });
        let held = || (pool.stats().tiers()[0].kept, pool.stats().tiers()[0].idle);
        assert_eq!(held(), (4, 0));
        pool.adapt();
        assert_eq!(held(), (4, 4));
        for expected in [4, 4, 2, 1] {
            // of 6, 4, 2 and 1 places
            pool.adapt();
            assert_eq!(held(), (expected, expected));
        }
    });
}
