//! Building a side's bench executables, in a target directory that belongs to this tree of this side alone.
//!
//! Cargo judges what is fresh by modification times and by what build scripts say of themselves, and what it calls fresh would be the
//! other side's. So a build begins with no unit of a workspace member or path dependency; those of registry and git dependencies
//! are carried over from the build before.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use cargo_metadata::{Artifact, Message, TargetKind};

use super::cache::Cache;
use super::cargo::{Made, callers_recipe};
use super::dep_info::inputs;
use super::interruption;
use super::kept::{self, Key, Place};
use super::launching::{RunnerRefusal, Surroundings, deciding_settings};
use super::outside::Outside;
use super::packages::Workspace;
use super::seal::{Digests, Seal};
use super::seed::{Units, is_outside};
use super::tree::{Tree, remove_tree};
use benchgate_core::model::{BuildSettings, LeftOut, Side};

/// How both sides are built.
#[derive(Debug)]
pub struct Builder<'a> {
    /// Where to build.
    pub cache: &'a Cache,
    /// The workspace below a tree's root; empty where it is the root.
    pub below: PathBuf,
    /// What the configuration and flags say.
    pub settings: BuildSettings,
    /// rustup's names of the toolchains of base and candidate, where there are any.
    pub toolchains: [Option<String>; 2],
    /// What to name the compilers of base and candidate in the keys of kept executables.
    pub compilers: [String; 2],
    /// Configuration files that the repository inherits from directories above it and the cache does not.
    pub configurations: Vec<PathBuf>,
}

/// A side that is built.
#[derive(Clone, Debug, Default)]
pub struct Built {
    /// Its bench executables.
    pub executables: Vec<Executable>,
    /// Benches that were not built, since features which they require are off.
    pub not_built: Vec<LeftOut>,
    /// Whether they were kept from an earlier run.
    pub is_kept: bool,
    /// A file of an earlier build that was no longer what had been built, so that it was built again.
    pub changed: Option<PathBuf>,
    /// What a reader should know of how it was built.
    pub notes: Vec<String>,
}

/// One bench executable.
#[derive(Clone, Debug)]
pub struct Executable {
    /// Package.
    pub package: String,
    /// Version of the package.
    pub version: String,
    /// Bench target.
    pub target: String,
    /// The file.
    pub file: PathBuf,
    /// The target directory that it was built in.
    pub target_directory: PathBuf,
    /// The package's directory in the side's tree.
    pub directory: PathBuf,
    /// What cargo puts around it when it starts it.
    pub surroundings: Surroundings,
    /// Files of the tree that were compiled into it, by dep-info.
    pub inputs: BTreeSet<PathBuf>,
    /// It, and what it may open of the build: programs, libraries, what build scripts wrote.
    pub seal: Seal,
}

