//! An interrupted run keeps what it has and is no pass.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::ran::Ran;
use crate::subject::{Subject, bench, heap, usual};

/// Whom the signal goes to.
#[derive(Clone, Copy)]
enum To {
    /// Everybody in the foreground, as a terminal sends it.
    Group,
    /// The program alone, as a supervisor sends it.
    Program,
    /// Cargo alone.
    Cargo,
    /// The program, after the compiler has been killed.
    CompilerThenProgram,
}

/// Waits until a bench or a compiler tells that it hangs: two sides are built before, on however busy a machine.
#[track_caller]
fn wait_for(file: &Path) {
    let deadline = Instant::now() + Duration::from_secs(300);
    while !file.exists() {
        assert!(Instant::now() < deadline, "nothing ever hung");
        thread::sleep(Duration::from_millis(5));
    }
}

/// One of the processes that a compiler told when it hung.
fn told(file: &Path, index: usize) -> Pid {
    let text = fs::read_to_string(file).expect("readable");
    let id = text.split_whitespace().nth(index).expect("a process").parse().expect("a number");
    Pid::from_raw(id).expect("a process id")
}

/// Runs `bench` and interrupts it once a bench or a compiler hangs, which it tells by a file.
#[track_caller]
fn interrupted(subject: &Subject, to: To, signal: Signal, environment: &[(&str, &str)]) -> Ran {
    let hangs = subject.home().join("hangs");
    fs::remove_file(&hangs).ok(); // of the run before
    let json = subject.home().join("out.json");
    let mut command: Command =
        subject.gate(&["bench", "--seed", "7", "--no-counting", "--output", &format!("json={}", json.display())]);
    command.env("SUBJECT_HANGS", &hangs).envs(environment.iter().copied());
    // A bench gets ten seconds at the least, so one that hangs is still at it when the signal is dealt with.
    command.env("BENCHGATE_STEP_LIMIT", "60").process_group(0);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let pid = Pid::from_raw(child.id().cast_signed()).expect("a process id");
    wait_for(&hangs);
    match to {
        To::Group => kill_process_group(pid, signal),
        To::Program => kill_process(pid, signal),
        To::Cargo => kill_process(told(&hangs, 1), signal),
        To::CompilerThenProgram => kill_process(told(&hangs, 0), Signal::KILL).and_then(|()| kill_process(pid, signal)),
    }
    .expect("it still runs");
    let sent = Instant::now();
    let output = child.wait_with_output().expect("it ends");
    assert!(sent.elapsed() < Duration::from_secs(8), "it waited for the bench that hangs, not for the signal");
    Ran::from_output(&output, Some(&json))
}

#[test]
fn interrupted_run_keeps_its_pairs_and_is_marked() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.script(&(bench("parse", 1000.0, "ok") + &bench("print", 2000.0, "hang:3")));
    for (index, (to, signal)) in
        [(To::Group, Signal::INT), (To::Program, Signal::INT), (To::Program, Signal::TERM)].into_iter().enumerate()
    {
        let ran = interrupted(&subject, to, signal, &[]);
        ran.ends(106, &["ERROR: interrupted: ", "interrupted; "]);
        ran.time("parse", "inconclusive");
        let pairs = ran.series("area/block/parse/small", "time")["pairs"].as_u64();
        assert!(pairs >= Some(2), "{pairs:?}: {}", ran.said());
        let kept = subject.runs();
        assert_eq!(kept.len(), index + 1, "{kept:?}");
        let newest = fs::read_to_string(kept.last().expect("just counted")).expect("readable");
        let newest: serde_json::Value = serde_json::from_str(&newest).expect("JSON");
        assert_eq!(newest["interrupted"], true);
        // A run is named by its second and its seed; this one takes the name from the next.
        fs::rename(kept.last().expect("just counted"), subject.root().join(format!("{NAME}{index}-00000007.json")))
            .expect("renamed");
    }
    subject.run(&["report"]).ends(106, &["ERROR: interrupted: "]);
}

const NAME: &str = "target/benchgate/runs/20260101T00000";

#[test]
fn run_that_is_interrupted_before_its_first_pair_measured_nothing() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.script(&(bench("parse", 1000.0, "hang") + &bench("print", 2000.0, "hang")));
    for to in [To::Group, To::Program] {
        let ran = interrupted(&subject, to, Signal::INT, &[]);
        ran.ends(106, &["ERROR: interrupted: "]).time("parse", "not-run").time("print", "not-run");
    }
}

