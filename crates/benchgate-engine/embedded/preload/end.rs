//! Whether a reading ends a timed section.
//!
//! Where a reading is made from is told by the return addresses on the stack. One of them, always the same number of words up, is
//! that of the call that ends a section: of `Instant::elapsed`, or, where the compiler has inlined that, of the bench's own loop.
//! Such an address with its place is a *mark*. Which marks are ends, the driver has learned from a run of its own.

use core::sync::atomic::{AtomicU64, Ordering};

use super::page::{MARKS, Seat};

/// Words of the stack that are looked at: two small frames of the standard library lie between.
pub const DEPTH: usize = 40;

/// Bits of an address in a mark; no processor has more of them in user space.
const ADDRESS_BITS: u32 = 56;

/// An address as linked, so many words up the stack. Never 0.
pub const fn mark(slot: usize, address: usize) -> u64 {
    (slot as u64 + 1) << ADDRESS_BITS | address as u64 & ((1 << ADDRESS_BITS) - 1)
}

/// How many words up the stack a mark lies.
pub const fn slot(mark: u64) -> usize {
    (mark >> ADDRESS_BITS) as usize - 1
}

/// The address of a mark, as linked.
pub const fn address(mark: u64) -> u64 {
    mark & ((1 << ADDRESS_BITS) - 1)
}

/// The place at which a mark is looked for first; if another one is there, the next.
pub const fn place(mark: u64) -> usize {
    (mark.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize % MARKS
}

/// Whether a reading bears one of a seat's marks; `shift` is how far from where it was linked the executable lies.
///
/// # Safety
/// `stack` points into the initial thread's stack, above which lie arguments and environment: [`DEPTH`] words can be read.
pub unsafe fn bears_mark(seat: &Seat, shift: usize, stack: *const usize) -> bool {
    let mut slots = seat.slots.load(Ordering::Relaxed);
    while slots != 0 {
        let slot = slots.trailing_zeros() as usize;
        slots &= slots - 1;
        // SAFETY: the caller's promise: so many words lie above.
        let word = unsafe { stack.add(slot % DEPTH).read_volatile() };
        if holds(&seat.marks, mark(slot, word.wrapping_sub(shift))) {
            return true;
        }
    }
    false
}

fn holds(marks: &[AtomicU64; MARKS], wanted: u64) -> bool {
    let mut at = place(wanted);
    for _ in 0..MARKS {
        match marks.get(at).map_or(0, |mark| mark.load(Ordering::Relaxed)) {
            0 => return false,
            found if found == wanted => return true,
            _ => at = (at + 1) % MARKS,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marked_return_addresses_are_recognised() {
        // SAFETY: a seat is words, for which zero is a value.
        let mut seat: Box<Seat> = unsafe { Box::new(core::mem::zeroed()) };
        let marks = [mark(3, 0x1180), mark(7, 0x1180), mark(39, 0x2000)];
        for one in marks {
            *seat.slots.get_mut() |= 1 << slot(one);
            // Two of them in the first place of the other: they must be found all the same.
            let mut at = place(one);
            while *seat.marks[at].get_mut() != 0 {
                at = (at + 1) % MARKS;
            }
            *seat.marks[at].get_mut() = one;
        }
        assert_eq!((slot(marks[2]), address(marks[2])), (39, 0x2000));
        #[track_caller]
        fn check(seat: &Seat, at: usize, word: usize, expected: bool) {
            let mut stack = [0_usize; DEPTH];
            stack[at] = word;
            // SAFETY: the array is as long as what is looked at.
            assert_eq!(unsafe { bears_mark(seat, 0x7000_0000, stack.as_ptr()) }, expected);
        }
        check(&seat, 3, 0x7000_1180, true);
        check(&seat, 7, 0x7000_1180, true);
        check(&seat, 39, 0x7000_2000, true);
        check(&seat, 4, 0x7000_1180, false);
        check(&seat, 3, 0x7000_1181, false);
        check(&seat, 3, 0x1180, false);
        check(&seat, 3, 0, false);
    }

    #[test]
    fn full_table_ends_a_search() {
        let marks = [const { AtomicU64::new(1) }; MARKS];
        assert!(!holds(&marks, mark(1, 1)) && holds(&marks, 1));
    }
}
