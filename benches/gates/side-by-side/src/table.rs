//! Results become Markdown: a table of the tools, sentences about them, a table of this gate's subjects.

use std::fmt::Write as _;

use anyhow::{Result, ensure};

use crate::observation::{Observation, Results, Tool, Verdict};
use crate::scenario::Scenario;

/// The tools in the order of the table, with their names there.
const TOOLS: [(Tool, &str); 7] = [
    (Tool::CriterionDefault, "Criterion `--baseline`, default"),
    (Tool::CriterionEqual, "Criterion `--baseline`, equal time"),
    (Tool::CritcmpDefault, "critcmp at 5 %, default"),
    (Tool::CritcmpEqual, "critcmp at 5 %, equal time"),
    (Tool::TangoDefault, "tango, default"),
    (Tool::TangoEqual, "tango, equal time"),
    (Tool::Benchgate, "this gate"),
];

/// The subject that waits for memory: its pages are placed anew in each process.
const CHASE: &str = "chase";

/// Everything between the markers.
///
/// # Errors
/// There is nothing to show, or a scenario that is none.
pub fn render(all: &[Results]) -> Result<String> {
    let seen = Seen::new(all)?;
    ensure!(!seen.observations.is_empty(), "there are no results to show");
    let mut out = String::new();
    let (mut machines, mut commands): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for one in all {
        keep_new(&mut machines, &format!("{}, {}", one.machine, one.rustc));
        keep_new(&mut commands, &format!("`{}`", one.command));
    }
    writeln!(out, "Measured on {} by {}.\n", machines.join("; "), commands.join(" and "))?;
    out += &seen.tools()?;
    out.push('\n');
    for sentence in seen.sentences() {
        writeln!(out, "- {sentence}")?;
    }
    if seen.of(Tool::Benchgate).next().is_some() {
        writeln!(
            out,
            "\nThis gate, subject by subject (machine time of pairs; after `+` that of pairs over fresh link orders):\n"
        )?;
        out += &seen.subjects()?;
    }
    Ok(out)
}

struct Seen<'a> {
    observations: Vec<&'a Observation>,
    /// By first occurrence.
    scenarios: Vec<(String, Scenario)>,
    /// Likewise.
    subjects: Vec<&'a str>,
}

/// Reds, or whatever else is counted, of all verdicts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Share {
    hits: usize,
    of: usize,
}

