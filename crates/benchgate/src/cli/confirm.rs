//! Judging flagged series on fresh link orders: one more order of both sides is linked, one pair of it is measured, and what that
//! decides takes no more of them. What the pairs mean is decided in `gate`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::time::{Duration, Instant};

use anyhow::Result;
use rand_chacha::ChaCha8Rng;

use super::company::Companies;
use super::prepare::Prepared;
use super::progress::Progress;
use super::relinking::{FIRST_INDEX, Relinkable, refused, seed};
use benchgate_core::gate::{self, Direction, FlaggedCounts, Waiting};
use benchgate_core::model::{Confirmation, PairKind, Side, Stream};
use benchgate_engine::collect::{self, Arm, Limits, Listed, Schedule};
use benchgate_engine::measure::{BuiltSide, Group, TimeSeries};
use benchgate_engine::measure::{LINK_ORDERS, Taken, Trial};

/// Where the run stands when flagged series are judged.
pub(super) struct Confirming<'a> {
    pub prepared: &'a Prepared,
    pub limits: Limits<'a>,
    pub seed: u64,
    /// Number of the next pair of the run.
    pub order: u64,
    /// When the budget ends. What is built meanwhile is not counted.
    pub deadline: Instant,
    /// Whether every link order is measured, whatever those before it say.
    pub is_exhaustive: bool,
}

/// What judging left.
pub(super) struct Judged {
    /// What it took, in a sentence.
    pub note: String,
    /// When pairs of what could not be judged must end.
    pub end: Instant,
}

/// Time to link and measure in where less is left of the budget. Twice the tolerance takes eight link orders, of a fraction of a second
/// to some seconds each.
const ALLOWANCE: Duration = Duration::from_secs(120);

/// What is left of it for further pairs of what was not judged by then: some ten for each series, of 20 ms each.
const RESERVE: Duration = Duration::from_secs(20);

/// Tries for one link order: one that fails or is doubted is measured again, whichever side it favours.
const TRIES: u32 = 3;

/// Characters of a reason in a row; what a compiler says after these is seldom news.
const LONGEST_REASON: usize = 1000;

/// What programs print when a disk or a quota is full: ENOSPC and EDQUOT in the words of glibc, which linkers pass on.
const FULL: [&str; 2] = ["No space left on device", "Disk quota exceeded"];

/// Why fresh link orders will not decide what is red, as a note; `None` where they will. Asked before the first pair.
pub(super) fn refusal(prepared: &Prepared, open: &[TimeSeries]) -> Option<String> {
    let note = |why: String| format!("red times are not confirmed on fresh link orders: {why}");
    if !prepared.loaded.policy.confirms_by_linking {
        return Some(note("`[confirm] link_orders = false`".into()));
    }
    let linked = open.iter().filter(|one| one.kind != PairKind::Command);
    refused(prepared, &linked.map(|one| one.target).collect()).map(note)
}

