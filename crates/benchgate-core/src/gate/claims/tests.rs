use super::*;
use crate::gate::fixture::{claim, claim_evidence, counts, exact, run_of, timed};
use crate::gate::{Bound, ClaimKind, Point, judge};
use crate::model::{ClaimEvidence, CountReading, Evidence, Machine, Metric, Side};

fn policy_of(kind: ClaimKind, bound: Bound) -> Policy {
    Policy { claims: vec![claim(kind, bound)], ..Policy::default() }
}

fn control(mut policy: Policy) -> Policy {
    policy.claims[0].expect = Expect::Violated;
    policy
}

fn targeted(mut policy: Policy, target: f64) -> Policy {
    policy.claims[0].target = Some(target);
    policy
}

fn ratio(metric: Metric, bound: Bound) -> Policy {
    policy_of(ClaimKind::Ratio { metric, numerator: "fast".into(), denominator: "slow".into() }, bound)
}

fn count(equals: f64) -> Policy {
    policy_of(ClaimKind::Count { metric: Metric::Allocations, id: "fast".into() }, Bound::exactly(equals))
}

fn growth(metric: Metric, bound: Bound) -> Policy {
    let point = |id: &str, size| Point { id: id.into(), size };
    policy_of(ClaimKind::Growth { metric, points: vec![point("fast", 10.0), point("slow", 1000.0)] }, bound)
}

#[track_caller]
fn check(policy: &Policy, run: &Run, state: ClaimState, rating: Rating, exit: Option<ExitCode>, detail: &str) {
    let (row, got) = rows(policy, run).remove(0);
    assert_eq!((row.state, row.rating, got), (state, rating, exit), "{}", row.detail);
    assert!(row.detail.contains(detail), "{}", row.detail);
}

#[track_caller]
fn holds(policy: &Policy, run: &Run, rating: Rating, detail: &str) {
    check(policy, run, ClaimState::Holds, rating, None, detail);
}

#[track_caller]
fn violated(policy: &Policy, run: &Run, detail: &str) {
    check(policy, run, ClaimState::Violated, Rating::Optimize, Some(ExitCode::Regression), detail);
}

#[track_caller]
fn open(policy: &Policy, run: &Run, state: ClaimState, detail: &str) {
    let exit = (state == ClaimState::NotRun).then_some(ExitCode::Incomplete);
    check(policy, run, state, Rating::Unknown, exit, detail);
}

/// Pairs of `fast` against `slow` at one ratio.
fn run_with(ratio: f64, n: usize) -> Run {
    let run = run_of([("fast", Metric::Time, timed([0.0; 6])), ("slow", Metric::Time, timed([0.0; 6]))]);
    Run { claims: vec![claim_evidence("c", vec![f64::ln(ratio); n])], ..run }
}

/// Allocations of `fast` and `slow`.
fn counted(fast: f64, slow: f64) -> Run {
    run_of([("fast", Metric::Allocations, counts(1.0, fast)), ("slow", Metric::Allocations, counts(9.0, slow))])
}

fn kept(counts: Vec<CountReading>, note: Option<&str>) -> ClaimEvidence {
    ClaimEvidence { counts, note: note.map(Into::into), ..claim_evidence("c", []) }
}

#[test]
fn a_ratio_of_times_is_proven_refuted_or_open() {
    let policy = ratio(Metric::Time, Bound::at_most(0.5));
    holds(&policy, &run_with(0.3, 6), Rating::Excellent, "proven by 6 pairs");
    holds(&policy, &run_with(0.45, 6), Rating::Good, "proven by 6 pairs");
    violated(&policy, &run_with(0.6, 8), "refuted by 8 pairs");
    open(&policy, &run_with(0.5, 64), ClaimState::Undecided, "open after 64 pairs");
    open(&policy, &run_with(0.3, 4), ClaimState::Undecided, "open after 4 pairs");
    // At 1/beta alone six pairs would have refuted it; the shared error level wants seven.
    open(&policy, &run_with(0.6, 6), ClaimState::Undecided, "open after 6 pairs");
}

