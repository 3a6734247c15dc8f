use proptest::prelude::*;

use super::*;
use crate::gate::fixture::{counts, pairs, run_of, timed};
use crate::gate::{Action, Outcome, Policy, judge};
use crate::model::{Confirmation, Evidence, Paired, Side};

/// Runs of the fixture begin on 1 January 2026.
const LAST: &str = "2026-01-01";

fn permission(id: &str, permits: Permits, expires: &str) -> Granted {
    let expires = day(expires).expect("a day");
    let acceptance = Acceptance { id: id.into(), permits, reason: "it is worth it".into(), expires, tier: None };
    Granted { acceptance, origin: Origin::Base, presence: Presence::Here }
}

fn slower(ceiling: f64) -> Permits {
    Permits::Worse { metric: Metric::Time, ceiling: Ceiling::Share(ceiling) }
}

fn heavier(ceiling: Ceiling) -> Permits {
    Permits::Worse { metric: Metric::Allocations, ceiling }
}

/// A run of `a` beside a bench that is fine, with these acceptances.
fn judged(metric: Metric, evidence: Evidence, granted: impl IntoIterator<Item = Granted>) -> Outcome {
    let mut run = run_of([("a", metric, evidence), ("good", Metric::Time, timed([0.0; 6]))]);
    run.acceptances = granted.into_iter().collect();
    judge(&Policy::default(), &run)
}

/// Status and a part of the detail of `a`, the state of its acceptance, and the exit codes.
#[track_caller]
fn check(outcome: &Outcome, status: Status, detail: &str, state: AcceptanceState, exits: &[u8]) {
    let row = outcome.rows.iter().find(|row| row.id == "a").expect("it is there");
    assert!(row.status == status && row.detail.contains(detail), "{} {}", row.status, row.detail);
    assert_eq!(outcome.acceptances[0].state, state, "{}", outcome.acceptances[0].detail);
    let codes: Vec<u8> = outcome.exits.iter().map(|exit| exit.code()).collect();
    assert_eq!(codes, exits);
}

#[test]
fn a_regression_within_its_ceiling_is_accepted() {
    use AcceptanceState::{Exceeded, Expired, Used};
    // 0.1 is 10.5 %.
    let time = |ceiling, expires| judged(Metric::Time, timed([0.1; 16]), [permission("a", slower(ceiling), expires)]);
    let within = "+10.5 % is within the 12.5 % accepted until 2026-01-01: it is worth it";
    check(&time(0.125, LAST), Status::Accepted, within, Used, &[0]);
    let beyond = "+10.5 % is beyond the 8 % that are accepted until 2026-01-01";
    check(&time(0.08, LAST), Status::Regressed, beyond, Exceeded, &[100]);
    let over = "the acceptance of up to 12.5 % ended on 2025-12-31";
    check(&time(0.125, "2025-12-31"), Status::Regressed, over, Expired, &[100]);
    let both = "ended on 2025-12-31, and +10.5 % is beyond it";
    check(&time(0.08, "2025-12-31"), Status::Regressed, both, Expired, &[100]);
}

#[test]
fn counts_are_held_against_shares_and_counts() {
    use AcceptanceState::{Exceeded, Used};
    let heap = |base, candidate, ceiling| {
        judged(Metric::Allocations, counts(base, candidate), [permission("a", heavier(ceiling), LAST)])
    };
    check(&heap(100.0, 108.0, Ceiling::Share(0.08)), Status::Accepted, "+8.0 % is within the 8 %", Used, &[0]);
    check(&heap(100.0, 109.0, Ceiling::Share(0.08)), Status::Regressed, "+9.0 % is beyond the 8 %", Exceeded, &[100]);
    // What grows from nothing has no share.
    check(&heap(0.0, 1.0, Ceiling::Share(100.0)), Status::Regressed, "any amount is beyond", Exceeded, &[100]);
    check(&heap(0.0, 1.0, Ceiling::Count(1.0)), Status::Accepted, "1 is within the 1 allocs/iter", Used, &[0]);
    check(&heap(0.0, 2.0, Ceiling::Count(1.0)), Status::Regressed, "2 is beyond the 1 allocs/iter", Exceeded, &[100]);
}

