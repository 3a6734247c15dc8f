//! This gate, called as a user calls it: a base commit, a change in the working tree, `bench --base HEAD`.
//!
//! The machine time of a subject is what its own timed sections took plus its share, by pairs, of all the rest of measuring:
//! warm-up, start of processes, analysis, waiting. So the times of all subjects add up to the measuring time of the run.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;

use crate::observation::Verdict;
use crate::scenario::Change;
use crate::spend::{Spent, spend};
use crate::workshop::Workshop;

/// The program and where it keeps what it builds.
#[derive(Debug)]
pub struct Gate {
    program: PathBuf,
    cache: PathBuf,
    output: PathBuf,
    /// Seconds and pairs of measuring that were no timed section, in runs without fresh link orders.
    beside: (f64, u32),
}

/// What it said about one subject.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// Verdict.
    pub verdict: Verdict,
    /// Its estimate, as a share of the base.
    pub effect: Option<f64>,
    /// Machine time of the pairs; `None` where the run does not tell it from that of confirming.
    pub seconds: Option<f64>,
    /// Processor time likewise.
    pub cpu: Option<f64>,
    /// Machine time of pairs over fresh link orders.
    pub confirming: Option<f64>,
    /// Part of the rest of a run with fresh link orders, for a subject that was judged on them.
    pub linking: Option<f64>,
    /// Pairs that the first stage took.
    pub pairs: u32,
    /// How their sides were interleaved, in the gate's words.
    pub interleaving: String,
}

impl Gate {
    /// The program at `program`; what it builds and writes goes below `root`.
    pub fn new(program: PathBuf, root: &Path) -> Self {
        Self { program, cache: root.join("cache"), output: root.join("outcome.json"), beside: (0.0, 0) }
    }

    /// Has both sides built and kept, so that no run to come builds: a short run whose figures nobody reads.
    ///
    /// # Errors
    /// It ended without an outcome.
    pub fn build(&mut self, workshop: &Workshop, change: Change, names: &[&str]) -> Result<()> {
        self.run(workshop, change, &[&["--budget", "1s"], names].concat()).map(drop)
    }

    /// Compares the base commit with a change in the working tree, for the subjects that are named.
    ///
    /// # Errors
    /// It ended without an outcome.
    pub fn compare(&mut self, workshop: &Workshop, change: Change, names: &[&str]) -> Result<BTreeMap<String, Said>> {
        let (outcome, spent) = self.run(workshop, change, names)?;
        let run = newest_run(&workshop.tree())?;
        self.read(&outcome, &run, spent.cpu / spent.wall)
    }

    /// Calls it, and returns the outcome.
    fn run(&self, workshop: &Workshop, change: Change, arguments: &[&str]) -> Result<(Value, Spent)> {
        workshop.apply(change)?;
        if self.output.exists() {
            fs::remove_file(&self.output).context("cannot remove the outcome of the run before")?;
        }
        let mut command = Command::new(&self.program);
        command.args(["--color", "never", "bench", "--base", "HEAD"]).args(arguments);
        command.current_dir(workshop.tree());
        command.arg("--output").arg(format!("json={}", self.output.display()));
        if change == Change::Same {
            command.arg("--measure-identical"); // else there is nothing to compare
        }
        command.env("BENCHGATE_CACHE_DIR", &self.cache);
        let (output, spent) = spend(&mut command)?;
        let Ok(outcome) = fs::read(&self.output) else {
            let said = [output.stdout, output.stderr].concat();
            bail!("the gate ended without an outcome, {}:\n{}", output.status, String::from_utf8_lossy(&said));
        };
        Ok((serde_json::from_slice(&outcome).context("the outcome is no JSON")?, spent))
    }

