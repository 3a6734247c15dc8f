//! Claims: performance statements about the candidate, proven, refuted or open.
//!
//! A ratio of times is a series of its own: pairs of the two benches of the candidate, bounded by the same e-processes. It holds once
//! the upper bound at 1/beta is within the target, and is violated once the lower bound at the error level shared by all such claims
//! is beyond it; so a run of equal code does not turn red because one of many claims was measured on a bad day.

use super::percent::plural;
use super::suite::{MISS_BETA, SUITE_ALPHA};
use super::times::tau;
use super::{Action, Claim, ClaimKind, ClaimRow, ExitCode, Policy, Rating, Status};
use crate::model::{BenchKey, ClaimEvidence, CountReading, Evidence, Metric, Run, Series, SeriesKey, Side};
use crate::stats::{bounds, median, pair_effect};

/// A claim that is met with 20 % to spare is excellent.
const TO_SPARE: f64 = 0.8;

/// Room for rounding in a ratio of counts, as a share.
const ROUNDING: f64 = 1e-12;

/// What is found of one claim.
struct Judged {
    holds: Option<bool>,
    value: Option<f64>,
    interval: Option<(f64, f64)>,
    rating: Rating,
    detail: String,
    exit: Option<ExitCode>,
}

impl Judged {
    fn open(detail: impl Into<String>, exit: Option<ExitCode>) -> Self {
        Self { holds: None, value: None, interval: None, rating: Rating::Unknown, detail: detail.into(), exit }
    }

    /// Open because a measurement was not good enough: the policy for `inconclusive` decides.
    fn inconclusive(policy: &Policy, detail: impl Into<String>) -> Self {
        let fails = policy.action(Status::Inconclusive) == Action::Fail;
        Self::open(detail, fails.then_some(ExitCode::Inconclusive))
    }
}

/// A row for each claim of the policy, in its order, and what each does to the run.
pub(super) fn rows(policy: &Policy, run: &Run) -> Vec<(ClaimRow, Option<ExitCode>)> {
    let row = |claim: &Claim| {
        let judged = match &claim.kind {
            ClaimKind::Ratio { metric: Metric::Time, numerator, denominator, at_most } => {
                time_ratio(policy, run, &claim.name, [numerator, denominator], *at_most)
            }
            ClaimKind::Ratio { metric, numerator, denominator, at_most } => {
                count_ratio(policy, run, *metric, [numerator, denominator], *at_most)
            }
            ClaimKind::Count { metric, id, equals } => exact_count(policy, run, *metric, id, *equals),
        };
        let (metric, target, statement) = stated(&claim.kind);
        let row = ClaimRow {
            name: claim.name.clone(),
            statement,
            metric,
            holds: judged.holds,
            value: judged.value,
            interval: judged.interval,
            target,
            rating: judged.rating,
            detail: judged.detail,
            source: claim.source.clone(),
        };
        (row, judged.exit)
    };
    policy.claims.iter().map(row).collect()
}

/// Whether `effects` of pairs, ln(numerator/denominator), prove a ratio of times to be at most `at_most` or above it; `None` while
/// open. `tau` is the numerator's tolerance as a logarithm, `claims` the number of such claims in the policy. A driver may stop
/// measuring as soon as there is an answer.
pub fn ratio_holds(effects: &[f64], tau: f64, at_most: f64, claims: usize) -> Option<bool> {
    let limit = at_most.ln();
    if bounds(effects, tau, 1.0 / MISS_BETA).upper <= limit {
        Some(true)
    } else if bounds(effects, tau, claims.max(1) as f64 / SUITE_ALPHA).lower > limit {
        Some(false)
    } else {
        None
    }
}

fn stated(kind: &ClaimKind) -> (Metric, f64, String) {
    match kind {
        ClaimKind::Ratio { metric, numerator, denominator, at_most } => {
            (*metric, *at_most, format!("{metric} of {numerator} / {metric} of {denominator} <= {at_most}"))
        }
        ClaimKind::Count { metric, id, equals } => (*metric, *equals, format!("{metric} of {id} = {equals}")),
    }
}

fn time_ratio(policy: &Policy, run: &Run, name: &str, ids: [&String; 2], at_most: f64) -> Judged {
    let evidence = run.claims.iter().find(|evidence| evidence.name == name);
    let Some(evidence) = evidence.filter(|evidence| !evidence.pairs.is_empty()) else {
        return without_pairs(run, ids, evidence);
    };
    let mut pairs: Vec<_> = evidence.pairs.iter().collect();
    pairs.sort_by_key(|pair| pair.order);
    let effects: Vec<f64> = pairs.into_iter().map(pair_effect).collect();
    let claims =
        policy.claims.iter().filter(|c| matches!(c.kind, ClaimKind::Ratio { metric: Metric::Time, .. })).count();
    let tau = tau(policy.tolerance(&time_key(run, ids[0])));
    let interval = bounds(&effects, tau, 1.0 / MISS_BETA);
    let (lower, upper) = (interval.lower.exp(), interval.upper.exp());
    let holds = ratio_holds(&effects, tau, at_most, claims);
    let seen = plural(effects.len() as u64, "pair");
    let note = evidence.note.as_ref().map(|note| format!("; {note}")).unwrap_or_default();
    let (rating, detail) = match holds {
        Some(true) if upper <= TO_SPARE * at_most => (Rating::Excellent, format!("proven by {seen}")),
        Some(true) => (Rating::Good, format!("proven by {seen}")),
        Some(false) => (Rating::Optimize, format!("refuted by {seen}")),
        None => (Rating::Unknown, format!("open after {seen}")),
    };
    let exit = match holds {
        Some(true) => None,
        Some(false) => Some(ExitCode::Regression),
        None => Judged::inconclusive(policy, "").exit,
    };
    let value = median(&effects).map(f64::exp);
    Judged { holds, value, interval: Some((lower, upper)), rating, detail: detail + &note, exit }
}

