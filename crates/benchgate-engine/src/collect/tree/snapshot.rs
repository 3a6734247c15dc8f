//! The state of a work tree as a commit in the clone's own object store: what is committed, what is not yet, and files that git does
//! not know but would add.

use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::super::command::{line, output, output_given};
use super::super::edit::Edit;
use super::clone::{Entry, Origin, SharedClone, remove_if_there};

/// The index that a snapshot is taken with.
const INDEX: &str = "benchgate-snapshot";

/// A work tree to take a snapshot of.
pub(super) struct WorkTree<'a> {
    pub root: &'a Path,
    /// Its repository, where it is in one.
    pub origin: Option<&'a Origin>,
    /// Paths below the root that are no part of it: what the gate itself writes.
    pub excluded: Vec<PathBuf>,
    /// What is changed in the snapshot, and only there.
    pub edits: &'a [Edit],
}

impl SharedClone {
    /// Takes a snapshot; returns `HEAD` where nothing is changed.
    ///
    /// # Errors
    /// A file cannot be read, or git refuses.
    pub fn snapshot(&self, of: &WorkTree<'_>) -> Result<String> {
        let head = of.origin.and_then(Origin::head);
        self.begin_with_the_users_index(of, head.as_deref())?;
        let mut command = self.git_with_index(INDEX);
        command.env("GIT_WORK_TREE", of.root).current_dir(of.root);
        // Objects of a snapshot are read once or twice.
        command.args(["-c", "core.looseCompression=0", "-c", "advice.addEmbeddedRepo=false"]);
        command.args(["add", "--all", "--", "."]);
        self.see_what_is_hidden(of)?;
        self.exclude(&[&of.excluded[..], &self.empty_repositories(of)?].concat())?;
        output(&mut command).with_context(|| format!("cannot take `{}` as it is", of.root.display()))?;
        self.leave_out(of, head.as_deref())?;
        self.apply(of)?;
        let tree = line(self.git_with_index(INDEX).arg("write-tree"))?;
        let Some(head) = head else { return self.commit(&tree, None, "0") };
        if line(self.git().args(["rev-parse", &format!("{head}^{{tree}}")]))? == tree {
            return Ok(head);
        }
        let date = line(self.git().args(["show", "--no-patch", "--format=%ct", &head]))?;
        self.commit(&tree, Some(&head), &date)
    }

