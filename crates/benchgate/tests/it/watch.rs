//! `bench --watch`: edit, save, verdict.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};

use crate::subject::{Subject, bench, usual};

#[test]
fn watch_measures_again_when_a_file_changes_and_ends_with_the_last_code() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.script(&(bench("parse", 1001.0, "ok") + &bench("print", 2000.0, "ok")));
    let mut command = subject.gate(&["bench", "--watch", "--no-counting", "parse"]);
    let mut child = command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts");
    let mut said = BufReader::new(child.stdout.take().expect("piped")).lines();
    let mut told = BufReader::new(child.stderr.take().expect("piped"));
    let mut verdict = || {
        let mut lines = said.by_ref().map(|line| line.expect("text"));
        lines.find(|line| line.starts_with("PASS") || line.starts_with("FAIL")).expect("a verdict")
    };
    let mut at_rest = || {
        let mut line = String::new();
        while !line.starts_with("watching `") {
            line.clear();
            assert!(told.read_line(&mut line).expect("text") > 0, "it ended");
        }
    };
    assert_eq!(verdict(), "PASS: 1 series: 1 unchanged");
    at_rest();
    subject.script(&(bench("parse", 1100.0, "ok") + &bench("print", 2000.0, "ok")));
    assert_eq!(verdict(), "FAIL: 1 regressed of 1 series");
    at_rest();
    kill_process(Pid::from_raw(child.id().cast_signed()).expect("a process id"), Signal::INT).expect("it still runs");
    // What it says must be read, or it would wait for ever.
    let mut rest = String::new();
    told.read_to_string(&mut rest).expect("text");
    assert_eq!(child.wait().expect("it ends").code(), Some(100), "{rest}");
}

#[test]
fn watch_takes_an_id() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let ran = subject.run(&["bench", "--watch"]);
    assert_eq!(ran.code, 2, "{}", ran.said());
}
