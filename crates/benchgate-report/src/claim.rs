//! What every output shows of a claim, as text: state, value, bound, target.

use super::quantity::{plain, value};
use super::tone::Tone;
use benchgate_core::gate::{Bound, ClaimRow, ClaimState};

/// Whether there is nothing to do about it.
pub(super) fn is_quiet(state: ClaimState) -> bool {
    match state {
        ClaimState::Holds
        | ClaimState::Caught
        | ClaimState::Reported
        | ClaimState::NotSelected
        | ClaimState::NotApplicable => true,
        ClaimState::Violated | ClaimState::NotCaught | ClaimState::Undecided | ClaimState::NotRun => false,
    }
}

/// How many claims are in each quiet state that occurs.
pub(super) fn quiet_counts(claims: &[ClaimRow]) -> impl Iterator<Item = (ClaimState, usize)> {
    let count = |state| (state, claims.iter().filter(|claim| claim.state == state).count());
    ClaimState::ALL.into_iter().filter(|state| is_quiet(*state)).map(count).filter(|(_, count)| *count > 0)
}

/// What a state means to a reader at a glance, and its sign.
pub(super) fn mark(state: ClaimState) -> (Tone, &'static str) {
    match state {
        ClaimState::Holds | ClaimState::Caught => (Tone::Good, "✓"),
        ClaimState::Violated | ClaimState::NotCaught => (Tone::Bad, "✗"),
        ClaimState::NotRun => (Tone::Bad, "!"),
        ClaimState::Undecided => (Tone::Doubt, "?"),
        ClaimState::Reported => (Tone::Quiet, "·"),
        ClaimState::NotSelected | ClaimState::NotApplicable => (Tone::Quiet, "∅"),
    }
}

/// What was measured, with its unit.
pub(super) fn measured(claim: &ClaimRow) -> Option<String> {
    claim.value.map(|value| number(claim, value))
}

/// The interval of what was measured, for instance `[0.361, 0.384]`.
pub(super) fn interval(claim: &ClaimRow) -> Option<String> {
    claim.interval.map(|(low, high)| format!("[{}, {}]", number(claim, low), number(claim, high)))
}

/// Where the value must lie, for instance `≤ 0.5`.
pub(super) fn bound(claim: &ClaimRow) -> String {
    match (claim.bound.at_least, claim.bound.at_most) {
        (Some(low), Some(high)) if low == high => number(claim, low),
        (Some(low), Some(high)) => format!("{} to {}", number(claim, low), number(claim, high)),
        (Some(low), None) => format!("≥ {}", number(claim, low)),
        (None, Some(high)) => format!("≤ {}", number(claim, high)),
        (None, None) => "anything".into(),
    }
}

/// Where it should lie some day, in the same way.
pub(super) fn target(claim: &ClaimRow) -> Option<String> {
    let target = claim.target?;
    let bound = if claim.bound.at_most.is_some() { Bound::at_most(target) } else { Bound::at_least(target) };
    Some(self::bound(&ClaimRow { bound, ..claim.clone() }))
}

fn number(claim: &ClaimRow, number: f64) -> String {
    claim.unit.map_or_else(|| plain(number), |metric| value(metric, number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::mixed;
    use benchgate_core::model::Metric;

    #[test]
    fn numbers_carry_the_unit_of_the_claim() {
        #[track_caller]
        fn check(unit: Option<Metric>, bound: Bound, aim: Option<f64>, expected: (&str, Option<&str>)) {
            let claim = ClaimRow { unit, bound, target: aim, ..mixed().1.claims.remove(0) };
            let got = (super::bound(&claim), target(&claim));
            assert_eq!((&*got.0, got.1.as_deref()), expected);
        }
        check(None, Bound::at_most(0.5), Some(0.25), ("≤ 0.500", Some("≤ 0.250")));
        check(None, Bound::at_least(2.0), Some(4.0), ("≥ 2", Some("≥ 4")));
        check(Some(Metric::Time), Bound::at_most(50.0), None, ("≤ 50 ns", None));
        check(Some(Metric::PeakBytes), Bound::at_most(2048.0), None, ("≤ 2 KiB", None));
        check(Some(Metric::Allocations), Bound::exactly(1.0), None, ("1", None));
        check(None, Bound { at_least: Some(0.9), at_most: Some(1.1) }, None, ("0.900 to 1.100", None));
    }
}
