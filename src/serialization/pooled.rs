//! The direct writer into a pooled buffer, then one exact copy for the caller.
//!
//! It costs one copy of the text, and the caller's vector has no byte to spare. Up to eight kilobytes [`direct::to_vec`] does the
//! same from the stack and is faster; take the pool for longer records, where that has to look at every string twice.

use super::direct;
use super::record::Record;
use crate::pools::{Counts, Limits, VecPool};
use std::sync::LazyLock;

/// 2 KiB buffers; one that grew beyond 64 KiB is given back to the allocator, so that one huge record does not pin its memory.
static BUFFERS: LazyLock<VecPool<u8>> =
    LazyLock::new(|| VecPool::new(Limits::RESULT).expect("the limits of the library agree with each other"));

/// `record` as JSON on one line, in a vector exactly as long as the text.
///
/// ```
/// use perfblocks::serialization::{Record, direct, pooled};
/// let record = Record::default();
/// let text = pooled::to_vec(&record);
/// assert_eq!(text, direct::to_vec(&record));
/// assert_eq!(text.len(), text.capacity());
/// ```
pub fn to_vec(record: &Record) -> Vec<u8> {
    let mut buffer = BUFFERS.get();
    direct::append(record, &mut buffer);
    buffer.as_slice().to_vec()
}

/// What the pool of buffers has done so far, in the whole process.
pub fn counts() -> Counts {
    BUFFERS.counts()
}
