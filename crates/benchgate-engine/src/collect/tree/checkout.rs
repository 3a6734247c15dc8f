//! How git writes the work tree of a clone: a commit, as a clean clone would have it, and beside it files that no commit holds but
//! that builds and benches need.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::super::command::{output, output_given};
use super::clone::{Entry, SharedClone, remove_if_there, remove_tree};

/// The index of files that lie beside the commit.
const BESIDE_INDEX: &str = "benchgate-beside";

/// Files beside a commit: they lie in the user's work tree, and git ignores them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// The lock file: where it lies below the root, and what it says. A side that has one of its own keeps it.
    pub lock: Option<(PathBuf, Vec<u8>)>,
    /// Files that the configuration asks for, below the root.
    pub included: BTreeSet<PathBuf>,
}

impl SharedClone {
    /// Brings the work tree to a commit. Whatever else lies in it goes: what a bench or build script left, and what it changed.
    ///
    /// # Errors
    /// Git refuses.
    pub fn check_out(&self, commit: &str) -> Result<()> {
        if self.index("index").exists() && self.has_submodules_of(commit)? && self.turn_to(commit)? {
            return Ok(());
        }
        // Where line ends are stored as they should not be, a clean clone has changes at once: what is written anew is right.
        self.clear()?;
        self.turn_to(commit).map(drop)
    }

    /// Git leaves the files of a submodule that is gone, and would write those of a directory among them.
    fn has_submodules_of(&self, commit: &str) -> Result<bool> {
        let paths = |entries: Vec<Entry>| -> BTreeSet<PathBuf> {
            entries.into_iter().filter(Entry::is_submodule).map(|entry| entry.path).collect()
        };
        Ok(paths(self.entries(None)?) == paths(self.entries_of(commit)?))
    }

    /// Whether the work tree then holds what the commit does and nothing else.
    fn turn_to(&self, commit: &str) -> Result<bool> {
        self.link_work_tree()?;
        output(self.git().args(["checkout", "--quiet", "--force", "--no-recurse-submodules", "--detach", commit]))?;
        output(self.git().args(["clean", "-ffdxq"]))?;
        let status = ["status", "--porcelain", "-z", "--untracked-files=all", "--ignored", "--ignore-submodules=all"];
        Ok(output(self.git().args(status))?.is_empty())
    }

    fn clear(&self) -> Result<()> {
        remove_if_there(&self.index("index"))?;
        let context = || format!("cannot clear `{}`", self.work_tree.display());
        for entry in fs::read_dir(&self.work_tree).with_context(context)? {
            let path = entry.with_context(context)?.path();
            if path.file_name().is_some_and(|name| name != ".git") {
                remove_tree(&path)?;
            }
        }
        Ok(())
    }

    /// Writes files beside the commit, none of which it holds; returns their entries.
    ///
    /// # Errors
    /// A file of the user's cannot be read, or git does not write it: the commit has a file where a directory would have to be.
    pub fn lay_beside(&self, user: &Path, beside: &Beside) -> Result<Vec<Entry>> {
        let held: BTreeSet<PathBuf> = self.entries(None)?.into_iter().map(|entry| entry.path).collect();
        let included: Vec<&PathBuf> = beside.included.iter().filter(|path| !held.contains(*path)).collect();
        // The index stays, so that files which have not changed are not read again.
        let known = if self.index(BESIDE_INDEX).exists() { self.entries(Some(BESIDE_INDEX))? } else { Vec::new() };
        let gone = known.iter().map(|entry| &entry.path).filter(|path| !included.contains(path));
        let gone = joined(gone);
        if !gone.is_empty() {
            let mut command = self.git_with_index(BESIDE_INDEX);
            output_given(command.args(["update-index", "--force-remove", "-z", "--stdin"]), &gone)?;
        }
        if !included.is_empty() {
            let mut command = self.git_with_index(BESIDE_INDEX);
            command.env("GIT_WORK_TREE", user).current_dir(user).args([
                "--literal-pathspecs",
                "-c",
                "core.looseCompression=0",
            ]);
            command.args(["add", "--force", "--pathspec-from-file=-", "--pathspec-file-nul"]);
            output_given(&mut command, &joined(included))
                .context("cannot take the files that `[tree] include` names")?;
        }
        if let Some((path, bytes)) = beside.lock.as_ref().filter(|(path, _)| !held.contains(path)) {
            let object = self.store(bytes, path)?;
            let entry = Entry { mode: "100644".into(), object, path: path.clone() };
            self.add_entries(BESIDE_INDEX, [&entry])?;
        }
        if !self.index(BESIDE_INDEX).exists() {
            return Ok(Vec::new());
        }
        self.write_beside()?;
        self.entries(Some(BESIDE_INDEX))
    }

    /// Writes them again.
    pub fn write_beside(&self) -> Result<()> {
        if self.index(BESIDE_INDEX).exists() {
            output(self.git_with_index(BESIDE_INDEX).args(["checkout-index", "--quiet", "--force", "--all"]))?;
        }
        Ok(())
    }
}

fn joined<'a>(paths: impl IntoIterator<Item = &'a PathBuf>) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt;
    paths.into_iter().flat_map(|path| [path.as_os_str().as_bytes(), b"\0"].concat()).collect()
}
