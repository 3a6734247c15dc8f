//! Recordings: what one is worth, which of them count for a benchmark, and what they say of another.
//!
//! Recordings made within half an hour of each other share what the machine was like and count as one sitting; those of other machine
//! code are about something else.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::finding::{Finding, median_nanos};
use super::percent::{signed, size};
use super::suite::{MISS_BETA, SUITE_ALPHA};
use super::times::{COLLAPSE, tau};
use super::{Effect, Policy, Status};
use crate::model::{
    BenchKey, Evidence, Failure, Metric, Pair, PastTime, Recorded, RecordedTime, Recording, Run, SeriesKey,
};
use crate::stats::{Lent, Predicted, median, pair_effect, robust_sd};

/// Recordings nearer to the one before that counts do not count: what the machine was like lasts for minutes.
pub const APART: SignedDuration = SignedDuration::from_mins(30);

/// Fewer recordings are not shown as a comparison: no spread can be told from two.
pub const FEWEST_SHOWN: usize = 3;

/// Fewer recordings do not gate: with three, nothing below ten times their own spread could honestly be called red.
pub const FEWEST_GATING: usize = 8;

/// What pairs with the reference amount to; `None` without pairs.
pub fn recorded_time(pairs: &[Pair]) -> Option<RecordedTime> {
    let effects: Vec<f64> = pairs.iter().map(pair_effect).collect();
    let (value, spread) = (median(&effects)?, robust_sd(&effects)?);
    Some(RecordedTime { value, spread, pairs: u32::try_from(pairs.len()).unwrap_or(u32::MAX) })
}

/// Whether each recording, in the order in which they were made, is a sitting of its own.
pub fn sittings(recordings: &[&Recording]) -> Vec<bool> {
    let mut last: Option<Timestamp> = None;
    let is_apart = |recording: &&Recording| {
        let Ok(started) = recording.started.parse::<Timestamp>() else { return false };
        let is_apart = last.is_none_or(|last| started.duration_since(last) >= APART);
        if is_apart {
            last = Some(started);
        }
        is_apart
    };
    recordings.iter().map(is_apart).collect()
}

/// What is stored for a benchmark and counts: of the newest code that was recorded often enough to gate, else often enough to be shown,
/// else of the newest. Recordings of one link and of many are about different things.
pub fn counted(recordings: &[Recording], bench: &BenchKey) -> Vec<PastTime> {
    let kind = |one: &Recording| Some((one.time(bench)?.0.to_owned(), one.links > 1));
    let mut kinds = Vec::new();
    for kind in recordings.iter().rev().filter_map(kind) {
        kinds.extend(Some(kind).filter(|kind| !kinds.contains(kind)));
    }
    let times = |wanted: &(String, bool)| -> Vec<PastTime> {
        let all: Vec<&Recording> = recordings.iter().filter(|one| kind(one).as_ref() == Some(wanted)).collect();
        let counting = all.iter().zip(sittings(&all)).filter(|(_, is_sitting)| *is_sitting);
        let past = |one: &Recording| {
            let (_, RecordedTime { value, .. }) = one.time(bench)?;
            Some(PastTime { started: one.started.clone(), value, links: one.links })
        };
        counting.filter_map(|(one, _)| past(one)).collect()
    };
    let each: Vec<Vec<PastTime>> = kinds.iter().map(times).collect();
    let enough = |least: usize| each.iter().find(|times| times.len() >= least).cloned();
    enough(FEWEST_GATING).or_else(|| enough(FEWEST_SHOWN)).or_else(|| each.first().cloned()).unwrap_or_default()
}

/// What is stored of a benchmark and counts, summed up.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// Which.
    pub bench: BenchKey,
    /// Recordings that count.
    pub recordings: usize,
    /// Mean of ln(benchmark / reference).
    pub mean: f64,
    /// Spread from one recording to the next, as a logarithm: its own, and moderated by the suite; nothing of one recording.
    pub sd: Option<[f64; 2]>,
    /// The smallest slowdown that is found in 95 of 100 cases if all of them are held against another recording, as a logarithm.
    pub visible: Option<f64>,
}

