//! What git says of a repository, and what a CI says of its job, decide the base; what neither says is asked for.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, chown};

use crate::subject::{Subject, bench, usual};

fn slower_branch() -> Option<Subject> {
    let subject = Subject::new(&usual())?;
    subject.git(&["switch", "-q", "-c", "topic"]);
    subject.script(&(bench("parse", 2000.0, "ok") + &bench("print", 2000.0, "ok")));
    subject.commit("Do twice as much");
    Some(subject)
}

/// A job that knows nothing but that it is one, and an earlier step that left a file.
#[test]
fn ci_without_a_target_takes_the_merge_base_whatever_lies_about() {
    let Some(subject) = slower_branch() else { return };
    subject.git(&["switch", "-q", "--detach", "topic"]);
    subject.write("build.log", "step 3 of 7: done");
    subject.write("Cargo.lock", &(subject.read("Cargo.lock") + "\n"));
    for variables in [
        &[("CI", "true")][..],
        &[("CI", "true"), ("CHANGE_TARGET", "main")],
        &[("CI", "true"), ("DRONE_TARGET_BRANCH", "main")],
        &[("TF_BUILD", "True"), ("SYSTEM_PULLREQUEST_TARGETBRANCH", "refs/heads/main")],
    ] {
        let ran = subject.bench_with(&[], variables);
        ran.ends(100, &["against the merge base with `main`"]).time("parse", "regressed");
    }
}

#[test]
fn build_of_the_default_branch_in_ci_is_held_against_what_is_stored() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.git(&["switch", "-q", "--detach"]);
    subject.script(&bench("parse", 2000.0, "ok"));
    let gitlab = [("GITLAB_CI", "true"), ("CI_COMMIT_BRANCH", "main"), ("CI_DEFAULT_BRANCH", "main")];
    subject
        .bench_with(&[], &gitlab)
        .ends(4, &["this is a build of `main`, the default branch", "nothing was compared"]);
}

#[test]
fn change_whose_target_nobody_tells_is_asked_for_its_base() {
    let Some(subject) = slower_branch() else { return };
    subject.git(&["branch", "-q", "-m", "main", "trunk"]);
    subject.bench_with(&[], &[("CI", "true")]).stops(97, &["tells the branch"], "--base origin/BRANCH");
    let circle = [("CIRCLECI", "true"), ("CIRCLE_PULL_REQUEST", "https://example.org/pull/7")];
    subject.bench_with(&[], &circle).stops(97, &["CircleCI"], "pipeline.event.github.pull_request.base.ref");
    subject.bench(&[]).stops(97, &["which branch is the default one"], "--base BRANCH");
    subject.bench(&["--base", "trunk"]).ends(100, &["1 commit, against `trunk`, asked for with --base"]);
}

#[test]
fn repository_of_somebody_else_is_refused_with_the_cure() {
    let Some(subject) = slower_branch() else { return };
    if fs::metadata(subject.repository()).expect("it is there").uid() != 0 {
        writeln!(std::io::stdout(), "skipped: only root can give a repository away").expect("standard output is open");
        return;
    }
    for place in [subject.repository(), subject.repository().join(".git")] {
        chown(place, Some(12345), None).expect("given away");
    }
    subject.bench(&[]).stops(97, &["dubious ownership"], "git config --global --add safe.directory");
    subject.run(&["doctor"]).ends(97, &["dubious ownership"]);
    // What needs no revision says what it does instead.
    subject.bench(&["--stored"]).ends(4, &["dubious ownership", "the files are taken as they lie there"]);
}

#[test]
fn broken_repository_is_not_taken_for_none() {
    let Some(subject) = slower_branch() else { return };
    fs::rename(subject.repository().join(".git"), subject.home().join("moved")).expect("moved");
    fs::write(subject.repository().join(".git"), "gitdir: ../nowhere\n").expect("written");
    subject.bench(&[]).stops(97, &["git refuses the repository", "nowhere"], "--stored");
    subject.bench(&["--base", "main"]).stops(97, &["git refuses the repository"], "--stored");
}
