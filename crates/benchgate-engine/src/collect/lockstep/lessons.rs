//! At which readings of the clock the timed sections of benches end: learned once for each executable, from a run of its own.
//!
//! ```text
//! readings, with marks ──┐
//!                        ├─ sections ─> readings that end one, and all others ─> marks that only the former bear
//! samples ───────────────┘
//! ```
//!
//! Nothing here asks for symbols: whatever the compiler inlined and the linker stripped, the call that ends a section is made from
//! another place than the one that begins it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};

use super::super::criterion::Listed;
use super::super::sections::each_layout;
use super::Noted;
use crate::preload::end::slot;
use crate::preload::learning::log::Entry;
use benchgate_core::model::Samples;

/// What a run of a bench taught.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lesson {
    /// Marks of the readings that end its sections.
    Ends(Vec<u64>),
    /// Its times are those of a clock that the gate does not hold.
    Foreign(Foreign),
    /// Nothing.
    Unknown,
}

/// Whose clock a bench shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Foreign {
    /// Another one of the system's, by its number.
    System(u64),
    /// One that is not read through libc, or none.
    Other,
}

/// Numbers of the system's clocks.
const CALENDAR: u64 = 0;
const MONOTONIC: u64 = 1;
const PROCESS: u64 = 2;
const THREAD: u64 = 3;
const RAW: u64 = 4;

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clock = match *self {
            Self::System(CALENDAR) => "`SystemTime`".to_owned(),
            Self::System(PROCESS | THREAD) => "processor time".to_owned(),
            Self::System(RAW) => "`CLOCK_MONOTONIC_RAW`".to_owned(),
            Self::System(number) => format!("the system's clock number {number}"),
            Self::Other => "a clock of its own, such as `rdtsc` or `quanta`".to_owned(),
        };
        write!(f, "its times are those of {clock}, not of `Instant`")
    }
}

/// What has been learned of an executable; copies of it that run in another role share this.
#[derive(Clone, Debug, Default)]
pub struct Lessons(Arc<Mutex<BTreeMap<Name, Lesson>>>);

/// Group, function and value of a bench.
pub(super) type Name = (String, Option<String>, Option<String>);

fn name(bench: &Listed) -> Name {
    (bench.group.clone(), bench.function.clone(), bench.value.clone())
}

impl Lessons {
    /// What is known of a bench, if anything was tried.
    pub fn of(&self, bench: &Listed) -> Option<Lesson> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&name(bench)).cloned()
    }

    /// Keeps a lesson.
    pub fn keep(&self, bench: &Listed, lesson: Lesson) {
        self.keep_as(name(bench), lesson);
    }

    /// The same for a bench by its name.
    pub(super) fn keep_as(&self, name: Name, lesson: Lesson) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name, lesson);
    }

    /// All that is known.
    pub(super) fn all(&self) -> BTreeMap<Name, Lesson> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether it is known where the sections of a bench end.
    pub fn know_ends(&self, bench: &Listed) -> bool {
        matches!(self.of(bench), Some(Lesson::Ends(_)))
    }

    /// The marks of all readings that end sections of these benches.
    pub fn marks<'a>(&self, benches: impl IntoIterator<Item = &'a Listed>) -> BTreeSet<u64> {
        let marks = |lesson| if let Some(Lesson::Ends(marks)) = lesson { marks } else { Vec::new() };
        benches.into_iter().flat_map(|bench| marks(self.of(bench))).collect()
    }
}

/// More marks than this a bench does not need: its sections end at one place, or at a few.
const MOST_MARKS: usize = 4;

/// Share of the ends that must bear one of them, in hundredths: where one is missed, the next ends the turn.
const LEAST_SHARE: usize = 90;

/// How far a median may be from what the harness tells of it: it takes the cost of its own loop off.
const NEAR: f64 = 0.25;

/// Below this, what it takes off is all of it.
const LEAST_NANOS: f64 = 100.0;

/// A log that reaches back so many times as long as all samples took holds their readings: what lies between them is shorter.
const ROOM: u64 = 3;

