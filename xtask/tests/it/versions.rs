//! Real harnesses, oldest to newest: what is read of equal code, and of 5 calls more for every 100.
//!
//! Needs the network once and minutes to compile, so it runs only when asked for; see `tests/versions/README.md`.

use std::fs;
use std::path::Path;

use crate::ran::Ran;
use crate::subject::Subject;

/// Harnesses by the directory of their manifest, and the source of their benches.
const HARNESSES: [(&str, &str); 8] = [
    ("criterion-0.3.0", include_str!("../versions/shared/criterion.rs")),
    ("criterion-0.3.3", include_str!("../versions/shared/criterion.rs")),
    ("criterion-0.4", include_str!("../versions/shared/criterion.rs")),
    ("criterion-0.5", include_str!("../versions/shared/criterion.rs")),
    ("criterion-0.6", include_str!("../versions/shared/criterion.rs")),
    ("criterion-0.7", include_str!("../versions/shared/criterion.rs")),
    ("criterion-0.8", include_str!("../versions/shared/criterion.rs")),
    ("divan-0.1", include_str!("../versions/shared/divan.rs")),
];

const WORK: &str = include_str!("../versions/shared/work.rs");
const UNCHANGED: &str = "EXTRA: u64 = 0;";
const PLANTED: &str = "EXTRA: u64 = 5;";

/// Cases whose every nanosecond is the work that is counted; the allocator has a mind of its own.
const EXACT: [&str; 2] = ["arithmetic", "batched"];

/// What an effect may be off: for equal code, and for planted work.
const OFF: [f64; 2] = [0.003, 0.01];

#[test]
#[ignore = "compiles eight harnesses; `cargo test -p benchgate --test it versions -- --ignored --nocapture`"]
fn every_harness_reads_equal_code_as_equal_and_a_planted_share_as_it_is() {
    let only = std::env::var("BENCHGATE_VERSIONS").unwrap_or_default();
    println!(
        "{:16} {:11} {:>8} {:>5} {:>9} {:>5} {:>16}",
        "harness", "case", "equal", "pairs", "planted", "pairs", "ms a bench, pair"
    );
    let mut wrong = Vec::new();
    for (harness, source) in HARNESSES.into_iter().filter(|(harness, _)| harness.contains(&only)) {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/versions").join(harness);
        let read = |name: &str| fs::read_to_string(directory.join(name)).expect("it stands beside this test");
        let (manifest, lock) = (read("Cargo.toml"), read("Cargo.lock"));
        assert!(WORK.contains(UNCHANGED), "the number to change has another form");
        let files =
            [("Cargo.toml", &*manifest), ("Cargo.lock", &*lock), ("src/lib.rs", WORK), ("benches/cases.rs", source)];
        let subject = Subject::of(&files);
        let equal = subject.bench(&["--base", "HEAD", "--measure-identical"]);
        let cost = milliseconds(&subject, &equal);
        subject.write("src/lib.rs", &WORK.replace(UNCHANGED, PLANTED));
        let planted = subject.bench(&[]);
        for case in ["arithmetic", "batched", "allocating"] {
            let [(same, few), (more, many)] = [effect(&equal, case), effect(&planted, case)];
            println!(
                "{harness:16} {case:11} {:+7.2}% {few:5} {:+8.2}% {many:5} {cost:16.1}",
                100.0 * same,
                100.0 * more
            );
            let is_off = same.abs() > OFF[0] || (more - 1.05_f64.ln()).abs() > OFF[1];
            if is_off && EXACT.contains(&case) {
                wrong.push(format!("{harness} {case}: {same:+.4} of equal code, {more:+.4} of 5 % more"));
            }
        }
    }
    assert!(wrong.is_empty(), "read wrongly: {wrong:#?}");
}

/// The logarithm of a case's effect, and the pairs that it took.
#[track_caller]
fn effect(ran: &Ran, case: &str) -> (f64, u64) {
    let series = ["cases", "cases/cases"].iter().map(|group| format!("{group}/{case}"));
    let all = ran.json()["series"].as_array().expect("a list");
    let found = series.into_iter().find_map(|id| all.iter().find(|one| one["id"] == id));
    let found = found.unwrap_or_else(|| panic!("no `{case}` in {all:#?}"));
    let estimate = found["effect"]["estimate"].as_f64().unwrap_or_else(|| panic!("nothing was read: {found:#}"));
    (estimate.ln_1p(), found["pairs"].as_u64().expect("a count"))
}

/// Wall time of measuring, first looks included, over all pairs.
fn milliseconds(subject: &Subject, ran: &Ran) -> f64 {
    let pairs: u64 =
        ran.json()["series"].as_array().expect("a list").iter().filter_map(|one| one["pairs"].as_u64()).sum();
    let kept = fs::read_to_string(subject.runs().pop().expect("a run was kept")).expect("readable");
    let run: serde_json::Value = serde_json::from_str(&kept).expect("JSON");
    1e3 * run["measured_seconds"].as_f64().expect("seconds") / pairs as f64
}
