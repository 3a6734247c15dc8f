//! Holm's step-down test over a suite, on running maxima of e-processes.
//!
//! A hypothesis is rejected at E >= (N-r)/alpha, where r of the N are rejected already, and stays rejected. By Ville's
//! inequality and the union bound the chance of any false rejection is at most alpha, for every dependence between the series and
//! every stopping time. e-BH is not used: on running maxima it does not control what it promises (Tavyrikov, Goeman and de
//! Heide 2025, arXiv 2501.19360).

/// The test of one hypothesis for each series.
#[derive(Clone, Debug, PartialEq)]
pub struct Holm {
    family: usize,
    alpha: f64,
    log_sups: Vec<f64>,
    is_rejected: Vec<bool>,
    rejections: usize,
}

impl Holm {
    /// `series` hypotheses at the family-wise error level `alpha`. `family` is the N of the bound, fixed before the first pair;
    /// less than `series` counts as `series`.
    pub fn new(series: usize, family: usize, alpha: f64) -> Self {
        Self {
            family: family.max(series),
            alpha,
            log_sups: vec![f64::NEG_INFINITY; series],
            is_rejected: vec![false; series],
            rejections: 0,
        }
    }

    /// Tells the running maximum of one e-process, as a logarithm, and rejects all that can now be rejected.
    pub fn update(&mut self, series: usize, log_sup: f64) {
        self.log_sups[series] = self.log_sups[series].max(log_sup);
        // Only this one can be the next; but each rejection lowers the threshold of all others.
        let mut next = Some(series).filter(|&i| self.is_rejectable(i));
        while let Some(i) = next {
            self.is_rejected[i] = true;
            self.rejections += 1;
            next = (0..self.log_sups.len()).find(|&i| self.is_rejectable(i));
        }
    }

    /// Whether the hypothesis of this series is rejected, for good.
    pub fn is_rejected(&self, series: usize) -> bool {
        self.is_rejected[series]
    }

    /// What the logarithm of an e-process must reach to be rejected next.
    pub fn log_threshold(&self) -> f64 {
        ((self.family - self.rejections).max(1) as f64 / self.alpha).ln()
    }

    fn is_rejectable(&self, series: usize) -> bool {
        !self.is_rejected[series] && self.log_sups[series] >= self.log_threshold()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::RngExt;

    use super::*;
    use crate::stats::noise::generator;

    fn rejected(sups: &[f64]) -> Vec<bool> {
        let mut holm = Holm::new(sups.len(), 0, 0.01);
        sups.iter().enumerate().for_each(|(i, sup)| holm.update(i, sup.ln()));
        (0..sups.len()).map(|i| holm.is_rejected(i)).collect()
    }

    #[test]
    fn thresholds_step_down_with_each_rejection() {
        #[track_caller]
        fn check(sups: &[f64], expected: &[bool]) {
            assert_eq!(rejected(sups), expected);
        }
        check(&[310.0, 190.0, 90.0], &[true, false, false]);
        check(&[310.0, 210.0, 120.0], &[true, true, true]);
        check(&[120.0, 210.0, 310.0], &[true, true, true]);
        check(&[299.0, 299.0, 299.0], &[false, false, false]);
        check(&[f64::INFINITY], &[true]);
    }

    #[test]
    fn family_may_be_larger_than_what_is_tested() {
        let mut holm = Holm::new(1, 3, 0.01);
        holm.update(0, 299f64.ln());
        assert!(!holm.is_rejected(0));
        holm.update(0, 301f64.ln());
        assert!(holm.is_rejected(0));
        holm.update(0, 0.0);
        assert!(holm.is_rejected(0), "a rejection is never withdrawn");
    }

    proptest! {
        #[test]
        fn order_of_news_does_not_matter(sups in prop::collection::vec(1.0..2000.0f64, 1..20)) {
            let mut backwards: Vec<f64> = sups.clone();
            backwards.reverse();
            let mut expected = rejected(&backwards);
            expected.reverse();
            prop_assert_eq!(rejected(&sups), expected);
        }
    }

    /// e-values 1/U with U uniform are the worst case that Markov's inequality admits. At 5 % over 20 series, 4000 suites:
    /// 1-(1-.05/20)^20 = 4.88 % false alarms with nothing planted; with 5 huge ones planted, 15 true nulls against thresholds
    /// of at least 15/alpha give 4.88 % again. Standard error 0.34 %, bands are four of them.
    #[test]
    fn false_alarms_stay_at_the_level_and_planted_ones_are_found() {
        #[track_caller]
        fn check(planted: usize) {
            let mut rng = generator("holm");
            let mut alarms = 0;
            for _ in 0..4000 {
                let mut holm = Holm::new(20, 20, 0.05);
                for i in 0..20 {
                    let e = if i < planted { 1e6 } else { 1.0 / (1.0 - rng.random::<f64>()) };
                    holm.update(i, e.ln());
                }
                assert!((0..planted).all(|i| holm.is_rejected(i)));
                alarms += usize::from((planted..20).any(|i| holm.is_rejected(i)));
            }
            let rate = alarms as f64 / 4000.0;
            assert!((0.035..=0.063).contains(&rate), "{planted} planted: {rate}");
        }
        check(0);
        check(5);
    }
}
