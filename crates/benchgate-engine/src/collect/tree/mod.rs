//! A side's files, as git writes them in a clone of the side's own.
//!
//! ```text
//! commit, or work tree ─ snapshot ─> commit ─ checkout ─> files, and submodules in clones of their own
//!                                                 └────── files beside the commit: an ignored lock file, what `[tree] include` names
//! ```
//!
//! Nothing here writes to the user's repository, and nothing but git writes below a tree's root.

mod checkout;
mod clone;
mod large;
mod manifest;
mod snapshot;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

pub use checkout::Beside;
use clone::{Entry, Origin, SharedClone};
pub(super) use clone::{GIT_PLACES, remove_if_there, remove_tree};
use manifest::FileStamp;
pub use manifest::TreeManifest;
use snapshot::WorkTree;

use super::cache::{Cache, hex};
use super::command::output;
use super::edit::Edit;
use super::git::Repository;
use benchgate_core::model::Side;

/// A checked-out side.
#[derive(Clone, Debug)]
pub struct Tree {
    /// Whose it is.
    pub side: Side,
    /// Where it lies.
    pub root: PathBuf,
    /// What it holds.
    pub manifest: TreeManifest,
    /// The commit that `HEAD` names there: the user's, or one in the clone that holds what is not committed.
    pub commit: String,
    /// What belongs into it and cannot be had here.
    pub missing: Vec<Missing>,
    parts: Vec<Part>,
}

/// Something of a tree that cannot be had here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Below the tree's root.
    pub path: PathBuf,
    /// What it is.
    pub kind: MissingKind,
}

/// What is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MissingKind {
    /// A submodule that is not there at all.
    Submodule,
    /// A commit of a submodule that is there.
    SubmoduleCommit(String),
    /// A large object (git-lfs).
    LargeObject,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.kind {
            MissingKind::Submodule => write!(f, "submodule `{path}` is not checked out"),
            MissingKind::SubmoduleCommit(commit) => write!(f, "submodule `{path}` has no commit {commit}"),
            MissingKind::LargeObject => write!(f, "the large object of `{path}` is not here"),
        }
    }
}

impl Missing {
    /// The command that brings it.
    pub fn hint(&self) -> String {
        let path = self.path.display();
        match &self.kind {
            MissingKind::Submodule => format!("git submodule update --init --recursive '{path}'"),
            MissingKind::SubmoduleCommit(commit) => format!("git -C '{path}' fetch origin {commit}"),
            MissingKind::LargeObject => "git lfs fetch --all".to_owned(),
        }
    }
}

/// A clone that is part of a tree: the tree's own, or a submodule's.
#[derive(Clone, Debug)]
struct Part {
    clone: SharedClone,
    commit: String,
    /// Below the tree's root.
    below: PathBuf,
}

/// A directory of the user's that a tree is made of.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The repository's root, or, without one, the workspace's.
    pub directory: &'a Path,
    /// The repository, where there is one.
    pub repository: Option<&'a Repository>,
    /// Files beside the commit.
    pub beside: &'a Beside,
}

