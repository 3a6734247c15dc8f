//! On what each verdict rests: everything that a reviewer asks for and that a row does not show. It decides nothing; the verdict
//! is `judge`'s, and these are the numbers that led to it.

use super::confirm::Fresh;
use super::reach::Reach;
use super::suite::{Bet, Bets, SUITE_ALPHA};
use super::times::{self, tau};
use super::{Claim, DEFAULT_TIME_TOLERANCE, Policy, reproduce};
use crate::model::{Conditions, Confirmation, CountReading, Evidence, Pair, Paired, Run, Series, SeriesKey, Side};
use crate::stats::{Direction, median, pair_effect};

/// On what the verdict on one series rests.
#[derive(Clone, Debug, PartialEq)]
pub struct Grounds {
    /// Which series.
    pub key: SeriesKey,
    /// Where its tolerance comes from.
    pub tolerance: Origin,
    /// Its pairs, where it has any.
    pub times: Option<TimeGrounds>,
    /// Its counts, base and candidate, where it has both.
    pub counts: Option<[CountReading; 2]>,
    /// Names of the claims about its benchmark.
    pub claims: Vec<String>,
    /// The command that measures its benchmark alone again.
    pub repeat: String,
}

/// Where a tolerance comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin {
    /// A rule of the configuration, for these ids.
    Rule(Vec<String>),
    /// The calibration of this class of machines, which raised the default.
    Calibration {
        /// The default, as a share.
        default: f64,
    },
    /// The default of its metric.
    Default,
}

/// What was measured of the time of one series, and what was bet on it.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeGrounds {
    /// How the sides were interleaved, in words.
    pub interleaving: String,
    /// Pairs that the base began, and that the candidate began.
    pub first: [u32; 2],
    /// By how much the median effect of the pairs that the base began is above that of the others, as a logarithm.
    pub order_effect: Option<f64>,
    /// Fewest and most samples of a process.
    pub samples: [usize; 2],
    /// Pairs that gave none.
    pub failures: u32,
    /// What was bet; `None` where the pairs are not believed.
    pub bets: Option<Bets>,
    /// Series that share the suite's error level.
    pub family: usize,
    /// What the machine did meanwhile, where it was noted.
    pub conditions: Option<Meanwhile>,
    /// Fresh link orders, where it was flagged.
    pub confirmation: Option<ConfirmationGrounds>,
}

/// What the machine did while the pairs of a series ran.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Meanwhile {
    /// Share of time taken by the host: mean and worst of the pairs.
    pub steal: [f64; 2],
    /// Share of time in use, likewise.
    pub busy: [f64; 2],
    /// Share of time that other programs used: mean, since ticks are too coarse to tell it of one pair.
    pub others: f64,
    /// Lowest and highest clock rate in MHz, where the kernel states it.
    pub megahertz: Option<[f64; 2]>,
}

/// How a flagged series was judged on fresh link orders.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConfirmationGrounds {
    /// Series that were flagged in the run; they share the error level.
    pub flagged: u32,
    /// The bet that decides, in the direction in which it seemed to have moved. Of several that are flagged, those that follow the
    /// first need less.
    pub moved: Bet,
    /// That direction.
    pub direction: Direction,
    /// Instructions of base and candidate in one cold iteration, where they were counted.
    pub instructions: Option<[f64; 2]>,
}

/// The grounds of every series of a run, in its order.
pub fn grounds(policy: &Policy, run: &Run) -> Vec<Grounds> {
    let mut bets = times::bets(policy, run);
    let of = |(at, series): (usize, &Series)| {
        let key = &series.key;
        let id = key.bench.id();
        let is_about = |claim: &&Claim| claim.kind.ids().contains(&id);
        Grounds {
            key: key.clone(),
            tolerance: origin(policy, run, key),
            times: match &series.evidence {
                Evidence::Pairs(paired) => {
                    let tau = tau(policy.tolerance_given(&run.plan.supported, key));
                    Some(times_of(paired, tau, bets.remove(&at), run))
                }
                _ => None,
            },
            counts: match &series.evidence {
                Evidence::Counts { base, candidate } => Some([*base, *candidate]),
                _ => None,
            },
            claims: policy.claims.iter().filter(is_about).map(|claim| claim.name.clone()).collect(),
            repeat: reproduce::alone(run, &id),
        }
    };
    run.series.iter().enumerate().map(of).collect()
}

fn origin(policy: &Policy, run: &Run, key: &SeriesKey) -> Origin {
    match policy.tolerance_rule(key) {
        Some(rule) => Origin::Rule(rule.ids.patterns().to_vec()),
        None if policy.tolerance_given(&run.plan.supported, key) > policy.tolerance(key) => {
            Origin::Calibration { default: DEFAULT_TIME_TOLERANCE }
        }
        None => Origin::Default,
    }
}

