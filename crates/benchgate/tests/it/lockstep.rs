//! Lockstep, end to end: benches that do real work, and those that cannot take part.
//!
//! What real work takes depends on what else the machine does, and a noisy one honestly says `inconclusive`. So of equal work it
//! is held that nothing fails and how the sides were interleaved, and what must be red is work that is done twice.

use crate::ran::Ran;
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

/// These benches are measured, so on a busy machine they may stay undecided.
#[track_caller]
fn is_not_red(ran: &Ran, words: &str) {
    ran.ends(if ran.code == 4 { 4 } else { 0 }, &[words]);
}

#[test]
fn real_work_is_measured_in_lockstep_and_twice_of_it_is_red() {
    let Some(subject) = Subject::new(&bench("parse", 100.0, "real")) else { return };
    let how = "lockstep, turns of 0.25 ms handed over at the end of timed sections";
    is_not_red(&subject.bench(&["--base", "HEAD", "--measure-identical"]), "1 series: 1 ");
    assert_eq!(interleaving(&subject), how);
    subject.script(&bench("parse", 200.0, "real"));
    // Seven pairs of one link are enough, before any noise is looked at.
    subject.write("benchgate.toml", "[confirm]\nlink_orders = false\n");
    let red = subject.bench(&[]);
    red.ends(100, &["FAIL: 1 regressed of 1 series"]).time("parse", "regressed");
    assert_eq!(interleaving(&subject), how);
    let estimate = red.series("area/block/parse/small", "time")["effect"]["estimate"].as_f64().expect("a number");
    assert!(estimate > 0.5, "{estimate}");
}

#[test]
fn thread_that_never_rests_ends_lockstep_with_a_word() {
    let Some(subject) = Subject::new(&bench("parse", 100.0, "real+spin")) else { return };
    let ran = subject.bench(&["--base", "HEAD", "--measure-identical", "--quick"]);
    is_not_red(&ran, "`area/block/parse/small` was not measured in lockstep: its other threads ran for ");
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
    is_not_red(&subject.bench(&["--base", "HEAD", "--measure-identical"]), "1 series: 1 ");
    let how = "lockstep, turns of 0.25 ms handed over at the end of timed sections, on all processors";
    assert_eq!(interleaving(&subject), how);
}

#[test]
fn executable_of_which_nothing_is_left_is_interleaved_all_the_same() {
    let Some(subject) = Subject::new(&bench("parse", 100.0, "real")) else { return };
    let manifest = subject.read("Cargo.toml");
    let small = "opt-level = \"s\"\nlto = true\ncodegen-units = 1\nstrip = true\n";
    subject.write("Cargo.toml", &manifest.replace("opt-level = 0\n", small));
    subject.write(".cargo/config.toml", "[build]\nrustflags = [\"-Cpanic=abort\"]\n");
    subject.commit("Leave nothing");
    is_not_red(&subject.bench(&["--base", "HEAD", "--measure-identical"]), "1 series: 1 ");
    assert_eq!(interleaving(&subject), "lockstep, turns of 0.25 ms handed over at the end of timed sections");
}

#[test]
fn row_says_whose_clock_it_shows() {
    let Some(subject) = Subject::new(&bench("parse", 100.0, "real+calendar")) else { return };
    let ran = subject.bench(&["--base", "HEAD", "--measure-identical", "--quick"]);
    is_not_red(&ran, "not measured in lockstep: its times are those of `SystemTime`, not of `Instant`");
    assert!(interleaving(&subject).contains("taking turns bench by bench"), "{}", interleaving(&subject));
}

#[test]
fn main_that_ignores_its_arguments_is_measured_all_the_same() {
    let script = |nanos| format!("stubborn\n{}{}", bench("parse", nanos, "ok"), bench("print", 1000.0, "ok"));
    let Some(subject) = Subject::new(&script(1000.0)) else { return };
    subject.script(&script(2000.0));
    let red = subject.bench(&[]);
    let cure = "`Criterion::default().configure_from_args()`";
    red.ends(100, &["its `main` ignores its arguments", cure]).time("parse", "regressed");
    red.time("print", "unchanged");
}
