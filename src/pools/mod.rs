//! Pools of what is costly to allocate again: buffers, vectors with a capacity, records that own some.
//!
//! | pool | lends | take it when | do not take it when |
//! |---|---|---|---|
//! | [`VecPool`] | vectors of one capacity | scratch of some kilobytes is filled and emptied on a measured path | values are small or live long |
//! | [`ObjectPool`] | records that know how to [`Reset`] themselves | a record owns several allocations | it owns none: a value on the stack is free |
//! | [`buffer::BufferPool`] | byte buffers by size | buffers of 256 KiB and more come and go | all have one size: [`VecPool`] |
//!
//! Each hands out a guard that gives the value back when it is dropped; `take` keeps it. What comes back is emptied at once,
//! so a pool holds memory but never a reference to what a borrower stored. A vector that was grown goes back as it is.
//! [`Ring`] is a buffer that keeps the last bytes of what is written, in memory of its own or in a lent buffer.
//! [`result`] is the pool of the test framework's result records.
//!
//! # When not to use one
//! A shared pool of small buffers loses to malloc. An allocator keeps freed blocks for each thread, and finds one again in
//! 8 to 12 ns; a queue that threads share takes 14 to 19 ns alone and 26 to 490 ns when two threads meet at it. What is ahead is
//! state of the thread alone, and that by a few nanoseconds a value: these pools take about half of what malloc and free take
//! for 256 bytes. A pool pays where making a value takes more than one allocation, or where its memory comes from the
//! system: a buffer of 10 MiB whose pages are all written costs 2.5 ms fresh and 15 microseconds pooled.
//! (Figures of one machine, for their ratios; `cargo bench -p perfblocks-peers --bench pools` measures yours.)
//!
//! # How it is fast
//! ```text
//!  get:  shelf of this thread  ->  shared shelf (lock)  ->  fresh
//!  put:  fits the limits?  ->  shelf of this thread  ->  shared shelf (lock)  ->  freed
//!            no: freed, counted as rejected
//! ```
//! A thread's own shelf holds [`LOCAL_SHELF`] values and needs no atomic read-modify-write: one of those costs more than
//! the rest of the path. The first [`THREADS`] threads that are alive at a time have one in each pool; others use the
//! shared shelf. A value may be dropped on another thread than the one that got it: it goes to the shelf of the dropping
//! thread, from where it overflows to the shared one. Empty shelves take memory too: 8 KiB a pool, 16 KiB a pool of buffers.
//!
//! # What it does not do
//! Pools of vectors and records do not shrink, do not know about memory pressure, and do not take back what a finished
//! thread left on its shelf until a new thread takes that shelf over or the pool is dropped. A pool of buffers does the
//! first and the last, when it is told to [`adapt`](buffer::BufferPool::adapt).
//!
//! ```
//! use perfblocks::pools::{Limits, VecPool};
//! let pool = VecPool::new(Limits::JSON)?;
//! for line in ["one", "two"] {
//!     let mut text = pool.get(); // empty, with a capacity
//!     text.extend_from_slice(line.as_bytes());
//! } // emptied and kept
//! assert_eq!((pool.counts().misses, pool.counts().hits), (1, 1));
//! # Ok::<(), perfblocks::pools::LimitsError>(())
//! ```

pub mod buffer;
mod counts;
mod limits;
mod local;
mod object;
#[cfg(feature = "serialization")]
pub mod result;
mod ring;
mod shelf;
mod vec;

pub use crate::per_thread::THREADS;
pub use counts::Counts;
pub use limits::{Limits, LimitsError};
pub use object::{ObjectPool, PooledObject, Reset};
pub use ring::Ring;
pub use shelf::LOCAL_SHELF;
pub use vec::{PooledVec, VecPool};
