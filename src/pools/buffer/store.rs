//! What the threads of a pool share: idle buffers, and the books on places and bytes.
//!
//! ```text
//!              reserve            settle: lent with a place -> idle
//!   nothing ------------> lent            lent without one    -> idle where there is one by now, else freed
//!      ^                   |              grown or exchanged  -> freed
//!      +--- leave (taken) -+      trim:   idle                -> freed
//! ```
//! All of it stands under one lock, which is held for a few instructions: buffers are allocated before and freed after. So
//! the sums are exact, and the budgets hold at every moment. It knows nothing of the buffers that threads keep for themselves
//! but that each has a place.

use super::adapt::Window;
use super::settings::{Settings, Tier};
use super::stats::TierStats;

/// A buffer and what the books say of it.
#[derive(Debug)]
pub(super) struct Buffer {
    pub(super) bytes: Vec<u8>,
    /// Bytes by which the books know it: those of its tier, or of the request.
    pub(super) size: usize,
    /// Capacity with which it was made, which an allocator may round up.
    pub(super) capacity: usize,
    /// Its tier, or a number beyond the tiers.
    pub(super) tier: usize,
    pub(super) has_place: bool,
}

/// Moving a buffer moves a pointer.
pub(super) type Handle = Box<Buffer>;

/// What happens with a buffer that is asked for.
pub(super) enum Reserved {
    /// An idle one.
    Idle(Handle),
    /// It is to be made, with or without a place.
    Fresh { has_place: bool },
    /// The budget of all bytes does not allow it.
    Refused,
}

#[derive(Debug)]
struct Shelf {
    settings: Tier,
    idle: Vec<Handle>,
    places: usize,
    /// Buffers that have a place.
    kept: usize,
    stats: TierStats,
    /// The fewest idle ones in this window: those were not needed.
    least_idle: usize,
    crowded: u64,
    /// Gets when the window began.
    gets_before: u64,
}

#[derive(Debug)]
pub(super) struct Store {
    shelves: Vec<Shelf>,
    max_kept: usize,
    max_total: usize,
    /// Bytes of buffers that have a place.
    kept_bytes: usize,
    /// Bytes of all buffers that exist.
    total_bytes: usize,
    pub(super) custom: u64,
    pub(super) custom_dropped: u64,
    pub(super) rejected: u64,
    pub(super) taken: u64,
    pub(super) refused: u64,
}

impl Store {
    pub(super) fn new(settings: Settings) -> Self {
        let shelf = |tier: Tier| Shelf {
            settings: tier,
            idle: Vec::new(),
            places: tier.start,
            kept: 0,
            stats: TierStats { size: tier.size, ..TierStats::default() },
            least_idle: 0,
            crowded: 0,
            gets_before: 0,
        };
        Self {
            shelves: settings.tiers.into_iter().map(shelf).collect(),
            max_kept: settings.max_kept,
            max_total: settings.max_total.min(isize::MAX as usize), // no allocation can be larger
            kept_bytes: 0,
            total_bytes: 0,
            custom: 0,
            custom_dropped: 0,
            rejected: 0,
            taken: 0,
            refused: 0,
        }
    }

    pub(super) fn total_bytes(&self) -> usize {
        self.total_bytes
    }

    pub(super) fn kept_bytes(&self) -> usize {
        self.kept_bytes
    }

    pub(super) fn max_total(&self) -> usize {
        self.max_total
    }

    /// Finds an idle buffer of a tier, or enters a fresh one of `size` bytes in the books. What had to give way for it goes
    /// to `evicted`.
    pub(super) fn reserve(&mut self, tier: usize, size: usize, evicted: &mut Vec<Handle>) -> Reserved {
        if let Some(shelf) = self.shelves.get_mut(tier)
            && let Some(buffer) = shelf.idle.pop()
        {
            shelf.least_idle = shelf.least_idle.min(shelf.idle.len());
            shelf.stats.hits += 1;
            return Reserved::Idle(buffer);
        }
        self.make_room(size, evicted);
        if size > self.max_total - self.total_bytes {
            return Reserved::Refused;
        }
        self.total_bytes += size;
        match self.shelves.get_mut(tier) {
            Some(shelf) => {
                shelf.stats.misses += 1;
                shelf.crowded += u64::from(shelf.kept >= shelf.places);
                Reserved::Fresh { has_place: self.give_place(tier) }
            }
            None => {
                self.custom += 1;
                Reserved::Fresh { has_place: false }
            }
        }
    }

    /// Enters a fresh idle buffer of a tier in the books, where it fits: the caller makes it and hands it to
    /// [`prewarmed`](Self::prewarmed).
    pub(super) fn reserve_idle(&mut self, tier: usize) -> bool {
        let size = self.shelves[tier].settings.size;
        let fits = size <= self.max_total - self.total_bytes && self.give_place(tier);
        if fits {
            self.total_bytes += size;
        }
        fits
    }

