//! What `calibrate` found: how well the gate does on one class of machines with the benchmarks of one workspace.
//!
//! Everything was measured with sides that are the same code, or differ by a known amount. Effects are logarithms unless a
//! field says share.

use super::{BenchKey, Machine};

/// One calibration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Calibration {
    /// When it began, RFC 3339 in UTC.
    pub recorded: String,
    /// [`Machine::class`] of where it was made; it says nothing about other classes.
    pub machine: String,
    /// Marketing name of the CPU.
    pub cpu_name: String,
    /// First line of `rustc --version`.
    pub rustc: String,
    /// Name of the workspace.
    pub workspace: String,
    /// Commit that was checked out; empty where there is no repository.
    pub commit: String,
    /// Hash over the source files.
    pub tree: String,
    /// Seed of every coin, drawn pair and resampled pair.
    pub seed: u64,
    /// Wall seconds of measuring, builds not counted.
    pub measured_seconds: f64,
    /// Pairs allowed for each series.
    pub pair_cap: u32,
    /// Time series of the suite; they share the error level.
    pub family: u32,
    /// Suite runs with sides that are the same, by how they came about.
    pub trials: Vec<Trial>,
    /// Suites put together from the recorded pairs.
    pub resamplings: Vec<Resampling>,
    /// Machine time until the gate was done with a series.
    pub verdict_seconds: Option<VerdictSeconds>,
    /// Slowdowns planted in the recorded pairs, as shares.
    pub effects: Vec<f64>,
    /// Replays for each benchmark and planted slowdown.
    pub paths: u32,
    /// Slowdowns planted in code.
    pub planted: Vec<Planted>,
    /// Every timed benchmark, in the order of their keys.
    pub benches: Vec<CalibratedBench>,
    /// What could not be measured, and why.
    pub gaps: Vec<String>,
}

/// Suite runs whose sides are the same code.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trial {
    /// How the sides came about, for instance `copies of one executable`.
    pub name: String,
    /// Suite runs that count: those that ended by themselves, and any that was red.
    pub runs: u32,
    /// Runs that the budget cut short without a red row; they count for nothing but their pairs.
    pub cut_short: u32,
    /// Runs with a red row.
    pub red_runs: u32,
    /// Verdicts on series, over the runs that count.
    pub verdicts: u32,
    /// Red ones among them.
    pub red: u32,
    /// Proven unchanged.
    pub unchanged: u32,
    /// Moved with the link order.
    pub layout: u32,
    /// Ids that were red, each once.
    pub red_ids: Vec<String>,
}

/// Suites put together by drawing recorded pairs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resampling {
    /// Whether each drawn effect got a random sign, as if another coin had fallen; else they are drawn as recorded.
    pub is_symmetrised: bool,
    /// Suites.
    pub suites: u32,
    /// Series of each suite.
    pub series: u32,
    /// Suites with a red series.
    pub red_suites: u32,
    /// Red series in all of them.
    pub red_series: u32,
}

/// Machine time until the gate was done with a series, in seconds, over all series of runs whose sides are the same.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct VerdictSeconds {
    /// Half of the series take at most so long.
    pub median: f64,
    /// What a suite pays for each.
    pub mean: f64,
    /// Series.
    pub series: u32,
}

/// A slowdown that was planted in the code of a generated bench, and measured through the whole path.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Planted {
    /// Id of the benchmark.
    pub id: String,
    /// Share of work that was added.
    pub share: f64,
    /// Runs that measured it; one that the budget cut short counts as not found.
    pub runs: u32,
    /// Runs that called it regressed.
    pub red: u32,
    /// Runs that called it unchanged.
    pub unchanged: u32,
    /// Median of the estimates of the runs.
    pub estimate: Option<f64>,
    /// Tolerance as a share.
    pub tolerance: f64,
}

/// What is known of one benchmark.
#[derive(Clone, Debug, PartialEq)]
pub struct CalibratedBench {
    /// Which.
    pub key: BenchKey,
    /// Recorded pairs of one executable against itself.
    pub pairs: u32,
    /// Robust standard deviation of their effects.
    pub spread: f64,
    /// Median of their effects; zero but for chance.
    pub centre: f64,
    /// By how much the median moves with who goes first, where there are pairs of both orders.
    pub order_effect: Option<f64>,
    /// Whether there are enough pairs to tell what it supports.
    pub is_known: bool,
    /// Smallest tolerance that it supports, as a share; `None` beyond the largest one offered, and where that is not known.
    pub supported: Option<f64>,
    /// Tolerance that `bench` will use, as a share.
    pub tolerance: f64,
    /// Smallest effect that `bench` will see in 95 of 100 cases at that tolerance; `None` where none is seen.
    pub visible: Option<f64>,
    /// How many of the replays found each of the planted slowdowns; empty where there were too few pairs to replay.
    pub found: Vec<u32>,
    /// Lowest and highest median effect over link orders, where those could be made.
    pub layout: Option<[f64; 2]>,
    /// Why it sees no more, in words.
    pub remark: String,
}

impl Trial {
    /// Adds the runs of another trial of the same kind.
    pub fn add(&mut self, other: &Self) {
        self.runs += other.runs;
        self.cut_short += other.cut_short;
        self.red_runs += other.red_runs;
        self.verdicts += other.verdicts;
        self.red += other.red;
        self.unchanged += other.unchanged;
        self.layout += other.layout;
        self.red_ids.extend(other.red_ids.iter().cloned());
        self.red_ids.sort();
        self.red_ids.dedup();
    }
}

impl Calibration {
    /// Whether it says anything about this machine.
    pub fn is_of(&self, machine: &Machine) -> bool {
        self.machine == machine.class()
    }
}
