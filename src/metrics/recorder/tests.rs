//! Tests of the recorder as a whole, many of them with threads.

use super::*;
use crate::metrics::{LatencySummary, Level, OTHER};
use proptest::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};

fn ended(status: Status, took_ns: u64, ended_at_ns: u64) -> Execution {
    Execution { status, took_ns, ended_at_ns }
}

#[track_caller]
fn check(operations: &[(u64, Status)], expected: (u64, u64, Option<f64>)) {
    let recorder = Recorder::default();
    let pull = recorder.operation("pull");
    operations.iter().for_each(|(ns, status)| recorder.ended(pull, *ns, *status));
    let snapshot = recorder.snapshot();
    let seen = snapshot.operation("pull").expect("a key was made");
    assert_eq!((seen.ok, seen.failed, seen.error_rate_percent()), expected);
    assert_eq!(seen.latency.count, operations.len() as u64);
}

#[test]
fn operations_are_counted_by_how_they_ended() {
    check(&[], (0, 0, None));
    check(&[(0, Status::Ok)], (1, 0, Some(0.0)));
    check(&[(5, Status::Failed)], (0, 1, Some(100.0)));
    check(&[(5, Status::Ok), (6, Status::Ok), (7, Status::Ok), (u64::MAX, Status::Failed)], (3, 1, Some(25.0)));
}

#[test]
fn an_empty_recorder_has_nothing() {
    let snapshot = Recorder::default().snapshot();
    assert_eq!(snapshot, Snapshot::default());
    assert_eq!(snapshot.error_rate_percent(), None);
}

#[test]
fn a_latency_alone_counts_no_operation_and_a_count_alone_no_latency() {
    let recorder = Recorder::default();
    let pull = recorder.operation("pull");
    recorder.latency(pull, 0);
    recorder.count(pull, Status::Failed);
    let snapshot = recorder.snapshot();
    let seen = &snapshot.operations[0];
    assert_eq!((seen.ok, seen.failed), (0, 1));
    let zero = LatencySummary { count: 1, ..LatencySummary::default() };
    assert_eq!(seen.latency, zero);
}

#[test]
fn jobs_have_books() {
    let recorder = Recorder::default();
    let [backup, report] = ["backup", "report"].map(|name| recorder.job(name));
    recorder.executed(backup, ended(Status::Ok, 30, 100));
    recorder.executed(backup, ended(Status::Failed, 10, 200));
    recorder.executed(backup, ended(Status::Ok, 20, 150));
    recorder.retried(backup, Status::Failed);
    recorder.retried(report, Status::Ok);
    let snapshot = recorder.take();
    let expected = JobTotals {
        ok: 2,
        failed: 1,
        total_ns: 60,
        min_ns: Some(10),
        max_ns: Some(30),
        last_ok_at_ns: Some(150),
        last_failed_at_ns: Some(200),
        retries_ok: 0,
        retries_failed: 1,
    };
    assert_eq!(snapshot.job("backup"), Some(&expected));
    assert_eq!((expected.count(), expected.mean_ns(), expected.last_at_ns()), (3, Some(20.0), Some(200)));
    let retried = JobTotals { retries_ok: 1, ..JobTotals::default() };
    assert_eq!(snapshot.job("report"), Some(&retried));
    assert_eq!((retried.mean_ns(), retried.error_rate_percent()), (None, None));
    assert_eq!(recorder.snapshot().job("backup"), Some(&JobTotals::default()));
}

#[test]
fn the_rest_is_counted_by_name() {
    let recorder = Recorder::default();
    recorder.scheduled();
    recorder.fell_back();
    recorder.skipped(recorder.reason("still running"));
    recorder.happened(recorder.event("die"));
    recorder.add(recorder.custom("bytes"), 1 << 40);
    recorder.waited(1500);
    let expected = "\
operations: none ended
jobs: 1 scheduled, 1 skipped, 0 running, at most 0
waits: min 1.5 us, mean 1.5 us, p50 1.5 us, p95 1.5 us, p99 1.5 us, max 1.5 us
skips:
  still running: 1
events:
  die: 1
fallbacks: 1
custom:
  bytes: 1099511627776
";
    assert_eq!(recorder.take().to_string(), expected);
    let cleared = recorder.snapshot();
    assert_eq!((cleared.scheduled, cleared.fallbacks, cleared.skipped(), cleared.waits.count), (0, 0, 0, 0));
}

