//! Pairs of a command: whole runs of both sides, in turns.

use rand::{Rng, RngExt};

use super::super::commands::Usage;
use super::super::conditions::Watch;
use super::super::criterion::{Arm, Aside, Effort, Listed};
use super::super::discovery::Harness;
use super::super::look::Look;
use super::turn::implausible;
use super::{Interleaving, Reading, Schedule};
use benchgate_core::model::{Failure, Metric, Sample, Samples, Side};

/// A run that is shorter than this is made twice in a first look, since the first finds nothing in memory.
const SHORT_NANOS: f64 = 1e9;

impl Schedule<'_> {
    /// One pair of a command: so many runs of each side, first, second, second, first and so on, where a coin says who is first.
    /// One reading for each of `metrics`, which are all of the same runs; none where the user interrupted.
    pub fn runs(&self, arms: [&Arm; 2], metrics: &[Metric], effort: Effort, coin: &mut impl Rng) -> Vec<Reading> {
        let _aside = Aside::step();
        let order = if coin.random::<bool>() { [0, 1] } else { [1, 0] };
        let watch = Watch::start();
        let mut taken: [Result<Vec<Usage>, Failure>; 2] = [Ok(Vec::new()), Ok(Vec::new())];
        for run in 0..effort.samples.max(1) {
            let turns = if run % 2 == 0 { order } else { [order[1], order[0]] };
            for side in turns {
                let Ok(usages) = &mut taken[side] else { continue };
                match arms[side].run_command(&self.limits) {
                    Ok(usage) => usages.push(usage),
                    Err(failure) => taken[side] = Err(failure),
                }
            }
            // One side alone tells nothing; that the other fails as well is worth one run.
            if taken.iter().any(Result::is_err) || self.limits.is_interrupted() {
                break;
            }
        }
        let conditions = watch.end();
        if self.limits.is_interrupted() {
            return Vec::new();
        }
        let first = if order[0] == 0 { Side::Base } else { Side::Candidate };
        let reading = |(index, &metric): (usize, &Metric)| {
            let [base, candidate] = [0, 1].map(|side| samples(arms[side].side, &taken[side], metric));
            Reading { index, first, base, candidate, conditions, interleaving: Interleaving::Commands, doubt: None }
        };
        metrics.iter().enumerate().map(reading).collect()
    }

    /// One run of a command, or a second one where the first was short.
    pub(in crate::collect) fn look_at_command(&self, arm: &Arm, bench: &Listed) -> Look {
        let is_short = |usage: &Usage| usage.value(Metric::Time) < SHORT_NANOS;
        let again = |usage: Usage| if is_short(&usage) { arm.run_command(&self.limits) } else { Ok(usage) };
        match arm.run_command(&self.limits).and_then(again) {
            Ok(usage) => {
                let seconds = usage.value(Metric::Time) / 1e9;
                let samples = samples(arm.side, &Ok(vec![usage]), Metric::Time);
                let (bench, harness) = (bench.clone(), Harness::Command);
                Look {
                    bench,
                    samples,
                    foreign_unit: None,
                    seconds,
                    threads: 1,
                    dilation: 1,
                    harness,
                    foreign_clock: None,
                }
            }
            Err(failure) => Look::failed(bench.clone(), failure),
        }
    }
}

/// What runs took by one metric, a sample each.
fn samples(side: Side, taken: &Result<Vec<Usage>, Failure>, metric: Metric) -> Result<Samples, Failure> {
    let usages = taken.as_ref().map_err(Clone::clone)?;
    let sample = |usage: &Usage| Sample { iterations: 1.0, nanos: usage.value(metric) };
    Samples::new(usages.iter().map(sample).collect()).map_err(|error| implausible(side, &error))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::Path;
    use std::sync::atomic::AtomicBool;
    use std::time::Duration;

    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    use super::*;
    use crate::collect::commands::{Place, Programs};
    use crate::collect::criterion::Limits;
    use benchgate_core::model::CommandBench;

    /// Runs a pair of a command, which writes the side's letter into a log; says what is in the log then.
    fn pair(script: &str, runs: u32, seed: u64) -> (String, Vec<Reading>) {
        let home = tempfile::tempdir().unwrap();
        let roots = ["b", "c"].map(|side| home.path().join("sides").join(side));
        let run = ["sh", "-c", script].map(String::from).to_vec();
        let (name, directory, stdin) = ("a".into(), String::new(), None);
        let command = CommandBench { name, run, directory, environment: BTreeMap::new(), stdin };
        let arms = Side::BOTH.map(|side| {
            let root = &roots[usize::from(side == Side::Candidate)];
            fs::create_dir_all(root).unwrap();
            let place = Place { side, root, scratch: home.path(), index: 0 };
            Arm::of_command(&command, &Programs::none(Path::new("/nowhere")), place).unwrap()
        });
        let interrupted = AtomicBool::new(false);
        let minute = Duration::from_secs(60);
        let limits = Limits { start: minute, step: minute, interrupted: &interrupted };
        let schedule = Schedule { harness: Harness::Command, limits };
        let effort = Effort { samples: runs, ..Effort::LOOK };
        let coin = &mut ChaCha8Rng::seed_from_u64(seed);
        let readings = schedule.runs([&arms[0], &arms[1]], &Metric::OF_COMMANDS, effort, coin);
        (fs::read_to_string(home.path().join("sides/log")).unwrap_or_default(), readings)
    }

    const LOG: &str = "printf %s $(basename $PWD) >> ../log";

    #[test]
    fn sides_take_turns_and_a_coin_says_who_is_first() {
        let logs: Vec<String> = (0..12).map(|seed| pair(LOG, 4, seed).0).collect();
        assert!(logs.iter().all(|log| log == "bccbbccb" || log == "cbbccbbc"), "{logs:?}");
        assert!(logs.iter().any(|log| *log != logs[0]), "{logs:?}");
        let (log, readings) = pair(LOG, 1, 0);
        assert_eq!(log.len(), 2);
        assert_eq!(readings[0].first == Side::Base, log == "bc");
    }

    #[test]
    fn each_metric_has_its_reading_of_the_same_runs() {
        let (_, readings) = pair(LOG, 3, 1);
        let values: Vec<usize> = readings.iter().map(|one| one.base.as_ref().unwrap().as_slice().len()).collect();
        assert_eq!(values, [3, 3, 3]);
        let nanos = |index: usize| readings[index].candidate.as_ref().unwrap().as_slice()[0].nanos;
        assert!(nanos(0) > 1000.0 && nanos(2) > 100_000.0, "{readings:?}");
        assert_eq!(readings.iter().map(|one| one.index).collect::<Vec<_>>(), [0, 1, 2]);
    }

    #[test]
    fn a_side_that_fails_is_named_and_the_other_is_tried() {
        let (log, readings) = pair(&format!("{LOG}; test $(basename $PWD) = b"), 4, 0);
        assert_eq!(log.len(), 2, "{log}");
        for reading in readings {
            assert!(reading.base.is_ok());
            assert_eq!(reading.candidate.unwrap_err().side, Side::Candidate);
        }
    }
}
