//! What recorded pairs of equal code tell about the gate itself: which tolerance a bench supports, how often a suite of such
//! pairs would be red, and which slowdowns planted in them would be found, all by the very decision that judges runs.
//!
//! It takes pairs and outcomes and returns figures; what is measured, for how long and in which order is not its business. A
//! run's later judgement on link orders is not simulated: these are the figures of the times alone.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::percent::{share, size};
use super::suite::{PAIR_CAP, SUITE_ALPHA, TimeState, TimeSuite, TimeVerdict};
use super::times::tau;
use super::{DEFAULT_TIME_TOLERANCE, Outcome, Status};
use crate::model::{
    BenchKey, CalibratedBench, Evidence, Metric, Resampling, Run, SeriesKey, Side, Trial, VerdictSeconds,
};
use crate::stats::noise::generator;
use crate::stats::{VisibleInput, median, robust_sd, smallest_visible};

/// Tolerances that a bench may support, as shares: steps that a reader can remember, from what arithmetic allows on a shared
/// machine to what a chase through main memory needs.
pub const TOLERANCES: [f64; 6] = [0.01, 0.02, 0.03, 0.05, 0.10, 0.20];

/// Pairs of equal code below which nothing is said about what a bench supports: the robust spread of 24 normal values is known
/// to about a quarter.
pub const FEWEST_PAIRS: usize = 24;

/// Slowdowns that are planted, as shares: a quarter of the default tolerance to five times it.
pub const PLANTED_EFFECTS: [f64; 5] = [0.005, 0.01, 0.02, 0.05, 0.10];

/// Suites that are put together from recorded pairs. With none red, the true rate is below 1.3 % at 95 % confidence.
const SUITES: u32 = 300;

/// Series of such a suite: a large one, whatever the size of the workspace.
const SERIES: u32 = 231;

/// Replays of a bench with a planted slowdown; a share of 95 % is then known to ±1.5 %.
pub const PATHS: u32 = 200;

/// Fewer pairs than this are not replayed: it would repeat a handful of values.
const FEWEST_TO_REPLAY: usize = 8;

/// Pairs of each order of running from which the two are held against each other.
const FEWEST_OF_EACH_ORDER: usize = 6;

/// What a bench supports.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Supported {
    /// Too few pairs to tell.
    Unknown,
    /// This tolerance, as a share.
    Share(f64),
    /// None of [`TOLERANCES`].
    None,
}

impl Supported {
    /// The tolerance below which nothing should be asked of the bench, as a share, where that is known.
    pub fn floor(self) -> Option<f64> {
        match self {
            Self::Unknown => None,
            Self::Share(share) => Some(share),
            Self::None => TOLERANCES.last().copied(),
        }
    }
}

/// The first of [`TOLERANCES`] that the robust spread of the effects does not exceed.
pub fn supported_tolerance(effects: &[f64]) -> Supported {
    let Some(spread) = robust_sd(effects).filter(|_| effects.len() >= FEWEST_PAIRS) else { return Supported::Unknown };
    TOLERANCES.into_iter().find(|&tolerance| spread <= tau(tolerance)).map_or(Supported::None, Supported::Share)
}

/// Effects of one bench to draw from.
#[derive(Clone, Debug, PartialEq)]
pub struct Pool {
    /// Effects of pairs of equal code.
    pub effects: Vec<f64>,
    /// Tolerance as a share.
    pub tolerance: f64,
}

/// How effects are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signs {
    /// Each with a random sign: another fall of the coin that draws what differs between the sides.
    Drawn,
    /// As they were recorded, whatever bias they have.
    AsRecorded,
}

/// Puts suites together from recorded pairs, as many series of each bench as of any other, and counts those that the decision
/// calls red. `None` where no bench has enough pairs.
pub fn resample(pools: &[Pool], signs: Signs, seed: u64) -> Option<Resampling> {
    resample_suites(pools, signs, seed, SUITES)
}

fn resample_suites(pools: &[Pool], signs: Signs, seed: u64, suites: u32) -> Option<Resampling> {
    let pools: Vec<&Pool> = pools.iter().filter(|pool| pool.effects.len() >= FEWEST_TO_REPLAY).collect();
    if pools.is_empty() {
        return None;
    }
    let mut rng = generator(&format!("suites of equal code, {signs:?}, {seed}"));
    let mut all =
        Resampling { is_symmetrised: signs == Signs::Drawn, suites, series: SERIES, red_suites: 0, red_series: 0 };
    for _ in 0..suites {
        let red = red_series(&pools, signs, &mut rng);
        all.red_series += red;
        all.red_suites += u32::from(red > 0);
    }
    Some(all)
}

