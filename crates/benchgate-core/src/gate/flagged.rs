//! A flagged series: the verdict of its fresh link orders, and the words for it.
//!
//! Where they could not be had, what the pairs alone show at the suite's error level stands, marked as not confirmed; what they do
//! not show was not judged, and a run with a suspicion that nobody looked into is incomplete.

use super::confirm::{Confirmed, FlaggedCounts, Fresh, confirm, link_orders};
use super::finding::Finding;
use super::percent::{fine, plural, signed};
use super::suite::MISS_BETA;
use super::{Effect, Open, Relinked, Status};
use crate::model::{Company, Confirmation};
use crate::stats::{Direction, bounds, median, pair_effect};

/// What fresh link orders say of one flagged series.
#[derive(Clone, Debug)]
pub(super) struct Flagged<'a> {
    direction: Direction,
    confirmed: Confirmed,
    relinked: Option<Relinked>,
    /// How the judgement ended.
    ended: Judgement,
    /// Whether pairs alone show it at the suite's error level.
    is_shown: bool,
    /// Why there are fewer pairs than link orders.
    cut_short: Option<&'a str>,
    /// How the first pair that gave no samples failed.
    failure: Option<String>,
    /// The benches without which it does not move, where there are such.
    company: Option<Company>,
}

/// How far the judgement on fresh link orders came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Judgement {
    /// It was never begun.
    NotBegun,
    /// Fewer pairs than the first round of link orders.
    Failed,
    /// All of the first round gave a pair, or as many others.
    CarriedOut,
}

