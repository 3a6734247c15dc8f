//! Ids that a shell, a regular expression, a file system, a terminal or a browser could take for something else.

use std::fs;

use crate::ran::Ran;
use crate::subject::Subject;

const ODD: [&str; 10] = [
    "slash/in/it",
    "\"quoted\" 'twice'",
    "100% <b>bold</b> & more",
    "a > b | c < d: *",
    "regex ^(.*)[a-z]+$ {2} \\d?",
    "emoji \u{1f680} and \u{1f469}\u{200d}\u{1f4bb}",
    "terminal \u{1b}[31mred\u{1b}[0m",
    "turned \u{202e}around",
    "<script>alert(1)</script>",
    "two\nlines",
];

fn script(nanos: impl Fn(usize) -> f64) -> String {
    let long = ["1", "2"].map(|end| format!("{}{end}", "x".repeat(65)));
    let names = ODD.iter().map(ToString::to_string).chain(long);
    let line =
        |(index, name): (usize, String)| format!("odd\t{}\t\t{}\tok\t\n", name.replace('\n', "\u{2424}"), nanos(index));
    names.enumerate().map(line).collect()
}

#[track_caller]
fn has_id(ran: &Ran, name: &str, verdict: &str) {
    assert_eq!(ran.series(&format!("odd/{name}"), "time")["verdict"], verdict, "{name}: {}", ran.said());
}

#[test]
fn odd_ids_are_measured_apart_and_are_inert_in_every_output() {
    let Some(subject) = Subject::new(&script(|_| 1000.0)) else { return };
    subject.git(&["commit", "-q", "--amend", "-m", "<img src=x onerror=alert(2)> \u{1b}[31mred \u{202e}around"]);
    subject.script(&script(|index| if index == 2 || index == 11 { 1200.0 } else { 1000.0 }));
    let text = subject.home().join("out.txt");
    let ran = subject.bench(&["--color", "never", "--verbose", "--output", &format!("text={}", text.display())]);
    ran.ends(100, &["2 regressed of 12 series", "100% <b>bold</b> & more", "\u{1f680}"]);
    for (index, name) in ODD.into_iter().enumerate() {
        has_id(&ran, name, if index == 2 { "regressed" } else { "unchanged" });
    }
    has_id(&ran, &format!("{}1", "x".repeat(65)), "unchanged");
    has_id(&ran, &format!("{}2", "x".repeat(65)), "regressed");
    let written = fs::read_to_string(text).unwrap();
    for (what, shown) in [("terminal", &ran.out), ("progress", &ran.err), ("text", &written)] {
        let is_harmful = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert_eq!(shown.chars().find(|c| is_harmful(*c)), None, "{what}: {}", ran.said());
    }
    assert!(written.contains(r"terminal \u{1b}[31mred\u{1b}[0m"), "{written}");
    let command =
        ran.out.lines().find_map(|line| line.trim().strip_prefix("reproduce: ").filter(|c| c.contains("bold")));
    assert!(command.unwrap().contains("'odd/100% <b>bold</b> & more'"), "{command:?}");
    let html = fs::read_to_string(subject.root().join("reports/index.html")).expect("a report");
    for harmful in ["<script>alert", "<img", "<b>bold", "\u{1b}", "\u{202e}"] {
        assert!(!html.contains(harmful), "{harmful:?} stands in the report");
    }
    assert!(html.contains("100% &lt;b&gt;bold") || html.contains("100% &#60;b&#62;bold"), "escaped");

    let again = subject.bench(&["odd/100% <b>bold</b> & more"]);
    again.ends(100, &["1 regressed of 1 series"]);
}

#[test]
fn list_prints_one_inert_id_a_line() {
    let Some(subject) = Subject::new(&script(|_| 1000.0)) else { return };
    let list = subject.run(&["list"]);
    assert_eq!((list.code, list.out.lines().count()), (0, 12), "{}", list.said());
    assert!(list.out.lines().any(|line| line == "odd/a > b | c < d: *"), "{}", list.said());
    assert!(!list.out.contains('\u{1b}'), "{}", list.said());
}
