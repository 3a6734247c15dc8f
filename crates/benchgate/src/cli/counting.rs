//! Counting heaps: once a side, both at once on two processors, and again where a difference would be red. Times are measured by
//! then: what counts are need not be quiet.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::evidence::{self, Known};
use super::prepare::Prepared;
use super::progress::Progress;
use benchgate_core::model::{
    Base, BenchKey, CountReading, Evidence, Failure, FailureKind, HeapReading, Metric, Series, SeriesKey, Side,
    Uncounted,
};
pub(super) use benchgate_engine::collect::CountingTime;
use benchgate_engine::collect::{self, Harness, HeapCase, Identity, Limits, Listed};
use benchgate_engine::measure::{BuiltSide, Target};

/// Counts of one side of one target, by benchmark.
pub(super) type Counts = BTreeMap<BenchKey, Result<HeapReading, Uncounted>>;

/// Fresh processes a side that must agree before a difference in counts is red.
const CONFIRMING_PROCESSES: u32 = 4;

/// Everything counted of one target.
pub(super) struct Counted {
    /// What each metric of each benchmark came to.
    pub series: Vec<Series>,
    /// The candidate's counts, for claims.
    pub candidate: evidence::Counted,
    /// What a reader should know.
    pub notes: Vec<String>,
}

/// How long the counting of a run may take.
#[derive(Clone, Copy)]
pub(super) struct Period<'a> {
    pub limits: Limits<'a>,
    pub end: Instant,
    /// Benchmarks whose sides cannot live at once.
    pub apart: &'a BTreeSet<BenchKey>,
}

/// How often the number of benches that are counted is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// Differences are counted again for at least so long, whatever the rest took: few benches differ.
const CONFIRMING: Duration = Duration::from_secs(20);

