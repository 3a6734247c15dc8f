//! Which bucket a latency falls into: exact below 64 ns, above that 32 buckets for each doubling.
//!
//! ```text
//!  value     0 .. 63    64 .. 127        128 .. 255       ...   up to 2^48 - 1
//!  width        1           2                4
//!  buckets     64          32               32
//! ```
//! The layout is that of the high dynamic range histograms: the top bit names the doubling, the next five the bucket.

/// Buckets of a doubling.
const PER_DOUBLING: usize = 1 << PRECISION_BITS;

/// Bits of a value behind its top bit that tell buckets apart.
const PRECISION_BITS: u32 = 5;

/// Bits of the greatest value that is told apart.
const VALUE_BITS: u32 = 48;

/// The greatest latency that is recorded as it is, in nanoseconds (3.2 days); longer ones count as this one.
pub const LONGEST_NS: u64 = (1 << VALUE_BITS) - 1;

/// How far a quantile may lie from the exact value, as a share of that value: half a bucket, 1/64.
pub const RELATIVE_ERROR: f64 = 0.5 / PER_DOUBLING as f64;

/// Number of buckets.
pub(super) const BUCKETS: usize = (VALUE_BITS - PRECISION_BITS + 1) as usize * PER_DOUBLING;

/// The bucket of a value up to [`LONGEST_NS`].
#[inline]
pub(super) fn bucket(value: u64) -> usize {
    // Where the value has no top bit so high, that bit is set: the first two rows of buckets are both exact.
    let shift = (value | PER_DOUBLING as u64).ilog2() - PRECISION_BITS;
    shift as usize * PER_DOUBLING + (value >> shift) as usize
}

/// The least and the greatest value of a bucket.
pub(super) fn bounds(bucket: usize) -> (u64, u64) {
    let shift = (bucket / PER_DOUBLING).saturating_sub(1);
    let least = ((bucket - shift * PER_DOUBLING) as u64) << shift;
    (least, least + (1 << shift) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(value: u64, expected: usize, least: u64, greatest: u64) {
        assert_eq!((bucket(value), bounds(expected)), (expected, (least, greatest)));
    }

    #[test]
    fn buckets_double_in_width() {
        check(0, 0, 0, 0);
        check(31, 31, 31, 31);
        check(32, 32, 32, 32);
        check(63, 63, 63, 63);
        check(64, 64, 64, 65);
        check(65, 64, 64, 65);
        check(127, 95, 126, 127);
        check(128, 96, 128, 131);
        check(1_000_000, 509, 999_424, 1_015_807);
        check(LONGEST_NS, BUCKETS - 1, LONGEST_NS + 1 - (1 << 42), LONGEST_NS);
    }

    #[test]
    fn buckets_follow_each_other_without_a_gap() {
        for index in 1..BUCKETS {
            assert_eq!(bounds(index - 1).1 + 1, bounds(index).0, "before bucket {index}");
        }
    }

    proptest! {
        #[test]
        fn a_value_lies_in_its_bucket_and_near_its_middle(bits in 0_u32..48, value in 0..=LONGEST_NS) {
            let value = value >> bits;
            let (least, greatest) = bounds(bucket(value));
            prop_assert!((least..=greatest).contains(&value));
            let middle = least + (greatest - least) / 2;
            prop_assert!(middle.abs_diff(value) as f64 <= RELATIVE_ERROR * value as f64);
        }
    }
}