#[test]
fn a_summary_names_what_was_recorded() {
    let recorder = Recorder::default();
    recorder.ended(recorder.operation("inspect"), 40, Status::Ok);
    recorder.count(recorder.operation("start"), Status::Failed);
    recorder.executed(recorder.job("backup"), ended(Status::Ok, 2_500_000_000, 1));
    let _running = recorder.running();
    let expected = "\
operations: 50.0 % failed
  inspect: 1 ok, 0 failed; min 40 ns, mean 40 ns, p50 40 ns, p95 40 ns, p99 40 ns, max 40 ns
  start: 0 ok, 1 failed; no latencies
jobs: 0 scheduled, 0 skipped, 1 running, at most 1
  backup: 1 ok, 0 failed, 0 retries, mean 2.5 s
waits: no latencies
fallbacks: 0
";
    assert_eq!(recorder.snapshot().to_string(), expected);
}

#[test]
fn names_beyond_the_limits_are_counted_together() {
    let recorder = Recorder::new(Limits { operations: 2, jobs: 1, reasons: 1, events: 0, customs: 0 });
    for number in 0..1000 {
        let name = number.to_string();
        recorder.ended(recorder.operation(&name), 7, Status::Ok);
        recorder.executed(recorder.job(&name), ended(Status::Ok, 7, 7));
        recorder.skipped(recorder.reason(&name));
        recorder.happened(recorder.event(&name));
        recorder.add(recorder.custom(&name), 1);
    }
    let snapshot = recorder.snapshot();
    let operations: Vec<_> = snapshot.operations.iter().map(|operation| (&*operation.name, operation.ok)).collect();
    assert_eq!(operations, [(OTHER, 998), ("0", 1), ("1", 1)]);
    let jobs: Vec<_> = snapshot.jobs.iter().map(|job| (&*job.name, job.totals.ok)).collect();
    assert_eq!(jobs, [(OTHER, 999), ("0", 1)]);
    let counts = |counts: &[NamedCount]| counts.iter().map(|count| count.count).collect::<Vec<_>>();
    assert_eq!(counts(&snapshot.skips), [999, 1]);
    assert_eq!((counts(&snapshot.events), counts(&snapshot.customs)), (vec![1000], vec![1000]));
}

#[test]
fn a_key_of_a_greater_recorder_harms_nothing() {
    let greater = Recorder::default();
    for number in 0..60 {
        greater.operation(&number.to_string());
        greater.job(&number.to_string());
        greater.custom(&number.to_string());
    }
    let smaller = Recorder::new(Limits { operations: 1, jobs: 1, reasons: 0, events: 0, customs: 1 });
    smaller.ended(greater.operation("59"), 7, Status::Ok);
    smaller.executed(greater.job("59"), ended(Status::Ok, 7, 7));
    smaller.add(greater.custom("59"), 7);
    assert_eq!(smaller.snapshot(), Snapshot::default());
}

#[test]
fn a_reset_keeps_jobs_that_run_and_the_keys() {
    let recorder = Recorder::default();
    let pull = recorder.operation("pull");
    recorder.ended(pull, 5, Status::Ok);
    let running = recorder.running();
    recorder.reset();
    assert_eq!(recorder.snapshot().running, Level { now: 1, max: 1 });
    drop(running);
    recorder.ended(pull, 9, Status::Failed);
    let snapshot = recorder.snapshot();
    assert_eq!(snapshot.running, Level { now: 0, max: 1 });
    let seen = &snapshot.operations[0];
    assert_eq!((seen.ok, seen.failed, seen.latency.min_ns, seen.latency.max_ns), (0, 1, 9, 9));
}

#[test]
fn extremes_start_anew_after_each_reset() {
    let recorder = Recorder::default();
    let pull = recorder.operation("pull");
    for latencies in [[5_000, 70_000], [6_001, 6_003], [1, 2], [0, 900_001]] {
        latencies.into_iter().for_each(|ns| recorder.latency(pull, ns));
        let seen = recorder.take().operations[0].latency;
        assert_eq!([seen.min_ns, seen.max_ns], latencies);
    }
    assert_eq!(recorder.take().operations[0].latency, LatencySummary::default());
}

