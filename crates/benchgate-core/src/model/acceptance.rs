//! Reviewed permissions to be slower or heavier, or to remove a benchmark, as a run met them.
//!
//! They are evidence: which of them is used, exceeded or over is the gate's to say, each time that a run is judged.

use std::fmt;

use jiff::civil::Date;

use super::Metric;

/// One permission: bounded, with a reason and a last day.
#[derive(Clone, Debug, PartialEq)]
pub struct Acceptance {
    /// The benchmark, by its id, or as rows call it where two targets share one.
    pub id: String,
    /// What it may do.
    pub permits: Permits,
    /// Why, as the person said who accepted it.
    pub reason: String,
    /// The last day on which it counts, in UTC.
    pub expires: Date,
    /// The only tier with which the benchmark is built; `None` where it is built in any case.
    pub tier: Option<String>,
}

/// What a benchmark may do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Permits {
    /// Cost more than the base.
    Worse {
        /// What may be worse.
        metric: Metric,
        /// How much.
        ceiling: Ceiling,
    },
    /// Be gone.
    Removal,
    /// Do another amount of work per iteration.
    OtherWork,
}

/// What a permission is about; a benchmark has one for each at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matter {
    /// More of a metric.
    Metric(Metric),
    /// That it is gone.
    Removal,
    /// That it does other work.
    Work,
}

/// How much worse a benchmark may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ceiling {
    /// Above the base by this share of it: 0.08 is 8 %.
    Share(f64),
    /// At most this value in the metric's unit; for counts alone, which no share bounds where they grow from nothing.
    Count(f64),
}

/// An acceptance with what a run knew of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Granted {
    /// The acceptance.
    pub acceptance: Acceptance,
    /// Which side had it.
    pub origin: Origin,
    /// Whether there was a benchmark of its id.
    pub presence: Presence,
}

/// Where an acceptance comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The base has it, word for word.
    Base,
    /// Only the candidate has it: added by this change.
    Change,
}

/// Whether either side has a benchmark of some id, selected for the run or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It has.
    Here,
    /// Neither has.
    Absent,
    /// Not known: its tier was not built, its target does not list its benchmarks, or this machine has too few cores for it.
    Untold,
}

impl Acceptance {
    /// Whether another one is about the same matter of the same benchmark.
    pub fn is_about_the_same(&self, other: &Self) -> bool {
        self.id == other.id && self.permits.matter() == other.permits.matter()
    }

    /// What it is about, in words: ``time of `a/b` ``, ``the removal of `a/b` ``.
    pub fn subject(&self) -> String {
        match self.permits.matter() {
            Matter::Metric(metric) => format!("{metric} of `{}`", self.id),
            Matter::Removal => format!("the removal of `{}`", self.id),
            Matter::Work => format!("the changed work of `{}`", self.id),
        }
    }
}

impl Permits {
    /// What it is about.
    pub fn matter(self) -> Matter {
        match self {
            Self::Worse { metric, .. } => Matter::Metric(metric),
            Self::Removal => Matter::Removal,
            Self::OtherWork => Matter::Work,
        }
    }
}

/// As files and flags write it: `8%`, `3`.
impl fmt::Display for Ceiling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // 7 % is 7.000000000000001 hundredths.
            Self::Share(share) => write!(f, "{}%", (share * 1e9).round() / 1e7),
            Self::Count(count) => write!(f, "{count}"),
        }
    }
}

/// A day as files and flags write it, `2026-12-31`; `None` for anything else.
pub fn day(text: &str) -> Option<Date> {
    text.parse::<Date>().ok().filter(|date| date.to_string() == text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn days_are_written_in_one_way() {
        #[track_caller]
        fn check(text: &str, expected: bool) {
            assert_eq!(day(text).is_some(), expected, "{text}");
        }
        check("2026-12-31", true);
        check("2028-02-29", true);
        check("2027-02-29", false);
        check("2026-13-01", false);
        check("2026-1-1", false);
        check("20261231", false);
        check("2026-12-31T00:00:00", false);
        check(" 2026-12-31", false);
        check("31.12.2026", false);
        check("tomorrow", false);
        check("", false);
    }

    #[test]
    fn ceilings_are_written_as_they_were_given() {
        for (ceiling, text) in [
            (Ceiling::Share(0.08), "8%"),
            (Ceiling::Share(0.07), "7%"),
            (Ceiling::Share(0.125), "12.5%"),
            (Ceiling::Share(3.0), "300%"),
            (Ceiling::Count(3.0), "3"),
        ] {
            assert_eq!(ceiling.to_string(), text);
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC*") {
            prop_assert!(day(&text).is_none_or(|date| date.to_string() == text));
        }
    }
}
