//! Pairs of all series until each is decided, or the budget is spent.
//!
//! ```text
//! look at each bench once ──> the group that took the least time: one pair of processes ──> each reading to its trial,
//!                                 ^                                                          each pair to the suite
//!                                 └── until decided, given up, interrupted, or out of time <──┘
//! ```

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rand_chacha::ChaCha8Rng;

use super::driver::Driver;
use super::event::{Event, PairEvent};
use super::series::{Group, TimeSeries};
use super::sharing::{self, Cost};
use super::trial::Taken;
use crate::collect::{Effort, Listed};
use benchgate_core::gate::{self, Direction, Reach, TimeSuite, pair_effect};
use benchgate_core::model::{Metric, PairKind, Stream};

/// Measures series; it prints and draws nothing.
pub struct Engine<D> {
    pub driver: D,
    pub seed: u64,
    pub pair_cap: u32,
    /// When the budget ends.
    pub deadline: Instant,
    /// Number of the next pair of the run.
    pub order: u64,
    /// Whether fresh link orders decide what is red.
    pub confirms_by_linking: bool,
    /// Whether every series gets all its pairs and is flagged, whatever they say.
    pub is_exhaustive: bool,
}

/// How measuring pairs ended.
pub struct Ended {
    /// Why, if something other than the decision ended it.
    pub cut_short: Option<String>,
    /// Series that fresh link orders must judge, and where they seem to have moved.
    pub flagged: Vec<(usize, Direction)>,
    /// Where the decision stands.
    pub suite: TimeSuite,
}

