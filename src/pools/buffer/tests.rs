use super::*;
use crate::pools::Ring;
use proptest::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread::ScopedJoinHandle;

const KIB: usize = 1 << 10;

fn pool(tiers: &[Tier], max_kept: usize, max_total: usize) -> BufferPool {
    BufferPool::new(Settings { tiers: tiers.to_vec(), max_kept, max_total }).unwrap()
}

/// A tier with exactly so many places.
fn tier(size: usize, places: usize) -> Tier {
    Tier { min: 1, start: places, max: places, ..Tier::new(size) }
}

/// Buffers on loan by the pool's own counts.
fn lent(stats: &Stats) -> u64 {
    let sum = |of: fn(&TierStats) -> u64| stats.tiers().iter().map(of).sum::<u64>();
    let left = sum(|tier| tier.hits + tier.misses) + stats.custom;
    left - sum(|tier| tier.returned + tier.dropped) - stats.custom_dropped - stats.rejected - stats.taken
}

#[test]
fn no_size_up_to_the_largest_tier_is_custom_and_none_costs_more_than_its_tier() {
    let pool = BufferPool::new(Settings::default()).unwrap();
    let sizes = Settings::default().tiers.into_iter().map(|tier| tier.size);
    let around = sizes.flat_map(|size| [size - 1, size, size + 1]).chain((0..=24).map(|power| 1 << power));
    for request in around.filter(|request| *request <= 10 << 20).chain([0, 2 << 20]) {
        let capacity = pool.get(request).unwrap().capacity();
        let smallest = Settings::default().tiers.into_iter().map(|tier| tier.size).find(|size| *size >= request);
        assert_eq!(Some(capacity), smallest, "{request}");
        assert_eq!(pool.size_for(request), smallest);
    }
    let stats = pool.stats();
    assert_eq!(stats.custom, 0);
    assert!(
        stats.tiers().iter().all(|tier| tier.misses == 1),
        "a tier was not reached, or missed when warm: {stats:?}"
    );
}

#[test]
fn the_first_get_of_a_tier_is_a_miss_and_the_second_a_hit() {
    let pool = BufferPool::new(Settings::default()).unwrap();
    assert_eq!(pool.stats().hit_share(), None);
    let mut buffer = pool.get(1).unwrap();
    assert_eq!(pool.stats().hit_share(), Some(0.0));
    buffer.extend_from_slice(b"secret");
    let address = buffer.as_ptr();
    drop(buffer);
    let again = pool.get(1).unwrap();
    assert_eq!((again.len(), again.as_ptr()), (0, address));
    assert_eq!(pool.stats().hit_share(), Some(0.5));
}

#[test]
fn a_mixed_load_hits_nine_times_in_ten() {
    let pool = BufferPool::new(Settings::default()).unwrap();
    for round in 0..200 {
        let sizes = [700, 200_000, 300_000, 2 << 20, 3 << 20, 9 << 20];
        let lent: Vec<_> = sizes.iter().take(1 + round % 6).map(|size| pool.get(*size).unwrap()).collect();
        drop(lent);
    }
    assert!(pool.stats().hit_share() > Some(0.9), "{:?}", pool.stats());
}

#[test]
fn a_custom_buffer_is_made_to_measure_and_freed() {
    let pool = pool(&[tier(8, 2)], 100, 100);
    assert_eq!(pool.get(9).unwrap().capacity(), 9);
    let stats = pool.stats();
    assert_eq!((stats.custom, stats.custom_dropped, stats.total_bytes), (1, 1, 0));
    assert_eq!(pool.size_for(9), None);
}

#[test]
fn beyond_the_total_budget_a_get_is_refused_until_something_comes_back() {
    let pool = pool(&[tier(40, 2)], 80, 100);
    let both = [pool.get(40).unwrap(), pool.get(40).unwrap()];
    let error = pool.get(40).unwrap_err();
    assert_eq!(error, BudgetError { size: 40, existing: 80, max_total: 100 });
    assert!(
        error.to_string().starts_with("no room for a buffer of 40 bytes: 80 of 100 bytes exist\nhint: "),
        "{error}"
    );
    assert!(pool.get(usize::MAX).is_err());
    drop(both);
    assert!(pool.get(40).is_ok());
    assert_eq!((pool.stats().refused, pool.stats().custom), (2, 0));
}

