//! The shared page, seen by the driver: it gives the first turn, takes sides that wait for the driver out of the game, and
//! reads what the sides noted.
#![expect(unsafe_code, reason = "memory shared with other processes can only be mapped by the system's own call")]

use std::collections::BTreeSet;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};
use rustix::thread::futex;

use super::Fit;
use crate::preload::end::{place, slot};
use crate::preload::page::{FREE, JOINED, MARKS, Page, Seat, VARIABLE, rule};

/// A turn: long enough to keep switching below one per cent, short enough to stay well within the 4 ms between ticks of
/// the kernel's clock. Measured: 0.25 and 0.5 ms read alike.
const QUANTUM: Duration = Duration::from_micros(250);

/// For harnesses that never call `elapsed`: a turn below 1 ms that ends at any reading favours the side that ran first by
/// up to 5 %.
const LONG_QUANTUM: Duration = Duration::from_millis(2);

/// How long a process may take to load the library.
const JOIN_LIMIT: Duration = Duration::from_secs(2);

/// A page for one pair of processes; its file goes with it.
#[derive(Debug)]
pub(in crate::collect) struct Board {
    page: NonNull<Page>,
    file: PathBuf,
    epoch: AtomicU32,
}

// SAFETY: the page holds atomics only, and stays mapped as long as the board lives.
unsafe impl Sync for Board {}
// SAFETY: the same.
unsafe impl Send for Board {}

/// What one side noted during one bench.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::collect) struct Watched {
    /// Turns that it handed over.
    pub handed: u32,
    /// Time that it waited for its turn.
    pub asleep: Duration,
    /// Processor time that its other threads used meanwhile.
    pub stray: Duration,
    /// Absolute deadlines that were shifted: the bench waits.
    pub shifted: u32,
}

/// At which readings of the clock a turn ends, once its quantum is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandOver {
    /// At readings that end a timed section.
    End,
    /// At every fourth: Criterion reads the clock four times a sample, so the turn ends at the same place of each.
    Fourth,
    /// At any.
    Any,
}

/// Marks that a table takes: it must not get full, since each reading searches it.
const MOST_MARKS: usize = MARKS / 4 * 3;

impl HandOver {
    fn number(self) -> u32 {
        match self {
            Self::End => rule::END,
            Self::Fourth => rule::FOURTH,
            Self::Any => rule::ANY,
        }
    }

    fn quantum(self) -> Duration {
        match self {
            Self::End | Self::Fourth => QUANTUM,
            Self::Any => LONG_QUANTUM,
        }
    }
}

impl fmt::Display for HandOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let milliseconds = self.quantum().as_secs_f64() * 1e3;
        let at = match self {
            Self::End => "at the end of timed sections",
            Self::Fourth => "at every fourth reading of the clock, since none is known to end a section",
            Self::Any => "at any reading of the clock",
        };
        write!(f, "turns of {milliseconds} ms handed over {at}")
    }
}

/// Numbers the pages; always the same number of digits, so that environments have one length.
static PAGES: AtomicU32 = AtomicU32::new(0);

impl Board {
    /// A fresh page for two executables.
    ///
    /// # Errors
    /// The file cannot be made or mapped.
    pub fn new(scratch: &Path, fits: [&Fit; 2], rule: HandOver) -> io::Result<Self> {
        let number = PAGES.fetch_add(1, Ordering::Relaxed) % 100_000_000;
        let path = scratch.join(format!("page{number:08}"));
        let mut file = File::options().read(true).write(true).create_new(true).open(&path)?;
        // Written, not only made longer: on a full disk a mapping without a place kills whoever touches it.
        file.write_all(&vec![0; size_of::<Page>()])?;
        // SAFETY: a fresh mapping at an address of the kernel's choice, of a file that is as long.
        let address = unsafe {
            mmap(
                std::ptr::null_mut(),
                size_of::<Page>(),
                ProtFlags::READ | ProtFlags::WRITE,
                MapFlags::SHARED,
                &file,
                0,
            )
        }?;
        let page = NonNull::new(address.cast::<Page>()).ok_or(io::ErrorKind::OutOfMemory)?;
        let board = Self { page, file: path, epoch: AtomicU32::new(FREE) };
        let page = board.page();
        page.rule.store(rule.number(), Ordering::Relaxed);
        page.quantum.store(rule.quantum().as_nanos() as u64, Ordering::Relaxed);
        for (seat, fit) in page.sides.iter().zip(fits) {
            seat.entry.store(fit.code.entry, Ordering::Relaxed);
        }
        Ok(board)
    }

