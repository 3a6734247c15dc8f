//! A claim: a performance statement about the candidate, as the policy states it. Whether it holds is `claims`'s business.

use std::fmt;

use crate::model::{Metric, stated_threads};

/// A performance statement about the candidate.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// Its name, unique.
    pub name: String,
    /// Which value it is about.
    pub kind: ClaimKind,
    /// Where that value must lie.
    pub bound: Bound,
    /// What must be found of it.
    pub expect: Expect,
    /// Where the value should lie some day, at least as strict as the bound; reported only. It stands for the one end of the
    /// bound that there is.
    pub target: Option<f64>,
    /// The only tier with which it is checked; any where `None`.
    pub tier: Option<String>,
    /// What the source says, in short.
    pub stated: Option<String>,
    /// Why the claim is not what the source says, in short.
    pub note: Option<String>,
    /// Where the statement comes from.
    pub source: Option<Source>,
}

/// What must be found of a claim.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Expect {
    /// It holds.
    #[default]
    Holds,
    /// It is a control, about a bench that breaks it on purpose, and must be found to be violated.
    Violated,
}

/// Which value a claim is about.
#[derive(Clone, Debug, PartialEq)]
pub enum ClaimKind {
    /// A metric of one benchmark divided by that of another.
    Ratio {
        /// Which metric of both.
        metric: Metric,
        /// Id of the numerator's benchmark.
        numerator: String,
        /// Id of the denominator's benchmark.
        denominator: String,
    },
    /// A metric of one benchmark less that of another.
    Difference {
        /// Which metric of both.
        metric: Metric,
        /// Id of the benchmark to subtract from.
        minuend: String,
        /// Id of the benchmark that is subtracted.
        subtrahend: String,
    },
    /// One count of one benchmark, exactly.
    Count {
        /// Which metric; never time.
        metric: Metric,
        /// Id of the benchmark.
        id: String,
    },
    /// One metric of one benchmark, from above.
    Ceiling {
        /// Which metric.
        metric: Metric,
        /// Id of the benchmark.
        id: String,
    },
    /// A counter of a heap bench's case.
    Counter {
        /// Id of the benchmark.
        id: String,
        /// Name of the counter.
        counter: String,
    },
    /// How a metric grows with a size: the slope of ln(metric) over ln(size), so that 1 is linear and 0 constant.
    Growth {
        /// Which metric.
        metric: Metric,
        /// Two or more benchmarks by size, smallest first.
        points: Vec<Point>,
    },
    /// Time at one number of threads divided by that at another.
    Threads {
        /// Id of the benchmark without `@tN`.
        id: String,
        /// The denominator's number of threads, then the numerator's.
        threads: [u32; 2],
    },
}

/// A benchmark of a growth.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Its id.
    pub id: String,
    /// How large what it works on is, above zero.
    pub size: f64,
}

/// What must be measured for a claim.
#[derive(Clone, Debug, PartialEq)]
pub enum Needs<'a> {
    /// Pairs of the times of two benchmarks; of one with itself where only that one is of interest.
    Pairs {
        /// What the effect of a pair is positive for if it takes longer.
        over: String,
        /// The other one.
        under: String,
    },
    /// The same count of some benchmarks.
    Counts {
        /// Which.
        metric: Metric,
        /// Their ids, in the order of the evidence.
        ids: Vec<&'a str>,
    },
    /// One counter.
    Counter {
        /// Id of the benchmark.
        id: &'a str,
        /// Name of the counter.
        counter: &'a str,
    },
}

/// Where a value must lie: both ends belong to it, and one may be missing. Equal ends stand for an exact value.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bound {
    /// Lower end.
    pub at_least: Option<f64>,
    /// Upper end.
    pub at_most: Option<f64>,
}

/// Where a claim comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// Upstream repository.
    pub repository: String,
    /// File in it.
    pub file: String,
    /// Heading in the file.
    pub heading: String,
}

impl Claim {
    /// Whether it is checked in a run with these tiers.
    pub fn is_checked_with(&self, tiers: &[String]) -> bool {
        self.tier.as_ref().is_none_or(|wanted| tiers.iter().any(|tier| tier == wanted || tier == "all"))
    }
}

