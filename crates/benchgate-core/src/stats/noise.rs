//! Seeded random numbers: the same name gives the same stream on every machine and for ever.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};
use statrs::distribution::{ContinuousCDF, Normal};

/// A generator seeded by a name.
pub(crate) fn generator(name: &str) -> ChaCha8Rng {
    ChaCha8Rng::from_seed(Sha256::digest(name.as_bytes()).into())
}

/// A standard normal variate, by inversion.
pub(crate) fn normal(rng: &mut ChaCha8Rng) -> f64 {
    // The middle of one of 2^32 equal parts of (0, 1): never 0 or 1, and as often below one half as above.
    let uniform = (f64::from(rng.random::<u32>()) + 0.5) / (f64::from(u32::MAX) + 1.0);
    Normal::standard().inverse_cdf(uniform)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_has_mean_zero_and_variance_one() {
        let mut rng = generator("moments");
        let draws: Vec<f64> = (0..20_000).map(|_| normal(&mut rng)).collect();
        let mean = draws.iter().sum::<f64>() / 20_000.0;
        let variance = draws.iter().map(|x| x * x).sum::<f64>() / 20_000.0;
        assert!(mean.abs() < 0.03, "{mean}"); // four standard errors
        assert!((variance - 1.0).abs() < 0.04, "{variance}");
    }

    #[test]
    fn a_name_fixes_the_stream() {
        assert_eq!(normal(&mut generator("a")), normal(&mut generator("a")));
        assert_ne!(normal(&mut generator("a")), normal(&mut generator("b")));
    }
}