#[test]
fn idle_buffers_give_way_to_a_request_of_another_size_only_if_that_helps() {
    let pool = pool(&[tier(10, 4), Tier { local: 0, ..tier(50, 1) }], 100, 100);
    drop([pool.get(10).unwrap(), pool.get(10).unwrap(), pool.get(50).unwrap()]);
    let custom = pool.get(80).unwrap(); // with 20 bytes on the shelf of this thread
    assert_eq!(pool.stats().tiers().iter().map(|tier| tier.evicted).collect::<Vec<_>>(), [0, 1]);
    assert!(pool.get(50).is_err());
    assert_eq!((pool.stats().total_bytes, pool.stats().tiers()[0].kept), (100, 2));
    drop(custom);
    let all = pool.get(100).unwrap(); // gathers what this thread kept for itself
    assert_eq!((pool.stats().total_bytes, pool.stats().tiers()[0].evicted), (100, 2));
    drop(all);
    assert_eq!(pool.stats().total_bytes, 0);
}

#[test]
fn what_has_no_place_is_freed() {
    let pool = pool(&[tier(10, 50)], 30, 1000);
    let lent: Vec<_> = (0..5).map(|_| pool.get(10).unwrap()).collect();
    assert_eq!((pool.stats().kept_bytes, pool.stats().total_bytes), (30, 50));
    drop(lent);
    let TierStats { misses, returned, dropped, kept, .. } = pool.stats().tiers()[0];
    assert_eq!((misses, returned, dropped, kept), (5, 3, 2, 3));
    assert_eq!((pool.stats().kept_bytes, pool.stats().total_bytes), (30, 30));
}

#[test]
fn a_buffer_without_a_place_gets_one_that_is_free_by_the_time_it_comes_back() {
    let pool = pool(&[tier(10, 1)], 100, 100);
    let (first, second) = (pool.get(10).unwrap(), pool.get(10).unwrap());
    assert_eq!(first.take().capacity(), 10);
    drop(second);
    let TierStats { returned, dropped, kept, .. } = pool.stats().tiers()[0];
    assert_eq!((returned, dropped, kept), (1, 0, 1));
}

#[test]
fn what_was_grown_or_exchanged_is_freed_and_the_books_are_right() {
    let pool = pool(&[tier(10, 4)], 100, 100);
    pool.get(10).unwrap().reserve(11);
    *pool.get(10).unwrap() = Vec::new();
    drop(pool.get(10).unwrap().take());
    let stats = pool.stats();
    assert_eq!((stats.rejected, stats.taken, stats.kept_bytes, stats.total_bytes), (2, 1, 0, 0));
    assert_eq!(lent(&stats), 0);
}

#[test]
fn a_borrower_that_panics_still_returns() {
    let pool = pool(&[tier(10, 4)], 100, 100);
    let end = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _buffer = pool.get(10).unwrap();
        panic!("on purpose");
    }));
    assert!(end.is_err());
    assert_eq!((pool.stats().tiers()[0].returned, lent(&pool.stats())), (1, 0));
}

#[test]
fn prewarming_makes_idle_buffers_by_count_or_bytes_within_the_budgets() {
    #[track_caller]
    fn check(max_kept: usize, goal: Prewarm, made: usize, kept: [usize; 3]) {
        let pool = pool(&[tier(1, 4), tier(10, 4), tier(100, 4)], max_kept, 10_000);
        assert_eq!(pool.prewarm(goal), made);
        let stats = pool.stats();
        assert_eq!(stats.tiers().iter().map(|tier| tier.kept).collect::<Vec<_>>(), kept);
        assert!(stats.tiers().iter().all(|tier| tier.idle == tier.kept && tier.prewarmed == tier.kept as u64));
        assert_eq!(stats.kept_bytes, kept[0] + 10 * kept[1] + 100 * kept[2]);
        drop([pool.get(1).unwrap(), pool.get(10).unwrap()]);
        assert!(pool.stats().tiers().iter().all(|tier| tier.misses == 0));
    }
    check(10_000, Prewarm::Count(2), 6, [2, 2, 2]);
    check(10_000, Prewarm::Count(9), 12, [4, 4, 4]);
    check(250, Prewarm::Count(4), 10, [4, 4, 2]);
    check(10_000, Prewarm::Bytes(134), 8, [4, 3, 1]);
    check(10_000, Prewarm::Bytes(usize::MAX), 12, [4, 4, 4]);
}

/// Pages that the process has in memory, in bytes.
#[cfg(all(target_os = "linux", not(miri)))]
fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

#[cfg(all(target_os = "linux", not(miri)))]
#[test]
fn prewarmed_memory_is_committed_only_when_it_is_used() {
    let pool = BufferPool::new(Settings::default()).unwrap();
    let before = resident();
    assert_eq!(pool.prewarm(Prewarm::Count(50)), 250);
    let grown = resident().saturating_sub(before);
    // Of 887.5 MiB. What is left are the pages that allocators write their headers to, and other tests of this process.
    assert!(grown < 100 << 20, "{grown} bytes");
    assert!(pool.stats().kept_bytes > 880 << 20);
}

