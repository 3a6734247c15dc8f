//! The order of the guards, what each says, and that all let go.

use super::super::{BulkheadCounts, ManualClock, State};
use super::*;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `test` on a stack with the defaults whose sleep lets the clock go on, and which has no jitter.
fn with_stack(test: impl FnOnce(&Stack<&ManualClock, fn() -> u64, &dyn Fn(Duration)>, &ManualClock)) {
    let clock = ManualClock::default();
    let mut settings = StackSettings::RESILIENT_JOB;
    settings.backoff.jitter = 0.0;
    let sleep: &dyn Fn(Duration) = &|time| clock.advance(time);
    let random: fn() -> u64 = || 0;
    test(&Stack::new(settings, &clock, random, sleep).unwrap(), &clock);
}

#[test]
fn the_defaults_are_those_of_the_source() {
    let StackSettings { quota, slots, breaker, backoff, patience } = StackSettings::RESILIENT_JOB;
    assert_eq!((quota.tokens, quota.every, quota.capacity, slots.get()), (1, Duration::from_secs(1), 10, 3));
    assert_eq!((breaker.failure_threshold, breaker.recovery), (5, Duration::from_secs(30)));
    assert_eq!((backoff.attempts, backoff.initial, backoff.factor), (3, Duration::from_secs(2), 2));
    assert_eq!((backoff.max, backoff.jitter, patience), (Duration::from_secs(60), 0.1, Duration::from_secs(300)));
}

#[test]
fn a_call_that_fails_is_tried_again_and_counts_once() {
    with_stack(|stack, clock| {
        let mut calls = 0;
        let third = || {
            calls += 1;
            if calls % 3 == 0 { Ok(calls) } else { Err(()) }
        };
        assert_eq!(stack.call(|()| true, third), Ok(3));
        assert_eq!(clock.now(), Duration::from_secs(2 + 4));
        let counts = stack.breaker().counts();
        assert_eq!((counts.succeeded, counts.failed), (1, 0));
    });
}

#[test]
fn five_calls_that_fail_open_the_breaker_with_three_attempts_each() {
    with_stack(|stack, _| {
        let mut calls = 0;
        let mut fail = || {
            calls += 1;
            Err::<(), _>(7)
        };
        for _ in 0..5 {
            assert_eq!(stack.call(|_| true, &mut fail), Err(StackError::Failed(GaveUp { error: 7, attempts: 3 })));
        }
        assert_eq!(stack.breaker().state(), State::Open);
        assert_eq!(stack.call(|_| true, &mut fail), Err(StackError::Rejected(Rejection::Open)));
        assert_eq!(calls, 15);
        assert_eq!(stack.bulkhead().counts(), BulkheadCounts { completed: 6, rejected: 0, active: 0 });
    });
}

#[test]
fn the_bucket_is_asked_before_the_bulkhead_and_the_bulkhead_before_the_breaker() {
    with_stack(|stack, _| {
        let ok = || Ok::<_, ()>(7);
        let slots = [(); 3].map(|()| stack.bulkhead().slot());
        assert!(slots.iter().all(Result::is_ok));
        for left in (0..10).rev() {
            assert_eq!(stack.call(|()| true, ok), Err(StackError::Full(Full)));
            assert_eq!(stack.bucket().available(), left);
        }
        assert_eq!(stack.call(|()| true, ok), Err(StackError::Limited));
        assert_eq!(stack.bulkhead().counts().rejected, 10);
        assert_eq!(stack.breaker().counts().succeeded, 0);
    });
}

#[test]
fn a_call_that_has_taken_too_long_is_not_tried_again() {
    with_stack(|stack, clock| {
        let mut calls = 0;
        let slow = || {
            calls += 1;
            clock.advance(Duration::from_secs(200));
            Err::<(), _>(calls)
        };
        assert_eq!(stack.call(|_| true, slow), Err(StackError::Failed(GaveUp { error: 2, attempts: 2 })));
    });
}

#[test]
fn a_panic_gives_back_all_that_it_held() {
    with_stack(|stack, _| {
        let caught =
            catch_unwind(AssertUnwindSafe(|| stack.call(|()| true, || -> Result<(), ()> { panic!("on purpose") })));
        assert!(caught.is_err());
        assert_eq!(stack.bulkhead().counts().active, 0);
        assert_eq!(stack.breaker().counts().failed, 1);
        assert_eq!(stack.call(|()| true, || Ok(7)), Ok(7));
    });
}
