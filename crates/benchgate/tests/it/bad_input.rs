//! Bad input before there is anything to judge: a code of its own, the place, and what to type instead.

use std::fs;
use std::process::Command;

use crate::ran::Ran;
use crate::subject::{Subject, bench, git, usual};

#[test]
fn unknown_revision_is_no_other_base() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let ran = subject.bench(&["--base", "nowhere"]);
    ran.stops(97, &["base revision `nowhere` is not in this repository"], "there is no remote to fetch it from");
    assert_eq!(ran.json()["verdict"], "error");
    let ran = subject.bench(&["--base=--help"]);
    assert_eq!(ran.code, 97, "{}", ran.said());
    let target = [("GITHUB_BASE_REF", "gone"), ("CI", "true")];
    subject.bench_with(&[], &target).stops(97, &["base revision `gone` is not in"], "there is no remote");
    subject.git(&["remote", "add", "up", "https://host.example/x.git"]);
    subject.bench(&["--base", "nowhere"]).stops(97, &["`nowhere` is not in"], "git fetch up nowhere:nowhere");
    subject.bench(&["--base", "up/x"]).stops(97, &["`up/x` is not in"], "git fetch up x:refs/remotes/up/x");
    subject.bench(&["--base", "HEAD~9"]).stops(97, &["`HEAD~9` is not in"], "`git branch --all` and `git tag` list");
    subject.bench_with(&[], &target).stops(97, &["`gone` is not in"], "git fetch up gone:refs/remotes/up/gone");
}

#[test]
fn shallow_clone_says_how_to_deepen_it() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.git(&["switch", "-q", "-c", "change"]);
    subject.write("benches/input.json", "1");
    subject.commit("Change");
    let clone = subject.home().join("clone");
    let from = format!("file://{}", subject.repository().display());
    let clone_text = clone.display().to_string();
    git(subject.home(), &["clone", "-q", "--depth", "1", "--branch", "change", &from, &clone_text]);
    let run = || {
        let mut command: Command = subject.gate_in(&clone, &["bench"]);
        command.env("CI", "true").env("GITHUB_BASE_REF", "main");
        Ran::of(command, None)
    };
    let words = ["base revision `main` is not in this repository, which is a shallow clone"];
    run().stops(97, &words, "git fetch --unshallow origin main:refs/remotes/origin/main (");
    // The tip of the target is there, but not the commit where both parted.
    git(&clone, &["fetch", "-q", "--depth", "1", "origin", "main:refs/remotes/origin/main"]);
    subject.git(&["switch", "-q", "main"]);
    subject.write("other.txt", "1");
    subject.commit("Go on");
    git(&clone, &["fetch", "-q", "--depth", "1", "origin", "+main:refs/remotes/origin/main"]);
    run().stops(
        97,
        &["no merge base of `HEAD` and `origin/main` in this shallow clone"],
        "git fetch --unshallow origin main:refs/remotes/origin/main (",
    );
    git(&clone, &["fetch", "-q", "--unshallow", "origin", "main:refs/remotes/origin/main"]);
    run().ends(0, &["the merge base with `origin/main`", "2 unchanged"]);
}

#[test]
fn side_that_does_not_build_is_named_with_the_compilers_words() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let lib = subject.read("src/lib.rs");
    subject.write("src/lib.rs", &lib.replace("values[at]", "\"no number\""));
    let hint = "cargo bench --no-run";
    let ran = subject.bench(&[]);
    ran.stops(103, &["the candidate does not build", "error[E0308]: mismatched types", "src/lib.rs:6"], hint);
    assert_eq!(ran.json()["verdict"], "error");
    subject.commit("Break");
    subject.write("src/lib.rs", &lib);
    subject.bench(&[]).stops(103, &["the base does not build", "error[E0308]: mismatched types"], "--base REV");
    // What neither side builds with, no change did.
    subject.write("src/lib.rs", &lib.replace("values[at]", "\"nor this\""));
    let ran = subject.bench(&[]);
    ran.stops(103, &["neither side builds, so it is the set-up", "error[E0308]: mismatched types"], "`[tree] include`");
    assert!(ran.json()["message"].as_str().is_some_and(|message| message.contains("neither side builds")));
    assert!(!ran.err.contains("the base does not build"), "{}", ran.said());
}