#[test]
fn a_crowd_of_other_programs_refutes_no_claim_about_threads() {
    let policy = policy_of(ClaimKind::Threads { id: "a".into(), threads: [1, 2] }, Bound::at_most(1.0));
    let with = |others: f64, steal: f64, cores: u32, effect: f64| {
        let mut run = run_of([("a@t1", Metric::Time, timed([0.0; 6])), ("a@t2", Metric::Time, timed([0.0; 6]))]);
        run.machine = Machine { cores, ..Machine::default() };
        let mut evidence = claim_evidence("c", [effect; 12]);
        evidence.pairs.iter_mut().for_each(|pair| pair.conditions.others = others);
        evidence.pairs.iter_mut().for_each(|pair| pair.conditions.steal = steal);
        Run { claims: vec![evidence], ..run }
    };
    violated(&policy, &with(0.0, 0.0, 2, 0.3), "refuted by 12 pairs");
    violated(&policy, &with(0.09, 0.0, 2, 0.3), "refuted by 12 pairs");
    let words = "refuted by 12 pairs, but other programs used the processors that its threads need";
    open(&policy, &with(0.12, 0.0, 2, 0.3), ClaimState::Undecided, words);
    open(&policy, &with(0.0, 0.4, 2, 0.3), ClaimState::Undecided, words);
    // Half of eight processors are enough for two threads.
    violated(&policy, &with(0.5, 0.0, 8, 0.3), "refuted by 12 pairs");
    holds(&policy, &with(0.4, 0.0, 2, -0.9), Rating::Excellent, "proven by 12 pairs");
}

#[test]
fn what_the_first_pairs_refute_must_still_be_what_most_say() {
    let policy = ratio(Metric::Time, Bound::at_most(1.0));
    let effects = [vec![9.0; 12], vec![-0.1; 14]].concat();
    let run = run_of([("fast", Metric::Time, timed([0.0; 6])), ("slow", Metric::Time, timed([0.0; 6]))]);
    let run = Run { claims: vec![claim_evidence("c", effects)], ..run };
    open(&policy, &run, ClaimState::Undecided, "open after 26 pairs");
}

#[test]
fn a_ratio_may_be_bounded_from_below_or_from_both_sides() {
    let policy = ratio(Metric::Time, Bound::at_least(2.0));
    holds(&policy, &run_with(2.6, 8), Rating::Excellent, "proven");
    holds(&policy, &run_with(2.1, 8), Rating::Good, "proven");
    violated(&policy, &run_with(1.9, 8), "refuted");
    open(&policy, &run_with(2.0, 64), ClaimState::Undecided, "open");
    let between = ratio(Metric::Time, Bound { at_least: Some(0.5), at_most: Some(2.0) });
    holds(&between, &run_with(1.0, 8), Rating::Good, "proven");
    violated(&between, &run_with(0.4, 9), "refuted");
    violated(&between, &run_with(2.5, 9), "refuted");
    open(&between, &run_with(2.0, 64), ClaimState::Undecided, "open");
}

#[test]
fn a_target_is_rated_and_gates_nothing() {
    let policy = targeted(ratio(Metric::Time, Bound::at_most(0.5)), 0.25);
    holds(&policy, &run_with(0.15, 8), Rating::Excellent, "proven");
    holds(&policy, &run_with(0.24, 8), Rating::Good, "proven");
    holds(&policy, &run_with(0.4, 8), Rating::Optimize, "proven");
    violated(&policy, &run_with(0.6, 8), "refuted");
}

