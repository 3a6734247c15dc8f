//! The thread that is told of the calls of a watched process.

mod calls;
mod task;
mod walk;
mod watch;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::notes::Notes;
use super::state::Use;
use crate::collect::roots::Roots;
use calls::{ARCHITECTURE, Act, Call, PathArgument};
use task::{Task, WORKING_DIRECTORY};
use walk::walk;
pub(in crate::collect) use watch::Leash;
use watch::{Arrival, Heard, Listener, Request, leash};

/// How long children may take to go after the process that was started.
const GRACE: Duration = Duration::from_secs(2);
/// How often the thread looks whether the process is gone.
const LOOK_UP: Duration = Duration::from_millis(20);

/// A thread that takes notes of one process and its children.
#[derive(Debug)]
pub(super) struct Watcher {
    thread: JoinHandle<Result<Notes, String>>,
    is_over: Arc<AtomicBool>,
}

impl Watcher {
    /// Waits for a process on the leash that is returned; drop it once the process is started.
    ///
    /// # Errors
    /// There is no descriptor or no thread left.
    pub fn start(roots: &Roots) -> io::Result<(Self, Leash)> {
        let (leash, arrival) = leash()?;
        let is_over = Arc::new(AtomicBool::new(false));
        let (roots, seen) = (roots.physical(), Arc::clone(&is_over));
        let thread = thread::Builder::new().name("reads".into()).spawn(move || watch(arrival, roots, &seen))?;
        Ok((Self { thread, is_over }, leash))
    }

    /// What was noted, now that the process has ended.
    ///
    /// # Errors
    /// Why the notes are not complete.
    pub fn end(self) -> Result<Notes, String> {
        self.is_over.store(true, Ordering::Relaxed);
        self.thread.join().unwrap_or_else(|_| Err("the thread that watches it has failed".into()))
    }
}

fn watch(arrival: Arrival, roots: Roots, is_over: &AtomicBool) -> Result<Notes, String> {
    let failed = |error: io::Error| format!("it cannot be watched: {error}");
    let listener = loop {
        // In this order: what has ended has sent its listener before.
        let is_last = is_over.load(Ordering::Relaxed);
        match arrival.listener(LOOK_UP).map_err(failed)? {
            Some(listener) => break listener,
            None if is_last => return Err("it did not start".into()),
            None => {}
        }
    };
    let mut pad = Pad { roots, notes: Notes::default(), missed: None };
    let mut over_since = None;
    loop {
        match listener.hear(LOOK_UP).map_err(failed)? {
            Heard::Call(request) => {
                pad.take(&request, &listener);
                listener.let_go(&request).map_err(failed)?;
            }
            Heard::Nothing if is_over.load(Ordering::Relaxed) => {
                if over_since.get_or_insert_with(Instant::now).elapsed() > GRACE {
                    return Err("a process that it started has outlived it".into());
                }
            }
            Heard::Nothing => {}
            Heard::End => break,
        }
    }
    match pad.missed {
        Some(why) => Err(why),
        None => Ok(pad.notes),
    }
}

/// What has been noted so far.
struct Pad {
    roots: Roots,
    notes: Notes,
    /// Why something could not be.
    missed: Option<String>,
}

/// `O_PATH`: the descriptor stands for the place, and nothing can be read through it.
const PATH_ONLY: u64 = 0o10_000_000;
/// How many interpreters of scripts are followed; Linux takes as many.
const MOST_INTERPRETERS: usize = 5;

impl Pad {
    fn take(&mut self, request: &Request, listener: &Listener) {
        let call = calls::find(request.number.into()).filter(|_| request.architecture == ARCHITECTURE);
        let result = match call {
            None => Err("it makes system calls of another architecture".into()),
            Some(_) if request.task == 0 => Err("it runs where it cannot be seen".into()),
            Some(Call { act: Act::Hide(how), .. }) => {
                Err(format!("it reaches files in a way that cannot be followed: {how}"))
            }
            Some(call) => self.follow(call, request),
        };
        if let Err(why) = result
            && listener.is_waiting(request)
        {
            self.missed.get_or_insert(why);
        }
    }

    fn follow(&mut self, call: &Call, request: &Request) -> Result<(), String> {
        let task = Task::new(request.task);
        let failed = |error: io::Error| format!("its memory cannot be read: {error}");
        let used = match call.act {
            Act::Open { flags } if flags.is_none_or(|at| request.arguments[at] & PATH_ONLY == 0) => Use::Opened,
            Act::Open { .. } | Act::Ask | Act::Run | Act::Hide(_) => Use::Asked,
        };
        for PathArgument { directory, path } in call.paths {
            let Some(path) = task.string(request.arguments[*path]).map_err(failed)? else { continue };
            // The thing behind the descriptor itself, which was opened before.
            if path.is_empty() {
                continue;
            }
            let descriptor = directory.map_or(WORKING_DIRECTORY, |at| request.arguments[at] as i32);
            let is_whole = path.starts_with(b"/");
            let start = if is_whole { Some("/".into()) } else { task.directory(descriptor).map_err(failed)? };
            let Some(start) = start else { continue };
            let mut end = self.note(&start, &path, task, used);
            for _ in 0..MOST_INTERPRETERS {
                let interpreter = if call.act == Act::Run { interpreter(&end) } else { None };
                let Some(interpreter) = interpreter else { break };
                let here = task.directory(WORKING_DIRECTORY).map_err(failed)?.unwrap_or_default();
                end = self.note(&here, &interpreter, task, used);
            }
        }
        Ok(())
    }

    fn note(&mut self, start: &Path, path: &[u8], task: Task, used: Use) -> PathBuf {
        let Self { roots, notes, .. } = self;
        walk(start, path, task, |met| notes.add(met, used, roots))
    }
}

/// The program that a script names in its first line, which the kernel opens itself.
fn interpreter(file: &Path) -> Option<Vec<u8>> {
    /// As much as Linux looks at.
    const FIRST_LINE: u64 = 256;
    if !file.is_file() {
        return None;
    }
    let mut line = Vec::new();
    File::open(file).ok()?.take(FIRST_LINE).read_to_end(&mut line).ok()?;
    let line = line.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    words.next().map(<[u8]>::to_vec)
}