impl<'a> Seen<'a> {
    fn new(all: &'a [Results]) -> Result<Self> {
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

    fn of(&self, tool: Tool) -> impl Iterator<Item = &'a Observation> + '_ {
        self.observations.iter().copied().filter(move |one| one.tool == tool)
    }

    /// Red verdicts of a tool in the scenarios that are chosen.
    fn reds(&self, tool: Tool, is_chosen: impl Fn(&Scenario) -> bool) -> Share {
        let chosen = |one: &&Observation| {
            self.scenarios.iter().any(|(name, scenario)| *name == one.scenario && is_chosen(scenario))
        };
        Share::of(self.of(tool).filter(chosen), |one| one.verdict == Verdict::Regressed)
    }

    fn tools(&self) -> Result<String> {
        let mut out = String::from("| tool | s a subject: median, mean | processor s: mean |");
        for (_, scenario) in &self.scenarios {
            write!(
                out,
                " {} |",
                if scenario.planted() == 0 { "red: " } else { "found: " }.to_owned() + &scenario.title()
            )?;
        }
        writeln!(out, "\n|---|---|---|{}", "---|".repeat(self.scenarios.len()))?;
        for (tool, name) in TOOLS {
            if self.of(tool).next().is_none() {
                continue;
            }
            let seconds: Vec<f64> = self.of(tool).filter_map(|one| one.seconds).collect();
            let cpu: Vec<f64> = self.of(tool).filter_map(|one| one.cpu).collect();
            write!(
                out,
                "| {name} | {}, {} | {} |",
                figure(median(&seconds)),
                figure(mean(&seconds)),
                figure(mean(&cpu))
            )?;
            for (scenario, _) in &self.scenarios {
                let chosen = self.of(tool).filter(|one| one.scenario == *scenario);
                write!(out, " {} |", Share::of(chosen, |one| one.verdict == Verdict::Regressed).text())?;
            }
            out.push('\n');
        }
        Ok(out)
    }

    fn sentences(&self) -> Vec<String> {
        let is_quiet = |scenario: &Scenario| scenario.planted() == 0;
        let mut found = Vec::new();
        let mine = self.reds(Tool::Benchgate, is_quiet);
        for (tool, name) in
            [(Tool::CriterionDefault, "Criterion at its default"), (Tool::CriterionEqual, "Criterion in equal time")]
        {
            let other = self.reds(tool, is_quiet);
            if other.of == 0 || mine.of == 0 {
                continue;
            }
            let times = |tool| mean(&self.of(tool).filter_map(|one| one.seconds).collect::<Vec<_>>());
            let ratio = times(tool).zip(times(Tool::Benchgate)).map(|(theirs, ours)| ours / theirs);
            found.push(format!(
                "False reds: {name} {}; this gate {}{}; it took {} times as long.",
                other.text(),
                mine.text(),
                mine.bound(),
                figure(ratio)
            ));
        }
        let planted = |scenario: &Scenario| scenario.planted() > 0;
        for (tool, name) in
            [(Tool::TangoDefault, "tango at its default"), (Tool::TangoEqual, "tango in equal machine time")]
        {
            let (theirs, ours) = (self.reds(tool, planted), self.reds(Tool::Benchgate, planted));
            if theirs.of > 0 && ours.of > 0 {
                let quiet = self.reds(tool, is_quiet);
                found.push(format!(
                    "Planted slowdowns found: {name} {} with {} false reds, this gate {} with {}.",
                    theirs.text(),
                    quiet.text(),
                    ours.text(),
                    mine.text()
                ));
            }
        }
        found.extend(self.unchanged());
        found
    }

    /// How long this gate took to settle that nothing has changed.
    fn unchanged(&self) -> Option<String> {
        let still = self.of(Tool::Benchgate).filter(|one| one.scenario == "aa" && one.subject != CHASE);
        let still: Vec<&Observation> = still.collect();
        let settled = Share::of(still.iter().copied(), |one| one.verdict == Verdict::Unchanged);
        let seconds: Vec<f64> = still.iter().filter_map(|one| one.seconds).collect();
        (settled.of > 0).then(|| {
            let (median, mean) = (figure(median(&seconds)), figure(mean(&seconds)));
            format!(
                "A/A but for `{CHASE}`: this gate settled {} as unchanged, in a median of {median} s and a mean of {mean} s.",
                settled.text()
            )
        })
    }

    fn subjects(&self) -> Result<String> {
        let mine: Vec<&Observation> = self.of(Tool::Benchgate).collect();
        let scenarios = self.scenarios.iter().filter(|(name, _)| mine.iter().any(|one| one.scenario == *name));
        let scenarios: Vec<&(String, Scenario)> = scenarios.collect();
        let mut out = String::from("| subject |");
        for (_, scenario) in &scenarios {
            write!(out, " {} |", scenario.title())?;
        }
        writeln!(out, "\n|---|{}", "---|".repeat(scenarios.len()))?;
        for subject in &self.subjects {
            write!(out, "| {subject} |")?;
            for (name, scenario) in &scenarios {
                let about = mine.iter().copied().filter(|one| one.subject == *subject && one.scenario == *name);
                write!(out, " {} |", cell(&about.collect::<Vec<_>>(), *scenario))?;
            }
            out.push('\n');
        }
        Ok(out)
    }
}

/// What this gate said of one subject in one scenario: verdicts, effect, machine time, pairs.
fn cell(about: &[&Observation], scenario: Scenario) -> String {
    if about.is_empty() {
        return "–".into();
    }
    let names = [
        (Verdict::Regressed, if scenario.planted() > 0 { "found" } else { "**red**" }),
        (Verdict::Improved, "improved"),
        (Verdict::Unchanged, "unchanged"),
        (Verdict::Inconclusive, "inconclusive"),
        (Verdict::Layout, "layout"),
        (Verdict::Failed, "failed"),
    ];
    let counted = names.into_iter().filter_map(|(verdict, name)| {
        let count = about.iter().filter(|one| one.verdict == verdict).count();
        (count > 0).then(|| format!("{count} {name}"))
    });
    let verdicts = counted.collect::<Vec<_>>().join(", ");
    let of = |part: fn(&Observation) -> Option<f64>| about.iter().filter_map(|one| part(one)).collect::<Vec<f64>>();
    let effect = median(&of(|one| one.effect)).map_or_else(String::new, |effect| format!("; {:+.2} %", effect * 100.0));
    let confirming = median(&of(|one| one.confirming)).filter(|&seconds| seconds > 0.0);
    let confirming = confirming.map_or_else(String::new, |seconds| format!(" + {} s", figure(Some(seconds))));
    let pairs = median(&of(|one| one.pairs.map(f64::from))).unwrap_or(0.0);
    format!("{verdicts}{effect}; {} s{confirming}, {pairs} pairs", figure(median(&of(|one| one.seconds))))
}

impl Share {
    fn of<'a>(all: impl Iterator<Item = &'a Observation>, is_hit: impl Fn(&Observation) -> bool) -> Self {
        let mut share = Self::default();
        for one in all {
            share.of += 1;
            share.hits += usize::from(is_hit(one));
        }
        share
    }

