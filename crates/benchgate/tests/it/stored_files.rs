//! Stored baselines and kept runs: recorded on request only, believed only when whole.

use std::fs;

use crate::subject::{Subject, bench, heap, usual};

const BASELINE: &str = "baselines/heap/heap_counts.json";

fn counts(allocations: u32) -> String {
    heap("parse", allocations, 96, 0, "ok") + &heap("print", 1, 32, 0, "ok")
}

/// A subject whose counts are recorded and committed.
fn recorded() -> Option<Subject> {
    let subject = Subject::with_heap(&usual(), &counts(3))?;
    let saved = subject.run(&["baseline", "save"]);
    saved.ends(0, &["wrote ", BASELINE]);
    subject.commit("Record");
    Some(subject)
}

#[test]
fn recorded_counts_pass_and_changed_ones_are_red_and_nothing_is_recorded_by_measuring() {
    let Some(subject) = recorded() else { return };
    subject
        .run(&["baseline", "show"])
        .ends(0, &["subject/heap_counts: rustc ", "area/block/parse/small", "allocations"]);
    let before = subject.read(BASELINE);
    let green = subject.bench(&["--stored"]);
    green.ends(0, &["stored baseline (asked for with --stored)", "12 unchanged"]);
    green.verdict("parse", "allocations", "unchanged").time("parse", "advisory");

    subject.heap(&counts(4));
    let red = subject.bench(&["--stored"]);
    red.ends(100, &["1 allocs/iter more, 33 %", "--stored"]).verdict("parse", "allocations", "regressed");
    red.verdict("print", "allocations", "unchanged");
    // Against its git base the change is judged by what both sides count; that the recorded counts are stale is told.
    subject.bench(&[]).ends(100, &["baselines/heap/heap_counts.json is stale for 1 benchmarks"]);
    assert_eq!(subject.read(BASELINE), before, "`bench` wrote a baseline");

    subject.run(&["baseline", "save"]).ends(0, &["wrote "]);
    assert_ne!(subject.read(BASELINE), before);
    subject.bench(&["--stored"]).ends(0, &["12 unchanged"]);
    subject.heap(&counts(3));
    subject.run(&["baseline", "save"]).ends(0, &[]);
    let again = |text: &str| text.lines().filter(|line| !line.contains("\"commit\"")).collect::<Vec<_>>().join("\n");
    assert_eq!(again(&subject.read(BASELINE)), again(&before), "the same counts of the same tree are the same file");
}

#[test]
fn bench_that_was_recorded_and_is_gone_is_removed() {
    let Some(subject) = recorded() else { return };
    subject.heap(&(heap("parse", 3, 96, 0, "ok") + &heap("sort", 0, 0, 0, "ok")));
    let ran = subject.bench(&["--stored"]);
    assert_eq!(ran.code, 105, "{}", ran.said());
    ran.verdict("print", "allocations", "removed").verdict("sort", "allocations", "missing-baseline");
}

#[test]
fn nothing_recorded_is_a_missing_baseline() {
    let Some(subject) = Subject::with_heap(&usual(), &counts(3)) else { return };
    let ran = subject.bench(&["--stored"]);
    ran.ends(105, &["12 missing-baseline", "baselines/heap holds nothing of bench `heap_counts`"]);
    ran.verdict("parse", "allocations", "missing-baseline").time("parse", "advisory");
    subject.run(&["baseline", "show"]).stops(
        105,
        &["nothing is recorded in"],
        "`baseline save` stores counts, `baseline record` times",
    );
    assert!(!subject.root().join("baselines").exists(), "what was measured became the baseline");
}

#[test]
fn empty_baseline_is_a_missing_baseline() {
    let Some(subject) = recorded() else { return };
    let whole = subject.read(BASELINE);
    let header: Vec<&str> = whole.lines().take_while(|line| !line.contains("\"series\"")).collect();
    subject.write(BASELINE, &format!("{}\n  \"series\": [\n  ]\n}}\n", header.join("\n")));
    subject.bench(&["--stored"]).ends(105, &["12 missing-baseline"]).verdict("parse", "bytes", "missing-baseline");
    fs::remove_file(subject.root().join(BASELINE)).expect("it was there");
    subject.bench(&["--stored"]).ends(105, &["12 missing-baseline"]).verdict("parse", "bytes", "missing-baseline");
}

/// A number that was recorded once and is far above what is counted today lets everything pass that is held against it.
#[test]
fn stale_recorded_counts_hide_no_regression() {
    let Some(subject) = Subject::with_heap(&usual(), &counts(22)) else { return };
    subject.run(&["baseline", "save"]).ends(0, &[]);
    subject.heap(&counts(3));
    subject.commit("Record, then allocate less");
    subject.heap(&counts(4));
    let stale = "baselines/heap/heap_counts.json is stale for 1 benchmarks";
    subject.bench(&[]).ends(100, &["1 allocs/iter more, 33 %", stale]).verdict("parse", "allocations", "regressed");
}

