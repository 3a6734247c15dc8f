//! The claims: how many stand how, the table, and apart from it those that this run was not asked about.

use super::chip::{Chip, class};
use super::prose::Prose;
use crate::claim::{bound, interval, mark, measured, target};
use crate::claim_table::improvement;
use crate::inert::inert;
use benchgate_core::gate::{ClaimRow, ClaimState, Rating};

/// All claims of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Claims {
    /// States that occur, with how often.
    pub states: Vec<(Chip, usize)>,
    /// Ratings that occur, likewise, the best first.
    pub ratings: Vec<(&'static str, usize)>,
    /// Claims that something was found out about, in the order given.
    pub asked: Vec<Claim>,
    /// Claims whose benchmarks were not selected, likewise.
    pub unasked: Vec<Claim>,
}

/// One claim as the template takes it; empty text where there is nothing to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Claim {
    /// What was found.
    pub chip: Chip,
    /// Its name.
    pub name: String,
    /// What it states.
    pub statement: String,
    /// What was measured.
    pub value: String,
    /// Interval of that.
    pub interval: String,
    /// How much less or more it is than what it is held against; of ratios only.
    pub improvement: String,
    /// Where it must lie.
    pub bound: String,
    /// Where it should lie some day.
    pub target: String,
    /// How well it does.
    pub rating: &'static str,
    /// Why.
    pub detail: Prose,
    /// What the source says.
    pub stated: String,
    /// Why the claim is not that.
    pub note: String,
    /// Where it comes from.
    pub source: String,
}

impl Claims {
    /// The claims of an outcome.
    pub(super) fn new(claims: &[ClaimRow]) -> Self {
        let states = ClaimState::ALL.into_iter().map(|state| {
            let count = claims.iter().filter(|claim| claim.state == state).count();
            (chip(state), count)
        });
        let ratings = [Rating::Excellent, Rating::Good, Rating::Optimize].into_iter().map(|rating| {
            let count = claims.iter().filter(|claim| claim.rating == rating).count();
            (rating.name(), count)
        });
        let (unasked, asked): (Vec<_>, Vec<_>) =
            claims.iter().partition(|claim| claim.state == ClaimState::NotSelected);
        Self {
            states: states.filter(|(_, count)| *count > 0).collect(),
            ratings: ratings.filter(|(_, count)| *count > 0).collect(),
            asked: asked.into_iter().map(claim).collect(),
            unasked: unasked.into_iter().map(claim).collect(),
        }
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.states.is_empty()
    }
}

/// A state of a claim as a reader sees it.
pub(super) fn chip(state: ClaimState) -> Chip {
    let (tone, sign) = mark(state);
    Chip { class: class(tone), sign: sign.into(), word: state.name() }
}

fn claim(claim: &ClaimRow) -> Claim {
    let source = claim.source.as_ref().map(|source| {
        let parts = [&source.repository, &source.file, &source.heading];
        let parts = parts.into_iter().filter(|part| !part.is_empty()).map(|part| inert(part));
        parts.collect::<Vec<_>>().join(" · ")
    });
    let said = |text: &Option<String>| text.as_deref().map(inert).unwrap_or_default();
    Claim {
        chip: chip(claim.state),
        name: inert(&claim.name),
        statement: inert(&claim.statement),
        value: measured(claim).unwrap_or_default(),
        interval: interval(claim).unwrap_or_default(),
        improvement: improvement(claim).unwrap_or_default().replace('-', "−"),
        bound: bound(claim),
        target: target(claim).unwrap_or_default(),
        rating: claim.rating.name(),
        detail: Prose::of(&claim.detail),
        stated: said(&claim.stated),
        note: said(&claim.note),
        source: source.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::mixed;

    #[test]
    fn claims_are_counted_by_state_and_rating() {
        let mut claims = mixed().1.claims;
        claims[1].state = ClaimState::NotSelected;
        let found = Claims::new(&claims);
        let states: Vec<_> = found.states.iter().map(|(chip, count)| (chip.word, *count)).collect();
        let expected = [("holds", 1), ("violated", 1), ("reported", 1), ("not-selected", 1), ("not-applicable", 1)];
        assert_eq!(states, expected);
        assert_eq!(found.ratings, [("excellent", 1), ("good", 1), ("optimize", 1)]);
        assert_eq!((found.asked.len(), found.unasked.len()), (4, 1));
        assert_eq!(found.asked[2].improvement, "−62.8%");
        assert!(Claims::new(&[]).is_empty());
    }
}
