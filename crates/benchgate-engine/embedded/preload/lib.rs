//! The lockstep clock: a small library that is preloaded into bench processes.
//!
//! Two processes of a pair share a page of memory with a turn word. The library stands in for `clock_gettime`, which
//! `std::time::Instant` reads, and keeps a virtual clock that runs only while its process has the turn:
//!
//! ```text
//! base       ████ read ─╮ asleep        ╭─ read ████ read ─╮            time asleep is subtracted
//! candidate    asleep   ╰─ ████ read ───╯    asleep        ╰─ ████      from every later reading
//! ```
//!
//! A process hands the turn over at a reading that ends a timed section, once its quantum is used up, and sleeps until the turn
//! comes back. So the code under test of either side runs alone, less than a
//! millisecond away from the other's.
//!
//! Built as a crate of its own without the standard library (`build.rs`, `--cfg benchgate_preload`), embedded in the gate;
//! and as a module of the gate, which shares [`page`] with it, for lints and tests. It allocates nothing, opens nothing but
//! the page that the environment names, and is inert without it.
//!
//! With `--cfg benchgate_preload_counting` the same source becomes another library, which counts the heap as well:
//! [`counting`]. With `--cfg benchgate_preload_learning` it becomes a third, which notes where readings are made from, so that the
//! driver can learn which of them end a section: [`learning`].
#![cfg_attr(benchgate_preload, no_std)]
#![allow(unsafe_code, reason = "it is loaded into foreign processes, below Rust's own guarantees")]
#![cfg_attr(
    not(benchgate_preload),
    allow(dead_code, reason = "only the crates of its own are run; here they are checked")
)]

#[cfg(any(not(benchgate_preload), benchgate_preload_counting))]
pub mod counting;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
pub mod end;
#[cfg(any(not(benchgate_preload), benchgate_preload_learning))]
pub mod learning;
pub mod page;

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod clock;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod deadline;
mod environment;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod exports;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod start;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod system;

/// There is nothing to unwind to in a foreign process; nothing here panics.
#[cfg(benchgate_preload)]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    system::exit(70)
}
