//! Limits that hold for three threads in every interleaving: trials, calls in flight, slots, tokens, calls in a window.
//!
//! Two of the three threads have a place of their own to keep a seat in, the third has none.

use loom::sync::Arc;
use loom::sync::atomic::{AtomicU32, Ordering};
use loom::thread;
use perfblocks::breakers::{
    Breaker, Bulkhead, Clock, ManualClock, Outcome, PerKey, Quota, Refusal, Settings, SlidingWindow, State,
    TokenBucket, WAYS,
};
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc as Shared;
use std::time::Duration;

/// Explores three threads with up to this many preemptions; more of them take minutes and have found nothing more.
fn explore(model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(model);
}

/// Runs `work` on three threads, the caller among them, and adds up what it returns.
fn on_three_threads<S: Send + Sync + 'static>(state: &Arc<S>, work: fn(&S) -> u32) -> u32 {
    let others: Vec<_> = (0..2)
        .map(|_| {
            let state = Arc::clone(state);
            thread::spawn(move || work(&state))
        })
        .collect();
    let mine = work(state);
    others.into_iter().map(|other| other.join().expect("a model that panics ends there")).sum::<u32>() + mine
}

type Breakers = Breaker<Shared<ManualClock>>;

const SETTINGS: Settings = Settings {
    failure_threshold: 1,
    recovery: Duration::from_secs(30),
    trials: 1,
    max_in_flight: None,
    is_enabled: true,
};

fn breaker(settings: Settings) -> Breakers {
    let clock = Shared::new(ManualClock::default());
    Breaker::with_clock(settings, clock).expect("settings that can work")
}

/// Open, and the time of recovery is over.
fn due(trials: u32) -> Breakers {
    let clock = Shared::new(ManualClock::default());
    let breaker = Breaker::with_clock(Settings { trials, ..SETTINGS }, Shared::clone(&clock)).expect("trials");
    assert_eq!(breaker.call(|| Err::<(), _>(())), Outcome::Failed(()));
    clock.advance(SETTINGS.recovery);
    breaker
}

/// 1 if the call is let in, which then never ends.
fn hold(breaker: &Breakers) -> u32 {
    breaker.permit().map(std::mem::forget).map_or(0, |()| 1)
}

#[test]
fn as_many_trials_run_as_are_permitted() {
    for trials in [1, 2] {
        explore(move || {
            let breaker = Arc::new(due(trials));
            assert_eq!(on_three_threads(&breaker, hold), trials);
            assert_eq!(breaker.state(), State::HalfOpen);
        });
    }
}

#[test]
fn a_trial_that_succeeds_closes_it_and_one_that_fails_opens_it_again() {
    explore(|| {
        let breaker = Arc::new(due(1));
        let ran = on_three_threads(&breaker, |breaker| u32::from(breaker.call(|| Ok::<_, ()>(())) == Outcome::Ok(())));
        assert!(ran >= 1);
        assert_eq!(breaker.state(), State::Closed);
        assert_eq!(breaker.counts().succeeded, u64::from(ran));
    });
    explore(|| {
        let breaker = Arc::new(due(1));
        let fail = |breaker: &Breakers| u32::from(breaker.call(|| Err::<(), _>(())) == Outcome::Failed(()));
        assert_eq!(on_three_threads(&breaker, fail), 1);
        assert_eq!((breaker.state(), breaker.counts().opened), (State::Open, 2));
    });
}

