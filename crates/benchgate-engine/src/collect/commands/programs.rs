//! The programs that commands start: built by cargo for each side, in that side's target directory, with the profile of benches.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow};
use cargo_metadata::{Metadata, MetadataCommand, Package, TargetKind};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::collect::build::{Builder, artifacts, check_freshness};
use crate::collect::cache::hex;
use crate::collect::cargo::{failure, run};
use crate::collect::command::shown;
use crate::collect::kept;
use crate::collect::outside::Outside;
use crate::collect::packages::{Workspace, specification};
use crate::collect::reduced::InTheWay;
use crate::collect::seal::{Digests, Seal};
use crate::collect::seed::Units;
use crate::collect::tree::Tree;
use benchgate_core::model::Side;

/// Where the bench profile's programs lie below a target directory.
const DIRECTORY: &str = "release";

/// Where examples lie below that.
const EXAMPLES: &str = "examples/";

/// The programs of one side.
#[derive(Clone, Debug)]
pub struct Programs {
    /// The directory that holds them.
    pub directory: PathBuf,
    /// Whether they are still what was built.
    pub seal: Seal,
    /// Names that are no program of this side.
    pub missing: BTreeSet<String>,
    /// Programs that this side could have been asked for.
    pub known: BTreeSet<String>,
}

impl Programs {
    /// Where nothing is asked for.
    pub fn none(target_directory: &Path) -> Self {
        let (missing, known) = (BTreeSet::new(), BTreeSet::new());
        Self { directory: target_directory.join(DIRECTORY), seal: Seal::default(), missing, known }
    }
}

impl Programs {
    /// Hash of all that a run may depend on: the programs, and every file of the side's tree.
    pub fn code(&self, tree: &Tree) -> String {
        let words = [&self.seal.digests().to_bytes()[..], tree.manifest.whole_hash().as_bytes()].concat();
        hex(&Sha256::digest(words))
    }
}

/// Why programs cannot be told apart.
#[derive(Debug, Error)]
pub enum ProgramsError {
    /// Two packages have one of that name.
    #[error("`{name}` is a program of `{one}` and of `{other}`\nhint: give one of them another name in its Cargo.toml")]
    Ambiguous {
        /// The name.
        name: String,
        /// A package.
        one: String,
        /// Another.
        other: String,
    },
}

/// A program of the workspace.
struct Program {
    package: String,
    specification: String,
    features: BTreeSet<String>,
    is_example: bool,
    name: String,
}

