//! JSON: one record, written by the direct writer and by serde's writers through the same derived implementation, so that
//! all print our time stamps and walk our map. Text of the peers is the same byte for byte or, where it is not, reads back
//! as the same value.

#[path = "../../../cases/serialization/records.rs"]
mod records;

use super::case::{Case, Threaded, Throughput};
use super::harness::Harness;
use ::time::OffsetDateTime;
use ::time::format_description::well_known::Rfc3339;
use perfblocks::serialization::{KeyOrder, Map, Record, Timestamp, capacity_bound, direct, scalar};
use std::cell::RefCell;
use std::hint::black_box;

type Fixture = fn() -> Record;

/// Hands over the cases of this area.
pub(crate) fn cases(harness: &mut impl Harness) {
    let sizes: [(&str, Fixture); 4] =
        [("small", records::small), ("large", records::large), ("escapes", escapes), ("complex", records::complex)];
    for (size, record) in sizes {
        fresh(harness, size, record);
        reused(harness, size, record);
        pretty(harness, size, record);
    }
    for (size, record) in [("small", records::small as Fixture), ("large", records::large), ("escapes", escapes)] {
        together(harness, size, record);
    }
    rfc3339(harness);
}

/// What a failed run reports: source text, a trace, and paths, in which every fourth byte or so is escaped.
fn escapes() -> Record {
    let lines = "expected \"a\\b\"\n\tfound \"\"\r\n\\\\host\\share\\\"x\"\n\u{1}\u{1b}[0m\n";
    let mut metrics = Map::new(KeyOrder::Insertion);
    for index in 0..8 {
        metrics.insert(format!("\"step\"\t{index}"), lines);
    }
    Record {
        error: lines.repeat(10),
        metrics,
        screenshots: (0..8).map(|index| format!("C:\\runs\\\"nightly\"\\{index}.png")).collect(),
        ..records::small()
    }
}

/// A buffer of its own each time; its release is part of the time.
fn fresh(harness: &mut impl Harness, size: &str, record: Fixture) {
    made(harness, &format!("peers/json_fresh/perfblocks/{size}"), record, direct::to_vec);
    made(harness, &format!("peers/json_fresh/serde_json/{size}"), record, |record| {
        serde_json::to_vec(record).expect("a record is a JSON value")
    });
    made(harness, &format!("peers/json_fresh/sonic_rs/{size}"), record, |record| {
        sonic_rs::to_vec(record).expect("a record is a JSON value")
    });
    made(harness, &format!("peers/json_fresh/simd_json/{size}"), record, |record| {
        simd_json::to_vec(record).expect("a record is a JSON value")
    });
}

fn made(harness: &mut impl Harness, id: &str, record: Fixture, write: impl Fn(&Record) -> Vec<u8> + 'static) {
    let is_same = same_as(record, Layout::Compact);
    let case = Case::new(id, record, move |record: &mut Record| write(record))
        .check(move |_, text| is_same(text))
        .throughput(bytes(record));
    harness.case(case);
}

/// Into a buffer that the caller keeps, roomy from the start.
fn reused(harness: &mut impl Harness, size: &str, record: Fixture) {
    into(harness, &format!("peers/json_reused/perfblocks/{size}"), record, Layout::Compact, direct::append);
    into(harness, &format!("peers/json_reused/serde_json/{size}"), record, Layout::Compact, |record, buffer| {
        serde_json::to_writer(buffer, record).expect("a record is a JSON value");
    });
    into(harness, &format!("peers/json_reused/sonic_rs/{size}"), record, Layout::Compact, |record, buffer| {
        sonic_rs::to_writer(buffer, record).expect("a record is a JSON value");
    });
    into(harness, &format!("peers/json_reused/simd_json/{size}"), record, Layout::Compact, |record, buffer| {
        simd_json::to_writer(buffer, record).expect("a record is a JSON value");
    });
}

