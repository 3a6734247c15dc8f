//! What is planted turns red, and the first words about the red row name the function in which it was planted: stock Criterion,
//! real times, in throw-away trees. Effects are twice and more, so that no machine is too noisy for them.

use std::fs;
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::ran::Ran;
use crate::subject::Subject;

const MANIFEST: &str = r#"[workspace]

[package]
name = "planted"
version = "0.1.0"
edition = "2024"

[lib]
bench = false

[dev-dependencies]
criterion = { version = "0.8.2", default-features = false, features = ["cargo_bench_support"] }
benchgate-heap = { path = "GATE-heap" }
benchgate-profile = { path = "GATE-profile" }

[[bench]]
name = "times"
harness = false

[[bench]]
name = "plain"
harness = false

[[bench]]
name = "heap"
harness = false

[profile.bench]
debug = "line-tables-only"
"#;

const GATE: &str = concat!(
    include_str!("../../../benchgate-profile/src/folded.rs"),
    include_str!("../../../benchgate-profile/src/sampler.rs"),
    include_str!("../../../benchgate-heap/src/heap.rs"),
    include_str!("../../../benchgate-heap/src/measure.rs")
);

const LIBRARY: &str = include_str!("fixture/planted/lib.rs");

/// One tree for all tests here, so that Criterion is built once; a test at a time.
static TREE: Mutex<()> = Mutex::new(());

fn subject() -> Option<(Subject, MutexGuard<'static, ()>)> {
    let turn = TREE.lock().unwrap_or_else(PoisonError::into_inner);
    let subject = Subject::lasting(
        "planted",
        &[
            ("Cargo.toml", &MANIFEST.replace("GATE", env!("CARGO_MANIFEST_DIR"))),
            // The versions of this workspace, which are there already; cargo leaves out what is not needed.
            ("Cargo.lock", include_str!("../../../../Cargo.lock")),
            // Effects of this size need no link orders, which take a minute to link.
            ("benchgate.toml", "[confirm]\nlink_orders = false\n"),
            // What is built is kept by the files of the tree, and these crates lie outside it.
            ("gate.txt", GATE),
            ("src/lib.rs", LIBRARY),
            ("benches/times.rs", include_str!("fixture/planted/times.rs")),
            ("benches/plain.rs", include_str!("fixture/planted/plain.rs")),
            ("benches/heap.rs", include_str!("fixture/planted/heap.rs")),
        ],
    )?;
    Some((subject, turn))
}

/// Plants into the library, measures one bench, and expects it red.
#[track_caller]
fn red(subject: &Subject, plant: [&str; 2], arguments: &[&str]) -> Ran {
    assert!(LIBRARY.contains(plant[0]), "the library has changed: {}", plant[0]);
    subject.write("src/lib.rs", &LIBRARY.replace(plant[0], plant[1]));
    let ran = subject.counting_bench(&[&["--no-counting"], arguments].concat());
    ran.ends(100, &["regressed"]);
    ran
}

/// The first words of the row in every output.
#[track_caller]
fn names(subject: &Subject, ran: &Ran, id: &str, metric: &str, start: &str) {
    let cause = ran.series(id, metric)["cause"].as_str().unwrap_or_default().to_owned();
    assert!(cause.starts_with(start), "{cause}\n{}", ran.said());
    let lines: Vec<&str> = ran.out.lines().collect();
    let heading = lines.iter().position(|line| line.contains(id) && line.contains(metric) && !line.contains('│'));
    assert!(
        lines.windows(2).any(|pair| pair[0].contains(id) && pair[1].trim_start().starts_with(start)),
        "the terminal's heading at {heading:?}:\n{}",
        ran.said()
    );
    let page = subject.read("target/benchgate/report/index.html");
    let section =
        page.split("<details class=\"bench\"").skip(1).find(|part| part.contains(&format!("<bdi>{id}</bdi>")));
    let body = section.and_then(|part| part.split("<div class=\"body\"").nth(1)).expect("the row has a section");
    let first = body.split_once("<p class=\"cause\">").expect("the section has a cause");
    assert!(!first.0.contains("<p") && !first.0.contains("<table"), "something stands before the cause: {}", first.0);
    let function = start.split('`').nth(1).expect("the function stands in backticks");
    assert!(first.1.starts_with(&format!("<code>{function}</code>")), "{}", &first.1[..200]);
    let explained = subject.run(&["explain", id]);
    explained.ends(0, &["cause", start.trim_end()]);
}

#[test]
fn planted_quadratic_loop_is_red_and_named() {
    let Some((subject, _turn)) = subject() else { return };
    let plant = [
        "numbers.iter().filter(|&&number| seen.insert(number)).count()",
        "let mut all: Vec<u32> = Vec::new();\n    seen.clear();\n    numbers.iter().filter(|number| {\n        let is_new = \
         !all.contains(number);\n        all.extend(is_new.then_some(**number));\n        seen.insert(0_u32);\n        is_new\n    }).count()",
    ];
    let ran = red(&subject, plant, &["planted/unique"]);
    names(&subject, &ran, "planted/unique", "time", "`planted::unique`: ");
    has_flames(&subject);

    // The stacks are kept as text.
    let kept = subject.root().join("target/benchgate/profiles");
    let run = fs::read_dir(kept).expect("kept").next().expect("a run's").expect("an entry").path();
    let mut files: Vec<_> = fs::read_dir(run).expect("files").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    let ends: Vec<bool> = ["base.folded", "candidate.folded"]
        .iter()
        .zip(&files)
        .map(|(end, file)| file.display().to_string().ends_with(end))
        .collect();
    assert_eq!(ends, [true, true], "{files:?}");
    let text = fs::read_to_string(&files[1]).expect("text");
    assert!(text.lines().all(|line| line.rsplit_once(' ').is_some_and(|(_, count)| count.parse::<u64>().is_ok())));
    assert!(text.contains("planted::unique"), "{text}");
}

