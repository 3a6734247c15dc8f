//! `selftest canary`: plants a slowdown in a copy of the tree and shows that the required check goes red.
//!
//! The plant is the one that the configuration names, or, where it names none, one in a generated workspace. Base is the tree
//! as it is, candidate the planted copy; between them lies the very path of `bench`. The tree itself is not touched.

use std::path::Path;

use anyhow::anyhow;

use super::args::CanaryArgs;
use super::bench::{self, Asked, Began, drawn_seed};
use super::build_args::BuildArgs;
use super::fixture::Fixture;
use super::output::{self, Finished, print_text};
use super::own_outputs;
use super::prepare::{Itself, Wanted, limits, load_workspace, prepare};
use super::progress::Progress;
use super::report_directory;
use super::request::Request;
use super::rules;
use super::stop::{OrStop, Stop};
use crate::config::POLICY;
use benchgate_core::gate::{Action, Canary, ExitCode, Outcome, Row, Status, judge};
use benchgate_core::model::{Metric, Verb};
use benchgate_engine::collect::INTERRUPTED;
use benchgate_engine::collect::{self, Change, Edit};

/// The bench of the generated workspace that must turn red: 10 % more work, five times the default tolerance.
const PLANTED_ID: &str = "planted/arithmetic/calls/5";

/// A slowdown to plant, and what must become of it.
struct Plant {
    edit: Edit,
    id: String,
    /// Where it is planted, for the reader.
    place: String,
}

/// Plants, measures, and tells whether the gate noticed.
pub(super) fn run(args: &CanaryArgs) -> Result<ExitCode, Stop> {
    collect::listen_for_interrupts().or_stop(ExitCode::Internal)?;
    let workspace = load_workspace(&args.workspace.manifest_path)?;
    let loaded = rules::own(&workspace)?;
    let directory = report_directory::directory(&workspace, loaded.report.as_deref());
    match loaded.policy.canary {
        Some(Canary { file, before, after, id }) if !args.fixture => {
            let place = format!("the copy of `{file}` that {POLICY} names");
            let edit = Edit { file: file.into(), change: Change::Replace { before, after } };
            edit.check(&workspace.root).or_stop(ExitCode::Configuration)?;
            plant(args, &directory, &args.workspace.manifest_path, &Plant { edit, id, place })
        }
        configured => {
            let why = if configured.is_some() { "asked for with --fixture" } else { "no [canary] is configured" };
            let fixture = Fixture::generate(&workspace.root).map_err(|error| Stop {
                code: ExitCode::Configuration,
                error: anyhow!(
                    "nothing to plant: {why}, and a bench of known work cannot be generated: {error:#}\nhint: name a plant in \
                     {POLICY}: `[canary]` with `file`, `before`, `after` and `id`"
                ),
            })?;
            let place = format!("a copy of a generated workspace, not in yours ({why})");
            let plant_there = Plant { edit: Fixture::plant(), id: PLANTED_ID.into(), place };
            plant(args, &directory, &fixture.manifest, &plant_there)
        }
    }
}

fn plant(args: &CanaryArgs, reports: &Path, manifest: &Path, plant: &Plant) -> Result<ExitCode, Stop> {
    let began = Began::now();
    let mut progress = Progress::new();
    progress.step(&format!("planting in {}", plant.place));
    let edits = [plant.edit.clone()];
    let reason = "the tree as it is, without the plant";
    let wanted = Wanted::Itself(Itself { edits: &edits, is_built_again: false, reason });
    let request = Request {
        select: args.select.clone(),
        build: if manifest == args.workspace.manifest_path { args.build.clone() } else { BuildArgs::default() },
        budget: args.budget,
        seed: args.seed.unwrap_or_else(drawn_seed),
        counts_unmodified: false, // a slowdown is looked for
        ..Request::of(manifest)
    };
    let writes = own_outputs::asked_for(&args.output, None);
    let prepared = prepare(request.scope(&writes), wanted, &limits(&INTERRUPTED), &mut progress);
    bench::refuse_interrupted()?;
    let prepared = prepared?;
    let asked = Asked { request: &request, began, verb: Verb::Canary };
    let run = bench::measure(&asked, &prepared, &mut progress)?.run;
    progress.finish();
    let mut outcome = judge(&prepared.loaded.policy, &run);
    // No `bench` measures the planted copy again.
    outcome.rows.iter_mut().for_each(|row| row.reproduce = None);
    report_directory::make(reports)?;
    let report = reports.join(report_directory::CANARY);
    let finished =
        Finished { run: &run, outcome: &outcome, workspace: &prepared.workspace, report: &report, is_verbose: false };
    let failed = output::write(&finished, &args.output, Vec::new());
    output::print(&finished, None);
    if let Some(stop) = failed.into_iter().next() {
        return Err(stop);
    }
    match missed(&outcome, &plant.id) {
        None => {
            let text = format!("canary: planted in {}; `{}` turned the check red, as it must\n", plant.place, plant.id);
            print_text(&text);
            Ok(ExitCode::Pass)
        }
        Some((code, why)) => {
            let error = anyhow!(
                "the canary was not noticed: planted in {}, and {why}\nhint: does the plant slow `{}` beyond its tolerance? If it \
                 does, do not rely on the gate here before this passes",
                plant.place,
                plant.id
            );
            Err(Stop { code, error })
        }
    }
}

/// Why the run is not what a required check must be after the plant, and what the process ends with; `None` if it is.
fn missed(outcome: &Outcome, id: &str) -> Option<(ExitCode, String)> {
    let ended = ExitCode::strongest(outcome.exits.iter().copied());
    let is_expected = |row: &&Row| row.key.metric == Metric::Time && row.key.bench.id() == id;
    // Several targets may have a bench of that id: one red one is enough.
    let rows: Vec<&Row> = outcome.rows.iter().filter(is_expected).collect();
    let red = rows.iter().find(|row| row.status == Status::Regressed);
    match (ended, red) {
        (ExitCode::Regression, Some(row)) if row.action == Action::Fail => None,
        (ExitCode::Pass | ExitCode::Regression | ExitCode::Inconclusive | ExitCode::NothingCompared, _) => {
            let why = match (red, rows.first()) {
                (Some(_), _) => format!("`{id}` is `{}` but does not fail the run", Status::Regressed),
                (None, Some(row)) => format!("`{id}` is `{}`: {}", row.status, row.detail),
                (None, None) => format!("`{id}` was not measured"),
            };
            Some((ExitCode::Internal, why))
        }
        (other, _) => Some((other, format!("the run ended with code {} before it could tell", other.code()))),
    }
}