#[test]
fn places_grow_with_misses_for_want_of_one() {
    let pool = pool(&[Tier { min: 1, start: 2, max: 4, ..Tier::new(10) }], 1000, 1000);
    let places = || pool.stats().tiers()[0].places;
    for expected in [3, 4, 4] {
        drop((0..5).map(|_| pool.get(10).unwrap()).collect::<Vec<_>>());
        pool.adapt();
        assert_eq!(places(), expected);
    }
    // The same load again, now that four of five have a place.
    assert_eq!(pool.stats().tiers()[0].kept, 4);
}

#[test]
fn a_quiet_tier_gives_its_memory_back_step_by_step() {
    let pool = pool(&[Tier { min: 2, start: 9, max: 9, ..Tier::new(KIB) }], 100 * KIB, 100 * KIB);
    pool.prewarm(Prewarm::Count(9));
    for (places, freed) in [(6, 3), (4, 2), (2, 2), (2, 0)] {
        let adapted = pool.adapt();
        assert_eq!((adapted.freed, adapted.freed_bytes), (freed, freed * KIB));
        let stats = pool.stats();
        assert_eq!((stats.tiers()[0].places, stats.tiers()[0].kept, stats.total_bytes), (places, places, places * KIB));
    }
    assert_eq!(pool.stats().tiers()[0].evicted, 7);
}

#[test]
fn a_tier_that_is_used_keeps_its_places() {
    let pool = pool(&[Tier { min: 1, start: 6, max: 6, ..Tier::new(10) }], 1000, 1000);
    for _ in 0..5 {
        drop([pool.get(10).unwrap(), pool.get(10).unwrap(), pool.get(10).unwrap()]);
        assert_eq!(pool.adapt(), Adapted::default());
    }
    assert_eq!(pool.stats().tiers()[0].kept, 3);
}

#[test]
fn lent_buffers_hold_their_places() {
    let pool = pool(&[Tier { min: 1, start: 20, max: 20, ..Tier::new(10) }], 1000, 1000);
    let lent = [pool.get(10).unwrap(), pool.get(10).unwrap(), pool.get(10).unwrap()];
    for _ in 0..9 {
        pool.adapt();
        let tier = pool.stats().tiers()[0];
        assert!(tier.kept <= tier.places, "{tier:?}");
    }
    assert_eq!(pool.stats().tiers()[0].places, 8); // three of eight are used
    drop(lent);
    assert_eq!((pool.stats().tiers()[0].kept, pool.stats().tiers()[0].dropped), (3, 0));
}

#[test]
fn a_ring_lies_in_a_lent_buffer() {
    let pool = pool(&[tier(16, 1)], 100, 100);
    let mut ring = Ring::over(pool.get(16).unwrap(), 16);
    ring.push(b"0123456789abcdefXYZ");
    assert_eq!(ring.to_vec(), b"3456789abcdefXYZ");
    drop(ring);
    assert_eq!((pool.stats().rejected, pool.stats().tiers()[0].returned), (0, 1));
}

#[test]
fn buffers_that_return_on_another_thread_are_found_again() {
    let pool = pool(&[tier(10, 50)], 1000, 1000);
    let (give, receive) = mpsc::sync_channel::<PooledBuffer<'_>>(8);
    std::thread::scope(|scope| {
        scope.spawn(move || receive.into_iter().for_each(drop));
        for _ in 0..1000 {
            give.send(pool.get(10).unwrap()).unwrap();
        }
        drop(give);
    });
    let tier = pool.stats().tiers()[0];
    assert_eq!((tier.hits + tier.misses, tier.returned), (1000, 1000));
    assert!(tier.misses <= 8 + 2 + MAX_LOCAL as u64, "{tier:?}");
}

