//! `calibrate`: it measures equal code with equal code, stores what it found, and `bench` takes its tolerances from that.

use std::fs;
use std::path::PathBuf;

use crate::subject::{Subject, bench, usual};

/// Six rounds give each bench at least thirty pairs, however slow the machine is.
const CALIBRATE: [&str; 5] = ["calibrate", "--seed", "7", "--rounds", "6"];

fn stored(subject: &Subject) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(subject.root().join("baselines/calibration")) else { return Vec::new() };
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

fn jumpy() -> String {
    bench("calm", 1000.0, "ok") + &bench("jumpy", 2000.0, "wild")
}

#[test]
fn noise_is_measured_and_what_cannot_be_measured_is_told() {
    let Some(subject) = Subject::new(&jumpy()) else { return };
    let ran = subject.run(&CALIBRATE);
    ran.ends(0, &["2 benchmarks, ", "seed 7", "equal code that turned red", "copies of one executable"]);
    ran.ends(0, &["equal source built again, the same code in 1 of 1 executables"]);
    ran.ends(0, &["a neutral edit", "of 300 suites", "machine time to a verdict: median "]);
    ran.ends(0, &["not measured: slowdowns planted in code could not be measured: the workspace's `Cargo.lock` has no Criterion"]);
    let page = subject.read("target/benchgate/report/calibration.html");
    assert!(page.contains("area/block/jumpy/small") && page.contains("<svg class=\"chart"), "{page}");
    let [file] = &stored(&subject)[..] else { panic!("{:?}\n{}", stored(&subject), ran.said()) };
    let name = file.file_name().expect("a name").to_string_lossy().into_owned();
    assert!(name.ends_with(".json") && !name.contains(char::is_whitespace), "{name}");
    let text = fs::read_to_string(file).expect("readable");
    let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!((&json["schema"], &json["seed"]), (&1.into(), &7.into()));
    let [calm, jumpy] = &json["benches"].as_array().expect("a list")[..] else { panic!("{json:#}") };
    assert_eq!((calm["supported"].as_f64(), jumpy["supported"].as_f64()), (Some(0.01), Some(0.05)), "{json:#}");
    assert_eq!((calm["tolerance"].as_f64(), jumpy["tolerance"].as_f64()), (Some(0.02), Some(0.05)));
    assert!(calm["pairs"].as_u64() >= Some(24), "{calm:#}");
    // The fake benches are off by a third of a per cent: nothing of 1 % is red, all of 10 % is.
    assert_eq!((&calm["found"][1], &calm["found"][4]), (&0.into(), &200.into()), "{calm:#}");
    for trial in json["trials"].as_array().expect("a list") {
        assert_eq!(trial["red_runs"], 0, "{trial:#}");
        assert!(trial["runs"].as_u64() >= Some(1), "{trial:#}");
    }
    assert!(subject.runs().is_empty(), "a calibration is no run of the gate");
}

#[test]
fn bench_raises_defaults_and_warns_of_stated_tolerances() {
    let Some(subject) = Subject::new(&jumpy()) else { return };
    subject.run(&CALIBRATE).ends(0, &["stored: "]);
    let tolerance = |ran: &crate::ran::Ran, name: &str| {
        ran.series(&format!("area/block/{name}/small"), "time")["tolerance"].as_f64().expect("a number")
    };
    subject.script(&(bench("calm", 1100.0, "ok") + &bench("jumpy", 2500.0, "wild")));
    let raised = subject.bench(&[]);
    raised.ends(100, &["the default tolerance of time is raised for 1 benchmarks", "`area/block/jumpy/small` 5 %"]);
    raised.time("calm", "regressed").time("jumpy", "regressed");
    assert_eq!((tolerance(&raised, "calm"), tolerance(&raised, "jumpy")), (0.02, 0.05));
    // What it was judged by is kept with the run, whatever becomes of the calibration.
    let file = stored(&subject).remove(0);
    let text = fs::read_to_string(&file).expect("readable");
    fs::remove_file(&file).expect("it was there");
    subject.run(&["report"]).ends(100, &["2 regressed of 2 series", "is raised for 1 benchmarks"]);
    fs::write(&file, &text).expect("written");

    subject.write("benchgate.toml", "[tolerance]\ntime = \"2%\"\n");
    let stated = subject.bench(&[]);
    stated.ends(
        100,
        &["warning: this machine cannot see the stated tolerance of 1 benchmarks", "2 % stated, 5 % supported"],
    );
    assert_eq!(tolerance(&stated, "jumpy"), 0.02);

    fs::write(&file, &text[..text.len() / 2]).expect("written");
    subject.bench(&[]).stops(
        105,
        &["calibration `", "is damaged at line "],
        "make it again with `cargo benchgate calibrate`",
    );
}

#[test]
fn in_ci_a_change_cannot_bring_its_own_calibration() {
    let Some(subject) = Subject::new(&jumpy()) else { return };
    subject.run(&CALIBRATE).ends(0, &["stored: "]);
    subject.script(&(bench("calm", 1000.5, "ok") + &bench("jumpy", 2000.0, "wild")));
    let tolerance = || {
        let ran = subject.bench_with(&["--base", "HEAD"], &[("CI", "true")]);
        ran.series("area/block/jumpy/small", "time")["tolerance"].as_f64()
    };
    assert_eq!(tolerance(), Some(0.02));
    subject.commit("Calibrate");
    subject.script(&(bench("calm", 1000.0, "ok") + &bench("jumpy", 2000.0, "wild")));
    assert_eq!(tolerance(), Some(0.05));
}

#[test]
fn no_time_is_a_wide_answer_not_a_wrong_one() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let ran = subject.run(&["calibrate", "--seed", "7", "--rounds", "1", "--minutes", "0.05", "parse"]);
    ran.ends(0, &["1 benchmarks", "of 1 ", "stored: nothing, since filters leave benchmarks out"]);
    assert!(stored(&subject).is_empty());
    let ran = subject.run(&["calibrate", "--minutes", "0"]);
    assert!(ran.code == 2 && ran.err.contains("expected a number of minutes from 0.01 to 1440"), "{}", ran.said());
    subject.run(&["calibrate", "unheard-of"]).stops(4, &["no benchmark is selected"], "list --tier all");
}
