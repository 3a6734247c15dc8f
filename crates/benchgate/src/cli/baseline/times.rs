//! `baseline list`, `diff`, `prune`, and what `show` says of times: the recordings of this class of machines.

use anyhow::anyhow;

use crate::cli::args::{DiffArgs, PruneArgs, WorkspaceArgs};
use crate::cli::output::print_text;
use crate::cli::prepare::load_workspace;
use crate::cli::rules::{self, times_directory};
use crate::cli::stop::{OrStop, Stop};
use benchgate_core::gate::{ExitCode, stored};
use benchgate_core::model::{Recording, TimeBaseline};
use benchgate_engine::collect::{self, Workspace};
use benchgate_engine::store;
use benchgate_report as report;

/// One line a recording.
pub(super) fn list(workspace: &WorkspaceArgs) -> Result<ExitCode, Stop> {
    let (_, baseline) = load(workspace)?;
    print_text(&report::recordings(&baseline));
    Ok(ExitCode::Pass)
}

/// What is stored, a benchmark a line; empty where nothing is.
pub(super) fn shown(workspace: &Workspace) -> Result<String, Stop> {
    let Some(baseline) = read(workspace)? else { return Ok(String::new()) };
    let policy = rules::own(workspace)?.policy;
    Ok(report::stored_times(&baseline, &stored(&policy, &baseline.recordings)))
}

/// How one recording differs from another.
pub(super) fn diff(workspace: &WorkspaceArgs, args: &DiffArgs) -> Result<ExitCode, Stop> {
    let (_, baseline) = load(workspace)?;
    let (base, candidate) = (nth(&baseline, args.base)?, nth(&baseline, args.candidate)?);
    print_text(&report::recording_diff(base, candidate));
    Ok(ExitCode::Pass)
}

/// Drops the oldest.
pub(super) fn prune(workspace: &WorkspaceArgs, args: &PruneArgs) -> Result<ExitCode, Stop> {
    let (workspace, mut baseline) = load(workspace)?;
    let surplus = baseline.recordings.len().saturating_sub(usize::from(args.keep));
    baseline.recordings.drain(..surplus);
    let kept = baseline.recordings.len();
    if surplus > 0 {
        let directory = times_directory(&workspace);
        store::save_times(&directory, &collect::machine(), &baseline).or_stop(ExitCode::Output)?;
    }
    print_text(&format!("dropped {surplus} recordings, kept {kept}\n"));
    Ok(ExitCode::Pass)
}

fn nth(baseline: &TimeBaseline, number: usize) -> Result<&Recording, Stop> {
    let recordings = &baseline.recordings;
    let found = number.checked_sub(1).and_then(|index| recordings.get(index));
    found.ok_or_else(|| {
        let error = anyhow!(
            "there is no recording {number}, there are {}\nhint: `baseline list` numbers them",
            recordings.len()
        );
        Stop { code: ExitCode::Baseline, error }
    })
}

fn load(workspace: &WorkspaceArgs) -> Result<(Workspace, TimeBaseline), Stop> {
    let workspace = load_workspace(&workspace.manifest_path)?;
    match read(&workspace)? {
        Some(baseline) => Ok((workspace, baseline)),
        None => {
            let error = anyhow!("no times are stored for this machine class\nhint: `baseline record` records them");
            Err(Stop { code: ExitCode::Baseline, error })
        }
    }
}

fn read(workspace: &Workspace) -> Result<Option<TimeBaseline>, Stop> {
    store::load_times(&times_directory(workspace), &collect::machine()).or_stop(ExitCode::Baseline)
}
