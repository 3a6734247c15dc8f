//! One bench process: how it is started, watched and ended.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;

use super::super::build::Executable;
use super::super::command::tail;
use super::super::commands::SideCommand;
use super::super::cure::cure;
use super::super::elf::loaded_part;
use super::super::interruption;
use super::super::lockstep::{Fit, KnownEnds};
use super::super::reads::Leash;
use super::super::seal::{Broken, Look, Seal};
use super::super::start::start;
use super::Cpus;
use benchgate_core::model::{Failure, FailureKind, Side};

/// An executable, ready to run for one role.
///
/// Paths of both roles have equal lengths, and so have arguments and environments: what differs between the sides must
/// be the code alone. An environment lies on the stack of its process, so one that is longer by a few bytes moves all
/// frames, which some benches notice. Where cargo gives both sides the same variables, those that name places of a side
/// name places of equal length; where a change sets another value, the length is part of the change.
#[derive(Clone, Debug)]
pub struct Arm {
    /// Whose it is; failures are reported under it.
    pub side: Side,
    /// The executable's loaded part, copied anew for each process.
    pub file: PathBuf,
    /// Where it runs: where cargo would start it.
    pub directory: PathBuf,
    /// What cargo would give it of an environment, but for what the gate must set.
    pub environment: Arc<BTreeMap<OsString, OsString>>,
    /// Where it may write.
    pub home: PathBuf,
    /// What to put before `PATH`; hides gnuplot, whose version every Criterion process asks for.
    pub shadow: Option<PathBuf>,
    /// What lockstep needs to know of it, or why it cannot take part.
    pub fit: Result<Fit, String>,
    /// Where pages of pairs lie.
    pub scratch: PathBuf,
    /// The build that it comes from.
    pub built: Seal,
    /// [`Arm::file`].
    pub own: Seal,
    /// What it runs, where that is a command and no bench.
    pub(in crate::collect) command: Option<Arc<SideCommand>>,
}

/// How an arm is started.
#[derive(Clone, Debug)]
pub(in crate::collect) struct Launch {
    /// Its command line.
    pub arguments: Vec<String>,
    /// What is added to its environment.
    pub environment: Vec<(&'static str, String)>,
    /// Where its threads may run.
    pub cpus: Cpus,
    /// Has it watched, where what it reads is to be known.
    pub leash: Option<Leash>,
}

impl Launch {
    /// Anywhere, with the usual environment.
    pub fn plain(arguments: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let arguments = arguments.into_iter().map(Into::into).collect();
        Self { arguments, environment: Vec::new(), cpus: Cpus::All, leash: None }
    }
}

/// Numbers the copies; always the same number of digits, so that paths of both sides have one length.
static COPIES: AtomicU32 = AtomicU32::new(0);

impl Arm {
    /// Copies the part of an executable that is loaded, without debug information, into the run's scratch directory.
    ///
    /// # Errors
    /// It cannot be copied.
    pub fn prepare(scratch: &Path, side: Side, index: usize, executable: &Executable) -> anyhow::Result<Self> {
        // Names of equal length on both sides.
        let place = scratch.join(match side {
            Side::Base => "b",
            Side::Candidate => "c",
        });
        let home = place.join(format!("h{index:03}"));
        let file = place.join(format!("x{index:03}"));
        let context = || format!("cannot copy an executable to `{}`", file.display());
        fs::create_dir_all(&home).with_context(context)?;
        let bytes = fs::read(&executable.file).with_context(context)?;
        fs::write(&file, loaded_part(&bytes).as_deref().unwrap_or(&bytes)).with_context(context)?;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).with_context(context)?;
        Ok(Self {
            side,
            directory: executable.surroundings.directory.clone(),
            environment: Arc::new(executable.surroundings.environment()),
            home,
            shadow: shadow(scratch)?,
            fit: Fit::of(&bytes, scratch)?,
            scratch: scratch.to_owned(),
            built: executable.seal.clone(),
            own: Seal::of_file(&file).with_context(context)?,
            file,
            command: None,
        })
    }

    /// Whether the executable and what it may open are still what was built.
    ///
    /// # Errors
    /// A file is another, or gone.
    pub fn check(&self) -> Result<(), Broken> {
        self.built.check().and_then(|()| self.own.check())
    }