    /// With it, git need not read files that have not changed, and files that a sparse work tree lacks are not taken for deleted.
    fn begin_with_the_users_index(&self, of: &WorkTree<'_>, head: Option<&str>) -> Result<()> {
        let index = self.index(INDEX);
        remove_if_there(&index)?;
        remove_if_there(&index.with_extension("lock"))?;
        let Some(origin) = of.origin else { return Ok(()) };
        let users = origin.path("index")?;
        match fs::copy(&users, &index) {
            // By the index's time git tells which files may have changed in the moment that it was written.
            Ok(_) => fs::metadata(&users)
                .and_then(|metadata| fs::File::options().write(true).open(&index)?.set_modified(metadata.modified()?))
                .with_context(|| format!("cannot set the time of `{}`", index.display()))?,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error).with_context(|| format!("cannot read `{}`", users.display())),
        }
        // An index may be split, with its other half beside the user's.
        if output(self.git_with_index(INDEX).args(["ls-files", "--stage", "-z"])).is_err() {
            remove_if_there(&index)?;
            if let Some(head) = head {
                output(self.git_with_index(INDEX).args(["read-tree", head]))?;
            }
        }
        Ok(())
    }

    /// Takes files as they lie there that the user has told git to take for unchanged; those that a sparse work tree lacks stay as they
    /// are committed.
    fn see_what_is_hidden(&self, of: &WorkTree<'_>) -> Result<()> {
        let listing = output(self.git_with_index(INDEX).args(["ls-files", "-v", "-z"]))?;
        // A letter, a blank, the path: lower case where it is assumed to be unchanged, `S` where it is skipped.
        let mut hidden: [Vec<u8>; 2] = Default::default();
        for record in listing.split(|byte| *byte == 0).filter(|record| record.len() > 2) {
            let (letter, path) = (record[0], &record[2..]);
            let place = of.root.join(Path::new(OsStr::from_bytes(path)));
            let is_there = fs::symlink_metadata(place).is_ok();
            if letter.is_ascii_lowercase() {
                hidden[0].extend([path, b"\0"].concat());
            }
            if letter.eq_ignore_ascii_case(&b's') && is_there {
                hidden[1].extend([path, b"\0"].concat());
            }
        }
        for (flag, paths) in ["--no-assume-unchanged", "--no-skip-worktree"].iter().zip(hidden) {
            if !paths.is_empty() {
                let mut command = self.git_with_index(INDEX);
                command.env("GIT_WORK_TREE", of.root).current_dir(of.root);
                output_given(command.args(["update-index", flag, "-z", "--stdin"]), &paths)?;
            }
        }
        Ok(())
    }

    /// Repositories in the work tree that git does not know and that have no commit: there is nothing of them that git could add.
    fn empty_repositories(&self, of: &WorkTree<'_>) -> Result<Vec<PathBuf>> {
        let mut command = self.git_with_index(INDEX);
        command.env("GIT_WORK_TREE", of.root).current_dir(of.root);
        let listing = output(command.args(["ls-files", "--others", "--directory", "--exclude-standard", "-z"]))?;
        let directories = listing.split(|byte| *byte == 0).filter_map(|path| path.strip_suffix(b"/"));
        let directories = directories.map(|path| PathBuf::from(OsStr::from_bytes(path)));
        let is_empty = |path: &PathBuf| {
            Origin::of_work_tree(&of.root.join(path)).is_some_and(|repository| repository.head().is_none())
        };
        Ok(directories.filter(is_empty).collect())
    }

    /// Has git ignore what it does not know yet.
    fn exclude(&self, paths: &[PathBuf]) -> Result<()> {
        let file = self.git_dir.join("info/exclude");
        let mut text = match fs::read(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error).with_context(|| format!("cannot read `{}`", file.display())),
        };
        text.push(b'\n');
        for path in paths {
            text.extend(pattern(path));
        }
        fs::create_dir_all(self.git_dir.join("info")).context("cannot make `info`")?;
        fs::write(&file, text).with_context(|| format!("cannot write `{}`", file.display()))
    }

    /// Takes what git knows of what is excluded as it was committed.
    fn leave_out(&self, of: &WorkTree<'_>, head: Option<&str>) -> Result<()> {
        let Some(head) = head.filter(|_| !of.excluded.is_empty()) else { return Ok(()) };
        let command = || {
            let mut command = self.git_with_index(INDEX);
            command.env("GIT_WORK_TREE", of.root).current_dir(of.root).arg("--literal-pathspecs");
            command
        };
        let known = output(command().args(["ls-files", "-z", "--"]).args(&of.excluded))?;
        if known.is_empty() {
            return Ok(());
        }
        output(command().args(["reset", "--quiet", head, "--"]).args(&of.excluded)).map(drop)
    }

    fn apply(&self, of: &WorkTree<'_>) -> Result<()> {
        if of.edits.is_empty() {
            return Ok(());
        }
        let mut changed = Vec::new();
        for entry in self.entries(Some(INDEX))? {
            let mut edits = of.edits.iter().filter(|edit| edit.file == entry.path).peekable();
            if edits.peek().is_none() {
                continue;
            }
            let file = of.root.join(&entry.path);
            let bytes = fs::read(&file).with_context(|| format!("cannot read `{}`", file.display()))?;
            let bytes = edits.fold(bytes, |bytes, edit| edit.apply(&entry.path, bytes));
            changed.push(Entry { object: self.store(&bytes, &entry.path)?, ..entry });
        }
        self.add_entries(INDEX, &changed)
    }

    /// The same tree on the same parent has the same name whenever it is made, so that what was built of it is found again.
    fn commit(&self, tree: &str, parent: Option<&str>, date: &str) -> Result<String> {
        let mut command = self.git();
        for role in ["AUTHOR", "COMMITTER"] {
            command
                .env(format!("GIT_{role}_NAME"), "benchgate")
                .env(format!("GIT_{role}_EMAIL"), "benchgate@localhost");
            command.env(format!("GIT_{role}_DATE"), format!("@{date} +0000"));
        }
        command.args(["-c", "commit.gpgSign=false", "commit-tree", "-m", "Uncommitted changes", tree]);
        command.args(parent.into_iter().flat_map(|parent| ["-p", parent]));
        line(&mut command)
    }
}

/// A line of git's list of what to ignore that means one path, from the root on.
fn pattern(path: &Path) -> Vec<u8> {
    let mut line = b"/".to_vec();
    for &byte in path.as_os_str().as_bytes() {
        if matches!(byte, b'*' | b'?' | b'[' | b'\\' | b' ') {
            line.push(b'\\');
        }
        line.push(byte);
    }
    line.push(b'\n');
    line
}
