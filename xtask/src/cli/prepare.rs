//! From flags to two built sides and what they hold: everything that happens before the first number.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::anyhow;

use super::acceptances;
use super::base::{self, Chosen, choose};
use super::beside::beside;
use super::built::{Built, targets};
use super::missing;
use super::output::tell;
use super::own_outputs::own_outputs;
use super::progress::Progress;
use super::rules::{self, baselines_directory};
use super::stop::{OrStop, Stop};
use crate::collect::{
    self, Arm, BenchTarget, Beside, Builder, Cache, Discovered, Edit, Executable, Harness, Identity, Idle, Limits,
    Repository, RunnerRefusal, Source, Tree, Workspace,
};
use crate::config::{self, Loaded};
use crate::gate::ExitCode;
use crate::model::{
    Acceptance, Base, BenchKey, Calibration, Failure, Machine, Members, Origin, PolicyChange, Revision, Side, Toolchain,
};
use crate::report::inert;
use crate::store::{HeapBaselines, PolicyText};

/// Which base was asked for.
pub(super) enum Wanted<'a> {
    /// None: take the one that applies here.
    Default,
    /// This revision.
    Revision(&'a str),
    /// The stored baseline.
    Stored,
    /// The work tree itself; the candidate is a copy of it.
    Itself(Itself<'a>),
}

/// What is built.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub manifest: &'a Path,
    /// The tiers that were asked for, none for what is measured in any case: some tiers have packages of their own.
    pub tiers: &'a [String],
    /// What is written beside what every run writes: no part of the candidate.
    pub writes: &'a [PathBuf],
}

impl<'a> Scope<'a> {
    /// What is measured in any case.
    pub fn of(manifest: &'a Path) -> Self {
        Self { manifest, tiers: &[], writes: &[] }
    }
}

/// How the candidate comes about where the base is the work tree itself.
pub(super) struct Itself<'a> {
    /// What is changed in the copy; its paths are below the workspace's root.
    pub edits: &'a [Edit],
    /// The base's executables are built anew from the same source, whatever is kept.
    pub is_built_again: bool,
    /// What the run says of it.
    pub reason: &'a str,
}

/// Everything before the first number.
pub(super) struct Prepared {
    pub workspace: Workspace,
    pub machine: Machine,
    pub toolchain: Toolchain,
    pub base: Base,
    /// How many commits the candidate has that the base lacks, where that is a revision.
    pub commits: Option<u32>,
    /// Whether there is nothing to compare for a good reason.
    pub idle: Idle,
    pub candidate: Revision,
    pub loaded: Loaded,
    pub policy_text: Option<PolicyText>,
    pub baselines: HeapBaselines,
    /// What may be worse or gone, and which side says so.
    pub acceptances: Vec<(Acceptance, Origin)>,
    /// What the candidate changes in the configuration.
    pub policy_changes: Vec<PolicyChange>,
    /// What machines of this class can see, where that was calibrated.
    pub calibration: Option<Calibration>,
    pub targets: Vec<Target>,
    pub notes: Vec<String>,
    /// Holds the fresh copies that the targets' arms point to.
    pub scratch: tempfile::TempDir,
    /// The sides' trees, still checked out: base, where it was built, and candidate.
    pub trees: [Option<Tree>; 2],
    /// The repository that the workspace lies in.
    pub repository: Option<Repository>,
    recipe: Recipe,
    root: PathBuf,
    /// Holds the lock on the trees.
    cache: Cache,
}

/// The workspace that is gated, and which of its packages take part on both sides.
struct User {
    workspace: Workspace,
    members: Members,
}

/// How both sides were built.
struct Recipe {
    below: PathBuf,
    toolchain: Option<String>,
    compiler: String,
    configurations: Vec<PathBuf>,
    members: Members,
}

