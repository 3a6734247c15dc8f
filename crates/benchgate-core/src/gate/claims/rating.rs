//! How well a value does against a target or a bound.

use crate::gate::{Bound, Claim, Rating};

/// A claim is excellent with this share of its limit to spare.
const TO_SPARE: f64 = 0.2;

/// Room for rounding in a quotient or a slope of counts, as a share.
const ROUNDING: f64 = 1e-12;

/// Whether a value lies in a bound.
pub(super) fn is_within(bound: Bound, value: f64) -> bool {
    let room = |end: f64| ROUNDING * end.abs();
    bound.at_most.is_none_or(|end| value <= end + room(end))
        && bound.at_least.is_none_or(|end| value >= end - room(end))
}

/// The rating of what lies between two values, by the worse of them: equal ones where it is known exactly.
pub(super) fn rating(claim: &Claim, (low, high): (f64, f64)) -> Rating {
    let goal = goal(claim);
    let is_in = |bound| is_within(bound, low) && is_within(bound, high);
    let has_room = goal.exact().is_some() || (goal.ends() == 1 && is_in(spared(goal)));
    match (is_in(goal), has_room) {
        (true, true) => Rating::Excellent,
        (true, false) => Rating::Good,
        (false, _) => Rating::Optimize,
    }
}

/// The bound with the target in the place of its only end.
fn goal(claim: &Claim) -> Bound {
    match (claim.target, claim.bound) {
        (Some(target), Bound { at_least: None, at_most: Some(_) }) => Bound::at_most(target),
        (Some(target), Bound { at_least: Some(_), at_most: None }) => Bound::at_least(target),
        (_, bound) => bound,
    }
}

/// A bound that leaves room: four fifths of an upper end, five quarters of a lower one, so that a quotient and its reciprocal
/// are rated alike.
fn spared(goal: Bound) -> Bound {
    Bound {
        at_most: goal.at_most.map(|end| end - TO_SPARE * end.abs()),
        at_least: goal.at_least.map(|end| end + TO_SPARE / (1.0 - TO_SPARE) * end.abs()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::fixture::claim;
    use crate::gate::{Claim, ClaimKind};
    use crate::model::Metric;

    #[track_caller]
    fn check(bound: Bound, target: Option<f64>, found: (f64, f64), expected: Rating) {
        let kind = ClaimKind::Ceiling { metric: Metric::Allocations, id: "a".into() };
        let claim = Claim { target, ..claim(kind, bound) };
        assert_eq!(rating(&claim, found), expected, "{bound}, target {target:?}, {found:?}");
    }

    #[test]
    fn twenty_per_cent_to_spare_are_excellent() {
        check(Bound::at_most(10.0), None, (8.0, 8.0), Rating::Excellent);
        check(Bound::at_most(10.0), None, (7.0, 8.1), Rating::Good);
        check(Bound::at_most(10.0), None, (9.0, 10.1), Rating::Optimize);
        check(Bound::at_least(10.0), None, (12.5, 12.5), Rating::Excellent);
        check(Bound::at_least(10.0), None, (12.4, 20.0), Rating::Good);
        check(Bound::at_least(10.0), None, (9.9, 20.0), Rating::Optimize);
        // Below zero more is further down.
        check(Bound::at_most(-10.0), None, (-12.0, -12.0), Rating::Excellent);
        check(Bound::at_most(-10.0), None, (-11.9, -11.9), Rating::Good);
        check(Bound::at_most(0.0), None, (0.0, 0.0), Rating::Excellent);
    }

    #[test]
    fn target_takes_the_place_of_the_bound() {
        check(Bound::at_most(10.0), Some(5.0), (4.0, 4.0), Rating::Excellent);
        check(Bound::at_most(10.0), Some(5.0), (5.0, 5.0), Rating::Good);
        check(Bound::at_most(10.0), Some(5.0), (6.0, 6.0), Rating::Optimize);
        check(Bound::at_least(10.0), Some(20.0), (15.0, 16.0), Rating::Optimize);
        check(Bound::at_least(10.0), Some(20.0), (25.0, 26.0), Rating::Excellent);
    }

    #[test]
    fn exact_values_are_met_or_missed_and_ranges_have_nothing_to_spare() {
        check(Bound::exactly(3.0), None, (3.0, 3.0), Rating::Excellent);
        check(Bound::exactly(3.0), None, (2.0, 2.0), Rating::Optimize);
        let between = Bound { at_least: Some(0.9), at_most: Some(1.1) };
        check(between, None, (0.95, 1.05), Rating::Good);
        check(between, None, (0.85, 1.05), Rating::Optimize);
    }
}
