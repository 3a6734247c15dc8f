//! The wire form of bench targets that are not measured.

use serde::{Deserialize, Serialize};

use benchgate_core::model::{ForeignBench, ForeignHarness};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ForeignWire {
    package: String,
    bench: String,
    harness: HarnessWire,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum HarnessWire {
    Libtest { benches: u32 },
    Gungraun,
    IaiCallgrind,
    Iai,
    Binggan,
    Empty,
    Own,
}

impl From<ForeignBench> for ForeignWire {
    fn from(ForeignBench { package, bench, harness }: ForeignBench) -> Self {
        let harness = match harness {
            ForeignHarness::Libtest { benches } => HarnessWire::Libtest { benches },
            ForeignHarness::Gungraun => HarnessWire::Gungraun,
            ForeignHarness::IaiCallgrind => HarnessWire::IaiCallgrind,
            ForeignHarness::Iai => HarnessWire::Iai,
            ForeignHarness::Binggan => HarnessWire::Binggan,
            ForeignHarness::Empty => HarnessWire::Empty,
            ForeignHarness::Own => HarnessWire::Own,
        };
        Self { package, bench, harness }
    }
}

impl From<ForeignWire> for ForeignBench {
    fn from(ForeignWire { package, bench, harness }: ForeignWire) -> Self {
        let harness = match harness {
            HarnessWire::Libtest { benches } => ForeignHarness::Libtest { benches },
            HarnessWire::Gungraun => ForeignHarness::Gungraun,
            HarnessWire::IaiCallgrind => ForeignHarness::IaiCallgrind,
            HarnessWire::Iai => ForeignHarness::Iai,
            HarnessWire::Binggan => ForeignHarness::Binggan,
            HarnessWire::Empty => ForeignHarness::Empty,
            HarnessWire::Own => ForeignHarness::Own,
        };
        Self { package, bench, harness }
    }
}