/// Threads that record while another takes: nothing is lost, doubled or torn, and extremes lie within their buckets.
#[test]
fn what_is_taken_adds_up_to_what_was_recorded() {
    const THREADS: u64 = 4;
    const EVENTS: u64 = 100_000;
    let recorder = Recorder::default();
    let [pull, push] = ["pull", "push"].map(|name| recorder.operation(name));
    let [backup, bytes] = [recorder.job("backup").index, recorder.custom("bytes").index];
    let (backup, bytes) = (Key::new(backup), Key::new(bytes));
    let is_over = AtomicBool::new(false);
    // Latencies of `pull` are 1000 or 3000, so a sum that is not made of as many as are counted would show.
    let taken = std::thread::scope(|scope| {
        let taker = scope.spawn(|| {
            let mut taken = Vec::new();
            while !is_over.load(Ordering::Acquire) {
                taken.push(recorder.take());
            }
            taken.push(recorder.take());
            taken
        });
        let writers: Vec<_> = (0..THREADS)
            .map(|thread| {
                let recorder = &recorder;
                scope.spawn(move || {
                    for event in 0..EVENTS {
                        let status = if event % 4 == 0 { Status::Failed } else { Status::Ok };
                        recorder.ended(pull, 1000 + 2000 * (event % 2), status);
                        recorder.latency(push, thread << 20 | event);
                        recorder.add(bytes, 3);
                        if event % 16 == 0 {
                            let _running = recorder.running();
                            recorder.executed(backup, ended(status, 10, event));
                        }
                    }
                })
            })
            .collect();
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        is_over.store(true, Ordering::Release);
        taker.join().unwrap()
    });
    let (mut totals, mut pushed, mut executed, mut added) = ([0; 4], [0; 2], 0, 0);
    for snapshot in &taken {
        let Some(seen) = snapshot.operation("pull") else { continue };
        assert_eq!(seen.ok + seen.failed, seen.latency.count, "an event is torn");
        let above = seen.latency.sum_ns - 1000 * seen.latency.count;
        assert!(above.is_multiple_of(2000) && above / 2000 <= seen.latency.count, "an event is torn: {seen:?}");
        if seen.latency.count > 0 {
            // Exact, or the bound of the bucket of 1000 or 3000.
            for bound in [seen.latency.min_ns, seen.latency.max_ns] {
                assert!([1000, 3000].iter().any(|ns| bound.abs_diff(*ns) <= ns / 32), "{seen:?}");
            }
        }
        assert!(seen.error_rate_percent().is_none_or(|rate| (0.0..=100.0).contains(&rate)));
        let more = [seen.ok, seen.failed, seen.latency.count, seen.latency.sum_ns];
        totals = std::array::from_fn(|index| totals[index] + more[index]);
        let push = snapshot.operation("push").unwrap().latency;
        pushed = [pushed[0] + push.count, pushed[1] + push.sum_ns];
        executed += snapshot.job("backup").unwrap().count();
        added += snapshot.customs[0].count;
    }
    let all = THREADS * EVENTS;
    assert_eq!(totals, [all / 4 * 3, all / 4, all, all * 2000]);
    let of_thread = |thread: u64| (0..EVENTS).map(|event| thread << 20 | event).sum::<u64>();
    assert_eq!(pushed, [all, (0..THREADS).map(of_thread).sum()]);
    assert_eq!((executed, added), (all / 16, all * 3));
    assert_eq!(recorder.snapshot().running.now, 0);
}

#[test]
fn two_readers_take_turns() {
    let recorder = Recorder::default();
    let pull = recorder.operation("pull");
    let taken: u64 = std::thread::scope(|scope| {
        let takers: Vec<_> = (0..2)
            .map(|_| scope.spawn(|| (0..200).map(|_| recorder.take().operations[0].latency.count).sum::<u64>()))
            .collect();
        (0..20_000).for_each(|ns| recorder.latency(pull, ns));
        takers.into_iter().map(|taker| taker.join().unwrap()).sum()
    });
    assert_eq!(taken + recorder.take().operations[0].latency.count, 20_000);
}

#[test]
fn a_snapshot_at_hand_is_filled_anew() {
    let recorder = Recorder::default();
    let mut snapshot = Snapshot::default();
    recorder.latency(recorder.operation("pull"), 1);
    recorder.executed(recorder.job("backup"), ended(Status::Ok, 1, 1));
    for _ in 0..3 {
        recorder.snapshot_into(&mut snapshot);
        assert_eq!(snapshot, recorder.snapshot());
    }
    recorder.take_into(&mut snapshot);
    assert_eq!(recorder.snapshot().operations[0].latency.count, 0);
}

proptest! {
    #[test]
    fn a_recorder_sees_what_a_histogram_sees(rounds in prop::collection::vec(prop::collection::vec(any::<u64>(), 0..40), 0..6)) {
        let recorder = Recorder::default();
        let pull = recorder.operation("pull");
        for latencies in rounds {
            let mut expected = Histogram::default();
            for ns in latencies {
                recorder.latency(pull, ns >> (ns % 64));
                expected.record(ns >> (ns % 64));
            }
            let seen = recorder.latencies(pull);
            prop_assert_eq!(seen.summary(), expected.summary());
            prop_assert_eq!(&seen.buckets, &expected.buckets);
            prop_assert_eq!(recorder.quantile_ns(pull, 0.9), expected.quantile_ns(0.9));
            recorder.reset();
        }
    }
}
