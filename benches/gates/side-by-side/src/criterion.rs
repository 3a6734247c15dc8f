//! Criterion's own comparison: `--save-baseline`, then `--baseline`, in two runs of the whole suite.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::observation::Verdict;
use crate::spend::{Spent, succeed};

/// How long Criterion may measure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Effort {
    /// Its default: 3 s of warm-up, 5 s of measuring, 100 samples, 100 000 resamples.
    Default,
    /// About so many seconds a side, all in all.
    Seconds(f64),
}

/// Seconds that a short run needs beside warm-up and measuring, with [`RESAMPLES`].
const BESIDE: f64 = 0.015;
/// Shortest time for warm-up and measuring together, in seconds.
const LEAST: f64 = 0.03;
/// Samples of a short run, the fewest that Criterion takes.
const SAMPLES: &str = "10";
/// Resamples of a short run: the default of 100 000 alone takes two seconds.
const RESAMPLES: &str = "1000";
/// Name of the baseline.
pub const BASELINE: &str = "base";

/// Where one suite's measurements lie; critcmp wants them in a directory `criterion`.
#[derive(Debug)]
pub struct Home {
    /// The directory that holds `criterion`.
    pub root: PathBuf,
}

impl Home {
    /// An empty one.
    ///
    /// # Errors
    /// It cannot be emptied.
    pub fn fresh(root: PathBuf) -> Result<Self> {
        if root.exists() {
            fs::remove_dir_all(&root).with_context(|| format!("cannot empty `{}`", root.display()))?;
        }
        fs::create_dir_all(&root).with_context(|| format!("cannot make `{}`", root.display()))?;
        Ok(Self { root })
    }

    /// Measures the base of one subject.
    ///
    /// # Errors
    /// The bench fails.
    pub fn save(&self, executable: &Path, subject: &str, effort: Effort) -> Result<Spent> {
        let mut command = self.command(executable, subject, effort);
        Ok(succeed(command.args(["--save-baseline", BASELINE]))?.1)
    }

    /// Measures the candidate of one subject and compares.
    ///
    /// # Errors
    /// The bench fails or says nothing about the change.
    pub fn compare(&self, executable: &Path, subject: &str, effort: Effort) -> Result<(Verdict, Option<f64>, Spent)> {
        let mut command = self.command(executable, subject, effort);
        let (said, spent) = succeed(command.args(["--baseline", BASELINE]))?;
        let verdict = verdict(&said).with_context(|| format!("Criterion says nothing about `{subject}`:\n{said}"))?;
        let estimates = self.root.join("criterion").join(subject).join("change").join("estimates.json");
        let estimates = fs::read(&estimates).with_context(|| format!("cannot read `{}`", estimates.display()))?;
        let estimates: Value = serde_json::from_slice(&estimates).context("the estimates are no JSON")?;
        Ok((verdict, estimates["mean"]["point_estimate"].as_f64(), spent))
    }

    fn command(&self, executable: &Path, subject: &str, effort: Effort) -> Command {
        let mut command = Command::new(executable);
        command.env("CRITERION_HOME", self.root.join("criterion")).current_dir(&self.root);
        command.args(["--bench", "--noplot", "--exact", subject]);
        if let Effort::Seconds(seconds) = effort {
            let measuring = (seconds - BESIDE).max(LEAST);
            command.args(["--sample-size", SAMPLES, "--nresamples", RESAMPLES]);
            command.args(["--warm-up-time", &format!("{:.3}", measuring / 3.0)]);
            command.args(["--measurement-time", &format!("{:.3}", measuring / 1.5)]);
        }
        command
    }
}

/// The sentence that Criterion ends a comparison with.
fn verdict(said: &str) -> Option<Verdict> {
    let sentences = [
        ("Performance has regressed.", Verdict::Regressed),
        ("Performance has improved.", Verdict::Improved),
        ("No change in performance detected.", Verdict::Unchanged),
        ("Change within noise threshold.", Verdict::Unchanged),
    ];
    sentences.into_iter().find(|(sentence, _)| said.contains(sentence)).map(|(_, verdict)| verdict)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_verdicts() {
        #[track_caller]
        fn check(said: &str, expected: Option<Verdict>) {
            assert_eq!(verdict(said), expected);
        }
        check("a   time: [1 ns 2 ns 3 ns]\n   Performance has regressed.\n", Some(Verdict::Regressed));
        check("   Performance has improved.\n", Some(Verdict::Improved));
        check("   No change in performance detected.\n", Some(Verdict::Unchanged));
        check("   Change within noise threshold.\n", Some(Verdict::Unchanged));
        check("a   time: [1 ns 2 ns 3 ns]\n", None);
    }
}