impl Prepared {
    /// Builds the sides again, in the same way.
    pub fn builder(&self) -> Builder<'_> {
        let Recipe { below, toolchain, compiler, configurations, members: _ } = &self.recipe;
        Builder {
            cache: &self.cache,
            below: below.clone(),
            toolchain: toolchain.clone(),
            compiler: compiler.clone(),
            configurations: configurations.clone(),
        }
    }

    /// Where evidence about code by itself is kept.
    pub fn evidence(&self) -> PathBuf {
        self.cache.evidence()
    }

    /// Where the workspace lies below it.
    pub fn below(&self) -> &Path {
        &self.recipe.below
    }

    /// Root of the tree that is gated: the repository's, else the workspace's.
    pub fn tree(&self) -> &Path {
        &self.root
    }

    /// The workspace of a side as it is checked out, whatever benches have done to it since.
    pub fn checked_out(&self, tree: &Tree) -> anyhow::Result<Workspace> {
        tree.restore()?;
        Workspace::load(&tree.root.join(&self.recipe.below).join("Cargo.toml"), &self.recipe.members)
    }
}

/// One bench target with what each side has of it.
pub(super) struct Target {
    pub package: String,
    pub name: String,
    pub base: Option<Found>,
    pub candidate: Option<Found>,
    /// Whether both executables are the same code; `None` where one side lacks it.
    pub identity: Option<Identity>,
}

/// What one side has of a target.
pub(super) struct Found {
    pub arm: Arm,
    pub executable: Executable,
    /// Hash of its code and of what that may read.
    pub code: String,
    pub discovered: Result<Discovered, Failure>,
}

impl Target {
    /// The key of one of its benchmarks.
    pub fn key(&self, bench: &collect::Listed) -> BenchKey {
        BenchKey {
            package: self.package.clone(),
            target: self.name.clone(),
            group: bench.group.clone(),
            function: bench.function.clone(),
            value: bench.value.clone(),
        }
    }

    /// Whether neither side has a harness that is known here.
    fn is_foreign(&self) -> bool {
        let is_unknown = |found: &Found| found.discovered.as_ref().is_ok_and(|one| one.harness == Harness::Unknown);
        [&self.base, &self.candidate].into_iter().flatten().all(is_unknown)
    }

    /// What a side has of it.
    pub fn side(&self, side: Side) -> Option<&Found> {
        match side {
            Side::Base => self.base.as_ref(),
            Side::Candidate => self.candidate.as_ref(),
        }
    }
}

/// From connecting to a bench process's first word.
const START_LIMIT: Duration = Duration::from_secs(30);
/// For one benchmark of one process; Criterion is asked for 6 ms.
const STEP_LIMIT: Duration = Duration::from_secs(60);
/// Overrides [`STEP_LIMIT`], in seconds.
const STEP_LIMIT_VARIABLE: &str = "BENCHGATE_STEP_LIMIT";

/// The limits of a run.
pub(super) fn limits(interrupted: &AtomicBool) -> Limits<'_> {
    let asked = std::env::var(STEP_LIMIT_VARIABLE).ok().and_then(|seconds| seconds.parse().ok());
    Limits { start: START_LIMIT, step: asked.map_or(STEP_LIMIT, Duration::from_secs), interrupted }
}

