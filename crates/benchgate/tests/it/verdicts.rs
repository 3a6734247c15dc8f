//! Every verdict on times, end to end.

use crate::subject::{Subject, bench, heap, usual};

#[test]
fn planted_slowdown_turns_red_and_names_its_bench() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.script(&(bench("parse", 1100.0, "ok") + &bench("print", 2000.0, "ok")));
    let red = subject.bench(&[]);
    red.ends(100, &["FAIL: 1 regressed of 2 series", "slower by ", "reproduce: cargo benchgate bench"]);
    red.ends(100, &["your uncommitted changes, against `HEAD`"]);
    red.ends(100, &["; confirmed on 7 link orders: +", "fresh link orders: 1 series on 7 of each side, "]);
    // The fewest that can: what is clear takes no more of them. What that may cost is said before.
    let before = "judging 1 series on fresh link orders, as many as it takes and at most 36: one more build of both sides, then within \
                  the budget";
    assert!(red.err.contains(before), "{}", red.said());
    let confirmed = &red.series("area/block/parse/small", "time")["link_orders"];
    assert_eq!(confirmed["pairs"], 7, "{confirmed:#}");
    assert!(confirmed["lowest"].as_f64().unwrap() > 0.08, "{confirmed:#}");
    assert!(red.series("area/block/print/small", "time")["link_orders"].is_null());
    red.time("parse", "regressed").time("print", "unchanged");
    let series = red.series("area/block/parse/small", "time");
    let estimate = series["effect"]["estimate"].as_f64().unwrap();
    assert!((0.08..0.12).contains(&estimate), "{series:#}");
    assert!(series["effect"]["lower"].as_f64().unwrap() > 0.02, "{series:#}");
    assert!((series["base"].as_f64().unwrap() / 1000.0 - 1.0).abs() < 0.01, "{series:#}");
    assert_eq!(red.json()["verdict"], "fail");

    subject.script(&usual());
    let green = subject.bench(&["--base", "HEAD", "--measure-identical"]);
    green.ends(0, &["PASS: 2 series: 2 unchanged"]).time("parse", "unchanged").time("print", "unchanged");
    assert_eq!(green.json()["verdict"], "pass");
}

#[test]
fn faster_code_is_improved_and_passes() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.script(&(bench("parse", 800.0, "ok") + &bench("print", 2000.0, "ok")));
    let ran = subject.bench(&[]);
    ran.ends(0, &["PASS: 2 series: 1 improved, 1 unchanged", "1 series on 7 of each side"]);
    ran.time("parse", "improved").time("print", "unchanged");
    assert_eq!(ran.series("area/block/parse/small", "time")["link_orders"]["pairs"], 7);
}

#[test]
fn slowness_behind_another_bench_of_the_process_is_red() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.script(&(bench("parse", 1000.0, "ok") + &bench("print", 2000.0, "crowded")));
    let ran = subject.bench(&["--budget", "30s"]);
    let alone = "; measured in one process with 1 other bench, since alone it reads ";
    ran.ends(100, &["1 regressed of 2 series", "; confirmed on 7 link orders: +", alone]);
    ran.time("parse", "unchanged").time("print", "regressed");
    assert!(ran.err.contains("at most 36: one more build of both sides, then at most "), "{}", ran.said());
    assert!(ran.err.contains(" s beyond the budget"), "{}", ran.said());
}

#[test]
fn speed_of_one_link_order_is_layout_too() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let lib = subject.read("src/lib.rs");
    let packed = lib.replace("    1.0\n", "    if is_packed() { 0.9 } else { 1.0 }\n") + PACKED;
    subject.write("src/lib.rs", &packed);
    let ran = subject.bench(&[]);
    ran.ends(0, &["PASS: 2 series: 2 layout", "moved with the link order, not with the code: "]);
    assert!(ran.series("area/block/parse/small", "time")["effect"]["estimate"].as_f64().unwrap() < -0.08);
}

#[test]
fn noise_is_inconclusive_and_fails_only_where_the_policy_says_so() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.script(&(bench("parse", 1000.0, "noisy") + &bench("print", 2000.0, "ok")));
    let ran = subject.bench(&[]);
    ran.ends(0, &["PASS: 2 series: 1 inconclusive, 1 unchanged", "noise: this bench supports a tolerance of about"]);
    ran.time("parse", "inconclusive").time("print", "unchanged");
    subject.write("benchgate.toml", "[on]\ninconclusive = \"fail\"\n");
    let ran = subject.bench(&[]);
    ran.ends(5, &["INCONCLUSIVE: 1 inconclusive of 2 series"]).time("parse", "inconclusive");
    assert_eq!(ran.json()["verdict"], "inconclusive");
}