/// Eight threads that get, write, give back, keep, grow and adapt, and one that watches the budgets all the while.
#[test]
fn under_stress_no_buffer_is_lent_twice_budgets_hold_and_the_counters_add_up() {
    const THREADS: u8 = 8;
    let (max_kept, max_total) = (6 * 64 + 3 * 256, 12 * 64 + 6 * 256);
    let tiers = [Tier { min: 1, start: 4, max: 8, ..Tier::new(64) }, Tier { local: 1, ..tier(256, 3) }];
    let pool = pool(&tiers, max_kept, max_total);
    let is_over = AtomicBool::new(false);
    let (gets, refused) = std::thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                let stats = pool.stats();
                assert!(stats.kept_bytes <= max_kept && stats.total_bytes <= max_total, "{stats:?}");
                assert!(
                    stats.tiers().iter().all(|tier| tier.idle <= tier.kept && tier.kept <= tier.places),
                    "{stats:?}"
                );
            }
        });
        let workers: Vec<_> = (0..THREADS)
            .map(|thread| {
                let pool = &pool;
                scope.spawn(move || {
                    let (mut gets, mut refused) = (0, 0);
                    for round in 0..2000_usize {
                        let sizes = [64, 1 + (round * 37 + usize::from(thread) * 11) % 300];
                        let mut lent: Vec<_> = sizes.iter().filter_map(|size| pool.get(*size).ok()).collect();
                        gets += lent.len() as u64;
                        refused += (sizes.len() - lent.len()) as u64;
                        for buffer in &mut lent {
                            assert!(buffer.is_empty());
                            buffer.extend([thread; 48]);
                        }
                        if round % 8 == 0 {
                            std::thread::yield_now();
                        }
                        assert!(lent.iter().all(|buffer| **buffer == [thread; 48]), "a buffer was lent twice");
                        match (round % 50, lent.pop()) {
                            (0, Some(mut buffer)) => buffer.reserve(1000),
                            (1, Some(buffer)) => drop(buffer.take()),
                            (2, buffer) => {
                                pool.adapt();
                                drop(buffer);
                            }
                            (_, buffer) => drop(buffer),
                        }
                    }
                    (gets, refused)
                })
            })
            .collect();
        let ends: Vec<_> = workers.into_iter().map(ScopedJoinHandle::join).collect();
        is_over.store(true, Ordering::Relaxed); // before anything panics here: the scope waits for the watcher
        watcher.join().unwrap();
        ends.into_iter()
            .map(Result::unwrap)
            .fold((0, 0), |(gets, refused), (more, again)| (gets + more, refused + again))
    });
    let stats = pool.stats();
    let counted: u64 = stats.tiers().iter().map(|tier| tier.hits + tier.misses).sum::<u64>() + stats.custom;
    assert_eq!((counted, stats.refused, lent(&stats)), (gets, refused, 0));
    assert_eq!(stats.total_bytes, stats.kept_bytes, "nothing is lent, so all that exists has a place");
    assert_eq!(stats.kept_bytes, stats.tiers().iter().map(|tier| tier.kept * tier.size).sum::<usize>());
}

#[derive(Clone, Debug)]
enum Step {
    Get(usize),
    Drop(usize),
    Take(usize),
    Grow(usize),
    Prewarm(usize),
    Adapt,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0_usize..50).prop_map(Step::Get),
        3 => (0_usize..8).prop_map(Step::Drop),
        1 => (0_usize..8).prop_map(Step::Take),
        1 => (0_usize..8).prop_map(Step::Grow),
        1 => (0_usize..4).prop_map(Step::Prewarm),
        1 => Just(Step::Adapt),
    ]
}

proptest! {
    #[test]
    fn whatever_is_done_budgets_hold_and_counts_balance(
        steps in prop::collection::vec(step(), 0..200),
        max_kept in 0_usize..200,
        max_total in 0_usize..300,
        local in 0_usize..=MAX_LOCAL,
    ) {
        let tiers = [8, 16, 40].map(|size| Tier { min: 1, start: 3, max: 6, local, ..Tier::new(size) });
        let pool = pool(&tiers, max_kept, max_total);
        let mut held = Vec::new();
        for step in steps {
            match step {
                Step::Get(size) => {
                    if let Ok(buffer) = pool.get(size) {
                        prop_assert!(buffer.is_empty() && buffer.capacity() >= size);
                        held.push(buffer);
                    } else {
                        // Only what is lent stands in the way: idle buffers would have made room.
                        let lent: usize = held.iter().map(|buffer: &PooledBuffer<'_>| buffer.capacity()).sum();
                        prop_assert!(lent + pool.size_for(size).unwrap_or(size) > max_total);
                    }
                }
                Step::Drop(which) if which < held.len() => drop(held.swap_remove(which)),
                Step::Take(which) if which < held.len() => drop(held.swap_remove(which).take()),
                Step::Grow(which) if which < held.len() => {
                    let mut grown = held.swap_remove(which);
                    grown.reserve(100);
                }
                Step::Drop(_) | Step::Take(_) | Step::Grow(_) => {}
                Step::Prewarm(count) => drop(pool.prewarm(Prewarm::Count(count))),
                Step::Adapt => drop(pool.adapt()),
            }
            let stats = pool.stats();
            prop_assert!(stats.kept_bytes <= max_kept && stats.total_bytes <= max_total);
            prop_assert_eq!(lent(&stats), held.len() as u64);
            for tier in stats.tiers() {
                prop_assert!(tier.idle <= tier.kept && tier.kept <= tier.places && (1..=6).contains(&tier.places));
            }
        }
        drop(held);
        let stats = pool.stats();
        prop_assert_eq!(stats.total_bytes, stats.kept_bytes);
    }
}