/// What recordings can see, a benchmark a row.
pub fn stored(policy: &Policy, recordings: &[Recording]) -> Vec<Stored> {
    let benches: BTreeSet<&BenchKey> = recordings.iter().flat_map(Recording::times).map(|(key, _)| key).collect();
    let values = |bench: &BenchKey| counted(recordings, bench).into_iter().map(|past| past.value).collect();
    let all: Vec<(&BenchKey, Vec<f64>)> = benches.into_iter().map(|bench| (bench, values(bench))).collect();
    let suite: Vec<Vec<f64>> = all.iter().map(|(_, values)| values.clone()).collect();
    let lent = Lent::by(&suite);
    let level = SUITE_ALPHA / suite.len().max(1) as f64;
    let row = |(bench, values): (&BenchKey, Vec<f64>)| {
        let own = Predicted::from(&values, Lent::NOTHING);
        let moderated = Predicted::from(&values, lent);
        let tau = tau(policy.tolerance(&SeriesKey { bench: bench.clone(), metric: Metric::Time }));
        Stored {
            bench: bench.clone(),
            recordings: values.len(),
            mean: values.iter().sum::<f64>() / values.len().max(1) as f64,
            sd: own.zip(moderated).map(|(own, moderated)| [own.sd, moderated.sd]),
            visible: moderated.map(|one| one.visible(tau / 2.0, level, 1.0 - MISS_BETA).max(tau)),
        }
    };
    all.into_iter().map(row).collect()
}

/// The finding of each series that was held against recordings, by its position in the run.
///
/// A recording is predicted by those before it, with the variance of one moderated by those of the suite; what lies beyond is the
/// change. Pairs of one recording are not replicates: they share what the machine was like.
pub(super) fn findings(policy: &Policy, run: &Run) -> Vec<(usize, Finding)> {
    let all = run.series.iter().enumerate().filter_map(|(at, series)| match &series.evidence {
        Evidence::Recorded(recorded) => Some((at, Held::new(recorded, policy, run, &series.key))),
        _ => None,
    });
    let all: Vec<(usize, Held<'_>)> = all.collect();
    let suite: Vec<Vec<f64>> = all.iter().map(|(_, held)| held.values.clone()).collect();
    let (lent, family) = (Lent::by(&suite), suite.iter().filter(|values| values.len() >= FEWEST_SHOWN).count());
    all.into_iter().map(|(at, held)| (at, held.judge(lent, family))).collect()
}

/// A recording of the candidate with the stored ones that it can be held against.
struct Held<'a> {
    key: &'a SeriesKey,
    recorded: &'a Recorded,
    /// Those of the same kind of link.
    values: Vec<f64>,
    tau: f64,
}

impl<'a> Held<'a> {
    fn new(recorded: &'a Recorded, policy: &Policy, run: &Run, key: &'a SeriesKey) -> Self {
        let is_like = |past: &&PastTime| (past.links > 1) == (recorded.links > 1);
        let values = recorded.past.iter().filter(is_like).map(|past| past.value).collect();
        Self { key, recorded, values, tau: tau(policy.tolerance_given(&run.plan.supported, key)) }
    }

