//! Where readings come from: bench processes of both sides, or, in tests, a script.

use std::time::{Duration, Instant};

use rand_chacha::ChaCha8Rng;

use super::target::Target;
use crate::collect::{Arm, Effort, Harness, Limits, Listed, Look, Reading, Schedule};
use benchgate_core::model::Metric;

/// Takes looks and pairs.
pub trait Driver {
    /// Looks at benches of a target once: how long an iteration takes, and whether it measures time at all. `None` where a side
    /// lacks the target.
    fn look(&mut self, target: usize, benches: &[Listed]) -> Option<Looked>;

    /// Measures one pair of each of these series of a target.
    fn pair(
        &mut self,
        target: usize,
        wanted: &[(Listed, Metric)],
        effort: Effort,
        coin: &mut ChaCha8Rng,
    ) -> Vec<Reading>;

    /// Whether the user has interrupted.
    fn is_interrupted(&self) -> bool;

    /// The time.
    fn now(&self) -> Instant;
}

/// What looking at a target showed.
#[derive(Clone, Debug)]
pub struct Looked {
    pub looks: Vec<Look>,
    /// Why its sides cannot be interleaved in lockstep.
    pub fallback: Option<String>,
    /// Whether one process measures several benches.
    pub shares_processes: bool,
}

/// Runs bench processes of both sides.
pub struct SideDriver<'a> {
    targets: &'a [Target],
    /// A bench that took long at first gets more time than others.
    pub limits: Limits<'a>,
    longest: f64,
    most: Duration,
}

/// A bench process gets at least this long for one bench, once it is known what it takes.
const LEAST_STEP: Duration = Duration::from_secs(10);
/// And otherwise this many times what the longest bench took.
const STEP_FACTOR: f64 = 20.0;

impl<'a> SideDriver<'a> {
    /// Nothing is known of any bench yet.
    pub fn new(targets: &'a [Target], limits: Limits<'a>) -> Self {
        Self { targets, limits, longest: 0.0, most: limits.step }
    }

    fn arms(&self, target: usize) -> Option<(Schedule<'a>, [&'a Arm; 2])> {
        let target = &self.targets[target];
        let (base, candidate) = (target.base.as_ref()?, target.candidate.as_ref()?);
        // The older Criterion of the two says what both are told.
        let harness = base.harness().min(candidate.harness());
        Some((Schedule { harness, limits: self.limits }, [&base.arm, &candidate.arm]))
    }
}

impl Driver for SideDriver<'_> {
    fn look(&mut self, target: usize, benches: &[Listed]) -> Option<Looked> {
        let (schedule, arms @ [_, candidate]) = self.arms(target)?;
        let schedule = Schedule { limits: Limits { step: self.most, ..schedule.limits }, ..schedule };
        let effort = Effort::look(schedule.harness);
        let (_, fallback) = schedule.interleaving(arms, effort);
        let looks = schedule.look(candidate, benches, effort);
        self.longest = looks.iter().map(|look| look.seconds).fold(self.longest, f64::max);
        let usual = Duration::from_secs_f64(STEP_FACTOR * self.longest).max(LEAST_STEP);
        self.limits.step = self.most.min(usual);
        Some(Looked { looks, fallback, shares_processes: schedule.shares_processes() })
    }

    fn pair(
        &mut self,
        target: usize,
        wanted: &[(Listed, Metric)],
        effort: Effort,
        coin: &mut ChaCha8Rng,
    ) -> Vec<Reading> {
        let Some((schedule, arms)) = self.arms(target) else { return Vec::new() };
        if schedule.harness == Harness::Command {
            let metrics: Vec<Metric> = wanted.iter().map(|(_, metric)| *metric).collect();
            return schedule.runs(arms, &metrics, effort, coin);
        }
        let both: Vec<(Listed, Listed)> = wanted.iter().map(|(bench, _)| (bench.clone(), bench.clone())).collect();
        schedule.pair(arms, &both, effort, coin)
    }

    fn is_interrupted(&self) -> bool {
        self.limits.is_interrupted()
    }

    fn now(&self) -> Instant {
        Instant::now()
    }
}
