//! Guards in front of what can fail or be asked too much: a circuit breaker with a limit of calls in flight, a bulkhead,
//! limiters of rate, retries, and a stack of them all.
//!
//! | guard | take it when | do not take it when | a call that passes costs |
//! |---|---|---|---|
//! | [`Breaker`] | something fails for minutes, and trying makes it worse | failures are single | a few plain loads and stores; with a limit of calls in flight one atomic swap more |
//! | [`Bulkhead`] | callers can do without an answer | they should wait for their turn | one swap |
//! | [`TokenBucket`] | bursts are fine | every period must keep the limit | a clock read and one compare-and-swap |
//! | [`SlidingWindow`] | every period must keep the limit | the limit is millions: 8 bytes a call | a clock read and a lock |
//! | [`PerKey`] | one client must not use up all | clients are trusted | a clock read, a hash and a lock |
//! | [`Retry`] | failures are single, and calls may be made twice | failures last | a branch |
//! | [`Stack`] | calls go to something remote | one guard will do | all of the above |
//!
//! # The breaker
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
//! - *Disabled*: by its settings; calls run, unlimited and uncounted.
//! - A result counts only in the state in which its call was let in: each change of state starts a new generation, and
//!   results of older ones are counted as late and otherwise ignored.
//! - A call that panics counts as a failure and gives its permit back.
//!
//! It does not retry, time calls out or run anything in the background: an open breaker stays open until somebody calls.
//!
//! # What holds for all
//! - Nothing allocates once it is made, whatever the outcome. Limits are exact: a call is rejected only if at one moment so
//!   many others were in flight.
//! - Clocks, delays and randomness are the caller's: nothing here sleeps or draws entropy. [`Monotonic`] is the one that
//!   reads the system's clock.
//! - What threads write on a call that passes lies on lines of their own, as long as no more than 64 live threads call;
//!   others share one. A breaker has 8 KiB of such lines, a limit of calls in flight 8 KiB, a bulkhead 16 KiB.
//!
//! ```
//! use perfblocks::breakers::{Breaker, Outcome, Rejection, Settings};
//! let breaker = Breaker::new(Settings { failure_threshold: 1, ..Settings::default() })?;
//! assert_eq!(breaker.call(|| Err::<(), _>("refused")), Outcome::Failed("refused"));
//! assert_eq!(breaker.call(|| Ok::<_, &str>(())), Outcome::Rejected(Rejection::Open));
//! # Ok::<(), perfblocks::breakers::SettingsError>(())
//! ```

mod backoff;
mod breaker;
mod bucket;
mod bulkhead;
mod clock;
mod counts;
mod in_flight;
mod outcome;
mod per_key;
mod permit;
mod quota;
mod random;
mod retry;
mod settings;
mod stack;
mod tally;
mod window;
mod word;

pub use backoff::{Backoff, BackoffError};
pub use breaker::{Breaker, State};
pub use bucket::{TokenBucket, TokensError};
pub use bulkhead::{Bulkhead, BulkheadCounts, Full, Slot};
pub use clock::{Clock, ManualClock, Monotonic};
pub use counts::Counts;
pub use outcome::{CallError, Outcome, Rejection};
pub use per_key::{PerKey, Refusal, WAYS};
pub use permit::Permit;
pub use quota::{Quota, QuotaError};
pub use random::SplitMix;
pub use retry::{GaveUp, Retry};
pub use settings::{Settings, SettingsError};
pub use stack::{Stack, StackError, StackSettings, StackSettingsError};
pub use window::SlidingWindow;