impl ClaimKind {
    /// Every kind, as the policy names it.
    pub const NAMES: [&'static str; 7] = ["ratio", "difference", "count", "ceiling", "counter", "growth", "threads"];

    /// Its name in the policy.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Ratio { .. } => "ratio",
            Self::Difference { .. } => "difference",
            Self::Count { .. } => "count",
            Self::Ceiling { .. } => "ceiling",
            Self::Counter { .. } => "counter",
            Self::Growth { .. } => "growth",
            Self::Threads { .. } => "threads",
        }
    }

    /// Ids of its benchmarks, in the order in which the policy states them.
    pub fn ids(&self) -> Vec<String> {
        match self {
            Self::Ratio { numerator: a, denominator: b, .. } | Self::Difference { minuend: a, subtrahend: b, .. } => {
                vec![a.clone(), b.clone()]
            }
            Self::Count { id, .. } | Self::Ceiling { id, .. } | Self::Counter { id, .. } => vec![id.clone()],
            Self::Growth { points, .. } => points.iter().map(|point| point.id.clone()).collect(),
            Self::Threads { id, threads } => threads.map(|n| on_threads(id, n)).into(),
        }
    }

    /// First segment of its first id.
    pub fn area(&self) -> String {
        let first = self.ids().into_iter().next().unwrap_or_default();
        first.split('/').next().unwrap_or_default().to_owned()
    }

    /// Cores that its benchmarks need.
    pub fn cores(&self) -> u32 {
        self.ids().iter().map(|id| stated_threads(id)).max().unwrap_or(1)
    }

    /// What must be measured for it.
    pub fn needs(&self) -> Needs<'_> {
        let pair = |over: &str, under: &str| Needs::Pairs { over: over.to_owned(), under: under.to_owned() };
        match self {
            Self::Ratio { metric: Metric::Time, numerator: over, denominator: under }
            | Self::Difference { metric: Metric::Time, minuend: over, subtrahend: under } => pair(over, under),
            Self::Ratio { metric, numerator: a, denominator: b }
            | Self::Difference { metric, minuend: a, subtrahend: b } => {
                Needs::Counts { metric: *metric, ids: vec![a, b] }
            }
            Self::Ceiling { metric: Metric::Time, id } => pair(id, id),
            Self::Count { metric, id } | Self::Ceiling { metric, id } => {
                Needs::Counts { metric: *metric, ids: vec![id] }
            }
            Self::Counter { id, counter } => Needs::Counter { id, counter },
            Self::Growth { metric: Metric::Time, points } => match (points.first(), points.last()) {
                (Some(first), Some(last)) => pair(&last.id, &first.id),
                _ => Needs::Counts { metric: Metric::Time, ids: Vec::new() },
            },
            Self::Growth { metric, points } => {
                Needs::Counts { metric: *metric, ids: points.iter().map(|point| &*point.id).collect() }
            }
            Self::Threads { id, threads: [few, many] } => pair(&on_threads(id, *many), &on_threads(id, *few)),
        }
    }

    /// Whether it is about nanoseconds, which say more of a machine than of code: reported, and no gate.
    pub fn is_absolute(&self) -> bool {
        matches!(
            self,
            Self::Difference { metric: Metric::Time, .. }
                | Self::Count { metric: Metric::Time, .. }
                | Self::Ceiling { metric: Metric::Time, .. }
        )
    }

    /// The metric in whose unit its value is; `None` where that has none.
    pub fn unit(&self) -> Option<Metric> {
        match self {
            Self::Difference { metric, .. } | Self::Count { metric, .. } | Self::Ceiling { metric, .. } => {
                Some(*metric)
            }
            Self::Ratio { .. } | Self::Counter { .. } | Self::Growth { .. } | Self::Threads { .. } => None,
        }
    }

    /// The effect of a pair, a logarithm, that a value stands for.
    pub(super) fn effect_of(&self, value: f64) -> f64 {
        self.reach().map_or_else(|| value.ln(), |reach| value * reach)
    }

    /// The value that the effect of a pair stands for.
    pub(super) fn value_of(&self, effect: f64) -> f64 {
        self.reach().map_or_else(|| effect.exp(), |reach| effect / reach)
    }

    /// ln(largest size / smallest) of a growth.
    fn reach(&self) -> Option<f64> {
        let Self::Growth { points, .. } = self else { return None };
        Some((points.last()?.size / points.first()?.size).ln())
    }
}

/// Id of a benchmark at a number of threads.
pub(super) fn on_threads(id: &str, threads: u32) -> String {
    format!("{id}@t{threads}")
}

/// What the value is, in words.
impl fmt::Display for ClaimKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ratio { metric, numerator, denominator } => {
                write!(f, "{metric} of {numerator} / {metric} of {denominator}")
            }
            Self::Difference { metric, minuend, subtrahend } => {
                write!(f, "{metric} of {minuend} - {metric} of {subtrahend}")
            }
            Self::Count { metric, id } | Self::Ceiling { metric, id } => write!(f, "{metric} of {id}"),
            Self::Counter { id, counter } => write!(f, "counter {counter} of {id}"),
            Self::Growth { metric, points } => {
                let ids: Vec<&str> = points.iter().map(|point| &*point.id).collect();
                write!(f, "growth of {metric} over {}", ids.join(", "))
            }
            Self::Threads { id, threads: [few, many] } => {
                write!(f, "time of {} / time of {}", on_threads(id, *many), on_threads(id, *few))
            }
        }
    }
}

