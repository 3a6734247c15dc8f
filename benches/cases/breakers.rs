//! Cases of `breakers`, with the settings of the docker client. The closed path has no limit of calls in flight, which
//! would add two atomic read-modify-writes to each call; the limit is a case of its own kind.
//!
//! Races of many callers are there for their counts: what takes time is waking the threads.
//!
//! Recovery is measured by a clock that stands still, so no timed part reads a clock: a rejection on the system's clock
//! costs one clock read more.

mod crowd;
mod guards;
mod overhead;

use super::case::{Case, Threaded, Throughput};
use super::harness::Harness;
use perfblocks::breakers::{Breaker, Counts, ManualClock, Outcome, Rejection, Settings, State};
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

type Breakers = Breaker<Arc<ManualClock>>;

/// A breaker and its clock.
fn breaker() -> (Breakers, Arc<ManualClock>) {
    with(Settings::DOCKER_CLIENT)
}

/// One that lets any number of calls run at a time.
fn unlimited() -> (Breakers, Arc<ManualClock>) {
    with(Settings { max_in_flight: None, ..Settings::DOCKER_CLIENT })
}

fn with(settings: Settings) -> (Breakers, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::default());
    let breaker = Breaker::with_clock(settings, Arc::clone(&clock));
    (breaker.expect("the documented defaults are consistent"), clock)
}

/// The protected call: it succeeds at once, and is not inlined, as a real one would not be.
#[inline(never)]
fn noop() -> Result<u64, u8> {
    black_box(Ok(7))
}

/// The protected call when it fails at once.
#[inline(never)]
fn refuse() -> Result<u64, u8> {
    black_box(Err(1))
}

/// Hands over the cases of this area.
pub(crate) fn cases(harness: &mut impl Harness) {
    harness.case(
        Case::new("breakers/circuit/direct_call/noop", || (), |()| noop()).check(|(), value| assert_eq!(*value, Ok(7))),
    );
    closed(harness);
    closed_on_threads(harness);
    disabled(harness);
    open(harness);
    trip_recover(harness);
    mixed(harness);
    failure_only(harness);
    crowd::cases(harness);
    overhead::cases(harness);
    guards::cases(harness);
}

fn closed(harness: &mut impl Harness) {
    let call = |(breaker, _): &mut (Breakers, _)| breaker.call(noop);
    harness.case(
        Case::new("breakers/circuit/closed/ok", unlimited, call)
            .check(|(breaker, _), outcome| {
                assert_eq!(*outcome, Outcome::Ok(7));
                assert_eq!((breaker.state(), breaker.in_flight()), (State::Closed, 0));
            })
            .counters(|(breaker, _)| counters(breaker.counts())),
    );
}

fn closed_on_threads(harness: &mut impl Harness) {
    let build = || unlimited().0;
    harness.threaded(
        Threaded::new("breakers/circuit/closed/mt", &[1, 2, 4, 8, 16], build, |breaker: &Breakers| breaker.call(noop))
            .check(|breaker, iterations| {
                assert_eq!(breaker.counts(), Counts { succeeded: iterations, ..Counts::default() });
                assert_eq!(breaker.in_flight(), 0);
            }),
    );
}

fn disabled(harness: &mut impl Harness) {
    let build = || with(Settings { is_enabled: false, ..Settings::DOCKER_CLIENT });
    harness.case(
        Case::new("breakers/circuit/disabled/noop", build, |(breaker, _): &mut (Breakers, _)| breaker.call(noop))
            .check(|(breaker, _), outcome| {
                assert_eq!(*outcome, Outcome::Ok(7));
                assert_eq!((breaker.state(), breaker.counts()), (State::Disabled, Counts::default()));
            }),
    );
}

fn open(harness: &mut impl Harness) {
    let build = || {
        let opened = breaker();
        fail(&opened.0);
        assert_eq!(opened.0.state(), State::Open);
        opened
    };
    harness.case(
        Case::new("breakers/circuit/open/reject", build, |(breaker, _): &mut (Breakers, _)| breaker.call(noop))
            .check(|_, outcome| assert_eq!(*outcome, Outcome::Rejected(Rejection::Open)))
            .counters(|(breaker, _)| counters(breaker.counts())),
    );
}

/// As many failures as open it, the recovery time, one trial that closes it.
fn trip_recover(harness: &mut impl Harness) {
    let cycle = |(breaker, clock): &mut (Breakers, Arc<ManualClock>)| {
        fail(breaker);
        let rejected = breaker.call(noop);
        clock.advance(Settings::DOCKER_CLIENT.recovery);
        (rejected, breaker.call(noop))
    };
    harness.case(
        Case::new("breakers/circuit/trip_recover/cycle", breaker, cycle)
            .check(|(breaker, _), outcomes| {
                assert_eq!(*outcomes, (Outcome::Rejected(Rejection::Open), Outcome::Ok(7)));
                assert_eq!(breaker.state(), State::Closed);
            })
            .counters(|(breaker, _)| counters(breaker.counts())),
    );
}

/// Four calls, of which the last fails: never enough in a row to open it.
fn mixed(harness: &mut impl Harness) {
    let four = |(breaker, _): &mut (Breakers, _)| {
        let succeeded = (0..3).filter(|_| breaker.call(noop) == Outcome::Ok(7)).count();
        (succeeded, breaker.call(refuse))
    };
    harness.case(
        Case::new("breakers/circuit/mixed25/steady", breaker, four)
            .check(|(breaker, _), outcome| {
                assert_eq!(*outcome, (3, Outcome::Failed(1)));
                assert_eq!(breaker.state(), State::Closed);
            })
            .counters(|(breaker, _)| counters(breaker.counts()))
            .throughput(Throughput::Elements(4)),
    );
}

/// Every call that is let in fails: the trial after each recovery, and the call behind it is rejected.
fn failure_only(harness: &mut impl Harness) {
    const SETTINGS: Settings = Settings {
        failure_threshold: 3,
        recovery: Duration::from_millis(100),
        max_in_flight: Some(10),
        ..Settings::DOCKER_CLIENT
    };
    let build = || {
        let opened = with(SETTINGS);
        for _ in 0..SETTINGS.failure_threshold {
            assert_eq!(opened.0.call(refuse), Outcome::Failed(1));
        }
        opened
    };
    let two = |(breaker, clock): &mut (Breakers, Arc<ManualClock>)| {
        clock.advance(SETTINGS.recovery);
        (breaker.call(refuse), breaker.call(refuse))
    };
    harness.case(
        Case::new("breakers/circuit/failure_only/steady", build, two)
            .check(|(breaker, _), outcomes| {
                assert_eq!(*outcomes, (Outcome::Failed(1), Outcome::Rejected(Rejection::Open)));
                assert_eq!(breaker.state(), State::Open);
            })
            .counters(|(breaker, _)| counters(breaker.counts()))
            .throughput(Throughput::Elements(2)),
    );
}

/// Fails as often as the threshold says.
fn fail(breaker: &Breakers) {
    for _ in 0..Settings::DOCKER_CLIENT.failure_threshold {
        assert_eq!(breaker.call(refuse), Outcome::Failed(1));
    }
}

fn counters(counts: Counts) -> Vec<(&'static str, u64)> {
    let rejected = counts.rejected_open + counts.rejected_half_open + counts.rejected_limit;
    vec![
        ("succeeded", counts.succeeded),
        ("failed", counts.failed),
        ("rejected", rejected),
        ("opened", counts.opened),
        ("late", counts.late),
    ]
}
