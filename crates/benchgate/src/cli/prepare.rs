//! From flags to two built sides and what they hold: everything that happens before the first number.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::anyhow;

use super::acceptances;
use super::base::{self, Chosen, choose};
use super::beside::beside;
use super::build_args::BuildArgs;
use super::built::{Built, targets};
use super::commands;
use super::missing;
use super::output::tell;
use super::own_outputs::own_outputs;
use super::progress::Progress;
use super::rules::{self, baselines_directory};
use super::sides::{self, How, Laid, Recipe, Sides};
use super::step_limit::{refuse_malformed_limit, step_limit};
use super::stop::{OrStop, Stop};
use crate::config::Loaded;
use benchgate_core::gate::ExitCode;
use benchgate_core::model::{
    Acceptance, Base, BuildChange, BuildSettings, Calibration, ForeignBench, LeftOut, Machine, Members, Origin,
    PolicyChange, Revision, Side, Toolchain,
};
use benchgate_engine::collect::{
    self, Beside, Builder, Cache, Edit, Identity, Idle, Limits, Repository, Source, Tree, Workspace,
};
use benchgate_engine::measure::Target;
use benchgate_engine::store::HeapBaselines;
use benchgate_report::inert;

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
    /// Flags in the place of what the configuration says of how to build.
    pub build: Option<&'a BuildArgs>,
    /// What is written beside what every run writes: no part of the candidate.
    pub writes: &'a [PathBuf],
}

impl<'a> Scope<'a> {
    /// What is measured in any case.
    pub fn of(manifest: &'a Path) -> Self {
        Self { manifest, tiers: &[], build: None, writes: &[] }
    }

    fn settings(&self, configured: BuildSettings) -> BuildSettings {
        self.build.map_or_else(|| configured.clone(), |flags| flags.over(&configured))
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
    pub baselines: HeapBaselines,
    /// What may be worse or gone, and which side says so.
    pub acceptances: Vec<(Acceptance, Origin)>,
    /// What the candidate changes in the configuration.
    pub policy_changes: Vec<PolicyChange>,
    /// What machines of this class can see, where that was calibrated.
    pub calibration: Option<Calibration>,
    pub targets: Vec<Target>,
    /// Benches that take no part.
    pub left_out: Vec<LeftOut>,
    /// In what the builds of the sides differ beside their source.
    pub build_changes: Vec<BuildChange>,
    /// Bench targets that are built and not measured.
    pub foreign: Vec<ForeignBench>,
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

impl Prepared {
    /// Builds the sides again, in the same way.
    pub fn builder(&self) -> Builder<'_> {
        self.recipe.builder(&self.cache)
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
        self.builder().set_up(tree, |_| ())?;
        Workspace::load(&tree.root.join(&self.recipe.below).join("Cargo.toml"), &self.recipe.members)
    }
}

/// From connecting to a bench process's first word.
const START_LIMIT: Duration = Duration::from_secs(30);

/// The limits of a run.
pub(super) fn limits(interrupted: &AtomicBool) -> Limits<'_> {
    Limits { start: START_LIMIT, step: step_limit(), interrupted }
}

