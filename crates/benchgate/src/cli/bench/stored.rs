//! Times where no base is built: held against what is stored for this class of machines, or merely shown.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use super::super::counting::is_there;
use super::super::progress::Progress;
use super::super::reference_pairs::{self, Recorded, Sitting, Time};
use super::super::stop::{OrStop, Stop};
use super::{Bench, Selected};
use benchgate_core::gate::{ExitCode, FEWEST_GATING, FEWEST_SHOWN, counted};
use benchgate_core::model::{
    self, BenchKey, Evidence, Metric, PastTime, RecordedTarget, Recording, Series, SeriesKey, Side,
};
use benchgate_engine::collect::{Harness, Idle};
use benchgate_engine::measure;

/// A benchmark with what is stored of it.
struct Held {
    past: Vec<PastTime>,
    /// When the candidate's code was recorded last, if it is the one that counts.
    same_code: Option<String>,
}

impl Bench<'_> {
    /// One series a benchmark.
    pub(super) fn stored_times(&mut self, deadline: Instant, progress: &mut Progress) -> Result<Vec<Series>, Stop> {
        let (recordings, why): (&[Recording], _) = match &self.stored {
            Ok(baseline) => (&baseline.recordings, "it was not recorded on this machine class".to_owned()),
            Err(why) => (&[], why.clone()),
        };
        let (mut series, mut open) = (Vec::new(), Vec::new());
        for selected in self.selected.iter().filter(|selected| self.harness(selected) != Harness::Heap) {
            let target = self.target(selected);
            let code = target.candidate.as_ref().map(|found| found.code.as_str());
            let mut alone = Vec::new();
            for bench in &selected.benches {
                let key = target.key(bench);
                let past = counted(recordings, &key);
                // The code that counts alone: what was recorded once on the way there proves nothing.
                let has_code = |one: &&Recording| one.time(&key).map(|(code, _)| code) == code;
                let newest = past.last().map(|last| last.started.as_str());
                let counting = recordings.iter().find(|one| Some(one.started.as_str()) == newest);
                let held = Held { past, same_code: counting.filter(has_code).map(|one| one.started.clone()) };
                let evidence = match held {
                    Held { same_code: Some(started), .. } if !self.request.measures_identical => {
                        Evidence::Identical { detail: format!("the code that was recorded at {started}") }
                    }
                    Held { past, .. } if past.len() >= FEWEST_SHOWN => {
                        open.push((Recorded::new(key, selected.target, bench.clone()), past));
                        continue;
                    }
                    Held { past, .. } => {
                        alone.push((bench.clone(), reason(past.len(), &why)));
                        continue;
                    }
                };
                let key = SeriesKey { bench: key, metric: Metric::Time };
                series.push(Series { key, throughput: bench.throughput, evidence });
            }
            if !alone.is_empty() {
                progress.step(&format!("timing {} alone", target.name));
                series.extend(self.advisory(selected, &alone));
            }
        }
        let (mut recorded, pasts): (Vec<Recorded>, Vec<Vec<PastTime>>) = open.into_iter().unzip();
        if !recorded.is_empty() {
            let time = Time { limits: self.limits, deadline: Some(deadline) };
            let measured = reference_pairs::measure(self.prepared, &mut recorded, self.request.seed, time, progress);
            let Sitting { links, note } = measured.or_stop(ExitCode::Output)?;
            self.notes.extend(note);
            series.extend(recorded.into_iter().zip(pasts).map(|(one, past)| one.into_series(past, links)));
        }
        series.extend(self.gone(recordings));
        self.notes.extend(shown(&series));
        let is_unjudged = series.iter().all(|one| matches!(one.evidence, Evidence::Advisory { .. }));
        if !series.is_empty() && is_unjudged && self.prepared.idle == Idle::Unexpected {
            let note = "no time was compared, only counts: times are shown; `--base REV` compares them with a revision";
            self.notes.push(note.into());
        }
        Ok(series)
    }

    /// What was recorded of a target's newest code and is no longer there.
    fn gone(&self, recordings: &[Recording]) -> Vec<Series> {
        let mut newest: BTreeMap<(&str, &str), &str> = BTreeMap::new();
        let all = || recordings.iter().flat_map(|one| &one.targets);
        for (target, key) in all().flat_map(|target| target.times.keys().map(move |key| (target, key))) {
            newest.insert((&key.package, &key.target), &target.code);
        }
        let is_newest = |target: &&RecordedTarget, key: &BenchKey| {
            newest.get(&(&*key.package, &*key.target)) == Some(&&*target.code)
        };
        let of_newest = all().flat_map(|target| target.times.keys().filter(move |key| is_newest(&target, key)));
        let gone: BTreeSet<&BenchKey> =
            of_newest.filter(|key| self.selection.holds(key) && !is_there(self.prepared, key)).collect();
        let series = |key: &BenchKey| Series {
            key: SeriesKey { bench: key.clone(), metric: Metric::Time },
            throughput: None,
            evidence: Evidence::OnlyOn { side: Side::Base, value: None },
        };
        gone.into_iter().map(series).collect()
    }

    /// Benchmarks that can be held against nothing, each with the reason.
    fn advisory(&self, selected: &Selected, benches: &[(benchgate_engine::collect::Listed, String)]) -> Vec<Series> {
        let target = self.target(selected);
        let listed: Vec<_> = benches.iter().map(|(bench, _)| bench.clone()).collect();
        let found = measure::advisory(target, &listed, self.limits);
        let mut series = Vec::new();
        for (index, (bench, reason)) in benches.iter().enumerate() {
            let evidence = match found.get(&index) {
                Some(Ok(candidate)) => Evidence::Advisory { candidate: candidate.clone(), reason: reason.clone() },
                Some(Err(failure)) => Evidence::Failed(failure.clone()),
                None => match target.candidate.as_ref().and_then(|found| found.discovered.as_ref().err()) {
                    Some(failure) => Evidence::Failed(failure.clone()),
                    None => Evidence::NotRun { reason: "it gave no result".into() },
                },
            };
            let key = SeriesKey { bench: target.key(bench), metric: Metric::Time };
            series.push(Series { key, throughput: bench.throughput, evidence });
        }
        series
    }
}

