//! `ci`: everything that CI checks and a developer runs before a commit.

mod steps;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::Context;
use cargo_metadata::MetadataCommand;

use self::steps::{Step, steps};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    passed: u64,
    failed: u64,
    skipped: u64,
}

/// Runs all steps, the rest even after one has failed, and ends with one line that counts all tests; whether all went well.
///
/// # Errors
/// A step cannot be started, or cargo does not understand the workspace.
pub(crate) fn run() -> anyhow::Result<bool> {
    let workspace = MetadataCommand::new().no_deps().exec()?;
    let root = workspace.workspace_root.as_std_path();
    let mut tally = Tally::default();
    let mut failed = Vec::new();
    for step in &steps(root, &workspace)? {
        if let Some(reason) = step.reason_to_skip(root)? {
            anstream::println!("== {}: {}\nskipped: {reason}", step.name, step.command.join(" "));
            tally.skipped += 1;
            continue;
        }
        let started = Instant::now();
        anstream::println!("== {}: {}", step.name, step.command.join(" "));
        let (is_ok, output) = step.run(root)?;
        tally.add(&output);
        anstream::println!(
            "== {}: {} in {:.0} s",
            step.name,
            if is_ok { "ok" } else { "FAILED" },
            started.elapsed().as_secs_f64()
        );
        if !is_ok {
            failed.push(step.name.clone());
        }
    }
    if failed.is_empty() && tally.passed == 0 {
        failed.push("tests (none ran)".to_owned());
    }
    if !failed.is_empty() {
        anstream::println!("error: failed: {}", failed.join(", "));
    }
    anstream::println!("{} passed, {} failed, {} skipped", tally.passed, tally.failed, tally.skipped);
    Ok(failed.is_empty())
}

impl Step {
    /// Why this machine cannot run it, if so: the program that it needs does not start.
    fn reason_to_skip(&self, root: &Path) -> anyhow::Result<Option<String>> {
        let Some(needs) = &self.needs else { return Ok(None) };
        let asked = needs.command.join(" ");
        let works = match self.command(&needs.command, root).output() {
            Ok(output) => output.status.success(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
            Err(error) => return Err(error).with_context(|| format!("cannot run `{asked}`")),
        };
        Ok((!works).then(|| format!("`{asked}` fails; {}", needs.hint)))
    }

    fn command(&self, words: &[String], root: &Path) -> Command {
        let (program, arguments) = words.split_first().expect("a step names its program");
        // Found by its name: rustup's cargo, not the one of the toolchain that runs this, understands `+nightly`.
        let mut command = Command::new(program);
        command.args(arguments).current_dir(root).stdin(Stdio::null());
        for (name, value) in self.environment {
            command.env(name, value);
        }
        if arguments.first().is_some_and(|first| first.starts_with('+')) {
            for name in ["CARGO", "RUSTC", "RUSTDOC", "RUSTUP_TOOLCHAIN"] {
                command.env_remove(name);
            }
        }
        command
    }

    /// Whether it went well, and what it printed; shown as it comes.
    fn run(&self, root: &Path) -> anyhow::Result<(bool, String)> {
        let mut command = self.command(&self.command, root);
        command.stdout(Stdio::piped());
        let context = || format!("cannot run `{}`", self.command.join(" "));
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
