//! Policies: a change cannot loosen its own gate, tiers and classes do what they say.

use std::fs;

use crate::subject::{Subject, bench, heap, usual};

fn slower() -> String {
    bench("parse", 1100.0, "ok") + &bench("print", 2000.0, "ok")
}

const CI: [(&str, &str); 2] = [("CI", "true"), ("GITHUB_BASE_REF", "main")];

#[test]
fn change_that_loosens_its_own_tolerance_is_still_red_in_ci() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.write("benchgate.toml", "[tolerance]\ntime = \"3%\"\n");
    subject.commit("Tolerate 3 %");
    subject.git(&["switch", "-q", "-c", "change"]);
    subject.write("benchgate.toml", "[tolerance]\ntime = \"50%\"\n");
    subject.script(&slower());
    subject.commit("Be slower and tolerate it");
    let ran = subject.bench_with(&[], &CI);
    ran.ends(
        100,
        &["this change edits benchgate.toml; it is judged by the base revision's", "1 regressed of 2 series"],
    );
    ran.time("parse", "regressed");
    ran.ends(100, &["configuration, base → this change tolerance.time: \"3%\" → \"50%\""]);
    let expected = serde_json::json!([{ "key": "tolerance.time", "base": "\"3%\"", "candidate": "\"50%\"" }]);
    assert_eq!(ran.json()["policy_changes"], expected);
    // Nobody else is kept from trying a policy out.
    let ran = subject.bench(&[]);
    ran.ends(0, &["2 unchanged", "benchgate.toml holds as it is here; in CI that of the base revision does"]);
    subject.bench_with(&[], &[("CI", "false")]).ends(0, &["2 unchanged"]);
}

#[test]
fn change_that_loosens_a_claim_in_a_file_of_its_own_is_still_red_in_ci() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let claims = |at_most: f64| {
        format!(
            "[[claim]]\nname = \"{{fast}} beats print\"\neach = {{ fast = [\"parse\"] }}\nkind = \"ratio\"\nmetric = \"time\"\n\
             numerator = \"area/block/{{fast}}/small\"\ndenominator = \"area/block/print/small\"\nat_most = {at_most:?}\n"
        )
    };
    subject.write("benchgate.toml", "claims = [\"benches/claims/*.toml\"]\n[confirm]\nlink_orders = false\n");
    subject.write("benches/claims/area.toml", &claims(0.52));
    subject.commit("Claim");
    subject.git(&["switch", "-q", "-c", "change"]);
    subject.write("benches/claims/area.toml", &claims(0.9));
    subject.script(&slower());
    subject.commit("Be slower, and claim less");
    let ran = subject.bench_with(&["--output", "github=-"], &CI);
    assert_eq!(ran.code, 100, "{}", ran.said());
    let words = ["this change edits benches/claims/area.toml; it is judged by the base revision's", "claim violated"];
    assert!(words.iter().all(|words| ran.said().contains(words)), "{}", ran.said());
    let place = "::error file=benches/claims/area.toml,line=2,title=claim violated%3A parse beats print::";
    assert!(ran.out.lines().any(|line| line.starts_with(place)), "{}", ran.said());
    let key = "claim.[\"parse beats print\"].at_most";
    let expected = serde_json::json!([{ "key": key, "base": "0.52", "candidate": "0.9" }]);
    assert_eq!(ran.json()["policy_changes"], expected);
    // The kept run has the claims of both files, and is judged by them again.
    subject.run(&["report"]).ends(100, &["claim `parse beats print` is violated"]);
    // Nobody else is kept from trying a claim out; a glob without a file is told, whoever asks.
    subject.run(&["claims"]).ends(0, &["parse beats print"]);
    subject.write("benchgate.toml", "claims = [\"benches/claim/*.toml\"]\n");
    subject.bench(&[]).stops(96, &["`benchgate.toml:1:11`: `benches/claim/*.toml` matches no file"], "globs begin");
}

#[test]
fn first_policy_of_a_repository_is_the_changes_own() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.git(&["switch", "-q", "-c", "change"]);
    subject.write("benchgate.toml", "[tolerance]\ntime = \"50%\"\n");
    subject.script(&slower());
    subject.commit("Begin to tolerate");
    let ran = subject.bench_with(&[], &CI);
    ran.ends(0, &["the base revision has no benchgate.toml; this change's own is used"]);
}

