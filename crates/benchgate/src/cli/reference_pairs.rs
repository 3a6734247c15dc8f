//! Measuring pairs of a benchmark and the reference program: what a stored time is made of.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use anyhow::Context;

use super::prepare::Prepared;
use super::progress::Progress;
use super::relinking::{FIRST_INDEX, Relinkable, refused};
use benchgate_core::model::{BenchKey, Side, Stream};
use benchgate_engine::collect::{Arm, Effort, Harness, Limits, Listed, Reference, Schedule};
use benchgate_engine::measure::{RECORDINGS, Trial};

/// Pairs that make one recording of a benchmark. More do not replace a recording: its own deviation stays.
pub(super) const RECORDED_PAIRS: usize = 10;

/// Rounds beyond [`RECORDED_PAIRS`] in which pairs that were not believed are measured again.
const MORE_ROUNDS: usize = 10;

/// One benchmark beside the reference.
pub(super) struct Recorded {
    pub key: BenchKey,
    /// Index of its target.
    pub target: usize,
    pub bench: Listed,
    /// In its pairs the reference is the base.
    pub trial: Trial,
    /// Why it cannot be measured at all.
    pub refusal: Option<String>,
}

impl Recorded {
    pub fn new(key: BenchKey, target: usize, bench: Listed) -> Self {
        let trial = Trial::new(RECORDINGS, Effort::LOOK, false);
        Self { key, target, bench, trial, refusal: None }
    }

    /// Why there is no time to keep or to hold against kept ones.
    pub fn missing(&self) -> Option<String> {
        match (&self.refusal, self.trial.failures.last()) {
            (Some(why), _) => Some(why.clone()),
            (None, Some(failure)) if self.trial.is_given_up() => Some(failure.message.clone()),
            (None, _) if self.trial.pairs.len() < RECORDED_PAIRS => {
                Some(format!("only {} of {RECORDED_PAIRS} pairs could be taken", self.trial.pairs.len()))
            }
            (None, _) => None,
        }
    }

    fn is_open(&self) -> bool {
        self.refusal.is_none() && !self.trial.is_given_up() && self.trial.pairs.len() < RECORDED_PAIRS
    }
}

/// How long it may take.
#[derive(Clone, Copy)]
pub(super) struct Time<'a> {
    pub limits: Limits<'a>,
    /// When measuring ends, decided or not; never where it is not there.
    pub deadline: Option<Instant>,
}

/// How a recording came about.
pub(super) struct Sitting {
    /// Link orders of each bench, one a round; 1 where it is the link that cargo made.
    pub links: u32,
    /// Why not more.
    pub note: Option<String>,
}

