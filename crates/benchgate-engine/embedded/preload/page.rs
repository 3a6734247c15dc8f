//! The page that both processes of a pair and the driver share. Atomics only, so that no side can see half a word.
//!
//! ```text
//! driver: begin(first) ──> epoch + 1, turn = first, nobody away
//! side:   first reading in an epoch: arrived = epoch; waits for the turn, and for the other to arrive
//!         quantum used up, END reading: turn = other, bell; waits for the turn
//! driver: side is between benches, or has ended: away = 1, bell
//! ```
//!
//! Every change that somebody may wait for is followed by a stroke of the bell, the one futex of the page.

use core::sync::atomic::{AtomicU32, AtomicU64};

/// Lockstep is off while the epoch is this: the clock is the plain one.
pub const FREE: u32 = 0;

/// Environment variable that names role and page: `0:/path` for the base, `1:/path` for the candidate.
pub const VARIABLE: &str = "BENCHGATE_LOCKSTEP";

/// Set in `joined` by a library that found its page; another version of it would set another number.
pub const JOINED: u32 = 1;

/// At which readings the turn is handed over, once the quantum is used up.
pub mod rule {
    /// Those that bear a mark of [`super::Seat::marks`]; where none is seen for a long time, any.
    pub const END: u32 = 0;
    /// Every fourth since the turn began: Criterion reads the clock four times a sample. For benches whose ends are not known.
    pub const FOURTH: u32 = 1;
    /// Any; with a long quantum, for harnesses whose samples are not known one by one.
    pub const ANY: u32 = 2;
}

/// Marks of one side, free places included. A power of two.
pub const MARKS: usize = 4096;

/// The whole page. All words begin as zero.
#[repr(C, align(64))]
#[derive(Debug)]
pub struct Page {
    /// Who may run: 0 or 1.
    pub turn: AtomicU32,
    /// Number of the bench; [`FREE`] between them.
    pub epoch: AtomicU32,
    /// Counts strokes; everybody waits on it.
    pub bell: AtomicU32,
    /// One of [`rule`].
    pub rule: AtomicU32,
    /// Nanoseconds of a turn.
    pub quantum: AtomicU64,
    /// Reported time runs this many times as fast as real time; 0 and 1 mean as fast.
    pub dilation: AtomicU64,
    /// The sides, base first.
    pub sides: [Seat; 2],
}

/// One side's part of the page.
#[repr(C, align(64))]
#[derive(Debug)]
pub struct Seat {
    /// [`JOINED`] once the library has found the page.
    pub joined: AtomicU32,
    /// 1 while the process will not read its clock: it waits for the driver, or has ended. Written by the driver.
    pub away: AtomicU32,
    /// The last epoch in which its bench thread has read the clock.
    pub arrived: AtomicU32,
    /// Turns handed over.
    pub handed: AtomicU32,
    /// Readings that ended a timed section, among those made with a spent quantum.
    pub ends: AtomicU32,
    /// Absolute deadlines that were shifted.
    pub shifted: AtomicU32,
    /// Threads that the process has started so far.
    pub threads: AtomicU32,
    /// Nanoseconds spent waiting for the turn.
    pub asleep: AtomicU64,
    /// Nanoseconds of processor time that other threads of the process used meanwhile.
    pub stray: AtomicU64,
    /// Entry point of the executable as linked, to learn where it was loaded. Written by the driver.
    pub entry: AtomicU64,
    /// A bit for each word of the stack at which some mark is to be looked for. Written by the driver.
    pub slots: AtomicU64,
    /// Marks of readings that end a timed section, placed by [`super::end::place`]; 0 where there is none. Written by the driver.
    pub marks: [AtomicU64; MARKS],
}
