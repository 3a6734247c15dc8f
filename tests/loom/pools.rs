//! The shared shelf: what three threads get and put is never handed out twice, and the counters add up.
//!
//! What a thread keeps for itself lies in its slot, where no other thread comes while it lives; how slots pass from thread to
//! thread, and how what ended threads left is found, is a model of its own (`slots.rs`).

use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;
use perfblocks::pools::buffer::{BufferPool, Prewarm, Settings, Stats, Tier};
use perfblocks::pools::{Counts, Limits, ObjectPool, Reset, VecPool};

/// Explores three threads with up to this many preemptions; more of them take minutes and have found nothing more.
fn explore(model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(model);
}

/// Runs `work` on three threads, the caller among them.
fn on_three_threads<S: Send + Sync + 'static>(state: &Arc<S>, work: fn(&S)) {
    let others: Vec<_> = (0..2)
        .map(|_| {
            let state = Arc::clone(state);
            thread::spawn(move || work(&state))
        })
        .collect();
    work(state);
    for other in others {
        other.join().expect("a model that panics ends there");
    }
}

#[test]
fn a_shelf_with_one_place_keeps_one_vector_and_counts_every_other_as_dropped() {
    explore(|| {
        let pool =
            Arc::new(VecPool::<u8>::new(Limits { capacity: 1, max_capacity: 8, max_retained: 1 }).expect("limits"));
        on_three_threads(&pool, |pool| {
            let mut text = pool.get();
            assert!(text.is_empty());
            text.push(1);
        });
        let Counts { hits, misses, returned, dropped, rejected, taken } = pool.counts();
        assert_eq!((hits + misses, returned + dropped, rejected, taken), (3, 3, 0, 0));
        assert_eq!(returned - hits, 1, "one lies idle");
    });
}

/// Whether a record is lent: it sees a second borrower.
#[derive(Default)]
struct Loan(AtomicUsize);

impl Reset for Loan {
    fn reset(&mut self) {
        assert_eq!(self.0.swap(0, Ordering::Relaxed), 1, "lent once and given back once");
    }
}

#[test]
fn no_record_is_lent_twice() {
    explore(|| {
        let pool = Arc::new(ObjectPool::new(2, Loan::default));
        on_three_threads(&pool, |pool| {
            let record = pool.get();
            assert_eq!(record.0.fetch_add(1, Ordering::Relaxed), 0, "lent to one at a time");
        });
        let Counts { hits, misses, returned, dropped, .. } = pool.counts();
        assert_eq!((hits + misses, returned + dropped), (3, 3));
    });
}

fn buffers(places: usize, max_total: usize) -> BufferPool {
    let tier = Tier { min: 1, start: places, max: places, ..Tier::new(8) };
    BufferPool::new(Settings { tiers: vec![tier], max_kept: 64, max_total }).expect("the numbers agree")
}

/// Gets counted by a tier, and how they ended.
fn ends(stats: &Stats) -> (u64, u64) {
    let tier = stats.tiers()[0];
    (tier.hits + tier.misses, tier.returned + tier.dropped)
}

#[test]
fn bytes_never_exceed_the_total_budget_and_a_refused_get_leaves_no_trace() {
    explore(|| {
        let pool = Arc::new(buffers(4, 16));
        on_three_threads(&pool, |pool| {
            let lent = pool.get(8);
            assert!(pool.stats().total_bytes <= 16);
            drop(lent);
        });
        let stats = pool.stats();
        let (gets, returned) = ends(&stats);
        assert_eq!((gets + stats.refused, gets), (3, returned));
        assert!(stats.refused <= 1, "at most two of three are lent at a time");
        assert_eq!(stats.total_bytes, 8 * stats.tiers()[0].idle);
    });
}

#[test]
fn one_place_keeps_one_buffer() {
    explore(|| {
        let pool = Arc::new(buffers(1, 64));
        on_three_threads(&pool, |pool| {
            let mut lent = pool.get(8).expect("the budget is for eight");
            assert!(lent.is_empty());
            lent.push(1);
        });
        let stats = pool.stats();
        assert_eq!(ends(&stats), (3, 3));
        assert_eq!((stats.tiers()[0].idle, stats.kept_bytes, stats.total_bytes), (1, 8, 8));
    });
}

#[test]
fn adapting_while_buffers_come_and_go_loses_none() {
    explore(|| {
        let tier = Tier { min: 1, start: 3, max: 6, ..Tier::new(8) };
        let settings = Settings { tiers: vec![tier], max_kept: 64, max_total: 64 };
        let pool = Arc::new(BufferPool::new(settings).expect("the numbers agree"));
        pool.prewarm(Prewarm::Count(3));
        on_three_threads(&pool, |pool| {
            let lent = pool.get(8).expect("the budget is for eight");
            pool.adapt();
            drop(lent);
        });
        let stats = pool.stats();
        let tier = stats.tiers()[0];
        assert_eq!(ends(&stats), (3, 3));
        assert_eq!((tier.kept, stats.total_bytes), (tier.idle, 8 * tier.idle), "what is not idle was freed");
        assert!(tier.kept <= tier.places);
    });
}
