use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;
use crate::fixture::{empty_run, hostile_ids, mixed, outcome, permitted, row as bare, suite, time_row};
use benchgate_core::gate::ExitCode;
use benchgate_core::model::Metric;

#[test]
fn what_is_red_stands_first_and_quiet_rows_are_folded() {
    let (run, outcome) = mixed();
    assert_snapshot!(markdown(&run, &outcome, COMMENT));
}

#[test]
fn a_run_that_compared_nothing_says_so() {
    let outcome = outcome(Vec::new(), vec![ExitCode::NothingCompared], "nothing was compared");
    let text = markdown(&empty_run(), &outcome, COMMENT);
    assert!(text.starts_with("perfblocks: 3 commits and your uncommitted changes, against the merge base"), "{text}");
    assert!(text.contains("\n\n### ! error: nothing was compared\n"), "{text}");
    assert!(text.ends_with("\n0 series: no series at all.\n"), "{text}");
}

#[test]
fn it_is_cut_between_rows_and_says_what_is_missing() {
    let (run, outcome) = suite();
    let whole = markdown(&run, &outcome, COMMENT);
    for limit in [4_000, 6_000, 9_000, 20_000] {
        let text = markdown(&run, &outcome, limit);
        assert!(text.chars().count() <= limit, "{} > {limit}", text.chars().count());
        let is_whole = |line: &&str| line.starts_with('|') && !whole.contains(line);
        assert_eq!(text.lines().find(is_whole), None, "no half row");
        assert!(text.contains(" are in the report.**") || limit == 20_000, "{text}");
        assert!(text.ends_with(".\n") && text.contains("210 series: "), "the census stays");
    }
}

#[test]
fn ten_thousand_rows_of_wide_letters_stay_below_the_limit() {
    let rows = (0..10_000).map(|i| time_row(&format!("größe/😀/{i}/µ"), Status::Regressed, 10.0, [0.1, 0.05, 0.2]));
    let outcome = outcome(rows.collect(), vec![ExitCode::Regression], "all of them");
    let text = markdown(&empty_run(), &outcome, COMMENT);
    assert!(text.chars().count() <= COMMENT);
    assert!(text.contains(" more benchmarks are in the report.**"));
}

#[test]
fn hostile_names_are_inert() {
    let rows = hostile_ids().iter().map(|id| bare(id, Metric::Time, Status::Errored)).collect();
    let mut outcome = outcome(rows, vec![ExitCode::BenchFailed], "`x` <img src=x> @all #1 [a](https://b) **c** |");
    outcome.warnings.push("<script>alert(1)</script> ![x](https://y) $a$ ~~b~~".into());
    let text = markdown(&empty_run(), &outcome, COMMENT);
    assert!(
        text.contains(
            "\n\n### ! error: `x` &lt;img src=x&gt; &#64;all &#35;1 \\[a\\](https&#58;//b) \\*\\*c\\*\\* \\|\n"
        )
    );
    assert!(text.contains("> &lt;script&gt;alert(1)&lt;/script&gt; \\!\\[x\\](https&#58;//y) \\$a\\$ \\~\\~b\\~\\~\n"));
    for line in text.lines().filter(|line| line.starts_with("| !")) {
        let bars = line.replace("\\|", "").matches('|').count();
        assert_eq!(bars, 8, "seven cells: {line}");
    }
}

#[test]
fn code_spans_hold_any_text() {
    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(code(text), expected);
    }
    check("a/b", "`a/b`");
    check("a|b", "`a\\|b`");
    check("a`b", "``a`b``");
    check("`a``", "``` `a`` ```");
    check("", "`  `");
    check("a\nb", "`a\\nb`");
}

#[test]
fn what_this_change_permits_itself_stands_first() {
    let (run, outcome) = permitted();
    assert_snapshot!(markdown(&run, &outcome, COMMENT), @r##"
    perfblocks: 3 commits and your uncommitted changes, against the merge base with `origin/main` (1a2b3c4d5 → 9f8e7d6c5)

    ### ! error: 1 series: 1 accepted; the acceptance of the removal of `pools/old` is unused

    **added by this change:** △ used: time of `pools/slice/get_put/4k` may be up to 8 % more until 2026-12-31 (reason: bounds checks). +6.1 % is within the 8 % accepted until 2026-12-31: bounds checks.

    > ✗ unused: `pools/old` may be removed until 2027-01-31 (reason: nobody calls it). no benchmark has this id. Withdraw it: `cargo xtask accept 'pools/old' --removed --withdraw`

    | configuration | base | this change |
    |---|---|---|
    | `tolerance.time` | `"2%"` | `"50%"` |

    | | benchmark | metric | base | candidate | change | why |
    |---|---|---|--:|--:|--:|---|
    | △ accepted | `pools/slice/get_put/4k` | time | 20.10 ns | 21.33 ns | +6.12% \[+5.23%, +7.04%\] | slower by 6.1 %; +6.1 % is within the 8 % accepted until 2026-12-31: bounds checks |

    1 series: 1 accepted.
    "##);
}

proptest! {
    #[test]
    fn nothing_outside_code_is_markup(text in "\\PC{0,60}") {
        let shown = plain(&text);
        let mut escaped = false;
        for c in shown.chars() {
            prop_assert!(escaped || !"`*_[]|~!$<>@".contains(c), "{shown}");
            escaped = c == '\\' && !escaped;
        }
    }

    #[test]
    fn a_fence_never_occurs_within(text in "[a`|]{0,12}") {
        let shown = code(&text);
        let fence = shown.len() - shown.trim_start_matches('`').len();
        let inner = shown[fence..shown.len() - fence].replace("\\|", "|");
        prop_assert!(inner.split(|c| c != '`').all(|run| run.len() < fence), "{shown}");
        prop_assert_eq!(inner.trim(), text.trim());
    }
}
