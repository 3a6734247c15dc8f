//! Latencies counted in buckets, for one thread.
//!
//! It is what a recorder hands out, and the reference that it is tested against. It forgets the order of what it counts.

use super::scale::{self, BUCKETS};
pub use super::scale::{LONGEST_NS, RELATIVE_ERROR};
use std::fmt;

/// Latencies in nanoseconds, each counted in a bucket no wider than 1/32 of its values. 12 KB whatever it counts.
///
/// Count, sum, least and greatest are exact; quantiles lie within [`RELATIVE_ERROR`] of what sorting would give.
///
/// ```
/// use perfblocks::metrics::Histogram;
///
/// let mut latencies = Histogram::default();
/// for ns in [900, 1000, 1100, 90_000] {
///     latencies.record(ns);
/// }
/// assert_eq!((latencies.min_ns(), latencies.max_ns()), (Some(900), Some(90_000)));
/// assert_eq!(latencies.quantile_ns(0.5), Some(999)); // 1000, within 1/64
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Histogram {
    pub(super) buckets: Box<[u64; BUCKETS]>,
    pub(super) count: u64,
    pub(super) sum: u64,
    /// `u64::MAX` while nothing is counted, so that zero is a minimum like any other.
    pub(super) min: u64,
    pub(super) max: u64,
}

impl Histogram {
    /// Counts a latency in nanoseconds; one above [`LONGEST_NS`] counts as that.
    pub fn record(&mut self, ns: u64) {
        let ns = ns.min(LONGEST_NS);
        self.buckets[scale::bucket(ns)] += 1;
        self.count += 1;
        self.sum = self.sum.wrapping_add(ns);
        self.min = self.min.min(ns);
        self.max = self.max.max(ns);
    }

    /// Adds what another has counted.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.buckets.iter_mut().zip(other.buckets.iter()) {
            *mine += theirs;
        }
        self.count += other.count;
        self.sum = self.sum.wrapping_add(other.sum);
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// Forgets everything, and keeps its memory.
    pub fn clear(&mut self) {
        self.buckets.fill(0);
        (self.count, self.sum, self.min, self.max) = (0, 0, u64::MAX, 0);
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// All latencies together, in nanoseconds; wraps after 584 years.
    pub fn sum_ns(&self) -> u64 {
        self.sum
    }

    /// The least, in nanoseconds; none without data.
    pub fn min_ns(&self) -> Option<u64> {
        (self.count > 0).then_some(self.min)
    }

    /// The greatest, in nanoseconds; none without data.
    pub fn max_ns(&self) -> Option<u64> {
        (self.count > 0).then_some(self.max)
    }

    /// The mean, in nanoseconds; none without data.
    pub fn mean_ns(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64)
    }

    /// The latency that a share `q` of all did not exceed, in nanoseconds, by nearest rank; none without data. `q` is held to
    /// 0 to 1; NaN is 0.
    pub fn quantile_ns(&self, q: f64) -> Option<u64> {
        if self.count == 0 {
            return None;
        }
        // Casting saturates and makes NaN zero.
        let rank = ((q * self.count as f64).ceil() as u64).clamp(1, self.count);
        let mut passed = 0;
        let bucket = self.buckets.iter().position(|count| {
            passed += count;
            passed >= rank
        })?;
        let (least, greatest) = scale::bounds(bucket);
        Some((least + (greatest - least) / 2).clamp(self.min, self.max))
    }

    /// Count, sum, extremes and the usual quantiles.
    pub fn summary(&self) -> LatencySummary {
        let quantile = |q| self.quantile_ns(q).unwrap_or(0);
        LatencySummary {
            count: self.count,
            sum_ns: self.sum,
            min_ns: self.min_ns().unwrap_or(0),
            max_ns: self.max,
            p50_ns: quantile(0.5),
            p95_ns: quantile(0.95),
            p99_ns: quantile(0.99),
        }
    }
}

impl Default for Histogram {
    fn default() -> Self {
        let buckets = vec![0; BUCKETS].into_boxed_slice();
        let Ok(buckets) = buckets.try_into() else { unreachable!("as many as `BUCKETS`") };
        Self { buckets, count: 0, sum: 0, min: u64::MAX, max: 0 }
    }
}