    fn text(self) -> String {
        match self.of {
            0 => "–".into(),
            of => format!("{} of {of} ({:.0} %)", self.hits, 100.0 * self.hits as f64 / of as f64),
        }
    }

    /// What none of so many can rule out: the rule of three (Hanley and Lippman-Hand, JAMA 249, 1983).
    fn bound(self) -> String {
        match self.hits {
            0 => format!(", so with 95 % confidence at most {:.1} %", (300.0 / self.of.max(1) as f64).min(100.0)),
            _ => String::new(),
        }
    }
}

fn keep_new<T: PartialEq + Clone>(list: &mut Vec<T>, one: &T) {
    if !list.contains(one) {
        list.push(one.clone());
    }
}

/// Two digits that count.
fn figure(value: Option<f64>) -> String {
    match value {
        None => "–".into(),
        Some(value) if value < 0.095 => format!("{value:.3}"),
        Some(value) if value < 9.95 => format!("{value:.2}"),
        Some(value) => format!("{value:.1}"),
    }
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn median(values: &[f64]) -> Option<f64> {
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

    fn saw(tool: Tool, scenario: &str, verdict: Verdict, seconds: f64) -> Observation {
        let (scenario, subject) = (scenario.to_owned(), "sort".to_owned());
        let is_mine = tool == Tool::Benchgate;
        let (confirming, pairs) = (is_mine.then_some(0.25), is_mine.then_some(6));
        let (seconds, cpu) = (Some(seconds), Some(2.0 * seconds));
        Observation {
            tool,
            scenario,
            subject,
            repetition: 0,
            verdict,
            effect: Some(0.05),
            seconds,
            cpu,
            confirming,
            pairs,
        }
    }

    fn results(observations: Vec<Observation>) -> Results {
        let mut results = Results::new("side-by-side run".into(), "a machine, 2 cores".into(), "rustc 1".into());
        results.observations = observations;
        results
    }

    #[test]
    fn verdicts_are_counted_by_tool_and_scenario() {
        let found = results(vec![
            saw(Tool::CriterionDefault, "aa", Verdict::Regressed, 20.0),
            saw(Tool::CriterionDefault, "aa", Verdict::Unchanged, 20.0),
            saw(Tool::TangoEqual, "plant5", Verdict::Unchanged, 0.5),
            saw(Tool::Benchgate, "aa", Verdict::Unchanged, 0.4),
            saw(Tool::Benchgate, "aa", Verdict::Inconclusive, 0.6),
            saw(Tool::Benchgate, "plant5", Verdict::Regressed, 0.5),
        ]);
        let expected = "\
Measured on a machine, 2 cores, rustc 1 by `side-by-side run`.

| tool | s a subject: median, mean | processor s: mean | red: A/A (tolerance 2 %) | found: planted 5 % (tolerance 2 %) |
|---|---|---|---|---|
| Criterion `--baseline`, default | 20.0, 20.0 | 40.0 | 1 of 2 (50 %) | – |
| tango, equal time | 0.50, 0.50 | 1.00 | – | 0 of 1 (0 %) |
| this gate | 0.50, 0.50 | 1.00 | 0 of 2 (0 %) | 1 of 1 (100 %) |

- False reds: Criterion at its default 1 of 2 (50 %); this gate 0 of 2 (0 %), so with 95 % confidence at most 100.0 %; \
it took 0.025 times as long.
- Planted slowdowns found: tango in equal machine time 0 of 1 (0 %) with – false reds, this gate 1 of 1 (100 %) with \
0 of 2 (0 %).
- A/A but for `chase`: this gate settled 1 of 2 (50 %) as unchanged, in a median of 0.50 s and a mean of 0.50 s.

This gate, subject by subject (machine time of pairs; after `+` that of pairs over fresh link orders):

| subject | A/A (tolerance 2 %) | planted 5 % (tolerance 2 %) |
|---|---|---|
| sort | 1 unchanged, 1 inconclusive; +5.00 %; 0.50 s + 0.25 s, 6 pairs | 1 found; +5.00 %; 0.50 s + 0.25 s, 6 pairs |
";
        assert_eq!(render(&[found]).expect("a table"), expected);
    }

    #[test]
    fn nothing_is_no_table() {
        assert!(render(&[results(Vec::new())]).is_err());
    }

    #[test]
    fn medians() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }
}
