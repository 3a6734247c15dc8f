//! The lock file of a workspace that has none: made once, and then the same for both sides of every run, so that no dependency that is
//! released meanwhile tells them apart.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::cache::Cache;
use super::cargo::clean_environment;
use super::command::output;

/// The one that an earlier run made.
pub fn known_lock(cache: &Cache) -> Option<Vec<u8>> {
    fs::read(cache.lock_file()).ok()
}

/// Has cargo make one for the workspace at `root`, in a tree of the cache.
///
/// # Errors
/// Cargo cannot resolve the workspace.
pub fn make_lock(root: &Path, cache: &Cache) -> Result<Vec<u8>> {
    let mut command = Command::new("cargo");
    clean_environment(&mut command, None);
    output(command.current_dir(root).arg("generate-lockfile"))?;
    let lock = root.join("Cargo.lock");
    let bytes = fs::read(&lock).with_context(|| format!("cannot read `{}`", lock.display()))?;
    let kept = cache.lock_file();
    fs::write(&kept, &bytes).with_context(|| format!("cannot write `{}`", kept.display()))?;
    Ok(bytes)
}
