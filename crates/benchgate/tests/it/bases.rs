//! Which base a run is held against, and where the workspace may lie.

use std::fs;

use crate::ran::Ran;
use crate::subject::{Subject, bench, heap, usual};

fn slower() -> String {
    bench("parse", 1200.0, "ok") + &bench("print", 2000.0, "ok")
}

#[test]
fn branch_is_held_against_its_merge_base_not_against_the_tip() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.git(&["switch", "-q", "-c", "change"]);
    subject.write("benches/input.json", "1");
    subject.commit("Change");
    subject.git(&["switch", "-q", "main"]);
    subject.script(&bench("other", 10.0, "ok"));
    subject.commit("Go on elsewhere");
    subject.git(&["switch", "-q", "change"]);
    subject.bench(&[]).ends(0, &["1 commit, against the merge base with `main`", "PASS: 2 series: 2 unchanged"]);
    let ran = subject.bench(&["--base", "main"]);
    ran.ends(106, &["asked for with --base"]).time("other", "removed").time("parse", "new");
}

/// CI checks out a merge commit that was made when the check was triggered; the target goes on meanwhile.
#[test]
fn base_that_moved_after_the_trigger_blames_the_change_for_nothing() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.git(&["switch", "-q", "-c", "change"]);
    subject.write("benches/input.json", "1");
    subject.commit("Change");
    subject.git(&["switch", "-q", "main"]);
    subject.write("other.txt", "1");
    subject.commit("Go on");
    let at_trigger = subject.git(&["rev-parse", "--short=9", "HEAD"]);
    subject.git(&["switch", "-q", "--detach"]);
    subject.git(&["merge", "-q", "--no-ff", "-m", "Merge", "change"]);
    let merged = subject.git(&["rev-parse", "HEAD"]);
    subject.git(&["switch", "-q", "main"]);
    subject.script(&(bench("parse", 800.0, "ok") + &bench("other", 10.0, "ok")));
    subject.commit("Be faster, with other benchmarks");
    subject.git(&["switch", "-q", "--detach", &merged]);
    let target = [("CI", "true"), ("GITHUB_BASE_REF", "main")];
    let ran = subject.bench_with(&[], &target);
    ran.ends(0, &["PASS: 2 series: 2 unchanged", &at_trigger, "the merge base with `main`"]);
    // What the change itself does is seen all the same.
    subject.script(&slower());
    subject.commit("Be slower");
    subject.bench_with(&[], &target).ends(100, &["1 regressed of 2 series", &at_trigger]).time("parse", "regressed");
}

#[test]
fn workspace_in_a_directory_of_the_repository_is_gated() {
    let Some(subject) = Subject::below("deep/inner", &usual()) else { return };
    subject.script(&slower());
    subject.bench(&[]).ends(100, &["1 regressed of 2 series"]).time("parse", "regressed").time("print", "unchanged");
    subject.script(&usual());
    subject.write("src/lib.rs", &format!("\n// Comment.\n{}", subject.read("src/lib.rs")));
    subject.bench(&[]).ends(0, &["2 identical"]);
}

#[test]
fn manifest_path_gates_a_workspace_from_elsewhere() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.script(&slower());
    let elsewhere = subject.home().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let json = subject.home().join("out.json");
    let output = format!("json={}", json.display());
    let manifest = "../repository/Cargo.toml";
    let command = subject.gate_in(
        &elsewhere,
        &["bench", "--seed", "7", "--no-counting", "--manifest-path", manifest, "--output", &output],
    );
    let ran = Ran::of(command, Some(&json));
    ran.ends(100, &["1 regressed of 2 series", "--manifest-path ../repository/Cargo.toml"]).time("parse", "regressed");
    assert_eq!(subject.runs().len(), 1, "the run is kept with the workspace");
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
}

