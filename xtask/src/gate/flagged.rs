//! A flagged series: the verdict of its fresh link orders, and the words for it. Without enough of them it is neither red nor green.

use super::confirm::{Confirmed, Fresh, confirm};
use super::finding::Finding;
use super::percent::{fine, plural, signed};
use super::suite::MISS_BETA;
use super::{Effect, Relinked, Status};
use crate::model::Confirmation;
use crate::stats::{bounds, median, pair_effect};

/// What fresh link orders say of one flagged series.
#[derive(Clone, Debug)]
pub(super) struct Flagged<'a> {
    confirmed: Confirmed,
    relinked: Option<Relinked>,
    /// Why there are fewer pairs than link orders.
    cut_short: Option<&'a str>,
}

/// A flagged series as it was measured.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    /// Tolerance as a logarithm.
    pub tau: f64,
    /// Its fresh pairs.
    pub confirmation: Option<&'a Confirmation>,
    /// Why measuring ended, where there are none.
    pub cut_short: Option<&'a str>,
}

impl<'a> Flagged<'a> {
    /// Judges all flagged series of a run together.
    pub fn judge(all: &[Asked<'a>]) -> Vec<Self> {
        let effects: Vec<Vec<f64>> = all.iter().map(|asked| effects(asked.confirmation)).collect();
        let is_complete = |asked: &Asked<'_>| asked.confirmation.is_some_and(|one| one.cut_short.is_none());
        let fresh: Vec<Fresh<'_>> = all
            .iter()
            .zip(&effects)
            .map(|(asked, effects)| Fresh { tau: asked.tau, effects, is_complete: is_complete(asked) })
            .collect();
        // The number was fixed while measuring; a series that is not believed any more keeps its share.
        let recorded = all.iter().filter_map(|asked| Some(asked.confirmation?.flagged as usize));
        let flagged = recorded.max().unwrap_or(0).max(all.len());
        let decided = confirm(&fresh, flagged).into_iter().zip(&fresh).zip(all);
        decided
            .map(|((confirmed, fresh), asked)| Self {
                confirmed,
                relinked: relinked(fresh, asked.confirmation),
                cut_short: asked.confirmation.map_or(asked.cut_short, |one| one.cut_short.as_deref()),
            })
            .collect()
    }

    /// Turns the finding of the link that was built, which says how it moved there, into that of the series.
    pub fn decide(&self, finding: Finding) -> Finding {
        let status = match self.confirmed {
            Confirmed::Regressed => Status::Regressed,
            Confirmed::Layout => Status::Layout,
            Confirmed::Open => Status::Inconclusive,
        };
        Finding { status, detail: self.detail(&finding.detail), relinked: self.relinked, ..finding }
    }

    fn detail(&self, built: &str) -> String {
        let why = self.cut_short.unwrap_or("measuring ended before that");
        let Some(relinked) = self.relinked else {
            return format!("{built}; not confirmed on fresh link orders: {why}");
        };
        let Relinked { effect, lowest, highest, .. } = relinked;
        let orders = plural(u64::from(relinked.link_orders), "link order");
        let estimate = signed(effect.estimate);
        let mut detail = match self.confirmed {
            Confirmed::Regressed => {
                let (lower, upper) = (signed(effect.lower), signed(effect.upper));
                format!("{built}; confirmed on {orders}: {estimate} [{lower}, {upper}]")
            }
            Confirmed::Layout => {
                let (lowest, highest) = (signed(lowest), signed(highest));
                format!(
                    "moved with the link order, not with the code: {estimate} over {orders}, from {lowest} to {highest}; \
                     in the link that was built {built}"
                )
            }
            Confirmed::Open => {
                let (lowest, highest) = (signed(lowest), signed(highest));
                format!("{built}; {orders} leave it open: {estimate}, from {lowest} to {highest}")
            }
        };
        if let Some(why) = self.cut_short {
            detail.push_str(&format!("; {why}"));
        }
        if let Some(instructions) = relinked.instructions {
            detail.push_str(&format!("; instructions {} in one cold iteration", fine(instructions)));
        }
        detail
    }
}

/// Effects in the order in which the pairs were taken.
fn effects(confirmation: Option<&Confirmation>) -> Vec<f64> {
    let mut pairs: Vec<_> = confirmation.into_iter().flat_map(|one| &one.pairs).collect();
    pairs.sort_by_key(|pair| pair.order);
    pairs.into_iter().map(pair_effect).collect()
}

fn relinked(fresh: &Fresh<'_>, confirmation: Option<&Confirmation>) -> Option<Relinked> {
    let estimate = median(fresh.effects)?;
    let interval = bounds(fresh.effects, fresh.tau, 1.0 / MISS_BETA);
    let instructions = confirmation.and_then(|one| one.instructions);
    Some(Relinked {
        link_orders: fresh.effects.len() as u32,
        effect: Effect { estimate, lower: interval.lower, upper: interval.upper },
        lowest: fresh.effects.iter().copied().fold(f64::INFINITY, f64::min),
        highest: fresh.effects.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        instructions: instructions.filter(|[base, _]| *base > 0.0).map(|[base, candidate]| (candidate / base).ln()),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::gate::fixture::{pairs, run_of, timed};
    use crate::gate::{Outcome, Policy, Row, judge};
    use crate::model::{Evidence, Metric, Paired, Run};

    /// A series with these effects in the link that was built and on fresh link orders.
    fn relinked(built: &[f64], fresh: Option<Confirmation>) -> Evidence {
        Evidence::Pairs(Paired { pairs: pairs(built.iter().copied()), confirmation: fresh, ..Paired::default() })
    }

    fn on(effects: impl IntoIterator<Item = f64>) -> Option<Confirmation> {
        Some(Confirmation { flagged: 1, pairs: pairs(effects), ..Confirmation::default() })
    }

    fn confirming(series: impl IntoIterator<Item = (&'static str, Evidence)>) -> Run {
        let mut run = run_of(series.into_iter().map(|(id, evidence)| (id, Metric::Time, evidence)));
        run.plan.confirms_by_linking = true;
        run
    }

    #[track_caller]
    fn row(built: &[f64], fresh: Option<Confirmation>) -> Row {
        let Outcome { mut rows, .. } = judge(&Policy::default(), &confirming([("a", relinked(built, fresh))]));
        rows.remove(0)
    }

    #[track_caller]
    fn check(built: &[f64], fresh: Option<Confirmation>, status: Status, detail: &str) {
        let row = row(built, fresh);
        assert!(row.status == status && row.detail.contains(detail), "{} {}", row.status, row.detail);
    }

    #[test]
    fn fresh_link_orders_decide() {
        let slow = [0.1; 5];
        check(&slow, on([0.1; 12]), Status::Regressed, "after 5 pairs; confirmed on 12 link orders: +10.5 % [+");
        check(
            &slow,
            on([0.0; 12]),
            Status::Layout,
            "not with the code: ±0.0 % over 12 link orders, from ±0.0 % to ±0.0 %",
        );
        let torn = (0..12).map(|i| if i % 2 == 0 { 0.06 } else { -0.02 });
        check(&slow, on(torn), Status::Inconclusive, "12 link orders leave it open: +2.0 %, from -2.0 % to +6.2 %");
        // A slowdown that is real, but not beyond the tolerance, is not red.
        check(&slow, on([0.019; 12]), Status::Inconclusive, "leave it open: +1.9 %");
    }

    #[test]
    fn nothing_is_red_or_green_without_confirmation() {
        let slow = [0.1; 5];
        check(&slow, None, Status::Inconclusive, "not confirmed on fresh link orders: measuring ended before that");
        let failed = Confirmation { cut_short: Some("the base does not link".into()), ..Confirmation::default() };
        check(&slow, Some(failed), Status::Inconclusive, "not confirmed on fresh link orders: the base does not link");
        let few = |n, effect| {
            let cut_short = Some("interrupted".into());
            Some(Confirmation { cut_short, ..on(vec![effect; n]).unwrap_or_default() })
        };
        check(
            &slow,
            few(6, 0.1),
            Status::Inconclusive,
            "6 link orders leave it open: +10.5 %, from +10.5 % to +10.5 %; interr",
        );
        check(&slow, few(4, 0.0), Status::Inconclusive, "; interrupted");
        // What is proven is proven, however it ended.
        check(&slow, few(7, 0.1), Status::Regressed, "confirmed on 7 link orders");
        check(&slow, few(5, 0.0), Status::Layout, "over 5 link orders");
    }

    #[test]
    fn series_that_are_not_flagged_are_as_ever() {
        check(&[0.0; 6], None, Status::Unchanged, "within ±2 % after 6 pairs");
        check(&[-0.1; 16], None, Status::Improved, "faster by");
        check(&[0.1; 4], None, Status::Inconclusive, "it could not have been red, which takes 5 pairs");
        // The same pairs where relinking is off are red by themselves.
        let outcome = judge(&Policy::default(), &run_of([("a", Metric::Time, timed([0.1; 16]))]));
        assert_eq!((outcome.rows[0].status, outcome.rows[0].relinked), (Status::Regressed, None));
    }

    #[test]
    fn the_row_has_the_figures() {
        let fresh = Confirmation {
            instructions: Some([1000.0, 1100.0]),
            ..on([0.04, 0.05, 0.06, 0.05, 0.05, 0.05, 0.05, 0.05]).unwrap_or_default()
        };
        let row = row(&[0.1; 5], Some(fresh));
        let found = row.relinked.expect("it was relinked");
        assert_eq!(found.link_orders, 8);
        assert!((found.lowest - 0.04).abs() < 1e-9 && (found.highest - 0.06).abs() < 1e-9);
        assert!((found.effect.estimate - 0.05).abs() < 1e-9 && found.effect.lower > 0.03 && found.effect.upper < 0.07);
        assert!((found.instructions.unwrap() - 1.1f64.ln()).abs() < 1e-12);
        assert!(row.detail.ends_with("; instructions +10.00 % in one cold iteration"), "{}", row.detail);
        // The table keeps what was seen in the link that was built.
        assert!((row.effect.unwrap().estimate - 0.1).abs() < 1e-9);
    }

    #[test]
    fn the_error_level_is_shared_by_all_that_were_flagged() {
        // Seven pairs of a tenth are enough for one flagged series, and for two where the other is red too; not for two alone.
        let red = |flagged, other: f64| {
            let fresh = |effect: f64, n: usize| {
                let one = Confirmation { flagged, pairs: pairs(vec![effect; n]), ..Confirmation::default() };
                relinked(&[0.1; 5], Some(one))
            };
            let run = confirming([("a", fresh(0.1, 7)), ("b", fresh(other, 12))]);
            judge(&Policy::default(), &run).census.count(Status::Regressed)
        };
        assert_eq!((red(2, 0.0), red(2, 0.1), red(3, 0.1)), (0, 2, 1));
    }

    proptest! {
        /// Whatever was measured: red takes seven fresh pairs with a median beyond the tolerance, and what is flagged without is open.
        #[test]
        fn never_red_without_confirmation(
            built in prop::collection::vec(-0.05..0.2f64, 0..64),
            fresh in prop::option::of(prop::collection::vec(-0.1..0.2f64, 0..16)),
            flagged in 0..5u32,
        ) {
            let has_red_median = fresh.as_ref().is_some_and(|fresh| {
                fresh.len() >= 7 && median(fresh).is_some_and(|median| median > 0.0198)
            });
            let is_silent = fresh.as_ref().is_none_or(Vec::is_empty);
            let confirmation = fresh.map(|fresh| Confirmation { flagged, pairs: pairs(fresh), ..Confirmation::default() });
            let row = row(&built, confirmation);
            prop_assert!(row.status != Status::Regressed || has_red_median, "{}", row.detail);
            prop_assert!(row.status != Status::Layout || !is_silent, "{}", row.detail);
        }
    }
}
