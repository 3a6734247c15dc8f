//! An interval of a median that assumes nothing of how values are distributed: two of the values themselves.
//!
//! Of n independent values the number below the median is binomial with a half (David and Nagaraja, "Order Statistics", 3rd ed.,
//! 7.1). It is for what is shown; decisions are made by e-processes, which stay valid when they are looked at again and again.

use statrs::distribution::{Binomial, DiscreteCDF};

/// The narrowest pair of values, the k-th smallest and the k-th largest, that holds the median with at least this confidence, a
/// share below 1; `None` where even the smallest and the largest do not: below six values at 0.95.
pub fn median_interval(values: &[f64], confidence: f64) -> Option<(f64, f64)> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let below = Binomial::new(0.5, sorted.len() as u64).ok()?;
    // The median is left out below by the k-th smallest with the chance that fewer than k values are below it.
    let is_confident = |k: &usize| 1.0 - 2.0 * below.cdf(*k as u64 - 1) >= confidence;
    let k = (1..=sorted.len() / 2).take_while(is_confident).last()?;
    Some((sorted[k - 1], sorted[sorted.len() - k]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::noise::{generator, normal};

    #[test]
    fn by_hand() {
        #[track_caller]
        fn check(n: u32, expected: Option<(f64, f64)>) {
            let values: Vec<f64> = (1..=n).rev().map(f64::from).collect();
            assert_eq!(median_interval(&values, 0.95), expected, "{n} values");
        }
        check(0, None);
        // 1 - 2/2^5 = 0.9375 and 1 - 2/2^6 = 0.969.
        check(5, None);
        check(6, Some((1.0, 6.0)));
        // 1 - 2 (1 + 8)/2^8 = 0.930: not the second of eight. 1 - 2 (1 + 9)/2^9 = 0.961: but of nine.
        check(8, Some((1.0, 8.0)));
        check(9, Some((2.0, 8.0)));
    }

    proptest! {
        #[test]
        fn mirrored_values_give_the_mirrored_interval(values in prop::collection::vec(-1e6..1e6f64, 6..40)) {
            let mirrored: Vec<f64> = values.iter().map(|x| -x).collect();
            let (low, high) = median_interval(&values, 0.95).unwrap();
            prop_assert_eq!(median_interval(&mirrored, 0.95), Some((-high, -low)));
            let median = crate::stats::median(&values).unwrap();
            prop_assert!(low <= median && median <= high);
        }
    }

    /// A/A: it misses a true median of 0 in at most 5 of 100 cases. A/B: it does not hold one that is two deviations away.
    #[test]
    fn it_covers_what_it_says_and_excludes_what_is_far() {
        let mut rng = generator("median interval");
        let mut held = |median: f64| {
            let holds = |_: &u32| {
                let values: Vec<f64> = (0..12).map(|_| normal(&mut rng)).collect();
                median_interval(&values, 0.95).is_some_and(|(low, high)| low <= median && median <= high)
            };
            (0..2000).filter(holds).count()
        };
        assert!(held(0.0) >= 1900);
        assert!(held(2.0) <= 20);
    }
}
