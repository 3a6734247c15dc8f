//! The ledger of a thread, read and reset while it is written; and the gauge.

use loom::sync::Arc;
use loom::sync::atomic::{AtomicU32, Ordering};
use loom::thread;
use perfblocks::metrics::{Gauge, Ledger, Level, Notice, Reading, Status};

/// Explores three threads with up to this many preemptions.
fn explore(model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(model);
}

/// The latency of each bucket: a sum tells which were added.
const LATENCIES: [u64; 2] = [1, 10];

#[derive(Default)]
struct Books {
    notice: Notice,
    ledger: Ledger<2>,
}

impl Books {
    fn record(&self, bucket: usize, status: Status) {
        assert!(self.ledger.record(&self.notice, bucket, LATENCIES[bucket], Some(status)));
    }

    /// Reads, and holds the reading against itself.
    fn read(&self) -> Reading<2> {
        let mut reading = Reading::default();
        self.ledger.read(&self.notice, &mut reading);
        let [fast, slow] = reading.buckets;
        assert_eq!(reading.sum, fast * LATENCIES[0] + slow * LATENCIES[1], "half an event");
        assert_eq!((reading.count, reading.ok + reading.failed), (fast + slow, fast + slow), "half an event");
        reading
    }

    /// Reads and resets; extremes are of events since the reset before, or of none.
    fn take(&self, before: &Reading<2>) -> Reading<2> {
        let reading = self.read();
        let since = [0, 1].map(|bucket| reading.buckets[bucket] - before.buckets[bucket]);
        if reading.generation == self.notice.generation() && reading.count > 0 {
            for extreme in [reading.min, reading.max] {
                let bucket = LATENCIES.iter().position(|latency| *latency == extreme).expect("a latency");
                assert!(since[bucket] > 0, "an extreme of an event that was taken before");
            }
        }
        self.notice.advance();
        reading
    }
}

#[test]
fn a_ledger_is_read_whole_and_nothing_is_lost_over_resets() {
    explore(|| {
        let all = Arc::new([Books::default(), Books::default()]);
        let writers: Vec<_> = (0..2)
            .map(|index| {
                let all = Arc::clone(&all);
                thread::spawn(move || {
                    all[index].record(1, Status::Failed);
                    if index == 0 {
                        all[index].record(0, Status::Ok);
                    }
                })
            })
            .collect();
        let taken = [0, 1].map(|index| all[index].take(&Reading::default()));
        for writer in writers {
            writer.join().expect("a model that panics ends there");
        }
        let last = [0, 1].map(|index| all[index].take(&taken[index]));
        assert_eq!(last.clone().map(|reading| reading.buckets), [[1, 1], [0, 1]]);
        assert_eq!(last.map(|reading| (reading.ok, reading.failed)), [(1, 1), (0, 1)]);
    });
}

#[test]
fn the_gauge_ends_at_zero_and_its_most_is_what_anybody_saw() {
    explore(|| {
        let gauge = Arc::new(Gauge::default());
        let seen = Arc::new(AtomicU32::new(0));
        let others: Vec<_> = (0..2)
            .map(|_| {
                let (gauge, seen) = (Arc::clone(&gauge), Arc::clone(&seen));
                thread::spawn(move || {
                    let entered = gauge.enter();
                    let Level { now, max } = gauge.level();
                    assert!((1..=2).contains(&now) && now <= max);
                    seen.fetch_max(now, Ordering::Relaxed);
                    drop(entered);
                })
            })
            .collect();
        let before = gauge.reset();
        for other in others {
            other.join().expect("a model that panics ends there");
        }
        let after = gauge.level();
        assert_eq!(after.now, 0);
        assert!(before.max.max(after.max) >= seen.load(Ordering::Relaxed), "a start is lost");
        assert!(after.max >= before.now && before.now <= before.max);
    });
}
