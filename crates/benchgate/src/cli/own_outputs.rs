//! All that the gate writes for a workspace, in one place: no change of the user's, wherever it lies.

use std::path::{Path, PathBuf};

use super::args::Format;
use super::report_directory;
use benchgate_engine::collect::{OwnOutputs, Workspace, cache_home};

/// The files that `--output` and `--trace` name.
pub(super) fn asked_for(outputs: &[(Format, PathBuf)], trace: Option<&Path>) -> Vec<PathBuf> {
    let files = outputs.iter().map(|(_, file)| &**file).filter(|file| *file != Path::new("-"));
    files.chain(trace).map(Path::to_owned).collect()
}

/// The target directory with runs and everything else that is built or kept there, the reports, the cache, and `files`.
pub(super) fn own_outputs(workspace: &Workspace, files: &[PathBuf]) -> OwnOutputs {
    let reports = report_directory::pages(&report_directory::configured(workspace));
    let always = [workspace.target_directory.clone()].into_iter().chain(cache_home().ok()).chain(reports);
    OwnOutputs::new(always.chain(files.iter().cloned())).with_earlier_reports(&workspace.root)
}