    /// A copy for one process. Where the page cache puts a file stays fixed for the file's life and moves some benches by
    /// several per cent, so it is drawn anew for each process, like everything else that differs between the sides.
    fn fresh_copy(&self) -> io::Result<PathBuf> {
        let copy = self.file.with_extension(format!("{:08}", COPIES.fetch_add(1, Ordering::Relaxed) % 100_000_000));
        self.check().map_err(io::Error::other)?;
        fs::copy(&self.file, &copy)?;
        self.own.check().map_err(io::Error::other)?;
        Ok(copy)
    }

    /// What has been learned of it, for executables that are linked of the same functions; `built` is the file that it comes from.
    pub fn known_ends(&self, built: &Path) -> KnownEnds {
        self.fit.as_ref().map(|fit| KnownEnds::of(&fit.lessons, built)).unwrap_or_default()
    }

    /// The same executable in the other role, for claims that hold two benches of one side against each other.
    ///
    /// # Errors
    /// It cannot be copied.
    pub fn in_role(&self, scratch: &Path, side: Side, index: usize) -> anyhow::Result<Self> {
        if self.command.is_some() {
            return Ok(Self { side, ..self.clone() });
        }
        let place = scratch.join(match side {
            Side::Base => "b",
            Side::Candidate => "c",
        });
        let home = place.join(format!("r{index:03}"));
        let file = place.join(format!("y{index:03}"));
        let context = || format!("cannot copy an executable to `{}`", file.display());
        fs::create_dir_all(&home).with_context(context)?;
        fs::copy(&self.file, &file).with_context(context)?;
        self.own.check()?;
        Ok(Self { side, home, own: Seal::of_file(&file).with_context(context)?, file, ..self.clone() })
    }
}

/// A directory with a `gnuplot` that fails at once, where there is a real one: every Criterion process asks it for its
/// version, which takes tens of milliseconds.
fn shadow(scratch: &Path) -> anyhow::Result<Option<PathBuf>> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if !std::env::split_paths(&path).any(|directory| directory.join("gnuplot").is_file()) {
        return Ok(None);
    }
    let shadow = scratch.join("shadow");
    fs::create_dir_all(&shadow).with_context(|| format!("cannot make `{}`", shadow.display()))?;
    let link = shadow.join("gnuplot");
    if fs::symlink_metadata(&link).is_err() {
        std::os::unix::fs::symlink("/bin/false", &link).with_context(|| format!("cannot make `{}`", link.display()))?;
    }
    Ok(Some(shadow))
}

/// How long to wait for a bench process, and whether to stop.
#[derive(Clone, Copy, Debug)]
pub struct Limits<'a> {
    /// From start to connecting.
    pub start: Duration,
    /// For one bench.
    pub step: Duration,
    /// Set when the user interrupts.
    pub interrupted: &'a AtomicBool,
}

impl Limits<'_> {
    /// Whether the user has interrupted.
    pub fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }
}

/// Names libraries that the loader takes before all others. What the user has there stays, behind the gate's own.
const PRELOAD: &str = "LD_PRELOAD";

/// How waiting for a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::collect) enum End {
    /// It ended by itself.
    With(ExitStatus),
    /// The user interrupted it, or the run.
    Interrupted,
    /// The time ran out.
    TooLate,
}

/// A running process that is killed when dropped.
#[derive(Debug)]
pub(in crate::collect) struct Process {
    child: Child,
    said: PathBuf,
    side: Side,
    /// The copy that this process runs; goes with it.
    file: PathBuf,
}

