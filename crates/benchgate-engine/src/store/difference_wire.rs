//! The wire form of what else differs between the sides of a benchmark than the code under it.

use serde::{Deserialize, Serialize};

use super::run_wire::ThroughputWire;
use benchgate_core::model::{BenchDifference, BenchKey, HarnessChange};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DifferenceWire {
    package: String,
    target: String,
    group: String,
    function: Option<String>,
    value: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    work: Option<[ThroughputWire; 2]>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    source: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    harness: Option<HarnessWire>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HarnessWire {
    base: String,
    candidate: String,
    alone: bool,
}

impl From<(BenchKey, BenchDifference)> for DifferenceWire {
    fn from((key, difference): (BenchKey, BenchDifference)) -> Self {
        let BenchKey { package, target, group, function, value } = key;
        let BenchDifference { work, source, harness } = difference;
        let harness =
            harness.map(|HarnessChange { base, candidate, is_alone }| HarnessWire { base, candidate, alone: is_alone });
        Self { package, target, group, function, value, work: work.map(|sides| sides.map(Into::into)), source, harness }
    }
}

impl From<DifferenceWire> for (BenchKey, BenchDifference) {
    fn from(wire: DifferenceWire) -> Self {
        let DifferenceWire { package, target, group, function, value, work, source, harness } = wire;
        let harness =
            harness.map(|HarnessWire { base, candidate, alone }| HarnessChange { base, candidate, is_alone: alone });
        let work = work.map(|sides| sides.map(Into::into));
        (BenchKey { package, target, group, function, value }, BenchDifference { work, source, harness })
    }
}
