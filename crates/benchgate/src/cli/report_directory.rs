//! Where reports go: `[output] report` of the configuration, else a directory beside the runs in the target directory.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use super::output::write_file;
use super::stop::{OrStop, Stop};
use crate::config;
use benchgate_core::gate::ExitCode;
use benchgate_engine::collect::Workspace;

/// What `bench` and `report` write there.
pub(super) const REPORT: &str = "index.html";
/// What `selftest canary` writes there.
pub(super) const CANARY: &str = "canary.html";
/// What `calibrate` writes there.
pub(super) const CALIBRATION: &str = "calibration.html";

/// Keeps a directory and itself out of git.
const IGNORE_ALL: &str = "*\n";

/// The directory that a configuration names, else the default one.
pub(super) fn directory(workspace: &Workspace, named: Option<&str>) -> PathBuf {
    match named {
        Some(named) => workspace.root.join(named),
        None => workspace.target_directory.join("benchgate").join("report"),
    }
}

/// The directory by the configuration as it stands here. What is wrong with it is told where it is used to judge.
pub(super) fn configured(workspace: &Workspace) -> PathBuf {
    let loaded = config::load(&workspace.root).unwrap_or_default();
    directory(workspace, loaded.report.as_deref())
}

/// What is written into a directory.
pub(super) fn pages(directory: &Path) -> Vec<PathBuf> {
    [REPORT, CANARY, CALIBRATION].iter().map(|page| directory.join(page)).collect()
}

/// Makes the directory where it is missing. In a work tree whose git would list what is written, it gets a `.gitignore` of its own.
///
/// # Errors
/// It cannot be made.
pub(super) fn make(directory: &Path) -> Result<(), Stop> {
    if directory.exists() {
        return Ok(());
    }
    let context = || format!("cannot make `{}`", directory.display());
    fs::create_dir_all(directory).with_context(context).or_stop(ExitCode::Output)?;
    // 1 is git's word for a path of a work tree that is not ignored; outside of one, or without git, nobody asks.
    let mut asked = Command::new("git");
    asked.arg("-C").arg(directory).args(["check-ignore", "--quiet", REPORT]);
    let is_listed = asked.output().is_ok_and(|asked| asked.status.code() == Some(1));
    match is_listed {
        true => write_file(&directory.join(".gitignore"), IGNORE_ALL.as_bytes()),
        false => Ok(()),
    }
}
