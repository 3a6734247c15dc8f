//! What a run was asked to do, as far as it takes to ask for it again.

/// What was asked for, beside the base and the seed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Invocation {
    /// The program as it was started: `cargo xtask` or `cargo benchgate`.
    pub program: String,
    pub verb: Verb,
    /// The manifest, where it was not that of the current directory.
    pub manifest: Option<String>,
    /// The tiers that were named; none of them where the run took what it takes by default.
    pub tiers: Vec<String>,
    /// Flags of the build, in cargo's own words, each of a list with its value: `["--features", "a", "--all-features"]`.
    pub build: Vec<String>,
    pub is_quick: bool,
    /// Whether heaps of benches that are no heap benches were to be left alone.
    pub is_without_counting: bool,
    /// Whether code that is proven to be the same was to be measured too.
    pub measures_identical: bool,
}

/// What measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verb {
    #[default]
    Bench,
    Calibrate,
    Canary,
}
