//! Claims that cannot all be kept.

use benchgate_core::gate::{Bound, Claim, ClaimKind, Expect, Needs};
use benchgate_core::model::Metric;

/// Why two claims cannot both be kept, if they cannot.
pub(super) fn contradiction(a: &Claim, b: &Claim) -> Option<String> {
    // A ratio may be stated the other way round.
    let turned = || turned(b).filter(|(kind, _)| is_same(&a.kind, kind)).map(|(_, bound)| bound);
    let bound = if is_same(&a.kind, &b.kind) { b.bound } else { turned()? };
    let (is_excluded, reason) = match (a.expect, b.expect) {
        (Expect::Holds, Expect::Holds) => (!a.bound.meets(bound), "in the other"),
        // What holds of the one is all that the control must not find.
        (Expect::Violated, Expect::Holds) => (a.bound.contains(bound), "in the other, and the one must be violated"),
        (Expect::Holds, Expect::Violated) => (bound.contains(a.bound), "in the other, which must be violated"),
        (Expect::Violated, Expect::Violated) => return None,
    };
    is_excluded.then(|| format!("`{}` is `{}` in the one and `{bound}` {reason}", a.kind, a.bound))
}

/// Whether two claims are about one value.
fn is_same(a: &ClaimKind, b: &ClaimKind) -> bool {
    let is_growth = |kind: &ClaimKind| matches!(kind, ClaimKind::Growth { .. });
    let is_difference = |kind: &ClaimKind| matches!(kind, ClaimKind::Difference { .. });
    match (a, b) {
        (ClaimKind::Growth { .. }, ClaimKind::Growth { .. }) => a == b,
        _ if is_growth(a) || is_growth(b) => false,
        // A count and a ceiling need the same count, threads and a ratio of times the same pair.
        _ => is_difference(a) == is_difference(b) && a.needs() == b.needs(),
    }
}

/// A ratio with numerator and denominator exchanged, and what its bound means then.
fn turned(claim: &Claim) -> Option<(ClaimKind, Bound)> {
    let kind = match &claim.kind {
        ClaimKind::Ratio { metric, numerator, denominator } => {
            ClaimKind::Ratio { metric: *metric, numerator: denominator.clone(), denominator: numerator.clone() }
        }
        ClaimKind::Threads { .. } => match claim.kind.needs() {
            Needs::Pairs { over, under } => {
                ClaimKind::Ratio { metric: Metric::Time, numerator: under, denominator: over }
            }
            Needs::Counts { .. } | Needs::Counter { .. } => return None,
        },
        ClaimKind::Difference { .. }
        | ClaimKind::Count { .. }
        | ClaimKind::Ceiling { .. }
        | ClaimKind::Counter { .. }
        | ClaimKind::Growth { .. } => return None,
    };
    let turned = |end: Option<f64>| end.map(|end| 1.0 / end);
    Some((kind, Bound { at_least: turned(claim.bound.at_most), at_most: turned(claim.bound.at_least) }))
}
