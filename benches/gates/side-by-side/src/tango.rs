//! tango: both executables at once, on two processors, samples in step.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::observation::Verdict;
use crate::spend::{Spent, spend};

/// How long tango may measure a subject.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Effort {
    /// Its default, a tenth of a second.
    Default,
    /// About so many seconds, all in all.
    Seconds(f64),
}

/// Seconds that a comparison takes beside measuring: it starts two processes and estimates how many iterations fit. It then
/// looks at the clock every 50 ms only, so it takes a little more than it is given.
const BESIDE: f64 = 0.03;
/// Now and then it ends with "No measurements given"; the next try gives some.
const TRIES: u32 = 5;
/// Shortest time that it can keep, in seconds.
const LEAST: f64 = 0.05;

/// Compares one subject of two executables.
///
/// # Errors
/// tango fails or says nothing about the subject.
pub fn compare(base: &Path, candidate: &Path, subject: &str, effort: Effort) -> Result<(Verdict, Option<f64>, Spent)> {
    let mut command = Command::new(candidate);
    command.args(["--color", "never", "compare", "--filter", subject]);
    if let Effort::Seconds(seconds) = effort {
        command.args(["--time", &format!("{:.3}", (seconds - BESIDE).max(LEAST))]);
    }
    command.arg(base);
    for tries in 1.. {
        let (output, spent) = spend(&mut command)?; // it fails where something is slower, and says so
        let said = String::from_utf8_lossy(&output.stdout);
        match verdict(&said, subject) {
            Some((verdict, effect)) => return Ok((verdict, Some(effect), spent)),
            None if tries < TRIES => {}
            None => {
                let complaint = String::from_utf8_lossy(&output.stderr);
                bail!("tango says nothing about `{subject}`, {}:\n{said}{complaint}", output.status);
            }
        }
    }
    unreachable!("it returns from the loop")
}

/// Reads `name [ 375.5 ns ... 369.0 ns ] -1.58%*`; the star says that it is significant.
fn verdict(said: &str, subject: &str) -> Option<(Verdict, f64)> {
    let line = said.lines().find(|line| line.split_whitespace().next() == Some(subject))?;
    let (percent, star) = line.rsplit_once(']')?.1.trim().split_once('%')?;
    let effect = percent.trim().parse::<f64>().ok()? / 100.0;
    let verdict = match (star.trim(), effect > 0.0) {
        ("*", true) => Verdict::Regressed,
        ("*", false) => Verdict::Improved,
        _ => Verdict::Unchanged,
    };
    Some((verdict, effect))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn star_is_a_verdict() {
        #[track_caller]
        fn check(line: &str, expected: Option<(Verdict, f64)>) {
            assert_eq!(verdict(line, "sort"), expected, "{line}");
        }
        check("sort    [ 375.5 ns ... 412.0 ns ]      +10.00%*", Some((Verdict::Regressed, 0.1)));
        check("sort    [ 375.5 ns ... 369.0 ns ]      -2.00%*", Some((Verdict::Improved, -0.02)));
        check("sort    [ 375.5 ns ... 376.0 ns ]      +25.00%", Some((Verdict::Unchanged, 0.25)));
        check("sorted  [ 375.5 ns ... 376.0 ns ]      +0.10%", None);
        check("", None);
    }
}
