//! What a run is judged by: the policy, the stored counts and the calibration. In CI they come from the base revision, so that a
//! change cannot loosen its own gate.

use std::path::{Path, PathBuf};

use anyhow::Context;

use super::base::Chosen;
use super::stop::{OrStop, Stop};
use crate::config::{self, ConfigError, Loaded};
use benchgate_core::gate::{ExitCode, Policy};
use benchgate_core::model::{Calibration, Machine, PolicyChange, TimeBaseline};
use benchgate_engine::collect::{self, Repository, Workspace};
use benchgate_engine::store::{self, HeapBaselines, PolicyText};

/// Where a workspace keeps its stored counts.
pub(super) fn baselines_directory(workspace: &Workspace) -> PathBuf {
    workspace.root.join(BASELINES)
}

/// Where a workspace keeps its stored counts, below its root.
pub(super) const BASELINES: &str = "baselines/heap";
/// Where a workspace keeps its stored times, below its root.
pub(super) const TIMES: &str = "baselines/time";
const CALIBRATIONS: &str = "baselines/calibration";
/// The configuration of a workspace.
pub(super) const POLICY: &str = "benchgate.toml";

/// In CI the policy comes from the base revision, so that a change cannot loosen its own gate.
pub(super) fn policy(
    workspace: &Workspace,
    repository: Option<&Repository>,
    chosen: &Chosen,
    below: &Path,
    notes: &mut Vec<String>,
) -> Result<(Loaded, Option<PolicyText>), Stop> {
    let local = text(&workspace.root.join(POLICY), POLICY).or_stop(ExitCode::Configuration)?;
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

/// What the candidate changes in the configuration of a base revision that has one, whoever is judged by which.
pub(super) fn policy_changes(
    workspace: &Workspace,
    repository: Option<&Repository>,
    chosen: &Chosen,
    below: &Path,
    notes: &mut Vec<String>,
) -> Vec<PolicyChange> {
    let (Chosen::Git { commit, .. }, Some(repository)) = (chosen, repository) else { return Vec::new() };
    let at_base = repository.file_at(commit, &below.join(POLICY).display().to_string());
    let Some(at_base) = at_base.and_then(|bytes| String::from_utf8(bytes).ok()) else { return Vec::new() };
    // What cannot be read was an error before this.
    let local = text(&workspace.root.join(POLICY), POLICY).ok().flatten().unwrap_or_default();
    let changes = config::difference(&at_base, &local);
    if !changes.is_empty() && !is_ci() {
        notes.push(format!("{POLICY} holds as it is here; in CI that of the base revision does"));
    }
    changes
}

/// The policy as it stands here, for what is not a gate.
pub(super) fn own_policy(workspace: &Workspace) -> Result<Policy, Stop> {
    let text = text(&workspace.root.join(POLICY), POLICY).or_stop(ExitCode::Configuration)?.unwrap_or_default();
    Ok(config::parse(POLICY, &text).or_stop(ExitCode::Configuration)?.policy)
}

/// A file of rules as it is here; `name` is what messages call it. Only one that is not there is none: one that cannot be read
/// must not pass for it.
pub(super) fn text(file: &Path, name: &str) -> Result<Option<String>, ConfigError> {
    match std::fs::read(file) {
        Ok(bytes) => text_of(name, bytes).map(Some),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ConfigError::Unreadable { name: name.to_owned(), source }),
    }
}

fn text_of(name: &str, bytes: Vec<u8>) -> Result<String, ConfigError> {
    // Git may write line ends as the system has them, and stores them as one character.
    String::from_utf8(bytes)
        .map(|text| text.replace("\r\n", "\n"))
        .map_err(|error| ConfigError::NotText { name: name.to_owned(), offset: error.utf8_error().valid_up_to() })
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
