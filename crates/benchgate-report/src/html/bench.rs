//! One section a benchmark: all its series, time and heap together, with charts of what was measured.

use std::collections::{BTreeSet, HashMap};

use super::anchor::anchor;
use super::chart::Chart;
use super::chip::{Chip, class};
use super::distribution::distribution;
use super::profile::{Looked, looked};
use super::prose::Prose;
use super::run_order::run_order;
use super::series::Figures;
use crate::inert::inert;
use crate::quantity;
use crate::tone::Tone;
use benchgate_core::gate::{Action, Outcome, Row};
use benchgate_core::model::{Evidence, Failure, FailureKind, Paired, Profile, Recorded, Run, SeriesKey};

/// So many sections that need attention stand open at first; more would bury the table below them.
const OPEN_SECTIONS: usize = 12;

/// So many benchmarks have a section, the worst first; the others have their rows in the main table.
const SECTIONS: usize = 1000;

/// So many sections have charts.
const CHARTED: usize = 200;

/// One benchmark.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bench {
    /// Anchor of the section.
    pub anchor: String,
    /// Its name.
    pub id: String,
    /// Its worst verdict or state.
    pub chip: Chip,
    /// What its worst series measured.
    pub metric: &'static str,
    /// The effect of its worst series; where nothing was compared, its value.
    pub effect: String,
    /// Whether the section stands open at first.
    pub is_open: bool,
    /// What profiles blame, a line a series; lines that agree stand once.
    pub causes: Vec<Prose>,
    /// One entry a series, worst first.
    pub rows: Vec<BenchRow>,
    /// The commands that measure it alone again, normally one.
    pub commands: Vec<String>,
    /// Charts with the class that colours the candidate.
    pub charts: Vec<(&'static str, Chart)>,
    /// What profiles and allocation sites show.
    pub profiles: Vec<Looked>,
    /// What went wrong, with what the benchmark printed.
    pub failures: Vec<Message>,
}

/// One series of a benchmark.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct BenchRow {
    /// Verdict or state.
    pub chip: Chip,
    /// What was measured.
    pub metric: &'static str,
    /// The figures.
    pub figures: Figures,
    /// The effect below which nobody cares.
    pub tolerance: String,
    /// Seconds spent.
    pub seconds: String,
    /// Why this verdict.
    pub detail: Prose,
}

/// A failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    /// What failed and how.
    pub title: String,
    /// What it printed.
    pub text: String,
}

/// The sections, and what they leave out.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Benches {
    /// Ordered by their worst series.
    pub sections: Vec<Bench>,
    /// Benchmarks that there are.
    pub total: usize,
    /// Sections that may have charts; fewer than sections where some were left out.
    pub charted: usize,
}

/// The sections of an outcome.
pub(super) fn benches(run: &Run, outcome: &Outcome) -> anyhow::Result<Benches> {
    let profiles: HashMap<&SeriesKey, &Profile> = run.profiles.iter().map(|one| (&one.key, one)).collect();
    let evidence: HashMap<&SeriesKey, &Evidence> = run.series.iter().map(|s| (&s.key, &s.evidence)).collect();
    let mut groups: Vec<Vec<&Row>> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for row in &outcome.rows {
        let place = *places.entry(&row.id).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(row),
            None => groups.push(vec![row]),
        }
    }
    let total = groups.len();
    let (mut open, mut sections) = (0, Vec::new());
    for (place, rows) in groups.iter().take(SECTIONS).enumerate() {
        let wants_attention = rows.iter().any(|row| row.action != Action::Pass);
        let is_open = wants_attention && open < OPEN_SECTIONS;
        open += usize::from(is_open);
        let mut section = bench(rows, &evidence, place < CHARTED)?;
        section.is_open = is_open;
        section.profiles = looked(rows, &profiles);
        sections.push(section);
    }
    let charted = sections.len().min(CHARTED);
    Ok(Benches { sections, total, charted })
}

