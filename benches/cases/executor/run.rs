//! Executions one after the other, as an executor makes them that never ends: a result with a payload of a kilobyte, written as
//! JSON.
//!
//! Two of the three hold nothing afterwards. `leaky` forgets to clear, and is here to be caught: its live heap grows with
//! every execution. So that it can be timed for long, it starts again after [`HELD`] executions; the heap bench makes fewer.

use super::super::case::{Case, Throughput};
use super::super::harness::Harness;
use perfblocks::executor::{Config, Executor, Results};
use perfblocks::serialization::{Nanos, Record, direct};
use std::hint::black_box;

/// Bytes of the payload, as in the original's benchmark.
const PAYLOAD: usize = 1024;
/// Executions whose results the leaky executor holds at most: about 6 MB.
const HELD: usize = 4096;

/// Hands over the cases of this component.
pub(super) fn cases(harness: &mut impl Harness) {
    let fresh = |(): &mut ()| {
        let mut executor = Executor::new(black_box(Config::minimal()));
        let written = execute(&mut executor);
        (written, executor.results().len())
    };
    harness.case(
        Case::new("executor/run/continuous/fresh_instance", || (), fresh)
            .check(|(), &(written, held)| check(written, held == 1))
            .throughput(Throughput::Elements(1)),
    );
    let cleared = |executor: &mut Executor| {
        let written = execute(executor);
        executor.clear_results();
        written
    };
    harness.case(
        Case::new("executor/run/continuous/cleared", || Executor::new(Config::minimal()), cleared)
            .check(|executor, &written| check(written, executor.memory_footprint().heap == 0))
            .throughput(Throughput::Elements(1)),
    );
    harness.case(
        Case::new("executor/run/continuous/leaky", leaking, |executor| {
            if executor.results().len() == HELD {
                *executor = leaking();
            }
            execute(executor)
        })
        .check(|executor, &written| check(written, (1..=HELD).contains(&executor.results().len())))
        .throughput(Throughput::Elements(1)),
    );
}

/// An executor with room for all that it will hold, so that what grows is what is forgotten and nothing else.
fn leaking() -> Executor {
    Executor::with_results(Config::minimal(), Results::with_capacity(HELD))
}

/// Makes a result, writes it, keeps it; the length of what was written.
fn execute(executor: &mut Executor) -> usize {
    let payload = String::from_utf8(vec![black_box(b'x'); PAYLOAD]).expect("it is ASCII");
    let result = Record {
        app_name: payload,
        duration: Nanos(black_box(1_000_000)),
        success: black_box(true),
        ..Record::default()
    };
    let written = black_box(direct::to_vec(&result)).len();
    executor.push_result(result);
    written
}

#[track_caller]
fn check(written: usize, is_held_as_promised: bool) {
    assert!(written > PAYLOAD && is_held_as_promised);
}
