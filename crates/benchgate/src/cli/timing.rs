//! Measuring times: pairs until every series is decided, or the budget is spent.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rand_chacha::ChaCha8Rng;

use super::prepare::Target;
use super::progress::Progress;
use super::trace::Traced;
use benchgate_core::gate::{self, Direction, Reach, TimeSuite, pair_effect};
use benchgate_core::model::{Confirmation, Evidence, Failure, Metric, PairKind, Paired, Samples, SeriesKey, Stream};
use benchgate_engine::collect::{Arm, Effort, Grain, Harness, Limits, Listed, Look, Schedule};
use benchgate_engine::measure::{self, Cost, SERIES, Taken, Trial};

/// One series of times while it is measured.
pub(super) struct TimeSeries {
    pub key: SeriesKey,
    /// Index of its target.
    pub target: usize,
    pub bench: Listed,
    /// Tolerance as a logarithm.
    pub tau: f64,
    /// Its pairs in the link that was built.
    pub trial: Trial,
    /// Its share of the machine time of its processes so far, in seconds.
    seconds: f64,
    /// The same at the moment when the gate was done with it.
    pub verdict_seconds: Option<f64>,
    /// What fresh link orders gave, where it was flagged.
    pub confirmation: Option<Confirmation>,
    /// Its pairs on them.
    pub links: Option<Trial>,
    /// Pairs in which it gave nothing at all, since another bench took the process with it.
    missed: u32,
    foreign_unit: Option<String>,
    /// What one side's process takes for it, wall seconds.
    look_seconds: f64,
    /// What the configuration says of its pairs.
    pub kind: PairKind,
}

/// A target and an effort: what one pair of processes measures.
pub(super) type Group = (usize, Effort);

/// How long measuring may take, and from which seed its coins come.
pub(super) struct Measuring<'a> {
    pub targets: &'a [Target],
    pub limits: Limits<'a>,
    pub seed: u64,
    pub pair_cap: u32,
    pub deadline: Instant,
    /// Number of the next pair of the run.
    pub order: u64,
    /// Whether fresh link orders decide what is red.
    pub confirms_by_linking: bool,
    /// Whether every series gets all its pairs and is flagged, whatever they say.
    pub is_exhaustive: bool,
}

/// How measuring pairs ended.
pub(super) struct Ended {
    /// Why, if something other than the decision ended it.
    pub cut_short: Option<String>,
    /// Series that fresh link orders must judge, and where they seem to have moved.
    pub flagged: Vec<(usize, Direction)>,
    /// Where the decision stands.
    pub suite: TimeSuite,
}

/// Processes of the candidate alone where nothing can be compared; what they show is advisory.
const ADVISORY_PROCESSES: u32 = 5;
/// A bench process gets at least this long for one bench, once it is known what it takes.
const LEAST_STEP: Duration = Duration::from_secs(10);
/// And otherwise this many times what the longest bench took.
const STEP_FACTOR: f64 = 20.0;
/// Pairs without any reading after which a bench is given up.
const MOST_MISSED: u32 = 4;
/// What a series takes when nothing happened to it, for the time estimate.
const USUAL_PAIRS: f64 = 7.0;

impl TimeSeries {
    /// Nothing is measured yet; `kind` is what the configuration says of its pairs.
    pub fn new(key: SeriesKey, target: usize, bench: Listed, tolerance: f64, kind: PairKind) -> Self {
        let tau = gate::tau(tolerance);
        let grain = if kind == PairKind::Command { Grain::Process } else { Effort::LOOK.grain };
        let trial = Trial::new(SERIES, Effort { grain, ..Effort::LOOK }, kind == PairKind::OneAtATime);
        Self {
            key,
            target,
            bench,
            tau,
            trial,
            seconds: 0.0,
            verdict_seconds: None,
            confirmation: None,
            links: None,
            missed: 0,
            foreign_unit: None,
            look_seconds: 0.0,
            kind,
        }
    }

