//! Exact counts: compared as they are, without statistics.
//!
//! A count that does not repeat itself, or an iteration of which is no whole number, cannot be compared exactly. It is shown as
//! `not-counted`; but if it grew, passing would be silence about something seen, so it is `inconclusive` then.

use super::finding::{Finding, leak};
use super::{Effect, Status};
use crate::gate::percent::size;
use crate::model::{CountReading, Metric};

/// Growth of a count that does not repeat itself below which nobody is told, as a share: like time, since it is judged like time.
const INEXACT_TOLERANCE: f64 = 0.02;

/// Room for the rounding of `base * (1 + tolerance)`, as a share; far below one part of any count.
const ROUNDING: f64 = 1e-12;

/// The finding for two counts; `tolerance` is a share.
pub(super) fn compare(metric: Metric, base: CountReading, candidate: CountReading, tolerance: f64) -> Finding {
    let log = log_ratio(base.value, candidate.value);
    Finding {
        base: Some(base.value),
        candidate: Some(candidate.value),
        effect: log.map(|log| Effect { estimate: log, lower: log, upper: log }),
        ..verdict(metric, base, candidate, tolerance)
    }
}

fn verdict(metric: Metric, base: CountReading, candidate: CountReading, tolerance: f64) -> Finding {
    let (before, after) = (base.value, candidate.value);
    if !before.is_finite() || !after.is_finite() {
        return Finding::new(Status::Implausible, format!("`{before}` and `{after}` are no counts"));
    }
    if let Some(leak) = leak(metric, candidate) {
        return leak;
    }
    if let Some(whose) = inexact(base, candidate) {
        return if exceeds(after, before, tolerance.max(INEXACT_TOLERANCE)) {
            Finding::new(Status::Inconclusive, format!("{whose} count does not repeat itself, but it grew"))
        } else {
            Finding::new(Status::NotCounted, format!("{whose} count does not repeat itself"))
        };
    }
    let status = if exceeds(after, before, tolerance) {
        Status::Regressed
    } else if exceeds(before, after, tolerance) {
        Status::Improved
    } else {
        Status::Unchanged
    };
    Finding::new(status, difference(metric, before, after))
}

fn inexact(base: CountReading, candidate: CountReading) -> Option<&'static str> {
    match (base.is_exact, candidate.is_exact) {
        (true, true) => None,
        (false, true) => Some("the base's"),
        (true, false) => Some("the candidate's"),
        (false, false) => Some("the"),
    }
}

/// Whether a cost is above a limit by more than the tolerance. Live bytes may be negative, so the room is taken from the size.
pub(super) fn exceeds(cost: f64, limit: f64, tolerance: f64) -> bool {
    cost > limit + limit.abs() * (tolerance + ROUNDING)
}

fn difference(metric: Metric, before: f64, after: f64) -> String {
    if before == after {
        return "the same count".into();
    }
    let (change, word) = ((after - before).abs(), if after > before { "more" } else { "less" });
    match log_ratio(before, after) {
        Some(log) if log.is_finite() => format!("{change} {} {word}, {}", metric.unit(), size(log)),
        _ => format!("{change} {} {word}", metric.unit()),
    }
}

/// ln(candidate/base): 0 for equal counts, infinite where one is zero, `None` where a sign makes it meaningless.
fn log_ratio(base: f64, candidate: f64) -> Option<f64> {
    if base == candidate {
        Some(0.0)
    } else if base >= 0.0 && candidate >= 0.0 {
        Some(candidate.ln() - base.ln()).filter(|log| !log.is_nan())
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn exact(value: f64) -> CountReading {
        CountReading { value, is_exact: true }
    }

    fn inexact(value: f64) -> CountReading {
        CountReading { value, is_exact: false }
    }

    #[test]
    fn every_difference_beyond_the_tolerance_counts() {
        #[track_caller]
        fn check(base: f64, candidate: f64, tolerance: f64, expected: Status) {
            assert_eq!(compare(Metric::Allocations, exact(base), exact(candidate), tolerance).status, expected);
        }
        check(3.0, 3.0, 0.0, Status::Unchanged);
        check(3.0, 4.0, 0.0, Status::Regressed);
        check(4.0, 3.0, 0.0, Status::Improved);
        check(0.0, 0.0, 0.0, Status::Unchanged);
        check(0.0, 1.0, 0.5, Status::Regressed);
        check(30.0, 33.0, 0.1, Status::Unchanged);
        check(30.0, 34.0, 0.1, Status::Regressed);
        check(33.0, 30.0, 0.1, Status::Unchanged);
        check(1e15, 1e15 + 1.0, 0.0, Status::Unchanged); // a byte of a petabyte is within rounding
        check(f64::NAN, 1.0, 0.0, Status::Implausible);
    }

    #[test]
    fn growth_from_zero_is_infinite() {
        let finding = compare(Metric::Allocations, exact(0.0), exact(2.0), 0.0);
        assert_eq!(finding.effect.unwrap().estimate, f64::INFINITY);
        assert_eq!(finding.detail, "2 allocs/iter more");
        assert_eq!(compare(Metric::AllocatedBytes, exact(64.0), exact(80.0), 0.0).detail, "16 B/iter more, 25 %");
    }

    #[test]
    fn what_does_not_repeat_is_not_compared_exactly() {
        #[track_caller]
        fn check(base: CountReading, candidate: CountReading, expected: Status) {
            assert_eq!(compare(Metric::PeakBytes, base, candidate, 0.0).status, expected);
        }
        check(inexact(100.0), inexact(101.0), Status::NotCounted);
        check(exact(100.0), inexact(99.5), Status::NotCounted);
        check(inexact(100.0), exact(100.0), Status::NotCounted);
        check(exact(100.0), inexact(110.5), Status::Inconclusive);
        check(inexact(100.5), inexact(200.5), Status::Inconclusive);
    }

    #[test]
    fn the_candidate_leaks_whatever_the_base_did() {
        #[track_caller]
        fn check(metric: Metric, base: f64, candidate: CountReading, expected: Status) {
            assert_eq!(compare(metric, exact(base), candidate, 0.0).status, expected);
        }
        check(Metric::LiveSlope, 0.0, exact(64.0), Status::Leaked);
        check(Metric::LiveSlope, 64.0, exact(64.0), Status::Leaked);
        check(Metric::LiveSlope, 64.0, exact(0.0), Status::Improved);
        check(Metric::LiveSlope, 0.0, exact(-8.0), Status::Improved);
        check(Metric::LiveSlope, 0.0, inexact(0.3), Status::Inconclusive);
        check(Metric::Threads, 0.0, exact(1.0), Status::Leaked);
        check(Metric::LiveBytes, 64.0, exact(64.0), Status::Unchanged);
    }

    proptest! {
        #[test]
        fn swapping_the_sides_mirrors(base in 0u32..1000, candidate in 0u32..1000) {
            let (base, candidate) = (exact(f64::from(base)), exact(f64::from(candidate)));
            let there = compare(Metric::Allocations, base, candidate, 0.0);
            let back = compare(Metric::Allocations, candidate, base, 0.0);
            prop_assert_eq!(there.effect.unwrap().estimate, -back.effect.unwrap().estimate);
            prop_assert_eq!(there.status == Status::Regressed, back.status == Status::Improved);
        }
    }
}
