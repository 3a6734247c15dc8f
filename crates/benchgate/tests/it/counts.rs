//! Exact counts: one allocation too many is red without any statistics, and what cannot be counted is said.

use crate::subject::{Subject, bench, heap, usual};

fn counts() -> String {
    heap("parse", 3, 96, 0, "ok") + &heap("print", 1, 32, 0, "ok")
}

#[test]
fn planted_allocation_is_red_by_the_counts_alone_and_reverting_is_green() {
    let Some(subject) = Subject::with_heap(&usual(), &counts()) else { return };
    subject.heap(&(heap("parse", 4, 96, 0, "ok") + &heap("print", 1, 32, 0, "ok")));
    let red = subject.bench(&[]);
    red.ends(
        100,
        &[
            "FAIL: 1 regressed of 14 series",
            "1 allocs/iter more, 33 %",
            "reproduce: cargo benchgate bench 'area/block/parse/small'",
        ],
    );
    red.verdict("parse", "allocations", "regressed").verdict("parse", "bytes", "unchanged");
    red.verdict("print", "allocations", "unchanged").time("parse", "identical").time("print", "identical");
    let series = red.series("area/block/parse/small", "allocations");
    assert_eq!(
        (&series["base"], &series["candidate"], &series["unit"]),
        (&3.0.into(), &4.0.into(), &"allocs/iter".into())
    );

    subject.heap(&counts());
    let green = subject.bench(&["--base", "HEAD"]);
    green.ends(0, &["PASS: 14 series: 14 identical"]).verdict("parse", "allocations", "identical");

    subject.heap(&(heap("parse", 2, 96, 0, "ok") + &heap("print", 1, 32, 0, "ok")));
    subject.bench(&[]).ends(0, &["1 improved"]).verdict("parse", "allocations", "improved");
}

#[test]
fn growth_with_the_iterations_is_leaked() {
    let Some(subject) = Subject::with_heap(&usual(), &counts()) else { return };
    subject.heap(&(heap("parse", 3, 96, 16, "ok") + &heap("print", 1, 32, 0, "ok")));
    let ran = subject.bench(&[]);
    ran.ends(107, &["1 leaked of 14 series"]).verdict("parse", "live-slope", "leaked").verdict(
        "print",
        "live-slope",
        "unchanged",
    );
}

#[test]
fn counts_that_do_not_repeat_are_not_compared_as_if_they_did() {
    let Some(subject) = Subject::with_heap(&usual(), &counts()) else { return };
    #[track_caller]
    fn check(subject: &Subject, bytes: u32, action: &str, verdict: &str, words: &[&str]) {
        subject.heap(&(heap("parse", 3, bytes, 0, action) + &heap("print", 1, 32, 0, "ok")));
        let ran = subject.bench(&["--verbose"]);
        ran.ends(0, words).verdict("parse", "bytes", verdict).verdict("print", "bytes", "unchanged");
    }
    // What the harness itself says does not repeat.
    check(&subject, 96, "unsteady", "not-counted", &["6 not-counted"]);
    check(&subject, 97, "unsteady", "not-counted", &["6 not-counted"]);
    check(
        &subject,
        99,
        "unsteady",
        "inconclusive",
        &["1 inconclusive", "the candidate's count does not repeat itself, but it grew"],
    );
    // What it says does repeat, and four fresh processes do not agree upon.
    check(&subject, 96, "drift", "not-counted", &["1 not-counted"]);
    check(
        &subject,
        96,
        "surge",
        "inconclusive",
        &["1 inconclusive", "the candidate's count does not repeat itself, but it grew"],
    );
}

#[test]
fn heap_bench_that_fails_is_errored_beside_its_neighbours() {
    let Some(subject) = Subject::with_heap(&usual(), &counts()) else { return };
    subject.heap(&(heap("parse", 3, 96, 0, "panic") + &heap("print", 1, 32, 0, "ok")));
    let ran = subject.bench(&[]);
    ran.ends(104, &["candidate: panicked: the case is broken"]).verdict("print", "allocations", "unchanged");
    ran.verdict("parse", "allocations", "errored").time("parse", "identical");
    subject.heap(&(heap("parse", 3, 96, 0, "rubbish") + &heap("print", 1, 32, 0, "ok")));
    subject.bench(&[]).ends(104, &["which is no result"]).verdict("parse", "allocations", "errored");
    subject.heap(&(heap("parse", 3, 96, 0, "hang") + &heap("print", 1, 32, 0, "ok")));
    let ran = subject.bench_with(&[], &[("BENCHGATE_STEP_LIMIT", "2")]);
    ran.ends(104, &["it did not end in time"]).verdict("parse", "allocations", "timed-out");
    // It fails as well where both sides hold the same.
    subject.heap(&(heap("parse", 3, 96, 0, "panic") + &heap("print", 1, 32, 0, "ok")));
    subject.commit("Break");
    let ran = subject.bench(&["--base", "HEAD"]);
    ran.ends(104, &["panicked: the case is broken"]).verdict("print", "allocations", "identical");
    ran.verdict("parse", "allocations", "errored").time("parse", "identical");
}

#[test]
fn case_of_the_heap_on_one_side_only_is_new_or_removed() {
    let Some(subject) = Subject::made("", &[("benches/heap.txt", &counts())]) else { return };
    subject.heap(&(heap("parse", 3, 96, 0, "ok") + &heap("sort", 0, 0, 0, "ok")));
    let ran = subject.bench(&[]);
    ran.ends(106, &["6 removed of 18 series"]);
    ran.verdict("sort", "allocations", "new").verdict("print", "allocations", "removed");
    ran.verdict("parse", "allocations", "unchanged");
}

#[test]
fn slower_and_heavier_at_once_are_both_named() {
    let Some(subject) = Subject::with_heap(&usual(), &counts()) else { return };
    subject.script(&(bench("parse", 1000.0, "ok") + &bench("print", 2400.0, "ok")));
    subject.heap(&(heap("parse", 4, 96, 0, "ok") + &heap("print", 1, 32, 0, "ok")));
    let ran = subject.bench(&[]);
    ran.ends(100, &["2 regressed"]).time("print", "regressed").verdict("parse", "allocations", "regressed");
}

#[test]
fn stored_counts_of_a_heap_bench_that_is_gone_are_removed() {
    let Some(subject) = Subject::with_heap(&usual(), &counts()) else { return };
    subject.run(&["baseline", "save"]).ends(0, &["wrote"]);
    let manifest = subject.read("Cargo.toml");
    let (kept, _) = manifest.split_once("\n[[bench]]\nname = \"heap_counts\"").unwrap();
    subject.write("Cargo.toml", kept);
    std::fs::remove_file(subject.root().join("benches/heap_counts.rs")).unwrap();
    let ran = subject.bench(&["--stored"]);
    ran.ends(106, &["removed"]);
    assert!(ran.census("removed") > 0 && ran.census("unchanged") == 0, "{}", ran.said());
}
