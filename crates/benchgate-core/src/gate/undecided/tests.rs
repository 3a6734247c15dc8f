//! Which runs have decided nothing, and what share of a run may stay open.

use super::*;
use crate::gate::fixture::{counts, failure, pairs, run_of, timed};
use crate::gate::{Class, ExitCode, IdGlobs, Outcome, judge};
use crate::model::{Confirmation, Evidence, FailureKind, Paired, PastTime, Recorded, Run, Side};

/// Six pairs within the tolerance.
fn quiet() -> Evidence {
    timed([0.0; 6])
}

/// Slower by 51 %, and too few pairs to say so.
fn open() -> Evidence {
    timed([0.41; 3])
}

/// Not slower, maybe faster by the tolerance.
fn not_slower() -> Evidence {
    timed([-0.02; 8])
}

fn same() -> Evidence {
    Evidence::Identical { detail: "same bytes".into() }
}

fn advisory() -> Evidence {
    Evidence::Advisory { candidate: vec![], reason: "too few recordings".into() }
}

fn new() -> Evidence {
    Evidence::OnlyOn { side: Side::Candidate, value: None }
}

/// Held against eight recordings that differ by as much as it does.
fn noisy_recording() -> Evidence {
    let past = (0..8).map(|i| PastTime { started: String::new(), value: 0.1 * f64::from(i % 3), links: 10 });
    Evidence::Recorded(Recorded { past: past.collect(), links: 10, pairs: pairs([0.1; 10]), failures: vec![] })
}

fn policy() -> Policy {
    let io = Class { ids: IdGlobs::new(["io/**"]).unwrap(), gates: false, is_exclusive: false };
    Policy { classes: [("io".to_owned(), io)].into(), ..Policy::default() }
}