/// Indented, into a buffer that the caller keeps.
fn pretty(harness: &mut impl Harness, size: &str, record: Fixture) {
    into(harness, &format!("peers/json_pretty/perfblocks/{size}"), record, Layout::Pretty, direct::append_pretty);
    into(harness, &format!("peers/json_pretty/serde_json/{size}"), record, Layout::Pretty, |record, buffer| {
        serde_json::to_writer_pretty(buffer, record).expect("a record is a JSON value");
    });
    into(harness, &format!("peers/json_pretty/sonic_rs/{size}"), record, Layout::Pretty, |record, buffer| {
        sonic_rs::to_writer_pretty(buffer, record).expect("a record is a JSON value");
    });
    into(harness, &format!("peers/json_pretty/simd_json/{size}"), record, Layout::Pretty, |record, buffer| {
        simd_json::to_writer_pretty(buffer, record).expect("a record is a JSON value");
    });
}

fn into(
    harness: &mut impl Harness,
    id: &str,
    record: Fixture,
    layout: Layout,
    write: impl Fn(&Record, &mut Vec<u8>) + 'static,
) {
    let build = move || {
        let record = record();
        // Twice the bound: indentation, and the room that some writers want ahead of a string.
        let buffer = Vec::with_capacity(2 * capacity_bound(&record));
        (record, buffer)
    };
    let run = move |(record, buffer): &mut (Record, Vec<u8>)| {
        buffer.clear();
        write(record, buffer);
        buffer.len()
    };
    let is_same = same_as(record, layout);
    let case = Case::new(id, build, run)
        .check(move |(_, buffer), len| {
            assert_eq!(buffer.len(), *len);
            is_same(buffer);
        })
        .throughput(bytes(record));
    harness.case(case);
}

/// Threads that write one record: each into a buffer of its own that it keeps, and each into a fresh one. One thread alone is
/// what the other cases are.
fn together(harness: &mut impl Harness, size: &str, record: Fixture) {
    both(harness, "perfblocks", size, record, direct::append, direct::to_vec);
    let append = |record: &Record, buffer: &mut Vec<u8>| {
        serde_json::to_writer(buffer, record).expect("a record is a JSON value");
    };
    let make = |record: &Record| serde_json::to_vec(record).expect("a record is a JSON value");
    both(harness, "serde_json", size, record, append, make);
    let append = |record: &Record, buffer: &mut Vec<u8>| {
        sonic_rs::to_writer(buffer, record).expect("a record is a JSON value");
    };
    let make = |record: &Record| sonic_rs::to_vec(record).expect("a record is a JSON value");
    both(harness, "sonic_rs", size, record, append, make);
    let append = |record: &Record, buffer: &mut Vec<u8>| {
        simd_json::to_writer(buffer, record).expect("a record is a JSON value");
    };
    let make = |record: &Record| simd_json::to_vec(record).expect("a record is a JSON value");
    both(harness, "simd_json", size, record, append, make);
}

/// A thread's own buffer; a copy for another thread is as roomy.
struct Kept(RefCell<Vec<u8>>, usize);

impl Kept {
    fn new(capacity: usize) -> Self {
        Self(RefCell::new(Vec::with_capacity(capacity)), capacity)
    }
}

impl Clone for Kept {
    fn clone(&self) -> Self {
        Self::new(self.1)
    }
}

/// `peers/json_reused_<size>/<name>/mt@t2` and `peers/json_fresh_<size>/<name>/mt@t2`.
fn both(
    harness: &mut impl Harness,
    name: &str,
    size: &str,
    record: Fixture,
    append: impl Fn(&Record, &mut Vec<u8>) + Clone + Send + 'static,
    make: impl Fn(&Record) -> Vec<u8> + Clone + Send + 'static,
) {
    let kept = Kept::new(2 * capacity_bound(&record()));
    let write = append.clone();
    let reuse = move |record: &Record| {
        let mut buffer = kept.0.borrow_mut();
        buffer.clear();
        write(record, &mut buffer);
        black_box(&mut *buffer).len()
    };
    let written = move |record: &Record| {
        let mut buffer = Vec::new();
        append(record, &mut buffer);
        buffer
    };
    on_two_threads(harness, &format!("peers/json_reused_{size}/{name}/mt"), record, reuse, written);
    on_two_threads(harness, &format!("peers/json_fresh_{size}/{name}/mt"), record, make.clone(), make);
}

