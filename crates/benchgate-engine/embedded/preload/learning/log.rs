//! What a process of a learning run notes: at each reading of a clock by the bench thread, the time and where it was read from.
//!
//! ```text
//! file     | header, 64 KiB | entry 0 | entry 1 | ...      sparse: it is as long as what was written
//! driver:  the process waits for leave to go on: reads the entries, sets `next` to 0
//! ```

use core::ffi::c_int;
use core::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering};

use super::super::end::{DEPTH, mark};

/// Environment variable that names the log.
#[cfg_attr(benchgate_preload, allow(dead_code, reason = "for the driver"))]
pub const VARIABLE: &str = "BENCHGATE_LEARNING";

/// Set in `joined` by a library that found its log; another version of it would set another number.
pub const JOINED: u32 = 1;

/// Bytes before the first entry: a whole page, however large the system's pages are.
pub const HEADER_BYTES: usize = 64 << 10;

/// Entries that are kept, the last ones: 56 MiB. What reads the clock before a bench, to calibrate another one for instance, may do so
/// as often as it likes.
pub const MOST_ENTRIES: usize = 512 << 10;

/// Marks of one reading: return addresses of its callers, and what calls before it left on the stack.
pub const MARKS_NOTED: usize = 12;

/// Words of the header, at the beginning of the file.
#[repr(C)]
#[derive(Debug)]
pub struct Header {
    /// [`JOINED`] once the library has found the log.
    pub joined: AtomicU32,
    /// 1 once the oldest entries were overwritten.
    pub lost: AtomicU32,
    /// Entries since the driver last set this to zero.
    pub next: AtomicU64,
    /// Entry point of the executable as linked. Written by the driver.
    pub entry: AtomicU64,
    /// First address of the executable's code as linked. Written by the driver.
    pub text_from: AtomicU64,
    /// One past the last.
    pub text_to: AtomicU64,
}

/// What was known at one reading of a clock.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The time that the reading showed, in nanoseconds.
    pub nanos: u64,
    /// Which clock it was, by the system's number.
    pub clock: u64,
    /// Words on the stack that are addresses of the executable's code, the nearest first; the rest is 0.
    pub marks: [u64; MARKS_NOTED],
}

/// Length of the file.
pub const FILE_BYTES: usize = HEADER_BYTES + MOST_ENTRIES * size_of::<Entry>();

/// One process's log.
#[derive(Debug)]
pub struct Log {
    header: AtomicPtr<Header>,
    /// The initial thread, on which benches run.
    bench_thread: AtomicUsize,
    /// How far from where it was linked the executable lies.
    shift: AtomicUsize,
}

impl Log {
    /// Without a file: notes nothing.
    #[expect(clippy::new_without_default, reason = "made once, in a static")]
    pub const fn new() -> Self {
        Self {
            header: AtomicPtr::new(core::ptr::null_mut()),
            bench_thread: AtomicUsize::new(0),
            shift: AtomicUsize::new(0),
        }
    }

    /// Takes `thread`, the calling one, for the one that runs benches; its executable's entry point was loaded at `entry`.
    ///
    /// # Safety
    /// [`FILE_BYTES`] stay mapped there for ever.
    pub unsafe fn join(&self, header: *mut Header, thread: usize, entry: usize) {
        // SAFETY: the caller's promise.
        let words = unsafe { &*header };
        self.shift.store(entry.wrapping_sub(words.entry.load(Ordering::Relaxed) as usize), Ordering::Relaxed);
        self.bench_thread.store(thread, Ordering::Relaxed);
        self.header.store(header, Ordering::Release);
        words.joined.store(JOINED, Ordering::Release);
    }

