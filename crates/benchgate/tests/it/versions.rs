//! Real harnesses, oldest to newest, and one of each kind in every way in which executables are built: what is read of equal code,
//! and of 5 calls more for every 100.
//!
//! Needs the network once and minutes to compile, so it runs only when asked for; see `tests/versions/README.md`.

use std::fs;
use std::io::Write;
use std::path::Path;

use crate::ran::Ran;
use crate::subject::Subject;

const CRITERION: &str = include_str!("../versions/shared/criterion.rs");
const DEAF: &str = include_str!("../versions/shared/deaf.rs");
const DIVAN: &str = include_str!("../versions/shared/divan.rs");
const CLOCKS: &str = include_str!("../versions/shared/clocks.rs");

/// Harnesses by their names, the directories of their manifests, and the sources of their benches.
const HARNESSES: [(&str, &str, &str); 18] = [
    ("criterion-0.3.0", "criterion-0.3.0", CRITERION),
    ("criterion-0.3.3", "criterion-0.3.3", CRITERION),
    ("criterion-0.4", "criterion-0.4", CRITERION),
    ("criterion-0.5", "criterion-0.5", CRITERION),
    ("criterion-0.6", "criterion-0.6", CRITERION),
    ("criterion-0.7", "criterion-0.7", CRITERION),
    ("criterion-0.8", "criterion-0.8", CRITERION),
    ("deaf-0.8", "criterion-0.8", DEAF),
    ("clocks-0.8", "clocks", CLOCKS),
    ("criterion2-3", "criterion2-3", CRITERION),
    ("codspeed-criterion", "codspeed-criterion-6", CRITERION),
    ("divan-0.1.0", "divan-0.1.0", DIVAN),
    ("divan-0.1.7", "divan-0.1.7", DIVAN),
    ("divan-0.1.8", "divan-0.1.8", DIVAN),
    ("divan-0.1.14", "divan-0.1.14", DIVAN),
    ("divan-0.1.17", "divan-0.1.17", DIVAN),
    ("divan-0.1.21", "divan-0.1", DIVAN),
    ("codspeed-divan", "codspeed-divan-6", DIVAN),
];

/// Ways to build, as the profile of benches and flags of the compiler say; a linker, where one other than the usual is asked for.
const BUILDS: [(&str, &str, &str, Option<&str>); 9] = [
    ("thin", "lto = \"thin\"", "", None),
    ("fat", "lto = true", "", None),
    ("abort", "", "-Cpanic=abort", None), // cargo ignores it in the profile of benches
    ("strip", "strip = true", "", None),
    ("one-unit", "codegen-units = 1", "", None),
    ("size", "opt-level = \"s\"", "", None),
    ("all", "lto = true\nstrip = true\ncodegen-units = 1\nopt-level = \"s\"", "-Cpanic=abort", None),
    ("bfd", "", "-Clink-arg=-fuse-ld=bfd", Some("ld.bfd")),
    ("mold", "", "-Clink-arg=-fuse-ld=mold", Some("ld.mold")),
];

const WORK: &str = include_str!("../versions/shared/work.rs");
const UNCHANGED: &str = "EXTRA: u64 = 0;";
const PLANTED: &str = "EXTRA: u64 = 5;";
const PROFILE: &str = "codegen-units = 1\n";

/// What an effect may be off: for equal code, and for planted work.
const OFF: [f64; 2] = [0.003, 0.01];

/// How series are interleaved whose ends were learned.
const LOCKSTEP: &str = "lockstep, turns of 0.25 ms handed over at the end of timed sections";

