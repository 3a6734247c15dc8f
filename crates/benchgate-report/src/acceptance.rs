//! Acceptances in words that every renderer uses.

use super::tone::Tone;
use benchgate_core::gate::{AcceptanceRow, AcceptanceState};
use benchgate_core::model::Origin;

/// Title of those that only the candidate has.
pub(super) const ADDED: &str = "added by this change";

/// Tone and sign of a state.
pub(super) fn mark(row: &AcceptanceRow) -> (Tone, &'static str) {
    match (row.state, row.is_stale()) {
        (AcceptanceState::Exceeded | AcceptanceState::Expired, _) | (_, true) => (Tone::Bad, "✗"),
        (AcceptanceState::Unused, false) => (Tone::Doubt, "?"),
        (AcceptanceState::Used, _) => (Tone::Doubt, "△"),
        (AcceptanceState::Undecided, _) => (Tone::Quiet, "·"),
    }
}

/// Those that only the candidate has.
pub(super) fn added(rows: &[AcceptanceRow]) -> impl Iterator<Item = &AcceptanceRow> {
    rows.iter().filter(|row| row.origin == Origin::Change)
}

/// Those of the base that are to be looked at: exceeded, over, or unused.
pub(super) fn wrong(rows: &[AcceptanceRow]) -> impl Iterator<Item = &AcceptanceRow> {
    rows.iter().filter(|row| row.origin == Origin::Base && mark(row).0 == Tone::Bad)
}
