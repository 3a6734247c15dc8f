//! `baseline`: what is stored, counts and times. Nothing else writes them.

mod counts;
mod record;
mod times;

use anyhow::anyhow;

use super::args::{BaselineArgs, BaselineVerb};
use super::output::print_text;
use super::prepare::load_workspace;
use super::stop::Stop;
use benchgate_core::gate::ExitCode;

/// Stores or shows.
pub(super) fn run(args: &BaselineArgs) -> Result<ExitCode, Stop> {
    match &args.verb {
        BaselineVerb::Save(build) => counts::save(&args.workspace, build),
        BaselineVerb::Record(record) => record::record(&args.workspace, record),
        BaselineVerb::List => times::list(&args.workspace),
        BaselineVerb::Show => show(args),
        BaselineVerb::Diff(diff) => times::diff(&args.workspace, diff),
        BaselineVerb::Prune(prune) => times::prune(&args.workspace, prune),
    }
}

fn show(args: &BaselineArgs) -> Result<ExitCode, Stop> {
    let workspace = load_workspace(&args.workspace.manifest_path)?;
    let text = counts::shown(&workspace)? + &times::shown(&workspace)?;
    if text.is_empty() {
        let directory = workspace.root.join("baselines");
        let error = anyhow!(
            "nothing is recorded in `{}`\nhint: `baseline save` stores counts, `baseline record` times",
            directory.display()
        );
        return Err(Stop { code: ExitCode::Baseline, error });
    }
    print_text(&text);
    Ok(ExitCode::Pass)
}