    fn judge(&self, lent: Lent, family: usize) -> Finding {
        let Recorded { past, pairs, failures, .. } = self.recorded;
        let Some(now) = recorded_time(pairs) else {
            let none = || Finding::new(Status::NotRun, "it gave no pair with the reference");
            return failures.first().map_or_else(none, Finding::failed);
        };
        let medians: Vec<f64> = pairs.iter().map(|pair| median_nanos(&pair.candidate)).collect();
        let candidate = median(&medians);
        let nanos = |pair: &Pair| pair.base.total_nanos() + pair.candidate.total_nanos();
        let found = Finding {
            candidate,
            pairs: now.pairs,
            seconds: pairs.iter().map(nanos).sum::<f64>() / 1e9,
            ..Finding::new(Status::Advisory, "")
        };
        let predicted = Predicted::from(&self.values, lent).filter(|one| one.values >= FEWEST_SHOWN);
        let Some(predicted) = predicted else {
            let detail = format!(
                "{} of at least {FEWEST_SHOWN} recordings are stored that it can be held against, of {} in all",
                self.values.len(),
                past.len()
            );
            return Finding { detail, ..found };
        };
        let estimate = now.value - predicted.mean;
        let (reach, wide) = (predicted.reach(MISS_BETA), predicted.reach(SUITE_ALPHA / family.max(1) as f64));
        let visible = predicted.visible(self.tau / 2.0, SUITE_ALPHA / family.max(1) as f64, 1.0 - MISS_BETA);
        let found = Finding {
            base: candidate.map(|nanos| nanos / estimate.exp()),
            effect: Some(Effect { estimate, lower: estimate - reach, upper: estimate + reach }),
            smallest_visible: Some(visible.max(self.tau)),
            ..found
        };
        let found = Finding { warnings: self.forgiven(), ..found };
        let is_beyond = |estimate: f64| estimate > self.tau && estimate - wide > self.tau / 2.0;
        let against = format!(
            "{} against the mean of {} recordings, which differ by {} from one to the next",
            signed(estimate),
            predicted.values,
            size(predicted.sd)
        );
        let (status, detail) = match () {
            () if predicted.values < FEWEST_GATING => {
                (Status::Advisory, format!("{against}; it takes {FEWEST_GATING} of them to gate"))
            }
            () if estimate < COLLAPSE.ln() => {
                (Status::Implausible, format!("{against}: so much is work that went missing"))
            }
            () if is_beyond(estimate) => (Status::Regressed, format!("{against}{}", self.caution())),
            () if is_beyond(-estimate) => (Status::Improved, format!("{against}{}", self.caution())),
            () if estimate + reach < self.tau => (Status::Unchanged, against),
            () => (Status::Inconclusive, format!("{against}: that is too much to tell (between-recording noise)")),
        };
        Finding { status, detail, ..found }
    }

    /// Failed pairs that were measured again.
    fn forgiven(&self) -> Vec<String> {
        let id = self.key.bench.id();
        let failed = |one: &Failure| format!("a failed pair of `{id}` left out: {}: {}", one.side.name(), one.message);
        self.recorded.failures.iter().map(failed).collect()
    }

