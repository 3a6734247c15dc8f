//! Claims about counts and counters: exact, so that one reading decides.

use super::Judged;
use super::rating::{is_within, rating};
use crate::gate::{Claim, ClaimKind, ClaimState, Policy, Rating};
use crate::model::{ClaimEvidence, CountReading, Evidence, Metric, Run, Series, Side};

/// What is said where a bench does not count the same each time.
const UNSTEADY: &str = "a count does not repeat itself";

pub(super) fn judged(policy: &Policy, run: &Run, claim: &Claim, metric: Metric, ids: &[&str]) -> Judged {
    let counts = match counts(run, &claim.name, metric, ids) {
        Ok(counts) => counts,
        Err(judged) => return judged,
    };
    let values: Vec<f64> = counts.iter().map(|count| count.value).collect();
    let against: Vec<String> = values.iter().map(f64::to_string).collect();
    let value = match (&claim.kind, &values[..]) {
        (ClaimKind::Ratio { .. }, [numerator, denominator]) => numerator / denominator,
        (ClaimKind::Difference { .. }, [minuend, subtrahend]) => minuend - subtrahend,
        (ClaimKind::Growth { points, .. }, counts) => {
            let sizes: Vec<f64> = points.iter().map(|point| point.size).collect();
            slope(&sizes, counts)
        }
        (_, [count, ..]) => *count,
        (_, []) => f64::NAN,
    };
    if !counts.iter().all(|count| count.is_exact) {
        let value = Some(value).filter(|value| !value.is_nan());
        return Judged { value, ..Judged::undecided(policy, UNSTEADY) };
    }
    let detail = if against.len() > 1 { against.join(" against ") } else { format!("counted {}", against.join("")) };
    let is_ratio = matches!(claim.kind, ClaimKind::Ratio { .. });
    if is_ratio && values.iter().all(|&value| value == 0.0) {
        // Nothing against nothing is within any ratio.
        return Judged::shown(true, None, Rating::Excellent, detail);
    }
    exact(policy, claim, value, detail)
}

pub(super) fn counter(policy: &Policy, run: &Run, claim: &Claim, id: &str, counter: &str) -> Judged {
    let evidence = run.claims.iter().find(|evidence| evidence.name == claim.name);
    let Some(evidence) = evidence else {
        let is_there = run.series.iter().any(|series| series.key.bench.id() == id);
        return match is_there {
            true => Judged::not_run(format_args!("`{id}` was not counted")),
            false => Judged::unmeasured(ClaimState::NotSelected, format!("`{id}` is not part of this run")),
        };
    };
    match &evidence.counts[..] {
        [CountReading { value, is_exact: true }] => exact(policy, claim, *value, format!("{counter} is {value}")),
        [CountReading { value, is_exact: false }] => {
            Judged { value: Some(*value), ..Judged::undecided(policy, UNSTEADY) }
        }
        [] | [_, _, ..] => Judged::not_run(evidence.note.as_deref().unwrap_or("the counter was not read")),
    }
}

fn exact(policy: &Policy, claim: &Claim, value: f64, detail: String) -> Judged {
    if value.is_nan() {
        return Judged::undecided(policy, format!("{detail}: that is no number"));
    }
    let holds = is_within(claim.bound, value);
    Judged::shown(holds, Some(value), rating(claim, (value, value)), detail)
}

/// Slope of ln(count) over ln(size) by least squares. Counts that are all zero do not grow; from zero to anything the slope is
/// infinite; a zero in between, or a count below zero, has no slope.
fn slope(sizes: &[f64], counts: &[f64]) -> f64 {
    if counts.iter().all(|&count| count == 0.0) {
        return 0.0;
    }
    let (first, last) = (counts.first().copied().unwrap_or(0.0), counts.last().copied().unwrap_or(0.0));
    if (first == 0.0) != (last == 0.0) {
        return if last > first { f64::INFINITY } else { f64::NEG_INFINITY };
    }
    let xs: Vec<f64> = sizes.iter().map(|size| size.ln()).collect();
    let ys: Vec<f64> = counts.iter().map(|count| count.ln()).collect();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (x, y) = (mean(&xs), mean(&ys));
    let covariance: f64 = xs.iter().zip(&ys).map(|(a, b)| (a - x) * (b - y)).sum();
    let variance: f64 = xs.iter().map(|a| (a - x) * (a - x)).sum();
    let slope = covariance / variance;
    if slope.is_finite() { slope } else { f64::NAN }
}

