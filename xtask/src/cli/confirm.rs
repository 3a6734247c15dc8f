//! Judging flagged series on fresh link orders: links both sides, then measures one pair for each link order. Builds end before the
//! first pair. What the pairs mean is decided in `gate`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::prepare::{Found, Prepared, Target};
use super::progress::Progress;
use super::timing::{Group, TimeSeries};
use crate::collect::{self, Arm, Executable, Limits, Listed, Relink, Schedule};
use crate::gate::{self, Direction, FlaggedCounts};
use crate::model::{Confirmation, Pair, Side};

/// Where the run stands when flagged series are judged.
pub(super) struct Confirming<'a> {
    pub prepared: &'a Prepared,
    pub limits: Limits<'a>,
    pub seed: u64,
    /// Number of the next pair of the run.
    pub order: u64,
    /// Number of the first executable of a link order; [`FIRST_INDEX`] unless others are in use.
    pub first_index: usize,
    /// Whether every link order is measured, whatever those before it say.
    pub is_exhaustive: bool,
}

/// Time for the pairs of all link orders together, whatever the series have used; a pair of a bench takes some 20 ms.
const ALLOWANCE: Duration = Duration::from_secs(120);

/// Tries for one link order: one that fails or is doubted is measured again, whichever side it favours.
const TRIES: u32 = 3;

/// Failures in all tries of three link orders, without a single pair.
const HOPELESS_FAILURES: usize = 3 * TRIES as usize;

/// Characters of a reason in a row; what a compiler says after these is seldom news.
const LONGEST_REASON: usize = 1000;

/// What programs print when a disk or a quota is full: ENOSPC and EDQUOT in the words of glibc, which linkers pass on.
const FULL: [&str; 2] = ["No space left on device", "Disk quota exceeded"];

/// A stream of the run's seed for each use. The first two are those of the pairs and of the claims, the last two those of recordings.
const LINK_STREAM: u64 = 2;
const PAIR_STREAM: u64 = 3;

/// Numbers of executables of link orders begin above those of targets, so that their files do not meet.
pub(super) const FIRST_INDEX: usize = 1000;

/// Arms of one target, base and candidate, by link order.
pub(super) type Orders = Vec<[Arm; 2]>;

/// Why fresh link orders will not decide what is red, as a note; `None` where they will. Asked before the first pair.
pub(super) fn refusal(prepared: &Prepared, open: &[TimeSeries]) -> Option<String> {
    let note = |why: String| format!("red times are not confirmed on fresh link orders: {why}");
    if !prepared.loaded.policy.confirms_by_linking {
        return Some(note("`[confirm] link_orders = false`".into()));
    }
    refused(prepared, &open.iter().map(|one| one.target).collect()).map(note)
}

/// Why targets cannot be linked in fresh orders; `None` where they can.
pub(super) fn refused(prepared: &Prepared, targets: &BTreeSet<usize>) -> Option<String> {
    let configured = &prepared.loaded.policy.build.environment;
    if let Some(name) = collect::WRAPPER_VARIABLES.into_iter().find(|name| configured.contains_key(*name)) {
        return Some(format!("{name} is in use, by `[build] env`"));
    }
    let targets = targets.iter().map(|&index| &prepared.targets[index]);
    let mut found = targets.flat_map(|target| [&target.base, &target.candidate]).flatten();
    let why = |found: &Found| collect::refusal(&found.executable).unwrap_or_else(|error| Some(format!("{error:#}")));
    found.find_map(why)
}

