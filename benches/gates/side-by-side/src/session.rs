//! The course of one session: every tool has its turn in every scenario of every repetition, so that all see the same
//! machine at about the same time.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::args::{Family, RunArgs};
use crate::critcmp;
use crate::criterion::{self, Home};
use crate::gate::Gate;
use crate::observation::{Observation, Results, Tool, Verdict};
use crate::scenario::{Change, Scenario};
use crate::spend::Spent;
use crate::tango;
use crate::workshop::{Executables, Workshop};

/// A tool over one subject once: what this gate takes, and so the others too.
const SECONDS_A_TURN: f64 = 0.65;
/// Criterion at its default over one side of one subject: 3 s of warm-up, 5 s of measuring, 2 s of resampling.
const SECONDS_A_DEFAULT_SIDE: f64 = 10.2;

/// Everything that a session needs.
#[derive(Debug)]
pub struct Session {
    /// What was asked for.
    pub args: RunArgs,
    /// Names of the subjects that take part.
    pub subjects: Vec<String>,
    /// The throw-away repository.
    pub workshop: Workshop,
    /// This gate, where it takes part.
    pub gate: Option<Gate>,
    /// critcmp, where it takes part.
    pub critcmp: Option<PathBuf>,
    /// Directory for measurements.
    pub work: PathBuf,
    /// Where results are kept, after each repetition.
    pub output: PathBuf,
    /// What is found.
    pub results: Results,
}

/// Which comparison an observation is about.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Turn {
    scenario: Scenario,
    /// Turns of this scenario that came before.
    repetition: u32,
}

/// All turns, the scenarios in their order again and again. One that is named twice has two turns each time.
fn turns(scenarios: &[Scenario], repetitions: u32) -> Vec<Turn> {
    let mut turns: Vec<Turn> = Vec::new();
    for &scenario in std::iter::repeat_n(scenarios, repetitions as usize).flatten() {
        let before = turns.iter().filter(|turn| turn.scenario == scenario).count();
        turns.push(Turn { scenario, repetition: before as u32 });
    }
    turns
}

impl Session {
    /// Measures all; what is there of it is kept after each repetition.
    ///
    /// # Errors
    /// A tool cannot be run.
    pub fn run(&mut self) -> Result<()> {
        let started = Instant::now();
        let turns = turns(&self.args.scenarios, self.args.repetitions);
        eprintln!("about {:.0} minutes, if nothing else runs", (self.expected(turns.len()) / 60.0).ceil());
        self.build()?;
        for (at, &turn) in turns.iter().enumerate() {
            say(started, &format!("{} of {}: {}", at + 1, turns.len(), turn.scenario));
            self.turn(turn)?;
            self.results.save(&self.output)?;
        }
        if self.takes_part(Family::Criterion) {
            for repetition in 0..self.args.default_repetitions {
                say(
                    started,
                    &format!("Criterion at its default, {} of {}", repetition + 1, self.args.default_repetitions),
                );
                self.defaults(repetition)?;
                self.results.save(&self.output)?;
            }
        }
        say(started, "done");
        Ok(())
    }

    /// Seconds that it will take, roughly.
    fn expected(&self, turns: usize) -> f64 {
        let subjects = self.subjects.len() as f64;
        let sides = match self.takes_part(Family::Criterion) {
            true => self.args.default_repetitions as usize * (1 + self.args.default_scenarios.len()),
            false => 0,
        };
        let tools = self.args.tools.iter().filter(|&&tool| tool != Family::Critcmp).count(); // it measures nothing itself
        subjects * ((turns * tools) as f64 * SECONDS_A_TURN + sides as f64 * SECONDS_A_DEFAULT_SIDE)
    }

    fn takes_part(&self, family: Family) -> bool {
        self.args.tools.contains(&family)
    }