#[test]
fn fresh_link_orders_are_what_the_ceiling_is_held_against() {
    use AcceptanceState::{Exceeded, Used};
    let confirmation = Confirmation { flagged: 1, pairs: pairs([0.05; 12]), ..Confirmation::default() };
    // The link that was built is at 10.5 %, the code at 5.1 %.
    let evidence =
        Evidence::Pairs(Paired { pairs: pairs([0.1; 5]), confirmation: Some(confirmation), ..Paired::default() });
    let of = |ceiling| {
        let mut run = run_of([("a", Metric::Time, evidence.clone())]);
        run.plan.confirms_by_linking = true;
        run.acceptances = vec![permission("a", slower(ceiling), LAST)];
        judge(&Policy::default(), &run)
    };
    check(&of(0.06), Status::Accepted, "+5.1 % is within the 6 %", Used, &[0]);
    check(&of(0.05), Status::Regressed, "+5.1 % is beyond the 5 %", Exceeded, &[100]);
}

#[test]
fn a_removal_is_shown_and_does_not_fail() {
    use AcceptanceState::{Expired, Used};
    let gone = |expires| {
        let evidence = Evidence::OnlyOn { side: Side::Base, value: None };
        judged(Metric::Time, evidence, [permission("a", Permits::Removal, expires)])
    };
    let accepted = gone(LAST);
    check(&accepted, Status::Removed, "accepted until 2026-01-01: it is worth it", Used, &[0]);
    assert_eq!(accepted.rows[0].action, Action::Warn);
    check(&gone("2025-12-31"), Status::Removed, "its acceptance ended on 2025-12-31", Expired, &[106, 100]);
}

#[test]
fn an_acceptance_that_nothing_needs_is_an_error_but_in_the_change_that_adds_it() {
    use AcceptanceState::{Undecided, Unused};
    let quiet = |origin, presence, permits, id| {
        let granted = Granted { origin, presence, ..permission(id, permits, LAST) };
        judged(Metric::Time, timed([0.0; 6]), [granted])
    };
    let stale = quiet(Origin::Base, Presence::Here, slower(0.08), "a");
    check(&stale, Status::Unchanged, "", Unused, &[96]);
    assert!(stale.headline.ends_with("; the acceptance of time of `a` is unused"), "{}", stale.headline);
    let withdraw = stale.acceptances[0].withdraw.as_deref();
    assert_eq!(withdraw, Some("cargo xtask accept 'a' time --withdraw"));
    assert!(stale.warnings.is_empty(), "{:?}", stale.warnings);

    let added = quiet(Origin::Change, Presence::Here, slower(0.08), "a");
    check(&added, Status::Unchanged, "", Unused, &[0]);
    let warning = "the acceptance of time of `a`, added by this change, is unused: its series is unchanged";
    assert_eq!(added.warnings, [warning]);

    // Ids that are gone are unused; those that were not looked for, or not selected, tell nothing.
    check(&quiet(Origin::Base, Presence::Absent, slower(0.08), "b"), Status::Unchanged, "", Unused, &[96]);
    check(&quiet(Origin::Base, Presence::Absent, Permits::Removal, "b"), Status::Unchanged, "", Unused, &[96]);
    check(&quiet(Origin::Base, Presence::Here, Permits::Removal, "a"), Status::Unchanged, "", Unused, &[96]);
    check(&quiet(Origin::Base, Presence::Here, slower(0.08), "b"), Status::Unchanged, "", Undecided, &[0]);
    check(&quiet(Origin::Base, Presence::Untold, slower(0.08), "b"), Status::Unchanged, "", Undecided, &[0]);
    let other = heavier(Ceiling::Count(3.0));
    check(&quiet(Origin::Base, Presence::Here, other, "a"), Status::Unchanged, "", Undecided, &[0]);
}

