//! Exit codes: a contract that a required check can rely on. 101 stays cargo's.

/// What the process ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ExitCode {
    // In the order in which they win when several hold.
    /// 1: internal error.
    Internal,
    /// 2: usage (clap).
    Usage,
    /// 96: configuration, duplicate ids, unused acceptance.
    Configuration,
    /// 94: filter or glob malformed.
    MalformedFilter,
    /// 102: cargo metadata.
    Metadata,
    /// 97: base revision unavailable.
    BaseUnavailable,
    /// 103: a side does not build.
    Build,
    /// 110: output could not be written, or a disk was full.
    Output,
    /// 104: a bench crashed, hung or printed rubbish.
    BenchFailed,
    /// 107: implausible or leaked.
    Implausible,
    /// 105: baseline or run file unusable or missing.
    Baseline,
    /// 106: incomplete: interrupted, missing shard, `not-run`, `removed`, `incomparable`, a suspicion that was not looked into.
    Incomplete,
    /// 4: nothing compared or nothing decided; a filter that matches nothing.
    NothingCompared,
    /// 100: regression, failed claim, expired or exceeded acceptance.
    Regression,
    /// 5: inconclusive, where that fails.
    Inconclusive,
    /// 0: pass.
    Pass,
}

impl ExitCode {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Self::Internal => 1,
            Self::Usage => 2,
            Self::Configuration => 96,
            Self::MalformedFilter => 94,
            Self::Metadata => 102,
            Self::BaseUnavailable => 97,
            Self::Build => 103,
            Self::Output => 110,
            Self::BenchFailed => 104,
            Self::Implausible => 107,
            Self::Baseline => 105,
            Self::Incomplete => 106,
            Self::NothingCompared => 4,
            Self::Regression => 100,
            Self::Inconclusive => 5,
            Self::Pass => 0,
        }
    }

    /// Of several, the one that the process ends with: the first in the order of the variants.
    pub fn strongest(codes: impl IntoIterator<Item = Self>) -> Self {
        codes.into_iter().min().unwrap_or(Self::Pass)
    }
}

#[cfg(test)]
mod tests {
    use super::ExitCode::*;
    use super::*;

    #[test]
    fn order_of_precedence_is_the_published_one() {
        let mut all = [
            Pass,
            Inconclusive,
            Regression,
            NothingCompared,
            Incomplete,
            Baseline,
            Implausible,
            BenchFailed,
            Output,
            Build,
            BaseUnavailable,
            Metadata,
            MalformedFilter,
            Configuration,
            Usage,
            Internal,
        ];
        all.sort();
        let codes = all.map(ExitCode::code);
        assert_eq!(codes, [1, 2, 96, 94, 102, 97, 103, 110, 104, 107, 105, 106, 4, 100, 5, 0]);
    }

    #[test]
    fn nothing_wrong_is_a_pass() {
        assert_eq!(ExitCode::strongest([]), Pass);
        assert_eq!(ExitCode::strongest([Pass, Regression, Inconclusive]), Regression);
    }
}
