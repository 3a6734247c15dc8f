//! Why samples of a pair must not be compared, though both sides gave some. No rule here looks at which side it favours.

use std::fmt;

use super::super::lockstep::Watched;
use benchgate_core::model::Samples;

/// Why samples must not be compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Doubt {
    /// The library did not take its seat.
    NotJoined,
    /// Fewer turns were handed over than make a comparison.
    FewTurns(u32),
    /// Other threads of a side ran on while it slept; the share of that time, 0 to 1.
    Stray(f64),
    /// Criterion chose iteration counts that cannot both be right; the ratio of candidate to base.
    Iterations(f64),
    /// The sides run their benches in different orders.
    OutOfStep,
    /// It started threads though it is held on one processor: they were gone again when it was looked at.
    Threads(u32),
    /// It waits for deadlines, and its clock ran faster than theirs.
    Deadlines,
}

/// Turns that each side must have handed over within a bench: with fewer the sides were not interleaved.
const FEWEST_TURNS: u32 = 5;

/// Share of its sleep in which other threads of a side may use a processor: they take it from the other side. Idle pools of
/// rayon and tokio stay below 1 %, a spinning thread takes 35 % and more.
const MOST_STRAY: f64 = 0.02;

/// Samples that are shorter than this in the mean were not meant to be: 5 ms of measuring hold fifty of 0.1 ms.
const SHORT_SAMPLE_NANOS: f64 = 5_000.0;

/// Ratios of the two sides' iteration counts, and of their measuring times, that are plausible.
const PLAUSIBLE: std::ops::RangeInclusive<f64> = 0.67..=1.5;

impl Doubt {
    /// Whether it would be the same in the next pair, so that measuring again is no remedy. A few turns are what a busy machine
    /// leaves, whose other processes take their time from a bench of 6 ms; none at all are the bench's own doing.
    pub fn is_lasting(self) -> bool {
        match self {
            Self::NotJoined | Self::FewTurns(0) | Self::OutOfStep | Self::Threads(_) => true,
            Self::FewTurns(_) | Self::Stray(_) | Self::Iterations(_) | Self::Deadlines => false,
        }
    }

    /// Looks at what both sides noted during a bench, whose clock ran `dilation` times as fast as real time.
    pub(super) fn about_turns(watched: [Watched; 2], dilation: u32) -> Option<Self> {
        let fewest = watched.iter().map(|side| side.handed).min().unwrap_or(0);
        if fewest < FEWEST_TURNS {
            return Some(Self::FewTurns(fewest));
        }
        if dilation > 1 && watched.iter().any(|side| side.shifted > 0) {
            return Some(Self::Deadlines);
        }
        let stray = |side: &Watched| side.stray.as_secs_f64() / side.asleep.as_secs_f64().max(f64::MIN_POSITIVE);
        let most = watched.iter().map(stray).fold(0.0, f64::max);
        (most > MOST_STRAY).then_some(Self::Stray(most))
    }

    /// Looks at how many iterations Criterion chose. It aims at one measuring time on both sides, so that a side that is
    /// twice as slow gets half the iterations; implausible is a count that does not go with the time. Where samples
    /// are long all the same, the sides have merely been sampled in Criterion's two different ways, linear and flat, which
    /// an estimate near the border between them decides.
    pub(super) fn about_iterations(base: &Samples, candidate: &Samples) -> Option<Self> {
        let iterations = |samples: &Samples| samples.as_slice().iter().map(|sample| sample.iterations).sum::<f64>();
        let ratio = iterations(candidate) / iterations(base);
        let times = candidate.total_nanos() / base.total_nanos();
        let mean = |samples: &Samples| samples.total_nanos() / samples.as_slice().len() as f64;
        let is_short = mean(base).min(mean(candidate)) < SHORT_SAMPLE_NANOS;
        (!PLAUSIBLE.contains(&ratio) && !PLAUSIBLE.contains(&times) && is_short).then_some(Self::Iterations(ratio))
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJoined => f.write_str("the preloaded clock did not start in it"),
            Self::FewTurns(turns) => write!(f, "only {turns} turns were handed over in it"),
            Self::Stray(share) => {
                write!(f, "its other threads ran for {:.0} % of the time while their side slept", 100.0 * share)
            }
            Self::Iterations(ratio) => {
                write!(f, "Criterion chose {ratio:.2} times as many iterations for the candidate as for the base")
            }
            Self::Threads(threads) => write!(f, "it started {threads} threads while held on one processor"),
            Self::OutOfStep => f.write_str("the sides run their benches in different orders"),
            Self::Deadlines => f.write_str("it waits for deadlines, which a faster clock moves"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use benchgate_core::model::Sample;

    #[test]
    fn turns_are_counted_and_strays_seen() {
        #[track_caller]
        fn check(handed: [u32; 2], stray_micros: u64, expected: Option<Doubt>) {
            let side = |handed, stray| Watched {
                handed,
                asleep: Duration::from_millis(10),
                stray: Duration::from_micros(stray),
                shifted: 0,
            };
            let both = [side(handed[0], 0), side(handed[1], stray_micros)];
            assert_eq!(Doubt::about_turns(both, 1), expected);
            assert_eq!(Doubt::about_turns([both[1], both[0]], 1), expected, "blind to side");
        }
        check([20, 20], 0, None);
        check([20, 20], 200, None);
        check([20, 20], 500, Some(Doubt::Stray(0.05)));
        check([20, 4], 0, Some(Doubt::FewTurns(4)));
        check([0, 0], 0, Some(Doubt::FewTurns(0)));
    }

    #[test]
    fn deadlines_forbid_a_faster_clock_only() {
        #[track_caller]
        fn check(shifted: [u32; 2], dilation: u32, expected: Option<Doubt>) {
            let (asleep, stray) = (Duration::from_millis(10), Duration::ZERO);
            let watched = shifted.map(|shifted| Watched { handed: 20, asleep, stray, shifted });
            assert_eq!(Doubt::about_turns(watched, dilation), expected);
        }
        check([0, 0], 200, None);
        check([3, 3], 1, None);
        check([0, 3], 200, Some(Doubt::Deadlines));
        check([3, 0], 200, Some(Doubt::Deadlines));
    }

    #[test]
    fn iteration_counts_must_go_with_the_times() {
        #[track_caller]
        fn check(base: (f64, f64), candidate: (f64, f64), is_doubted: bool) {
            let samples = |(iterations, nanos)| Samples::new(vec![Sample { iterations, nanos }; 3]).unwrap();
            let (base, candidate) = (samples(base), samples(candidate));
            assert_eq!(Doubt::about_iterations(&base, &candidate).is_some(), is_doubted);
            assert_eq!(Doubt::about_iterations(&candidate, &base).is_some(), is_doubted, "blind to side");
        }
        check((100.0, 1e5), (100.0, 1.1e5), false);
        check((100.0, 1e5), (50.0, 1e5), false); // twice as slow
        check((1.0, 1e6), (1.0, 3e6), false); // three times as slow, one iteration a sample
        check((1000.0, 1e5), (1.0, 100.0), true); // its warm-up was disturbed
        check((1.0, 2e5), (6.0, 1.2e6), false); // flat here, linear there
    }
}
