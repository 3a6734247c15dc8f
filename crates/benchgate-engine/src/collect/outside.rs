//! What a build depends on that lies outside the tree: variables, files, cargo's own configuration. A build that is kept counts only
//! while all of it is as it was.
//!
//! Cargo and rustc say what it is: dep-info names the files and variables that went into a unit (`# env-dep:NAME=VALUE`), and what
//! build scripts print names what they asked for (`cargo::rerun-if-changed=PATH`, `cargo::rerun-if-env-changed=NAME`).

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::cache::hex;
use super::configuration::cargo_home;
use super::dep_info::named_inputs;
use super::launching::callers_environment;

/// Files and variables, each with a digest of what it was; `None` where there was none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Outside {
    files: BTreeMap<String, Option<String>>,
    variables: BTreeMap<String, Option<String>>,
}

impl Outside {
    /// Looks through a target directory right after the build. What lies below `own`, the side's directories, is not outside, nor
    /// are the sources that cargo unpacks under a name that holds their version.
    pub fn of_build(target: &Path, own: &[&Path]) -> Self {
        let cargo_home = cargo_home().unwrap_or_default();
        let unpacked = ["registry", "git"].map(|name| cargo_home.join(name));
        let is_outside = |path: &Path| {
            path.is_absolute()
                && !own.iter().any(|own| path.starts_with(own))
                && !unpacked.iter().any(|at| path.starts_with(at))
        };
        let mut outside = Self::default();
        for name in ["config.toml", "config"] {
            outside.add_file(&cargo_home.join(name));
        }
        for file in found(target) {
            let Ok(text) = fs::read(&file) else { continue };
            if file.extension().is_some_and(|extension| extension == "d") {
                named_inputs(&text).iter().filter(|path| is_outside(path)).for_each(|path| outside.add_file(path));
                let variables = text.split(|byte| *byte == b'\n').filter_map(|line| line.strip_prefix(b"# env-dep:"));
                variables
                    .for_each(|line| outside.add_variable(line.split(|byte| *byte == b'=').next().unwrap_or(line)));
                continue;
            }
            for line in text.split(|byte| *byte == b'\n') {
                let Some(said) = line.strip_prefix(b"cargo::").or_else(|| line.strip_prefix(b"cargo:")) else {
                    continue;
                };
                if let Some(path) = said.strip_prefix(b"rerun-if-changed=") {
                    let path = Path::new(OsStr::from_bytes(path));
                    if is_outside(path) {
                        outside.add_file(path);
                    }
                } else if let Some(name) = said.strip_prefix(b"rerun-if-env-changed=") {
                    outside.add_variable(name);
                }
            }
        }
        outside
    }

    /// Whether all of it is as it was.
    pub fn is_same(&self) -> bool {
        let environment = callers_environment();
        self.files.iter().all(|(path, digest)| state(Path::new(path)) == *digest)
            && self.variables.iter().all(|(name, digest)| value(&environment, name) == *digest)
    }

    /// A path that is no text cannot be kept, and is left out: it is an input that nobody names so.
    fn add_file(&mut self, path: &Path) {
        if let Some(text) = path.to_str() {
            self.files.entry(text.to_owned()).or_insert_with(|| state(path));
        }
    }

    /// Variables that cargo sets itself follow from the tree.
    fn add_variable(&mut self, name: &[u8]) {
        let Ok(name) = std::str::from_utf8(name) else { return };
        let is_cargos = name.starts_with("CARGO") || name == "OUT_DIR";
        if !is_cargos && !self.variables.contains_key(name) {
            self.variables.insert(name.to_owned(), value(&callers_environment(), name));
        }
    }
}

fn value(environment: &BTreeMap<OsString, OsString>, name: &str) -> Option<String> {
    environment.get(OsStr::new(name)).map(|value| hex(&Sha256::digest(value.as_bytes())))
}

/// Digest of a file; of a directory, of the names in it and when they were changed.
fn state(path: &Path) -> Option<String> {
    let metadata = fs::metadata(path).ok()?;
    if metadata.is_file() {
        return fs::read(path).ok().map(|bytes| hex(&Sha256::digest(bytes)));
    }
    let mut names: Vec<_> =
        fs::read_dir(path).ok()?.flatten().map(|entry| (entry.file_name(), changed(&entry))).collect();
    names.sort();
    Some(hex(&Sha256::digest(format!("{names:?}"))))
}

fn changed(entry: &fs::DirEntry) -> Option<std::time::SystemTime> {
    entry.metadata().ok()?.modified().ok()
}

/// Dep-info and what build scripts printed, of every profile below a target directory.
fn found(target: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut open = vec![(target.to_owned(), 0)];
    while let Some((directory, depth)) = open.pop() {
        for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
            // `<triple>/<profile>/build/<unit>/output` is the deepest; what a script wrote to `out` is not looked at.
            if is_directory && depth < 4 && !matches!(name.to_str(), Some("out" | ".fingerprint" | "incremental")) {
                open.push((path, depth + 1));
            } else if path.extension().is_some_and(|extension| extension == "d") || name == "output" {
                files.push(path);
            }
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_variables_outside_count_and_those_of_the_side_do_not() {
        let home = tempfile::tempdir().unwrap();
        let (target, tree, outside) = (home.path().join("t"), home.path().join("b"), home.path().join("else"));
        for directory in [&target.join("release/deps"), &target.join("release/build/x-1"), &tree, &outside] {
            fs::create_dir_all(directory).unwrap();
        }
        let [near, far, asked] = [tree.join("lib.rs"), outside.join("lib.rs"), outside.join("asked.txt")];
        for file in [&near, &far, &asked] {
            fs::write(file, "1").unwrap();
        }
        let info =
            format!("x: {} {} src/a.rs\n\n# env-dep:BENCHGATE_NOBODY_SETS_THIS\n", near.display(), far.display());
        fs::write(target.join("release/deps/x-1.d"), info).unwrap();
        let said = format!("cargo:rerun-if-changed={}\ncargo::rerun-if-env-changed=CARGO_X\n", asked.display());
        fs::write(target.join("release/build/x-1/output"), said).unwrap();
        let built = Outside::of_build(&target, &[&target, &tree]);
        assert_eq!(built.variables.keys().collect::<Vec<_>>(), ["BENCHGATE_NOBODY_SETS_THIS"]);
        assert!(built.is_same());
        fs::write(&near, "2").unwrap();
        assert!(built.is_same(), "the tree has a hash of its own");
        for file in [&far, &asked] {
            fs::write(file, "2").unwrap();
            assert!(!built.is_same(), "{}", file.display());
            fs::write(file, "1").unwrap();
            assert!(built.is_same());
        }
        fs::remove_file(&far).unwrap();
        assert!(!built.is_same());
        let other = Outside {
            variables: [("BENCHGATE_NOBODY_SETS_THIS".into(), Some("x".into()))].into(),
            ..Outside::default()
        };
        assert!(!other.is_same());
    }
}