    /// What stored times cannot rule out.
    fn caution(&self) -> &'static str {
        match self.recorded.links {
            0 | 1 => "; all of one link, whose layout may be the cause: `--base REV` judges on fresh link orders",
            _ => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::gate::fixture::{bench, pairs, run_of};
    use crate::gate::{ExitCode, judge};
    use crate::model::{Conditions, RecordedTarget};
    use crate::stats::noise::{generator, normal};

    /// The candidate's recording at `now` beside stored ones, as logarithms.
    fn held(past: &[f64], now: f64, links: u32) -> Evidence {
        let past = past.iter().map(|&value| PastTime { started: String::new(), value, links: 10 });
        Evidence::Recorded(Recorded { past: past.collect(), links, pairs: pairs([now; 10]), failures: vec![] })
    }

    /// Values whose standard deviation is `sd` exactly.
    fn spread(count: usize, mean: f64, sd: f64) -> Vec<f64> {
        let half = if count.is_multiple_of(2) { 0.0 } else { 1.0 };
        let size = sd * ((count as f64 - 1.0) / (count as f64 - half)).sqrt();
        (0..count)
            .map(|at| {
                mean + if at + 1 == count && half > 0.0 {
                    0.0
                } else if at % 2 == 0 {
                    size
                } else {
                    -size
                }
            })
            .collect()
    }

    #[track_caller]
    fn check(past: &[f64], now: f64, links: u32, status: Status, detail: &str) {
        let run = run_of([("a", Metric::Time, held(past, now, links))]);
        let outcome = judge(&Policy::default(), &run);
        let row = &outcome.rows[0];
        assert!(row.status == status && row.detail.contains(detail), "{} {}", row.status, row.detail);
        if matches!(status, Status::Regressed | Status::Unchanged | Status::Improved) {
            let effect = row.effect.unwrap();
            assert!(effect.lower < effect.estimate && effect.estimate < effect.upper);
            let ratio = row.candidate.unwrap() / row.base.unwrap();
            assert!((ratio.ln() - effect.estimate).abs() < 1e-9, "{ratio}");
        }
    }

    #[test]
    fn eight_recordings_gate_and_fewer_are_shown() {
        let past = spread(8, 1.0, 0.002);
        check(&past, 1.0, 10, Status::Unchanged, "mean of 8 recordings, which differ by 0.2 %");
        check(&past, 1.1, 10, Status::Regressed, "+10.5 % against");
        check(&past, 0.9, 10, Status::Improved, "-9.5 % against");
        check(&past[..7], 1.1, 10, Status::Advisory, "it takes 8 of them to gate");
        check(&past[..2], 1.1, 10, Status::Advisory, "2 of at least 3 recordings");
        check(&[], 1.1, 10, Status::Advisory, "0 of at least 3 recordings");
        check(&past, -4.0, 10, Status::Implausible, "work that went missing");
    }

    #[test]
    fn a_wide_spread_is_no_verdict() {
        let past = spread(8, 1.0, 0.03);
        check(&past, 1.04, 10, Status::Inconclusive, "between-recording noise");
        check(&past, 1.0, 10, Status::Inconclusive, "between-recording noise");
        check(&past, 1.4, 10, Status::Regressed, "");
    }

    #[test]
    fn times_of_one_link_and_of_many_are_about_different_things() {
        check(
            &spread(8, 1.0, 0.002),
            1.1,
            1,
            Status::Advisory,
            "0 of at least 3 recordings are stored that it can be held against, of 8",
        );
    }

    #[test]
    fn advisory_times_never_count_as_compared() {
        let run = run_of([("a", Metric::Time, held(&spread(7, 1.0, 0.002), 1.1, 10))]);
        assert_eq!(judge(&Policy::default(), &run).exits, [ExitCode::NothingCompared]);
    }

    #[test]
    fn failed_pairs_are_a_failure() {
        let failure = crate::gate::fixture::failure(crate::model::FailureKind::Crashed);
        let recorded = Recorded { failures: vec![failure], ..Recorded::default() };
        let run = run_of([("a", Metric::Time, Evidence::Recorded(recorded))]);
        assert_eq!(judge(&Policy::default(), &run).rows[0].status, Status::Errored);
    }

    /// Unchanged code over suites of 14 benchmarks whose recordings differ by 0.3 to 1.5 %: a suite has a red row in at most about 1 of
    /// 100 cases, and in 300 a dozen would be far out.
    #[test]
    fn suites_of_unchanged_code_stay_green() {
        let ids = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n"];
        let mut rng = generator("recorded suites");
        let (mut red, mut found) = (0, 0);
        for _ in 0..300 {
            let mut series = Vec::new();
            for (at, id) in ids.into_iter().enumerate() {
                let sd = 0.003 + 0.0009 * at as f64;
                let past: Vec<f64> = (0..8).map(|_| sd * normal(&mut rng)).collect();
                // The last one is slower by a quarter.
                let shift = if at == 13 { 0.25 } else { 0.0 };
                series.push((id, Metric::Time, held(&past, shift + sd * normal(&mut rng), 10)));
            }
            let outcome = judge(&Policy::default(), &run_of(series));
            let regressed = |id: &str| outcome.rows.iter().any(|row| row.id == id && row.status == Status::Regressed);
            red += u32::from(ids[..13].iter().any(|id| regressed(id)));
            found += u32::from(regressed("n"));
        }
        assert!(red <= 12, "{red} of 300 suites");
        assert!(found >= 290, "{found} of 300");
    }

    fn recording(started: &str, code: &str, links: u32, value: f64) -> Recording {
        let time = RecordedTime { value, spread: 0.01, pairs: 10 };
        let times = BTreeMap::from([(bench("a"), time)]);
        Recording {
            started: started.into(),
            links,
            conditions: Conditions::default(),
            targets: vec![RecordedTarget { code: code.into(), times }],
            ..Recording::default()
        }
    }

    #[test]
    fn recordings_count_half_an_hour_apart() {
        let at =
            |minutes: i32| recording(&format!("2026-01-01T{:02}:{:02}:00Z", minutes / 60, minutes % 60), "x", 10, 0.0);
        let all = [at(0), at(29), at(30), at(45), at(60), at(600)];
        let all: Vec<&Recording> = all.iter().collect();
        assert_eq!(sittings(&all), [true, false, true, false, true, true]);
        let broken = recording("yesterday", "x", 10, 0.0);
        assert_eq!(sittings(&[&broken]), [false]);
    }

    #[test]
    fn newest_code_that_is_recorded_well_enough_counts() {
        let of = |code: &'static str, links: u32, value: f64| {
            move |hour: usize| {
                recording(&format!("2026-01-{:02}T{:02}:00:00Z", 1 + hour / 24, hour % 24), code, links, value)
            }
        };
        let values =
            |all: &[Recording]| -> Vec<f64> { counted(all, &bench("a")).into_iter().map(|past| past.value).collect() };
        let old: Vec<Recording> = (0..9).map(of("old", 10, 1.0)).collect();
        let with = |more: usize, links: u32| [old.clone(), (9..9 + more).map(of("new", links, 2.0)).collect()].concat();
        assert_eq!(values(&with(0, 10)), [1.0; 9]);
        assert_eq!(values(&with(7, 10)), [1.0; 9], "seven of the new do not gate, nine of the old do");
        assert_eq!(values(&with(8, 10)), [2.0; 8]);
        assert_eq!(values(&with(4, 10)[7..]), [2.0; 4], "four of the new are shown, two of the old are not");
        let mixed = [with(8, 10), (17..30).map(of("new", 1, 3.0)).collect()].concat();
        assert_eq!(values(&mixed), [3.0; 13], "one link is another thing");
        assert_eq!(counted(&old, &bench("b")), []);
    }

