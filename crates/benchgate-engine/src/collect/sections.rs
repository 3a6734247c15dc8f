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
//! is found.

use std::ops::ControlFlow;

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
pub(super) type Place = (usize, usize);

/// One way in which all samples can lie.
#[derive(Debug)]
pub(super) struct Layout {
    stride: usize,
    pause: usize,
    /// For each sample the places at which it may lie, each part of a chain through all samples.
    pub samples: Vec<Vec<Place>>,
}

impl Layout {
    /// The timed sections of a sample that lies at one of its places.
    pub fn sections(&self, (start, end): Place) -> Vec<Place> {
        match self.stride {
            1 => vec![(start, end)],
            stride => (start..end).step_by(stride).map(|from| (from, from + 1)).collect(),
        }
    }

    /// One place for each sample, of those that follow upon each other.
    pub fn chain(&self) -> Vec<Place> {
        let mut chain: Vec<Place> = Vec::new();
        for places in &self.samples {
            let next = match chain.last() {
                None => places.first(),
                Some(&(_, end)) => places.iter().find(|&&(start, _)| start == end + 1 + self.pause),
            };
            chain.extend(next);
        }
        chain
    }
}

/// Shows `see` every way in which samples of so many nanoseconds can lie among readings that showed `times`, until it has seen
/// enough.
///
/// # Errors
/// There are too few samples, or too many places.
pub(super) fn each_layout(
    times: &[u64],
    nanos: &[u64],
    mut see: impl FnMut(&Layout) -> ControlFlow<()>,
) -> Result<(), Unmatched> {
    if nanos.len() < FEWEST_SAMPLES {
        return Err(Unmatched::Nowhere);
    }
    for shape in [Shape::whole(times), Shape::sections(times)] {
        let all: Vec<usize> = (0..times.len()).collect();
        let first = shape.places(&all, nanos[0])?;
        for pause in 0..=LARGEST_PAUSE {
            let samples = shape.chains(&first, nanos, pause)?;
            let layout = Layout { stride: shape.stride, pause, samples };
            if !layout.samples.is_empty() && see(&layout).is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
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
    fn whole(times: &[u64]) -> Self {
        Self { stride: 1, reached: times.to_vec() }
    }

    /// Sections from each reading to the next, every other gap.
    fn sections(times: &[u64]) -> Self {
        let mut reached = vec![0; times.len() + 1];
        for at in 2..reached.len() {
            reached[at] = reached[at - 2] + times[at - 1].saturating_sub(times[at - 2]);
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