/// Chooses the base, builds both sides, finds out what they hold.
pub(super) fn prepare(
    scope: Scope<'_>,
    wanted: Wanted<'_>,
    limits: &Limits<'_>,
    progress: &mut Progress,
) -> Result<Prepared, Stop> {
    refuse_malformed_limit()?;
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
        let mut policy = rules::own(&workspace)?.policy;
        policy.build = scope.settings(policy.build);
        let manifest = candidate_tree.root.join(&below).join("Cargo.toml");
        let there = Workspace::load(&manifest, &policy.members(scope.tiers)).or_stop(ExitCode::Build)?;
        let toolchain = policy.build.toolchain(Side::Candidate);
        let lock = collect::make_lock(&there, &cache, toolchain).or_stop(ExitCode::Build)?;
        beside.lock = Some((below.join("Cargo.lock"), lock));
        candidate_tree = lay(&beside)?;
    }
    let source = Source { directory: &root, repository: repository.as_ref(), beside: &beside };
    let mut candidate = as_it_is(repository.as_ref())?;
    candidate.tree = candidate_tree.manifest.source_hash();
    candidate.is_dirty |= !edits.is_empty();
    let chosen = choose(wanted, source, &cache, &stored, &candidate)?;
    let commits = chosen.commits(repository.as_ref())?;

    let mut loaded = rules::policy(&workspace, repository.as_ref(), &chosen, &below, &mut notes)?;
    loaded.policy.build = scope.settings(loaded.policy.build);
    let workspace = load_members(scope.manifest, &loaded.policy.members(scope.tiers))?;
    let baselines = rules::baselines(stored, repository.as_ref(), &chosen, &below, &mut notes)?;
    let acceptances = acceptances::load(&workspace, repository.as_ref(), &chosen, &below, &mut notes)?;
    let policy_changes = rules::policy_changes(&workspace, repository.as_ref(), &chosen, &below, &mut notes);
    notes.extend(candidate_tree.missing.iter().map(|missing| format!("{missing}, so benches do not have it")));
    let machine = collect::machine();
    let calibration = rules::calibration(&workspace, &machine, repository.as_ref(), &chosen, &below)?;

    let mut idle = Idle::Unexpected;
    let (base, laid_base) = match chosen {
        Chosen::Git { commit, reason } => {
            let repository = repository.as_ref().expect("a revision comes from a repository");
            let tree = Tree::of_commit(source, &commit, &cache, Side::Base).or_stop(ExitCode::BaseUnavailable)?;
            missing::refuse(&tree, &candidate_tree)?;
            let subject = repository.subject(&commit);
            let revision = Revision { subject, tree: tree.manifest.source_hash(), commit, is_dirty: false };
            (Base::Git { revision, reason }, Some((tree, How::OrKept)))
        }
        Chosen::Itself { reason, is_built_again } => {
            let tree = Tree::of_directory(source, &cache, Side::Base).or_stop(ExitCode::Build)?;
            let mut revision = as_it_is(repository.as_ref())?;
            revision.tree = tree.manifest.source_hash();
            let how = if is_built_again { How::Again } else { How::OrKept };
            (Base::Git { revision, reason }, Some((tree, how)))
        }
        Chosen::Stored { reason, idle: found } => {
            idle = found;
            (Base::Stored { reason }, None)
        }
    };
    let laid = Laid { root: &root, below: &below, base: laid_base, candidate: candidate_tree, tiers: scope.tiers };
    let sides = sides::build(laid, &loaded, &cache, &mut notes, progress)?;
    let Sides { trees, executables, recipe, toolchain, changes: build_changes, left_out } = sides;

    progress.step("listing benchmarks");
    let scratch = cache.scratch().or_stop(ExitCode::Output)?;
    let [of_base, of_candidate] = executables;
    let [base_tree, candidate_tree] = &trees;
    let candidate_tree = candidate_tree.as_ref().expect("the candidate is always laid");
    let base_built = Built::of(base_tree.as_ref().unwrap_or(candidate_tree), of_base);
    let candidate_built = Built::of(candidate_tree, of_candidate);
    let mut targets =
        targets(&base_built, &candidate_built, &below, scratch.path(), limits).or_stop(ExitCode::Output)?;
    let commands = commands::Asked {
        commands: &loaded.policy.commands,
        builder: &recipe.builder(&cache),
        members: &recipe.members,
        below: &below,
        scratch: scratch.path(),
        base: base_tree.as_ref(),
        candidate: candidate_tree,
    };
    targets.extend(commands.targets(progress)?);
    let foreign: Vec<ForeignBench> = targets.iter().filter_map(|target| target.foreign(limits)).collect();
    let is_foreign =
        |target: &&Target| foreign.iter().any(|one| (&one.package, &one.bench) == (&target.package, &target.name));
    for target in targets.iter().filter(|target| !is_foreign(target)) {
        if let Some(Identity::Unproven(why)) = &target.identity {
            notes.push(format!("bench `{}` is measured although its code is the same: {}", target.name, inert(why)));
        }
    }
    Ok(Prepared {
        repository,
        trees,
        recipe,
        machine,
        workspace,
        toolchain,
        base,
        commits,
        idle,
        candidate,
        loaded,
        baselines,
        acceptances,
        policy_changes,
        calibration,
        targets,
        left_out,
        build_changes,
        foreign,
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

/// The workspace of a manifest, with all its members.
pub(super) fn load_workspace(manifest: &Path) -> Result<Workspace, Stop> {
    load_members(manifest, &Members::default())
}

/// The workspace of a manifest, with these members.
pub(super) fn load_members(manifest: &Path, members: &Members) -> Result<Workspace, Stop> {
    let mut workspace = Workspace::load(manifest, members).or_stop(ExitCode::Metadata)?;
    workspace.root = std::fs::canonicalize(&workspace.root).or_stop(ExitCode::Metadata)?;
    Ok(workspace)
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