/// Counts what both sides allocate in one target. `benches` are the selected ones of either side. What is not compared need
/// not be counted again where an earlier run did.
pub(super) fn count_target(
    prepared: &Prepared,
    target: &Target,
    benches: &[Listed],
    compares_identical: bool,
    (known, period): (&mut Known, Period<'_>),
    progress: &mut Progress,
) -> Counted {
    let done = AtomicUsize::new(0);
    let time = CountingTime { limits: period.limits, end: Some(period.end), done: &done };
    let again = CountingTime { end: Some(period.end.max(Instant::now() + CONFIRMING)), ..time };
    let keys: Vec<(BenchKey, Listed)> = benches.iter().map(|bench| (target.key(bench), bench.clone())).collect();
    let identical = match (&prepared.base, &target.identity) {
        (Base::Git { .. }, Some(Identity::Identical(detail))) if !compares_identical => Some(detail.as_str()),
        _ => None,
    };
    let (counted, base) = match (identical, &prepared.base) {
        (Some(_), _) => (known.counts(target, &keys, time), Counts::new()),
        (None, base) => {
            let sides: &[Side] = if matches!(base, Base::Git { .. }) { &Side::BOTH } else { &[Side::Candidate] };
            let mut counts = count_sides(target, sides, &keys, (time, period.apart), progress);
            let candidate = counts.remove(&Side::Candidate).unwrap_or_default();
            known.keep_counts(target, &candidate);
            let counted = evidence::Counted { counts: candidate, since: BTreeMap::new() };
            (counted, counts.remove(&Side::Base).unwrap_or_default())
        }
    };
    let candidate = &counted.counts;
    let mut notes: Vec<String> = other_threads(target, candidate).into_iter().collect();
    let mut series = Vec::new();
    match &prepared.base {
        Base::Git { .. } => {
            for (key, bench) in &keys {
                let candidate = counted.counts.get(key);
                series.extend(match (identical, candidate) {
                    // The same code fails as well as another.
                    (Some(_), Some(Err(why @ Uncounted::Failed(_)))) => {
                        every_metric(key, bench, None, |_, _| why.evidence())
                    }
                    (Some(detail), _) => {
                        every_metric(key, bench, candidate, |_, _| Evidence::Identical { detail: detail.into() })
                    }
                    (None, _) => compare(target, key, bench, base.get(key), candidate),
                });
            }
            confirm(target, &mut series, again);
            notes.extend(stale(prepared, target, candidate));
        }
        Base::Stored { .. } => {
            for (key, _) in &keys {
                series.extend(hold_against_stored(prepared, target, key, candidate.get(key)));
            }
            confirm(target, &mut series, again);
        }
    }
    Counted { series, candidate: counted, notes }
}

/// Counts sides at once, each on a processor of its own where there are so many; shows how far it is. Benchmarks whose sides cannot
/// live at once are counted one side after the other, and so are those that turn out to be such.
fn count_sides(
    target: &Target,
    sides: &[Side],
    keys: &[(BenchKey, Listed)],
    (time, apart): (CountingTime<'_>, &BTreeSet<BenchKey>),
    progress: &mut Progress,
) -> BTreeMap<Side, Counts> {
    let at_once: Vec<(BenchKey, Listed)> = keys.iter().filter(|(key, _)| !apart.contains(key)).cloned().collect();
    let at_once = &at_once[..];
    let mut counts: BTreeMap<Side, Counts> = std::thread::scope(|scope| {
        let count = |&side: &Side| (side, scope.spawn(move || count_side(target, side, at_once, time)));
        let counting: Vec<_> = sides.iter().map(count).collect();
        while counting.iter().any(|(_, side)| !side.is_finished()) {
            std::thread::sleep(LOOK);
            progress.counting(time.done.load(Ordering::Relaxed), sides.len() * keys.len());
        }
        counting.into_iter().map(|(side, counts)| (side, counts.join().expect("counting does not panic"))).collect()
    });
    for (&side, counts) in &mut counts {
        let has_failed = |key: &BenchKey| sides.len() > 1 && matches!(counts.get(key), Some(Err(Uncounted::Failed(_))));
        let is_left = |(key, _): &&(BenchKey, Listed)| apart.contains(key) || has_failed(key);
        let left: Vec<(BenchKey, Listed)> = keys.iter().filter(is_left).cloned().collect();
        if !left.is_empty() && !time.limits.is_interrupted() {
            counts.extend(count_side(target, side, &left, time));
        }
    }
    counts
}

/// Counts one side; a process that failed as a whole fails each of its benchmarks.
pub(super) fn count_side(target: &Target, side: Side, keys: &[(BenchKey, Listed)], time: CountingTime<'_>) -> Counts {
    let Some(found) = target.side(side) else { return Counts::new() };
    let here: Vec<(BenchKey, Listed)> = keys.iter().filter(|(_, bench)| found.has(bench)).cloned().collect();
    if here.is_empty() {
        return Counts::new();
    }
    let wanted: Vec<Listed> = here.iter().map(|(_, bench)| bench.clone()).collect();
    let cases = match found.harness() {
        Harness::Heap => collect::count(&found.arm, &wanted, &time.limits),
        harness => collect::count_unmodified(&found.arm, harness, &wanted, time).map_err(|error| Failure {
            side,
            kind: FailureKind::Crashed,
            message: format!("{error:#}"),
        }),
    };
    match cases {
        Ok(cases) => cases.into_iter().map(|HeapCase { bench, reading }| (target.key(&bench), reading)).collect(),
        Err(failure) => here.into_iter().map(|(key, _)| (key, Err(Uncounted::Failed(failure.clone())))).collect(),
    }
}

/// What is said where threads other than the bench's ask for memory too: that varies from run to run.
fn other_threads(target: &Target, candidate: &Counts) -> Option<String> {
    let beside = candidate.iter().filter_map(|(key, reading)| Some((key, reading.as_ref().ok()?.other_threads)));
    let (key, blocks) = beside.clone().max_by(|(_, a), (_, b)| a.total_cmp(b)).filter(|(_, blocks)| *blocks > 0.0)?;
    let benches = beside.filter(|(_, blocks)| *blocks > 0.0).count();
    Some(format!(
        "threads beside the bench's own allocate in {benches} benchmarks of `{}`, up to {blocks:.2} blocks an iteration in `{}`; \
         that varies, and only what the bench's own thread asks for is compared",
        target.name,
        key.id()
    ))
}

/// What one side counted of one benchmark, if it has it.
type Reading<'a> = Option<&'a Result<HeapReading, Uncounted>>;

fn compare(target: &Target, key: &BenchKey, bench: &Listed, base: Reading<'_>, candidate: Reading<'_>) -> Vec<Series> {
    let has = |side| target.side(side).is_some_and(|found: &BuiltSide| found.has(bench));
    match (has(Side::Base), has(Side::Candidate)) {
        (true, true) => {}
        (false, _) => {
            return every_metric(key, bench, candidate, |_, value| Evidence::OnlyOn { side: Side::Candidate, value });
        }
        (true, false) => {
            return every_metric(key, bench, base, |_, value| Evidence::OnlyOn { side: Side::Base, value });
        }
    }
    match (base, candidate) {
        (Some(Ok(base)), Some(Ok(candidate))) => every_metric(key, bench, Some(&Ok(candidate.clone())), |metric, _| {
            match (base.counts.get(&metric), candidate.counts.get(&metric)) {
                (Some(&base), Some(&candidate)) => Evidence::Counts { base, candidate },
                _ => Evidence::NotRun { reason: format!("one side did not count {metric}") },
            }
        }),
        (Some(Err(why @ Uncounted::Failed(_))), _)
        | (_, Some(Err(why @ Uncounted::Failed(_))))
        | (Some(Err(why)), _)
        | (_, Some(Err(why))) => every_metric(key, bench, None, |_, _| why.evidence()),
        _ => every_metric(key, bench, None, |_, _| Evidence::NotRun { reason: "it gave no result".into() }),
    }
}

/// One series for each metric that was counted; where nothing was, for allocations alone, so that the benchmark is not
/// lost.
fn every_metric(
    key: &BenchKey,
    bench: &Listed,
    counted: Reading<'_>,
    evidence: impl Fn(Metric, Option<f64>) -> Evidence,
) -> Vec<Series> {
    let make = |metric, value| Series {
        key: SeriesKey { bench: key.clone(), metric },
        throughput: bench.throughput,
        evidence: evidence(metric, value),
    };
    match counted {
        Some(Ok(reading)) => reading.counts.iter().map(|(&metric, count)| make(metric, Some(count.value))).collect(),
        _ => vec![make(Metric::Allocations, None)],
    }
}

/// A difference is red only if fresh processes agree: counts them again and marks what does not repeat.
fn confirm(target: &Target, series: &mut [Series], time: CountingTime<'_>) {
    let is_worse =
        |one: &Series| matches!(&one.evidence, Evidence::Counts { base, candidate } if candidate.value > base.value);
    let doubted: Vec<BenchKey> = series.iter().filter(|one| is_worse(one)).map(|one| one.key.bench.clone()).collect();
    if doubted.is_empty() || time.limits.is_interrupted() {
        return;
    }
    for _ in 1..CONFIRMING_PROCESSES {
        for side in Side::BOTH {
            let listed = target.side(side).and_then(|found| found.discovered.as_ref().ok());
            let benches = listed.map(|discovered| discovered.benches.clone()).unwrap_or_default();
            let keys: Vec<(BenchKey, Listed)> = benches
                .into_iter()
                .map(|bench| (target.key(&bench), bench))
                .filter(|(key, _)| doubted.contains(key))
                .collect();
            let again = count_side(target, side, &keys, time);
            for one in series.iter_mut() {
                let Evidence::Counts { base, candidate } = &mut one.evidence else { continue };
                if !keys.iter().any(|(key, _)| *key == one.key.bench) || time.limits.is_interrupted() {
                    continue;
                }
                let seen = match side {
                    Side::Base => base,
                    Side::Candidate => candidate,
                };
                let again = again.get(&one.key.bench).and_then(|reading| reading.as_ref().ok());
                let count = again.and_then(|reading| reading.counts.get(&one.key.metric));
                if count.is_none_or(|count| count.value != seen.value) {
                    seen.is_exact = false;
                }
            }
        }
    }
}

fn hold_against_stored(prepared: &Prepared, target: &Target, key: &BenchKey, candidate: Reading<'_>) -> Vec<Series> {
    let bench =
        Listed { group: key.group.clone(), function: key.function.clone(), value: key.value.clone(), throughput: None };
    let counts = match candidate {
        Some(Ok(reading)) => reading,
        Some(Err(why)) => return every_metric(key, &bench, None, |_, _| why.evidence()),
        None => return every_metric(key, &bench, None, |_, _| Evidence::NotRun { reason: "it gave no result".into() }),
    };
    let Some(stored) = prepared.baselines.target(&target.package, &target.name) else {
        let reason = format!("baselines/heap holds nothing of bench `{}`", target.name);
        return every_metric(key, &bench, candidate, |metric, _| Evidence::MissingBaseline {
            candidate: reading_of(counts, metric),
            reason: reason.clone(),
        });
    };
    if let Err(reason) = stored.matches(&prepared.toolchain) {
        return every_metric(key, &bench, candidate, |_, _| Evidence::Incomparable { reason: reason.clone() });
    }
    every_metric(key, &bench, candidate, |metric, _| {
        let candidate = reading_of(counts, metric);
        match stored.counts.get(&SeriesKey { bench: key.clone(), metric }) {
            Some(&base) => Evidence::Counts { base, candidate },
            None if !candidate.is_exact && !matches!(metric, Metric::LiveSlope | Metric::Threads) => {
                Evidence::NotCounted {
                    reason: "the count does not repeat itself, so none is stored to hold it against".into(),
                }
            }
            None => {
                Evidence::MissingBaseline { candidate, reason: format!("the stored baseline has no {metric} of it") }
            }
        }
    })
}

fn reading_of(counts: &HeapReading, metric: Metric) -> CountReading {
    counts.counts.get(&metric).copied().unwrap_or(CountReading { value: 0.0, is_exact: false })
}

/// Stored series that the candidate no longer has, whole targets included.
pub(super) fn gone(prepared: &Prepared, is_selected: impl Fn(&BenchKey) -> bool) -> Vec<Series> {
    let stored = prepared.baselines.iter().flat_map(|baseline| &baseline.counts);
    let gone = stored.filter(|(key, _)| is_selected(&key.bench) && !is_there(prepared, &key.bench));
    gone.map(|(key, count)| Series {
        key: key.clone(),
        throughput: None,
        evidence: Evidence::OnlyOn { side: Side::Base, value: Some(count.value) },
    })
    .collect()
}

/// Whether the candidate has a benchmark. Where a target could not list its own, nobody knows, and it is errored already.
pub(super) fn is_there(prepared: &Prepared, key: &BenchKey) -> bool {
    let targets = prepared.targets.iter().filter(|one| one.package == key.package && one.name == key.target);
    targets.filter_map(|one| Some((one, one.candidate.as_ref()?))).any(|(target, found)| match &found.discovered {
        Ok(discovered) => discovered.benches.iter().any(|bench| target.key(bench) == *key),
        Err(_) => true,
    })
}

/// Whether what is stored for this toolchain is no longer what the candidate counts. With a git base that is no
/// verdict: the change is held against its base, and the baseline wants recording.
fn stale(prepared: &Prepared, target: &Target, candidate: &Counts) -> Option<String> {
    let stored = prepared.baselines.target(&target.package, &target.name)?;
    stored.matches(&prepared.toolchain).ok()?;
    let differing = candidate.iter().filter(|(key, reading)| {
        let Ok(reading) = reading else { return false };
        reading.counts.iter().any(|(&metric, count)| {
            let key = SeriesKey { bench: (*key).clone(), metric };
            count.is_exact && stored.counts.get(&key).is_some_and(|stored| stored.value != count.value)
        })
    });
    let count = differing.count();
    (count > 0).then(|| {
        format!("baselines/heap/{}.json is stale for {count} benchmarks; record it with `baseline save`", target.name)
    })
}
