//! Results become Markdown: a table of the tools, sentences about them, a table of this gate's subjects.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Result, ensure};

use crate::observation::{Observation, Results, Tool, Verdict};
use crate::scenario::Scenario;
use crate::seen::{Seen, Share, figure, keep_new, mean, median};

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
    writeln!(out, "Measured on {} by {}.", machines.join("; "), commands.join(" and "))?;
    let mut ways: BTreeMap<String, u32> = BTreeMap::new();
    for (way, series) in all.iter().flat_map(|one| &one.interleavings).filter(|(way, _)| !way.is_empty()) {
        *ways.entry(without_figures(way)).or_default() += series;
    }
    let ways: Vec<String> = ways.iter().map(|(way, series)| format!("{series} series in {way}")).collect();
    if !ways.is_empty() {
        writeln!(out, "Pairs of this gate: {}.", ways.join("; "))?;
    }
    out.push('\n');
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

impl Seen<'_> {
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

/// How sides were interleaved. Where it is a fallback, the reason comes after a semicolon; its figures differ from series to
/// series and are left out, so that equal reasons are counted together.
fn without_figures(way: &str) -> String {
    let Some((how, reason)) = way.split_once(';') else { return way.to_owned() };
    let is_figure = |word: &&str| word.starts_with(|c: char| c.is_ascii_digit());
    let words = reason.split(' ').map(|word| if is_figure(&word) { "…" } else { word });
    format!("{how};{}", words.collect::<Vec<_>>().join(" "))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn saw(tool: Tool, scenario: &str, verdict: Verdict, seconds: f64) -> Observation {
        let (scenario, subject) = (scenario.to_owned(), "sort".to_owned());
        let cost = Observation { seconds: Some(seconds), cpu: Some(2.0 * seconds), ..Observation::new(tool, verdict) };
        let judged = Observation { confirming: Some(0.25), linking: Some(9.0), pairs: Some(6), ..cost.clone() };
        let one = if tool == Tool::Benchgate { judged } else { cost };
        Observation { scenario, subject, effect: Some(0.05), ..one }
    }

    fn results(observations: Vec<Observation>) -> Results {
        let mut results = Results::new("side-by-side run".into(), "a machine, 2 cores".into(), "rustc 1".into());
        results.interleavings.insert("lockstep".into(), 3);
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
Pairs of this gate: 3 series in lockstep.

| tool | s a subject: median, mean | processor s: mean | red: A/A (tolerance 2 %) | found: planted 5 % (tolerance 2 %) |
|---|---|---|---|---|
| Criterion `--baseline`, default | 20.0, 20.0 | 40.0 | 1 of 2 (50 %) | – |
| tango, equal time | 0.50, 0.50 | 1.00 | – | 0 of 1 (0 %) |
| this gate | 0.50, 0.50 | 1.00 | 0 of 2 (0 %) | 1 of 1 (100 %) |

- False reds: Criterion at its default 1 of 2 (50 %), at least one in 1 of 2 runs of the suite; this gate 0 of 2 (0 %), so \
with 95 % confidence at most 100.0 %, in 0.025 times the machine time.
- Planted slowdowns found: tango in equal machine time 0 of 1 (0 %), false reds –; this gate 1 of 1 (100 %), false reds –.
- A/A but for `chase`: this gate settled 1 of 2 (50 %) as unchanged, in a median of 0.50 s and a mean of 0.50 s.
- planted 5 % (tolerance 2 %): this gate read more than the tolerance on 1 subjects, `chase` apart; it found the slowdown in \
at least 95 % of the runs on 1, in 90 % on 1, with a median of 0.50 s of pairs and at most 0.50 s.
- Judged on fresh link orders: 3 of 3 (100 %) verdicts of this gate, in a mean of 0.25 s of pairs and 9.00 s of linking each.

This gate, subject by subject (machine time of pairs; after `+` that of pairs over fresh link orders):

| subject | A/A (tolerance 2 %) | planted 5 % (tolerance 2 %) |
|---|---|---|
| sort | 1 unchanged, 1 inconclusive; +5.00 %; 0.50 s + 0.25 s, 6 pairs | 1 found; +5.00 %; 0.50 s + 0.25 s, 6 pairs |
";
        assert_eq!(render(&[found]).expect("a table"), expected);
    }

    #[test]
    fn reasons_are_told_without_figures() {
        #[track_caller]
        fn check(way: &str, expected: &str) {
            assert_eq!(without_figures(way), expected);
        }
        check("lockstep, turns of 0.25 ms", "lockstep, turns of 0.25 ms");
        check("in turns; not in lockstep: 3 turns were too few", "in turns; not in lockstep: … turns were too few");
    }

    #[test]
    fn nothing_is_no_table() {
        assert!(render(&[results(Vec::new())]).is_err());
    }
}