#[test]
fn clean_default_branch_has_nothing_to_compare_and_says_what_to_do() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let ran = subject.bench(&[]);
    let words = [
        "the stored baseline (nothing is changed on `main`)",
        "PASS: nothing is changed, so there is nothing to compare",
    ];
    ran.ends(0, &words).time("parse", "advisory");
    ran.ends(0, &["2 series measured: 2 advisory; to compare, change something, or name a base with `--base REV`"]);
    // Whoever asks for something, or stands in CI, wants to be told something.
    subject.bench(&["--stored"]).ends(4, &["nothing was compared among 2 series: 2 advisory"]);
    subject.bench(&["parse"]).ends(4, &["nothing was compared among 1 series: 1 advisory"]);
    subject.bench_with(&[], &[("CI", "true")]).ends(4, &["nothing was compared among 2 series"]);
    subject.bench_with(&[], &[("TF_BUILD", "True")]).ends(4, &["nothing was compared among 2 series"]);
}

#[test]
fn clean_default_branch_is_held_against_the_source_that_was_recorded() {
    let counts = |n| heap("parse", n, 96, 0, "ok");
    let Some(subject) = Subject::with_heap(&usual(), &counts(3)) else { return };
    subject.run(&["baseline", "save"]).ends(0, &["baselines/heap/heap_counts.json"]);
    subject.commit("Record");
    subject.bench(&[]).ends(0, &["stored baseline"]).verdict("parse", "allocations", "unchanged");
    subject.heap(&counts(4));
    subject.commit("Allocate");
    let ran = subject.bench(&[]);
    ran.ends(100, &["the source that the stored baseline was recorded from"]);
    ran.verdict("parse", "allocations", "regressed").time("parse", "identical");
}

#[test]
fn workspace_without_a_repository_has_stored_baselines_only() {
    let Some(subject) = Subject::with_heap(&usual(), &heap("parse", 3, 96, 0, "ok")) else { return };
    fs::remove_dir_all(subject.repository().join(".git")).unwrap();
    subject.run(&["baseline", "save"]).ends(0, &["wrote "]);
    let ran = subject.bench(&[]);
    ran.ends(0, &["this is no git repository"]).verdict("parse", "allocations", "unchanged").time("parse", "advisory");
    let ran = subject.bench(&["--base", "main"]);
    ran.stops(97, &["is not in a git repository, so `--base main` cannot be found"], "leave out --base");
}

#[test]
fn base_without_the_workspace_makes_everything_new() {
    let Some(subject) = Subject::below("inner", &usual()) else { return };
    subject.git(&["switch", "-q", "--orphan", "empty"]);
    subject.git(&["commit", "-q", "--allow-empty", "-m", "Nothing"]);
    subject.git(&["switch", "-q", "main"]);
    subject.bench(&["--base", "empty"]).ends(4, &["nothing was compared among 2 series: 2 new"]).time("parse", "new");
}

#[test]
fn tags_hashes_and_ancestors_are_revisions() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.git(&["tag", "-a", "-m", "Release", "v1"]);
    let hash = subject.git(&["rev-parse", "--short", "HEAD"]);
    subject.script(&slower());
    subject.commit("Be slower");
    for revision in ["v1", &hash, "HEAD~1", "main~1"] {
        subject
            .bench(&["--base", revision])
            .ends(100, &[&format!("`{revision}`, asked for with --base ({hash}")])
            .time("parse", "regressed");
    }
}

#[test]
fn members_with_benches_of_one_name_are_kept_apart() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let manifest = subject.read("Cargo.toml");
    subject.write(
        "Cargo.toml",
        &manifest.replace("[workspace]", "[workspace]\nmembers = [\"more\"]\ndefault-members = [\".\", \"more\"]"),
    );
    let more = manifest.replace("\n[workspace]\n", "").replace("name = \"subject\"", "name = \"more\"");
    subject.write("more/Cargo.toml", &more.replace("\n[profile.bench]\nopt-level = 0\n", ""));
    let source = subject.read("benches/times.rs").replace("subject::", "more::");
    subject.write("more/benches/times.rs", &source);
    subject.write("more/src/lib.rs", &subject.read("src/lib.rs"));
    subject.write("more/benches/script.txt", &usual());
    fs::remove_file(subject.root().join("Cargo.lock")).unwrap();
    subject.commit("Add a member");
    subject.write("more/benches/script.txt", &slower());
    let ran = subject.bench(&[]);
    ran.ends(100, &["1 regressed of 4 series"]);
    assert_eq!(ran.series("more/times: area/block/parse/small", "time")["verdict"], "regressed");
    assert_eq!(ran.series("subject/times: area/block/parse/small", "time")["verdict"], "identical");
}
