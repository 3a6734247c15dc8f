//! One contestant of a contest between things that threads share.

use super::case::{Case, Measures, Threaded};
use super::harness::Harness;
use std::fmt::Debug;

/// Threads that share the state: alone, and against one other.
pub(super) const THREADS: &[usize] = &[1, 2];

/// A contestant: `peers/<what>/<name>/mt@t1` and `…@t2` for time, `peers/<what>/<name>/warm` for the heap.
///
/// `run` is done once before anything else and its output held against `expected`, as is that of every iteration of the
/// heap bench.
pub(crate) fn shared<S, O>(
    harness: &mut impl Harness,
    what: &str,
    name: &str,
    expected: O,
    build: impl Fn() -> S + Clone,
    run: impl Fn(&S) -> O + Clone + Send + 'static,
) where
    S: Send + Sync + 'static,
    O: Clone + Debug + PartialEq + 'static,
{
    let (alone, wanted) = (run.clone(), expected.clone());
    harness.case(
        Case::new(&format!("peers/{what}/{name}/warm"), build.clone(), move |state: &mut S| alone(state))
            .check(move |_, output| assert_eq!(*output, wanted))
            .measures(Measures::Heap),
    );
    let first = run.clone();
    let tried = move || {
        let state = build();
        for _ in 0..2 {
            assert_eq!(first(&state), expected);
        }
        state
    };
    harness.threaded(Threaded::new(&format!("peers/{what}/{name}/mt"), THREADS, tried, run));
}
