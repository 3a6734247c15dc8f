//! How far a run can see: what it takes for a series to be red, by either way of deciding.

use super::confirm::LINK_ORDERS;
use super::suite::{FLAG_LEVEL, SUITE_ALPHA};
use crate::model::{Evidence, Run};
use crate::stats::{Visible, VisibleInput, fewest_red_pairs, smallest_visible};

/// What it takes for a series of a run to be red.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Series that share the error level: those that time pairs are measured for.
    pub family: usize,
    /// Whether a suspicion is enough in the link that was built, since fresh link orders decide.
    pub confirms_by_linking: bool,
}

/// A series seen so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<'a> {
    /// Effects that were measured.
    pub effects: &'a [f64],
    /// Tolerance as a logarithm.
    pub tau: f64,
    /// Pairs that it has, or could have had.
    pub pairs: u32,
    /// Its id.
    pub name: &'a str,
}

impl Reach {
    /// Of a run.
    pub(super) fn of(run: &Run) -> Self {
        let family = run.series.iter().filter(|series| matches!(series.evidence, Evidence::Pairs(_))).count();
        Self { family, confirms_by_linking: run.plan.confirms_by_linking }
    }

    /// Pairs below which a series cannot be red.
    pub(super) fn fewest_pairs(self) -> u32 {
        match self.confirms_by_linking {
            true => fewest_red_pairs(1, FLAG_LEVEL),
            false => fewest_red_pairs(self.family, SUITE_ALPHA),
        }
    }

    /// The smallest effect that so many pairs would have called red. With fresh link orders it must be flagged, and then be
    /// found by the fewest of them, for which the noise of one link has to stand.
    pub(super) fn visible(self, seen: Seen<'_>) -> Visible {
        let Seen { effects, tau, pairs, name } = seen;
        let of = |pairs, family, alpha| smallest_visible(VisibleInput { effects, tau, pairs, family, alpha, name });
        if !self.confirms_by_linking {
            return of(pairs, self.family, SUITE_ALPHA);
        }
        let flagged = of(pairs, 1, FLAG_LEVEL);
        let confirmed = of(LINK_ORDERS, 1, SUITE_ALPHA);
        if flagged.effect > confirmed.effect { flagged } else { confirmed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(confirms_by_linking: bool, family: usize, pairs: u32, expected: (u32, f64)) {
        let reach = Reach { family, confirms_by_linking };
        // A spread of half a tolerance.
        let effects: Vec<f64> = (0..24).map(|i| 0.0135 * f64::from(i % 5 - 2) / 2.0).collect();
        let visible = reach.visible(Seen { effects: &effects, tau: 0.02, pairs, name: "a" }).effect / 0.02;
        assert_eq!(reach.fewest_pairs(), expected.0);
        assert!(visible == expected.1 || (visible / expected.1 - 1.0).abs() < 0.15, "{visible}");
    }

    #[test]
    fn fresh_link_orders_see_farther_in_large_suites_and_with_few_pairs() {
        check(false, 231, 64, (15, 1.12));
        check(false, 231, 12, (15, f64::INFINITY));
        check(true, 231, 64, (5, 1.4));
        check(true, 231, 12, (5, 1.4));
        check(true, 100_000, 12, (5, 1.4));
        check(true, 1, 4, (5, f64::INFINITY));
    }
}
