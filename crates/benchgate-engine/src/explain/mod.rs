//! Looks into both sides of a benchmark after its verdict: stacks, sampled or counted, and allocation sites. It gives plain values;
//! what they say is decided in `gate`, and no verdict ever rests on them.
#![expect(clippy::disallowed_methods, reason = "this is an edge: it runs bench executables and reads what they wrote")]

mod callgrind;
mod dhat;
mod folded;
mod heap;
mod names;
mod sampled;
mod sites;
mod symbols;

use std::path::{Path, PathBuf};
use std::time::Duration;

pub use folded::Folded;
pub use heap::sites;
use memchr::memmem;

use crate::collect::{Executable, Harness, Limits, Listed};
use benchgate_core::model::Taken;

/// One benchmark of both sides, and where looking may write.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Base and candidate, as they were built.
    pub sides: [&'a Executable; 2],
    /// The benchmark.
    pub bench: &'a Listed,
    /// How its executables are told which.
    pub harness: Harness,
    /// A directory of the run.
    pub scratch: &'a Path,
    /// When to stop.
    pub limits: &'a Limits<'a>,
}

/// Turns of each side; they alternate, so that both see the same machine.
pub const TURNS: u32 = 4;

/// Length of a turn: the least that Criterion takes.
pub const TURN: Duration = Duration::from_secs(1);

/// A process that takes longer, under valgrind too, is given up.
const LONGEST: Duration = Duration::from_secs(30);

/// The stacks of both sides: sampled where the bench profiles itself, else counted under callgrind. With them, as text, what
/// each side gave.
pub fn stacks(subject: &Subject<'_>) -> (Taken, Option<Folded>) {
    let taken = match subject.sides.iter().all(|side| holds(&side.file, sampled::MARK)) {
        true => sampled::stacks(subject),
        false => callgrind::stacks(subject),
    };
    match taken.and_then(|(how, unit, folded)| Ok((folded.compared(how, unit)?, folded))) {
        Ok((stacks, folded)) => (Taken::Stacks(stacks), Some(folded)),
        Err(reason) => (Taken::Nothing { reason }, None),
    }
}

/// Whether a file has these bytes anywhere: how a program is told that understands a request.
fn holds(file: &Path, mark: &[u8]) -> bool {
    std::fs::read(file).is_ok_and(|bytes| memmem::find(&bytes, mark).is_some())
}

impl Subject<'_> {
    /// Paths of equal length for both sides.
    fn file(&self, side: usize, name: &str) -> PathBuf {
        self.scratch.join(format!("{name}-{side}"))
    }
}
