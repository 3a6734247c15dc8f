//! Each rule by itself, a model of all of them on one thread, and counts under contention.

use super::super::clock::ManualClock;
use super::super::outcome::CallError;
use super::*;
use proptest::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, Weak};

const RECOVERY: Duration = Duration::from_secs(30);

fn settings(failure_threshold: u32, trials: u32, max_in_flight: Option<u32>) -> Settings {
    Settings { failure_threshold, recovery: RECOVERY, trials, max_in_flight, is_enabled: true }
}

fn breaker(clock: &ManualClock, settings: Settings) -> Breaker<&ManualClock> {
    Breaker::with_clock(settings, clock).unwrap()
}

fn fail(breaker: &Breaker<&ManualClock>) -> Outcome<(), ()> {
    breaker.call(|| Err(()))
}

fn succeed(breaker: &Breaker<&ManualClock>) -> Outcome<(), ()> {
    breaker.call(|| Ok(()))
}

#[test]
fn the_defaults_are_those_of_the_source() {
    assert_eq!(Settings::default(), settings(10, 1, Some(200)));
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let refused = |settings| Breaker::new(settings).unwrap_err().to_string();
    assert_eq!(refused(settings(0, 1, None)), "a threshold of 0 failures is outside 1 to 1073741823");
    assert_eq!(refused(settings(1 << 30, 1, None)), "a threshold of 1073741824 failures is outside 1 to 1073741823");
    assert_eq!(refused(settings(1, 0, None)), "a half-open breaker without trials never closes");
    assert_eq!(refused(settings(1, 1, Some(0))), "a limit of no calls in flight rejects every call");
}

#[test]
fn a_disabled_breaker_lets_every_call_run_and_counts_none() {
    let clock = ManualClock::default();
    let breaker = breaker(&clock, Settings { is_enabled: false, ..settings(1, 1, Some(1)) });
    for _ in 0..3 {
        assert_eq!(
            breaker.call(|| breaker.call(|| Err::<(), _>(7)).into_result()),
            Outcome::Failed(CallError::Failed(7))
        );
        let permits = [breaker.permit(), breaker.permit()];
        assert!(permits.iter().all(Result::is_ok));
    }
    assert_eq!((breaker.state(), breaker.in_flight(), breaker.counts()), (State::Disabled, 0, Counts::default()));
}

#[test]
fn only_failures_in_a_row_open_it() {
    let clock = ManualClock::default();
    let breaker = breaker(&clock, settings(3, 1, None));
    for outcome in [fail, fail, succeed, fail, fail] {
        assert!(!matches!(outcome(&breaker), Outcome::Rejected(_)));
    }
    assert_eq!(breaker.state(), State::Closed);
    assert_eq!(fail(&breaker), Outcome::Failed(()));
    assert_eq!(breaker.state(), State::Open);
    assert_eq!(succeed(&breaker), Outcome::Rejected(Rejection::Open));
}

#[test]
fn an_error_that_is_no_failure_counts_as_a_success() {
    let clock = ManualClock::default();
    let breaker = breaker(&clock, settings(1, 1, None));
    assert_eq!(breaker.call_where(|error| *error > 9, || Err::<(), _>(9)), Outcome::Failed(9));
    assert_eq!((breaker.state(), breaker.counts().succeeded), (State::Closed, 1));
    assert_eq!(breaker.call_where(|error| *error > 9, || Err::<(), _>(10)), Outcome::Failed(10));
    assert_eq!(breaker.state(), State::Open);
}

#[test]
fn recovery_is_measured_from_the_opening_not_from_the_last_failure() {
    let clock = ManualClock::default();
    let breaker = breaker(&clock, settings(1, 1, None));
    let slow = breaker.permit().unwrap();
    assert_eq!(fail(&breaker), Outcome::Failed(()));
    clock.advance(RECOVERY - Duration::from_nanos(1));
    slow.fail();
    assert_eq!(succeed(&breaker), Outcome::Rejected(Rejection::Open));
    clock.advance(Duration::from_nanos(1));
    assert_eq!(succeed(&breaker), Outcome::Ok(()));
    assert_eq!(breaker.state(), State::Closed);
    let counts = breaker.counts();
    assert_eq!((counts.late, counts.opened, counts.open_time), (1, 1, RECOVERY));
}

/// A clock that is read at the moment at which another caller's failure opens the breaker, and again long after.
#[derive(Default)]
struct Overtaken {
    time: ManualClock,
    /// Fails once, the next time that the clock is read.
    other: Mutex<Weak<Breaker<Arc<Overtaken>>>>,
}

impl Clock for Overtaken {
    fn now(&self) -> Duration {
        let other = std::mem::take(&mut *self.other.lock().unwrap());
        if let Some(breaker) = other.upgrade() {
            assert_eq!(breaker.call(|| Err::<(), _>(())), Outcome::Failed(()));
            self.time.advance(RECOVERY / 2);
        }
        self.time.now()
    }
}

