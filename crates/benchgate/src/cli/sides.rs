//! Both sides from their trees on: their toolchains, their set-up, their builds, and in what the builds differ beside the source.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::anyhow;

use super::blame;
use super::progress::Progress;
use super::stop::{OrStop, Stop};
use crate::config::{self, Loaded};
use benchgate_core::gate::ExitCode;
use benchgate_core::model::{Absence, BuildChange, BuildPart, BuildSettings, LeftOut, Members, Side, Toolchain};
use benchgate_engine::collect::{self, Builder, Cache, Executable, RunnerRefusal, Tree, Workspace};
use benchgate_report::lacking;

/// How both sides are built, to do it again.
#[derive(Clone, Debug)]
pub(super) struct Recipe {
    /// The workspace below a tree's root.
    pub below: PathBuf,
    pub settings: BuildSettings,
    pub members: Members,
    toolchains: [Option<String>; 2],
    compilers: [String; 2],
    configurations: Vec<PathBuf>,
}

impl Recipe {
    pub fn builder<'a>(&self, cache: &'a Cache) -> Builder<'a> {
        Builder {
            cache,
            below: self.below.clone(),
            settings: self.settings.clone(),
            toolchains: self.toolchains.clone(),
            compilers: self.compilers.clone(),
            configurations: self.configurations.clone(),
        }
    }
}

/// Whether executables that are kept will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    OrKept,
    Again,
}

/// What is to be built.
pub(super) struct Laid<'a> {
    /// Root of the tree that is gated.
    pub root: &'a Path,
    pub below: &'a Path,
    pub base: Option<(Tree, How)>,
    pub candidate: Tree,
    /// The tiers that were asked for.
    pub tiers: &'a [String],
}

/// Both sides, built.
pub(super) struct Sides {
    /// Base, where there is one, and candidate.
    pub trees: [Option<Tree>; 2],
    pub executables: [Vec<Executable>; 2],
    pub recipe: Recipe,
    /// The candidate's.
    pub toolchain: Toolchain,
    pub changes: Vec<BuildChange>,
    /// Benches of the candidate that take no part.
    pub left_out: Vec<LeftOut>,
}

/// One side on the way.
struct Part {
    tree: Tree,
    how: How,
    /// `None` where the tree has no such workspace: everything is new then.
    workspace: Option<Workspace>,
    name: Option<String>,
    toolchain: Toolchain,
}

impl Part {
    fn load(tree: Tree, how: How, below: &Path, settings: &BuildSettings, members: &Members) -> Result<Self, Stop> {
        let root = tree.root.join(below);
        let manifest = root.join("Cargo.toml");
        let is_there = tree.side == Side::Candidate || manifest.exists();
        let workspace = is_there.then(|| Workspace::load(&manifest, members)).transpose().or_stop(ExitCode::Build)?;
        let root = if is_there { root } else { tree.root.clone() };
        let asked = settings.toolchain(tree.side);
        let name = collect::rustup_toolchain(&root, tree.side, asked).or_stop(ExitCode::Build)?;
        let mut toolchain = collect::toolchain(&root, name.as_deref()).or_stop(ExitCode::Build)?;
        if let Some(flags) = settings.environment.get("RUSTFLAGS") {
            toolchain.flags.clone_from(flags);
        }
        Ok(Self { tree, how, workspace, name, toolchain })
    }

    /// Says it where the side's own toolchain file is overruled.
    fn overruled(&self, recipe: &Recipe) -> Option<String> {
        let asked = recipe.settings.toolchain(self.tree.side)?;
        let root = self.tree.root.join(&recipe.below);
        let above = root.ancestors().take_while(|directory| directory.starts_with(&self.tree.root));
        let mut files =
            above.flat_map(|directory| ["rust-toolchain", "rust-toolchain.toml"].map(|name| directory.join(name)));
        let file = files.find(|file| file.is_file())?;
        let name = file.file_name()?.to_string_lossy().into_owned();
        Some(format!(
            "the {} is built by toolchain `{asked}`, as `[build]` says, whatever its `{name}` says",
            self.tree.side.name()
        ))
    }

