//! Cases of `executor`: what starting costs, lazily and eagerly, and what a part costs that is there.
//!
//! All in the minimal configuration, whose detectors compile their tables for each executor as the original's do.

use super::case::{Case, Threaded, Throughput};
use super::harness::Harness;
use perfblocks::executor::{Config, Executor, Part};
use std::hint::black_box;

/// Getter calls an iteration: a single one takes about one cycle of the clock, too little to be told from nothing.
const CALLS: u32 = 100;

/// Hands over the cases of this area.
pub(crate) fn cases(harness: &mut impl Harness) {
    startup(harness);
    first_use(harness);
    cached(harness);
    super::report::cases(harness);
    super::action::cases(harness);
}

fn startup(harness: &mut impl Harness) {
    let eager = Case::new(
        "executor/startup/new_eager/minimal",
        || (),
        |()| Executor::new_eager(black_box(Config::minimal())).expect("no part of it can fail"),
    )
    .check(|(), executor| assert_eq!(attempts(executor), [1, 1, 1, 0, 0, 0]));
    harness.case(eager);
    let lazy = Case::new("executor/startup/new_lazy/minimal", || (), |()| Executor::new(black_box(Config::minimal())))
        .check(|(), executor| assert_eq!(attempts(executor), [0; 6]));
    harness.case(lazy);
}

/// The first call of a getter; making the executor is not part of it.
fn first_use(harness: &mut impl Harness) {
    let case = Case::with_input(
        "executor/startup/first_use/error_detector",
        || (),
        || Executor::new(Config::minimal()),
        |(), executor| {
            black_box(executor.error_detector());
            executor
        },
    )
    .check(|(), executor| {
        assert_eq!(attempts(executor), [0, 1, 0, 0, 0, 0]);
        assert_eq!(executor.error_detector().patterns().len(), 14);
        assert_eq!(executor.detect("a deadlock").len(), 1);
    });
    harness.case(case);
}

/// Later calls of a getter, on one thread and on several that share the executor and race for the first.
fn cached(harness: &mut impl Harness) {
    let warm = || Executor::new_eager(Config::minimal()).expect("no part of it can fail");
    let case = Case::new("executor/startup/get_cached/ai_tester", warm, |executor| get(executor))
        .check(|executor, tests| {
            assert_eq!(attempts(executor), [1, 1, 1, 0, 0, 0]);
            assert_eq!(*tests, CALLS as usize * executor.config().ai.max_tests);
        })
        .counters(|executor| vec![("constructions", u64::from(executor.attempts(Part::AiTester)))])
        .throughput(Throughput::Elements(u64::from(CALLS)));
    harness.case(case);
    let racing =
        Threaded::new("executor/startup/get_cached/mt", &[1, 2, 4, 8], || Executor::new(Config::minimal()), get)
            .check(|executor, _| assert_eq!(attempts(executor), [1, 1, 1, 0, 0, 0]));
    harness.threaded(racing);
}

/// Gets the AI tester [`CALLS`] times, and reads something of it each time.
fn get(executor: &Executor) -> usize {
    (0..CALLS).map(|_| black_box(executor).ai_tester().config().max_tests).sum()
}

fn attempts(executor: &Executor) -> [u32; 6] {
    Part::ALL.map(|part| executor.attempts(part))
}