    /// Failed or was missing too often, or is no time at all.
    pub fn is_given_up(&self) -> bool {
        self.trial.is_given_up() || self.missed > MOST_MISSED || self.foreign_unit.is_some()
    }

    /// Series that share their processes.
    pub fn group(&self) -> Group {
        (self.target, self.trial.effort)
    }

    /// What was found, for the run.
    pub fn into_evidence(self, cut_short: Option<&str>, is_interrupted: bool) -> Evidence {
        if let Some(unit) = self.foreign_unit {
            return Evidence::Incomparable { reason: format!("it measures `{unit}`, not time") };
        }
        if self.trial.pairs.is_empty() {
            return match self.trial.into_failure() {
                Some(failure) => Evidence::Failed(failure),
                None if is_interrupted => Evidence::NotRun { reason: "interrupted before its first pair".into() },
                None if self.missed > 0 => {
                    Evidence::NotRun { reason: "another bench of its process failed each time".into() }
                }
                None => Evidence::NotRun { reason: "the budget was spent before its first pair".into() },
            };
        }
        let confirmation = self.confirmation.map(|confirmation| match self.links {
            Some(links) => Confirmation { pairs: links.pairs, failures: links.failures, ..confirmation },
            None => confirmation,
        });
        Evidence::Pairs(Paired {
            cut_short: cut_short.map(String::from),
            interleaving: self.trial.interleaving(),
            kind: if self.trial.is_apart() { PairKind::OneAtATime } else { self.kind },
            confirmation,
            pairs: self.trial.pairs,
            failures: self.trial.failures,
        })
    }
}

