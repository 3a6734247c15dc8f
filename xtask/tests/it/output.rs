//! What is printed and written, beside the verdicts themselves.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use crate::ran::{Ran, unwrapped};
use crate::subject::{Subject, bench, usual};

#[test]
fn list_prints_one_id_a_line_where_nobody_looks() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let list = subject.run(&["list"]);
    assert_eq!((list.code, &*list.out), (0, "area/block/parse/small\narea/block/print/small\n"), "{}", list.said());
    assert_eq!(subject.run(&["list", "print"]).out, "area/block/print/small\n");
    assert!(subject.runs().is_empty());
}

#[test]
fn colour_is_for_those_who_want_it() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.write("benches/input.json", "1");
    let has_colour = |arguments: &[&str], environment: &[(&str, &str)]| {
        let ran = subject.bench_with(arguments, environment);
        ran.ends(0, &["2 unchanged"]);
        assert!(!ran.err.contains('\u{1b}'), "{}", ran.said());
        ran.out.contains('\u{1b}')
    };
    assert!(!has_colour(&[], &[]), "standard output is no terminal");
    assert!(!has_colour(&[], &[("NO_COLOR", "1"), ("TERM", "xterm-256color")]));
    assert!(!has_colour(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
    assert!(has_colour(&["--color", "always"], &[]));
}

#[test]
fn every_output_of_one_run_says_the_same() {
    let Some(subject) = Subject::new(&(bench("parse", 1000.0, "ok") + "area/block\tcopy\tbig\t1000\tok\t4000\n"))
    else {
        return;
    };
    subject.script(&(bench("parse", 1100.0, "ok") + "area/block\tcopy\tbig\t1000\tok\t4000\n"));
    let text = subject.home().join("deep/out.txt");
    let (markdown, junit) = (subject.home().join("out.md"), subject.home().join("out.xml"));
    let to = |format: &str, file: &Path| format!("{format}={}", file.display());
    let [to_text, to_markdown, to_junit] = [to("text", &text), to("markdown", &markdown), to("junit", &junit)];
    let outputs = ["--output", &*to_text, "--output", &*to_markdown, "--output", &*to_junit];
    let ran = subject.bench(&[&outputs[..], &["--color", "never"]].concat());
    ran.ends(100, &["1 regressed of 2 series", "Gelem/s"]);
    let markdown = fs::read_to_string(&markdown).expect("it was asked for");
    assert!(markdown.starts_with("### ▲ fail: 1 regressed of 2 series"), "{markdown}");
    assert!(markdown.contains("| ▲ regressed | `area/block/parse/small` | time |"), "{markdown}");
    let junit = fs::read_to_string(&junit).expect("it was asked for");
    assert!(
        junit.contains("name=\"area/block/parse/small\"") && junit.contains("<failure type=\"regressed\""),
        "{junit}"
    );
    let written = unwrapped(&fs::read_to_string(&text).expect("it was asked for"));
    assert!(written.contains("FAIL: 1 regressed of 2 series"), "{written}");
    let html = fs::read_to_string(subject.root().join("reports/index.html")).expect("a report");
    for word in ["area/block/parse/small", "regressed", "Content-Security-Policy", "1 regressed of 2 series"] {
        assert!(html.contains(word), "`{word}` is missing in the report");
    }
    for word in ["http://", "https://", "<script"] {
        assert!(!html.contains(&format!("src=\"{word}")) && !html.contains(&format!("<link href=\"{word}")), "{word}");
    }
    assert!(!html.contains("<script"), "it is readable without scripts");
    assert!(
        ran.out.contains(&format!("report: {}", subject.root().join("reports/index.html").display())),
        "{}",
        ran.said()
    );
    // The same run gives the same bytes.
    subject.run(&["report"]).ends(100, &["1 regressed of 2 series"]);
    assert_eq!(fs::read_to_string(subject.root().join("reports/index.html")).expect("a report"), html);
}

#[test]
fn narrow_terminals_get_all_of_it() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.script(&(bench("parse", 1100.0, "ok") + &bench("print", 2000.0, "ok")));
    let ran = subject.bench_with(&[], &[("COLUMNS", "40")]);
    ran.ends(100, &["FAIL: 1 regressed of 2 series", "parse"]);
    let is_prose = |line: &&str| !["reproduce:", "report:", "run:"].iter().any(|word| line.trim().starts_with(word));
    let widest = ran.out.lines().filter(is_prose).map(|line| line.chars().count()).max();
    assert!(widest <= Some(40), "{widest:?}: {}", ran.said());
}

#[test]
fn same_seed_orders_the_same_and_the_command_repeats_it() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.write("benches/input.json", "1");
    subject.bench(&["--quick", "parse"]).ends(0, &["1 unchanged"]);
    let run = subject.runs().pop().expect("a run is kept");
    let kept = fs::read_to_string(run).expect("readable");
    let kept: serde_json::Value = serde_json::from_str(&kept).expect("JSON");
    let command = kept["command"].as_str().expect("a text");
    let head = subject.git(&["rev-parse", "HEAD"]);
    assert_eq!(command, format!("cargo benchgate bench --base {} --quick --no-counting --seed 7 parse", &head[..12]));
    assert_eq!((&kept["seed"], &kept["plan"]["quick"]), (&7.into(), &true.into()));
    let words: Vec<&str> = command.split(' ').skip(2).collect();
    let again = Ran::of(subject.gate(&words), None);
    again.ends(0, &["1 unchanged"]);
}

#[test]
fn installed_subcommand_takes_its_own_name() {
    let Some(subject) = Subject::new(&usual()) else { return };
    assert_eq!(subject.run(&["benchgate", "list"]).out, subject.run(&["list"]).out);
    subject.run(&["benchgate", "--version"]).ends(0, &[env!("CARGO_PKG_VERSION")]);
}

#[test]
fn reader_who_goes_away_changes_no_verdict() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.script(&(bench("parse", 1100.0, "ok") + &bench("print", 2000.0, "ok")));
    let mut child = subject
        .gate(&["bench", "--no-counting", "--seed", "7"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    drop(child.stdout.take());
    let ran = Ran::from_output(&child.wait_with_output().expect("ends"), None);
    assert_eq!(ran.code, 100, "{}", ran.said());
    assert!(ran.err.contains("standard output is closed"), "{}", ran.said());
}
