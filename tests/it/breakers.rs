//! Guards under contention: limits hold exactly, nothing is lost, and gauges come back to zero.

use perfblocks::breakers::{Breaker, Bulkhead, ManualClock, Outcome, Permit, Settings, State};
use std::num::NonZeroU32;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Barrier, mpsc};
use std::thread::{scope, yield_now};
use std::time::Duration;

const RECOVERY: Duration = Duration::from_secs(30);

fn breaker(clock: &ManualClock, trials: u32, limit: u32) -> Breaker<&ManualClock> {
    let settings =
        Settings { failure_threshold: 1, recovery: RECOVERY, trials, max_in_flight: Some(limit), is_enabled: true };
    Breaker::with_clock(settings, clock).unwrap()
}

/// Runs `work` with the number of each of so many threads at a time, and adds up what it returns.
fn together(threads: u32, work: impl Fn(u32) -> u64 + Sync) -> u64 {
    let start = Barrier::new(threads as usize);
    let (start, work) = (&start, &work);
    scope(|scope| {
        let run = |thread| {
            scope.spawn(move || {
                start.wait();
                work(thread)
            })
        };
        let threads: Vec<_> = (0..threads).map(run).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    })
}

/// Callers that keep their permits until all have asked; how many got one.
#[track_caller]
fn check_race(breaker: &Breaker<&ManualClock>, callers: u32, expected: u64) {
    let all_have_asked = Barrier::new(callers as usize);
    let admitted = together(callers, |_| {
        let permit = breaker.permit();
        all_have_asked.wait();
        permit.map(Permit::succeed).map_or(0, |()| 1)
    });
    assert_eq!((admitted, breaker.in_flight(), breaker.state()), (expected, 0, State::Closed));
}

#[test]
fn exactly_the_permitted_trials_run_again_and_again() {
    let clock = ManualClock::default();
    for trials in [1, 2, 5, 63] {
        let breaker = breaker(&clock, trials, 200);
        for round in 1..=20 {
            assert_eq!(breaker.call(|| Err::<(), _>(())), Outcome::Failed(()));
            clock.advance(RECOVERY);
            check_race(&breaker, 64, u64::from(trials));
            let counts = breaker.counts();
            assert_eq!((counts.opened, counts.succeeded), (round, round * u64::from(trials)));
            assert_eq!(counts.rejected_half_open, round * u64::from(64 - trials));
        }
    }
}

#[test]
fn exactly_56_of_256_are_rejected_whoever_keeps_seats_from_before() {
    let clock = ManualClock::default();
    let breaker = breaker(&clock, 1, 200);
    for round in 1..=10 {
        // These go home with a seat each, and this thread keeps one all the time.
        together(32, |_| u64::from(breaker.call(|| Ok::<_, ()>(())) == Outcome::Ok(())));
        assert_eq!(breaker.call(|| Ok::<_, ()>(())), Outcome::Ok(()));
        check_race(&breaker, 256, 200);
        assert_eq!(breaker.counts().rejected_limit, round * 56);
    }
}

#[test]
fn as_many_callers_as_slots_are_never_rejected() {
    for slots in [1, 2, 3, 8] {
        let bulkhead = Bulkhead::new(NonZeroU32::new(slots).unwrap());
        // Twice as many threads as slots, in pairs that take turns: never more than `slots` at a time.
        let turns: Vec<_> = (0..slots).map(|_| AtomicU32::new(0)).collect();
        let completed = together(2 * slots, |thread| {
            let (turn, mine) = (&turns[(thread / 2) as usize], thread % 2);
            let mut completed = 0;
            for call in 0..2000 {
                while turn.load(Ordering::Acquire) % 2 != mine {
                    yield_now();
                }
                completed += u64::from(bulkhead.execute(|| call).is_ok());
                turn.fetch_add(1, Ordering::Release);
            }
            completed
        });
        let counts = bulkhead.counts();
        assert_eq!(
            (completed, counts.completed, counts.rejected, counts.active),
            (u64::from(slots) * 4000, completed, 0, 0)
        );
    }
}

#[test]
fn no_more_are_inside_than_there_are_slots_even_if_some_panic() {
    let bulkhead = Bulkhead::new(NonZeroU32::new(3).unwrap());
    let inside = AtomicU32::new(0);
    let entered = together(8, |thread| {
        let mut entered = 0;
        for call in 0..3000_u32 {
            let work = || {
                assert!(inside.fetch_add(1, Ordering::Relaxed) < 3);
                if call % 4 == 0 {
                    yield_now();
                }
                inside.fetch_sub(1, Ordering::Relaxed);
                // Without the message and the trace of a panic.
                if (call + thread) % 5 == 0 {
                    std::panic::resume_unwind(Box::new(()));
                }
            };
            let outcome = catch_unwind(AssertUnwindSafe(|| bulkhead.execute(work)));
            entered += u64::from(!matches!(outcome, Ok(Err(_))));
        }
        entered
    });
    let counts = bulkhead.counts();
    assert_eq!((counts.completed, counts.rejected, counts.active), (entered, 24_000 - entered, 0));
    let slots = [bulkhead.slot(), bulkhead.slot(), bulkhead.slot()];
    assert!(slots.iter().all(Result::is_ok) && bulkhead.slot().is_err());
}

#[test]
fn permits_that_other_threads_end_come_back() {
    let clock = ManualClock::default();
    let breaker = breaker(&clock, 1, 4);
    let (sender, permits) = mpsc::channel();
    let admitted = scope(|scope| {
        let ender = scope.spawn(move || permits.into_iter().map(Permit::succeed).count() as u64);
        let breaker = &breaker;
        for _ in 0..4 {
            let sender = sender.clone();
            scope.spawn(move || (0..2000).filter_map(|_| breaker.permit().ok()).for_each(|p| sender.send(p).unwrap()));
        }
        drop(sender);
        ender.join().unwrap()
    });
    let counts = breaker.counts();
    assert_eq!((counts.succeeded, counts.rejected_limit, breaker.in_flight()), (admitted, 8000 - admitted, 0));
    check_race(&breaker, 16, 4);
}
