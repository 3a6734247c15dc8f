//! `bench --watch`: measures again whenever a file of the work tree changes, until it is interrupted.
//!
//! It looks at names, lengths and modification times of what git knows or would add, twice a second: no change of the system is
//! subscribed to, so that it works on every file system.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::anyhow;

use super::output::{print_error, tell};
use super::own_outputs::own_outputs;
use super::prepare::load_workspace;
use super::stop::{OrStop, Stop};
use benchgate_core::gate::ExitCode;
use benchgate_engine::collect::{Repository, Stamp};

/// Between two looks at the work tree. An editor writes in less.
const PAUSE: Duration = Duration::from_millis(500);

/// Runs `once`, which writes `writes`, now and after every change, and passes on what the last run that was not interrupted ended with.
pub(super) fn watch(
    manifest: &Path,
    writes: &[PathBuf],
    interrupted: &AtomicBool,
    mut once: impl FnMut() -> Result<ExitCode, Stop>,
) -> Result<ExitCode, Stop> {
    let workspace = load_workspace(manifest)?;
    let repository = Repository::at(&workspace.root).or_stop(ExitCode::BaseUnavailable)?;
    let repository = repository.map(|repository| repository.writing(own_outputs(&workspace, writes)));
    let repository = repository.ok_or_else(|| Stop {
        code: ExitCode::BaseUnavailable,
        error: anyhow!(
            "`{}` is not in a git repository, which says what to watch\nhint: `git init`",
            workspace.root.display()
        ),
    })?;
    let is_over = || interrupted.load(Ordering::Relaxed);
    let look = || Stamp::of(&repository).or_stop(ExitCode::Internal);
    let mut last = None;
    loop {
        let seen = look()?;
        let ended = once();
        if is_over() {
            return last.map_or(ended, Ok);
        }
        last = Some(ended.unwrap_or_else(|Stop { code, error }| {
            print_error(&error);
            code
        }));
        tell(&format!("watching `{}`; Ctrl-C ends", repository.root().display()));
        wait(&seen, look, is_over)?;
        if is_over() {
            return Ok(last.unwrap_or(ExitCode::Pass));
        }
    }
}

/// Returns once the tree has changed and is at rest again, or it is over.
fn wait(seen: &Stamp, look: impl Fn() -> Result<Stamp, Stop>, is_over: impl Fn() -> bool) -> Result<(), Stop> {
    let mut before = look()?;
    loop {
        if is_over() {
            return Ok(());
        }
        thread::sleep(PAUSE);
        let now = look()?;
        if now != *seen && now == before {
            return Ok(());
        }
        before = now;
    }
}
