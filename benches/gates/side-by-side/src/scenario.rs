//! What is compared with what: the same code, a neutral edit, a planted slowdown.

use std::fmt;
use std::str::FromStr;

use anyhow::{Error, bail};

/// A change to the subjects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// None: one executable against itself.
    Same,
    /// Functions that no subject calls; the number chooses which ones, and so another layout.
    Neutral(u32),
    /// So many per cent more work.
    Plant(u32),
}

/// A comparison that every tool is asked to make.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scenario {
    kind: Kind,
    /// What this gate is told to tolerate, in per cent; the other tools have thresholds of their own.
    pub tolerance_percent: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Same,
    Neutral,
    Plant(u32),
}

/// Different neutral edits; each gives another layout.
const NEUTRAL_EDITS: u32 = 8;
/// Default tolerance of this gate, in per cent.
const USUAL_TOLERANCE: f64 = 2.0;

impl Scenario {
    /// The change of a repetition, counted from 0: the neutral edits take turns.
    pub fn change(self, repetition: u32) -> Change {
        match self.kind {
            Kind::Same => Change::Same,
            Kind::Neutral => Change::Neutral(repetition % NEUTRAL_EDITS),
            Kind::Plant(percent) => Change::Plant(percent),
        }
    }

    /// The planted slowdown in per cent; 0 where none is planted.
    pub fn planted(self) -> u32 {
        match self.kind {
            Kind::Same | Kind::Neutral => 0,
            Kind::Plant(percent) => percent,
        }
    }

    /// In words, for a table.
    pub fn title(self) -> String {
        let tolerance = self.tolerance_percent;
        match self.kind {
            Kind::Same => format!("A/A (tolerance {tolerance} %)"),
            Kind::Neutral => format!("neutral edit (tolerance {tolerance} %)"),
            Kind::Plant(percent) => format!("planted {percent} % (tolerance {tolerance} %)"),
        }
    }
}

/// Half of what is planted, at most the default.
fn fitting_tolerance(kind: Kind) -> f64 {
    match kind {
        Kind::Same | Kind::Neutral => USUAL_TOLERANCE,
        Kind::Plant(percent) => (f64::from(percent) / 2.0).min(USUAL_TOLERANCE),
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Same => write!(f, "aa")?,
            Kind::Neutral => write!(f, "neutral")?,
            Kind::Plant(percent) => write!(f, "plant{percent}")?,
        }
        if self.tolerance_percent == fitting_tolerance(self.kind) {
            return Ok(());
        }
        write!(f, "@{}", self.tolerance_percent)
    }
}

impl FromStr for Scenario {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (name, tolerance) = text.split_once('@').map_or((text, None), |(name, rest)| (name, Some(rest)));
        let planted = |name: &str| name.strip_prefix("plant").and_then(|rest| rest.parse().ok()).filter(|&s| s > 0);
        let kind = match (name, planted(name)) {
            ("aa", _) => Kind::Same,
            ("neutral", _) => Kind::Neutral,
            (_, Some(percent)) => Kind::Plant(percent),
            _ => bail!(
                "unknown scenario `{text}`, expected aa, neutral or plantN, with @TOLERANCE in per cent if need be"
            ),
        };
        let tolerance_percent = match tolerance.map(str::parse) {
            None => fitting_tolerance(kind),
            Some(Ok(percent)) if percent > 0.0 && percent <= 100.0 => percent,
            Some(_) => bail!("the tolerance of `{text}` is no share above 0 and up to 100 per cent"),
        };
        Ok(Self { kind, tolerance_percent })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenarios_are_read_and_written() {
        #[track_caller]
        fn check(text: &str, expected: Option<(Change, f64, &str)>) {
            let read = text.parse::<Scenario>().ok();
            let found = read.map(|one| (one.change(0), one.tolerance_percent, one.to_string()));
            assert_eq!(found, expected.map(|(change, tolerance, name)| (change, tolerance, name.to_owned())), "{text}");
        }
        check("aa", Some((Change::Same, 2.0, "aa")));
        check("aa@1", Some((Change::Same, 1.0, "aa@1")));
        check("aa@2", Some((Change::Same, 2.0, "aa")));
        check("neutral", Some((Change::Neutral(0), 2.0, "neutral")));
        check("plant1", Some((Change::Plant(1), 0.5, "plant1")));
        check("plant2", Some((Change::Plant(2), 1.0, "plant2")));
        check("plant5", Some((Change::Plant(5), 2.0, "plant5")));
        check("plant10@2.5", Some((Change::Plant(10), 2.5, "plant10@2.5")));
        check("plant0", None);
        check("plant", None);
        check("aa@0", None);
        check("aa@x", None);
        check("", None);
    }

    #[test]
    fn neutral_edits_take_turns() {
        let neutral: Scenario = "neutral".parse().expect("a scenario");
        assert_eq!(neutral.change(3), Change::Neutral(3));
        assert_eq!(neutral.change(8), Change::Neutral(0));
    }
}