#[test]
fn workspace_without_benches_is_nothing_to_compare() {
    let Some(subject) = Subject::made("", &[]) else { return };
    subject.write("src/more.rs", "");
    let hint = "add a bench target with `harness = false`";
    subject.bench(&[]).stops(4, &["nothing to compare: `repository` has no benchmarks that take part"], hint);
    subject.run(&["list"]).stops(4, &["no benchmark is selected"], "");
    // A target is there, and registers nothing.
    let Some(subject) = Subject::new("") else { return };
    subject.script("\n");
    subject.bench(&[]).stops(4, &["nothing to compare"], hint);
}

#[test]
fn filter_that_matches_nothing_names_the_nearest_id() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.script(&(usual() + "\n"));
    let hint = "`list --tier all` shows all 2 ids, for instance `area/block/parse/small`";
    subject.bench(&["area/block/prase"]).stops(4, &["nothing to compare: no benchmark is selected"], hint);
    subject.bench(&["area/block/prase*"]).stops(4, &["nothing to compare: no benchmark is selected"], "2 ids");
    subject.run(&["list", "nothing like it"]).stops(4, &["no benchmark is selected"], "list --tier all");
    let ran = subject.bench(&["*/*/parse/*"]);
    ran.ends(0, &["1 series: 1 unchanged"]).time("parse", "unchanged");
}

#[test]
fn malformed_filter_is_refused() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let hint = "a filter without `*?[{` matches ids that contain it";
    subject.bench(&["--base", "HEAD", "area/[block"]).stops(94, &["malformed filter `area/[block`: "], hint);
    subject.bench(&["--base", "HEAD", "{a"]).stops(94, &["malformed filter `{a`: "], hint);
    subject.run(&["list", "[z-a]"]).stops(94, &["malformed filter `[z-a]`: "], hint);
}

#[test]
fn bench_that_is_registered_twice_is_refused() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.script(&(usual() + &bench("parse", 3000.0, "ok")));
    let words = ["`area/block/parse/small` is registered twice in bench `times` of the candidate"];
    subject.bench(&[]).stops(96, &words, "another group, function or parameter");
    // Ids that read alike are two benches as long as their parts differ.
    subject.script("area/block\tparse\tsmall\t1000\tok\t\narea\tblock/parse\tsmall\t1000\tok\t\n");
    let ran = subject.bench(&[]);
    assert_ne!(ran.code, 96, "{}", ran.said());
}

#[test]
fn mistakes_in_the_configuration_have_a_place_and_a_suggestion() {
    let Some(subject) = Subject::new(&usual()) else { return };
    #[track_caller]
    fn check(subject: &Subject, text: &str, words: &str, hint: &str) {
        subject.write("benchgate.toml", text);
        let ran = subject.bench(&["--base", "HEAD"]);
        ran.stops(96, &[words], hint);
        assert_eq!(ran.json()["exit_code"], 96);
    }
    check(
        &subject,
        "\n[tolerence]\ntime = \"2%\"\n",
        "`benchgate.toml:2:2`: unknown key `tolerence`",
        "did you mean `tolerance`?",
    );
    check(&subject, "[tolerance]\ntime = \"2\"\n", "`benchgate.toml:2:8`", "");
    let glob = "[[tolerance.override]]\nids = [\"area/blok/**\"]\nvalue = \"5%\"\n";
    let words = "`benchgate.toml:2:8`: glob `area/blok/**` matches none of the 2 benchmarks";
    check(&subject, glob, words, "the nearest id is `area/block/");
    check(&subject, "[on]\nremovd = \"warn\"\n", "`benchgate.toml:2:1`", "did you mean `removed`?");
    check(&subject, "[tolerance\n", "`benchgate.toml:1:", "");
    subject.write("benchgate.toml", "");
    subject.bench(&["--tier", "nightly"]).stops(96, &["unknown tier `nightly`"], "the tiers are core, all");
}

