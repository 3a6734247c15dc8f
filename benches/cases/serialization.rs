//! Cases of `serialization`: one record, several ways to text. Each writer's bytes are checked against the generic writer's.

pub(crate) mod records;

use super::case::{Case, Throughput};
use super::harness::Harness;
use perfblocks::serialization::{
    KnownDay, Record, Timestamp, capacity_bound, direct, dynamic, generic, pooled, scalar, stream,
};

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
        reused_pretty(harness, &id("reuse_pretty"), record);
    }
    written(harness, "serialization/result/generic/complex", records::complex, write_generic);
    written(harness, "serialization/result/direct/complex", records::complex, direct::to_vec);
    written(harness, "serialization/result/direct/escapes", records::escapes, direct::to_vec);
    written(harness, "serialization/result/direct/unicode", records::unicode, direct::to_vec);
    estimated(harness);
    batches(harness);
    integers(harness);
    floats(harness);
    stamps(harness);
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

/// The direct writer, indented, into a buffer that the caller keeps.
fn reused_pretty(harness: &mut impl Harness, id: &str, record: Fixture) {
    let expected = generic::to_vec_pretty(&record()).expect("a record is a JSON value");
    let capacity = expected.len();
    let case = Case::new(
        id,
        move || (record(), Vec::with_capacity(capacity)),
        |(record, buffer): &mut (Record, Vec<u8>)| {
            buffer.clear();
            direct::append_pretty(record, buffer);
            buffer.len()
        },
    )
    .check(move |(_, buffer), _| assert_eq!(*buffer, expected))
    .throughput(Throughput::Bytes(capacity as u64));
    harness.case(case);
}

/// The estimate alone, which a fresh buffer would be allocated by.
fn estimated(harness: &mut impl Harness) {
    let actual = write_generic(&records::small()).len();
    let case = Case::new(
        "serialization/result/size_estimate/small",
        || (records::small(), 0),
        |(record, estimate): &mut (Record, usize)| {
            *estimate = capacity_bound(record);
            *estimate
        },
    )
    .check(move |_, &estimate| assert!((actual..=actual * 5 / 4).contains(&estimate), "{estimate} for {actual} bytes"))
    .counters(move |&(_, estimate)| vec![("actual", actual as u64), ("estimate", estimate as u64)]);
    harness.case(case);
}

/// Records of a batch.
const BATCH: usize = 1000;

fn batch() -> Vec<Record> {
    (0..BATCH).map(|_| records::small()).collect()
}

fn write_batch(records: &Vec<Record>) -> Vec<u8> {
    serde_json::to_vec(records).expect("records are JSON values")
}

/// A thousand small records as one array: generic, direct into one buffer, and direct to a sink in bounded memory.
fn batches(harness: &mut impl Harness) {
    let expected = write_batch(&batch());
    let throughput = Throughput::Bytes(expected.len() as u64);
    let is_expected = |text: &[u8], expected: &[u8]| assert!(text == expected, "the array is not the generic writer's");
    let wanted = expected.clone();
    let case = Case::new("serialization/result/generic/batch1000", batch, |records| write_batch(records))
        .check(move |_, text| is_expected(text, &wanted))
        .throughput(throughput);
    harness.case(case);
    let wanted = expected.clone();
    let case = Case::new("serialization/result/direct/batch1000", batch, |records: &mut Vec<Record>| {
        direct::array_to_vec(records)
    })
    .check(move |_, text| is_expected(text, &wanted))
    .throughput(throughput);
    harness.case(case);
    // The sink has its memory beforehand, so that only the writer's own counts.
    let room = expected.len();
    let case = Case::new(
        "serialization/result/stream/batch1000",
        move || (batch(), Vec::with_capacity(room)),
        |(records, sink): &mut (Vec<Record>, Vec<u8>)| {
            sink.clear();
            stream::write_all(records.iter(), sink).expect("a vector takes everything")
        },
    )
    .check(move |(_, sink), &written| {
        is_expected(sink, &expected);
        assert_eq!(written, expected.len() as u64);
    })
    .throughput(throughput);
    harness.case(case);
}

fn integers(harness: &mut impl Harness) {
    let append = |value: &i64, buffer: &mut Vec<u8>| scalar::append_i64(*value, buffer);
    appended(harness, "serialization/scalar/i64/min", i64::MIN, append, b"-9223372036854775808".to_vec());
    appended(harness, "serialization/scalar/i64/small", 42, append, b"42".to_vec());
}

fn floats(harness: &mut impl Harness) {
    let expected =
        FLOATS.iter().flat_map(|float| serde_json::to_vec(float).expect("a float is a JSON value")).collect();
    let append = |floats: &[f64; 16], buffer: &mut Vec<u8>| {
        for &float in floats {
            scalar::append_f64(float, buffer);
        }
    };
    appended(harness, "serialization/scalar/f64/mixed", FLOATS, append, expected);
}

/// A stamp whose date is worked out, and one whose date is known from the stamp before.
fn stamps(harness: &mut impl Harness) {
    let now = Timestamp::from_unix(1_762_855_200, 123_456_789).expect("a second of 2025");
    let expected = b"\"2025-11-11T10:00:00.123456789Z\"".to_vec();
    let append = |value: &Timestamp, buffer: &mut Vec<u8>| scalar::append_timestamp(*value, buffer);
    appended(harness, "serialization/scalar/rfc3339/now", now, append, expected.clone());
    let case = Case::new(
        "serialization/scalar/rfc3339/same_day",
        move || (KnownDay::default(), now, Vec::with_capacity(512)),
        |(day, value, buffer): &mut (KnownDay, Timestamp, Vec<u8>)| {
            buffer.clear();
            day.append(*value, buffer);
            buffer.len()
        },
    )
    .check(move |(_, _, buffer), _| assert_eq!(*buffer, expected));
    harness.case(case);
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
