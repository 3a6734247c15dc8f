//! `ci`: everything that CI checks and a developer runs before a commit.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, anyhow};

use super::args::CiArgs;
use super::prepare::load_workspace;
use super::stop::{OrStop, Stop};
use crate::gate::ExitCode;

/// One step: its name, cargo's arguments, and variables that it needs.
struct Step {
    name: &'static str,
    arguments: &'static [&'static str],
    environment: &'static [(&'static str, &'static str)],
}

const STEPS: [Step; 5] = [
    Step { name: "format", arguments: &["fmt", "--all", "--check"], environment: &[] },
    Step {
        name: "lints",
        arguments: &["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"],
        environment: &[],
    },
    Step {
        name: "documentation",
        arguments: &["doc", "--workspace", "--no-deps", "--quiet"],
        environment: &[("RUSTDOCFLAGS", "-D warnings")],
    },
    Step { name: "tests", arguments: &["test", "--workspace", "--no-fail-fast"], environment: &[] },
    Step {
        name: "benches, once each",
        arguments: &["test", "--workspace", "--benches", "--no-fail-fast"],
        environment: &[],
    },
];

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    passed: u64,
    failed: u64,
    skipped: u64,
}

/// Runs all steps, the rest even after one has failed, and ends with one line that counts all tests.
pub(super) fn run(args: &CiArgs) -> Result<ExitCode, Stop> {
    let workspace = load_workspace(&args.workspace.manifest_path)?;
    let mut tally = Tally::default();
    let mut failed = Vec::new();
    for step in &STEPS {
        let started = Instant::now();
        anstream::println!("== {}: cargo {}", step.name, step.arguments.join(" "));
        let (is_ok, output) = step.run(&workspace.root).or_stop(ExitCode::Internal)?;
        tally.add(&output);
        anstream::println!(
            "== {}: {} in {:.0} s",
            step.name,
            if is_ok { "ok" } else { "FAILED" },
            started.elapsed().as_secs_f64()
        );
        if !is_ok {
            failed.push(step.name);
        }
    }
    if failed.is_empty() && tally.passed == 0 {
        failed.push("tests (none ran)");
    }
    let result = match failed.is_empty() {
        true => Ok(ExitCode::Pass),
        false => Err(Stop { code: ExitCode::Internal, error: anyhow!("failed: {}", failed.join(", ")) }),
    };
    if let Err(stop) = &result {
        anstream::println!("error: {}", stop.error);
    }
    anstream::println!("{} passed, {} failed, {} skipped", tally.passed, tally.failed, tally.skipped);
    result
}

impl Step {
    /// Whether it went well, and what it printed; shown as it comes.
    fn run(&self, root: &Path) -> anyhow::Result<(bool, String)> {
        let mut command = Command::new("cargo");
        command.args(self.arguments).current_dir(root).stdin(Stdio::null()).stdout(Stdio::piped());
        for (name, value) in self.environment {
            command.env(name, value);
        }
        let context = || format!("cannot run `cargo {}`", self.arguments.join(" "));
        let mut child = command.spawn().with_context(context)?;
        let mut said = String::new();
        let out = std::io::BufReader::new(child.stdout.take().expect("stdout is piped"));
        for line in std::io::BufRead::lines(out).map_while(Result::ok) {
            anstream::println!("{line}");
            said.push_str(&line);
            said.push('\n');
        }
        Ok((child.wait().with_context(context)?.success(), said))
    }
}

impl Tally {
    /// Adds what test runners report: libtest's result lines, Criterion's and the heap harness's test mode.
    fn add(&mut self, output: &str) {
        for line in output.lines() {
            if let Some(counts) = line.strip_prefix("test result: ") {
                self.passed += number_before(counts, " passed");
                self.failed += number_before(counts, " failed");
                self.skipped += number_before(counts, " ignored");
            } else if line == "Success" {
                self.passed += 1;
            } else if line.starts_with("skipped: ") {
                self.skipped += 1;
            }
        }
    }
}

fn number_before(text: &str, word: &str) -> u64 {
    let Some((before, _)) = text.split_once(word) else { return 0 };
    before.rsplit(|c: char| !c.is_ascii_digit()).next().and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_all_runners_are_added_up() {
        #[track_caller]
        fn check(output: &str, passed: u64, failed: u64, skipped: u64) {
            let mut tally = Tally::default();
            tally.add(output);
            assert_eq!(tally, Tally { passed, failed, skipped });
        }
        check(
            "test result: ok. 12 passed; 0 failed; 3 ignored; 0 measured; 0 filtered out; finished in 0.01s\n",
            12,
            0,
            3,
        );
        check(
            "test result: FAILED. 1 passed; 2 failed; 0 ignored\ntest result: ok. 4 passed; 0 failed; 0 ignored\n",
            5,
            2,
            0,
        );
        check("Testing a/b\nSuccess\n\nTesting a/c\nSuccess\n", 2, 0, 0);
        check("nothing of interest\n", 0, 0, 0);
    }
}
