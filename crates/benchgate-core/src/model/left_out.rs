//! Benches of the workspace that take no part in a run, and why.

/// Bench targets of one package that take no part, for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The package.
    pub package: String,
    /// Its bench targets that are meant.
    pub benches: Vec<String>,
    /// Why.
    pub absence: Absence,
}

/// Why benches take no part.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Absence {
    /// Their package is excluded by name.
    Excluded,
    /// Packages are named, and theirs is not among them.
    Unnamed,
    /// Their package belongs to this tier, which was not asked for.
    Tier(String),
    /// Only tiers with packages of their own were asked for.
    OtherTiers,
    /// Bench targets are named by globs, and none matches.
    Unmatched,
    /// These features, which they require, are off.
    Features(Vec<String>),
}
