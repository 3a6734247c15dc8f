//! Reading parameters of a map with three keys, and filling a map of metrics.

use super::super::case::{Case, Throughput};
use super::super::harness::Harness;
use super::CALLS;
use perfblocks::executor::params;
use perfblocks::serialization::{Map, Value};
use std::hint::black_box;

/// Three keys, the one looked for first among them, as in the original's benchmarks.
fn three(value: impl Into<Value>) -> Map {
    let mut map = Map::default();
    map.insert("key1", value);
    map.insert("key2", 42_i64);
    map.insert("key3", true);
    map
}

/// Hands over the cases of this component.
pub(super) fn cases(harness: &mut impl Harness) {
    harness.case(
        Case::new("executor/params/get_str/hit", || three("value1"), |map| text(map, "key1"))
            .check(|_, length| assert_eq!(*length, CALLS as usize * "value1".len()))
            .throughput(Throughput::Elements(CALLS.into())),
    );
    harness.case(
        Case::new("executor/params/get_str/miss", || three("value1"), |map| text(map, "key4"))
            .check(|map, length| assert_eq!((params::text(map, "key4"), *length), ("", 0)))
            .throughput(Throughput::Elements(CALLS.into())),
    );
    let flags = |map: &mut Map| (0..CALLS).map(|_| u32::from(params::flag(black_box(map), black_box("key1")))).sum();
    harness.case(
        Case::new("executor/params/get_bool/hit", || three(true), flags)
            .check(|_, set: &u32| assert_eq!(*set, CALLS))
            .throughput(Throughput::Elements(CALLS.into())),
    );
    integers(harness, "executor/params/get_int/int", 42_i64);
    integers(harness, "executor/params/get_int/from_f64", 42.9);
    metrics(harness);
}

/// The length of the text at `key`, [`CALLS`] times.
fn text(map: &Map, key: &str) -> usize {
    (0..CALLS).map(|_| black_box(params::text(black_box(map), black_box(key))).len()).sum()
}

fn integers(harness: &mut impl Harness, id: &str, value: impl Into<Value> + Copy + 'static) {
    let sum = |map: &mut Map| (0..CALLS).map(|_| params::integer(black_box(map), black_box("key1"))).sum::<i64>();
    harness.case(
        Case::new(id, move || three(value), sum)
            .check(|_, sum| assert_eq!(*sum, 42 * i64::from(CALLS)))
            .throughput(Throughput::Elements(CALLS.into())),
    );
}

/// A new map and five metrics of several kinds.
fn metrics(harness: &mut impl Harness) {
    let create = |(): &mut ()| {
        let mut metrics = Map::default();
        metrics.insert("clicks", black_box(10_i64));
        metrics.insert("duration", black_box(1.5));
        metrics.insert("success", black_box(true));
        metrics.insert("url", black_box("https://shop.example"));
        metrics.insert("errors", black_box(0_u64));
        metrics
    };
    harness.case(
        Case::new("executor/params/metrics_create/5", || (), create)
            .check(|(), metrics| {
                assert_eq!(metrics.len(), 5);
                assert_eq!(metrics.get("url"), Some(&Value::from("https://shop.example")));
            })
            .throughput(Throughput::Elements(5)),
    );
}