#[test]
fn its_row_shows_value_interval_bound_and_target() {
    let policy = targeted(ratio(Metric::Time, Bound::at_most(0.5)), 0.25);
    let (row, _) = rows(&policy, &run_with(0.3, 8)).remove(0);
    let (lower, upper) = row.interval.unwrap();
    assert!((row.value.unwrap() - 0.3).abs() < 1e-9 && lower < 0.3 && upper > 0.3 && upper < 0.31);
    assert_eq!((row.bound, row.target, row.unit), (Bound::at_most(0.5), Some(0.25), None));
    assert_eq!((&*row.statement, &*row.area), ("time of fast / time of slow <= 0.5", "fast"));
}

#[test]
fn missing_evidence_fails_unless_nothing_can_have_changed() {
    let policy = ratio(Metric::Time, Bound::at_most(0.5));
    open(&policy, &Run { claims: vec![], ..run_with(0.3, 0) }, ClaimState::NotRun, "not run");
    open(&policy, &run_with(0.3, 0), ClaimState::NotRun, "not run");
    let identical = || Evidence::Identical { detail: "same bytes".into() };
    let same = run_of([("fast", Metric::Time, identical()), ("slow", Metric::Time, identical())]);
    open(&policy, &same, ClaimState::NotSelected, "identical code");
    // Evidence was looked for, so that its absence says something of the bench.
    let failed = Run { claims: vec![kept(vec![], Some("its bench hangs"))], ..same };
    open(&policy, &failed, ClaimState::NotRun, "not run: its bench hangs");
    let filtered = run_of([("slow", Metric::Time, identical())]);
    open(&policy, &filtered, ClaimState::NotSelected, "not part of this run");
}

#[test]
fn an_open_claim_fails_where_inconclusive_does() {
    let mut policy = ratio(Metric::Time, Bound::at_most(0.5));
    policy.actions.insert(Status::Inconclusive, Action::Fail);
    let exit = Some(ExitCode::Inconclusive);
    check(&policy, &run_with(0.5, 64), ClaimState::Undecided, Rating::Unknown, exit, "open");
}

#[test]
fn a_ratio_of_counts_is_exact() {
    let policy = ratio(Metric::Allocations, Bound::at_most(0.5));
    holds(&policy, &counted(4.0, 10.0), Rating::Excellent, "4 against 10");
    holds(&policy, &counted(5.0, 10.0), Rating::Good, "5 against 10");
    violated(&policy, &counted(6.0, 10.0), "6 against 10");
    holds(&policy, &counted(0.0, 0.0), Rating::Excellent, "0 against 0");
    violated(&policy, &counted(1.0, 0.0), "1 against 0");
    let below = ratio(Metric::Allocations, Bound::at_least(2.0));
    holds(&below, &counted(20.0, 10.0), Rating::Good, "20 against 10");
    holds(&below, &counted(1.0, 0.0), Rating::Excellent, "1 against 0");
    violated(&below, &counted(19.0, 10.0), "19 against 10");
}

#[test]
fn a_difference_of_counts_is_exact() {
    let (minuend, subtrahend) = ("fast".to_owned(), "slow".to_owned());
    let kind = ClaimKind::Difference { metric: Metric::Allocations, minuend, subtrahend };
    let policy = policy_of(kind, Bound::at_most(-1.0));
    holds(&policy, &counted(3.0, 10.0), Rating::Excellent, "3 against 10");
    holds(&policy, &counted(9.0, 10.0), Rating::Good, "9 against 10");
    violated(&policy, &counted(10.0, 10.0), "10 against 10");
    open(&policy, &run_of([]), ClaimState::NotSelected, "not part of this run");
}

