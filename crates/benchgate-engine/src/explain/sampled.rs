//! Stacks of benches that sample themselves: Criterion's `--profile-time` with `benchgate-profile`'s hook, in short turns.

use super::folded::Folded;
use super::symbols::Symbols;
use super::{LONGEST, Subject, TURN, TURNS};
use crate::collect::{Alone, naming};
use benchgate_core::model::Unit;

/// The variable that names the file of a profile, as `benchgate_profile::FILE`. A program that understands it holds its name.
const FILE: &str = "BENCHGATE_PROFILE_FILE";

/// The same as bytes of an executable.
pub(super) const MARK: &[u8] = FILE.as_bytes();

/// How they were taken, what was counted, and the stacks; or why there are none.
pub(super) fn stacks(subject: &Subject<'_>) -> Result<(String, Unit, Folded), String> {
    let mut folded = Folded::default();
    let symbols = subject.sides.map(|side| Symbols::of(&side.file));
    for turn in 0..TURNS {
        // Base, candidate, candidate, base: neither is always the one that finds the machine warm.
        let order = if turn % 2 == 0 { [0, 1] } else { [1, 0] };
        for side in order {
            folded.add(side, &self::turn(subject, side)?, |frame| symbols[side].named(frame));
        }
    }
    let how = format!(
        "{TURNS} turns of {} s a side, sampled {} times a second of processor time at most; what runs in the C library is not seen",
        TURN.as_secs(),
        HERTZ
    );
    Ok((how, Unit::Samples, folded))
}

/// As `benchgate_profile::HERTZ`; the system's own clock may tick less often.
const HERTZ: u32 = 997;

fn turn(subject: &Subject<'_>, side: usize) -> Result<String, String> {
    let file = subject.file(side, "samples");
    std::fs::remove_file(&file).ok(); // of the turn before
    let seconds = TURN.as_secs().to_string();
    let flags = ["--bench", "--profile-time", &seconds].map(String::from);
    let arguments = [&flags[..], &naming(subject.harness, subject.bench)].concat();
    let home = subject.file(side, "profile-home");
    let alone = Alone {
        executable: subject.sides[side],
        under: &[],
        arguments: &arguments,
        environment: &[(FILE, &file)],
        home: &home,
        longest: LONGEST,
    };
    alone.run(subject.limits).map_err(|error| format!("profiling failed: {error}"))?;
    std::fs::read_to_string(&file).map_err(|error| format!("the bench wrote no profile: {error}"))
}
