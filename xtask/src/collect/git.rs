//! What git knows: the repository, revisions, the files of a revision, and which revision to compare with.
//!
//! Never writes to the repository.

use std::collections::BTreeSet;
use std::env;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use thiserror::Error;

use super::command::{line, output};
use crate::model::Revision;

/// A git work tree.
#[derive(Clone, Debug)]
pub struct Repository {
    root: PathBuf,
}

/// A base that was chosen, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Commit hash.
    pub commit: String,
    /// Why this one.
    pub reason: String,
}

/// Why a base revision cannot be had.
#[derive(Debug, Error)]
pub enum GitError {
    /// The revision is not known here.
    #[error("base revision `{revision}` is not in this repository{}\nhint: {hint}", if *.is_shallow { ", which is a shallow clone" } else { "" })]
    Unknown {
        /// As given.
        revision: String,
        /// Whether history is cut off.
        is_shallow: bool,
        /// The command that helps.
        hint: String,
    },
    /// The histories do not meet.
    #[error("no merge base of `HEAD` and `{target}`{}\nhint: {hint}", if *.is_shallow { " in this shallow clone" } else { "" })]
    NoMergeBase {
        /// The target branch.
        target: String,
        /// Whether history is cut off.
        is_shallow: bool,
        /// The command that helps.
        hint: String,
    },
    /// There is no repository to take it from.
    #[error(
        "`{directory}` is not in a git repository, so `--base {revision}` cannot be found\nhint: leave out --base to compare with the stored baseline"
    )]
    NoRepository {
        /// Where git was asked.
        directory: String,
        /// As given.
        revision: String,
    },
}

impl Repository {
    /// The repository that holds a directory; `None` where there is none, or no git.
    pub fn at(directory: &Path) -> Option<Self> {
        let mut command = Command::new("git");
        command.arg("-C").arg(directory).args(["rev-parse", "--show-toplevel"]);
        let root = line(&mut command).ok().filter(|root| !root.is_empty())?;
        Some(Self { root: PathBuf::from(root) })
    }

    /// Top of the work tree.
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn git(&self) -> Command {
        let mut command = Command::new("git");
        command.arg("-C").arg(&self.root).env("GIT_OPTIONAL_LOCKS", "0");
        command
    }

    /// The commit that a name stands for.
    ///
    /// # Errors
    /// It is unknown here.
    pub fn resolve(&self, revision: &str) -> Result<String, GitError> {
        let spec = format!("{revision}^{{commit}}");
        line(self.git().args(["rev-parse", "--verify", "--quiet", "--end-of-options", &spec])).map_err(|_| {
            let is_shallow = self.is_shallow();
            GitError::Unknown { revision: revision.into(), is_shallow, hint: fetch_hint(is_shallow, revision) }
        })
    }

    /// Whether history is cut off.
    pub fn is_shallow(&self) -> bool {
        line(self.git().args(["rev-parse", "--is-shallow-repository"])).is_ok_and(|answer| answer == "true")
    }

    /// First line of a commit's message.
    pub fn subject(&self, commit: &str) -> String {
        line(self.git().args(["log", "-1", "--format=%s", commit])).unwrap_or_default()
    }

    /// The candidate: `HEAD` and whatever is changed on top of it. The source tree's hash is filled in by the caller.
    pub fn candidate(&self) -> Revision {
        let commit = self.resolve("HEAD").unwrap_or_default();
        let is_dirty = line(self.git().args(["status", "--porcelain"])).is_ok_and(|changes| !changes.is_empty());
        Revision { subject: self.subject(&commit), commit, tree: String::new(), is_dirty }
    }

    /// The base that applies when none is named, or `None` where git has none that differs.
    ///
    /// In CI the merge base with the target branch; with changes that are not committed `HEAD`; on a branch the merge
    /// base with the default branch.
    ///
    /// # Errors
    /// CI names a target branch that is not here, or whose history does not meet this one's.
    pub fn default_base(&self) -> Result<Option<Chosen>, GitError> {
        let Ok(head) = self.resolve("HEAD") else { return Ok(None) };
        if let Some(target) = ci_target() {
            let commit = self.merge_base(&self.resolve_branch(&target)?, &target)?;
            return Ok((commit != head).then(|| Chosen { commit, reason: format!("merge base with `{target}`") }));
        }
        if self.candidate().is_dirty {
            return Ok(Some(Chosen { commit: head, reason: "`HEAD`, as there are uncommitted changes".into() }));
        }
        let Some((name, tip)) = self.default_branch() else { return Ok(None) };
        if tip == head {
            return Ok(None);
        }
        let commit = self.merge_base(&tip, &name)?;
        Ok((commit != head).then(|| Chosen { commit, reason: format!("merge base with `{name}`") }))
    }

