//! `doctor`: what this machine and this workspace are like for measuring, and what follows from it.

use std::path::Path;

use super::args::{DoctorArgs, Shape};
use super::output::{look, print_text};
use super::prepare::load_workspace;
use super::stop::Stop;
use benchgate_core::gate::{Check, ExitCode, examine};
use benchgate_engine::collect;
use benchgate_report as report;

/// Prints a line for each thing that matters. Fails only where nothing could be measured, with the code that `bench` would have.
pub(super) fn run(args: &DoctorArgs) -> Result<ExitCode, Stop> {
    let manifest = &args.workspace.manifest_path;
    let workspace = load_workspace(manifest).map_err(|stop| format!("{:#}", stop.error));
    let directory = manifest.parent().filter(|path| !path.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let checks = examine(&collect::health(workspace.as_ref().map_err(Clone::clone), directory));
    print_text(&match args.format {
        Shape::Text => report::doctor(&checks, &look(true)),
        Shape::Json => report::doctor_json(&checks),
    });
    Ok(Check::exit_of(&checks))
}
