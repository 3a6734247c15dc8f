//! Making a result, collecting results, and giving them back.

use super::super::case::{Case, Throughput};
use super::super::harness::Harness;
use perfblocks::executor::Results;
use perfblocks::serialization::{Map, Nanos, Record, Timestamp};
use std::hint::black_box;
use std::time::{SystemTime, UNIX_EPOCH};

/// Hands over the cases of this component.
pub(super) fn cases(harness: &mut impl Harness) {
    create(harness);
    fill(harness, "executor/result/fill/10", 10);
    fill(harness, "executor/result/fill/100", 100);
    clear(harness);
}

/// A result as a run leaves it, the clock read when the run begins and when it ends.
fn create(harness: &mut impl Harness) {
    let create = |(): &mut ()| {
        let begun = SystemTime::now();
        let mut metrics = Map::default();
        metrics.insert("requests", black_box(100_i64));
        metrics.insert("errors", black_box(2_i64));
        metrics.insert("duration", black_box(1.5));
        let result = Record {
            app_name: black_box("Test App").to_owned(),
            app_type: black_box("web").to_owned(),
            metrics,
            screenshots: vec![black_box("screenshot1.png").to_owned(), black_box("screenshot2.png").to_owned()],
            videos: vec![black_box("video1.mp4").to_owned()],
            success: black_box(true),
            ..Record::default()
        };
        let ended = SystemTime::now();
        let nanos = ended.duration_since(begun).map_or(0, |elapsed| elapsed.as_nanos());
        let duration = Nanos(i64::try_from(nanos).expect("no run takes centuries"));
        Record { start_time: stamp(begun), end_time: stamp(ended), duration, ..result }
    };
    harness.case(Case::new("executor/result/create/small", || (), create).check(|(), result| {
        assert_eq!((result.screenshots.len(), result.videos.len(), result.metrics.len()), (2, 1, 3));
        assert!(result.success && result.start_time > Timestamp::UNIX_EPOCH && result.end_time >= result.start_time);
    }));
}

fn stamp(time: SystemTime) -> Timestamp {
    let since = time.duration_since(UNIX_EPOCH).expect("the clock is past 1970");
    let seconds = i64::try_from(since.as_secs()).expect("the clock is before the year 9999");
    Timestamp::from_unix(seconds, since.subsec_nanos()).expect("the clock is before the year 9999")
}

/// Room for `len` results in one allocation, and as many results without texts of their own.
fn fill(harness: &mut impl Harness, id: &str, len: usize) {
    let fill = move |(): &mut ()| {
        let mut results = Results::with_capacity(black_box(len));
        for index in 0..len {
            let duration = Nanos(index as i64);
            results.push(black_box(Record { duration, success: index % 3 != 0, ..Record::default() }));
        }
        results
    };
    harness.case(
        Case::new(id, || (), fill)
            .check(move |(), results| {
                assert_eq!((results.len(), results.passed()), (len, (len - len.div_ceil(3)) as u64));
                assert_eq!(results.as_slice()[len - 1].duration, Nanos(len as i64 - 1));
            })
            .throughput(Throughput::Elements(len as u64)),
    );
}

/// Results of a kilobyte each, given back at once.
fn clear(harness: &mut impl Harness) {
    const LEN: usize = 1000;
    let full = || {
        let mut results = Results::new();
        for _ in 0..LEN {
            results.push(Record { app_name: "x".repeat(1024), success: true, ..Record::default() });
        }
        assert!(results.memory_usage() > LEN * 1024);
        results
    };
    let clear = |(): &mut (), mut results: Results| {
        results.clear();
        results
    };
    harness.case(
        Case::with_input("executor/result/clear/1000", || (), full, clear)
            .check(|(), results| assert_eq!((results.len(), results.memory_usage()), (0, 0)))
            .large_inputs()
            .throughput(Throughput::Elements(LEN as u64)),
    );
}