/// An id, what is measured of it, and what was found.
type Found = (&'static str, Metric, fn() -> Evidence);

/// Holds the exit codes of a run of these series against expected ones.
#[track_caller]
fn check(series: &[Found], expected: &[ExitCode]) {
    let run = run_of(series.iter().map(|&(id, metric, evidence)| (id, metric, evidence())));
    let Outcome { exits, headline, .. } = judge(&policy(), &run);
    assert_eq!(exits, expected, "{headline}");
}

#[test]
fn a_pass_takes_a_decision() {
    use ExitCode::{BenchFailed, NothingCompared, Pass};
    use Metric::{Allocations, Time};
    const NOTHING: [ExitCode; 1] = [NothingCompared];
    const PASS: [ExitCode; 1] = [Pass];
    let same_count = || counts(3.0, 3.0);

    // One decided time is enough, of any verdict.
    check(&[("a", Time, open), ("b", Time, quiet)], &PASS);
    check(&[("a", Time, open), ("b", Time, same)], &PASS);
    check(&[("a", Time, open), ("b", Time, || timed([-0.1; 16]))], &PASS);
    check(&[("a", Time, open), ("b", Time, not_slower)], &PASS);
    check(&[("a", Time, not_slower)], &PASS);
    check(&[("a", Time, open)], &NOTHING);
    check(&[("a", Time, open), ("b", Time, open)], &NOTHING);

    // Counts never stand in for times that were to be compared.
    check(&[("a", Time, open), ("a", Allocations, same_count)], &NOTHING);
    check(&[("a", Time, noisy_recording), ("a", Allocations, same_count)], &NOTHING);
    check(&[("a", Time, open), ("b", Time, new), ("a", Allocations, same_count)], &NOTHING);
    let crashed = || Evidence::Failed(failure(FailureKind::Crashed));
    check(&[("a", Time, crashed), ("a", Allocations, same_count)], &[BenchFailed, NothingCompared]);

    // Counts alone are a comparison where no time was to be compared.
    check(&[("a", Allocations, same_count)], &PASS);
    check(&[("a", Time, advisory), ("a", Allocations, same_count)], &PASS);
    check(&[("a", Time, new), ("b", Allocations, same_count)], &PASS);
    check(&[("a", Time, new), ("b", Time, advisory)], &NOTHING);
    let uncounted = || Evidence::NotCounted { reason: "static".into() };
    check(&[("a", Allocations, uncounted)], &NOTHING);
    check(&[("a", Time, quiet), ("a", Allocations, uncounted)], &PASS);

    // Benchmarks that do not gate neither ask for a decision nor stand in for one, but are one where nothing gates.
    check(&[("io/a", Time, open), ("b", Allocations, same_count)], &PASS);
    check(&[("io/a", Time, quiet), ("b", Time, open)], &NOTHING);
    check(&[("io/a", Time, quiet)], &PASS);
    check(&[("io/a", Time, open)], &NOTHING);
    check(&[("mt@t8", Time, open), ("b", Allocations, same_count)], &PASS);
}

#[test]
fn words_say_what_was_not_decided_and_what_to_do() {
    let headline = |series: Vec<(&'static str, Metric, Evidence)>| judge(&policy(), &run_of(series)).headline;
    assert_eq!(
        headline(vec![("a", Metric::Time, open())]),
        "nothing was decided among 1 series: 1 inconclusive; a larger `--budget` or a quieter machine decides more"
    );
    assert_eq!(
        headline(vec![("a", Metric::Time, open()), ("a", Metric::Allocations, counts(3.0, 3.0))]),
        "no time was decided among 1: 1 inconclusive; what was decided of counts or of benchmarks that do not gate says \
         nothing of them; a larger `--budget` or a quieter machine decides more"
    );
}

/// A run of one flagged time, without fresh link orders unless some are given.
fn flagged(pairs_of: &[f64], confirmation: Option<Confirmation>) -> Run {
    let paired = Paired { pairs: pairs(pairs_of.iter().copied()), confirmation, ..Paired::default() };
    let mut run = run_of([("a", Metric::Time, Evidence::Pairs(paired)), ("b", Metric::Time, quiet())]);
    run.plan.confirms_by_linking = true;
    run
}

#[test]
fn undecided_times_fail_by_what_is_known_of_them() {
    #[track_caller]
    fn check(run: &Run, stated: Option<Action>, open: Open, expected: ExitCode) {
        let mut policy = Policy::default();
        policy.actions.extend(stated.map(|action| (Status::Inconclusive, action)));
        let outcome = judge(&policy, run);
        let row = outcome.rows.iter().find(|row| row.id == "a").unwrap();
        assert_eq!((row.open, &outcome.exits[..]), (Some(open), &[expected][..]), "{}", row.detail);
    }
    let unlinked = || Confirmation { cut_short: Some("no linker".into()), ..Confirmation::default() };
    let torn = || pairs((0..12).map(|i| if i % 2 == 0 { 0.06 } else { 0.0 }));

    // Beyond the tolerance at the suite's error level, and never asked of link orders: fails unless the policy says otherwise.
    let slower = flagged(&[0.1; 12], None);
    check(&slower, None, Open::Slower, ExitCode::Inconclusive);
    check(&slower, Some(Action::Warn), Open::Slower, ExitCode::Pass);
    // The same with fewer pairs is not beyond it at that level.
    check(&flagged(&[0.1; 5], None), None, Open::Undecided, ExitCode::Pass);
    check(&flagged(&[0.1; 5], None), Some(Action::Fail), Open::Undecided, ExitCode::Inconclusive);
    // What fresh link orders left open follows the policy, however sure the pairs of one link are.
    let left_open = flagged(&[0.1; 12], Some(Confirmation { pairs: torn(), ..Confirmation::default() }));
    check(&left_open, None, Open::Undecided, ExitCode::Pass);
    check(&left_open, Some(Action::Fail), Open::Undecided, ExitCode::Inconclusive);
    // A suspicion that could not be looked into makes the run incomplete, whatever the policy says.
    for stated in [None, Some(Action::Warn), Some(Action::Pass), Some(Action::Fail)] {
        check(&flagged(&[0.1; 5], Some(unlinked())), stated, Open::Unconfirmed, ExitCode::Incomplete);
    }
    // Not slower is no failure, whatever the policy says.
    check(&flagged(&[-0.02; 8], None), Some(Action::Fail), Open::NotSlower, ExitCode::Pass);
    check(&flagged(&[-0.1; 5], Some(unlinked())), Some(Action::Fail), Open::NotSlower, ExitCode::Pass);
}

#[test]
fn a_failed_confirmation_is_red_if_pairs_show_it_and_a_full_disk_is_said() {
    let exits = |built: &[f64], is_disk_full, is_interrupted| {
        let cut_short = Some("no linker".into());
        let confirmation = Confirmation { cut_short, is_disk_full, ..Confirmation::default() };
        let run = Run { is_interrupted, ..flagged(built, Some(confirmation)) };
        judge(&Policy::default(), &run).exits
    };
    use ExitCode::{Incomplete, Output, Regression};
    assert_eq!(exits(&[0.1; 12], false, false), [Regression]);
    assert_eq!(exits(&[0.1; 5], false, false), [Incomplete]);
    assert_eq!(exits(&[0.1; 12], true, false), [Output, Regression]);
    assert_eq!(exits(&[0.1; 5], true, false), [Output, Incomplete]);
    assert_eq!(exits(&[0.1; 12], false, true), [Incomplete, Regression]);
    assert_eq!(exits(&[-0.1; 5], false, false), [ExitCode::Pass]);
}

#[test]
fn a_share_may_be_inconclusive() {
    #[track_caller]
    fn check(open_rows: usize, at_most: f64, evidence: fn() -> Evidence, expected: ExitCode) {
        let ids = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "io/x"];
        let of = |at: usize| if at < open_rows { evidence() } else { quiet() };
        // `io/x` does not gate, and counts on neither side; nor does what is new.
        let series = ids.iter().enumerate().map(|(at, id)| (*id, Metric::Time, if at == 9 { open() } else { of(at) }));
        let run = run_of(series.chain([("new", Metric::Time, new())]));
        let outcome = judge(&Policy { inconclusive_at_most: Some(at_most), ..policy() }, &run);
        assert_eq!(outcome.exits, [expected], "{:?}", outcome.warnings);
        let failing = outcome.rows.iter().filter(|row| row.action == Action::Fail).count();
        assert_eq!((failing, outcome.warnings.len()), if expected == ExitCode::Pass { (0, 0) } else { (open_rows, 1) });
    }
    check(0, 0.0, open, ExitCode::Pass);
    check(1, 0.0, open, ExitCode::Inconclusive);
    check(3, 1.0 / 3.0, open, ExitCode::Pass);
    check(4, 1.0 / 3.0, open, ExitCode::Inconclusive);
    check(4, 1.0 / 3.0, not_slower, ExitCode::Pass);
    check(8, 1.0, open, ExitCode::Pass);
    let policy = Policy { inconclusive_at_most: Some(0.1), ..policy() };
    let outcome = judge(&policy, &run_of([("a", Metric::Time, open()), ("b", Metric::Time, quiet())]));
    let told =
        "1 of 2 compared series left open whether they got worse, more than the 10 % that `[on] inconclusive` allows";
    assert_eq!(outcome.warnings, [told]);
}
