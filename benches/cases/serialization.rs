//! Cases of `serialization`: one record, several ways to text. Each writer's bytes are checked against the generic writer's.

pub(crate) mod records;

use super::case::{Case, Throughput};
use super::harness::Harness;
use perfblocks::serialization::{Record, Timestamp, capacity_bound, direct, dynamic, generic, pooled, scalar};

type Fixture = fn() -> Record;

/// Hands over the cases of this area.
pub(crate) fn cases(harness: &mut impl Harness) {
    let sizes: [(&str, Fixture); 2] = [("small", records::small), ("large", records::large)];
    for (size, record) in sizes {
        let id = |operation: &str| format!("serialization/result/{operation}/{size}");
        written(harness, &id("dynamic"), record, |record| dynamic::to_vec(record).expect("a record has a tree"));
        written(harness, &id("generic"), record, write_generic);
        written(harness, &id("direct"), record, direct::to_vec);
        written(harness, &id("pooled"), record, pooled::to_vec);
        reused(harness, &id("reuse"), record);
        pretty(harness, &id("pretty"), record);
    }
    written(harness, "serialization/result/generic/complex", records::complex, write_generic);
    written(harness, "serialization/result/direct/complex", records::complex, direct::to_vec);
    scalars(harness);
    super::action::answers(harness);
}

fn write_generic(record: &Record) -> Vec<u8> {
    generic::to_vec(record).expect("a record is a JSON value")
}

/// A writer that returns a buffer of its own; its release is part of the time.
fn written(harness: &mut impl Harness, id: &str, record: Fixture, write: impl Fn(&Record) -> Vec<u8> + 'static) {
    let expected = write_generic(&record());
    let throughput = Throughput::Bytes(expected.len() as u64);
    let case = Case::new(id, record, move |record| write(record))
        .check(move |_, text| assert_eq!(*text, expected))
        .throughput(throughput);
    harness.case(case);
}

/// The direct writer into a buffer that the caller keeps.
fn reused(harness: &mut impl Harness, id: &str, record: Fixture) {
    let expected = write_generic(&record());
    let throughput = Throughput::Bytes(expected.len() as u64);
    let build = move || {
        let record = record();
        let buffer = Vec::with_capacity(capacity_bound(&record));
        (record, buffer)
    };
    let case = Case::new(id, build, |(record, buffer): &mut (Record, Vec<u8>)| {
        buffer.clear();
        direct::append(record, buffer);
        buffer.len()
    })
    .check(move |(_, buffer), len| assert_eq!((buffer, *len), (&expected, expected.len())))
    .throughput(throughput);
    harness.case(case);
}

/// The generic writer, indented; checked against the direct writer's indentation.
fn pretty(harness: &mut impl Harness, id: &str, record: Fixture) {
    let mut expected = Vec::new();
    direct::append_pretty(&record(), &mut expected);
    let throughput = Throughput::Bytes(expected.len() as u64);
    let case = Case::new(id, record, |record| generic::to_vec_pretty(record).expect("a record is a JSON value"))
        .check(move |_, text| assert_eq!(*text, expected))
        .throughput(throughput);
    harness.case(case);
}

fn scalars(harness: &mut impl Harness) {
    let expected: Vec<u8> =
        FLOATS.iter().flat_map(|float| serde_json::to_vec(float).expect("a float is a JSON value")).collect();
    let floats = |floats: &[f64; 16], buffer: &mut Vec<u8>| {
        for &float in floats {
            scalar::append_f64(float, buffer);
        }
    };
    appended(harness, "serialization/scalar/f64/mixed", FLOATS, floats, expected);
    let integer = |value: &i64, buffer: &mut Vec<u8>| scalar::append_i64(*value, buffer);
    appended(harness, "serialization/scalar/i64/min", i64::MIN, integer, b"-9223372036854775808".to_vec());
    let now = Timestamp::from_unix(1_762_855_200, 123_456_789).expect("a second of 2025");
    let stamp = |value: &Timestamp, buffer: &mut Vec<u8>| scalar::append_timestamp(*value, buffer);
    appended(harness, "serialization/scalar/rfc3339/now", now, stamp, b"\"2025-11-11T10:00:00.123456789Z\"".to_vec());
}

/// Sixteen numbers from short to long: whole, short fractions, thirds, the ends of the range, one that is not finite.
const FLOATS: [f64; 16] = [
    0.0,
    -1.0,
    1.5,
    100.0,
    0.1,
    -99.99,
    std::f64::consts::PI,
    1.0 / 3.0,
    6.022_140_76e23,
    1.602_176_634e-19,
    123_456_789.123_456_79,
    f64::MAX,
    f64::MIN_POSITIVE,
    5e-324,
    9_007_199_254_740_993.0,
    f64::NAN,
];

/// A value appended to a buffer that is kept.
fn appended<T: Clone + 'static>(
    harness: &mut impl Harness,
    id: &str,
    value: T,
    append: impl Fn(&T, &mut Vec<u8>) + 'static,
    expected: Vec<u8>,
) {
    let case = Case::new(
        id,
        move || (value.clone(), Vec::with_capacity(512)),
        move |(value, buffer): &mut (T, Vec<u8>)| {
            buffer.clear();
            append(value, buffer);
            buffer.len()
        },
    )
    .check(move |(_, buffer), _| assert_eq!(*buffer, expected));
    harness.case(case);
}
