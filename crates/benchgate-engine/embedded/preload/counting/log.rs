//! What a process of a counting run notes: at each reading of the clock by the bench thread, the time that it was shown and
//! what had been allocated until then.
//!
//! ```text
//! file     | header, 64 KiB | entry 0 | entry 1 | ...      sparse: it is as long as what was written
//! driver:  the process waits for leave to go on: reads the entries, sets `next` to 0
//! ```
//!
//! Requests count, not what the allocator makes of them: sizes of blocks are not known when they are freed, so what is live is
//! not counted.

use core::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering};

/// Environment variable that names the log.
#[cfg_attr(benchgate_preload, allow(dead_code, reason = "for the driver"))]
pub const VARIABLE: &str = "BENCHGATE_COUNTING";

/// Set in `joined` by a library that found its log; another version of it would set another number.
pub const JOINED: u32 = 1;

/// Bytes before the first entry: a whole page, however large the system's pages are.
pub const HEADER_BYTES: usize = 64 << 10;

/// Entries between two resets, above which none is noted: 80 MiB. A bench that Criterion measures for 5 ms and that reads
/// the clock all the time makes a tenth of it.
pub const MOST_ENTRIES: usize = 2 << 20;

/// Words of the header, at the beginning of the file.
#[repr(C)]
#[derive(Debug)]
pub struct Header {
    /// [`JOINED`] once the library has found the log.
    pub joined: AtomicU32,
    /// Readings for which there was no room.
    pub lost: AtomicU32,
    /// Entries since the driver last set this to zero.
    pub next: AtomicU64,
}

/// What was known at one reading of the clock. Counters run from the start of the process.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The time that the reading showed, in nanoseconds.
    pub nanos: u64,
    /// Blocks that the bench thread asked for; a reallocation is one more.
    pub blocks: u64,
    /// Bytes that it asked for; a reallocation adds its whole new size.
    pub bytes: u64,
    /// Blocks that other threads asked for.
    pub other_blocks: u64,
    /// Bytes that they asked for.
    pub other_bytes: u64,
}

/// Length of the file.
pub const FILE_BYTES: usize = HEADER_BYTES + MOST_ENTRIES * size_of::<Entry>();

/// Running totals of requests.
#[derive(Debug)]
struct Requests {
    blocks: AtomicU64,
    bytes: AtomicU64,
}

impl Requests {
    const fn new() -> Self {
        Self { blocks: AtomicU64::new(0), bytes: AtomicU64::new(0) }
    }
}

/// One process's log and counters.
#[derive(Debug)]
pub struct Log {
    header: AtomicPtr<Header>,
    /// The initial thread, on which Criterion runs benches.
    bench_thread: AtomicUsize,
    own: Requests,
    others: Requests,
}

impl Log {
    /// Without a file: counts and notes nothing.
    #[expect(clippy::new_without_default, reason = "made once, in a static")]
    pub const fn new() -> Self {
        Self {
            header: AtomicPtr::new(core::ptr::null_mut()),
            bench_thread: AtomicUsize::new(0),
            own: Requests::new(),
            others: Requests::new(),
        }
    }

    /// Takes `thread`, the calling one, for the one that runs benches.
    ///
    /// # Safety
    /// [`FILE_BYTES`] stay mapped there for ever.
    pub unsafe fn join(&self, header: *mut Header, thread: usize) {
        self.bench_thread.store(thread, Ordering::Relaxed);
        self.header.store(header, Ordering::Release);
        // SAFETY: the caller's promise.
        unsafe { (*header).joined.store(JOINED, Ordering::Release) };
    }

    /// Counts a request of a thread for a block of so many bytes.
    #[inline]
    pub fn count(&self, bytes: usize, thread: usize) {
        if self.header.load(Ordering::Relaxed).is_null() {
            return;
        }
        if thread == self.bench_thread.load(Ordering::Relaxed) {
            // Only this thread writes them, so no read-modify-write is needed.
            let Requests { blocks, bytes: all } = &self.own;
            blocks.store(blocks.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
            all.store(all.load(Ordering::Relaxed).wrapping_add(bytes as u64), Ordering::Relaxed);
        } else {
            self.others.blocks.fetch_add(1, Ordering::Relaxed);
            self.others.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        }
    }

    /// Notes a reading of the clock by a thread.
    pub fn note(&self, nanos: u64, thread: usize) {
        let header = self.header.load(Ordering::Relaxed);
        if header.is_null() || thread != self.bench_thread.load(Ordering::Relaxed) {
            return;
        }
        // SAFETY: mapped for ever since `join`.
        let words = unsafe { &*header };
        let at = words.next.load(Ordering::Relaxed);
        if at >= MOST_ENTRIES as u64 {
            words.lost.store(words.lost.load(Ordering::Relaxed).saturating_add(1), Ordering::Relaxed);
            return;
        }
        let entry = Entry {
            nanos,
            blocks: self.own.blocks.load(Ordering::Relaxed),
            bytes: self.own.bytes.load(Ordering::Relaxed),
            other_blocks: self.others.blocks.load(Ordering::Relaxed),
            other_bytes: self.others.bytes.load(Ordering::Relaxed),
        };
        // SAFETY: within the file, which is mapped for ever; the driver reads it only while this thread waits for it.
        unsafe { header.byte_add(HEADER_BYTES).cast::<Entry>().add(at as usize).write(entry) };
        words.next.store(at + 1, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: usize = 16;
    const OTHER: usize = 32;

    #[test]
    fn requests_of_the_bench_thread_stand_apart() {
        let mut file = vec![0_u64; FILE_BYTES / 8];
        let header = file.as_mut_ptr().cast::<Header>();
        let log = Log::new();
        log.count(1, OWN); // before it joined
        // SAFETY: the vector outlives the log's use.
        unsafe { log.join(header, OWN) };
        log.note(10, OWN);
        log.count(100, OWN);
        log.count(7, OTHER);
        log.note(15, OTHER);
        log.note(20, OWN);
        // SAFETY: written above.
        let words = unsafe { &*header };
        assert_eq!((words.joined.load(Ordering::Relaxed), words.next.load(Ordering::Relaxed)), (JOINED, 2));
        let entry = |at: usize| file[HEADER_BYTES / 8 + at * 5..][..5].to_vec();
        assert_eq!(entry(0), [10, 0, 0, 0, 0]);
        assert_eq!(entry(1), [20, 1, 100, 1, 7]);
    }

    #[test]
    fn full_log_says_how_much_is_missing() {
        let mut file = vec![0_u64; FILE_BYTES / 8];
        let header = file.as_mut_ptr().cast::<Header>();
        let log = Log::new();
        // SAFETY: the vector outlives the log's use.
        let words = unsafe {
            log.join(header, OWN);
            &*header
        };
        words.next.store(MOST_ENTRIES as u64 - 1, Ordering::Relaxed);
        (0..3).for_each(|nanos| log.note(nanos, OWN));
        assert_eq!((words.next.load(Ordering::Relaxed), words.lost.load(Ordering::Relaxed)), (MOST_ENTRIES as u64, 2));
    }
}