/// What of the source is checked out.
#[derive(Clone, Copy)]
enum What<'a> {
    Commit(&'a str),
    /// As it lies there, with these edits.
    WorkTree(&'a [Edit]),
}

/// Ignored where there is no repository that says what to ignore: what is built, and hidden directories but for cargo's.
const EXCLUDED_WITHOUT_REPOSITORY: &[u8] = b"target/\n.*/\n!.cargo/\n";

impl Tree {
    /// Checks a commit out.
    ///
    /// # Errors
    /// Git does not give the files, or they cannot be written.
    pub fn of_commit(source: Source<'_>, commit: &str, cache: &Cache, side: Side) -> Result<Self> {
        Self::of(source, What::Commit(commit), cache, side)
    }

    /// Checks out a work tree as it is, uncommitted changes included.
    ///
    /// # Errors
    /// A file cannot be read or written.
    pub fn of_directory(source: Source<'_>, cache: &Cache, side: Side) -> Result<Self> {
        Self::of(source, What::WorkTree(&[]), cache, side)
    }

    /// Checks out a work tree with changes that are made to the copy only.
    ///
    /// # Errors
    /// A file cannot be read or written.
    pub fn of_edited_directory(source: Source<'_>, edits: &[Edit], cache: &Cache, side: Side) -> Result<Self> {
        Self::of(source, What::WorkTree(edits), cache, side)
    }

    /// Where git keeps what it knows of a tree: within it, as in any clone; where there is no repository, beside it, so that
    /// nobody finds one in there.
    fn of(source: Source<'_>, what: What<'_>, cache: &Cache, side: Side) -> Result<Self> {
        let root = cache.tree(side);
        let git_dir = if source.repository.is_some() { root.join(".git") } else { root.with_extension("git") };
        let checked_out = Self::lay(source, what, side, &root, &git_dir);
        let tree = checked_out.or_else(|_| {
            // Whatever is in the way, a tree that is made anew has nothing of it.
            remove_tree(&root)?;
            remove_tree(&git_dir)?;
            Self::lay(source, what, side, &root, &git_dir)
        });
        tree.with_context(|| format!("cannot check the {} out", side.name()))
    }

    fn lay(source: Source<'_>, what: What<'_>, side: Side, root: &Path, git_dir: &Path) -> Result<Self> {
        let origin = source.repository.and_then(|repository| Origin::of_work_tree(repository.root()));
        let clone = SharedClone::open(origin.as_ref(), git_dir, root)?;
        let commit = match what {
            What::Commit(commit) => commit.to_owned(),
            What::WorkTree(edits) => {
                if origin.is_none() {
                    fs::create_dir_all(git_dir.join("info")).context("cannot make `info`")?;
                    fs::write(git_dir.join("info/exclude"), EXCLUDED_WITHOUT_REPOSITORY)
                        .context("cannot write `info/exclude`")?;
                }
                let (root, origin) = (source.directory, origin.as_ref());
                let excluded = source.repository.map(|repository| repository.outputs().below(root)).unwrap_or_default();
                clone.snapshot(&WorkTree { root, origin, excluded, edits })?
            }
        };
        let mut laying =
            Laying { is_as_it_lies: matches!(what, What::WorkTree(_)), parts: Vec::new(), missing: Vec::new() };
        laying.lay(clone.clone(), origin.as_ref(), source.directory, Path::new(""), &commit)?;
        let beside = clone.lay_beside(source.directory, source.beside)?;
        let Laying { parts, missing, .. } = laying;
        let manifest = manifest(root, &parts, &beside)?;
        Ok(Self { side, root: root.to_owned(), manifest, commit, missing, parts })
    }

    /// Adds to what it holds whatever lies there by now beside what was checked out, as set-up commands leave it.
    ///
    /// # Errors
    /// Git does not list it, or a file cannot be read.
    pub fn take_in(&mut self) -> Result<()> {
        for part in &self.parts {
            let mut command = part.clone.git();
            let listed = output(command.args(["ls-files", "-z", "--others", "--modified", "--deduplicate"]))?;
            for name in listed.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
                let path = part.below.join(std::ffi::OsStr::from_bytes(name));
                let file = self.root.join(&path);
                match fs::symlink_metadata(&file) {
                    Ok(metadata) if metadata.is_dir() => {}
                    Ok(metadata) => {
                        let mode = mode(&metadata).to_owned();
                        let stamp = FileStamp { sha256: content_hash(&file, &mode)?, mode, blob: String::new() };
                        self.manifest.insert(path, stamp);
                    }
                    Err(_) => self.manifest.remove(&path),
                }
            }
        }
        Ok(())
    }

    /// Brings the tree back to what it was when it was checked out, whatever builds and benches did to it.
    ///
    /// # Errors
    /// Git refuses, or the tree cannot be brought back.
    pub fn restore(&self) -> Result<()> {
        for part in &self.parts {
            part.clone
                .check_out(&part.commit)
                .with_context(|| format!("cannot restore the {}'s files", self.side.name()))?;
        }
        self.parts.first().map_or(Ok(()), |part| part.clone.write_beside())
    }
}

struct Laying {
    /// Whether submodules are taken as they lie in the user's work tree, not at the commit that is pinned.
    is_as_it_lies: bool,
    parts: Vec<Part>,
    missing: Vec<Missing>,
}

impl Laying {
    /// Checks out one clone and the submodules in it. `user` is where the same lies in the user's work tree, if it does.
    fn lay(
        &mut self,
        clone: SharedClone,
        origin: Option<&Origin>,
        user: &Path,
        below: &Path,
        commit: &str,
    ) -> Result<()> {
        let entries = clone.entries_of(commit)?;
        if let Some(origin) = origin {
            let missing = clone.provide_large_objects(origin, &entries)?;
            let missing =
                missing.into_iter().map(|path| Missing { path: below.join(path), kind: MissingKind::LargeObject });
            self.missing.extend(missing);
        }
        clone.check_out(commit)?;
        let submodules: Vec<Entry> = entries.into_iter().filter(Entry::is_submodule).collect();
        self.parts.push(Part { clone: clone.clone(), commit: commit.to_owned(), below: below.to_owned() });
        if submodules.is_empty() {
            return Ok(());
        }
        let names = names(&clone);
        for Entry { object, path, .. } in submodules {
            let place = user.join(&path);
            let present = Origin::of_work_tree(&place);
            let absorbed = || {
                let name = names.get(&path)?;
                Origin::of_git_dir(origin?.path("modules").ok()?.join(name))
            };
            let missing = |kind| Missing { path: below.join(&path), kind };
            let Some(own) = present.clone().or_else(absorbed) else {
                self.missing.push(missing(MissingKind::Submodule));
                continue;
            };
            let sub = clone.open_submodule(&own, &path)?;
            let commit = if self.is_as_it_lies && present.is_some() {
                sub.snapshot(&WorkTree { root: &place, origin: Some(&own), excluded: Vec::new(), edits: &[] })?
            } else if own.has_commit(&object) {
                object
            } else {
                self.missing.push(missing(MissingKind::SubmoduleCommit(object)));
                continue;
            };
            self.lay(sub, Some(&own), &place, &below.join(&path), &commit)?;
        }
        Ok(())
    }
}