/// One of three fails. It cannot end too late: while it tries, not all trials have succeeded.
#[test]
fn one_trial_that_fails_among_others_that_succeed_opens_it_again_if_it_ran() {
    explore(|| {
        let breaker = Arc::new(due(2));
        let succeed = |breaker: &Breakers| u32::from(breaker.call(|| Ok::<_, ()>(())) == Outcome::Ok(()));
        let others: Vec<_> = (0..2)
            .map(|_| {
                let breaker = Arc::clone(&breaker);
                thread::spawn(move || succeed(&breaker))
            })
            .collect();
        let has_failed = breaker.call(|| Err::<(), _>(())) == Outcome::Failed(());
        let succeeded: u32 =
            others.into_iter().map(|other| other.join().expect("a model that panics ends there")).sum();
        let counts = breaker.counts();
        assert_eq!((counts.succeeded, counts.failed), (u64::from(succeeded), 1 + u64::from(has_failed)));
        let expected = if has_failed { (State::Open, 2) } else { (State::Closed, 1) };
        assert_eq!((breaker.state(), counts.opened), expected);
    });
}

/// Every one of three callers gives its permit up, so nobody proves anything, and the next one is a trial again.
#[test]
fn trials_that_are_given_up_make_room_for_others() {
    explore(|| {
        let breaker = Arc::new(due(1));
        let tried = on_three_threads(&breaker, |breaker| {
            breaker.permit().map_or(0, |permit| {
                permit.cancel();
                1
            })
        });
        assert_eq!((breaker.state(), breaker.counts().cancelled), (State::HalfOpen, u64::from(tried)));
        assert!(tried >= 1);
        assert_eq!(breaker.call(|| Ok::<_, ()>(())), Outcome::Ok(()));
        assert_eq!(breaker.state(), State::Closed);
    });
}

/// Failures beyond those that open it come from calls that ran when it opened: they are late, and open nothing again.
#[test]
fn failures_side_by_side_open_it_once() {
    for threshold in [1, 2, 3] {
        explore(move || {
            let breaker = Arc::new(breaker(Settings { failure_threshold: threshold, ..SETTINGS }));
            let fail = |breaker: &Breakers| u32::from(breaker.call(|| Err::<(), _>(())) == Outcome::Failed(()));
            let failed = on_three_threads(&breaker, fail);
            let counts = breaker.counts();
            assert_eq!((breaker.state(), counts.opened, counts.failed), (State::Open, 1, u64::from(failed)));
            assert_eq!(counts.late, u64::from(failed - threshold));
        });
    }
}

/// A trial needs a seat too: who finds none is rejected and leaves no trace.
#[test]
fn trials_keep_the_limit_of_calls_in_flight() {
    explore(|| {
        let clock = Shared::new(ManualClock::default());
        let settings = Settings { trials: 2, max_in_flight: Some(1), ..SETTINGS };
        let breaker = Arc::new(Breaker::with_clock(settings, Shared::clone(&clock)).expect("trials"));
        assert_eq!(breaker.call(|| Err::<(), _>(())), Outcome::Failed(()));
        clock.advance(SETTINGS.recovery);
        assert_eq!(on_three_threads(&breaker, hold), 1);
        assert_eq!((breaker.in_flight(), breaker.counts().rejected_limit), (1, 2));
    });
}

#[test]
fn as_many_calls_are_in_flight_as_the_limit_says() {
    for limit in [1, 2] {
        explore(move || {
            let breaker = Arc::new(breaker(Settings { max_in_flight: Some(limit), ..SETTINGS }));
            assert_eq!(on_three_threads(&breaker, hold), limit);
            assert_eq!((breaker.in_flight(), breaker.counts().rejected_limit), (limit, u64::from(3 - limit)));
        });
    }
}

/// A bulkhead, and who is inside.
struct Room {
    bulkhead: Bulkhead,
    inside: AtomicU32,
}

impl Room {
    fn new(slots: u32) -> Self {
        Self { bulkhead: Bulkhead::new(NonZeroU32::new(slots).expect("slots")), inside: AtomicU32::new(0) }
    }

    /// 1 if there was a slot.
    fn enter(&self) -> u32 {
        let entered = self.bulkhead.execute(|| {
            let before = self.inside.fetch_add(1, Ordering::Relaxed);
            assert!(before < self.bulkhead.slots().get(), "more are inside than there are slots");
            self.inside.fetch_sub(1, Ordering::Relaxed);
        });
        u32::from(entered.is_ok())
    }
}

