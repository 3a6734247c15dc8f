//! What a tree holds: each file's mode and the hash of the bytes that lie there.
//!
//! The hashes are over what git wrote, filters applied, not over what git stores. So a change of `.gitattributes` that writes the
//! same blob with other line ends is a change of that file.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use super::super::cache::hex;

/// The files of a tree by path below its root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TreeManifest(BTreeMap<PathBuf, FileStamp>);

/// One file of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FileStamp {
    /// Git's: `100644`, `100755` or `120000`.
    pub mode: String,
    /// Hash of the file's bytes, or of what a link says.
    pub sha256: String,
    /// Git's name of what it was written from.
    pub blob: String,
}

impl TreeManifest {
    pub(super) fn insert(&mut self, path: PathBuf, stamp: FileStamp) {
        self.0.insert(path, stamp);
    }

    pub(super) fn remove(&mut self, path: &Path) {
        self.0.remove(path);
    }

    pub(super) fn get(&self, path: &Path) -> Option<&FileStamp> {
        self.0.get(path)
    }

    /// Hash over the files that a build or a bench may read: documentation and the gate's own files are left out, so
    /// that recording a baseline does not change it. Stored baselines name their source by it.
    pub fn source_hash(&self) -> String {
        self.hash_of(|path| !path.to_str().is_some_and(is_beside_the_code))
    }

    /// Hash over every file.
    pub(in crate::collect) fn whole_hash(&self) -> String {
        self.hash_of(|_| true)
    }

    /// Hash over the files of these paths.
    pub(in crate::collect) fn hash_of(&self, is_hashed: impl Fn(&Path) -> bool) -> String {
        let mut hash = Sha256::new();
        for (path, stamp) in self.0.iter().filter(|(path, _)| is_hashed(path)) {
            hash.update(path.as_os_str().as_bytes());
            hash.update(format!("\0{}\0{}\n", stamp.mode, stamp.sha256));
        }
        hex(&hash.finalize())
    }

    /// Paths whose content or mode differs, or that only one of the two holds.
    pub fn differing(&self, other: &Self) -> BTreeSet<PathBuf> {
        let paths: BTreeSet<&PathBuf> = self.0.keys().chain(other.0.keys()).collect();
        let key = |manifest: &Self, path: &PathBuf| manifest.0.get(path).map(|s| (s.mode.clone(), s.sha256.clone()));
        paths.into_iter().filter(|path| key(self, path) != key(other, path)).cloned().collect()
    }

    /// Reads what [`TreeManifest::to_bytes`] wrote.
    ///
    /// # Errors
    /// It is something else, for instance the record of an older version.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self> {
        let mut files = BTreeMap::new();
        for record in bytes.split(|byte| *byte == 0).filter(|record| !record.is_empty()) {
            let at = record.iter().position(|byte| *byte == b'\t').context("expected a tab before the path")?;
            let words = std::str::from_utf8(&record[..at]).context("expected text before the path")?;
            let [mode, sha256, blob] =
                <[&str; 3]>::try_from(words.split(' ').collect::<Vec<_>>()).ok().context("expected three words")?;
            let stamp = FileStamp { mode: mode.into(), sha256: sha256.into(), blob: blob.into() };
            files.insert(PathBuf::from(OsStr::from_bytes(&record[at + 1..])), stamp);
        }
        Ok(Self(files))
    }

    /// `mode sha256 blob`, a tab, the path, a NUL; for each file.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (path, FileStamp { mode, sha256, blob }) in &self.0 {
            bytes.extend_from_slice(format!("{mode} {sha256} {blob}\t").as_bytes());
            bytes.extend_from_slice(path.as_os_str().as_bytes());
            bytes.push(0);
        }
        bytes
    }
}

/// Whether a file says nothing of what was measured, by its name: documentation, licences, CI, the configuration of linters, and
/// what the gate itself reads, claims where they usually are. Good enough to name the source of a stored baseline; no proof that a bench does not read it.
fn is_beside_the_code(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let first = path.split('/').next().unwrap_or(path);
    matches!(extension, "md" | "adoc" | "rst")
        || ["LICENSE", "COPYING", "CHANGELOG", "AUTHORS"].iter().any(|start| name.starts_with(start))
        || matches!(first, "docs" | ".github" | ".ci" | "baselines" | "reports")
        || matches!(path, ".gitignore" | ".gitattributes" | "benchgate.toml")
        || (extension == "toml" && path.split('/').rev().skip(1).take(2).eq(["claims", "benches"]))
        || matches!(name, "deny.toml" | "clippy.toml" | "rustfmt.toml" | ".rustfmt.toml" | ".editorconfig")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn manifest(files: &[(&str, &str)]) -> TreeManifest {
        let stamp =
            |text: &str| FileStamp { mode: "100644".into(), sha256: hex(&Sha256::digest(text)), blob: "b".into() };
        TreeManifest(files.iter().map(|(path, text)| (PathBuf::from(path), stamp(text))).collect())
    }

    #[test]
    fn documentation_and_baselines_do_not_change_the_source_hash() {
        #[track_caller]
        fn check(path: &str, is_source: bool) {
            let plain = manifest(&[("src/lib.rs", "1")]);
            let more = manifest(&[("src/lib.rs", "1"), (path, "2")]);
            assert_eq!(plain.source_hash() != more.source_hash(), is_source, "{path}");
            assert_eq!(plain.differing(&more), [PathBuf::from(path)].into());
        }
        check("README.md", false);
        check("baselines/heap/pools.json", false);
        check("benches/data/input.json", true);
        check("benches/claims/pools.toml", false);
        check("crates/a/benches/claims/pools.toml", false);
        check("benches/claims/pools.json", true);
        check("claims/pools.toml", true);
        check("crates/clippy.toml", false);
        check("src/md.rs", true);
    }

    /// Stored baselines of version 0.1 name their source by this.
    #[test]
    fn source_hash_is_that_of_earlier_versions() {
        let hash = manifest(&[("src/lib.rs", "1"), ("Cargo.toml", "2")]).source_hash();
        let mut expected = Sha256::new();
        for (path, text) in [("Cargo.toml", "2"), ("src/lib.rs", "1")] {
            expected.update(format!("{path}\0100644\0{}\n", hex(&Sha256::digest(text))));
        }
        assert_eq!(hash, hex(&expected.finalize()));
    }

    #[test]
    fn what_is_no_manifest_is_refused() {
        assert!(TreeManifest::parse(b"{\"a\":{}}").is_err());
        assert!(TreeManifest::parse(b"100644 x\tpath\0").is_err());
        assert_eq!(TreeManifest::parse(b"").unwrap(), TreeManifest::default());
    }

    proptest! {
        #[test]
        fn manifests_are_read_as_they_were_written(
            paths in proptest::collection::btree_set(proptest::collection::vec(1_u8..=255, 1..20), 0..8),
        ) {
            let stamp = FileStamp { mode: "100644".into(), sha256: "a".into(), blob: "b".into() };
            let files = paths.into_iter().map(|path| (PathBuf::from(OsStr::from_bytes(&path)), stamp.clone()));
            let manifest = TreeManifest(files.collect());
            prop_assert_eq!(TreeManifest::parse(&manifest.to_bytes()).unwrap(), manifest);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            TreeManifest::parse(&bytes).ok();
        }
    }
}