#[test]
fn a_failure_that_comes_too_late_to_open_it_does_not_postpone_recovery() {
    let clock = Arc::new(Overtaken::default());
    let breaker = Arc::new(Breaker::with_clock(settings(1, 1, None), Arc::clone(&clock)).unwrap());
    *clock.other.lock().unwrap() = Arc::downgrade(&breaker);
    assert_eq!(breaker.call(|| Err::<(), _>(())), Outcome::Failed(()));
    assert_eq!((breaker.state(), breaker.counts().opened, breaker.counts().late), (State::Open, 1, 1));
    clock.time.advance(RECOVERY / 2);
    assert_eq!(breaker.call(|| Ok::<_, ()>(())), Outcome::Ok(()));
}

#[test]
fn a_failed_trial_opens_it_for_another_recovery() {
    let clock = ManualClock::default();
    let breaker = breaker(&clock, settings(1, 2, None));
    assert_eq!(fail(&breaker), Outcome::Failed(()));
    clock.advance(2 * RECOVERY);
    assert_eq!(succeed(&breaker), Outcome::Ok(()));
    assert_eq!(breaker.state(), State::HalfOpen);
    assert_eq!(fail(&breaker), Outcome::Failed(()));
    assert_eq!(breaker.state(), State::Open);
    clock.advance(RECOVERY / 2);
    assert_eq!(succeed(&breaker), Outcome::Rejected(Rejection::Open));
    let counts = breaker.counts();
    assert_eq!((counts.opened, counts.open_time), (2, 2 * RECOVERY + RECOVERY / 2));
}

#[test]
fn the_trial_that_a_cancelled_call_leaves_is_taken_by_another() {
    let clock = ManualClock::default();
    let breaker = breaker(&clock, settings(1, 1, None));
    assert_eq!(fail(&breaker), Outcome::Failed(()));
    clock.advance(RECOVERY);
    let trial = breaker.permit().unwrap();
    assert_eq!(breaker.permit().unwrap_err(), Rejection::HalfOpen);
    trial.cancel();
    assert_eq!(breaker.state(), State::HalfOpen);
    assert_eq!(succeed(&breaker), Outcome::Ok(()));
    assert_eq!(breaker.state(), State::Closed);
}

#[test]
fn results_of_an_older_generation_are_ignored() {
    let clock = ManualClock::default();
    let breaker = breaker(&clock, settings(2, 1, None));
    let (old_success, old_failure) = (breaker.permit().unwrap(), breaker.permit().unwrap());
    for _ in 0..2 {
        assert_eq!(fail(&breaker), Outcome::Failed(()));
    }
    old_success.succeed();
    assert_eq!(breaker.state(), State::Open);
    clock.advance(RECOVERY);
    assert_eq!(succeed(&breaker), Outcome::Ok(()));
    assert_eq!(fail(&breaker), Outcome::Failed(()));
    // The second failure in a row of this generation would open it.
    old_failure.fail();
    assert_eq!((breaker.state(), breaker.counts().late), (State::Closed, 2));
}

#[test]
fn a_panic_counts_as_a_failure_and_releases_its_permit() {
    let clock = ManualClock::default();
    let breaker = breaker(&clock, settings(3, 1, Some(1)));
    for _ in 0..3 {
        let panicked = catch_unwind(AssertUnwindSafe(|| breaker.call(|| -> Result<(), ()> { panic!("on purpose") })));
        assert!(panicked.is_err());
        assert_eq!(breaker.in_flight(), 0);
    }
    assert_eq!((breaker.state(), breaker.counts().failed), (State::Open, 3));
    clock.advance(RECOVERY);
    let panicked = catch_unwind(AssertUnwindSafe(|| breaker.call(|| -> Result<(), ()> { panic!("on purpose") })));
    assert!(panicked.is_err());
    assert_eq!((breaker.state(), breaker.counts().opened), (State::Open, 2));
    clock.advance(RECOVERY);
    assert_eq!(succeed(&breaker), Outcome::Ok(()));
}

#[test]
fn many_threads_that_fail_open_it_once_and_no_call_is_lost() {
    let clock = ManualClock::default();
    let breaker = breaker(&clock, settings(10, 1, Some(200)));
    let rejected = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..16)
            .map(|_| {
                scope.spawn(|| (0..1000).filter(|_| matches!(fail(&breaker), Outcome::Rejected(_))).count() as u64)
            })
            .collect();
        callers.into_iter().map(|caller| caller.join().unwrap()).sum::<u64>()
    });
    let counts = breaker.counts();
    assert_eq!((counts.opened, breaker.state(), breaker.in_flight()), (1, State::Open, 0));
    assert_eq!((counts.failed + counts.rejected_open, counts.rejected_open), (16_000, rejected));
    // Ten open it; those that were running by then are late.
    assert_eq!(counts.failed - counts.late, 10);
}