/// What is expected of a case.
#[derive(Clone, Copy, PartialEq)]
enum Expected {
    /// In lockstep, and as it is: every nanosecond is the work that is counted.
    Exact,
    /// In lockstep; the allocator has a mind of its own.
    Lockstep,
    /// That it is said whose clock it shows.
    Foreign(&'static str),
}

fn cases(source: &str) -> Vec<(&'static str, Expected)> {
    if source == CLOCKS {
        let own = Expected::Foreign("a clock of its own, such as `rdtsc` or `quanta`");
        let calendar = ("calendar", Expected::Foreign("`SystemTime`"));
        return vec![
            ("tokio", Expected::Exact),
            ("futures", Expected::Exact),
            calendar,
            ("quanta", own),
            ("counter", own),
        ];
    }
    vec![("arithmetic", Expected::Exact), ("batched", Expected::Exact), ("allocating", Expected::Lockstep)]
}

#[test]
#[ignore = "compiles eighteen harnesses; `cargo test -p benchgate --test it versions -- --ignored --nocapture`"]
fn every_harness_reads_equal_code_as_equal_and_a_planted_share_as_it_is() {
    let mut table = Table::begin();
    for (name, directory, source) in HARNESSES {
        table.add(name, source, || Some(workspace(directory, source, PROFILE, "")));
    }
    table.end();
}

#[test]
#[ignore = "compiles two harnesses in nine ways; `cargo test -p benchgate --test it versions -- --ignored --nocapture`"]
fn every_build_reads_equal_code_as_equal_and_a_planted_share_as_it_is() {
    let mut table = Table::begin();
    for (harness, directory, source) in [("criterion", "criterion-0.8", CRITERION), ("divan", "divan-0.1", DIVAN)] {
        for (build, profile, flags, linker) in BUILDS {
            table.add(&format!("{build}/{harness}"), source, || {
                if linker.is_some_and(|linker| !is_there(linker)) {
                    writeln!(std::io::stdout(), "skipped: there is no {build}").expect("standard output is open");
                    return None;
                }
                Some(workspace(directory, source, profile, flags))
            });
        }
    }
    table.end();
}

fn is_there(program: &str) -> bool {
    let path = std::env::var_os("PATH").expect("it is set");
    std::env::split_paths(&path).any(|directory| directory.join(program).is_file())
}

fn workspace(directory: &str, source: &str, profile: &str, flags: &str) -> Subject {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/versions").join(directory);
    let read = |name: &str| fs::read_to_string(directory.join(name)).expect("it stands beside this test");
    let (manifest, lock) = (read("Cargo.toml"), read("Cargo.lock"));
    assert!(WORK.contains(UNCHANGED) && manifest.ends_with(PROFILE), "what is to be changed has another form");
    let manifest = manifest.replace(PROFILE, &format!("{profile}\n"));
    let flags: Vec<String> = flags.split_whitespace().map(|flag| format!("\"{flag}\"")).collect();
    let configuration = format!("[build]\nrustflags = [{}]\n", flags.join(", "));
    Subject::of(&[
        ("Cargo.toml", &manifest),
        ("Cargo.lock", &lock),
        (".cargo/config.toml", &configuration),
        ("benchgate.toml", "[confirm]\nlink_orders = false\n"), // what the pairs read is the question
        ("src/lib.rs", WORK),
        ("benches/cases.rs", source),
    ])
}

/// What was read, as it is printed, and what of it is wrong.
struct Table {
    only: String,
    wrong: Vec<String>,
}

impl Table {
    fn begin() -> Self {
        println!(
            "{:20} {:11} {:>8} {:>5} {:>9} {:>5} {:>9} {:>16}",
            "harness", "case", "equal", "pairs", "planted", "pairs", "ns", "ms a bench, pair"
        );
        Self { only: std::env::var("BENCHGATE_VERSIONS").unwrap_or_default(), wrong: Vec::new() }
    }

