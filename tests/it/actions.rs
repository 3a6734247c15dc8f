//! Running actions: the same on any number of threads, nothing lost, nobody left behind.

use perfblocks::executor::actions::{
    Action, ActionKind, Outcome, Run, Stop, Workers, groups, run_parallel, run_sequential,
};
use proptest::prelude::{ProptestConfig, proptest};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Barrier, Mutex};
use std::thread::{self, ThreadId};

/// One letter an action: `n` for a barrier, `f` for one that fails, `p` for one that panics, any other succeeds. Its name is
/// its letter and its place.
fn actions(letters: &str) -> Vec<Action> {
    let kind = |letter| if letter == 'n' { ActionKind::Navigate } else { ActionKind::Click };
    letters.char_indices().map(|(at, letter)| Action::new(kind(letter), &format!("{letter}{at}"))).collect()
}

fn perform(action: &Action) -> Result<usize, String> {
    match action.name.split_at(1) {
        ("f", at) => Err(format!("no {at}")),
        ("p", at) => panic!("broken {at}"),
        (_, at) => Ok(at.parse().unwrap()),
    }
}

type Outcomes = Run<usize, String>;

fn sequential(actions: &[Action]) -> Outcomes {
    run_sequential(actions, &Stop::new(), |action, _| perform(action))
}

fn parallel(actions: &[Action], workers: usize) -> Outcomes {
    run_parallel(actions, Workers::new(workers), &Stop::new(), |action, _| perform(action))
}

/// Sequential and parallel runs agree up to the first failure; behind it nothing is invented.
#[track_caller]
fn check(letters: &str) {
    let actions = actions(letters);
    let expected = sequential(&actions);
    let failure = letters.find(['f', 'p']);
    assert_eq!(expected.failure().map(|failure| failure.index), failure);
    assert_eq!(expected.is_complete(), failure.is_none());
    let begun = failure.map_or(letters.len(), |at| at + 1);
    assert_eq!(expected.cancelled(), letters.len() - begun);
    for workers in 1..=4 {
        let run = parallel(&actions, workers);
        assert_eq!(run.outcomes[..begun], expected.outcomes[..begun], "{letters} on {workers}");
        assert_eq!(run.failure(), expected.failure());
        for (at, outcome) in run.outcomes.iter().enumerate().skip(begun) {
            match outcome {
                Outcome::Cancelled => {}
                begun => assert_eq!(*begun, sequential(&actions[at..=at]).outcomes[0], "{letters} at {at}"),
            }
        }
    }
}

#[test]
fn sequential_and_parallel_agree() {
    check("");
    check("a");
    check("aaaaaaaaaaaaaaaaaaaa");
    check("naanaan");
    check("nnn");
    check("aaf");
    check("faa");
    check("aapaa");
    check("aafpfpaanaa");
    check("naafnaa");
    check("nfnn");
}

#[test]
fn an_action_that_panics_is_reported_with_its_text() {
    let failed = parallel(&actions("aap"), 2);
    let failure = failed.failure().unwrap();
    assert_eq!((failure.index, failure.error, failure.panic), (2, None, Some("broken 2")));
    let odd = run_parallel(&actions("a"), Workers::new(2), &Stop::new(), |_, _| -> Result<(), ()> {
        std::panic::panic_any(7)
    });
    assert_eq!(odd.outcomes, [Outcome::Panicked("a panic without a text".into())]);
}

/// Waits until every thread of the run is in an action, so that the run must use them all.
#[test]
fn a_group_runs_side_by_side_on_as_many_threads_as_it_may() {
    for workers in 2..=4 {
        let everyone = Barrier::new(workers);
        let run = run_parallel(&actions(&"a".repeat(workers)), Workers::new(workers), &Stop::new(), |_, _| {
            everyone.wait();
            Ok::<ThreadId, ()>(thread::current().id())
        });
        let mut threads: Vec<ThreadId> = run.done().map(|(_, thread)| *thread).collect();
        threads.sort_by_key(|thread| format!("{thread:?}"));
        threads.dedup();
        assert_eq!(threads.len(), workers);
    }
    assert_eq!([0, 1, 4, 5, 100].map(|wanted| Workers::new(wanted).count()), [1, 1, 4, 4, 4]);
    assert!((1..=4).contains(&Workers::available().count()));
}

#[test]
fn a_barrier_runs_alone_after_all_before_it_and_before_all_after_it() {
    let letters = "aaanaaannaan";
    for _ in 0..200 {
        let (running, seen) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        let run = run_parallel(&actions(letters), Workers::new(4), &Stop::new(), |action, _| {
            let beside = running.fetch_add(1, Ordering::SeqCst);
            assert!(beside < 4 && (action.kind != ActionKind::Navigate || beside == 0), "{beside} beside {action:?}");
            let at: usize = action.name[1..].parse().unwrap();
            seen.lock().unwrap().push(at);
            thread::yield_now();
            running.fetch_sub(1, Ordering::SeqCst);
            Ok::<(), ()>(())
        });
        assert!(run.is_complete(), "{:?}", run.failure());
        let seen = seen.into_inner().unwrap();
        let mut from = 0;
        for group in groups(&actions(letters)) {
            let mut places = seen[from..from + group.width()].to_vec();
            places.sort_unstable();
            assert!(places.into_iter().eq(from..from + group.width()), "{seen:?}");
            from += group.width();
        }
    }
}

/// The one that fails waits for the other to have begun; the other goes on until it is told to stop.
#[test]
fn a_failure_tells_what_runs_to_stop_and_cancels_the_rest() {
    let both = Barrier::new(2);
    let ended = AtomicUsize::new(0);
    let run = run_parallel(&actions("fbaaaa"), Workers::new(2), &Stop::new(), |action, stop| {
        both.wait();
        if action.name == "f0" {
            return Err("failed");
        }
        while !stop.is_raised() {
            thread::yield_now();
        }
        ended.fetch_add(1, Ordering::SeqCst);
        Ok(())
    });
    assert_eq!(ended.into_inner(), 1, "joined before the return");
    assert_eq!(run.outcomes[..2], [Outcome::Failed("failed"), Outcome::Done(())]);
    assert_eq!(run.cancelled(), 4);
}

#[test]
fn who_calls_can_stop_a_run() {
    let stop = Stop::new();
    stop.raise();
    for workers in 1..=2 {
        let run = run_parallel(&actions("aana"), Workers::new(workers), &stop, |action, _| perform(action));
        assert_eq!((run.cancelled(), run.failure()), (4, None));
    }
    let stop = Stop::new();
    let run = run_sequential(&actions("aaa"), &stop, |action, _| {
        stop.raise();
        perform(action)
    });
    assert_eq!((run.outcomes[0].clone(), run.cancelled()), (Outcome::Done(0), 2));
    // An action can cancel the rest of its run, and of no other.
    for workers in 1..=2 {
        let outer = Stop::new();
        let run = run_parallel(&actions("ananana"), Workers::new(workers), &outer, |action, stop| {
            stop.raise();
            perform(action)
        });
        assert!(run.cancelled() >= 4 && !outer.is_raised());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn any_actions_agree(letters in "[abcn]{0,12}[abcnfp]{0,6}[abcn]{0,6}") {
        check(&letters);
    }
}
