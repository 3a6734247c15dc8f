//! The wire form of a calibration, schema 1: a header and one benchmark a line, so that a bench that changed is one changed line
//! of a diff. Leaf types are described by serde's remote derive, which stops compiling when the model gains a field.

use serde::{Deserialize, Serialize};

use super::number::{self, Number};
use benchgate_core::model::{BenchKey, CalibratedBench, Calibration, Planted, Resampling, Trial, VerdictSeconds};

/// What this program writes and reads.
pub(super) const SCHEMA: u64 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CalibrationWire {
    schema: u64,
    recorded: String,
    machine: String,
    cpu_name: String,
    rustc: String,
    workspace: String,
    commit: String,
    tree: String,
    seed: u64,
    #[serde(with = "number")]
    measured_seconds: f64,
    pair_cap: u32,
    family: u32,
    trials: Vec<TrialCell>,
    resamplings: Vec<ResamplingCell>,
    verdict_seconds: Option<SecondsCell>,
    effects: Vec<Number>,
    paths: u32,
    planted: Vec<PlantedWire>,
    gaps: Vec<String>,
    #[serde(skip_serializing)]
    benches: Vec<BenchWire>,
}

#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct TrialCell(#[serde(with = "TrialWire")] Trial);

#[derive(Serialize, Deserialize)]
#[serde(remote = "Trial", deny_unknown_fields)]
struct TrialWire {
    name: String,
    runs: u32,
    cut_short: u32,
    red_runs: u32,
    verdicts: u32,
    red: u32,
    unchanged: u32,
    layout: u32,
    red_ids: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct ResamplingCell(#[serde(with = "ResamplingWire")] Resampling);

#[derive(Serialize, Deserialize)]
#[serde(remote = "Resampling", deny_unknown_fields)]
struct ResamplingWire {
    #[serde(rename = "symmetrised")]
    is_symmetrised: bool,
    suites: u32,
    series: u32,
    red_suites: u32,
    red_series: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct SecondsCell(#[serde(with = "SecondsWire")] VerdictSeconds);

#[derive(Serialize, Deserialize)]
#[serde(remote = "VerdictSeconds", deny_unknown_fields)]
struct SecondsWire {
    #[serde(with = "number")]
    median: f64,
    #[serde(with = "number")]
    mean: f64,
    series: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlantedWire {
    id: String,
    #[serde(with = "number")]
    share: f64,
    runs: u32,
    red: u32,
    unchanged: u32,
    estimate: Option<Number>,
    #[serde(with = "number")]
    tolerance: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BenchWire {
    package: String,
    target: String,
    group: String,
    function: Option<String>,
    value: Option<String>,
    pairs: u32,
    #[serde(with = "number")]
    spread: f64,
    #[serde(with = "number")]
    centre: f64,
    order_effect: Option<Number>,
    known: bool,
    supported: Option<Number>,
    #[serde(with = "number")]
    tolerance: f64,
    visible: Option<Number>,
    found: Vec<u32>,
    layout: Option<[Number; 2]>,
    remark: String,
}

impl CalibrationWire {
    fn new(calibration: Calibration) -> Self {
        Self {
            schema: SCHEMA,
            recorded: calibration.recorded,
            machine: calibration.machine,
            cpu_name: calibration.cpu_name,
            rustc: calibration.rustc,
            workspace: calibration.workspace,
            commit: calibration.commit,
            tree: calibration.tree,
            seed: calibration.seed,
            measured_seconds: calibration.measured_seconds,
            pair_cap: calibration.pair_cap,
            family: calibration.family,
            trials: calibration.trials.into_iter().map(TrialCell).collect(),
            resamplings: calibration.resamplings.into_iter().map(ResamplingCell).collect(),
            verdict_seconds: calibration.verdict_seconds.map(SecondsCell),
            effects: calibration.effects.into_iter().map(Number).collect(),
            paths: calibration.paths,
            planted: calibration.planted.into_iter().map(Into::into).collect(),
            gaps: calibration.gaps,
            benches: calibration.benches.into_iter().map(Into::into).collect(),
        }
    }

    pub(super) fn into_calibration(self) -> Calibration {
        Calibration {
            recorded: self.recorded,
            machine: self.machine,
            cpu_name: self.cpu_name,
            rustc: self.rustc,
            workspace: self.workspace,
            commit: self.commit,
            tree: self.tree,
            seed: self.seed,
            measured_seconds: self.measured_seconds,
            pair_cap: self.pair_cap,
            family: self.family,
            trials: self.trials.into_iter().map(|TrialCell(trial)| trial).collect(),
            resamplings: self.resamplings.into_iter().map(|ResamplingCell(one)| one).collect(),
            verdict_seconds: self.verdict_seconds.map(|SecondsCell(seconds)| seconds),
            effects: self.effects.into_iter().map(|Number(effect)| effect).collect(),
            paths: self.paths,
            planted: self.planted.into_iter().map(Into::into).collect(),
            benches: self.benches.into_iter().map(Into::into).collect(),
            gaps: self.gaps,
        }
    }
}

/// The text of a file: the header a key a line, then a benchmark a line.
///
/// # Errors
/// If a figure is NaN or infinite.
pub(super) fn write(calibration: &Calibration) -> Result<String, serde_json::Error> {
    let wire = CalibrationWire::new(calibration.clone());
    let mut text = serde_json::to_string_pretty(&wire)?;
    text.truncate(text.len() - "\n}".len());
    text.push_str(",\n  \"benches\": [");
    for (index, bench) in wire.benches.iter().enumerate() {
        text.push_str(if index == 0 { "\n    " } else { ",\n    " });
        text.push_str(&serde_json::to_string(bench)?);
    }
    text.push_str(if wire.benches.is_empty() { "]\n}\n" } else { "\n  ]\n}\n" });
    Ok(text)
}

impl From<Planted> for PlantedWire {
    fn from(Planted { id, share, runs, red, unchanged, estimate, tolerance }: Planted) -> Self {
        Self { id, share, runs, red, unchanged, estimate: estimate.map(Number), tolerance }
    }
}

impl From<PlantedWire> for Planted {
    fn from(PlantedWire { id, share, runs, red, unchanged, estimate, tolerance }: PlantedWire) -> Self {
        Self { id, share, runs, red, unchanged, estimate: estimate.map(|Number(x)| x), tolerance }
    }
}

impl From<CalibratedBench> for BenchWire {
    fn from(bench: CalibratedBench) -> Self {
        let BenchKey { package, target, group, function, value } = bench.key;
        Self {
            package,
            target,
            group,
            function,
            value,
            pairs: bench.pairs,
            spread: bench.spread,
            centre: bench.centre,
            order_effect: bench.order_effect.map(Number),
            known: bench.is_known,
            supported: bench.supported.map(Number),
            tolerance: bench.tolerance,
            visible: bench.visible.map(Number),
            found: bench.found,
            layout: bench.layout.map(|range| range.map(Number)),
            remark: bench.remark,
        }
    }
}

impl From<BenchWire> for CalibratedBench {
    fn from(wire: BenchWire) -> Self {
        let BenchWire { package, target, group, function, value, .. } = wire;
        let plain = |number: Option<Number>| number.map(|Number(x)| x);
        Self {
            key: BenchKey { package, target, group, function, value },
            pairs: wire.pairs,
            spread: wire.spread,
            centre: wire.centre,
            order_effect: plain(wire.order_effect),
            is_known: wire.known,
            supported: plain(wire.supported),
            tolerance: wire.tolerance,
            visible: plain(wire.visible),
            found: wire.found,
            layout: wire.layout.map(|range| range.map(|Number(x)| x)),
            remark: wire.remark,
        }
    }
}