impl Confirming<'_> {
    /// Measures the flagged series on fresh link orders until they are decided. Says before it begins what that may take.
    pub fn run(
        &mut self,
        series: &mut [TimeSeries],
        flagged: &[(usize, Direction)],
        progress: &mut Progress,
    ) -> Judged {
        let started = Instant::now();
        let counts = counts(flagged);
        for &(index, direction) in flagged {
            let flagged = counts.in_direction(direction) as u32;
            series[index].confirmation = Some(Confirmation { flagged, ..Confirmation::default() });
            series[index].links = Some(series[index].trial.anew(LINK_ORDERS));
        }
        progress.step(&self.forecast(counts, flagged.len()));
        let companies = Companies::of(self, series, flagged, progress);
        let targets: BTreeSet<usize> = flagged.iter().map(|&(index, _)| series[index].target).collect();
        let building = Instant::now();
        let sides = compile(self.prepared, &targets, progress);
        self.deadline += building.elapsed();
        let built = building.elapsed();
        let allowance = if self.is_exhaustive { 10 * ALLOWANCE } else { ALLOWANCE };
        let end = self.deadline.max(started + built + allowance);
        let mut drawn = BTreeMap::new();
        match sides {
            Ok(sides) => {
                drawn = self.measure(series, flagged, (&sides, &companies), end - RESERVE, progress);
                if !self.is_exhaustive {
                    progress.step("counting instructions");
                    self.count(series, flagged, end - RESERVE);
                }
            }
            Err(error) => flagged.iter().for_each(|&(index, _)| self.fail(&mut series[index], &error)),
        }
        let orders = match (drawn.values().min(), drawn.values().max()) {
            (Some(least), Some(most)) if least < most => format!("{least} to {most}"),
            (_, most) => most.copied().unwrap_or(0).to_string(),
        };
        let note = format!(
            "fresh link orders: {} series on {orders} of each side, {:.0} s of building, {:.0} s of linking and measuring",
            flagged.len(),
            built.as_secs_f64(),
            (started.elapsed() - built).as_secs_f64()
        );
        Judged { note, end }
    }

    /// What is about to happen, and by how much it may exceed the budget.
    fn forecast(&self, counts: FlaggedCounts, flagged: usize) -> String {
        let most = gate::link_orders(counts) * gate::MORE_LINK_ORDERS;
        let left = self.deadline.saturating_duration_since(Instant::now());
        let excess = match ALLOWANCE.saturating_sub(left).as_secs_f64().ceil() {
            _ if self.is_exhaustive => "however long that takes".to_owned(),
            excess if excess > 0.0 => format!("at most {excess:.0} s beyond the budget"),
            _ => "within the budget".to_owned(),
        };
        format!(
            "judging {flagged} series on fresh link orders, as many as it takes and at most {most}: one more build of both sides, then \
             {excess}"
        )
    }

    /// Link orders one after the other, those of the largest effects first, until all are decided. All benches of a target share them.
    /// Returns how many were drawn for each target.
    fn measure(
        &mut self,
        series: &mut [TimeSeries],
        flagged: &[(usize, Direction)],
        (sides, companies): (&[Relinkable<'_>; 2], &Companies),
        end: Instant,
        progress: &mut Progress,
    ) -> BTreeMap<usize, u32> {
        let mut coin = Stream::LinkedPairs.of(self.seed);
        let mut seeds = Stream::LinkOrders.of(self.seed);
        let round = gate::link_orders(counts(flagged));
        let mut drawn: BTreeMap<usize, u32> = BTreeMap::new();
        let mut failed: BTreeSet<usize> = BTreeSet::new();
        loop {
            let all = || flagged.iter().map(|&(index, _)| index).collect();
            let mut open: Vec<usize> = if self.is_exhaustive { all() } else { undecided(series, flagged) };
            open.retain(|&index| {
                let target = series[index].target;
                let is_spent = drawn.get(&target).is_some_and(|&drawn| drawn >= round * gate::MORE_LINK_ORDERS);
                !is_spent && !failed.contains(&target) && !series[index].links.as_ref().is_some_and(Trial::is_given_up)
            });
            let waiting = |&index: &usize| Waiting {
                drawn: drawn.get(&series[index].target).copied().unwrap_or(0),
                effect: effect(&series[index]),
            };
            let waiting: Vec<Waiting> = open.iter().map(waiting).collect();
            let Some(next) = gate::next_waiting(&waiting, round) else { return drawn };
            if let Some(why) = self.stop(end) {
                open.iter().for_each(|&index| cut_short(&mut series[index], why));
                return drawn;
            }
            let target = series[open[next]].target;
            open.retain(|&index| series[index].target == target);
            let nth = drawn.entry(target).or_default();
            *nth += 1;
            progress.measuring_orders(*nth, open.len());
            let arms = Side::BOTH.map(|side| {
                let relinkable = &sides[usize::from(side == Side::Candidate)];
                relinkable.link(target, seed(&mut seeds), FIRST_INDEX + target)
            });
            match arms {
                [Ok(base), Ok(candidate)] => {
                    self.order(series, open, [&base, &candidate], companies, (end, &mut coin));
                }
                [Err(error), _] | [_, Err(error)] => {
                    open.iter().for_each(|&index| self.fail(&mut series[index], &error));
                    failed.insert(target);
                }
            }
        }
    }

    /// One pair for each of these series of one target on one link order.
    fn order(
        &mut self,
        series: &mut [TimeSeries],
        mut open: Vec<usize>,
        arms: [&Arm; 2],
        companies: &Companies,
        (end, coin): (Instant, &mut ChaCha8Rng),
    ) {
        for _ in 0..TRIES {
            if let Some(why) = self.stop(end).filter(|_| !open.is_empty()) {
                return open.iter().for_each(|&index| cut_short(&mut series[index], why));
            }
            let mut groups: BTreeMap<Group, Vec<usize>> = BTreeMap::new();
            for &index in &open {
                groups.entry(linked_group(&series[index])).or_default().push(index);
            }
            for wanted in groups.into_values() {
                let done = self.pair(series, &wanted, &companies.around(&wanted), arms, coin);
                open.retain(|index| !done.contains(index));
            }
        }
        open.iter().for_each(|&index| cut_short(&mut series[index], "a link order gave no pair"));
    }

    fn stop(&self, end: Instant) -> Option<&'static str> {
        match () {
            () if self.limits.is_interrupted() => Some("interrupted"),
            () if Instant::now() > end => Some("the time for link orders was spent"),
            () => None,
        }
    }

    /// Notes why a series could not be linked again.
    fn fail(&self, one: &mut TimeSeries, error: &anyhow::Error) {
        match self.limits.is_interrupted() {
            true => cut_short(one, "interrupted"),
            false => cut_short(one, &on_one_line(&format!("{error:#}"))),
        }
        one.confirmation.get_or_insert_default().is_disk_full |= is_disk_full(error);
    }

    /// Measures one pair of processes of a company; returns the wanted series that have their pair.
    fn pair(
        &mut self,
        series: &mut [TimeSeries],
        wanted: &[usize],
        company: &[usize],
        arms: [&Arm; 2],
        coin: &mut ChaCha8Rng,
    ) -> Vec<usize> {
        let Some(schedule) = self.schedule(series[wanted[0]].target) else { return Vec::new() };
        let (_, effort) = linked_group(&series[wanted[0]]);
        let names: Vec<(Listed, Listed)> =
            company.iter().map(|&index| (series[index].bench.clone(), series[index].bench.clone())).collect();
        let mut done = Vec::new();
        for reading in schedule.pair(arms, &names, effort, coin) {
            let index = company[reading.index];
            if !wanted.contains(&index) {
                continue;
            }
            let links = series[index].links.as_mut().expect("it is flagged");
            if links.take(reading, self.order) == Taken::Believed {
                self.order += 1;
                done.push(index);
            }
        }
        done
    }

    /// How pairs of a target are run.
    pub fn schedule(&self, target: usize) -> Option<Schedule<'_>> {
        let target = &self.prepared.targets[target];
        // The older Criterion of the two says what both are told.
        let harness = [&target.base, &target.candidate].into_iter().flatten().map(BuiltSide::harness).min()?;
        Some(Schedule { harness, limits: self.limits })
    }

    /// Instructions of both sides, where they can be counted.
    fn count(&self, series: &mut [TimeSeries], flagged: &[(usize, Direction)], end: Instant) {
        for &(index, _) in flagged {
            if Instant::now() > end {
                return;
            }
            let one = &mut series[index];
            let target = &self.prepared.targets[one.target];
            let sides = [&target.base, &target.candidate].map(|found| {
                let side = found.as_ref()?;
                let scratch = self.prepared.scratch.path();
                collect::instructions(&side.executable, (side.harness(), &one.bench), scratch, &self.limits)
            });
            if let ([Some(base), Some(candidate)], Some(confirmation)) = (sides, &mut one.confirmation) {
                confirmation.instructions = Some([base, candidate]);
            }
        }
    }
}

