//! The wire form of a run, schema 1: flat and private. Samples are two arrays of numbers a process; whole numbers have
//! no decimal point. Leaf types are described by serde's remote derive, which stops compiling when the model gains a
//! field: then the schema number goes up.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::acceptance_wire::{GrantedWire, PolicyChangeWire};
use super::build_wire::{BuildChangeWire, LeftOutWire};
use super::difference_wire::DifferenceWire;
use super::evidence_wire::{CountCell, EvidenceWire, PairWire};
use super::foreign_wire::ForeignWire;
use super::invocation_wire::{InvocationWire, of_command};
use super::number;
use super::profile_wire::ProfileWire;
use benchgate_core::model::{
    Base, BenchKey, ClaimEvidence, ClaimFile, Machine, Metric, Plan, PolicyText, Revision, Run, Series, SeriesKey,
    Throughput, Toolchain,
};

/// What this program writes and reads.
pub(super) const SCHEMA: u64 = 2;

/// What it reads beside that: a run asked for by a command line.
pub(super) const COMMAND_SCHEMA: u64 = 1;

/// Read first, whatever else the file holds.
#[derive(Deserialize)]
pub(super) struct SchemaWire {
    pub(super) schema: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileWire {
    schema: u64,
    started: String,
    #[serde(with = "number")]
    seconds: f64,
    #[serde(with = "number")]
    measured_seconds: f64,
    #[serde(default, skip_serializing)]
    command: Option<String>,
    #[serde(default)]
    invocation: Option<InvocationWire>,
    workspace: String,
    #[serde(with = "BaseWire")]
    base: Base,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    commits: Option<u32>,
    #[serde(default, rename = "nothing_to_compare", skip_serializing_if = "std::ops::Not::not")]
    has_nothing_to_compare: bool,
    #[serde(with = "RevisionWire")]
    candidate: Revision,
    #[serde(with = "MachineWire")]
    machine: Machine,
    #[serde(with = "ToolchainWire")]
    toolchain: Toolchain,
    seed: u64,
    #[serde(with = "PlanWire")]
    plan: Plan,
    interrupted: bool,
    notes: Vec<String>,
    policy: Option<PolicyWire>,
    claims: Vec<ClaimWire>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    acceptances: Vec<GrantedWire>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    policy_changes: Vec<PolicyChangeWire>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    build_changes: Vec<BuildChangeWire>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    left_out: Vec<LeftOutWire>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    differences: Vec<DifferenceWire>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    foreign: Vec<ForeignWire>,
    #[serde(deserialize_with = "distinct")]
    series: Vec<SeriesWire>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    profiles: Vec<ProfileWire>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyWire {
    name: String,
    text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    claims: Vec<ClaimFileWire>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClaimFileWire {
    name: String,
    text: String,
}

impl From<PolicyText> for PolicyWire {
    fn from(PolicyText { name, text, claims }: PolicyText) -> Self {
        let claims = claims.into_iter().map(|ClaimFile { name, text }| ClaimFileWire { name, text }).collect();
        Self { name, text, claims }
    }
}

impl From<PolicyWire> for PolicyText {
    fn from(PolicyWire { name, text, claims }: PolicyWire) -> Self {
        let claims = claims.into_iter().map(|ClaimFileWire { name, text }| ClaimFile { name, text }).collect();
        Self { name, text, claims }
    }
}

impl FileWire {
    pub(super) fn new(run: &Run, policy: Option<PolicyWire>) -> Self {
        let run = run.clone();
        Self {
            schema: SCHEMA,
            started: run.started,
            seconds: run.seconds,
            measured_seconds: run.measured_seconds,
            command: None,
            invocation: Some(run.invocation.into()),
            workspace: run.workspace,
            base: run.base,
            commits: run.commits,
            has_nothing_to_compare: run.has_nothing_to_compare,
            candidate: run.candidate,
            machine: run.machine,
            toolchain: run.toolchain,
            seed: run.seed,
            plan: run.plan,
            interrupted: run.is_interrupted,
            notes: run.notes,
            policy,
            claims: run.claims.into_iter().map(Into::into).collect(),
            acceptances: run.acceptances.into_iter().map(Into::into).collect(),
            policy_changes: run.policy_changes.into_iter().map(Into::into).collect(),
            build_changes: run.build_changes.into_iter().map(Into::into).collect(),
            left_out: run.left_out.into_iter().map(Into::into).collect(),
            differences: run.differences.into_iter().map(Into::into).collect(),
            foreign: run.foreign.into_iter().map(Into::into).collect(),
            series: run.series.into_iter().map(Into::into).collect(),
            profiles: run.profiles.into_iter().map(Into::into).collect(),
        }
    }

    /// # Errors
    /// It does not say what was asked for as its schema does.
    pub(super) fn into_parts(self) -> Result<(Run, Option<PolicyWire>), &'static str> {
        let invocation = match (self.schema, self.command, self.invocation) {
            (COMMAND_SCHEMA, Some(line), None) => of_command(&line),
            (COMMAND_SCHEMA, ..) => return Err("expected `command`"),
            (_, None, Some(invocation)) => invocation.into(),
            _ => return Err("expected `invocation`"),
        };
        let run = Run {
            started: self.started,
            seconds: self.seconds,
            measured_seconds: self.measured_seconds,
            invocation,
            workspace: self.workspace,
            base: self.base,
            commits: self.commits,
            has_nothing_to_compare: self.has_nothing_to_compare,
            candidate: self.candidate,
            machine: self.machine,
            toolchain: self.toolchain,
            seed: self.seed,
            plan: self.plan,
            series: self.series.into_iter().map(Into::into).collect(),
            profiles: self.profiles.into_iter().map(Into::into).collect(),
            claims: self.claims.into_iter().map(Into::into).collect(),
            acceptances: self.acceptances.into_iter().map(Into::into).collect(),
            policy_changes: self.policy_changes.into_iter().map(Into::into).collect(),
            build_changes: self.build_changes.into_iter().map(Into::into).collect(),
            left_out: self.left_out.into_iter().map(Into::into).collect(),
            differences: self.differences.into_iter().map(Into::into).collect(),
            foreign: self.foreign.into_iter().map(Into::into).collect(),
            is_interrupted: self.interrupted,
            notes: self.notes,
        };
        Ok((run, self.policy))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Base", rename_all = "kebab-case", deny_unknown_fields)]
enum BaseWire {
    Git {
        #[serde(with = "RevisionWire")]
        revision: Revision,
        reason: String,
    },
    Stored {
        reason: String,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Revision", deny_unknown_fields)]
struct RevisionWire {
    commit: String,
    subject: String,
    tree: String,
    #[serde(rename = "dirty")]
    is_dirty: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Machine", deny_unknown_fields)]
struct MachineWire {
    architecture: String,
    cpu: String,
    cpu_name: String,
    cores: u32,
    caches: String,
    hypervisor: String,
    system: String,
    memory_bytes: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Toolchain", deny_unknown_fields)]
struct ToolchainWire {
    rustc: String,
    host: String,
    flags: String,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Plan", deny_unknown_fields)]
struct PlanWire {
    #[serde(with = "number")]
    budget_seconds: f64,
    pair_cap: u32,
    #[serde(rename = "quick")]
    is_quick: bool,
    tiers: Vec<String>,
    filters: Vec<String>,
    schedule: String,
    #[serde(default)]
    confirms_by_linking: bool,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", with = "supported")]
    supported: BTreeMap<BenchKey, f64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SupportedWire {
    package: String,
    target: String,
    group: String,
    function: Option<String>,
    value: Option<String>,
    #[serde(with = "number")]
    tolerance: f64,
}

/// Tolerances by benchmark, for `#[serde(with = "supported")]`.
mod supported {
    use super::{BTreeMap, BenchKey, Deserialize, Deserializer, Serializer, SupportedWire};

    pub(super) fn serialize<S: Serializer>(all: &BTreeMap<BenchKey, f64>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(all.iter().map(|(key, &tolerance)| {
            let BenchKey { package, target, group, function, value } = key.clone();
            SupportedWire { package, target, group, function, value, tolerance }
        }))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<BenchKey, f64>, D::Error> {
        let list = Vec::<SupportedWire>::deserialize(deserializer)?;
        let all = list.into_iter().map(|wire| {
            let SupportedWire { package, target, group, function, value, tolerance } = wire;
            (BenchKey { package, target, group, function, value }, tolerance)
        });
        Ok(all.collect())
    }
}

/// Each series once, else a verdict would be counted twice.
fn distinct<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<SeriesWire>, D::Error> {
    let list = Vec::<SeriesWire>::deserialize(deserializer)?;
    let mut seen = BTreeSet::new();
    for s in &list {
        if !seen.insert((&s.package, &s.target, &s.group, &s.function, &s.value, s.metric)) {
            let parts = [Some(&s.group), s.function.as_ref(), s.value.as_ref()];
            let id = parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join("/");
            return Err(D::Error::custom(format!("series `{id} {}` occurs twice", s.metric)));
        }
    }
    Ok(list)
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SeriesWire {
    package: String,
    target: String,
    group: String,
    function: Option<String>,
    value: Option<String>,
    #[serde(with = "metric")]
    metric: Metric,
    throughput: Option<ThroughputWire>,
    evidence: EvidenceWire,
}

impl From<Series> for SeriesWire {
    fn from(Series { key, throughput, evidence }: Series) -> Self {
        let SeriesKey { bench: BenchKey { package, target, group, function, value }, metric } = key;
        let (throughput, evidence) = (throughput.map(Into::into), evidence.into());
        Self { package, target, group, function, value, metric, throughput, evidence }
    }
}

impl From<SeriesWire> for Series {
    fn from(wire: SeriesWire) -> Self {
        let SeriesWire { package, target, group, function, value, metric, throughput, evidence } = wire;
        let key = SeriesKey { bench: BenchKey { package, target, group, function, value }, metric };
        Self { key, throughput: throughput.map(Into::into), evidence: evidence.into() }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ThroughputWire {
    Bytes(u64),
    Elements(u64),
    Bits(u64),
}

impl From<Throughput> for ThroughputWire {
    fn from(throughput: Throughput) -> Self {
        match throughput {
            Throughput::Bytes(n) => Self::Bytes(n),
            Throughput::Elements(n) => Self::Elements(n),
            Throughput::Bits(n) => Self::Bits(n),
        }
    }
}

impl From<ThroughputWire> for Throughput {
    fn from(wire: ThroughputWire) -> Self {
        match wire {
            ThroughputWire::Bytes(n) => Self::Bytes(n),
            ThroughputWire::Elements(n) => Self::Elements(n),
            ThroughputWire::Bits(n) => Self::Bits(n),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClaimWire {
    name: String,
    pairs: Vec<PairWire>,
    counts: Vec<CountCell>,
    note: Option<String>,
}

impl From<ClaimEvidence> for ClaimWire {
    fn from(ClaimEvidence { name, pairs, counts, note }: ClaimEvidence) -> Self {
        let counts = counts.into_iter().map(CountCell).collect();
        Self { name, pairs: pairs.into_iter().map(Into::into).collect(), counts, note }
    }
}

impl From<ClaimWire> for ClaimEvidence {
    fn from(ClaimWire { name, pairs, counts, note }: ClaimWire) -> Self {
        let counts = counts.into_iter().map(|CountCell(count)| count).collect();
        Self { name, pairs: pairs.into_iter().map(Into::into).collect(), counts, note }
    }
}

/// Metrics by name, for `#[serde(with = "metric")]`.
pub(super) mod metric {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(metric: &Metric, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(metric.name())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Metric, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}
