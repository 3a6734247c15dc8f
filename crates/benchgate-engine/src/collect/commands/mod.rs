//! Commands that are measured as a whole: each run is a fresh process, timed from its start to its end.
//!
//! ```text
//! gate ──> starter REPORT PROGRAM ARGUMENT…     a process group of its own
//!            └──> PROGRAM ARGUMENT…             wall time, processor time and peak memory by `wait4`
//! ```
//!
//! A program of the side's target directory is put there anew before each run: where the page cache puts a file is fixed for the
//! file's life and moves some programs by several per cent, so it is drawn like everything else that differs between the sides.

mod programs;
#[allow(dead_code, reason = "runs as a program of its own")]
mod starter;

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use rustix::process::{Pid, Signal, kill_process_group};

use super::command::tail;
use super::criterion::{Arm, Limits};
use super::interruption;
use super::launching::Surroundings;
use super::seal::Seal;
use super::start::start;
use benchgate_core::model::{CommandBench, Failure, FailureKind, Metric, Side};
pub use programs::{Programs, ProgramsError};

/// The program that starts commands, as the build script left it; empty where it cannot work.
static STARTER: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/starter"));

/// Lines of a command's words that a failure quotes.
const LINES: usize = 12;

/// Between two looks whether a command has ended; its time is taken elsewhere.
const PAUSE: Duration = Duration::from_millis(1);

/// A command as one side runs it.
#[derive(Debug)]
pub(super) struct SideCommand {
    starter: PathBuf,
    /// The program and its arguments.
    words: Vec<String>,
    stdin: Option<PathBuf>,
    /// Programs of the target directory that are put there anew, each with its copy elsewhere.
    fresh: Vec<(PathBuf, PathBuf)>,
}

/// What one run took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Usage {
    wall_nanos: f64,
    processor_nanos: f64,
    peak_bytes: f64,
}

impl Usage {
    /// What is read as this metric.
    pub fn value(&self, metric: Metric) -> f64 {
        match metric {
            Metric::ProcessorTime => self.processor_nanos,
            Metric::PeakMemory => self.peak_bytes,
            Metric::Time
            | Metric::Allocations
            | Metric::AllocatedBytes
            | Metric::PeakBytes
            | Metric::LiveBytes
            | Metric::LiveSlope
            | Metric::Threads => self.wall_nanos,
        }
    }
}

/// Where a side's command runs.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Whose it is.
    pub side: Side,
    /// The root of the workspace in the side's tree.
    pub root: &'a Path,
    /// The run's scratch directory.
    pub scratch: &'a Path,
    /// Number of its files there.
    pub index: usize,
}

impl Arm {
    /// A command, ready to run for one side.
    ///
    /// # Errors
    /// A file cannot be copied, or a place is no text.
    pub fn of_command(command: &CommandBench, programs: &Programs, place: Place<'_>) -> anyhow::Result<Self> {
        let Place { side, root, scratch, index } = place;
        let text =
            |path: &Path| path.to_str().map(String::from).with_context(|| format!("`{}` is no text", path.display()));
        let (target, tree) = (text(&programs.directory)?, text(root)?);
        let filled = |word: &String| CommandBench::filled(word, &target, &tree);
        let letter = match side {
            Side::Base => "b",
            Side::Candidate => "c",
        };
        let home = scratch.join(letter).join(format!("k{index:03}"));
        let context = || format!("cannot prepare the command `{}`", command.name);
        fs::create_dir_all(&home).with_context(context)?;
        let starter = scratch.join("starter");
        if !starter.exists() {
            fs::write(&starter, STARTER).with_context(context)?;
            fs::set_permissions(&starter, fs::Permissions::from_mode(0o755)).with_context(context)?;
        }
        let mut fresh = Vec::new();
        for (number, name) in command.programs().enumerate() {
            let program = programs.directory.join(name);
            if !fresh.iter().any(|(there, _)| *there == program) {
                let copy = home.join(format!("p{number:02}"));
                fs::copy(&program, &copy).with_context(context)?;
                fresh.push((program, copy));
            }
        }
        let words: Vec<String> = command.run.iter().map(filled).collect();
        let directory = root.join(&command.directory);
        let mut environment = Surroundings::plain(&directory).environment();
        environment.extend(command.environment.iter().map(|(name, value)| (name.into(), filled(value).into())));
        let stdin = command.stdin.as_ref().map(|word| root.join(filled(word)));
        let file = PathBuf::from(&words[0]);
        let command = Some(Arc::new(SideCommand { starter, words, stdin, fresh }));
        Ok(Self {
            side,
            file,
            directory,
            environment: Arc::new(environment),
            home,
            shadow: None,
            fit: Err("a command is timed from its start to its end".into()),
            scratch: scratch.to_owned(),
            built: programs.seal.clone(),
            own: Seal::default(),
            command,
        })
    }

