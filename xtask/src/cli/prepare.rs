//! From flags to two built sides and what they hold: everything that happens before the first number.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Context, anyhow};

use super::progress::Progress;
use super::stop::{OrStop, Stop};
use crate::collect::{
    self, Arm, BenchTarget, Builder, Cache, Discovered, Executable, GitError, Harness, Identity, Limits, Repository,
    Tree, Workspace,
};
use crate::config::{self, ConfigError, Loaded};
use crate::gate::ExitCode;
use crate::model::{Base, BenchKey, Failure, Machine, Revision, Side, Toolchain};
use crate::store::{HeapBaselines, PolicyText};

/// Which base was asked for.
pub(super) enum Wanted<'a> {
    /// None: take the one that applies here.
    Default,
    /// This revision.
    Revision(&'a str),
    /// The stored baseline.
    Stored,
}

/// Everything before the first number.
pub(super) struct Prepared {
    pub workspace: Workspace,
    pub machine: Machine,
    pub toolchain: Toolchain,
    pub base: Base,
    pub candidate: Revision,
    pub loaded: Loaded,
    pub policy_text: Option<PolicyText>,
    pub baselines: HeapBaselines,
    pub targets: Vec<Target>,
    pub notes: Vec<String>,
    /// Holds the fresh copies that the targets' arms point to.
    pub scratch: tempfile::TempDir,
    /// Holds the lock on the trees.
    _cache: Cache,
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
    manifest: &Path,
    wanted: Wanted<'_>,
    limits: &Limits<'_>,
    progress: &mut Progress,
) -> Result<Prepared, Stop> {
    let workspace = load_workspace(manifest)?;
    let repository = Repository::at(&workspace.root);
    let root = repository.as_ref().map_or(&*workspace.root, Repository::root).to_owned();
    let below = workspace.root.strip_prefix(&root).unwrap_or(Path::new("")).to_owned();
    let local = baselines_directory(&workspace);
    let stored = HeapBaselines::load(&local).or_stop(ExitCode::Baseline)?;

    let cache = Cache::open(&root, || anstream::eprintln!("another run uses this repository's cache, waiting"))
        .or_stop(ExitCode::Output)?;
    progress.step("checking out");
    let candidate_tree =
        Tree::of_directory(&root, repository.as_ref(), &cache.tree(Side::Candidate)).or_stop(ExitCode::Build)?;
    let mut candidate = repository.as_ref().map(Repository::candidate).unwrap_or_default();
    candidate.tree = candidate_tree.manifest.source_hash();
    let chosen = choose(wanted, repository.as_ref(), &cache, &stored, &candidate)?;

    let mut notes = Vec::new();
    let (loaded, policy_text) = policy(&workspace, repository.as_ref(), &chosen, &below, &mut notes)?;
    let baselines = baselines(stored, repository.as_ref(), &chosen, &below, &mut notes)?;

    let builder = builder(&cache, &root, &below, &candidate_tree)?;
    let toolchain = collect::toolchain(&candidate_tree.root.join(&below)).or_stop(ExitCode::Build)?;
    let builder = Builder { compiler: format!("{} {}", toolchain.rustc, toolchain.host), ..builder };
    let (base, base_side) = match chosen {
        Chosen::Git { commit, reason } => {
            let repository = repository.as_ref().expect("a revision comes from a repository");
            let tree =
                Tree::of_commit(repository, &commit, &cache.tree(Side::Base)).or_stop(ExitCode::BaseUnavailable)?;
            let subject = repository.subject(&commit);
            let revision = Revision { subject, tree: tree.manifest.source_hash(), commit, is_dirty: false };
            let executables = build(&builder, &tree, Side::Base, &workspace, progress)?;
            (Base::Git { revision, reason }, Some((tree, executables)))
        }
        Chosen::Stored { reason } => (Base::Stored { reason }, None),
    };
    let executables = build(&builder, &candidate_tree, Side::Candidate, &workspace, progress)?;

    progress.step("listing benchmarks");
    let scratch = cache.scratch().or_stop(ExitCode::Output)?;
    let moved = match &base_side {
        Some((tree, _)) => tree.manifest.differing(&candidate_tree.manifest),
        None => BTreeSet::new(),
    };
    let base_executables = base_side.map(|(_, executables)| executables);
    let targets =
        targets(base_executables, executables, &moved, &below, scratch.path(), limits).or_stop(ExitCode::Output)?;
    for target in targets.iter().filter(|target| target.is_foreign()) {
        notes.push(format!("bench `{}` is no Criterion bench and no heap bench; it is not gated", target.name));
    }
    let is_built = |bench: &&BenchTarget| {
        targets.iter().any(|target| (&target.package, &target.name) == (&bench.package, &bench.name))
    };
    for bench in workspace.benches.iter().filter(|bench| !is_built(bench)) {
        notes.push(format!("bench `{}` is not built, for want of its required features; it is not gated", bench.name));
    }
    Ok(Prepared {
        machine: collect::machine(),
        workspace,
        toolchain,
        base,
        candidate,
        loaded,
        policy_text,
        baselines,
        targets,
        notes,
        scratch,
        _cache: cache,
    })
}