#[test]
fn quick_says_that_nothing_could_have_been_red() {
    let script = |nanos| ["a", "b", "c", "d", "e"].map(|name| bench(name, nanos, "ok")).concat();
    let Some(subject) = Subject::new(&script(1000.0)) else { return };
    subject.script(&script(1100.0));
    subject.write("benchgate.toml", "[confirm]\nlink_orders = false\n");
    let ran = subject.bench(&["--quick"]);
    ran.ends(4, &["red times are not confirmed on fresh link orders: `[confirm] link_orders = false`"]);
    ran.ends(4, &["9 pairs a series could not have called any time red among 5 series; that takes 10"]);
    ran.ends(4, &["ERROR: nothing was decided among 5 series: 5 inconclusive; without `--quick` more is decided"]);
    ran.time("a", "inconclusive");
    assert!(ran.series("area/block/a/small", "time")["smallest_visible_effect"].is_null());
    subject.bench(&[]).ends(100, &["5 regressed of 5 series"]);

    // Where fresh link orders decide, five pairs are enough for a suspicion, and more than three suspects get more of them.
    subject.write("benchgate.toml", "");
    subject.bench(&["--quick"]).ends(100, &["5 regressed of 5 series", "confirmed on 10 link orders"]);
}

#[test]
fn constant_samples_are_judged_like_any_others() {
    let script = |parse| bench("parse", parse, "constant") + &bench("print", 2000.0, "constant");
    let Some(subject) = Subject::new(&script(1000.0)) else { return };
    subject.write("benches/input.json", "1");
    let ran = subject.bench(&[]);
    ran.ends(0, &["PASS: 2 series: 2 unchanged"]);
    assert_eq!(ran.series("area/block/parse/small", "time")["effect"]["estimate"], 0.0);
    subject.script(&script(1100.0));
    subject.bench(&[]).ends(100, &["1 regressed of 2 series"]).time("parse", "regressed").time("print", "unchanged");
    subject.script(&script(900.0));
    subject.bench(&[]).ends(0, &["1 improved"]).time("parse", "improved").time("print", "unchanged");
}

#[test]
fn interval_that_holds_no_change_is_not_red() {
    let Some(subject) = Subject::new(&usual()) else { return };
    // Its middle is 5 % slower, and its pairs are up to 30 % apart.
    subject.script(&(bench("parse", 1050.0, "noisy") + &bench("print", 2000.0, "ok")));
    let ran = subject.bench(&[]);
    ran.ends(0, &["PASS: 2 series: 1 inconclusive, 1 unchanged"]).time("parse", "inconclusive");
    let effect = &ran.series("area/block/parse/small", "time")["effect"];
    assert!(effect["lower"].as_f64() < Some(0.0) && effect["upper"].as_f64() > Some(0.0), "{effect:#}");
}

/// Benches of one microsecond, named by letters, and how much longer they take.
fn letters(shares: impl IntoIterator<Item = f64>) -> String {
    ('a'..).zip(shares).map(|(name, share)| bench(&name.to_string(), 1000.0 * share, "ok")).collect()
}

const PAIRS_ONLY: &str = "[confirm]\nlink_orders = false\n";

#[test]
fn shift_of_the_whole_suite_is_one_headline() {
    let Some(subject) = Subject::new(&letters([1.0; 9])) else { return };
    subject.write("benchgate.toml", PAIRS_ONLY);
    subject.script(&letters([1.3; 9]));
    let ran = subject.bench(&[]);
    let one = "FAIL: what all times share has changed (build, allocator, a dependency): 9 of 9 moved alike, by about +";
    ran.ends(100, &[one, "; 9 regressed of 9 series"]);
    assert_eq!(ran.census("regressed"), 9);
    // Nine regressions by any amounts are nine.
    subject.script(&letters((0..9).map(|at| 1.1 + 0.3 * f64::from(at))));
    let ran = subject.bench(&[]);
    ran.ends(100, &["FAIL: 9 regressed of 9 series"]);
}

#[test]
fn as_many_are_found_faster_as_slower() {
    let Some(subject) = Subject::new(&letters([1.0; 8])) else { return };
    subject.write("benchgate.toml", PAIRS_ONLY);
    subject.script(&letters([1.1, 1.0 / 1.1, 1.06, 1.0 / 1.06, 1.2, 1.0 / 1.2, 1.0, 1.0]));
    let ran = subject.bench(&[]);
    ran.ends(100, &["FAIL: 3 regressed of 8 series"]);
    assert_eq!(["regressed", "improved", "unchanged"].map(|status| ran.census(status)), [3, 3, 2], "{}", ran.said());
}

