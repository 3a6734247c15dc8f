//! Suite runs one after the other with the same two sides, for as long as they are given: what `calibrate` is made of.
//!
//! Each round is a run as `bench` makes it, judged as `bench` judges it. What is kept of it are effects and verdicts; a run of
//! equal code that turned out red is kept whole, for whoever wants to know why.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::args::{CalibrateArgs, SelectArgs};
use super::bench::{self, Asked, Began};
use super::prepare::{Itself, Prepared, Scope, Wanted, limits, prepare};
use super::progress::Progress;
use super::request::Request;
use super::stop::{OrStop, Stop};
use benchgate_core::gate::{ExitCode, Outcome, Row, Status, count_run, judge, pair_effect};
use benchgate_core::model::{BenchKey, Evidence, Metric, Run, Series, Side, Trial, Verb};
use benchgate_engine::collect::INTERRUPTED;
use benchgate_engine::collect::{Harness, Identity, Limits};
use benchgate_engine::store::{self, RunFile};

/// What rounds with the same two sides gave.
#[derive(Debug, Default)]
pub(super) struct Rounds {
    /// Who went first in each pair, and its effect, by benchmark.
    pub pairs: BTreeMap<BenchKey, Vec<(Side, f64)>>,
    /// How the sides of the pairs were interleaved, in words.
    pub interleaving: BTreeMap<BenchKey, String>,
    /// Time rows of each round.
    pub rows: Vec<Vec<Row>>,
    /// Machine time until the gate was done with a series.
    pub verdict_seconds: Vec<f64>,
    /// What the runs came to.
    pub trial: Trial,
    /// Time series of the largest run.
    pub family: u32,
    /// Red runs that were kept.
    pub kept: Vec<PathBuf>,
    /// Wall seconds of measuring.
    pub seconds: f64,
}

/// How long rounds with the same two sides go on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch<'a> {
    /// How the sides came about.
    pub name: &'a str,
    /// Which benchmarks.
    pub select: &'a SelectArgs,
    pub seconds: f64,
    /// Rounds at most.
    pub most: u32,
}

/// What all rounds of a calibration have in common.
pub(super) struct Sitting<'a> {
    pub args: &'a CalibrateArgs,
    pub seed: u64,
    /// Rounds so far; each has a seed of its own.
    pub rounds: u64,
    pub limits: Limits<'a>,
    pub progress: Progress,
}

impl Sitting<'_> {
    /// Builds both sides of a workspace that stand against each other, with nothing but their time benches.
    pub fn prepare(&mut self, manifest: &std::path::Path, itself: Itself<'_>) -> Result<Prepared, Stop> {
        let build = (manifest == self.args.workspace.manifest_path).then_some(&self.args.build);
        let scope = Scope { manifest, tiers: &self.args.select.tier, build, writes: &[] };
        let prepared = prepare(scope, Wanted::Itself(itself), &limits(&INTERRUPTED), &mut self.progress);
        bench::refuse_interrupted()?;
        let mut prepared = prepared?;
        prepared.targets.retain(|target| {
            let is_heap = |side| target.side(side).is_some_and(|found| found.harness() == Harness::Heap);
            !is_heap(Side::Base) && !is_heap(Side::Candidate)
        });
        // Claims are no concern of a calibration, and without heap benches some globs match nothing.
        let mut policy = std::mem::take(&mut prepared.loaded).policy;
        policy.claims.clear();
        prepared.loaded = policy.into();
        prepared.calibration = None;
        Ok(prepared)
    }

    /// Makes rounds, at least one.
    pub fn rounds(&mut self, prepared: &Prepared, stretch: &Stretch<'_>) -> Result<Rounds, Stop> {
        let &Stretch { name, select, seconds, most } = stretch;
        let mut all = Rounds { trial: Trial { name: name.into(), ..Trial::default() }, ..Rounds::default() };
        let started = Instant::now();
        for round in 0..most.clamp(1, self.args.rounds) {
            let spent = started.elapsed().as_secs_f64();
            let left = seconds - spent;
            // A round that can only be cut short tells little.
            if round > 0 && (left < 0.5 * spent / f64::from(round) || self.limits.is_interrupted()) {
                break;
            }
            self.progress.step(&format!("{name}: round {}, {left:.0} s left", round + 1));
            self.rounds += 1;
            let request = self.request(select, left.max(0.1));
            let asked = Asked { request: &request, began: Began::now(), verb: Verb::Calibrate };
            let measured = bench::measure(&asked, prepared, &mut self.progress)?;
            let outcome = judge(&prepared.loaded.policy, &measured.run);
            all.seconds += measured.run.measured_seconds;
            all.verdict_seconds.extend(measured.verdict_seconds);
            all.note(&measured.run, &outcome);
            if outcome.rows.iter().any(|row| row.status == Status::Regressed) {
                let place = prepared.workspace.target_directory.join("benchgate").join("calibration");
                let file = RunFile { run: measured.run, policy: prepared.loaded.text.clone() };
                all.kept.push(store::save(&place, &file).or_stop(ExitCode::Output)?);
            }
        }
        Ok(all)
    }

    fn request(&self, select: &SelectArgs, seconds: f64) -> Request {
        Request {
            select: select.clone(),
            build: self.args.build.clone(),
            budget: Some(Duration::from_secs_f64(seconds)),
            seed: self.seed.wrapping_add(self.rounds),
            counts_unmodified: false,
            measures_identical: true,
            ..Request::of(&self.args.workspace.manifest_path)
        }
    }
}

impl Rounds {
    fn note(&mut self, run: &Run, outcome: &Outcome) {
        let mut family = 0;
        for Series { key, evidence, .. } in &run.series {
            let Evidence::Pairs(paired) = evidence else { continue };
            family += 1;
            if key.metric != Metric::Time {
                continue;
            }
            let pairs = paired.pairs.iter().map(|pair| (pair.first, pair_effect(pair)));
            self.pairs.entry(key.bench.clone()).or_default().extend(pairs);
            self.interleaving.insert(key.bench.clone(), paired.interleaving.clone());
        }
        self.family = self.family.max(family);
        count_run(&mut self.trial, run, outcome);
        self.rows.push(outcome.rows.iter().filter(|row| row.key.metric == Metric::Time).cloned().collect());
    }
}

/// How many of the targets hold the same code on both sides, and how many there are.
pub(super) fn identical(prepared: &Prepared) -> (usize, usize) {
    let is_identical =
        |target: &&benchgate_engine::measure::Target| matches!(target.identity, Some(Identity::Identical(_)));
    (prepared.targets.iter().filter(is_identical).count(), prepared.targets.len())
}
