//! Stored times: recorded on request beside the reference program, shown from three recordings on, a gate from eight.
//!
//! The recordings that the verdicts here rest on are made of one real recording, shifted by hand: what a machine makes of eight real
//! ones in a minute is nothing to hold a test against. Tolerances are wide for the same reason.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::subject::{Subject, bench, usual};

const WIDE: &str = "[tolerance]\ntime = \"50%\"\n\n[confirm]\nlink_orders = false\n";

/// A subject with one recording of its two benches.
fn recorded() -> Option<Subject> {
    let subject = Subject::new(&usual())?;
    subject.write("benchgate.toml", WIDE);
    subject.commit("Allow for a busy machine");
    let said = ["recorded 2 benchmarks in 10 pairs each, the recording number 1", "`[confirm] link_orders = false`"];
    subject.run(&["baseline", "record"]).ends(0, &said);
    Some(subject)
}

/// The file of this machine's class.
fn file(subject: &Subject) -> PathBuf {
    let mut entries = fs::read_dir(subject.root().join("baselines/time")).expect("a directory");
    entries.next().expect("a file").expect("readable").path()
}

/// Makes so many recordings of the first one, a day apart and 0.2 % up and down, with `shift` on the times of `parse`.
fn make(subject: &Subject, count: usize, shift: f64) {
    let file = file(subject);
    let mut baseline: Value = serde_json::from_str(&fs::read_to_string(&file).expect("readable")).expect("JSON");
    let first = baseline["recordings"][0].clone();
    let recordings = (0..count).map(|day| {
        let mut recording = first.clone();
        recording["started"] = format!("2026-01-{:02}T00:00:00Z", 1 + day).into();
        for time in recording["targets"][0]["times"].as_array_mut().expect("times") {
            let up_or_down = if day % 2 == 0 { 0.002 } else { -0.002 };
            let own = if time["function"] == "parse" { shift } else { 0.0 };
            time["ratio"] = (first_ratio(&first, &time["function"]) + up_or_down + own).into();
        }
        recording
    });
    baseline["recordings"] = recordings.collect();
    fs::write(&file, baseline.to_string()).expect("written");
}

fn first_ratio(recording: &Value, function: &Value) -> f64 {
    let times = recording["targets"][0]["times"].as_array().expect("times");
    let time = times.iter().find(|time| time["function"] == *function).expect("it was recorded");
    time["ratio"].as_f64().expect("a number")
}

const AGAIN: [&str; 3] = ["--stored", "--measure-identical", "--verbose"];

#[test]
fn eight_recordings_gate_three_are_shown_and_fewer_are_not() {
    let Some(subject) = recorded() else { return };
    let one = subject.bench(&AGAIN);
    one.ends(4, &["since 1 of at least 3 recordings are stored", "no time was compared"]).time("parse", "advisory");

    make(&subject, 7, 0.0);
    subject
        .bench(&AGAIN)
        .ends(4, &["times shown and not judged: 2, since 7 of 8 recordings"])
        .time("parse", "advisory");

    make(&subject, 8, 0.0);
    let green = subject.bench(&AGAIN);
    green.ends(0, &["2 unchanged"]).time("parse", "unchanged").time("print", "unchanged");

    // As if the candidate took four and a half times as long as what was recorded.
    make(&subject, 8, -1.5);
    let red = subject.bench(&AGAIN);
    red.ends(100, &["FAIL: 1 regressed of 2 series", "whose layout may be the cause"]);
    red.time("parse", "regressed").time("print", "unchanged");
    let estimate = red.series("area/block/parse/small", "time")["effect"]["estimate"].as_f64().expect("a number");
    assert!((2.5..5.0).contains(&estimate), "{estimate}");

    // The run can be judged again, since it keeps what it was held against.
    subject.run(&["report"]).ends(100, &["1 regressed of 2 series"]);
}

#[test]
fn code_that_was_recorded_need_not_be_measured() {
    let Some(subject) = recorded() else { return };
    let ran = subject.bench(&["--stored"]);
    ran.ends(0, &["2 identical"]).time("parse", "identical");
}

