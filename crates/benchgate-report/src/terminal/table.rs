//! Rows as a table: one line a series, columns dropped by rank until the ids have room.

use comfy_table::{CellAlignment, Table, presets};

use super::fit::{shorten, width};
use super::look::Look;
use crate::quantity;
use crate::tone::Tone;
use benchgate_core::gate::Row;

/// Blank columns between two columns.
const GAP: usize = 2;

/// An id is not squeezed below this many columns: rather a column goes.
const ID_AT_LEAST: usize = 26;

/// No id takes more than this many columns, whatever the width: output that goes to a file may have no width at all.
const ID_AT_MOST: usize = 400;

/// Below this many columns for an id even the smallest table is given up for the stacked form.
const ID_AT_WORST: usize = 22;

/// A column of the table. The order is that of display.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Verdict,
    Id,
    Metric,
    Base,
    Candidate,
    Effect,
    Interval,
    Visible,
    Throughput,
}

impl Column {
    const ALL: [Self; 9] = [
        Self::Verdict,
        Self::Id,
        Self::Metric,
        Self::Base,
        Self::Candidate,
        Self::Effect,
        Self::Interval,
        Self::Visible,
        Self::Throughput,
    ];

    /// What is given up on narrow terminals, first to last. Verdict, id, metric and effect stay.
    const DISPENSABLE: [Self; 5] = [Self::Throughput, Self::Visible, Self::Base, Self::Candidate, Self::Interval];

    fn title(self) -> &'static str {
        match self {
            Self::Verdict => "verdict",
            Self::Id => "benchmark",
            Self::Metric => "metric",
            Self::Base => "base",
            Self::Candidate => "candidate",
            Self::Effect => "effect",
            Self::Interval => "interval %",
            Self::Visible => "could see",
            Self::Throughput => "throughput",
        }
    }

    fn alignment(self) -> CellAlignment {
        match self {
            Self::Verdict | Self::Id | Self::Metric => CellAlignment::Left,
            Self::Base | Self::Candidate | Self::Effect | Self::Interval | Self::Visible | Self::Throughput => {
                CellAlignment::Right
            }
        }
    }

    fn text(self, row: &Row) -> String {
        let (base, candidate) = quantity::sides(row.key.metric, row.base, row.candidate);
        let text = match self {
            Self::Verdict => Some(super::verdict_words(row.status)),
            Self::Id => Some(row.id.clone()),
            Self::Metric => Some(row.key.metric.name().to_owned()),
            Self::Base => base,
            Self::Candidate => candidate,
            Self::Effect => row.effect.map(quantity::estimate),
            Self::Interval => row.effect.and_then(quantity::interval),
            Self::Visible => row.smallest_visible.map(quantity::size),
            Self::Throughput => row.throughput.clone(),
        };
        text.unwrap_or_default()
    }
}

/// The rows as table lines, header first, each ending in a line feed; `None` where the terminal is too narrow for it.
pub(super) fn table(rows: &[&Row], look: &Look) -> Option<String> {
    let mut columns: Vec<(Column, Vec<String>)> = Column::ALL
        .into_iter()
        .map(|column| (column, rows.iter().map(|row| look.say(&column.text(row))).collect()))
        .filter(|(column, cells): &(Column, Vec<String>)| {
            let names_the_row = matches!(column, Column::Verdict | Column::Id | Column::Metric);
            names_the_row || cells.iter().any(|cell| !cell.is_empty())
        })
        .collect();
    let id_room = drop_columns(&mut columns, look.width)?;
    Some(render(&columns, rows, id_room, look))
}

/// Drops columns until the ids have room, and returns that room.
fn drop_columns(columns: &mut Vec<(Column, Vec<String>)>, available: usize) -> Option<usize> {
    let mut dispensable = Column::DISPENSABLE.iter();
    loop {
        let natural = columns.iter().find(|(column, _)| *column == Column::Id).map_or(0, natural_width);
        let others: usize = columns.iter().filter(|(column, _)| *column != Column::Id).map(natural_width).sum();
        let room = available.saturating_sub(others + GAP * (columns.len() - 1));
        if room >= natural.min(ID_AT_LEAST) {
            return Some(room.min(natural).min(ID_AT_MOST));
        }
        match dispensable.next() {
            Some(dropped) => columns.retain(|(column, _)| column != dropped),
            None => return (room >= natural.min(ID_AT_WORST)).then_some(room),
        }
    }
}

fn natural_width((column, cells): &(Column, Vec<String>)) -> usize {
    cells.iter().map(|cell| width(cell)).max().unwrap_or(0).max(width(column.title()))
}

fn render(columns: &[(Column, Vec<String>)], rows: &[&Row], id_room: usize, look: &Look) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(columns.iter().map(|(column, _)| column.title()));
    for i in 0..rows.len() {
        table.add_row(columns.iter().map(|(column, cells)| match column {
            Column::Id => shorten(&cells[i], id_room, look.ellipsis()),
            _ => cells[i].clone(),
        }));
    }
    for (i, (column, _)) in columns.iter().enumerate() {
        let column_style = table.column_mut(i).expect("the header has every column");
        column_style.set_cell_alignment(column.alignment());
        column_style.set_padding((0, if i + 1 == columns.len() { 0 } else { GAP as u16 }));
    }
    let mut lines = table.lines();
    let mut text = look.strong(lines.next().expect("a header").trim_end()) + "\n";
    // No cell wraps, so that lines and rows run in step.
    for (line, row) in lines.zip(rows) {
        let (verdict, rest) = line.trim_end().split_at(super::verdict_words_in(row.status, look).len());
        text += &format!("{}{rest}\n", look.paint(Tone::of(row.status), verdict));
    }
    text
}