/// A flagged series as it was measured.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    /// Tolerance as a logarithm.
    pub tau: f64,
    /// Where it seems to have moved.
    pub direction: Direction,
    /// Whether pairs alone show that at the suite's error level.
    pub is_shown: bool,
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
            .map(|(asked, effects)| Fresh {
                tau: asked.tau,
                direction: asked.direction,
                effects,
                is_complete: is_complete(asked),
            })
            .collect();
        // The numbers were fixed while measuring; a series that is not believed any more keeps its share.
        let recorded = |direction| {
            let these = all.iter().filter(|asked| asked.direction == direction);
            let recorded = these.clone().filter_map(|asked| Some(asked.confirmation?.flagged as usize)).max();
            recorded.unwrap_or(0).max(these.count())
        };
        let flagged = FlaggedCounts { slower: recorded(Direction::Up), faster: recorded(Direction::Down) };
        let decided = confirm(&fresh, flagged).into_iter().zip(&fresh).zip(all);
        decided
            .map(|((confirmed, fresh), asked)| Self {
                direction: asked.direction,
                confirmed,
                relinked: relinked(fresh, asked.confirmation),
                ended: match asked.confirmation {
                    None => Judgement::NotBegun,
                    Some(_) if fresh.effects.len() < link_orders(flagged) as usize => Judgement::Failed,
                    Some(_) => Judgement::CarriedOut,
                },
                is_shown: asked.is_shown,
                cut_short: asked.confirmation.map_or(asked.cut_short, |one| one.cut_short.as_deref()),
                failure: asked.confirmation.and_then(|one| one.failures.first()).map(Finding::told),
                company: asked.confirmation.and_then(|one| one.company),
            })
            .collect()
    }

    /// Turns the finding of the link that was built, which says how it moved there, into that of the series.
    pub fn decide(&self, finding: Finding) -> Finding {
        let moved = match self.direction {
            Direction::Up => Status::Regressed,
            Direction::Down => Status::Improved,
        };
        let is_unjudged = self.confirmed == Confirmed::Open && self.ended != Judgement::CarriedOut;
        // What was never asked of link orders is red by `Open::Slower`; an older run knows no link orders for what is faster.
        let stands =
            is_unjudged && self.is_shown && (self.ended == Judgement::Failed || self.direction == Direction::Down);
        let status = match self.confirmed {
            Confirmed::Moved => moved,
            Confirmed::Layout => Status::Layout,
            Confirmed::Open if stands => moved,
            Confirmed::Open => Status::Inconclusive,
        };
        let open = match (self.direction, self.ended) {
            (Direction::Down, _) => Open::NotSlower,
            (Direction::Up, Judgement::NotBegun) => finding.open,
            (Direction::Up, Judgement::Failed) => Open::Unconfirmed,
            (Direction::Up, Judgement::CarriedOut) => Open::Undecided,
        };
        let unconfirmed = stands.then(|| self.reason());
        let detail = self.detail(&finding.detail, is_unjudged, stands);
        Finding { status, detail, relinked: self.relinked, open, unconfirmed, ..finding }
    }

    /// Why fresh link orders did not judge it.
    fn reason(&self) -> String {
        match (&self.failure, self.relinked) {
            (Some(failure), None) => format!("in other link orders, {failure}"),
            _ => self.cut_short.unwrap_or("measuring ended before that").to_owned(),
        }
    }

    fn detail(&self, built: &str, is_unjudged: bool, stands: bool) -> String {
        let mut detail = match self.relinked {
            Some(relinked) => self.on_link_orders(built, relinked),
            None => built.to_owned(),
        };
        if is_unjudged {
            detail.push_str(&format!("; not confirmed: {}", self.reason()));
            if !stands && self.ended == Judgement::Failed {
                detail.push_str("; its pairs alone do not show it at the suite's error level");
            }
        } else if let Some(why) = self.cut_short {
            detail.push_str(&format!("; {why}"));
        }
        if let Some(Company { benches, alone }) = self.company {
            let others = if benches == 1 { "1 other bench".to_owned() } else { format!("{benches} other benches") };
            let alone = alone.map_or_else(|| "gives no times".to_owned(), |alone| format!("reads {}", signed(alone)));
            detail.push_str(&format!("; measured in one process with {others}, since alone it {alone}"));
        }
        if let Some(instructions) = self.relinked.and_then(|relinked| relinked.instructions) {
            detail.push_str(&format!("; instructions {} in one cold iteration", fine(instructions)));
        }
        detail
    }

    fn on_link_orders(&self, built: &str, Relinked { effect, lowest, highest, link_orders, .. }: Relinked) -> String {
        let orders = plural(u64::from(link_orders), "link order");
        let estimate = signed(effect.estimate);
        let (lowest, highest) = (signed(lowest), signed(highest));
        match self.confirmed {
            Confirmed::Moved => {
                let (lower, upper) = (signed(effect.lower), signed(effect.upper));
                format!("{built}; confirmed on {orders}: {estimate} [{lower}, {upper}]")
            }
            Confirmed::Layout => format!(
                "moved with the link order, not with the code: {estimate} over {orders}, from {lowest} to {highest}; \
                 in the link that was built {built}"
            ),
            Confirmed::Open => {
                format!("{built}; {orders} leave it open: {estimate}, from {lowest} to {highest}")
            }
        }
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
    use crate::gate::fixture::{failure, pairs, run_of, timed};
    use crate::gate::{Outcome, Policy, Row, judge};
    use crate::model::{Evidence, FailureKind, Metric, Paired, Run};

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
    fn what_could_not_be_confirmed_stands_if_pairs_alone_show_it_and_is_unjudged_else() {
        let (few_pairs, enough) = ([0.1; 5], [0.1; 7]);
        let ended = |why: &str| Some(Confirmation { cut_short: Some(why.into()), ..Confirmation::default() });
        let open = |built: &[f64], fresh| row(built, fresh).open;
        // Five pairs flag it; seven are beyond 100 to 1, which the only series of a suite needs.
        let unlinked = || ended("the base does not link");
        let silent = "not confirmed: the base does not link; its pairs alone do not show it";
        check(&few_pairs, unlinked(), Status::Inconclusive, silent);
        assert_eq!(open(&few_pairs, unlinked()), Some(Open::Unconfirmed));
        check(&enough, unlinked(), Status::Regressed, "after 7 pairs; not confirmed: the base does not link");
        assert_eq!(row(&enough, unlinked()).unconfirmed.as_deref(), Some("the base does not link"));
        // A bench that runs in no other link order says how it ended there.
        let crashed = Confirmation {
            failures: vec![failure(FailureKind::Crashed); 9],
            ..ended("a link order gave no pair").unwrap_or_default()
        };
        check(&enough, Some(crashed), Status::Regressed, "not confirmed: in other link orders, candidate: thread main");
        // Judgement began and ended early: what is proven is proven, however it ended; the rest as above.
        let few = |n, effect| {
            let cut_short = Some("the time was spent".into());
            Some(Confirmation { cut_short, ..on(vec![effect; n]).unwrap_or_default() })
        };
        check(&few_pairs, few(6, 0.1), Status::Inconclusive, "6 link orders leave it open: +10.5 %, from +10.5 % to");
        assert_eq!(open(&few_pairs, few(6, 0.1)), Some(Open::Unconfirmed));
        check(&enough, few(6, 0.1), Status::Regressed, "; not confirmed: the time was spent");
        check(&few_pairs, few(7, 0.1), Status::Regressed, "confirmed on 7 link orders");
        check(&enough, few(5, 0.0), Status::Layout, "over 5 link orders");
        check(&enough, few(4, 0.0), Status::Regressed, "not confirmed: the time was spent");
        // Where all of a round gave a pair, judgement was carried out, and what it left open is open.
        let torn = || {
            Some(Confirmation {
                cut_short: Some("the time was spent".into()),
                ..on((0..12).map(|i| if i % 2 == 0 { 0.06 } else { 0.0 })).unwrap_or_default()
            })
        };
        check(&enough, torn(), Status::Inconclusive, "12 link orders leave it open");
        assert_eq!(open(&enough, torn()), Some(Open::Undecided));
    }

    #[test]
    fn company_that_it_takes_is_named() {
        let with = |alone, effect| {
            let company = Some(Company { benches: 3, alone });
            Some(Confirmation { company, ..on([effect; 8]).unwrap_or_default() })
        };
        let moved = "; measured in one process with 3 other benches, since alone it reads ±0.0 %";
        check(&[0.1; 5], with(Some(0.0), 0.1), Status::Regressed, moved);
        check(&[0.1; 5], with(Some(0.0), 0.0), Status::Layout, moved);
        check(&[0.1; 5], with(None, 0.1), Status::Regressed, "since alone it gives no times");
    }

    #[test]
    fn what_nobody_asked_of_link_orders_is_open_with_what_its_interval_says() {
        let slow = row(&[0.1; 5], None);
        assert_eq!((slow.status, slow.open), (Status::Inconclusive, Some(Open::Undecided)));
        assert!(slow.detail.contains("not confirmed: measuring ended before that"), "{}", slow.detail);
        // By 7 pairs the interval at the suite's error level is beyond the tolerance as well.
        let slow = row(&[0.1; 12], None);
        assert_eq!((slow.status, slow.open, slow.unconfirmed), (Status::Inconclusive, Some(Open::Slower), None));
    }

    #[test]
    fn what_seems_faster_is_judged_by_the_mirror_image() {
        let fast = [-0.1; 5];
        check(&fast, on([-0.1; 12]), Status::Improved, "faster by 9.5 %, by at least");
        check(&fast, on([-0.1; 12]), Status::Improved, "; confirmed on 12 link orders: -9.5 % [-");
        check(&fast, on([0.0; 12]), Status::Layout, "moved with the link order, not with the code");
        check(&fast, on([0.1; 12]), Status::Layout, "moved with the link order, not with the code");
        let torn = || on((0..12).map(|i| if i % 2 == 0 { -0.06 } else { 0.02 }));
        check(&fast, torn(), Status::Inconclusive, "12 link orders leave it open: -2.0 %");
        // Whatever became of the judgement, it is not slower, which is what a gate must know.
        let failed = || Some(Confirmation { cut_short: Some("no linker".into()), ..Confirmation::default() });
        for fresh in [torn(), failed(), None] {
            assert_eq!(row(&fast, fresh).open, Some(Open::NotSlower));
        }
        check(&[-0.1; 7], failed(), Status::Improved, "not confirmed: no linker");
        check(&[-0.1; 7], None, Status::Improved, "not confirmed: measuring ended before that");
    }

    #[test]
    fn series_that_are_not_flagged_are_as_ever() {
        check(&[0.0; 6], None, Status::Unchanged, "within ±2 % after 6 pairs");
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
        /// Whatever was measured: red takes seven pairs with a median beyond the tolerance, of fresh link orders where those are to be had.
        #[test]
        fn never_red_without_seven_pairs(
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
            let stands = row.unconfirmed.is_some() && built.len() >= 7;
            prop_assert!(row.status != Status::Regressed || has_red_median || stands, "{}", row.detail);
            prop_assert!(row.status != Status::Layout || !is_silent, "{}", row.detail);
        }
    }
}
