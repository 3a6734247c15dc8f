//! Times of a whole run: pairs that are no measurement are refused, the others replayed through the sequential decision in the
//! order in which they were taken.

use std::collections::BTreeMap;

use super::finding::{Finding, median_nanos};
use super::flagged::{Asked, Flagged};
use super::percent::{plural, share, size};
use super::reach::{Reach, Seen};
use super::suite::{Bets, MISS_BETA, SUITE_ALPHA, TimeState, TimeSuite, TimeVerdict};
use super::{Effect, Open, Policy, Status};
use crate::model::{
    Confirmation, Evidence, Failure, Metric, Pair, PairKind, Paired, Run, Samples, Series, SeriesKey, Side,
};
use crate::stats::{Direction, Noise, bounds, median, pair_effect, robust_sd};

/// A candidate below this share of the base is no improvement but work that went missing.
pub(super) const COLLAPSE: f64 = 1.0 / 20.0;

/// Nanoseconds an iteration below which nothing can have run: one cycle of a 5 GHz core.
const CYCLE_NANOS: f64 = 0.2;

/// A sample must last 100 ticks of the clock for its reading to mean anything at 1 %; the clocks that Criterion reads tick in
/// nanoseconds.
const SHORTEST_SAMPLE_NANOS: f64 = 100.0;

/// Share of failed pairs above which a series is not believed.
const FAILURES_ALLOWED: f64 = 0.1;

/// A single failed pair was tried again and is forgiven however few pairs there are.
const FAILURES_FORGIVEN: usize = 1;

/// Pairs from which the two orders of running are held against each other, and the fewest of each order.
const ORDER_CHECK: (usize, usize) = (12, 4);

/// Tolerances of time below this would divide by nothing: no shared machine resolves 0.01 %.
const SMALLEST_TOLERANCE: f64 = 1e-4;

/// What a row says whose sides were never alive together: its pairs are further apart in time, and so noisier.
const ONE_AT_A_TIME: &str = "; one process at a time: the sides cannot live at once";

/// The tolerance of a time as a logarithm, from a share.
pub fn tau(tolerance: f64) -> f64 {
    tolerance.max(SMALLEST_TOLERANCE).ln_1p()
}

/// The finding of each series that has pairs, by its position in the run.
pub(super) fn findings(policy: &Policy, run: &Run) -> Vec<(usize, Finding)> {
    let (refused, believed): (Vec<_>, Vec<_>) = measured(policy, run).into_iter().partition(|m| m.refusal().is_some());
    let suite = replay(&believed, run);
    let confirmed = confirmed(&believed, &suite);
    let mut findings: Vec<(usize, Finding)> = refused
        .into_iter()
        .filter_map(|m| {
            m.refusal().map(|refusal| (m.position, Finding { smallest_visible: None, ..m.values(refusal) }))
        })
        .collect();
    findings.extend(believed.iter().enumerate().map(|(i, m)| {
        let finding = m.finding(&suite, i, run);
        let mut finding = confirmed.get(&i).map_or(finding.clone(), |flagged| flagged.decide(finding));
        if m.kind == PairKind::OneAtATime {
            finding.detail.push_str(ONE_AT_A_TIME);
        }
        (m.position, finding)
    }));
    findings
}

/// What was bet on each series whose pairs are believed, by its position in the run.
pub(super) fn bets(policy: &Policy, run: &Run) -> BTreeMap<usize, Bets> {
    let believed: Vec<_> = measured(policy, run).into_iter().filter(|m| m.refusal().is_none()).collect();
    let suite = replay(&believed, run);
    believed.iter().enumerate().map(|(i, m)| (m.position, suite.bets(i))).collect()
}

fn measured<'a>(policy: &Policy, run: &'a Run) -> Vec<Measured<'a>> {
    let series = run.series.iter().enumerate();
    let tolerance = |series: &Series| policy.tolerance_given(&run.plan.supported, &series.key);
    series.filter_map(|(at, series)| Measured::new(tolerance(series), at, series)).collect()
}

/// What fresh link orders say of the flagged series, by their position.
fn confirmed<'a>(measured: &[Measured<'a>], suite: &TimeSuite) -> BTreeMap<usize, Flagged<'a>> {
    let flagged = suite.flagged();
    let asked = |&(i, direction): &(usize, Direction)| {
        let Measured { tau, confirmation, cut_short, .. } = measured[i];
        Asked { tau, direction, is_shown: suite.is_shown(i, direction), confirmation, cut_short }
    };
    let asked: Vec<Asked<'a>> = flagged.iter().map(asked).collect();
    flagged.into_iter().map(|(i, _)| i).zip(Flagged::judge(&asked)).collect()
}

