//! A benchmark whose sides differ in more than the code that it measures.
//!
//! ```text
//!  declared work differs ───────────────────────────────> incomparable, until it is accepted
//!  harness differs ──┬─ and nothing else ───────────────> inconclusive where it moved: the code is the same
//!                    └─ effect <= LOOP_NANOS ───────────> inconclusive: the harness's own loop may be all of it
//!  own source differs ──────────────────────────────────> said beside the row
//! ```
//!
//! What both sides do alike, within the tolerance, stays so whatever differs. It decides nothing about identical code, failures and
//! benchmarks of one side.

use super::finding::Finding;
use super::{Open, Status};
use crate::model::{BenchDifference, HarnessChange, Metric, Throughput};

/// Nanoseconds per iteration that a harness's own loop may differ by: a counter, a call and `black_box`, which some versions build from
/// a volatile read. Criterion 0.5 and 0.8 are 0.2 to 0.5 ns apart; the rest is room for slow processors and large results.
const LOOP_NANOS: f64 = 5.0;

/// Files of a bench's source that are named.
const NAMED: usize = 2;

/// What a finding is worth where the sides of its benchmark, which rows call `name`, differ.
pub(super) fn weigh(difference: Option<&BenchDifference>, metric: Metric, name: &str, finding: Finding) -> Finding {
    let Some(BenchDifference { work, source, harness }) = difference else { return finding };
    if !is_compared(finding.status) {
        return finding;
    }
    let finding = match work {
        Some(work) if metric == Metric::Time || finding.status != Status::Unchanged => other_work(*work, name, finding),
        _ => finding,
    };
    let finding = match harness {
        Some(change) if !finding.is_other_work => other_harness(change, metric, finding),
        _ => finding,
    };
    beside(source, finding)
}

/// Whether a status came from comparing both sides.
fn is_compared(status: Status) -> bool {
    matches!(
        status,
        Status::Regressed
            | Status::Improved
            | Status::Unchanged
            | Status::Layout
            | Status::Inconclusive
            | Status::NotCounted
    )
}

fn other_work([base, candidate]: [Throughput; 2], name: &str, finding: Finding) -> Finding {
    let detail = format!(
        "an iteration is {} in the base and {} in the candidate, so times and counts are of different work; if that is meant, \
         `accept '{name}' --work-changed`",
        words(base),
        words(candidate)
    );
    Finding { status: Status::Incomparable, is_other_work: true, relinked: None, unconfirmed: None, detail, ..finding }
}

fn other_harness(change: &HarnessChange, metric: Metric, finding: Finding) -> Finding {
    let HarnessChange { base, candidate, is_alone } = change;
    let nanos = finding.base.zip(finding.candidate).map(|(base, candidate)| (candidate - base).abs());
    let is_of_the_loop = metric == Metric::Time && nanos.is_some_and(|nanos| nanos <= LOOP_NANOS);
    let has_moved = matches!(finding.status, Status::Regressed | Status::Improved | Status::Inconclusive);
    if !has_moved || !(*is_alone || is_of_the_loop) {
        return finding;
    }
    let why = match is_alone {
        true => "and nothing else that this benchmark is made of".to_owned(),
        false => format!("whose own loop may be all of a difference of at most {LOOP_NANOS} ns per iteration"),
    };
    let detail =
        format!("harness changed: {base} in the base, {candidate} in the candidate, {why}; {}", finding.detail);
    // A count has no error level: it is the same or it is not.
    let status = if metric == Metric::Time { Status::Inconclusive } else { Status::NotCounted };
    Finding { status, open: Open::Harness, unconfirmed: None, detail, ..finding }
}

fn beside(source: &[String], finding: Finding) -> Finding {
    let named: Vec<String> = source.iter().take(NAMED).map(|file| format!("`{file}`")).collect();
    if named.is_empty() {
        return finding;
    }
    let more = match source.len() - named.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let words = format!("the benchmark's own source differs: {}{more}", named.join(", "));
    let parts = [&*finding.detail, &*words].into_iter().filter(|part| !part.is_empty());
    let detail = parts.collect::<Vec<_>>().join("; ");
    Finding { detail, beside: Some(words), ..finding }
}