impl Lesson {
    /// What the readings of a process say whose last `count` sections took so long in the median, as far as the harness tells: each
    /// from one reading to the next, as divan's do.
    pub(in crate::collect) fn of_median(noted: &Noted, samples: &Samples, count: usize) -> Self {
        let (Noted::All(log) | Noted::Last(log), [told]) = (noted, samples.as_slice()) else { return Self::Unknown };
        let readings: Vec<&Entry> = log.iter().filter(|entry| entry.clock == MONOTONIC).collect();
        let Some(first) = readings.len().checked_sub(2 * count) else { return Self::Unknown };
        let sections: Vec<(usize, usize)> =
            (first..readings.len()).step_by(2).map(|start| (start, start + 1)).collect();
        let mut nanos: Vec<u64> =
            sections.iter().map(|&(start, end)| readings[end].nanos.saturating_sub(readings[start].nanos)).collect();
        nanos.sort_unstable();
        let Some(&middle) = nanos.get(nanos.len() / 2) else { return Self::Unknown };
        let is_told = (middle as f64 - told.nanos).abs() <= NEAR * told.nanos.max(LEAST_NANOS);
        let marks = if is_told { marks(&readings, &sections) } else { None };
        marks.map_or(Self::Unknown, Self::Ends)
    }

    /// What the readings of a process say that reported these samples.
    pub(in crate::collect) fn of(noted: &Noted, samples: &Samples) -> Self {
        let (Noted::All(log) | Noted::Last(log)) = noted else { return Self::Unknown };
        // What the system's clocks show are whole nanoseconds.
        let Some(nanos) = whole_nanos(samples) else { return Self::Foreign(Foreign::Other) };
        let clocks: BTreeSet<u64> = log.iter().map(|entry| entry.clock).collect();
        let ends = |clock: u64| {
            let readings: Vec<&Entry> = log.iter().filter(|entry| entry.clock == clock).collect();
            let times: Vec<u64> = readings.iter().map(|entry| entry.nanos).collect();
            let mut found = None;
            let seen = each_layout(&times, &nanos, |layout| {
                let sections = layout.chain().into_iter().flat_map(|place| layout.sections(place));
                let marks = marks(&readings, &sections.collect::<Vec<(usize, usize)>>());
                let is_enough = marks.is_some();
                found = Some(marks);
                if is_enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            seen.ok().and(found)
        };
        match ends(MONOTONIC) {
            Some(Some(marks)) => Self::Ends(marks),
            Some(None) => Self::Unknown,
            None => {
                let other = clocks.into_iter().filter(|&clock| clock != MONOTONIC).find(|&clock| ends(clock).is_some());
                let span =
                    log.last().zip(log.first()).map_or(0, |(last, first)| last.nanos.saturating_sub(first.nanos));
                // Where the samples may lie before the first reading that was kept, nothing follows.
                let is_cut = matches!(noted, Noted::Last(_)) && span < ROOM * nanos.iter().sum::<u64>();
                match other {
                    None if is_cut => Self::Unknown,
                    other => Self::Foreign(other.map_or(Foreign::Other, Foreign::System)),
                }
            }
        }
    }
}

fn whole_nanos(samples: &Samples) -> Option<Vec<u64>> {
    let whole = |value: f64| (value.fract() == 0.0 && value < u64::MAX as f64).then_some(value as u64);
    samples.as_slice().iter().map(|sample| whole(sample.nanos)).collect()
}

/// Marks that readings bear which end a section, and no others. The reading behind an end may bear them too: nothing is timed
/// between the two.
fn marks(readings: &[&Entry], sections: &[(usize, usize)]) -> Option<Vec<u64>> {
    let (&(first, _), &(_, last)) = (sections.first()?, sections.last()?);
    let starts: BTreeSet<usize> = sections.iter().map(|&(start, _)| start).collect();
    let ends: BTreeSet<usize> = sections.iter().map(|&(_, end)| end).collect();
    let is_free = |at: usize| ends.contains(&at) || (at > 0 && ends.contains(&(at - 1)) && !starts.contains(&at));
    let others = (first..=last).filter(|&at| !is_free(at)).flat_map(|at| readings[at].marks);
    let others: BTreeSet<u64> = others.collect();
    let (mut open, mut chosen) = (ends.clone(), Vec::new());
    while 100 * open.len() > (100 - LEAST_SHARE) * ends.len() && chosen.len() < MOST_MARKS {
        let mut borne: BTreeMap<u64, usize> = BTreeMap::new();
        for &at in &open {
            for mark in readings[at].marks.into_iter().filter(|&mark| mark != 0 && !others.contains(&mark)) {
                *borne.entry(mark).or_default() += 1;
            }
        }
        // Of marks that are borne as often, the one nearest to the reading: what lies further up may be left over from other calls.
        let (&best, _) = borne.iter().max_by_key(|&(&mark, &times)| (times, std::cmp::Reverse(slot(mark))))?;
        chosen.push(best);
        open.retain(|&at| !readings[at].marks.contains(&best));
    }
    chosen.sort_unstable();
    (100 * open.len() <= (100 - LEAST_SHARE) * ends.len()).then_some(chosen)
}

#[cfg(test)]
mod tests;
