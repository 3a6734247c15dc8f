//! Commands that are run for real: what they took, and how they end.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use super::*;

fn command(run: &[&str]) -> CommandBench {
    CommandBench {
        name: "a".into(),
        run: run.iter().map(|word| (*word).to_owned()).collect(),
        directory: String::new(),
        environment: BTreeMap::new(),
        stdin: None,
    }
}

/// Runs a command in a directory of its own, where `data` holds `text`.
fn run_within(command: &CommandBench, seconds: u64) -> Result<Usage, Failure> {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("data"), "text").unwrap();
    let programs = Programs::none(Path::new("/nowhere"));
    let place = Place { side: Side::Candidate, root: home.path(), scratch: home.path(), index: 0 };
    let arm = Arm::of_command(command, &programs, place).unwrap();
    let interrupted = AtomicBool::new(false);
    let limits = Limits { start: Duration::ZERO, step: Duration::from_secs(seconds), interrupted: &interrupted };
    arm.run_command(&limits)
}

#[test]
fn what_a_command_takes_is_told() {
    let busy = run_within(&command(&["sh", "-c", "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done"]), 60).unwrap();
    assert!(busy.processor_nanos > 1e6 && busy.wall_nanos > 0.5 * busy.processor_nanos, "{busy:?}");
    let idle = run_within(&command(&["sleep", "0.2"]), 60).unwrap();
    assert!(idle.wall_nanos > 0.2e9 && idle.processor_nanos < 0.1e9, "{idle:?}");
    // Not the gate's own memory: this test's is larger than that of a shell.
    let small = run_within(&command(&["sh", "-c", ":"]), 60).unwrap();
    let large =
        run_within(&command(&["sh", "-c", "x=$(head -c 30000000 /dev/zero | tr '\\0' x); : ${#x}"]), 60).unwrap();
    assert!(small.peak_bytes < 8e6 && large.peak_bytes > 30e6, "{small:?} {large:?}");
}

#[test]
fn places_input_and_variables_are_those_of_the_side() {
    let script = "test \"$(cat)\" = text && test \"$(cat $FILE)\" = text && test \"$(cat data)\" = text";
    let mut one = command(&["sh", "-c", script]);
    one.environment.insert("FILE".into(), "{tree}/data".into());
    one.stdin = Some("{tree}/data".into());
    run_within(&one, 60).unwrap();
}

#[test]
fn failures_have_their_kind_and_the_words_of_the_command() {
    #[track_caller]
    fn check(run: &[&str], kind: FailureKind, words: &[&str]) {
        let failure = run_within(&command(run), 1).unwrap_err();
        assert_eq!(failure.kind, kind, "{}", failure.message);
        for word in words {
            assert!(failure.message.contains(word), "{}", failure.message);
        }
    }
    check(&["sh", "-c", "echo no data; exit 3"], FailureKind::Crashed, &["it ended with exit status: 3", "no data"]);
    check(&["sh", "-c", "kill -9 $$"], FailureKind::Crashed, &["it ended with signal: 9"]);
    check(&["/no/such/program"], FailureKind::Crashed, &["`/no/such/program` cannot be started"]);
    check(&["sh", "-c", "sleep 60"], FailureKind::TimedOut, &["it took longer than 1 s"]);
    let mut one = command(&["cat"]);
    one.stdin = Some("missing".into());
    assert!(run_within(&one, 1).unwrap_err().message.contains("missing` as its input"));
}

#[test]
fn reports_are_read_or_refused() {
    let (usage, status) = read("2000000 1500 4096 256\n").unwrap();
    assert_eq!(usage, Usage { wall_nanos: 2e6, processor_nanos: 1500.0, peak_bytes: 4096.0 });
    assert_eq!(status.code(), Some(1));
    assert_eq!(read("1 0 1 0").unwrap().0.processor_nanos, LEAST_NANOS);
    for wrong in ["", "1 2 3", "1 2 3 x", "1 2 3 0 5"] {
        assert!(read(wrong).is_none(), "{wrong}");
    }
}
