//! Lockstep, end to end: benches that do real work, and those that cannot take part.

use crate::subject::{Subject, bench};

/// How the sides of a series were interleaved, from the newest kept run.
#[track_caller]
fn interleaving(subject: &Subject) -> String {
    let newest = subject.runs().pop().expect("a run was kept");
    let run: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(newest).expect("readable")).expect("JSON");
    let text = run["series"][0]["evidence"]["pairs"]["interleaving"].as_str();
    text.unwrap_or_else(|| panic!("no interleaving: {run:#}")).to_owned()
}

#[test]
fn real_work_is_measured_in_lockstep_and_its_share_is_read() {
    let Some(subject) = Subject::new(&bench("parse", 100.0, "real")) else { return };
    let green = subject.bench(&["--base", "HEAD", "--measure-identical"]);
    green.ends(0, &["PASS: 1 series: 1 unchanged"]);
    assert_eq!(interleaving(&subject), "lockstep, turns of 0.25 ms handed over at the end of timed sections");
    subject.script(&bench("parse", 110.0, "real"));
    // Sixty-four pairs of one link see more than twelve link orders do, on a machine that is busy with other tests.
    subject.write("benchgate.toml", "[confirm]\nlink_orders = false\n");
    let red = subject.bench(&[]);
    red.ends(100, &["FAIL: 1 regressed of 1 series"]).time("parse", "regressed");
    let estimate = red.series("area/block/parse/small", "time")["effect"]["estimate"].as_f64().expect("a number");
    assert!((0.08..0.12).contains(&estimate), "{estimate}");
}

#[test]
fn thread_that_never_rests_ends_lockstep_with_a_word() {
    let Some(subject) = Subject::new(&bench("parse", 100.0, "real+spin")) else { return };
    let ran = subject.bench(&["--base", "HEAD", "--measure-identical", "--budget", "3s"]);
    ran.ends(0, &["`area/block/parse/small` was not measured in lockstep: its other threads ran for "]);
    assert!(interleaving(&subject).contains("taking turns bench by bench, on all processors; not in lockstep: "));
}

#[test]
fn static_executable_falls_back_with_a_word() {
    let Some(subject) = Subject::new(&bench("parse", 100.0, "ok")) else { return };
    subject.write(
        ".cargo/config.toml",
        "[build]\nrustflags = [\"-Ctarget-feature=+crt-static\", \"-Crelocation-model=static\"]\n",
    );
    subject.commit("Link statically");
    let ran = subject.bench(&["--base", "HEAD", "--measure-identical"]);
    ran.ends(0, &["PASS", "was not measured in lockstep: the executable is static, so nothing can be preloaded"]);
}

#[test]
fn bench_whose_threads_are_gone_when_it_ends_is_not_held_on_one_processor() {
    let Some(subject) = Subject::new(&bench("parse", 100.0, "real+join")) else { return };
    subject.bench(&["--base", "HEAD", "--measure-identical"]).ends(0, &["PASS: 1 series: 1 unchanged"]);
    let how = "lockstep, turns of 0.25 ms handed over at the end of timed sections, on all processors";
    assert_eq!(interleaving(&subject), how);
}
