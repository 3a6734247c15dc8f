//! The closed list of verdicts and states. Every series gets exactly one.

use std::fmt;
use std::str::FromStr;

/// A verdict (something was compared) or a state (nothing was).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// Beyond tolerance, at the suite's error level.
    Regressed,
    /// Below an empty loop, a collapse to a small fraction, or a reading that is no duration.
    Implausible,
    /// Heap or threads grow with the iterations.
    Leaked,
    /// A bench crashed or printed rubbish.
    Errored,
    /// A bench did not end in time.
    TimedOut,
    /// It should have been measured and was not.
    NotRun,
    /// Both sides have values that must not be compared.
    Incomparable,
    /// No stored value to compare with.
    MissingBaseline,
    /// Only in the base.
    Removed,
    /// A bench target whose required features are off.
    NotBuilt,
    /// The budget or the pairs were spent before a verdict, or fresh link orders left it open.
    Inconclusive,
    /// Regressed within a valid acceptance.
    Accepted,
    /// Moved with the link order, not with the code.
    Layout,
    /// Proven faster or lighter beyond the tolerance.
    Improved,
    /// Only in the candidate.
    New,
    /// Stored time of another class, or too few recordings; never counted as compared.
    Advisory,
    /// Heap not countable here.
    NotCounted,
    /// Proven to be within the tolerance on both sides.
    Unchanged,
    /// The same machine code.
    Identical,
}

/// Whether a status is a verdict or a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// Something was compared.
    Verdict,
    /// Nothing was.
    State,
}

impl Status {
    /// All of them, worst first: the order of tables.
    pub const ALL: [Self; 19] = [
        Self::Regressed,
        Self::Implausible,
        Self::Leaked,
        Self::Errored,
        Self::TimedOut,
        Self::NotRun,
        Self::Incomparable,
        Self::MissingBaseline,
        Self::Removed,
        Self::NotBuilt,
        Self::Inconclusive,
        Self::Accepted,
        Self::Layout,
        Self::Improved,
        Self::New,
        Self::Advisory,
        Self::NotCounted,
        Self::Unchanged,
        Self::Identical,
    ];

    /// The word that every output uses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Regressed => "regressed",
            Self::Implausible => "implausible",
            Self::Leaked => "leaked",
            Self::Errored => "errored",
            Self::TimedOut => "timed-out",
            Self::NotRun => "not-run",
            Self::Incomparable => "incomparable",
            Self::MissingBaseline => "missing-baseline",
            Self::Removed => "removed",
            Self::NotBuilt => "not-built",
            Self::Inconclusive => "inconclusive",
            Self::Accepted => "accepted",
            Self::Layout => "layout",
            Self::Improved => "improved",
            Self::New => "new",
            Self::Advisory => "advisory",
            Self::NotCounted => "not-counted",
            Self::Unchanged => "unchanged",
            Self::Identical => "identical",
        }
    }

    /// A sign beside the word, so that colour never carries the meaning alone.
    pub fn sign(self) -> char {
        match self {
            Self::Regressed => '▲',
            Self::Implausible | Self::Leaked | Self::Errored | Self::TimedOut => '!',
            Self::NotRun | Self::Incomparable | Self::MissingBaseline | Self::Removed | Self::NotBuilt => '∅',
            Self::Inconclusive => '?',
            Self::Accepted => '△',
            Self::Layout => '~',
            Self::Improved => '▼',
            Self::New => '+',
            Self::Advisory | Self::NotCounted => '·',
            Self::Unchanged => '=',
            Self::Identical => '≡',
        }
    }

    /// Whether something was decided: any verdict but `inconclusive`.
    pub fn is_decided(self) -> bool {
        self.word() == Word::Verdict && self != Self::Inconclusive
    }

    /// Verdict or state.
    pub fn word(self) -> Word {
        match self {
            Self::Regressed
            | Self::Accepted
            | Self::Improved
            | Self::Unchanged
            | Self::Identical
            | Self::Layout
            | Self::Inconclusive => Word::Verdict,
            Self::New
            | Self::Removed
            | Self::MissingBaseline
            | Self::NotRun
            | Self::Incomparable
            | Self::Errored
            | Self::TimedOut
            | Self::Leaked
            | Self::Implausible
            | Self::Advisory
            | Self::NotBuilt
            | Self::NotCounted => Word::State,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Status {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|status| status.name() == s).ok_or_else(|| format!("unknown verdict or state `{s}`"))
    }
}
