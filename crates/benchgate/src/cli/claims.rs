//! `claims`: the table of what the code promises, from a kept run; on demand into a document.

mod measure;

use std::fs;
use std::path::Path;

use anyhow::Context;

use super::args::ClaimsArgs;
use super::kept::{self, Kept};
use super::output::{look, print_text, write_file};
use super::prepare::load_workspace;
use super::rules;
use super::stop::{OrStop, Stop};
use benchgate_core::gate::{ClaimRow, ExitCode, Policy, judge};
use benchgate_core::model::Run;
use benchgate_report as report;

pub(super) use measure::{Measuring, measure};

/// Prints the table; the claims are those of the configuration as it is, their evidence is that of the run.
pub(super) fn run(args: &ClaimsArgs) -> Result<ExitCode, Stop> {
    let workspace = load_workspace(&args.workspace.manifest_path)?;
    let kept = kept::load(&workspace, args.run.as_deref())?;
    let file = kept.file.clone();
    let policy = rules::own(&workspace)?.policy;
    let run = evidence_for(&policy, kept);
    let claims = rows(&policy, &run);
    print_text(&report::claim_table(&claims, &look(true)));
    print_text(&format!("run: {}\n", file.display()));
    if let Some(document) = &args.write {
        write(document, &claims, &run)?;
    }
    Ok(ExitCode::Pass)
}

/// The run without what was measured for claims that are about something else now.
fn evidence_for(policy: &Policy, Kept { mut run, policy: then, .. }: Kept) -> Run {
    let is_same = |name: &str| {
        let kind = |policy: &Policy| policy.claims.iter().find(|claim| claim.name == name).map(|c| c.kind.clone());
        kind(policy).is_some() && kind(policy) == kind(&then)
    };
    run.claims.retain(|evidence| is_same(&evidence.name));
    run
}

/// In the order of the policy, which is that of its text.
fn rows(policy: &Policy, run: &Run) -> Vec<ClaimRow> {
    let mut claims = judge(policy, run).claims;
    claims.sort_by_key(|row| policy.claims.iter().position(|claim| claim.name == row.name));
    claims
}

fn write(document: &Path, claims: &[ClaimRow], run: &Run) -> Result<(), Stop> {
    let name = document.display();
    let text =
        fs::read_to_string(document).with_context(|| format!("cannot read `{name}`")).or_stop(ExitCode::Output)?;
    let text = report::claim_document(&text, claims, run).with_context(|| format!("`{name}`"));
    write_file(document, text.or_stop(ExitCode::Output)?.as_bytes())
}
