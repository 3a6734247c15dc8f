//! Which heaps a run counts: those of heap benches, and of Criterion benches that no heap bench stands for.

use super::super::counting::{self, count_target, gone};
use super::super::evidence::{Counted, Known};
use super::super::progress::Progress;
use super::super::unmodified::uncovered;
use super::{Bench, Selected};
use crate::collect::Harness;
use crate::gate::{Claim, Needs};
use crate::model::{Base, Series};

impl Bench<'_> {
    /// Series of counts, and the candidate's counts for claims.
    pub(super) fn counts(&mut self, known: &mut Known, progress: &mut Progress) -> (Vec<Series>, Counted) {
        let mut series = Vec::new();
        let mut counted = Counted::default();
        let mut notes = Vec::new();
        for selected in self.selected.iter().filter(|selected| self.harness(selected) == Harness::Heap) {
            let target = self.target(selected);
            progress.step(&format!("counting the heap of {}", target.name));
            let compares_identical = self.args.measure_identical;
            let found = count_target(self.prepared, target, &selected.benches, compares_identical, known, &self.limits);
            notes.extend(found.notes);
            series.extend(found.series);
            counted.extend(found.candidate);
        }
        if self.prepared.loaded.policy.counts_unmodified && !self.args.no_counting {
            for selected in &self.selected {
                let Some(found) = self.counts_unmodified(selected, known, progress) else { continue };
                notes.extend(found.notes);
                series.extend(found.series);
                counted.extend(found.candidate);
            }
        }
        if matches!(self.prepared.base, Base::Stored { .. }) {
            series.extend(gone(self.prepared, |bench| self.selection.holds(bench)));
        }
        notes.extend(not_counted_again(&counted));
        self.notes.extend(notes);
        (series, counted)
    }

    /// Counts of a Criterion target that no heap bench gives: of all its benches where they are compared, else of those
    /// that a claim is about.
    fn counts_unmodified(
        &self,
        selected: &Selected,
        known: &mut Known,
        progress: &mut Progress,
    ) -> Option<counting::Counted> {
        let target = self.target(selected);
        if !target.is_criterion() {
            return None;
        }
        let mut benches = uncovered(&self.prepared.targets, target, &selected.benches);
        let is_compared = target.is_counted(self.prepared, self.args.measure_identical);
        if !is_compared {
            benches.retain(|bench| self.is_claimed(&target.key(bench).id()));
        }
        if benches.is_empty() {
            return None;
        }
        progress.step(&format!("counting the heap of {}", target.name));
        if is_compared {
            return Some(count_target(self.prepared, target, &benches, true, known, &self.limits));
        }
        let keys: Vec<_> = benches.iter().map(|bench| (target.key(bench), bench.clone())).collect();
        let candidate = known.counts(target, &keys, &self.limits);
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