#[test]
fn what_was_not_compared_does_not_make_an_acceptance_stale() {
    let not_run = Evidence::NotRun { reason: "the budget was spent".into() };
    let outcome = judged(Metric::Time, not_run, [permission("a", slower(0.08), LAST)]);
    check(&outcome, Status::NotRun, "", AcceptanceState::Undecided, &[106]);
    let open = judged(Metric::Time, timed([0.019; 16]), [permission("a", slower(0.08), LAST)]);
    check(&open, Status::Inconclusive, "", AcceptanceState::Undecided, &[0]);
}

#[test]
fn only_regressions_and_removals_can_be_accepted() {
    // A leak, a collapse and a crash stay what they are.
    let implausible = judged(Metric::Time, timed([-4.0; 16]), [permission("a", slower(0.5), LAST)]);
    check(&implausible, Status::Implausible, "", AcceptanceState::Undecided, &[107]);
}

#[test]
fn added_ones_come_first_and_wrong_ones_before_those_that_hold() {
    let mut run = run_of([
        ("a", Metric::Time, timed([0.1; 16])),
        ("b", Metric::Time, timed([0.1; 16])),
        ("c", Metric::Time, timed([0.0; 6])),
    ]);
    let added = Granted { origin: Origin::Change, ..permission("c", slower(0.08), LAST) };
    run.acceptances = vec![permission("a", slower(0.2), LAST), permission("b", slower(0.05), LAST), added];
    let outcome = judge(&Policy::default(), &run);
    let order: Vec<(&str, &str)> = outcome.acceptances.iter().map(|row| (&*row.id, row.state.name())).collect();
    assert_eq!(order, [("c", "unused"), ("b", "exceeded"), ("a", "used")]);
    assert_eq!(outcome.acceptances[2].statement, "time of `a` may be up to 20 % more until 2026-01-01");
}

#[test]
fn a_run_without_a_day_has_no_valid_acceptance() {
    let mut run = run_of([("a", Metric::Time, timed([0.1; 16]))]);
    run.acceptances = vec![permission("a", slower(0.5), "2999-12-31")];
    for started in ["", "yesterday, at noon", "2026-01-0", "ééééé"] {
        run.started = started.into();
        let outcome = judge(&Policy::default(), &run);
        check(&outcome, Status::Regressed, "ended on 2999-12-31", AcceptanceState::Expired, &[100]);
    }
}

#[test]
fn classes_that_do_not_gate_do_not_fail_by_their_acceptances() {
    let mut policy = Policy::default();
    let ids = crate::gate::IdGlobs::all();
    policy.classes.insert("io".into(), crate::gate::Class { ids, gates: false, is_exclusive: false });
    let mut run = run_of([("a", Metric::Time, timed([0.1; 16]))]);
    run.acceptances = vec![permission("a", slower(0.05), LAST)];
    check(&judge(&policy, &run), Status::Regressed, "beyond", AcceptanceState::Exceeded, &[0]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is accepted: without a ceiling above what was found, before its last day, a regression stays red.
    #[test]
    fn nothing_beyond_a_ceiling_is_accepted(ceiling in 0.001..0.3f64, effect in 0.03..0.25f64, is_over: bool) {
        let expires = if is_over { "2025-12-31" } else { LAST };
        let outcome = judged(Metric::Time, timed([effect; 16]), [permission("a", slower(ceiling), expires)]);
        let row = outcome.rows.iter().find(|row| row.id == "a").expect("it is there");
        let is_accepted = !is_over && effect.exp_m1() <= ceiling + ROUNDING;
        prop_assert_eq!(row.status, if is_accepted { Status::Accepted } else { Status::Regressed });
        prop_assert_eq!(outcome.exits.contains(&ExitCode::Regression), !is_accepted);
    }
}
