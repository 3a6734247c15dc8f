//! Whether a reading ends a timed section: whether it was made by `Instant::elapsed`, whose return address is then on the
//! stack, a few words up.

/// Words of the stack that are looked at: two small frames of the standard library lie between.
const DEPTH: usize = 40;

/// Addresses of the code of `Instant::elapsed` in this process; empty where it is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ends {
    /// First.
    pub from: usize,
    /// One past the last.
    pub to: usize,
}

impl Ends {
    /// From addresses as linked and where the entry point, as linked, was loaded.
    pub fn loaded(from: u64, to: u64, entry: u64, loaded_entry: usize) -> Self {
        if from == 0 || entry == 0 {
            return Self { from: 0, to: 0 };
        }
        let shift = loaded_entry.wrapping_sub(entry as usize);
        Self { from: (from as usize).wrapping_add(shift), to: (to as usize).wrapping_add(shift) }
    }

    /// Whether one of the words from `stack` up is a return address in there.
    ///
    /// # Safety
    /// `stack` points into the initial thread's stack, above which lie arguments and environment.
    pub unsafe fn are_on(self, stack: *const usize) -> bool {
        let range = self.to.wrapping_sub(self.from);
        for at in 0..DEPTH {
            // SAFETY: the caller's promise: so many words lie above.
            let word = unsafe { stack.add(at).read_volatile() };
            if word.wrapping_sub(self.from) < range {
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn return_addresses_are_recognised() {
        let ends = Ends::loaded(0x100, 0x180, 0x40, 0x7000_0040);
        assert_eq!(ends, Ends { from: 0x7000_0100, to: 0x7000_0180 });
        #[track_caller]
        fn check(ends: Ends, at: usize, word: usize, expected: bool) {
            let mut stack = [0_usize; DEPTH + 8];
            stack[at] = word;
            // SAFETY: the array is longer than what is looked at.
            assert_eq!(unsafe { ends.are_on(stack.as_ptr()) }, expected);
        }
        check(ends, 3, 0x7000_0100, true);
        check(ends, 3, 0x7000_017f, true);
        check(ends, 3, 0x7000_0180, false);
        check(ends, 3, 0x7000_00ff, false);
        check(ends, DEPTH, 0x7000_0100, false);
        check(Ends::loaded(0, 0, 0x40, 0x7000_0040), 3, 0, false);
    }
}
