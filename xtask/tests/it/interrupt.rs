//! An interrupted run keeps what it has and is no pass.

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::ran::Ran;
use crate::subject::{Subject, bench, usual};

/// Whom the signal goes to.
#[derive(Clone, Copy)]
enum To {
    /// Everybody in the foreground, as a terminal sends it.
    Group,
    /// The program alone, as a supervisor sends it.
    Program,
}

/// Runs `bench` on a candidate in which `print` hangs from its fourth process on, and interrupts it then.
fn interrupted(subject: &Subject, to: To, signal: Signal) -> Ran {
    subject.script(&(bench("parse", 1000.0, "ok") + &bench("print", 2000.0, "hang:3")));
    let hangs = subject.home().join("hangs");
    fs::remove_file(&hangs).ok(); // of the run before
    let json = subject.home().join("out.json");
    let mut command: Command = subject.gate(&["bench", "--seed", "7", "--output", &format!("json={}", json.display())]);
    command.env("SUBJECT_HANGS", &hangs).env("BENCHGATE_STEP_LIMIT", "60").process_group(0);
    let watched = thread::spawn(move || {
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        let pid = Pid::from_raw(child.id().cast_signed()).expect("a process id");
        let deadline = Instant::now() + Duration::from_secs(50);
        while !hangs.exists() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(5));
        }
        match to {
            To::Group => kill_process_group(pid, signal),
            To::Program => kill_process(pid, signal),
        }
        .expect("it still runs");
        child.wait_with_output().expect("it ends")
    });
    let output = watched.join().expect("nobody panicked");
    Ran::from_output(&output, Some(&json))
}

#[test]
fn interrupted_run_keeps_its_pairs_and_is_marked() {
    let Some(subject) = Subject::new(&usual()) else { return };
    for (index, (to, signal)) in
        [(To::Group, Signal::INT), (To::Program, Signal::INT), (To::Program, Signal::TERM)].into_iter().enumerate()
    {
        let ran = interrupted(&subject, to, signal);
        ran.ends(106, &["ERROR: interrupted: 2 series: ", "interrupted; "]);
        ran.time("parse", "inconclusive");
        let pairs = ran.series("area/block/parse/small", "time")["pairs"].as_u64();
        assert!(pairs >= Some(2), "{pairs:?}: {}", ran.said());
        let kept = subject.runs();
        assert_eq!(kept.len(), index + 1, "{kept:?}");
        let newest = fs::read_to_string(kept.last().expect("just counted")).expect("readable");
        let newest: serde_json::Value = serde_json::from_str(&newest).expect("JSON");
        assert_eq!(newest["interrupted"], true);
        // Run names are by the second; two of one second would be one.
        thread::sleep(Duration::from_millis(1100));
    }
    subject.run(&["report"]).ends(106, &["ERROR: interrupted: "]);
}
