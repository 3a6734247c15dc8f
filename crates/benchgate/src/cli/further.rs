//! Further pairs where fresh link orders could not be had: what the pairs alone show then stands, at the suite's error level.

use std::time::Instant;

use super::progress::Progress;
use super::timing::{Measuring, TimeSeries};
use benchgate_core::gate::{Direction, TimeSuite};
use benchgate_core::model::Stream;

impl Measuring<'_> {
    /// Measures flagged series on in the link that was built, until pairs show at the suite's error level what they seemed to show, or
    /// the time is over.
    pub fn further(
        &mut self,
        series: &mut [TimeSeries],
        suite: &mut TimeSuite,
        unjudged: &[(usize, Direction)],
        deadline: Instant,
        progress: &mut Progress,
    ) {
        let mut coin = Stream::FurtherPairs.of(self.seed);
        while !self.limits.is_interrupted() && Instant::now() < deadline {
            let is_open = |&&(index, direction): &&(usize, Direction)| {
                let has_room = suite.pairs(index) < self.pair_cap as usize && !series[index].is_given_up();
                has_room && !suite.is_shown(index, direction)
            };
            let open: Vec<usize> = unjudged.iter().filter(is_open).map(|&(index, _)| index).collect();
            // The fewest pairs first, so that one that gives none does not keep the others from theirs.
            let Some(&next) = open.iter().min_by_key(|&&index| suite.pairs(index)) else { return };
            let group = series[next].group();
            let batch: Vec<usize> = open.into_iter().filter(|&index| series[index].group() == group).collect();
            self.take(series, suite, &batch, &mut coin, progress);
        }
    }
}