impl Builder<'_> {
    /// rustup's name of the toolchain of a side.
    pub(super) fn toolchain(&self, side: Side) -> Option<&str> {
        let [base, candidate] = &self.toolchains;
        match side {
            Side::Base => base.as_deref(),
            Side::Candidate => candidate.as_deref(),
        }
    }

    /// Builds a side's benches, or takes the ones kept for the same files, flags and toolchain.
    ///
    /// # Errors
    /// The side does not build, with the compiler's last words; or cargo called a unit fresh that was not built here; or
    /// [`super::RunnerRefusal`].
    pub fn build(&self, tree: &Tree, workspace: &Workspace, on_line: impl FnMut(&str) + Send) -> Result<Built> {
        let key = self.key(tree, workspace);
        match kept::find(self.cache, &key, &workspace.root)? {
            kept::Found::Kept(executables, not_built) => {
                Ok(Built { executables, not_built, is_kept: true, changed: None, notes: Vec::new() })
            }
            kept::Found::Nothing => self.build_under(&key, tree, workspace, on_line),
            kept::Found::Changed(file) => {
                let built = self.build_under(&key, tree, workspace, on_line)?;
                Ok(Built { changed: Some(file), ..built })
            }
        }
    }

    /// Builds a side's benches whatever is kept, every unit of the workspace included, and keeps them apart.
    ///
    /// # Errors
    /// As [`Builder::build`].
    pub fn build_again(&self, tree: &Tree, workspace: &Workspace, on_line: impl FnMut(&str) + Send) -> Result<Built> {
        let mut key = self.key(tree, workspace);
        key.tree.push("built again".into());
        key.place(self.cache).remove()?;
        self.build_under(&key, tree, workspace, on_line)
    }

    fn build_under(
        &self,
        key: &Key,
        tree: &Tree,
        workspace: &Workspace,
        mut on_line: impl FnMut(&str) + Send,
    ) -> Result<Built> {
        if workspace.benches.is_empty() {
            return Ok(Built::default());
        }
        let place = key.place(self.cache);
        kept::prune(self.cache, &place)?;
        // What an interrupted build of the same tree left is gone on with, and blamed before the side is.
        let mut is_begun = place.target.exists();
        let all: Vec<_> = workspace.benches.iter().collect();
        let (seeds, Made { messages, launches, refused, notes }) = loop {
            let seeds = if is_begun { Units::default() } else { self.seed(key, &place)? };
            match self.cargo(tree, workspace, &place.target, &all, &[], &mut on_line) {
                Ok(made) => break (seeds, made),
                Err(error) if !is_begun || error.is::<RunnerRefusal>() || interruption::has_arrived() => {
                    return Err(error);
                }
                Err(_) => place.remove()?,
            }
            is_begun = false;
        };
        if !is_begun {
            check_freshness(&messages, &seeds, &place)?;
        }
        let sealed = openable(&messages, tree);
        let seal = Digests::take(sealed).context("cannot read what was built")?;
        let seal = Seal::of(seal).context("a build that is still being written")?;
        let executables = self.executables(&messages, tree, workspace, &place, &seal, launches)?;
        let has_env = !self.configuration(workspace).variables.is_empty();
        let units = Units::used(&messages, &place.target, &tree.root, has_env);
        let outside = Outside::of_build(&place.target, &[&place.target, &tree.root]);
        kept::keep(self.cache, key, (&executables, &refused), (units, outside), &workspace.root)?;
        Ok(Built { executables, not_built: refused, is_kept: false, changed: None, notes })
    }

    pub(super) fn key(&self, tree: &Tree, workspace: &Workspace) -> Key {
        let [of_base, of_candidate] = &self.compilers;
        let compiler = if tree.side == Side::Base { of_base } else { of_candidate };
        let mut recipe = vec![self.below.display().to_string(), compiler.clone()];
        recipe.extend(callers_recipe());
        recipe.extend(self.settings_recipe(workspace));
        for file in &self.configurations {
            recipe.push(format!("{}={}", file.display(), fs::read_to_string(file).unwrap_or_default()));
        }
        recipe.extend(
            packages(workspace).collect::<BTreeSet<_>>().into_iter().map(|package| format!("package={package}")),
        );
        // A build script may ask git for the revision.
        let mut tree_words = vec![tree.manifest.whole_hash(), tree.commit.clone()];
        // Which benches are built changes no unit of a dependency.
        tree_words.extend(workspace.benches.iter().map(|bench| format!("bench={}/{}", bench.package, bench.name)));
        tree_words.extend(deciding_settings(&self.configuration(workspace)));
        Key { side: tree.side.name().to_owned(), tree: tree_words, recipe }
    }

    /// What the settings say of how units are built, a line each; which packages and benches take part stands for itself.
    fn settings_recipe(&self, workspace: &Workspace) -> Vec<String> {
        let settings = &self.settings;
        let features = settings.features.iter().filter(|feature| workspace.has_feature(feature));
        let features: BTreeSet<String> = features.map(|feature| format!("feature={feature}")).collect();
        let switches = [
            settings.has_all_features.then(|| "all features".to_owned()),
            settings.has_no_default_features.then(|| "no default features".to_owned()),
            settings.profile.as_ref().map(|profile| format!("profile={profile}")),
        ];
        let variables = settings.environment.iter().map(|(name, value)| format!("env {name}={value}"));
        let commands = settings.setup.iter().map(|command| format!("setup {command}"));
        features.into_iter().chain(switches.into_iter().flatten()).chain(variables).chain(commands).collect()
    }

    pub(super) fn seed(&self, key: &Key, place: &Place) -> Result<Units> {
        match kept::latest_like(self.cache, key) {
            Some((from, units)) => units.carry(&from, &place.target),
            None => Ok(Units::default()),
        }
    }

    /// An empty target directory beside the one of a build, with its units of dependencies.
    ///
    /// # Errors
    /// The file system refuses.
    pub(super) fn begin_links(&self, target_directory: &Path) -> Result<PathBuf> {
        let links = kept::links(target_directory);
        remove_tree(&links)?;
        if let Some(units) = kept::units_of(target_directory) {
            units.carry(target_directory, &links)?;
        }
        Ok(links)
    }

    fn executables(
        &self,
        messages: &[Message],
        tree: &Tree,
        workspace: &Workspace,
        place: &Place,
        seal: &Seal,
        mut launches: BTreeMap<PathBuf, Surroundings>,
    ) -> Result<Vec<Executable>> {
        // What went into a bench is what went into it and into every library unit of the workspace: dep-info stops at
        // crate borders.
        let mut by_unit: BTreeMap<PathBuf, BTreeSet<PathBuf>> = BTreeMap::new();
        let mut libraries = BTreeSet::new();
        for artifact in artifacts(messages) {
            let inputs = inputs(artifact, &self.below, &tree.root);
            if let Some(executable) = &artifact.executable {
                by_unit.insert(executable.clone().into_std_path_buf(), inputs);
            } else {
                libraries.extend(inputs);
            }
        }
        let mut executables = Vec::new();
        for artifact in artifacts(messages).filter(|artifact| artifact.target.kind.contains(&TargetKind::Bench)) {
            let Some(file) = artifact.executable.clone().map(cargo_metadata::camino::Utf8PathBuf::into_std_path_buf)
            else {
                continue;
            };
            let directory = artifact.manifest_path.parent().map(|dir| dir.as_std_path().to_owned());
            let found = workspace.benches.iter().find(|bench| {
                bench.name == artifact.target.name
                    && directory.as_deref() == Some(&*workspace.root.join(&bench.directory))
            });
            let bench = found.with_context(|| format!("cargo built an unknown bench `{}`", artifact.target.name))?;
            let mut inputs = by_unit.remove(&file).unwrap_or_default();
            inputs.extend(libraries.iter().cloned());
            let surroundings = launches.remove(&file).with_context(|| {
                format!("cargo started bench `{}` through another program than it was told to", bench.name)
            })?;
            executables.push(Executable {
                package: bench.package.clone(),
                version: bench.version.clone(),
                target: bench.name.clone(),
                directory: workspace.root.join(&bench.directory),
                surroundings,
                file,
                target_directory: place.target.clone(),
                inputs,
                seal: seal.clone(),
            });
        }
        executables.sort_by(|a, b| (&a.package, &a.target).cmp(&(&b.package, &b.target)));
        Ok(executables)
    }
}

