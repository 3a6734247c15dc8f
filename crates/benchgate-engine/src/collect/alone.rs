//! A bench executable run by itself, as it was built, symbols and lines included: for looking into it, never for timing.

use std::io::{self, Read, Seek};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::build::Executable;
use super::criterion::Limits;
use super::interruption;
use super::start::start;

/// Between two looks whether it ended.
const PAUSE: Duration = Duration::from_millis(10);

/// One run of an executable by itself.
#[derive(Clone, Copy, Debug)]
pub struct Alone<'a> {
    /// The executable.
    pub executable: &'a Executable,
    /// What is said before its name, for instance `valgrind` and its flags; nothing where it runs by itself.
    pub under: &'a [String],
    /// Its own arguments.
    pub arguments: &'a [String],
    /// What is added to its environment.
    pub environment: &'a [(&'a str, &'a Path)],
    /// Where it may write.
    pub home: &'a Path,
    /// It is killed after this long.
    pub longest: Duration,
}

/// How a run by itself ended, where that was no success.
#[derive(Debug, thiserror::Error)]
pub enum AloneError {
    /// The program is not there.
    #[error("`{program}` is not installed")]
    Missing {
        /// Which.
        program: String,
    },
    /// It cannot be started.
    #[error("it cannot be started: {0}")]
    Start(io::Error),
    /// It took too long.
    #[error("it did not end within {seconds} s")]
    TooLong {
        /// How long it was given.
        seconds: u64,
    },
    /// The user interrupted.
    #[error("interrupted")]
    Interrupted,
    /// It failed.
    #[error("it ended with {0}")]
    Failed(String),
}

impl Alone<'_> {
    /// Runs it to its end and gives what it printed.
    ///
    /// # Errors
    /// It did not end well, or not in time.
    pub fn run(&self, limits: &Limits<'_>) -> Result<String, AloneError> {
        let mut said = tempfile::tempfile().map_err(AloneError::Start)?;
        let output = said.try_clone().map_err(AloneError::Start)?;
        let mut command = match self.under {
            [] => Command::new(&self.executable.file),
            [program, arguments @ ..] => {
                let mut command = Command::new(program);
                command.args(arguments).arg(&self.executable.file);
                command
            }
        };
        let surroundings = &self.executable.surroundings;
        command
            .env_clear()
            .envs(surroundings.environment())
            .args(self.arguments)
            .current_dir(&surroundings.directory)
            .env("CRITERION_HOME", self.home)
            .env("CARGO_TARGET_DIR", self.home) // Criterion before 0.3.3 knows only this
            .envs(self.environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(Stdio::null());
        let mut child = start(&mut command).map_err(|error| match (error.kind(), self.under.first()) {
            (io::ErrorKind::NotFound, Some(program)) => AloneError::Missing { program: program.clone() },
            _ => AloneError::Start(error),
        })?;
        self.wait(&mut child, limits).inspect_err(|_| {
            // Nothing can be done about a process that cannot be killed; it has nothing of ours.
            child.kill().ok();
            child.wait().ok();
        })?;
        let mut text = Vec::new();
        said.rewind().and_then(|()| said.read_to_end(&mut text)).map_err(AloneError::Start)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    fn wait(&self, child: &mut Child, limits: &Limits<'_>) -> Result<(), AloneError> {
        let started = Instant::now();
        loop {
            match child.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(Some(status)) if interruption::explains(status) => return Err(AloneError::Interrupted),
                Ok(Some(status)) => return Err(AloneError::Failed(status.to_string())),
                Err(error) => return Err(AloneError::Start(error)),
                Ok(None) if limits.is_interrupted() => return Err(AloneError::Interrupted),
                Ok(None) if started.elapsed() > self.longest => {
                    return Err(AloneError::TooLong { seconds: self.longest.as_secs() });
                }
                Ok(None) => thread::sleep(PAUSE),
            }
        }
    }
}
