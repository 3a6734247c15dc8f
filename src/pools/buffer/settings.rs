//! Which buffers a pool has, how many it keeps, and for how many bytes.

use thiserror::Error;

/// Tiers that a pool can have.
pub const MAX_TIERS: usize = 8;

/// Buffers of a tier that a thread can keep for itself: the two streams of a job.
pub const MAX_LOCAL: usize = 2;

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

/// Buffers of one size. The three numbers of buffers count those that have a place in the pool: idle ones, and lent ones
/// that will come back to theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tier {
    /// Capacity of each of its buffers, in bytes.
    pub size: usize,
    /// The fewest places that adapting leaves.
    pub min: usize,
    /// Places at first.
    pub start: usize,
    /// The most places that adapting makes.
    pub max: usize,
    /// Of these, the most that each thread keeps for itself; up to [`MAX_LOCAL`].
    pub local: usize,
}

/// Tiers and budgets of a [`BufferPool`](super::BufferPool).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Ascending by size; a request gets a buffer of the first that is large enough.
    pub tiers: Vec<Tier>,
    /// Bytes of all buffers that have a place: the most that can lie idle.
    pub max_kept: usize,
    /// Bytes of all buffers that exist, lent ones included: beyond it a request is refused.
    pub max_total: usize,
}

/// Settings that contradict each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// There is nothing to pool.
    #[error("no tiers, or more than the {MAX_TIERS} that a pool can have: {0}")]
    TierCount(usize),
    /// A tier is not larger than the one before it.
    #[error("a tier of {size} bytes after one of {before}; expected ascending sizes")]
    Order {
        /// Its size, in bytes.
        size: usize,
        /// That of the one before, or 0.
        before: usize,
    },
    /// The numbers of places contradict each other.
    #[error("tier of {size} bytes: expected min <= start <= max and at most {MAX_LOCAL} buffers a thread")]
    Places {
        /// Its size, in bytes.
        size: usize,
    },
}

impl Tier {
    /// A tier with the numbers of netresearch/ofelia's pool: 50 places, up to 200 by growth. That pool has no least number;
    /// 2 is ours, for the two streams of a job.
    pub const fn new(size: usize) -> Self {
        Self { size, min: 2, start: 50, max: 200, local: MAX_LOCAL }
    }
}

/// Five tiers, 1 KiB to 10 MiB, as netresearch/ofelia lists them (`performance_optimization_validation_results.md`,
/// "Enhanced Buffer Pool"). The budgets are ours: 1 GiB kept, which 50 places in each tier fit into (887.5 MiB), and 4 GiB
/// in all.
impl Default for Settings {
    fn default() -> Self {
        let sizes = [KIB, 256 * KIB, 2560 * KIB, 5 * MIB, 10 * MIB];
        Self { tiers: sizes.map(Tier::new).to_vec(), max_kept: 1 << 30, max_total: 4 << 30 }
    }
}

impl Settings {
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        if self.tiers.is_empty() || self.tiers.len() > MAX_TIERS {
            return Err(SettingsError::TierCount(self.tiers.len()));
        }
        let mut before = 0;
        for &Tier { size, min, start, max, local } in &self.tiers {
            if size <= before {
                return Err(SettingsError::Order { size, before });
            }
            if min > start || start > max || local > MAX_LOCAL {
                return Err(SettingsError::Places { size });
            }
            before = size;
        }
        Ok(())
    }
}

/// Sizes of the tiers, for the choice of one.
#[derive(Debug)]
pub(super) struct Sizes {
    /// Those of the tiers, then the greatest there is.
    sizes: [usize; MAX_TIERS],
    pub(super) count: usize,
    /// The first tier for the smallest request of so many bits.
    first: [u8; usize::BITS as usize + 1],
}

