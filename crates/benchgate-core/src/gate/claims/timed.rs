//! Claims about times: ratios, growth and threads by the e-processes of pairs, nanoseconds by the median of pairs.

use super::rating::rating;
use super::{Judged, Rating};
use crate::gate::finding::median_nanos;
use crate::gate::percent::plural;
use crate::gate::suite::{MISS_BETA, SUITE_ALPHA};
use crate::gate::times::tau;
use crate::gate::{Bound, Claim, ClaimKind, ClaimState, Needs, Policy};
use crate::model::{BenchKey, ClaimEvidence, Evidence, Metric, Pair, Run, Series, SeriesKey};
use crate::stats::{bounds, fewest_red_pairs, median, median_interval, pair_effect};

/// Confidence of the interval of a median of nanoseconds.
const CONFIDENCE: f64 = 0.95;

/// Pairs after which nanoseconds are known well enough to be shown.
const REPORTED_PAIRS: usize = 8;

/// Processors that other programs may take of those that a claim needs before it cannot be refuted, in processors. Where half of
/// one was gone, two threads took 1.25 times as long as they do alone.
const CROWD: f64 = 0.2;

/// Whether other programs, or the host, left a claim about threads too few of the machine's processors while its pairs were
/// taken: that slows many threads down and not a single one, so it refutes nothing.
pub fn is_crowded(claim: &Claim, cores: u32, pairs: &[Pair]) -> bool {
    let needed = f64::from(claim.kind.cores());
    let taken: f64 = pairs.iter().map(|pair| pair.conditions.others + pair.conditions.steal).sum();
    let free = f64::from(cores.max(1)) * (1.0 - taken / pairs.len().max(1) as f64);
    needed > 1.0 && free < needed - CROWD
}

/// Statements about times that can fail a run: each end of a bound is one. They share the error level.
pub fn statements(policy: &Policy) -> usize {
    let is_gating = |claim: &&Claim| matches!(claim.kind.needs(), Needs::Pairs { .. }) && !claim.kind.is_absolute();
    policy.claims.iter().filter(is_gating).map(|claim| claim.bound.ends()).sum()
}

/// Pairs below which no claim about times can be refuted.
pub fn fewest_refuting_pairs(policy: &Policy) -> u32 {
    fewest_red_pairs(statements(policy), SUITE_ALPHA)
}

/// Whether the effects of pairs, ln(over/under), say enough about a claim, so that a driver may stop measuring. `tau` is the
/// tolerance of `over` as a logarithm, `statements` that of the whole policy.
pub fn is_decided(claim: &Claim, effects: &[f64], tau: f64, statements: usize) -> bool {
    match claim.kind.is_absolute() {
        true => effects.len() >= REPORTED_PAIRS,
        false => lies_within(effects, tau, effect_bound(claim), statements).is_some(),
    }
}

/// The claim's bound as one of effects.
fn effect_bound(claim: &Claim) -> Bound {
    claim.bound.map(|value| claim.kind.effect_of(value))
}

/// Whether effects prove their median to lie within a bound or outside of it; `None` while open.
pub(super) fn lies_within(effects: &[f64], tau: f64, bound: Bound, statements: usize) -> Option<bool> {
    let proven = bounds(effects, tau, 1.0 / MISS_BETA);
    let refuted = bounds(effects, tau, statements.max(1) as f64 / SUITE_ALPHA);
    // As with series: what the first pairs proved must still be what most of them say.
    let middle = median(effects);
    let is_above = |end| refuted.lower > end && middle.is_some_and(|middle| middle > end);
    let is_below = |end| refuted.upper < end && middle.is_some_and(|middle| middle < end);
    if bound.at_most.is_some_and(is_above) || bound.at_least.is_some_and(is_below) {
        return Some(false);
    }
    let is_met =
        bound.at_most.is_none_or(|end| proven.upper <= end) && bound.at_least.is_none_or(|end| proven.lower >= end);
    is_met.then_some(true)
}

pub(super) fn judged(policy: &Policy, run: &Run, claim: &Claim, ids: [&str; 2]) -> Judged {
    let evidence = run.claims.iter().find(|evidence| evidence.name == claim.name);
    let Some(evidence) = evidence.filter(|evidence| !evidence.pairs.is_empty()) else {
        return without_pairs(run, ids, evidence);
    };
    let mut pairs: Vec<&Pair> = evidence.pairs.iter().collect();
    pairs.sort_by_key(|pair| pair.order);
    match claim.kind.is_absolute() {
        true => reported(claim, &pairs),
        false => {
            let judged = gated(policy, claim, &pairs, tau(policy.tolerance(&time_key(run, ids[0]))));
            match judged.state {
                ClaimState::Violated if is_crowded(claim, run.machine.cores, &evidence.pairs) => {
                    crowded(policy, judged)
                }
                _ => judged,
            }
        }
    }
}