/// The workspace of a manifest.
pub(super) fn load_workspace(manifest: &Path) -> Result<Workspace, Stop> {
    let mut workspace = Workspace::load(manifest).or_stop(ExitCode::Metadata)?;
    workspace.root = std::fs::canonicalize(&workspace.root).or_stop(ExitCode::Metadata)?;
    Ok(workspace)
}

/// Where a workspace keeps its stored counts.
pub(super) fn baselines_directory(workspace: &Workspace) -> PathBuf {
    workspace.root.join(BASELINES)
}

const BASELINES: &str = "baselines/heap";
const POLICY: &str = "benchgate.toml";

enum Chosen {
    Git { commit: String, reason: String },
    Stored { reason: String },
}

fn choose(
    wanted: Wanted<'_>,
    repository: Option<&Repository>,
    cache: &Cache,
    stored: &HeapBaselines,
    candidate: &Revision,
) -> Result<Chosen, Stop> {
    let git = |commit, reason: &str| Ok(Chosen::Git { commit, reason: reason.to_owned() });
    match (wanted, repository) {
        (Wanted::Stored, _) => Ok(Chosen::Stored { reason: "asked for with --stored".into() }),
        (Wanted::Revision(revision), Some(repository)) => {
            git(repository.resolve(revision).or_stop(ExitCode::BaseUnavailable)?, "asked for with --base")
        }
        (Wanted::Revision(revision), None) => {
            let directory = std::env::current_dir().unwrap_or_default().display().to_string();
            Err(GitError::NoRepository { directory, revision: revision.into() }).or_stop(ExitCode::BaseUnavailable)
        }
        (Wanted::Default, None) => Ok(Chosen::Stored { reason: "this is no git repository".into() }),
        (Wanted::Default, Some(repository)) => {
            if let Some(chosen) = repository.default_base().or_stop(ExitCode::BaseUnavailable)? {
                return git(chosen.commit, &chosen.reason);
            }
            match recorded_commit(repository, cache, stored, candidate).or_stop(ExitCode::BaseUnavailable)? {
                Some(commit) => git(commit, "the source that the stored baseline was recorded from"),
                None => Ok(Chosen::Stored { reason: "git has no base revision that differs".into() }),
            }
        }
    }
}

/// The commit whose source the stored baseline was recorded from, where that differs from the candidate's.
fn recorded_commit(
    repository: &Repository,
    cache: &Cache,
    stored: &HeapBaselines,
    candidate: &Revision,
) -> anyhow::Result<Option<String>> {
    let Some(recorded) = stored.iter().map(|baseline| baseline.tree.as_str()).find(|tree| *tree != candidate.tree)
    else {
        return Ok(None);
    };
    for commit in repository.commits_around(BASELINES) {
        let tree = Tree::of_commit(repository, &commit, &cache.tree(Side::Base))?;
        if tree.manifest.source_hash() == recorded {
            return Ok(Some(commit));
        }
    }
    Ok(None)
}

/// In CI the policy comes from the base revision, so that a change cannot loosen its own gate.
fn policy(
    workspace: &Workspace,
    repository: Option<&Repository>,
    chosen: &Chosen,
    below: &Path,
    notes: &mut Vec<String>,
) -> Result<(Loaded, Option<PolicyText>), Stop> {
    let local = local_policy(&workspace.root.join(POLICY)).or_stop(ExitCode::Configuration)?;
    let text = match (chosen, repository) {
        (Chosen::Git { commit, .. }, Some(repository)) if is_ci() => {
            // The change's own policy does not judge it, but must not break whoever comes after it.
            if let Some(text) = &local {
                config::parse(POLICY, text).or_stop(ExitCode::Configuration)?;
            }
            let path = below.join(POLICY).display().to_string();
            let name = format!("{}:{path}", &commit[..12.min(commit.len())]);
            let at_base = repository.file_at(commit, &path).map(|bytes| text_of(&name, bytes)).transpose();
            match (at_base.or_stop(ExitCode::Configuration)?, local) {
                (Some(text), local) => {
                    if local.as_ref() != Some(&text) {
                        notes.push(format!("this change edits {POLICY}; it is judged by the base revision's"));
                    }
                    Some(PolicyText { name, text })
                }
                (None, Some(text)) => {
                    notes.push(format!("the base revision has no {POLICY}; this change's own is used"));
                    Some(PolicyText { name: POLICY.into(), text })
                }
                (None, None) => None,
            }
        }
        _ => local.map(|text| PolicyText { name: POLICY.into(), text }),
    };
    let loaded = match &text {
        Some(PolicyText { name, text }) => config::parse(name, text).or_stop(ExitCode::Configuration)?,
        None => Loaded::default(),
    };
    Ok((loaded, text))
}

