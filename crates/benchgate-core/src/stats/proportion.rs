//! How often something happens, with an exact interval: for rates that were counted, such as false alarms.

use statrs::distribution::{Beta, ContinuousCDF};

/// The interval that holds the true rate in at least so many of 100 cases, whatever the rate: Clopper and Pearson, "The use of
/// confidence or fiducial limits illustrated in the case of the binomial", Biometrika 26 (1934). `[0, 1]` without trials.
///
/// `hits` of `trials` were counted; `confidence` is a share below 1, for instance 0.95.
pub fn clopper_pearson(hits: u32, trials: u32, confidence: f64) -> [f64; 2] {
    let tail = (1.0 - confidence) / 2.0;
    let (hits, trials) = (f64::from(hits.min(trials)), f64::from(trials));
    // Quantiles of the beta distributions that the binomial tails are; both parameters are at least 1 where they are used.
    let quantile = |a: f64, b: f64, share: f64| Beta::new(a, b).map_or(f64::NAN, |beta| beta.inverse_cdf(share));
    let lower = if hits == 0.0 { 0.0 } else { quantile(hits, trials - hits + 1.0, tail) };
    let upper = if hits == trials { 1.0 } else { quantile(hits + 1.0, trials - hits, 1.0 - tail) };
    [lower, upper]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::RngExt;

    use super::*;
    use crate::stats::noise::generator;

    #[track_caller]
    fn check(hits: u32, trials: u32, expected: [f64; 2]) {
        let got = clopper_pearson(hits, trials, 0.95);
        for (got, expected) in got.into_iter().zip(expected) {
            assert!((got - expected).abs() < 2e-6, "{hits} of {trials}: {got}, expected {expected}");
        }
    }

    #[test]
    fn by_hand() {
        // Without a hit the upper end solves (1-p)^n = 0.025; with nothing but hits the lower one solves p^n = 0.025.
        check(0, 1, [0.0, 0.975]);
        check(0, 300, [0.0, 1.0 - 0.025_f64.powf(1.0 / 300.0)]);
        check(10, 10, [0.025_f64.powf(0.1), 1.0]);
        check(0, 0, [0.0, 1.0]);
        // 1 of 2: 1-(1-p)^2 = 0.025 below, p^2 = 0.975 above.
        check(1, 2, [1.0 - 0.975_f64.sqrt(), 0.975_f64.sqrt()]);
    }

    proptest! {
        #[test]
        fn mirrored_ordered_and_around_the_rate(hits in 0u32..400, more in 0u32..400) {
            let trials = hits + more;
            let [lower, upper] = clopper_pearson(hits, trials, 0.95);
            let [mirrored_lower, mirrored_upper] = clopper_pearson(more, trials, 0.95);
            prop_assert!((lower - (1.0 - mirrored_upper)).abs() < 1e-6 && (upper - (1.0 - mirrored_lower)).abs() < 1e-6);
            let rate = if trials == 0 { 0.5 } else { f64::from(hits) / f64::from(trials) };
            prop_assert!(0.0 <= lower && lower <= rate && rate <= upper && upper <= 1.0, "{lower} {rate} {upper}");
            let [wider_lower, wider_upper] = clopper_pearson(hits, trials, 0.99);
            prop_assert!(wider_lower <= lower && upper <= wider_upper);
        }
    }

    /// It misses a true rate of 10 % in at most 5 of 100 cases, and does not get there by being useless.
    #[test]
    fn it_covers_what_it_says() {
        let mut rng = generator("coverage");
        let (mut missed, mut width) = (0, 0.0);
        for _ in 0..2000 {
            let hits = (0..60).filter(|_| rng.random_range(0..10) == 0).count() as u32;
            let [lower, upper] = clopper_pearson(hits, 60, 0.95);
            missed += u32::from(!(lower..=upper).contains(&0.1));
            width += upper - lower;
        }
        assert!(missed <= 100, "{missed}");
        assert!(width / 2000.0 < 0.2, "{width}");
    }
}
