//! What cargo says of a workspace: its packages, their bench targets, its target directory.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use cargo_metadata::{MetadataCommand, TargetKind};

use crate::model::Members;

/// A workspace as `cargo metadata` describes it.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// Its root directory.
    pub root: PathBuf,
    /// Its target directory, for runs and reports; the gate builds elsewhere.
    pub target_directory: PathBuf,
    /// Bench targets of the packages that take part, by package and name.
    pub benches: Vec<BenchTarget>,
    /// Names of all its packages.
    pub packages: BTreeSet<String>,
}

/// One bench target.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BenchTarget {
    /// Name of the package.
    pub package: String,
    /// Version of the package.
    pub version: String,
    /// What cargo is to be told to mean this package and no dependency of the same name.
    pub specification: String,
    /// Directory of the package below the workspace root.
    pub directory: PathBuf,
    /// Name of the target.
    pub name: String,
    /// Its main source file, below the workspace root.
    pub source: PathBuf,
}

impl Workspace {
    /// Asks cargo; `members` says whose benches take part.
    ///
    /// # Errors
    /// Cargo does not understand the workspace; its message is kept.
    pub fn load(manifest: &Path, members: &Members) -> Result<Self> {
        let metadata = MetadataCommand::new().manifest_path(manifest).no_deps().exec().map_err(|error| {
            let said = error.to_string();
            anyhow!(
                "cargo cannot read the workspace of `{}`: {}\nhint: name its manifest: `--manifest-path DIR/Cargo.toml`",
                manifest.display(),
                said.trim_end()
            )
        })?;
        let root = metadata.workspace_root.clone().into_std_path_buf();
        let default: BTreeSet<_> = metadata.workspace_default_packages().iter().map(|package| &package.id).collect();
        let packages = metadata.workspace_packages();
        let mut benches = Vec::new();
        for package in packages.iter().filter(|one| members.holds(&one.name, default.contains(&one.id))) {
            let directory =
                package.manifest_path.parent().map(cargo_metadata::camino::Utf8Path::as_std_path).unwrap_or(&root);
            let directory = below(directory, &root);
            for target in package.targets.iter().filter(|target| target.kind.contains(&TargetKind::Bench)) {
                benches.push(BenchTarget {
                    package: package.name.to_string(),
                    version: package.version.to_string(),
                    specification: specification(&package.id.repr, &package.name),
                    directory: directory.clone(),
                    name: target.name.clone(),
                    source: below(target.src_path.as_std_path(), &root),
                });
            }
        }
        benches.sort();
        let packages = packages.iter().map(|package| package.name.to_string()).collect();
        Ok(Self { root, target_directory: metadata.target_directory.into_std_path_buf(), benches, packages })
    }

    /// Its name in titles: the directory's.
    pub fn name(&self) -> String {
        self.root.file_name().map_or_else(|| "workspace".into(), |name| name.to_string_lossy().into_owned())
    }
}

/// A package's id where it can be given back to cargo, since 1.77; before, it held blanks, and the name must do.
fn specification(id: &str, name: &str) -> String {
    if id.contains(' ') { name.to_owned() } else { id.to_owned() }
}

/// A path from `root` on; as it is where it lies elsewhere.
pub(super) fn below(path: &Path, root: &Path) -> PathBuf {
    path.strip_prefix(root).unwrap_or(path).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn package_is_named_so_that_no_dependency_is_meant() {
        #[track_caller]
        fn check(id: &str, expected: &str) {
            assert_eq!(specification(id, "itoa"), expected);
        }
        check("path+file:///w/itoa#1.0.18", "path+file:///w/itoa#1.0.18");
        check("itoa 1.0.18 (path+file:///w/itoa)", "itoa");
    }
}
