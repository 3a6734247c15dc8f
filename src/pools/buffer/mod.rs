//! A pool of large byte buffers in a few sizes, for the output of jobs.
//!
//! Take it for buffers of 256 KiB and more that come and go: a fresh one of that size is a call to the system and a page
//! fault for each 4 KiB written. Do not take it for small ones (an allocator serves those as fast, see
//! [`pools`](super)), nor where one size is enough ([`VecPool`](super::VecPool) is simpler), nor for buffers that live long.
//!
//! # What it promises
//! - A request gets a buffer of the smallest [`Tier`] that is large enough, so no size up to the largest tier is made for the
//!   occasion, and each tier that was prewarmed is reached.
//! - Memory is neither zeroed nor given back to the system on a put; [`BufferPool::adapt`] gives it back.
//! - Budgets hold at every moment: buffers that have a place in the pool, on whatever thread they lie, take `max_kept` bytes
//!   at most, and all that exist take `max_total` at most.
//! - Hits and misses are counted where they happen: a get that makes a buffer is a miss, whoever makes it.
//!
//! # What it costs
//! A thread keeps the buffers for itself that it gave back last, up to [`MAX_LOCAL`] of each tier, and gets them back without
//! an atomic read-modify-write, in the same time for every size. Other gets and puts take a lock. A thread that keeps
//! buffers it no longer needs holds on to their memory until it ends.

mod adapt;
mod lent;
mod pool;
mod settings;
mod stats;
mod store;
#[cfg(test)]
mod tests;
mod timer;

pub use lent::PooledBuffer;
pub use pool::{BudgetError, BufferPool, Prewarm};
pub use settings::{MAX_LOCAL, MAX_TIERS, Settings, SettingsError, Tier};
pub use stats::{Stats, TierStats};
pub use store::Adapted;
pub use timer::Timer;
