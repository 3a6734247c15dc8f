//! Which bucket a latency falls into: 32 for each doubling, so exact below 64 ns.
//!
//! ```text
//!  value     0 | 1 | 2, 3 | ... | 32 .. 63    64 .. 127    128 .. 255    ...   up to 2^48 - 1
//!  width     1   1    1             1             2            4
//! ```
//! The layout is that of the high dynamic range histograms: the top bit of a value names the doubling, the next five the bucket.
//! Just these stand together at the top of the value as a float, so the conversion that the processor has is the whole
//! computation. Below 32 some buckets remain empty.

/// Bits of a value behind its top bit that tell buckets apart.
const PRECISION_BITS: u32 = 5;

/// Buckets of a doubling.
const PER_DOUBLING: u64 = 1 << PRECISION_BITS;

/// Bits of a float's fraction that do not matter to its bucket.
const LOW_BITS: u32 = f64::MANTISSA_DIGITS - 1 - PRECISION_BITS;

/// Bits of the greatest value that is told apart.
const VALUE_BITS: u32 = 48;

/// The top of 1 as a float, less one for the bucket of 0.
const OFFSET: u64 = (1_f64.to_bits() >> LOW_BITS) - 1;

/// The greatest latency that is recorded as it is, in nanoseconds (3.2 days); longer ones count as this one.
pub const LONGEST_NS: u64 = (1 << VALUE_BITS) - 1;

/// How far a quantile may lie from the exact value, as a share of that value: half a bucket, 1/64.
pub const RELATIVE_ERROR: f64 = 0.5 / PER_DOUBLING as f64;

/// Number of buckets, that of 0 included.
pub(super) const BUCKETS: usize = VALUE_BITS as usize * PER_DOUBLING as usize + 1;

/// The bucket of a value from 1 to [`LONGEST_NS`]; beyond [`BUCKETS`] for any other.
#[inline]
pub(super) fn bucket_if_usual(value: u64) -> usize {
    // By way of `i64`, which the processor converts in one instruction; what that makes negative is beyond the buckets too.
    ((value as i64 as f64).to_bits() >> LOW_BITS).wrapping_sub(OFFSET) as usize
}

/// The bucket of a value up to [`LONGEST_NS`].
#[inline]
pub(super) fn bucket(value: u64) -> usize {
    if value == 0 { 0 } else { bucket_if_usual(value) }
}

/// The least and the greatest value of a bucket; where it is always empty, the greatest is below the least.
pub(super) fn bounds(bucket: usize) -> (u64, u64) {
    match bucket {
        0 => (0, 0),
        _ => (least(bucket), least(bucket + 1) - 1),
    }
}

/// Of a bucket but that of 0.
fn least(bucket: usize) -> u64 {
    f64::from_bits((bucket as u64 + OFFSET) << LOW_BITS).ceil() as u64
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
        check(1, 1, 1, 1);
        check(2, 33, 2, 2);
        check(3, 49, 3, 3);
        check(31, 159, 31, 31);
        check(32, 161, 32, 32);
        check(63, 192, 63, 63);
        check(64, 193, 64, 65);
        check(65, 193, 64, 65);
        check(127, 224, 126, 127);
        check(128, 225, 128, 131);
        check(1_000_000, 638, 999_424, 1_015_807);
        check(LONGEST_NS, BUCKETS - 1, LONGEST_NS + 1 - (1 << 42), LONGEST_NS);
    }

    #[test]
    fn other_values_have_no_usual_bucket() {
        for value in [0, LONGEST_NS + 1, 1 << 63, u64::MAX] {
            assert!(bucket_if_usual(value) >= BUCKETS, "{value}");
        }
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