/// Threads that share a record. `written` is the text that `run` writes, held against serde_json's.
fn on_two_threads<O: 'static>(
    harness: &mut impl Harness,
    id: &str,
    record: Fixture,
    run: impl Fn(&Record) -> O + Clone + Send + 'static,
    written: impl Fn(&Record) -> Vec<u8> + 'static,
) {
    let is_same = same_as(record, Layout::Compact);
    harness.threaded(Threaded::new(id, &[2], record, run).check(move |record, _| is_same(&written(record))));
}

#[derive(Clone, Copy)]
enum Layout {
    Compact,
    Pretty,
}

/// Holds text against serde_json's.
fn same_as(record: Fixture, layout: Layout) -> impl Fn(&[u8]) {
    let record = record();
    let expected = match layout {
        Layout::Compact => serde_json::to_vec(&record),
        Layout::Pretty => serde_json::to_vec_pretty(&record),
    };
    let expected = expected.expect("a record is a JSON value");
    let value: serde_json::Value = serde_json::from_slice(&expected).expect("serde_json reads its own text");
    move |text| {
        if text != expected {
            let read: serde_json::Value = serde_json::from_slice(text)
                .unwrap_or_else(|error| panic!("no JSON: {error}: {}", String::from_utf8_lossy(text)));
            assert_eq!(read, value);
        }
    }
}

fn bytes(record: Fixture) -> Throughput {
    Throughput::Bytes(direct::to_vec(&record()).len() as u64)
}

/// Instants as JSON text: seconds and nanoseconds in, RFC 3339 in quotes out, each on another day than the one before.
fn rfc3339(harness: &mut impl Harness) {
    stamped(harness, "perfblocks", |seconds, nanos, text| {
        scalar::append_timestamp(Timestamp::from_unix(seconds, nanos).expect("a second of 2025"), text);
    });
    stamped(harness, "time", |seconds, nanos, text| {
        let stamp = OffsetDateTime::from_unix_timestamp(seconds).and_then(|whole| whole.replace_nanosecond(nanos));
        text.push(b'"');
        stamp.expect("a second of 2025").format_into(text, &Rfc3339).expect("a vector takes everything");
        text.push(b'"');
    });
    stamped(harness, "jiff", |seconds, nanos, text| {
        const PRINTER: jiff::fmt::temporal::DateTimePrinter = jiff::fmt::temporal::DateTimePrinter::new();
        let nanos = i32::try_from(nanos).expect("less than a second");
        let stamp = jiff::Timestamp::new(seconds, nanos).expect("a second of 2025");
        text.push(b'"');
        PRINTER.print_timestamp(&stamp, &mut *text).expect("a vector takes everything");
        text.push(b'"');
    });
}

/// Instants a case goes round.
const STAMPS: usize = 64;

struct Stamps {
    instants: [(i64, u32); STAMPS],
    next: usize,
    text: Vec<u8>,
}

fn stamped(harness: &mut impl Harness, name: &str, append: impl Fn(i64, u32, &mut Vec<u8>) + 'static) {
    let build = || {
        // From 2025-11-11 on, a day, an hour, a minute, a second and some nanoseconds further each time.
        let instants = std::array::from_fn(|index| {
            (1_762_855_200 + index as i64 * 90_061, 123_456_789 + index as u32 * 1_000_001)
        });
        Stamps { instants, next: 0, text: Vec::with_capacity(64) }
    };
    let run = move |stamps: &mut Stamps| {
        let (seconds, nanos) = stamps.instants[stamps.next % STAMPS];
        stamps.next += 1;
        stamps.text.clear();
        append(seconds, nanos, &mut stamps.text);
        stamps.text.len()
    };
    let check = |stamps: &Stamps, len: &usize| {
        let (seconds, nanos) = stamps.instants[(stamps.next - 1) % STAMPS];
        let stamp = Timestamp::from_unix(seconds, nanos).expect("a second of 2025");
        let expected = format!("\"{stamp}\"");
        assert_eq!((stamps.text.as_slice(), *len), (expected.as_bytes(), expected.len()));
    };
    harness.case(Case::new(&format!("peers/rfc3339/{name}/days"), build, run).check(check));
}
