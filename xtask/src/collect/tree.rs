//! A side's files, checked out into the cache.
//!
//! A file is written only when its content changed, so that modification times tell cargo the truth; what each tree
//! holds is remembered beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::cache::hex;
use super::edit::Edit;
use super::git::Repository;

/// A checked-out side.
#[derive(Clone, Debug)]
pub struct Tree {
    /// Where it lies.
    pub root: PathBuf,
    /// What it holds.
    pub manifest: TreeManifest,
}

/// The files of a tree by path.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TreeManifest(BTreeMap<String, FileStamp>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct FileStamp {
    mode: String,
    sha256: String,
    /// Git's name of the content, where it came from a commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    blob: Option<String>,
}

impl TreeManifest {
    /// Hash over the files that a build or a bench may read: documentation and the gate's own files are left out, so
    /// that recording a baseline does not change it.
    pub fn source_hash(&self) -> String {
        self.hash_of(|path| !is_beside_the_code(path))
    }

    /// Hash over every file.
    pub(super) fn whole_hash(&self) -> String {
        self.hash_of(|_| true)
    }

    /// Hash over the files of these paths.
    pub(super) fn hash_of(&self, is_hashed: impl Fn(&str) -> bool) -> String {
        let mut hash = Sha256::new();
        for (path, stamp) in self.0.iter().filter(|(path, _)| is_hashed(path)) {
            hash.update(format!("{path}\0{}\0{}\n", stamp.mode, stamp.sha256));
        }
        hex(&hash.finalize())
    }

    /// Paths whose content or mode differs, or that only one of the two holds.
    pub fn differing(&self, other: &Self) -> BTreeSet<String> {
        let paths: BTreeSet<&String> = self.0.keys().chain(other.0.keys()).collect();
        let key = |manifest: &Self, path: &String| manifest.0.get(path).map(|s| (s.mode.clone(), s.sha256.clone()));
        paths.into_iter().filter(|path| key(self, path) != key(other, path)).cloned().collect()
    }

    /// All paths.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// Whether a file can neither be compiled into a bench (unless its dep-info names it) nor be measured: documentation,
/// licences, CI, the configuration of linters, and what the gate itself reads.
pub(super) fn is_beside_the_code(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let first = path.split('/').next().unwrap_or(path);
    matches!(extension, "md" | "adoc" | "rst")
        || ["LICENSE", "COPYING", "CHANGELOG", "AUTHORS"].iter().any(|start| name.starts_with(start))
        || matches!(first, "docs" | ".github" | ".ci" | "baselines" | "reports")
        || matches!(path, ".gitignore" | ".gitattributes" | "benchgate.toml")
        || matches!(name, "deny.toml" | "clippy.toml" | "rustfmt.toml" | ".rustfmt.toml" | ".editorconfig")
}

impl Tree {
    /// Checks a commit out.
    ///
    /// # Errors
    /// Git does not give the files, or they cannot be written.
    pub fn of_commit(repository: &Repository, commit: &str, root: &Path) -> Result<Self> {
        let mut writer = Writer::open(root)?;
        let entries = repository.entries(commit)?;
        let is_current = |entry: &&super::git::Entry| {
            writer.old.0.get(&entry.path).is_some_and(|s| s.blob.as_ref() == Some(&entry.blob) && s.mode == entry.mode)
        };
        let (current, changed): (Vec<_>, Vec<_>) = entries.iter().partition(is_current);
        for entry in current {
            writer.keep(&entry.path);
        }
        repository.contents(&changed, |index, bytes| {
            let entry = changed[index];
            writer.put(&entry.path, &entry.mode, Some(entry.blob.clone()), &bytes)
        })?;
        writer.finish()
    }

    /// Copies a work tree, uncommitted changes included.
    ///
    /// # Errors
    /// A file cannot be read or written.
    pub fn of_directory(source: &Path, repository: Option<&Repository>, root: &Path) -> Result<Self> {
        Self::of_edited_directory(source, repository, root, &[])
    }

