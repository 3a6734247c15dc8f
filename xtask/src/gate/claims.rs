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

/// A row for each claim of the policy, and what each does to the run: violated ones first, then open ones, else in its order.
pub(super) fn rows(policy: &Policy, run: &Run) -> Vec<(ClaimRow, Option<ExitCode>)> {
    let row = |claim: &Claim| {
        let judged = match &claim.kind {
            ClaimKind::Ratio { metric: Metric::Time, numerator, denominator, at_most } => {
                time_ratio(policy, run, &claim.name, [numerator, denominator], *at_most)
            }
            ClaimKind::Ratio { metric, numerator, denominator, at_most } => {
                count_ratio(policy, claimed_counts(run, &claim.name, *metric, [numerator, denominator]), *at_most)
            }
            ClaimKind::Count { metric, id, equals } => {
                exact_count(policy, claimed_counts(run, &claim.name, *metric, [id]), *equals)
            }
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
    let mut rows: Vec<_> = policy.claims.iter().map(row).collect();
    rows.sort_by_key(|(row, _)| match row.holds {
        Some(false) => 0,
        None => 1,
        Some(true) => 2,
    });
    rows
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
    if evidence.is_none() && found.iter().any(Vec::is_empty) {
        return Judged::open("its benchmarks are not part of this run", None);
    }
    let is_identical = |series: &&Series| matches!(series.evidence, Evidence::Identical { .. });
    let note = evidence.and_then(|evidence| evidence.note.clone());
    if found.iter().all(|series| !series.is_empty() && series.iter().all(is_identical)) {
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

fn count_ratio(policy: &Policy, counts: Result<[CountReading; 2], Judged>, at_most: f64) -> Judged {
    let [numerator, denominator] = match counts {
        Ok(counts) => counts,
        Err(judged) => return judged,
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

fn exact_count(policy: &Policy, counts: Result<[CountReading; 1], Judged>, equals: f64) -> Judged {
    let [count] = match counts {
        Ok(counts) => counts,
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

/// The candidate's counts that a claim is about: those kept with its evidence, else those of the run's series; or what their
/// absence means.
fn claimed_counts<const N: usize>(
    run: &Run,
    name: &str,
    metric: Metric,
    ids: [&String; N],
) -> Result<[CountReading; N], Judged> {
    let evidence = run.claims.iter().find(|evidence| evidence.name == name);
    if let Some(counts) = evidence.and_then(|evidence| evidence.counts.as_slice().try_into().ok()) {
        return Ok(counts);
    }
    let mut counts = Vec::with_capacity(N);
    for id in ids {
        counts.push(series_count(run, metric, id, evidence)?);
    }
    Ok(counts.try_into().expect("one count for each id"))
}

fn series_count(run: &Run, metric: Metric, id: &str, evidence: Option<&ClaimEvidence>) -> Result<CountReading, Judged> {
    let found: Vec<&Series> =
        run.series.iter().filter(|series| series.key.metric == metric && series.key.bench.id() == id).collect();
    let missing = |why: String| Err(Judged::open(format!("not run: {why}"), Some(ExitCode::Incomplete)));
    let series = match (&found[..], evidence) {
        ([], None) => return Err(Judged::open(format!("`{id}` is not part of this run"), None)),
        ([], Some(evidence)) => {
            return missing(evidence.note.clone().unwrap_or_else(|| format!("`{id}` was not counted")));
        }
        ([series], _) => *series,
        ([_, _, ..], _) => return missing(format!("`{id}` names {} benchmarks", found.len())),
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
        Evidence::Pairs(_) => missing(format!("`{id}` has times where a count was expected")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::fixture::{claim_evidence, counts, exact, run_of, timed};
    use crate::gate::judge;

    fn ratio(metric: Metric, at_most: f64) -> Policy {
        let kind = ClaimKind::Ratio { metric, numerator: "fast".into(), denominator: "slow".into(), at_most };
        Policy { claims: vec![Claim { name: "c".into(), kind, source: None }], ..Policy::default() }
    }

    fn count(equals: f64) -> Policy {
        let kind = ClaimKind::Count { metric: Metric::Allocations, id: "fast".into(), equals };
        Policy { claims: vec![Claim { name: "c".into(), kind, source: None }], ..Policy::default() }
    }

    #[track_caller]
    fn check(policy: &Policy, run: &Run, holds: Option<bool>, rating: Rating, exit: Option<ExitCode>, detail: &str) {
        let (row, got) = rows(policy, run).remove(0);
        assert_eq!((row.holds, row.rating, got), (holds, rating, exit), "{}", row.detail);
        assert!(row.detail.contains(detail), "{}", row.detail);
    }

    fn run_with(ratio: f64, n: usize) -> Run {
        let run = run_of([("fast", Metric::Time, timed([0.0; 6])), ("slow", Metric::Time, timed([0.0; 6]))]);
        Run { claims: vec![claim_evidence("c", vec![f64::ln(ratio); n])], ..run }
    }

    #[test]
    fn a_ratio_of_times_is_proven_refuted_or_open() {
        let policy = ratio(Metric::Time, 0.5);
        check(&policy, &run_with(0.3, 6), Some(true), Rating::Excellent, None, "proven by 6 pairs");
        check(&policy, &run_with(0.45, 6), Some(true), Rating::Good, None, "proven by 6 pairs");
        check(
            &policy,
            &run_with(0.6, 8),
            Some(false),
            Rating::Optimize,
            Some(ExitCode::Regression),
            "refuted by 8 pairs",
        );
        check(&policy, &run_with(0.5, 64), None, Rating::Unknown, None, "open after 64 pairs");
        check(&policy, &run_with(0.3, 4), None, Rating::Unknown, None, "open after 4 pairs");
        // At 1/beta alone six pairs would have refuted it; the shared error level wants seven.
        check(&policy, &run_with(0.6, 6), None, Rating::Unknown, None, "open after 6 pairs");
    }

    #[test]
    fn its_row_shows_ratio_and_interval() {
        let (row, _) = rows(&ratio(Metric::Time, 0.5), &run_with(0.3, 8)).remove(0);
        let (lower, upper) = row.interval.unwrap();
        assert!((row.value.unwrap() - 0.3).abs() < 1e-9 && lower < 0.3 && upper > 0.3 && upper < 0.31);
        assert_eq!((row.target, &*row.statement), (0.5, "time of fast / time of slow <= 0.5"));
    }

    #[test]
    fn missing_evidence_fails_unless_nothing_can_have_changed() {
        let policy = ratio(Metric::Time, 0.5);
        let missing = Run { claims: vec![], ..run_with(0.3, 0) };
        check(&policy, &missing, None, Rating::Unknown, Some(ExitCode::Incomplete), "not run");
        check(&policy, &run_with(0.3, 0), None, Rating::Unknown, Some(ExitCode::Incomplete), "not run");
        let identical = || Evidence::Identical { detail: "same bytes".into() };
        let same = run_of([("fast", Metric::Time, identical()), ("slow", Metric::Time, identical())]);
        check(&policy, &same, None, Rating::Unknown, None, "identical code");
        let filtered = run_of([("slow", Metric::Time, identical())]);
        check(&policy, &filtered, None, Rating::Unknown, None, "not part of this run");
    }

    #[test]
    fn an_open_claim_fails_where_inconclusive_does() {
        let mut policy = ratio(Metric::Time, 0.5);
        policy.actions.insert(Status::Inconclusive, Action::Fail);
        check(&policy, &run_with(0.5, 64), None, Rating::Unknown, Some(ExitCode::Inconclusive), "open");
    }

    #[test]
    fn a_ratio_of_counts_is_exact() {
        let run = |fast, slow| {
            run_of([("fast", Metric::Allocations, counts(1.0, fast)), ("slow", Metric::Allocations, counts(9.0, slow))])
        };
        let policy = ratio(Metric::Allocations, 0.5);
        check(&policy, &run(4.0, 10.0), Some(true), Rating::Excellent, None, "4 against 10");
        check(&policy, &run(5.0, 10.0), Some(true), Rating::Good, None, "5 against 10");
        check(&policy, &run(6.0, 10.0), Some(false), Rating::Optimize, Some(ExitCode::Regression), "6 against 10");
        check(&policy, &run(0.0, 0.0), Some(true), Rating::Excellent, None, "0 against 0");
        check(&policy, &run(1.0, 0.0), Some(false), Rating::Optimize, Some(ExitCode::Regression), "1 against 0");
    }

    #[test]
    fn an_exact_count_holds_or_does_not() {
        let run = |evidence| run_of([("fast", Metric::Allocations, evidence)]);
        let wobbling = Evidence::Counts { base: exact(2.0), candidate: CountReading { value: 2.0, is_exact: false } };
        let unsaved = Evidence::MissingBaseline { candidate: exact(2.0), reason: "no file".into() };
        let new = Evidence::OnlyOn { side: Side::Candidate, value: Some(2.0) };
        let gone = Evidence::OnlyOn { side: Side::Base, value: Some(2.0) };
        let incomplete = Some(ExitCode::Incomplete);
        check(&count(2.0), &run(counts(3.0, 2.0)), Some(true), Rating::Excellent, None, "counted 2");
        check(
            &count(2.0),
            &run(counts(2.0, 3.0)),
            Some(false),
            Rating::Optimize,
            Some(ExitCode::Regression),
            "counted 3",
        );
        check(&count(2.0), &run(wobbling), None, Rating::Unknown, None, "does not repeat itself");
        check(&count(2.0), &run(unsaved), Some(true), Rating::Excellent, None, "counted 2");
        check(&count(2.0), &run(new), Some(true), Rating::Excellent, None, "counted 2");
        check(&count(2.0), &run(gone), None, Rating::Unknown, incomplete, "`fast` is gone");
        check(&count(2.0), &run_of([]), None, Rating::Unknown, None, "not part of this run");
        let kept = |counts, note: Option<&str>| ClaimEvidence {
            counts,
            note: note.map(Into::into),
            ..claim_evidence("c", [])
        };
        let same = || run(Evidence::Identical { detail: "same bytes".into() });
        check(&count(2.0), &same(), None, Rating::Unknown, None, "identical code");
        let counted = Run { claims: vec![kept(vec![exact(2.0)], None)], ..same() };
        check(&count(2.0), &counted, Some(true), Rating::Excellent, None, "counted 2");
        let uncounted = Run { claims: vec![kept(vec![], Some("its bench hangs"))], ..run_of([]) };
        check(&count(2.0), &uncounted, None, Rating::Unknown, incomplete, "not run: its bench hangs");
    }

    #[test]
    fn a_violated_claim_turns_a_green_run_red() {
        let outcome = judge(&ratio(Metric::Time, 0.5), &run_with(0.6, 12));
        assert_eq!(outcome.exits, [ExitCode::Regression]);
        assert_eq!(outcome.headline, "2 series: 2 unchanged; claim `c` is violated");
    }

    /// A/A at the boundary: of 200 claims with a true ratio equal to the target about 1 % at most are refuted (nine or more have a
    /// chance below 0.1 %), though a driver looks at them five times. A/B: 10 % beyond is refuted.
    #[test]
    fn claims_at_the_boundary_are_hardly_ever_refuted() {
        use crate::stats::noise::{generator, normal};
        let mut rng = generator("claims");
        let mut refuted = |effect: f64| {
            let is_refuted = |_: &u32| {
                let effects: Vec<f64> = (0..24).map(|_| effect + 0.01 * normal(&mut rng)).collect();
                [8, 12, 16, 20, 24].iter().any(|&n| ratio_holds(&effects[..n], 0.02, 1.0, 1) == Some(false))
            };
            (0..200).filter(is_refuted).count()
        };
        assert!(refuted(0.0) <= 8);
        assert!(refuted(0.1) >= 198);
    }
}
