//! What a run is judged by: the policy, the stored counts and the calibration. In CI they come from the base revision, so that a
//! change cannot loosen its own gate.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::base::Chosen;
use super::stop::{OrStop, Stop};
use crate::config::{self, ConfigError, Loaded, POLICY, WorkTree};
use benchgate_core::gate::ExitCode;
use benchgate_core::model::{Calibration, Machine, PolicyChange, PolicyText, TimeBaseline};
use benchgate_engine::collect::{self, Repository, Workspace};
use benchgate_engine::store::{self, HeapBaselines};

/// Where a workspace keeps its stored counts.
pub(super) fn baselines_directory(workspace: &Workspace) -> PathBuf {
    workspace.root.join(BASELINES)
}

/// Where a workspace keeps its stored counts, below its root.
pub(super) const BASELINES: &str = "baselines/heap";
/// Where a workspace keeps its stored times, below its root.
pub(super) const TIMES: &str = "baselines/time";
const CALIBRATIONS: &str = "baselines/calibration";
/// In CI the policy comes from the base revision, so that a change cannot loosen its own gate.
pub(super) fn policy(
    workspace: &Workspace,
    repository: Option<&Repository>,
    chosen: &Chosen,
    below: &Path,
    notes: &mut Vec<String>,
) -> Result<Loaded, Stop> {
    let local = texts(workspace).or_stop(ExitCode::Configuration)?;
    let text = match (chosen, repository) {
        (Chosen::Git { commit, .. }, Some(repository)) if is_ci() => {
            // The change's own policy does not judge it, but must not break whoever comes after it.
            if let Some(text) = &local {
                config::parse_policy(text.clone()).or_stop(ExitCode::Configuration)?;
            }
            let at_base = AtCommit { repository, commit, below };
            match (at_base.texts().or_stop(ExitCode::Configuration)?, local) {
                (Some(text), local) => {
                    let edited = edited(&text, local.as_ref());
                    if !edited.is_empty() {
                        let edited = edited.join(", ");
                        notes.push(format!("this change edits {edited}; it is judged by the base revision's"));
                    }
                    Some(text)
                }
                (None, Some(text)) => {
                    notes.push(format!("the base revision has no {POLICY}; this change's own is used"));
                    Some(text)
                }
                (None, None) => None,
            }
        }
        _ => local,
    };
    text.map_or_else(|| Ok(Loaded::default()), config::parse_policy).or_stop(ExitCode::Configuration)
}

/// What the candidate changes in the configuration of a base revision that has one, whoever is judged by which.
pub(super) fn policy_changes(
    workspace: &Workspace,
    repository: Option<&Repository>,
    chosen: &Chosen,
    below: &Path,
    notes: &mut Vec<String>,
) -> Vec<PolicyChange> {
    let (Chosen::Git { commit, .. }, Some(repository)) = (chosen, repository) else { return Vec::new() };
    // What cannot be read here was an error before this.
    let Ok(Some(at_base)) = (AtCommit { repository, commit, below }).texts() else { return Vec::new() };
    let local = texts(workspace).ok().flatten().unwrap_or_else(|| PolicyText::alone(POLICY, ""));
    let changes = config::difference(&at_base, &local);
    if !changes.is_empty() && !is_ci() {
        notes.push(format!("{POLICY} holds as it is here; in CI that of the base revision does"));
    }
    changes
}

/// The policy as it stands here, for what is not a gate.
pub(super) fn own(workspace: &Workspace) -> Result<Loaded, Stop> {
    config::load(&workspace.root).or_stop(ExitCode::Configuration)
}

fn texts(workspace: &Workspace) -> Result<Option<PolicyText>, ConfigError> {
    config::gather(&WorkTree(&workspace.root), "")
}

/// The files of a policy as a revision has them.
struct AtCommit<'a> {
    repository: &'a Repository,
    commit: &'a str,
    /// Where the workspace lies in the repository.
    below: &'a Path,
}

impl AtCommit<'_> {
    fn texts(&self) -> Result<Option<PolicyText>, ConfigError> {
        let below = self.below.join("").display().to_string();
        config::gather(self, &format!("{}:{below}", &self.commit[..12.min(self.commit.len())]))
    }
}