    fn compiler(&self) -> String {
        format!("{} {}", self.toolchain.rustc, self.toolchain.host)
    }

    fn lock(&self, below: &Path) -> String {
        std::fs::read_to_string(self.tree.root.join(below).join("Cargo.lock")).unwrap_or_default()
    }
}

/// Sets both sides up and builds them, the base first.
pub(super) fn build(
    laid: Laid<'_>,
    loaded: &Loaded,
    cache: &Cache,
    notes: &mut Vec<String>,
    progress: &mut Progress,
) -> Result<Sides, Stop> {
    let Laid { root, below, base, candidate, tiers } = laid;
    let settings = loaded.policy.build.clone();
    let members = loaded.policy.members(tiers);
    let load = |(tree, how)| Part::load(tree, how, below, &settings, &members);
    let mut base = base.map(load).transpose()?;
    let mut candidate = load((candidate, How::OrKept))?;
    let workspaces: Vec<&Workspace> =
        [base.as_ref(), Some(&candidate)].into_iter().flatten().filter_map(|part| part.workspace.as_ref()).collect();
    check_packages(loaded, &workspaces, tiers)?;
    check_words(loaded, &workspaces, notes)?;

    let of_base = base.as_ref().unwrap_or(&candidate);
    let recipe = Recipe {
        below: below.to_owned(),
        members,
        toolchains: [of_base.name.clone(), candidate.name.clone()],
        compilers: [of_base.compiler(), candidate.compiler()],
        configurations: collect::inherited_configurations(root, &cache.tree(Side::Candidate)),
        settings,
    };
    for part in [base.as_ref(), Some(&candidate)].into_iter().flatten() {
        notes.extend(part.overruled(&recipe));
    }
    let changes = base.as_ref().map(|base| changes(base, &candidate, below)).unwrap_or_default();
    let builder = recipe.builder(cache);
    let of_base = base.as_mut().map(|part| build_part(&builder, part, notes, progress)).transpose();
    let of_base = of_base
        .map_err(|stop| blame::of_build(stop, || build_part(&builder, &mut candidate, &mut Vec::new(), progress)))?;
    let (of_base, off_base) = of_base.unwrap_or_default();
    let (of_candidate, off_candidate) = build_part(&builder, &mut candidate, notes, progress)?;

    for one in off_base.iter().filter(|one| !off_candidate.contains(one)) {
        let Absence::Features(features) = &one.absence else { continue };
        let name = one.benches.join("`, `");
        notes.push(format!("in the base, bench `{name}` of `{}` is {}", one.package, lacking(features)));
    }
    let mut left_out = candidate.workspace.as_ref().map(|workspace| workspace.left_out.clone()).unwrap_or_default();
    left_out.extend(off_candidate);
    Ok(Sides {
        trees: [base.map(|part| part.tree), Some(candidate.tree)],
        executables: [of_base, of_candidate],
        recipe,
        toolchain: candidate.toolchain,
        changes,
        left_out,
    })
}

fn build_part(
    builder: &Builder<'_>,
    part: &mut Part,
    notes: &mut Vec<String>,
    progress: &mut Progress,
) -> Result<(Vec<Executable>, Vec<LeftOut>), Stop> {
    let side = part.tree.side;
    let Some(workspace) = &part.workspace else { return Ok((Vec::new(), Vec::new())) };
    if !builder.settings.setup.is_empty() {
        progress.step(&format!("setting the {} up", side.name()));
        builder.set_up(&part.tree, |line| progress.cargo(line)).or_stop(ExitCode::Build)?;
        part.tree.take_in().or_stop(ExitCode::Build)?;
    }
    progress.step(&format!("building the {}", side.name()));
    let context = || format!("the {} does not build", side.name());
    let on_line = |line: &str| progress.cargo(line);
    let built = match part.how {
        How::OrKept => builder.build(&part.tree, workspace, on_line),
        How::Again => builder.build_again(&part.tree, workspace, on_line),
    };
    let built = built.map_err(|error| match error.is::<RunnerRefusal>() {
        true => Stop { code: ExitCode::Configuration, error },
        false => Stop { code: ExitCode::Build, error: error.context(context()) },
    })?;
    if let Some(file) = &built.changed {
        notes.push(format!(
            "`{}` was changed after an earlier run had built it; the {} is built again",
            file.display(),
            side.name()
        ));
    }
    notes.extend(built.notes);
    Ok((built.executables, built.not_built))
}