/// Both sides, compiled to be linked again.
fn compile<'a>(prepared: &'a Prepared, targets: &BTreeSet<usize>, progress: &Progress) -> Result<[Relinkable<'a>; 2]> {
    let base = Relinkable::compile(prepared, Side::Base, targets, progress)?;
    Ok([base, Relinkable::compile(prepared, Side::Candidate, targets, progress)?])
}

/// Flagged series that fresh link orders should have judged and could not: fewer pairs than one round of them, and undecided.
pub(super) fn unjudged(series: &[TimeSeries], flagged: &[(usize, Direction)]) -> Vec<(usize, Direction)> {
    let orders = gate::link_orders(counts(flagged)) as usize;
    let pairs = |index: usize| series[index].links.as_ref().map_or(0, |links| links.pairs.len());
    let open = undecided(series, flagged);
    flagged.iter().filter(|(index, _)| open.contains(index) && pairs(*index) < orders).copied().collect()
}

/// Flagged series that their link orders so far do not decide.
fn undecided(series: &[TimeSeries], flagged: &[(usize, Direction)]) -> Vec<usize> {
    let effects: Vec<Vec<f64>> = flagged
        .iter()
        .map(|&(index, _)| {
            let pairs = series[index].links.iter().flat_map(|links| &links.pairs);
            pairs.map(gate::pair_effect).collect()
        })
        .collect();
    let fresh = flagged.iter().zip(&effects).map(|(&(index, direction), effects)| gate::Fresh {
        tau: series[index].tau,
        direction,
        effects,
        is_complete: series[index].confirmation.as_ref().is_some_and(|one| one.cut_short.is_none()),
    });
    let open = gate::undecided(&fresh.collect::<Vec<_>>(), counts(flagged));
    open.into_iter().map(|at| flagged[at].0).collect()
}

/// Effect in the link that was built.
fn effect(one: &TimeSeries) -> f64 {
    let effects: Vec<f64> = one.trial.pairs.iter().map(gate::pair_effect).collect();
    gate::median(&effects).unwrap_or(0.0)
}

fn counts(flagged: &[(usize, Direction)]) -> FlaggedCounts {
    FlaggedCounts::of(flagged.iter().map(|&(_, direction)| direction))
}

/// Series that share their processes on fresh link orders.
fn linked_group(one: &TimeSeries) -> Group {
    (one.target, one.links.as_ref().map_or(one.trial.effort, |links| links.effort))
}

/// What a compiler or linker said, as a part of a row's reason.
pub(super) fn on_one_line(text: &str) -> String {
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