    /// Builds every change before anything is timed.
    fn build(&mut self) -> Result<()> {
        let repeated = turns(&self.args.scenarios, self.args.repetitions);
        let defaults = turns(&self.args.default_scenarios, self.args.default_repetitions);
        let mut changes = vec![Change::Same];
        changes.extend(repeated.iter().chain(&defaults).map(|turn| turn.scenario.change(turn.repetition)));
        changes.sort();
        changes.dedup();
        for change in changes {
            eprintln!("building {change:?}");
            self.workshop.executables(change)?;
        }
        Ok(())
    }

    fn turn(&mut self, turn: Turn) -> Result<()> {
        let change = turn.scenario.change(turn.repetition);
        let took = self.gate_turn(turn, change)?;
        let (base, candidate) = (self.workshop.executables(Change::Same)?, self.workshop.executables(change)?);
        let usual = self.args.seconds;
        let seconds = |subject: &str| took.get(subject).copied().unwrap_or(usual);
        if self.takes_part(Family::Tango) {
            for subject in self.subjects.clone() {
                self.tango(turn, &subject, [&base, &candidate], tango::Effort::Default)?;
                self.tango(turn, &subject, [&base, &candidate], tango::Effort::Seconds(seconds(&subject)))?;
            }
        }
        if self.takes_part(Family::Criterion) {
            let home = Home::fresh(self.work.join("measurements").join("equal"))?;
            let effort = |subject: &str| criterion::Effort::Seconds(seconds(subject) / 2.0);
            let spent = self.save(&home, &base, effort)?;
            self.compare(&home, turn, &candidate, effort, &spent)?;
        }
        Ok(())
    }

    /// This gate's turn; machine time by subject.
    fn gate_turn(&mut self, turn: Turn, change: Change) -> Result<BTreeMap<String, f64>> {
        let Some(gate) = &mut self.gate else { return Ok(BTreeMap::new()) };
        let tolerance = turn.scenario.tolerance_percent;
        let names: Vec<&str> = self.subjects.iter().map(String::as_str).collect();
        let links = !self.args.pairs_only;
        self.workshop
            .commit_base(&format!("[tolerance]\ntime = \"{tolerance}%\"\n[confirm]\nlink_orders = {links}\n"))?;
        gate.build(&self.workshop, change, &names[..1])?;
        let said = gate.compare(&self.workshop, change, &names)?;
        let mut took = BTreeMap::new();
        for subject in &self.subjects {
            let one = said.get(subject).with_context(|| format!("this gate says nothing about `{subject}`"))?;
            if let Some(seconds) = one.seconds.filter(|&seconds| seconds > 0.0) {
                took.insert(subject.clone(), seconds + one.confirming.unwrap_or(0.0));
            }
            *self.results.interleavings.entry(one.interleaving.clone()).or_default() += 1;
            self.results.observations.push(Observation {
                seconds: one.seconds,
                cpu: one.cpu,
                confirming: one.confirming,
                linking: one.linking,
                pairs: Some(one.pairs),
                ..turn.saw(Tool::Benchgate, subject, one.verdict, one.effect)
            });
        }
        Ok(took)
    }

    fn tango(&mut self, turn: Turn, subject: &str, sides: [&Executables; 2], effort: tango::Effort) -> Result<()> {
        let [base, candidate] = sides;
        let (verdict, effect, spent) = tango::compare(&base.tango, &candidate.tango, subject, effort)?;
        let tool = match effort {
            tango::Effort::Default => Tool::TangoDefault,
            tango::Effort::Seconds(_) => Tool::TangoEqual,
        };
        self.results.observations.push(turn.saw(tool, subject, verdict, effect).cost(spent));
        Ok(())
    }

    /// Criterion and critcmp at their defaults: one base for all scenarios.
    fn defaults(&mut self, repetition: u32) -> Result<()> {
        let home = Home::fresh(self.work.join("measurements").join("default"))?;
        let effort = |_: &str| criterion::Effort::Default;
        let base = self.workshop.executables(Change::Same)?;
        let spent = self.save(&home, &base, effort)?;
        for scenario in self.args.default_scenarios.clone() {
            let candidate = self.workshop.executables(scenario.change(repetition))?;
            self.compare(&home, Turn { scenario, repetition }, &candidate, effort, &spent)?;
        }
        Ok(())
    }

