//! One run of the gate: the whole evidence, from which every verdict can be computed again.

use std::collections::BTreeMap;

use super::{
    BenchDifference, BenchKey, BuildChange, CountReading, ForeignBench, Granted, Invocation, LeftOut, Machine, Pair,
    PolicyChange, Profile, Series, Toolchain,
};

/// One run.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// When it began, RFC 3339 in UTC.
    pub started: String,
    /// Wall seconds from start to verdict, builds included.
    pub seconds: f64,
    /// Wall seconds of measuring alone.
    pub measured_seconds: f64,
    /// What was asked for.
    pub invocation: Invocation,
    /// Name of the gated workspace.
    pub workspace: String,
    /// What the candidate is compared with.
    pub base: Base,
    /// How many commits the candidate has that the base lacks; `None` where the base is no revision, and in earlier runs.
    pub commits: Option<u32>,
    /// Whether nothing was changed and no comparison was asked for, so that having compared nothing is no failure.
    pub has_nothing_to_compare: bool,
    /// The candidate.
    pub candidate: Revision,
    /// Where.
    pub machine: Machine,
    /// With what.
    pub toolchain: Toolchain,
    /// Seed of every coin of the run.
    pub seed: u64,
    /// What was asked for.
    pub plan: Plan,
    /// Every series of either side, in the order of their keys.
    pub series: Vec<Series>,
    /// Where time and memory went in series that are red or were asked for.
    pub profiles: Vec<Profile>,
    /// Evidence for each claim whose benchmarks were selected, in the order of the policy's claims.
    pub claims: Vec<ClaimEvidence>,
    /// The acceptances of both sides.
    pub acceptances: Vec<Granted>,
    /// What the candidate changes in the configuration.
    pub policy_changes: Vec<PolicyChange>,
    /// In what the builds of the sides differ beside their source.
    pub build_changes: Vec<BuildChange>,
    /// Benches that take no part.
    pub left_out: Vec<LeftOut>,
    /// What else differs between the sides of benchmarks than the code that they measure.
    pub differences: BTreeMap<BenchKey, BenchDifference>,
    /// Bench targets that are built and not measured, since their harness is none that is known here.
    pub foreign: Vec<ForeignBench>,
    /// Whether the run was interrupted; then it is incomplete and says so.
    pub is_interrupted: bool,
    /// What a reader should know about how it went, for instance that a baseline is stale.
    pub notes: Vec<String>,
}

/// What the candidate is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base {
    /// A revision, built and measured on this machine in this run.
    Git {
        /// The revision.
        revision: Revision,
        /// What it is, as in "against the merge base with `main`".
        reason: String,
    },
    /// Stored values.
    Stored {
        /// Why, for instance `no differing base revision`.
        reason: String,
    },
}

/// One version of the source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Revision {
    /// Commit hash; empty where there is no repository.
    pub commit: String,
    /// First line of the commit message.
    pub subject: String,
    /// Hash over the source files, changes that are not committed included.
    pub tree: String,
    /// Whether there are changes that are not committed.
    pub is_dirty: bool,
}

/// What a run was asked to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Seconds of measuring allowed.
    pub budget_seconds: f64,
    /// Pairs allowed for each series.
    pub pair_cap: u32,
    /// Asked for with `--quick`.
    pub is_quick: bool,
    /// Names of the tiers that were selected.
    pub tiers: Vec<String>,
    /// Filters of the command line.
    pub filters: Vec<String>,
    /// How the sides were interleaved, in words.
    pub schedule: String,
    /// Whether a flagged time is judged on fresh link orders; chosen before the first pair.
    pub confirms_by_linking: bool,
    /// Smallest tolerance of time that each benchmark supports on this machine, as a share, where that was calibrated.
    pub supported: BTreeMap<BenchKey, f64>,
}

/// What was found for one claim. In its pairs `base` is the bench that another is held against and `candidate` that other one, both
/// of the candidate.
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimEvidence {
    /// Name of the claim.
    pub name: String,
    /// The pairs; empty where the claim needs none.
    pub pairs: Vec<Pair>,
    /// Counts of the candidate, one for each benchmark in the order of the claim; or its one counter.
    pub counts: Vec<CountReading>,
    /// Why there is no evidence, or that it is from an earlier run of the same executable.
    pub note: Option<String>,
}
