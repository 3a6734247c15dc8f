//! `selftest canary`: it passes only where the required check went red for the planted reason.

use crate::subject::{Subject, usual};

fn configured(before: &str, after: &str) -> String {
    format!(
        "[canary]\nfile = \"src/lib.rs\"\nbefore = \"{before}\"\nafter = \"{after}\"\nid = \"area/block/parse/small\"\n"
    )
}

const CANARY: [&str; 4] = ["selftest", "canary", "--seed", "7"];

#[test]
fn planted_slowdown_is_noticed_and_the_tree_is_left_alone() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.write("benchgate.toml", &configured("    1.0", "    1.25"));
    subject.commit("Name a plant");
    let ran = subject.run(&CANARY);
    ran.ends(0, &["FAIL: 2 regressed of 2 series", "the tree as it is, without the plant"]);
    ran.ends(0, &["canary: planted in the copy of `src/lib.rs` that benchgate.toml names"]);
    ran.ends(0, &["`area/block/parse/small` turned the check red, as it must"]);
    assert_eq!(subject.git(&["status", "--porcelain"]), "", "the canary changed the tree");
    assert!(subject.root().join("target/benchgate/report/canary.html").is_file());
    assert!(subject.runs().is_empty(), "a canary is no run of the gate");
    // What was planted stays out of what is measured next.
    subject.bench(&["--base", "HEAD"]).ends(0, &["2 identical"]);
}

#[test]
fn plant_that_does_nothing_fails_the_selftest() {
    let Some(subject) = Subject::new(&usual()) else { return };
    #[track_caller]
    fn check(subject: &Subject, before: &str, after: &str, arguments: &[&str], why: &str) {
        subject.write("benchgate.toml", &configured(before, after));
        let ran = subject.run(&[&CANARY, arguments].concat());
        ran.stops(1, &["the canary was not noticed", why], "does the plant slow `area/block/parse/small`");
    }
    check(&subject, "    1.0", "    1.0 // nothing", &[], "`area/block/parse/small` is `identical`");
    check(&subject, "values[at]", "values[at].wrapping_add(1)", &[], "`area/block/parse/small` is `unchanged`");
    check(&subject, "    1.0", "    0.5", &[], "`area/block/parse/small` is `improved`");
    check(&subject, "    1.0", "    1.25", &["print"], "`area/block/parse/small` was not measured");
    let never = "\n[class.all]\nids = [\"**\"]\ngate = false\n";
    subject.write("benchgate.toml", &(configured("    1.0", "    1.25") + never));
    let ran = subject.run(&CANARY);
    ran.stops(1, &["is `regressed` but does not fail the run"], "do not rely on the gate here");
}

#[test]
fn plant_that_cannot_be_made_is_a_wrong_configuration() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let told = |text: &str, words: &str| {
        subject.write("benchgate.toml", text);
        let ran = subject.run(&CANARY);
        assert_eq!(ran.code, 96, "{}", ran.said());
        assert!(ran.err.contains(words), "{}", ran.said());
    };
    told(&configured("    2.0", "    3.0"), "stands 0 times in `src/lib.rs`, expected once");
    told(&configured("fn", "pub fn"), "stands 2 times in `src/lib.rs`, expected once");
    told(&configured("    1.0", "    1.0"), "`after` is the same as `before`");
    told(
        &configured("    1.0", "    1.1").replace("src/lib.rs", "../lib.rs"),
        "expected a file below the workspace's root",
    );
    told(&configured("    1.0", "    1.1").replace("src/lib.rs", "src/none.rs"), "cannot read `src/none.rs`");
    told(&configured("    1.0", "    1.1").replace("parse", "parze"), "id `area/block/parze/small` matches none");
    // Nothing is configured, and the fake benches have no Criterion to generate a workspace with.
    told("", "nothing to plant: no [canary] is configured, and a bench of known work cannot be generated");
}

#[test]
fn plant_that_does_not_compile_is_a_side_that_does_not_build() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.write("benchgate.toml", &configured("    1.0", "    one"));
    subject.run(&CANARY).stops(103, &["the candidate does not build"], "cargo bench --no-run");
}