fn replay(measured: &[Measured<'_>], run: &Run) -> TimeSuite {
    let taus: Vec<f64> = measured.iter().map(|m| m.tau).collect();
    let start = if run.plan.confirms_by_linking { TimeSuite::flagging } else { TimeSuite::new };
    let mut suite = start(&taus, Reach::of(run).family, run.plan.pair_cap);
    for (i, _) in measured.iter().enumerate().filter(|(_, m)| m.kind == PairKind::Command) {
        suite.decide_by_pairs(i);
    }
    let mut pushes: Vec<(u64, usize, f64)> = Vec::new();
    for (i, m) in measured.iter().enumerate() {
        pushes.extend(m.pairs.iter().zip(&m.effects).map(|(pair, &effect)| (pair.order, i, effect)));
    }
    pushes.sort_by_key(|&(order, series, _)| (order, series));
    pushes.into_iter().for_each(|(_, series, effect)| suite.push(series, effect));
    suite
}

/// A series with pairs, and what is computed of them once.
struct Measured<'a> {
    position: usize,
    key: &'a SeriesKey,
    tau: f64,
    pairs: Vec<&'a Pair>,
    failures: &'a [Failure],
    cut_short: Option<&'a str>,
    kind: PairKind,
    confirmation: Option<&'a Confirmation>,
    effects: Vec<f64>,
    base: Option<f64>,
    candidate: Option<f64>,
}

impl<'a> Measured<'a> {
    fn new(tolerance: f64, position: usize, series: &'a Series) -> Option<Self> {
        let Evidence::Pairs(Paired { pairs, failures, cut_short, kind, confirmation, interleaving: _ }) =
            &series.evidence
        else {
            return None;
        };
        let mut pairs: Vec<&Pair> = pairs.iter().collect();
        pairs.sort_by_key(|pair| pair.order);
        let value = |of: fn(&Pair) -> &Samples| {
            let medians: Vec<f64> = pairs.iter().map(|pair| median_nanos(of(pair))).collect();
            median(&medians)
        };
        Some(Self {
            position,
            key: &series.key,
            tau: tau(tolerance),
            base: value(|pair| &pair.base),
            candidate: value(|pair| &pair.candidate),
            effects: pairs.iter().map(|pair| pair_effect(pair)).collect(),
            pairs,
            failures,
            cut_short: cut_short.as_deref(),
            kind: *kind,
            confirmation: confirmation.as_ref(),
        })
    }

    /// Why the pairs are no measurement, checked before any statistics and without looking at which side it favours, except for
    /// a collapse of the candidate.
    fn refusal(&self) -> Option<Finding> {
        let attempts = (self.pairs.len() + self.failures.len()) as f64;
        match self.failures.first() {
            Some(failure) if self.pairs.is_empty() => return Some(Finding::failed(failure)),
            Some(failure)
                if self.failures.len() > FAILURES_FORGIVEN
                    && self.failures.len() as f64 > FAILURES_ALLOWED * attempts =>
            {
                let mut finding = Finding::failed(failure);
                finding.detail = format!("{} of {attempts} pairs failed; {}", self.failures.len(), finding.detail);
                return Some(finding);
            }
            _ => {}
        }
        let (Some(base), Some(candidate), Some(effect)) = (self.base, self.candidate, median(&self.effects)) else {
            return Some(Finding::new(Status::NotRun, self.cut_short.unwrap_or("no pair was measured")));
        };
        if self.key.metric == Metric::PeakMemory {
            return None; // any number of bytes may be right
        }
        self.implausible(base, candidate, effect).map(|why| Finding::new(Status::Implausible, why))
    }

