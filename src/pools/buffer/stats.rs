//! What a pool of buffers has done so far, and what it holds.
//!
//! It is a copy, taken without an allocation; it computes no rates but one, which has an answer for no gets at all.

use super::settings::MAX_TIERS;

/// Counts since a pool was made, and what it holds now. Exact once no call is under way.
///
/// Every buffer that left the pool came from a hit or a miss, or is custom:
/// `hits + misses + custom == returned + dropped + custom_dropped + rejected + taken + lent`, summed over the tiers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stats {
    pub(super) tiers: [TierStats; MAX_TIERS],
    pub(super) tier_count: usize,
    /// Gets above the largest tier: made for the request.
    pub custom: u64,
    /// Custom buffers that came back, which are freed.
    pub custom_dropped: u64,
    /// Puts that were freed because the buffer had been grown or exchanged.
    pub rejected: u64,
    /// Buffers that a borrower kept with `take`.
    pub taken: u64,
    /// Gets that the budget did not allow.
    pub refused: u64,
    /// Bytes of buffers that have a place: idle, or lent and to come back to it.
    pub kept_bytes: usize,
    /// Bytes of all buffers that exist, lent ones included.
    pub total_bytes: usize,
}

/// The same for one tier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TierStats {
    /// Bytes of each buffer.
    pub size: usize,
    /// Gets that found an idle buffer.
    pub hits: u64,
    /// Gets that made one.
    pub misses: u64,
    /// Puts that the pool kept.
    pub returned: u64,
    /// Puts that were freed because there was no place.
    pub dropped: u64,
    /// Idle buffers that were freed, to make room for others or because the tier had too many places.
    pub evicted: u64,
    /// Buffers that were made ahead of need.
    pub prewarmed: u64,
    /// Buffers that may have a place.
    pub places: usize,
    /// Buffers that have one.
    pub kept: usize,
    /// Of these, idle ones that any thread may get. Those that threads keep for themselves are not among them.
    pub idle: usize,
}

impl Stats {
    /// Each tier, ascending by size.
    pub fn tiers(&self) -> &[TierStats] {
        &self.tiers[..self.tier_count]
    }

    /// Share of gets that found an idle buffer, from 0 to 1; `None` before the first. Custom ones count as misses.
    pub fn hit_share(&self) -> Option<f64> {
        let hits: u64 = self.tiers().iter().map(|tier| tier.hits).sum();
        let gets = hits + self.custom + self.tiers().iter().map(|tier| tier.misses).sum::<u64>();
        (gets > 0).then(|| hits as f64 / gets as f64)
    }
}