#[test]
fn an_exact_count_holds_or_does_not() {
    let run = |evidence| run_of([("fast", Metric::Allocations, evidence)]);
    let wobbling = Evidence::Counts { base: exact(2.0), candidate: CountReading { value: 2.0, is_exact: false } };
    let unsaved = Evidence::MissingBaseline { candidate: exact(2.0), reason: "no file".into() };
    let new = Evidence::OnlyOn { side: Side::Candidate, value: Some(2.0) };
    let gone = Evidence::OnlyOn { side: Side::Base, value: Some(2.0) };
    holds(&count(2.0), &run(counts(3.0, 2.0)), Rating::Excellent, "counted 2");
    violated(&count(2.0), &run(counts(2.0, 3.0)), "counted 3");
    open(&count(2.0), &run(wobbling), ClaimState::Undecided, "does not repeat itself");
    holds(&count(2.0), &run(unsaved), Rating::Excellent, "counted 2");
    holds(&count(2.0), &run(new), Rating::Excellent, "counted 2");
    open(&count(2.0), &run(gone), ClaimState::NotRun, "`fast` is gone");
    open(&count(2.0), &run_of([]), ClaimState::NotSelected, "not part of this run");
    let same = || run(Evidence::Identical { detail: "same bytes".into() });
    open(&count(2.0), &same(), ClaimState::NotSelected, "identical code");
    let counted = Run { claims: vec![kept(vec![exact(2.0)], None)], ..same() };
    holds(&count(2.0), &counted, Rating::Excellent, "counted 2");
    for run in [run_of([]), same()] {
        let uncounted = Run { claims: vec![kept(vec![], Some("its bench hangs"))], ..run };
        open(&count(2.0), &uncounted, ClaimState::NotRun, "not run: its bench hangs");
    }
}

#[test]
fn a_ceiling_of_a_count_gates() {
    let policy = policy_of(ClaimKind::Ceiling { metric: Metric::Allocations, id: "fast".into() }, Bound::at_most(10.0));
    holds(&policy, &counted(8.0, 0.0), Rating::Excellent, "counted 8");
    holds(&policy, &counted(10.0, 0.0), Rating::Good, "counted 10");
    violated(&policy, &counted(11.0, 0.0), "counted 11");
    assert_eq!(rows(&policy, &counted(8.0, 0.0))[0].0.unit, Some(Metric::Allocations));
}

#[test]
fn nanoseconds_are_reported_and_rated_and_never_gate() {
    // Pairs of the fixture: the denominator takes 1000 ns, the numerator e^effect times as long.
    let ceiling =
        |most| policy_of(ClaimKind::Ceiling { metric: Metric::Time, id: "fast".into() }, Bound::at_most(most));
    let reported = |policy: &Policy, run: &Run, rating| {
        check(policy, run, ClaimState::Reported, rating, None, "nanoseconds never gate");
        rows(policy, run).remove(0).0.value.unwrap()
    };
    let value = reported(&ceiling(1300.0), &run_with(1.0, 8), Rating::Excellent);
    assert!((value - 1000.0).abs() < 1e-6, "{value}");
    reported(&ceiling(1100.0), &run_with(1.0, 8), Rating::Good);
    reported(&ceiling(900.0), &run_with(1.0, 8), Rating::Optimize);
    reported(&ceiling(1300.0), &run_with(1.0, 4), Rating::Unknown);
    let (minuend, subtrahend) = ("fast".to_owned(), "slow".to_owned());
    let kind = ClaimKind::Difference { metric: Metric::Time, minuend, subtrahend };
    let value = reported(&policy_of(kind.clone(), Bound::at_most(50.0)), &run_with(1.03, 8), Rating::Excellent);
    assert!((value - 30.0).abs() < 1e-6, "{value}");
    reported(&policy_of(kind.clone(), Bound::at_most(50.0)), &run_with(1.06, 8), Rating::Optimize);
    open(&policy_of(kind, Bound::at_most(50.0)), &run_with(1.0, 0), ClaimState::NotRun, "not run");
    let outcome = judge(&ceiling(900.0), &run_with(1.0, 12));
    assert_eq!(outcome.exits, [ExitCode::Pass]);
}