    fn implausible(&self, base: f64, candidate: f64, effect: f64) -> Option<String> {
        if effect < COLLAPSE.ln() {
            return Some(format!(
                "the candidate takes {} of the base's time: did its work go missing?",
                share(effect.exp())
            ));
        }
        for (side, nanos) in [(Side::Base, base), (Side::Candidate, candidate)] {
            if nanos < CYCLE_NANOS {
                return Some(format!("{nanos:.2} ns an iteration in the {} is less than one cycle", side.name()));
            }
        }
        let samples = self.pairs.iter().flat_map(|pair| pair.base.as_slice().iter().chain(pair.candidate.as_slice()));
        let lengths: Vec<f64> = samples.map(|sample| sample.nanos).collect();
        let length = median(&lengths).filter(|&length| length < SHORTEST_SAMPLE_NANOS)?;
        Some(format!("samples last {length:.0} ns, less than 100 ticks of the clock"))
    }

    /// Fills in what is known of a series whatever its status.
    fn values(&self, finding: Finding) -> Finding {
        let nanos: f64 = self.pairs.iter().map(|pair| pair.base.total_nanos() + pair.candidate.total_nanos()).sum();
        let interval = bounds(&self.effects, self.tau, 1.0 / MISS_BETA);
        let effect = |estimate| Effect { estimate, lower: interval.lower, upper: interval.upper };
        Finding {
            base: self.base,
            candidate: self.candidate,
            effect: median(&self.effects).map(effect),
            pairs: self.pairs.len() as u32,
            seconds: if self.key.metric == Metric::Time { nanos / 1e9 } else { 0.0 },
            ..finding
        }
    }

    fn finding(&self, suite: &TimeSuite, index: usize, run: &Run) -> Finding {
        let state = suite.state(index);
        let mut reach = Reach::of(run);
        reach.confirms_by_linking &= self.kind != PairKind::Command;
        let mut finding = self.values(Finding::new(status(state), ""));
        finding.open = self.open_as(state, reach);
        let is_settled = finding.status != Status::Inconclusive || finding.open == Open::NotSlower;
        let pairs = if is_settled { run.plan.pair_cap } else { finding.pairs };
        let name = &self.key.bench.id();
        let visible = reach.visible(Seen { effects: &self.effects, tau: self.tau, pairs, name });
        finding.smallest_visible = Some(Effect::share(visible.effect));
        finding.detail = self.detail(state, suite.is_slower(index), &finding, reach);
        let is_last_word = suite.suspicion(index).is_none();
        if is_last_word && visible.effect.is_finite() && visible.noise == Noise::Normal {
            finding.detail.push_str("; smallest visible effect from normal noise");
        }
        finding.warnings.extend(self.order_effect());
        finding.warnings.extend(self.forgiven_failures());
        finding
    }

    /// What is known of it if it is inconclusive.
    fn open_as(&self, state: TimeState, reach: Reach) -> Open {
        let is_not_slower = match state {
            TimeState::NotWorse | TimeState::Done(TimeVerdict::NotWorse | TimeVerdict::FlaggedFaster) => true,
            TimeState::Undecided | TimeState::Done(_) => false,
        };
        let at_the_suites_level = || bounds(&self.effects, self.tau, reach.family.max(1) as f64 / SUITE_ALPHA);
        match () {
            () if is_not_slower => Open::NotSlower,
            () if at_the_suites_level().lower > self.tau => Open::Slower,
            () => Open::Undecided,
        }
    }

    fn detail(&self, state: TimeState, is_slower: bool, finding: &Finding, reach: Reach) -> String {
        let pairs = plural(u64::from(finding.pairs), "pair");
        let tolerance = size(self.tau);
        let Some(effect) = finding.effect else { return pairs };
        match state {
            TimeState::Done(TimeVerdict::Regressed | TimeVerdict::Flagged) => {
                moved("slower", effect.estimate, effect.lower, &pairs)
            }
            TimeState::Done(TimeVerdict::Improved | TimeVerdict::FlaggedFaster) => {
                moved("faster", effect.estimate, effect.upper, &pairs)
            }
            TimeState::Done(TimeVerdict::Unchanged) => format!("within ±{tolerance} after {pairs}"),
            TimeState::Done(TimeVerdict::NotWorse) | TimeState::NotWorse => {
                let why = self.cut_short.filter(|_| state == TimeState::NotWorse);
                let why = why.map_or_else(String::new, |why| format!(": {why}"));
                format!("not slower by {tolerance} after {pairs}; whether it is faster by as much is open{why}")
            }
            TimeState::Done(TimeVerdict::TooNoisy) => {
                let sd = Effect::share(robust_sd(&self.effects).unwrap_or(f64::INFINITY));
                format!("noise: this bench supports a tolerance of about {}", share(sd))
            }
            TimeState::Done(TimeVerdict::PairsSpent) => self.open(is_slower, &format!("{pairs} spent"), reach),
            TimeState::Undecided => {
                let why = self.cut_short.map_or_else(|| format!("measuring ended after {pairs}"), Into::into);
                self.open(is_slower, &why, reach)
            }
        }
    }

