//! Benches of one target that want different numbers of samples are told so on one command line each, and each process runs the
//! set-up of all of them. Where that takes longer than the samples, one process measures them all.

use std::collections::{BTreeMap, BTreeSet};

use crate::collect::Effort;

/// What one look at a bench took.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// The effort that fits it.
    pub effort: Effort,
    /// Wall seconds of its look, set-up included.
    pub seconds: f64,
    /// Seconds of the samples in it.
    pub sampled: f64,
}

/// The efforts with which the benches of a target are measured, in their order: their own, or, where separate processes would spend
/// more on set-up than they save on samples, the largest of those that differ in nothing else.
pub fn efforts(costs: &[Cost]) -> Vec<Effort> {
    let alike = |effort: Effort| Effort { samples: 0, ..effort };
    let setup: f64 = costs.iter().map(|cost| (cost.seconds - cost.sampled).max(0.0)).sum();
    let mut groups: BTreeMap<Effort, BTreeMap<u32, f64>> = BTreeMap::new();
    for cost in costs {
        *groups.entry(alike(cost.effort)).or_default().entry(cost.effort.samples).or_default() += cost.sampled;
    }
    let shared = |effort: Effort| {
        let group = &groups[&alike(effort)];
        let most = group.keys().copied().max().unwrap_or(effort.samples);
        let more =
            |(&samples, sampled): (&u32, &f64)| sampled * f64::from(most - samples) / f64::from(Effort::LOOK.samples);
        let saved = setup * (group.len() - 1) as f64;
        if saved > group.iter().map(more).sum() { most } else { effort.samples }
    };
    costs.iter().map(|cost| Effort { samples: shared(cost.effort), ..cost.effort }).collect()
}

/// Wall seconds of one process for each of these efforts, one side of a pair: set-up is run by all of them.
pub fn round_seconds(costs: &[Cost], efforts: &[Effort]) -> f64 {
    let setup: f64 = costs.iter().map(|cost| (cost.seconds - cost.sampled).max(0.0)).sum();
    let processes = efforts.iter().collect::<BTreeSet<_>>().len();
    let share = |effort: &Effort| f64::from(effort.samples) / f64::from(Effort::LOOK.samples);
    let sampled = costs.iter().zip(efforts).map(|(cost, effort)| cost.sampled * share(effort));
    setup * processes as f64 + sampled.sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::Cpus;

    #[track_caller]
    fn check(costs: &[(u32, Cpus, f64, f64)], expected: &[u32]) {
        let cost = |&(samples, cpus, seconds, sampled): &(u32, Cpus, f64, f64)| Cost {
            effort: Effort { samples, cpus, ..Effort::LOOK },
            seconds,
            sampled,
        };
        let costs: Vec<Cost> = costs.iter().map(cost).collect();
        assert_eq!(efforts(&costs).iter().map(|effort| effort.samples).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn each_process_runs_all_set_up() {
        let cost = |samples, seconds, sampled| Cost { effort: Effort { samples, ..Effort::LOOK }, seconds, sampled };
        let costs = [cost(10, 11.0, 1.0), cost(50, 10.1, 0.1)];
        let apart = costs.map(|cost| cost.effort);
        assert!((round_seconds(&costs, &apart) - (2.0 * 20.0 + 1.0 + 0.5)).abs() < 1e-9);
        let together = [apart[1]; 2];
        assert!((round_seconds(&costs, &together) - (20.0 + 5.0 + 0.5)).abs() < 1e-9);
    }

    #[test]
    fn benches_share_a_process_where_set_up_is_dear() {
        let (one, all) = (Cpus::One, Cpus::All);
        check(&[], &[]);
        check(&[(10, one, 9.0, 0.1)], &[10]);
        // 20 s of set-up twice, or four times 1 s of samples more.
        check(&[(10, one, 11.0, 1.0), (50, one, 10.1, 0.1)], &[50, 50]);
        check(&[(10, one, 1.2, 1.0), (50, one, 0.2, 0.1)], &[10, 50]);
        check(&[(10, one, 5.0, 0.1), (20, one, 5.0, 0.1), (50, one, 5.0, 0.1)], &[50, 50, 50]);
        // What runs elsewhere needs a process of its own anyhow.
        check(&[(10, one, 11.0, 1.0), (50, all, 10.1, 0.1)], &[10, 50]);
    }
}
