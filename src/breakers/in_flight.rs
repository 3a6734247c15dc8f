//! How many calls run at a time, exactly, without a line of memory that all threads write.
//!
//! There are as many seats as the limit says. A thread that is done keeps its seat for its next call, so a call usually
//! takes one atomic swap on a line that no other thread touches, and a plain store to give the seat back. A seat that is
//! kept and not used belongs to nobody: who finds none free takes one of those.
//!
//! ```text
//!   free in the pool --- acquire ---> in use --- release ---> kept by the thread (if it keeps none yet)
//!          ^                            | ^                        |    |
//!          +---- release (keeps one) ---+ +---- acquire again -----+    +--- taken by a caller that found none free
//! ```
//! One read-modify-write a call is the least that an exact limit can do with: who takes the last seat must see, and be seen
//! by, all others (Attiya et al., "Laws of order", POPL 2011).
//!
//! A caller is rejected only if at one moment all seats were in use: it has looked at all threads twice and nobody kept a
//! seat, then or in between (the number of times that each has kept one did not change), and the pool was empty between
//! the looks.

use crate::per_thread::{INDEXED, index};
use crate::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// A limit of calls in flight. A rejected caller is never counted, not even for a moment, so it cannot push out another.
#[derive(Debug)]
pub(super) struct InFlight(Option<Seats>);

impl InFlight {
    pub(super) fn new(limit: Option<u32>) -> Self {
        Self(limit.map(Seats::new))
    }

    /// Whether a call may run; it must be released then.
    #[inline]
    pub(super) fn acquire(&self) -> bool {
        self.0.as_ref().is_none_or(Seats::acquire)
    }

    #[inline]
    pub(super) fn release(&self) {
        if let Some(seats) = &self.0 {
            seats.release();
        }
    }

    /// Calls in flight, or 0 where they are not limited and so not counted.
    pub(super) fn count(&self) -> u32 {
        self.0.as_ref().map_or(0, Seats::in_use)
    }
}

/// So many seats.
#[derive(Debug)]
pub(super) struct Seats {
    kept: Box<[Kept; INDEXED]>,
    /// A bit for each thread that has ever kept one.
    keepers: AtomicU64,
    /// Seats that are not in the pool: in use or kept.
    taken: Taken,
    limit: u32,
}

/// On cache lines of its own (two: adjacent lines are fetched in pairs), as is [`Taken`].
///
/// Bit 0: whether the thread keeps a seat. The others: how often it has. Only the thread itself sets bit 0 and counts, so
/// it may use plain stores for that; others clear bit 0.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Kept(AtomicU64);

#[derive(Debug, Default)]
#[repr(align(128))]
struct Taken(AtomicU32);

const SEAT: u64 = 1;
const ONCE_MORE: u64 = 2;

impl Seats {
    pub(super) fn new(limit: u32) -> Self {
        Self {
            kept: Box::new(std::array::from_fn(|_| Kept::default())),
            keepers: AtomicU64::new(0),
            taken: Taken::default(),
            limit,
        }
    }

    /// Whether there was a seat; it must be released then.
    #[inline]
    pub(super) fn acquire(&self) -> bool {
        if let Some(index) = index() {
            let Kept(kept) = &self.kept[index];
            let value = kept.load(Ordering::Relaxed);
            // A swap, and not a store, since another may take the seat at this moment. It releases too: who sees that this
            // seat is in use must see the seats that were given back before, or it would miss one that wanders.
            if value & SEAT != 0 && kept.swap(value & !SEAT, Ordering::AcqRel) & SEAT != 0 {
                return true;
            }
        }
        self.acquire_elsewhere()
    }

    #[inline]
    pub(super) fn release(&self) {
        if let Some(index) = index() {
            let Kept(kept) = &self.kept[index];
            let value = kept.load(Ordering::Relaxed);
            if value & SEAT == 0 {
                if value == 0 {
                    self.keepers.fetch_or(1 << index, Ordering::AcqRel);
                }
                // Nobody else writes where bit 0 is clear.
                return kept.store((value | SEAT).wrapping_add(ONCE_MORE), Ordering::Release);
            }
        }
        self.taken.0.fetch_sub(1, Ordering::Release);
    }

    /// Seats in use: exact while nobody comes or goes.
    pub(super) fn in_use(&self) -> u32 {
        let kept = self.kept.iter().filter(|kept| kept.0.load(Ordering::Acquire) & SEAT != 0).count();
        self.taken.0.load(Ordering::Acquire).saturating_sub(u32::try_from(kept).unwrap_or(u32::MAX))
    }

    #[cold]
    fn acquire_elsewhere(&self) -> bool {
        let mut last_look = None;
        loop {
            let mut taken = self.taken.0.load(Ordering::Acquire);
            while taken < self.limit {
                match self.taken.0.compare_exchange_weak(taken, taken + 1, Ordering::AcqRel, Ordering::Acquire) {
                    Ok(_) => return true,
                    Err(now) => taken = now,
                }
            }
            match self.look() {
                Look::Took => return true,
                Look::Nothing { kept_so_far } if last_look == Some(kept_so_far) => return false,
                Look::Nothing { kept_so_far } => last_look = Some(kept_so_far),
            }
        }
    }

    /// Takes a seat that a thread keeps, if one does.
    fn look(&self) -> Look {
        let mut keepers = self.keepers.load(Ordering::Acquire);
        let mut kept_so_far = 0_u64;
        while keepers != 0 {
            let Kept(kept) = &self.kept[keepers.trailing_zeros() as usize];
            keepers &= keepers - 1;
            let mut value = kept.load(Ordering::Acquire);
            while value & SEAT != 0 {
                match kept.compare_exchange_weak(value, value & !SEAT, Ordering::AcqRel, Ordering::Acquire) {
                    Ok(_) => return Look::Took,
                    Err(now) => value = now,
                }
            }
            // Only ever added to, so an equal sum means that none of them has changed.
            kept_so_far = kept_so_far.wrapping_add(value);
        }
        Look::Nothing { kept_so_far }
    }
}

/// What a look at all threads found.
enum Look {
    /// A seat, and took it.
    Took,
    /// None; and how often threads had kept one by then.
    Nothing { kept_so_far: u64 },
}