    /// Measures the base of every subject; what each cost.
    fn save(
        &self,
        home: &Home,
        base: &Executables,
        effort: impl Fn(&str) -> criterion::Effort,
    ) -> Result<BTreeMap<String, Spent>> {
        let one = |subject: &String| {
            let spent = home.save(&base.criterion, subject, effort(subject))?;
            Ok((subject.clone(), spent))
        };
        self.subjects.iter().map(one).collect()
    }

    /// Measures the candidate of every subject, and lets Criterion and critcmp compare.
    fn compare(
        &mut self,
        home: &Home,
        turn: Turn,
        candidate: &Executables,
        effort: impl Fn(&str) -> criterion::Effort,
        base: &BTreeMap<String, Spent>,
    ) -> Result<()> {
        let mut costs = BTreeMap::new();
        for subject in self.subjects.clone() {
            let effort = effort(&subject);
            let (verdict, effect, spent) = home.compare(&candidate.criterion, &subject, effort)?;
            let cost = base.get(&subject).copied().unwrap_or_default().plus(spent);
            let tools = match effort {
                criterion::Effort::Default => (Tool::CriterionDefault, Tool::CritcmpDefault),
                criterion::Effort::Seconds(_) => (Tool::CriterionEqual, Tool::CritcmpEqual),
            };
            self.results.observations.push(turn.saw(tools.0, &subject, verdict, effect).cost(cost));
            costs.insert(subject, (tools.1, cost));
        }
        let Some(program) = &self.critcmp else { return Ok(()) };
        let listed = critcmp::compare(program, home)?;
        for (subject, (tool, cost)) in costs {
            let (verdict, effect) = match listed.get(&subject) {
                Some(&(verdict, effect)) => (verdict, Some(effect)),
                None => (Verdict::Unchanged, None),
            };
            self.results.observations.push(turn.saw(tool, &subject, verdict, effect).cost(cost));
        }
        Ok(())
    }
}

impl Turn {
    fn saw(self, tool: Tool, subject: &str, verdict: Verdict, effect: Option<f64>) -> Observation {
        let (scenario, subject) = (self.scenario.to_string(), subject.to_owned());
        Observation { scenario, subject, repetition: self.repetition, effect, ..Observation::new(tool, verdict) }
    }
}

impl Observation {
    fn cost(self, spent: Spent) -> Self {
        Self { seconds: Some(spent.wall), cpu: Some(spent.cpu), ..self }
    }
}

/// Names that were asked for among those that there are.
///
/// # Errors
/// One is unknown.
pub fn chosen(all: &[String], only: &[String]) -> Result<Vec<String>> {
    if let Some(unknown) = only.iter().find(|name| !all.contains(name)) {
        bail!("there is no subject `{unknown}`\nhint: the subjects are {}", all.join(", "));
    }
    Ok(all.iter().filter(|name| only.is_empty() || only.contains(name)).cloned().collect())
}

fn say(started: Instant, what: &str) {
    eprintln!("{:>5.0} s  {what}", started.elapsed().as_secs_f64());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenario_named_twice_has_two_turns() {
        let [aa, plant]: [Scenario; 2] = ["aa", "plant5"].map(|name| name.parse().expect("a scenario"));
        let found: Vec<(Scenario, u32)> =
            turns(&[aa, aa, plant], 2).iter().map(|turn| (turn.scenario, turn.repetition)).collect();
        assert_eq!(found, [(aa, 0), (aa, 1), (plant, 0), (aa, 2), (aa, 3), (plant, 1)]);
        assert_eq!(turns(&[aa], 0), []);
    }

    #[test]
    fn unknown_subject_is_an_error() {
        let all = ["sort", "vec"].map(String::from);
        assert_eq!(chosen(&all, &[]).expect("all"), all);
        assert_eq!(chosen(&all, &["vec".into()]).expect("one"), ["vec"]);
        assert!(chosen(&all, &["other".into()]).is_err());
    }
}
