//! Times where no base is built: held against what is stored for this class of machines, or merely shown.

use std::collections::BTreeMap;

use super::super::progress::Progress;
use super::super::reference_pairs::{self, Recorded, Sitting};
use super::super::stop::{OrStop, Stop};
use super::super::timing;
use super::{Bench, Selected};
use crate::collect::Harness;
use crate::gate::{ExitCode, FEWEST_GATING, FEWEST_SHOWN, counted};
use crate::model::{self, Evidence, Metric, PastTime, Recording, Series, SeriesKey};

/// A benchmark with what is stored of it.
struct Held {
    past: Vec<PastTime>,
    /// When the code that the candidate has was recorded, if it was.
    same_code: Option<String>,
}

impl Bench<'_> {
    /// One series a benchmark.
    pub(super) fn stored_times(&mut self, progress: &mut Progress) -> Result<Vec<Series>, Stop> {
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
                let has_code = |one: &&Recording| one.time(&key).map(|(code, _)| code) == code;
                let held = Held {
                    past: counted(recordings, &key),
                    same_code: recordings.iter().rev().find(has_code).map(|one| one.started.clone()),
                };
                let evidence = match held {
                    Held { same_code: Some(started), .. } if !self.args.measure_identical => {
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
            let measured = reference_pairs::measure(self.prepared, &mut recorded, self.seed, self.limits, progress);
            let Sitting { links, note } = measured.or_stop(ExitCode::Output)?;
            self.notes.extend(note);
            series.extend(recorded.into_iter().zip(pasts).map(|(one, past)| one.into_series(past, links)));
        }
        self.notes.extend(shown(&series));
        if !series.is_empty() && series.iter().all(|one| matches!(one.evidence, Evidence::Advisory { .. })) {
            let note = "no time was compared, only counts: times are shown; `--base REV` compares them with a revision";
            self.notes.push(note.into());
        }
        Ok(series)
    }

    /// Benchmarks that can be held against nothing, each with the reason.
    fn advisory(&self, selected: &Selected, benches: &[(crate::collect::Listed, String)]) -> Vec<Series> {
        let target = self.target(selected);
        let listed: Vec<_> = benches.iter().map(|(bench, _)| bench.clone()).collect();
        let found = timing::advisory(target, &listed, self.limits);
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
        let evidence = match (self.missing(), self.pairs.is_empty(), self.failures.into_iter().next()) {
            (_, true, Some(failure)) => Evidence::Failed(failure),
            (Some(reason), ..) => Evidence::NotRun { reason },
            (None, _, failure) => Evidence::Recorded(model::Recorded {
                past,
                links,
                pairs: self.pairs,
                failures: failure.into_iter().collect(),
            }),
        };
        Series { key, throughput, evidence }
    }
}