    fn read(&mut self, outcome: &Value, run: &Value, busy: f64) -> Result<BTreeMap<String, Said>> {
        let measured = number(&run["measured_seconds"]).context("the run does not say how long it measured")?;
        let evidence = evidence(run);
        let total = |part: fn(&Evidence) -> f64| evidence.values().map(part).sum::<f64>();
        let pairs: u32 = evidence.values().map(|one| one.pairs).sum();
        let confirmed: u32 = evidence.values().map(|one| one.confirming_pairs).sum();
        if confirmed == 0 {
            self.beside = (self.beside.0 + (measured - total(|one| one.timed)).max(0.0), self.beside.1 + pairs);
        }
        let beside = match (confirmed, self.beside) {
            (0, _) if pairs > 0 => Some((measured - total(|one| one.timed)).max(0.0) / f64::from(pairs)),
            (_, (seconds, pairs)) if pairs > 0 => Some(seconds / f64::from(pairs)),
            _ => None,
        };
        let judged = evidence.values().filter(|one| one.confirming_pairs > 0).count();
        let rest = beside.map(|beside| measured - evidence.values().map(|one| one.seconds(beside)).sum::<f64>());
        let linking = rest.map(|rest| rest.max(0.0) / judged.max(1) as f64);
        let series = outcome["series"].as_array().context("the outcome lists no series")?;
        let mut said = BTreeMap::new();
        for one in series.iter().filter(|one| one["metric"] == "time") {
            let id = one["id"].as_str().context("a series has no id")?;
            let found = evidence.get(id).cloned().unwrap_or_default();
            let linking = linking.filter(|_| found.confirming_pairs > 0);
            let seconds = beside.map(|beside| found.timed + beside * f64::from(found.pairs));
            let confirming = beside.map(|beside| found.confirming_timed + beside * f64::from(found.confirming_pairs));
            let (verdict, effect) = (verdict(&one["verdict"]), number(&one["effect"]["estimate"]));
            let cpu = seconds.map(|seconds| seconds * busy);
            let Evidence { pairs, interleaving, .. } = found;
            said.insert(
                id.to_owned(),
                Said { verdict, effect, seconds, cpu, confirming, linking, pairs, interleaving },
            );
        }
        Ok(said)
    }
}

/// The newest run that the gate kept.
fn newest_run(tree: &Path) -> Result<Value> {
    let directory = tree.join("target").join("benchgate").join("runs");
    let context = || format!("cannot read the runs in `{}`", directory.display());
    let mut newest = None;
    for entry in fs::read_dir(&directory).with_context(context)? {
        let entry = entry.with_context(context)?;
        let changed = entry.metadata().and_then(|data| data.modified()).with_context(context)?;
        if entry.path().extension().is_some_and(|end| end == "json") {
            newest = newest.max(Some((changed, entry.path())));
        }
    }
    let (_, path) = newest.ok_or_else(|| anyhow!("the gate kept no run in `{}`", directory.display()))?;
    serde_json::from_slice(&fs::read(&path).with_context(context)?).with_context(context)
}

/// What a run holds about the time of one subject.
#[derive(Clone, Debug, Default, PartialEq)]
struct Evidence {
    pairs: u32,
    /// Seconds in timed sections of both sides.
    timed: f64,
    confirming_pairs: u32,
    confirming_timed: f64,
    interleaving: String,
}

impl Evidence {
    /// Seconds of all its pairs, where each takes so many beside its timed sections.
    fn seconds(&self, beside: f64) -> f64 {
        self.timed + self.confirming_timed + beside * f64::from(self.pairs + self.confirming_pairs)
    }
}

fn evidence(run: &Value) -> BTreeMap<String, Evidence> {
    let series = run["series"].as_array().into_iter().flatten().filter(|one| one["metric"] == "time");
    let found = series.map(|one| {
        let parts = [&one["group"], &one["function"], &one["value"]];
        let id = parts.into_iter().filter_map(Value::as_str).collect::<Vec<_>>().join("/");
        let paired = &one["evidence"]["pairs"];
        let (pairs, timed) = timed(&paired["pairs"]);
        let (confirming_pairs, confirming_timed) = self::timed(&paired["confirmation"]["pairs"]);
        let interleaving = paired["interleaving"].as_str().unwrap_or_default().to_owned();
        (id, Evidence { pairs, timed, confirming_pairs, confirming_timed, interleaving })
    });
    found.collect()
}

