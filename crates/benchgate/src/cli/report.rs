//! `report`: judges a kept run again with the policy that it was judged with, and renders it.

use std::path::Path;
use std::process::Command;

use anyhow::Context;

use super::args::ReportArgs;
use super::kept::{self, Kept};
use super::output::{self, Finished};
use super::prepare::load_workspace;
use super::report_directory;
use super::stop::{OrStop, Stop};
use benchgate_core::gate::{ExitCode, judge};

/// Renders a run; the exit code is that of its verdict.
pub(super) fn run(args: &ReportArgs) -> Result<ExitCode, Stop> {
    let workspace = load_workspace(&args.workspace.manifest_path)?;
    let Kept { file, run, policy, .. } = kept::load(&workspace, args.run.as_deref())?;
    let outcome = judge(&policy, &run);
    let reports = report_directory::configured(&workspace);
    report_directory::make(&reports)?;
    let report = reports.join(report_directory::REPORT);
    let finished =
        Finished { run: &run, outcome: &outcome, workspace: &workspace, report: &report, is_verbose: args.verbose };
    let failed = output::write(&finished, &args.output, Vec::new());
    output::print(&finished, Some(&file));
    if args.open && failed.is_empty() {
        open(&report).or_stop(ExitCode::Output)?;
    }
    Ok(output::conclude(&finished, failed))
}

fn open(report: &Path) -> anyhow::Result<()> {
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let status = Command::new(opener).arg(report).status();
    let status = status.with_context(|| format!("cannot run `{opener}`\nhint: open {} yourself", report.display()))?;
    anyhow::ensure!(status.success(), "`{opener}` failed ({status})\nhint: open {} yourself", report.display());
    Ok(())
}
