//! critcmp at 5 %, over what Criterion kept: means that differ by more are listed, all others are not.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::criterion::{BASELINE, Home};
use crate::observation::Verdict;
use crate::spend::{spend, succeed};

/// The version that is compared.
const VERSION: &str = "0.1.8";
/// Per cent below which it stays silent.
const THRESHOLD: &str = "5";
/// What Criterion calls the run that it has just made.
const CANDIDATE: &str = "new";

/// The program, installed below `root` where it is not there yet.
///
/// # Errors
/// It cannot be installed.
pub fn install(root: &Path) -> Result<PathBuf> {
    let program = root.join("tools").join("bin").join("critcmp");
    if !program.exists() {
        let mut command = Command::new("cargo");
        command.args(["install", "critcmp", "--version", VERSION, "--locked", "--quiet", "--root"]);
        succeed(command.arg(root.join("tools")).env("CARGO_TARGET_DIR", root.join("target")))?;
    }
    Ok(program)
}

/// What it lists: verdict and effect by subject; what is missing is within the threshold.
///
/// # Errors
/// It cannot be run, or says something else.
pub fn compare(program: &Path, home: &Home) -> Result<BTreeMap<String, (Verdict, f64)>> {
    let mut command = Command::new(program);
    command.args(["--list", "--color", "never", "--threshold", THRESHOLD, "--target-dir"]).arg(&home.root);
    let (output, _) = spend(command.args([BASELINE, CANDIDATE]))?;
    let (said, complaint) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if !output.status.success() {
        if complaint.trim() == "no benchmark comparisons to show" {
            return Ok(BTreeMap::new());
        }
        bail!("critcmp failed with {}:\n{said}{complaint}", output.status);
    }
    listed(&said)
}

/// Reads blocks of a subject's name, a rule, and a line for each baseline: name, ratio to the fastest, time.
fn listed(said: &str) -> Result<BTreeMap<String, (Verdict, f64)>> {
    let mut found = BTreeMap::new();
    for block in said.split("\n\n").filter(|block| !block.trim().is_empty()) {
        let context = || format!("critcmp listed something unexpected:\n{block}");
        let name = block.lines().next().with_context(context)?.trim();
        let ratio = |baseline: &str| -> Option<f64> {
            let mut lines = block.lines().skip(2).map(str::split_whitespace);
            lines.find_map(|mut words| if words.next() == Some(baseline) { words.next()?.parse().ok() } else { None })
        };
        let (base, candidate) = (ratio(BASELINE).with_context(context)?, ratio(CANDIDATE).with_context(context)?);
        let verdict = if candidate > base { Verdict::Regressed } else { Verdict::Improved };
        found.insert(name.to_owned(), (verdict, candidate / base - 1.0));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_says_who_is_slower() {
        let said = "alloc\n-----\nbase\t   1.00\t  2.4±0.1µs\t ? ?/sec\nnew \t   1.25\t  3.0±0.1µs\t ? ?/sec\n\n\
                    sort\n----\nnew \t   1.00\t  3.0±0.1µs\t ? ?/sec\nbase\t   1.06\t  3.2±0.1µs\t ? ?/sec\n";
        let found = listed(said).expect("a list");
        assert_eq!(found["alloc"], (Verdict::Regressed, 0.25));
        assert_eq!(found["sort"].0, Verdict::Improved);
        assert_eq!(found.len(), 2);
        assert!(listed("alloc\n-----\nother 1.00\n").is_err());
    }
}
