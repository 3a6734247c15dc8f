//! Rows for terminals too narrow for a table: three or four short lines a series.

use super::fit::{shorten, wrap};
use super::look::Look;
use crate::quantity;
use crate::tone::Tone;
use benchgate_core::gate::Row;

/// An id takes at most so many lines; a longer one loses its middle.
const ID_LINES: usize = 3;

/// The rows, each as a few lines ending in a line feed.
pub(super) fn stack(rows: &[&Row], look: &Look) -> String {
    rows.iter().map(|row| entry(row, look)).collect()
}

fn entry(row: &Row, look: &Look) -> String {
    let room = look.width.saturating_sub(2).max(8);
    let verdict = look.paint(Tone::of(row.status), &super::verdict_words_in(row.status, look));
    let mut text = format!("{verdict}  {}\n", row.key.metric);
    let id = shorten(&look.say(&row.id), room.saturating_mul(ID_LINES), look.ellipsis());
    let (base, candidate) = quantity::sides(row.key.metric, row.base, row.candidate);
    let values = match (base, candidate) {
        (Some(base), Some(candidate)) => Some(format!("{base} → {candidate}")),
        (Some(base), None) => Some(format!("base {base}")),
        (None, Some(candidate)) => Some(format!("candidate {candidate}")),
        (None, None) => None,
    };
    let effect = row.effect.map(|effect| match quantity::interval(effect) {
        Some(interval) => format!("{} {interval}", quantity::estimate(effect)),
        None => quantity::estimate(effect),
    });
    let visible = row.smallest_visible.map(|share| format!("could see {}", quantity::size(share)));
    let figures = [values, effect, visible, row.throughput.clone()].into_iter().flatten().map(|line| look.say(&line));
    for line in std::iter::once(id).chain(figures).flat_map(|line| wrap(&line, room)) {
        text += &format!("  {line}\n");
    }
    text
}
