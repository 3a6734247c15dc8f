//! What is said: folded rows, causes, acceptances, and names that would do harm.

use insta::assert_snapshot;

use super::*;
use crate::fixture::{count_row, empty_run, hostile_ids, outcome, permitted, row, time_row};
use benchgate_core::gate::{Effect, ExitCode};
use benchgate_core::model::Metric;

#[test]
fn quiet_rows_are_folded_unless_asked_for() {
    let id = |i: usize| format!("pools/slice/get_put/{i}");
    let mut rows: Vec<_> = (0..40).map(|i| row(&id(i), Metric::Time, Status::Identical)).collect();
    rows.insert(0, time_row("pools/slice/get_put/worse", Status::Regressed, 10.0, [0.1, 0.09, 0.11]));
    let outcome = outcome(rows, vec![ExitCode::Regression], "1 of 41 series regressed");
    let folded = terminal(&empty_run(), &outcome, plain(120));
    assert_snapshot!(folded, @r#"
    perfblocks: 3 commits and your uncommitted changes, against the merge base with `origin/main` (1a2b3c4d5 → 9f8e7d6c5)

    verdict      benchmark                  metric   base  candidate  effect     interval %  could see
    ▲ regressed  pools/slice/get_put/worse  time    10 ns      11 ns  +10.0%  [+9.0, +11.0]       3.4%
    … 40 more need no attention; the report has them

    ▲ regressed pools/slice/get_put/worse time
      reproduce: cargo xtask bench 'pools/slice/get_put/worse' --base 1a2b3c4d5 --seed 7

    41 series: 1 regressed, 40 identical
    measured for 1 min 01 s, 1 min 36 s in all
    FAIL: 1 of 41 series regressed
    "#);
    let all = terminal(&empty_run(), &outcome, Look { rows: Rows::All, ..plain(120) });
    assert_eq!(all.matches("≡ identical").count(), 40);
}

#[test]
fn an_empty_run_says_so() {
    let outcome = outcome(vec![], vec![ExitCode::NothingCompared], "nothing was compared");
    assert_snapshot!(terminal(&empty_run(), &outcome, plain(80)), @r#"
    perfblocks: 3 commits and your uncommitted changes, against the merge base with
    `origin/main` (1a2b3c4d5 → 9f8e7d6c5)

    0 series
    measured for 1 min 01 s, 1 min 36 s in all
    ERROR: nothing was compared
    "#);
}

#[test]
fn columns_without_content_are_left_out() {
    let mut only = row("pools/slice/get_put/4k", Metric::Time, Status::Advisory);
    only.candidate = Some(240.0);
    let outcome = outcome(vec![only], vec![ExitCode::NothingCompared], "nothing was compared");
    assert_snapshot!(terminal(&empty_run(), &outcome, plain(100)), @r#"
    perfblocks: 3 commits and your uncommitted changes, against the merge base with `origin/main`
    (1a2b3c4d5 → 9f8e7d6c5)

    verdict     benchmark               metric  candidate
    · advisory  pools/slice/get_put/4k  time       240 ns

    1 series: 1 advisory
    measured for 1 min 01 s, 1 min 36 s in all
    ERROR: nothing was compared
    "#);
}

#[test]
fn infinite_effects_have_a_text() {
    let grown = count_row("a/b/c/d", Metric::Allocations, Status::Regressed, 0.0, 3.0);
    let gone = count_row("a/b/c/e", Metric::Allocations, Status::Improved, 3.0, 0.0);
    let mut blind = time_row("a/b/c/f", Status::Inconclusive, 5.0, [0.0, -1.0, f64::INFINITY]);
    blind.smallest_visible = Some(f64::INFINITY);
    let mut wild = row("a/b/c/g", Metric::Time, Status::Implausible);
    (wild.base, wild.candidate) = (Some(f64::NAN), Some(-f64::INFINITY));
    wild.effect = Some(Effect { estimate: f64::NAN, lower: f64::NAN, upper: f64::NAN });
    let outcome = outcome(vec![grown, gone, blind, wild], vec![ExitCode::Implausible], "1 series is implausible");
    assert_snapshot!(terminal(&empty_run(), &outcome, plain(120)), @r#"
    perfblocks: 3 commits and your uncommitted changes, against the merge base with `origin/main` (1a2b3c4d5 → 9f8e7d6c5)

    verdict         benchmark  metric       base  candidate  effect  interval %  could see
    ▲ regressed     a/b/c/d    allocations     0          3      +∞
    ▼ improved      a/b/c/e    allocations     3          0   -100%
    ? inconclusive  a/b/c/f    time         5 ns       5 ns  ±0.00%   [-100, ∞]       none
    ! implausible   a/b/c/g    time          NaN         -∞     NaN  [NaN, NaN]

    ▲ regressed a/b/c/d allocations
      reproduce: cargo xtask bench 'a/b/c/d' --base 1a2b3c4d5 --seed 7

    ! implausible a/b/c/g time
      reproduce: cargo xtask bench 'a/b/c/g' --base 1a2b3c4d5 --seed 7

    4 series: 1 regressed, 1 implausible, 1 inconclusive, 1 improved
    measured for 1 min 01 s, 1 min 36 s in all
    ERROR: 1 series is implausible
    "#);
}

#[test]
fn hostile_text_is_inert() {
    let mut rows: Vec<_> = hostile_ids().iter().map(|id| row(id, Metric::Time, Status::Errored)).collect();
    rows[0].detail = hostile_ids().join(" ");
    rows[1].id = "long".repeat(20_000);
    let mut outcome = outcome(rows, vec![ExitCode::BenchFailed], &hostile_ids().join(" "));
    outcome.warnings = hostile_ids();
    let mut run = empty_run();
    run.workspace = hostile_ids().concat();
    for width in [160, 80, 40, usize::MAX] {
        let text = terminal(&run, &outcome, plain(width));
        let is_seen = |c: char| c == '\n' || matches!(c, '"' | '\'' | '\\') || c.escape_debug().len() == 1;
        assert_eq!(text.chars().find(|&c| !is_seen(c)), None);
        check_width(&text, width);
    }
}

#[test]
fn rows_with_one_cause_are_explained_together() {
    let rows = (0..1000).map(|i| row(&format!("a/b/c/{i}"), Metric::Time, Status::NotRun)).collect();
    let text = terminal(&empty_run(), &outcome(rows, vec![ExitCode::Incomplete], "interrupted"), plain(100));
    assert_eq!(text.matches("reproduce: ").count(), COMMANDS);
    assert!(text.contains("and 999 more series"), "{text}");
}

#[test]
fn many_causes_are_explained_within_reason() {
    let cause = |i: u32| {
        let mut row = row(&format!("a/b/c/{i}"), Metric::Time, Status::NotRun);
        row.detail = format!("cause {i}");
        row
    };
    let rows = (0..1000).map(cause).collect();
    let text = terminal(&empty_run(), &outcome(rows, vec![ExitCode::Incomplete], "interrupted"), plain(100));
    assert_eq!(text.matches("  cause ").count(), EXPLAINED_CAUSES);
    assert!(text.contains("… and 990 more series in the report"), "{text}");
}

#[test]
fn what_this_change_permits_itself_stands_first() {
    let (run, outcome) = permitted();
    assert_snapshot!(terminal(&run, &outcome, plain(100)), @r##"
    perfblocks: 3 commits and your uncommitted changes, against the merge base with `origin/main`
    (1a2b3c4d5 → 9f8e7d6c5)

    acceptances added by this change
    △ used time of `pools/slice/get_put/4k` may be up to 8 % more until 2026-12-31
      reason: bounds checks
      +6.1 % is within the 8 % accepted until 2026-12-31: bounds checks

    acceptances that fail
    ✗ unused `pools/old` may be removed until 2027-01-31
      reason: nobody calls it
      no benchmark has this id
      withdraw: cargo xtask accept 'pools/old' --removed --withdraw

    configuration, base → this change
      tolerance.time: "2%" → "50%"

    verdict     benchmark               metric      base  candidate  effect    interval %  could see
    △ accepted  pools/slice/get_put/4k  time    20.10 ns   21.33 ns  +6.12%  [+5.2, +7.0]       3.4%

    △ accepted pools/slice/get_put/4k time
      slower by 6.1 %; +6.1 % is within the 8 % accepted until 2026-12-31: bounds checks

    1 series: 1 accepted
    measured for 1 min 01 s, 1 min 36 s in all
    ERROR: 1 series: 1 accepted; the acceptance of the removal of `pools/old` is unused
    "##);
    for width in [20, 40, 80] {
        let text = terminal(&run, &outcome, plain(width));
        let text: Vec<&str> = text.lines().filter(|line| !line.starts_with("  withdraw: ")).collect();
        check_width(&text.join("\n"), width);
    }
}

#[test]
fn acceptances_and_keys_are_inert() {
    let (mut run, mut outcome) = permitted();
    for (i, id) in hostile_ids().into_iter().enumerate() {
        let row = &mut outcome.acceptances[i % 2];
        row.statement = id.clone();
        row.reason = id.clone();
        run.policy_changes[0] =
            benchgate_core::model::PolicyChange { key: id.clone(), base: Some(id), candidate: None };
        let text = terminal(&run, &outcome, plain(80));
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}', '\u{0}', '\r', '\t']), "{text}");
    }
}
