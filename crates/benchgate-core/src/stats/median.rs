//! Median and robust spread of effects.
//!
//! Both obey T(-x) = -T(x) (the spread: T(-x) = T(x)), which the fair coin of a pair needs; infinite effects are legal.

/// 1.4826: what the median absolute deviation is multiplied with to estimate the standard deviation of normal noise,
/// 1/Φ⁻¹(3/4) (Rousseeuw and Croux 1993).
pub const MAD_TO_SD: f64 = 1.4826;

/// Effects kept in order of size while they arrive.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SortedEffects(Vec<f64>);

impl SortedEffects {
    /// Adds one effect; it must not be NaN.
    pub fn insert(&mut self, effect: f64) {
        let at = self.0.partition_point(|&x| x <= effect);
        self.0.insert(at, effect);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Their median; `None` without effects.
    pub fn median(&self) -> Option<f64> {
        median_of_sorted(&self.0)
    }

    /// Their robust standard deviation; `None` without effects.
    pub fn robust_sd(&self) -> Option<f64> {
        robust_sd(&self.0)
    }
}

/// The median, the mean of the middle two for an even number; `None` without values.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    median_of_sorted(&sorted)
}

/// 1.4826 times the median absolute deviation from the median, in the unit of the values; `None` without values.
pub fn robust_sd(values: &[f64]) -> Option<f64> {
    let centre = median(values)?;
    // Two equal infinities do not deviate from each other, though their difference is no number.
    let deviations: Vec<f64> = values.iter().map(|&x| if x == centre { 0.0 } else { (x - centre).abs() }).collect();
    Some(MAD_TO_SD * median(&deviations)?)
}

fn median_of_sorted(sorted: &[f64]) -> Option<f64> {
    let upper = *sorted.get(sorted.len() / 2)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = sorted[sorted.len() / 2 - 1];
    // Opposite infinities balance; any other choice would favour a side. Halving first keeps large values finite.
    Some(if lower == -upper { 0.0 } else { lower / 2.0 + upper / 2.0 })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn median_is_the_middle_or_the_mean_of_the_middle_two() {
        #[track_caller]
        fn check(values: &[f64], expected: Option<f64>) {
            assert_eq!(median(values), expected);
            let mut sorted = SortedEffects::default();
            values.iter().for_each(|&x| sorted.insert(x));
            assert_eq!(sorted.median(), expected);
        }
        check(&[], None);
        check(&[3.0], Some(3.0));
        check(&[3.0, 1.0, 2.0], Some(2.0));
        check(&[4.0, 1.0, 3.0, 2.0], Some(2.5));
        check(&[f64::INFINITY, f64::NEG_INFINITY], Some(0.0));
        check(&[f64::INFINITY, f64::INFINITY, 0.0], Some(f64::INFINITY));
        check(&[f64::MAX, f64::MAX], Some(f64::MAX));
    }

    #[test]
    fn spread_is_the_scaled_median_deviation() {
        // Median 3, deviations 2 1 0 1 97: their median is 1.
        assert_eq!(robust_sd(&[1.0, 2.0, 3.0, 4.0, 100.0]), Some(1.4826));
        assert_eq!(robust_sd(&[5.0; 4]), Some(0.0));
        assert_eq!(robust_sd(&[f64::INFINITY; 3]), Some(0.0));
        assert_eq!(robust_sd(&[]), None);
    }

    proptest! {
        #[test]
        fn median_is_antisymmetric_and_ignores_order(mut values in prop::collection::vec(-1e3..1e3f64, 1..40)) {
            let forward = median(&values).unwrap();
            let spread = robust_sd(&values).unwrap();
            values.reverse();
            values.iter_mut().for_each(|x| *x = -*x);
            prop_assert_eq!(median(&values).unwrap(), -forward);
            prop_assert_eq!(robust_sd(&values).unwrap(), spread);
        }
    }
}