    /// Copies a work tree and changes the copy.
    ///
    /// # Errors
    /// A file cannot be read or written.
    pub fn of_edited_directory(
        source: &Path,
        repository: Option<&Repository>,
        root: &Path,
        edits: &[Edit],
    ) -> Result<Self> {
        let files = match repository {
            Some(repository) => repository.work_tree_files()?,
            None => walk(source)?,
        };
        let mut writer = Writer::open(root)?;
        for path in files {
            let from = source.join(&path);
            let Ok(metadata) = fs::symlink_metadata(&from) else { continue }; // deleted, not yet staged
            let context = || format!("cannot read `{}`", from.display());
            if metadata.is_symlink() {
                let target = fs::read_link(&from).with_context(context)?;
                writer.put(&path, "120000", None, target.as_os_str().as_encoded_bytes())?;
            } else if metadata.is_file() {
                let mode = if metadata.permissions().mode() & 0o111 == 0 { "100644" } else { "100755" };
                let bytes = fs::read(&from).with_context(context)?;
                let bytes = edits.iter().fold(bytes, |bytes, edit| edit.apply(&path, bytes));
                writer.put(&path, mode, None, &bytes)?;
            }
        }
        writer.finish()
    }

    /// Adds one file that the tree itself does not carry, for instance a lock file that git ignores.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn add_untracked(&self, path: &str, bytes: &[u8]) -> Result<()> {
        let to = self.root.join(path);
        if fs::read(&to).is_ok_and(|old| old == bytes) {
            return Ok(());
        }
        fs::write(&to, bytes).with_context(|| format!("cannot write `{}`", to.display()))
    }

    /// Gives files fresh modification times, so that cargo sees that they differ from what it built last.
    pub(super) fn touch<'a>(&self, paths: impl IntoIterator<Item = &'a str>) -> Result<()> {
        for path in paths {
            let file = self.root.join(path);
            if fs::symlink_metadata(&file).is_ok_and(|metadata| metadata.is_file()) {
                let context = || format!("cannot touch `{}`", file.display());
                let open = fs::File::options().write(true).open(&file).with_context(context)?;
                open.set_modified(SystemTime::now()).with_context(context)?;
            }
        }
        Ok(())
    }
}

/// Brings a directory from what its manifest says to what is wanted. While it runs the manifest is gone, so that an
/// interrupted checkout is done again from scratch.
struct Writer {
    root: PathBuf,
    record: PathBuf,
    old: TreeManifest,
    new: TreeManifest,
}

impl Writer {
    fn open(root: &Path) -> Result<Self> {
        fs::create_dir_all(root).with_context(|| format!("cannot make `{}`", root.display()))?;
        let record = root.with_extension("json");
        let old = fs::read(&record).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        if record.exists() {
            fs::remove_file(&record).with_context(|| format!("cannot remove `{}`", record.display()))?;
        }
        Ok(Self { root: root.into(), record, old, new: TreeManifest::default() })
    }

    fn keep(&mut self, path: &str) {
        if let Some(stamp) = self.old.0.get(path) {
            self.new.0.insert(path.to_owned(), stamp.clone());
        }
    }

    fn put(&mut self, path: &str, mode: &str, blob: Option<String>, bytes: &[u8]) -> Result<()> {
        let stamp = FileStamp { mode: mode.into(), sha256: hex(&Sha256::digest(bytes)), blob };
        let is_same = self.old.0.get(path).is_some_and(|old| old.sha256 == stamp.sha256 && old.mode == stamp.mode);
        if !is_same {
            write_entry(&self.root.join(path), mode, bytes)?;
        }
        self.new.0.insert(path.to_owned(), stamp);
        Ok(())
    }

    fn finish(self) -> Result<Tree> {
        for path in self.old.0.keys().filter(|path| !self.new.0.contains_key(*path)) {
            let gone = self.root.join(path);
            if fs::symlink_metadata(&gone).is_ok() {
                fs::remove_file(&gone).with_context(|| format!("cannot remove `{}`", gone.display()))?;
            }
        }
        let text = serde_json::to_vec(&self.new).context("a manifest is plain data")?;
        let mut file =
            fs::File::create(&self.record).with_context(|| format!("cannot write `{}`", self.record.display()))?;
        file.write_all(&text).with_context(|| format!("cannot write `{}`", self.record.display()))?;
        Ok(Tree { root: self.root, manifest: self.new })
    }
}