impl Confirming<'_> {
    /// Measures the flagged series on fresh link orders; says in a sentence what that took.
    pub fn run(
        &mut self,
        series: &mut [TimeSeries],
        flagged: &[(usize, Direction)],
        progress: &mut Progress,
    ) -> String {
        let started = Instant::now();
        let counts = counts(flagged);
        let orders = gate::link_orders(counts);
        for &(index, direction) in flagged {
            let flagged = counts.in_direction(direction) as u32;
            series[index].confirmation = Some(Confirmation { flagged, ..Confirmation::default() });
        }
        let targets: BTreeSet<usize> = flagged.iter().map(|&(index, _)| series[index].target).collect();
        let most = orders * gate::MORE_LINK_ORDERS;
        progress.step(&format!("linking {most} orders of {}", benches(targets.len())));
        let linked = self.link(&targets, most, progress);
        let linking = started.elapsed();
        match linked {
            Ok(linked) => {
                progress.step(&format!("measuring {} series on {orders} link orders", flagged.len()));
                self.measure(series, flagged, &linked, orders as usize);
                if !self.is_exhaustive {
                    progress.step("counting instructions");
                    self.count(series, flagged);
                }
            }
            Err(error) => {
                let why = match self.limits.is_interrupted() {
                    true => "interrupted".to_owned(),
                    false => on_one_line(&format!("{error:#}")),
                };
                flagged.iter().for_each(|&(index, _)| {
                    cut_short(&mut series[index], &why);
                    series[index].confirmation.get_or_insert_default().is_disk_full = is_disk_full(&error);
                });
            }
        }
        let rest = started.elapsed() - linking;
        format!(
            "fresh link orders, beyond the budget: {} series on {orders} to {most} a side, {:.0} s of building and linking, {:.0} s of measuring",
            flagged.len(),
            linking.as_secs_f64(),
            rest.as_secs_f64()
        )
    }

    /// Link orders of each target, of both sides. A side is compiled and linked to its end before the other begins, since both
    /// are compiled in one place.
    pub fn link(
        &self,
        targets: &BTreeSet<usize>,
        orders: u32,
        progress: &mut Progress,
    ) -> Result<BTreeMap<usize, Orders>> {
        let mut seeds = ChaCha8Rng::seed_from_u64(self.seed);
        seeds.set_stream(LINK_STREAM);
        let mut sides = Vec::new();
        for side in Side::BOTH {
            let linked = self.link_side(side, targets, orders, &mut seeds, progress);
            sides.push(linked.with_context(|| format!("the {} cannot be linked again", side.name()))?);
        }
        let [base, candidate] = <[BTreeMap<usize, Vec<Arm>>; 2]>::try_from(sides).expect("two sides");
        let both = base.into_iter().zip(candidate).map(|((target, base), (_, candidate))| {
            (target, base.into_iter().zip(candidate).map(<[Arm; 2]>::from).collect())
        });
        Ok(both.collect())
    }

    /// Link orders of one side of each target.
    pub fn link_side(
        &self,
        side: Side,
        targets: &BTreeSet<usize>,
        orders: u32,
        seeds: &mut ChaCha8Rng,
        progress: &mut Progress,
    ) -> Result<BTreeMap<usize, Vec<Arm>>> {
        let prepared = self.prepared;
        let [base, candidate] = &prepared.trees;
        let tree = match side {
            Side::Base => base,
            Side::Candidate => candidate,
        };
        let tree = tree.as_ref().context("it is not checked out")?;
        let workspace = prepared.checked_out(tree)?;
        let names = targets.iter().map(|&index| {
            let Target { package, name, .. } = &prepared.targets[index];
            (&**package, &**name)
        });
        let names: BTreeSet<(&str, &str)> = names.collect();
        let scratch = prepared.scratch.path();
        let built_in = targets.iter().find_map(|&index| Some(&prepared.targets[index].side(side)?.executable));
        let built_in = &built_in.context("it lacks the benches")?.target_directory;
        let builder = prepared.builder();
        let relinks = builder.relinks(tree, &workspace, built_in, &names, scratch, |line| progress.cargo(line))?;
        let mut linked = BTreeMap::new();
        for &index in targets {
            let target = &prepared.targets[index];
            let relink = relinks.find(&target.package, &target.name).context("the bench was not built")?;
            let built = &target.side(side).context("it lacks the bench")?.executable;
            let (surroundings, target_directory) = (relink.surroundings.clone(), relinks.target_directory.clone());
            let executable = Executable { surroundings, target_directory, ..built.clone() };
            let seeds: Vec<u32> = (0..orders).map(|_| rand::Rng::next_u32(seeds).max(1)).collect();
            let first = self.first_index + 100 * index;
            linked.insert(index, arms(side, &executable, relink, &seeds, (first, scratch))?);
        }
        Ok(linked)
    }

    /// One pair of processes for each link order of a target: all flagged benches of it that are told the same share it. After
    /// each `round` of link orders those that are decided leave.
    fn measure(
        &mut self,
        series: &mut [TimeSeries],
        flagged: &[(usize, Direction)],
        linked: &BTreeMap<usize, Orders>,
        round: usize,
    ) {
        let mut coin = ChaCha8Rng::seed_from_u64(self.seed);
        coin.set_stream(PAIR_STREAM);
        let deadline = Instant::now() + if self.is_exhaustive { 10 * ALLOWANCE } else { ALLOWANCE };
        let orders = linked.values().map(Vec::len).max().unwrap_or(0);
        let mut wanted: Vec<usize> = flagged.iter().map(|&(index, _)| index).collect();
        for order in 0..orders {
            if order > 0 && order.is_multiple_of(round) && !self.is_exhaustive {
                wanted = undecided(series, flagged);
            }
            let mut open = wanted.clone();
            for _ in 0..TRIES {
                let stop = match () {
                    () if open.is_empty() => break,
                    () if self.limits.is_interrupted() => Some("interrupted"),
                    () if Instant::now() > deadline => Some("the time for link orders was spent"),
                    () => None,
                };
                if let Some(why) = stop {
                    wanted.iter().for_each(|&index| cut_short(&mut series[index], why));
                    return;
                }
                let mut groups: BTreeMap<Group, Vec<usize>> = BTreeMap::new();
                for &index in &open {
                    groups.entry(series[index].group()).or_default().push(index);
                }
                for (group, batch) in groups {
                    let Some(arms) = linked[&group.0].get(order) else { continue };
                    let done = self.pair(series, &batch, arms, &mut coin);
                    open.retain(|index| !done.contains(index));
                }
            }
            for index in open {
                cut_short(&mut series[index], "a link order gave no pair");
            }
            wanted.retain(|&index| !is_hopeless(&series[index]));
        }
    }

    /// Measures one pair of processes; returns the series that have their pair.
    fn pair(
        &mut self,
        series: &mut [TimeSeries],
        batch: &[usize],
        arms: &[Arm; 2],
        coin: &mut ChaCha8Rng,
    ) -> Vec<usize> {
        let first = &series[batch[0]];
        let target = &self.prepared.targets[first.target];
        let harness = [&target.base, &target.candidate].into_iter().flatten().map(Found::harness).min();
        let Some(harness) = harness else { return Vec::new() };
        let wanted: Vec<(Listed, Listed)> =
            batch.iter().map(|&index| (series[index].bench.clone(), series[index].bench.clone())).collect();
        let schedule = Schedule { harness, limits: self.limits };
        let mut done = Vec::new();
        for reading in schedule.pair([&arms[0], &arms[1]], &wanted, first.effort, coin) {
            let index = batch[reading.index];
            let one = &mut series[index];
            match (reading.base, reading.candidate, reading.doubt) {
                (Ok(_), Ok(_), Some(doubt)) => one.doubt(doubt),
                (Ok(base), Ok(candidate), None) => {
                    let (order, first, conditions) = (self.order, reading.first, reading.conditions);
                    self.order += 1;
                    let pair = Pair { order, first, base, candidate, conditions };
                    one.confirmation.get_or_insert_default().pairs.push(pair);
                    done.push(index);
                }
                (base, candidate, _) => {
                    let failures = &mut one.confirmation.get_or_insert_default().failures;
                    failures.extend([base.err(), candidate.err()].into_iter().flatten().take(1));
                }
            }
        }
        done
    }

    /// Instructions of both sides, where they can be counted.
    fn count(&self, series: &mut [TimeSeries], flagged: &[(usize, Direction)]) {
        for &(index, _) in flagged {
            let one = &mut series[index];
            let target = &self.prepared.targets[one.target];
            let sides = [&target.base, &target.candidate].map(|found| {
                let executable = &found.as_ref()?.executable;
                collect::instructions(executable, &one.bench, self.prepared.scratch.path(), &self.limits)
            });
            if let ([Some(base), Some(candidate)], Some(confirmation)) = (sides, &mut one.confirmation) {
                confirmation.instructions = Some([base, candidate]);
            }
        }
    }
}