fn red_series(pools: &[&Pool], signs: Signs, rng: &mut ChaCha8Rng) -> u32 {
    let of = |series: usize| pools[series % pools.len()];
    let mut open: Vec<usize> = (0..SERIES as usize).collect();
    let taus: Vec<f64> = open.iter().map(|&series| tau(of(series).tolerance)).collect();
    let mut suite = TimeSuite::new(&taus, taus.len(), PAIR_CAP);
    while !open.is_empty() {
        for &series in &open {
            let effects = &of(series).effects;
            let effect = effects[rng.random_range(0..effects.len())];
            suite.push(series, if signs == Signs::Drawn { signed(effect, rng) } else { effect });
        }
        open.retain(|&series| suite.state(series) == TimeState::Undecided);
    }
    let is_red = |&series: &usize| suite.state(series) == TimeState::Done(TimeVerdict::Regressed);
    (0..SERIES as usize).filter(is_red).count() as u32
}

fn signed(effect: f64, rng: &mut ChaCha8Rng) -> f64 {
    if rng.random::<bool>() { effect } else { -effect }
}

/// In how many of [`PATHS`] replays a slowdown, added to recorded deviations with random signs, is called red in a suite of
/// `family` series.
fn found(pool: &Pool, planted: f64, family: u32, rng: &mut ChaCha8Rng) -> u32 {
    let Some(centre) = median(&pool.effects).filter(|centre| centre.is_finite()) else { return 0 };
    let shift = planted.ln_1p();
    let is_found = |_: &u32| {
        let mut suite = TimeSuite::new(&[tau(pool.tolerance)], family.max(1) as usize, PAIR_CAP);
        while suite.state(0) == TimeState::Undecided {
            let deviation = pool.effects[rng.random_range(0..pool.effects.len())] - centre;
            suite.push(0, shift + signed(deviation, rng));
        }
        suite.state(0) == TimeState::Done(TimeVerdict::Regressed)
    };
    (0..PATHS).filter(is_found).count() as u32
}

/// What was recorded of one bench.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Which.
    pub key: BenchKey,
    /// Who went first in each pair of one executable against itself, and its effect.
    pub pairs: Vec<(Side, f64)>,
    /// Tolerance that the policy states for it, as a share.
    pub stated: Option<f64>,
    /// Median effect of each link order, where those could be made.
    pub by_link_order: Vec<f64>,
    /// How the sides of its pairs were interleaved, where that is not how most benches of the suite are.
    pub unusual_interleaving: Option<String>,
}

/// All figures of one bench, in a suite of `family` series.
pub fn calibrated_bench(recorded: &Recorded, family: u32, seed: u64) -> (CalibratedBench, Pool) {
    let effects: Vec<f64> = recorded.pairs.iter().map(|&(_, effect)| effect).collect();
    let supported = supported_tolerance(&effects);
    let tolerance = recorded
        .stated
        .unwrap_or_else(|| supported.floor().map_or(DEFAULT_TIME_TOLERANCE, |floor| floor.max(DEFAULT_TIME_TOLERANCE)));
    let name = recorded.key.id();
    let visible = smallest_visible(VisibleInput {
        effects: &effects,
        tau: tau(tolerance),
        pairs: PAIR_CAP,
        family: family as usize,
        alpha: SUITE_ALPHA,
        name: &name,
    });
    let pool = Pool { effects, tolerance };
    let mut rng = generator(&format!("planted in {name}, {seed}"));
    let found = match pool.effects.len() >= FEWEST_TO_REPLAY {
        true => PLANTED_EFFECTS.iter().map(|&planted| found(&pool, planted, family, &mut rng)).collect(),
        false => Vec::new(),
    };
    let layout = |pick: fn(f64, f64) -> f64| recorded.by_link_order.iter().copied().reduce(pick);
    let bench = CalibratedBench {
        key: recorded.key.clone(),
        pairs: pool.effects.len() as u32,
        spread: robust_sd(&pool.effects).filter(|spread| spread.is_finite()).unwrap_or(0.0),
        centre: median(&pool.effects).filter(|centre| centre.is_finite()).unwrap_or(0.0),
        order_effect: order_effect(&recorded.pairs),
        is_known: supported != Supported::Unknown,
        supported: match supported {
            Supported::Share(share) => Some(share),
            Supported::Unknown | Supported::None => None,
        },
        tolerance,
        visible: Some(visible.effect).filter(|effect| effect.is_finite()),
        found,
        layout: layout(f64::min).zip(layout(f64::max)).map(|(low, high)| [low, high]),
        remark: String::new(),
    };
    (CalibratedBench { remark: remark(&bench, supported, recorded), ..bench }, pool)
}

