//! Cases of `pools::buffer`. A pool is warm: its check before timing has put the first buffer into it.

use super::super::case::{Case, Measures, Threaded, Throughput};
use super::super::harness::Harness;
use super::pool;
use perfblocks::pools::buffer::{Adapted, BufferPool, Prewarm, Settings, Stats, Tier};
use perfblocks::pools::{Limits, VecPool};
use std::hint::black_box;

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

/// What a borrower writes: a line of output.
const LINE: &[u8; 64] = b"2025-11-21T09:14:03Z job=backup step=7 level=info msg=\"copied\" \n";

fn buffers() -> BufferPool {
    BufferPool::new(Settings::default()).expect("the documented defaults are consistent")
}

fn counters(stats: &Stats) -> Vec<(&'static str, u64)> {
    let sum = |of: fn(&perfblocks::pools::buffer::TierStats) -> u64| stats.tiers().iter().map(of).sum();
    vec![
        ("hits", sum(|tier| tier.hits)),
        ("misses", sum(|tier| tier.misses)),
        ("custom", stats.custom),
        ("returned", sum(|tier| tier.returned)),
        ("dropped", sum(|tier| tier.dropped)),
        ("evicted", sum(|tier| tier.evicted)),
        ("rejected", stats.rejected),
    ]
}

/// Hands over the cases of this block.
pub(super) fn cases(harness: &mut impl Harness) {
    cycle(harness, "pools/buffer/cycle/1k", KIB);
    cycle(harness, "pools/buffer/cycle/256k", 256 * KIB);
    cycle(harness, "pools/buffer/cycle/512k", 512 * KIB);
    cycle(harness, "pools/buffer/cycle/1m", MIB);
    cycle(harness, "pools/buffer/cycle/2m", 2 * MIB);
    cycle(harness, "pools/buffer/cycle/2560k", 2560 * KIB);
    cycle(harness, "pools/buffer/cycle/5m", 5 * MIB);
    cycle(harness, "pools/buffer/cycle/10m", 10 * MIB);
    cycle_on_threads(harness);
    single_tier(harness);
    unpooled(harness, "pools/buffer/unpooled/256k", 256 * KIB);
    unpooled(harness, "pools/buffer/unpooled/10m", 10 * MIB);
    select_size(harness);
    snapshot(harness);
    prewarm(harness);
    adapt(harness);
}

/// Get, write a line, put.
fn cycle(harness: &mut impl Harness, id: &str, size: usize) {
    let run = move |pool: &mut BufferPool| write_line(pool, size);
    harness.case(
        Case::new(id, buffers, run)
            .check(|pool, written| {
                assert_eq!(*written, LINE.len());
                let stats = pool.stats();
                let (misses, returned, hits) =
                    stats.tiers().iter().fold((0, 0, 0), |(misses, returned, hits), tier| {
                        (misses + tier.misses, returned + tier.returned, hits + tier.hits)
                    });
                assert_eq!((misses, returned, stats.custom), (1, hits + 1, 0));
            })
            .counters(|pool| counters(&pool.stats())),
    );
}

#[inline]
fn write_line(pool: &BufferPool, size: usize) -> usize {
    let mut buffer = pool.get(black_box(size)).expect("one buffer is within the budget");
    buffer.extend_from_slice(LINE);
    black_box(&mut *buffer).len()
}

/// The same for the default size on several threads.
fn cycle_on_threads(harness: &mut impl Harness) {
    harness.threaded(
        Threaded::new("pools/buffer/cycle/mt", &[1, 2, 4, 8, 16], buffers, |pool: &BufferPool| {
            write_line(pool, 256 * KIB)
        })
        .check(|pool, iterations| {
            let tier = pool.stats().tiers()[1];
            assert_eq!((tier.hits + tier.misses, tier.returned), (iterations, iterations));
            assert!(tier.misses <= 16, "{tier:?}");
        })
        .counters(|pool| counters(&pool.stats()))
        .measures(Measures::TimeHeap),
    );
}

