//! The lines that a person reads.

use crate::Id;
use crate::line::Measured;

pub(crate) const HEADER: &str = "   allocations        bytes         peak         live        slope  threads  case\n           /iter        /iter        bytes        bytes        /iter\n";

pub(crate) fn listing(id: &Id) -> String {
    format!("{id}: benchmark")
}

pub(crate) fn tested(id: &Id) -> String {
    format!("Testing {id}\nSuccess")
}

pub(crate) fn failed(id: &Id, error: &str) -> String {
    format!("Testing {id}\nFailed: {error}")
}

pub(crate) fn row(line: &Measured<'_>) -> String {
    let threads = match (line.threads_before, line.threads_after) {
        (Some(before), Some(after)) => format!("{before} -> {after}"),
        (_, _) => "-".to_owned(),
    };
    let mut row = format!(
        "{:>14} {:>12} {:>12} {:>12} {:>12}  {threads:>7}  {}",
        number(line.allocations),
        number(line.bytes),
        line.peak_bytes,
        line.live_bytes,
        number(line.live_slope),
        line.id
    );
    if !line.repeatable {
        row.push_str("  (not repeatable)");
    }
    for (name, value) in &line.counters {
        row.push_str(&format!("\n{:84}{name} = {value}", ""));
    }
    row
}

/// Whole numbers without a point, others with two digits.
fn number(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}
