//! From the whole evidence of a run and a policy to the whole decision. Each series of the run gets exactly one row.

use super::acceptances::{self, Held, Permissions};
use super::cause::cause;
use super::finding::Finding;
use super::percent::share;
use super::reach::Reach;
use super::{Action, Census, ExitCode, Open, Outcome, Policy, Row, Status};
use super::{claims, counts, difference, headline, recorded, reproduce, throughput, times, undecided};
use crate::model::{Evidence, Metric, PairKind, Profile, Run, Series, SeriesKey, display_ids};

/// Decides a run. The same run and policy give the same outcome, on any machine and however the run was scheduled.
pub fn judge(policy: &Policy, run: &Run) -> Outcome {
    let ids = display_ids(run.series.iter().map(|series| &series.key));
    let mut warnings = Vec::new();
    let mut permissions = Permissions::of(run);
    let mut exits = Vec::new();
    let mut rows = Vec::with_capacity(run.series.len());
    for (series, finding) in run.series.iter().zip(findings(policy, run)) {
        warnings.extend(finding.warnings.iter().cloned());
        let id = ids[&series.key].clone();
        let finding = difference::weigh(run.differences.get(&series.key.bench), series.key.metric, &id, finding);
        let (finding, held) = permissions.hold(&series.key, &id, finding);
        let mut row = row(policy, run, series, id, finding);
        if row.status == Status::Removed && held == Some(Held::Valid) && row.action == Action::Fail {
            row.action = Action::Warn;
        }
        let is_overdrawn = matches!(held, Some(Held::Exceeded | Held::Expired)) && row.action == Action::Fail;
        exits.extend(is_overdrawn.then_some(ExitCode::Regression));
        rows.push(row);
    }
    rows.sort_by(|a, b| {
        let excess = headline::excess(b).total_cmp(&headline::excess(a));
        a.status.cmp(&b.status).then(excess).then_with(|| (&a.id, a.key.metric).cmp(&(&b.id, b.key.metric)))
    });
    warnings.extend(undecided::limit(policy, run, &mut rows));
    let census = Census::of(rows.iter().map(|row| row.status));
    let (claims, claim_exits): (Vec<_>, Vec<_>) = claims::rows(policy, run).into_iter().unzip();
    let acceptances = permissions.rows(&run.invocation);
    warnings.extend(acceptances.iter().filter_map(acceptances::warning));
    exits.extend(acceptances.iter().filter_map(acceptances::exit));
    exits.extend(rows.iter().filter(|row| row.action == Action::Fail).map(exit));
    exits.extend(claim_exits.into_iter().flatten());
    exits.extend(run.is_interrupted.then_some(ExitCode::Incomplete));
    exits.extend(is_disk_full(run).then_some(ExitCode::Output));
    // What is red is decided, whatever is not; counts stand in for times in no pass.
    let is_red = exits.contains(&ExitCode::Regression);
    let nothing =
        undecided::nothing(policy, run, &rows).filter(|nothing| !(is_red && *nothing == undecided::Nothing::OfTimes));
    let is_idle = run.has_nothing_to_compare && !rows.is_empty();
    exits.extend(nothing.filter(|_| !is_idle).map(|_| ExitCode::NothingCompared));
    exits.sort();
    exits.dedup();
    if exits.is_empty() {
        exits.push(ExitCode::Pass);
    }
    let mut outcome = Outcome {
        headline: headline::sentence(&rows, &census, nothing, &claims, run) + &headline::stale(&acceptances),
        reach: headline::reach(&rows, run.plan.pair_cap, Reach::of(run)),
        rows,
        census,
        claims,
        acceptances,
        exits,
        warnings,
    };
    add_causes(&mut outcome, &run.profiles);
    outcome
}

/// Gives the rows their causes, where profiles were taken after the decision.
pub fn add_causes(outcome: &mut Outcome, profiles: &[Profile]) {
    for row in &mut outcome.rows {
        let profile = profiles.iter().find(|profile| profile.key == row.key);
        row.cause = profile.map(|profile| cause(profile, [row.base, row.candidate]));
    }
}