fn bench(rows: &[&Row], evidence: &HashMap<&SeriesKey, &Evidence>, is_charted: bool) -> anyhow::Result<Bench> {
    let worst = rows.first().expect("a group is made for its first row");
    let (mut charts, mut failures, mut commands) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        let tone = class(Tone::of(row.status));
        if let Some(evidence) = evidence.get(&row.key) {
            if is_charted {
                charts.extend(self::charts(row, evidence)?.into_iter().map(|chart| (tone, chart)));
            }
            failures.extend(self::failures(evidence).iter().map(message));
        }
        let command = row.reproduce.as_deref().map(inert);
        commands.extend(command.filter(|command| !commands.contains(command)));
    }
    let figures = Figures::of(worst);
    Ok(Bench {
        anchor: anchor(&worst.id),
        id: inert(&worst.id),
        chip: Chip::of(worst.status),
        metric: worst.key.metric.name(),
        effect: if figures.effect.is_empty() { figures.candidate } else { figures.effect },
        is_open: false,
        causes: causes(rows),
        rows: rows.iter().map(|row| bench_row(row)).collect(),
        commands,
        charts,
        profiles: Vec::new(),
        failures,
    })
}

fn causes(rows: &[&Row]) -> Vec<Prose> {
    let mut lines: Vec<&str> = rows.iter().filter_map(|row| row.cause.as_ref()).map(|cause| &*cause.line).collect();
    let mut seen = BTreeSet::new();
    lines.retain(|line| seen.insert(*line));
    lines.into_iter().map(Prose::of).collect()
}

fn bench_row(row: &Row) -> BenchRow {
    BenchRow {
        chip: Chip::of(row.status),
        metric: row.key.metric.name(),
        figures: Figures::of(row),
        tolerance: if row.tolerance > 0.0 { quantity::size(row.tolerance) } else { "exact".into() },
        seconds: if row.seconds > 0.0 { quantity::seconds(row.seconds) } else { String::new() },
        detail: Prose::of(&row.detail),
    }
}

fn charts(row: &Row, evidence: &Evidence) -> anyhow::Result<Vec<Chart>> {
    let charts = match evidence {
        Evidence::Pairs(Paired { pairs, .. }) => [
            distribution(
                row.key.metric,
                pairs.iter().map(|pair| &pair.base),
                pairs.iter().map(|pair| &pair.candidate),
            )?,
            run_order(pairs, row.tolerance)?,
        ],
        Evidence::Advisory { candidate, .. } => {
            [distribution(row.key.metric, std::iter::empty(), candidate.iter())?, None]
        }
        Evidence::Recorded(Recorded { pairs, .. }) => {
            [distribution(row.key.metric, std::iter::empty(), pairs.iter().map(|pair| &pair.candidate))?, None]
        }
        Evidence::Identical { .. }
        | Evidence::Counts { .. }
        | Evidence::OnlyOn { .. }
        | Evidence::MissingBaseline { .. }
        | Evidence::Failed(_)
        | Evidence::NotRun { .. }
        | Evidence::Incomparable { .. }
        | Evidence::NotCounted { .. }
        | Evidence::NotBuilt { .. } => [None, None],
    };
    Ok(charts.into_iter().flatten().collect())
}

fn failures(evidence: &Evidence) -> &[Failure] {
    match evidence {
        Evidence::Pairs(Paired { failures, .. }) | Evidence::Recorded(Recorded { failures, .. }) => failures,
        Evidence::Failed(failure) => std::slice::from_ref(failure),
        Evidence::Identical { .. }
        | Evidence::Counts { .. }
        | Evidence::OnlyOn { .. }
        | Evidence::MissingBaseline { .. }
        | Evidence::Advisory { .. }
        | Evidence::NotRun { .. }
        | Evidence::Incomparable { .. }
        | Evidence::NotCounted { .. }
        | Evidence::NotBuilt { .. } => &[],
    }
}

fn message(failure: &Failure) -> Message {
    let how = match failure.kind {
        FailureKind::Crashed | FailureKind::SetUp => "crashed",
        FailureKind::TimedOut => "did not end in time",
        FailureKind::Rubbish => "sent something that is not a result",
        FailureKind::Implausible => "gave readings that are no durations",
    };
    let lines: Vec<String> = failure.message.lines().map(inert).collect();
    let who = if failure.kind == FailureKind::SetUp { "both sides" } else { failure.side.name() };
    Message { title: format!("{who} {how}"), text: lines.join("\n") }
}