    fn resolve_branch(&self, branch: &str) -> Result<String, GitError> {
        self.resolve(&format!("origin/{branch}")).or_else(|_| self.resolve(branch)).map_err(|_| {
            let is_shallow = self.is_shallow();
            GitError::Unknown { revision: branch.into(), is_shallow, hint: fetch_hint(is_shallow, branch) }
        })
    }

    fn merge_base(&self, tip: &str, name: &str) -> Result<String, GitError> {
        line(self.git().args(["merge-base", "HEAD", tip])).map_err(|_| {
            let is_shallow = self.is_shallow();
            GitError::NoMergeBase { target: name.into(), is_shallow, hint: fetch_hint(is_shallow, name) }
        })
    }

    fn default_branch(&self) -> Option<(String, String)> {
        let remote = line(self.git().args(["symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD"])).ok();
        remote
            .into_iter()
            .chain(["origin/main", "origin/master", "main", "master"].map(String::from))
            .find_map(|name| self.resolve(&name).ok().map(|tip| (name, tip)))
    }

    /// Commits whose files may be those that a stored baseline names: the ones that touched `path`, and their parents.
    pub fn commits_around(&self, path: &str) -> Vec<String> {
        let commits = line(self.git().args(["log", "-n", "50", "--format=%H %P", "--", path])).unwrap_or_default();
        let mut all: Vec<String> = commits.split_whitespace().map(String::from).collect();
        if let Ok(head) = self.resolve("HEAD") {
            all.insert(0, head);
        }
        all.dedup();
        all
    }

    /// Files of the work tree that git knows or would add, below the root; those that are deleted and not yet staged too.
    pub(super) fn work_tree_files(&self) -> Result<Vec<PathBuf>> {
        let listing = output(self.git().args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]))?;
        Ok(paths(&listing).into_iter().collect())
    }

    /// Files that git ignores and that a glob matches, below the root. The glob is git's: `**` for any number of directories.
    ///
    /// # Errors
    /// Git does not list them.
    pub fn ignored_files(&self, glob: &Path) -> Result<BTreeSet<PathBuf>> {
        let mut pathspec = OsString::from(":(top,glob)");
        pathspec.push(glob);
        let mut command = self.git();
        command.args(["ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--"]).arg(pathspec);
        Ok(paths(&output(&mut command)?))
    }

    /// The bytes of one file at a commit; `None` where it is not there.
    pub fn file_at(&self, commit: &str, path: &str) -> Option<Vec<u8>> {
        output(self.git().args(["cat-file", "--filters", &format!("{commit}:{path}")])).ok()
    }

    /// Files below `directory` at a commit.
    pub fn files_at(&self, commit: &str, directory: &str) -> Vec<String> {
        line(self.git().args(["ls-tree", "-r", "--name-only", "--full-tree", commit, "--", directory]))
            .map(|names| names.lines().map(String::from).collect())
            .unwrap_or_default()
    }
}

/// The branch that a pull request wants to change, where CI says so.
fn ci_target() -> Option<String> {
    ["GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "BUILDKITE_PULL_REQUEST_BASE_BRANCH"]
        .into_iter()
        .find_map(|name| env::var(name).ok().filter(|value| !value.is_empty()))
}

/// Paths that end in NUL.
fn paths(listing: &[u8]) -> BTreeSet<PathBuf> {
    let paths = listing.split(|byte| *byte == 0).filter(|path| !path.is_empty());
    paths.map(|path| PathBuf::from(OsStr::from_bytes(path))).collect()
}

fn fetch_hint(is_shallow: bool, revision: &str) -> String {
    if is_shallow {
        "git fetch --unshallow origin (in GitHub's checkout action: fetch-depth: 0)".into()
    } else {
        format!("git fetch origin {}", revision.trim_start_matches("origin/"))
    }
}
