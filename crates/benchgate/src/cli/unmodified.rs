//! Which Criterion benches have their heap counted, though they were not written for it.

use super::prepare::{Prepared, Target};
use benchgate_core::model::Base;
use benchgate_engine::collect::{Harness, Identity, Listed};

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

impl Target {
    /// Whether it is a Criterion bench on every side that has it.
    pub fn is_criterion(&self) -> bool {
        let mut sides = [&self.base, &self.candidate].into_iter().flatten().peekable();
        let is_criterion = |harness: Harness| harness.has_port() || harness == Harness::Files;
        sides.peek().is_some() && sides.all(|found| is_criterion(found.harness()))
    }

    /// Whether its counts are held against anything: those of another executable, or stored ones.
    pub fn is_counted(&self, prepared: &Prepared, compares_identical: bool) -> bool {
        match prepared.base {
            Base::Git { .. } => compares_identical || !matches!(self.identity, Some(Identity::Identical(_))),
            Base::Stored { .. } => prepared.baselines.target(&self.package, &self.name).is_some(),
        }
    }
}