    fn open(&self, is_slower: bool, why: &str, reach: Reach) -> String {
        let needed = reach.fewest_pairs();
        if is_slower {
            format!("slower, within tolerance so far; {why}")
        } else if self.pairs.len() < needed as usize {
            format!("{why}; it could not have been red, which takes {needed} pairs")
        } else {
            why.into()
        }
    }

    /// The side that ran first should not matter; where it does, one side's turn is long enough to warm or cool the other's.
    fn order_effect(&self) -> Option<String> {
        let of = |first: Side| -> Vec<f64> {
            let pairs = self.pairs.iter().zip(&self.effects);
            pairs.filter(|(pair, _)| pair.first == first).map(|(_, &effect)| effect).collect()
        };
        let (base_first, candidate_first) = (of(Side::Base), of(Side::Candidate));
        let is_enough = self.pairs.len() >= ORDER_CHECK.0
            && base_first.len() >= ORDER_CHECK.1
            && candidate_first.len() >= ORDER_CHECK.1;
        let gap = (median(&base_first)? - median(&candidate_first)?).abs();
        (is_enough && gap > self.tau).then(|| {
            let id = match self.key.metric {
                Metric::Time => self.key.bench.id(),
                _ => self.key.to_string(),
            };
            format!(
                "order effect in `{id}`: {} between pairs with the base first and pairs with the candidate first",
                size(gap)
            )
        })
    }

    fn forgiven_failures(&self) -> Option<String> {
        let failure = self.failures.first()?;
        let failed = plural(self.failures.len() as u64, "failed pair");
        Some(format!("{failed} of `{}` left out: {}: {}", self.key.bench.id(), failure.side.name(), failure.message))
    }
}

fn status(state: TimeState) -> Status {
    match state {
        TimeState::Done(TimeVerdict::Regressed) => Status::Regressed,
        TimeState::Done(TimeVerdict::Improved) => Status::Improved,
        TimeState::Done(TimeVerdict::Unchanged) => Status::Unchanged,
        // What is flagged is open until fresh link orders say otherwise; `unchanged` takes a proof on both sides.
        TimeState::Done(
            TimeVerdict::Flagged
            | TimeVerdict::FlaggedFaster
            | TimeVerdict::NotWorse
            | TimeVerdict::TooNoisy
            | TimeVerdict::PairsSpent,
        )
        | TimeState::NotWorse
        | TimeState::Undecided => Status::Inconclusive,
    }
}

