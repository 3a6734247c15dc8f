//! What a red run is red for, in its first lines: what, how much, how sure, where. The worst few; the table has the rest.

use super::anchor::anchor;
use super::chip::Chip;
use super::claims::chip;
use super::prose::Prose;
use super::series::Figures;
use crate::claim::{bound, measured};
use crate::inert::inert;
use benchgate_core::gate::{Action, ClaimRow, Outcome, Row};

/// So many stand in the first lines; with more, the first of the table would be below the screen.
const FEW: usize = 3;

/// The worst findings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Worst {
    /// The worst first.
    pub findings: Vec<Finding>,
    /// How many more there are.
    pub more: usize,
    /// Where the first of those stands.
    pub next: String,
}

/// One thing that makes a run red.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    /// Verdict or state.
    pub chip: Chip,
    /// Where in the page the rest stands.
    pub anchor: String,
    /// What it is about.
    pub name: String,
    /// What was measured; empty for a claim.
    pub metric: &'static str,
    /// How much.
    pub amount: String,
    /// Interval of that.
    pub interval: String,
    /// Both values, or what was measured and what was promised.
    pub values: String,
    /// How sure, or why.
    pub detail: Prose,
}

/// The worst of an outcome: rows that fail it, then claims that do not hold.
pub(super) fn worst(outcome: &Outcome) -> Worst {
    let rows = outcome.rows.iter().filter(|row| row.action == Action::Fail).map(of_row);
    let claims = outcome.claims.iter().filter(|claim| claim.state.is_kept() == Some(false)).map(of_claim);
    let mut findings: Vec<Finding> = rows.chain(claims).collect();
    let more = findings.len().saturating_sub(FEW);
    let next = findings.get(FEW).map(|one| one.anchor.clone()).unwrap_or_default();
    findings.truncate(FEW);
    Worst { findings, more, next }
}

fn of_row(row: &Row) -> Finding {
    let figures = Figures::of(row);
    let values = match (figures.base.is_empty(), figures.candidate.is_empty()) {
        (false, false) => format!("{} → {}", figures.base, figures.candidate),
        _ => String::new(),
    };
    Finding {
        chip: Chip::of(row.status),
        anchor: anchor(&row.id),
        name: inert(&row.id),
        metric: row.key.metric.name(),
        amount: figures.effect,
        interval: figures.interval,
        values,
        detail: Prose::of(&row.why()),
    }
}

fn of_claim(claim: &ClaimRow) -> Finding {
    Finding {
        chip: chip(claim.state),
        anchor: "claims".into(),
        name: inert(&claim.name),
        metric: "claim",
        amount: measured(claim).unwrap_or_default(),
        interval: String::new(),
        values: format!("promised {}", bound(claim)),
        detail: Prose::of(&claim.detail),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{mixed, suite};

    #[test]
    fn what_fails_stands_first_and_the_rest_is_counted() {
        let names = |worst: &Worst| {
            let name = |one: &Finding| format!("{} {} {}", one.metric, one.amount, one.values);
            worst.findings.iter().map(name).collect::<Vec<_>>()
        };
        let found = worst(&mixed().1);
        assert_eq!(names(&found), ["time +6.12% 118.4 ns → 125.6 ns", "allocations +100% 1 → 2", "time  "]);
        assert_eq!((found.more, &*found.next), (1, "claims"), "a claim is violated, too");
        let (_, mut outcome) = suite();
        outcome.rows.retain(|row| row.action != Action::Fail);
        let found = worst(&outcome);
        assert_eq!((names(&found), found.more), (vec!["claim 2 promised 1".to_owned()], 0));
        outcome.claims.clear();
        assert_eq!(worst(&outcome), Worst::default());
    }
}