/// How many times are shown and judge nothing, with the reasons.
fn shown(series: &[Series]) -> Vec<String> {
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for one in series {
        let reason = match &one.evidence {
            Evidence::Advisory { reason, .. } => reason.clone(),
            Evidence::Recorded(recorded) if recorded.past.len() < FEWEST_GATING => {
                format!("{} of {FEWEST_GATING} recordings that it takes to gate are stored", recorded.past.len())
            }
            _ => continue,
        };
        *reasons.entry(reason).or_default() += 1;
    }
    let line = |(reason, count)| format!("times shown and not judged: {count}, since {reason}");
    reasons.into_iter().map(line).collect()
}

fn reason(recordings: usize, why: &str) -> String {
    match recordings {
        0 => why.to_owned(),
        _ => format!("{recordings} of at least {FEWEST_SHOWN} recordings are stored"),
    }
}

impl Recorded {
    fn into_series(self, past: Vec<PastTime>, links: u32) -> Series {
        let key = SeriesKey { bench: self.key.clone(), metric: Metric::Time };
        let throughput = self.bench.throughput;
        let is_failed = self.trial.is_given_up() || self.trial.pairs.is_empty();
        let evidence = match (self.missing(), self.trial.failures.into_iter().next()) {
            (_, Some(failure)) if is_failed => Evidence::Failed(failure),
            (Some(reason), _) => Evidence::NotRun { reason },
            (None, failure) => Evidence::Recorded(model::Recorded {
                past,
                links,
                pairs: self.trial.pairs,
                failures: failure.into_iter().collect(),
            }),
        };
        Series { key, throughput, evidence }
    }
}
