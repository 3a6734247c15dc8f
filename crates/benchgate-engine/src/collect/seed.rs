//! Units of registry and git dependencies carried from one build's target directory to another's, so that they are compiled once.
//!
//! Such a unit depends on nothing in the tree, and cargo finds it by a hash of everything that it does depend on. What cargo never
//! writes again (libraries, compiled build scripts) is linked; what it may write in place (fingerprints, what build scripts wrote)
//! is copied, so that nothing reaches another build through a link. Units of workspace members and path dependencies are never
//! carried: cargo judges them by modification times and by what build scripts say of themselves, and that is how one side's code
//! would be taken for the other's.
//!
//! The layout is cargo's: `<profile>/deps/lib<crate>-<hash>.*`, `<profile>/build/<package>-<hash>/`,
//! `<profile>/.fingerprint/<package>-<hash>/`. Where a cargo has another, nothing is found, and everything is compiled.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use cargo_metadata::{Artifact, Message};
use memchr::memmem;
use serde::{Deserialize, Serialize};

use super::build::artifacts;

/// Hashes of units by the directory of their profile, below the target directory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Units(BTreeMap<PathBuf, BTreeSet<String>>);

/// Whether a package's units depend on nothing in the tree at `root`: it comes from a registry or from git, and its files do not lie in
/// the tree (vendored ones can be edited).
pub(super) fn is_outside(package: &str, files: Option<&Path>, root: &Path) -> bool {
    let is_fetched = ["registry+", "sparse+", "git+"].iter().any(|kind| package.contains(kind));
    is_fetched && files.is_some_and(|files| !files.starts_with(root))
}

impl Units {
    /// The units that a build used, by what cargo said of them. Where `[env]` is configured, what a build script ran to is left
    /// out: such a variable may lead it into the tree.
    pub fn used(messages: &[Message], target: &Path, tree: &Path, has_env: bool) -> Self {
        let mut units = Self::default();
        let is_outside =
            |one: &&Artifact| is_outside(&one.package_id.repr, Some(one.manifest_path.as_std_path()), tree);
        let mut outside = BTreeSet::new();
        for artifact in artifacts(messages).filter(is_outside) {
            outside.insert(&*artifact.package_id.repr);
            units.add(artifact.filenames.iter().map(|file| file.as_std_path()), target);
        }
        for message in messages {
            if let Message::BuildScriptExecuted(script) = message
                && outside.contains(&*script.package_id.repr)
                && !has_env
            {
                units.add([script.out_dir.as_std_path()], target);
            }
        }
        units
    }

    fn add<'a>(&mut self, files: impl IntoIterator<Item = &'a Path>, target: &Path) {
        for file in files {
            let Ok(below) = file.strip_prefix(target) else { continue };
            let parts: Vec<&str> = below.iter().filter_map(|part| part.to_str()).collect();
            let Some(at) = parts.iter().rposition(|part| matches!(*part, "deps" | "build")) else { continue };
            let Some(hash) = parts.get(at + 1).and_then(|name| hash_in(name)) else { continue };
            self.0.entry(parts[..at].iter().collect()).or_default().insert(hash.to_owned());
        }
    }

    /// Whether a file of a target directory is of one of these units.
    pub fn hold(&self, file: &Path, target: &Path) -> bool {
        let mut one = Self::default();
        one.add([file], target);
        one.0.iter().all(|(profile, hashes)| self.0.get(profile).is_some_and(|held| hashes.is_subset(held)))
            && !one.0.is_empty()
    }

    /// Carries the units from one target directory to another; returns those that are there afterwards.
    ///
    /// # Errors
    /// A file cannot be linked or copied.
    pub fn carry(&self, from: &Path, to: &Path) -> Result<Self> {
        let mut carried = Self::default();
        for (profile, hashes) in &self.0 {
            let (from, to) = (from.join(profile), to.join(profile));
            let context = || format!("cannot carry units to `{}`", to.display());
            let builds = within(&from.join("build"), hashes);
            // What leads back to where it was written must be written anew.
            let is_bound = |path: &PathBuf| mentions(path, &from).unwrap_or(true);
            let bound: BTreeSet<String> =
                builds.iter().filter(|(_, path)| is_bound(path)).map(|(hash, _)| hash.clone()).collect();
            let hashes: BTreeSet<String> = hashes.difference(&bound).cloned().collect();
            for (_, path) in within(&from.join("deps"), &hashes) {
                let place = to.join("deps").join(path.file_name().unwrap_or_default());
                let is_rewritten = path.extension().is_some_and(|extension| extension == "d");
                carry_file(&path, &place, is_rewritten).with_context(context)?;
            }
            for (_, path) in within(&from.join("build"), &hashes) {
                carry_directory(&path, &to.join("build").join(path.file_name().unwrap_or_default()))
                    .with_context(context)?;
            }
            for (hash, path) in within(&from.join(".fingerprint"), &hashes) {
                // Last: with it the unit counts.
                let place = to.join(".fingerprint").join(path.file_name().unwrap_or_default());
                carry_directory(&path, &place).with_context(context)?;
                carried.0.entry(profile.clone()).or_default().insert(hash);
            }
        }
        Ok(carried)
    }
}

/// The hash in a name: sixteen hexadecimal digits behind the last dash, up to a dot.
fn hash_in(name: &str) -> Option<&str> {
    let stem = name.split('.').next()?;
    let hash = stem.rsplit_once('-')?.1;
    (hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(hash)
}

/// Entries of a directory that belong to these units, with their hash.
fn within(directory: &Path, hashes: &BTreeSet<String>) -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut found: Vec<(String, PathBuf)> = entries
        .filter_map(|entry| {
            let name = entry.file_name();
            let hash = hash_in(name.to_str()?)?;
            hashes.contains(hash).then(|| (hash.to_owned(), entry.path()))
        })
        .collect();
    found.sort();
    found
}

