//! `calibrate`: measures the gate itself on this machine, with the benches of the workspace.
//!
//! ```text
//! copies of one executable ─┐                        ┌─> false red, machine time
//! equal source built again ─┼─> rounds of the suite ─┼─> noise of each bench ─> supported tolerance, planted effects, resampled suites
//! a neutral edit ───────────┘                        └─> layout
//! a fixture with more work ───> rounds of the fixture ─> what is really found
//! ```
//!
//! It changes nothing but `baselines/calibration/` and `calibration.html` beside the reports.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::anyhow;

use super::args::{CalibrateArgs, SelectArgs};
use super::bench::{Began, drawn_seed, refuse_interrupted};
use super::fixture::Fixture;
use super::link_orders::{self, link_orders};
use super::output::print_text;
use super::prepare::{Itself, Prepared, limits};
use super::progress::Progress;
use super::report_directory;
use super::rounds::{Rounds, Sitting, Stretch, identical};
use super::rules::calibrations_directory;
use super::stop::{OrStop, Stop};
use benchgate_core::gate::{
    ExitCode, FEWEST_PAIRS, PAIR_CAP, PATHS, PLANTED_EFFECTS, Policy, Recorded, Row, Signs, Status, calibrated_bench,
    median, resample, verdict_seconds,
};
use benchgate_core::model::{BenchKey, Calibration, Metric, Planted, SeriesKey, Side, Trial};
use benchgate_engine::collect::INTERRUPTED;
use benchgate_engine::collect::{self, Change, Edit, Identity, Workspace};
use benchgate_engine::store;
use benchgate_report as report;

/// How the time is shared out: most goes to the copies, whose pairs all else is computed from.
const COPIES_SHARE: f64 = 0.5;
/// Equal source built again is the same bytes nearly everywhere, which a few rounds confirm.
const AGAIN_SHARE: f64 = 0.1;
/// The neutral edit.
const NEUTRAL_SHARE: f64 = 0.25;
/// The fixture with more work.
const PLANTED_SHARE: f64 = 0.15;

/// Functions that nothing calls, kept by the linker: an edit that changes no bench and moves what lies behind it.
const NEUTRAL: &str = "
#[used]
static BENCHGATE_NEUTRAL: [fn(u64) -> u64; 3] = [benchgate_neutral_a, benchgate_neutral_b, benchgate_neutral_c];

#[inline(never)]
fn benchgate_neutral_a(x: u64) -> u64 {
    std::hint::black_box(x).rotate_left(7)
}

#[inline(never)]
fn benchgate_neutral_b(x: u64) -> u64 {
    (0..x).fold(1, |a: u64, b| a.wrapping_mul(31) ^ b)
}

#[inline(never)]
fn benchgate_neutral_c(x: u64) -> u64 {
    std::hint::black_box([x; 5]).iter().fold(0, |a: u64, b| a.wrapping_add(*b))
}
";

/// What was measured, before anything is computed of it.
struct Found {
    copies: Rounds,
    others: Vec<Rounds>,
    /// One for each link order that was measured.
    neutral: Vec<Rounds>,
    planted: Option<Rounds>,
    gaps: Vec<String>,
}

/// Measures, computes, prints, stores.
pub(super) fn run(args: &CalibrateArgs) -> Result<ExitCode, Stop> {
    let began = Began::now();
    collect::listen_for_interrupts().or_stop(ExitCode::Internal)?;
    let mut sitting = Sitting {
        args,
        seed: args.seed.unwrap_or_else(drawn_seed),
        rounds: 0,
        limits: limits(&INTERRUPTED),
        progress: Progress::new(),
    };
    let manifest = &args.workspace.manifest_path;
    let prepared = sitting.prepare(manifest, Itself { edits: &[], is_built_again: false, reason: "a copy of it" })?;
    if prepared.targets.is_empty() {
        let error = anyhow!("nothing to calibrate: `{}` has no Criterion benchmarks", prepared.workspace.name());
        return Err(Stop { code: ExitCode::NothingCompared, error });
    }
    // From here on: building takes as long as it takes.
    let end = Instant::now() + Duration::from_secs_f64(args.minutes * 60.0);
    let seconds = args.minutes * 60.0 * COPIES_SHARE;
    let stretch = Stretch { name: "copies of one executable", select: &args.select, seconds, most: args.rounds };
    let copies = sitting.rounds(&prepared, &stretch)?;
    let about = About::of(&prepared);
    drop(prepared); // it holds the lock on the trees
    let mut found = Found { copies, others: Vec::new(), neutral: Vec::new(), planted: None, gaps: Vec::new() };
    found.again(&mut sitting, manifest)?;
    found.neutral(&mut sitting, manifest, &about.workspace, end)?;
    found.planted(&mut sitting, &about.workspace)?;
    sitting.progress.finish();
    if INTERRUPTED.load(Ordering::Relaxed) {
        let error = anyhow!("interrupted: nothing is stored\nhint: `--minutes 5` takes less time and knows less");
        return Err(Stop { code: ExitCode::Incomplete, error });
    }
    let calibration = found.calibration(&about, began.stamp, sitting.seed);
    finish(args, &about, &found, &calibration)
}

