//! Hands actions out, each with the only reference to the place of its outcome, and keeps barriers apart from the rest.
//!
//! ```text
//!            take ──> running + 1 ──> perform ──> finish ──> running - 1
//! parallel:  waits while a barrier runs
//! barrier:   waits while anything runs
//! failure:   the queue is emptied; what runs goes on to its end
//! ```
//!
//! As places go out one by one from an exclusive iterator, no two threads can hold the same one: the compiler says so.

use super::action::Action;
use super::outcome::Outcome;
use crate::sync::{Condvar, Mutex, MutexGuard};
use std::iter::{Peekable, Zip};
use std::slice::{Iter, IterMut};
use std::sync::PoisonError;

/// An action and the place of its outcome.
pub(super) type Task<'q, T, E> = (&'q Action, &'q mut Outcome<T, E>);

type Tasks<'q, T, E> = Zip<Iter<'q, Action>, IterMut<'q, Outcome<T, E>>>;

/// Tasks that have not begun, and how many run.
pub(super) struct Queue<'q, T, E> {
    state: Mutex<State<'q, T, E>>,
    changed: Condvar,
}

struct State<'q, T, E> {
    rest: Peekable<Tasks<'q, T, E>>,
    running: usize,
    is_barrier_running: bool,
}

impl<'q, T, E> Queue<'q, T, E> {
    /// All `actions`, each with its place.
    pub(super) fn new(actions: &'q [Action], outcomes: &'q mut [Outcome<T, E>]) -> Queue<'q, T, E> {
        let rest = actions.iter().zip(outcomes).peekable();
        Queue { state: Mutex::new(State { rest, running: 0, is_barrier_running: false }), changed: Condvar::new() }
    }

    /// The next action, once it may begin; none when there is none left. Each that is taken must be finished.
    pub(super) fn take(&self) -> Option<Task<'q, T, E>> {
        let mut state = self.lock();
        loop {
            let is_barrier = state.rest.peek()?.0.is_barrier();
            if !state.is_barrier_running && (state.running == 0 || !is_barrier) {
                state.running += 1;
                state.is_barrier_running = is_barrier;
                return state.rest.next();
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Notes that one that was taken has ended.
    pub(super) fn finish(&self) {
        let mut state = self.lock();
        state.running -= 1;
        // Whoever waits does so for a barrier to end or for the last of a group.
        if state.running == 0 {
            state.is_barrier_running = false;
            self.changed.notify_all();
        }
    }

    /// Forgets what has not begun.
    pub(super) fn cancel(&self) {
        self.lock().rest = [].iter().zip(&mut []).peekable();
        self.changed.notify_all();
    }

    /// Never poisoned in earnest: what may panic is performed without the lock.
    fn lock(&self) -> MutexGuard<'_, State<'q, T, E>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
