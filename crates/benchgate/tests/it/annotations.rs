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
    assert!(text.starts_with("::notice ") && text.lines().count() == 2, "{text}");
    assert!(text.lines().nth(1).is_some_and(|line| line.starts_with(start)), "{text}");
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

#[test]
fn what_a_change_permits_itself_is_annotated_first() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.write("benchgate.toml", "[confirm]\nlink_orders = false\n");
    subject.commit("Decide without other link orders");
    subject.script(&(bench("parse", 1060.0, "ok") + &bench("print", 2200.0, "ok")));
    subject.write(
        "baselines/acceptances.toml",
        "[[accept]]\nid = \"area/block/parse/small\"\nmetric = \"time\"\nceiling = \"8%\"\nreason = \"bounds checks\"\n\
         expires = \"2999-12-31\"\n",
    );
    let ran = subject.bench(&["--output", "github=-"]);
    ran.ends(100, &["1 regressed of 2 series"]);
    let mut lines = ran.out.lines().filter(|line| line.starts_with("::"));
    assert!(lines.next().is_some_and(|line| line.starts_with("::notice ")), "{}", ran.said());
    let first = "::warning file=baselines/acceptances.toml,line=2,title=1 acceptance added by this change::used: time of \
                 `area/block/parse/small` may be up to 8 %25 more until 2999-12-31";
    let line = lines.next().expect("a line");
    assert!(line.starts_with(first) && line.ends_with("; bounds checks"), "{line}");
    assert!(lines.next().is_some_and(|line| line.starts_with("::error ")), "{}", ran.said());
    // Once it has landed it is no news.
    subject.commit("Check bounds");
    subject.script(&(bench("parse", 1120.0, "ok") + &bench("print", 2200.0, "ok")));
    let ran = subject.bench(&["--output", "github=-"]);
    assert!(!ran.out.contains("added by this change"), "{}", ran.said());
}