    /// Runs its command once.
    pub(super) fn run_command(&self, limits: &Limits<'_>) -> Result<Usage, Failure> {
        let fail = |kind, message: String| Failure { side: self.side, kind, message };
        let Some(command) = &self.command else { return Err(fail(FailureKind::Rubbish, "it is no command".into())) };
        if STARTER.is_empty() {
            return Err(fail(FailureKind::Crashed, "commands are measured on Linux with glibc only".into()));
        }
        let started =
            command.start(self).map_err(|error| fail(FailureKind::Crashed, format!("cannot start: {error}")))?;
        started.end(self, limits)
    }
}

/// A command that runs; whatever is left of its process group goes with it.
struct Running {
    starter: Child,
    said: PathBuf,
    report: PathBuf,
}

impl SideCommand {
    fn start(&self, arm: &Arm) -> io::Result<Running> {
        for (program, copy) in &self.fresh {
            let new = program.with_extension("benchgate-new");
            fs::copy(copy, &new)?;
            fs::rename(&new, program)?;
        }
        let (said, report) = (arm.home.join("said"), arm.home.join("report"));
        match fs::remove_file(&report) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let output = File::create(&said)?;
        let stdin = match &self.stdin {
            Some(file) => {
                let opened = File::open(file);
                opened.map_err(|error| io::Error::other(format!("`{}` as its input: {error}", file.display())))?.into()
            }
            None => Stdio::null(),
        };
        let mut command = Command::new(&self.starter);
        command.arg(&report).args(&self.words).current_dir(&arm.directory).env_clear().envs(&*arm.environment);
        command.stdin(stdin).stdout(output.try_clone()?).stderr(output).process_group(0);
        Ok(Running { starter: start(&mut command)?, said, report })
    }
}

impl Running {
    fn end(mut self, arm: &Arm, limits: &Limits<'_>) -> Result<Usage, Failure> {
        let side = arm.side;
        let quoted = |what: String, kind| {
            let said = fs::read(&self.said).unwrap_or_default();
            let said = tail(&said, LINES);
            let message = if said.is_empty() { what } else { format!("{what}; it printed:\n{said}") };
            Failure { side, kind, message }
        };
        let deadline = Instant::now() + limits.step;
        let status = loop {
            match self.starter.try_wait() {
                Ok(Some(status)) => break status,
                Ok(None) if limits.is_interrupted() => return Err(quoted("interrupted".into(), FailureKind::TimedOut)),
                Ok(None) if Instant::now() > deadline => {
                    let what = format!("it took longer than {} s", limits.step.as_secs_f64());
                    return Err(quoted(what, FailureKind::TimedOut));
                }
                Ok(None) => std::thread::sleep(PAUSE),
                Err(error) => return Err(quoted(format!("cannot wait for it: {error}"), FailureKind::Crashed)),
            }
        };
        if !status.success() {
            return Err(match interruption::explains(status) {
                true => quoted("interrupted".into(), FailureKind::TimedOut),
                false => quoted("it was not started".into(), FailureKind::Crashed),
            });
        }
        let report = fs::read_to_string(&self.report).unwrap_or_default();
        let Some((usage, status)) = read(&report) else {
            return Err(quoted(format!("what it took is not told but by `{report}`"), FailureKind::Rubbish));
        };
        match status {
            status if status.success() => Ok(usage),
            status if interruption::explains(status) => Err(quoted("interrupted".into(), FailureKind::TimedOut)),
            status => Err(quoted(format!("it ended with {status}"), FailureKind::Crashed)),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // What has ended by itself cannot be killed, and is no loss.
        if let Some(group) = i32::try_from(self.starter.id()).ok().and_then(Pid::from_raw) {
            kill_process_group(group, Signal::KILL).ok();
        }
        self.starter.wait().ok();
    }
}

/// The least that is told of a processor's time: a microsecond, the step of what the system tells.
const LEAST_NANOS: f64 = 1000.0;

/// Reads what the starter wrote.
fn read(report: &str) -> Option<(Usage, ExitStatus)> {
    let mut words = report.split_ascii_whitespace();
    let mut number = || words.next()?.parse::<f64>().ok();
    let (wall_nanos, processor_nanos, peak_bytes) = (number()?, number()?.max(LEAST_NANOS), number()?);
    let status = words.next()?.parse().ok().map(ExitStatus::from_raw)?;
    words.next().is_none().then_some((Usage { wall_nanos, processor_nanos, peak_bytes }, status))
}

#[cfg(test)]
mod tests;