#[test]
fn directory_without_a_workspace_is_told_to_name_one() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let empty = subject.home().join("empty");
    fs::create_dir(&empty).expect("made");
    let hint = "--manifest-path DIR/Cargo.toml";
    let run = |arguments: &[&str]| Ran::of(subject.gate_in(&empty, arguments), None);
    run(&["bench"]).stops(102, &["cargo cannot read the workspace of `Cargo.toml`"], hint);
    run(&["list", "--manifest-path", "no/Cargo.toml"]).stops(102, &["no/Cargo.toml"], hint);
    fs::write(empty.join("Cargo.toml"), "[package\n").expect("written");
    run(&["report"]).stops(102, &["cargo cannot read the workspace of `Cargo.toml`"], hint);
}

#[test]
fn wrong_usage_is_no_verdict() {
    let Some(subject) = Subject::new(&usual()) else { return };
    for arguments in [
        &["bench", "--budget", "1ms"][..],
        &["bench", "--base", "HEAD", "--stored"],
        &["bench", "--output", "xml=a"],
        &["bench", "--output", "json="],
        &["bench", "--seed", "x"],
        &["frobnicate"],
        &[],
    ] {
        let ran = subject.run(arguments);
        assert_eq!(ran.code, 2, "{arguments:?}: {}", ran.said());
        assert!(ran.err.contains("Usage: ") || ran.err.contains("--help"), "{arguments:?}: {}", ran.said());
    }
}

#[test]
fn outputs_that_cannot_be_written_fail_the_run_and_not_the_verdict() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.write("benches/input.json", "1");
    // Root may write anywhere, so a file stands where a directory should be.
    let taken = subject.home().join("taken");
    fs::write(&taken, "mine").expect("written");
    let output = format!("text={}/out.txt", taken.display());
    let ran = subject.bench(&["--output", &output]);
    assert_eq!(ran.out.matches("PASS").count(), 1, "{}", ran.said());
    ran.stops(110, &["taken` cannot be made"], "");
    assert_eq!(fs::read_to_string(&taken).expect("it is there"), "mine");

    subject.write("benchgate.toml", "[output]\nreport = \"reports\"\n");
    subject.write("reports", "mine");
    subject.bench(&[]).ends(110, &["PASS"]).stops(110, &["/reports"], "");
    assert_eq!(subject.read("reports"), "mine");
    fs::remove_file(subject.root().join("reports")).expect("it was there");
    fs::remove_file(subject.root().join("benchgate.toml")).expect("it was there");

    fs::remove_dir_all(subject.root().join("target")).expect("the kept runs");
    subject.write("target", "mine");
    subject.bench(&[]).ends(110, &["PASS"]).stops(110, &["/target/benchgate/runs"], "");
    assert_eq!(subject.read("target"), "mine");
}

/// Root writes into any directory, but not even root into the kernel's.
#[cfg(target_os = "linux")]
#[test]
fn read_only_target_directory_fails_the_run_and_not_the_verdict() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.script(&(bench("parse", 1100.0, "ok") + &bench("print", 2000.0, "ok")));
    let target = subject.root().join("target");
    std::os::unix::fs::symlink("/sys", &target).expect("linked");
    let ran = subject.bench(&[]);
    ran.ends(110, &["FAIL: 1 regressed of 2 series"]).time("parse", "regressed");
    ran.stops(110, &["cannot be written: directory `", "/target` is read-only"], "chmod u+w");
    assert_eq!(ran.json()["verdict"], "error");
    // It cannot be read for a run that is not there either.
    subject.run(&["report"]).stops(105, &["holds no run"], "measure first");
}

#[test]
fn cache_that_cannot_be_used_is_named() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let with = |cache: &str| subject.bench_with(&["--base", "HEAD"], &[("BENCHGATE_CACHE_DIR", cache)]);
    with("/tmp/with blank").stops(110, &["the cache directory `/tmp/with blank` holds ' '"], "BENCHGATE_CACHE_DIR");
    let taken = subject.home().join("taken");
    fs::write(&taken, "mine").expect("written");
    let below = taken.join("cache").display().to_string();
    with(&below).stops(110, &["cannot use the cache directory"], "BENCHGATE_CACHE_DIR");
}