/// An arm for each link order; `place` is the number of the first and where they lie.
fn arms(
    side: Side,
    executable: &Executable,
    relink: &Relink,
    seeds: &[u32],
    (first, scratch): (usize, &Path),
) -> Result<Vec<Arm>> {
    let mut arms = Vec::new();
    relink.link(seeds, scratch, |order, file| {
        let executable = Executable { file: file.to_owned(), ..executable.clone() };
        arms.push(Arm::prepare(scratch, side, first + order, &executable)?);
        Ok(())
    })?;
    Ok(arms)
}

/// Flagged series that fresh link orders should have judged and could not: fewer pairs than one round of them, and undecided.
pub(super) fn unjudged(series: &[TimeSeries], flagged: &[(usize, Direction)]) -> Vec<(usize, Direction)> {
    let orders = gate::link_orders(counts(flagged)) as usize;
    let pairs = |index: usize| series[index].confirmation.as_ref().map_or(0, |one| one.pairs.len());
    let open = undecided(series, flagged);
    flagged.iter().filter(|(index, _)| open.contains(index) && pairs(*index) < orders).copied().collect()
}

/// Flagged series that their link orders so far do not decide.
fn undecided(series: &[TimeSeries], flagged: &[(usize, Direction)]) -> Vec<usize> {
    let effects: Vec<Vec<f64>> = flagged
        .iter()
        .map(|&(index, _)| {
            let pairs = series[index].confirmation.iter().flat_map(|confirmation| &confirmation.pairs);
            pairs.map(gate::pair_effect).collect()
        })
        .collect();
    let fresh = flagged.iter().zip(&effects).map(|(&(index, direction), effects)| gate::Fresh {
        tau: series[index].tau,
        direction,
        effects,
        is_complete: series[index].confirmation.as_ref().is_some_and(|one| one.cut_short.is_none()),
    });
    let confirmed = gate::confirm(&fresh.collect::<Vec<_>>(), counts(flagged));
    let open = flagged.iter().zip(confirmed).filter(|(_, confirmed)| *confirmed == gate::Confirmed::Open);
    open.map(|(&(index, _), _)| index).collect()
}