/// By how much the median effect moves with who goes first.
fn order_effect(pairs: &[(Side, f64)]) -> Option<f64> {
    let of = |first: Side| {
        let effects: Vec<f64> = pairs.iter().filter(|pair| pair.0 == first).map(|pair| pair.1).collect();
        median(&effects).filter(|_| effects.len() >= FEWEST_OF_EACH_ORDER)
    };
    Some(of(Side::Base)? - of(Side::Candidate)?).filter(|difference| difference.is_finite())
}

/// Why a bench sees no more than it does.
fn remark(bench: &CalibratedBench, supported: Supported, recorded: &Recorded) -> String {
    let mut reasons = Vec::new();
    match supported {
        Supported::Unknown => reasons.push(format!("{} pairs are too few to tell what it supports", bench.pairs)),
        Supported::None => {
            reasons.push(format!("pairs spread by {}: its time cannot be gated here", size(bench.spread)));
        }
        Supported::Share(floor) if recorded.stated.is_some_and(|stated| stated < floor) => {
            let stated = share(recorded.stated.unwrap_or_default());
            reasons.push(format!(
                "its stated tolerance of {stated} cannot be seen here: pairs spread by {}",
                size(bench.spread)
            ));
        }
        Supported::Share(floor) if floor > DEFAULT_TIME_TOLERANCE => {
            reasons.push(format!("pairs spread by {}", size(bench.spread)));
        }
        Supported::Share(_) => {}
    }
    if let Some(order) = bench.order_effect.filter(|order| order.abs() > tau(bench.tolerance)) {
        reasons.push(format!("who goes first moves it by {}", size(order)));
    }
    if let Some([low, high]) = bench.layout.filter(|[low, high]| high - low > tau(bench.tolerance)) {
        reasons.push(format!("link orders differ by {}", size(high - low)));
    }
    reasons.extend(recorded.unusual_interleaving.clone());
    reasons.join("; ")
}

/// Adds one run whose sides are the same code to what such runs came to.
pub fn count_run(trial: &mut Trial, run: &Run, outcome: &Outcome) {
    let timed: Vec<_> = outcome.rows.iter().filter(|row| row.key.metric == Metric::Time).collect();
    let red: Vec<_> = timed.iter().filter(|row| row.status == Status::Regressed).collect();
    // A run that the budget ended could not have been as red as a whole one: counted, it would flatter the rate.
    if red.is_empty() && is_cut_short(run, outcome) {
        trial.cut_short += 1;
        return;
    }
    let count = |status| timed.iter().filter(|row| row.status == status).count() as u32;
    trial.add(&Trial {
        name: String::new(),
        runs: 1,
        cut_short: 0,
        red_runs: u32::from(!red.is_empty()),
        verdicts: timed.iter().filter(|row| row.pairs > 0).count() as u32,
        red: red.len() as u32,
        unchanged: count(Status::Unchanged),
        layout: count(Status::Layout),
        red_ids: red.iter().map(|row| row.id.clone()).collect(),
    });
}

/// Whether something other than the decision ended the measuring of a series that was open.
fn is_cut_short(run: &Run, outcome: &Outcome) -> bool {
    let is_cut = |key: &SeriesKey| {
        let series = run.series.iter().find(|series| series.key == *key);
        series.is_some_and(|series| matches!(&series.evidence, Evidence::Pairs(paired) if paired.cut_short.is_some()))
    };
    let is_open = |row: &super::Row| match row.status {
        Status::NotRun => true,
        Status::Inconclusive if row.open == Some(super::Open::NotSlower) => false,
        Status::Inconclusive => row.pairs < run.plan.pair_cap && is_cut(&row.key),
        _ => false,
    };
    run.is_interrupted || outcome.rows.iter().any(is_open)
}