impl Measuring<'_> {
    /// Measures pairs of all series until they are decided.
    pub fn pairs(&mut self, series: &mut [TimeSeries], progress: &mut Progress) -> Ended {
        self.pilot(series);
        progress.step(&self.forecast(series));
        let taus: Vec<f64> = series.iter().map(|one| one.tau).collect();
        let start = if self.confirms_by_linking { TimeSuite::flagging } else { TimeSuite::new };
        let mut suite = start(&taus, taus.len(), self.pair_cap);
        let commands = (0..series.len()).filter(|&index| series[index].kind == PairKind::Command);
        commands.for_each(|index| suite.decide_by_pairs(index));
        let cut_short = self.until_decided(series, &mut suite, progress);
        let is_linked = |index: &usize| series[*index].kind != PairKind::Command;
        let all = || (0..series.len()).filter(is_linked).map(|index| (index, Direction::Up)).collect();
        let mut flagged = if self.is_exhaustive { all() } else { suite.flagged() };
        flagged.retain(|&(index, _)| !series[index].is_given_up());
        Ended { cut_short, flagged, suite }
    }

    fn until_decided(
        &mut self,
        series: &mut [TimeSeries],
        suite: &mut TimeSuite,
        progress: &mut Progress,
    ) -> Option<String> {
        let mut coin = Stream::Pairs.of(self.seed);
        let mut spent: BTreeMap<Group, Duration> = BTreeMap::new();
        loop {
            if self.limits.is_interrupted() {
                return Some("interrupted".into());
            }
            if Instant::now() >= self.deadline {
                return Some("the budget was spent".into());
            }
            let batch = match self.is_exhaustive {
                true => next_of_all(series, self.pair_cap)?,
                false => next_batch(suite, series, &spent, self.seed)?,
            };
            let elapsed = self.take(series, suite, &batch, &mut coin, progress);
            *spent.entry(series[batch[0]].group()).or_default() += elapsed;
            for (index, one) in series.iter_mut().enumerate() {
                if one.verdict_seconds.is_none() && suite.is_done(index) {
                    one.verdict_seconds = Some(one.seconds);
                }
            }
            let open = (0..series.len()).filter(|&i| !suite.is_done(i) && !series[i].is_given_up());
            let pairs_left: f64 = open.clone().map(|i| (USUAL_PAIRS - suite.pairs(i) as f64).max(1.0)).sum();
            let seconds = spent.values().sum::<Duration>().as_secs_f64();
            let seconds_left = pairs_left * seconds / self.order.max(1) as f64;
            progress.measuring(series.len() - open.count(), series.len(), self.order, seconds_left);
        }
    }

    /// Measures one pair of processes; says how long that took.
    pub fn take(
        &mut self,
        series: &mut [TimeSeries],
        suite: &mut TimeSuite,
        batch: &[usize],
        coin: &mut ChaCha8Rng,
        progress: &mut Progress,
    ) -> Duration {
        let started = Instant::now();
        let readings = self.measure(series, batch, coin);
        let elapsed = started.elapsed();
        for &index in batch {
            series[index].missed += 1;
            series[index].seconds += elapsed.as_secs_f64() / batch.len() as f64;
        }
        for reading in readings {
            let one = &mut series[batch[reading.index]];
            one.missed -= 1;
            progress.trace.pair(Traced {
                id: one.key.bench.id(),
                started,
                ended: started + elapsed,
                first: reading.first.name(),
                interleaving: reading.interleaving.to_string(),
                conditions: &reading.conditions,
                doubt: reading.doubt.map(|doubt| doubt.to_string()),
            });
            let index = batch[reading.index];
            if one.trial.take(reading, self.order) == Taken::Believed {
                let pair = one.trial.pairs.last().expect("just believed");
                suite.push(index, pair_effect(pair));
                self.order += 1;
            }
        }
        elapsed
    }

    /// What the budget will be able to see, now that it is known what a pair takes.
    fn forecast(&self, series: &[TimeSeries]) -> String {
        let round: f64 = series.iter().map(|one| 2.0 * one.look_seconds).sum();
        let seconds = self.deadline.saturating_duration_since(Instant::now()).as_secs_f64();
        let room = seconds / round.max(f64::MIN_POSITIVE);
        let pairs = if room < f64::from(self.pair_cap) { room as u32 } else { self.pair_cap };
        let mut taus: Vec<f64> = series.iter().map(|one| one.tau).collect();
        taus.sort_by(f64::total_cmp);
        let reach = Reach { family: series.len(), confirms_by_linking: self.confirms_by_linking };
        gate::forecast(reach, pairs, taus[taus.len() / 2])
    }

    /// Looks at each bench once: how long an iteration takes, and whether it measures time at all.
    fn pilot(&mut self, series: &mut [TimeSeries]) {
        let mut longest = 0.0_f64;
        for (target, indices) in by(series, |one| one.target) {
            let Some((schedule, arms @ [_, candidate])) = self.arms(target) else { continue };
            let effort = Effort::look(schedule.harness);
            let (_, fallback) = schedule.interleaving(arms, effort);
            let mut benches: Vec<Listed> = indices.iter().map(|&index| series[index].bench.clone()).collect();
            benches.dedup(); // all metrics of a command are of one bench
            let mut costs = Vec::new();
            for look in schedule.look(candidate, &benches, effort) {
                longest = longest.max(look.seconds);
                let sampled = look.samples.as_ref().map_or(0.0, |samples| samples.total_nanos() / 1e9);
                for &index in &indices {
                    if series[index].bench == look.bench {
                        series[index].note(look.clone(), fallback.clone());
                        costs
                            .push((index, Cost { effort: series[index].trial.effort, seconds: look.seconds, sampled }));
                    }
                }
            }
            if schedule.shares_processes() {
                let (of, costs): (Vec<usize>, Vec<Cost>) = costs.into_iter().unzip();
                let efforts = measure::efforts(&costs);
                let share = measure::round_seconds(&costs, &efforts) / costs.len().max(1) as f64;
                for (index, effort) in of.into_iter().zip(efforts) {
                    series[index].trial.effort = effort;
                    series[index].look_seconds = share;
                }
            }
        }
        let usual = Duration::from_secs_f64(STEP_FACTOR * longest).max(LEAST_STEP);
        self.limits.step = self.limits.step.min(usual);
    }

    fn measure(
        &self,
        series: &[TimeSeries],
        batch: &[usize],
        coin: &mut ChaCha8Rng,
    ) -> Vec<benchgate_engine::collect::Reading> {
        let first = &series[batch[0]];
        let Some((schedule, arms)) = self.arms(first.target) else { return Vec::new() };
        let wanted: Vec<(Listed, Listed)> =
            batch.iter().map(|&index| (series[index].bench.clone(), series[index].bench.clone())).collect();
        if schedule.harness == Harness::Command {
            let metrics: Vec<_> = batch.iter().map(|&index| series[index].key.metric).collect();
            return schedule.runs(arms, &metrics, first.trial.effort, coin);
        }
        schedule.pair(arms, &wanted, first.trial.effort, coin)
    }

    fn arms(&self, target: usize) -> Option<(Schedule<'_>, [&Arm; 2])> {
        let target = &self.targets[target];
        let (base, candidate) = (target.base.as_ref()?, target.candidate.as_ref()?);
        // The older Criterion of the two says what both are told.
        let harness = base.harness().min(candidate.harness());
        Some((Schedule { harness, limits: self.limits }, [&base.arm, &candidate.arm]))
    }
}