#[test]
fn no_more_are_inside_than_there_are_slots_and_all_slots_come_back() {
    explore(|| {
        let room = Arc::new(Room::new(1));
        let entered = on_three_threads(&room, Room::enter);
        let counts = room.bulkhead.counts();
        assert_eq!((counts.active, counts.completed, counts.rejected), (0, u64::from(entered), u64::from(3 - entered)));
        assert_eq!(room.enter(), 1);
    });
}

#[test]
fn as_many_slots_as_threads_are_enough_wherever_they_are_kept() {
    explore(|| {
        let room = Arc::new(Room::new(2));
        let other = {
            let room = Arc::clone(&room);
            thread::spawn(move || room.enter() + room.enter())
        };
        let entered = room.enter() + room.enter();
        assert_eq!((entered, other.join().expect("a model that panics ends there")), (2, 2));
    });
}

/// The caller leaves for good and a third thread comes in its place, so no more than two are inside: both slots may be kept
/// by threads that do not use them.
#[test]
fn a_slot_that_an_idle_thread_keeps_is_found_while_another_comes_and_goes() {
    explore(|| {
        let room = Arc::new(Room::new(2));
        let come_and_go = {
            let room = Arc::clone(&room);
            thread::spawn(move || room.enter() + room.enter())
        };
        assert_eq!(room.enter(), 1);
        let late = {
            let room = Arc::clone(&room);
            thread::spawn(move || room.enter())
        };
        let joined = |thread: thread::JoinHandle<u32>| thread.join().expect("a model that panics ends there");
        assert_eq!((joined(come_and_go), joined(late)), (2, 1));
        assert_eq!(room.bulkhead.counts().active, 0);
    });
}

/// The first leaves before the second comes back, so that at no moment both slots are in use: the third, who finds the first
/// still inside and the second inside again, must look once more.
#[test]
fn a_slot_that_wanders_from_one_thread_to_another_is_found() {
    explore(|| {
        let room = Arc::new(Room::new(2));
        let has_left = Arc::new(AtomicU32::new(0));
        assert_eq!(room.enter(), 1);
        let first = room.bulkhead.slot().expect("a slot of two");
        let second = {
            let (room, has_left) = (Arc::clone(&room), Arc::clone(&has_left));
            thread::spawn(move || {
                assert_eq!(room.enter(), 1);
                let third = {
                    let room = Arc::clone(&room);
                    thread::spawn(move || room.enter())
                };
                if has_left.load(Ordering::Acquire) == 1 {
                    assert_eq!(room.enter(), 1);
                }
                assert_eq!(third.join().expect("a model that panics ends there"), 1);
            })
        };
        drop(first);
        has_left.store(1, Ordering::Release);
        second.join().expect("a model that panics ends there");
        assert_eq!(room.bulkhead.counts().active, 0);
    });
}

#[test]
fn as_many_tokens_are_taken_as_there_are() {
    explore(|| {
        let clock = Shared::new(ManualClock::default());
        let bucket = Arc::new(TokenBucket::with_clock(Quota::per_second(1, 4), clock).expect("a quota"));
        let taken = on_three_threads(&bucket, |bucket| {
            let two = bucket.allow_n(2).expect("no more than it holds");
            2 * u32::from(two) + u32::from(bucket.allow())
        });
        assert_eq!((taken, bucket.available()), (4, 0));
    });
}

#[test]
fn who_waits_for_tokens_does_so_in_turn() {
    explore(|| {
        let clock = Shared::new(ManualClock::default());
        let bucket = Arc::new(TokenBucket::with_clock(Quota::per_second(1, 1), clock).expect("a quota"));
        let waited = on_three_threads(&bucket, |bucket| {
            let mut seconds = 0;
            bucket.wait_n(1, |time| seconds = time.as_secs() as u32).expect("no more than it holds");
            1 << (4 * seconds)
        });
        assert_eq!(waited, 0x111, "one waits for 0 s, one for 1 s, one for 2 s");
    });
}

