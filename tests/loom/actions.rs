//! The queue of actions: each place is handed out once, barriers run alone, nobody sleeps through the end.
//!
//! The queue is compiled in here, as the threads that run actions borrow it and loom's threads cannot.

use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;
use perfblocks::executor::actions::{Action, ActionKind, Outcome};

mod action {
    pub(super) use perfblocks::executor::actions::Action;
}
mod outcome {
    pub(super) use perfblocks::executor::actions::Outcome;
}
#[path = "../../src/executor/actions/queue.rs"]
mod queue;

use queue::Queue;

struct State {
    queue: Queue<'static, (), ()>,
    running: AtomicUsize,
    begun: AtomicUsize,
}

/// Explores three threads that take and finish all of `kinds`; the one that runs `cancels_at` cancels the rest.
fn explore(kinds: &'static [ActionKind], cancels_at: Option<usize>) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(move || {
        // The queue borrows, and loom's threads want what lives for ever: a few hundred bytes for each run of the model.
        let name = |at: usize| at.to_string();
        let actions: Vec<Action> = kinds.iter().enumerate().map(|(at, kind)| Action::new(*kind, &name(at))).collect();
        let outcomes: Vec<Outcome<(), ()>> = kinds.iter().map(|_| Outcome::Cancelled).collect();
        let state: &'static State = Box::leak(Box::new(State {
            queue: Queue::new(actions.leak(), outcomes.leak()),
            running: AtomicUsize::new(0),
            begun: AtomicUsize::new(0),
        }));
        let work = move || {
            let mut taken = 0;
            while let Some((action, place)) = state.queue.take() {
                assert_eq!(*place, Outcome::Cancelled, "a place is handed out once");
                let beside = state.running.fetch_add(1, Ordering::SeqCst);
                assert!(!action.is_barrier() || beside == 0, "a barrier runs alone");
                let before = state.begun.fetch_add(1, Ordering::SeqCst);
                assert!(!action.is_barrier() || action.name == before.to_string(), "in its place");
                *place = Outcome::Done(());
                state.running.fetch_sub(1, Ordering::SeqCst);
                if cancels_at.is_some_and(|at| action.name == at.to_string()) {
                    state.queue.cancel();
                }
                state.queue.finish();
                taken += 1;
            }
            taken
        };
        let others = [thread::spawn(work), thread::spawn(work)];
        let mine = work();
        let taken: usize =
            mine + others.map(|other| other.join().expect("a model that panics ends there")).iter().sum::<usize>();
        assert_eq!(taken, state.begun.load(Ordering::SeqCst));
        match cancels_at {
            None => assert_eq!(taken, kinds.len()),
            Some(at) => assert!((at + 1..=kinds.len()).contains(&taken)),
        }
    });
}

#[test]
fn a_barrier_between_others_runs_alone_and_everybody_ends() {
    explore(&[ActionKind::Click, ActionKind::Navigate, ActionKind::Click], None);
}

#[test]
fn side_by_side_each_is_taken_once() {
    explore(&[ActionKind::Click, ActionKind::Click, ActionKind::Click], None);
}

#[test]
fn who_waits_behind_a_barrier_that_cancels_ends() {
    explore(&[ActionKind::Navigate, ActionKind::Click, ActionKind::Click], Some(0));
}
