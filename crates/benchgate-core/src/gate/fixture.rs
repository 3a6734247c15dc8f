//! Runs for the tests of this module, built series by series.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Bound, Claim, ClaimKind, Expect, Outcome, PAIR_CAP, Policy, Row, Status, judge};
use crate::model::{
    Base, BenchKey, ClaimEvidence, Conditions, CountReading, Evidence, Failure, FailureKind, Invocation, Machine,
    Metric, Pair, Paired, Plan, Revision, Run, Sample, Samples, Series, SeriesKey, Side, Toolchain,
};

/// A run without series.
pub(super) fn run() -> Run {
    Run {
        started: "2026-01-01T00:00:00Z".into(),
        seconds: 60.0,
        measured_seconds: 30.0,
        invocation: Invocation { program: "cargo xtask".into(), ..Invocation::default() },
        workspace: "fake".into(),
        base: Base::Git {
            revision: Revision { commit: "1a2b3c".into(), ..Revision::default() },
            reason: "merge base".into(),
        },
        commits: Some(3),
        has_nothing_to_compare: false,
        candidate: Revision::default(),
        machine: Machine::default(),
        toolchain: Toolchain::default(),
        seed: 1,
        plan: Plan {
            budget_seconds: Duration::from_secs(60).as_secs_f64(),
            pair_cap: PAIR_CAP,
            is_quick: false,
            tiers: vec!["core".into()],
            filters: vec![],
            schedule: "lockstep".into(),
            confirms_by_linking: false,
            supported: BTreeMap::new(),
        },
        series: vec![],
        claims: vec![],
        acceptances: vec![],
        policy_changes: vec![],
        build_changes: vec![],
        left_out: vec![],
        differences: BTreeMap::new(),
        foreign: vec![],
        profiles: Vec::new(),
        is_interrupted: false,
        notes: vec![],
    }
}

/// A run with one series for each id and evidence; counts for evidence that counts, else times.
pub(super) fn run_of(series: impl IntoIterator<Item = (&'static str, Metric, Evidence)>) -> Run {
    let series = series.into_iter().map(|(id, metric, evidence)| Series {
        key: SeriesKey { bench: bench(id), metric },
        throughput: None,
        evidence,
    });
    Run { series: series.collect(), ..run() }
}

pub(super) fn bench(id: &str) -> BenchKey {
    BenchKey { package: "p".into(), target: "t".into(), group: id.into(), function: None, value: None }
}

/// Pairs with these effects around 1 µs an iteration, 25 samples of 100 iterations each, sides taking turns to be first.
pub(super) fn pairs(effects: impl IntoIterator<Item = f64>) -> Vec<Pair> {
    let samples = |nanos: f64| Samples::new(vec![Sample { iterations: 100.0, nanos: 100.0 * nanos }; 25]).unwrap();
    let pair = |(order, effect): (usize, f64)| Pair {
        order: order as u64,
        first: Side::BOTH[order % 2],
        base: samples(1000.0),
        candidate: samples(1000.0 * effect.exp()),
        conditions: Conditions::default(),
    };
    effects.into_iter().enumerate().map(pair).collect()
}

pub(super) fn timed(effects: impl IntoIterator<Item = f64>) -> Evidence {
    Evidence::Pairs(Paired { pairs: pairs(effects), ..Paired::default() })
}

pub(super) fn exact(value: f64) -> CountReading {
    CountReading { value, is_exact: true }
}

pub(super) fn counts(base: f64, candidate: f64) -> Evidence {
    Evidence::Counts { base: exact(base), candidate: exact(candidate) }
}

pub(super) fn failure(kind: FailureKind) -> Failure {
    Failure { side: Side::Candidate, kind, message: "thread main panicked".into() }
}

pub(super) fn claim_evidence(name: &str, effects: impl IntoIterator<Item = f64>) -> ClaimEvidence {
    ClaimEvidence { name: name.into(), pairs: pairs(effects), counts: vec![], note: None }
}

/// A claim `c` of nothing but its statement.
pub(super) fn claim(kind: ClaimKind, bound: Bound) -> Claim {
    let (target, tier, stated, note, source) = (None, None, None, None, None);
    Claim { name: "c".into(), kind, bound, expect: Expect::Holds, target, tier, stated, note, source }
}

/// The only row of a run of one series under the default policy.
#[track_caller]
pub(super) fn only_row(metric: Metric, evidence: Evidence) -> Row {
    let Outcome { mut rows, .. } = judge(&Policy::default(), &run_of([("a/b", metric, evidence)]));
    assert_eq!(rows.len(), 1);
    rows.remove(0)
}

/// Holds the status and a part of the detail of a run of one time series against expected ones.
#[track_caller]
pub(super) fn check_time(evidence: Evidence, status: Status, detail: &str) {
    let row = only_row(Metric::Time, evidence);
    assert!(row.status == status && row.detail.contains(detail), "{} {}", row.status, row.detail);
}
