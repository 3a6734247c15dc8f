//! What was found out about one series.

use super::{Pair, Samples, SeriesKey, Side};

/// One benchmark seen through one metric, with all that was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Which series.
    pub key: SeriesKey,
    /// Work an iteration, where the bench states it.
    pub throughput: Option<Throughput>,
    /// What was found.
    pub evidence: Evidence,
}

/// Work that one iteration does, as the bench states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Throughput {
    /// Bytes an iteration.
    Bytes(u64),
    /// Elements an iteration.
    Elements(u64),
    /// Bits an iteration.
    Bits(u64),
}

/// What was found out about a series. Absence is evidence too: nothing is left out.
#[derive(Clone, Debug, PartialEq)]
pub enum Evidence {
    /// Both executables hold the same machine code; nothing was measured.
    Identical {
        /// For instance `same bytes` or `source positions moved`.
        detail: String,
    },
    /// Times of both sides.
    Pairs(Paired),
    /// Counts of both sides.
    Counts {
        /// The base's, measured now or stored.
        base: CountReading,
        /// The candidate's.
        candidate: CountReading,
    },
    /// The benchmark exists on this side alone; its value there, where it was measured.
    OnlyOn {
        /// The side that has it.
        side: Side,
        /// Its value: nanoseconds (median of the samples) or a count.
        value: Option<f64>,
    },
    /// A count of the candidate without a stored count to hold it against.
    MissingBaseline {
        /// The candidate's count.
        candidate: CountReading,
        /// Which baseline was looked for.
        reason: String,
    },
    /// Times of the candidate alone: no base side was built and no stored times can gate.
    Advisory {
        /// Samples of each process.
        candidate: Vec<Samples>,
        /// Why nothing was compared.
        reason: String,
    },
    /// Times of the candidate beside the reference program, with those that are stored.
    Recorded(Recorded),
    /// The benchmark did not give a result on at least one side.
    Failed(Failure),
    /// It should have been measured and was not.
    NotRun {
        /// Why.
        reason: String,
    },
    /// Both sides have values that must not be compared.
    Incomparable {
        /// Why.
        reason: String,
    },
    /// The heap of this benchmark cannot be counted exactly.
    NotCounted {
        /// Why.
        reason: String,
    },
    /// The bench target was not built, so nothing is known of its benchmarks.
    NotBuilt {
        /// Why.
        reason: String,
    },
}

/// Times of both sides of one series.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Paired {
    /// The pairs that gave samples, in the order in which they were taken.
    pub pairs: Vec<Pair>,
    /// Pairs that gave none.
    pub failures: Vec<Failure>,
    /// Why measuring ended before a verdict, if something other than the decision ended it.
    pub cut_short: Option<String>,
    /// How the two sides of a pair were interleaved, in words, for instance `lockstep, handed over at END reads`, with the
    /// reason where it is not the usual way.
    pub interleaving: String,
    /// What a pair is made of.
    pub kind: PairKind,
    /// Pairs over fresh link orders, where the series was flagged and both sides can be linked again.
    pub confirmation: Option<Confirmation>,
}

/// Stands between how the sides of a series were interleaved and why not in the usual way.
const NOT_IN_LOCKSTEP: &str = "; not in lockstep: ";

impl Paired {
    /// How sides were interleaved that could not be run in lockstep, with the reason.
    pub fn apart(how: &str, why: &str) -> String {
        format!("{how}{NOT_IN_LOCKSTEP}{why}")
    }

    /// Why its sides could not be run in lockstep; `None` where they were.
    pub fn fallback(&self) -> Option<&str> {
        self.interleaving.split_once(NOT_IN_LOCKSTEP).map(|(_, why)| why)
    }
}

/// What a pair is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PairKind {
    /// Two processes that were alive together where their harness allows it, as everything else is said in words.
    #[default]
    Interleaved,
    /// Two processes of which one ran to its end before the other was started, since both cannot live at once.
    OneAtATime,
    /// Whole runs of a command, base and candidate in turns.
    Command,
}

/// A recording of the candidate with those that are stored.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recorded {
    /// What is stored for one code, in the order in which it was recorded.
    pub past: Vec<PastTime>,
    /// Link orders that `pairs` are spread over; 1 where all are of the link that cargo made.
    pub links: u32,
    /// Pairs in which the reference program is the base.
    pub pairs: Vec<Pair>,
    /// Pairs that gave no samples.
    pub failures: Vec<Failure>,
}

/// One benchmark in one stored recording.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PastTime {
    /// When that began, RFC 3339 in UTC.
    pub started: String,
    /// Median of ln(benchmark / reference).
    pub value: f64,
    /// Link orders that it is of.
    pub links: u32,
}

/// Judgement of a flagged series on fresh link orders: what vanishes there is layout, not code.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Confirmation {
    /// Series that were flagged in the run in the same direction; they share the error level.
    pub flagged: u32,
    /// One pair for each link order, drawn independently for both sides.
    pub pairs: Vec<Pair>,
    /// Pairs that gave no samples.
    pub failures: Vec<Failure>,
    /// Why there are fewer pairs than link orders asked for.
    pub cut_short: Option<String>,
    /// Whether that is because a disk is full.
    pub is_disk_full: bool,
    /// Instructions an iteration of base and candidate, where they could be counted.
    pub instructions: Option<[f64; 2]>,
    /// Benches that run before it in its process here too, where without them it does not move.
    pub company: Option<Company>,
}

/// The benches in whose process a flagged series moves, though alone it does not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Company {
    /// How many other benches that process measures.
    pub benches: u32,
    /// Median effect without them, in the link that was built, as a logarithm; `None` where it gave no pair.
    pub alone: Option<f64>,
}

/// A count as the heap harness read it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CountReading {
    /// The count; whole unless the code under test does not repeat itself.
    pub value: f64,
    /// Two fresh measurements agreed, and the count an iteration is a whole number.
    pub is_exact: bool,
}

/// A benchmark or a pair that gave no samples.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Which side failed; both may.
    pub side: Side,
    /// How.
    pub kind: FailureKind,
    /// What it printed last, or what was wrong with its readings.
    pub message: String,
}

impl Failure {
    /// The one line that says most of why: what it panicked with, else its last.
    pub fn words(&self) -> &str {
        let mut lines = self.message.lines().skip_while(|line| !line.contains(" panicked at "));
        let panic = lines.next().and(lines.next());
        panic.or(self.message.lines().last()).unwrap_or_default()
    }
}

/// How a benchmark failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// It ended with an error or a signal.
    Crashed,
    /// It did not end in time and was killed.
    TimedOut,
    /// It sent something that is not a result.
    Rubbish,
    /// Its readings are not durations: NaN, infinite, zero or negative.
    Implausible,
    /// It ended with an error or a signal, and so it does on the other side: what both share is to blame.
    SetUp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_failure_are_those_of_its_panic() {
        #[track_caller]
        fn check(message: &str, expected: &str) {
            let failure = Failure { side: Side::Base, kind: FailureKind::Crashed, message: message.into() };
            assert_eq!(failure.words(), expected);
        }
        check("it ended; it printed:\nthread 'main' panicked at a.rs:1:2:\nno port\nnote: run with", "no port");
        check("it ended; it printed:\nno data", "no data");
        check("it took longer than 1 s", "it took longer than 1 s");
        check("", "");
    }
}