#[test]
fn a_counter_is_read_from_the_evidence() {
    let kind = || ClaimKind::Counter { id: "fast".into(), counter: "rejected".into() };
    let policy = |bound| policy_of(kind(), bound);
    let run = |counts, note| Run { claims: vec![kept(counts, note)], ..counted(1.0, 1.0) };
    let at = |value| run(vec![exact(value)], None);
    holds(&policy(Bound::exactly(56.0)), &at(56.0), Rating::Excellent, "rejected is 56");
    violated(&policy(Bound::exactly(56.0)), &at(55.0), "rejected is 55");
    holds(&policy(Bound::at_least(90.0)), &at(95.0), Rating::Good, "rejected is 95");
    violated(&policy(Bound::at_most(90.0)), &at(95.0), "rejected is 95");
    let between = Bound { at_least: Some(90.0), at_most: Some(95.0) };
    holds(&policy(between), &at(95.0), Rating::Good, "rejected is 95");
    let unsteady = run(vec![CountReading { value: 56.0, is_exact: false }], None);
    open(&policy(Bound::exactly(56.0)), &unsteady, ClaimState::Undecided, "does not repeat itself");
    let unknown = run(vec![], Some("`fast` has no counter `rejected`"));
    open(&policy(Bound::exactly(56.0)), &unknown, ClaimState::NotRun, "not run: `fast` has no counter");
    open(&policy(Bound::exactly(56.0)), &counted(1.0, 1.0), ClaimState::NotRun, "was not counted");
    open(&policy(Bound::exactly(56.0)), &run_of([]), ClaimState::NotSelected, "not part of this run");
    let caught = control(policy(Bound::exactly(0.0)));
    check(&caught, &at(1.0), ClaimState::Caught, Rating::Unknown, None, "rejected is 1");
}

#[test]
fn growth_of_times_is_the_slope_between_first_and_last() {
    // From size 10 to 1000: the effect of a pair is ln(last/first), 2 ln 10 where growth is linear. The evidence has `slow` over
    // `fast`, so its ratio is that of the sizes.
    let policy = growth(Metric::Time, Bound { at_least: Some(0.9), at_most: Some(1.1) });
    holds(&policy, &run_with(100.0, 8), Rating::Good, "proven");
    violated(&policy, &run_with(1000.0, 8), "refuted");
    violated(&policy, &run_with(30.0, 8), "refuted");
    open(&policy, &run_with(100.0_f64.powf(1.1), 64), ClaimState::Undecided, "open");
    open(&policy, &run_with(100.0, 0), ClaimState::NotRun, "not run");
    let (row, _) = rows(&policy, &run_with(100.0, 8)).remove(0);
    let (lower, upper) = row.interval.unwrap();
    assert!((row.value.unwrap() - 1.0).abs() < 1e-9 && lower > 0.99 && upper < 1.01, "{row:?}");
    assert_eq!(row.statement, "growth of time over fast, slow in 0.9 to 1.1");
    check(&control(policy), &run_with(1000.0, 8), ClaimState::Caught, Rating::Unknown, None, "refuted");
}

#[test]
fn growth_of_counts_is_the_slope_of_least_squares() {
    let policy = growth(Metric::Allocations, Bound::at_most(0.5));
    holds(&policy, &counted(7.0, 7.0), Rating::Excellent, "7 against 7");
    holds(&policy, &counted(1.0, 10.0), Rating::Good, "1 against 10");
    violated(&policy, &counted(1.0, 100.0), "1 against 100");
    holds(&policy, &counted(0.0, 0.0), Rating::Excellent, "0 against 0");
    violated(&policy, &counted(0.0, 1.0), "0 against 1");
    holds(&policy, &counted(1.0, 0.0), Rating::Excellent, "1 against 0");
    open(&policy, &run_of([]), ClaimState::NotSelected, "not part of this run");
    // Three points: y = 2 ln 2 at x = 0, ln 2, 2 ln 2 with 1, 4, 4 has the slope of the ends; 1, 2, 16 leans to the last.
    let point = |id: &str, size| Point { id: id.into(), size };
    let points = vec![point("a", 1.0), point("b", 2.0), point("c", 4.0)];
    let kind = ClaimKind::Growth { metric: Metric::Allocations, points };
    let run = |counts: [f64; 3]| Run { claims: vec![kept(counts.map(exact).to_vec(), None)], ..run_of([]) };
    let value = |counts| rows(&policy_of(kind.clone(), Bound::at_most(9.0)), &run(counts)).remove(0).0.value;
    assert!((value([1.0, 4.0, 4.0]).unwrap() - 1.0).abs() < 1e-12);
    assert!((value([1.0, 2.0, 16.0]).unwrap() - 2.0).abs() < 1e-12);
    assert_eq!(value([1.0, 0.0, 16.0]), None, "a zero in between has no logarithm");
}