impl TimeSeries {
    fn note(&mut self, look: Look, fallback: Option<String>) {
        let fallback = fallback.or_else(|| look.foreign_clock.map(|clock| clock.to_string()));
        self.trial.fit(look.fitting(), fallback);
        self.look_seconds = match self.kind {
            PairKind::Interleaved | PairKind::OneAtATime => look.seconds,
            // Its metrics share the runs of a pair.
            PairKind::Command => look.seconds * f64::from(self.trial.effort.samples) / Metric::OF_COMMANDS.len() as f64,
        };
        self.foreign_unit = look.foreign_unit;
        self.trial.failures.extend(look.samples.err());
    }
}

/// Benches to measure in the next pair of processes: all that are wanted of the group that has taken the least time so
/// far, so that a slow one does not eat the budget of the others. Looks at no reading, as every schedule must.
fn next_batch(
    suite: &TimeSuite,
    series: &[TimeSeries],
    spent: &BTreeMap<Group, Duration>,
    seed: u64,
) -> Option<Vec<usize>> {
    let live = || gate::wanted(suite, seed).into_iter().filter(|&index| !series[index].is_given_up());
    let group = live().map(|index| series[index].group()).min_by_key(|group| spent.get(group).copied())?;
    Some(live().filter(|&index| series[index].group() == group).collect())
}

/// The same where every series gets as many pairs: the group that has a series with the fewest.
fn next_of_all(series: &[TimeSeries], pair_cap: u32) -> Option<Vec<usize>> {
    let is_open = |one: &TimeSeries| one.trial.pairs.len() < pair_cap as usize && !one.is_given_up();
    let open = || (0..series.len()).filter(|&index| is_open(&series[index]));
    let group = series[open().min_by_key(|&index| series[index].trial.pairs.len())?].group();
    Some(open().filter(|&index| series[index].group() == group).collect())
}

/// Times of the candidate alone.
pub(super) fn advisory(
    target: &Target,
    benches: &[Listed],
    limits: Limits<'_>,
) -> BTreeMap<usize, Result<Vec<Samples>, Failure>> {
    let mut found: BTreeMap<usize, Result<Vec<Samples>, Failure>> = BTreeMap::new();
    let Some(candidate) = &target.candidate else { return found };
    let harness = candidate.discovered.as_ref().map_or(Harness::Unknown, |discovered| discovered.harness);
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

fn by(series: &[TimeSeries], key: impl Fn(&TimeSeries) -> usize) -> BTreeMap<usize, Vec<usize>> {
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, one) in series.iter().enumerate() {
        groups.entry(key(one)).or_default().push(index);
    }
    groups
}

pub(super) use benchgate_engine::collect::INTERRUPTED;
