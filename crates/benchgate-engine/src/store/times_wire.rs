//! The wire form of stored times, schema 1: a header, and for each recording one benchmark a line, so that a recording more is
//! lines more of a diff, and one closing line changed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::number::{self, Number};
use benchgate_core::model::{BenchKey, Conditions, RecordedTarget, RecordedTime, Recording, TimeBaseline};

/// What this program writes and reads.
pub(super) const SCHEMA: u64 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TimesWire {
    schema: u64,
    machine: String,
    cpu_name: String,
    reference: String,
    #[serde(skip_serializing)]
    recordings: Vec<RecordingWire>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordingWire {
    started: String,
    commit: String,
    tree: String,
    rustc: String,
    flags: String,
    system: String,
    links: u32,
    #[serde(with = "number")]
    steal: f64,
    #[serde(with = "number")]
    busy: f64,
    #[serde(with = "number")]
    others: f64,
    #[serde(with = "number")]
    megahertz: f64,
    #[serde(skip_serializing)]
    targets: Vec<TargetWire>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TargetWire {
    code: String,
    #[serde(skip_serializing)]
    times: Vec<TimeWire>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TimeWire {
    package: String,
    target: String,
    group: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    function: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    ratio: Number,
    spread: Number,
    pairs: u32,
}

impl TimesWire {
    pub(super) fn new(baseline: &TimeBaseline) -> Self {
        Self {
            schema: SCHEMA,
            machine: baseline.machine.clone(),
            cpu_name: baseline.cpu_name.clone(),
            reference: baseline.reference.clone(),
            recordings: baseline.recordings.iter().map(RecordingWire::new).collect(),
        }
    }

    /// A benchmark that a recording has twice.
    pub(super) fn repeated(&self) -> Option<String> {
        self.recordings.iter().find_map(|recording| {
            let mut seen = BTreeSet::new();
            let times = recording.targets.iter().flat_map(|target| &target.times);
            let twice = times.map(TimeWire::key).find(|key| !seen.insert(key.clone()))?;
            Some(format!("`{}` of {} in the recording of {}", twice.id(), twice.target, recording.started))
        })
    }

    /// In the order in which they were made, whatever a merge made of it.
    pub(super) fn into_baseline(self) -> TimeBaseline {
        let mut recordings: Vec<Recording> = self.recordings.into_iter().map(RecordingWire::into_recording).collect();
        recordings.sort_by(|a, b| a.started.cmp(&b.started));
        TimeBaseline { machine: self.machine, cpu_name: self.cpu_name, reference: self.reference, recordings }
    }
}

impl RecordingWire {
    fn new(recording: &Recording) -> Self {
        let Conditions { steal, busy, others, megahertz } = recording.conditions;
        let target = |target: &RecordedTarget| TargetWire {
            code: target.code.clone(),
            times: target.times.iter().map(|(key, time)| TimeWire::new(key, *time)).collect(),
        };
        Self {
            started: recording.started.clone(),
            commit: recording.commit.clone(),
            tree: recording.tree.clone(),
            rustc: recording.rustc.clone(),
            flags: recording.flags.clone(),
            system: recording.system.clone(),
            links: recording.links,
            steal,
            busy,
            others,
            megahertz,
            targets: recording.targets.iter().map(target).collect(),
        }
    }

    fn into_recording(self) -> Recording {
        let Self { steal, busy, others, megahertz, .. } = self;
        let times = |wires: Vec<TimeWire>| -> BTreeMap<_, _> { wires.into_iter().map(TimeWire::into_time).collect() };
        Recording {
            started: self.started,
            commit: self.commit,
            tree: self.tree,
            rustc: self.rustc,
            flags: self.flags,
            system: self.system,
            links: self.links,
            conditions: Conditions { steal, busy, others, megahertz },
            targets: self
                .targets
                .into_iter()
                .map(|TargetWire { code, times: wires }| RecordedTarget { code, times: times(wires) })
                .collect(),
        }
    }
}

impl TimeWire {
    fn new(key: &BenchKey, time: RecordedTime) -> Self {
        let BenchKey { package, target, group, function, value } = key.clone();
        let RecordedTime { value: ratio, spread, pairs } = time;
        Self { package, target, group, function, value, ratio: Number(ratio), spread: Number(spread), pairs }
    }

    fn key(&self) -> BenchKey {
        BenchKey {
            package: self.package.clone(),
            target: self.target.clone(),
            group: self.group.clone(),
            function: self.function.clone(),
            value: self.value.clone(),
        }
    }

    fn into_time(self) -> (BenchKey, RecordedTime) {
        let Self { package, target, group, function, value, ratio: Number(ratio), spread: Number(spread), pairs } =
            self;
        (BenchKey { package, target, group, function, value }, RecordedTime { value: ratio, spread, pairs })
    }
}

/// The text of a file: a recording's header on one line, then a benchmark a line.
///
/// # Errors
/// If a figure is NaN or infinite.
pub(super) fn write(baseline: &TimeBaseline) -> Result<String, serde_json::Error> {
    let wire = TimesWire::new(baseline);
    let target = |target: &TargetWire| with_list(target, "times", &target.times, 3, serde_json::to_string);
    let recording = |recording: &RecordingWire| with_list(recording, "targets", &recording.targets, 2, target);
    Ok(with_list(&wire, "recordings", &wire.recordings, 1, recording)? + "\n")
}

/// An object whose last field is a list that serde was told to leave out, with one item a line.
fn with_list<T: Serialize, I>(
    object: &T,
    name: &str,
    items: &[I],
    depth: usize,
    item: impl Fn(&I) -> Result<String, serde_json::Error>,
) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string(object)?;
    text.truncate(text.len() - "}".len());
    text.push_str(&format!(",\"{name}\":["));
    for (index, one) in items.iter().enumerate() {
        text.push_str(if index == 0 { "\n" } else { ",\n" });
        text.push_str(&"  ".repeat(depth));
        text.push_str(&item(one)?);
    }
    text.push_str("]}");
    Ok(text)
}
