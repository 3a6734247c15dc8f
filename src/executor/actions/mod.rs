//! Runs the actions of a test: in order, and side by side where order does not matter.
//!
//! ```text
//! navigate │ click fill click screenshot │ submit │ click wait 1 s fill │ wait 5 s
//! barrier  │ parallel                    │barrier │ parallel            │ barrier
//! ```
//!
//! A barrier is an action that changes what the others see, see [`Action::is_barrier`]: it runs alone, after all before it and
//! before all after it. What stands between two barriers may run side by side, on at most [`Workers`] threads.
//!
//! What holds, for [`run_sequential`] and [`run_parallel`] alike:
//! - Each action has an [`Outcome`] of its own, written by the thread that ran it and by no other.
//! - The first failure cancels what has not begun, and what runs can ask its [`Stop`]. A panic is a failure that is reported
//!   with its text. All threads are joined before the call returns.
//! - Actions begin in their order. So [`Run::failure`] names the same action on any number of threads, whatever the timing:
//!   whatever stands before a failure was begun before it, and is finished.
//!
//! Take [`run_parallel`] where an action waits for something, such as a browser: a thread costs tens of microseconds to start,
//! more than thousands of actions that only compute. Where actions take less than that, [`run_sequential`] is faster by far.
//! It allocates once, for the outcomes. Neither retries, nor reads a clock: how long an action waits is up to who performs it.
//!
//! ```
//! use perfblocks::executor::actions::{Action, ActionKind, Stop, Workers, run_parallel};
//! let click = |selector: &str| Action { selector: selector.into(), ..Action::new(ActionKind::Click, selector) };
//! let actions = [Action::new(ActionKind::Navigate, "home"), click("#buy"), click("#pay")];
//! let run = run_parallel(&actions, Workers::available(), &Stop::new(), |action, _| match action.kind {
//!     ActionKind::Click if action.selector == "#pay" => Err("no such button"),
//!     _ => Ok(action.name.len()),
//! });
//! assert_eq!(run.failure().expect("one failed").index, 2);
//! assert_eq!(run.done().count(), 2);
//! ```

mod action;
mod group;
mod outcome;
mod queue;
mod run;
pub mod save;
mod stop;

pub use action::{Action, ActionKind, UnknownKind};
pub use group::{Group, Groups, groups};
pub use outcome::{Failure, Outcome, Run};
pub use run::{Workers, run_parallel, run_sequential};
pub use stop::Stop;
