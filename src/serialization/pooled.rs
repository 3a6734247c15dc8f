//! The direct writer into scratch that each thread keeps, then one exact copy for the caller.
//!
//! It costs one copy of the text and saves the scan that a tight fresh buffer needs. The caller's vector has no byte to spare.

use super::direct;
use super::record::Record;
use std::cell::RefCell;

/// Capacity of new scratch, in bytes: the JSON buffer pool of the Panoptic testing framework.
const CAPACITY: usize = 2048;
/// Scratch that grew beyond this is given back to the allocator: one huge record must not pin its memory for good.
const MAX_CAPACITY: usize = 64 * 1024;

thread_local! {
    static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// `record` as JSON on one line, in a vector exactly as long as the text.
pub fn to_vec(record: &Record) -> Vec<u8> {
    SCRATCH.with_borrow_mut(|scratch| {
        if scratch.capacity() == 0 {
            scratch.reserve_exact(CAPACITY);
        }
        scratch.clear();
        direct::append(record, scratch);
        let text = scratch.as_slice().to_vec();
        if scratch.capacity() > MAX_CAPACITY {
            *scratch = Vec::new();
        }
        text
    })
}
