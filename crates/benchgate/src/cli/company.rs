//! In which company flagged series are judged.
//!
//! A process measures the benches of a target one after the other, so what one leaves behind (a heap in pieces, a warm cache, a
//! clock that has sunk) is there for the next. Link orders are measured without those that nobody doubts, which is quicker; but
//! what takes their company would vanish, and be taken for layout:
//!
//! ```text
//! flagged ── moves without the others, in the link that was built? ──┬─ yes ──> alone on fresh link orders
//!                                                                    └─ no ───> behind the same benches as before
//! ```

use std::collections::BTreeMap;

use rand_chacha::ChaCha8Rng;

use super::confirm::Confirming;
use super::progress::Progress;
use benchgate_core::gate::{self, Direction, TimeSuite};
use benchgate_core::model::{Company, Pair, Stream};
use benchgate_engine::collect::Listed;
use benchgate_engine::measure::{Group, TimeSeries};

/// Pairs without the others, at most: as many as flag a series whose median alone is suspect. What moves takes five.
const ALONE_PAIRS: u32 = 24;

/// Pairs that may fail or be doubted beside them.
const MORE_PAIRS: u32 = 12;

/// Which series run in one process with each flagged one, itself included, by their positions.
#[derive(Debug, Default)]
pub(super) struct Companies(BTreeMap<usize, Vec<usize>>);

impl Companies {
    /// Measures what is flagged without the others that its process measured, and gives the others back to what does not move so.
    pub fn of(
        confirming: &Confirming<'_>,
        series: &mut [TimeSeries],
        flagged: &[(usize, Direction)],
        progress: &mut Progress,
    ) -> Self {
        let mut groups: BTreeMap<Group, Vec<(usize, Direction)>> = BTreeMap::new();
        for &(index, direction) in flagged {
            groups.entry(series[index].group()).or_default().push((index, direction));
        }
        let mut coin = Stream::LonePairs.of(confirming.seed);
        let mut companies = Self::default();
        for (group, suspects) in groups {
            let alone: Vec<usize> = suspects.iter().map(|&(index, _)| index).collect();
            let is_sharing = confirming.schedule(group.0).is_some_and(|schedule| schedule.shares_processes());
            // What runs after a bench does nothing to it.
            let last = alone.iter().copied().max().unwrap_or(0);
            let all = (0..=last).filter(|&index| series[index].group() == group);
            let all: Vec<usize> = all.filter(|index| alone.contains(index) || !series[*index].is_given_up()).collect();
            let mut company = alone.clone();
            if is_sharing && all.len() > alone.len() {
                progress.step(&format!("measuring {} series without the benches before them", alone.len()));
                for (index, effect) in unmoved(confirming, series, &suspects, &mut coin) {
                    let benches = all.len() as u32 - 1;
                    series[index].confirmation.get_or_insert_default().company =
                        Some(Company { benches, alone: effect });
                    company.clone_from(&all);
                }
            }
            companies.0.extend(alone.into_iter().map(|index| (index, company.clone())));
        }
        companies
    }

    /// What a process measures to measure these. It does not change while link orders are drawn, whatever is decided meanwhile.
    pub fn around(&self, wanted: &[usize]) -> Vec<usize> {
        let mut all: Vec<usize> = wanted.iter().filter_map(|index| self.0.get(index)).flatten().copied().collect();
        all.extend(wanted);
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// Those of the suspects of one group that do not move when they are measured without others, with their effects there.
fn unmoved(
    confirming: &Confirming<'_>,
    series: &[TimeSeries],
    suspects: &[(usize, Direction)],
    coin: &mut ChaCha8Rng,
) -> Vec<(usize, Option<f64>)> {
    let first = &series[suspects[0].0];
    let target = &confirming.prepared.targets[first.target];
    let (Some(schedule), Some(base), Some(candidate)) =
        (confirming.schedule(first.target), &target.base, &target.candidate)
    else {
        return Vec::new();
    };
    let benches = suspects.iter().map(|&(index, _)| series[index].bench.clone());
    let names: Vec<(Listed, Listed)> = benches.map(|bench| (bench.clone(), bench)).collect();
    let taus: Vec<f64> = suspects.iter().map(|&(index, _)| series[index].tau).collect();
    let mut suite = TimeSuite::flagging(&taus, taus.len(), ALONE_PAIRS);
    let mut effects: Vec<Vec<f64>> = vec![Vec::new(); suspects.len()];
    for _ in 0..ALONE_PAIRS + MORE_PAIRS {
        if (0..suspects.len()).all(|at| suite.is_done(at)) || confirming.limits.is_interrupted() {
            break;
        }
        for reading in schedule.pair([&base.arm, &candidate.arm], &names, first.trial.effort, coin) {
            let (Ok(base), Ok(candidate), None) = (reading.base, reading.candidate, reading.doubt) else { continue };
            let (first, conditions) = (reading.first, reading.conditions);
            let effect = gate::pair_effect(&Pair { order: 0, first, base, candidate, conditions });
            suite.push(reading.index, effect);
            effects[reading.index].push(effect);
        }
    }
    let is_still = |at: usize| suite.suspicion(at) != Some(suspects[at].1);
    (0..suspects.len()).filter(|&at| is_still(at)).map(|at| (suspects[at].0, gate::median(&effects[at]))).collect()
}