/// Longest file that is searched for a path: sources and lists that a build script writes are shorter.
const LONGEST_SEARCHED: u64 = 1 << 20;

/// Whether a text that a build script left in its `OUT_DIR` names the directory that it was written in.
fn mentions(directory: &Path, profile: &Path) -> io::Result<bool> {
    let out = directory.join("out");
    let Ok(entries) = fs::read_dir(&out) else { return Ok(false) };
    let name = profile.as_os_str().as_encoded_bytes();
    let mut open: Vec<PathBuf> = entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>()?;
    while let Some(path) = open.pop() {
        let metadata = fs::symlink_metadata(&path)?;
        if metadata.is_dir() {
            for entry in fs::read_dir(&path)? {
                open.push(entry?.path());
            }
        } else if metadata.is_symlink() {
            if fs::read_link(&path)?.is_absolute() {
                return Ok(true);
            }
        } else if metadata.len() <= LONGEST_SEARCHED {
            let bytes = fs::read(&path)?;
            let is_text = std::str::from_utf8(&bytes).is_ok();
            if is_text && memmem::find(&bytes, name).is_some() {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn carry_directory(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let place = to.join(entry.file_name());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            carry_directory(&entry.path(), &place)?;
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(entry.path())?, &place)?;
        } else {
            // A compiled build script is written once; everything else here may be written in place.
            let name = entry.file_name();
            let is_script = name.to_str().is_some_and(|name| {
                name == "build-script-build" || (hash_in(name).is_some() && Path::new(name).extension().is_none())
            });
            carry_file(&entry.path(), &place, !is_script)?;
        }
    }
    Ok(())
}

/// Cargo compares modification times, so a copy keeps that of its original.
fn carry_file(from: &Path, to: &Path, is_rewritten: bool) -> io::Result<()> {
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    match fs::remove_file(to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    if !is_rewritten && fs::hard_link(from, to).is_ok() {
        return Ok(());
    }
    fs::copy(from, to)?;
    fs::File::options().write(true).open(to)?.set_modified(fs::metadata(from)?.modified()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_stand_behind_the_last_dash() {
        #[track_caller]
        fn check(name: &str, expected: Option<&str>) {
            assert_eq!(hash_in(name), expected);
        }
        check("libserde_json-0123456789abcdef.rlib", Some("0123456789abcdef"));
        check("serde-json-0123456789abcdef", Some("0123456789abcdef"));
        check("x-0123456789abcdef.0.rcgu.o", Some("0123456789abcdef"));
        check("libplain.rlib", None);
        check("x-0123456789abcdeg", None);
        check("x-0123", None);
    }

    #[test]
    fn members_and_vendored_packages_are_inside() {
        #[track_caller]
        fn check(package: &str, files: &str, expected: bool) {
            assert_eq!(is_outside(package, Some(Path::new(files)), Path::new("/t")), expected);
        }
        let registry = "registry+https://index.example/#serde@1.0.0";
        check(registry, "/r/serde/Cargo.toml", true);
        check(registry, "/t/vendor/serde/Cargo.toml", false);
        check("git+https://host.example/x#1.0", "/g/x/Cargo.toml", true);
        check("path+file:///t/member#0.1.0", "/t/member/Cargo.toml", false);
        check("path+file:///elsewhere#0.1.0", "/elsewhere/Cargo.toml", false);
    }

    #[test]
    fn units_are_carried_whole_and_nothing_is_written_through_a_link() {
        let home = tempfile::tempdir().unwrap();
        let (from, to) = (home.path().join("b"), home.path().join("c"));
        let unit = "0123456789abcdef";
        let other = "fedcba9876543210";
        let bound = "00000000000000aa";
        let write = |path: String, text: &str| {
            let file = from.join("release").join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        };
        for hash in [unit, other, bound] {
            write(format!("deps/libx-{hash}.rlib"), "library");
            write(format!("deps/x-{hash}.d"), "info");
            write(format!(".fingerprint/x-{hash}/lib-x"), "print");
            write(format!("build/x-{hash}/out/generated.rs"), "fn f() {}");
        }
        let here = from.join("release").display().to_string();
        write(format!("build/x-{bound}/out/include.rs"), &format!("include!(\"{here}/y.rs\");"));
        let hashes = [unit, bound].map(String::from).into();
        let units = Units([(PathBuf::from("release"), hashes)].into());
        let carried = units.carry(&from, &to).unwrap();
        assert_eq!(carried.0[Path::new("release")], BTreeSet::from([unit.to_owned()]));
        let there = |path: String| to.join("release").join(path);
        assert!(!there(format!("deps/libx-{other}.rlib")).exists());
        assert!(!there(format!(".fingerprint/x-{bound}")).exists());
        for path in [
            format!(".fingerprint/x-{unit}/lib-x"),
            format!("build/x-{unit}/out/generated.rs"),
            format!("deps/x-{unit}.d"),
        ] {
            let modified = |file: PathBuf| fs::metadata(file).unwrap().modified().unwrap();
            assert_eq!(modified(there(path.clone())), modified(from.join("release").join(&path)));
            fs::write(there(path.clone()), "changed").unwrap();
            assert_ne!(fs::read_to_string(from.join("release").join(path)).unwrap(), "changed");
        }
        assert!(carried.hold(&there(format!("deps/libx-{unit}.rlib")), &to));
        assert!(!carried.hold(&there(format!("deps/libx-{other}.rlib")), &to));
        assert!(!carried.hold(&there("libplain.rlib".to_owned()), &to));
    }
}