/// Names of submodules by path, as `.gitmodules` of the commit has them: `submodule.NAME.path NEWLINE PATH NUL`.
fn names(clone: &SharedClone) -> BTreeMap<PathBuf, PathBuf> {
    let mut command = clone.git();
    command.args(["config", "--null", "--file", ".gitmodules", "--get-regexp", r"^submodule\..*\.path$"]);
    let listing = output(&mut command).unwrap_or_default();
    let records = listing.split(|byte| *byte == 0);
    let name = |record: &[u8]| {
        let at = record.iter().position(|byte| *byte == b'\n')?;
        let name = record[..at].strip_prefix(b"submodule.")?.strip_suffix(b".path")?;
        let path = |bytes: &[u8]| PathBuf::from(std::ffi::OsString::from_vec(bytes.to_vec()));
        Some((path(&record[at + 1..]), path(name)))
    };
    records.filter_map(name).collect()
}

/// What the parts of a tree hold. The hash of a file that git wrote from the same blob under the same attributes is known from the
/// record of last time.
fn manifest(root: &Path, parts: &[Part], beside: &[Entry]) -> Result<TreeManifest> {
    let record = root.with_extension("files");
    let mut entries = Vec::new();
    for part in parts {
        let held = part.clone.entries(None)?.into_iter().filter(|entry| !entry.is_submodule());
        entries.extend(held.map(|entry| Entry { path: part.below.join(&entry.path), ..entry }));
    }
    entries.extend(beside.iter().cloned());
    let attributes = attributes(parts, &entries)?;
    let known = fs::read(&record).ok().and_then(|bytes| {
        let rest = bytes.strip_prefix(attributes.as_bytes())?;
        TreeManifest::parse(rest).ok()
    });
    let known = known.unwrap_or_default();
    let mut manifest = TreeManifest::default();
    for Entry { mode, object: blob, path } in entries {
        let stamp = match known.get(&path).filter(|stamp| stamp.blob == blob && stamp.mode == mode) {
            Some(stamp) => stamp.clone(),
            None => FileStamp { sha256: content_hash(&root.join(&path), &mode)?, mode, blob },
        };
        manifest.insert(path, stamp);
    }
    remove_if_there(&record)?;
    fs::write(&record, [attributes.as_bytes(), &manifest.to_bytes()].concat())
        .with_context(|| format!("cannot write `{}`", record.display()))?;
    Ok(manifest)
}

/// A line that changes when the same blob may be written with other bytes.
fn attributes(parts: &[Part], entries: &[Entry]) -> Result<String> {
    let mut hash = Sha256::new();
    let files = entries.iter().filter(|entry| entry.path.file_name().is_some_and(|name| name == ".gitattributes"));
    for entry in files {
        hash.update(entry.path.as_os_str().as_bytes());
        hash.update(format!("\0{}\n", entry.object));
    }
    for part in parts {
        let mut command = part.clone.git();
        command.args([
            "config",
            "--null",
            "--get-regexp",
            r"^(filter\..*|core\.(autocrlf|eol|attributesfile|symlinks))$",
        ]);
        hash.update(output(&mut command).unwrap_or_default()); // git ends with 1 where there are none
    }
    Ok(format!("{}\n", hex(&hash.finalize())))
}

/// Git's mode of a file or link.
fn mode(metadata: &fs::Metadata) -> &'static str {
    use std::os::unix::fs::PermissionsExt;
    match () {
        () if metadata.is_symlink() => "120000",
        () if metadata.permissions().mode() & 0o100 != 0 => "100755",
        () => "100644",
    }
}

fn content_hash(file: &Path, mode: &str) -> Result<String> {
    let context = || format!("cannot read `{}`", file.display());
    let bytes = match mode {
        "120000" => fs::read_link(file).with_context(context)?.into_os_string().into_vec(),
        _ => fs::read(file).with_context(context)?,
    };
    Ok(hex(&Sha256::digest(bytes)))
}