#[test]
fn interrupted_count_is_not_run_and_no_failure_of_the_bench() {
    let counts = heap("parse", 3, 96, 0, "ok");
    let Some(subject) = Subject::made("", &[("benches/heap.txt", &counts)]) else { return };
    subject.heap(&heap("parse", 3, 96, 0, "hang"));
    for to in [To::Group, To::Program] {
        let ran = interrupted(&subject, to, Signal::INT, &[]);
        ran.ends(106, &["ERROR: interrupted: "]).verdict("parse", "allocations", "not-run");
    }
}

/// A subject whose compiler hangs and tells its process and cargo's, and the variable that makes cargo use it.
fn hanging_build() -> Option<(Subject, String)> {
    let subject = Subject::new(&usual())?;
    subject.script(&(usual() + "\n"));
    let compiler = subject.home().join("compiler");
    let script = "#!/bin/sh\ncase \"$*\" in *--crate-name*subject*)\n\
                  echo $$ $PPID > \"$SUBJECT_HANGS.new\"; mv \"$SUBJECT_HANGS.new\" \"$SUBJECT_HANGS\"; exec sleep 60;;\n\
                  esac\nexec \"$@\"\n";
    fs::write(&compiler, script).expect("written");
    fs::set_permissions(&compiler, fs::Permissions::from_mode(0o755)).expect("permitted");
    let compiler = compiler.display().to_string();
    Some((subject, compiler))
}

#[test]
fn interrupted_build_is_not_called_broken() {
    let Some((subject, compiler)) = hanging_build() else { return };
    // Cargo alone ends of a signal that is only ever sent to stop it; where the compiler fails in another way just before the
    // gate is told, that is no broken build either.
    for to in [To::Group, To::Cargo, To::CompilerThenProgram] {
        let ran = interrupted(&subject, to, Signal::INT, &[("RUSTC_WRAPPER", &compiler)]);
        ran.stops(106, &["interrupted before anything was measured"], "run it again");
    }
    let ran = interrupted(&subject, To::Group, Signal::TERM, &[("RUSTC_WRAPPER", &compiler)]);
    ran.stops(106, &["interrupted before anything was measured"], "run it again");
    assert!(subject.runs().is_empty());
}

/// A system short of memory ends a compiler; nobody has interrupted anything.
#[test]
fn build_that_something_else_ended_is_broken() {
    let Some((subject, compiler)) = hanging_build() else { return };
    let ran = interrupted(&subject, To::Cargo, Signal::TERM, &[("RUSTC_WRAPPER", &compiler)]);
    ran.stops(103, &["does not build"], "cargo bench --no-run");
}

#[test]
fn bench_that_is_interrupted_by_itself_interrupts_the_run() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.script(&(bench("parse", 1000.0, "ok") + &bench("print", 2000.0, "interrupt:3")));
    let ran = subject.bench(&[]);
    ran.ends(106, &["ERROR: interrupted: "]);
}

#[test]
fn second_run_of_a_repository_waits_for_the_first() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.script(&bench("parse", 1000.0, "hang"));
    let hangs = subject.home().join("hangs");
    let first = subject
        .gate(&["bench", "--no-counting"])
        .env("SUBJECT_HANGS", &hangs)
        .env("BENCHGATE_STEP_LIMIT", "60")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let first = first.expect("the program starts");
    wait_for(&hangs);
    let mut second = subject.gate(&["list"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts");
    let mut told = BufReader::new(second.stderr.take().expect("piped"));
    let mut line = String::new();
    told.read_line(&mut line).expect("it says something");
    assert_eq!(line, "another run uses this repository's cache, waiting\n");
    assert!(second.try_wait().expect("a child").is_none(), "it did not wait");
    let pid = Pid::from_raw(first.id().cast_signed()).expect("a process id");
    kill_process(pid, Signal::INT).expect("it still runs");
    assert_eq!(first.wait_with_output().expect("it ends").status.code(), Some(106));
    let listed = second.wait_with_output().expect("it ends");
    assert_eq!((listed.status.code(), &*listed.stdout), (Some(0), &b"area/block/parse/small\n"[..]));
}
