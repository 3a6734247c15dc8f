//! Running a command and what it cost.

use std::process::{Command, Output};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

/// What a command cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spent {
    /// Seconds from start to end: the machine could do nothing else that is timed.
    pub wall: f64,
    /// Seconds of processor time, of all its processes that it waited for.
    pub cpu: f64,
}

impl Spent {
    /// Both together.
    pub fn plus(self, other: Self) -> Self {
        Self { wall: self.wall + other.wall, cpu: self.cpu + other.cpu }
    }
}

/// Runs a command to its end, whatever that is.
///
/// # Errors
/// It cannot be started.
pub fn spend(command: &mut Command) -> Result<(Output, Spent)> {
    let before = children_cpu()?;
    let started = Instant::now();
    let output = command.output().with_context(|| format!("cannot run {command:?}"))?;
    let wall = started.elapsed().as_secs_f64();
    Ok((output, Spent { wall, cpu: children_cpu()? - before }))
}

/// Runs a command that must succeed, and returns what it printed.
///
/// # Errors
/// It cannot be started, or fails; its words are kept.
pub fn succeed(command: &mut Command) -> Result<(String, Spent)> {
    let (output, spent) = spend(command)?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        bail!("{command:?} failed with {}:\n{said}{}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok((said, spent))
}

fn children_cpu() -> Result<f64> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).context("cannot read the processor time of children")?;
    Ok((usage.user_time().num_microseconds() + usage.system_time().num_microseconds()) as f64 / 1e6)
}