/// Only a file that is not there is no policy; one that cannot be read must not pass for it.
fn local_policy(file: &Path) -> Result<Option<String>, ConfigError> {
    match std::fs::read(file) {
        Ok(bytes) => text_of(POLICY, bytes).map(Some),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ConfigError::Unreadable { name: POLICY.into(), source }),
    }
}

fn text_of(name: &str, bytes: Vec<u8>) -> Result<String, ConfigError> {
    String::from_utf8(bytes)
        .map_err(|error| ConfigError::NotText { name: name.to_owned(), offset: error.utf8_error().valid_up_to() })
}

/// In CI the stored counts come from the base revision as well.
fn baselines(
    local: HeapBaselines,
    repository: Option<&Repository>,
    chosen: &Chosen,
    below: &Path,
    notes: &mut Vec<String>,
) -> Result<HeapBaselines, Stop> {
    let (Chosen::Git { commit, .. }, Some(repository), true) = (chosen, repository, is_ci()) else { return Ok(local) };
    let directory = below.join(BASELINES).display().to_string();
    let mut texts = Vec::new();
    for path in repository.files_at(commit, &directory).into_iter().filter(|path| path.ends_with(".json")) {
        let bytes = repository.file_at(commit, &path).with_context(|| format!("cannot read `{path}` at the base"));
        texts.push((path, String::from_utf8_lossy(&bytes.or_stop(ExitCode::Baseline)?).into_owned()));
    }
    if texts.is_empty() {
        return Ok(local);
    }
    let at_base = HeapBaselines::parse(texts).or_stop(ExitCode::Baseline)?;
    if at_base != local {
        notes.push(format!("this change edits {BASELINES}; counts are held against the base revision's"));
    }
    Ok(at_base)
}

fn is_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false")
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

fn build(
    builder: &Builder<'_>,
    tree: &Tree,
    side: Side,
    user: &Workspace,
    progress: &mut Progress,
) -> Result<Vec<Executable>, Stop> {
    progress.step(&format!("building the {}", side.name()));
    let manifest = tree.root.join(&builder.below).join("Cargo.toml");
    if side == Side::Base && !manifest.exists() {
        return Ok(Vec::new()); // the base has no such workspace: everything is new
    }
    let lock = user.root.join("Cargo.lock");
    let below = builder.below.join("Cargo.lock").display().to_string();
    if !tree.root.join(&below).exists()
        && let Ok(bytes) = std::fs::read(&lock)
    {
        tree.add_untracked(&below, &bytes).or_stop(ExitCode::Build)?;
    }
    let workspace = Workspace::load(&manifest).or_stop(ExitCode::Build)?;
    let context = || format!("the {} does not build", side.name());
    let built =
        builder.build(tree, &workspace, |line| progress.cargo(line)).with_context(context).or_stop(ExitCode::Build)?;
    Ok(built.executables)
}

fn targets(
    base: Option<Vec<Executable>>,
    candidate: Vec<Executable>,
    differing: &BTreeSet<String>,
    below: &Path,
    scratch: &Path,
    limits: &Limits<'_>,
) -> anyhow::Result<Vec<Target>> {
    let base = base.unwrap_or_default();
    let names: BTreeSet<(String, String)> =
        base.iter().chain(&candidate).map(|one| (one.package.clone(), one.target.clone())).collect();
    let mut targets = Vec::new();
    for (index, (package, name)) in names.into_iter().enumerate() {
        let of = |all: &[Executable]| all.iter().find(|one| one.package == package && one.target == name).cloned();
        let (left, right) = (of(&base), of(&candidate));
        let identity = match (&left, &right) {
            (Some(left), Some(right)) => Some(collect::compare(left, right, differing, below)?),
            _ => None,
        };
        let found = |side, executable: Option<Executable>| -> anyhow::Result<Option<Found>> {
            let Some(executable) = executable else { return Ok(None) };
            let arm = Arm::prepare(scratch, side, index, &executable)?;
            let discovered = collect::discover(&arm, limits);
            Ok(Some(Found { arm, discovered }))
        };
        let base = found(Side::Base, left)?;
        let candidate = found(Side::Candidate, right)?;
        targets.push(Target { package, name, base, candidate, identity });
    }
    Ok(targets)
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