/// One finding a series, in the order of the run.
fn findings(policy: &Policy, run: &Run) -> Vec<Finding> {
    let mut timed: Vec<Option<Finding>> = vec![None; run.series.len()];
    for (position, finding) in times::findings(policy, run).into_iter().chain(recorded::findings(policy, run)) {
        timed[position] = Some(finding);
    }
    let of = |(series, timed): (&Series, Option<Finding>)| {
        if let Evidence::Counts { base, candidate } = &series.evidence {
            return counts::compare(series.key.metric, *base, *candidate, policy.tolerance(&series.key));
        }
        timed.or_else(|| Finding::of_state(series)).expect("evidence is pairs, counts, recordings or a state")
    };
    run.series.iter().zip(timed).map(of).collect()
}

fn row(policy: &Policy, run: &Run, series: &Series, id: String, finding: Finding) -> Row {
    let key = &series.key;
    let open = (finding.status == Status::Inconclusive).then_some(finding.open);
    let action = action(policy, run, key, finding.status, open);
    let work = series.throughput.filter(|_| key.metric == Metric::Time);
    Row {
        key: key.clone(),
        id,
        status: finding.status,
        action,
        base: finding.base,
        candidate: finding.candidate,
        effect: finding.effect,
        tolerance: policy.tolerance_given(&run.plan.supported, key),
        smallest_visible: finding.smallest_visible,
        pairs: finding.pairs,
        seconds: finding.seconds,
        throughput: work.zip(finding.candidate).and_then(|(work, nanos)| throughput::text(work, nanos)),
        detail: with_fallback(finding.detail, finding.smallest_visible, &series.evidence),
        cause: None,
        relinked: finding.relinked,
        unconfirmed: finding.unconfirmed,
        beside: finding.beside,
        kind: pair_kind(&series.evidence),
        open,
        // What was not built has no id to measure; its detail says what builds it.
        reproduce: (action != Action::Pass && finding.status != Status::NotBuilt)
            .then(|| reproduce::alone(run, &key.bench.id())),
    }
}

/// The detail of a row whose sides could not be interleaved says why, and what it could have seen.
fn with_fallback(detail: String, visible: Option<f64>, evidence: &Evidence) -> String {
    let Evidence::Pairs(paired) = evidence else { return detail };
    let Some(why) = paired.fallback() else { return detail };
    let seen = match visible {
        Some(visible) if visible.is_finite() => format!(", and slowdowns of less than {} go unseen", share(visible)),
        Some(_) => ", and no slowdown could have been seen".into(),
        None => String::new(),
    };
    format!("{detail}; its sides could not be interleaved: {why}{seen}")
}

/// What the pairs of a series are made of.
fn pair_kind(evidence: &Evidence) -> PairKind {
    if let Evidence::Pairs(paired) = evidence { paired.kind } else { PairKind::default() }
}

/// The policy's action; in a class that does not gate, and with more threads than the machine has cores, a verdict on speed or
/// weight is shown and does not fail. Nor does a leak that a control must find: its claim fails without it.
fn action(policy: &Policy, run: &Run, key: &SeriesKey, status: Status, open: Option<Open>) -> Action {
    let is_verdict_on_cost = matches!(status, Status::Regressed | Status::Inconclusive);
    let action = open.map_or_else(|| policy.action(status), |open| undecided::action(policy, open));
    match action {
        Action::Fail if is_verdict_on_cost && !gates(policy, run, key) => Action::Warn,
        _ if status == Status::Leaked && claims::is_controlled(policy, run, key) => Action::Pass,
        action => action,
    }
}

/// Whether a verdict on the speed or weight of a series may fail the run.
pub(super) fn gates(policy: &Policy, run: &Run, key: &SeriesKey) -> bool {
    policy.gates(key) && key.bench.threads() <= run.machine.cores.max(1)
}

/// Whether a disk was full when both sides were linked again.
fn is_disk_full(run: &Run) -> bool {
    let confirmations = run.series.iter().filter_map(|series| match &series.evidence {
        Evidence::Pairs(paired) => paired.confirmation.as_ref(),
        _ => None,
    });
    confirmations.into_iter().any(|confirmation| confirmation.is_disk_full)
}

