//! What `compare` shows of two kept runs.

use std::path::PathBuf;

use crate::subject::{Subject, bench, usual};

#[track_caller]
fn names(runs: &[PathBuf]) -> Vec<String> {
    runs.iter().map(|run| run.display().to_string()).collect()
}

#[test]
fn compare_shows_two_runs_and_judges_nothing_between_them() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.script(&(bench("parse", 1100.0, "ok") + &bench("print", 2000.0, "ok")));
    subject.bench(&[]).ends(100, &["1 regressed"]);
    let slow = subject.runs().pop().expect("a run is kept");
    let kept = subject.home().join("slow.json");
    std::fs::rename(&slow, &kept).expect("moved");
    subject.script(&(bench("parse", 1001.0, "ok") + &bench("copy", 2000.0, "ok")));
    subject.run(&["bench", "--no-counting", "--seed", "8"]).ends(106, &["1 removed"]);
    let now = subject.runs().pop().expect("a run is kept");
    let [then, now] = [&kept, &now].map(|file| file.display().to_string());
    subject.run(&["compare", &then, &now]).ends(
        0,
        &[
            "seed: 7 → 8",
            "area/block/parse/small",
            "▲ regressed +",
            "only now: 1 series of 1 benchmark area/block/copy/small: time",
            "runs minutes apart differ by 3 to 5 %",
        ],
    );
    // The other way round what appeared has vanished; and a run beside itself has no news.
    subject.run(&["compare", &now, &then]).ends(0, &["only then: 1 series of 1 benchmark area/block/copy/small: time"]);
    subject.run(&["compare", &then, &then]).ends(0, &["are the same", "2 series in both, 0 with another verdict"]);
}

/// Parts of a suite are never put together: what only one run has is listed, a run is read from one file, and two runs that share
/// nothing are no comparison.
#[test]
fn runs_of_different_benchmarks_are_not_taken_for_one() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.write("benches/input.json", "1");
    let parts = ["parse", "print"].map(|part| {
        subject.run(&["bench", "--quick", "--no-counting", "--seed", "7", part]).ends(0, &["1 series: 1 unchanged"]);
        let kept = subject.home().join(format!("{part}.json")).display().to_string();
        std::fs::rename(subject.runs().pop().expect("a run is kept"), &kept).expect("moved");
        kept
    });
    let ran = subject.run(&["compare", &parts[0], &parts[1]]);
    ran.stops(4, &["the two runs have no series in common"], "two runs of the same benchmarks");
    ran.ends(4, &["filters: parse → print", "only then: 1 series of 1 benchmark", "only now: 1 series of 1 benchmark"]);
    subject.run(&["bench", "--quick", "--no-counting", "--seed", "7"]).ends(0, &["2 series: 2 unchanged"]);
    let whole = subject.runs()[0].display().to_string();
    let missing = ["only now: 1 series of 1 benchmark area/block/print/small: time"];
    subject.run(&["compare", &parts[0], &whole]).ends(0, &missing);
    // No part is read twice, and none is left out unseen.
    assert_eq!(subject.run(&["report", "--run", &parts[0], "--run", &parts[1]]).code, 2);
    let text = std::fs::read_to_string(&whole).expect("readable");
    let at = text.find("[{\"package\"").expect("it has series") + 1;
    let series = text[at..].strip_suffix("]}").expect("series come last");
    std::fs::write(&whole, format!("{},{series}]}}", text.strip_suffix("]}").expect("just seen"))).expect("written");
    subject.run(&["report"]).stops(105, &["area/block/parse/small time` occurs twice"], "measure again");
}

#[test]
fn compare_refuses_files_that_are_no_runs() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.write("benches/input.json", "1");
    subject.bench(&["--quick"]).ends(0, &["2 unchanged"]);
    let run = names(&subject.runs()).remove(0);
    let broken = subject.home().join("broken.json").display().to_string();
    std::fs::write(&broken, "{\"schema\": 1, ").expect("written");
    subject.run(&["compare", &run, &broken]).stops(105, &["broken.json", "is cut off"], "measure again");
    subject.run(&["compare", "none.json", &run]).stops(105, &["none.json", "cannot be read"], "");
    assert_eq!(subject.run(&["compare", &run]).code, 2);
}
