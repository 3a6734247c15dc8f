//! Where the time or the memory of a red series went, on both sides: what was looked at after the verdict, and decides nothing.

use super::SeriesKey;

/// What was looked at for one series.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// The series that it explains.
    pub key: SeriesKey,
    /// Crates of the workspace, as their code names them: a finding is blamed on their functions first.
    pub own: Vec<String>,
    /// What was found.
    pub taken: Taken,
}

/// What was found where one looked.
#[derive(Clone, Debug, PartialEq)]
pub enum Taken {
    /// Stacks of both sides.
    Stacks(Stacks),
    /// Allocation sites of both sides.
    Sites(Sites),
    /// Nothing could be looked at.
    Nothing {
        /// Why.
        reason: String,
    },
}

/// Stacks of both sides, from the timed routine inwards.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stacks {
    /// How they were taken, in words.
    pub how: String,
    /// What was counted.
    pub unit: Unit,
    /// Each stack once.
    pub stacks: Vec<Stack>,
}

/// What the counts of stacks are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// Samples of a clock: a share of them is known as well as their number allows.
    #[default]
    Samples,
    /// Instructions of one iteration, all of them counted.
    Instructions,
}

/// One stack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stack {
    /// Functions, outermost first.
    pub frames: Vec<String>,
    /// How often base and candidate were there.
    pub counts: [u64; 2],
}

/// Allocation sites of both sides.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sites {
    /// How they were found, in words.
    pub how: String,
    /// Each site once.
    pub sites: Vec<Site>,
}

/// Where something is allocated.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Site {
    /// Functions, innermost first, without those of the allocator.
    pub frames: Vec<String>,
    /// Blocks an iteration of base and candidate.
    pub blocks: [f64; 2],
    /// Bytes an iteration of base and candidate.
    pub bytes: [f64; 2],
    /// Where in the source of the candidate, else of the base, for instance `src/lib.rs:7`; empty where it is not known.
    pub place: String,
}

impl Stacks {
    /// All counts together, of base and candidate.
    pub fn totals(&self) -> [u64; 2] {
        [0, 1].map(|side| self.stacks.iter().map(|stack| stack.counts[side]).sum())
    }
}
