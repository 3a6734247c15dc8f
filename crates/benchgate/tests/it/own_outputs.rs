//! What the gate writes, and what else lies about in a work tree, changes neither the base nor the verdict.

use std::fs;

use crate::subject::{Subject, bench, usual};

fn slower() -> String {
    bench("parse", 1200.0, "ok") + &bench("print", 2000.0, "ok")
}

/// A branch with one commit that makes `parse` slower; git ignores nothing but `target`.
fn slower_branch() -> Option<Subject> {
    let subject = Subject::new(&usual())?;
    subject.git(&["switch", "-q", "-c", "change"]);
    subject.script(&slower());
    subject.commit("Be slower");
    Some(subject)
}

/// A report as version 0.1 wrote it, beside the manifest and in nobody's `.gitignore`.
fn leave_an_earlier_report(subject: &Subject) {
    let page = "<meta name=\"generator\" content=\"benchgate\"><footer><p>Written by benchgate: one file</p></footer>";
    subject.write("reports/index.html", page);
}

#[test]
fn same_command_is_red_as_often_as_it_is_typed() {
    let Some(subject) = slower_branch() else { return };
    let files = ["text=out.txt", "json=out/out.json"].map(|file| ["--output", file]).concat();
    let run = |subject: &Subject, words: &str| {
        let ran = subject.bench(&[&files[..], &["--trace", "trace.json"]].concat());
        ran.ends(100, &[words, "FAIL: 1 regressed of 2 series"]).time("parse", "regressed");
    };
    let clean = "1 commit, against the merge base with `main`";
    run(&subject, clean);
    run(&subject, clean);
    leave_an_earlier_report(&subject);
    subject.write("build.log", "step 3 of 7: done");
    run(&subject, clean);
    subject.write("benches/input.json", "1");
    run(&subject, "1 commit and your uncommitted changes, against the merge base with `main`");
    run(&subject, "1 commit and your uncommitted changes, against the merge base with `main`");
}

#[test]
fn head_is_compared_with_where_that_is_asked_for_or_all_there_is() {
    let Some(subject) = slower_branch() else { return };
    subject.write("benches/input.json", "1");
    let ran = subject.bench(&["--base", "HEAD"]);
    ran.ends(0, &["your uncommitted changes, against `HEAD`, asked for with --base", "2 unchanged"]);
    assert_eq!(ran.json()["comparison"], "your uncommitted changes, against `HEAD`, asked for with --base");
    subject.git(&["stash", "-q", "--include-untracked"]);
    subject.git(&["switch", "-q", "main"]);
    subject.script(&slower());
    let words = "your uncommitted changes, against `HEAD`";
    subject.bench(&[]).ends(100, &[words]).time("parse", "regressed");
    subject.bench(&[]).ends(100, &[words]).time("parse", "regressed");
}

#[test]
fn what_lies_about_does_not_make_a_clean_default_branch_dirty() {
    let Some(subject) = Subject::new(&usual()) else { return };
    leave_an_earlier_report(&subject);
    subject.write("notes.note", "nothing reads this");
    let words = ["nothing is changed on `main`", "there is nothing to compare"];
    subject.bench(&["--output", "text=out.txt"]).ends(0, &words);
    subject.bench(&["--output", "text=out.txt"]).ends(0, &words);
    // What a bench may read is a change, though none reads it.
    subject.write("benches/new.json", "1");
    subject.bench(&[]).ends(0, &["your uncommitted changes, against `HEAD`", "2 identical"]);
}

#[test]
fn report_directory_of_the_gates_own_making_stays_out_of_git() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.write("benchgate.toml", "[output]\nreport = \"out/report\"\n");
    subject.commit("Say where");
    subject.git(&["switch", "-q", "-c", "change"]);
    subject.write("benches/input.json", "1");
    subject.commit("Change");
    let ran = subject.bench(&[]);
    let page = subject.root().join("out/report/index.html");
    ran.ends(0, &["2 unchanged", &format!("report: {}", page.display())]);
    assert!(page.is_file());
    assert_eq!(subject.read("out/report/.gitignore"), "*\n");
    assert_eq!(subject.git(&["status", "--porcelain"]), "");
    // A directory that is there is somebody's, and keeps what it has.
    fs::remove_file(subject.root().join("out/report/.gitignore")).expect("it was there");
    subject.bench(&[]).ends(0, &["1 commit, against the merge base with `main`"]);
    assert!(!subject.root().join("out/report/.gitignore").exists());
    subject.run(&["report"]).ends(0, &[&format!("report: {}", page.display())]);
}

#[test]
fn cache_in_the_tree_is_no_part_of_it() {
    let Some(subject) = slower_branch() else { return };
    let cache = subject.root().join("kept");
    let place = [("BENCHGATE_CACHE_DIR", cache.to_str().expect("UTF-8"))];
    for _ in 0..2 {
        let ran = subject.bench_with(&[], &place);
        ran.ends(100, &["1 commit, against", "evidence about this code is neither read nor kept"]);
    }
}

#[test]
fn every_output_begins_with_what_is_compared_with_what() {
    let Some(subject) = slower_branch() else { return };
    let place = |name: &str| subject.home().join(name);
    let formats = ["text", "markdown", "junit", "github", "html"];
    let outputs = formats.map(|format| format!("{format}={}", place(format).display()));
    let outputs: Vec<&str> = outputs.iter().flat_map(|output| ["--output", output]).collect();
    let ran = subject.bench(&outputs);
    let words = "1 commit, against the merge base with `main`";
    assert_eq!(ran.json()["comparison"], words);
    let first = |text: &str| text.lines().next().unwrap_or_default().to_owned();
    let written = |name: &str| fs::read_to_string(place(name)).expect("written");
    assert!(first(&ran.out).contains(words), "{}", ran.said());
    assert!(first(&written("text")).contains(words));
    assert!(first(&written("markdown")).contains(words), "{}", written("markdown"));
    assert!(first(&written("github")).starts_with("::notice title=benchgate::"), "{}", written("github"));
    assert!(first(&written("github")).contains(words));
    assert!(
        written("junit").lines().nth(1).is_some_and(|line| line.starts_with("<testsuites") && line.contains(words))
    );
    let page = written("html");
    let banner = page.split_once("class=\"banner").expect("a banner").1;
    let said = banner.find("1 commit, against the merge base with <code>main</code>").expect("the comparison");
    assert!(said < banner.find("id=\"verdict\"").expect("the verdict"));
}

#[test]
fn run_that_came_with_a_commit_is_not_taken_for_the_newest() {
    let Some(subject) = slower_branch() else { return };
    subject.bench(&[]).ends(100, &[]);
    subject.run(&["report"]).ends(100, &[]);
    let run = subject.runs().pop().expect("kept");
    let forged = run.with_file_name("99990101T000000Z-00000000.json");
    fs::copy(&run, &forged).expect("copied");
    subject.git(&["add", "--force", &forged.display().to_string()]);
    subject.run(&["report"]).stops(105, &["99990101T000000Z-00000000.json", "is tracked by git"], "git rm --cached");
    let named = forged.display().to_string();
    subject.run(&["report", "--run", &named]).ends(100, &[]);
}