fn finish(args: &CalibrateArgs, about: &About, found: &Found, calibration: &Calibration) -> Result<ExitCode, Stop> {
    let html = report::calibration_html(calibration).or_stop(ExitCode::Internal)?;
    let reports = report_directory::configured(&about.workspace);
    report_directory::make(&reports)?;
    let page = reports.join(report_directory::CALIBRATION);
    store::write_whole(&page, html.as_bytes()).or_stop(ExitCode::Output)?;
    let mut text = report::calibration_text(calibration);
    text.push_str(&format!("report: {}\n", page.display()));
    for run in found.others.iter().chain(&found.neutral).chain([&found.copies]).flat_map(|rounds| &rounds.kept) {
        text.push_str(&format!("red:    `report --run {}`\n", run.display()));
    }
    let SelectArgs { filters, tier } = &args.select;
    let has_default = tier.is_empty() || tier.iter().any(|tier| matches!(tier.as_str(), "core" | "all"));
    if filters.is_empty() && has_default {
        let directory = calibrations_directory(&about.workspace);
        let stored = store::save_calibration(&directory, &about.machine, calibration).or_stop(ExitCode::Output)?;
        text.push_str(&format!("stored: {}\n", stored.display()));
    } else {
        let what = if filters.is_empty() { "tiers" } else { "filters" };
        text.push_str(&format!("stored: nothing, since {what} leave benchmarks out\n"));
    }
    print_text(&text);
    Ok(ExitCode::Pass)
}

/// What is known before anything is measured, and outlives the lock on the trees.
struct About {
    workspace: Workspace,
    machine: benchgate_core::model::Machine,
    rustc: String,
    candidate: benchgate_core::model::Revision,
    policy: Policy,
}

impl About {
    fn of(prepared: &Prepared) -> Self {
        Self {
            workspace: prepared.workspace.clone(),
            machine: prepared.machine.clone(),
            rustc: prepared.toolchain.rustc.clone(),
            candidate: prepared.candidate.clone(),
            policy: prepared.loaded.policy.clone(),
        }
    }
}

impl Found {
    /// Equal source built again. Where that gives the same code, its pairs are as good as those of copies.
    fn again(&mut self, sitting: &mut Sitting<'_>, manifest: &Path) -> Result<(), Stop> {
        let itself = Itself { edits: &[], is_built_again: true, reason: "the same source, built again" };
        let seconds = sitting.args.minutes * 60.0 * AGAIN_SHARE;
        let Some(prepared) = self.or_gap("equal source built again", sitting.prepare(manifest, itself))? else {
            return Ok(());
        };
        let (same, all) = identical(&prepared);
        let name = format!("equal source built again, the same code in {same} of {all} executables");
        let rounds = sitting.rounds(
            &prepared,
            &Stretch { name: &name, select: &sitting.args.select, seconds, most: sitting.args.rounds },
        )?;
        for (key, pairs) in &rounds.pairs {
            let is_same = prepared.targets.iter().any(|target| {
                (&target.package, &target.name) == (&key.package, &key.target)
                    && matches!(target.identity, Some(Identity::Identical(_)))
            });
            if is_same {
                self.copies.pairs.entry(key.clone()).or_default().extend(pairs);
            }
        }
        self.others.push(rounds);
        Ok(())
    }

