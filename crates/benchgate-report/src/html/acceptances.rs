//! Acceptances, those that this change adds first, and what the change does to the configuration.

use super::chip::{Chip, class};
use super::prose::Prose;
use crate::acceptance::mark;
use crate::inert::inert;
use benchgate_core::gate::AcceptanceRow;
use benchgate_core::model::{Origin, PolicyChange};

/// One acceptance as the template takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Acceptance {
    /// What became of it.
    pub chip: Chip,
    /// Whether only the candidate has it.
    pub is_added: bool,
    /// What it permits.
    pub statement: Prose,
    /// Why.
    pub reason: String,
    /// Why it is in this state.
    pub detail: Prose,
    /// The command that takes it back; empty where it is needed.
    pub withdraw: String,
}

/// All acceptances, in the order given.
pub(super) fn acceptances(rows: &[AcceptanceRow]) -> Vec<Acceptance> {
    let of = |row: &AcceptanceRow| {
        let (tone, sign) = mark(row);
        Acceptance {
            chip: Chip { class: class(tone), sign: sign.into(), word: row.state.name() },
            is_added: row.origin == Origin::Change,
            statement: Prose::of(&row.statement),
            reason: inert(&row.reason),
            detail: Prose::of(&row.detail),
            withdraw: row.withdraw.as_deref().map(inert).unwrap_or_default(),
        }
    };
    rows.iter().map(of).collect()
}

/// One key of the configuration that the change edits; an empty value is an absent one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// The key.
    pub key: String,
    /// Its value at the base.
    pub base: String,
    /// The candidate's.
    pub candidate: String,
}

/// All keys, in the order given.
pub(super) fn changes(all: &[PolicyChange]) -> Vec<Change> {
    let value = |value: &Option<String>| value.as_deref().map(inert).unwrap_or_default();
    let of =
        |one: &PolicyChange| Change { key: inert(&one.key), base: value(&one.base), candidate: value(&one.candidate) };
    all.iter().map(of).collect()
}
