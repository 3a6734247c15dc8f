//! What cargo says of a workspace: its packages, their bench targets, its target directory.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use cargo_metadata::{MetadataCommand, TargetKind};
use globset::{Glob, GlobSet, GlobSetBuilder};

use benchgate_core::model::{Absence, LeftOut, Members};

/// What rustup says of a toolchain that it lacks.
const UNINSTALLED: &str = "is not installed";

/// A workspace as `cargo metadata` describes it.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// Its root directory.
    pub root: PathBuf,
    /// Its target directory, for runs and reports; the gate builds elsewhere.
    pub target_directory: PathBuf,
    /// Bench targets of the packages that take part, by package and name.
    pub benches: Vec<BenchTarget>,
    /// Bench targets that take no part.
    pub left_out: Vec<LeftOut>,
    /// All its packages by name, with the names of their features.
    pub packages: BTreeMap<String, BTreeSet<String>>,
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
        let metadata = MetadataCommand::new().manifest_path(manifest).no_deps().exec();
        // Who only reads the workspace needs no toolchain of its choice; away from it, rustup takes the usual one.
        let metadata = metadata.or_else(|error| match fs::canonicalize(manifest) {
            Ok(manifest) if error.to_string().contains(UNINSTALLED) => {
                MetadataCommand::new().manifest_path(manifest).current_dir("/").no_deps().exec()
            }
            _ => Err(error),
        });
        let metadata = metadata.map_err(|error| {
            let said = error.to_string();
            let hint = match said.contains(UNINSTALLED) {
                true => "install the toolchain that it names: `rustup toolchain install NAME`",
                false => "name its manifest: `--manifest-path DIR/Cargo.toml`",
            };
            anyhow!("cargo cannot read the workspace of `{}`: {}\nhint: {hint}", manifest.display(), said.trim_end())
        })?;
        let root = metadata.workspace_root.clone().into_std_path_buf();
        let packages = metadata.workspace_packages();
        let named = named(&members.benches)?;
        let (mut benches, mut left_out) = (Vec::new(), Vec::new());
        for package in &packages {
            let why_not = members.why_not(&package.name);
            let mut absent: BTreeMap<Absence, Vec<String>> = BTreeMap::new();
            let directory =
                package.manifest_path.parent().map(cargo_metadata::camino::Utf8Path::as_std_path).unwrap_or(&root);
            let directory = below(directory, &root);
            for target in package.targets.iter().filter(|target| target.kind.contains(&TargetKind::Bench)) {
                let is_unmatched = !members.benches.is_empty() && !named.is_match(&target.name);
                if let Some(why) = why_not.clone().or_else(|| is_unmatched.then_some(Absence::Unmatched)) {
                    absent.entry(why).or_default().push(target.name.clone());
                    continue;
                }
                benches.push(BenchTarget {
                    package: package.name.to_string(),
                    version: package.version.to_string(),
                    specification: specification(&package.id.repr, &package.name),
                    directory: directory.clone(),
                    name: target.name.clone(),
                    source: below(target.src_path.as_std_path(), &root),
                });
            }
            let package = package.name.to_string();
            left_out.extend(absent.into_iter().map(|(absence, mut benches)| {
                benches.sort();
                LeftOut { package: package.clone(), benches, absence }
            }));
        }
        benches.sort();
        left_out.sort_by(|a, b| (&a.package, &a.absence).cmp(&(&b.package, &b.absence)));
        let features = |package: &&cargo_metadata::Package| package.features.keys().cloned().collect();
        let packages = packages.iter().map(|package| (package.name.to_string(), features(package))).collect();
        let target_directory = metadata.target_directory.into_std_path_buf();
        Ok(Self { root, target_directory, benches, left_out, packages })
    }

    /// Whether a feature can be asked for here: `name` of a package that takes part, or `package/name` of anything that may be a package.
    pub fn has_feature(&self, feature: &str) -> bool {
        let has =
            |package: &str, name: &str| self.packages.get(package).is_some_and(|features| features.contains(name));
        match feature.split_once('/') {
            Some((package, name)) => !self.packages.contains_key(package) || has(package, name),
            None => self.benches.iter().any(|bench| has(&bench.package, feature)),
        }
    }

    /// Whether a bench target that takes part has a name that a glob matches.
    pub fn has_bench(&self, glob: &str) -> bool {
        named(&[glob.to_owned()]).is_ok_and(|named| self.benches.iter().any(|bench| named.is_match(&bench.name)))
    }

    /// Names of the bench targets of packages that take part, whether or not they do themselves.
    pub fn bench_names(&self) -> impl Iterator<Item = &str> {
        let unmatched =
            self.left_out.iter().filter(|one| one.absence == Absence::Unmatched).flat_map(|one| &one.benches);
        self.benches.iter().map(|bench| &bench.name).chain(unmatched).map(String::as_str)
    }

    /// Its name in titles: the directory's.
    pub fn name(&self) -> String {
        self.root.file_name().map_or_else(|| "workspace".into(), |name| name.to_string_lossy().into_owned())
    }
}

/// Globs of bench targets, read as cargo reads those of `--bench`.
fn named(globs: &[String]) -> Result<GlobSet> {
    let mut set = GlobSetBuilder::new();
    for glob in globs {
        set.add(Glob::new(glob).with_context(|| format!("`{glob}` is no glob of bench targets"))?);
    }
    Ok(set.build()?)
}

/// A package's id where it can be given back to cargo, since 1.77; before, it held blanks, and the name must do.
pub(super) fn specification(id: &str, name: &str) -> String {
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