    /// Notes a reading of a clock by a thread.
    ///
    /// # Safety
    /// `stack` is the thread's stack pointer at the reading, above which [`DEPTH`] words can be read if it is the initial one.
    pub unsafe fn note(&self, clock: c_int, nanos: u64, stack: *const usize, thread: usize) {
        let header = self.header.load(Ordering::Relaxed);
        if header.is_null() || thread != self.bench_thread.load(Ordering::Relaxed) {
            return;
        }
        // SAFETY: mapped for ever since `join`.
        let words = unsafe { &*header };
        let at = words.next.load(Ordering::Relaxed);
        if at >= MOST_ENTRIES as u64 {
            words.lost.store(1, Ordering::Relaxed);
        }
        let (from, to) = (words.text_from.load(Ordering::Relaxed), words.text_to.load(Ordering::Relaxed));
        let mut entry = Entry { nanos, clock: clock as u64, marks: [0; MARKS_NOTED] };
        let mut free = entry.marks.iter_mut();
        for slot in 0..DEPTH {
            // SAFETY: the caller's promise.
            let word = unsafe { stack.add(slot).read_volatile() }.wrapping_sub(self.shift.load(Ordering::Relaxed));
            if (word as u64).wrapping_sub(from) < to.wrapping_sub(from) {
                match free.next() {
                    Some(place) => *place = mark(slot, word),
                    None => break,
                }
            }
        }
        // SAFETY: within the file, which is mapped for ever; the driver reads it only while this thread waits for it.
        unsafe { header.byte_add(HEADER_BYTES).cast::<Entry>().add(at as usize % MOST_ENTRIES).write(entry) };
        words.next.store(at + 1, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_executables_code_are_noted_with_their_places() {
        let mut file = vec![0_u64; FILE_BYTES / 8];
        let header = file.as_mut_ptr().cast::<Header>();
        let log = Log::new();
        let mut stack = [0_usize; DEPTH];
        (stack[0], stack[5], stack[6], stack[39]) = (0x7000_1000, 0x7000_1fff, 0x7000_2000, 0x7000_1234);
        // SAFETY: the vector outlives the log's use, and the array is as long as what is looked at.
        let words = unsafe {
            (*header).entry.store(0x40, Ordering::Relaxed);
            (*header).text_from.store(0x1000, Ordering::Relaxed);
            (*header).text_to.store(0x2000, Ordering::Relaxed);
            log.note(1, 5, stack.as_ptr(), 16); // before it joined
            log.join(header, 16, 0x7000_0040);
            log.note(1, 10, stack.as_ptr(), 16);
            log.note(1, 11, stack.as_ptr(), 32); // another thread
            log.note(0, 12, [0; DEPTH].as_ptr(), 16);
            &*header
        };
        assert_eq!((words.joined.load(Ordering::Relaxed), words.next.load(Ordering::Relaxed)), (JOINED, 2));
        let entry = |at: usize| file[HEADER_BYTES / 8 + at * (2 + MARKS_NOTED)..][..6].to_vec();
        assert_eq!(entry(0), [10, 1, mark(0, 0x1000), mark(5, 0x1fff), mark(39, 0x1234), 0]);
        assert_eq!(entry(1), [12, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn full_log_keeps_the_last_entries() {
        let mut file = vec![0_u64; FILE_BYTES / 8];
        let header = file.as_mut_ptr().cast::<Header>();
        let log = Log::new();
        // SAFETY: the vector outlives the log's use, and the array is as long as what is looked at.
        let words = unsafe {
            log.join(header, 16, 0);
            (*header).next.store(MOST_ENTRIES as u64 - 1, Ordering::Relaxed);
            (0..3).for_each(|nanos| log.note(1, nanos, [0; DEPTH].as_ptr(), 16));
            &*header
        };
        let (next, lost) = (words.next.load(Ordering::Relaxed), words.lost.load(Ordering::Relaxed));
        assert_eq!((next, lost), (MOST_ENTRIES as u64 + 2, 1));
        assert_eq!((file[HEADER_BYTES / 8], file[HEADER_BYTES / 8 + 2 + MARKS_NOTED]), (1, 2));
    }
}