#[test]
fn workspace_without_heap_benches_has_nothing_to_record() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.run(&["baseline", "save"]).stops(4, &["there is no exact count to record"], "benchgate-heap");
    assert!(!subject.root().join("baselines").exists());
}

#[test]
fn counts_of_another_toolchain_are_incomparable() {
    let Some(subject) = recorded() else { return };
    let baseline = subject.read(BASELINE);
    let rustc = baseline.lines().find(|line| line.contains("\"rustc\"")).expect("it names its compiler");
    subject.write(BASELINE, &baseline.replace(rustc, "  \"rustc\": \"rustc 1.0.0 (a59de37e9 2015-05-13)\","));
    let ran = subject.bench(&["--stored"]);
    ran.ends(
        106,
        &["12 incomparable", "recorded with rustc `rustc 1.0.0 (a59de37e9 2015-05-13)`, measured with `rustc "],
    );
    ran.verdict("parse", "allocations", "incomparable");
}

#[test]
fn damaged_baseline_is_named_with_its_line_and_left_as_it_is() {
    let Some(subject) = recorded() else { return };
    let whole = subject.read(BASELINE);
    #[track_caller]
    fn check(subject: &Subject, text: &str, words: &str, hint: &str) {
        subject.write(BASELINE, text);
        let ran = subject.bench(&["--stored"]);
        ran.stops(105, &["heap_counts.json` ", words], hint);
        assert_eq!(ran.json()["verdict"], "error");
        assert_eq!(subject.read(BASELINE), text);
    }
    check(&subject, &whole[..whole.len() / 2], "is cut off at line ", "git checkout -- ");
    check(&subject, "", "is cut off at line 1", "git checkout -- ");
    check(&subject, &whole.replacen("\"allocations\"", "\"alocations\"", 1), "is damaged at line ", "git checkout -- ");
    check(&subject, "not JSON", "is damaged at line 1", "git checkout -- ");
    check(
        &subject,
        &whole.replace("\"schema\": 1,", "\"schema\": 999,"),
        "has schema 999, expected 1",
        "a newer benchgate wrote it",
    );
    check(&subject, &format!("<<<<<<< ours\n{whole}"), "has a merge conflict at line 1", "baseline save");
}

#[test]
fn kept_run_gives_the_same_verdict_and_code_again() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.script(&(bench("parse", 1100.0, "ok") + &bench("print", 2000.0, "ok")));
    // The policy that judged the run is kept with it; what the file says later does not matter.
    subject.write("benchgate.toml", "[tolerance]\ntime = \"3%\"\n");
    let red = subject.bench(&[]);
    red.ends(100, &["FAIL: 1 regressed of 2 series"]);
    subject.write("benchgate.toml", "[tolerance]\ntime = \"90%\"\n");
    let json = subject.home().join("again.json");
    let output = format!("json={}", json.display());
    for run in [&["--run", &subject.runs()[0].display().to_string()][..], &[]] {
        let again = subject.run(&[&["report", "--output", &output], run].concat());
        again.ends(100, &["FAIL: 1 regressed of 2 series"]);
        let text = fs::read_to_string(&json).expect("it was asked for");
        let read: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
        assert_eq!(&read, red.json());
    }
    subject.script(&usual());
    subject.write("benches/input.json", "1");
    subject.bench(&[]).ends(0, &["PASS"]);
    subject.run(&["report"]).ends(0, &["PASS: 2 series: 2 unchanged"]);
    assert_eq!(subject.runs().len(), 2);
}

#[test]
fn damaged_run_file_is_named_with_its_line() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.run(&["report"]).stops(105, &["holds no run"], "measure first");
    subject.write("benches/input.json", "1");
    subject.bench(&[]).ends(0, &["2 unchanged"]);
    let whole = fs::read_to_string(&subject.runs()[0]).expect("a run is kept");
    let file = subject.home().join("run.json");
    let check = |text: &str, words: &str, hint: &str| {
        fs::write(&file, text).expect("written");
        let ran = subject.run(&["report", "--run", &file.display().to_string()]);
        ran.stops(105, &["run.json` ", words], hint);
    };
    check(&whole[..whole.len() / 2], "is cut off at line 1", "measure again");
    check("", "is cut off at line 1", "measure again");
    check("{}", "is damaged at line 1", "measure again");
    check(&whole.replacen("\"seed\"", "\"sede\"", 1), "is damaged at line 1", "measure again");
    check(
        &whole.replacen("{\"schema\":2,", "{\"schema\":77,", 1),
        "has schema 77, expected 2",
        "a newer benchgate wrote it",
    );
    fs::remove_file(&file).expect("it was there");
    let ran = subject.run(&["report", "--run", &file.display().to_string()]);
    ran.stops(105, &["run.json` cannot be read"], "leave `--run` out");
}
