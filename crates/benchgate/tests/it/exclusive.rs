//! Benches whose sides cannot live at once: each takes a lock that outlives it by a moment.

use std::fs;

use crate::ran::Ran;
use crate::subject::{Subject, bench};

const TURNS: &str = "one process at a time: the sides cannot live at once";

/// Benches of base and candidate, with a lock that all processes want.
fn run(subject: &Subject, arguments: &[&str]) -> Ran {
    let lock = subject.home().join("lock");
    subject.bench_with(arguments, &[("SUBJECT_LOCK", lock.to_str().expect("UTF-8"))])
}

#[test]
fn sides_that_cannot_live_at_once_take_turns_process_by_process() {
    let Some(subject) = Subject::new(&(bench("parse", 1000.0, "exclusive") + &bench("print", 2000.0, "ok"))) else {
        return;
    };
    subject.script(&(bench("parse", 1300.0, "exclusive") + &bench("print", 2000.0, "ok")));
    let markdown = subject.home().join("out.md");
    let ran = run(&subject, &["--output", &format!("markdown={}", markdown.display())]);
    ran.ends(100, &["1 regressed", TURNS, "failed while both lived", "the database is locked", "`exclusive = true`"]);
    ran.time("parse", "regressed").time("print", "unchanged");
    let kind = |name: &str| ran.series(&format!("area/block/{name}/small"), "time")["pair_kind"].as_str();
    assert_eq!((kind("parse"), kind("print")), (Some("one-at-a-time"), None), "{}", ran.said());
    assert!(fs::read_to_string(markdown).unwrap().contains(TURNS));
    // What was kept says it as well.
    subject.run(&["explain", "parse"]).ends(0, &[TURNS]);
}

#[test]
fn class_that_says_so_beforehand_skips_the_failing_try() {
    let policy = "[class.database]\nids = [\"area/**\"]\nexclusive = true\n";
    let script = format!("exclusive\n{}", bench("parse", 1000.0, "ok"));
    let Some(subject) = Subject::made("", &[("benches/script.txt", &script), ("benchgate.toml", policy)]) else {
        return;
    };
    subject.script(&format!("exclusive\n{}", bench("parse", 1300.0, "ok")));
    let ran = run(&subject, &[]);
    ran.ends(100, &["1 regressed", TURNS]).time("parse", "regressed");
    assert!(!ran.said().contains("failed while both lived"), "{}", ran.said());
    // A lock that is taken once, before the first bench, is noticed without being told.
    subject.write("benchgate.toml", "");
    let ran = run(&subject, &[]);
    ran.ends(100, &["1 regressed", TURNS, "failed while both lived"]).time("parse", "regressed");
}
