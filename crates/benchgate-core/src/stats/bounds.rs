//! Confidence bounds of an effect, by inverting the e-process: a bound is the null value at which the bet would just be won.
//!
//! Valid at any time and under any rule for when to stop, like the process itself. Finite only once the pairs could have won.

use super::{Direction, EProcess};

/// Lower and upper bound of an effect, as logarithms; infinite where the pairs cannot bound it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The effect is above this.
    pub lower: f64,
    /// The effect is below this.
    pub upper: f64,
}

/// Beyond this many tolerances from every effect the smallest bet is at its cap (atanh(0.98)/0.25 = 9.2), so that moving the null
/// value further changes nothing.
const SATURATED: f64 = 10.0;

/// Halvings of the search range: a range of hundreds of tolerances ends far below what a table shows.
const HALVINGS: usize = 40;

/// Bounds of the effect: the upper one is the smallest m with sup E(effect >= m) >= `threshold`, the lower one its mirror image. Each
/// is exceeded with a chance of at most 1/threshold. `tau` is the tolerance as a logarithm, above zero.
pub fn bounds(effects: &[f64], tau: f64, threshold: f64) -> Interval {
    let mirrored: Vec<f64> = effects.iter().map(|d| -d).collect();
    Interval { lower: -upper(&mirrored, tau, threshold), upper: upper(effects, tau, threshold) }
}

fn upper(effects: &[f64], tau: f64, threshold: f64) -> f64 {
    let is_reached = |null: f64| {
        let mut process = EProcess::new(tau, null, Direction::Down);
        effects.iter().any(|&effect| {
            process.push(effect);
            process.log_sup() >= threshold.ln()
        })
    };
    let finite = || effects.iter().copied().filter(|d| d.is_finite());
    let mut below = finite().fold(0.0, f64::min) - SATURATED * tau;
    let mut above = finite().fold(0.0, f64::max) + SATURATED * tau;
    if !is_reached(above) {
        return f64::INFINITY;
    }
    if is_reached(below) {
        return f64::NEG_INFINITY;
    }
    for _ in 0..HALVINGS {
        let middle = below + (above - below) / 2.0;
        if is_reached(middle) { above = middle } else { below = middle }
    }
    above
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::noise::{generator, normal};

    const TAU: f64 = 0.02;

    #[test]
    fn all_zero_shrinks_as_published() {
        #[track_caller]
        fn check(n: usize, expected: f64) {
            let Interval { lower, upper } = bounds(&vec![0.0; n], TAU, 20.0);
            assert!((upper / TAU - expected).abs() < 6e-5, "{n} pairs: {}", upper / TAU);
            assert_eq!(lower, -upper);
        }
        check(5, 0.9612);
        check(6, 0.3960);
        check(8, 0.2025);
        check(16, 0.0770);
        check(64, 0.0170);
    }

    #[test]
    fn published_interval() {
        let effects = [
            0.031, 0.027, 0.035, 0.029, 0.024, 0.033, 0.030, 0.028, 0.026, 0.032, 0.034, 0.025, 0.029, 0.031, 0.030,
            0.027, 0.028, 0.033,
        ];
        let Interval { lower, upper } = bounds(&effects, TAU, 20.0);
        assert!((lower - 0.02722).abs() < 6e-6, "{lower}");
        assert!((upper - 0.03178).abs() < 6e-6, "{upper}");
        assert_eq!(crate::stats::median(&effects), Some(0.0295));
    }

    #[test]
    fn four_pairs_bound_nothing() {
        // 1.98^4 = 15.4 < 20 <= 1.98^5.
        assert_eq!(bounds(&[0.0; 4], TAU, 20.0), Interval { lower: f64::NEG_INFINITY, upper: f64::INFINITY });
        assert_eq!(bounds(&[], TAU, 20.0), Interval { lower: f64::NEG_INFINITY, upper: f64::INFINITY });
    }

    #[test]
    fn infinite_effects_are_legal() {
        let Interval { lower, upper } = bounds(&[f64::INFINITY; 9], TAU, 20.0);
        assert_eq!((lower, upper), (f64::INFINITY, f64::INFINITY));
        let mut wild = vec![0.0; 14];
        wild.insert(2, f64::INFINITY);
        let Interval { lower, upper } = bounds(&wild, TAU, 20.0);
        assert!(lower < 0.0 && upper > 0.0 && upper < TAU, "{lower} {upper}");
    }

    proptest! {
        #[test]
        fn unit_of_measurement_does_not_matter(effects in prop::collection::vec(-0.1..0.1f64, 5..30), scale in 0.5..2.0f64) {
            let plain = bounds(&effects, TAU, 20.0);
            let scaled: Vec<f64> = effects.iter().map(|d| d * scale).collect();
            let Interval { lower, upper } = bounds(&scaled, TAU * scale, 20.0);
            prop_assert!((lower - plain.lower * scale).abs() < 1e-6 && (upper - plain.upper * scale).abs() < 1e-6);
        }
    }

    /// A/A and A/B at once: 1000 intervals of 12 pairs with noise of half a tolerance around `truth`. Each end may miss in 5 % (it
    /// misses in about 2 %), and an effect of two tolerances is told from one in nearly all.
    #[test]
    fn bounds_hold_the_truth_and_are_tight() {
        #[track_caller]
        fn check(truth: f64) {
            let mut rng = generator("bounds");
            let (mut missed_below, mut missed_above, mut tight) = (0, 0, 0);
            for _ in 0..1000 {
                let effects: Vec<f64> = (0..12).map(|_| truth + TAU / 2.0 * normal(&mut rng)).collect();
                let Interval { lower, upper } = bounds(&effects, TAU, 20.0);
                missed_below += usize::from(lower > truth);
                missed_above += usize::from(upper < truth);
                tight += usize::from(upper - lower < 2.0 * TAU);
            }
            assert!(missed_below <= 50 && missed_above <= 50, "{missed_below} {missed_above}");
            assert!(tight > 950, "{tight}");
        }
        check(0.0);
        check(2.0 * TAU);
    }
}