fn counts(flagged: &[(usize, Direction)]) -> FlaggedCounts {
    FlaggedCounts::of(flagged.iter().map(|&(_, direction)| direction))
}

/// A bench that runs in no other link order: nothing but failures so far, in several of them.
fn is_hopeless(one: &TimeSeries) -> bool {
    let Some(confirmation) = &one.confirmation else { return false };
    confirmation.pairs.is_empty() && confirmation.failures.len() >= HOPELESS_FAILURES
}

/// What a compiler or linker said, as a part of a row's reason.
fn on_one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST_REASON) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// Whether something failed for want of space, here or in a program that says so in the words of the C library.
fn is_disk_full(error: &anyhow::Error) -> bool {
    let is_full = |kind| matches!(kind, ErrorKind::StorageFull | ErrorKind::QuotaExceeded);
    let mut causes = error.chain().filter_map(|cause| cause.downcast_ref::<std::io::Error>());
    let said = format!("{error:#}");
    causes.any(|error| is_full(error.kind())) || FULL.iter().any(|full| said.contains(full))
}

/// The first reason counts.
fn cut_short(one: &mut TimeSeries, why: &str) {
    one.confirmation.get_or_insert_default().cut_short.get_or_insert_with(|| why.to_owned());
}

fn benches(n: usize) -> String {
    if n == 1 { "1 bench".into() } else { format!("{n} benches") }
}
