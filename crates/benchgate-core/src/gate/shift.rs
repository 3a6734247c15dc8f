//! One shift of all times. Where nearly every time moved alike, what they share has changed and not one benchmark after the other,
//! and the headline says so before it counts rows.
//!
//! It decides nothing: verdicts and exit code are what the policy makes of the rows, for a build profile or an allocator that slows
//! everything down is a regression too.

use super::Row;
use super::percent::signed;
use super::status::Word;
use crate::model::{Base, Metric, Run};
use crate::stats::median;

/// Times below which all of them moving alike is no surprise: small suites often work on one function.
const FEWEST: usize = 8;

/// Share of the times that must move alike. The others may be bound by something that did not change, such as the kernel.
const ALIKE: f64 = 0.9;

/// How far a time may be from the middle one and still have moved alike, as a share of the shift (or its tolerance, if that is more):
/// another machine moves arithmetic and memory by different amounts. At one time all 51 rows of a suite moved by 25 to 34 %, as the
/// next run came to lie on another processor (github.com/a16z/jolt/pull/1824).
const SPREAD: f64 = 0.5;

/// `the environment changed, or what all times share: 51 of 51 moved alike, by about +30 %; `, nothing where they did not.
pub(super) fn sentence(rows: &[Row], run: &Run) -> String {
    let is_compared = |row: &&Row| row.key.metric == Metric::Time && row.status.word() == Word::Verdict;
    let moved: Vec<(f64, f64)> = rows
        .iter()
        .filter(is_compared)
        .filter_map(|row| {
            Some((row.relinked.map(|relinked| relinked.effect).or(row.effect)?.estimate, row.tolerance.ln_1p()))
        })
        .collect();
    let effects: Vec<f64> = moved.iter().map(|(effect, _)| *effect).collect();
    let Some(middle) = median(&effects).filter(|_| moved.len() >= FEWEST) else { return String::new() };
    let is_alike = |(effect, tau): &&(f64, f64)| {
        let is_beyond = effect * middle.signum() > *tau;
        is_beyond && (effect - middle).abs() <= tau.max(SPREAD * middle.abs())
    };
    let alike = moved.iter().filter(is_alike).count();
    if (alike as f64) < ALIKE * moved.len() as f64 {
        return String::new();
    }
    // Times of one run and a stored one have nothing in common but the reference; sides that took turns have the machine.
    let what = match run.base {
        Base::Stored { .. } => "the environment changed, or what all times share",
        Base::Git { .. } => "what all times share has changed (build, allocator, a dependency)",
    };
    format!("{what}: {alike} of {} moved alike, by about {}; ", moved.len(), signed(middle))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::fixture::{pairs, run_of, timed};
    use crate::gate::{Action, ExitCode, Policy, Status, judge};
    use crate::model::{Evidence, PastTime, Recorded, Series};

    /// A run of times with these effects.
    fn run(effects: impl IntoIterator<Item = f64>) -> Run {
        let mut run = run_of([]);
        run.series = effects.into_iter().enumerate().map(|(at, effect)| one(&format!("bench {at}"), effect)).collect();
        run
    }

    fn one(id: &str, effect: f64) -> Series {
        let mut series = run_of([("a", Metric::Time, timed([effect; 16]))]).series.remove(0);
        series.key.bench.group = id.into();
        series
    }

    /// 51 slowdowns by 15 to 45 %, 30 % in the middle.
    fn machine_of_another_speed() -> Vec<f64> {
        (0..51).map(|at| 0.262 + 0.11 * (f64::from(at % 11) - 5.0) / 5.0).collect()
    }

    #[test]
    fn one_shift_of_a_whole_suite_is_one_headline_and_loses_no_red_row() {
        let run = run(machine_of_another_speed());
        let outcome = judge(&Policy::default(), &run);
        let expected = "what all times share has changed (build, allocator, a dependency): 51 of 51 moved alike, by about +30.0 %; \
                        51 regressed of 51 series";
        assert_eq!(outcome.headline, expected);
        assert_eq!(outcome.exits, [ExitCode::Regression]);
        assert!(outcome.rows.iter().all(|row| (row.status, row.action) == (Status::Regressed, Action::Fail)));
    }

    #[test]
    fn what_was_recorded_on_another_day_is_shifted_by_the_environment_first() {
        let past = |at: usize| PastTime { started: String::new(), value: 0.002 * (at % 2) as f64, links: 1 };
        let recorded = |now: f64| Recorded {
            past: (0..8).map(past).collect(),
            links: 1,
            pairs: pairs([now; 10]),
            ..Recorded::default()
        };
        let mut run = run(machine_of_another_speed());
        run.base = Base::Stored { reason: "asked for".into() };
        for (series, effect) in run.series.iter_mut().zip(machine_of_another_speed()) {
            series.evidence = Evidence::Recorded(recorded(effect));
        }
        let outcome = judge(&Policy::default(), &run);
        let start = "the environment changed, or what all times share: 51 of 51 moved alike, by about +2";
        assert!(outcome.headline.starts_with(start), "{}", outcome.headline);
        assert_eq!((outcome.census.count(Status::Regressed), &outcome.exits[..]), (51, &[ExitCode::Regression][..]));
    }

    #[test]
    fn what_moves_on_its_own_is_counted_as_it_is() {
        #[track_caller]
        fn check(effects: Vec<f64>, is_one: bool) {
            let headline = judge(&Policy::default(), &run(effects)).headline;
            assert_eq!(headline.contains("moved alike"), is_one, "{headline}");
        }
        let slower = |n: usize, of: usize| (0..of).map(|at| if at < n { 0.26 } else { 0.0 }).collect::<Vec<f64>>();
        check(slower(8, 8), true);
        check(slower(46, 51), true);
        check(slower(45, 51), false); // 88 %
        check(slower(7, 7), false); // a small suite
        check(slower(0, 51), false);
        // Faster alike is as much one thing; slower and faster is not, nor are slowdowns by any amount.
        check(vec![-0.2; 51], true);
        check((0..51).map(|at| if at % 2 == 0 { 0.26 } else { -0.26 }).collect(), false);
        check((0..51).map(|at| 0.03 + 0.02 * f64::from(at)).collect(), false);
        check(vec![0.01; 51], false); // within the tolerance
    }

    #[test]
    fn counts_and_states_neither_help_nor_hinder() {
        let mut run = run(vec![0.26; 10]);
        run.series.extend(run_of([("c", Metric::Allocations, crate::gate::fixture::counts(3.0, 3.0))]).series);
        let collapsed = one("collapsed", -4.0);
        run.series.push(collapsed);
        let headline = judge(&Policy::default(), &run).headline;
        assert!(headline.contains("10 of 10 moved alike") && headline.contains("1 implausible"), "{headline}");
    }
}
