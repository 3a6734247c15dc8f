//! Prediction of the next recording from earlier ones.
//!
//! Recordings of the same code differ by more than the noise within one, and by how much is only known from few of them. Variances of
//! few values are wild, so each is moderated by those of the whole suite:
//!
//! ```text
//! s~^2 = (d0 s0^2 + (k-1) s^2) / (d0 + k-1),   nu = d0 + k-1
//! ```
//!
//! Smyth, "Linear models and empirical Bayes methods for assessing differential expression in microarray experiments", Statistical
//! Applications in Genetics and Molecular Biology 3 (2004), section 6.2: d0 and s0 follow from mean and variance of log s^2.

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};
use statrs::function::gamma::digamma;

/// Benchmarks below which a suite says nothing about the variance of its benchmarks.
const FEWEST_VARIANCES: usize = 8;

/// Degrees of freedom that a suite may lend to a benchmark.
const MOST_LENT: f64 = 20.0;

/// Variances below this are taken for it: nothing repeats to a millionth, and its logarithm must exist.
const LEAST_VARIANCE: f64 = 1e-12;

/// What a suite says about the variance of its benchmarks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lent {
    /// s0^2.
    pub variance: f64,
    /// d0; 0 where nothing is lent.
    pub freedom: f64,
}

/// Earlier values of one benchmark, summed up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Predicted {
    /// Their mean.
    pub mean: f64,
    /// Moderated standard deviation of one value.
    pub sd: f64,
    /// Degrees of freedom of `sd`.
    pub freedom: f64,
    /// How many values there are.
    pub values: usize,
}

impl Lent {
    /// Nothing.
    pub const NOTHING: Self = Self { variance: 0.0, freedom: 0.0 };

    /// From the values of all benchmarks, each of at least two recordings; others are not looked at.
    pub fn by(suite: &[Vec<f64>]) -> Self {
        let known: Vec<(f64, f64)> = suite.iter().filter_map(|values| variance(values)).collect();
        if known.len() < FEWEST_VARIANCES {
            return Self::NOTHING;
        }
        // Smyth's e_g and the moments of it.
        let shifted = |&(variance, freedom): &(f64, f64)| variance.ln() - digamma(freedom / 2.0) + (freedom / 2.0).ln();
        let e: Vec<f64> = known.iter().map(shifted).collect();
        let count = e.len() as f64;
        let mean = e.iter().sum::<f64>() / count;
        let own = known.iter().map(|(_, freedom)| trigamma(freedom / 2.0)).sum::<f64>() / count;
        let spread = e.iter().map(|e| (e - mean).powi(2)).sum::<f64>() / (count - 1.0) - own;
        let freedom = if spread > 0.0 { (2.0 * inverse_trigamma(spread)).min(MOST_LENT) } else { MOST_LENT };
        let variance = (mean + digamma(freedom / 2.0) - (freedom / 2.0).ln()).exp();
        Self { variance, freedom }
    }
}

impl Predicted {
    /// From at least two values; `None` from fewer.
    pub fn from(values: &[f64], lent: Lent) -> Option<Self> {
        let (own, own_freedom) = variance(values)?;
        let freedom = lent.freedom + own_freedom;
        let sd = ((lent.freedom * lent.variance + own_freedom * own) / freedom).sqrt();
        Some(Self { mean: values.iter().sum::<f64>() / values.len() as f64, sd, freedom, values: values.len() })
    }

    /// How far the next value may lie above the mean with the chance 1-`alpha`, if nothing has changed.
    pub fn reach(&self, alpha: f64) -> f64 {
        self.quantile(1.0 - alpha) * self.scale()
    }

    /// The smallest effect that is found beyond `null` at the level `alpha` in so many of all cases (`power`, a share). By the normal
    /// approximation of the noncentral t distribution of Johnson and Welch, Biometrika 31 (1940).
    pub fn visible(&self, null: f64, alpha: f64, power: f64) -> f64 {
        let t = self.quantile(1.0 - alpha);
        let normal = Normal::standard().inverse_cdf(power);
        let noncentral = t * (1.0 - 1.0 / (4.0 * self.freedom)) + normal * (1.0 + t * t / (2.0 * self.freedom)).sqrt();
        null + noncentral * self.scale()
    }

    /// Standard deviation of the next value less the mean of these.
    fn scale(&self) -> f64 {
        self.sd * (1.0 + 1.0 / self.values as f64).sqrt()
    }

    fn quantile(&self, share: f64) -> f64 {
        StudentsT::new(0.0, 1.0, self.freedom).map_or(f64::INFINITY, |t| t.inverse_cdf(share))
    }
}

/// Variance of values with its degrees of freedom.
fn variance(values: &[f64]) -> Option<(f64, f64)> {
    let freedom = values.len().checked_sub(1).filter(|freedom| *freedom > 0)? as f64;
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / freedom;
    Some((variance.max(LEAST_VARIANCE), freedom))
}

