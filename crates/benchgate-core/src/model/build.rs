//! How both sides are built, and in what the sides' builds differ beside their source.

use std::collections::BTreeMap;

use super::Side;

/// `[build]` of the configuration, and the flags that stand for its keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuildSettings {
    /// Features, as cargo takes them: `name` or `package/name`.
    pub features: Vec<String>,
    /// Whether all features are on.
    pub has_all_features: bool,
    /// Whether the features called `default` are left alone.
    pub has_no_default_features: bool,
    /// Cargo's profile; `bench` where `None`.
    pub profile: Option<String>,
    /// The only packages that take part, tiers' own aside; every member where it is empty.
    pub packages: Vec<String>,
    /// Packages that take no part.
    pub exclude: Vec<String>,
    /// Globs of the bench targets that take part; all where it is empty.
    pub benches: Vec<String>,
    /// rustup's names of the toolchains of base and candidate; what a tree says where `None`.
    pub toolchains: [Option<String>; 2],
    /// Variables of builds and benches.
    pub environment: BTreeMap<String, String>,
    /// Commands that are run in each side's tree before it is built.
    pub setup: Vec<String>,
}

impl BuildSettings {
    /// The toolchain that is asked for a side.
    pub fn toolchain(&self, side: Side) -> Option<&str> {
        let [base, candidate] = &self.toolchains;
        match side {
            Side::Base => base.as_deref(),
            Side::Candidate => candidate.as_deref(),
        }
    }
}

/// Something beside the source that decides what is measured, and that the sides do not share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildChange {
    /// What it is.
    pub part: BuildPart,
    /// The base's; `None` where it has none.
    pub base: Option<String>,
    /// The candidate's; `None` where it has none.
    pub candidate: Option<String>,
}

/// A part of a build that is not the workspace's source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BuildPart {
    /// The compiler.
    Toolchain,
    /// A package of the lock file that runs benches: Criterion, divan and their forks.
    Harness(String),
    /// Another package of the lock file.
    Package(String),
}