#[test]
fn measuring_writes_no_recording_and_recording_adds_one() {
    let Some(subject) = recorded() else { return };
    let before = fs::read_to_string(file(&subject)).expect("readable");
    subject.bench(&AGAIN).ends(4, &[]);
    assert_eq!(fs::read_to_string(file(&subject)).expect("readable"), before);
    make(&subject, 4, 0.0);
    subject
        .run(&["baseline", "record", "parse"])
        .ends(0, &["recorded 1 benchmarks in 10 pairs each, the recording number 5"]);
    subject
        .run(&["baseline", "list"])
        .ends(0, &["  4  2026-01-04T00:00:00Z", "2 benchmarks, one link", "1 benchmarks, one link"]);
    subject
        .run(&["baseline", "show"])
        .ends(0, &["area/block/parse/small", "x reference, 5 recordings, spread ", "sees "]);
    subject.run(&["baseline", "diff", "1", "2"]).ends(0, &["nothing is judged", "-0.40 %  the same code"]);
    subject.run(&["baseline", "diff", "1", "9"]).stops(105, &["there is no recording 9, there are 5"], "baseline list");
    subject.run(&["baseline", "prune", "--keep", "2"]).ends(0, &["dropped 3 recordings, kept 2"]);
    subject.run(&["baseline", "prune", "--keep", "2"]).ends(0, &["dropped 0 recordings, kept 2"]);
    subject.run(&["baseline", "list"]).ends(0, &["  1  2026-01-04T00:00:00Z"]);
}

#[test]
fn times_of_another_machine_class_are_advisory() {
    let Some(subject) = recorded() else { return };
    make(&subject, 8, -1.5);
    let file = file(&subject);
    fs::rename(&file, file.with_file_name("riscv-of-another-kind.json")).expect("renamed");
    let ran = subject.bench(&AGAIN);
    ran.ends(4, &["no times are stored for this machine class, but for 1 others"]).time("parse", "advisory");
}

#[test]
fn damaged_times_are_an_error_and_are_left_as_they_are() {
    let Some(subject) = recorded() else { return };
    let file = file(&subject);
    let text = fs::read_to_string(&file).expect("readable");
    fs::write(&file, &text[..text.len() / 2]).expect("written");
    for arguments in [
        &["baseline", "record"][..],
        &["baseline", "list"],
        &["baseline", "show"],
        &["baseline", "prune", "--keep", "1"],
    ] {
        subject.run(arguments).stops(105, &["damaged at line"], "git checkout -- ");
    }
    subject.run(&[&["bench"][..], &AGAIN].concat()).stops(105, &["damaged at line"], "git checkout -- ");
    assert_eq!(fs::read_to_string(&file).expect("readable"), text[..text.len() / 2]);
}

#[test]
fn recordings_are_spread_over_fresh_link_orders() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let ran = subject.run(&["baseline", "record"]);
    ran.ends(0, &["recorded 2 benchmarks in 10 pairs each"]);
    // Where the linker is not LLD, that is told, and the recording says that it is of one link.
    let is_one_link = ran.said().contains("all pairs are of one link");
    let expected = if is_one_link { "2 benchmarks, one link" } else { "2 benchmarks, 10 link orders" };
    subject.run(&["baseline", "list"]).ends(0, &[expected]);
}

#[test]
fn code_that_was_recorded_once_on_the_way_proves_nothing() {
    let Some(subject) = recorded() else { return };
    // Eight recordings of another, faster code before this one's: what counts is theirs.
    let file = file(&subject);
    let mut baseline: Value = serde_json::from_str(&fs::read_to_string(&file).expect("readable")).expect("JSON");
    let own = baseline["recordings"][0].clone();
    make(&subject, 8, -1.5);
    let made: Value = serde_json::from_str(&fs::read_to_string(&file).expect("readable")).expect("JSON");
    let mut recordings = made["recordings"].as_array().expect("a list").clone();
    recordings.iter_mut().for_each(|one| one["targets"][0]["code"] = "another".into());
    recordings.push(own);
    baseline["recordings"] = recordings.into();
    fs::write(&file, baseline.to_string()).expect("written");
    subject.bench(&["--stored"]).ends(100, &["1 regressed of 2 series"]).time("parse", "regressed");
}

#[test]
fn bench_whose_times_were_recorded_and_that_is_gone_is_removed() {
    let Some(subject) = recorded() else { return };
    subject.script(&bench("parse", 1000.0, "ok"));
    let ran = subject.bench(&["--stored"]);
    ran.ends(106, &["1 removed"]).time("print", "removed");
}

#[test]
fn bench_that_crashes_is_left_out_and_told_by_the_exit_code() {
    let Some(subject) = Subject::new(&(usual() + &bench("sort", 1000.0, "panic:2"))) else { return };
    subject.write("benchgate.toml", WIDE);
    let ran = subject.run(&["baseline", "record"]);
    ran.ends(104, &["recorded 2 benchmarks", "left out area/block/sort/small"]);
}
