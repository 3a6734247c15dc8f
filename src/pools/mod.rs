//! Pools of what is costly to allocate again: vectors with a capacity, and records that own some.
//!
//! [`VecPool`] lends vectors, [`ObjectPool`] lends records that know how to [`Reset`] themselves. Both hand out a guard
//! that gives the value back when it is dropped, grown or not; `take` keeps it. What comes back is emptied at once, so a
//! pool holds memory but never a reference to what a borrower stored.
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
//! thread, from where it overflows to the shared one.
//!
//! [`result`] is the pool of the test framework's result records.
//!
//! # What it does not do
//! It does not shrink by itself, does not know about memory pressure, and does not take back what a finished thread left
//! on its shelf until a new thread takes that shelf over or the pool is dropped.

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