fn write_entry(to: &Path, mode: &str, bytes: &[u8]) -> Result<()> {
    let context = || format!("cannot write `{}`", to.display());
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent).with_context(context)?;
    }
    if fs::symlink_metadata(to).is_ok() {
        fs::remove_file(to).with_context(context)?;
    }
    if mode == "120000" {
        let target = std::str::from_utf8(bytes).with_context(context)?;
        return std::os::unix::fs::symlink(target, to).with_context(context);
    }
    fs::write(to, bytes).with_context(context)?;
    let bits = if mode == "100755" { 0o755 } else { 0o644 };
    fs::set_permissions(to, fs::Permissions::from_mode(bits)).with_context(context)
}

/// Files below a directory that is in no repository: everything but `target` and hidden directories other than
/// `.cargo`.
fn walk(root: &Path) -> Result<Vec<String>> {
    let mut files = Vec::new();
    let mut open = vec![PathBuf::new()];
    while let Some(below) = open.pop() {
        let directory = root.join(&below);
        let context = || format!("cannot read `{}`", directory.display());
        for entry in fs::read_dir(&directory).with_context(context)? {
            let entry = entry.with_context(context)?;
            let name = entry.file_name();
            let path = below.join(&name);
            if entry.file_type().with_context(context)?.is_dir() {
                let is_hidden = name.as_encoded_bytes().starts_with(b".") && name != ".cargo";
                if !is_hidden && name != "target" {
                    open.push(path);
                }
            } else {
                files.push(path.to_str().with_context(|| format!("`{}` is not UTF-8", path.display()))?.to_owned());
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)], root: &Path) -> Tree {
        let source = tempfile::tempdir().unwrap();
        for (path, text) in files {
            write_entry(&source.path().join(path), "100644", text.as_bytes()).unwrap();
        }
        Tree::of_directory(source.path(), None, root).unwrap()
    }

    #[test]
    fn only_changed_files_are_written() {
        let cache = tempfile::tempdir().unwrap();
        let root = cache.path().join("c");
        tree(&[("a.rs", "1"), ("b.rs", "1")], &root);
        let stamp = |name: &str| fs::metadata(root.join(name)).unwrap().modified().unwrap();
        let (a, b) = (stamp("a.rs"), stamp("b.rs"));
        tree(&[("a.rs", "1"), ("b.rs", "2"), ("d/e.rs", "1")], &root);
        assert_eq!(stamp("a.rs"), a);
        assert!(stamp("b.rs") > b);
        assert_eq!(fs::read_to_string(root.join("d/e.rs")).unwrap(), "1");
    }

    #[test]
    fn files_that_went_away_are_removed() {
        let cache = tempfile::tempdir().unwrap();
        let root = cache.path().join("c");
        tree(&[("a.rs", "1"), ("b.rs", "1")], &root);
        tree(&[("a.rs", "1")], &root);
        assert!(!root.join("b.rs").exists());
    }

    #[test]
    fn an_interrupted_checkout_starts_over() {
        let cache = tempfile::tempdir().unwrap();
        let root = cache.path().join("c");
        tree(&[("a.rs", "1")], &root);
        fs::write(root.join("a.rs"), "half written").unwrap();
        fs::remove_file(root.with_extension("json")).unwrap();
        tree(&[("a.rs", "1")], &root);
        assert_eq!(fs::read_to_string(root.join("a.rs")).unwrap(), "1");
    }

    #[test]
    fn documentation_and_baselines_do_not_change_the_source_hash() {
        #[track_caller]
        fn check(path: &str, is_source: bool) {
            let cache = tempfile::tempdir().unwrap();
            let plain = tree(&[("src/lib.rs", "1")], &cache.path().join("b")).manifest;
            let more = tree(&[("src/lib.rs", "1"), (path, "2")], &cache.path().join("c")).manifest;
            assert_eq!(plain.source_hash() != more.source_hash(), is_source, "{path}");
            assert_eq!(plain.differing(&more).len(), 1);
        }
        check("README.md", false);
        check("baselines/heap/pools.json", false);
        check("benches/data/input.json", true);
        check("xtask/clippy.toml", false);
        check("src/md.rs", true);
    }
}