    /// Functions added that nothing calls. No link order is begun after `end` but the first.
    fn neutral(
        &mut self,
        sitting: &mut Sitting<'_>,
        manifest: &Path,
        workspace: &Workspace,
        end: Instant,
    ) -> Result<(), Stop> {
        // Two targets may share a file, which is to be edited once.
        let files: BTreeSet<&PathBuf> = workspace.benches.iter().map(|bench| &bench.source).collect();
        let edit = |file: &PathBuf| Edit { file: file.clone(), change: Change::Append(NEUTRAL.into()) };
        let edits: Vec<Edit> = files.into_iter().map(edit).collect();
        let itself = Itself { edits: &edits, is_built_again: false, reason: "the same without a neutral edit" };
        let seconds = sitting.args.minutes * 60.0 * NEUTRAL_SHARE;
        let select = &sitting.args.select;
        let prepared = sitting.prepare(manifest, itself);
        let Some(mut prepared) = self.or_gap("a neutral edit", prepared)? else { return Ok(()) };
        match link_orders(&prepared, sitting) {
            Ok(orders) => {
                let name = format!("a neutral edit over {} link orders", orders.len());
                let share = orders.len().max(1) as u32;
                let (seconds, most) = (seconds / f64::from(share), sitting.args.rounds.div_ceil(share));
                for (measured, order) in orders.into_iter().enumerate() {
                    // A round that flags much links for minutes: `--minutes` is what was asked for.
                    if measured > 0 && Instant::now() > end {
                        self.gaps.push(format!(
                            "the neutral edit was measured in {measured} of {share} link orders: the time was spent"
                        ));
                        break;
                    }
                    link_orders::put(&mut prepared, order);
                    self.neutral.push(sitting.rounds(&prepared, &Stretch { name: &name, select, seconds, most })?);
                    refuse_interrupted()?;
                }
            }
            Err(why) => {
                refuse_interrupted()?;
                let (name, most) = ("a neutral edit, as the linker lays it out", sitting.args.rounds);
                self.neutral.push(sitting.rounds(&prepared, &Stretch { name, select, seconds, most })?);
                self.gaps.push(format!("the neutral edit was measured in one link order only: {why}"));
            }
        }
        Ok(())
    }

    /// A generated bench that does a known share more work.
    fn planted(&mut self, sitting: &mut Sitting<'_>, workspace: &Workspace) -> Result<(), Stop> {
        let what = "slowdowns planted in code";
        let fixture = Fixture::generate(&workspace.root).or_stop(ExitCode::Configuration);
        let Some(fixture) = self.or_gap(what, fixture)? else { return Ok(()) };
        let everything = SelectArgs { filters: Vec::new(), tier: Vec::new() };
        let edits = [Fixture::plant()];
        let itself = Itself { edits: &edits, is_built_again: false, reason: "the same without the plant" };
        let seconds = sitting.args.minutes * 60.0 * PLANTED_SHARE;
        let Some(prepared) = self.or_gap(what, sitting.prepare(&fixture.manifest, itself))? else { return Ok(()) };
        let stretch = Stretch { name: "planted", select: &everything, seconds, most: sitting.args.rounds };
        self.planted = Some(sitting.rounds(&prepared, &stretch)?);
        Ok(())
    }

    /// What fails beside the copies leaves a gap; an interruption ends it all.
    fn or_gap<T>(&mut self, what: &str, step: Result<T, Stop>) -> Result<Option<T>, Stop> {
        match step {
            Ok(value) => Ok(Some(value)),
            Err(stop) if collect::interrupt_has_arrived() => Err(stop),
            Err(stop) => {
                let why = format!("{:#}", stop.error);
                self.gaps.push(format!("{what} could not be measured: {}", why.lines().next().unwrap_or_default()));
                Ok(None)
            }
        }
    }