    #[test]
    fn what_recordings_can_see_grows_with_them() {
        let recordings = |count: usize| -> Vec<Recording> {
            spread(count, 0.0, 0.01)
                .into_iter()
                .enumerate()
                .map(|(day, value)| recording(&format!("2026-01-{:02}T00:00:00Z", 1 + day), "x", 10, value))
                .collect()
        };
        let visible = |count: usize| stored(&Policy::default(), &recordings(count))[0].visible;
        assert_eq!(visible(1), None);
        let (three, eight) = (visible(3).unwrap(), visible(8).unwrap());
        assert!(three > 2.0 * eight, "{three} {eight}");
        // Half a tolerance and 5.3 standard deviations.
        assert!((eight - (tau(0.02) / 2.0 + 0.053)).abs() < 0.002, "{eight}");
    }

    proptest! {
        #[test]
        fn recording_faster_or_slower_is_symmetric(shift in -0.3..0.3f64) {
            let past = spread(8, 0.0, 0.004);
            let status = |now: f64| judge(&Policy::default(), &run_of([("a", Metric::Time, held(&past, now, 10))])).rows[0].status;
            let mirrored = match status(shift) {
                Status::Regressed => Status::Improved,
                Status::Improved => Status::Regressed,
                other => other,
            };
            // What is a little faster is proven not to be slower; the mirror image is not.
            if mirrored == Status::Improved || mirrored == Status::Regressed {
                prop_assert_eq!(status(-shift), mirrored);
            }
        }
    }
}
