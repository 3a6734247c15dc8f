//! Random numbers for jitter: spread out, shared by threads, and the same for the same seed.
//!
//! Not for secrets. A number costs one atomic addition.

use crate::sync::atomic::{AtomicU64, Ordering};

/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014, figures 15 and 17).
///
/// ```
/// let (random, same) = (perfblocks::breakers::SplitMix::new(7), perfblocks::breakers::SplitMix::new(7));
/// assert_eq!(random.next(), same.next());
/// assert_ne!(random.next(), random.next());
/// ```
#[derive(Debug)]
pub struct SplitMix(AtomicU64);

/// 2^64 divided by the golden ratio, made odd: each step of the sequence.
const GOLDEN_GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

impl SplitMix {
    /// The sequence of a seed.
    pub fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    /// The next number, each as likely as any.
    pub fn next(&self) -> u64 {
        let mixed = self.0.fetch_add(GOLDEN_GAMMA, Ordering::Relaxed).wrapping_add(GOLDEN_GAMMA);
        let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(seed: u64, expected: [u64; 3]) {
        let random = SplitMix::new(seed);
        assert_eq!([(); 3].map(|()| random.next()), expected);
    }

    #[test]
    fn the_sequence_is_the_published_one() {
        // The values of the reference code, https://prng.di.unimi.it/splitmix64.c.
        check(0, [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4, 0x06c4_5d18_8009_454f]);
        check(1_234_567, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }
}