/// Six functions lie next to each other unless the linker scatters them over the executable.
pub(crate) const PACKED: &str = "
fn is_packed() -> bool {
    let places = [a as fn(u32) -> u32 as usize, b as fn(u32) -> u32 as usize, c as fn(u32) -> u32 as usize,
        d as fn(u32) -> u32 as usize, e as fn(u32) -> u32 as usize, f as fn(u32) -> u32 as usize];
    places.iter().max().unwrap() - places.iter().min().unwrap() < 8192
}
#[inline(never)] fn a(x: u32) -> u32 { x ^ 1 }
#[inline(never)] fn b(x: u32) -> u32 { x ^ 2 }
#[inline(never)] fn c(x: u32) -> u32 { x ^ 3 }
#[inline(never)] fn d(x: u32) -> u32 { x ^ 4 }
#[inline(never)] fn e(x: u32) -> u32 { x ^ 5 }
#[inline(never)] fn f(x: u32) -> u32 { x ^ 6 }
";

#[test]
fn slowness_of_one_link_order_is_layout_and_passes() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let lib = subject.read("src/lib.rs");
    let packed = lib.replace("    1.0\n", "    if is_packed() { 1.1 } else { 1.0 }\n") + PACKED;
    subject.write("src/lib.rs", &packed);
    let ran = subject.bench(&[]);
    ran.ends(0, &["PASS: 2 series: 2 layout", "moved with the link order, not with the code: "]);
    ran.time("parse", "layout").time("print", "layout");
    let series = ran.series("area/block/parse/small", "time");
    assert!(series["effect"]["estimate"].as_f64().unwrap() > 0.08, "{series:#}");
    assert!(series["link_orders"]["highest"].as_f64().unwrap() < 0.02, "{series:#}");

    // The same edit is red where nobody looks at other link orders.
    subject.write("benchgate.toml", "[confirm]\nlink_orders = false\n");
    subject.bench(&[]).ends(100, &["2 regressed of 2 series"]);

    // What was shuffled is not taken for what is built later.
    subject.write("benchgate.toml", "");
    subject.write("src/lib.rs", &lib.replace("    1.0\n", "    1.2\n"));
    let slow = subject.bench(&[]);
    slow.ends(100, &["2 regressed of 2 series", "confirmed on 8 link orders: +"]);
    let confirmed = &slow.series("area/block/parse/small", "time")["link_orders"];
    assert!(confirmed["lowest"].as_f64().unwrap() > 0.18, "{confirmed:#}");
    subject.write("src/lib.rs", &(lib + "// A comment.\n"));
    subject.bench(&[]).ends(0, &["2 identical"]);
}

#[test]
fn compiler_that_is_wrapped_already_is_left_alone() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.script(&(bench("parse", 1100.0, "ok") + &bench("print", 2000.0, "ok")));
    let ran = subject.bench_with(&[], &[("RUSTC_WORKSPACE_WRAPPER", "/usr/bin/env")]);
    ran.ends(
        100,
        &["1 regressed of 2 series", "not confirmed on fresh link orders: RUSTC_WORKSPACE_WRAPPER is in use"],
    );
}

#[test]
fn bench_on_one_side_only_is_new_or_removed() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.script(&(usual() + &bench("sort", 500.0, "ok")));
    let ran = subject.bench(&[]);
    ran.ends(0, &["PASS: 3 series: 1 new, 2 unchanged"]).time("sort", "new");
    subject.script(&bench("parse", 1000.0, "ok"));
    let ran = subject.bench(&[]);
    ran.ends(106, &["ERROR: 1 removed of 2 series", "only in the base"])
        .time("print", "removed")
        .time("parse", "unchanged");
    assert_eq!(ran.json()["verdict"], "error");
}

#[test]
fn nothing_but_new_benches_is_nothing_compared() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.script(&(bench("other", 1000.0, "ok")));
    let ran = subject.bench(&["other"]);
    ran.ends(4, &["ERROR: nothing was compared among 1 series: 1 new"]);
}

#[test]
fn equal_speed_of_different_code_passes() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let lib = subject.read("src/lib.rs").replace("values[at]", "values[at].wrapping_add(1)");
    subject.write("src/lib.rs", &lib);
    subject.commit("Work differently");
    let ran = subject.bench(&["--base", "HEAD~1"]);
    ran.ends(0, &["PASS: 2 series: 2 unchanged", "asked for with --base"]);
    assert_eq!((ran.census("unchanged"), ran.census("identical")), (2, 0));
}

