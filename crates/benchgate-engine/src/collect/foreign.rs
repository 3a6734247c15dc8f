//! Which harness an executable has that is not measured.
//!
//! Cargo does not say whether a target has `harness = false`, so the executable is looked at. Told apart are texts that each harness
//! holds whatever is optimised away: its usage or error messages, and the path of its sources in the places of its panics.

use memchr::memmem;

use super::criterion::{Arm, End, Launch, Limits, Process};
use benchgate_core::model::ForeignHarness;

/// Rust's own harness, whatever else is linked in: a part of its `--help`.
const LIBTEST: &[u8] = b"The FILTER string is tested against the name of all tests";

/// Texts of other harnesses; one is enough. Gungraun warns of the name that it had, so it comes first.
const MARKS: [(ForeignHarness, &[&[u8]]); 4] = [
    (ForeignHarness::Gungraun, &[b"Is gungraun-runner installed", b"gungraun-runner executable", b"/gungraun-0."]),
    (
        ForeignHarness::IaiCallgrind,
        &[b"Is iai-callgrind-runner installed", b"/iai-callgrind-0.", b"IAI_CALLGRIND_RUNNER"],
    ),
    (ForeignHarness::Iai, &[b"target/iai/cachegrind.out.", b"Failed to run benchmark in cachegrind", b"/iai-0."]),
    (ForeignHarness::Binggan, &[b"BINGGAN_HOME", b"target/binggan", b"/binggan-0."]),
];

/// Whether an executable is driven by Rust's own harness.
pub(super) fn is_libtest(bytes: &[u8]) -> bool {
    holds(bytes, LIBTEST)
}

/// The harness of an executable that holds none which is measured.
pub fn foreign(arm: &Arm, limits: &Limits<'_>) -> ForeignHarness {
    let bytes = std::fs::read(&arm.file).unwrap_or_default();
    let marked = MARKS.iter().find(|(_, marks)| marks.iter().any(|mark| holds(&bytes, mark)));
    match marked {
        _ if is_libtest(&bytes) => ForeignHarness::Libtest { benches: listed(arm, limits) },
        Some((harness, _)) => *harness,
        None => ForeignHarness::Own,
    }
}

fn holds(bytes: &[u8], mark: &[u8]) -> bool {
    memmem::find(bytes, mark).is_some()
}

/// How many benchmarks Rust's own harness lists.
fn listed(arm: &Arm, limits: &Limits<'_>) -> u32 {
    let Ok(mut process) = Process::start(arm, &Launch::plain(["--list", "--format", "terse"])) else { return 0 };
    match process.wait(limits.start, limits) {
        Ok(End::With(status)) if status.success() => benches_in(&process.said()),
        _ => 0,
    }
}

fn benches_in(said: &[u8]) -> u32 {
    String::from_utf8_lossy(said)
        .lines()
        .filter(|line| line.ends_with(": benchmark") || line.ends_with(": bench"))
        .count() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn benches_are_counted_and_tests_are_not() {
        #[track_caller]
        fn check(said: &str, expected: u32) {
            assert_eq!(benches_in(said.as_bytes()), expected);
        }
        check("tests::a: test\nparse: benchmark\nwrite: bench\n", 2);
        check("", 0);
        check("0 tests, 0 benchmarks\n", 0);
    }

    #[test]
    fn no_harness_has_the_marks_of_another() {
        for (at, (_, marks)) in MARKS.iter().enumerate() {
            for (_, others) in &MARKS[at + 1..] {
                assert!(
                    !marks.iter().any(|mark| others.iter().any(|other| holds(mark, other))),
                    "{marks:?} {others:?}"
                );
            }
        }
    }
}