fn times_of(paired: &Paired, tau: f64, bets: Option<Bets>, run: &Run) -> TimeGrounds {
    let Paired { pairs, failures, cut_short: _, interleaving, kind: _, confirmation } = paired;
    let effects =
        |first: Side| -> Vec<f64> { pairs.iter().filter(|pair| pair.first == first).map(pair_effect).collect() };
    let [base, candidate] = Side::BOTH.map(effects);
    let gap = median(&base).zip(median(&candidate)).map(|(base, candidate)| base - candidate);
    let samples =
        || pairs.iter().flat_map(|pair| [&pair.base, &pair.candidate]).map(|samples| samples.as_slice().len());
    TimeGrounds {
        interleaving: interleaving.clone(),
        first: [base.len() as u32, candidate.len() as u32],
        order_effect: gap.filter(|gap| gap.is_finite()),
        samples: [samples().min().unwrap_or(0), samples().max().unwrap_or(0)],
        failures: failures.len() as u32,
        bets,
        family: Reach::of(run).family,
        conditions: meanwhile(pairs),
        confirmation: confirmation.as_ref().map(|one| confirmation_of(one, tau, direction(pairs))),
    }
}

/// Where a flagged series seems to have moved: its median is beyond the tolerance there.
fn direction(pairs: &[Pair]) -> Direction {
    let effects: Vec<f64> = pairs.iter().map(pair_effect).collect();
    if median(&effects).is_some_and(|median| median < 0.0) { Direction::Down } else { Direction::Up }
}

fn confirmation_of(confirmation: &Confirmation, tau: f64, direction: Direction) -> ConfirmationGrounds {
    let mut pairs: Vec<&Pair> = confirmation.pairs.iter().collect();
    pairs.sort_by_key(|pair| pair.order);
    let effects: Vec<f64> = pairs.into_iter().map(pair_effect).collect();
    let is_complete = confirmation.cut_short.is_none();
    let log_odds = Fresh { tau, direction, effects: &effects, is_complete }.log_odds();
    let log_needed = (f64::from(confirmation.flagged.max(1)) / SUITE_ALPHA).ln();
    ConfirmationGrounds {
        flagged: confirmation.flagged,
        moved: Bet { log_odds, log_needed, is_won: log_odds >= log_needed },
        direction,
        instructions: confirmation.instructions,
    }
}