impl Sizes {
    pub(super) fn new(tiers: &[Tier]) -> Self {
        let mut sizes = [usize::MAX; MAX_TIERS];
        for (size, tier) in sizes.iter_mut().zip(tiers) {
            *size = tier.size;
        }
        let smallest = |bits: usize| if bits == 0 { 0 } else { (1 << (bits - 1)) + 1 };
        let too_small = |request: usize| tiers.iter().filter(|tier| tier.size < request).count() as u8;
        Self { sizes, count: tiers.len(), first: std::array::from_fn(|bits| too_small(smallest(bits))) }
    }

    /// The first tier of at least `request` bytes, or a number beyond the tiers. The number of bits leads to it but for
    /// tiers that lie between the same powers of two.
    #[inline]
    pub(super) fn choose(&self, request: usize) -> usize {
        let bits = usize::BITS - request.saturating_sub(1).leading_zeros();
        let mut tier = usize::from(self.first[bits as usize]);
        while self.sizes.get(tier).is_some_and(|size| *size < request) {
            tier += 1;
        }
        tier
    }

    /// Bytes of a tier.
    pub(super) fn of(&self, tier: usize) -> Option<usize> {
        self.sizes[..self.count].get(tier).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(tiers: &[Tier], expected: SettingsError) {
        let settings = Settings { tiers: tiers.to_vec(), ..Settings::default() };
        assert_eq!(settings.check(), Err(expected));
    }

    #[test]
    fn settings_that_contradict_each_other_are_refused() {
        let tier = Tier::new(8);
        refused(&[], SettingsError::TierCount(0));
        refused(&[tier; MAX_TIERS + 1], SettingsError::TierCount(MAX_TIERS + 1));
        refused(&[tier, tier], SettingsError::Order { size: 8, before: 8 });
        refused(&[Tier::new(0)], SettingsError::Order { size: 0, before: 0 });
        refused(&[Tier { start: 1, ..tier }], SettingsError::Places { size: 8 });
        refused(&[Tier { start: 201, ..tier }], SettingsError::Places { size: 8 });
        refused(&[Tier { local: 3, ..tier }], SettingsError::Places { size: 8 });
        assert_eq!(Settings::default().check(), Ok(()));
    }

    #[test]
    fn the_defaults_are_those_of_the_source() {
        let sizes: Vec<_> = Settings::default().tiers.iter().map(|tier| tier.size).collect();
        assert_eq!(sizes, [1024, 262_144, 2_621_440, 5_242_880, 10_485_760]);
        assert!(Settings::default().tiers.iter().all(|tier| (tier.start, tier.max) == (50, 200)));
    }

    #[test]
    fn the_smallest_tier_that_is_large_enough_is_chosen() {
        let sizes = Sizes::new(&Settings::default().tiers);
        #[track_caller]
        fn check(sizes: &Sizes, request: usize, tier: usize) {
            assert_eq!(sizes.choose(request), tier, "{request}");
        }
        check(&sizes, 0, 0);
        check(&sizes, 1024, 0);
        check(&sizes, 1025, 1);
        check(&sizes, 2 << 20, 2); // the gap of the source: 2 MiB went past all its pools
        check(&sizes, 2_621_441, 3);
        check(&sizes, 10 << 20, 4);
        check(&sizes, (10 << 20) + 1, 5);
        check(&sizes, usize::MAX, 5);
        for request in
            [1, 2, 3, 1023, 1025, 4097, 2_621_440, 2_621_441, 5_242_880, 5_242_881, 8 << 20, 1 << 40, 1 << 63]
        {
            let tier = Settings::default().tiers.iter().filter(|tier| tier.size < request).count();
            check(&sizes, request, tier);
        }
        let close = Sizes::new(&[33, 40, 41, 64].map(Tier::new));
        for request in 0..70 {
            check(&close, request, [33, 40, 41, 64].iter().filter(|size| **size < request).count());
        }
        let full = Sizes::new(&[1, 2, 3, 4, 5, 6, 7, 8].map(Tier::new));
        check(&full, 9, MAX_TIERS);
    }
}
