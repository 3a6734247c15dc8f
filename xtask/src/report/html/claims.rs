//! The claims table.

use super::chip::{Chip, class};
use super::prose::Prose;
use crate::gate::{ClaimRow, Rating};
use crate::report::inert::inert;
use crate::report::quantity::plain;
use crate::report::tone::Tone;

/// One claim as the template takes it; empty text where there is nothing to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Claim {
    /// Holds, violated or undecided.
    pub chip: Chip,
    /// Its name.
    pub name: String,
    /// What it states.
    pub statement: String,
    /// What was measured.
    pub value: String,
    /// Interval of that.
    pub interval: String,
    /// What it should be.
    pub target: String,
    /// How well it does.
    pub rating: &'static str,
    /// Why.
    pub detail: Prose,
    /// Where it comes from.
    pub source: String,
}

/// All claims, in the order given.
pub(super) fn claims(claims: &[ClaimRow]) -> Vec<Claim> {
    claims.iter().map(claim).collect()
}

fn claim(claim: &ClaimRow) -> Claim {
    let (tone, sign, word) = match claim.holds {
        Some(true) => (Tone::Good, "✓", "holds"),
        Some(false) => (Tone::Bad, "✗", "violated"),
        None => (Tone::Doubt, "?", "undecided"),
    };
    let source = claim.source.as_ref().map(|source| {
        let parts = [&source.repository, &source.file, &source.heading];
        let parts = parts.into_iter().filter(|part| !part.is_empty()).map(|part| inert(part));
        parts.collect::<Vec<_>>().join(" · ")
    });
    Claim {
        chip: Chip { class: class(tone), sign: sign.into(), word },
        name: inert(&claim.name),
        statement: inert(&claim.statement),
        value: claim.value.map(plain).unwrap_or_default(),
        interval: claim.interval.map(|(low, high)| format!("[{}, {}]", plain(low), plain(high))).unwrap_or_default(),
        target: plain(claim.target),
        rating: match claim.rating {
            Rating::Excellent => "excellent",
            Rating::Good => "good",
            Rating::Optimize => "optimize",
            Rating::Unknown => "not rated",
        },
        detail: Prose::of(&claim.detail),
        source: source.unwrap_or_default(),
    }
}