/// Chooses the base, builds both sides, finds out what they hold.
pub(super) fn prepare(
    scope: Scope<'_>,
    wanted: Wanted<'_>,
    limits: &Limits<'_>,
    progress: &mut Progress,
) -> Result<Prepared, Stop> {
    let workspace = load_workspace(scope.manifest)?;
    let mut notes = Vec::new();
    let repository = base::repository(&workspace.root, &wanted, &mut notes)?;
    let repository = repository.map(|repository| repository.writing(own_outputs(&workspace, scope.writes)));
    let root = repository.as_ref().map_or(&*workspace.root, Repository::root).to_owned();
    let below = workspace.root.strip_prefix(&root).unwrap_or(Path::new("")).to_owned();
    let local = baselines_directory(&workspace);
    let stored = HeapBaselines::load(&local).or_stop(ExitCode::Baseline)?;

    let cache =
        Cache::open(&root, || tell("another run uses this repository's cache, waiting")).or_stop(ExitCode::Output)?;
    progress.step("checking out");
    let edits: Vec<Edit> = match &wanted {
        Wanted::Itself(itself) => itself.edits.iter().map(|edit| edit.below(&below)).collect(),
        Wanted::Default | Wanted::Revision(_) | Wanted::Stored => Vec::new(),
    };
    let mut beside = beside(&workspace, repository.as_ref(), &below, &cache)?;
    let lay = |beside: &Beside| {
        let source = Source { directory: &root, repository: repository.as_ref(), beside };
        Tree::of_edited_directory(source, &edits, &cache, Side::Candidate).or_stop(ExitCode::Build)
    };
    let mut candidate_tree = lay(&beside)?;
    if beside.lock.is_none() {
        let lock = collect::make_lock(&candidate_tree.root.join(&below), &cache).or_stop(ExitCode::Build)?;
        beside.lock = Some((below.join("Cargo.lock"), lock));
        candidate_tree = lay(&beside)?;
    }
    let source = Source { directory: &root, repository: repository.as_ref(), beside: &beside };
    let mut candidate = as_it_is(repository.as_ref())?;
    candidate.tree = candidate_tree.manifest.source_hash();
    candidate.is_dirty |= !edits.is_empty();
    let chosen = choose(wanted, source, &cache, &stored, &candidate)?;
    let commits = chosen.commits(repository.as_ref())?;

    let (loaded, policy_text) = rules::policy(&workspace, repository.as_ref(), &chosen, &below, &mut notes)?;
    config::check_packages(&loaded, &workspace.packages, scope.tiers).or_stop(ExitCode::Configuration)?;
    let members = loaded.policy.members(scope.tiers);
    let user = User { workspace: load_members(scope.manifest, &members)?, members };
    let baselines = rules::baselines(stored, repository.as_ref(), &chosen, &below, &mut notes)?;
    let acceptances = acceptances::load(&workspace, repository.as_ref(), &chosen, &below, &mut notes)?;
    let policy_changes = rules::policy_changes(&workspace, repository.as_ref(), &chosen, &below, &mut notes);
    notes.extend(candidate_tree.missing.iter().map(|missing| format!("{missing}, so benches do not have it")));
    let machine = collect::machine();
    let calibration = rules::calibration(&workspace, &machine, repository.as_ref(), &chosen, &below)?;

    let builder = builder(&cache, &root, &below, &candidate_tree)?;
    let toolchain = collect::toolchain(&candidate_tree.root.join(&below)).or_stop(ExitCode::Build)?;
    let builder = Builder { compiler: format!("{} {}", toolchain.rustc, toolchain.host), ..builder };
    let mut idle = Idle::Unexpected;
    let (base, base_side) = match chosen {
        Chosen::Git { commit, reason } => {
            let repository = repository.as_ref().expect("a revision comes from a repository");
            let tree = Tree::of_commit(source, &commit, &cache, Side::Base).or_stop(ExitCode::BaseUnavailable)?;
            missing::refuse(&tree, &candidate_tree)?;
            let subject = repository.subject(&commit);
            let revision = Revision { subject, tree: tree.manifest.source_hash(), commit, is_dirty: false };
            let executables = build(&builder, &tree, &user, &mut notes, progress)?;
            (Base::Git { revision, reason }, Some((tree, executables)))
        }
        Chosen::Itself { reason, is_built_again } => {
            let tree = Tree::of_directory(source, &cache, Side::Base).or_stop(ExitCode::Build)?;
            let mut revision = as_it_is(repository.as_ref())?;
            revision.tree = tree.manifest.source_hash();
            let how = if is_built_again { How::Again } else { How::OrKept };
            let executables = build_as(how, &builder, &tree, &user, &mut notes, progress)?;
            (Base::Git { revision, reason }, Some((tree, executables)))
        }
        Chosen::Stored { reason, idle: found } => {
            idle = found;
            (Base::Stored { reason }, None)
        }
    };
    let executables = build(&builder, &candidate_tree, &user, &mut notes, progress)?;

    progress.step("listing benchmarks");
    let scratch = cache.scratch().or_stop(ExitCode::Output)?;
    let (base_tree, base_executables) = base_side.unzip();
    let User { workspace, members } = user;
    let base_built = Built::of(base_tree.as_ref().unwrap_or(&candidate_tree), base_executables.unwrap_or_default());
    let candidate_built = Built::of(&candidate_tree, executables);
    let targets = targets(&base_built, &candidate_built, &below, scratch.path(), limits).or_stop(ExitCode::Output)?;
    for target in targets.iter().filter(|target| target.is_foreign()) {
        notes.push(format!("bench `{}` is no Criterion bench and no heap bench; it is not gated", target.name));
    }
    for target in targets.iter().filter(|target| !target.is_foreign()) {
        if let Some(Identity::Unproven(why)) = &target.identity {
            notes.push(format!("bench `{}` is measured although its code is the same: {}", target.name, inert(why)));
        }
    }
    let is_built = |bench: &&BenchTarget| {
        targets.iter().any(|target| (&target.package, &target.name) == (&bench.package, &bench.name))
    };
    for bench in workspace.benches.iter().filter(|bench| !is_built(bench)) {
        notes.push(format!("bench `{}` is not built, for want of its required features; it is not gated", bench.name));
    }
    let Builder { cache: _, below, toolchain: rustup_toolchain, compiler, configurations } = builder;
    Ok(Prepared {
        repository,
        trees: [base_tree, Some(candidate_tree)],
        recipe: Recipe { below, toolchain: rustup_toolchain, compiler, configurations, members },
        machine,
        workspace,
        toolchain,
        base,
        commits,
        idle,
        candidate,
        loaded,
        policy_text,
        baselines,
        acceptances,
        policy_changes,
        calibration,
        targets,
        notes,
        scratch,
        root,
        cache,
    })
}