/// Missing evidence fails, unless the benches are not part of this run or their code is what it was.
fn without_pairs(run: &Run, ids: [&String; 2], evidence: Option<&ClaimEvidence>) -> Judged {
    let found = ids.map(|id| time_series(run, id));
    if found.iter().any(Vec::is_empty) {
        return Judged::open("its benchmarks are not part of this run", None);
    }
    let is_identical = |series: &&Series| matches!(series.evidence, Evidence::Identical { .. });
    let note = evidence.and_then(|evidence| evidence.note.clone());
    if found.iter().flatten().all(is_identical) {
        return Judged::open(note.unwrap_or_else(|| "identical code: not measured in this run".into()), None);
    }
    Judged::open(note.unwrap_or_else(|| "not run: no pair was measured".into()), Some(ExitCode::Incomplete))
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

fn count_ratio(policy: &Policy, run: &Run, metric: Metric, ids: [&String; 2], at_most: f64) -> Judged {
    let (numerator, denominator) = match ids.map(|id| candidate_count(run, metric, id)) {
        [Ok(numerator), Ok(denominator)] => (numerator, denominator),
        [Err(judged), _] | [_, Err(judged)] => return judged,
    };
    let value = (numerator.value != denominator.value || denominator.value != 0.0)
        .then_some(numerator.value / denominator.value)
        .filter(|value| !value.is_nan());
    if !numerator.is_exact || !denominator.is_exact {
        return Judged { value, ..Judged::inconclusive(policy, "a count does not repeat itself") };
    }
    // Multiplied out, so that nothing against nothing holds.
    let is_within = |limit: f64| numerator.value <= limit * denominator.value * (1.0 + ROUNDING);
    let rating = match (is_within(at_most), is_within(TO_SPARE * at_most)) {
        (true, true) => Rating::Excellent,
        (true, false) => Rating::Good,
        (false, _) => Rating::Optimize,
    };
    counted(is_within(at_most), value, rating, format!("{} against {}", numerator.value, denominator.value))
}

fn exact_count(policy: &Policy, run: &Run, metric: Metric, id: &str, equals: f64) -> Judged {
    let count = match candidate_count(run, metric, id) {
        Ok(count) => count,
        Err(judged) => return judged,
    };
    if !count.is_exact {
        return Judged { value: Some(count.value), ..Judged::inconclusive(policy, "the count does not repeat itself") };
    }
    let holds = count.value == equals;
    let rating = if holds { Rating::Excellent } else { Rating::Optimize };
    counted(holds, Some(count.value), rating, format!("counted {}", count.value))
}

fn counted(holds: bool, value: Option<f64>, rating: Rating, detail: String) -> Judged {
    let exit = (!holds).then_some(ExitCode::Regression);
    Judged { holds: Some(holds), value, interval: None, rating, detail, exit }
}

/// The candidate's count of a benchmark in this run, or what its absence means.
fn candidate_count(run: &Run, metric: Metric, id: &str) -> Result<CountReading, Judged> {
    let found: Vec<&Series> =
        run.series.iter().filter(|series| series.key.metric == metric && series.key.bench.id() == id).collect();
    let missing = |why: String| Err(Judged::open(format!("not run: {why}"), Some(ExitCode::Incomplete)));
    let series = match found[..] {
        [] => return Err(Judged::open(format!("`{id}` is not part of this run"), None)),
        [series] => series,
        [_, _, ..] => return missing(format!("`{id}` names {} benchmarks", found.len())),
    };
    match &series.evidence {
        Evidence::Counts { candidate, .. } | Evidence::MissingBaseline { candidate, .. } => Ok(*candidate),
        Evidence::OnlyOn { side: Side::Candidate, value: Some(value) } => {
            Ok(CountReading { value: *value, is_exact: value.fract() == 0.0 })
        }
        Evidence::Identical { .. } => Err(Judged::open("identical code: not counted in this run", None)),
        Evidence::OnlyOn { side: Side::Candidate, value: None } => missing(format!("`{id}` was not counted")),
        Evidence::OnlyOn { side: Side::Base, .. } => missing(format!("`{id}` is gone")),
        Evidence::Failed(failure) => missing(format!("`{id}` failed: {}", failure.message)),
        Evidence::NotRun { reason }
        | Evidence::Incomparable { reason }
        | Evidence::NotCounted { reason }
        | Evidence::Advisory { reason, .. } => missing(format!("`{id}`: {reason}")),
        Evidence::Pairs { .. } => missing(format!("`{id}` has times where a count was expected")),
    }
}