/// In what the sides' builds differ beside the source.
fn changes(base: &Part, candidate: &Part, below: &Path) -> Vec<BuildChange> {
    let (before, after) = (&base.toolchain.rustc, &candidate.toolchain.rustc);
    let toolchain = (before != after).then(|| BuildChange {
        part: BuildPart::Toolchain,
        base: Some(before.clone()),
        candidate: Some(after.clone()),
    });
    toolchain.into_iter().chain(collect::lock_changes(&base.lock(below), &candidate.lock(below))).collect()
}

/// Packages that the configuration or a flag names are packages of a side.
fn check_packages(loaded: &Loaded, sides: &[&Workspace], tiers: &[String]) -> Result<(), Stop> {
    let known: BTreeSet<String> = sides.iter().flat_map(|side| side.packages.keys().cloned()).collect();
    config::check_packages(loaded, &known).or_stop(ExitCode::Configuration)?;
    let build = &loaded.policy.build;
    for name in build.packages.iter().chain(&build.exclude) {
        if !known.contains(name) {
            let near = config::nearest(name, known.iter().map(String::as_str)).unwrap_or_default();
            return Err(wrong(anyhow!("the workspace has no package `{name}`\nhint: did you mean `{near}`?")));
        }
    }
    let members = loaded.policy.members(tiers);
    for name in &build.packages {
        if let Some(Absence::Tier(tier)) = members.why_not(name) {
            return Err(wrong(anyhow!("package `{name}` belongs to tier `{tier}`\nhint: `--tier {tier}` takes it in")));
        }
    }
    Ok(())
}

/// Features and globs of bench targets mean something in at least one side; a feature that the base lacks is left out there, and said.
fn check_words(loaded: &Loaded, sides: &[&Workspace], notes: &mut Vec<String>) -> Result<(), Stop> {
    let build = &loaded.policy.build;
    for feature in &build.features {
        let has = |side: &&&Workspace| side.has_feature(feature);
        if !sides.iter().any(|side| has(&side)) {
            let known: BTreeSet<&str> =
                sides.iter().flat_map(|side| side.packages.values().flatten().map(String::as_str)).collect();
            let problem = format!("no package that takes part has a feature `{feature}`");
            let hint = match config::nearest(feature, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "features stand in the `[features]` of a package's Cargo.toml".into(),
            };
            return Err(unknown(loaded, feature, &problem, &hint));
        }
        if !sides.iter().all(|side| has(&side)) {
            let whose = if sides.first().is_some_and(|side| has(&side)) { "candidate" } else { "base" };
            notes.push(format!("the {whose} has no feature `{feature}`, so it is built without"));
        }
    }
    for glob in &build.benches {
        if !sides.iter().any(|side| side.has_bench(glob)) {
            let problem = format!("`{glob}` matches no bench target of the packages that take part");
            let names: BTreeSet<&str> = sides.iter().flat_map(|side| side.bench_names()).collect();
            let hint = match config::nearest(glob, names.iter().copied()) {
                Some(near) => format!("the nearest is `{near}`"),
                None => "bench targets stand in the `[[bench]]` sections of a package's Cargo.toml".into(),
            };
            return Err(unknown(loaded, glob, &problem, &hint));
        }
    }
    Ok(())
}

/// A complaint with its place, where the file says the word.
fn unknown(loaded: &Loaded, word: &str, problem: &str, hint: &str) -> Stop {
    match config::unknown_to_both(loaded, word, problem, hint) {
        Some(error) => wrong(error.into()),
        None => wrong(anyhow!("{problem}\nhint: {hint}")),
    }
}

fn wrong(error: anyhow::Error) -> Stop {
    Stop { code: ExitCode::Configuration, error }
}