    pub(super) fn prewarmed(&mut self, buffer: Handle) {
        let shelf = &mut self.shelves[buffer.tier];
        shelf.stats.prewarmed += 1;
        shelf.least_idle += 1; // nobody has needed it yet
        shelf.idle.push(buffer);
    }

    /// Takes a lent buffer back. What is to be freed is handed back.
    pub(super) fn settle(&mut self, mut buffer: Handle) -> Option<Handle> {
        let tier = buffer.tier;
        if buffer.bytes.capacity() != buffer.capacity {
            self.rejected += 1;
        } else if tier >= self.shelves.len() {
            self.custom_dropped += 1;
        } else if buffer.has_place || self.give_place(tier) {
            buffer.has_place = true;
            self.shelves[tier].stats.returned += 1;
            self.lay_down(buffer);
            return None;
        } else {
            self.shelves[tier].stats.dropped += 1;
        }
        Some(self.leave(buffer))
    }

    /// Makes a buffer with a place an idle one that any thread may get.
    pub(super) fn lay_down(&mut self, buffer: Handle) {
        self.shelves[buffer.tier].idle.push(buffer);
    }

    /// Strikes a buffer from the books.
    pub(super) fn leave(&mut self, mut buffer: Handle) -> Handle {
        self.total_bytes -= buffer.size;
        if std::mem::take(&mut buffer.has_place) {
            self.kept_bytes -= buffer.size;
            self.shelves[buffer.tier].kept -= 1;
        }
        buffer
    }

    /// Gives a buffer of `tier` a place, if one is free and the budget allows it.
    fn give_place(&mut self, tier: usize) -> bool {
        let shelf = &mut self.shelves[tier];
        let size = shelf.settings.size;
        let is_free = shelf.kept < shelf.places && size <= self.max_kept - self.kept_bytes;
        if is_free {
            shelf.kept += 1;
            self.kept_bytes += size;
        }
        is_free
    }

    /// Evicts idle buffers, the largest first, until `size` more bytes fit into the budget or none is left. Evicts nothing
    /// where all of them would not be enough.
    fn make_room(&mut self, size: usize, evicted: &mut Vec<Handle>) {
        let idle: usize = self.shelves.iter().map(|shelf| shelf.idle.len() * shelf.settings.size).sum();
        if size > self.max_total - (self.total_bytes - idle) {
            return;
        }
        for tier in (0..self.shelves.len()).rev() {
            while size > self.max_total - self.total_bytes
                && let Some(buffer) = self.evict(tier)
            {
                evicted.push(buffer);
            }
        }
    }

    /// Strikes an idle buffer of a tier from the books.
    fn evict(&mut self, tier: usize) -> Option<Handle> {
        let shelf = &mut self.shelves[tier];
        let buffer = shelf.idle.pop()?;
        shelf.stats.evicted += 1;
        shelf.least_idle = shelf.least_idle.min(shelf.idle.len());
        Some(self.leave(buffer))
    }

    /// Settles how many places each tier has from now on, and evicts idle buffers that have none any more. `local_hits` are
    /// the hits of a tier that the threads counted.
    pub(super) fn adapt(&mut self, local_hits: impl Fn(usize) -> u64, evicted: &mut Vec<Handle>) -> Adapted {
        let mut adapted = Adapted::default();
        for tier in 0..self.shelves.len() {
            let shelf = &mut self.shelves[tier];
            let gets = local_hits(tier) + shelf.stats.hits + shelf.stats.misses;
            let Tier { min, max, .. } = shelf.settings;
            let places = Window {
                gets: gets - shelf.gets_before,
                crowded: std::mem::take(&mut shelf.crowded),
                used: shelf.kept - shelf.least_idle,
                places: shelf.places,
                min,
                max,
            }
            .places();
            adapted.grown += usize::from(places > shelf.places);
            adapted.shrunk += usize::from(places < shelf.places);
            shelf.places = places;
            shelf.gets_before = gets;
            // Idle ones are always enough: a tier with more lent ones than places was not shrunk.
            while self.shelves[tier].kept > places
                && let Some(buffer) = self.evict(tier)
            {
                evicted.push(buffer);
            }
        }
        adapted
    }

    /// Begins to note anew how many buffers of each tier are needed at a time.
    pub(super) fn begin_window(&mut self) {
        for shelf in &mut self.shelves {
            shelf.least_idle = shelf.idle.len();
        }
    }

    /// What a tier has seen; hits and returns of threads' own shelves are not known here.
    pub(super) fn stats(&self, tier: usize) -> TierStats {
        let Shelf { idle, places, kept, stats, .. } = &self.shelves[tier];
        TierStats { places: *places, kept: *kept, idle: idle.len(), ..*stats }
    }

    /// Buffers of a tier that have a place.
    pub(super) fn kept(&self, tier: usize) -> usize {
        self.shelves[tier].kept
    }
}

/// What adapting did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Adapted {
    /// Tiers that have more places now.
    pub grown: usize,
    /// Tiers that have fewer.
    pub shrunk: usize,
    /// Buffers that were freed.
    pub freed: usize,
    /// Their bytes.
    pub freed_bytes: usize,
}
