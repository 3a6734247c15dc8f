//! A bench's samples with what each asked for, and what they say of one iteration.

use std::collections::BTreeMap;

use super::super::sections::Unmatched;
use super::line::{Fit, Point, each, mean};
use super::matching::{Requests, requests};
use crate::preload::counting::log::Entry;
use benchgate_core::model::{CountReading, HeapReading, Metric, Sample};

/// Samples of one bench, of one process or more.
#[derive(Debug)]
pub(super) struct Samples {
    all: Vec<(u64, Requests)>,
    /// Of the first process.
    count: usize,
    /// Mean real time of an iteration.
    seconds: f64,
}

/// Whether the samples say what one iteration asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Counted {
    /// They do, or are known to vary.
    Each,
    /// Too many have as many iterations as others; measured for so many seconds they will not, `None` where that takes too
    /// long.
    Open { seconds: Option<f64> },
}

/// Longest time for samples of different lengths, in seconds.
const LONGEST: f64 = 10.0;

impl Samples {
    /// Finds Criterion's samples among the readings of a clock `dilation` times as fast as real time.
    ///
    /// # Errors
    /// Why they cannot be told.
    pub fn find(log: &[Entry], timed: &[Sample], dilation: u32) -> Result<Self, &'static str> {
        const NO_WHOLE: &str =
            "its samples are no whole nanoseconds: it measures something else, or makes its times up";
        let whole =
            |value: f64| if value.fract() == 0.0 && value < u64::MAX as f64 { Some(value as u64) } else { None };
        let nanos: Option<Vec<u64>> = timed.iter().map(|sample| whole(sample.nanos)).collect();
        let iterations: Option<Vec<u64>> = timed.iter().map(|sample| whole(sample.iterations)).collect();
        let (Some(nanos), Some(iterations)) = (nanos, iterations) else { return Err(NO_WHOLE) };
        let found = requests(log, &nanos).map_err(|unmatched| match unmatched {
            Unmatched::Nowhere => {
                "no readings of the clock are as far apart as its samples took: its set-up or its other threads read the \
                 clock, or it makes its times up"
            }
            Unmatched::Several => "its samples may lie in several places among the readings of the clock",
        })?;
        let total: u64 = iterations.iter().sum();
        let shown = timed.iter().map(|sample| sample.nanos).sum::<f64>() / 1e9;
        let seconds = shown / f64::from(dilation.max(1)) / total.max(1) as f64;
        Ok(Self { count: nanos.len(), all: iterations.into_iter().zip(found).collect(), seconds })
    }

    /// More samples of the same bench.
    pub fn add(&mut self, more: Self) {
        self.all.extend(more.all);
    }

    fn points(&self, of: impl Fn(&Requests) -> u64) -> Vec<Point> {
        self.all.iter().map(|(iterations, requests)| (*iterations, of(requests))).collect()
    }

    /// Whether more samples are needed.
    pub fn counted(&self) -> Counted {
        if each(&self.points(|requests| requests.bytes)) != Fit::Open {
            return Counted::Each;
        }
        // Criterion takes 1, 2, 3 … iterations where all of them together take no longer than twice what is asked for, and
        // else the same number in every sample, as many as fit. It goes by its warm-up, which may take longer.
        let count = self.count as f64;
        let rising = count * (count + 1.0) / 2.0 * self.seconds;
        let iterations = self.all.first().map_or(1, |&(iterations, _)| iterations) as f64;
        let twice = (2.0 * iterations - 0.2) * count * self.seconds;
        Counted::Open { seconds: [rising, twice].into_iter().find(|&seconds| seconds <= LONGEST) }
    }

    /// What one iteration asks for.
    pub fn reading(&self) -> HeapReading {
        let count = |of: fn(&Requests) -> u64| match each(&self.points(of)) {
            Fit::Each(reading) => reading,
            Fit::Open => CountReading { value: mean(&self.points(of)), is_exact: false },
        };
        let counts = [
            (Metric::Allocations, count(|requests| requests.blocks)),
            (Metric::AllocatedBytes, count(|requests| requests.bytes)),
        ];
        HeapReading {
            counts: BTreeMap::from(counts),
            counters: BTreeMap::new(),
            other_threads: mean(&self.points(|requests| requests.other_blocks)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Criterion's readings for samples of so many iterations, each of which takes 100 ns and asks for two blocks of 8 bytes.
    fn found(iterations: &[u64], once: u64) -> Samples {
        let (mut log, mut timed) = (Vec::new(), Vec::new());
        let mut now = Entry::default();
        for (index, &iterations) in iterations.iter().enumerate() {
            let nanos = 100 * iterations + index as u64;
            for (gap, blocks) in [(90, 0), (20, 0), (nanos, 2 * iterations + once), (30, 0)] {
                now.nanos += gap;
                now.blocks += blocks;
                now.bytes += 8 * blocks;
                log.push(now);
            }
            timed.push(Sample { iterations: iterations as f64, nanos: nanos as f64 });
        }
        Samples::find(&log, &timed, 1).unwrap()
    }

    #[test]
    fn samples_of_one_length_say_nothing_until_there_are_others() {
        let rising: Vec<u64> = (1..=10).collect();
        assert_eq!(found(&rising, 5).counted(), Counted::Each);
        let mut level = found(&[1; 10], 5);
        let Counted::Open { seconds: Some(seconds) } = level.counted() else { panic!("{level:?}") };
        assert!((seconds - 55.0 * 104.5e-9).abs() < 1e-9, "{seconds}");
        assert!(!level.reading().counts[&Metric::Allocations].is_exact);
        level.add(found(&rising, 5));
        assert_eq!(level.counted(), Counted::Each);
        let reading = level.reading();
        assert_eq!(reading.counts[&Metric::Allocations], CountReading { value: 2.0, is_exact: true });
        assert_eq!(reading.counts[&Metric::AllocatedBytes], CountReading { value: 16.0, is_exact: true });
    }

    #[test]
    fn times_that_no_clock_gave_are_refused() {
        let timed = [Sample { iterations: 1.0, nanos: 0.5 }; 10];
        assert!(Samples::find(&[], &timed, 1).unwrap_err().contains("no whole nanoseconds"));
    }
}
