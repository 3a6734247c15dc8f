//! Ways to pass without having looked: what is small, what is not understood, what was forgotten.

use std::process::Command;

use regex::Regex;

use crate::subject::{Subject, bench, usual};

#[test]
fn benchmarks_of_nanoseconds_are_gated_like_others() {
    let script = |parse| bench("parse", parse, "ok") + &bench("print", 3.0, "ok");
    let Some(subject) = Subject::new(&script(3.0)) else { return };
    subject.script(&script(3.3));
    subject.bench(&[]).ends(100, &["1 regressed of 2 series"]).time("parse", "regressed").time("print", "unchanged");
}

/// A target without `harness = false` runs the standard harness, which knows no benchmarks and ends well.
#[test]
fn bench_of_the_standard_harness_is_not_taken_for_a_pass() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let manifest = subject.read("Cargo.toml");
    // Nor is that of the library, which chokes on the flags of benches where cargo passes them to all targets.
    subject.write("Cargo.toml", &manifest.replace("[lib]\nbench = false\n", ""));
    subject.write("benches/plain.rs", "#[test]\nfn nothing() {}\n");
    subject.commit("Add a bench without a harness");
    subject.script(&(bench("parse", 1100.0, "ok") + &bench("print", 2000.0, "ok")));
    subject.write("benches/own.rs", "fn main() {}\n");
    subject.write("Cargo.toml", &(subject.read("Cargo.toml") + "\n[[bench]]\nname = \"own\"\nharness = false\n"));
    let words = [
        "bench `plain` of `subject` is not measured: Rust's own harness runs it and finds no benchmark",
        "bench `own` of `subject` is not measured: it has a `main` of its own",
        "1 regressed of 2 series",
    ];
    let outputs = ["markdown", "junit", "github"].map(|kind| format!("{kind}={}", subject.home().join(kind).display()));
    let arguments = outputs.iter().flat_map(|output| ["--output", output]).collect::<Vec<_>>();
    let ran = subject.bench(&arguments);
    ran.ends(100, &words);
    let not_measured = ran.json()["not_measured"].as_array().unwrap();
    let harnesses: Vec<_> = not_measured.iter().map(|one| (one["bench"].as_str(), one["harness"].as_str())).collect();
    assert_eq!(harnesses, [(Some("own"), Some("own")), (Some("plain"), Some("libtest"))]);
    let report = std::fs::read_to_string(subject.root().join("target/benchgate/report/index.html")).unwrap();
    let others =
        ["markdown", "junit", "github"].map(|kind| std::fs::read_to_string(subject.home().join(kind)).unwrap());
    for text in others.iter().chain([&report]) {
        let is_named = |name: &str| text.lines().any(|line| line.contains(name) && line.contains("is not measured"));
        assert!(is_named("plain") && is_named("own"), "{text}");
    }
    let list = subject.run(&["list"]);
    assert!(list.code == 0 && list.err.contains("`own` of `subject` is not measured"), "{}", list.said());
    // The harness of a bench got lost.
    subject.script(&usual());
    let lost = subject.read("Cargo.toml").replace("harness = false\n", "");
    subject.write("Cargo.toml", &lost);
    let words = ["nothing was compared among 2 series: 2 removed", "bench `plain` of `subject` is not measured"];
    subject.bench(&[]).ends(106, &words).time("parse", "removed").time("print", "removed");
    // Where there is no other bench, there is nothing.
    subject.commit("Lose it");
    subject.write("src/more.rs", "");
    subject.bench(&[]).stops(
        4,
        &["nothing to compare", "bench `times` of `subject` is not measured"],
        "`harness = false`",
    );
}

/// A tolerance that is given for one change outlives it where it is a flag of the command that CI runs: what loosens the gate is a
/// file that is reviewed, and an acceptance that ends.
#[test]
fn no_flag_loosens_the_gate() {
    let help = |verb: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_cargo-benchgate")).args([verb, "--help"]).output();
        String::from_utf8(output.expect("the program starts").stdout).expect("text")
    };
    let flag = Regex::new(r"--([a-z-]+)").expect("a valid expression");
    let loose = [
        "toler", "thresh", "accept", "allow", "ignore", "fail", "lenient", "noise", "skip", "force", "gate", "policy",
        "config",
    ];
    let help = help("bench");
    let flags: Vec<&str> = flag.captures_iter(&help).map(|found| found.extract::<1>().1[0]).collect();
    assert!(flags.contains(&"base") && flags.len() > 8, "{flags:?}");
    let found: Vec<&&str> = flags.iter().filter(|flag| loose.iter().any(|word| flag.contains(word))).collect();
    assert!(found.is_empty(), "{found:?}: put it into `benchgate.toml`, which the base revision decides");
}
