//! Acceptances that a reader must see: what this change adds, before everything else, and those of the base that are wrong. Then
//! what the change does to the configuration.

use super::look::Look;
use super::{indented, paragraph};
use crate::acceptance::{ADDED, added, mark, wrong};
use benchgate_core::gate::AcceptanceRow;
use benchgate_core::model::PolicyChange;

/// Keys of the configuration that are listed; the report has all.
const CHANGES: usize = 10;

/// The sections before the rows, nothing where there is none of them.
pub(super) fn sections(rows: &[AcceptanceRow], changes: &[PolicyChange], look: &Look) -> String {
    let new = section(&format!("acceptances {ADDED}"), added(rows), look);
    let wrong = section("acceptances that fail", wrong(rows), look);
    new + &wrong + &policy(changes, look)
}

fn section<'a>(title: &str, rows: impl Iterator<Item = &'a AcceptanceRow>, look: &Look) -> String {
    let entries: String = rows.map(|row| entry(row, look)).collect();
    if entries.is_empty() { entries } else { heading(title, look) + &entries }
}

fn heading(title: &str, look: &Look) -> String {
    format!("\n{}\n", look.strong(paragraph(title, look).trim_end()))
}

fn entry(row: &AcceptanceRow, look: &Look) -> String {
    let (tone, sign) = mark(row);
    let title = format!("{sign} {} {}", row.state.name(), row.statement);
    let mut text = format!("{}\n", look.paint(tone, paragraph(&title, look).trim_end()));
    text += &indented(&format!("reason: {}", row.reason), look);
    text += &indented(&row.detail, look);
    if let Some(command) = &row.withdraw {
        // One line whatever the width, so that it can be pasted.
        text += &format!("  withdraw: {}\n", look.say(command));
    }
    text
}

fn policy(changes: &[PolicyChange], look: &Look) -> String {
    if changes.is_empty() {
        return String::new();
    }
    let mut text = heading("configuration, base → this change", look);
    for PolicyChange { key, base, candidate } in changes.iter().take(CHANGES) {
        let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "absent".into());
        text += &indented(&format!("{key}: {} → {}", value(base), value(candidate)), look);
    }
    if changes.len() > CHANGES {
        text += &indented(&format!("… and {} more keys in the report", changes.len() - CHANGES), look);
    }
    text
}
