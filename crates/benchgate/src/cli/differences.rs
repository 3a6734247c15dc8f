//! What else differs between the sides of the selected benchmarks than the code that they measure.

use std::collections::BTreeMap;

use super::bench::Selected;
use super::prepare::Prepared;
use benchgate_core::model::{BenchDifference, BenchKey};
use benchgate_engine::collect::{Identity, Listed, harness_change, own_source};
use benchgate_engine::measure::{BuiltSide, Target};

/// Benchmarks of two revisions that differ so. Where a target's code is identical, nothing does.
pub(super) fn differences(prepared: &Prepared, selected: &[Selected]) -> BTreeMap<BenchKey, BenchDifference> {
    let mut all = BTreeMap::new();
    for Selected { target, benches } in selected {
        let target = &prepared.targets[*target];
        let (Some(base), Some(candidate)) = (&target.base, &target.candidate) else { continue };
        if matches!(target.identity, Some(Identity::Identical(_))) {
            continue;
        }
        let of_all =
            BenchDifference { work: None, ..of_target(prepared, target, [base, candidate]).unwrap_or_default() };
        for bench in benches {
            let declared = [base, candidate].map(|found| listed(found, bench)?.throughput);
            let work = match declared {
                [Some(base), Some(candidate)] if base != candidate => Some([base, candidate]),
                _ => None,
            };
            let difference = BenchDifference { work, ..of_all.clone() };
            if !difference.is_empty() {
                all.insert(target.key(bench), difference);
            }
        }
    }
    all
}

/// Whether a benchmark that moved would be red, or improved.
pub(super) fn may_be_red(all: &BTreeMap<BenchKey, BenchDifference>, bench: &BenchKey) -> bool {
    let is_of_the_harness = |one: &BenchDifference| one.harness.as_ref().is_some_and(|harness| harness.is_alone);
    !all.get(bench).is_some_and(|one| one.work.is_some() || is_of_the_harness(one))
}

/// A benchmark as one side lists it.
fn listed<'a>(found: &'a BuiltSide, bench: &Listed) -> Option<&'a Listed> {
    found.discovered.as_ref().ok()?.benches.iter().find(|other| other.is_same(bench))
}

/// What differs for all benchmarks of a target, where both sides are trees.
fn of_target(prepared: &Prepared, target: &Target, found: [&BuiltSide; 2]) -> Option<BenchDifference> {
    let [Some(base), Some(candidate)] = &prepared.trees else { return None };
    let below = prepared.below();
    let harness = harness_change([base, candidate], below, found.map(BuiltSide::harness));
    let is_it = |bench: &&benchgate_engine::collect::BenchTarget| {
        (&bench.package, &bench.name) == (&target.package, &target.name)
    };
    let bench = prepared.workspace.benches.iter().find(is_it)?;
    let source = below.join(&bench.source);
    let own = own_source(&source, found.iter().flat_map(|found| &found.executable.inputs));
    let differing = base.manifest.differing(&candidate.manifest);
    let source = differing.iter().filter(|path| own.contains(path.as_path())).map(|path| path.display().to_string());
    Some(BenchDifference { source: source.collect(), harness, work: None })
}