impl Builder<'_> {
    /// Builds programs of a side, or takes those that were built for the same files, flags and toolchain. `names` are `tool` for a
    /// binary and `examples/demo` for an example.
    ///
    /// # Errors
    /// The side does not build; or [`ProgramsError`].
    pub fn build_programs(
        &self,
        tree: &Tree,
        workspace: &Workspace,
        names: &BTreeSet<String>,
        on_line: impl FnMut(&str) + Send,
    ) -> Result<Programs> {
        // A build of its own: cargo unites features over what it builds at once, so the same program beside the benches may be
        // another, and would take the place of the one that they may start.
        let mut key = self.key(tree, workspace);
        key.recipe.push("programs".into());
        key.recipe.extend(self.settings.features.iter().map(|feature| format!("feature of programs={feature}")));
        let place = key.place(self.cache);
        let all = programs(&workspace.root)?;
        let (wanted, missing): (Vec<&String>, Vec<&String>) = names.iter().partition(|name| all.contains_key(*name));
        let none = Programs::none(&place.target);
        let known = all.keys().cloned().collect();
        let missing = missing.into_iter().cloned().collect();
        if wanted.is_empty() {
            return Ok(Programs { missing, known, ..none });
        }
        if matches!(kept::find(self.cache, &key, &workspace.root)?, kept::Found::Kept(..))
            && let Some((directory, seal)) = kept_programs(place.digests(), &wanted)
        {
            return Ok(Programs { directory, seal, missing, known });
        }
        let is_begun = place.target.exists();
        if !is_begun {
            kept::prune(self.cache, &place)?;
        }
        let seeds = if is_begun { Units::default() } else { self.seed(&key, &place)? };
        let wanted: Vec<&Program> = wanted.into_iter().filter_map(|name| all.get(name)).collect();
        let mut command = self.build_command(tree.side, workspace, &place.target, &wanted);
        let shown = shown(&command);
        let messages = run(&mut command, on_line)?
            .map_err(|said| failure(&shown, (tree.side, workspace), &said, InTheWay::parse(&said, workspace)))?;
        if !is_begun {
            check_freshness(&messages, &seeds, &place)?;
        }
        let mut files = BTreeMap::new();
        for artifact in artifacts(&messages) {
            let is_wanted =
                wanted.iter().any(|one| one.name == artifact.target.name && one.is_of(&artifact.target.kind));
            if let Some(file) = artifact.executable.as_ref().filter(|_| is_wanted) {
                let is_example = artifact.target.kind.contains(&TargetKind::Example);
                files.insert(file.as_std_path().to_owned(), is_example);
            }
        }
        let directory = files.iter().next().and_then(|(file, is_example)| {
            let directory = file.parent()?;
            if *is_example { directory.parent() } else { Some(directory) }
        });
        let directory = directory.context("cargo built no program")?.to_owned();
        let digests = Digests::take(files.into_keys()).context("cannot read what was built")?;
        let seal = Seal::of(digests).context("a build that is still being written")?;
        let context = || format!("cannot keep the programs of `{}`", place.target.display());
        fs::create_dir_all(self.cache.digests()).with_context(context)?;
        fs::write(place.digests(), seal.digests().to_bytes()).with_context(context)?;
        let has_env = !self.configuration(workspace).variables.is_empty();
        let units = Units::used(&messages, &place.target, &tree.root, has_env);
        let outside = Outside::of_build(&place.target, &[&place.target, &tree.root]);
        kept::keep_without_benches(self.cache, &key, (units, outside)).with_context(context)?;
        Ok(Programs { directory, seal, missing, known })
    }

    fn build_command(
        &self,
        side: Side,
        workspace: &Workspace,
        target_directory: &Path,
        wanted: &[&Program],
    ) -> Command {
        let settings = &self.settings;
        let mut command = Command::new("cargo");
        self.prepare_environment(&mut command, side, target_directory);
        command.current_dir(&workspace.root);
        command.args(["build", "--profile", settings.profile.as_deref().unwrap_or("bench")]);
        command.arg("--message-format=json-render-diagnostics");
        // Cargo refuses a feature that none of the packages has; benches may be all that has it.
        let has = |feature: &&String| wanted.iter().any(|one| one.has_feature(feature));
        for feature in settings.features.iter().filter(has) {
            command.args(["--features", feature]);
        }
        command.args(settings.has_all_features.then_some("--all-features"));
        command.args(settings.has_no_default_features.then_some("--no-default-features"));
        let packages: BTreeSet<&str> = wanted.iter().map(|one| one.specification.as_str()).collect();
        for package in packages {
            command.args(["--package", package]);
        }
        for one in wanted {
            command.args([if one.is_example { "--example" } else { "--bin" }, &one.name]);
        }
        for file in &self.configurations {
            command.arg("--config").arg(file);
        }
        command
    }
}

impl Program {
    /// Whether its package has a feature, which may be named `package/feature`.
    fn has_feature(&self, feature: &str) -> bool {
        let (package, name) = feature.split_once('/').unwrap_or((&self.package, feature));
        package == self.package && self.features.contains(name)
    }

    fn is_of(&self, kinds: &[TargetKind]) -> bool {
        kinds.contains(if self.is_example { &TargetKind::Example } else { &TargetKind::Bin })
    }
}

/// The programs of a workspace, by the name that a command gives them.
fn programs(root: &Path) -> Result<BTreeMap<String, Program>> {
    let metadata = MetadataCommand::new().manifest_path(root.join("Cargo.toml")).no_deps().exec();
    let metadata =
        metadata.map_err(|error| anyhow!("cargo cannot read the workspace at `{}`: {error}", root.display()))?;
    by_name(&metadata)
}

