//! Rows whose sides differ in more than the code that they measure: in the work, in the bench's own source, in the harness.

use std::fs;
use std::process::{Command, Stdio};

use crate::subject::{Subject, bench, git, usual};

/// A bench that declares how many elements an iteration has.
fn items(nanos: f64, elements: u32) -> String {
    format!("area/block\titems\tsmall\t{nanos}\tok\t{elements}\n")
}

#[test]
fn other_declared_work_is_incomparable_until_it_is_accepted() {
    let script = |nanos, elements| items(nanos, elements) + &bench("print", 2000.0, "ok");
    let Some(subject) = Subject::new(&script(1000.0, 1000)) else { return };
    subject.script(&script(2000.0, 2000));
    let ran = subject.bench(&[]);
    let both = "an iteration is 1000 elements in the base and 2000 elements in the candidate";
    ran.ends(106, &["1 incomparable of 2 series", both]).time("items", "incomparable").time("print", "unchanged");
    let series = ran.series("area/block/items/small", "time");
    assert!(series["reason"].as_str().is_some_and(|reason| reason.contains(both)), "{series:#}");
    assert!(series["base"].as_f64() < Some(1100.0) && series["candidate"].as_f64() > Some(1900.0), "{series:#}");

    let accept = ["accept", "area/block/items/small", "--work-changed", "--expires", "2999-12-31"];
    subject
        .run(&[&accept[..], &["--reason", "twice the items"]].concat())
        .ends(0, &["added the acceptance of the changed work"]);
    let ran = subject.bench(&[]);
    ran.ends(0, &["1 accepted, 1 unchanged", "twice the items"]).time("items", "accepted");

    // Nothing needs it where the work is the same.
    subject.script(&script(1010.0, 1000));
    subject.bench(&[]).ends(0, &["the changed work of `area/block/items/small`", "is unused"]);
    subject.run(&["accept", "area/block/items/small", "--work-changed", "--withdraw"]).ends(0, &["withdrew"]);
}

#[test]
fn own_source_that_differs_is_named_beside_what_improved() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let source = subject.read("benches/times.rs");
    assert!(source.contains("fn main() {"));
    subject.write("benches/times.rs", &source.replace("fn main() {", "fn main() {\n    std::hint::black_box(7_u64);"));
    subject.script(&(bench("parse", 700.0, "ok") + &bench("print", 2000.0, "ok")));
    let ran = subject.bench(&[]);
    let words = "the benchmark's own source differs: `benches/times.rs`";
    ran.ends(0, &["1 improved, 1 unchanged", words]);
    for name in ["parse", "print"] {
        assert_eq!(ran.series(&format!("area/block/{name}/small"), "time")["differs"], words);
    }
}

/// A harness of one function, in a repository of its own: what it adds to each time.
fn harness(directory: &std::path::Path, version: &str, overhead: f64) {
    fs::create_dir_all(directory.join("src")).expect("a directory");
    let manifest = format!("[package]\nname = \"criterion\"\nversion = \"{version}\"\nedition = \"2021\"\n");
    fs::write(directory.join("Cargo.toml"), manifest).expect("written");
    fs::write(directory.join("src/lib.rs"), format!("pub fn overhead() -> f64 {{\n    {overhead:?}\n}}\n"))
        .expect("written");
    if !directory.join(".git").exists() {
        git(directory, &["init", "-q", "-b", "main"]);
    }
    git(directory, &["add", "--all"]);
    git(directory, &["commit", "-q", "-m", version]);
    git(directory, &["tag", &format!("v{version}")]);
}

#[test]
fn harness_update_alone_is_green_and_with_the_code_as_red_as_ever() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let repository = subject.home().join("criterion");
    harness(&repository, "0.5.1", 1.0);
    let manifest = subject.read("Cargo.toml");
    let with = |version: &str| {
        let url = format!("file://{}", repository.display());
        format!("{manifest}\n[dev-dependencies]\ncriterion = {{ git = \"{url}\", tag = \"v{version}\" }}\n")
    };
    let lock = || {
        let mut cargo = Command::new("cargo");
        cargo.args(["generate-lockfile", "-q"]).current_dir(subject.root()).stdin(Stdio::null());
        assert!(cargo.status().expect("cargo runs").success(), "a lock file");
    };
    let source = subject.read("benches/times.rs");
    assert!(source.contains("* subject::factor();"));
    let source = source.replace("* subject::factor();", "* subject::factor() * criterion::overhead();");
    subject.write("benches/times.rs", &source);
    subject.write("Cargo.toml", &with("0.5.1"));
    lock();
    subject.commit("Measure with a harness");

    harness(&repository, "0.8.2", 1.24);
    subject.write("Cargo.toml", &with("0.8.2"));
    lock();
    let ran = subject.bench(&[]);
    let words = "harness changed: criterion 0.5.1 in the base, criterion 0.8.2 in the candidate, and nothing else";
    ran.ends(0, &["PASS: 2 series: 2 inconclusive", words]).time("parse", "inconclusive").time("print", "inconclusive");
    assert_eq!(ran.series("area/block/parse/small", "time")["open"], "harness-changed");
    assert!(!ran.err.contains("fresh link orders"), "nothing can be red: {}", ran.said());

    let lib = subject.read("src/lib.rs");
    subject.write("src/lib.rs", &lib.replace("    1.0\n", "    1.5\n"));
    subject.bench(&[]).ends(100, &["2 regressed of 2 series"]);
}