/// The work tree with whatever is not committed; nothing is known of one without a repository.
fn as_it_is(repository: Option<&Repository>) -> Result<Revision, Stop> {
    let revision = repository.map(Repository::candidate).transpose().or_stop(ExitCode::BaseUnavailable)?;
    Ok(revision.unwrap_or_default())
}

/// The workspace of a manifest, with its default members.
pub(super) fn load_workspace(manifest: &Path) -> Result<Workspace, Stop> {
    load_members(manifest, &Members::default())
}

/// The workspace of a manifest, with these members.
pub(super) fn load_members(manifest: &Path, members: &Members) -> Result<Workspace, Stop> {
    let mut workspace = Workspace::load(manifest, members).or_stop(ExitCode::Metadata)?;
    workspace.root = std::fs::canonicalize(&workspace.root).or_stop(ExitCode::Metadata)?;
    Ok(workspace)
}

fn builder<'a>(cache: &'a Cache, root: &Path, below: &Path, candidate: &Tree) -> Result<Builder<'a>, Stop> {
    Ok(Builder {
        cache,
        below: below.to_owned(),
        toolchain: collect::rustup_toolchain(&candidate.root.join(below)),
        compiler: String::new(),
        configurations: collect::inherited_configurations(root, &cache.tree(Side::Candidate)),
    })
}

/// Whether executables that are kept will do.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    OrKept,
    Again,
}

fn build(
    builder: &Builder<'_>,
    tree: &Tree,
    user: &User,
    notes: &mut Vec<String>,
    progress: &mut Progress,
) -> Result<Vec<Executable>, Stop> {
    build_as(How::OrKept, builder, tree, user, notes, progress)
}

fn build_as(
    how: How,
    builder: &Builder<'_>,
    tree: &Tree,
    user: &User,
    notes: &mut Vec<String>,
    progress: &mut Progress,
) -> Result<Vec<Executable>, Stop> {
    let side = tree.side;
    progress.step(&format!("building the {}", side.name()));
    let manifest = tree.root.join(&builder.below).join("Cargo.toml");
    if side == Side::Base && !manifest.exists() {
        return Ok(Vec::new()); // the base has no such workspace: everything is new
    }
    let workspace = Workspace::load(&manifest, &user.members).or_stop(ExitCode::Build)?;
    let context = || format!("the {} does not build", side.name());
    let on_line = |line: &str| progress.cargo(line);
    let built = match how {
        How::OrKept => builder.build(tree, &workspace, on_line),
        How::Again => builder.build_again(tree, &workspace, on_line),
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
    Ok(built.executables)
}

/// Stops if one side has the same benchmark twice in a target: their numbers could not be told apart.
pub(super) fn refuse_duplicates(targets: &[Target]) -> Result<(), Stop> {
    for target in targets {
        for found in [&target.base, &target.candidate].into_iter().flatten() {
            let Ok(discovered) = &found.discovered else { continue };
            let mut seen = BTreeSet::new();
            for bench in &discovered.benches {
                let key = target.key(bench);
                if !seen.insert(key.clone()) {
                    let error = anyhow!(
                        "`{}` is registered twice in bench `{}` of the {}\nhint: give one of them another group, function or parameter",
                        key.id(),
                        target.name,
                        found.arm.side.name()
                    );
                    return Err(Stop { code: ExitCode::Configuration, error });
                }
            }
        }
    }
    Ok(())
}