/// The candidate's counts that a claim is about: those kept with its evidence, else those of the run's series; or what their
/// absence means.
fn counts(run: &Run, name: &str, metric: Metric, ids: &[&str]) -> Result<Vec<CountReading>, Judged> {
    let evidence = run.claims.iter().find(|evidence| evidence.name == name);
    if let Some(evidence) = evidence.filter(|evidence| evidence.counts.len() == ids.len()) {
        return Ok(evidence.counts.clone());
    }
    ids.iter().map(|id| series_count(run, metric, id, evidence)).collect()
}

fn series_count(run: &Run, metric: Metric, id: &str, evidence: Option<&ClaimEvidence>) -> Result<CountReading, Judged> {
    let found: Vec<&Series> =
        run.series.iter().filter(|series| series.key.metric == metric && series.key.bench.id() == id).collect();
    let missing = |why: String| Err(Judged::not_run(why));
    // What was looked for and not found is missing, whatever became of the code; what was not is no matter of this run.
    let absent = |why: String| match evidence {
        Some(evidence) => missing(evidence.note.clone().unwrap_or_else(|| format!("`{id}` was not counted"))),
        None => Err(Judged::unmeasured(ClaimState::NotSelected, why)),
    };
    let series = match &found[..] {
        [] => return absent(format!("`{id}` is not part of this run")),
        [series] => *series,
        [_, _, ..] => return missing(format!("`{id}` names {} benchmarks", found.len())),
    };
    match &series.evidence {
        Evidence::Counts { candidate, .. } | Evidence::MissingBaseline { candidate, .. } => Ok(*candidate),
        Evidence::OnlyOn { side: Side::Candidate, value: Some(value) } => {
            Ok(CountReading { value: *value, is_exact: value.fract() == 0.0 })
        }
        Evidence::Identical { .. } => absent("identical code: not counted in this run".into()),
        Evidence::OnlyOn { side: Side::Candidate, value: None } => missing(format!("`{id}` was not counted")),
        Evidence::OnlyOn { side: Side::Base, .. } => missing(format!("`{id}` is gone")),
        Evidence::Failed(failure) => missing(format!("`{id}` failed: {}", failure.message)),
        Evidence::NotRun { reason }
        | Evidence::Incomparable { reason }
        | Evidence::NotCounted { reason }
        | Evidence::NotBuilt { reason }
        | Evidence::Advisory { reason, .. } => missing(format!("`{id}`: {reason}")),
        Evidence::Pairs(_) | Evidence::Recorded(_) => missing(format!("`{id}` has times where a count was expected")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn slope_is_the_exponent_of_a_power() {
        #[track_caller]
        fn check(counts: &[f64], expected: f64) {
            let sizes: Vec<f64> = (0..counts.len()).map(|i| 10.0_f64.powi(i as i32)).collect();
            let got = slope(&sizes, counts);
            assert!((got - expected).abs() < 1e-12 || got == expected, "{counts:?}: {got}");
        }
        check(&[7.0, 7.0, 7.0], 0.0);
        check(&[3.0, 30.0, 300.0], 1.0);
        check(&[1.0, 100.0, 10_000.0], 2.0);
        check(&[100.0, 10.0], -1.0);
        // Middle point a decade too high: the ends decide, since it stands in the middle.
        check(&[1.0, 100.0, 100.0], 1.0);
        check(&[0.0, 0.0], 0.0);
        check(&[0.0, 5.0], f64::INFINITY);
        check(&[5.0, 0.0], f64::NEG_INFINITY);
        assert!(slope(&[1.0, 10.0, 100.0], &[1.0, 0.0, 9.0]).is_nan());
        assert!(slope(&[1.0, 10.0], &[-1.0, 9.0]).is_nan());
    }

    proptest! {
        #[test]
        fn units_of_size_and_count_do_not_matter(
            counts in prop::collection::vec(1.0..1e6f64, 2..8),
            unit in 1e-3..1e3f64,
        ) {
            let sizes: Vec<f64> = (1..=counts.len()).map(|i| (i * i) as f64).collect();
            let scaled = |values: &[f64]| values.iter().map(|value| value * unit).collect::<Vec<_>>();
            let expected = slope(&sizes, &counts);
            prop_assert!((slope(&scaled(&sizes), &counts) - expected).abs() < 1e-6);
            prop_assert!((slope(&sizes, &scaled(&counts)) - expected).abs() < 1e-6);
        }
    }
}