/// Who is told what happens.
pub type Events<'a> = &'a mut dyn FnMut(Event<'_>);

/// What a series takes when nothing happened to it, for the time estimate.
const USUAL_PAIRS: f64 = 7.0;

impl<D: Driver> Engine<D> {
    /// Measures pairs of all series until they are decided.
    pub fn pairs(&mut self, series: &mut [TimeSeries], events: Events<'_>) -> Ended {
        self.look(series);
        events(Event::Step(self.forecast(series)));
        let taus: Vec<f64> = series.iter().map(|one| one.tau).collect();
        let start = if self.confirms_by_linking { TimeSuite::flagging } else { TimeSuite::new };
        let mut suite = start(&taus, taus.len(), self.pair_cap);
        for index in (0..series.len()).filter(|&index| series[index].kind == PairKind::Command) {
            suite.decide_by_pairs(index);
        }
        let cut_short = self.until_decided(series, &mut suite, events);
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
        events: Events<'_>,
    ) -> Option<String> {
        let mut coin = Stream::Pairs.of(self.seed);
        let mut spent: BTreeMap<Group, Duration> = BTreeMap::new();
        loop {
            if self.driver.is_interrupted() {
                return Some("interrupted".into());
            }
            if self.driver.now() >= self.deadline {
                return Some("the budget was spent".into());
            }
            let batch = match self.is_exhaustive {
                true => next_of_all(series, self.pair_cap)?,
                false => next_batch(suite, series, &spent, self.seed)?,
            };
            let group = series[batch[0]].group();
            let elapsed = self.take(series, suite, &batch, &mut coin, events);
            *spent.entry(group).or_default() += elapsed;
            for (index, one) in series.iter_mut().enumerate() {
                if one.verdict_seconds.is_none() && suite.is_done(index) {
                    one.verdict_seconds = Some(one.seconds);
                }
            }
            let open = (0..series.len()).filter(|&i| !suite.is_done(i) && !series[i].is_given_up());
            let pairs_left: f64 = open.clone().map(|i| (USUAL_PAIRS - suite.pairs(i) as f64).max(1.0)).sum();
            let seconds = spent.values().sum::<Duration>().as_secs_f64();
            events(Event::Decided {
                decided: series.len() - open.count(),
                series: series.len(),
                pairs: self.order,
                seconds_left: pairs_left * seconds / self.order.max(1) as f64,
            });
        }
    }

    /// Measures one pair of processes; says how long that took.
    fn take(
        &mut self,
        series: &mut [TimeSeries],
        suite: &mut TimeSuite,
        batch: &[usize],
        coin: &mut ChaCha8Rng,
        events: Events<'_>,
    ) -> Duration {
        let (target, effort) = series[batch[0]].group();
        let wanted: Vec<(Listed, Metric)> =
            batch.iter().map(|&index| (series[index].bench.clone(), series[index].key.metric)).collect();
        let started = self.driver.now();
        let readings = self.driver.pair(target, &wanted, effort, coin);
        let ended = self.driver.now();
        let elapsed = ended - started;
        for &index in batch {
            series[index].missed += 1;
            series[index].seconds += elapsed.as_secs_f64() / batch.len() as f64;
        }
        for reading in readings {
            let index = batch[reading.index];
            let one = &mut series[index];
            one.missed -= 1;
            events(Event::Pair(PairEvent {
                bench: &one.key.bench,
                started,
                ended,
                first: reading.first,
                interleaving: reading.interleaving,
                conditions: &reading.conditions,
                doubt: reading.doubt,
            }));
            if one.trial.take(reading, self.order) == Taken::Believed {
                let pair = one.trial.pairs.last().expect("just believed");
                suite.push(index, pair_effect(pair));
                self.order += 1;
            }
        }
        elapsed
    }

    /// Measures flagged series on in the link that was built, until pairs show at the suite's error level what they seemed to show, or
    /// the time is over: fresh link orders could not be had.
    pub fn further(
        &mut self,
        series: &mut [TimeSeries],
        suite: &mut TimeSuite,
        unjudged: &[(usize, Direction)],
        deadline: Instant,
        events: Events<'_>,
    ) {
        let mut coin = Stream::FurtherPairs.of(self.seed);
        while !self.driver.is_interrupted() && self.driver.now() < deadline {
            let is_open = |&&(index, direction): &&(usize, Direction)| {
                let has_room = suite.pairs(index) < self.pair_cap as usize && !series[index].is_given_up();
                has_room && !suite.is_shown(index, direction)
            };
            let open: Vec<usize> = unjudged.iter().filter(is_open).map(|&(index, _)| index).collect();
            // The fewest pairs first, so that one that gives none does not keep the others from theirs.
            let Some(&next) = open.iter().min_by_key(|&&index| suite.pairs(index)) else { return };
            let group = series[next].group();
            let batch: Vec<usize> = open.into_iter().filter(|&index| series[index].group() == group).collect();
            self.take(series, suite, &batch, &mut coin, events);
        }
    }

    /// What the budget will be able to see, now that it is known what a pair takes.
    fn forecast(&self, series: &[TimeSeries]) -> String {
        let round: f64 = series.iter().map(|one| 2.0 * one.look_seconds).sum();
        let seconds = self.deadline.saturating_duration_since(self.driver.now()).as_secs_f64();
        let room = seconds / round.max(f64::MIN_POSITIVE);
        let pairs = if room < f64::from(self.pair_cap) { room as u32 } else { self.pair_cap };
        let mut taus: Vec<f64> = series.iter().map(|one| one.tau).collect();
        taus.sort_by(f64::total_cmp);
        let reach = Reach { family: series.len(), confirms_by_linking: self.confirms_by_linking };
        gate::forecast(reach, pairs, taus[taus.len() / 2])
    }

    /// Looks at each bench once.
    fn look(&mut self, series: &mut [TimeSeries]) {
        for (target, indices) in by_target(series) {
            let mut benches: Vec<Listed> = indices.iter().map(|&index| series[index].bench.clone()).collect();
            benches.dedup(); // all metrics of a command are of one bench
            let Some(looked) = self.driver.look(target, &benches) else { continue };
            let mut costs = Vec::new();
            for look in looked.looks {
                let sampled = look.samples.as_ref().map_or(0.0, |samples| samples.total_nanos() / 1e9);
                for &index in &indices {
                    if series[index].bench == look.bench {
                        series[index].note(look.clone(), looked.fallback.clone());
                        let effort = series[index].trial.effort;
                        costs.push((index, Cost { effort, seconds: look.seconds, sampled }));
                    }
                }
            }
            if looked.shares_processes {
                share(series, costs);
            }
        }
    }
}

/// Puts benches into one process where that is cheaper.
fn share(series: &mut [TimeSeries], costs: Vec<(usize, Cost)>) {
    let (of, costs): (Vec<usize>, Vec<Cost>) = costs.into_iter().unzip();
    let efforts: Vec<Effort> = sharing::efforts(&costs);
    let seconds = sharing::round_seconds(&costs, &efforts) / costs.len().max(1) as f64;
    for (index, effort) in of.into_iter().zip(efforts) {
        series[index].trial.effort = effort;
        series[index].look_seconds = seconds;
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

fn by_target(series: &[TimeSeries]) -> BTreeMap<usize, Vec<usize>> {
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, one) in series.iter().enumerate() {
        groups.entry(one.target).or_default().push(index);
    }
    groups
}

#[cfg(test)]
mod tests;