#[test]
fn threads_are_a_ratio_where_the_machine_has_the_cores() {
    let policy = policy_of(ClaimKind::Threads { id: "fast".into(), threads: [1, 2] }, Bound::at_most(1.0));
    let on = |cores, ratio, n| {
        let timed = || timed([0.0; 6]);
        let run = run_of([("fast@t1", Metric::Time, timed()), ("fast@t2", Metric::Time, timed())]);
        let machine = Machine { cores, ..Machine::default() };
        Run { claims: vec![claim_evidence("c", vec![f64::ln(ratio); n])], machine, ..run }
    };
    holds(&policy, &on(2, 0.55, 8), Rating::Excellent, "proven");
    violated(&policy, &on(2, 1.5, 16), "refuted");
    open(&policy, &on(2, 1.0, 64), ClaimState::Undecided, "open");
    open(&policy, &on(2, 0.5, 0), ClaimState::NotRun, "not run");
    // Never counted as holding, whatever was measured.
    open(&policy, &on(1, 0.5, 8), ClaimState::NotApplicable, "it takes 2 cores, and this machine has 1");
    open(&control(policy.clone()), &on(1, 0.5, 8), ClaimState::NotApplicable, "2 cores");
    check(&control(policy.clone()), &on(2, 1.5, 16), ClaimState::Caught, Rating::Unknown, None, "refuted");
    assert_eq!(judge(&policy, &on(1, 0.5, 8)).exits, [ExitCode::Pass]);
}

#[test]
fn a_control_must_be_violated() {
    let leaky = control(count(0.0));
    let run = |count| run_of([("fast", Metric::Allocations, counts(0.0, count))]);
    check(&leaky, &run(8.0), ClaimState::Caught, Rating::Unknown, None, "counted 8");
    let missed = Some(ExitCode::Regression);
    check(&leaky, &run(0.0), ClaimState::NotCaught, Rating::Unknown, missed, "counted 0");
    open(&leaky, &run_of([]), ClaimState::NotSelected, "not part of this run");
    let uncounted = Run { claims: vec![kept(vec![], Some("its bench hangs"))], ..run_of([]) };
    open(&leaky, &uncounted, ClaimState::NotRun, "its bench hangs");
    let slow = control(ratio(Metric::Time, Bound::at_most(1.0)));
    check(&slow, &run_with(2.0, 8), ClaimState::Caught, Rating::Unknown, None, "refuted");
    check(&slow, &run_with(0.5, 8), ClaimState::NotCaught, Rating::Unknown, missed, "proven");
    open(&slow, &run_with(1.0, 64), ClaimState::Undecided, "open");
}

#[test]
fn a_leak_that_a_control_must_find_does_not_fail_the_run() {
    let run = |slope| {
        let compared = ("slow", Metric::Allocations, counts(1.0, 1.0));
        run_of([("fast", Metric::LiveSlope, counts(slope, slope)), compared])
    };
    let states = |metric| policy_of(ClaimKind::Count { metric, id: "fast".into() }, Bound::exactly(0.0));
    let exits = |policy: &Policy, slope| judge(policy, &run(slope)).exits;
    assert_eq!(exits(&control(states(Metric::LiveSlope)), 64.0), [ExitCode::Pass]);
    assert_eq!(exits(&control(states(Metric::LiveSlope)), 0.0), [ExitCode::Regression], "not caught");
    assert_eq!(exits(&states(Metric::LiveSlope), 64.0), [ExitCode::Implausible, ExitCode::Regression], "no control");
    let about_another = exits(&control(states(Metric::LiveBytes)), 64.0);
    assert_eq!(about_another, [ExitCode::Implausible], "another metric");
    let too_large = ClaimKind::Count { metric: Metric::LiveSlope, id: "fast@t2".into() };
    let leaky = [("fast@t2", Metric::LiveSlope, counts(64.0, 64.0)), ("slow", Metric::Allocations, counts(1.0, 1.0))];
    let outcome = judge(&control(policy_of(too_large, Bound::exactly(0.0))), &run_of(leaky));
    assert_eq!(outcome.exits, [ExitCode::Implausible], "a control that is not applicable");
}