/// Second derivative of ln gamma: by recurrence up to 8, then the asymptotic series (Abramowitz and Stegun 6.4.6, 6.4.12).
fn trigamma(mut x: f64) -> f64 {
    let mut sum = 0.0;
    while x < 8.0 {
        sum += 1.0 / (x * x);
        x += 1.0;
    }
    let (y, z) = (1.0 / x, 1.0 / (x * x));
    sum + y * (1.0 + y * 0.5 + z * (1.0 / 6.0 - z * (1.0 / 30.0 - z * (1.0 / 42.0 - z / 30.0))))
}

/// The x of which `value` is the trigamma, by halving: trigamma falls from infinity to 0.
fn inverse_trigamma(value: f64) -> f64 {
    let (mut low, mut high) = (1e-3, 1e3);
    for _ in 0..100 {
        let middle = (low + high) / 2.0;
        if trigamma(middle) > value { low = middle } else { high = middle }
    }
    (low + high) / 2.0
}

#[cfg(test)]
mod tests {
    use rand::RngExt;
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::stats::noise::{generator, normal};

    #[test]
    fn trigamma_has_its_known_values() {
        #[track_caller]
        fn check(x: f64, expected: f64) {
            assert!((trigamma(x) - expected).abs() < 1e-10, "{}", trigamma(x));
            assert!((inverse_trigamma(expected) - x).abs() < 1e-6, "{}", inverse_trigamma(expected));
        }
        check(1.0, std::f64::consts::PI.powi(2) / 6.0);
        check(0.5, std::f64::consts::PI.powi(2) / 2.0);
        check(10.0, 0.105_166_335_681_685_75);
    }

    /// The table of smallest visible effects in units of the standard deviation, with 95 % power: of one benchmark and of 14, from its own
    /// recordings alone and with ten degrees of freedom lent.
    #[test]
    fn visible_effects_are_those_of_the_noncentral_t() {
        #[track_caller]
        fn check(values: usize, lent: f64, family: f64, expected: f64) {
            let freedom = lent + values as f64 - 1.0;
            let one = Predicted { mean: 0.0, sd: 1.0, freedom, values };
            let visible = one.visible(0.0, 0.01 / family, 0.95);
            assert!((visible / expected - 1.0).abs() < 0.03, "{visible}, expected {expected}");
        }
        check(3, 0.0, 1.0, 14.0);
        check(3, 10.0, 1.0, 5.2);
        check(3, 10.0, 14.0, 7.1);
        check(8, 0.0, 1.0, 5.3);
        check(8, 0.0, 14.0, 8.2);
        check(8, 10.0, 231.0, 7.7);
        check(12, 10.0, 14.0, 5.7);
    }

    #[test]
    fn too_few_lend_nothing_and_two_are_the_least() {
        assert_eq!(Lent::by(&vec![vec![0.0, 1.0]; 7]), Lent::NOTHING);
        assert_eq!(Predicted::from(&[1.0], Lent::NOTHING), None);
        let own = Predicted::from(&[1.0, 3.0], Lent::NOTHING).unwrap();
        assert_eq!((own.mean, own.sd, own.freedom), (2.0, 2.0_f64.sqrt(), 1.0));
    }

    #[test]
    fn constant_values_do_not_divide_by_zero() {
        let lent = Lent::by(&vec![vec![1.5; 8]; 20]);
        let one = Predicted::from(&[1.5; 8], lent).unwrap();
        assert!(one.sd > 0.0 && one.sd < 1e-5 && one.reach(0.01).is_finite(), "{one:?}");
    }

    fn suite(rng: &mut ChaCha8Rng, benches: usize, values: usize, sds: &[f64]) -> Vec<Vec<f64>> {
        let one = |at: usize, rng: &mut ChaCha8Rng| (0..values).map(|_| sds[at % sds.len()] * normal(rng)).collect();
        (0..benches).map(|at| one(at, rng)).collect()
    }

    #[test]
    fn like_variances_lend_much_and_unlike_ones_little() {
        let mut rng = generator("lent");
        let like = Lent::by(&suite(&mut rng, 100, 8, &[0.01]));
        assert!(like.freedom > 15.0 && (like.variance.sqrt() / 0.01 - 1.0).abs() < 0.1, "{like:?}");
        let unlike = Lent::by(&suite(&mut rng, 100, 8, &[0.001, 0.01, 0.1]));
        assert!(unlike.freedom < 2.0, "{unlike:?}");
    }

    /// At a nominal 1 % the next recording of unchanged code lies beyond the reach in about 1 of 100 cases, moderated or not.
    #[test]
    fn unchanged_code_is_called_slower_as_rarely_as_promised() {
        let mut rng = generator("prediction");
        for values in [3, 8] {
            let (mut red, mut all) = (0, 0);
            for _ in 0..200 {
                let sd = 0.003 * (1.0 + rng.random::<f64>());
                let past = suite(&mut rng, 20, values, &[sd]);
                let lent = Lent::by(&past);
                for values in &past {
                    let one = Predicted::from(values, lent).unwrap();
                    red += u32::from(sd * normal(&mut rng) - one.mean > one.reach(0.01));
                    all += 1;
                }
            }
            // 4000 cases: 40 expected; 70 has a chance below one in 100,000.
            assert!((10..70).contains(&red), "{red} of {all}");
        }
    }
}