    fn calibration(&self, about: &About, recorded: String, seed: u64) -> Calibration {
        let family = self.copies.family;
        let by_link_order = self.by_link_order();
        let usual = usual(&self.copies.interleaving);
        let bench = |(key, pairs): (&BenchKey, &Vec<(Side, f64)>)| {
            let interleaving = self.copies.interleaving.get(key).filter(|text| **text != usual).cloned();
            let recorded = Recorded {
                key: key.clone(),
                pairs: pairs.clone(),
                stated: about.policy.stated_tolerance(&SeriesKey { bench: key.clone(), metric: Metric::Time }),
                by_link_order: by_link_order.get(key).cloned().unwrap_or_default(),
                unusual_interleaving: interleaving,
            };
            calibrated_bench(&recorded, family, seed)
        };
        let (benches, pools): (Vec<_>, Vec<_>) = self.copies.pairs.iter().map(bench).unzip();
        let mut gaps = self.gaps.clone();
        let unknown = benches.iter().filter(|bench| !bench.is_known).count();
        if unknown > 0 {
            let all = benches.len();
            gaps.push(format!(
                "{unknown} of {all} benchmarks have fewer than {FEWEST_PAIRS} pairs: what they support is not known"
            ));
        }
        let phases = || [&self.copies].into_iter().chain(&self.others).chain(&self.neutral);
        let seconds: Vec<f64> = [&self.copies]
            .into_iter()
            .chain(&self.others)
            .flat_map(|rounds| &rounds.verdict_seconds)
            .copied()
            .collect();
        let signs = [Signs::Drawn, Signs::AsRecorded];
        Calibration {
            recorded,
            machine: about.machine.class(),
            cpu_name: about.machine.cpu_name.clone(),
            rustc: about.rustc.clone(),
            workspace: about.workspace.name(),
            commit: about.candidate.commit.clone(),
            tree: about.candidate.tree.clone(),
            seed,
            measured_seconds: phases().chain(&self.planted).map(|rounds| rounds.seconds).sum(),
            pair_cap: PAIR_CAP,
            family,
            trials: self.trials(),
            resamplings: signs.into_iter().filter_map(|signs| resample(&pools, signs, seed)).collect(),
            verdict_seconds: verdict_seconds(&seconds),
            effects: PLANTED_EFFECTS.to_vec(),
            paths: PATHS,
            planted: self.planted.iter().flat_map(|rounds| planted(&rounds.rows)).collect(),
            benches,
            gaps,
        }
    }

    /// Suite runs by how their sides came about; all link orders of the neutral edit together.
    fn trials(&self) -> Vec<Trial> {
        let mut trials: Vec<Trial> =
            [&self.copies].into_iter().chain(&self.others).map(|rounds| rounds.trial.clone()).collect();
        let orders: Vec<&Trial> = self.neutral.iter().map(|rounds| &rounds.trial).collect();
        if let [first, rest @ ..] = &orders[..] {
            let mut all = Trial::clone(first);
            rest.iter().for_each(|trial| all.add(trial));
            trials.push(all);
        }
        trials
    }

    /// Median effect of the neutral edit in each link order, by benchmark.
    fn by_link_order(&self) -> BTreeMap<BenchKey, Vec<f64>> {
        let mut all: BTreeMap<BenchKey, Vec<f64>> = BTreeMap::new();
        for (key, pairs) in self.neutral.iter().flat_map(|rounds| &rounds.pairs) {
            let effects: Vec<f64> = pairs.iter().map(|pair| pair.1).collect();
            all.entry(key.clone()).or_default().extend(median(&effects).filter(|effect| effect.is_finite()));
        }
        all
    }
}

/// How most benchmarks are interleaved.
fn usual(interleaving: &BTreeMap<BenchKey, String>) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for text in interleaving.values() {
        *counts.entry(text).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map_or_else(String::new, |(text, _)| text.to_owned())
}

/// What became of each bench of the fixture over all rounds that measured it to an end.
fn planted(rounds: &[Vec<Row>]) -> Vec<Planted> {
    let of = |bench: super::fixture::PlantedBench| {
        let rows: Vec<&Row> = rounds.iter().flatten().filter(|row| row.key.bench.id() == bench.id).collect();
        let ended: Vec<&&Row> = rows.iter().filter(|row| row.pairs > 0).collect();
        let count = |status| ended.iter().filter(|row| row.status == status).count() as u32;
        let estimates: Vec<f64> = ended.iter().filter_map(|row| row.effect.map(|effect| effect.estimate)).collect();
        let tolerance = rows.first().map_or(0.0, |row| row.tolerance);
        Planted {
            id: bench.id,
            share: bench.share,
            runs: ended.len() as u32,
            red: count(Status::Regressed),
            unchanged: count(Status::Unchanged),
            estimate: median(&estimates).filter(|estimate| estimate.is_finite()),
            tolerance,
        }
    };
    Fixture::benches().into_iter().map(of).collect()
}
