//! The shared shelf: what three threads get and put is never handed out twice, and the counters add up.

use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;
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
