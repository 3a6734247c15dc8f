//! What is printed and written, beside the verdicts themselves.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::process::Stdio;

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

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
    assert!(has_colour(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!has_colour(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1"), ("TERM", "xterm-256color")]));
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
    assert!(markdown.starts_with("repository: your uncommitted changes, against `HEAD` ("), "{markdown}");
    assert!(markdown.contains("\n### ▲ fail: 1 regressed of 2 series"), "{markdown}");
    assert!(markdown.contains("| ▲ regressed | `area/block/parse/small` | time |"), "{markdown}");
    let junit = fs::read_to_string(&junit).expect("it was asked for");
    assert!(
        junit.contains("name=\"area/block/parse/small\"") && junit.contains("<failure type=\"regressed\""),
        "{junit}"
    );
    let written = unwrapped(&fs::read_to_string(&text).expect("it was asked for"));
    assert!(written.contains("FAIL: 1 regressed of 2 series"), "{written}");
    let html = fs::read_to_string(subject.root().join("target/benchgate/report/index.html")).expect("a report");
    for word in ["area/block/parse/small", "regressed", "Content-Security-Policy", "1 regressed of 2 series"] {
        assert!(html.contains(word), "`{word}` is missing in the report");
    }
    for word in ["http://", "https://", "<script"] {
        assert!(!html.contains(&format!("src=\"{word}")) && !html.contains(&format!("<link href=\"{word}")), "{word}");
    }
    assert!(
        ran.out.contains(&format!("report: {}", subject.root().join("target/benchgate/report/index.html").display())),
        "{}",
        ran.said()
    );
    // The same run gives the same bytes.
    subject.run(&["report"]).ends(100, &["1 regressed of 2 series"]);
    assert_eq!(fs::read_to_string(subject.root().join("target/benchgate/report/index.html")).expect("a report"), html);
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
    let head = subject.git(&["rev-parse", "HEAD"]);
    let command = format!("cargo benchgate bench --base {} --quick --no-counting --seed 7 parse", &head[..12]);
    let report = fs::read_to_string(subject.root().join("target/benchgate/report/index.html")).expect("a report");
    assert!(report.contains(&format!("<code>{command}</code>")), "the report lacks `{command}`");
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
    let gone = || {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        writer
    };
    let bench = ["bench", "--no-counting", "--seed", "7"];
    let output = subject.gate(&bench).stdout(gone()).output().expect("ends");
    let ran = Ran::from_output(&output, None);
    assert_eq!(ran.code, 100, "{}", ran.said());
    assert!(ran.err.contains("standard output is closed"), "{}", ran.said());
    // `2>&1 | head -1` takes away both.
    let run = subject.runs()[0].display().to_string();
    for (arguments, code) in [
        (&bench[..], 100),
        (&["report"], 100),
        (&["explain", "parse"], 0),
        (&["compare", &run, &run], 0),
        (&["list"], 0),
        (&["list", "nothing like it"], 4),
        (&["bench", "--base", "nowhere"], 97),
    ] {
        let status = subject.gate(arguments).stdout(gone()).stderr(gone()).status().expect("ends");
        assert_eq!(status.code(), Some(code), "{arguments:?}");
    }
}

/// What a run shows on a terminal of 40 columns, without carriage returns.
fn on_a_terminal(subject: &Subject, environment: &[(&str, &str)]) -> String {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&master).expect("granted");
    unlockpt(&master).expect("unlocked");
    let name = ptsname(&master, Vec::new()).expect("it has a name");
    let ours = rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).expect("opened");
    tcsetwinsize(&ours, Winsize { ws_row: 24, ws_col: 40, ws_xpixel: 0, ws_ypixel: 0 }).expect("a terminal");
    let mut command = subject.gate(&["bench", "--no-counting", "--seed", "7"]);
    command.envs(environment.iter().copied()).stdout(ours).stderr(Stdio::null());
    let mut child = command.spawn().expect("starts");
    drop(command); // and with it our end of the terminal
    let mut shown = Vec::new();
    // Linux ends the reading with an error once the last writer is gone.
    File::from(master).read_to_end(&mut shown).ok();
    assert_eq!(child.wait().expect("ends").code(), Some(100));
    String::from_utf8(shown).expect("text").replace('\r', "")
}

#[test]
fn small_and_simple_terminals_get_all_of_it() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.write("benchgate.toml", "[confirm]\nlink_orders = false\n");
    subject.script(&(bench("parse", 1100.0, "ok") + &bench("print", 2000.0, "ok")));
    let dumb = on_a_terminal(&subject, &[("TERM", "dumb")]);
    assert!(dumb.is_ascii() && !dumb.contains('\u{1b}'), "{dumb}");
    let colourful = on_a_terminal(&subject, &[("TERM", "xterm-256color")]);
    assert!(colourful.contains("\u{1b}[") && colourful.contains('▲'), "{colourful}");
    let plain = on_a_terminal(&subject, &[("TERM", "xterm-256color"), ("NO_COLOR", "1")]);
    assert!(!plain.contains('\u{1b}') && plain.contains('▲'), "{plain}");
    for shown in [&dumb, &plain] {
        assert!(shown.contains("FAIL: 1 regressed of 2 series") && shown.contains("area/block/parse/small"), "{shown}");
        // Commands and places stay in one piece, to be copied.
        let is_prose =
            |line: &&str| !["reproduce:", "report:", "run:"].iter().any(|word| line.trim().starts_with(word));
        let widest = shown.lines().filter(is_prose).map(|line| line.chars().count()).max();
        assert!(widest <= Some(40), "{widest:?}: {shown}");
    }
}

#[test]
fn trace_has_builds_pairs_turns_and_noise() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.script(&(bench("parse", 1000.0, "ok") + &bench("print", 2100.0, "ok")));
    let file = subject.home().join("trace.json");
    subject.bench(&["--quick", "--trace", &file.display().to_string()]);
    let text = fs::read_to_string(&file).expect("written");
    let trace: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let events = trace["traceEvents"].as_array().expect("a list");
    let of = |kind: &str| events.iter().filter(|event| event["cat"] == kind).cloned().collect::<Vec<_>>();
    for step in ["building the base", "building the candidate"] {
        assert!(of("step").iter().any(|event| event["name"] == step && event["ph"] == "X"), "{step}: {text}");
    }
    for id in ["area/block/parse/small", "area/block/print/small"] {
        let pair = of("pair").into_iter().find(|event| event["name"] == id).unwrap_or_else(|| panic!("{id}: {text}"));
        assert!(["base", "candidate"].contains(&pair["args"]["first"].as_str().unwrap()), "{pair:#}");
        assert!(!pair["args"]["turns"].as_str().unwrap().is_empty(), "{pair:#}");
        assert!(pair["ts"].as_f64().unwrap() > 0.0 && pair["dur"].as_f64().unwrap() > 0.0, "{pair:#}");
    }
    assert_eq!(of("noise").len(), of("pair").len());
    assert!(of("noise").iter().all(|event| event["ph"] == "C" && event["args"]["others"].is_number()), "{text}");
    assert!(of("iteration").is_empty(), "nothing was profiled: {text}");
}
