//! Heap benches on [dhat]: exact allocations, bytes, peak and growth of each case.
//!
//! ```toml
//! [[bench]]
//! name = "heap"
//! harness = false
//! ```
//!
//! ```
//! use benchgate_heap::{Case, Heap, Id};
//!
//! #[global_allocator]
//! static ALLOCATOR: benchgate_heap::Allocator = benchgate_heap::ALLOCATOR;
//!
//! fn main() -> std::process::ExitCode {
//!     let build = || vec!["pool", "breaker"];
//!     let case = Case::new(Id::new("strings", "join", 2), build, |words| words.join(", "));
//!     Heap::from_args().case(case.check(|_, joined| assert_eq!(joined, "pool, breaker"))).finish()
//! }
//! ```
//!
//! `cargo bench --bench heap` measures, `cargo test --benches` runs and checks each case once, `--list` lists,
//! `--format json` prints one versioned object a line, and `[FILTER]...` with or without `--exact` selects. `--sites FILE` writes
//! where the selected case allocates, over sixteen warm iterations, in the format of DHAT's viewer.
//!
//! # What is counted
//! - *Allocations* and *bytes* an iteration: `(totals(2N) - totals(N)) / N` after a warm-up, so that what happens once
//!   cancels. As dhat counts, growing a block is one more allocation of the whole new size. `exact` says that both, and
//!   the slope, are whole numbers.
//! - *Peak*: the growth within one warm iteration. *Live*: the growth of live bytes over 2N iterations, outputs dropped,
//!   state kept. *Slope*: that growth an iteration over the second N; a leak is a slope above zero.
//! - *Threads* of the process before the state is built and after it is dropped, on Linux.
//! - *Counters* that the case names.
//!
//! Everything is measured twice with a fresh state; `repeatable` says that both passes agree in everything.
//!
//! Only `run` and the drop of its output are counted, on all threads of the process. State, inputs and checks are not.
//! Time is not measured: dhat takes a backtrace at each allocation.
//!
//! # Limits
//! dhat counts the system allocator only, and one profiler may exist in a process, so cases must not start their own.
//! A case must not print to standard output where a program reads it.
#![warn(missing_docs)]

mod arguments;
mod case;
mod heap;
mod human;
mod id;
mod line;
mod measure;
mod place;
mod threads;

pub use arguments::ArgumentsError;
pub use case::{Case, ITERATIONS, Throughput, WARM_UP};
/// The counting allocator, to be made the global one.
pub use dhat::Alloc as Allocator;
pub use heap::Heap;
pub use id::Id;

/// The value of [`Allocator`].
pub const ALLOCATOR: Allocator = dhat::Alloc;