impl fmt::Debug for Histogram {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.summary().fmt(out)
    }
}

/// What a histogram comes down to. All zero where nothing was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LatencySummary {
    /// How many were counted.
    pub count: u64,
    /// All together, in nanoseconds.
    pub sum_ns: u64,
    /// The least.
    pub min_ns: u64,
    /// The greatest.
    pub max_ns: u64,
    /// The median, within [`RELATIVE_ERROR`].
    pub p50_ns: u64,
    /// Exceeded by one in 20, within [`RELATIVE_ERROR`].
    pub p95_ns: u64,
    /// Exceeded by one in 100, within [`RELATIVE_ERROR`].
    pub p99_ns: u64,
}

impl LatencySummary {
    /// The mean, in nanoseconds; none without data.
    pub fn mean_ns(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum_ns as f64 / self.count as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn counted(latencies: &[u64]) -> Histogram {
        let mut histogram = Histogram::default();
        latencies.iter().for_each(|ns| histogram.record(*ns));
        histogram
    }

    #[track_caller]
    fn check(latencies: &[u64], q: f64, expected: Option<u64>) {
        assert_eq!(counted(latencies).quantile_ns(q), expected);
    }

    #[test]
    fn quantiles_go_by_nearest_rank() {
        check(&[], 0.5, None);
        check(&[7], 0.0, Some(7));
        check(&[7], 1.0, Some(7));
        check(&[1, 2, 3, 4], 0.5, Some(2));
        check(&[1, 2, 3, 4], 0.51, Some(3));
        check(&[1, 2, 3, 4], 0.75, Some(3));
        check(&[1, 2, 3, 4], 2.0, Some(4));
        check(&[1, 2, 3, 4], f64::NAN, Some(1));
        check(&[u64::MAX], 0.5, Some(LONGEST_NS));
    }

    #[test]
    fn zero_is_a_minimum_and_nothing_has_none() {
        assert_eq!(counted(&[5, 0, 3]).min_ns(), Some(0));
        let nothing = counted(&[]);
        assert_eq!((nothing.min_ns(), nothing.max_ns(), nothing.mean_ns()), (None, None, None));
        assert_eq!(nothing.summary(), LatencySummary::default());
    }

    /// Of all sizes alike, not mostly huge.
    fn latency() -> impl Strategy<Value = u64> {
        (0_u32..48, 0..=LONGEST_NS).prop_map(|(bits, ns)| ns >> bits)
    }

    fn latencies() -> impl Strategy<Value = Vec<u64>> {
        prop::collection::vec(latency(), 1..400)
    }

    proptest! {
        #[test]
        fn quantiles_are_those_of_an_exact_sort_within_the_stated_error(mut latencies in latencies(), q in 0.0..=1.0_f64) {
            let histogram = counted(&latencies);
            latencies.sort_unstable();
            let rank = ((q * latencies.len() as f64).ceil() as usize).max(1);
            let exact = latencies[rank - 1];
            let quantile = histogram.quantile_ns(q).unwrap();
            let error = quantile.abs_diff(exact) as f64;
            prop_assert!(error <= RELATIVE_ERROR * exact as f64, "{quantile} for {exact}");
        }

        #[test]
        fn count_sum_and_extremes_are_exact(latencies in latencies()) {
            let histogram = counted(&latencies);
            prop_assert_eq!(histogram.count(), latencies.len() as u64);
            prop_assert_eq!(histogram.sum_ns(), latencies.iter().sum::<u64>());
            prop_assert_eq!(histogram.min_ns(), latencies.iter().copied().min());
            prop_assert_eq!(histogram.max_ns(), latencies.iter().copied().max());
        }

        #[test]
        fn merged_is_as_if_counted_together(left in latencies(), right in latencies()) {
            let mut merged = counted(&left);
            merged.merge(&counted(&right));
            prop_assert_eq!(&merged, &counted(&[left, right].concat()));
            merged.clear();
            prop_assert_eq!(merged, Histogram::default());
        }
    }
}
