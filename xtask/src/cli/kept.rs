//! Kept runs: where they lie, and one of them with the policy that it was judged with.

use std::path::{Path, PathBuf};

use super::stop::{OrStop, Stop};
use crate::collect::Workspace;
use crate::config;
use crate::gate::{ExitCode, Policy};
use crate::model::Run;
use crate::store;

/// Where a workspace keeps its runs.
pub(super) fn directory(workspace: &Workspace) -> PathBuf {
    workspace.target_directory.join("benchgate").join("runs")
}

/// A run from its file.
pub(super) struct Kept {
    pub file: PathBuf,
    pub run: Run,
    /// As it was then; the default where there was no configuration.
    pub policy: Policy,
    /// Its text.
    pub policy_text: Option<String>,
}

/// Loads the run that was asked for, else the latest.
pub(super) fn load(workspace: &Workspace, asked: Option<&Path>) -> Result<Kept, Stop> {
    let file = match asked {
        Some(file) => file.to_owned(),
        None => store::latest(&directory(workspace)).or_stop(ExitCode::Baseline)?,
    };
    read(&file)
}

/// Reads the run of a file.
pub(super) fn read(file: &Path) -> Result<Kept, Stop> {
    let kept = store::load(file).or_stop(ExitCode::Baseline)?;
    let policy = match &kept.policy {
        Some(text) => config::parse(&text.name, &text.text).or_stop(ExitCode::Configuration)?.policy,
        None => Policy::default(),
    };
    let policy_text = kept.policy.map(|policy| policy.text);
    Ok(Kept { file: file.to_owned(), run: kept.run, policy, policy_text })
}