/// Nothing where nothing was noted: a system that tells nothing leaves zeros.
fn meanwhile(pairs: &[Pair]) -> Option<Meanwhile> {
    let noted: Vec<Conditions> =
        pairs.iter().map(|pair| pair.conditions).filter(|one| *one != Conditions::default()).collect();
    if noted.is_empty() {
        return None;
    }
    let of = |part: fn(&Conditions) -> f64| {
        let sum: f64 = noted.iter().map(part).sum();
        [sum / noted.len() as f64, noted.iter().map(part).fold(0.0, f64::max)]
    };
    let rates = || noted.iter().map(|one| one.megahertz).filter(|&rate| rate > 0.0);
    let megahertz = rates().reduce(f64::min).zip(rates().reduce(f64::max)).map(<[f64; 2]>::from);
    let [others, _] = of(|one| one.others);
    Some(Meanwhile { steal: of(|one| one.steal), busy: of(|one| one.busy), others: others.max(0.0), megahertz })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::fixture::{claim, counts, pairs, run_of, timed};
    use crate::gate::{Bound, ClaimKind, IdGlobs, Status, ToleranceRule, judge};
    use crate::model::Metric;

    /// The grounds of the first series of a run.
    fn first(policy: &Policy, run: &Run) -> Grounds {
        grounds(policy, run).remove(0)
    }

    #[test]
    fn bets_agree_with_the_verdict() {
        #[track_caller]
        fn check(effects: &[f64], status: Status, won: [bool; 4]) {
            let run = run_of([("a", Metric::Time, timed(effects.to_vec())), ("b", Metric::Time, timed([0.0; 6]))]);
            let row = judge(&Policy::default(), &run).rows.into_iter().find(|row| row.id == "a").unwrap();
            let Bets { slower, not_slower, not_faster, faster } =
                first(&Policy::default(), &run).times.unwrap().bets.unwrap();
            let found = [slower, not_slower, not_faster, faster].map(|bet| bet.is_won);
            assert_eq!((row.status, found), (status, won));
        }
        check(&[0.04; 16], Status::Regressed, [true, false, true, false]);
        check(&[0.0; 6], Status::Unchanged, [false, true, true, false]);
        check(&[-0.04; 16], Status::Improved, [false, true, false, true]);
        check(&[0.019; 4], Status::Inconclusive, [false, false, false, false]);
        // A collapse is not believed, whatever its pairs say.
        let run = run_of([("a", Metric::Time, timed([-4.0; 16]))]);
        assert_eq!(first(&Policy::default(), &run).times.unwrap().bets, None);
    }

    #[test]
    fn the_suite_shares_the_error_level() {
        let run = run_of([("a", Metric::Time, timed([0.0; 6])), ("b", Metric::Time, timed([0.0; 6]))]);
        let times = first(&Policy::default(), &run).times.unwrap();
        let bets = times.bets.unwrap();
        let odds = [bets.slower, bets.not_slower, bets.not_faster, bets.faster].map(|bet| bet.log_needed.exp().round());
        assert_eq!((times.family, odds), (2, [200.0, 20.0, 20.0, 200.0]));
        let confirming = Run { plan: crate::model::Plan { confirms_by_linking: true, ..run.plan.clone() }, ..run };
        let bets = first(&Policy::default(), &confirming).times.unwrap().bets.unwrap();
        assert_eq!(bets.slower.log_needed.exp().round(), 20.0, "a suspicion is enough");
    }

    #[test]
    fn order_and_samples_are_told() {
        // The sides take turns to be first, base first of all.
        let effects = (0..12).map(|i| if i % 2 == 0 { 0.01 } else { -0.02 });
        let times = first(&Policy::default(), &run_of([("a", Metric::Time, timed(effects))])).times.unwrap();
        assert_eq!((times.first, times.samples, times.failures), ([6, 6], [25, 25], 0));
        assert!((times.order_effect.unwrap() - 0.03).abs() < 1e-9);
        let one = first(&Policy::default(), &run_of([("a", Metric::Time, timed([0.0]))])).times.unwrap();
        assert_eq!((one.first, one.order_effect, one.conditions), ([1, 0], None, None));
    }

    #[test]
    fn what_the_machine_did_is_summed_up() {
        let mut pairs = pairs([0.0; 3]);
        let told = [(0.0, 0.5, 2600.0), (0.02, 0.7, 0.0), (0.04, 0.6, 3000.0)];
        for (pair, (steal, busy, megahertz)) in pairs.iter_mut().zip(told) {
            pair.conditions = Conditions { steal, busy, others: busy - 0.5, megahertz };
        }
        let Meanwhile { steal, busy, others, megahertz } = meanwhile(&pairs).unwrap();
        let near = |[a, b]: [f64; 2], [x, y]: [f64; 2]| (a - x).abs() < 1e-9 && (b - y).abs() < 1e-9;
        assert!(near(steal, [0.02, 0.04]) && near(busy, [0.6, 0.7]) && megahertz == Some([2600.0, 3000.0]));
        assert!((others - 0.1).abs() < 1e-9);
    }

    #[test]
    fn tolerances_say_where_they_come_from() {
        let mut run = run_of([("a/b", Metric::Time, timed([0.0; 6])), ("a/b", Metric::Allocations, counts(1.0, 1.0))]);
        let origins = |policy: &Policy, run: &Run| -> Vec<Origin> {
            grounds(policy, run).into_iter().map(|grounds| grounds.tolerance).collect()
        };
        assert_eq!(origins(&Policy::default(), &run), [Origin::Default, Origin::Default]);
        run.plan.supported.insert(run.series[0].key.bench.clone(), 0.05);
        assert_eq!(origins(&Policy::default(), &run), [Origin::Calibration { default: 0.02 }, Origin::Default]);
        let ids = IdGlobs::new(["a/*"]).unwrap();
        let rule = ToleranceRule { metric: Some(Metric::Time), ids, tolerance: 0.03 };
        let policy = Policy { tolerances: vec![rule], ..Policy::default() };
        assert_eq!(origins(&policy, &run), [Origin::Rule(vec!["a/*".into()]), Origin::Default]);
    }

    #[test]
    fn claims_about_the_benchmark_are_named() {
        let about = |name: &str, id: &str| {
            let kind = ClaimKind::Count { metric: Metric::Allocations, id: id.into() };
            Claim { name: name.into(), ..claim(kind, Bound::exactly(1.0)) }
        };
        let policy = Policy { claims: vec![about("one", "a"), about("other", "b")], ..Policy::default() };
        let found = first(&policy, &run_of([("a", Metric::Time, timed([0.0; 6]))]));
        assert_eq!((found.claims, &*found.repeat), (vec!["one".to_owned()], "cargo xtask bench 'a' --base 1a2b3c"));
    }

    #[test]
    fn fresh_link_orders_bet_anew() {
        let fresh = Confirmation { flagged: 2, pairs: pairs([0.04; 12]), ..Confirmation::default() };
        let paired = Paired { pairs: pairs([0.04; 5]), confirmation: Some(fresh), ..Paired::default() };
        let mut run = run_of([("a", Metric::Time, Evidence::Pairs(paired))]);
        run.plan.confirms_by_linking = true;
        let found = first(&Policy::default(), &run).times.unwrap().confirmation.unwrap();
        // Published: E+ of twice the tolerance is 2437.5 after twelve pairs, and 0.04 is a little more than that. Two flagged
        // series need 200.
        assert!((found.moved.log_odds.exp() / 2437.5 - 1.0).abs() < 1e-2, "{found:?}");
        assert!(found.moved.is_won && (found.moved.log_needed.exp() - 200.0).abs() < 1e-6);
    }
}
