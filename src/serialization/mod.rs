//! JSON writers for result records: one value, several ways to text, the same bytes from each.
//!
//! | module | what it does | allocations |
//! |---|---|---|
//! | [`direct`] | hand-written, into the caller's buffer or a fresh one, also indented | 0 with enough capacity; 1 fresh |
//! | [`pooled`] | hand-written, into a buffer of [`crate::pools`], then copied out | 1, exactly as long as the text |
//! | [`stream`] | hand-written, a sequence to a sink, in bounded memory | 1 for the sequence |
//! | [`action`] | hand-written, a map of values, such as what an action answers | 1 fresh |
//! | [`generic`] | serde's derive through serde_json, also indented | as serde_json grows its buffer |
//! | [`dynamic`] | a tree of values, then serde_json | one for each string, list and map |
//!
//! # What it costs
//! The direct writer takes about a third to a half of the time of serde_json, and of sonic-rs half to three quarters, on records
//! of 300 bytes to some kilobytes: it stores sixteen bytes at a time in a kilobyte on the stack, whose sweep of zeros is a tenth
//! of a small record's time, and copies them out once. So a text of a few bytes is better appended with [`scalar`] to a
//! buffer that has room. A fresh text costs an allocation and a copy more. Strings of one kind or another hardly differ;
//! floats take the most for their length, and a date is half of a timestamp's time, which [`KnownDay`] saves.
//!
//! # Which to take
//! Take [`direct::append`] with a buffer that you keep. Take [`generic`] where the type is not [`Record`], or where nobody waits:
//! a derived type costs one line and the direct writer a page.
//!
//! It does not parse, and it does not write any other type.
//!
//! ```
//! use perfblocks::serialization::{Record, direct, generic};
//! let record = Record { app_name: "Shop".into(), error: "timed out\n".into(), ..Record::default() };
//! let text = direct::to_vec(&record);
//! assert!(text.ends_with(br#""success":false,"error":"timed out\n"}"#));
//! assert_eq!(text, generic::to_vec(&record)?);
//! # Ok::<(), perfblocks::serialization::SerializationError>(())
//! ```

pub mod action;
mod block;
mod digits;
pub mod direct;
pub mod dynamic;
mod escape;
mod estimate;
pub mod generic;
#[cfg(feature = "pools")]
pub mod pooled;
mod record;
mod rfc3339;
pub mod scalar;
mod stage;
pub mod stream;
mod timestamp;
mod value;

pub use estimate::capacity_bound;
pub use record::Record;
pub use rfc3339::KnownDay;
#[cfg(feature = "executor")]
pub(crate) use rfc3339::MAX_TEXT_LEN as TIMESTAMP_LEN;
pub use timestamp::{Nanos, Timestamp, TimestampError};
pub use value::{KeyOrder, Map, Value};

/// Why a record could not be written. The direct writers into memory cannot fail and do not return it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SerializationError {
    /// serde_json refused a value.
    #[error("the generic writer refused a value")]
    Generic(#[from] serde_json::Error),
    /// The sink of a stream failed.
    #[error("the sink failed after `{written}` bytes")]
    Sink {
        /// Bytes that the sink had taken before.
        written: u64,
        /// What the sink said.
        source: std::io::Error,
    },
}