#[test]
fn a_tier_limits_a_claim_to_its_runs() {
    let mut policy = count(2.0);
    policy.claims[0].tier = Some("peers".into());
    let run = |tiers: &[&str]| {
        let mut run = run_of([("fast", Metric::Allocations, counts(3.0, 2.0))]);
        run.plan.tiers = tiers.iter().map(|tier| (*tier).to_owned()).collect();
        run
    };
    holds(&policy, &run(&["core", "peers"]), Rating::Excellent, "counted 2");
    holds(&policy, &run(&["all"]), Rating::Excellent, "counted 2");
    open(&policy, &run(&["core"]), ClaimState::NotSelected, "checked with tier `peers` only");
    open(&policy, &run(&[]), ClaimState::NotSelected, "checked with tier `peers` only");
}

#[test]
fn a_violated_claim_turns_a_green_run_red() {
    let outcome = judge(&ratio(Metric::Time, Bound::at_most(0.5)), &run_with(0.6, 12));
    assert_eq!(outcome.exits, [ExitCode::Regression]);
    assert_eq!(outcome.headline, "2 series: 2 unchanged; claim `c` is violated");
    let outcome = judge(&control(ratio(Metric::Time, Bound::at_most(0.5))), &run_with(0.3, 12));
    assert_eq!(outcome.exits, [ExitCode::Regression]);
    assert_eq!(outcome.headline, "2 series: 2 unchanged; control `c` is not caught");
}

#[test]
fn every_end_of_a_bound_shares_the_error_level() {
    let mut policy = growth(Metric::Time, Bound { at_least: Some(0.9), at_most: Some(1.1) });
    policy.claims.extend(ratio(Metric::Time, Bound::at_most(1.0)).claims);
    policy.claims.extend(ratio(Metric::Allocations, Bound::at_most(1.0)).claims);
    let absolute = ClaimKind::Ceiling { metric: Metric::Time, id: "fast".into() };
    policy.claims.push(claim(absolute, Bound::at_most(1.0)));
    assert_eq!(statements(&policy), 3);
}

/// A/A at the boundary: of 200 claims with a true ratio equal to an end of the bound about 1 % at most are refuted (nine or more
/// have a chance below 0.1 %), though a driver looks at them five times. A/B: 10 % beyond is refuted.
#[test]
fn claims_at_the_boundary_are_hardly_ever_refuted() {
    use crate::stats::noise::{generator, normal};
    let mut rng = generator("claims");
    let mut refuted = |bound: Bound, effect: f64| {
        let is_refuted = |_: &u32| {
            let effects: Vec<f64> = (0..24).map(|_| effect + 0.01 * normal(&mut rng)).collect();
            let looks = [8, 12, 16, 20, 24].map(|n| timed::lies_within(&effects[..n], 0.02, bound.map(f64::ln), 1));
            looks.contains(&Some(false))
        };
        (0..200).filter(is_refuted).count()
    };
    for (bound, beyond) in [(Bound::at_most(1.0), 0.1), (Bound::at_least(1.0), -0.1)] {
        assert!(refuted(bound, 0.0) <= 8, "{bound}");
        assert!(refuted(bound, beyond) >= 198, "{bound}");
    }
}