/// What cargo says that it made, or found made.
pub(super) fn artifacts(messages: &[Message]) -> impl Iterator<Item = &Artifact> {
    messages.iter().filter_map(|message| match message {
        Message::CompilerArtifact(artifact) => Some(artifact),
        _ => None,
    })
}

/// In a directory that began empty, only what was carried there can be fresh.
pub(super) fn check_freshness(messages: &[Message], seeds: &Units, place: &Place) -> Result<()> {
    for artifact in artifacts(messages).filter(|artifact| artifact.fresh) {
        if !artifact.filenames.iter().any(|file| seeds.hold(file.as_std_path(), &place.target)) {
            bail!(
                "cargo calls `{}` fresh although it was not built here, so it may be the other side's code\nhint: rm -r {}",
                artifact.target.name,
                place.target.display()
            );
        }
    }
    Ok(())
}

/// What a bench may open of a build: every executable and shared library, and what build scripts of the tree's packages wrote.
fn openable(messages: &[Message], tree: &Tree) -> BTreeSet<PathBuf> {
    let mut files = BTreeSet::new();
    for message in messages {
        match message {
            Message::CompilerArtifact(artifact) => {
                files.extend(artifact.executable.iter().map(|file| file.as_std_path().to_owned()));
                let is_macro = artifact.target.kind.contains(&TargetKind::ProcMacro);
                let libraries = artifact.filenames.iter().filter(|file| !is_macro && file.extension() == Some("so"));
                files.extend(libraries.map(|file| file.as_std_path().to_owned()));
            }
            // Its files do not lie in the tree, so only the package's name says whose it is.
            Message::BuildScriptExecuted(script)
                if !is_outside(&script.package_id.repr, Some(Path::new("")), &tree.root) =>
            {
                files.extend(files_below(script.out_dir.as_std_path()));
            }
            _ => {}
        }
    }
    files
}

fn files_below(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut open = vec![directory.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => open.push(entry.path()),
                Ok(kind) if kind.is_file() => files.push(entry.path()),
                _ => {}
            }
        }
    }
    files
}

/// Packages whose benches take part.
fn packages(workspace: &Workspace) -> impl Iterator<Item = &str> {
    workspace.benches.iter().map(|bench| bench.package.as_str())
}
