//! Counts from Criterion benches that know nothing of it, end to end: stock Criterion, built for the fixture.

use crate::ran::Ran;
use crate::subject::{Subject, bench};

const MANIFEST: &str = r#"[workspace]

[package]
name = "counted"
version = "0.1.0"
edition = "2024"

[lib]
bench = false

[dev-dependencies]
criterion = { version = "0.8.2", default-features = false, features = ["cargo_bench_support"] }
benchgate-heap = { path = "HEAP" }

[[bench]]
name = "timed"
harness = false

[[bench]]
name = "own"
harness = false

[[bench]]
name = "heap"
harness = false

[profile.bench]
opt-level = 0
codegen-units = 16
"#;

const PLANT: [&str; 2] = ["let all = [", "let all = [black_box(vec![4_u8; 40]), "];

fn subject() -> Option<Subject> {
    let heap = concat!(env!("CARGO_MANIFEST_DIR"), "-heap");
    Subject::lasting(
        "counted",
        &[
            ("Cargo.toml", &MANIFEST.replace("HEAP", heap)),
            // The versions of this workspace, which are there already; cargo leaves out what is not needed.
            ("Cargo.lock", include_str!("../../../../Cargo.lock")),
            ("benchgate.toml", "[on]\nnot-run = \"warn\"\n"),
            ("src/lib.rs", include_str!("fixture/counted/lib.rs")),
            ("benches/timed.rs", include_str!("fixture/counted/criterion.rs")),
            ("benches/own.rs", include_str!("fixture/counted/own.rs")),
            ("benches/heap.rs", include_str!("fixture/counted/heap.rs")),
        ],
    )
}

#[track_caller]
fn check(ran: &Ran, name: &str, verdict: &str, allocations: [f64; 2], bytes: [f64; 2]) {
    for (metric, [base, candidate]) in [("allocations", allocations), ("bytes", bytes)] {
        let one = ran.series(&format!("counted/{name}"), metric);
        assert_eq!(one["verdict"], verdict, "{one:#}");
        assert_eq!((one["base"].as_f64(), one["candidate"].as_f64()), (Some(base), Some(candidate)), "{one:#}");
    }
}

#[test]
fn planted_block_is_red_in_every_bench_that_asks_for_it() {
    let Some(subject) = subject() else { return };
    let saved = subject.run(&["baseline", "save"]);
    saved.ends(0, &["wrote", "left out counted/made: no readings of the clock are as far apart as its samples took"]);
    saved.ends(0, &["left out counted/amortised allocations: it does not repeat exactly"]);
    saved.ends(0, &["left out own/three: it asks the system's allocator for nothing at all"]);
    subject.write(
        "benchgate.toml",
        "[tolerance]\nallocations = \"0%\"\nbytes = \"0%\"\npeak-bytes = \"0%\"\n\n[on]\nnot-run = \"warn\"\n",
    );
    subject.commit("Record the counts, and allow for nothing");

    subject.write("src/lib.rs", &include_str!("fixture/counted/lib.rs").replace(PLANT[0], PLANT[1]));
    let red = subject.counting_bench(&["--budget", "1s"]);
    red.ends(100, &["1 allocs/iter more, 33 %"]);
    for name in ["three", "custom", "reads", "kept", "long"] {
        check(&red, name, "regressed", [3.0, 4.0], [60.0, 100.0]);
    }
    check(&red, "nothing", "unchanged", [0.0; 2], [0.0; 2]);
    check(&red, "grown", "unchanged", [9.0; 2], [8176.0; 2]);
    check(&red, "zeroed", "unchanged", [1.0; 2], [100.0; 2]);
    check(&red, "batched", "regressed", [4.0, 5.0], [4060.0, 4100.0]);
    for name in ["made", "amortised"] {
        let one = red.series(&format!("counted/{name}"), "allocations");
        assert_ne!(one["verdict"], "unchanged", "{one:#}");
        assert_ne!(one["verdict"], "regressed", "{one:#}");
    }
    assert_eq!(red.series("own/three", "allocations")["verdict"], "not-counted");
    agrees_with_the_heap_bench(&red);
    // Counted by both, and shown once: the heap bench knows more.
    check(&red, "both", "regressed", [3.0, 4.0], [60.0, 100.0]);
    assert_eq!(red.series("counted/both", "peak-bytes")["candidate"].as_f64(), Some(100.0));

    let stored = subject.counting_bench(&["--stored"]);
    stored.ends(100, &["1 allocs/iter more, 33 %"]);
    check(&stored, "three", "regressed", [3.0, 4.0], [60.0, 100.0]);
    check(&stored, "grown", "unchanged", [9.0; 2], [8176.0; 2]);
    let off = subject.counting_bench(&["--no-counting", "--budget", "1s"]);
    let all = off.json()["series"].as_array().expect("a list");
    assert!(!all.iter().any(|one| one["id"] == "counted/three" && one["metric"] == "allocations"), "{}", off.said());
}

/// Wherever both measure: the heap bench has cases of these names, which run the same code.
#[track_caller]
fn agrees_with_the_heap_bench(ran: &Ran) {
    for name in ["nothing", "three", "grown", "zeroed", "batched", "custom", "kept"] {
        for metric in ["allocations", "bytes"] {
            let weighed = ran.series(&format!("weighed/{name}"), metric);
            let timed = ran.series(&format!("counted/{name}"), metric);
            for part in ["verdict", "base", "candidate"] {
                assert_eq!(timed[part], weighed[part], "{name} {metric}");
            }
        }
    }
}

#[test]
fn what_cannot_be_counted_in_time_is_no_error_and_takes_no_time_from_the_times() {
    let script = |nanos| bench("parse", nanos, "uncountable") + &bench("print", 2000.0, "ok");
    let Some(subject) = Subject::new(&script(1000.0)) else { return };
    subject.script(&script(1001.0));
    let json = subject.home().join("out.json");
    let mut gate = subject.gate(&["bench", "--seed", "7", "--output", &format!("json={}", json.display())]);
    gate.env("BENCHGATE_STEP_LIMIT", "2");
    let ran = Ran::of(gate, Some(&json));
    ran.ends(0, &["4 series: 2 not-counted, 2 unchanged"]).time("parse", "unchanged").time("print", "unchanged");
    let counts = ran.series("area/block/parse/small", "allocations");
    let reason = "it was not counted within the 2 s of BENCHGATE_STEP_LIMIT that a bench may take";
    assert_eq!((&counts["verdict"], &counts["reason"]), (&"not-counted".into(), &reason.into()), "{counts:#}");
    let (times, counts) =
        (ran.err.find("measuring 2 series"), ran.err.find("counting the heap of times, for at most "));
    assert!(times.is_some() && times < counts, "{}", ran.said());

    // A limit that is no number of seconds is refused.
    let mut gate = subject.gate(&["bench"]);
    gate.env("BENCHGATE_STEP_LIMIT", "a minute");
    Ran::of(gate, None).stops(
        96,
        &["`BENCHGATE_STEP_LIMIT` is `a minute`, expected seconds"],
        "BENCHGATE_STEP_LIMIT=120",
    );
}