#[test]
fn each_side_runs_its_own_code_however_often_they_swap() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let fast = subject.read("src/lib.rs");
    let slow = fast.replace("    1.0\n", "    1.25\n");
    assert_ne!(fast, slow);
    subject.write("src/lib.rs", &slow);
    subject.commit("Be slow");
    let (fast_base, slow_base) = (["--base", "HEAD~1"], ["--base", "HEAD"]);
    for (code, base, count, word) in [
        (&slow, &fast_base, 100, "regressed"),
        (&fast, &slow_base, 0, "improved"),
        (&fast, &fast_base, 0, "identical"),
        (&slow, &slow_base, 0, "identical"),
        (&slow, &fast_base, 100, "regressed"),
        (&format!("{fast}// A comment.\n"), &slow_base, 0, "improved"),
        (&format!("{slow}// Another.\n"), &fast_base, 100, "regressed"),
        (&format!("{slow}// Another.\n"), &slow_base, 0, "identical"),
    ] {
        subject.write("src/lib.rs", code);
        subject.bench(base).ends(count, &[&format!("2 {word}")]).time("parse", word).time("print", word);
    }
}

#[test]
fn target_that_is_gone_or_new_takes_its_benches_along() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let manifest = subject.read("Cargo.toml");
    subject.write("Cargo.toml", &manifest.replace("name = \"times\"", "name = \"moved\""));
    subject.git(&["mv", "benches/times.rs", "benches/moved.rs"]);
    let ran = subject.bench(&[]);
    ran.ends(106, &["4 series: 2 removed, 2 new"]);
    let ids: Vec<&str> =
        ran.json()["series"].as_array().expect("a list").iter().filter_map(|one| one["id"].as_str()).collect();
    assert!(ids.contains(&"subject/moved: area/block/parse/small"), "{ids:?}");
    assert!(ids.contains(&"subject/times: area/block/parse/small"), "{ids:?}");
}

#[test]
fn budget_that_is_spent_leaves_an_open_row_not_a_green_one() {
    let Some(subject) = Subject::new(&usual()) else { return };
    // Five pairs are the least that prove anything. A process sleeps for half a second: one to look, then two at once a pair.
    subject.script(&(bench("parse", 1000.0, "slow") + &bench("print", 2000.0, "slow")));
    let ran = subject.bench(&["--budget", "2s"]);
    ran.ends(
        4,
        &["the budget was spent", "ERROR: nothing was decided among 2 series: 2 inconclusive; a larger `--budget`"],
    );
    ran.time("parse", "inconclusive").time("print", "inconclusive");
    assert_eq!(ran.census("unchanged"), 0);
}

#[test]
fn counts_never_stand_in_for_times() {
    let Some(subject) = Subject::with_heap(&usual(), &heap("parse", 3, 64, 0, "ok")) else { return };
    subject.script(&(bench("parse", 1000.0, "slow") + &bench("print", 2000.0, "slow")));
    let ran = subject.bench(&["--budget", "2s", "--measure-identical"]);
    ran.ends(4, &["ERROR: no time was decided among 2: 2 inconclusive; what was decided of counts"]);
    assert!(ran.census("unchanged") > 0, "{}", ran.said());
}

#[test]
fn a_share_of_the_benches_may_be_inconclusive() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.script(&(bench("parse", 1000.0, "noisy") + &bench("print", 2000.0, "ok")));
    subject.write("benchgate.toml", "[on]\ninconclusive = { at-most = \"50%\" }\n");
    subject.bench(&[]).ends(0, &["PASS: 2 series: 1 inconclusive, 1 unchanged"]);
    subject.write("benchgate.toml", "[on]\ninconclusive = { at-most = \"49%\" }\n");
    let ran = subject.bench(&[]);
    ran.ends(
        5,
        &["INCONCLUSIVE: 1 inconclusive of 2 series", "1 of 2 compared series left open whether they got worse"],
    );
}

#[test]
fn bench_that_does_not_connect_is_read_from_files() {
    let files = |script: String| format!("files\n{script}");
    let Some(subject) = Subject::new(&files(usual())) else { return };
    subject.script(&files(bench("parse", 1100.0, "ok") + &bench("print", 2000.0, "ok")));
    let ran = subject.bench(&[]);
    ran.ends(100, &["1 regressed of 2 series"]).time("parse", "regressed").time("print", "unchanged");
}

#[test]
fn more_benches_than_fit_into_one_argument_are_measured_all_the_same() {
    // Linux takes 128 KiB an argument, and the ids are one: a filter.
    let long = "x".repeat(1000);
    let script = |nanos| (0..140).map(|i| bench(&format!("{long}{i}"), nanos, "ok")).collect::<String>();
    let Some(subject) = Subject::new(&script(1000.0)) else { return };
    subject.script(&script(1000.5));
    subject.bench(&[]).ends(0, &["140 series: 140 unchanged"]);
}
