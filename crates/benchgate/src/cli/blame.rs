//! Who is to blame for a failure: the change, its base, or the set-up, which both sides share.
//!
//! Before one side is blamed the other is tried in the same way. What both fail at is nothing that a change did.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::anyhow;

use super::counting::{CountingTime, count_side};
use super::prepare::Prepared;
use super::stop::Stop;
use benchgate_core::gate::ExitCode;
use benchgate_core::model::{BenchKey, Evidence, Failure, FailureKind, Series, Side, Uncounted};
use benchgate_engine::collect::{self, Alone, Effort, Limits, Listed, Schedule};
use benchgate_engine::measure::Target;

/// Between starting and ending of an executable that is run once without the gate's means.
const PLAIN: Duration = Duration::from_secs(20);

/// A base that the compiler, or cargo, refuses is blamed only if the candidate builds: `candidate` tries that.
pub(super) fn of_build<T>(base: Stop, candidate: impl FnOnce() -> Result<T, Stop>) -> Stop {
    // A build that was ended, by the user or for want of memory, says nothing of either side.
    let is_told = format!("{:#}", base.error).contains("\nerror");
    if base.code != ExitCode::Build || !is_told || collect::INTERRUPTED.load(Ordering::Relaxed) {
        return base;
    }
    match candidate() {
        Ok(_) => base,
        Err(Stop { code: ExitCode::Build, error }) => {
            let error = anyhow!(
                "neither side builds, so it is the set-up and not the change; {error:#}\nhint: both are clean clones of your repository: \
                 what `cargo bench` finds in your work tree and git ignores is not there (`[tree] include`)"
            );
            Stop { code: ExitCode::Build, error }
        }
        Err(other) => other,
    }
}

/// Marks failures of benches that the other side fails at too, and adds what differs from `cargo bench`; returns a sentence about them.
pub(super) fn of_benches(prepared: &Prepared, series: &mut [Series], limits: &Limits<'_>) -> Option<String> {
    let mut known: BTreeMap<(BenchKey, bool), Option<Failure>> = BTreeMap::new();
    let mut plainly: BTreeMap<usize, String> = BTreeMap::new();
    let mut failing = 0;
    for one in series {
        let bench = &one.key.bench;
        let Evidence::Failed(failure) = &mut one.evidence else { continue };
        if failure.kind != FailureKind::Crashed || limits.is_interrupted() {
            continue;
        }
        let is_of = |target: &Target| (&target.package, &target.name) == (&bench.package, &bench.target);
        let Some(index) = prepared.targets.iter().position(is_of) else { continue };
        let target = &prepared.targets[index];
        let is_counted = one.key.metric.is_count();
        let other = known.entry((bench.clone(), is_counted)).or_insert_with(|| {
            let side = failure.side.other();
            if is_counted { fails_to_count(target, side, bench, limits) } else { fails(target, side, bench, limits) }
        });
        if other.is_none() {
            continue;
        }
        failing += 1;
        failure.kind = FailureKind::SetUp;
        let differs = plainly.entry(index).or_insert_with(|| differences(prepared, target, failure.side, limits));
        failure.message.push_str(differs);
    }
    let benchmarks = if failing == 1 { "1 series fails".to_owned() } else { format!("{failing} series fail") };
    (failing > 0).then(|| format!("{benchmarks} on both sides alike, so it is the set-up and not the change"))
}

/// How a side fails at a benchmark when it is timed, if it does.
fn fails(target: &Target, side: Side, bench: &BenchKey, limits: &Limits<'_>) -> Option<Failure> {
    let found = target.side(side)?;
    let discovered = match &found.discovered {
        Ok(discovered) => discovered,
        Err(failure) => return Some(failure.clone()),
    };
    let listed: &Listed = discovered.benches.iter().find(|one| target.key(one) == *bench)?;
    let schedule = Schedule { harness: discovered.harness, limits: *limits };
    let looks = schedule.look(&found.arm, std::slice::from_ref(listed), Effort::look(discovered.harness));
    looks.into_iter().find_map(|look| look.samples.err())
}

/// The same when its heap is counted.
fn fails_to_count(target: &Target, side: Side, bench: &BenchKey, limits: &Limits<'_>) -> Option<Failure> {
    let discovered = match &target.side(side)?.discovered {
        Ok(discovered) => discovered,
        Err(failure) => return Some(failure.clone()),
    };
    let listed = discovered.benches.iter().find(|one| target.key(one) == *bench)?;
    let done = AtomicUsize::new(0);
    let time = CountingTime { limits: *limits, end: Some(Instant::now() + PLAIN), done: &done };
    let counts = count_side(target, side, &[(bench.clone(), listed.clone())], time);
    counts.into_values().find_map(|reading| match reading {
        Err(Uncounted::Failed(failure)) => Some(failure),
        Ok(_) | Err(Uncounted::Impossible { .. } | Uncounted::Late { .. }) => None,
    })
}

/// What differs from `cargo bench` in the work tree, found out as far as it can be.
fn differences(prepared: &Prepared, target: &Target, side: Side, limits: &Limits<'_>) -> String {
    let Some(found) = target.side(side) else { return String::new() };
    let arguments = ["--bench", "--test"].map(String::from);
    let home = prepared.scratch.path().join("plain");
    let executable = &found.executable;
    let place = executable.surroundings.directory.display();
    if found.is_command() {
        return format!(
            "\nunlike in the work tree, it runs in a clean clone, `{place}`, which has no files that git ignores"
        );
    }
    let alone = Alone { executable, under: &[], arguments: &arguments, environment: &[], home: &home, longest: PLAIN };
    let plain = match alone.run(limits) {
        Ok(_) => {
            "there it runs with `--bench --test` alone, so what it does not stand is the gate's arguments (`--noplot`, times, a filter), or \
             its library in LD_PRELOAD"
                .to_owned()
        }
        Err(error) => {
            format!("there it fails with `--bench --test` alone and without the gate's library as well ({error}), so it is the place")
        }
    };
    format!(
        "\nunlike `cargo bench` in the work tree, the gate runs it in a clean clone, `{place}`, which has no files that git ignores; {plain}"
    )
}