impl config::Files for AtCommit<'_> {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        Ok(self.repository.file_at(self.commit, &self.below.join(path).display().to_string()))
    }

    fn list(&self, directory: &str, _: usize) -> io::Result<Vec<String>> {
        let paths = self.repository.files_at(self.commit, &self.below.join(directory).display().to_string());
        let of_workspace = |path: &String| Some(Path::new(path).strip_prefix(self.below).ok()?.to_str()?.to_owned());
        Ok(paths.iter().filter_map(of_workspace).collect())
    }
}

/// The files of a policy that are not as they were, or not there on one side.
fn edited(base: &PolicyText, here: Option<&PolicyText>) -> Vec<String> {
    fn texts(policy: &PolicyText) -> BTreeMap<&str, &str> {
        let prefix = policy.name.strip_suffix(POLICY).unwrap_or_default();
        let claims = policy.claims.iter().map(|file| (&*file.name, &*file.text));
        let all = [(&*policy.name, &*policy.text)].into_iter().chain(claims);
        all.map(|(name, text)| (name.strip_prefix(prefix).unwrap_or(name), text)).collect()
    }
    let (base, here) = (texts(base), here.map(texts).unwrap_or_default());
    let names: BTreeSet<&str> = base.keys().chain(here.keys()).copied().collect();
    names.into_iter().filter(|name| base.get(name) != here.get(name)).map(String::from).collect()
}

/// A file of rules as it is here; `name` is what messages call it. Only one that is not there is none: one that cannot be read
/// must not pass for it.
pub(super) fn text(file: &Path, name: &str) -> Result<Option<String>, ConfigError> {
    match std::fs::read(file) {
        Ok(bytes) => config::text_of(name, bytes).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ConfigError::Unreadable { name: name.to_owned(), source }),
    }
}

/// In CI the stored counts come from the base revision as well.
pub(super) fn baselines(
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

/// Where a workspace keeps its stored times.
pub(super) fn times_directory(workspace: &Workspace) -> PathBuf {
    workspace.root.join(TIMES)
}

/// Where a workspace keeps its calibrations.
pub(super) fn calibrations_directory(workspace: &Workspace) -> PathBuf {
    workspace.root.join(CALIBRATIONS)
}

/// The stored times of this class of machines; the inner error says why there are none that count.
pub(super) fn times(workspace: &Workspace, machine: &Machine) -> Result<Result<TimeBaseline, String>, Stop> {
    let directory = times_directory(workspace);
    Ok(match store::load_times(&directory, machine).or_stop(ExitCode::Baseline)? {
        Some(times) if times.reference == collect::REFERENCE => Ok(times),
        Some(times) => Err(format!("the stored times are held against another reference, `{}`", times.reference)),
        None => Err(match times_of_others(&directory) {
            0 => "no times are stored for this machine class".to_owned(),
            others => format!("no times are stored for this machine class, but for {others} others"),
        }),
    })
}

/// Files of other classes of machines.
fn times_of_others(directory: &Path) -> usize {
    let is_json = |entry: &std::fs::DirEntry| entry.path().extension().is_some_and(|extension| extension == "json");
    std::fs::read_dir(directory).map_or(0, |entries| entries.flatten().filter(is_json).count())
}

/// The calibration of this class of machines; in CI that of the base revision, as it raises tolerances.
pub(super) fn calibration(
    workspace: &Workspace,
    machine: &Machine,
    repository: Option<&Repository>,
    chosen: &Chosen,
    below: &Path,
) -> Result<Option<Calibration>, Stop> {
    if let (Chosen::Git { commit, .. }, Some(repository), true) = (chosen, repository, is_ci()) {
        let path = below.join(CALIBRATIONS).join(store::class_name(machine)).display().to_string();
        let bytes = repository.file_at(commit, &path);
        return bytes
            .map(|bytes| store::parse_calibration(&path, &bytes, machine))
            .transpose()
            .or_stop(ExitCode::Baseline);
    }
    store::load_calibration(&calibrations_directory(workspace), machine).or_stop(ExitCode::Baseline)
}

fn is_ci() -> bool {
    collect::Ci::here().is_some()
}