/// Number of pairs, and seconds in their timed sections.
fn timed(pairs: &Value) -> (u32, f64) {
    let pairs = pairs.as_array().map_or(&[][..], Vec::as_slice);
    let sides = pairs.iter().flat_map(|pair| [&pair["base"]["nanos"], &pair["candidate"]["nanos"]]);
    let nanos = sides.filter_map(Value::as_array).flatten().filter_map(number).sum::<f64>();
    (pairs.len() as u32, nanos / 1e9)
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

fn verdict(value: &Value) -> Verdict {
    match value.as_str() {
        Some("regressed" | "accepted") => Verdict::Regressed,
        Some("improved") => Verdict::Improved,
        Some("unchanged" | "identical") => Verdict::Unchanged,
        Some("inconclusive") => Verdict::Inconclusive,
        Some("layout") => Verdict::Layout,
        _ => Verdict::Failed,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn series(id: &str, pairs: usize, confirming: Option<usize>) -> Value {
        let pair = json!({"base": {"nanos": [1e9, 1e9]}, "candidate": {"nanos": [2e9]}});
        let pairs_of = |count: usize| vec![pair.clone(); count];
        let confirmation = confirming.map(|count| json!({"pairs": pairs_of(count)}));
        let paired = json!({"pairs": pairs_of(pairs), "confirmation": confirmation});
        json!({"group": id, "function": null, "value": null, "metric": "time", "evidence": {"pairs": paired}})
    }

    fn outcome(ids: &[&str]) -> Value {
        let one = |id: &&str| json!({"id": id, "metric": "time", "verdict": "unchanged", "effect": {"estimate": 0.01}});
        json!({"series": ids.iter().map(one).collect::<Vec<_>>()})
    }

    #[test]
    fn machine_times_add_up_to_that_of_the_run() {
        let mut gate = Gate::new("gate".into(), Path::new(""));
        // 3 + 1 pairs of 4 s in timed sections are 16 s; the other 8 s are shared by pairs.
        let run = json!({"measured_seconds": 24.0, "series": [series("a", 3, None), series("b", 1, None)]});
        let said = gate.read(&outcome(&["a", "b"]), &run, 0.5).expect("a run");
        assert_eq!((said["a"].seconds, said["b"].seconds), (Some(18.0), Some(6.0)));
        assert_eq!((said["a"].pairs, said["a"].confirming, said["a"].cpu), (3, Some(0.0), Some(9.0)));
        assert_eq!((said["a"].verdict, said["a"].effect), (Verdict::Unchanged, Some(0.01)));

        // The time of linking is known to nobody; what a pair takes beside its timed sections is known from before.
        let run = json!({"measured_seconds": 500.0, "series": [series("a", 2, Some(12)), series("b", 1, None)]});
        let said = gate.read(&outcome(&["a", "b"]), &run, 0.5).expect("a run");
        assert_eq!((said["a"].seconds, said["a"].confirming, said["a"].linking), (Some(12.0), Some(72.0), Some(410.0)));
        assert_eq!((said["b"].seconds, said["b"].confirming, said["b"].linking), (Some(6.0), Some(0.0), None));

        let mut fresh = Gate::new("gate".into(), Path::new(""));
        assert_eq!(fresh.read(&outcome(&["a"]), &run, 0.5).expect("a run")["a"].seconds, None);
    }

    #[test]
    fn other_metrics_do_not_count() {
        let mut gate = Gate::new("gate".into(), Path::new(""));
        let outcome = json!({"series": [{"id": "a", "metric": "bytes", "verdict": "regressed", "effect": null}]});
        let run = json!({"measured_seconds": 1.0, "series": []});
        assert_eq!(gate.read(&outcome, &run, 1.0).expect("a run"), BTreeMap::new());
    }
}
