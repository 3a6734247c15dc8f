//! Lets a Criterion bench say where its time goes: [`Sampler`] samples the stacks of a benchmark while Criterion runs it
//! with `--profile-time`, and writes them as folded stacks, `outermost;…;innermost count`, a line a stack.
//!
//! ```no_run
//! use benchgate_profile::Sampler;
//! use criterion::Criterion;
//!
//! let mut criterion = Criterion::default().with_profiler(Sampler::new()).configure_from_args();
//! criterion.bench_function("sum", |bencher| bencher.iter(|| (0..1000_u64).sum::<u64>()));
//! ```
//!
//! It costs nothing without `--profile-time`: Criterion does not call it then. With it, the process is interrupted
//! [`HERTZ`] times a second of processor time, and what it then measures of itself is worth nothing; Criterion keeps none of it.
//!
//! The stacks go to `folded.txt` in the directory that Criterion names, `<home>/<id>/profile/`, or to the file that the
//! variable [`FILE`] names. The file is written whole or not at all.
//!
//! # What it does not see
//! The sampler unwinds in a signal handler, which is not safe inside the C library, the unwinder or the kernel's page of
//! clocks: samples that fall there are dropped. So time in `memcpy`, `malloc` and `Instant::now` is missing from the shares,
//! and what calls them looks cheaper than it is. Time asleep is not sampled either; the signal follows processor time. What
//! the compiler inlined counts as the function that it was inlined into.
//!
//! When not to use it: to find out *whether* something got slower. Samples are too few for that; pairs decide it.
//!
//! Sampling itself is [pprof](https://docs.rs/pprof)'s, whose own adaptor is for another version of Criterion. Where it cannot
//! sample (Windows), nothing is written, and a line on standard error says so.
#![warn(missing_docs)]
#![expect(clippy::disallowed_methods, reason = "a profile is a file, and Linux tells by another where a program lies")]

#[cfg(unix)]
mod folded;
#[cfg(unix)]
mod sampler;
#[cfg(not(unix))]
#[path = "silent.rs"]
mod sampler;

pub use sampler::Sampler;

/// Samples a second of processor time. Not a round number, so that it does not keep step with what a bench does every
/// millisecond.
pub const HERTZ: i32 = 997;

/// Variable with the file to write to, instead of `folded.txt` in Criterion's profile directory; functions then stand there with
/// their places in the executable, `0x1f0 name`, since line tables know only the last part of their names. A program that holds
/// these bytes can be asked for a profile: that is how the gate tells.
pub const FILE: &str = "BENCHGATE_PROFILE_FILE";