impl Bound {
    /// Exactly this.
    pub fn exactly(value: f64) -> Self {
        Self { at_least: Some(value), at_most: Some(value) }
    }

    /// At most this.
    pub fn at_most(value: f64) -> Self {
        Self { at_least: None, at_most: Some(value) }
    }

    /// At least this.
    pub fn at_least(value: f64) -> Self {
        Self { at_least: Some(value), at_most: None }
    }

    /// The only value that it admits, if it is one.
    pub fn exact(self) -> Option<f64> {
        self.at_most.filter(|_| self.at_least == self.at_most)
    }

    /// Whether all of `other` lies in it.
    pub fn contains(self, other: Self) -> bool {
        let lower = self.at_least.is_none_or(|end| other.at_least.is_some_and(|other| other >= end));
        lower && self.at_most.is_none_or(|end| other.at_most.is_some_and(|other| other <= end))
    }

    /// Whether some value lies in both.
    pub fn meets(self, other: Self) -> bool {
        let is_below = |low: Option<f64>, high: Option<f64>| low.zip(high).is_none_or(|(low, high)| low <= high);
        is_below(self.at_least, other.at_most) && is_below(other.at_least, self.at_most)
    }

    /// The same with other ends; a rising function keeps what lies in it in it.
    pub fn map(self, rising: impl Fn(f64) -> f64) -> Self {
        Self { at_least: self.at_least.map(&rising), at_most: self.at_most.map(&rising) }
    }

    /// How many ends it has.
    pub fn ends(self) -> usize {
        usize::from(self.at_least.is_some()) + usize::from(self.at_most.is_some())
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.at_least, self.at_most) {
            (Some(low), Some(high)) if low == high => write!(f, "= {low}"),
            (Some(low), Some(high)) => write!(f, "in {low} to {high}"),
            (Some(low), None) => write!(f, ">= {low}"),
            (None, Some(high)) => write!(f, "<= {high}"),
            (None, None) => f.write_str("anything"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_contain_and_meet_each_other() {
        #[track_caller]
        fn check(a: Bound, b: Bound, contains: bool, meets: bool) {
            assert_eq!((a.contains(b), a.meets(b), b.meets(a)), (contains, meets, meets), "{a} and {b}");
        }
        let between = |low, high| Bound { at_least: Some(low), at_most: Some(high) };
        check(Bound::at_most(2.0), Bound::at_most(1.0), true, true);
        check(Bound::at_most(1.0), Bound::at_most(2.0), false, true);
        check(Bound::at_most(1.0), Bound::at_least(1.0), false, true);
        check(Bound::at_most(1.0), Bound::at_least(2.0), false, false);
        check(Bound::at_most(1.0), Bound::exactly(1.0), true, true);
        check(between(0.9, 1.1), Bound::exactly(1.0), true, true);
        check(between(0.9, 1.1), between(1.1, 2.0), false, true);
        check(between(0.9, 1.1), Bound::exactly(0.0), false, false);
        check(Bound::exactly(0.0), Bound::exactly(1.0), false, false);
        check(Bound::default(), Bound::at_most(1.0), true, true);
    }

    #[test]
    fn bounds_read_as_they_are_written() {
        let shown = [Bound::at_most(0.4), Bound::at_least(2.0), Bound::exactly(0.0), Bound::default()];
        assert_eq!(shown.map(|bound| bound.to_string()), ["<= 0.4", ">= 2", "= 0", "anything"]);
        assert_eq!(Bound { at_least: Some(0.9), at_most: Some(1.1) }.to_string(), "in 0.9 to 1.1");
    }

    #[test]
    fn effects_and_values_stand_for_each_other() {
        #[track_caller]
        fn check(kind: &ClaimKind, value: f64, effect: f64) {
            assert!((kind.effect_of(value) - effect).abs() < 1e-12 && (kind.value_of(effect) - value).abs() < 1e-12);
        }
        let point = |id: &str, size| Point { id: id.into(), size };
        let threads = ClaimKind::Threads { id: "a/b/mt".into(), threads: [1, 8] };
        check(&threads, 0.25, 0.25_f64.ln());
        // Ten times the size, a hundred times the time: quadratic.
        let growth = ClaimKind::Growth { metric: Metric::Time, points: vec![point("s", 1e3), point("l", 1e4)] };
        check(&growth, 2.0, 100.0_f64.ln());
        assert_eq!((threads.cores(), growth.cores(), &*threads.area()), (8, 1, "a"));
        assert_eq!(threads.to_string(), "time of a/b/mt@t8 / time of a/b/mt@t1");
        assert_eq!(growth.needs(), Needs::Pairs { over: "l".into(), under: "s".into() });
    }
}
