//! `baseline save`: the stored counts. Nothing else writes them.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::AtomicUsize;

use anyhow::anyhow;

use crate::cli::args::WorkspaceArgs;
use crate::cli::build_args::BuildArgs;
use crate::cli::counting::{CountingTime, count_side};
use crate::cli::output::print_text;
use crate::cli::prepare::{Scope, Wanted, limits, prepare};
use crate::cli::progress::Progress;
use crate::cli::rules::baselines_directory;
use crate::cli::stop::{OrStop, Stop};
use crate::cli::unmodified::uncovered;
use benchgate_core::gate::ExitCode;
use benchgate_core::model::{BenchKey, SeriesKey, Side, Uncounted};
use benchgate_engine::collect::INTERRUPTED;
use benchgate_engine::collect::{Harness, Listed, Workspace};
use benchgate_engine::store::{HeapBaseline, HeapBaselines};
use benchgate_report::{self as report, inert};

/// Counts the candidate's heap and stores what is exact.
pub(super) fn save(workspace: &WorkspaceArgs, build: &BuildArgs) -> Result<ExitCode, Stop> {
    let limits = limits(&INTERRUPTED);
    let mut progress = Progress::new();
    let scope = Scope { build: Some(build), ..Scope::of(&workspace.manifest_path) };
    let prepared = prepare(scope, Wanted::Stored, &limits, &mut progress)?;
    let mut baselines = HeapBaselines::default();
    let mut left_out = Vec::new();
    let done = AtomicUsize::new(0);
    let time = CountingTime { limits, end: None, done: &done };
    for target in &prepared.targets {
        let Some(found) = &target.candidate else { continue };
        let mut benches = found.discovered.as_ref().map(|discovered| discovered.benches.clone()).unwrap_or_default();
        if target.is_criterion() && prepared.loaded.policy.counts_unmodified {
            benches = uncovered(&prepared.targets, target, &benches);
        } else if found.harness() != Harness::Heap {
            continue;
        }
        progress.step(&format!("counting the heap of {}", target.name));
        let keys: Vec<(BenchKey, Listed)> = benches.into_iter().map(|bench| (target.key(&bench), bench)).collect();
        let mut counts = BTreeMap::new();
        for (bench, reading) in count_side(target, Side::Candidate, &keys, time) {
            let reading = match reading {
                Err(Uncounted::Impossible { reason } | Uncounted::Late { reason }) => {
                    left_out.push(format!("{}: {reason}", bench.id()));
                    continue;
                }
                Err(Uncounted::Failed(failure)) => Err(anyhow!("`{}` failed: {}", bench.id(), failure.message)),
                Ok(reading) => Ok(reading),
            };
            for (metric, count) in reading.or_stop(ExitCode::BenchFailed)?.counts {
                match count.is_exact {
                    true => drop(counts.insert(SeriesKey { bench: bench.clone(), metric }, count)),
                    false => left_out.push(format!("{} {metric}: it does not repeat exactly", bench.id())),
                }
            }
        }
        if counts.is_empty() && found.harness() != Harness::Heap {
            continue;
        }
        baselines.insert(HeapBaseline {
            package: target.package.clone(),
            target: target.name.clone(),
            rustc: prepared.toolchain.rustc.clone(),
            host: prepared.toolchain.host.clone(),
            tree: prepared.candidate.tree.clone(),
            commit: if prepared.candidate.is_dirty { String::new() } else { prepared.candidate.commit.clone() },
            counts,
        });
    }
    progress.finish();
    if baselines.is_empty() {
        let error = anyhow!(
            "there is no exact count to record{}\nhint: add a bench target on `benchgate-heap`",
            left_out.iter().map(|one| format!("\nleft out {}", inert(one))).collect::<String>()
        );
        return Err(Stop { code: ExitCode::NothingCompared, error });
    }
    let files = baselines.save(&baselines_directory(&prepared.workspace)).or_stop(ExitCode::Output)?;
    let mut text: String = files.iter().map(|file| format!("wrote {}\n", file.display())).collect();
    for series in left_out {
        writeln!(text, "left out {}", inert(&series)).expect("a string takes everything");
    }
    text.extend(report::left_out(&prepared.left_out).iter().map(|words| format!("left out {words}\n")));
    print_text(&text);
    Ok(ExitCode::Pass)
}

/// What is stored, a count a line; empty where nothing is.
pub(super) fn shown(workspace: &Workspace) -> Result<String, Stop> {
    let baselines = HeapBaselines::load(&baselines_directory(workspace)).or_stop(ExitCode::Baseline)?;
    let mut text = String::new();
    for baseline in baselines.iter() {
        let commit = if baseline.commit.is_empty() { "uncommitted changes" } else { &baseline.commit };
        let HeapBaseline { package, target, rustc, host, .. } = baseline;
        writeln!(text, "{}", inert(&format!("{package}/{target}: {rustc}, {host}, {commit}")))
            .expect("a string takes everything");
        for (key, count) in &baseline.counts {
            writeln!(text, "  {:<52} {:<12} {}", inert(&key.bench.id()), key.metric, count.value)
                .expect("a string takes everything");
        }
    }
    Ok(text)
}
