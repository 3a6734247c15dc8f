//! What git knows: the repository, revisions, and the files of a revision. Which revision to compare with is decided in `base`.
//!
//! Never writes to the repository.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Result;
use thiserror::Error;

use super::command::{line, output};
use super::own_outputs::OwnOutputs;
use benchgate_core::model::Revision;

/// A git work tree.
#[derive(Clone, Debug)]
pub struct Repository {
    root: PathBuf,
    outputs: OwnOutputs,
}

/// Why a base revision cannot be had.
#[derive(Debug, Error)]
pub enum GitError {
    /// There is a repository, and git does not open it.
    #[error("git refuses the repository of `{directory}`: {words}\nhint: {hint}")]
    Refused {
        /// Where git was asked.
        directory: String,
        /// What it said.
        words: String,
        /// The command that helps.
        hint: String,
    },
    /// CI builds a change, or a branch that may be one, and nothing says what it is to go into.
    #[error(
        "{system} builds a change, and neither it nor git tells the branch that it is to go into\nhint: name the base: `{flag}`{}",
        if *.is_shallow { "; this clone is shallow, so fetch history first: `git fetch --unshallow origin`" } else { "" }
    )]
    UntoldTarget {
        /// The CI system.
        system: String,
        /// The flag to type.
        flag: String,
        /// Whether history is cut off.
        is_shallow: bool,
    },
    /// Git does not tell the default branch.
    #[error(
        "git does not tell which branch is the default one, so that there is nothing to compare with\nhint: name the base: \
         `--base BRANCH`; or tell git for good: {hint}"
    )]
    UntoldDefault {
        /// The command that helps.
        hint: String,
    },
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
    /// The repository that holds a directory; `None` where there is none.
    ///
    /// # Errors
    /// There is one, or something that looks like one, and git does not open it: it belongs to somebody else, it is broken or bare,
    /// or git itself is missing. That is never the same as none.
    pub fn at(directory: &Path) -> Result<Option<Self>, GitError> {
        let mut command = Command::new("git");
        command.arg("-C").arg(directory).args(["rev-parse", "--show-toplevel"]).env("LC_ALL", "C");
        let trace = trace_of_repository(directory);
        let refused = |words: String, hint: String| {
            Err(GitError::Refused { directory: directory.display().to_string(), words, hint })
        };
        let asked = match command.stdin(Stdio::null()).output() {
            Ok(asked) => asked,
            Err(_) if trace.is_none() => return Ok(None),
            Err(error) => return refused(format!("it cannot be run: {error}"), "install git".into()),
        };
        let root = asked.stdout.strip_suffix(b"\n").unwrap_or(&asked.stdout);
        if asked.status.success() && !root.is_empty() {
            return Ok(Some(Self { root: PathBuf::from(OsStr::from_bytes(root)), outputs: OwnOutputs::default() }));
        }
        let words = String::from_utf8_lossy(&asked.stderr).trim().trim_start_matches("fatal: ").to_owned();
        match trace {
            None if words.starts_with(NO_REPOSITORY) => Ok(None),
            trace => {
                let hint = cure(&words, trace.as_deref());
                refused(words.lines().next().unwrap_or_default().to_owned(), hint)
            }
        }
    }

    /// The same, knowing what the gate writes into it.
    #[must_use]
    pub fn writing(self, outputs: OwnOutputs) -> Self {
        let outputs = outputs.inside(&self.root);
        Self { outputs, ..self }
    }

    /// What the gate writes into it.
    pub fn outputs(&self) -> &OwnOutputs {
        &self.outputs
    }

    /// Top of the work tree.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Git, asked about this repository.
    pub(super) fn git(&self) -> Command {
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
            GitError::Unknown {
                revision: revision.into(),
                is_shallow,
                hint: self.fetch_hint(revision, Fetched::AsNamed),
            }
        })
    }

    /// The command that fetches a revision so that it is found, where there is something to fetch it from. A clone of a single branch
    /// fetches another one into no name, unless told where to.
    pub(super) fn fetch_hint(&self, revision: &str, fetched: Fetched) -> String {
        const LISTED: &str = "`git branch --all` and `git tag` list what is here";
        let Some(remote) = self.remote() else { return format!("there is no remote to fetch it from; {LISTED}") };
        let is_hash = revision.len() >= 7 && revision.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_name = !revision.is_empty() && !revision.contains(['~', '^', ':', '@', ' ', '\\', '*', '?', '[']);
        let of_remote = revision.strip_prefix(&format!("{remote}/"));
        let what = match (of_remote, fetched) {
            _ if is_hash => revision.to_owned(),
            _ if !is_name => String::new(),
            (Some(bare), _) => format!("{bare}:refs/remotes/{remote}/{bare}"),
            (None, Fetched::AsBranch) => format!("{revision}:refs/remotes/{remote}/{revision}"),
            (None, Fetched::AsNamed) => format!("{revision}:{revision}"),
        };
        match (self.is_shallow(), what.is_empty()) {
            (true, _) => {
                let command = format!("git fetch --unshallow {remote} {what}");
                format!("{} (in GitHub's checkout action: fetch-depth: 0)", command.trim_end())
            }
            (false, false) => format!("git fetch {remote} {what}"),
            (false, true) => LISTED.into(),
        }
    }

    /// `origin`, or the only remote.
    pub(super) fn remote(&self) -> Option<String> {
        let all = line(self.git().arg("remote")).unwrap_or_default();
        let mut all = all.lines();
        let first = all.next()?;
        let is_origin = |name: &str| name == "origin";
        if is_origin(first) || all.clone().any(is_origin) {
            return Some("origin".into());
        }
        all.next().is_none().then(|| first.to_owned())
    }

    /// Whether history is cut off.
    pub fn is_shallow(&self) -> bool {
        line(self.git().args(["rev-parse", "--is-shallow-repository"])).is_ok_and(|answer| answer == "true")
    }

    /// First line of a commit's message.
    pub fn subject(&self, commit: &str) -> String {
        line(self.git().args(["log", "-1", "--format=%s", commit])).unwrap_or_default()
    }

    /// The commit of `HEAD`; `None` where nothing is committed yet.
    ///
    /// # Errors
    /// Git does not say.
    pub fn head(&self) -> Result<Option<String>> {
        let head = line(self.git().args(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]));
        let Err(error) = head else { return head.map(Some) };
        let branch = line(self.git().args(["symbolic-ref", "--quiet", "HEAD"]));
        let is_unborn = branch.is_ok_and(|branch| {
            let refs = line(self.git().args(["for-each-ref", "--count=1", "--format=%(refname)", &branch]));
            refs.is_ok_and(|refs| refs.is_empty())
        });
        if is_unborn { Ok(None) } else { Err(error.context("git does not find the commit of `HEAD`")) }
    }

    /// The candidate: `HEAD` and whatever is changed on top of it. The source tree's hash is filled in by the caller.
    ///
    /// # Errors
    /// Git does not say.
    pub fn candidate(&self) -> Result<Revision> {
        let commit = self.head()?.unwrap_or_default();
        let is_dirty = self.has_changes()?;
        Ok(Revision { subject: self.subject(&commit), commit, tree: String::new(), is_dirty })
    }

    /// Whether a file is in the index.
    pub fn tracks(&self, file: &Path) -> bool {
        output(self.git().args(["ls-files", "--error-unmatch", "--"]).arg(file)).is_ok()
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

    /// Files of the work tree that git knows or would add, below the root, but for what the gate writes; those that are deleted and
    /// not yet staged too.
    pub(super) fn work_tree_files(&self) -> Result<Vec<PathBuf>> {
        let mut listing = output(self.git().args(["ls-files", "-z", "--cached"]))?;
        let mut others = self.git();
        others.args(["ls-files", "-z", "--others", "--exclude-standard", "--"]);
        listing.extend(output(others.args(self.outputs.pathspecs(&self.root)))?);
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

    /// The bytes of one file at a commit, as git stores them: attributes of the work tree, which a change may bring, do not
    /// decide how they are read. `None` where it is not there.
    pub fn file_at(&self, commit: &str, path: &str) -> Option<Vec<u8>> {
        output(self.git().args(["cat-file", "blob", &format!("{commit}:{path}")])).ok()
    }

    /// Whether git ignores a path below the root.
    pub fn ignores(&self, path: &Path) -> bool {
        output(self.git().args(["check-ignore", "--quiet", "--"]).arg(path)).is_ok()
    }

    /// Files below `directory` at a commit; all of them where it is empty.
    pub fn files_at(&self, commit: &str, directory: &str) -> Vec<String> {
        let mut listing = self.git();
        listing.args(["ls-tree", "-r", "-z", "--name-only", "--full-tree", commit]);
        if !directory.is_empty() {
            listing.args(["--", directory]);
        }
        let names = output(&mut listing).unwrap_or_default();
        paths(&names).into_iter().filter_map(|path| path.into_os_string().into_string().ok()).collect()
    }
}

/// How git begins where it finds no repository.
const NO_REPOSITORY: &str = "not a git repository (or any";

/// What git could have taken for a repository: a `.git` of the directory or of one above it.
fn trace_of_repository(directory: &Path) -> Option<PathBuf> {
    let directory = std::path::absolute(directory).ok()?;
    directory.ancestors().map(|ancestor| ancestor.join(".git")).find(|git| git.symlink_metadata().is_ok())
}

/// Paths that end in NUL.
fn paths(listing: &[u8]) -> BTreeSet<PathBuf> {
    let paths = listing.split(|byte| *byte == 0).filter(|path| !path.is_empty());
    paths.map(|path| PathBuf::from(OsStr::from_bytes(path))).collect()
}

/// What to do about a refusal.
fn cure(words: &str, trace: Option<&Path>) -> String {
    let stored = "or `--stored` to compare with the stored baseline";
    // Git names the directory as its check wants it.
    let safe =
        words.lines().map(str::trim).find(|line| line.starts_with("git config") && line.contains("safe.directory"));
    match (safe, trace) {
        (Some(command), _) => command.to_owned(),
        (None, _) if words.contains("must be run in a work tree") => {
            format!("check it out: `git worktree add DIRECTORY` or `git clone`, {stored}")
        }
        (None, Some(git)) => format!("`git -C {} status` must work; see to that, {stored}", beside(git).display()),
        (None, None) => format!("`git status` must work there; see to that, {stored}"),
    }
}

fn beside(git: &Path) -> &Path {
    git.parent().unwrap_or(git)
}

/// Under which name a revision that is fetched has to be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fetched {
    /// The one that was typed.
    AsNamed,
    /// As the remote's branch: it is what a change is to go into.
    AsBranch,
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::collect::test_repository::TestRepository;

    /// Git's refusal: its words and the cure.
    #[track_caller]
    fn refused(directory: &Path) -> (String, String) {
        match Repository::at(directory) {
            Err(GitError::Refused { words, hint, .. }) => (words, hint),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn repository_none_and_a_refusal_are_told_apart() {
        let Some(repository) = TestRepository::new(&[("a/b", "1")]) else { return };
        let found = Repository::at(&repository.root().join("a")).unwrap().unwrap();
        assert_eq!(found.root(), repository.root().canonicalize().unwrap());
        let home = tempfile::tempdir().unwrap();
        assert!(Repository::at(home.path()).unwrap().is_none());

        fs::write(home.path().join(".git"), "gitdir: nowhere/at/all\n").unwrap();
        let (words, hint) = refused(home.path());
        assert!(words.contains("nowhere/at/all") && hint.contains("--stored"), "{words}; {hint}");
        fs::remove_file(home.path().join(".git")).unwrap();
        // What a container gets that copies the tree without the repository.
        fs::create_dir(home.path().join(".git")).unwrap();
        assert!(refused(home.path()).1.contains("--stored"));
        fs::remove_dir(home.path().join(".git")).unwrap();

        let bare = home.path().join("bare.git");
        repository.commit("Begin");
        repository.git(&["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
        let (words, hint) = refused(&bare);
        assert!(words.contains("work tree") && hint.contains("git clone"), "{words}; {hint}");

        fs::write(repository.root().join(".git/config"), "[core\n").unwrap();
        let (words, _) = refused(repository.root());
        assert!(words.contains("bad config"), "{words}");
    }

    #[test]
    fn head_that_is_broken_is_not_taken_for_none() {
        let Some(repository) = TestRepository::new(&[("a", "1")]) else { return };
        assert_eq!(repository.repository().head().unwrap(), None);
        let commit = repository.commit("Begin");
        assert_eq!(repository.repository().head().unwrap().as_deref(), Some(&*commit));
        fs::remove_file(repository.root().join(".git/objects").join(&commit[..2]).join(&commit[2..])).unwrap();
        assert!(repository.repository().head().is_err());
    }

    #[test]
    fn cure_is_what_git_says() {
        let words = "detected dubious ownership in repository at '/a b'\nTo add an exception for this directory, call:\n\n\tgit config \
                     --global --add safe.directory '/a b'";
        assert_eq!(cure(words, Some(Path::new("/a b/.git"))), "git config --global --add safe.directory '/a b'");
    }
}