/// Median and mean of the machine time until the gate was done with a series.
pub fn verdict_seconds(all: &[f64]) -> Option<VerdictSeconds> {
    let median = median(all)?;
    Some(VerdictSeconds { median, mean: all.iter().sum::<f64>() / all.len() as f64, series: all.len() as u32 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::fixture::{bench, pairs, run_of, timed};
    use crate::gate::{Policy, judge};
    use crate::model::Paired;
    use crate::stats::noise::normal;

    /// Normal noise with exactly this robust spread.
    fn noise(name: &str, sd: f64, n: usize) -> Vec<f64> {
        let mut rng = generator(name);
        let draws: Vec<f64> = (0..n).map(|_| normal(&mut rng)).collect();
        let scale = sd / robust_sd(&draws).unwrap();
        draws.iter().map(|x| x * scale).collect()
    }

    fn recorded(effects: Vec<f64>, stated: Option<f64>) -> Recorded {
        let (by_link_order, unusual_interleaving) = (Vec::new(), None);
        let pairs = effects.into_iter().enumerate().map(|(i, effect)| (Side::BOTH[i % 2], effect)).collect();
        Recorded { key: bench("a/b"), pairs, stated, by_link_order, unusual_interleaving }
    }

    #[test]
    fn supported_is_the_first_tolerance_that_holds_the_spread() {
        #[track_caller]
        fn check(spread: f64, n: usize, expected: Supported) {
            assert_eq!(supported_tolerance(&noise("supported", spread, n)), expected);
        }
        check(0.005, 24, Supported::Share(0.01));
        check(0.005, 23, Supported::Unknown);
        check(0.0099, 24, Supported::Share(0.01)); // ln 1.01 is 0.00995
        check(0.0100, 24, Supported::Share(0.02));
        check(0.0199, 100, Supported::Share(0.03)); // ln 1.02 is 0.0198
        check(0.04, 100, Supported::Share(0.05));
        check(0.09, 100, Supported::Share(0.10));
        check(0.18, 100, Supported::Share(0.20));
        check(0.2, 100, Supported::None);
        assert_eq!(supported_tolerance(&[]), Supported::Unknown);
        assert_eq!(Supported::None.floor(), Some(0.2));
        // By hand: deviations 0.01, 0.02, 0.01, 0.02 … have a median of 0.015; times 1.4826 is 0.0222.
        let by_hand: Vec<f64> = (0..24).map(|i| [0.01, -0.02, -0.01, 0.02][i % 4]).collect();
        assert_eq!(supported_tolerance(&by_hand), Supported::Share(0.03));
    }

    #[test]
    fn supported_does_not_depend_on_sign_centre_or_order() {
        let effects = noise("invariance", 0.015, 40);
        for changed in [
            effects.iter().map(|d| -d).collect::<Vec<_>>(),
            effects.iter().map(|d| d + 0.3).collect(),
            effects.iter().rev().copied().collect(),
        ] {
            assert_eq!(supported_tolerance(&changed), Supported::Share(0.02));
        }
    }

    /// A/A: equal code is red in at most 1 of 100 suites; drawn signs make that a theorem, and a recorded bias shows where
    /// they are not drawn.
    #[test]
    fn suites_of_equal_code_are_not_red() {
        let pools = [0.004, 0.012, 0.03].map(|sd| Pool { effects: noise("suites", sd, 60), tolerance: 0.02 });
        let all = resample(&pools, Signs::Drawn, 1).unwrap();
        assert_eq!((all.suites, all.series, all.is_symmetrised), (300, 231, true));
        assert!(all.red_suites <= 6, "{all:?}"); // P < 0.1 % at a true rate of 0.5 %
        let again = || resample_suites(&pools, Signs::Drawn, 1, 10);
        assert_eq!(again(), again());
        let biased = [Pool { effects: vec![0.05; 10], tolerance: 0.02 }];
        let seen = resample_suites(&biased, Signs::AsRecorded, 1, 10).unwrap();
        assert_eq!((seen.red_suites, seen.red_series), (10, 10 * 231));
        assert!(resample_suites(&biased, Signs::Drawn, 1, 10).unwrap().red_suites <= 2);
        assert_eq!(resample(&[Pool { effects: vec![0.0; 7], tolerance: 0.02 }], Signs::Drawn, 1), None);
    }

    /// A/B: what is planted far beyond the tolerance is found, what is within half of it is not.
    #[test]
    fn planted_slowdowns_are_found_by_their_size() {
        let (calibrated, pool) = calibrated_bench(&recorded(noise("power", 0.008, 48), None), 231, 1);
        let [half, one, two, five, ten] = calibrated.found[..] else { panic!("{calibrated:?}") };
        assert_eq!((half, one), (0, 0));
        assert!(two > 40 && two < 190, "{two}"); // exactly at the tolerance: a matter of luck
        assert_eq!((five, ten), (PATHS, PATHS));
        assert_eq!((calibrated.tolerance, calibrated.supported, calibrated.is_known), (0.02, Some(0.01), true));
        assert!((tau(0.02)..tau(0.03)).contains(&calibrated.visible.unwrap()), "{:?}", calibrated.visible);
        assert_eq!((calibrated.pairs as usize, pool.effects.len(), &*calibrated.remark), (48, 48, ""));
        // A larger tolerance hides what a smaller one shows.
        let (coarse, _) = calibrated_bench(&recorded(noise("power", 0.008, 48), Some(0.05)), 231, 1);
        assert_eq!((coarse.tolerance, coarse.found[2]), (0.05, 0));
    }

    #[test]
    fn the_default_is_raised_and_a_stated_tolerance_is_kept_with_a_remark() {
        #[track_caller]
        fn check(effects: Vec<f64>, stated: Option<f64>, tolerance: f64, remark: &str) {
            let (bench, _) = calibrated_bench(&recorded(effects, stated), 14, 1);
            assert_eq!((bench.tolerance, bench.remark.contains(remark)), (tolerance, true), "{}", bench.remark);
        }
        check(noise("raised", 0.04, 30), None, 0.05, "pairs spread by 4.1 %");
        check(noise("raised", 0.04, 30), Some(0.02), 0.02, "its stated tolerance of 2 % cannot be seen here");
        check(noise("raised", 0.04, 30), Some(0.1), 0.1, "");
        check(noise("raised", 0.5, 30), None, 0.2, "its time cannot be gated here");
        check(noise("raised", 0.04, 12), None, 0.02, "12 pairs are too few");
        check(vec![], None, 0.02, "0 pairs are too few");
    }

    #[test]
    fn order_and_layout_are_named() {
        // Pairs take turns in who goes first; those with the base first read 6 % more.
        let effects = (0..30).map(|i| if i % 2 == 0 { 0.03 } else { -0.03 }).collect();
        let links = vec![-0.01, 0.04, 0.0];
        let (bench, _) = calibrated_bench(&Recorded { by_link_order: links, ..recorded(effects, Some(0.02)) }, 14, 1);
        assert!((bench.order_effect.unwrap() - 0.06).abs() < 1e-12);
        assert_eq!(bench.layout, Some([-0.01, 0.04]));
        assert!(bench.remark.contains("who goes first moves it by 6.2 %"), "{}", bench.remark);
        assert!(bench.remark.contains("link orders differ by 5.1 %"), "{}", bench.remark);
    }

    #[test]
    fn runs_that_the_budget_cut_short_count_only_if_they_are_red() {
        let cut = |effects: Vec<f64>| {
            let cut_short = Some("the budget was spent".to_owned());
            Evidence::Pairs(Paired { pairs: pairs(effects), cut_short, ..Paired::default() })
        };
        let run = |evidence| run_of([("a", Metric::Time, timed([0.0; 6])), ("b", Metric::Time, evidence)]);
        let runs = [
            run(timed([0.0; 6])),
            run(timed([0.1; 16])),
            run(cut(vec![0.0; 3])),
            run_of([("a", Metric::Time, timed([0.1; 16])), ("b", Metric::Time, cut(vec![0.0; 3]))]),
            run(cut(vec![0.0; 6])), // settled before the budget ended
        ];
        let mut found = Trial::default();
        runs.iter().for_each(|run| count_run(&mut found, run, &judge(&Policy::default(), run)));
        assert_eq!((found.runs, found.cut_short, found.red_runs), (4, 1, 2));
        assert_eq!((found.verdicts, found.red, found.unchanged), (8, 2, 5));
        assert_eq!(found.red_ids, ["a", "b"]);
    }

    #[test]
    fn machine_time_is_summed_up() {
        assert_eq!(verdict_seconds(&[]), None);
        let expected = VerdictSeconds { median: 0.2, mean: 0.5, series: 3 };
        assert_eq!(verdict_seconds(&[0.1, 0.2, 1.2]), Some(expected));
    }
}
