//! Bench targets whose harness is not measured here.

/// A bench target that is built and not measured.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ForeignBench {
    /// Its package.
    pub package: String,
    /// The bench target.
    pub bench: String,
    /// What it runs under.
    pub harness: ForeignHarness,
}

/// A harness that is not measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ForeignHarness {
    /// Rust's own, with so many `#[bench]` functions. None: only tests, or benches of a harness that never runs.
    Libtest {
        /// How many it lists.
        benches: u32,
    },
    /// Counts under valgrind.
    Gungraun,
    /// Counts under valgrind; Gungraun's name until 2025.
    IaiCallgrind,
    /// Counts under valgrind.
    Iai,
    /// Measures all its benches in one go, and interleaves them itself.
    Binggan,
    /// Criterion, divan or a heap bench that lists no benchmark.
    Empty,
    /// A `main` of its own.
    Own,
}

impl ForeignHarness {
    /// The name used in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Libtest { .. } => "libtest",
            Self::Gungraun => "gungraun",
            Self::IaiCallgrind => "iai-callgrind",
            Self::Iai => "iai",
            Self::Binggan => "binggan",
            Self::Empty => "empty",
            Self::Own => "own",
        }
    }
}
