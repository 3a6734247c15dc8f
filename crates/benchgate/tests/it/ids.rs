//! Ids that a shell, a regular expression, a file system, a terminal or a browser could take for something else.

use std::fs;
use std::path::Path;

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
    let names = ODD.iter().map(ToString::to_string);
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
    subject.script(&script(|index| if index == 2 { 1200.0 } else { 1000.0 }));
    let text = subject.home().join("out.txt");
    let ran = subject.bench(&["--color", "never", "--verbose", "--output", &format!("text={}", text.display())]);
    ran.ends(100, &["1 regressed of 10 series", "100% <b>bold</b> & more", "\u{1f680}"]);
    for (index, name) in ODD.into_iter().enumerate() {
        has_id(&ran, name, if index == 2 { "regressed" } else { "unchanged" });
    }
    let written = fs::read_to_string(text).unwrap();
    for (what, shown) in [("terminal", &ran.out), ("progress", &ran.err), ("text", &written)] {
        let is_harmful = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert_eq!(shown.chars().find(|c| is_harmful(*c)), None, "{what}: {}", ran.said());
    }
    assert!(written.contains(r"terminal \u{1b}[31mred\u{1b}[0m"), "{written}");
    let command =
        ran.out.lines().find_map(|line| line.trim().strip_prefix("reproduce: ").filter(|c| c.contains("bold")));
    assert!(command.unwrap().contains("'odd/100% <b>bold</b> & more'"), "{command:?}");
    let html = fs::read_to_string(subject.root().join("target/benchgate/report/index.html")).expect("a report");
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
    assert_eq!((list.code, list.out.lines().count()), (0, 10), "{}", list.said());
    assert!(list.out.lines().any(|line| line == "odd/a > b | c < d: *"), "{}", list.said());
    assert!(!list.out.contains('\u{1b}'), "{}", list.said());
}

/// A directory that is named after an id has to cut it, and two ids that are cut alike share what is kept there.
#[test]
fn ids_that_share_sixty_five_characters_stay_apart() {
    let long = "x".repeat(65);
    let id = |end: u8| format!("{long}/block/{long}{end}/{long}");
    let time =
        |nanos: [u32; 2]| (1..).zip(nanos).map(|(end, n)| format!("{long}/block\t{long}{end}\t{long}\t{n}\tok\t\n"));
    let heap = |counts: [u32; 2]| {
        (1..).zip(counts).map(|(end, n)| format!("{long}/block\t{long}{end}\t{long}\t{n}\t8\t0\tok\n"))
    };
    let times = |nanos| time(nanos).collect::<String>();
    let Some(subject) = Subject::with_heap(&times([1000, 2000]), &heap([1, 2]).collect::<String>()) else { return };
    subject.run(&["baseline", "save"]).ends(0, &[]);
    subject.commit("Record");
    subject.script(&times([1000, 2200]));
    subject.heap(&heap([1, 3]).collect::<String>());
    for arguments in [&[][..], &["--stored"]] {
        let ran = subject.bench(arguments);
        assert_eq!(ran.code, 100, "{}", ran.said());
        for (end, verdict) in [(1, "unchanged"), (2, "regressed")] {
            assert_eq!(ran.series(&id(end), "allocations")["verdict"], verdict, "{}", ran.said());
            let time = if arguments.is_empty() { verdict } else { "advisory" };
            assert_eq!(ran.series(&id(end), "time")["verdict"], time, "{}", ran.said());
        }
    }
    subject.run(&["explain", &id(1)]).ends(0, &["unchanged"]);
    let html = fs::read_to_string(subject.root().join("target/benchgate/report/index.html")).expect("a report");
    let anchors: Vec<&str> =
        html.match_indices("id=\"b-").map(|(at, _)| html[at..].split('"').nth(1).expect("quoted")).collect();
    assert_eq!(anchors.len(), 2, "{anchors:?}");
    assert_ne!(anchors[0], anchors[1]);
}

/// Windows takes paths of 260 characters, Linux names of 255 and paths of 4096.
#[test]
fn ids_and_places_longer_than_file_systems_take_are_measured() {
    let deep = concat!("a-directory-whose-name-is-long/", "a-directory-whose-name-is-long/").repeat(8);
    let deep: &'static str = deep.trim_end_matches('/').to_owned().leak();
    let (long, longer) = ("y".repeat(300), "z".repeat(5000));
    let times = |nanos| format!("{long}\t{longer}\tsmall\t{nanos}\tok\t\n");
    let Some(subject) = Subject::below(deep, &times(1000)) else { return };
    assert!(subject.root().display().to_string().len() > 500);
    subject.script(&times(1200));
    let ran = subject.bench(&[]);
    ran.ends(100, &["1 regressed of 1 series"]);
    assert_eq!(ran.series(&format!("{long}/{longer}/small"), "time")["verdict"], "regressed");
    // No name of a file comes from an id.
    for kept in ["target/benchgate", "target/benchgate/report"].map(|kept| subject.root().join(kept)) {
        let names = names(&kept);
        assert!(!names.is_empty() && names.iter().all(|name| name.len() <= 64), "{names:?}");
    }
}

fn names(directory: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(directory).expect("readable") {
        let entry = entry.expect("readable");
        names.push(entry.file_name().to_string_lossy().into_owned());
        if entry.file_type().expect("known").is_dir() {
            names.extend(self::names(&entry.path()));
        }
    }
    names
}
