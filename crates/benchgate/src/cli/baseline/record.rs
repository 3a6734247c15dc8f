//! `baseline record`: one sitting of measuring beside the reference program, added to the stored times.

use anyhow::anyhow;

use crate::cli::args::{RecordArgs, WorkspaceArgs};
use crate::cli::bench::{Began, drawn_seed, refuse_interrupted, select};
use crate::cli::output::print_text;
use crate::cli::prepare::{Prepared, Scope, Wanted, limits, prepare, refuse_duplicates};
use crate::cli::progress::Progress;
use crate::cli::reference_pairs::{self, RECORDED_PAIRS, Recorded, Time};
use crate::cli::rules::times_directory;
use crate::cli::select::Selection;
use crate::cli::stop::{OrStop, Stop};
use benchgate_core::gate::{ExitCode, recorded_time};
use benchgate_core::model::{Conditions, RecordedTarget, Recording, TimeBaseline};
use benchgate_engine::collect::INTERRUPTED;
use benchgate_engine::collect::{self, Harness, REFERENCE};
use benchgate_engine::store;
use benchgate_report::{self as report, inert};

/// Measures and adds. Interrupted, it stores nothing: half a sitting is none.
pub(super) fn record(workspace: &WorkspaceArgs, args: &RecordArgs) -> Result<ExitCode, Stop> {
    collect::listen_for_interrupts().or_stop(ExitCode::Internal)?;
    let began = Began::now();
    let limits = limits(&INTERRUPTED);
    let mut progress = Progress::new();
    let scope =
        Scope { manifest: &workspace.manifest_path, tiers: &args.select.tier, build: Some(&args.build), writes: &[] };
    let prepared = prepare(scope, Wanted::Stored, &limits, &mut progress);
    refuse_interrupted()?;
    let prepared = prepared?;
    refuse_duplicates(&prepared.targets)?;
    let directory = times_directory(&prepared.workspace);
    // What is there must be readable before minutes are spent.
    let mut baseline = store::load_times(&directory, &prepared.machine)
        .or_stop(ExitCode::Baseline)?
        .unwrap_or_else(|| TimeBaseline::of(&prepared.machine, REFERENCE));
    refuse_another_reference(&baseline)?;

    let selection = Selection::new(&args.select, &prepared.loaded.policy, prepared.machine.cores)?;
    let mut recorded = Vec::new();
    for selected in select(&prepared, &selection)? {
        let target = &prepared.targets[selected.target];
        let is_timed = target.candidate.as_ref().is_some_and(|found| found.harness() != Harness::Heap);
        let benches = selected.benches.into_iter().filter(|_| is_timed);
        recorded.extend(benches.map(|bench| Recorded::new(target.key(&bench), selected.target, bench)));
    }
    let seed = args.seed.unwrap_or_else(drawn_seed);
    let sitting =
        reference_pairs::measure(&prepared, &mut recorded, seed, Time { limits, deadline: None }, &mut progress);
    let sitting = sitting.or_stop(ExitCode::Output)?;
    refuse_interrupted()?;
    progress.finish();

    let left_out: Vec<String> =
        recorded.iter().filter_map(|one| Some(left_out(&one.key.id(), &one.missing()?))).collect();
    let recording = recording(&prepared, &began.stamp, sitting.links, &recorded);
    let count = recording.times().count();
    if count == 0 {
        let error = anyhow!("no time could be recorded\n{}", left_out.join("\n"));
        return Err(Stop { code: ExitCode::NothingCompared, error });
    }
    baseline.recordings.push(recording);
    let file = store::save_times(&directory, &prepared.machine, &baseline).or_stop(ExitCode::Output)?;
    let mut text = format!(
        "recorded {count} benchmarks in {RECORDED_PAIRS} pairs each, the recording number {}, in {}\n",
        baseline.recordings.len(),
        file.display()
    );
    sitting.note.iter().for_each(|note| text.push_str(&format!("{note}\n")));
    left_out.iter().for_each(|line| text.push_str(&format!("{line}\n")));
    text.extend(report::left_out(&prepared.left_out).iter().map(|words| format!("left out {words}\n")));
    print_text(&text);
    Ok(if recorded.iter().any(|one| one.trial.is_given_up()) { ExitCode::BenchFailed } else { ExitCode::Pass })
}

/// What a process said last may be part of the reason.
fn left_out(id: &str, why: &str) -> String {
    let lines: Vec<String> = why.lines().map(inert).collect();
    format!("left out {}: {}", inert(id), lines.join("\n  "))
}

fn refuse_another_reference(baseline: &TimeBaseline) -> Result<(), Stop> {
    if baseline.reference == REFERENCE {
        return Ok(());
    }
    let error = anyhow!(
        "the stored times are held against the reference `{}`, this program measures against `{REFERENCE}`\nhint: delete \
         the file and record anew",
        baseline.reference
    );
    Err(Stop { code: ExitCode::Baseline, error })
}

fn recording(prepared: &Prepared, started: &str, links: u32, recorded: &[Recorded]) -> Recording {
    let mut targets = Vec::new();
    for (index, target) in prepared.targets.iter().enumerate() {
        let Some(found) = &target.candidate else { continue };
        let own = recorded.iter().filter(|one| one.target == index && one.missing().is_none());
        let times = own.filter_map(|one| Some((one.key.clone(), recorded_time(&one.trial.pairs)?)));
        let target = RecordedTarget { code: found.code.clone(), times: times.collect() };
        targets.extend(Some(target).filter(|target| !target.times.is_empty()));
    }
    let is_dirty = prepared.candidate.is_dirty;
    Recording {
        started: started.to_owned(),
        commit: if is_dirty { String::new() } else { prepared.candidate.commit.clone() },
        tree: prepared.candidate.tree.clone(),
        rustc: prepared.toolchain.rustc.clone(),
        flags: prepared.toolchain.flags.clone(),
        system: prepared.machine.system.clone(),
        links,
        conditions: mean(recorded),
        targets,
    }
}

/// What the machine was doing, on the average over all pairs.
fn mean(recorded: &[Recorded]) -> Conditions {
    let all: Vec<Conditions> = recorded.iter().flat_map(|one| &one.trial.pairs).map(|pair| pair.conditions).collect();
    let mean = |of: fn(&Conditions) -> f64| all.iter().map(of).sum::<f64>() / all.len().max(1) as f64;
    Conditions {
        steal: mean(|one| one.steal),
        busy: mean(|one| one.busy),
        others: mean(|one| one.others),
        megahertz: mean(|one| one.megahertz),
    }
}
