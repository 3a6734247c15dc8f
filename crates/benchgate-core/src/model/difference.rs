//! What differs between the sides of a benchmark beside the code that it measures.

use super::Throughput;

/// What else than the code under it differs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BenchDifference {
    /// Work per iteration as the base and the candidate declare it, where both do and not alike.
    pub work: Option<[Throughput; 2]>,
    /// Files of its own source that differ or that one side lacks, by their paths in the tree.
    pub source: Vec<String>,
    /// Its harness, where that changed.
    pub harness: Option<HarnessChange>,
}

/// A harness that the sides have in two versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HarnessChange {
    /// The base's, for instance `criterion 0.5.1`.
    pub base: String,
    /// The candidate's.
    pub candidate: String,
    /// Whether all else that the benchmark is made of is the same: sources, manifests, and every other package.
    pub is_alone: bool,
}

impl BenchDifference {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