#[test]
fn recorded_counts_come_from_the_base_revision_in_ci() {
    let counts = |n| heap("parse", n, 96, 0, "ok");
    let Some(subject) = Subject::with_heap(&usual(), &counts(3)) else { return };
    subject.run(&["baseline", "save"]).ends(0, &[]);
    subject.commit("Record");
    subject.git(&["switch", "-q", "-c", "change"]);
    subject.heap(&counts(4));
    subject.run(&["baseline", "save"]).ends(0, &[]);
    subject.commit("Allocate, and record it");
    let ran = subject.bench_with(&[], &CI);
    ran.ends(100, &["this change edits baselines/heap; counts are held against the base revision's"]);
    ran.verdict("parse", "allocations", "regressed");
}

#[test]
fn class_that_does_not_gate_is_shown_and_passes() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.script(&slower());
    subject.write("benchgate.toml", "[class.loose]\nids = [\"area/block/parse/*\"]\ngate = false\n");
    let ran = subject.bench(&[]);
    ran.ends(0, &["PASS", "slower by "]).time("parse", "regressed").time("print", "unchanged");
    subject.script(&(bench("parse", 1100.0, "panic") + &bench("print", 2000.0, "ok")));
    subject.bench(&[]).ends(104, &["1 errored of 2 series"]);
}

#[test]
fn tiers_choose_what_is_measured() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.write("benchgate.toml", "[tiers]\nnightly = [\"**/print/*\"]\n");
    let listed = |arguments: &[&str]| subject.run(&[&["list"], arguments].concat()).out;
    assert_eq!(listed(&[]), "area/block/parse/small\n");
    assert_eq!(listed(&["--tier", "nightly"]), "area/block/print/small\n");
    assert_eq!(listed(&["--tier", "all"]), "area/block/parse/small\narea/block/print/small\n");
    subject.script(&slower());
    subject.bench(&["--tier", "nightly"]).ends(0, &["1 series: 1 unchanged"]).time("print", "unchanged");
    subject.bench(&[]).ends(100, &["1 regressed of 1 series"]);
}

#[test]
fn policy_says_what_a_removed_bench_does() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.script(&bench("parse", 1000.0, "ok"));
    subject.write("benchgate.toml", "[on]\nremoved = \"warn\"\nnew = \"fail\"\n");
    subject.bench(&[]).ends(0, &["1 removed"]).time("print", "removed");
    subject.script(&(usual() + &bench("sort", 1.0, "ok")));
    subject.bench(&[]).ends(106, &["1 new of 3 series"]);
}

#[test]
fn bench_with_more_threads_than_cores_runs_only_when_it_is_named() {
    let many = "area/block\tcrowd\tmt@t4096\t1000\tok\t\n";
    let Some(subject) = Subject::new(&(usual() + many)) else { return };
    assert_eq!(subject.run(&["list"]).out, "area/block/parse/small\narea/block/print/small\n");
    assert_eq!(subject.run(&["list", "crowd"]).out, "area/block/crowd/mt@t4096\n");
    subject.write("benches/input.json", "1");
    subject.bench(&[]).ends(0, &["2 series: 2 unchanged"]);
    subject.bench(&["crowd"]).ends(0, &["1 series: 1 unchanged"]);
}

#[test]
fn policy_that_cannot_be_read_is_not_taken_for_none() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let file = subject.root().join("benchgate.toml");
    fs::write(&file, b"[on]\nremoved = \"\xff\"\n").expect("written");
    subject.bench(&["--base", "HEAD"]).stops(
        96,
        &["`benchgate.toml` is not UTF-8 text", "at offset 16"],
        "save it as UTF-8",
    );
    subject.commit("Break the policy");
    subject.git(&["switch", "-q", "-c", "change"]);
    fs::write(&file, b"").expect("written");
    subject.commit("Mend it");
    subject.bench_with(&[], &CI).stops(96, &["benchgate.toml` is not UTF-8 text"], "save it as UTF-8");
    fs::remove_file(&file).expect("it was there");
    fs::create_dir(&file).expect("made");
    subject.bench(&["--base", "HEAD"]).stops(96, &["`benchgate.toml` cannot be read"], "look at its permissions");
}
