//! Times that fresh link orders cannot judge: an accident there never turns red into green.

use crate::subject::{Subject, bench, usual};
use crate::verdicts::PACKED;

/// A build script that fails while benches are compiled to be linked again, with these last words.
fn refusing(words: &str) -> String {
    format!(
        "fn main() {{
    println!(\"cargo:rerun-if-env-changed=RUSTC_WORKSPACE_WRAPPER\");
    if std::env::var_os(\"RUSTC_WORKSPACE_WRAPPER\").is_some() {{
        panic!(\"{words}\");
    }}
}}
"
    )
}

fn subject(words: &str) -> Option<Subject> {
    Subject::made("", &[("benches/script.txt", &usual()), ("build.rs", &refusing(words))])
}

#[test]
fn what_cannot_be_linked_again_is_measured_on_and_red() {
    let Some(subject) = subject("no wrappers here") else { return };
    subject.script(&(bench("parse", 1500.0, "ok") + &bench("print", 2000.0, "ok")));
    let ran = subject.bench(&[]);
    ran.ends(100, &["FAIL: 1 regressed of 2 series", "; not confirmed: the base cannot be linked again: "]);
    ran.time("parse", "regressed").time("print", "unchanged");
    let series = ran.series("area/block/parse/small", "time");
    assert!(series["not_confirmed"].as_str().unwrap().contains("no wrappers here"), "{series:#}");
    assert!(series["link_orders"].is_null(), "{series:#}");
    // Beyond the five pairs that made it suspect: two series need eight to be red by pairs alone.
    assert!(series["pairs"].as_u64().unwrap() >= 8, "{series:#}");

    // What is faster is, in the same way, and nobody fails for it.
    subject.script(&(bench("parse", 700.0, "ok") + &bench("print", 2000.0, "ok")));
    let ran = subject.bench(&[]);
    ran.ends(0, &["PASS: 2 series: 1 improved, 1 unchanged", "; not confirmed: "]).time("parse", "improved");
}

#[test]
fn suspicion_that_neither_link_orders_nor_pairs_settle_is_incomplete() {
    // With --quick nine pairs are all there are, which is too few for nine series.
    let script = |nanos: f64| {
        let quiet = ["b", "c", "d", "e", "f", "g", "h", "i"].map(|name| bench(name, 1000.0, "ok")).concat();
        bench("a", nanos, "ok") + &quiet
    };
    let files =
        |words: &str| Subject::made("", &[("benches/script.txt", &script(1000.0)), ("build.rs", &refusing(words))]);
    let Some(subject) = files("no wrappers here") else { return };
    subject.script(&script(1500.0));
    let ran = subject.bench(&["--quick"]);
    ran.ends(106, &["ERROR: 1 inconclusive of 9 series", "its pairs alone do not show it at the suite's error level"]);
    assert_eq!(ran.series("area/block/a/small", "time")["open"], "unconfirmed");
}

#[test]
fn full_disk_is_an_output_that_could_not_be_written() {
    let Some(subject) = subject("write: No space left on device (os error 28)") else { return };
    subject.script(&(bench("parse", 1500.0, "ok") + &bench("print", 2000.0, "ok")));
    let ran = subject.bench(&[]);
    ran.ends(110, &["1 regressed", "No space left on device"]).time("parse", "regressed");
}

#[test]
fn bench_that_runs_in_no_other_link_order_is_red_by_its_pairs() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let lib = subject.read("src/lib.rs");
    let fragile =
        "    if !is_packed() {\n        eprintln!(\"scattered\");\n        std::process::exit(3)\n    }\n    1.5\n";
    let (found, fragile) = (lib.contains("    1.0\n"), lib.replace("    1.0\n", fragile) + PACKED);
    assert!(found);
    subject.write("src/lib.rs", &fragile);
    let ran = subject.bench(&[]);
    ran.ends(100, &["2 regressed of 2 series", "; not confirmed: in other link orders, candidate: "]);
    ran.time("parse", "regressed").time("print", "regressed");
}