fn words(work: Throughput) -> String {
    let (amount, one, many) = match work {
        Throughput::Bytes(n) => (n, "byte", "bytes"),
        Throughput::Elements(n) => (n, "element", "elements"),
        Throughput::Bits(n) => (n, "bit", "bits"),
    };
    format!("{amount} {}", if amount == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::fixture::{bench, counts, pairs, run_of};
    use crate::gate::{Action, ExitCode, Outcome, Policy, Row, judge};
    use crate::model::{Evidence, Metric, Paired, Run, Sample, Samples};

    fn times(effects: &[f64], nanos: f64) -> Evidence {
        let mut pairs = pairs(effects.iter().copied());
        let unit = pairs[0].base.as_slice()[0].nanos_per_iteration();
        for pair in &mut pairs {
            let nanos = nanos / unit;
            let scale = |samples: &Samples| {
                let all = samples.as_slice().iter();
                Samples::new(all.map(|one| Sample { nanos: one.nanos * nanos, ..*one }).collect()).unwrap()
            };
            (pair.base, pair.candidate) = (scale(&pair.base), scale(&pair.candidate));
        }
        Evidence::Pairs(Paired { pairs, ..Paired::default() })
    }

    fn run_with(difference: BenchDifference, metric: Metric, evidence: Evidence) -> Run {
        let mut run = run_of([("a", metric, evidence)]);
        run.differences.insert(bench("a"), difference);
        run
    }

    #[track_caller]
    fn check(run: &Run, status: Status, exit: ExitCode, words: &str) -> Row {
        let Outcome { mut rows, exits, .. } = judge(&Policy::default(), run);
        let row = rows.remove(0);
        assert!(row.status == status && row.detail.contains(words), "{} {}", row.status, row.detail);
        assert_eq!(ExitCode::strongest(exits), exit, "{}", row.detail);
        row
    }

    fn work(base: u64, candidate: u64) -> BenchDifference {
        let work = Some([Throughput::Elements(base), Throughput::Elements(candidate)]);
        BenchDifference { work, ..BenchDifference::default() }
    }

    fn harness(is_alone: bool) -> BenchDifference {
        let (base, candidate) = ("criterion 0.5.1".to_owned(), "criterion 0.8.2".to_owned());
        let harness = Some(HarnessChange { base, candidate, is_alone });
        BenchDifference { harness, ..BenchDifference::default() }
    }

    #[test]
    fn other_work_is_incomparable_whatever_it_took() {
        let words = "an iteration is 1000 elements in the base and 2000 in the candidate";
        let words = &words.replace("2000", "2000 elements");
        for effects in [[0.69; 12], [0.0; 12], [-0.69; 12]] {
            let run = run_with(work(1000, 2000), Metric::Time, times(&effects, 1000.0));
            let row = check(&run, Status::Incomparable, ExitCode::Incomplete, words);
            assert!(row.base.is_some() && row.effect.is_some(), "both values are shown");
        }
        let run = run_with(work(1, 2), Metric::Allocations, counts(4.0, 8.0));
        check(&run, Status::Incomparable, ExitCode::Incomplete, "an iteration is 1 element in the base and 2 elements");
        let run = run_with(work(1, 2), Metric::Allocations, counts(4.0, 4.0));
        check(&run, Status::Unchanged, ExitCode::Pass, "");
    }

    #[test]
    fn harness_that_alone_changed_makes_nothing_red_and_nothing_improved() {
        for effects in [[0.24; 12], [-0.24; 12]] {
            let run = run_with(harness(true), Metric::Time, times(&effects, 1000.0));
            let words =
                "harness changed: criterion 0.5.1 in the base, criterion 0.8.2 in the candidate, and nothing else";
            let row = check(&run, Status::Inconclusive, ExitCode::Pass, words);
            assert_eq!((row.open, row.action == Action::Fail), (Some(Open::Harness), false));
        }
        let run = run_with(harness(true), Metric::Allocations, counts(1.0, 3.0));
        check(&run, Status::NotCounted, ExitCode::NothingCompared, "harness changed");
        check(&run_with(harness(true), Metric::Time, times(&[0.0; 12], 1000.0)), Status::Unchanged, ExitCode::Pass, "");
    }

    #[test]
    fn code_that_changed_too_is_excused_where_the_loop_may_be_all_of_it() {
        // 24 % of 2 ns are half a nanosecond, of 1 µs they are 240.
        let small = run_with(harness(false), Metric::Time, times(&[0.22; 12], 2.0));
        check(&small, Status::Inconclusive, ExitCode::NothingCompared, "whose own loop may be all of a difference");
        let large = run_with(harness(false), Metric::Time, times(&[0.22; 12], 1000.0));
        check(&large, Status::Regressed, ExitCode::Regression, "slower by");
        let counted = run_with(harness(false), Metric::Allocations, counts(1.0, 3.0));
        check(&counted, Status::Regressed, ExitCode::Regression, "");
    }

    #[test]
    fn what_the_harness_changed_is_no_part_of_the_share() {
        let policy = Policy { inconclusive_at_most: Some(0.0), ..Policy::default() };
        let run = run_with(harness(true), Metric::Time, times(&[0.24; 12], 1000.0));
        assert_eq!(judge(&policy, &run).exits, [ExitCode::Pass]);
        let strict = Policy { actions: [(Status::Inconclusive, Action::Fail)].into(), ..Policy::default() };
        assert_eq!(judge(&strict, &run).exits, [ExitCode::Pass]);
    }

    #[test]
    fn own_source_is_named_beside_the_row_whatever_its_verdict() {
        let source = ["benches/a.rs", "benches/b.rs", "benches/c.rs"].map(String::from).to_vec();
        let difference = BenchDifference { source, ..BenchDifference::default() };
        let words = "the benchmark's own source differs: `benches/a.rs`, `benches/b.rs` and 1 more";
        let run = |effects| run_with(difference.clone(), Metric::Time, times(effects, 1000.0));
        let row = check(&run(&[-0.3; 12]), Status::Improved, ExitCode::Pass, words);
        assert_eq!(row.beside.as_deref(), Some(words));
        check(&run(&[0.3; 12]), Status::Regressed, ExitCode::Regression, words);
        check(&run(&[0.0; 12]), Status::Unchanged, ExitCode::Pass, words);
        let identical = Evidence::Identical { detail: "same bytes".into() };
        let row = check(&run_with(difference.clone(), Metric::Time, identical), Status::Identical, ExitCode::Pass, "");
        assert_eq!(row.beside, None);
    }
}
