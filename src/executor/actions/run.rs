//! Runs actions, on the caller's thread and on helpers that live as long as the call.

use super::action::Action;
use super::group::groups;
use super::outcome::{Outcome, Run};
use super::queue::Queue;
use super::stop::Stop;
use std::any::Any;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

/// On how many threads actions run at most, the caller's among them: one to four.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Workers(usize);

impl Workers {
    /// More than four browsers disturb each other: the limit of the Panoptic testing framework
    /// (`internal/executor/parallel_executor.go`).
    pub const MOST: usize = 4;

    /// `wanted` threads, brought into the range of one to [`Workers::MOST`].
    pub const fn new(wanted: usize) -> Workers {
        Workers(match wanted {
            0 => 1,
            1..=Workers::MOST => wanted,
            _ => Workers::MOST,
        })
    }

    /// As many as the process may use at once, at most [`Workers::MOST`].
    pub fn available() -> Workers {
        Workers::new(thread::available_parallelism().map_or(1, NonZeroUsize::get))
    }

    /// How many.
    pub const fn count(self) -> usize {
        self.0
    }
}

/// Runs `actions` one after the other on the caller's thread, up to the first failure or until `stop` is raised.
///
/// `perform` gets a [`Stop`] that is raised when `stop` is, and that it may raise to cancel the rest.
pub fn run_sequential<T, E>(
    actions: &[Action],
    stop: &Stop<'_>,
    mut perform: impl FnMut(&Action, &Stop<'_>) -> Result<T, E>,
) -> Run<T, E> {
    let stop = &stop.child();
    let mut outcomes = Vec::with_capacity(actions.len());
    for action in actions {
        if stop.is_raised() {
            break;
        }
        let outcome = caught(|| perform(action, stop));
        let is_done = matches!(outcome, Outcome::Done(_));
        outcomes.push(outcome);
        if !is_done {
            break;
        }
    }
    outcomes.resize_with(actions.len(), || Outcome::Cancelled);
    Run { outcomes }
}

/// Runs `actions` on at most so many `workers`, barriers alone, up to the first failure or until `stop` is raised. All threads
/// that it starts are joined when it returns; it starts no more than the widest group can use, and none for a single worker.
///
/// `perform` gets a [`Stop`] that is raised when `stop` is and when an action has failed, and that it may raise to cancel the
/// rest.
pub fn run_parallel<T: Send, E: Send>(
    actions: &[Action],
    workers: Workers,
    stop: &Stop<'_>,
    perform: impl Fn(&Action, &Stop<'_>) -> Result<T, E> + Sync,
) -> Run<T, E> {
    if workers.count() == 1 {
        return run_sequential(actions, stop, perform);
    }
    let widest = groups(actions).map(|group| group.width()).max().unwrap_or_default();
    let threads = workers.count().min(widest);
    if threads <= 1 {
        return run_sequential(actions, stop, perform);
    }
    let mut outcomes = Vec::new();
    outcomes.resize_with(actions.len(), || Outcome::Cancelled);
    let queue = Queue::new(actions, &mut outcomes);
    let (queue, stop, perform) = (&queue, &stop.child(), &perform);
    thread::scope(|scope| {
        for _ in 1..threads {
            // Where the system has no thread left, those that there are do the work.
            if thread::Builder::new().spawn_scoped(scope, || work(queue, stop, perform)).is_err() {
                break;
            }
        }
        work(queue, stop, perform);
    });
    Run { outcomes }
}

/// Takes tasks until there are none.
fn work<T, E>(queue: &Queue<'_, T, E>, stop: &Stop<'_>, perform: &impl Fn(&Action, &Stop<'_>) -> Result<T, E>) {
    loop {
        if stop.is_raised() {
            queue.cancel();
        }
        let Some((action, place)) = queue.take() else { return };
        *place = caught(|| perform(action, stop));
        if !matches!(place, Outcome::Done(_)) {
            stop.raise();
            queue.cancel();
        }
        queue.finish();
    }
}

/// What `perform` returns, or the text that it panicked with. After a panic nothing more is begun, so that nobody builds upon
/// what it left half done but those that already run.
fn caught<T, E>(perform: impl FnOnce() -> Result<T, E>) -> Outcome<T, E> {
    match catch_unwind(AssertUnwindSafe(perform)) {
        Ok(Ok(result)) => Outcome::Done(result),
        Ok(Err(error)) => Outcome::Failed(error),
        Err(panic) => Outcome::Panicked(text_of(panic.as_ref())),
    }
}

fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref().map(String::as_str));
    text.unwrap_or("a panic without a text").to_owned()
}