/// Measures the pairs of a recording, a round of all benchmarks after the other, so that those of one benchmark are spread over the
/// whole sitting. Each round runs another link order: one link moves a benchmark by several per cent for as long as it lives, and
/// no recording of that same link would show it.
///
/// # Errors
/// The reference program cannot be written.
pub(super) fn measure(
    prepared: &Prepared,
    recorded: &mut [Recorded],
    seed: u64,
    Time { limits, deadline }: Time<'_>,
    progress: &mut Progress,
) -> anyhow::Result<Sitting> {
    let reference = match Reference::prepare(prepared.scratch.path())? {
        Ok(reference) => reference,
        Err(why) => {
            recorded.iter_mut().for_each(|one| one.refusal = Some(why.clone()));
            return Ok(Sitting { links: 1, note: None });
        }
    };
    let mut partners: BTreeMap<usize, Arm> = BTreeMap::new();
    for (index, all) in by(recorded, |one| one.target) {
        let Some(found) = &prepared.targets[index].candidate else { continue };
        let harness = found.harness();
        if !matches!(harness, Harness::Port(_)) {
            let why = match harness {
                Harness::Command => "the times of commands are not stored".to_owned(),
                _ => "stored times need Criterion 0.3.3 or later".to_owned(),
            };
            all.into_iter().for_each(|at| recorded[at].refusal = Some(why.clone()));
            continue;
        }
        let context = || "cannot put the reference program beside a bench";
        partners.insert(index, reference.beside(index, &found.arm).with_context(context)?);
        let benches: Vec<Listed> = all.iter().map(|&at| recorded[at].bench.clone()).collect();
        for look in (Schedule { harness, limits }).look(&found.arm, &benches, Effort::look(harness)) {
            let Some(&at) = all.iter().find(|&&at| recorded[at].bench == look.bench) else { continue };
            let one = &mut recorded[at];
            one.trial.effort = look.fitting();
            one.refusal = look.foreign_unit.map(|unit| format!("it measures `{unit}`, not time"));
            one.trial.failures.extend(look.samples.err());
        }
    }
    let linked = link(prepared, &partners.keys().copied().collect(), seed, progress);
    let mut coin = Stream::RecordedPairs.of(seed);
    let mut order = 0;
    for round in 0..RECORDED_PAIRS + MORE_ROUNDS {
        let open = recorded.iter().filter(|one| one.is_open()).count();
        let is_over = deadline.is_some_and(|deadline| Instant::now() > deadline);
        if open == 0 || is_over || limits.is_interrupted() {
            break;
        }
        progress.step(&format!("measuring {open} benchmarks beside the reference, round {}", round + 1));
        for ((target, effort), all) in by(recorded, |one| (one.target, one.trial.effort)) {
            let wanted: Vec<usize> = all.into_iter().filter(|&at| recorded[at].is_open()).collect();
            let (Some(partner), Some(found)) = (partners.get(&target), &prepared.targets[target].candidate) else {
                continue;
            };
            let orders = linked.as_ref().ok().and_then(|linked| linked.get(&target));
            let arm = orders.and_then(|orders| orders.get(round % orders.len().max(1))).unwrap_or(&found.arm);
            let names = |(place, &at): (usize, &usize)| (Reference::bench(place), recorded[at].bench.clone());
            let names: Vec<(Listed, Listed)> = wanted.iter().enumerate().map(names).collect();
            let schedule = Schedule { harness: found.harness(), limits };
            for reading in schedule.pair([partner, arm], &names, effort, &mut coin) {
                recorded[wanted[reading.index]].trial.take(reading, order);
                order += 1;
            }
        }
    }
    Ok(match linked {
        Ok(_) => Sitting { links: RECORDED_PAIRS as u32, note: None },
        Err(why) => {
            Sitting { links: 1, note: Some(format!("all pairs are of one link, whose layout is in the times: {why}")) }
        }
    })
}

/// A link order a round for each target; why there is none, where there is none.
fn link(
    prepared: &Prepared,
    targets: &BTreeSet<usize>,
    seed: u64,
    progress: &mut Progress,
) -> Result<BTreeMap<usize, Vec<Arm>>, String> {
    if !prepared.loaded.policy.confirms_by_linking {
        return Err("`[confirm] link_orders = false`".into());
    }
    if let Some(why) = refused(prepared, targets) {
        return Err(why);
    }
    progress.step(&format!("linking {RECORDED_PAIRS} orders"));
    let mut seeds = Stream::RecordedLinkOrders.of(seed);
    let compiled = Relinkable::compile(prepared, Side::Candidate, targets, progress);
    let linked = compiled.and_then(|compiled| compiled.link_all(RECORDED_PAIRS as u32, FIRST_INDEX, &mut seeds));
    linked.map_err(|error| format!("{error:#}"))
}

fn by<K: Ord>(recorded: &[Recorded], key: impl Fn(&Recorded) -> K) -> BTreeMap<K, Vec<usize>> {
    let mut groups: BTreeMap<K, Vec<usize>> = BTreeMap::new();
    for (at, one) in recorded.iter().enumerate() {
        groups.entry(key(one)).or_default().push(at);
    }
    groups
}