/// A pool of one size, which is all that the tiered one has to be as fast as.
fn single_tier(harness: &mut impl Harness) {
    let limits = Limits { capacity: 256 * KIB, max_capacity: 256 * KIB, max_retained: 50 };
    let run = |pool: &mut VecPool<u8>| {
        let mut buffer = pool.get();
        buffer.extend_from_slice(LINE);
        black_box(&mut *buffer).len()
    };
    harness.case(
        Case::new("pools/buffer/single_tier/256k", move || pool(limits), run)
            .check(|pool, written| {
                assert_eq!((*written, pool.counts().misses), (LINE.len(), 1));
            })
            .counters(|pool| super::counters(pool.counts())),
    );
}

/// A fresh buffer each time, written to as little as the pooled ones.
fn unpooled(harness: &mut impl Harness, id: &str, size: usize) {
    let run = move |(): &mut ()| {
        let mut buffer = Vec::with_capacity(black_box(size));
        buffer.extend_from_slice(LINE);
        black_box(&mut *buffer).len()
    };
    harness.case(Case::new(id, || (), run).check(|(), written| assert_eq!(*written, LINE.len())));
}

/// Which tier a request gets, for sizes from 1 B to 20 MiB by the doubling.
fn select_size(harness: &mut impl Harness) {
    let sizes: Vec<usize> = (0..25).map(|power| 1 << power).chain([20 * MIB]).collect();
    let elements = sizes.len() as u64;
    let run = |(pool, sizes): &mut (BufferPool, Vec<usize>)| -> usize {
        sizes.iter().filter_map(|size| pool.size_for(black_box(*size))).sum()
    };
    harness.case(
        Case::new("pools/buffer/select_size/sweep", move || (buffers(), sizes.clone()), run)
            .check(|_, sum| {
                // 11 sizes up to 1 KiB, 8 up to 256 KiB, 512 KiB to 2 MiB, 4 MiB, 8 MiB; 16 and 20 MiB are custom.
                assert_eq!(*sum, 11 * KIB + 8 * 256 * KIB + 3 * 2560 * KIB + 5 * MIB + 10 * MIB);
            })
            .throughput(Throughput::Elements(elements))
            .measures(Measures::Time),
    );
}

fn snapshot(harness: &mut impl Harness) {
    let build = || {
        let pool = buffers();
        for size in [KIB, 256 * KIB, 2 * MIB, 5 * MIB, 10 * MIB, 20 * MIB] {
            drop(pool.get(size).expect("one buffer is within the budget"));
        }
        pool
    };
    harness.case(Case::new("pools/buffer/stats/snapshot", build, |pool: &mut BufferPool| pool.stats()).check(
        |_, stats| {
            assert!(stats.tiers().iter().all(|tier| (tier.misses, tier.kept) == (1, 1)), "{stats:?}");
            assert_eq!((stats.custom, stats.kept_bytes), (1, KIB + 256 * KIB + 2560 * KIB + 15 * MIB));
        },
    ));
}

/// A pool from nothing to fifty buffers in each tier, and its end.
fn prewarm(harness: &mut impl Harness) {
    let run = |(): &mut ()| {
        let pool = buffers();
        let made = pool.prewarm(Prewarm::Count(50));
        (pool, made)
    };
    harness.case(Case::new("pools/buffer/prewarm/50", || (), run).check(|(), (pool, made)| {
        assert_eq!((*made, pool.stats().kept_bytes), (250, 50 * (KIB + 256 * KIB + 2560 * KIB + 15 * MIB)));
    }));
}

/// One step of a pool that nobody uses. Its end is part of the time: it is what the step leaves to be freed.
fn adapt(harness: &mut impl Harness) {
    let idle = || {
        let tiers = [KIB, 256 * KIB].map(|size| Tier { start: 6, ..Tier::new(size) }).to_vec();
        let pool = BufferPool::new(Settings { tiers, ..Settings::default() }).expect("the numbers are consistent");
        pool.prewarm(Prewarm::Count(6));
        pool
    };
    let run = |last: &mut Adapted, pool: BufferPool| {
        *last = pool.adapt();
        pool
    };
    harness.case(
        Case::with_input("pools/buffer/adapt/idle", Adapted::default, idle, run)
            .check(|last, pool| {
                let expected = Adapted { grown: 0, shrunk: 2, freed: 4, freed_bytes: 2 * 257 * KIB };
                assert_eq!((*last, pool.stats().total_bytes), (expected, 4 * 257 * KIB));
            })
            .counters(|last| vec![("freed", last.freed as u64), ("freed_bytes", last.freed_bytes as u64)])
            .large_inputs(),
    );
}
