//! Tiers with packages of their own: built, listed and measured when they are asked for.

use std::fs;

use crate::subject::{Subject, bench, usual};

/// A tier over the package `peers`, and a claim that is checked with it.
const POLICY: &str = "[tiers.peers]\npackages = [\"peers\"]\n\n[[claim]]\nname = \"beats the peer\"\nkind = \"ratio\"\n\
                      metric = \"time\"\nnumerator = \"area/block/ours/small\"\ndenominator = \"area/block/theirs/small\"\n\
                      at_most = 0.6\ntarget = 0.3\ntier = \"peers\"\n\n[[tolerance.override]]\nids = [\"*/*/parse/*\"]\n\
                      value = \"3%\"\n";

/// A workspace whose second member is no default member and has the tier `peers` to itself.
fn with_peers() -> Option<Subject> {
    let subject = Subject::new(&usual())?;
    let manifest = subject.read("Cargo.toml");
    let workspace = "[workspace]\nmembers = [\"peers\"]\ndefault-members = [\".\"]";
    subject.write("Cargo.toml", &manifest.replace("[workspace]", workspace));
    let peers = manifest.replace("name = \"subject\"", "name = \"peers\"");
    let dependencies = "\n[dependencies]\nsubject = { path = \"..\" }\n";
    subject
        .write("peers/Cargo.toml", &peers.replace("\n[workspace]\n\n[profile.bench]\nopt-level = 0\n", dependencies));
    subject.write("peers/benches/times.rs", &subject.read("benches/times.rs"));
    subject.write("peers/src/lib.rs", "");
    subject.write("peers/benches/script.txt", &(bench("ours", 500.0, "ok") + &bench("theirs", 1000.0, "ok")));
    subject.write("benchgate.toml", POLICY);
    fs::remove_file(subject.root().join("Cargo.lock")).expect("there was one");
    subject.commit("Add the peers");
    Some(subject)
}

#[test]
fn packages_of_a_tier_are_measured_with_it_only() {
    let Some(subject) = with_peers() else { return };
    let base = ["--base", "HEAD"];
    subject.bench(&base).ends(0, &["PASS: 2 series: 2 identical"]).time("parse", "identical");
    subject.bench(&[&base[..], &["--tier", "all"]].concat()).ends(0, &["PASS: 2 series: 2 identical"]);
    let ran = subject.bench(&[&base[..], &["--tier", "peers"]].concat());
    ran.ends(0, &["PASS: 2 series: 2 identical"]).time("ours", "identical");
    let claims = ran.json()["claims"].as_array().expect("a list");
    assert_eq!((claims.len(), &claims[0]["state"]), (1, &"holds".into()), "{claims:#?}");
    let row = ran.out.lines().find(|line| line.starts_with("beats the peer"));
    assert!(
        row.is_some_and(|row| row.contains("0.5") && row.contains("≤ 0.6")),
        "its table is printed: {}",
        ran.said()
    );
    let both = subject.bench(&[&base[..], &["--tier", "core", "--tier", "peers"]].concat());
    both.ends(0, &["PASS: 4 series: 4 identical"]).time("theirs", "identical").time("print", "identical");
}

#[test]
fn packages_of_a_tier_are_listed_with_it_only() {
    let Some(subject) = with_peers() else { return };
    let lists = |arguments: &[&str], expected: &str| {
        let ran = subject.run(&[&["list"], arguments].concat());
        assert!(ran.said().contains(&format!("--- stdout\n{expected}\n")), "{}", ran.said());
    };
    lists(&[], "area/block/parse/small\narea/block/print/small\n");
    lists(&["--tier", "all"], "area/block/parse/small\narea/block/print/small\n");
    lists(&["--tier", "peers"], "area/block/ours/small\narea/block/theirs/small\n");
}

#[test]
fn packages_of_a_tier_are_calibrated_with_it_and_do_not_replace_what_is_stored_of_the_others() {
    let Some(subject) = with_peers() else { return };
    let calibrate = ["calibrate", "--seed", "7", "--rounds", "1", "--minutes", "0.05", "--tier"];
    let ran = subject.run(&[&calibrate[..], &["peers"]].concat());
    ran.ends(0, &["2 benchmarks, ", "stored: nothing, since tiers leave benchmarks out"]);
}

#[test]
fn changes_between_runs_of_different_tiers_are_built() {
    let Some(subject) = with_peers() else { return };
    let base = ["--base", "HEAD"];
    let with_peers = [&base[..], &["--tier", "peers"]].concat();
    let library = subject.read("src/lib.rs");
    subject.bench(&base).ends(0, &["2 identical"]);
    subject.write("src/lib.rs", &library.replace("1.0", "1.2"));
    subject.bench(&with_peers).ends(100, &["2 regressed of 2 series"]).time("ours", "regressed");
    subject.bench(&base).ends(100, &["2 regressed of 2 series"]).time("parse", "regressed");
    subject.commit("Be slower");
    subject.bench(&with_peers).ends(0, &["2 identical"]);
    subject.write("src/lib.rs", &library);
    subject.bench(&base).ends(0, &["2 improved"]).time("parse", "improved");
    subject.bench(&with_peers).ends(0, &["2 improved"]).time("theirs", "improved");
}

#[test]
fn package_that_the_workspace_lacks_is_refused_with_its_tier() {
    let Some(subject) = with_peers() else { return };
    subject.write("benchgate.toml", &POLICY.replace("[\"peers\"]", "[\"peer\"]"));
    for asked in [&["--base", "HEAD"][..], &["--base", "HEAD", "--tier", "peers"]] {
        subject.bench(asked).stops(96, &["the workspace has no package `peer`"], "did you mean `peers`?");
    }
}

#[test]
fn packages_of_a_tier_have_places_in_the_source() {
    let Some(subject) = with_peers() else { return };
    subject.write("peers/benches/script.txt", &(bench("ours", 500.0, "ok") + &bench("theirs", 1000.0, "panic")));
    let arguments = ["--base", "HEAD", "--tier", "peers", "--output", "github=-"];
    let start = "::error file=peers/benches/times.rs,line=1,title=errored%3A area/block/theirs/small time::";
    let ran = subject.bench(&arguments);
    assert!(ran.code == 104 && ran.out.lines().any(|line| line.starts_with(start)), "{}", ran.said());
    let again = subject.run(&["report", "--output", "github=-"]);
    assert!(again.code == 104 && again.out.lines().any(|line| line.starts_with(start)), "{}", again.said());
}
