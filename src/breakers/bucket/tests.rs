//! Bursts, the rate in the long run, waiting, and counts under contention.

use super::super::clock::ManualClock;
use super::*;
use std::cell::Cell;

const SECOND: Duration = Duration::from_secs(1);

fn bucket(clock: &ManualClock, tokens: u32, capacity: u32) -> TokenBucket<&ManualClock> {
    TokenBucket::with_clock(Quota::per_second(tokens, capacity), clock).unwrap()
}

/// How many of `calls` are allowed.
fn burst(bucket: &TokenBucket<&ManualClock>, calls: usize) -> usize {
    (0..calls).filter(|_| bucket.allow()).count()
}

#[test]
fn a_full_bucket_allows_its_capacity_at_once_and_then_its_rate() {
    let clock = ManualClock::default();
    let bucket = bucket(&clock, 10, 25);
    assert_eq!(burst(&bucket, 100), 25);
    for _ in 0..5 {
        clock.advance(SECOND);
        assert_eq!((bucket.available(), burst(&bucket, 100)), (10, 10));
    }
    clock.advance(100 * SECOND);
    assert_eq!((bucket.available(), burst(&bucket, 100)), (25, 25));
    clock.advance(SECOND / 10 - Duration::from_nanos(1));
    assert_eq!(burst(&bucket, 1), 0);
    clock.advance(Duration::from_nanos(1));
    assert_eq!(burst(&bucket, 2), 1);
}

#[test]
fn several_tokens_are_taken_together_or_not_at_all() {
    let clock = ManualClock::default();
    let bucket = bucket(&clock, 1, 5);
    assert_eq!([bucket.allow_n(3), bucket.allow_n(3), bucket.allow_n(2)], [Ok(true), Ok(false), Ok(true)]);
    assert_eq!((bucket.allow_n(0), bucket.available()), (Ok(true), 0));
    let error = bucket.allow_n(6).unwrap_err();
    assert_eq!(error, TokensError::TooMany { asked: 6, capacity: 5 });
    assert_eq!(error.to_string(), "6 tokens of a bucket that holds 5");
    assert_eq!(bucket.wait_n(6, |_| panic!("it cannot come")), Err(error));
}

#[test]
fn without_a_rate_there_is_the_capacity_once() {
    let clock = ManualClock::default();
    let bucket = bucket(&clock, 0, 3);
    assert_eq!(bucket.wait_n(2, |_| panic!("they are there")), Ok(()));
    clock.advance(1_000_000 * SECOND);
    assert_eq!(bucket.wait_n(2, |_| panic!("for ever")), Err(TokensError::Exhausted));
    assert_eq!((bucket.available(), burst(&bucket, 9)), (1, 1));
}

#[test]
fn who_waits_gets_the_tokens_that_come_next_and_others_come_after() {
    let clock = ManualClock::default();
    let bucket = bucket(&clock, 2, 4);
    let slept = Cell::new(Duration::ZERO);
    assert_eq!(bucket.wait_n(4, |_| panic!("they are there")), Ok(()));
    assert_eq!(bucket.wait_n(3, |time| slept.set(time)), Ok(()));
    assert_eq!(slept.get(), 3 * SECOND / 2);
    // The clock has not moved: this one is second in line.
    assert_eq!(bucket.wait_n(1, |time| slept.set(time)), Ok(()));
    assert_eq!(slept.get(), 2 * SECOND);
    clock.advance(2 * SECOND);
    assert_eq!(burst(&bucket, 9), 0);
    clock.advance(SECOND);
    assert_eq!(burst(&bucket, 9), 2);
}

#[test]
fn threads_together_get_exactly_the_capacity() {
    let clock = ManualClock::default();
    let bucket = bucket(&clock, 10, 5000);
    for expected in [5000, 10] {
        let allowed: usize = std::thread::scope(|scope| {
            let callers: Vec<_> = (0..8).map(|_| scope.spawn(|| burst(&bucket, 1000))).collect();
            callers.into_iter().map(|caller| caller.join().unwrap()).sum()
        });
        assert_eq!(allowed, expected);
        clock.advance(SECOND);
    }
}