type Window = SlidingWindow<Shared<ManualClock>>;

const LENGTH: Duration = Duration::from_secs(1);

fn window(limit: usize, clock: &Shared<ManualClock>) -> Arc<Window> {
    let limit = NonZeroUsize::new(limit).expect("above zero");
    Arc::new(SlidingWindow::with_clock(limit, LENGTH, Shared::clone(clock)))
}

#[test]
fn a_window_sees_as_many_calls_as_its_limit_says() {
    for limit in [1, 2] {
        explore(move || {
            let clock = Shared::new(ManualClock::default());
            let window = window(limit, &clock);
            let allowed = on_three_threads(&window, |window| u32::from(window.allow()) + u32::from(window.allow()));
            assert_eq!((allowed as usize, window.calls()), (limit, limit));
            clock.advance(LENGTH);
            assert_eq!((window.calls(), window.allow()), (0, true));
        });
    }
}

/// The clock goes on while three call, so that readings reach the lock in another order than they were made: a reading from
/// before must not open a window that is full by then.
#[test]
fn a_window_keeps_its_limit_while_time_goes_on() {
    explore(|| {
        let clock = Shared::new(ManualClock::default());
        let window = window(1, &clock);
        let others: Vec<_> = (0..2)
            .map(|_| {
                let window = Arc::clone(&window);
                thread::spawn(move || u32::from(window.allow()))
            })
            .collect();
        clock.advance(LENGTH);
        let mut allowed = u32::from(window.allow());
        allowed += others.into_iter().map(|other| other.join().expect("a model that panics ends there")).sum::<u32>();
        assert!((1..=2).contains(&allowed), "one before and one after");
        assert_eq!((clock.now(), window.calls()), (LENGTH, 1));
    });
}

type Limiter = PerKey<u32, BuildHasherDefault<DefaultHasher>, Shared<ManualClock>>;

/// One set of places, and a quota that does not come back.
fn limiter(capacity: u32) -> Arc<Limiter> {
    let quota = Quota { tokens: 1, every: Duration::from_secs(3600), capacity };
    let places = NonZeroUsize::new(WAYS).expect("above zero");
    let clock = Shared::new(ManualClock::default());
    Arc::new(PerKey::with_clock(quota, places, BuildHasherDefault::default(), clock).expect("a quota"))
}

#[test]
fn a_key_has_as_many_tokens_as_its_bucket_and_one_place() {
    explore(|| {
        let limiter = limiter(2);
        let allowed = on_three_threads(&limiter, |limiter| {
            [1, 2, 1]
                .into_iter()
                .filter(|key| limiter.allow(key) == Ok(()))
                .fold(0, |sum, key| sum + 10_u32.pow(key - 1))
        });
        assert_eq!(allowed, 22, "two of each key");
        assert_eq!((limiter.available(&1), limiter.available(&2), limiter.owing()), (0, 0, 2));
    });
}

#[test]
fn the_last_place_goes_to_one_key() {
    explore(|| {
        let limiter = limiter(1);
        for key in 1..WAYS as u32 {
            assert_eq!(limiter.allow(&key), Ok(()));
        }
        let new_keys = Arc::new((limiter, AtomicU32::new(100)));
        let admitted = on_three_threads(&new_keys, |(limiter, next)| {
            let key = next.fetch_add(1, Ordering::Relaxed);
            match limiter.allow(&key) {
                Ok(()) => 1,
                Err(refusal) => {
                    assert_eq!(refusal, Refusal::Crowded);
                    0
                }
            }
        });
        assert_eq!((admitted, new_keys.0.owing()), (1, WAYS));
    });
}
