//! The reference program: the partner of a benchmark whose time is stored.
//!
//! Nanoseconds mean little a week later, since the clock rate of the moment is in them. What is stored is the ratio to a fixed
//! piece of work that took turns with the benchmark a fraction of a millisecond apart, and this is that work: a chain of dependent
//! multiplications. It is fixed for ever: another chain is another reference, and what is stored against the old one is worth nothing
//! beside it.
//!
//! To the gate it is a Criterion bench like any other. It speaks the part of Criterion's port protocol that a lockstep pair needs, and its
//! benchmarks are the ones that its filter names: `chain/0|chain/1|…` runs the chain as often as the other side has benchmarks.
//!
//! Built as a program of its own (`build.rs`) and embedded in the gate; and as a module of the gate, for lints and tests.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a program of its own, at the edge on all sides"
)]

pub mod plan;
mod port;
pub mod work;

use plan::Plan;

/// Runs what the command line asks for.
pub fn main() -> std::process::ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match Plan::read(&arguments).and_then(|plan| port::serve(&plan)) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            std::process::ExitCode::FAILURE
        }
    }
}
