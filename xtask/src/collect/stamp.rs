//! What a work tree looks like from outside, to see whether it changed. It reads no contents: a file that is written again with the
//! same bytes has changed.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Result;

use super::git::Repository;

/// Name, length and modification time of each file that git knows or would add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp(Vec<(PathBuf, Option<(u64, SystemTime)>)>);

impl Stamp {
    /// Looks at a work tree.
    ///
    /// # Errors
    /// Git does not list it.
    pub fn of(repository: &Repository) -> Result<Self> {
        let state = |path: &Path| {
            let file = fs::symlink_metadata(repository.root().join(path)).ok()?;
            Some((file.len(), file.modified().ok()?))
        };
        let files = repository.work_tree_files()?;
        Ok(Self(files.into_iter().map(|path| (state(&path), path)).map(|(state, path)| (path, state)).collect()))
    }
}
