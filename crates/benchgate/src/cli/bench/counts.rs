//! Which heaps a run counts, once its times are measured: those of heap benches, and of Criterion benches that no heap bench stands for.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, Instant};

use super::super::counting::{self, CountingTime, Period, count_target, gone};
use super::super::evidence::{Counted, Known};
use super::super::progress::Progress;
use super::super::unmodified::{is_counted, uncovered};
use super::{Bench, Selected};
use benchgate_core::gate::{Claim, Needs};
use benchgate_core::model::{Base, BenchKey, Series};
use benchgate_engine::collect::Harness;
use benchgate_engine::measure::Target;

impl Period<'_> {
    fn announced(&self, target: &Target) -> String {
        let seconds = self.end.saturating_duration_since(Instant::now()).as_secs_f64().ceil();
        format!("counting the heap of {}, for at most {seconds:.0} s", target.name)
    }
}

/// Time for counting where less is left of the budget of the times.
const ALLOWANCE: Duration = Duration::from_secs(60);

impl Bench<'_> {
    /// Series of counts, and the candidate's counts for claims.
    pub(super) fn counts(
        &mut self,
        known: &mut Known,
        deadline: Instant,
        progress: &mut Progress,
    ) -> (Vec<Series>, Counted) {
        let started = Instant::now();
        let apart = self.apart();
        let period = Period { limits: self.limits, end: deadline.max(started + ALLOWANCE), apart: &apart };
        let mut series = Vec::new();
        let mut counted = Counted::default();
        let mut notes = Vec::new();
        for selected in self.selected.iter().filter(|selected| self.harness(selected) == Harness::Heap) {
            let target = self.target(selected);
            progress.step(&period.announced(target));
            let compares_identical = self.request.measures_identical;
            let found =
                count_target(self.prepared, target, &selected.benches, compares_identical, (known, period), progress);
            notes.extend(found.notes);
            series.extend(found.series);
            counted.extend(found.candidate);
        }
        if self.prepared.loaded.policy.counts_unmodified && self.request.counts_unmodified {
            for selected in &self.selected {
                let Some(found) = self.counts_unmodified(selected, (known, period), progress) else { continue };
                notes.extend(found.notes);
                series.extend(found.series);
                counted.extend(found.candidate);
            }
        }
        if matches!(self.prepared.base, Base::Stored { .. }) {
            series.extend(gone(self.prepared, |bench| self.selection.holds(bench)));
        }
        notes.extend(not_counted_again(&counted));
        let beyond = Instant::now().saturating_duration_since(deadline.max(started)).as_secs();
        if beyond > 0 {
            notes.push(format!("heaps were counted for {beyond} s beyond the budget, after the times"));
        }
        self.notes.extend(notes);
        (series, counted)
    }

    /// Benchmarks whose sides cannot live at once: the configuration says so, or their times showed it.
    fn apart(&self) -> BTreeSet<BenchKey> {
        let of = |selected: &Selected| {
            let target = self.target(selected);
            selected.benches.iter().map(|bench| target.key(bench)).collect::<Vec<_>>()
        };
        let mut apart: BTreeSet<BenchKey> = self.selected.iter().flat_map(of).collect();
        apart.retain(|key| self.prepared.loaded.policy.is_exclusive(key) || self.exclusive.contains(key));
        apart
    }

    /// Counts of a Criterion target that no heap bench gives: of all its benches where they are compared, else of those
    /// that a claim is about.
    fn counts_unmodified(
        &self,
        selected: &Selected,
        (known, period): (&mut Known, Period<'_>),
        progress: &mut Progress,
    ) -> Option<counting::Counted> {
        let target = self.target(selected);
        if !target.is_criterion() {
            return None;
        }
        let mut benches = uncovered(&self.prepared.targets, target, &selected.benches);
        let is_compared = is_counted(self.prepared, target, self.request.measures_identical);
        if !is_compared {
            benches.retain(|bench| self.is_claimed(&target.key(bench).id()));
        }
        if benches.is_empty() {
            return None;
        }
        progress.step(&period.announced(target));
        if is_compared {
            return Some(count_target(self.prepared, target, &benches, true, (known, period), progress));
        }
        let keys: Vec<_> = benches.iter().map(|bench| (target.key(bench), bench.clone())).collect();
        let done = AtomicUsize::new(0);
        let time = CountingTime { limits: period.limits, end: Some(period.end), done: &done };
        let candidate = known.counts(target, &keys, time);
        Some(counting::Counted { series: Vec::new(), candidate, notes: Vec::new() })
    }

    /// Whether a claim in scope is about a count of this benchmark.
    fn is_claimed(&self, id: &str) -> bool {
        let is_about = |claim: &Claim| match claim.kind.needs() {
            Needs::Pairs { .. } | Needs::Counter { .. } => false, // a counter stands in heap benches only
            Needs::Counts { ids, .. } => ids.contains(&id),
        };
        self.prepared.loaded.policy.claims.iter().any(|claim| is_about(claim) && self.is_in_scope(claim))
    }
}

/// What is said where earlier runs had counted.
fn not_counted_again(counted: &Counted) -> Option<String> {
    let since = counted.since.values().min()?;
    let benches = counted.since.len();
    Some(format!(
        "heap counts of {benches} of the benchmarks are those of earlier runs, since {since}: the code is the same"
    ))
}
