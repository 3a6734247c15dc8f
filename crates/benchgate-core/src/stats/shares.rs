//! Whether two shares of samples differ by more than so many samples can show, over many functions at once.
//!
//! Samples of a clock are taken as independent draws. They are not quite: a loop longer than the clock's period leaves runs of the
//! same stack, and turns see different machines. So a finding is an explanation of a verdict that pairs have made, never a
//! verdict.

use statrs::distribution::{ContinuousCDF, Normal};

/// Samples in one function on both sides, and all samples of both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shares {
    /// Samples in the function, of base and candidate.
    pub hits: [u64; 2],
    /// All samples.
    pub totals: [u64; 2],
}

impl Shares {
    /// The chance that `weight_c p_c - weight_b p_b` is by luck alone as far from zero as seen, to either side; 1 where a side has
    /// no samples.
    ///
    /// With weights of 1 it is the test of two proportions; with the sides' times an iteration it compares what the function
    /// costs. `z = (w_c q_c - w_b q_b) / sqrt(w_c^2 q_c (1 - q_c) / m_c + w_b^2 q_b (1 - q_b) / m_b)` with
    /// `q = (hits + 1) / (total + 2)` and `m = total + 2`: Wald's statistic after one sample is added to either outcome of
    /// either side, without which it has no spread at shares of 0 and 1 (Agresti and Caffo, "Simple and effective confidence
    /// intervals for proportions and differences of proportions result from adding two successes and two failures", The American
    /// Statistician 54, 2000).
    pub fn chance(self, weights: [f64; 2]) -> f64 {
        if self.totals.contains(&0) {
            return 1.0;
        }
        let side = |side: usize| {
            let all = self.totals[side] as f64 + 2.0;
            let share = (self.hits[side] as f64 + 1.0) / all;
            (weights[side] * share, weights[side] * weights[side] * share * (1.0 - share) / all)
        };
        let ((base, base_variance), (candidate, candidate_variance)) = (side(0), side(1));
        let spread = (base_variance + candidate_variance).sqrt();
        if spread.is_nan() || spread <= 0.0 {
            return 1.0;
        }
        2.0 * Normal::standard().sf(((candidate - base) / spread).abs())
    }
}

/// Which of many hypotheses are rejected, given the chance of each, so that any false rejection among them has a chance of at most
/// `alpha`: Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6 (1979).
pub fn beyond_luck(chances: &[f64], alpha: f64) -> Vec<bool> {
    let mut order: Vec<usize> = (0..chances.len()).collect();
    order.sort_by(|&a, &b| chances[a].total_cmp(&chances[b]));
    let mut rejected = vec![false; chances.len()];
    for (rank, index) in order.into_iter().enumerate() {
        if chances[index] > alpha / (chances.len() - rank) as f64 {
            break;
        }
        rejected[index] = true;
    }
    rejected
}

/// The smallest difference of two shares that so many samples of the sides would show, at worst, among so many functions: a share
/// of one half has the widest spread.
pub fn visible_share(totals: [u64; 2], functions: usize, alpha: f64) -> f64 {
    let quantile = Normal::standard().inverse_cdf(1.0 - alpha / (2.0 * functions.max(1) as f64));
    let [base, candidate] = totals.map(|total| total.max(1) as f64);
    (quantile * 0.5 * (1.0 / base + 1.0 / candidate).sqrt()).min(1.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::RngExt;

    use super::*;
    use crate::stats::noise::generator;

    #[test]
    fn by_hand() {
        #[track_caller]
        fn check(hits: [u64; 2], totals: [u64; 2], weights: [f64; 2], expected: f64) {
            let chance = Shares { hits, totals }.chance(weights);
            assert!((chance - expected).abs() < 5e-5, "{hits:?} of {totals:?}: {chance}");
        }
        // q = 0.5 and 0.6 of 100 each: z = 0.1 / sqrt(0.25/100 + 0.24/100) = 1.42857.
        check([49, 59], [98, 98], [1.0, 1.0], 0.15313);
        check([59, 49], [98, 98], [1.0, 1.0], 0.15313);
        // The same share of twice the time: z = (2*0.5 - 0.5) / sqrt(4*0.25/100 + 0.25/100) = 4.47214.
        check([49, 49], [98, 98], [1.0, 2.0], 7.7442e-6);
        check([0, 0], [0, 98], [1.0, 1.0], 1.0);
    }

    #[test]
    fn holm_steps_down() {
        assert_eq!(beyond_luck(&[0.04, 0.004, 0.2], 0.05), [false, true, false]);
        assert_eq!(beyond_luck(&[0.02, 0.004, 0.2], 0.05), [true, true, false]);
        assert_eq!(beyond_luck(&[], 0.05), [false; 0]);
    }

    #[test]
    fn more_samples_see_more() {
        // 2.5758 * 0.5 * sqrt(2/1000)
        assert!((visible_share([1000, 1000], 1, 0.01) - 0.05760).abs() < 1e-4);
        assert!(visible_share([4000, 4000], 1, 0.01) < 0.03);
        assert_eq!(visible_share([0, 1000], 1, 0.01), 1.0);
    }

    /// Twenty functions whose shares are the same: named in at most 1 of 100 profiles, and a fifth more of the time is seen.
    #[test]
    fn equal_shares_are_seldom_told_apart_and_planted_ones_mostly() {
        let mut rng = generator("shares");
        let mut draw = |planted: f64| {
            let mut hits = [[0_u64; 2]; 20];
            for sample in 0..3000 {
                let side = sample % 2;
                let is_planted = side == 1 && rng.random::<f64>() < planted;
                hits[if is_planted { 0 } else { rng.random_range(0..20) }][side] += 1;
            }
            let chances = hits.map(|hits| Shares { hits, totals: [1500, 1500] }.chance([1.0, 1.0]));
            beyond_luck(&chances, 0.01)
        };
        let false_alarms = (0..1000).filter(|_| draw(0.0).contains(&true)).count();
        assert!(false_alarms <= 20, "{false_alarms}");
        let found = (0..200).filter(|_| draw(0.2)[0]).count();
        assert!(found >= 198, "{found}");
    }

    proptest! {
        #[test]
        fn it_does_not_matter_which_side_is_which(a in 0u64..500, b in 0u64..500, more in 1u64..500, w in 0.1..9.0f64) {
            let one = Shares { hits: [a, b], totals: [a + more, b + more] }.chance([1.0, w]);
            let other = Shares { hits: [b, a], totals: [b + more, a + more] }.chance([w, 1.0]);
            prop_assert!((one - other).abs() < 1e-12 && (0.0..=1.0).contains(&one));
        }
    }
}
