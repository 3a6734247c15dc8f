//! The main table: one row a series, worst first.

use std::collections::HashSet;

use super::anchor::anchor;
use super::chip::Chip;
use super::forest::{Axis, Cell, Tick};
use crate::inert::inert;
use crate::quantity;
use crate::tone::is_quiet;
use benchgate_core::gate::{Effect, Outcome, Row};

/// Rows that need no attention are hidden at first where there are more than so many: a screen full.
const QUIET_ROWS: usize = 12;

/// A table of more rows than this draws intervals only in rows that deserve a look, or it would be a dozen megabytes long.
const DRAWN_ROWS: usize = 2000;

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
    /// Whether the row is what the anchor leads to, as the first of a benchmark without a section.
    pub is_target: bool,
    /// What the script sorts by: see [`sort_values`].
    pub values: String,
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
    /// The table of an outcome; of the benchmarks with a section, `sections` holds the anchors.
    pub(super) fn new(outcome: &Outcome, sections: &HashSet<&str>) -> Self {
        let axis = Axis::of(&outcome.rows);
        let draws_all = outcome.rows.len() <= DRAWN_ROWS;
        let mut targets = HashSet::new();
        let row = |row: &Row| {
            let mut row = series_row(row, &axis, draws_all);
            row.is_target = !sections.contains(&*row.anchor) && targets.insert(row.anchor.clone());
            row
        };
        let rows: Vec<SeriesRow> = outcome.rows.iter().map(row).collect();
        let quiet = rows.iter().filter(|row| row.is_quiet).count();
        let is_folded = quiet > QUIET_ROWS && quiet < rows.len();
        Self { ticks: axis.ticks, rows, quiet, is_folded }
    }
}

fn series_row(row: &Row, axis: &Axis, draws_all: bool) -> SeriesRow {
    let is_quiet = is_quiet(row);
    SeriesRow {
        chip: Chip::of(row.status),
        anchor: anchor(&row.id),
        is_target: false,
        values: sort_values(row),
        id: inert(&row.id),
        metric: row.key.metric.name(),
        figures: Figures::of(row),
        cell: if draws_all || !is_quiet { axis.cell(row) } else { None },
        is_quiet,
    }
}

/// Base, candidate, effect, its lower end, what could have been seen, and pairs, as JavaScript reads numbers; `-` for none.
fn sort_values(row: &Row) -> String {
    let number = |value: Option<f64>| match value {
        Some(value) if value.is_nan() => "-".to_owned(),
        Some(value) if value.is_infinite() => if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned(),
        Some(value) => value.to_string(),
        None => "-".to_owned(),
    };
    let effect = |part: fn(&Effect) -> f64| number(row.effect.as_ref().map(part));
    let pairs = (row.pairs > 0).then(|| f64::from(row.pairs));
    let values = [
        number(row.base),
        number(row.candidate),
        effect(|effect| effect.estimate),
        effect(|effect| effect.lower),
        number(row.smallest_visible),
        number(pairs),
    ];
    values.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{count_row, row, time_row};
    use benchgate_core::gate::Status;
    use benchgate_core::model::Metric;

    #[test]
    fn values_to_sort_by_are_numbers_of_javascript() {
        #[track_caller]
        fn check(row: &Row, expected: &str) {
            assert_eq!(sort_values(row), expected);
        }
        check(&row("a/b/c/d", Metric::Time, Status::NotRun), "- - - - - -");
        let mut grown = count_row("a/b/c/d", Metric::Allocations, Status::Regressed, 0.0, 3.0);
        check(&grown, "0 3 Infinity Infinity - -");
        grown.base = Some(f64::NAN);
        check(&grown, "- 3 Infinity Infinity - -");
        check(&time_row("a/b/c/d", Status::Unchanged, 1e-7, [0.0, 0.0, 0.0]), "0.0000001 0.0000001 0 0 0.034 16");
    }
}
