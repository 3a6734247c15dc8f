//! What happened, how often and how long it took, recorded by many threads at the cost of some stores.
//!
//! ```
//! use perfblocks::metrics::{Execution, Recorder, Status};
//!
//! let recorder = Recorder::default();
//! let inspect = recorder.operation("inspect"); // once; a key is four bytes
//! recorder.ended(inspect, 800_000, Status::Ok);
//! recorder.ended(inspect, 90_000_000, Status::Failed);
//!
//! let backup = recorder.job("backup");
//! let running = recorder.running();
//! drop(running); // when it has ended, or panicked
//! recorder.executed(backup, Execution { status: Status::Ok, took_ns: 2_000_000_000, ended_at_ns: 17 });
//!
//! let seen = recorder.take(); // and start anew
//! let inspected = seen.operation("inspect").expect("recorded above");
//! assert_eq!((inspected.ok, inspected.failed, inspected.error_rate_percent()), (1, 1, Some(50.0)));
//! assert_eq!(inspected.latency.max_ns, 90_000_000);
//! assert_eq!((seen.running.now, seen.running.max), (0, 1));
//! print!("{seen}");
//! ```
//!
//! # When to take it
//! When operations take less than a microsecond, or many threads record at a time. Do not take it for a program that ends
//! after some hundred operations: a [`Histogram`] in a variable does. Do not take it to export to a monitoring system whose
//! buckets are its own.
//!
//! # How it is fast
//! Each thread has books of its own, so recording is loads and stores to memory that no other thread writes: no atomic
//! read-modify-write, no lock, no clock. Names are looked up once and stand as [`Key`]s. Only the [`Gauge`] is one word for
//! all threads, since the most that ran at a time is known to nobody alone; and executions of jobs, which take
//! milliseconds, are kept under a lock of the thread's own. Threads beyond the first 64 that are alive share one set of books and take turns.
//!
//! Recording allocates when a thread first records something of a kind or a name, and never after that: 12 KB for an
//! operation's histogram. Reading adds up the books of all threads; it costs microseconds for each operation. A recorder that has
//! seen nothing takes 72 KiB for the tables of its threads and some 40 KB to read with: one recorder serves all.
//!
//! # What a snapshot is
//! - An event is in it wholly or not at all: never a latency without its operation.
//! - What a thread recorded before another began the snapshot, and told it so, is in it.
//! - [`take`](Recorder::take) starts anew at the same moment for each event: every event is in exactly one of the snapshots
//!   that are taken, so their counts and sums add up to those of no reset at all. A [`reset`](Recorder::reset) is a take
//!   that nobody looks at.
//! - Counts and sums are exact. The least and the greatest latency are exact until the first reset, and later unless an
//!   event was recorded while a reset was under way: then they lie within the error of a bucket.
//! - Jobs that run survive a reset; the most that ran at a time starts anew from them.
//! - Quantiles lie within [`RELATIVE_ERROR`] of those of a sort. An error rate is a share of what ended, in [0, 100], and none
//!   where nothing did. Nothing recorded is told apart from zero.
//!
//! What is recorded is modelled on the performance metrics of netresearch/ofelia.

mod books;
mod gauge;
mod histogram;
mod jobs;
mod keys;
#[cfg_attr(loom, allow(missing_docs, reason = "public for the models only"))]
mod ledger;
mod limits;
#[cfg_attr(loom, allow(missing_docs, reason = "public for the models only"))]
mod notice;
mod recorder;
mod scale;
mod shard;
mod snapshot;
mod status;
mod window;

pub use gauge::{Entered, Gauge, Level};
pub use histogram::{Histogram, LONGEST_NS, LatencySummary, RELATIVE_ERROR};
pub use jobs::{Execution, JobTotals};
pub use keys::{Custom, Event, Job, Key, OTHER, Operation, Reason};
#[cfg(loom)]
pub use ledger::{Ledger, Reading};
pub use limits::Limits;
#[cfg(loom)]
pub use notice::Notice;
pub use recorder::Recorder;
pub use snapshot::{NamedCount, NamedJob, OperationTotals, Snapshot};
pub use status::Status;
pub use window::RateWindow;
