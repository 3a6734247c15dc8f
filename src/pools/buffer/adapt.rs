//! How many places a tier should have, from what it saw since it was asked last.
//!
//! ```text
//!  misses for want of a place > 10 % of gets   places x 3/2 and at least one, up to the most
//!  used < 30 % of the places                   places x 2/3, down to the fewest
//! ```
//! After growth at least two thirds of the places are used, after shrinking less than 45 %, so that the same load does not
//! turn one into the other. Misses of a pool that is not yet full ask for no growth.

/// Share of gets, in percent, above which misses for want of a place ask for more of them: the hit rate of 90 % that
/// netresearch/ofelia watches (`performance_optimization_validation_results.md`, "Monitoring Thresholds").
const MISS_PERCENT: u128 = 10;

/// Share of places in use, in percent, below which some are given up: 0.3, of the same project's pool.
const USED_PERCENT: u128 = 30;

/// Growth by 1.5, of the same project's pool, as a fraction; shrinking is its inverse.
const GROWTH: (u128, u128) = (3, 2);

/// What a tier saw in a window.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub(super) gets: u64,
    /// Misses while every place was taken.
    pub(super) crowded: u64,
    /// The most places that were in use at a time.
    pub(super) used: usize,
    /// Places.
    pub(super) places: usize,
    pub(super) min: usize,
    pub(super) max: usize,
}

impl Window {
    /// Places from now on.
    pub(super) fn places(self) -> usize {
        let Self { gets, crowded, used, places, min, max } = self;
        let (up, down) = GROWTH;
        if u128::from(crowded) * 100 > u128::from(gets) * MISS_PERCENT {
            // One at least, or a tier that has given up all its places would never get one back.
            let grown = (places as u128 * up).div_ceil(down).max(1);
            grown.min(max as u128) as usize
        } else if (used as u128) * 100 < (places as u128) * USED_PERCENT {
            ((places as u128 * down / up) as usize).max(min)
        } else {
            places
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check((gets, crowded): (u64, u64), (used, places): (usize, usize), expected: usize) {
        assert_eq!(Window { gets, crowded, used, places, min: 2, max: 200 }.places(), expected);
    }

    #[test]
    fn places_follow_misses_and_use() {
        check((100, 11), (50, 50), 75);
        check((100, 10), (50, 50), 50);
        check((100, 100), (200, 200), 200);
        check((1, 1), (1, 1), 2);
        check((100, 0), (15, 50), 50);
        check((100, 0), (14, 50), 33);
        check((0, 0), (0, 50), 33);
        check((0, 0), (0, 3), 2);
        check((0, 0), (0, 2), 2);
        check((1, 1), (0, 0), 1);
        check((1, 1), (usize::MAX, usize::MAX), 200);
        check((0, 0), (0, usize::MAX), usize::MAX / 3 * 2);
    }

    proptest! {
        /// The same load again: as many in use, misses only where there are fewer places than it needs.
        #[test]
        fn a_steady_load_settles(needed in 0_usize..300, start in 0_usize..200) {
            let mut places = start;
            let mut changes = Vec::new();
            for _ in 0..40 {
                let crowded = if needed > places { 100 } else { 0 };
                let next = Window { gets: 100, crowded, used: needed.min(places), places, min: 0, max: 200 }.places();
                changes.push(next.cmp(&places));
                places = next;
            }
            changes.retain(|change| change.is_ne());
            changes.dedup();
            prop_assert!(changes.len() <= 1, "{:?}", changes);
            prop_assert!(places >= needed.min(200));
        }
    }
}