fn gated(policy: &Policy, claim: &Claim, pairs: &[&Pair], tau: f64) -> Judged {
    let effects: Vec<f64> = pairs.iter().copied().map(pair_effect).collect();
    let found = bounds(&effects, tau, 1.0 / MISS_BETA);
    let interval = (claim.kind.value_of(found.lower), claim.kind.value_of(found.upper));
    let value = median(&effects).map(|effect| claim.kind.value_of(effect));
    let seen = plural(effects.len() as u64, "pair");
    let judged = match lies_within(&effects, tau, effect_bound(claim), statements(policy)) {
        Some(true) => Judged::shown(true, value, rating(claim, interval), format!("proven by {seen}")),
        Some(false) => Judged::shown(false, value, Rating::Optimize, format!("refuted by {seen}")),
        None => Judged { value, ..Judged::undecided(policy, format!("open after {seen}")) },
    };
    Judged { interval: Some(interval), ..judged }
}

/// What would be a violation, had its threads had the machine.
fn crowded(policy: &Policy, judged: Judged) -> Judged {
    let Judged { value, interval, detail, .. } = judged;
    let detail = format!("{detail}, but other programs used the processors that its threads need");
    Judged { value, interval, ..Judged::undecided(policy, detail) }
}

/// Nanoseconds are those of this machine, so they are shown and rated, and fail nothing.
fn reported(claim: &Claim, pairs: &[&Pair]) -> Judged {
    let nanos: Vec<f64> = pairs.iter().map(|pair| nanoseconds(claim, pair)).collect();
    let value = median(&nanos);
    let interval = median_interval(&nanos, CONFIDENCE);
    let rating = interval.map_or(Rating::Unknown, |interval| rating(claim, interval));
    let detail = format!("median of {}; nanoseconds never gate", plural(nanos.len() as u64, "pair"));
    Judged { value, interval, rating, ..Judged::unmeasured(ClaimState::Reported, detail) }
}

/// What a pair says of a claim about nanoseconds.
fn nanoseconds(claim: &Claim, pair: &Pair) -> f64 {
    let (over, under) = (median_nanos(&pair.candidate), median_nanos(&pair.base));
    // A ceiling is a pair of one benchmark with itself.
    let is_difference = matches!(claim.kind, ClaimKind::Difference { .. });
    if is_difference { over - under } else { f64::midpoint(over, under) }
}

/// Missing evidence fails, whatever became of the code. Only where none was looked for is it no matter of this run: its benches
/// are not part of it, or their code is what it was.
fn without_pairs(run: &Run, ids: [&str; 2], evidence: Option<&ClaimEvidence>) -> Judged {
    let not_run = |why: Option<&str>| Judged::not_run(why.unwrap_or("no pair was measured"));
    if let Some(evidence) = evidence {
        return not_run(evidence.note.as_deref());
    }
    let found = ids.map(|id| time_series(run, id));
    if found.iter().any(Vec::is_empty) {
        return Judged::unmeasured(ClaimState::NotSelected, "its benchmarks are not part of this run");
    }
    let is_identical = |series: &&Series| matches!(series.evidence, Evidence::Identical { .. });
    if found.iter().flatten().all(is_identical) {
        return Judged::unmeasured(ClaimState::NotSelected, "identical code: not measured in this run");
    }
    not_run(None)
}

fn time_series<'a>(run: &'a Run, id: &str) -> Vec<&'a Series> {
    run.series.iter().filter(|series| series.key.metric == Metric::Time && series.key.bench.id() == id).collect()
}

/// The key of a benchmark's times, for its tolerance; tolerances go by id, so that one made up from the id serves as well.
fn time_key(run: &Run, id: &str) -> SeriesKey {
    let unknown =
        || BenchKey { package: String::new(), target: String::new(), group: id.into(), function: None, value: None };
    let bench = time_series(run, id).first().map_or_else(unknown, |series| series.key.bench.clone());
    SeriesKey { bench, metric: Metric::Time }
}
