//! Annotations for a pull request: where they point, how many there are, and what they say when nothing was judged.

use std::fs;

use crate::subject::{Subject, bench, usual};

#[test]
fn annotations_point_at_the_line_of_the_benchmark() {
    let Some(subject) = Subject::below("crates", &usual()) else { return };
    subject.write(
        "benches/times/area.rs",
        "// The names of the benches:\nconst PARSE: &str = \"area/block/parse/small\";\n",
    );
    subject.commit("Name the bench");
    subject.script(&(bench("parse", 1100.0, "ok") + &bench("print", 2000.0, "ok")));
    let file = subject.home().join("annotations.txt");
    let to = format!("github={}", file.display());
    subject.bench(&["--output", &to]).ends(100, &["1 regressed"]);
    let text = fs::read_to_string(&file).expect("it was asked for");
    let start = "::error file=crates/benches/times/area.rs,line=2,title=regressed%3A area/block/parse/small time::+";
    assert!(text.starts_with(start) && text.lines().count() == 1, "{text}");
    assert!(
        text.contains("%25 [+") && text.contains("%0Aagain: cargo benchgate bench 'area/block/parse/small'"),
        "{text}"
    );
    // The same again from the kept run, where GitHub's runner reads it. Nobody gets it unasked.
    let printed = subject.run(&["report", "--output", "github=-"]);
    assert!(printed.out.starts_with(&text), "{}", printed.said());
    assert!(!subject.run(&["report"]).out.contains("::error"));
}

#[test]
fn benchmark_that_is_named_nowhere_gets_the_first_line_of_its_target() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.script(&(bench("parse", 1000.0, "panic") + &bench("print", 2000.0, "ok")));
    let ran = subject.bench(&["--output", "github=-"]);
    assert_eq!(ran.code, 104, "{}", ran.said());
    let start = "::error file=benches/times.rs,line=1,title=errored%3A area/block/parse/small time::candidate";
    assert!(ran.out.lines().any(|line| line.starts_with(start)), "{}", ran.said());
}

#[test]
fn run_that_stops_early_is_annotated_too() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let ran = subject.run(&["bench", "--base", "nowhere", "--output", "github=-"]);
    assert_eq!(ran.code, 97, "{}", ran.said());
    assert!(ran.out.starts_with("::error title=benchgate%3A error::base revision `nowhere`"), "{}", ran.said());
    assert_eq!(ran.out.lines().count(), 1, "{}", ran.said());
}