/// The exit code of a row that fails.
fn exit(row: &Row) -> ExitCode {
    match row.status {
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
        | Status::NotBuilt
        | Status::New
        | Status::Advisory
        | Status::NotCounted => ExitCode::Incomplete,
        Status::MissingBaseline => ExitCode::Baseline,
        Status::Inconclusive if row.open == Some(Open::Unconfirmed) => ExitCode::Incomplete,
        Status::Inconclusive => ExitCode::Inconclusive,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::gate::fixture::{counts, exact, failure, only_row, pairs, run, run_of, timed};
    use crate::gate::{Class, IdGlobs, ToleranceRule};
    use crate::model::{
        Conditions, CountReading, FailureKind, Pair, Paired, PastTime, Recorded, Sample, Samples, SeriesKey, Side,
        Throughput,
    };

    fn reason() -> String {
        "because".into()
    }

    /// One evidence for each kind of state, with what it must become and the exit code of a run that holds it beside a good series.
    fn states() -> Vec<(Metric, Evidence, Status, ExitCode)> {
        use ExitCode as Code;
        use Metric::{Allocations, LiveSlope, Threads, Time};
        let unsteady = CountReading { value: 7.5, is_exact: false };
        let only = |side, value| Evidence::OnlyOn { side, value: Some(value) };
        let advisory = Samples::new(vec![Sample { iterations: 2.0, nanos: 30.0 }]).unwrap();
        vec![
            (Time, Evidence::Identical { detail: "same bytes".into() }, Status::Identical, Code::Pass),
            (Time, timed([0.0; 6]), Status::Unchanged, Code::Pass),
            (Time, timed([0.1; 16]), Status::Regressed, Code::Regression),
            (Time, timed([-0.1; 16]), Status::Improved, Code::Pass),
            (Time, timed([0.019; 16]), Status::Inconclusive, Code::Pass),
            (Time, timed([-4.0; 16]), Status::Implausible, Code::Implausible),
            (Time, timed([]), Status::NotRun, Code::Incomplete),
            (Allocations, counts(2.0, 2.0), Status::Unchanged, Code::Pass),
            (Allocations, counts(2.0, 3.0), Status::Regressed, Code::Regression),
            (Allocations, counts(397.0, 399.0), Status::Unchanged, Code::Pass),
            (Allocations, counts(3.0, 2.0), Status::Improved, Code::Pass),
            (Allocations, Evidence::Counts { base: unsteady, candidate: unsteady }, Status::NotCounted, Code::Pass),
            (Allocations, Evidence::Counts { base: exact(2.0), candidate: unsteady }, Status::Inconclusive, Code::Pass),
            (LiveSlope, counts(8.0, 8.0), Status::Leaked, Code::Implausible),
            (Threads, only(Side::Candidate, 1.0), Status::Leaked, Code::Implausible),
            (Time, only(Side::Candidate, 10.0), Status::New, Code::Pass),
            (Time, only(Side::Base, 10.0), Status::Removed, Code::Incomplete),
            (
                Allocations,
                Evidence::MissingBaseline { candidate: exact(1.0), reason: reason() },
                Status::MissingBaseline,
                Code::Baseline,
            ),
            (Time, Evidence::Advisory { candidate: vec![advisory], reason: reason() }, Status::Advisory, Code::Pass),
            (Time, Evidence::Failed(failure(FailureKind::Crashed)), Status::Errored, Code::BenchFailed),
            (Time, Evidence::Failed(failure(FailureKind::Rubbish)), Status::Errored, Code::BenchFailed),
            (Time, Evidence::Failed(failure(FailureKind::TimedOut)), Status::TimedOut, Code::BenchFailed),
            (Time, Evidence::Failed(failure(FailureKind::Implausible)), Status::Implausible, Code::Implausible),
            (Time, Evidence::NotRun { reason: reason() }, Status::NotRun, Code::Incomplete),
            (Time, Evidence::Incomparable { reason: reason() }, Status::Incomparable, Code::Incomplete),
            (Time, Evidence::NotBuilt { reason: reason() }, Status::NotBuilt, Code::Pass),
            (Allocations, Evidence::NotCounted { reason: reason() }, Status::NotCounted, Code::Pass),
        ]
    }

    #[test]
    fn every_evidence_has_its_status_and_exit_code() {
        for (metric, evidence, status, code) in states() {
            let run = run_of([("a", metric, evidence), ("good", Metric::Time, timed([0.0; 6]))]);
            let outcome = judge(&Policy::default(), &run);
            let row = outcome.rows.iter().find(|row| row.id == "a").unwrap();
            assert_eq!((row.status, &outcome.exits[..]), (status, &[code][..]), "{}", row.detail);
            assert!(!row.detail.is_empty(), "{status} has no reason");
            let is_repeatable = row.action != Action::Pass && status != Status::NotBuilt;
            assert_eq!(row.reproduce.is_some(), is_repeatable, "{status}");
            assert_eq!(row.action == Action::Fail, code != ExitCode::Pass);
        }
    }

    #[test]
    fn all_statuses_but_those_of_later_parts_occur() {
        let occurring: Vec<Status> = states().into_iter().map(|(_, _, status, _)| status).collect();
        let missing: Vec<Status> = Status::ALL.into_iter().filter(|status| !occurring.contains(status)).collect();
        // What is accepted takes an acceptance, see `acceptances`; layout a run with fresh link orders, see `flagged`.
        assert_eq!(missing, [Status::Accepted, Status::Layout]);
    }

    #[test]
    fn all_that_holds_is_listed_strongest_first() {
        let ids = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s"];
        let series = states().into_iter().filter(|(metric, ..)| *metric == Metric::Time).zip(ids);
        let mut run = run_of(series.map(|((metric, evidence, ..), id)| (id, metric, evidence)));
        run.is_interrupted = true;
        let outcome = judge(&Policy::default(), &run);
        let codes: Vec<u8> = outcome.exits.iter().map(|exit| exit.code()).collect();
        assert_eq!(codes, [104, 107, 106, 100]);
        assert_eq!(ExitCode::strongest(outcome.exits.clone()), outcome.exits[0]);
        assert!(
            outcome.headline.starts_with("interrupted: 1 regressed, 2 implausible, 2 errored"),
            "{}",
            outcome.headline
        );
        let statuses: Vec<Status> = outcome.rows.iter().map(|row| row.status).collect();
        assert!(statuses.is_sorted(), "{statuses:?}");
    }

    #[test]
    fn comparing_nothing_is_a_failure() {
        #[track_caller]
        fn check(run: &Run, headline: &str) {
            let outcome = judge(&Policy::default(), run);
            assert_eq!((&outcome.exits[..], &*outcome.headline), (&[ExitCode::NothingCompared][..], headline));
        }
        check(&run(), "no benchmark was found");
        let new = Evidence::OnlyOn { side: Side::Candidate, value: None };
        let advisory = Evidence::Advisory { candidate: vec![], reason: reason() };
        check(
            &run_of([("a", Metric::Time, new), ("b", Metric::Time, advisory)]),
            "nothing was compared among 2 series: 1 new, 1 advisory",
        );
    }

    #[test]
    fn a_pass_is_a_pass() {
        let identical = Evidence::Identical { detail: "same bytes".into() };
        let outcome = judge(&Policy::default(), &run_of([("a", Metric::Time, identical)]));
        assert_eq!((&outcome.exits[..], &*outcome.headline), (&[ExitCode::Pass][..], "1 series: 1 identical"));
        assert!(outcome.reach.is_empty() && outcome.warnings.is_empty());
    }

    #[test]
    fn policy_and_classes_say_what_a_status_does() {
        let outcome_of = |policy: &Policy, effect: f64| {
            let series = [("io/slow", Metric::Time, timed([effect; 16])), ("good", Metric::Time, timed([0.0; 6]))];
            judge(policy, &run_of(series)).exits
        };
        let mut policy = Policy::default();
        assert_eq!(outcome_of(&policy, 0.019), [ExitCode::Pass]);
        policy.actions.insert(Status::Inconclusive, Action::Fail);
        assert_eq!(outcome_of(&policy, 0.019), [ExitCode::Inconclusive]);
        assert_eq!(outcome_of(&policy, 0.1), [ExitCode::Regression]);
        let class = Class { ids: IdGlobs::new(["io/**"]).unwrap(), gates: false, is_exclusive: false };
        policy.classes.insert("io".into(), class);
        assert_eq!(outcome_of(&policy, 0.019), [ExitCode::Pass]);
        assert_eq!(outcome_of(&policy, 0.1), [ExitCode::Pass]);
        assert_eq!(outcome_of(&policy, -4.0), [ExitCode::Implausible]);
    }

    #[test]
    fn more_threads_than_cores_never_gate() {
        let exits_with = |cores| {
            let mut run = run_of([("mt@t4", Metric::Time, timed([0.1; 16])), ("b", Metric::Time, timed([0.0; 6]))]);
            run.machine.cores = cores;
            judge(&Policy::default(), &run).exits
        };
        assert_eq!(exits_with(4), [ExitCode::Regression]);
        assert_eq!(exits_with(2), [ExitCode::Pass]);
    }

    #[test]
    fn tolerances_come_from_the_policy() {
        let rule = ToleranceRule { metric: Some(Metric::Time), ids: IdGlobs::all(), tolerance: 0.2 };
        let policy = Policy { tolerances: vec![rule], ..Policy::default() };
        let outcome = judge(&policy, &run_of([("a", Metric::Time, timed([0.1; 16]))]));
        assert_eq!((outcome.rows[0].status, outcome.rows[0].tolerance), (Status::Unchanged, 0.2));
        // A tolerance of nothing does not divide by it.
        let rule = ToleranceRule { metric: None, ids: IdGlobs::all(), tolerance: 0.0 };
        let policy = Policy { tolerances: vec![rule], ..Policy::default() };
        let outcome = judge(&policy, &run_of([("a", Metric::Time, timed([0.1; 16]))]));
        assert_eq!(outcome.rows[0].status, Status::Regressed);
    }

    #[test]
    fn worst_first_then_farthest_beyond_the_tolerance() {
        let ids = ["a", "b", "c", "d"];
        let effects = [0.0, 0.1, 0.3, 0.2];
        let run = run_of(ids.into_iter().zip(effects).map(|(id, effect)| (id, Metric::Time, timed([effect; 16]))));
        let order: Vec<String> = judge(&Policy::default(), &run).rows.into_iter().map(|row| row.id).collect();
        assert_eq!(order, ["c", "d", "b", "a"]);
    }

    #[test]
    fn row_that_was_not_interleaved_says_why_and_what_goes_unseen() {
        let interleaving = Paired::apart("turns bench by bench", "its times are those of `SystemTime`");
        let of = |interleaving| match timed([0.1; 16]) {
            Evidence::Pairs(paired) => only_row(Metric::Time, Evidence::Pairs(Paired { interleaving, ..paired })),
            other => panic!("{other:?}"),
        };
        let row = of(interleaving);
        let said =
            "its sides could not be interleaved: its times are those of `SystemTime`, and slowdowns of less than ";
        assert!(row.detail.contains(said) && row.detail.ends_with(" % go unseen"), "{}", row.detail);
        assert!(!of("lockstep".into()).detail.contains("interleaved"));
    }

    #[test]
    fn a_red_row_has_the_command_that_measures_it_again() {
        let row = only_row(Metric::Time, timed([0.1; 16]));
        assert_eq!(row.reproduce.unwrap(), "cargo xtask bench 'a/b' --base 1a2b3c");
    }

    #[test]
    fn throughput_is_the_candidates() {
        let mut run = run_of([("a", Metric::Time, timed([0.0; 6]))]);
        run.series[0].throughput = Some(Throughput::Elements(1));
        assert_eq!(judge(&Policy::default(), &run).rows[0].throughput.as_deref(), Some("1.00 Melem/s"));
    }

    #[test]
    fn too_few_pairs_for_the_suite_are_admitted() {
        let ids = ["a", "b", "c", "d", "e"];
        let mut run = run_of(ids.map(|id| (id, Metric::Time, timed([0.0; 6]))));
        run.plan.pair_cap = crate::gate::QUICK_PAIR_CAP;
        let outcome = judge(&Policy::default(), &run);
        assert_eq!(outcome.reach, "9 pairs a series could not have called any time red among 5 series; that takes 10");
        assert!(outcome.rows.iter().all(|row| row.smallest_visible == Some(f64::INFINITY)));
    }

    #[test]
    fn a_noisy_bench_is_named_with_what_it_could_have_seen() {
        let noisy = (0..48).map(|i| if i % 2 == 0 { 0.03 } else { -0.03 });
        let run = run_of([("a", Metric::Time, timed(noisy)), ("b", Metric::Time, timed([0.0; 6]))]);
        let outcome = judge(&Policy::default(), &run);
        assert!(outcome.reach.starts_with("in `a` only a slowdown of "), "{}", outcome.reach);
    }

    fn any_pair() -> impl Strategy<Value = Pair> {
        let samples = || {
            let nanos = prop_oneof![1e-3..1e9f64, Just(f64::MIN_POSITIVE), Just(f64::MAX)];
            let sample = (1.0..1e6f64, nanos).prop_map(|(iterations, nanos)| Sample { iterations, nanos });
            prop::collection::vec(sample, 1..4).prop_map(|samples| Samples::new(samples).unwrap())
        };
        let side = prop_oneof![Just(Side::Base), Just(Side::Candidate)];
        (0u64..20, side, samples(), samples()).prop_map(|(order, first, base, candidate)| Pair {
            conditions: Conditions::default(),
            order,
            first,
            base,
            candidate,
        })
    }

    fn any_evidence() -> impl Strategy<Value = Evidence> {
        let reading = || {
            let value = prop_oneof![-1e3..1e6f64, Just(0.0), Just(f64::NAN), Just(f64::INFINITY)];
            (value, any::<bool>()).prop_map(|(value, is_exact)| CountReading { value, is_exact })
        };
        let quiet = (-0.2..0.2f64, 0usize..20).prop_map(|(effect, n)| pairs(vec![effect; n]));
        let arbitrary = prop::collection::vec(any_pair(), 0..12);
        let failed = || prop::collection::vec(Just(failure(FailureKind::Crashed)), 0..3);
        prop_oneof![
            (arbitrary, failed()).prop_map(|(pairs, failures)| Evidence::Pairs(Paired {
                pairs,
                failures,
                ..Paired::default()
            })),
            (quiet, failed()).prop_map(|(pairs, failures)| Evidence::Pairs(Paired {
                pairs,
                failures,
                ..Paired::default()
            })),
            (reading(), reading()).prop_map(|(base, candidate)| Evidence::Counts { base, candidate }),
            reading().prop_map(|candidate| Evidence::MissingBaseline { candidate, reason: reason() }),
            (prop::collection::vec(-1e9..1e9f64, 0..12), 0..3u32, prop::collection::vec(any_pair(), 0..12), failed())
                .prop_map(|(values, links, pairs, failures)| {
                    let past = values.into_iter().map(|value| PastTime { started: String::new(), value, links: 1 });
                    Evidence::Recorded(Recorded { past: past.collect(), links, pairs, failures })
                }),
            prop::sample::select(states()).prop_map(|(_, evidence, ..)| evidence),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn any_run_gives_one_row_a_series_and_never_panics(
            series in prop::collection::vec((0usize..7, 0usize..4, any_evidence()), 0..8),
            is_interrupted: bool,
            pair_cap in 0u32..70,
        ) {
            let series = series.into_iter().map(|(metric, id, evidence)| Series {
                key: SeriesKey { bench: crate::gate::fixture::bench(["a", "b", "c", "'"][id]), metric: Metric::ALL[metric] },
                throughput: Some(Throughput::Bytes(1)),
                evidence,
            });
            let mut run = Run { series: series.collect(), is_interrupted, ..run() };
            run.plan.pair_cap = pair_cap;
            let outcome = judge(&Policy::default(), &run);
            prop_assert_eq!(outcome.rows.len(), run.series.len());
            prop_assert_eq!(outcome.census.total() as usize, run.series.len());
            prop_assert!(!outcome.exits.is_empty() && outcome.exits.is_sorted());
            prop_assert!(!is_interrupted || outcome.exits.contains(&ExitCode::Incomplete));
            for row in &outcome.rows {
                prop_assert!(row.effect.is_none_or(|e| !e.estimate.is_nan() && !e.lower.is_nan() && !e.upper.is_nan()));
                prop_assert!(row.smallest_visible.is_none_or(|visible| visible > 0.0));
            }
            prop_assert_eq!(judge(&Policy::default(), &run).headline, outcome.headline);
        }
    }
}