    /// Measures a workspace twice, equal and with the planted work. One that fails is wrong, and the others are measured all the same.
    fn add(&mut self, name: &str, source: &str, workspace: impl FnOnce() -> Option<Subject>) {
        if !name.contains(&self.only) {
            return;
        }
        let Some(subject) = workspace() else { return };
        let equal = subject.bench(&["--base", "HEAD", "--measure-identical"]);
        subject.write("src/lib.rs", &WORK.replace(UNCHANGED, PLANTED));
        let planted = subject.bench(&["--base", "HEAD"]);
        if [equal.code, planted.code].iter().any(|code| ![0, 4, 5, 100].contains(code)) {
            println!("{name:20} ended with {} and {}", equal.code, planted.code);
            self.wrong.push(format!("{name}: {} {}", equal.said(), planted.said()));
            return;
        }
        let cost = milliseconds(&subject, &planted);
        for (case, expected) in cases(source) {
            let [same, more] = [read(&equal, case), read(&planted, case)];
            println!(
                "{name:20} {case:11} {:+7.2}% {:5} {:+8.2}% {:5} {:9.1} {cost:16.1}",
                100.0 * same.effect,
                same.pairs,
                100.0 * more.effect,
                more.pairs,
                same.base,
            );
            let how = interleaving(&subject, case);
            let is_off = same.effect.abs() > OFF[0] || (more.effect - 1.05_f64.ln()).abs() > OFF[1];
            let is_wrong = match expected {
                Expected::Exact => is_off || !how.starts_with(LOCKSTEP),
                Expected::Lockstep => !how.starts_with(LOCKSTEP),
                Expected::Foreign(clock) => !how.contains(&format!("its times are those of {clock}")),
            };
            if is_wrong {
                let (same, more) = (same.effect, more.effect);
                self.wrong.push(format!("{name} {case}: {same:+.4} of equal code, {more:+.4} of 5 % more; {how}"));
            }
        }
    }

    #[track_caller]
    fn end(self) {
        assert!(self.wrong.is_empty(), "read wrongly: {:#?}", self.wrong);
    }
}

/// What was read of a case.
struct Reading {
    /// As a logarithm.
    effect: f64,
    pairs: u64,
    /// Nanoseconds of the base.
    base: f64,
}

#[track_caller]
fn read(ran: &Ran, case: &str) -> Reading {
    let all = ran.json()["series"].as_array().expect("a list");
    let found = ["cases", "cases/cases"].iter().map(|group| format!("{group}/{case}"));
    let found = found.into_iter().find_map(|id| all.iter().find(|one| one["id"] == *id && one["metric"] == "time"));
    let found = found.unwrap_or_else(|| panic!("no `{case}` in {all:#?}"));
    let estimate = found["effect"]["estimate"].as_f64().unwrap_or_else(|| panic!("nothing was read: {found:#}"));
    let base = found["base"].as_f64().unwrap_or(f64::NAN);
    Reading { effect: estimate.ln_1p(), pairs: found["pairs"].as_u64().expect("a count"), base }
}

/// How the sides of a case were interleaved in the newest run.
#[track_caller]
fn interleaving(subject: &Subject, case: &str) -> String {
    let kept = fs::read_to_string(subject.runs().pop().expect("a run was kept")).expect("readable");
    let run: serde_json::Value = serde_json::from_str(&kept).expect("JSON");
    let series = run["series"].as_array().expect("a list");
    let found = series.iter().find(|one| one["function"] == case || one["value"] == case);
    let found = found.unwrap_or_else(|| panic!("no `{case}` in {series:#?}"));
    found["evidence"]["pairs"]["interleaving"].as_str().unwrap_or_default().to_owned()
}

/// Wall time of measuring, first looks included, over all pairs.
fn milliseconds(subject: &Subject, ran: &Ran) -> f64 {
    let pairs: u64 =
        ran.json()["series"].as_array().expect("a list").iter().filter_map(|one| one["pairs"].as_u64()).sum();
    let kept = fs::read_to_string(subject.runs().pop().expect("a run was kept")).expect("readable");
    let run: serde_json::Value = serde_json::from_str(&kept).expect("JSON");
    1e3 * run["measured_seconds"].as_f64().expect("seconds") / pairs as f64
}
