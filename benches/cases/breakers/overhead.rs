//! What guarding and recording add to an operation that does nothing.
//!
//! The breaker has the docker client's settings as they are, so the limit of calls in flight too. The latency that is
//! recorded is made up, since reading a clock would be most of the time.

use super::super::case::Case;
use super::super::harness::Harness;
use super::{Breakers, breaker, noop};
use perfblocks::breakers::{Outcome, State};
use perfblocks::metrics::{Key, Operation, Recorder, Status};

/// A breaker, and a recorder of one operation.
struct Watch {
    breaker: Breakers,
    recorder: Recorder,
    operation: Key<Operation>,
    turn: u64,
}

impl Watch {
    fn new() -> Self {
        let recorder = Recorder::default();
        Self { breaker: breaker().0, operation: recorder.operation("inspect"), recorder, turn: 0 }
    }

    fn record(&mut self, status: Status) {
        self.turn += 1;
        // From 20 to 1000 microseconds, so that it is not always the same bucket.
        self.recorder.ended(self.operation, 20_000 + self.turn * 61_000 % 980_000, status);
    }

    /// Panics unless every operation was recorded.
    fn check(&self) {
        let seen = self.recorder.snapshot();
        let inspected = seen.operation("inspect").expect("recorded in each iteration");
        assert_eq!((inspected.ok, inspected.failed, inspected.latency.count), (self.turn, 0, self.turn));
    }

    fn counters(&self) -> Vec<(&'static str, u64)> {
        let counts = self.breaker.counts();
        vec![
            ("succeeded", counts.succeeded),
            ("failed", counts.failed),
            ("in_flight", u64::from(self.breaker.in_flight())),
            ("recorded", self.turn),
        ]
    }
}

fn status<T, E>(outcome: &Outcome<T, E>) -> Status {
    if matches!(outcome, Outcome::Ok(_)) { Status::Ok } else { Status::Failed }
}

pub(super) fn cases(harness: &mut impl Harness) {
    harness.case(
        Case::new("breakers/overhead/none/noop", || (), |()| noop()).check(|(), value| assert_eq!(*value, Ok(7))),
    );
    let guarded = |breaker: &mut Breakers| breaker.call(noop);
    harness.case(
        Case::new("breakers/overhead/breaker/noop", || breaker().0, guarded)
            .check(|breaker, outcome| {
                assert_eq!(*outcome, Outcome::Ok(7));
                assert_eq!((breaker.state(), breaker.in_flight()), (State::Closed, 0));
            })
            .counters(|breaker| super::counters(breaker.counts())),
    );
    let recorded = |watch: &mut Watch| {
        let value = noop();
        watch.record(if value.is_ok() { Status::Ok } else { Status::Failed });
        value
    };
    harness.case(
        Case::new("breakers/overhead/metrics/noop", Watch::new, recorded)
            .check(|watch, value| {
                assert_eq!(*value, Ok(7));
                watch.check();
            })
            .counters(Watch::counters),
    );
    let both = |watch: &mut Watch| {
        let outcome = watch.breaker.call(noop);
        watch.record(status(&outcome));
        outcome
    };
    harness.case(
        Case::new("breakers/overhead/both/noop", Watch::new, both)
            .check(|watch, outcome| {
                assert_eq!(*outcome, Outcome::Ok(7));
                assert_eq!(watch.breaker.in_flight(), 0);
                watch.check();
            })
            .counters(Watch::counters),
    );
}
