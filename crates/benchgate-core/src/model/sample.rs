//! Samples of time, and pairs of them.

use thiserror::Error;

/// One of the two sides of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// What the change is compared with.
    Base,
    /// The change.
    Candidate,
}

impl Side {
    /// Both sides, base first.
    pub const BOTH: [Self; 2] = [Self::Base, Self::Candidate];

    /// `base` or `candidate`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Candidate => "candidate",
        }
    }

    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Self::Base => Self::Candidate,
            Self::Candidate => Self::Base,
        }
    }
}

/// One timed batch of iterations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Iterations in the batch, at least 1.
    pub iterations: f64,
    /// Nanoseconds for the whole batch, above zero.
    pub nanos: f64,
}

impl Sample {
    /// Nanoseconds an iteration.
    pub fn nanos_per_iteration(self) -> f64 {
        self.nanos / self.iterations
    }
}

/// Samples of one process, in the order in which they were taken: at least one, all finite and above zero, so that
/// statistics over them cannot fail.
#[derive(Clone, Debug, PartialEq)]
pub struct Samples(Vec<Sample>);

/// Why readings are not samples.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum SamplesError {
    /// No reading at all.
    #[error("no samples")]
    Empty,
    /// A reading that no clock can give.
    #[error("sample {index} is not a duration: {nanos} ns for {iterations} iterations")]
    NotADuration {
        /// Position of the sample, from 0.
        index: usize,
        /// What was read as nanoseconds.
        nanos: f64,
        /// What was read as iterations.
        iterations: f64,
    },
}

impl Samples {
    /// Checks readings.
    ///
    /// # Errors
    /// [`SamplesError`] if there is none, or one that is NaN, infinite, zero or negative.
    pub fn new(samples: Vec<Sample>) -> Result<Self, SamplesError> {
        if samples.is_empty() {
            return Err(SamplesError::Empty);
        }
        let is_positive = |x: f64| x.is_finite() && x > 0.0;
        match samples.iter().position(|s| !is_positive(s.nanos) || !is_positive(s.iterations)) {
            Some(index) => {
                let Sample { iterations, nanos } = samples[index];
                Err(SamplesError::NotADuration { index, nanos, iterations })
            }
            None => Ok(Self(samples)),
        }
    }

    /// The samples, in the order in which they were taken.
    pub fn as_slice(&self) -> &[Sample] {
        &self.0
    }

    /// Nanoseconds an iteration of each sample, in order.
    pub fn nanos_per_iteration(&self) -> impl Iterator<Item = f64> + '_ {
        self.0.iter().map(|s| s.nanos_per_iteration())
    }

    /// Real durations of readings by a clock that ran so many times as fast.
    ///
    /// # Errors
    /// [`SamplesError`] if one gets too short to be one.
    pub fn undilated(self, factor: u32) -> Result<Self, SamplesError> {
        let factor = f64::from(factor);
        Self::new(self.0.into_iter().map(|s| Sample { nanos: s.nanos / factor, ..s }).collect())
    }

    /// Wall time of the timed part, in nanoseconds.
    pub fn total_nanos(&self) -> f64 {
        self.0.iter().map(|s| s.nanos).sum()
    }
}

/// One fresh process of each side, interleaved: the unit of replication.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// Position among all pairs of the run, over all series; the decision replays pairs in this order.
    pub order: u64,
    /// Who ran first, drawn for this pair and benchmark.
    pub first: Side,
    /// Samples of the base (for a ratio claim: of the denominator).
    pub base: Samples,
    /// Samples of the candidate (for a ratio claim: of the numerator).
    pub candidate: Samples,
    /// What the machine was doing meanwhile.
    pub conditions: Conditions,
}

/// What the machine was doing while a pair of processes ran. No verdict on a series looks at it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Conditions {
    /// Share of the machine's processor time that the host gave to others, 0 to 1.
    pub steal: f64,
    /// Share of the machine's processor time that was in use, by the pair itself or by others, 0 to 1.
    pub busy: f64,
    /// Share of the machine's processor time that other programs used. Both are counted in ticks, so that a short pair may read
    /// some tenths too much or too little, below zero too; the mean of many is right.
    pub others: f64,
    /// Clock rate of the measuring processor in MHz, as the kernel states it; 0 where it does not.
    pub megahertz: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(nanos: f64, expected: bool) {
        let samples = vec![Sample { iterations: 1.0, nanos: 1.0 }, Sample { iterations: 2.0, nanos }];
        assert_eq!(Samples::new(samples).is_ok(), expected);
    }

    #[test]
    fn only_durations_are_samples() {
        check(1.0, true);
        check(f64::MIN_POSITIVE, true);
        check(0.0, false);
        check(-1.0, false);
        check(f64::NAN, false);
        check(f64::INFINITY, false);
        assert_eq!(Samples::new(vec![]), Err(SamplesError::Empty));
    }

    #[test]
    fn readings_of_a_fast_clock_become_real_durations() {
        let sample = |nanos| Samples::new(vec![Sample { iterations: 3.0, nanos }]).unwrap();
        assert_eq!(sample(1000.0).undilated(200), Ok(sample(5.0)));
        assert_eq!(sample(1000.0).undilated(1), Ok(sample(1000.0)));
        assert!(sample(f64::MIN_POSITIVE).undilated(u32::MAX).is_ok(), "subnormal, yet above zero");
        assert!(sample(5e-324).undilated(1000).is_err());
    }
}
