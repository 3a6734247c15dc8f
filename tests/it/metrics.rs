//! Recording by more threads than have books of their own.

use perfblocks::metrics::{Execution, Recorder, Status};
use std::sync::Barrier;

/// All alive at the same time.
#[test]
fn a_hundred_threads_lose_nothing() {
    let recorder = Recorder::default();
    let pull = recorder.operation("pull");
    let backup = recorder.job("backup");
    let together = Barrier::new(100);
    std::thread::scope(|scope| {
        for thread in 0..100 {
            let (recorder, together) = (&recorder, &together);
            scope.spawn(move || {
                together.wait();
                for event in 0..1000 {
                    let _running = recorder.running();
                    recorder.ended(pull, event, Status::Ok);
                    let execution = Execution { status: Status::Ok, took_ns: event, ended_at_ns: thread };
                    recorder.executed(backup, execution);
                    recorder.scheduled();
                }
                together.wait();
            });
        }
    });
    let snapshot = recorder.snapshot();
    let seen = &snapshot.operations[0];
    assert_eq!((seen.ok, seen.latency.count, seen.latency.sum_ns), (100_000, 100_000, 100 * 499_500));
    assert_eq!((seen.latency.min_ns, seen.latency.max_ns), (0, 999));
    let job = snapshot.job("backup").unwrap();
    assert_eq!((job.ok, job.total_ns, job.last_ok_at_ns), (100_000, 100 * 499_500, Some(99)));
    assert_eq!((snapshot.scheduled, snapshot.running.now), (100_000, 0));
    assert!((1..=100).contains(&snapshot.running.max));
}
