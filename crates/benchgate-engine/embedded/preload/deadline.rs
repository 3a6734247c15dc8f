//! Absolute deadlines. `park_timeout` and its like compute them from the virtual clock and hand them to the kernel, which
//! knows only the real one: without a shift by the time asleep they would have passed already.

use super::clock::Clock;
use super::system::{Timespec, number};

const COMMAND: usize = 0x7f;
const WAIT_BITSET: usize = 9;
/// The deadline is on the calendar's clock, which is not virtual.
const CALENDAR: usize = 0x100;

/// The real deadline of a system call, if it is a futex wait with an absolute monotonic one.
///
/// # Safety
/// The arguments are a system call's, so that a futex's timeout points to a timespec or is null.
pub unsafe fn shifted(clock: &Clock, call: usize, arguments: &[usize; 6]) -> Option<Timespec> {
    let [_, operation, _, timeout, ..] = *arguments;
    let is_absolute = operation & COMMAND == WAIT_BITSET && operation & CALENDAR == 0;
    if call != number::FUTEX || !is_absolute || timeout == 0 {
        return None;
    }
    // SAFETY: the caller's promise.
    let deadline = unsafe { (timeout as *const Timespec).read() };
    let (real, is_moved) = clock.real_deadline(deadline.to_nanos());
    is_moved.then(|| Timespec::from_nanos(real))
}
