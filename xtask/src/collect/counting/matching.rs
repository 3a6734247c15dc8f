//! Finds a bench's samples among the readings of the clock, from nothing but how long each sample took.
//!
//! Criterion reads the clock around each timed section, and its samples follow upon each other. So the reading at which the
//! first begins is the one from which the lengths of sections come out equal to what Criterion reports, sample for sample,
//! to the nanosecond:
//!
//! ```text
//! iter           ·  S═════E  ·  ·  S══════════E  ·  ·  S═══════════════E  ·        one section a sample
//! iter_batched   ·  S═E  S═E  S═E  ·  ·  S══E  S══E  S══E  ·                       several; set-up lies between
//! reads inside   ·  S══·══·══·══E  ·  ·  S══·══·══·══·══·══E  ·                    from any reading to any later one
//! ```
//!
//! Between two samples lie always as many readings, two with Criterion's own methods. Every way in which the samples can lie
//! is looked at. Where they differ in what was counted, or there is none, no count is given: a wrong one must not look
//! exact.

use crate::preload::counting::log::Entry;

/// What one sample asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Requests {
    /// Blocks, on the bench thread.
    pub blocks: u64,
    /// Bytes, on the bench thread.
    pub bytes: u64,
    /// Blocks, on other threads.
    pub other_blocks: u64,
}

/// Why samples could not be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unmatched {
    /// No part of the log takes as long as the samples did.
    Nowhere,
    /// Several do, and differ in what was counted.
    Several,
}

/// Fewer samples than Criterion ever takes could lie anywhere.
const FEWEST_SAMPLES: usize = 8;
/// Readings between two samples: two with Criterion's own methods, some more where a bench reads the clock around them.
const LARGEST_PAUSE: usize = 8;
/// Places of one sample above which there is no telling them apart: a clock that stands still makes them.
const MOST_PLACES: usize = 1 << 22;

/// Where one sample may lie: its first and its last reading.
type Place = (usize, usize);

/// What each sample asked for; `nanos` are their lengths, in order.
pub(super) fn requests(log: &[Entry], nanos: &[u64]) -> Result<Vec<Requests>, Unmatched> {
    if nanos.len() < FEWEST_SAMPLES {
        return Err(Unmatched::Nowhere);
    }
    let mut found: Option<Vec<Requests>> = None;
    for shape in [Shape::whole(log), Shape::sections(log)] {
        let all: Vec<usize> = (0..log.len()).collect();
        let first = shape.places(&all, nanos[0])?;
        for pause in 0..=LARGEST_PAUSE {
            for (sample, places) in shape.chains(&first, nanos, pause)?.into_iter().enumerate() {
                for place in places {
                    let requests = shape.requests(log, place);
                    let known = found.get_or_insert_with(Vec::new);
                    match known.get(sample) {
                        None => known.push(requests),
                        Some(known) if (known.blocks, known.bytes) == (requests.blocks, requests.bytes) => {}
                        Some(_) => return Err(Unmatched::Several),
                    }
                }
            }
        }
    }
    found.ok_or(Unmatched::Nowhere)
}

/// What a sample is made of.
struct Shape {
    /// Distance from one reading to the next that it is measured with: 1, or 2 where every other gap is a section.
    stride: usize,
    /// For each reading, the time that sections before it take. Never falls along the stride.
    reached: Vec<u64>,
}

impl Shape {
    /// One section, which may hold readings.
    fn whole(log: &[Entry]) -> Self {
        Self { stride: 1, reached: log.iter().map(|entry| entry.nanos).collect() }
    }

    /// Sections from each reading to the next, every other gap.
    fn sections(log: &[Entry]) -> Self {
        let mut reached = vec![0; log.len() + 1];
        for at in 2..reached.len() {
            reached[at] = reached[at - 2] + log[at - 1].nanos.saturating_sub(log[at - 2].nanos);
        }
        Self { stride: 2, reached }
    }

    /// Places of a sample of so many nanoseconds that begin at one of `starts`.
    fn places(&self, starts: &[usize], nanos: u64) -> Result<Vec<Place>, Unmatched> {
        let mut places = Vec::new();
        for &start in starts {
            let Some(&begun) = self.reached.get(start) else { continue };
            let Some(end) = begun.checked_add(nanos) else { continue };
            let steps = (self.reached.len() - 1 - start) / self.stride;
            let at = |step: usize| self.reached[start + step * self.stride];
            let mut step = first_step(steps, |step| at(step) >= end);
            while step <= steps && at(step) == end {
                if step > 0 {
                    // A section of the second shape ends one reading before the gap that follows it.
                    places.push((start, start + step * self.stride - (self.stride - 1)));
                }
                step += 1;
            }
            if places.len() > MOST_PLACES {
                return Err(Unmatched::Several);
            }
        }
        Ok(places)
    }

    /// Places of each sample that lie on a chain through all samples, with `pause` readings between two; nothing where
    /// there is no such chain.
    fn chains(&self, first: &[Place], nanos: &[u64], pause: usize) -> Result<Vec<Vec<Place>>, Unmatched> {
        let mut layers = vec![first.to_vec()];
        for &nanos in &nanos[1..] {
            let last = layers.last().expect("the first sample's");
            let mut starts: Vec<usize> = last.iter().map(|&(_, end)| end + 1 + pause).collect();
            starts.sort_unstable();
            starts.dedup();
            let places = self.places(&starts, nanos)?;
            if places.is_empty() {
                return Ok(Vec::new());
            }
            layers.push(places);
        }
        for sample in (1..layers.len()).rev() {
            let (before, after) = layers.split_at_mut(sample);
            let mut starts: Vec<usize> = after[0].iter().map(|&(start, _)| start).collect();
            starts.dedup();
            before[sample - 1].retain(|&(_, end)| starts.binary_search(&(end + 1 + pause)).is_ok());
        }
        Ok(layers)
    }

    fn requests(&self, log: &[Entry], (start, end): Place) -> Requests {
        let sections: Vec<Place> = match self.stride {
            1 => vec![(start, end)],
            stride => (start..end).step_by(stride).map(|from| (from, from + 1)).collect(),
        };
        let mut all = Requests::default();
        for (from, to) in sections {
            let (from, to) = (&log[from], &log[to]);
            all.blocks += to.blocks.wrapping_sub(from.blocks);
            all.bytes = all.bytes.wrapping_add(to.bytes.wrapping_sub(from.bytes));
            all.other_blocks += to.other_blocks.wrapping_sub(from.other_blocks);
        }
        all
    }
}

/// The first of 0 to `last` for which `is_reached` holds, or one more; it must hold for all after it.
fn first_step(last: usize, is_reached: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, last + 1);
    while low < high {
        let middle = low.midpoint(high);
        if is_reached(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

#[cfg(test)]
mod tests;