/// The report has all three graphs, with a frame of the planted function in each.
#[track_caller]
fn has_flames(subject: &Subject) {
    let page = subject.read("target/benchgate/report/index.html");
    for kind in ["difference", "candidate", "base"] {
        let graph =
            page.split(&format!("data-flame=\"{kind}\"")).nth(1).and_then(|rest| rest.split("</figure>").next());
        let graph = graph.unwrap_or_else(|| panic!("no {kind}"));
        assert!(graph.contains("data-name=\"planted::unique\""), "{kind}: {graph}");
        assert!(graph.contains("<title>planted::unique: "), "{kind}");
    }
}

#[test]
fn profiles_are_taken_of_what_a_pattern_asks_for_and_of_nothing_else_that_passes() {
    let Some((subject, _turn)) = subject() else { return };
    let all = ["--no-counting", "--quick", "--measure-identical", "--base", "HEAD", "planted/"];
    let trace = subject.home().join("trace.json");
    let asked = ["--look-into", "*/uni*", "--trace", &*trace.display().to_string()];
    let ran = subject.counting_bench(&[&all[..], &asked].concat());
    let cause = |id| ran.series(id, "time")["cause"].as_str().map(String::from);
    assert!(cause("planted/unique").is_some_and(|line| line.contains("samples")), "{}", ran.said());
    assert_eq!(cause("planted/total"), None);
    has_iterations(&fs::read_to_string(trace).expect("written"));
    subject.bench(&["--look-into", "[", "--quick"]).stops(94, &["malformed filter `[`"], "");
}

/// The trace divides an iteration of either side of the one benchmark that was profiled.
#[track_caller]
fn has_iterations(text: &str) {
    let trace: serde_json::Value = serde_json::from_str(text).expect("JSON");
    let events = trace["traceEvents"].as_array().expect("a list");
    let metadata = |what: &str, name: &str| {
        let is_it = |event: &&serde_json::Value| event["name"] == what && event["args"]["name"] == name;
        events.iter().find(is_it).unwrap_or_else(|| panic!("no {name}: {text}"))
    };
    let process = &metadata("process_name", "planted/unique: one mean iteration")["pid"];
    for side in ["base", "candidate"] {
        let thread = &metadata("thread_name", side)["tid"];
        let is_of =
            |event: &&serde_json::Value| (&event["pid"], &event["tid"], &event["ph"]) == (process, thread, &"X".into());
        let frames: Vec<_> = events.iter().filter(is_of).collect();
        let number = |event: &serde_json::Value, field: &str| event[field].as_f64().expect("a number");
        let whole = number(frames[0], "dur");
        assert!(whole > 0.0 && frames[0]["args"]["note"].is_null(), "the time is known: {:#}", frames[0]);
        let unique = frames.iter().find(|event| event["name"] == "planted::unique");
        let unique = unique.unwrap_or_else(|| panic!("{side}: {text}"));
        let expected = whole * number(&unique["args"], "share");
        assert!((number(unique, "dur") / expected - 1.0).abs() < 1e-6, "{unique:#}");
        assert!(
            frames.iter().all(|event| number(event, "ts") + number(event, "dur") <= whole * (1.0 + 1e-9)),
            "{text}"
        );
    }
    let is_other = |event: &&serde_json::Value| event["cat"] == "iteration" && event["pid"] != *process;
    assert_eq!(events.iter().find(is_other), None);
}

#[test]
fn planted_cache_hostile_layout_is_red_and_named() {
    let Some((subject, _turn)) = subject() else { return };
    // The same records in the same memory, visited all over it: an odd factor modulo a power of two visits each once.
    let plant = [
        "(0..RECORDS as u32).collect()",
        "(0..RECORDS as u32).map(|at| at.wrapping_mul(2_654_435_761) % RECORDS as u32).collect()",
    ];
    let ran = red(&subject, plant, &["planted/total"]);
    names(&subject, &ran, "planted/total", "time", "`planted::Store::total`: ");
}

#[test]
fn planted_extra_allocation_is_red_and_named() {
    let Some((subject, _turn)) = subject() else { return };
    let saved = subject.run(&["baseline", "save"]);
    saved.ends(0, &["wrote"]);
    subject.commit("Record the counts");
    let plant = ["black_box(&fields).len()", "black_box(&fields).len() + black_box(vec![1_u8; 40]).len() - 40"];
    let ran = red(&subject, plant, &["weighed/parse"]);
    names(&subject, &ran, "weighed/parse", "allocations", "`planted::parse`: 1 more allocation per iteration");
}

#[test]
fn unmodified_benches_are_explained_by_valgrind() {
    if Command::new("valgrind").arg("--version").stdout(Stdio::null()).status().is_err() {
        return;
    }
    let Some((subject, _turn)) = subject() else { return };
    let plant = [
        "numbers.iter().filter(|&&number| seen.insert(number)).count()",
        "seen.insert(1);\n    numbers.iter().filter(|number| numbers.iter().filter(|one| one == number).count() == 1).count()",
    ];
    let ran = red(&subject, plant, &["plain/unique"]);
    names(&subject, &ran, "plain/unique", "time", "`planted::unique`: ");
    ran.ends(100, &["% of instructions in base"]);
}
