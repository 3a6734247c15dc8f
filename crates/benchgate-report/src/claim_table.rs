//! Claims as a table: what was stated, what was measured, what is aimed at. For the terminal, and cell by cell for documents.

use comfy_table::{ContentArrangement, Table, presets};

use super::claim::{bound, interval, measured, target};
use super::quantity::percent;
use super::terminal::Look;
use benchgate_core::gate::{ClaimRow, ClaimState, Rating};

/// Blank columns between two columns.
const GAP: u16 = 2;

/// Columns where lines need not be broken.
const WIDEST: usize = 400;

/// What each column holds.
pub(super) const TITLES: [&str; 7] = ["claim", "stated", "current", "target", "improvement", "rating", "source"];

/// One row of the table, outside text as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cells {
    pub(super) claim: String,
    /// What exactly is claimed.
    pub(super) statement: String,
    pub(super) stated: String,
    pub(super) current: String,
    pub(super) target: String,
    pub(super) improvement: String,
    pub(super) rating: String,
    pub(super) source: String,
}

impl Cells {
    pub(super) fn new(claim: &ClaimRow) -> Self {
        let said = [&claim.stated, &claim.note].into_iter().flatten();
        let source = claim.source.as_ref();
        let source = source.map(|source| format!("{}: {}, {}", source.repository, source.file, source.heading));
        let rating = Some(claim.rating).filter(|rating| *rating != Rating::Unknown);
        Self {
            claim: claim.name.clone(),
            statement: claim.statement.clone(),
            stated: said.cloned().collect::<Vec<_>>().join("; "),
            current: current(claim),
            target: aim(claim),
            improvement: improvement(claim).unwrap_or_default(),
            rating: rating.map(|rating| rating.name().to_owned()).unwrap_or_default(),
            source: source.unwrap_or_default(),
        }
    }
}

/// What was measured; the state as well where that is not simply that it holds.
fn current(claim: &ClaimRow) -> String {
    let value = [measured(claim), interval(claim)].into_iter().flatten().collect::<Vec<_>>().join(" ");
    match claim.state {
        ClaimState::Holds | ClaimState::Reported => value,
        ClaimState::NotApplicable => format!("not applicable: {}", claim.detail),
        ClaimState::NotRun | ClaimState::NotSelected => "not measured".into(),
        ClaimState::Violated | ClaimState::Caught | ClaimState::NotCaught | ClaimState::Undecided => {
            let state = claim.state.name().replace('-', " ");
            if value.is_empty() { state } else { format!("{value}, {state}") }
        }
    }
}

/// The bound, and the target beyond it.
fn aim(claim: &ClaimRow) -> String {
    match target(claim) {
        Some(target) => format!("{}, aim {target}", bound(claim)),
        None => bound(claim),
    }
}

/// By how much a ratio is below or above 1: `-62.8%` is 62.8 % less in the numerator.
pub(super) fn improvement(claim: &ClaimRow) -> Option<String> {
    let is_ratio = matches!(claim.kind, "ratio" | "threads");
    claim.value.filter(|_| is_ratio).map(|value| percent(value - 1.0))
}

/// The claims as a table for a terminal, header first, each line ending in a line feed.
pub fn claim_table(claims: &[ClaimRow], look: &Look) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(look.width.min(WIDEST) as u16);
    table.set_header(TITLES);
    for claim in claims {
        let Cells { claim, statement: _, stated, current, target, improvement, rating, source } = Cells::new(claim);
        table.add_row([claim, stated, current, target, improvement, rating, source].map(|cell| look.say(&cell)));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, GAP));
    }
    let lines = table.lines().enumerate().map(|(i, line)| match i {
        0 => look.strong(line.trim_end()) + "\n",
        _ => line.trim_end().to_owned() + "\n",
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::mixed;
    use crate::{Charset, Palette, Rows};
    use benchgate_core::gate::Bound;

    fn cells(index: usize) -> Cells {
        Cells::new(&mixed().1.claims[index])
    }

    #[test]
    fn current_says_what_was_measured_or_why_nothing_was() {
        let current = [0, 1, 2, 3, 4].map(|index| cells(index).current);
        let too_small = "not applicable: it takes 8 cores, and this machine has 2";
        let expected = ["2, violated", "undecided", too_small, "0.372 [0.361, 0.384]", "21.70 ns [21.10 ns, 22.40 ns]"];
        assert_eq!(current, expected);
        let mut claim = mixed().1.claims.remove(0);
        claim.state = ClaimState::NotSelected;
        assert_eq!(Cells::new(&claim).current, "not measured");
        claim.state = ClaimState::Caught;
        assert_eq!(Cells::new(&claim).current, "2, caught");
    }

    #[test]
    fn improvement_is_that_of_a_ratio() {
        assert_eq!((&*cells(3).improvement, &*cells(0).improvement), ("-62.8%", ""));
        let mut claim = mixed().1.claims.remove(3);
        (claim.value, claim.bound, claim.target) = (Some(2.5), Bound::at_least(2.0), None);
        let cells = Cells::new(&claim);
        assert_eq!((&*cells.improvement, &*cells.target), ("+150%", "≥ 2"));
    }

    #[test]
    fn table_fits_its_terminal() {
        let look = Look { width: 100, palette: Palette::Plain, charset: Charset::Unicode, rows: Rows::All };
        let table = claim_table(&mixed().1.claims[2..4], &look);
        assert!(table.lines().all(|line| line.chars().count() <= 100), "{table}");
        insta::assert_snapshot!(table, @r#"
        claim           stated          current         target          improvement  rating  source
        eight threads                   not             ≤ 4
                                        applicable: it
                                        takes 8 cores,
                                        and this
                                        machine has 2
        direct-beats-g  2.5 times as    0.372 [0.361,   ≤ 0.500, aim ≤  -62.8%       good    example/wrapp
        eneric          fast            0.384]          0.400                                er: PERFORMAN
                                                                                             CE.md,
                                                                                             Serialization
        "#);
    }
}
