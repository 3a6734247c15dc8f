//! Kept runs: where they lie, and one of them with the policy that it was judged with.

use std::path::{Path, PathBuf};

use anyhow::anyhow;

use super::stop::{OrStop, Stop};
use crate::config;
use benchgate_core::gate::{ExitCode, Policy};
use benchgate_core::model::{PolicyText, Run};
use benchgate_engine::collect::{Repository, Workspace};
use benchgate_engine::store;

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
    pub policy_text: Option<PolicyText>,
}

/// Loads the run that was asked for, else the latest.
pub(super) fn load(workspace: &Workspace, asked: Option<&Path>) -> Result<Kept, Stop> {
    let file = match asked {
        Some(file) => file.to_owned(),
        None => {
            let latest = store::latest(&directory(workspace)).or_stop(ExitCode::Baseline)?;
            refuse_tracked(workspace, &latest)?;
            latest
        }
    };
    read(&file)
}

/// Stops if git tracks a run that nobody named: whoever changes the tree brought it along, and it would pass for the run here.
fn refuse_tracked(workspace: &Workspace, run: &Path) -> Result<(), Stop> {
    // Where git does not open the repository, or there is none, nothing came with a commit.
    let Ok(Some(repository)) = Repository::at(&workspace.root) else { return Ok(()) };
    if !repository.tracks(run) {
        return Ok(());
    }
    let run = run.display();
    let error = anyhow!(
        "the newest run, `{run}`, is tracked by git, so that it need not be a run of this machine\nhint: `git rm --cached {run}`; \
         `--run {run}` takes it as it is"
    );
    Err(Stop { code: ExitCode::Baseline, error })
}

/// Reads the run of a file.
pub(super) fn read(file: &Path) -> Result<Kept, Stop> {
    let kept = store::load(file).or_stop(ExitCode::Baseline)?;
    let policy = match &kept.policy {
        Some(text) => config::parse_policy(text.clone()).or_stop(ExitCode::Configuration)?.policy,
        None => Policy::default(),
    };
    Ok(Kept { file: file.to_owned(), run: kept.run, policy, policy_text: kept.policy })
}