impl Process {
    /// Starts an arm; its output goes to a file that [`Process::failure`] quotes.
    pub fn start(arm: &Arm, launch: &Launch) -> io::Result<Self> {
        fs::create_dir_all(&arm.home)?;
        let said = arm.home.join("said");
        let output = File::create(&said)?;
        let file = arm.fresh_copy()?;
        let look = Look::at(&file)?;
        let mut command = Command::new(&file);
        command.env_clear().envs(&*arm.environment);
        command.args(&launch.arguments).current_dir(&arm.directory);
        command.env("CRITERION_HOME", arm.home.join("criterion"));
        command.env("CARGO_TARGET_DIR", &arm.home); // Criterion before 0.3.3 knows only this, and writes to `criterion` in it
        if let Some(shadow) = &arm.shadow {
            let path = arm.environment.get(OsStr::new("PATH")).cloned().unwrap_or_default();
            let all = std::iter::once(shadow.clone()).chain(std::env::split_paths(&path));
            command.env("PATH", std::env::join_paths(all).map_err(io::Error::other)?);
        }
        for (name, value) in &launch.environment {
            match arm.environment.get(OsStr::new(name)).filter(|_| *name == PRELOAD) {
                Some(users) => command.env(name, [OsStr::new(value), users].join(OsStr::new(":"))),
                None => command.env(name, value),
            };
        }
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        if let Some(leash) = &launch.leash {
            leash.attach(&mut command);
        }
        let child = launch.cpus.start(|| start(&mut command))?;
        let process = Self { child, said, side: arm.side, file };
        // A file that is being run cannot be written any more; until then a process of the other side could.
        if Look::at(&process.file)? != look {
            return Err(io::Error::other(Broken { file: process.file.clone() }));
        }
        Ok(process)
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Threads that it has now; 1 where the system does not tell.
    pub fn threads(&self) -> u32 {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.id()));
        tasks.map_or(1, |tasks| u32::try_from(tasks.count()).unwrap_or(u32::MAX))
    }

    /// Processor time that its threads have used or waited for, in a queue; `None` where the system does not tell. What is
    /// missing from wall time, the process spent waiting for something else.
    pub fn busy(&self) -> Option<Duration> {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.id())).ok()?;
        let mut nanos = 0;
        for task in tasks {
            let text = fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
            let mut numbers = text.split_ascii_whitespace().map(str::parse::<u64>);
            nanos += numbers.next()?.ok()? + numbers.next()?.ok()?;
        }
        Some(Duration::from_nanos(nanos))
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// Waits for its end, for so long.
    pub fn wait(&mut self, limit: Duration, limits: &Limits<'_>) -> io::Result<End> {
        let deadline = Instant::now() + limit;
        let mut pause = Duration::from_micros(200);
        loop {
            if let Some(status) = self.ended()? {
                return Ok(if interruption::explains(status) { End::Interrupted } else { End::With(status) });
            }
            if limits.is_interrupted() {
                return Ok(End::Interrupted);
            }
            if Instant::now() > deadline {
                return Ok(End::TooLate);
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(2)); // the other side of a pair may wait for its end
        }
    }

    /// A failure of this process, with the last words that it printed.
    pub fn failure(&self, kind: FailureKind, what: &str) -> Failure {
        let said = fs::read(&self.said).unwrap_or_default();
        let said = last_words(&said);
        let message = match cure(&said) {
            _ if said.is_empty() => what.to_owned(),
            Some(cure) => format!("{what}; it printed:\n{said}\nhint: {cure}"),
            None => format!("{what}; it printed:\n{said}"),
        };
        Failure { side: self.side, kind, message }
    }

    /// What it printed so far.
    pub fn said(&self) -> Vec<u8> {
        fs::read(&self.said).unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Nothing is lost with a copy that stays: it lies in the run's scratch directory.
        fs::remove_file(&self.file).ok();
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        // Nothing can be done about a process that cannot be killed; it has nothing of ours.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// What a process said last: from its last panic on, whose message a backtrace would push out of the tail.
fn last_words(said: &[u8]) -> String {
    const LINES: usize = 12;
    let text = String::from_utf8_lossy(said);
    match text.lines().collect::<Vec<_>>() {
        lines if lines.len() > LINES => match lines.iter().rposition(|line| line.contains(" panicked at ")) {
            Some(panic) => lines[panic..].iter().take(LINES).copied().collect::<Vec<_>>().join("\n"),
            None => tail(said, LINES),
        },
        _ => tail(said, LINES),
    }
}

/// A failure before there was a process.
pub(in crate::collect) fn not_started(side: Side, file: &Path, error: &io::Error) -> Failure {
    Failure { side, kind: FailureKind::Crashed, message: format!("cannot start `{}`: {error}", file.display()) }
}