fn by_name(metadata: &Metadata) -> Result<BTreeMap<String, Program>> {
    let mut programs: BTreeMap<String, Program> = BTreeMap::new();
    for package in metadata.workspace_packages() {
        for (name, program) in of_package(package) {
            if let Some(other) = programs.get(&name) {
                let (one, other) = (other.package.clone(), program.package);
                return Err(ProgramsError::Ambiguous { name, one, other }.into());
            }
            programs.insert(name, program);
        }
    }
    Ok(programs)
}

fn of_package(package: &Package) -> impl Iterator<Item = (String, Program)> {
    package.targets.iter().filter_map(|target| {
        let is_example = target.kind.contains(&TargetKind::Example);
        let name = match is_example {
            true => format!("{EXAMPLES}{}", target.name),
            false if target.kind.contains(&TargetKind::Bin) => target.name.clone(),
            false => return None,
        };
        let specification = specification(&package.id.repr, &package.name);
        let features = package.features.keys().cloned().collect();
        let (package, target) = (package.name.to_string(), target.name.clone());
        Some((name, Program { package, specification, features, is_example, name: target }))
    })
}

/// Where the programs lie that an earlier run built, if they are all there and still what they were.
fn kept_programs(digests: &Path, wanted: &[&String]) -> Option<(PathBuf, Seal)> {
    let seal = Seal::of(Digests::parse(&fs::read(digests).ok()?)?).ok()?;
    let files: Vec<PathBuf> = seal.files().map(Path::to_owned).collect();
    let directory = |name: &String| {
        let file = files.iter().find(|file| file.ends_with(name))?;
        Some(file.ancestors().nth(Path::new(name).components().count())?.to_owned())
    };
    let directories: BTreeSet<PathBuf> = wanted.iter().map(|name| directory(name)).collect::<Option<_>>()?;
    let mut directories = directories.into_iter();
    let one = directories.next()?;
    directories.next().is_none().then_some((one, seal))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::cache::Cache;
    use benchgate_core::model::{BuildSettings, Members};

    /// What cargo is told to build the program `tool` of package `tool`, which has the feature `fast`.
    fn words(settings: BuildSettings) -> String {
        let home = tempfile::tempdir().unwrap();
        let manifest = "[package]\nname = \"tool\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[features]\nfast = []\n\n[workspace]\n";
        fs::write(home.path().join("Cargo.toml"), manifest).unwrap();
        fs::create_dir(home.path().join("src")).unwrap();
        fs::write(home.path().join("src/main.rs"), "fn main() {}\n").unwrap();
        let workspace = Workspace::load(&home.path().join("Cargo.toml"), &Members::default()).unwrap();
        let cache = Cache::at(home.path().join("cache"), || ()).unwrap();
        let (below, compilers) = (PathBuf::new(), Default::default());
        let toolchains = [Some("1.94.0".into()), Some("1.95.0".into())];
        let builder = Builder { cache: &cache, below, settings, toolchains, compilers, configurations: Vec::new() };
        let all = programs(home.path()).unwrap();
        let command = builder.build_command(Side::Base, &workspace, &home.path().join("target"), &[&all["tool"]]);
        let variables = command.get_envs().filter_map(|(name, value)| {
            let name = name.to_str()?;
            ["RUSTUP_TOOLCHAIN", "LEVEL"]
                .contains(&name)
                .then(|| format!("{name}={}", value.unwrap_or_default().display()))
        });
        let words = command.get_args().map(|word| word.to_string_lossy().into_owned());
        variables.chain(words).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn programs_are_built_as_benches_are() {
        let plain = words(BuildSettings::default());
        assert!(plain.contains("RUSTUP_TOOLCHAIN=1.94.0") && plain.contains("build --profile bench"), "{plain}");
        assert!(!plain.contains("feature"), "{plain}");
        let features = ["fast", "tool/fast", "other", "other/fast"].map(String::from).to_vec();
        let environment = BTreeMap::from([("LEVEL".to_owned(), "3".to_owned())]);
        let profile = Some("profiling".to_owned());
        let set = words(BuildSettings {
            features,
            environment,
            profile,
            has_no_default_features: true,
            ..BuildSettings::default()
        });
        assert!(set.contains("LEVEL=3") && set.contains("build --profile profiling"), "{set}");
        assert!(set.contains("--features fast --features tool/fast --no-default-features"), "{set}");
        assert!(!set.contains("other"), "{set}");
    }
}
