//! The estimator of one pair: from the samples of two processes to one effect.
//!
//! Swapping base and candidate negates it exactly. The proof that equal code is not called slower rests on that and on the coin
//! that drew the pair, on nothing else. The mean is not used (one interruption moves it), nor the minimum (it follows frequency
//! steps).

use super::median;
use crate::model::{Pair, Sample};

/// The effect of a pair: median of ln(candidate/base) per iteration, over samples matched in the order in which they were taken.
/// If one side has more samples, its surplus at the end has no partner and does not count. Never NaN.
pub fn pair_effect(pair: &Pair) -> f64 {
    let matched = pair.base.as_slice().iter().zip(pair.candidate.as_slice());
    let logs: Vec<f64> = matched.map(|(base, candidate)| log_nanos(candidate) - log_nanos(base)).collect();
    median(&logs).expect("samples are never empty")
}

/// ln of nanoseconds an iteration; as a difference of logarithms it stays finite for all that `Samples` admits.
fn log_nanos(sample: &Sample) -> f64 {
    sample.nanos.ln() - sample.iterations.ln()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{Conditions, Samples, Side};
    use crate::stats::noise::{generator, normal};

    fn pair(base: &[(f64, f64)], candidate: &[(f64, f64)]) -> Pair {
        let samples = |readings: &[(f64, f64)]| {
            Samples::new(readings.iter().map(|&(iterations, nanos)| Sample { iterations, nanos }).collect()).unwrap()
        };
        Pair {
            order: 0,
            first: Side::Base,
            base: samples(base),
            candidate: samples(candidate),
            conditions: Conditions::default(),
        }
    }

    #[test]
    fn effect_is_the_median_of_the_logs_of_matched_samples() {
        // 10 against 20 ns: ln 2; 10 against 11: ln 1.1; 10 against 10: 0. Median ln 1.1. The fourth base sample has no partner.
        let effect = pair_effect(&pair(
            &[(1.0, 10.0), (2.0, 20.0), (3.0, 30.0), (4.0, 4000.0)],
            &[(2.0, 40.0), (4.0, 44.0), (1.0, 10.0)],
        ));
        assert!((effect - 1.1f64.ln()).abs() < 1e-12, "{effect}");
    }

    #[test]
    fn extreme_readings_stay_numbers() {
        let effect = pair_effect(&pair(&[(1e-300, 1e300)], &[(1e300, 1e-300)]));
        assert!(effect.is_finite() && effect < -2000.0, "{effect}");
    }

    proptest! {
        #[test]
        fn swapping_the_sides_negates(readings in prop::collection::vec((1.0..1e6f64, 1.0..1e9f64, 1.0..1e9f64), 1..30)) {
            let base: Vec<_> = readings.iter().map(|&(n, b, _)| (n, b)).collect();
            let candidate: Vec<_> = readings.iter().map(|&(n, _, c)| (n, c)).collect();
            prop_assert_eq!(pair_effect(&pair(&base, &candidate)), -pair_effect(&pair(&candidate, &base)));
        }
    }

    /// A/A and A/B: noise of 5 % a sample and one sample in ten interrupted on either side. Over 400 pairs of 25 samples the
    /// mean effect has a standard error of about 0.1 %; bands are four of them.
    #[test]
    fn interruptions_do_not_bias_and_a_planted_effect_is_read() {
        #[track_caller]
        fn check(planted: f64) {
            let mut rng = generator("pair");
            let mut reading = |effect: f64| {
                let spike = if normal(&mut rng) > 1.28 { 1.5 } else { 0.0 };
                (10.0, 1000.0 * (effect + 0.05 * normal(&mut rng) + spike).exp())
            };
            let mut effects = Vec::new();
            for _ in 0..400 {
                let base: Vec<_> = (0..25).map(|_| reading(0.0)).collect();
                let candidate: Vec<_> = (0..25).map(|_| reading(planted)).collect();
                effects.push(pair_effect(&pair(&base, &candidate)));
            }
            let mean = effects.iter().sum::<f64>() / 400.0;
            assert!((mean - planted).abs() < 0.004, "planted {planted}, read {mean}");
        }
        check(0.0);
        check(0.05);
    }
}