#[test]
fn opening_and_closing_under_contention_keeps_its_counts() {
    let clock = ManualClock::default();
    let breaker = breaker(&clock, settings(2, 2, Some(5)));
    let calls = |caller: u32| {
        let is_rejected = |call: &u32| {
            let outcome = if (call + caller).is_multiple_of(3) { succeed(&breaker) } else { fail(&breaker) };
            clock.advance(RECOVERY / 10);
            matches!(outcome, Outcome::Rejected(_))
        };
        (0..2000).filter(is_rejected).count() as u64
    };
    let rejected = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..8).map(|caller| scope.spawn(move || calls(caller))).collect();
        callers.into_iter().map(|caller| caller.join().unwrap()).sum::<u64>()
    });
    let counts = breaker.counts();
    assert_eq!(counts.rejected_open + counts.rejected_half_open + counts.rejected_limit, rejected);
    assert_eq!(counts.succeeded + counts.failed + rejected, 16_000);
    assert_eq!(breaker.in_flight(), 0);
    assert!(counts.opened > 1, "{counts:?}");
}

/// The rules, written the slow way: one caller, everything spelled out.
#[derive(Debug)]
struct Model {
    settings: Settings,
    state: State,
    generation: u32,
    failures: u32,
    trying: u32,
    proven: u32,
    running: u32,
    now: Duration,
    opened_at: Duration,
}

impl Model {
    fn turn(&mut self, state: State) {
        self.state = state;
        self.generation += 1;
        (self.failures, self.trying, self.proven) = (0, 0, 0);
        if state == State::Open {
            self.opened_at = self.now;
        }
    }

    fn permit(&mut self) -> Result<u32, Rejection> {
        if self.state == State::Open {
            if self.now < self.opened_at + self.settings.recovery {
                return Err(Rejection::Open);
            }
            self.turn(State::HalfOpen);
        }
        if self.state == State::HalfOpen && self.trying + self.proven >= self.settings.trials {
            return Err(Rejection::HalfOpen);
        }
        if self.settings.max_in_flight.is_some_and(|limit| self.running >= limit) {
            return Err(Rejection::Limit);
        }
        self.running += 1;
        self.trying += u32::from(self.state == State::HalfOpen);
        Ok(self.generation)
    }

    fn end(&mut self, generation: u32, verdict: Event) {
        self.running -= 1;
        if generation != self.generation {
            return;
        }
        if self.state == State::HalfOpen {
            self.trying -= 1;
        }
        match (self.state, verdict) {
            (State::Closed, Event::Succeeded) => self.failures = 0,
            (State::Closed, Event::Failed) => {
                self.failures += 1;
                if self.failures == self.settings.failure_threshold {
                    self.turn(State::Open);
                }
            }
            (State::HalfOpen, Event::Succeeded) => {
                self.proven += 1;
                if self.proven == self.settings.trials {
                    self.turn(State::Closed);
                }
            }
            (State::HalfOpen, Event::Failed) => self.turn(State::Open),
            _ => {}
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Begin,
    Succeed(usize),
    Fail(usize),
    Cancel(usize),
    Advance(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Begin),
        2 => (0_usize..4).prop_map(Step::Succeed),
        3 => (0_usize..4).prop_map(Step::Fail),
        1 => (0_usize..4).prop_map(Step::Cancel),
        2 => (0_u64..40).prop_map(Step::Advance),
    ]
}

proptest! {
    #[test]
    fn it_follows_the_model(
        steps in prop::collection::vec(step(), 0..200),
        threshold in 1_u32..4,
        trials in 1_u32..4,
        limit in prop::option::of(1_u32..5),
    ) {
        let clock = ManualClock::default();
        let settings = settings(threshold, trials, limit);
        let breaker = breaker(&clock, settings);
        let mut model = Model {
            settings,
            state: State::Closed,
            generation: 0,
            failures: 0,
            trying: 0,
            proven: 0,
            running: 0,
            now: Duration::ZERO,
            opened_at: Duration::ZERO,
        };
        let mut running = Vec::new();
        for step in steps {
            match step {
                Step::Begin => match (breaker.permit(), model.permit()) {
                    (Ok(permit), Ok(generation)) => running.push((permit, generation)),
                    (Err(found), Err(expected)) => prop_assert_eq!(found, expected),
                    (found, expected) => prop_assert!(false, "{:?}, expected {:?}", found.is_ok(), expected),
                },
                Step::Succeed(which) if which < running.len() => {
                    let (permit, generation) = running.swap_remove(which);
                    permit.succeed();
                    model.end(generation, Event::Succeeded);
                }
                Step::Fail(which) if which < running.len() => {
                    let (permit, generation) = running.swap_remove(which);
                    permit.fail();
                    model.end(generation, Event::Failed);
                }
                Step::Cancel(which) if which < running.len() => {
                    let (permit, generation) = running.swap_remove(which);
                    permit.cancel();
                    model.end(generation, Event::Cancelled);
                }
                Step::Succeed(_) | Step::Fail(_) | Step::Cancel(_) => {}
                Step::Advance(seconds) => {
                    clock.advance(Duration::from_secs(seconds));
                    model.now += Duration::from_secs(seconds);
                }
            }
            let word = breaker.word();
            let found = (word.state(), word.generation(), word.failures());
            prop_assert_eq!(found, (model.state, model.generation, model.failures));
            prop_assert_eq!(breaker.in_flight(), if limit.is_some() { model.running } else { 0 });
        }
    }
}
