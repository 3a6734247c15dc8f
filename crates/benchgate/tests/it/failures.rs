//! Benches that fail on one side: each has a state and a code of its own, and its neighbours are measured all the same.

use crate::ran::Ran;
use crate::subject::{Subject, bench, usual};

/// Base as usual; in the candidate `parse` does something else, while `print` is as it was.
#[track_caller]
fn check(subject: &Subject, action: &str, code: i32, state: &str, words: &[&str]) -> Ran {
    subject.script(&(bench("parse", 1000.0, action) + &bench("print", 2000.0, "ok")));
    // Short where the whole of it is waited for; elsewhere a busy machine must not run into it.
    let limit = if action == "hang" { "2" } else { "20" };
    let ran = subject.bench_with(&[], &[("BENCHGATE_STEP_LIMIT", limit)]);
    ran.ends(code, words).time("parse", state).time("print", "unchanged");
    assert_eq!(ran.json()["verdict"], "error");
    ran
}

#[test]
fn bench_that_panics_is_errored_with_its_words() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let words = [
        "1 errored of 2 series",
        "candidate: it ended with exit status: 101",
        "the bench `area/block/parse/small` is broken",
    ];
    check(&subject, "panic", 104, "errored", &words);
    // From its fourth process on: what was measured before does not make it pass.
    check(&subject, "panic:3", 104, "errored", &["pairs failed; candidate: it ended with exit status: 101"]);
}

#[test]
fn bench_that_leaves_early_is_errored_though_it_says_that_all_is_well() {
    let Some(subject) = Subject::new(&usual()) else { return };
    check(&subject, "leave", 104, "errored", &["1 errored of 2 series", "candidate: it ended with exit status: 0"]);
}

#[test]
fn bench_that_hangs_is_timed_out() {
    let Some(subject) = Subject::new(&usual()) else { return };
    check(&subject, "hang", 104, "timed-out", &["1 timed-out of 2 series", "candidate: it took longer than 2 s"]);
}

#[test]
fn bench_that_sends_rubbish_is_errored() {
    let Some(subject) = Subject::new(&usual()) else { return };
    check(&subject, "rubbish", 104, "errored", &["1 errored of 2 series", "candidate: it sent a message that is none"]);
}

#[test]
fn readings_that_are_no_durations_are_implausible() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let why = |reading: &str| format!("candidate: sample 0 is not a duration: {reading} ns for 1000 iterations");
    check(&subject, "nan", 107, "implausible", &["1 implausible of 2 series", &why("NaN")]);
    check(&subject, "zero", 107, "implausible", &["1 implausible of 2 series", &why("0")]);
    check(&subject, "denormal", 107, "implausible", &["1 implausible of 2 series", "takes 0 % of the base's time"]);
    check(&subject, "negative", 107, "implausible", &["1 implausible of 2 series", "is not a duration: -"]);
}

#[test]
fn collapse_to_three_per_cent_is_no_improvement() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.script(&(bench("parse", 30.0, "ok") + &bench("print", 2000.0, "ok")));
    let ran = subject.bench(&[]);
    ran.ends(107, &["% of the base's time: did its work go missing?"]);
    ran.time("parse", "implausible").time("print", "unchanged");
    assert_eq!(ran.census("improved"), 0);
}

#[test]
fn bench_that_fails_in_the_base_leaves_the_others_compared() {
    let Some(subject) = Subject::new(&(bench("parse", 1000.0, "panic") + &bench("print", 2000.0, "ok"))) else {
        return;
    };
    subject.script(&(bench("parse", 1000.0, "ok") + &bench("print", 2200.0, "ok")));
    let ran = subject.bench(&[]);
    ran.ends(104, &["1 regressed, 1 errored of 2 series", "base: it ended with exit status: 101"]);
    ran.time("parse", "errored").time("print", "regressed");
}

#[test]
fn what_both_sides_fail_at_is_the_set_up_said_once_with_what_differs_from_cargo_bench() {
    let script = bench("parse", 1000.0, "panic") + &bench("print", 2000.0, "ok");
    let Some(subject) = Subject::new(&script) else { return };
    subject.script(&(bench("parse", 1001.0, "panic") + &bench("print", 2000.0, "ok")));
    let ran = subject.bench(&[]);
    ran.ends(104, &["1 series fails on both sides alike, so it is the set-up and not the change"]);
    ran.ends(
        104,
        &["both sides: it ended with exit status: 101", "unlike `cargo bench` in the work tree, the gate runs it in"],
    );
    ran.ends(104, &["there it runs with `--bench --test` alone"]);
    ran.time("parse", "errored").time("print", "unchanged");
    let json = ran.json().to_string();
    assert!(json.contains("on both sides alike") && json.contains("both sides: it ended with"), "{json}");
    assert!(!ran.out.contains("candidate: it ended") && !ran.out.contains("base: it ended"), "{}", ran.said());
}

#[test]
fn measurement_that_is_no_time_is_incomparable() {
    let Some(subject) = Subject::new(&usual()) else { return };
    check(&subject, "bytes", 106, "incomparable", &["1 incomparable of 2 series", "it measures `bytes`, not time"]);
}

#[test]
fn executable_that_cannot_list_its_benches_is_not_lost() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.script("area/block\tparse\tsmall\tno number\tok\t\n");
    // A backtrace does not push the panic's own words out of what is shown.
    let ran = subject.bench_with(&[], &[("RUST_BACKTRACE", "1")]);
    ran.ends(104, &["  a number: ParseFloatError"]);
    let ids: Vec<&str> = ran.json()["series"].as_array().unwrap().iter().filter_map(|one| one["id"].as_str()).collect();
    assert!(ids.contains(&"area/block/parse/small") || ids.contains(&"(times)"), "{ids:?}");
    let list = subject.run(&["list"]);
    assert_eq!(list.code, 104, "{}", list.said());
    assert!(list.err.contains("bench `times` does not list its benchmarks"), "{}", list.said());
}