fn moved(word: &str, estimate: f64, bound: f64, pairs: &str) -> String {
    format!("{word} by {}, by at least {} with 95 % confidence, after {pairs}", size(estimate), size(bound))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::fixture::{check_time, failure, only_row, pairs, run_of, timed};
    use crate::gate::judge;
    use crate::model::{FailureKind, Sample};
    use crate::stats::noise::{generator, normal};

    /// Around an effect, quiet but not constant.
    fn quiet(effect: f64, n: usize) -> Vec<f64> {
        (0..n).map(|i| effect + 0.001 * (i % 3) as f64 - 0.001).collect()
    }

    fn timed_until<const N: usize>(effects: [f64; N], why: &str) -> Evidence {
        Evidence::Pairs(Paired { pairs: pairs(effects), cut_short: Some(why.into()), ..Paired::default() })
    }

    fn failing(n: usize, kinds: &[FailureKind]) -> Evidence {
        let failures = kinds.iter().map(|&kind| failure(kind)).collect();
        Evidence::Pairs(Paired { pairs: pairs(quiet(0.0, n)), failures, ..Paired::default() })
    }

    #[test]
    fn every_verdict_on_time_has_its_reason() {
        check_time(timed(quiet(0.1, 12)), Status::Regressed, "slower by 11 %, by at least");
        check_time(timed(quiet(-0.1, 12)), Status::Improved, "faster by 9.5 %, by at least");
        check_time(timed(quiet(0.0, 6)), Status::Unchanged, "within ±2 % after 6 pairs");
        let faster = "not slower by 2 % after 6 pairs; whether it is faster by as much is open";
        check_time(timed(quiet(-0.04, 6)), Status::Inconclusive, faster);
        check_time(timed(quiet(0.0, 3)), Status::Inconclusive, "it could not have been red, which takes 7 pairs");
        check_time(
            timed([0.999 * tau(0.02); 64]),
            Status::Inconclusive,
            "slower, within tolerance so far; 64 pairs spent",
        );
        let wild = (0..12).map(|i| if i % 2 == 0 { 0.2 } else { -0.2 });
        check_time(timed(wild), Status::Inconclusive, "noise: this bench supports a tolerance of about 35 %");
        let cut = timed_until([0.02; 8], "budget spent");
        check_time(cut, Status::Inconclusive, "budget spent");
    }

    #[test]
    fn a_row_has_its_values() {
        let row = only_row(Metric::Time, timed(quiet(0.1, 12)));
        let effect = row.effect.unwrap();
        assert!((row.base.unwrap() - 1000.0).abs() < 1e-6);
        assert!((row.candidate.unwrap() / 1000.0 - 0.1f64.exp()).abs() < 1e-9);
        assert!((effect.estimate - 0.1).abs() < 1e-9 && effect.lower < 0.1 && effect.upper > 0.1);
        assert!(effect.lower > 0.09 && effect.upper < 0.11, "{effect:?}");
        assert_eq!((row.pairs, row.tolerance), (12, 0.02));
        // 12 pairs of 25 samples of 100 iterations: 30 ms of the base.
        assert!((row.seconds - 0.03 * (1.0 + 0.1f64.exp())).abs() < 1e-4, "{}", row.seconds);
        let visible = row.smallest_visible.unwrap();
        assert!((0.02..0.025).contains(&visible), "{visible}");
    }

    #[test]
    fn failed_pairs_are_told_or_decide() {
        use FailureKind::{Crashed, Implausible, Rubbish, TimedOut};
        check_time(failing(6, &[Crashed]), Status::Unchanged, "within");
        check_time(failing(6, &[Crashed; 2]), Status::Errored, "2 of 8 pairs failed; candidate: thread main panicked");
        check_time(failing(18, &[Crashed; 2]), Status::Unchanged, "within");
        check_time(failing(17, &[Rubbish; 2]), Status::Errored, "2 of 19");
        check_time(failing(0, &[Rubbish]), Status::Errored, "candidate: thread main panicked");
        check_time(failing(0, &[TimedOut]), Status::TimedOut, "");
        check_time(failing(0, &[Implausible]), Status::Implausible, "");
        check_time(failing(0, &[]), Status::NotRun, "no pair was measured");
        let outcome = judge(&Policy::default(), &run_of([("a", Metric::Time, failing(6, &[Crashed]))]));
        assert_eq!(outcome.warnings, ["1 failed pair of `a` left out: candidate: thread main panicked"]);
    }

    /// Pairs with this many nanoseconds and iterations a sample on either side.
    fn raw(base: (f64, f64), candidate: (f64, f64)) -> Evidence {
        let samples = |(nanos, iterations)| Samples::new(vec![Sample { iterations, nanos }; 10]).unwrap();
        let mut pairs = pairs([0.0; 8]);
        for pair in &mut pairs {
            (pair.base, pair.candidate) = (samples(base), samples(candidate));
        }
        Evidence::Pairs(Paired { pairs, ..Paired::default() })
    }

    #[test]
    fn what_cannot_be_a_measurement_is_implausible() {
        check_time(raw((1e6, 1e3), (4e4, 1e3)), Status::Implausible, "the candidate takes 4 % of the base's time");
        check_time(raw((1e6, 1e3), (6e4, 1e3)), Status::Improved, "faster by 94 %");
        check_time(raw((1e6, 1e7), (1e6, 1e7)), Status::Implausible, "0.10 ns an iteration in the base");
        check_time(raw((1e6, 4e6), (1e6, 6e6)), Status::Implausible, "0.17 ns an iteration in the candidate");
        check_time(raw((50.0, 1.0), (50.0, 1.0)), Status::Implausible, "samples last 50 ns");
        check_time(raw((150.0, 1.0), (150.0, 1.0)), Status::Unchanged, "within");
        // A collapse in the other direction is a regression like any other.
        check_time(raw((1e6, 1e3), (1e9, 1e3)), Status::Regressed, "slower");
    }

    fn of_kind(kind: PairKind, effects: Vec<f64>) -> Evidence {
        Evidence::Pairs(Paired { pairs: pairs(effects), kind, ..Paired::default() })
    }

    #[test]
    fn a_command_is_decided_by_its_pairs_where_others_are_linked_again() {
        let series = [("bench", PairKind::Interleaved), ("command", PairKind::Command)];
        let mut run = run_of(series.map(|(id, kind)| (id, Metric::Time, of_kind(kind, quiet(0.1, 16)))));
        run.plan.confirms_by_linking = true;
        let outcome = judge(&Policy::default(), &run);
        let status = |id: &str| outcome.rows.iter().find(|row| row.id == id).unwrap().status;
        assert_eq!((status("bench"), status("command")), (Status::Inconclusive, Status::Regressed));
    }

    #[test]
    fn a_row_says_that_its_sides_were_never_alive_together() {
        let said = "one process at a time: the sides cannot live at once";
        for (effect, status) in [(0.0, Status::Unchanged), (0.1, Status::Regressed), (-0.1, Status::Improved)] {
            check_time(of_kind(PairKind::OneAtATime, quiet(effect, 16)), status, said);
            assert!(!only_row(Metric::Time, of_kind(PairKind::Interleaved, quiet(effect, 16))).detail.contains(said));
        }
    }

    #[test]
    fn memory_may_collapse_and_is_no_time() {
        let row = only_row(Metric::PeakMemory, of_kind(PairKind::Command, quiet(-5.0, 16)));
        assert_eq!((row.status, row.seconds), (Status::Improved, 0.0));
        check_time(of_kind(PairKind::Command, quiet(-5.0, 16)), Status::Implausible, "did its work go missing?");
    }

    #[test]
    fn an_order_effect_is_warned_of() {
        let effects = (0..12).map(|i| if i % 2 == 0 { 0.02 } else { -0.02 });
        let outcome = judge(&Policy::default(), &run_of([("a", Metric::Time, timed(effects))]));
        assert!(outcome.warnings[0].starts_with("order effect in `a`: 4.1 % between"), "{:?}", outcome.warnings);
        let few = (0..11).map(|i| if i % 2 == 0 { 0.02 } else { -0.02 });
        assert!(judge(&Policy::default(), &run_of([("a", Metric::Time, timed(few))])).warnings.is_empty());
    }

    #[test]
    fn a_red_interval_never_holds_zero() {
        let mut rng = generator("zero");
        let (mut red, mut better) = (0, 0);
        for sd in [0.005, 0.01, 0.02, 0.04, 0.06, 0.2] {
            let ids = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
            let series = ids.into_iter().enumerate().map(|(at, id)| {
                let effect = 0.02 * (at as f64 - 5.5) / 2.0;
                (id, Metric::Time, timed((0..64).map(|_| effect + sd * normal(&mut rng)).collect::<Vec<f64>>()))
            });
            for row in judge(&Policy::default(), &run_of(series)).rows {
                let Effect { lower, upper, .. } = row.effect.unwrap();
                let (is_red, is_better) = (row.status == Status::Regressed, row.status == Status::Improved);
                assert!((!is_red || lower > 0.0) && (!is_better || upper < 0.0), "{lower} {upper}");
                red += usize::from(is_red);
                better += usize::from(is_better);
            }
        }
        assert!(red > 8 && better > 8, "{red} {better}");
    }

    #[test]
    fn pairs_are_replayed_in_recorded_order() {
        // Nine quiet pairs settle it as unchanged before the slow ones come; the other way round the slow ones are red first.
        let effects: Vec<f64> = [vec![0.0; 9], vec![0.1; 40]].concat();
        let mut shuffled = pairs(effects.clone());
        shuffled.reverse();
        let evidence = |pairs| Evidence::Pairs(Paired { pairs, ..Paired::default() });
        check_time(evidence(shuffled), Status::Unchanged, "");
        check_time(timed(effects.into_iter().rev()), Status::Regressed, "");
    }

    #[test]
    fn the_error_level_is_shared_by_the_suite() {
        let suite = |n: usize, effects: &[f64]| {
            let ids = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n"];
            let slow = effects.to_vec();
            let series = ids[..n]
                .iter()
                .enumerate()
                .map(move |(i, id)| (*id, Metric::Time, timed(if i == 0 { slow.clone() } else { vec![0.0; 6] })));
            judge(&Policy::default(), &run_of(series)).census
        };
        let effects = [0.04; 11];
        assert_eq!(suite(1, &effects).count(Status::Regressed), 1);
        let census = suite(14, &effects);
        assert_eq!((census.count(Status::Inconclusive), census.count(Status::Unchanged)), (1, 13));
        assert_eq!(suite(14, &[0.04; 12]).count(Status::Regressed), 1);
    }

    #[test]
    fn refused_series_keep_their_share_of_the_error_level() {
        // Eleven pairs of twice the tolerance suffice for 12 series, not for 13, though two of them are no measurement.
        let ids = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m"];
        let effects = |i: usize| match i {
            0 => vec![0.04; 11],
            1 | 2 => vec![-4.0; 6],
            _ => vec![0.0; 6],
        };
        let outcome_of = |n: usize| {
            let series = ids[..n].iter().enumerate().map(|(i, id)| (*id, Metric::Time, timed(effects(i))));
            judge(&Policy::default(), &run_of(series)).census
        };
        assert_eq!((outcome_of(12).count(Status::Regressed), outcome_of(12).count(Status::Implausible)), (1, 2));
        assert_eq!(outcome_of(13).count(Status::Regressed), 0);
    }

    #[test]
    fn order_matters_across_series() {
        // `a` comes close to red, then all its later pairs are quiet. Only if `b` is rejected in between, `a` is red too.
        let slow = [vec![0.05; 8], vec![0.0; 56]].concat();
        let outcome_of = |first_of_b: u64| {
            let (mut a, mut b) = (pairs(slow.clone()), pairs([0.05; 9]));
            a.iter_mut().for_each(|pair| pair.order *= 10);
            (first_of_b..).zip(&mut b).for_each(|(order, pair)| pair.order = order);
            let evidence = |pairs| Evidence::Pairs(Paired { pairs, ..Paired::default() });
            let run = run_of([("a", Metric::Time, evidence(a)), ("b", Metric::Time, evidence(b))]);
            let census = judge(&Policy::default(), &run).census;
            (census.count(Status::Regressed), census.count(Status::Unchanged))
        };
        assert_eq!(outcome_of(71), (2, 0));
        assert_eq!(outcome_of(1000), (1, 1));
    }

    #[test]
    fn an_open_row_says_what_its_own_pairs_could_have_seen() {
        assert_eq!(only_row(Metric::Time, timed([0.0; 4])).smallest_visible, Some(f64::INFINITY));
        let visible = |n: usize| {
            let effects = (0..n).map(|i| 0.018 + 0.02 * [0.0, 1.0, -1.0, 0.5, -0.5][i % 5]);
            let row = only_row(Metric::Time, timed(effects));
            assert_eq!(row.status, Status::Inconclusive);
            row.smallest_visible.unwrap()
        };
        assert!(visible(10) > 1.3 * visible(40), "{} {}", visible(10), visible(40));
    }

    /// The state machine asked pair by pair and the replay of the recorded run agree, whatever the schedule.
    #[test]
    fn replay_agrees_with_the_decision_while_measuring() {
        let ids = ["a", "b", "c", "d", "e", "f"];
        let effects = [0.0, 0.03, 0.1, -0.1, 0.02, 0.01];
        let mut rng = generator("replay");
        let mut suite = TimeSuite::new(&[tau(0.02); 6], 6, 64);
        let mut recorded: Vec<Vec<Pair>> = vec![vec![]; 6];
        let mut order = 0;
        while let Some(&next) = crate::gate::wanted(&suite, 3).first() {
            let mut pair = pairs([effects[next] + 0.01 * normal(&mut rng)]).remove(0);
            pair.order = order;
            order += 1;
            suite.push(next, pair_effect(&pair));
            recorded[next].push(pair);
        }
        let evidence = |pairs| Evidence::Pairs(Paired { pairs, ..Paired::default() });
        let run = run_of(ids.into_iter().zip(recorded).map(|(id, pairs)| (id, Metric::Time, evidence(pairs))));
        let outcome = judge(&Policy::default(), &run);
        for (i, id) in ids.into_iter().enumerate() {
            let row = outcome.rows.iter().find(|row| row.id == id).unwrap();
            assert_eq!(row.status, status(suite.state(i)), "{id}");
        }
        assert_eq!(outcome.rows[0].id, "c");
        assert_eq!(outcome.rows[0].status, Status::Regressed);
    }
}
