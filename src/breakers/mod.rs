//! Guards in front of what can fail: a circuit breaker with a limit of calls in flight.
//!
//! ```text
//!            failures in a row reach the threshold
//!   closed -----------------------------------------> open <--------+
//!     ^                                                |            |
//!     |                     first call after recovery  |            | any trial fails
//!     |                                                v            |
//!     +-------------- all trials succeed ---------- half-open ------+
//! ```
//! - *Closed*: calls run. A success zeroes the count of failures in a row.
//! - *Open*: calls are rejected, without an allocation. Recovery is measured from the opening, so failures of calls that
//!   were already running do not postpone it.
//! - *Half-open*: exactly as many trials as are set run; other calls are rejected.
//! - A result counts only in the state in which its call was let in: each change of state starts a new generation, and
//!   results of older ones are counted as late and otherwise ignored.
//! - A call that panics counts as a failure and gives its permit back.
//!
//! The closed path takes no lock and, without a limit of calls in flight, no atomic read-modify-write.
//!
//! It does not retry, time calls out or run anything in the background: an open breaker stays open until somebody calls.

mod breaker;
mod clock;
mod counts;
mod in_flight;
mod outcome;
mod permit;
mod settings;
mod word;

pub use breaker::{Breaker, State};
pub use clock::{Clock, ManualClock, Monotonic};
pub use counts::Counts;
pub use outcome::{CallError, Outcome, Rejection};
pub use permit::Permit;
pub use settings::{Settings, SettingsError};
