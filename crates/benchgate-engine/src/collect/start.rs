//! Starting a program that was written just before.

use std::io;
use std::process::{Child, Command};
use std::thread;
use std::time::Duration;

/// How often a busy file is tried again, and after what pause: two seconds in all. A process needs microseconds from its fork to its
/// program; a machine that is short of processors stretches that to a few turns of its scheduler.
const TRIES: usize = 400;
const PAUSE: Duration = Duration::from_millis(5);

/// Starts a command whose program may have been copied just before.
///
/// Linux starts no file that some process has open for writing (`ETXTBSY`). A process that another thread forks while the copy is
/// written has it open too, until it runs its own program; the copy is then busy although this thread has closed it.
///
/// # Errors
/// Those of [`Command::spawn`]; a file that stays busy is one.
pub(super) fn start(command: &mut Command) -> io::Result<Child> {
    for _ in 1..TRIES {
        match command.spawn() {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => thread::sleep(PAUSE),
            result => return result,
        }
    }
    command.spawn()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs::{self, File};
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    /// A copy of a program that prints nothing and ends well.
    fn copied(directory: &tempfile::TempDir) -> std::path::PathBuf {
        let copy = directory.path().join("true");
        fs::copy("/bin/true", &copy).expect("copied");
        copy
    }

    #[test]
    fn program_that_is_still_open_for_writing_starts_once_it_is_closed() {
        let directory = tempfile::tempdir().unwrap();
        let copy = copied(&directory);
        let writer = File::options().append(true).open(&copy).unwrap();
        let is_closed = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(8 * PAUSE);
                is_closed.store(true, Ordering::SeqCst);
                drop(writer);
            });
            let status = start(&mut Command::new(&copy)).unwrap().wait().unwrap();
            assert!(status.success());
            assert!(is_closed.load(Ordering::SeqCst), "it started while it was open for writing");
        });
    }

    #[test]
    fn program_that_stays_open_for_writing_is_an_error() {
        let directory = tempfile::tempdir().unwrap();
        let copy = copied(&directory);
        let _writer = File::options().append(true).open(&copy).unwrap();
        assert_eq!(start(&mut Command::new(&copy)).unwrap_err().kind(), io::ErrorKind::ExecutableFileBusy);
    }

    /// As both sides of a count do: each thread copies and starts while the other does.
    #[test]
    fn threads_that_copy_and_start_at_once_all_start() {
        let directory = tempfile::tempdir().unwrap();
        let place = directory.path();
        thread::scope(|scope| {
            for thread in 0..4 {
                scope.spawn(move || {
                    for turn in 0..50 {
                        let copy = place.join(format!("{thread}-{turn}"));
                        fs::copy("/bin/true", &copy).unwrap();
                        assert!(start(&mut Command::new(&copy)).unwrap().wait().unwrap().success());
                    }
                });
            }
        });
    }
}