    /// Tells a side which readings end its sections, before it is started. What does not fit is left out; a bench whose ends
    /// are not seen hands over no turns, which is noticed.
    pub fn mark(&self, side: usize, marks: &BTreeSet<u64>) {
        let seat = self.seat(side);
        for &mark in marks.iter().take(MOST_MARKS) {
            let mut at = place(mark);
            while seat.marks[at].load(Ordering::Relaxed) != 0 {
                at = (at + 1) % MARKS;
            }
            seat.marks[at].store(mark, Ordering::Relaxed);
            seat.slots.fetch_or(1 << slot(mark), Ordering::Relaxed);
        }
    }

    /// Lets the clocks of both sides run so many times as fast as real time. Before a side is started: a clock must not jump.
    pub fn dilate(&self, factor: u32) {
        self.page().dilation.store(u64::from(factor), Ordering::Relaxed);
    }

    fn page(&self) -> &Page {
        // SAFETY: mapped as long as the board lives; atomics only.
        unsafe { self.page.as_ref() }
    }

    fn seat(&self, side: usize) -> &Seat {
        &self.page().sides[side]
    }

    /// What the environment of a side must say; of equal length for both.
    pub fn environment(&self, side: usize, fit: &Fit) -> [(&'static str, String); 2] {
        [("LD_PRELOAD", fit.library.display().to_string()), (VARIABLE, format!("{side}:{}", self.file.display()))]
    }

    /// Whether a side has loaded the library, waiting for it where it has just been started.
    pub fn has_joined(&self, side: usize) -> bool {
        let deadline = Instant::now() + JOIN_LIMIT;
        loop {
            if self.seat(side).joined.load(Ordering::Acquire) == JOINED {
                return true;
            }
            if Instant::now() > deadline {
                return false;
            }
            std::thread::sleep(Duration::from_micros(200));
        }
    }

    /// Begins a bench: `first` has the turn, and what was noted is forgotten. Both sides must be waiting for the driver, or
    /// just be starting.
    pub fn begin(&self, first: usize) {
        let page = self.page();
        for seat in &page.sides {
            seat.away.store(0, Ordering::Relaxed);
            for word in [&seat.handed, &seat.ends, &seat.shifted] {
                word.store(0, Ordering::Relaxed);
            }
            for word in [&seat.asleep, &seat.stray] {
                word.store(0, Ordering::Relaxed);
            }
        }
        page.turn.store(u32::from(first == 1), Ordering::Relaxed);
        let epoch = self.epoch.fetch_add(1, Ordering::Relaxed) + 1;
        page.epoch.store(epoch, Ordering::Release);
        self.ring();
    }

    /// A side will not read its clock for now: it waits for the driver, or has ended, however it ended.
    pub fn leave(&self, side: usize) {
        self.seat(side).away.store(1, Ordering::Release);
        self.ring();
    }

    /// Between benches: nobody waits for a turn.
    pub fn free(&self) {
        self.page().epoch.store(FREE, Ordering::Release);
        (0..2).for_each(|side| self.leave(side));
    }

    /// Threads that a side has started since its own start.
    pub fn threads(&self, side: usize) -> u32 {
        self.seat(side).threads.load(Ordering::Acquire)
    }

    /// What a side noted since the bench began.
    pub fn watched(&self, side: usize) -> Watched {
        let seat = self.seat(side);
        Watched {
            handed: seat.handed.load(Ordering::Acquire),
            asleep: Duration::from_nanos(seat.asleep.load(Ordering::Acquire)),
            stray: Duration::from_nanos(seat.stray.load(Ordering::Acquire)),
            shifted: seat.shifted.load(Ordering::Acquire),
        }
    }

    fn ring(&self) {
        let bell = &self.page().bell;
        bell.fetch_add(1, Ordering::AcqRel);
        // An error means that nobody waits.
        futex::wake(bell, futex::Flags::empty(), i32::MAX as u32).ok();
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        self.free();
        // SAFETY: mapped in `new`, and no reference outlives the board. Failing leaves one page mapped.
        unsafe { munmap(self.page.as_ptr().cast(), size_of::<Page>()) }.ok();
        // It lies in the run's scratch directory, which goes as a whole.
        fs::remove_file(&self.file).ok();
    }
}
