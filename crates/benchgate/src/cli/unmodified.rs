//! Which Criterion benches have their heap counted, though they were not written for it.

use super::prepare::Prepared;
use benchgate_core::model::Base;
use benchgate_engine::collect::{Harness, Identity, Listed};
use benchgate_engine::measure::Target;

/// Those of `benches` whose heap no heap bench of the same package counts under the same id: a series has one source.
pub(super) fn uncovered(targets: &[Target], target: &Target, benches: &[Listed]) -> Vec<Listed> {
    let of_package = || targets.iter().filter(|other| other.package == target.package);
    let heap = || {
        let found = of_package().flat_map(|other| [&other.base, &other.candidate]).flatten();
        found.filter_map(|found| found.discovered.as_ref().ok()).filter(|found| found.harness == Harness::Heap)
    };
    let is_covered = |bench: &Listed| heap().any(|found| found.benches.iter().any(|other| other.is_same(bench)));
    benches.iter().filter(|bench| !is_covered(bench)).cloned().collect()
}

/// Whether the counts of a target are held against anything: those of another executable, or stored ones.
pub(super) fn is_counted(prepared: &Prepared, target: &Target, compares_identical: bool) -> bool {
    match prepared.base {
        Base::Git { .. } => compares_identical || !matches!(target.identity, Some(Identity::Identical(_))),
        Base::Stored { .. } => prepared.baselines.target(&target.package, &target.name).is_some(),
    }
}
