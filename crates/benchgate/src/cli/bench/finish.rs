//! The end of a run that is judged: it is kept and written in every form that was asked for.

use super::super::args::BenchArgs;
use super::super::kept;
use super::super::output::{self, Finished};
use super::super::prepare::Prepared;
use super::super::profiles::{self, Text};
use super::super::report_directory;
use super::super::stop::{OrStop, Stop};
use benchgate_core::gate::{ClaimRow, ExitCode, Outcome, Policy};
use benchgate_core::model::Run;
use benchgate_engine::store::{self, RunFile};
use benchgate_report as report;

/// Keeps a run that is judged and writes its outputs.
pub(super) fn finish(
    args: &BenchArgs,
    prepared: &Prepared,
    (run, outcome): (Run, &Outcome),
    texts: &[Text],
) -> Result<ExitCode, Stop> {
    let runs = kept::directory(&prepared.workspace);
    let file = RunFile { run, policy: prepared.loaded.text.clone() };
    let kept = store::save(&runs, &file).or_stop(ExitCode::Output);
    let kept = kept.and_then(|kept| profiles::keep(&runs, &kept, texts).map(|()| kept));
    let reports = report_directory::directory(&prepared.workspace, prepared.loaded.report.as_deref());
    let made = report_directory::make(&reports);
    let report = reports.join(report_directory::REPORT);
    let finished =
        Finished { run: &file.run, outcome, workspace: &prepared.workspace, report: &report, is_verbose: args.verbose };
    let (kept, mut failed) = match kept {
        Ok(kept) => (Some(kept), Vec::new()),
        Err(stop) => (None, vec![stop]),
    };
    failed.extend(made.err());
    let failed = output::write(&finished, &args.output, failed);
    if has_tier_of_packages(&prepared.loaded.policy, &file.run.plan.tiers) {
        // Asked for to see how its benches compare: the claims that were measured are the answer.
        let measured: Vec<ClaimRow> = outcome.claims.iter().filter(|claim| claim.value.is_some()).cloned().collect();
        output::print_text(&report::claim_table(&measured, &output::look(args.verbose)));
    }
    output::print(&finished, kept.as_deref());
    Ok(output::conclude(&finished, failed))
}

fn has_tier_of_packages(policy: &Policy, tiers: &[String]) -> bool {
    tiers.iter().filter_map(|tier| policy.tiers.get(tier)).any(|tier| !tier.packages.is_empty())
}
