//! The slot of a part: three threads that want it build it once, and a failure is told to one of them and made up for by the
//! next.

use loom::sync::Arc;
use loom::sync::atomic::{AtomicU32, Ordering};
use loom::thread;
use perfblocks::executor::Slot;

/// Three threads, the caller among them, each get the slot once. `build` is told which attempt it is, from 0.
fn race(build: fn(u32) -> Result<u32, u32>) -> (Vec<Result<u32, u32>>, u32) {
    let state = Arc::new((Slot::new(), AtomicU32::new(0)));
    let get = move |state: &(Slot<u32>, AtomicU32)| {
        let (slot, attempts) = state;
        let seen = slot.get_or_try_build(|| {
            let attempt = attempts.fetch_add(1, Ordering::Relaxed);
            thread::yield_now(); // others look at a slot that is being filled
            build(attempt)
        });
        let seen = seen.copied();
        if let Ok(value) = seen {
            assert_eq!(slot.get(), Some(&value), "what was built stays");
        }
        seen
    };
    let others: Vec<_> = (0..2)
        .map(|_| {
            let state = Arc::clone(&state);
            thread::spawn(move || get(&state))
        })
        .collect();
    let mut seen = vec![get(&state)];
    seen.extend(others.into_iter().map(|other| other.join().expect("a model that panics ends there")));
    seen.sort_unstable();
    assert_eq!(state.0.attempts(), state.1.load(Ordering::Relaxed));
    (seen, state.0.attempts())
}

#[test]
fn racing_getters_build_once() {
    loom::model(|| assert_eq!(race(Ok), (vec![Ok(0); 3], 1)));
}

#[test]
fn a_failure_is_told_once_and_the_next_getter_tries_again() {
    loom::model(|| {
        let fails_first = |attempt| if attempt == 0 { Err(attempt) } else { Ok(attempt) };
        assert_eq!(race(fails_first), (vec![Ok(1), Ok(1), Err(0)], 2));
    });
}

#[test]
fn where_building_always_fails_each_getter_hears_of_a_failure_of_its_own() {
    loom::model(|| assert_eq!(race(Err), (vec![Err(0), Err(1), Err(2)], 3)));
}
