//! Results in the order in which they are shown, and how they are counted.

use anyhow::Result;

use crate::observation::{Observation, Results, Tool, Verdict};
use crate::scenario::Scenario;

/// The subject that waits for memory: its pages are placed anew in each process.
pub const CHASE: &str = "chase";

/// All observations of some sessions.
pub struct Seen<'a> {
    /// In the order in which they were made.
    pub observations: Vec<&'a Observation>,
    /// By first occurrence.
    pub scenarios: Vec<(String, Scenario)>,
    /// Likewise.
    pub subjects: Vec<&'a str>,
}

/// Reds, or whatever else is counted, of all verdicts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Share {
    /// Those that are counted.
    pub hits: usize,
    /// All.
    pub of: usize,
}

impl<'a> Seen<'a> {
    /// Of all files together.
    ///
    /// # Errors
    /// A scenario is none.
    pub fn new(all: &'a [Results]) -> Result<Self> {
        let observations: Vec<&Observation> = all.iter().flat_map(|one| &one.observations).collect();
        let (mut scenarios, mut subjects): (Vec<(String, Scenario)>, Vec<&str>) = (Vec::new(), Vec::new());
        for one in &observations {
            if !scenarios.iter().any(|(name, _)| *name == one.scenario) {
                scenarios.push((one.scenario.clone(), one.scenario.parse()?));
            }
            keep_new(&mut subjects, &one.subject.as_str());
        }
        Ok(Self { observations, scenarios, subjects })
    }

    /// What a tool said.
    pub fn of(&self, tool: Tool) -> impl Iterator<Item = &'a Observation> + '_ {
        self.observations.iter().copied().filter(move |one| one.tool == tool)
    }

    /// Whether an observation is of a chosen scenario in which both a tool and this gate took part.
    pub fn common(&self, tool: Tool, is_chosen: impl Fn(&Scenario) -> bool) -> impl Fn(&Observation) -> bool {
        let has = |tool, name: &str| self.of(tool).any(|one| one.scenario == name);
        let chosen = self.scenarios.iter().filter(|(_, scenario)| is_chosen(scenario));
        let both = chosen.filter(|(name, _)| has(tool, name) && has(Tool::Benchgate, name));
        let names: Vec<String> = both.map(|(name, _)| name.clone()).collect();
        move |one| names.contains(&one.scenario)
    }

    /// Verdicts "slower" among those that are chosen.
    pub fn reds(&self, tool: Tool, is_chosen: impl Fn(&Observation) -> bool) -> Share {
        Share::of(self.of(tool).filter(|one| is_chosen(one)), |one| one.verdict == Verdict::Regressed)
    }
}

impl Share {
    /// Counts.
    pub fn of<'a>(all: impl Iterator<Item = &'a Observation>, is_hit: impl Fn(&Observation) -> bool) -> Self {
        let mut share = Self::default();
        for one in all {
            share.of += 1;
            share.hits += usize::from(is_hit(one));
        }
        share
    }

    /// With the percentage.
    pub fn text(self) -> String {
        match self.of {
            0 => "–".into(),
            of => format!("{} of {of} ({:.0} %)", self.hits, 100.0 * self.hits as f64 / of as f64),
        }
    }

    /// What none of so many can rule out: the rule of three (Hanley and Lippman-Hand, JAMA 249, 1983).
    pub fn bound(self) -> String {
        match self.hits {
            0 => format!(", so with 95 % confidence at most {:.1} %", (300.0 / self.of.max(1) as f64).min(100.0)),
            _ => String::new(),
        }
    }
}

/// Adds what is not there yet.
pub fn keep_new<T: PartialEq + Clone>(list: &mut Vec<T>, one: &T) {
    if !list.contains(one) {
        list.push(one.clone());
    }
}

/// Two digits that count.
pub fn figure(value: Option<f64>) -> String {
    match value {
        None => "–".into(),
        Some(value) if value < 0.095 => format!("{value:.3}"),
        Some(value) if value < 9.95 => format!("{value:.2}"),
        Some(value) => format!("{value:.1}"),
    }
}

/// `None` of nothing.
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// `None` of nothing.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        even if even % 2 == 0 => Some((sorted[middle - 1] + sorted[middle]) / 2.0),
        _ => Some(sorted[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }
}
