//! The wire form of what takes no part in a run, and of what the sides' builds differ in.

use serde::{Deserialize, Serialize};

use benchgate_core::model::{Absence, BuildChange, BuildPart, LeftOut};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LeftOutWire {
    package: String,
    benches: Vec<String>,
    #[serde(with = "AbsenceWire")]
    absence: Absence,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Absence", rename_all = "kebab-case")]
enum AbsenceWire {
    Excluded,
    Unnamed,
    Tier(String),
    OtherTiers,
    Unmatched,
    Features(Vec<String>),
}

impl From<LeftOut> for LeftOutWire {
    fn from(LeftOut { package, benches, absence }: LeftOut) -> Self {
        Self { package, benches, absence }
    }
}

impl From<LeftOutWire> for LeftOut {
    fn from(LeftOutWire { package, benches, absence }: LeftOutWire) -> Self {
        Self { package, benches, absence }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BuildChangeWire {
    #[serde(with = "BuildPartWire")]
    part: BuildPart,
    base: Option<String>,
    candidate: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "BuildPart", rename_all = "kebab-case")]
enum BuildPartWire {
    Toolchain,
    Harness(String),
    Package(String),
}

impl From<BuildChange> for BuildChangeWire {
    fn from(BuildChange { part, base, candidate }: BuildChange) -> Self {
        Self { part, base, candidate }
    }
}

impl From<BuildChangeWire> for BuildChange {
    fn from(BuildChangeWire { part, base, candidate }: BuildChangeWire) -> Self {
        Self { part, base, candidate }
    }
}
