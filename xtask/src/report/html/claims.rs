//! The claims table.

use super::chip::{Chip, class};
use super::prose::Prose;
use crate::gate::ClaimRow;
use crate::report::claim::{bound, interval, mark, measured, target};
use crate::report::inert::inert;

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

/// All claims, in the order given.
pub(super) fn claims(claims: &[ClaimRow]) -> Vec<Claim> {
    claims.iter().map(claim).collect()
}

fn claim(claim: &ClaimRow) -> Claim {
    let (tone, sign) = mark(claim.state);
    let source = claim.source.as_ref().map(|source| {
        let parts = [&source.repository, &source.file, &source.heading];
        let parts = parts.into_iter().filter(|part| !part.is_empty()).map(|part| inert(part));
        parts.collect::<Vec<_>>().join(" · ")
    });
    let said = |text: &Option<String>| text.as_deref().map(inert).unwrap_or_default();
    Claim {
        chip: Chip { class: class(tone), sign: sign.into(), word: claim.state.name() },
        name: inert(&claim.name),
        statement: inert(&claim.statement),
        value: measured(claim).unwrap_or_default(),
        interval: interval(claim).unwrap_or_default(),
        bound: bound(claim),
        target: target(claim).unwrap_or_default(),
        rating: claim.rating.name(),
        detail: Prose::of(&claim.detail),
        stated: said(&claim.stated),
        note: said(&claim.note),
        source: source.unwrap_or_default(),
    }
}
