//! `explain`: all evidence for the verdicts on one benchmark of a kept run.

use anyhow::anyhow;

use super::args::ExplainArgs;
use super::kept::{self, Kept};
use super::output::{look, print_text};
use super::prepare::load_workspace;
use super::stop::Stop;
use benchgate_core::gate::{ClaimRow, ExitCode, Grounds, Outcome, Row, grounds, judge};
use benchgate_report::{self as report, Explained};

/// Prints what each verdict of the benchmark rests on. Passes whatever the verdicts are: nothing is judged here.
pub(super) fn run(args: &ExplainArgs) -> Result<ExitCode, Stop> {
    let workspace = load_workspace(&args.workspace.manifest_path)?;
    let Kept { file, run, policy, .. } = kept::load(&workspace, args.run.as_deref())?;
    let outcome = judge(&policy, &run);
    let grounds = grounds(&policy, &run);
    let rows = asked(&outcome, &args.id)?;
    let series: Vec<(&Row, &Grounds)> =
        rows.into_iter().filter_map(|row| Some((row, grounds.iter().find(|one| one.key == row.key)?))).collect();
    let is_named = |claim: &&ClaimRow| series.iter().any(|(_, grounds)| grounds.claims.contains(&claim.name));
    let claims = outcome.claims.iter().filter(is_named).collect();
    print_text(&report::explain(&run, &Explained { series, claims }, &look(true)));
    print_text(&format!("run:   {}\n", file.display()));
    Ok(ExitCode::Pass)
}

/// The rows of the benchmark with this id, or of the only one whose id contains the text.
fn asked<'a>(outcome: &'a Outcome, text: &str) -> Result<Vec<&'a Row>, Stop> {
    let of = |is_wanted: &dyn Fn(&str) -> bool| -> Vec<&'a Row> {
        outcome.rows.iter().filter(|row| is_wanted(&row.id) || is_wanted(&row.key.bench.id())).collect()
    };
    let exact = of(&|id| id == text);
    if !exact.is_empty() {
        return Ok(exact);
    }
    let near = of(&|id| id.contains(text));
    let mut ids: Vec<&str> = near.iter().map(|row| &*row.id).collect();
    ids.sort_unstable();
    ids.dedup();
    match &ids[..] {
        [_] => Ok(near),
        [] => Err(unknown(outcome, text)),
        [first, ..] => Err(nothing(anyhow!(
            "{} benchmarks of the run have `{text}` in their ids\nhint: name one of them, for instance `explain '{first}'`",
            ids.len()
        ))),
    }
}

fn unknown(outcome: &Outcome, text: &str) -> Stop {
    let nearest = outcome.rows.iter().min_by_key(|row| distance(&row.id, text));
    let hint = match nearest {
        Some(row) => format!("the nearest is `{}`; `report --verbose` shows all", row.id),
        None => "the run has no benchmark at all; measure again: `cargo benchgate bench`".into(),
    };
    nothing(anyhow!("the run has no benchmark `{text}`\nhint: {hint}"))
}

/// Edits from a text to an id, or to the nearest of its segments.
fn distance(id: &str, text: &str) -> usize {
    let segments = id.split('/').chain([id]);
    segments.map(|part| strsim::damerau_levenshtein(part, text)).min().unwrap_or(usize::MAX)
}

/// What is asked for matches nothing.
fn nothing(error: anyhow::Error) -> Stop {
    Stop { code: ExitCode::NothingCompared, error }
}
