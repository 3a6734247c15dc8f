//! What earlier runs found of the candidate's code by itself. It holds for as long as the code does.
//!
//! Two sides are always compared anew. Claims, and the heap of code that nobody touched, are about one side alone.

use std::collections::BTreeMap;
use std::path::Path;

use super::counting::{CountingTime, Counts, count_side};
use benchgate_core::model::{BenchKey, Machine, Pair, Side, Uncounted};
use benchgate_engine::collect::{CACHE_VARIABLE, Identity, Listed, OwnOutputs};
use benchgate_engine::measure::Target;
use benchgate_engine::store::{EvidenceKey, EvidenceStore, KeptCount, KeptCounts, KeptPairs, WriteError};

/// Evidence of earlier runs, and where that of this one goes.
pub(super) struct Known {
    /// `None` where the cache is no place that can be believed.
    store: Option<EvidenceStore>,
    machine_class: String,
    /// When this run began, RFC 3339 in UTC.
    now: String,
    /// Whether what earlier runs found is used.
    is_used: bool,
    /// The first time that evidence could not be kept.
    failed: Option<WriteError>,
}

/// A benchmark of the candidate.
#[derive(Clone, Copy)]
pub(super) struct Of<'a> {
    pub target: &'a Target,
    pub bench: &'a Listed,
}

/// The candidate's counts of some benchmarks.
#[derive(Default)]
pub(super) struct Counted {
    pub counts: Counts,
    /// When, for those that an earlier run counted.
    pub since: BTreeMap<BenchKey, String>,
}

impl Counted {
    pub fn extend(&mut self, other: Self) {
        self.counts.extend(other.counts);
        self.since.extend(other.since);
    }
}

impl Known {
    /// What is kept in `directory`, which lies in the cache. Where that lies in the tree that is gated, whoever changes the tree could
    /// bring evidence along: then none is read and none is kept.
    pub fn new(directory: &Path, tree: &Path, machine: &Machine, now: &str, is_used: bool) -> Self {
        let is_outside = OwnOutputs::new([directory.to_owned()]).inside(tree) == OwnOutputs::default();
        Self {
            store: is_outside.then(|| EvidenceStore::at(directory)),
            machine_class: machine.class(),
            now: now.to_owned(),
            is_used,
            failed: None,
        }
    }

    /// The candidate's counts of some benchmarks of a target; counted now where no earlier run did.
    pub fn counts(&mut self, target: &Target, benches: &[(BenchKey, Listed)], time: CountingTime<'_>) -> Counted {
        let mut kept = BTreeMap::new();
        for code in codes(target).into_iter().filter(|_| self.is_used) {
            kept.extend(self.kept_counts(&self.key(["counts", code])));
        }
        let mut found = Counted::default();
        let mut unknown = Vec::new();
        for (key, bench) in benches {
            match kept.remove(key) {
                Some(KeptCount { since, reading }) => {
                    let reading = reading.map_err(|reason| Uncounted::Impossible { reason });
                    found.counts.insert(key.clone(), reading);
                    found.since.insert(key.clone(), since);
                }
                None => unknown.push((key.clone(), bench.clone())),
            }
        }
        let counts = count_side(target, Side::Candidate, &unknown, time);
        self.keep_counts(target, &counts);
        found.counts.extend(counts);
        found
    }

    /// Keeps what was counted of the candidate. What another run may count, or what may not fail there, is not kept.
    pub fn keep_counts(&mut self, target: &Target, counts: &Counts) {
        let known = counts.iter().filter_map(|(key, reading)| {
            let reading = match reading {
                Ok(reading) => Ok(reading.clone()),
                Err(Uncounted::Impossible { reason }) => Err(reason.clone()),
                Err(Uncounted::Failed(_) | Uncounted::Late { .. }) => return None,
            };
            Some((key.clone(), KeptCount { since: self.now.clone(), reading }))
        });
        let known: BTreeMap<_, _> = known.collect();
        if let (Some(code), false) = (codes(target).first(), known.is_empty()) {
            let key = self.key(["counts", code]);
            let mut kept = self.kept_counts(&key);
            kept.extend(known);
            self.keep(|store| store.keep_counts(&key, &kept));
        }
    }

    /// Pairs of two benchmarks of the candidate that earlier runs measured.
    pub fn pairs(&self, over: Of<'_>, under: Of<'_>) -> Option<KeptPairs> {
        let codes =
            codes(over.target).into_iter().flat_map(|code| codes(under.target).into_iter().map(move |u| (code, u)));
        let store = self.store.as_ref().filter(|_| self.is_used)?;
        codes.into_iter().find_map(|codes| store.pairs(&self.key_of_pairs(over, under, codes)))
    }

    /// Keeps pairs, of which earlier runs may have measured the first.
    pub fn keep_pairs(&mut self, over: Of<'_>, under: Of<'_>, since: Option<&str>, pairs: &[Pair]) {
        let (Some(a), Some(b)) = (codes(over.target).first().copied(), codes(under.target).first().copied()) else {
            return;
        };
        let kept = KeptPairs { since: since.unwrap_or(&self.now).to_owned(), pairs: pairs.to_vec() };
        let key = self.key_of_pairs(over, under, (a, b));
        self.keep(|store| store.keep_pairs(&key, &kept));
    }

    /// Makes room, and says if something could not be kept.
    pub fn close(self) -> Option<String> {
        let Some(store) = self.store else {
            return Some(format!(
                "evidence about this code is neither read nor kept, since the cache lies in the tree that is gated: set {CACHE_VARIABLE} \
                 to a directory elsewhere"
            ));
        };
        let error = match (self.failed, store.prune()) {
            (Some(error), _) => error.to_string(),
            (None, Err(error)) => error.to_string(),
            (None, Ok(())) => return None,
        };
        let first = error.lines().next().unwrap_or_default();
        Some(format!("evidence about this code is not kept, so the next run measures it again: {first}"))
    }

    fn kept_counts(&self, key: &EvidenceKey) -> KeptCounts {
        self.store.as_ref().map(|store| store.counts(key)).unwrap_or_default()
    }

    fn keep(&mut self, what: impl FnOnce(&EvidenceStore) -> Result<(), WriteError>) {
        let kept = self.store.as_ref().map_or(Ok(()), what);
        self.failed = self.failed.take().or(kept.err());
    }

    fn key_of_pairs(&self, over: Of<'_>, under: Of<'_>, codes: (&str, &str)) -> EvidenceKey {
        let id = |of: Of<'_>| of.target.key(of.bench).id();
        self.key(["pairs", codes.0, &id(over), codes.1, &id(under)])
    }

    fn key<const N: usize>(&self, of: [&str; N]) -> EvidenceKey {
        let measured_by = [env!("CARGO_PKG_VERSION"), &self.machine_class];
        measured_by.into_iter().chain(of).map(str::to_owned).collect()
    }
}

/// By which hashes the code of the candidate's executable is known: its own, and the base's where that is the same code.
fn codes(target: &Target) -> Vec<&str> {
    let Some(candidate) = &target.candidate else { return Vec::new() };
    let base = target.base.as_ref().filter(|_| matches!(target.identity, Some(Identity::Identical(_))));
    std::iter::once(&*candidate.code).chain(base.map(|base| &*base.code)).collect()
}
