//! The main table: one row a series, worst first.

use super::anchor::anchor;
use super::chip::Chip;
use super::forest::{Axis, Cell, Tick};
use crate::gate::{Outcome, Row};
use crate::report::inert::inert;
use crate::report::quantity;
use crate::report::tone::is_quiet;

/// Rows that need no attention are hidden at first where there are more than so many: a screen full.
const QUIET_ROWS: usize = 12;

/// The main table.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SeriesTable {
    /// Ticks of the shared axis.
    pub ticks: Vec<Tick>,
    /// The rows.
    pub rows: Vec<SeriesRow>,
    /// How many rows need no attention.
    pub quiet: usize,
    /// Whether those are hidden until asked for.
    pub is_folded: bool,
}

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SeriesRow {
    /// Verdict or state.
    pub chip: Chip,
    /// Anchor of the benchmark's section.
    pub anchor: String,
    /// Name of the benchmark.
    pub id: String,
    /// What was measured.
    pub metric: &'static str,
    /// Both values, the change between them and what could have been seen.
    pub figures: Figures,
    /// The cell of the forest plot.
    pub cell: Option<Cell>,
    /// Whether the row needs no attention.
    pub is_quiet: bool,
}

/// The figures of a row as text, empty where there is none.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Figures {
    /// Base value.
    pub base: String,
    /// Candidate value.
    pub candidate: String,
    /// Throughput of the candidate.
    pub throughput: String,
    /// Effect.
    pub effect: String,
    /// Its interval.
    pub interval: String,
    /// The smallest visible effect.
    pub visible: String,
    /// Pairs.
    pub pairs: String,
}

impl Figures {
    /// The figures of a row.
    pub(super) fn of(row: &Row) -> Self {
        let (base, candidate) = quantity::sides(row.key.metric, row.base, row.candidate);
        let minus = |text: String| text.replace('-', "−");
        Self {
            base: base.map(minus).unwrap_or_default(),
            candidate: candidate.map(minus).unwrap_or_default(),
            throughput: row.throughput.as_deref().map(inert).unwrap_or_default(),
            effect: row.effect.map(quantity::estimate).map(minus).unwrap_or_default(),
            interval: row.effect.and_then(quantity::interval).map(minus).unwrap_or_default(),
            visible: row.smallest_visible.map(quantity::size).unwrap_or_default(),
            pairs: if row.pairs > 0 { row.pairs.to_string() } else { String::new() },
        }
    }
}

impl SeriesTable {
    /// The table of an outcome.
    pub(super) fn new(outcome: &Outcome) -> Self {
        let axis = Axis::of(&outcome.rows);
        let rows: Vec<SeriesRow> = outcome.rows.iter().map(|row| series_row(row, &axis)).collect();
        let quiet = rows.iter().filter(|row| row.is_quiet).count();
        let is_folded = quiet > QUIET_ROWS && quiet < rows.len();
        Self { ticks: axis.ticks, rows, quiet, is_folded }
    }
}

fn series_row(row: &Row, axis: &Axis) -> SeriesRow {
    SeriesRow {
        chip: Chip::of(row.status),
        anchor: anchor(&row.id),
        id: inert(&row.id),
        metric: row.key.metric.name(),
        figures: Figures::of(row),
        cell: axis.cell(row),
        is_quiet: is_quiet(row),
    }
}
