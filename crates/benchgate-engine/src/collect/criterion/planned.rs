//! How fast a bench's clock must run, where the command line cannot shorten it.
//!
//! Criterion before 0.4 takes whole seconds only, and times that a bench sets in its code beat the command line. A clock that runs
//! 200 times as fast ends a second after 5 ms; readings are divided by the same factor. Both sides always get the same one.

use super::super::discovery::Harness;

/// How long Criterion meant to take for a bench, in nanoseconds on its own clock, as it announced it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::collect) struct Planned {
    /// Warm-up.
    pub warm_up: f64,
    /// Measuring: its estimate for the iterations that it chose.
    pub measure: f64,
}

/// Warm-up and measuring time of each bench, in seconds. More buys nothing: what differs between pairs is the process.
/// Below, parsing and JSON benches get noisier.
pub(super) const SECONDS: [f64; 2] = [0.001, 0.005];

/// What makes 5 ms of the shortest time that Criterion before 0.4 takes, 1 s.
const WHOLE_SECONDS: u32 = 200;

/// Factors that are used, so that benches with like settings share their processes. At the largest, 5 s take 5 ms; a clock
/// that counts nanoseconds then still steps by a microsecond of a measuring time of seconds.
const FACTORS: [u32; 6] = [1000, 500, 200, 100, 50, 20];

/// A plan that is so many times as long as asked for is the bench's own. Criterion's estimate is off by less.
const BEATEN: f64 = 4.0;

impl Harness {
    /// Whether its command line takes whole seconds only.
    pub(super) fn takes_whole_seconds(self) -> bool {
        match self {
            Self::Port([0, ..=3, _]) | Self::Files => true,
            Self::Deaf(_) | Self::Port(_) | Self::Divan | Self::Heap | Self::Unknown | Self::Command => false,
        }
    }

    /// How fast the clock of any of its benches must run at least.
    pub(in crate::collect) fn dilation(self) -> u32 {
        match self {
            Self::Deaf(_) => FACTORS[0], // it takes 8 s unless the code says otherwise
            _ if self.takes_whole_seconds() => WHOLE_SECONDS,
            Self::Port(_) | Self::Files | Self::Divan | Self::Heap | Self::Unknown | Self::Command => 1,
        }
    }
}

/// Warm-up and measuring time to ask for, in seconds on the bench's clock.
pub(super) fn seconds(harness: Harness, dilation: u32) -> [f64; 2] {
    let shown = SECONDS.map(|seconds| seconds * f64::from(dilation));
    if harness.takes_whole_seconds() { shown.map(|seconds| seconds.ceil().max(1.0)) } else { shown }
}

impl Planned {
    /// How fast the clock must run for a bench that planned so much when it was asked under a clock `dilation` times as
    /// fast. `fits_more` says whether its samples held several iterations: a bench that takes long for one cannot be
    /// shortened. Never slower than it was: what is asked for grows with the clock, so that all benches can share the fastest.
    pub fn dilation(self, harness: Harness, dilation: u32, fits_more: bool) -> u32 {
        let [warm_up, measure] = seconds(harness, dilation).map(|seconds| 1e9 * seconds);
        let own = |planned: f64, asked: f64| if planned > BEATEN * asked { planned } else { 0.0 };
        let own_measure = if fits_more { own(self.measure, measure) } else { 0.0 };
        let longest = own(self.warm_up, warm_up).max(own_measure);
        let wanted = longest / (1e9 * SECONDS[1]);
        let found = FACTORS.into_iter().find(|&factor| f64::from(factor) <= wanted);
        found.unwrap_or(1).max(dilation).max(harness.dilation())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_set_in_code_are_recognised() {
        #[track_caller]
        fn check(milliseconds: [f64; 2], fits_more: bool, expected: u32) {
            let [warm_up, measure] = milliseconds.map(|time| time * 1e6);
            let planned = Planned { warm_up, measure };
            assert_eq!(planned.dilation(Harness::Port([0, 5, 1]), 1, fits_more), expected);
        }
        check([1.0, 5.0], true, 1);
        check([1.0, 12.0], true, 1); // the estimate was off
        check([1.0, 900.0], false, 1); // ten iterations of 90 ms
        check([500.0, 3000.0], true, 500);
        check([1.0, 1000.0], true, 200);
        check([3000.0, 5000.0], true, 1000);
        check([3000.0, 5.0], true, 500); // its warm-up alone
        check([1.0, 60_000.0], true, 1000);
        check([1.0, 50.0], true, 1);
        check([0.0, 0.0], true, 1); // it did not say
    }

    #[test]
    fn whole_seconds_take_five_milliseconds() {
        let old = Harness::Port([0, 3, 6]);
        assert_eq!((old.dilation(), Harness::Files.dilation(), Harness::Port([0, 4, 0]).dilation()), (200, 200, 1));
        assert_eq!(
            (Harness::Deaf([0, 3, 6]).dilation(), Harness::Deaf([0, 8, 2]).takes_whole_seconds()),
            (1000, false)
        );
        #[track_caller]
        fn check(harness: Harness, dilation: u32, expected: [f64; 2]) {
            assert_eq!(seconds(harness, dilation), expected);
        }
        check(old, 200, [1.0, 1.0]);
        check(old, 1000, [1.0, 5.0]);
        check(old, 1, [1.0, 1.0]);
        check(Harness::Port([0, 8, 2]), 1, [0.001, 0.005]);
        check(Harness::Port([0, 8, 2]), 500, [0.5, 2.5]);
        let planned = |seconds: [f64; 2]| Planned { warm_up: seconds[0] * 1e9, measure: seconds[1] * 1e9 };
        assert_eq!(planned([1.0, 1.0]).dilation(old, 200, true), 200);
        assert_eq!(planned([1.0, 5.0]).dilation(old, 200, true), 1000);
        assert_eq!(planned([1.0, 1.0]).dilation(old, 1, true), 200);
        assert_eq!(planned([0.5, 2.6]).dilation(Harness::Port([0, 8, 2]), 500, true), 500);
    }
}
