//! From the whole evidence of a run and a policy to the whole decision. Each series of the run gets exactly one row.

use super::finding::Finding;
use super::{Action, Census, ExitCode, Outcome, Policy, Row, Status};
use super::{claims, counts, headline, reproduce, throughput, times};
use crate::model::{Evidence, Metric, Run, Series, display_ids};

/// Decides a run. The same run and policy give the same outcome, on any machine and however the run was scheduled.
pub fn judge(policy: &Policy, run: &Run) -> Outcome {
    let ids = display_ids(run.series.iter().map(|series| &series.key));
    let mut warnings = Vec::new();
    let mut rows = Vec::with_capacity(run.series.len());
    for (series, finding) in run.series.iter().zip(findings(policy, run)) {
        warnings.extend(finding.warnings.iter().cloned());
        rows.push(row(policy, run, series, ids[&series.key].clone(), finding));
    }
    rows.sort_by(|a, b| {
        let excess = headline::excess(b).total_cmp(&headline::excess(a));
        a.status.cmp(&b.status).then(excess).then_with(|| (&a.id, a.key.metric).cmp(&(&b.id, b.key.metric)))
    });
    let census = Census::of(rows.iter().map(|row| row.status));
    let (claims, claim_exits): (Vec<_>, Vec<_>) = claims::rows(policy, run).into_iter().unzip();
    let mut exits: Vec<ExitCode> =
        rows.iter().filter(|row| row.action == Action::Fail).map(|row| exit(row.status)).collect();
    exits.extend(claim_exits.into_iter().flatten());
    exits.extend(run.is_interrupted.then_some(ExitCode::Incomplete));
    exits.extend((census.compared() == 0).then_some(ExitCode::NothingCompared));
    exits.sort();
    exits.dedup();
    if exits.is_empty() {
        exits.push(ExitCode::Pass);
    }
    Outcome {
        headline: headline::sentence(&rows, &census, &claims, run),
        reach: headline::reach(&rows, run, times::family(run)),
        rows,
        census,
        claims,
        exits,
        warnings,
    }
}

/// One finding a series, in the order of the run.
fn findings(policy: &Policy, run: &Run) -> Vec<Finding> {
    let mut timed: Vec<Option<Finding>> = vec![None; run.series.len()];
    for (position, finding) in times::findings(policy, run) {
        timed[position] = Some(finding);
    }
    let of = |(series, timed): (&Series, Option<Finding>)| {
        if let Evidence::Counts { base, candidate } = &series.evidence {
            return counts::compare(series.key.metric, *base, *candidate, policy.tolerance(&series.key));
        }
        timed.or_else(|| Finding::of_state(series)).expect("evidence is pairs, counts or a state")
    };
    run.series.iter().zip(timed).map(of).collect()
}

fn row(policy: &Policy, run: &Run, series: &Series, id: String, finding: Finding) -> Row {
    let key = &series.key;
    let action = action(policy, series, finding.status);
    let work = series.throughput.filter(|_| key.metric == Metric::Time);
    Row {
        key: key.clone(),
        id,
        status: finding.status,
        action,
        base: finding.base,
        candidate: finding.candidate,
        effect: finding.effect,
        tolerance: policy.tolerance(key),
        smallest_visible: finding.smallest_visible,
        pairs: finding.pairs,
        seconds: finding.seconds,
        throughput: work.zip(finding.candidate).and_then(|(work, nanos)| throughput::text(work, nanos)),
        detail: finding.detail,
        reproduce: (action != Action::Pass).then(|| reproduce::command(&run.command, &key.bench.id())),
    }
}

/// The policy's action; in a class that does not gate, a verdict on speed or weight is shown and does not fail.
fn action(policy: &Policy, series: &Series, status: Status) -> Action {
    let is_verdict_on_cost = matches!(status, Status::Regressed | Status::Inconclusive);
    match policy.action(status) {
        Action::Fail if is_verdict_on_cost && !policy.gates(&series.key) => Action::Warn,
        action => action,
    }
}

/// The exit code of a status that the policy lets fail.
fn exit(status: Status) -> ExitCode {
    match status {
        Status::Regressed
        | Status::Accepted
        | Status::Layout
        | Status::Improved
        | Status::Unchanged
        | Status::Identical => ExitCode::Regression,
        Status::Implausible | Status::Leaked => ExitCode::Implausible,
        Status::Errored | Status::TimedOut => ExitCode::BenchFailed,
        Status::NotRun
        | Status::Incomparable
        | Status::Removed
        | Status::New
        | Status::Advisory
        | Status::NotCounted => ExitCode::Incomplete,
        Status::MissingBaseline => ExitCode::Baseline,
        Status::Inconclusive => ExitCode::Inconclusive,
    }
}
