//! What a bench reads when it runs, seen and not guessed.
//!
//! Each bench of an executable is run once (`--bench --test`), and the kernel tells the gate of each system call that names a
//! path, before it is made (seccomp's user notification, Linux 5.9 and later). The gate looks up what lies there and lets the
//! call go on. So what is seen does not depend on how a program comes to its system calls: libc, `std`, streams of C++, assembly
//! and static executables are alike, threads and children are followed, and so is the loader. A preloaded library sees none
//! of what libc does inside itself (`fopen`, `opendir`, `realpath`, the loader), and nothing of static executables; a tracer
//! (`ptrace`) sees the same as the kernel tells, but has to hand on every signal and stop of every thread.
//!
//! Notes are complete or there are none. None are made where the system has no such filter or forbids it, where the bench
//! fails, hangs, or leaves a process behind, or where it reaches files in a way that cannot be followed: `io_uring`, file handles,
//! mounts, another root directory, system calls of another architecture. What another program that was running before reads
//! on behalf of a bench is not seen.

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod linux;
#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
#[path = "elsewhere.rs"]
mod linux;
mod notes;
mod state;

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::criterion::{Arm, Effort, End, Launch, Limits, Process};
use super::discovery::{Discovered, Harness};
use super::roots::Roots;
use benchgate_core::model::Failure;

pub(super) use linux::Leash;
use linux::Watcher;
pub use notes::Notes;
pub(super) use state::{State, Use};

/// Why nothing is noted of an executable that cannot be told to run each bench once: it takes minutes.
const DEAF: &str = "its `main` ignores its arguments, so it cannot be run once";

/// Runs each bench of an arm once, all in the time that one may take, and notes what it asks for below its side's roots.
///
/// # Errors
/// Why the notes are not complete.
pub fn note(
    arm: &Arm,
    discovered: &Result<Discovered, Failure>,
    roots: &Roots,
    limits: &Limits<'_>,
) -> Result<Notes, String> {
    match discovered {
        Ok(Discovered { harness: Harness::Port(_) | Harness::Files | Harness::Divan | Harness::Heap, .. }) => {}
        Ok(Discovered { harness: Harness::Deaf(_), .. }) => return Err(DEAF.into()),
        Ok(Discovered { harness: Harness::Unknown | Harness::Command, .. }) => {
            return Err("its harness is not known".into());
        }
        Err(_) => return Err("its benches cannot be listed".into()),
    }
    let (ran, notes) = watch(arm, roots, limits, &["--bench", "--test"].map(String::from))?;
    ran.and(notes)
}

/// The same for benches that are measured, for as short a time as may be: what they read in later iterations, and where they are not
/// told that it is a test.
///
/// # Errors
/// Why the notes are not complete.
pub fn note_measured(arm: &Arm, harness: Harness, roots: &Roots, limits: &Limits<'_>) -> Result<Notes, String> {
    let arguments = match harness {
        Harness::Port(_) | Harness::Files => Effort::LOOK.arguments("", harness),
        Harness::Divan => ["--bench", "--sample-count", "2", "--sample-size", "10"].map(String::from).to_vec(),
        Harness::Heap => vec!["--bench".to_owned()],
        Harness::Deaf(_) => return Err(DEAF.into()),
        Harness::Unknown | Harness::Command => return Err("its harness is not known".into()),
    };
    let (ran, notes) = watch(arm, roots, limits, &arguments)?;
    ran.and(notes)
}

/// Files of its side's tree that an arm asks for and that are not there, below the tree's root; whether or not its benches then fail.
/// Empty where that cannot be seen.
pub fn missing_files(arm: &Arm, roots: &Roots, limits: &Limits<'_>) -> BTreeSet<PathBuf> {
    let once = ["--bench", "--test"].map(String::from);
    let notes = watch(arm, roots, limits, &once).and_then(|(_, notes)| notes);
    notes.map(|notes| notes.missing()).unwrap_or_default()
}

/// How running each bench once ended, and what was noted until then.
#[expect(clippy::type_complexity, reason = "two results that stand side by side")]
fn watch(
    arm: &Arm,
    roots: &Roots,
    limits: &Limits<'_>,
    arguments: &[String],
) -> Result<(Result<(), String>, Result<Notes, String>), String> {
    let (watcher, leash) = Watcher::start(roots).map_err(|error| format!("it cannot be watched: {error}"))?;
    let launch = Launch { leash: Some(leash), ..Launch::plain(arguments) };
    let started = Process::start(arm, &launch);
    let ran =
        started.map_err(|error| format!("it cannot be watched: {error}")).and_then(|process| run(process, limits));
    Ok((ran, watcher.end()))
}

fn run(mut process: Process, limits: &Limits<'_>) -> Result<(), String> {
    match process.wait(limits.step, limits) {
        Ok(End::With(status)) if status.success() => Ok(()),
        Ok(End::With(status)) => Err(format!("run once, it ended with {status}")),
        Ok(End::TooLate) => Err("run once, it did not end in time".into()),
        Ok(End::Interrupted) => Err("the run was interrupted".into()),
        Err(error) => Err(format!("it cannot be waited for: {error}")),
    }
}

#[cfg(test)]
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod tests;
