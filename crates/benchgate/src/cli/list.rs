//! `list`: the benchmarks of the candidate.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::IsTerminal;

use anyhow::anyhow;

use super::args::ListArgs;
use super::output::{print_text, tell};
use super::prepare::{Scope, Wanted, limits, prepare};
use super::progress::Progress;
use super::select::Selection;
use super::stop::Stop;
use benchgate_core::gate::ExitCode;
use benchgate_engine::collect::Harness;
use benchgate_engine::collect::INTERRUPTED;
use benchgate_report as report;

/// Prints one id a line; on a terminal also what is measured of it and where it lives.
pub(super) fn run(args: &ListArgs) -> Result<ExitCode, Stop> {
    let limits = limits(&INTERRUPTED);
    let mut progress = Progress::new();
    let scope = Scope {
        manifest: &args.workspace.manifest_path,
        tiers: &args.select.tier,
        build: Some(&args.build),
        writes: &[],
    };
    let prepared = prepare(scope, Wanted::Stored, &limits, &mut progress)?;
    progress.finish();
    let selection = Selection::new(&args.select, &prepared.loaded.policy, prepared.machine.cores)?;
    let mut ids: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut failed = Vec::new();
    for target in &prepared.targets {
        let Some(found) = &target.candidate else { continue };
        let discovered = match &found.discovered {
            Ok(discovered) => discovered,
            Err(failure) => {
                failed.push(format!("bench `{}` does not list its benchmarks: {}", target.name, failure.message));
                continue;
            }
        };
        for key in discovered.benches.iter().map(|bench| target.key(bench)).filter(|key| selection.holds(key)) {
            let place = format!("{}/{}", target.package, target.name);
            ids.entry(key.id()).or_default().push(match discovered.harness {
                Harness::Heap => format!("heap ({place})"),
                Harness::Command => "time, processor time and memory (a command)".into(),
                _ => format!("time ({place})"),
            });
        }
    }
    let mut text = String::new();
    let is_terminal = std::io::stdout().is_terminal();
    let widest = ids.keys().map(|id| id.chars().count()).max().unwrap_or(0);
    for (id, places) in &ids {
        let id: String = id.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
        let written =
            if is_terminal { writeln!(text, "{id:widest$}  {}", places.join(", ")) } else { writeln!(text, "{id}") };
        written.expect("a string takes everything");
    }
    print_text(&text);
    for words in report::left_out(&prepared.left_out) {
        tell(&format!("left out: {words}"));
    }
    prepared.foreign.iter().for_each(|one| tell(&report::foreign_sentence(one)));
    if !failed.is_empty() {
        return Err(Stop { code: ExitCode::BenchFailed, error: anyhow!(failed.join("\n")) });
    }
    if ids.is_empty() {
        let error = anyhow!("no benchmark is selected\nhint: `list --tier all` shows all");
        return Err(Stop { code: ExitCode::NothingCompared, error });
    }
    Ok(ExitCode::Pass)
}
