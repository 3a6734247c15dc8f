//! Times of a whole run: pairs that are no measurement are refused, the others replayed through the sequential decision in the
//! order in which they were taken.

use super::finding::{Finding, median_nanos};
use super::percent::{plural, share, size};
use super::suite::{MISS_BETA, SUITE_ALPHA, TimeState, TimeSuite, TimeVerdict};
use super::{Effect, Policy, Status};
use crate::model::{Evidence, Failure, Pair, Run, Samples, SeriesKey, Side};
use crate::stats::{Noise, VisibleInput, bounds, fewest_red_pairs, median, pair_effect, robust_sd, smallest_visible};

/// A candidate below this share of the base is no improvement but work that went missing.
const COLLAPSE: f64 = 1.0 / 20.0;

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

/// The tolerance of a time as a logarithm, from a share.
pub fn tau(tolerance: f64) -> f64 {
    tolerance.max(SMALLEST_TOLERANCE).ln_1p()
}

/// How many series share the error level: those that time pairs were measured for.
pub(super) fn family(run: &Run) -> usize {
    run.series.iter().filter(|series| matches!(series.evidence, Evidence::Pairs { .. })).count()
}

/// The finding of each series that has pairs, by its position in the run.
pub(super) fn findings(policy: &Policy, run: &Run) -> Vec<(usize, Finding)> {
    let measured: Vec<Measured<'_>> =
        run.series.iter().enumerate().filter_map(|(at, series)| Measured::new(policy, at, series)).collect();
    let (refused, believed): (Vec<_>, Vec<_>) = measured.into_iter().partition(|m| m.refusal().is_some());
    let suite = replay(&believed, family(run), run.plan.pair_cap);
    let mut findings: Vec<(usize, Finding)> = refused
        .into_iter()
        .filter_map(|m| {
            m.refusal().map(|refusal| (m.position, Finding { smallest_visible: None, ..m.values(refusal) }))
        })
        .collect();
    findings.extend(believed.iter().enumerate().map(|(i, m)| (m.position, m.finding(&suite, i, run))));
    findings
}

fn replay(measured: &[Measured<'_>], family: usize, pair_cap: u32) -> TimeSuite {
    let taus: Vec<f64> = measured.iter().map(|m| m.tau).collect();
    let mut suite = TimeSuite::new(&taus, family, pair_cap);
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
    effects: Vec<f64>,
    base: Option<f64>,
    candidate: Option<f64>,
}

impl<'a> Measured<'a> {
    fn new(policy: &Policy, position: usize, series: &'a crate::model::Series) -> Option<Self> {
        let Evidence::Pairs { pairs, failures, cut_short } = &series.evidence else { return None };
        let mut pairs: Vec<&Pair> = pairs.iter().collect();
        pairs.sort_by_key(|pair| pair.order);
        let value = |of: fn(&Pair) -> &Samples| {
            let medians: Vec<f64> = pairs.iter().map(|pair| median_nanos(of(pair))).collect();
            median(&medians)
        };
        Some(Self {
            position,
            key: &series.key,
            tau: tau(policy.tolerance(&series.key)),
            base: value(|pair| &pair.base),
            candidate: value(|pair| &pair.candidate),
            effects: pairs.iter().map(|pair| pair_effect(pair)).collect(),
            pairs,
            failures,
            cut_short: cut_short.as_deref(),
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
            seconds: nanos / 1e9,
            ..finding
        }
    }

    fn finding(&self, suite: &TimeSuite, index: usize, run: &Run) -> Finding {
        let state = suite.state(index);
        let mut finding = self.values(Finding::new(status(state), ""));
        let is_settled = finding.status != Status::Inconclusive;
        let visible = smallest_visible(VisibleInput {
            effects: &self.effects,
            tau: self.tau,
            pairs: if is_settled { run.plan.pair_cap } else { finding.pairs },
            family: family(run),
            alpha: SUITE_ALPHA,
            name: &self.key.bench.id(),
        });
        finding.smallest_visible = Some(Effect::share(visible.effect));
        finding.detail = self.detail(state, suite.is_slower(index), &finding, family(run));
        if visible.effect.is_finite() && visible.noise == Noise::Normal {
            finding.detail.push_str("; smallest visible effect from normal noise");
        }
        finding.warnings.extend(self.order_effect());
        finding.warnings.extend(self.forgiven_failures());
        finding
    }

    fn detail(&self, state: TimeState, is_slower: bool, finding: &Finding, family: usize) -> String {
        let pairs = plural(u64::from(finding.pairs), "pair");
        let tolerance = size(self.tau);
        let Some(effect) = finding.effect else { return pairs };
        match state {
            TimeState::Done(TimeVerdict::Regressed) => moved("slower", effect.estimate, effect.lower, &pairs),
            TimeState::Done(TimeVerdict::Improved) => moved("faster", effect.estimate, effect.upper, &pairs),
            TimeState::Done(TimeVerdict::Unchanged) => format!("within ±{tolerance} after {pairs}"),
            TimeState::Done(TimeVerdict::NotWorse) | TimeState::NotWorse => {
                format!("not slower by {tolerance} after {pairs}; whether it is faster by as much is open")
            }
            TimeState::Done(TimeVerdict::TooNoisy) => {
                let sd = Effect::share(robust_sd(&self.effects).unwrap_or(f64::INFINITY));
                format!("noise: this bench supports a tolerance of about {}", share(sd))
            }
            TimeState::Done(TimeVerdict::PairsSpent) => self.open(is_slower, &format!("{pairs} spent"), family),
            TimeState::Undecided => {
                let why = self.cut_short.map_or_else(|| format!("measuring ended after {pairs}"), Into::into);
                self.open(is_slower, &why, family)
            }
        }
    }

    fn open(&self, is_slower: bool, why: &str, family: usize) -> String {
        let needed = fewest_red_pairs(family, SUITE_ALPHA);
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
            let id = self.key.bench.id();
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
        TimeState::Done(TimeVerdict::Unchanged | TimeVerdict::NotWorse) | TimeState::NotWorse => Status::Unchanged,
        TimeState::Done(TimeVerdict::TooNoisy | TimeVerdict::PairsSpent) | TimeState::Undecided => Status::Inconclusive,
    }
}

fn moved(word: &str, estimate: f64, bound: f64, pairs: &str) -> String {
    format!("{word} by {}, by at least {} with 95 % confidence, after {pairs}", size(estimate), size(bound))
}
