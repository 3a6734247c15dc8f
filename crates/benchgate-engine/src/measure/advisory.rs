//! Times of one side alone, where there is nothing to compare them with: shown, and never decided.

use std::collections::BTreeMap;

use super::target::Target;
use crate::collect::{Effort, Limits, Listed, Schedule};
use benchgate_core::model::{Failure, Samples};

/// Processes of the candidate alone where nothing can be compared.
const ADVISORY_PROCESSES: u32 = 5;

/// Times of the candidate alone.
pub fn advisory(
    target: &Target,
    benches: &[Listed],
    limits: Limits<'_>,
) -> BTreeMap<usize, Result<Vec<Samples>, Failure>> {
    let mut found: BTreeMap<usize, Result<Vec<Samples>, Failure>> = BTreeMap::new();
    let Some(candidate) = &target.candidate else { return found };
    let harness = candidate.harness();
    let schedule = Schedule { harness, limits };
    let mut efforts = vec![Effort::look(harness); benches.len()];
    for process in 0..=ADVISORY_PROCESSES {
        for (effort, indices) in by_effort(&efforts) {
            let wanted: Vec<Listed> = indices.iter().map(|&index| benches[index].clone()).collect();
            for look in schedule.look(&candidate.arm, &wanted, effort) {
                let Some(index) = benches.iter().position(|bench| *bench == look.bench) else { continue };
                let fitting = look.fitting();
                match (look.samples, found.entry(index).or_insert_with(|| Ok(Vec::new()))) {
                    (Ok(_), _) if process == 0 => efforts[index] = fitting,
                    (Ok(samples), Ok(all)) => all.push(samples),
                    (Err(failure), entry) => *entry = Err(failure),
                    (Ok(_), Err(_)) => {}
                }
            }
        }
    }
    found.retain(|_, samples| samples.as_ref().map_or(true, |all| !all.is_empty()));
    found
}

fn by_effort(efforts: &[Effort]) -> BTreeMap<Effort, Vec<usize>> {
    let mut groups: BTreeMap<Effort, Vec<usize>> = BTreeMap::new();
    for (index, &effort) in efforts.iter().enumerate() {
        groups.entry(effort).or_default().push(index);
    }
    groups
}
