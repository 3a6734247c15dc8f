//! The hand-written writer: it knows the record's fields, so that keys are constants and nothing is asked twice.
//!
//! It writes exactly the bytes that serde_json writes for the same record. It cannot fail and writes valid JSON for every value.

use super::digits::decimal;
use super::estimate::capacity_bound;
use super::record::Record;
use super::rfc3339::KnownDay;
use super::scalar::FLOAT_LEN;
use super::stage::{SMALL, Stage, WHOLE};
use super::timestamp::Timestamp;
use super::value::{Map, Value};

pub(super) const COMPACT: bool = false;
pub(super) const PRETTY: bool = true;

/// Appends `record` to `buffer` as JSON on one line. It allocates nothing when the spare capacity holds the text.
///
/// ```
/// use perfblocks::serialization::{Record, direct};
/// let record = Record { app_name: "Shop".into(), app_type: "web".into(), success: true, ..Record::default() };
/// let mut buffer = Vec::with_capacity(512);
/// for _ in 0..3 {
///     buffer.clear();
///     direct::append(&record, &mut buffer);
/// }
/// assert!(buffer.starts_with(br#"{"app_name":"Shop","app_type":"web","start_time":"1970-01-01T00:00:00Z","#));
/// ```
pub fn append(record: &Record, buffer: &mut Vec<u8>) {
    append_through::<COMPACT, SMALL>(record, buffer);
}

/// Appends `record` as indented JSON, two spaces a level. It allocates nothing when the spare capacity holds the text.
pub fn append_pretty(record: &Record, buffer: &mut Vec<u8>) {
    append_through::<PRETTY, SMALL>(record, buffer);
}

/// `record` as JSON on one line, in a buffer of its own that is allocated once: exactly as long as the text up to some
/// kilobytes, and for longer ones at [`capacity_bound`] bytes, which costs a second look at every string.
pub fn to_vec(record: &Record) -> Vec<u8> {
    let mut buffer = Vec::new();
    if texts(record) <= FEW_TEXTS {
        append_through::<COMPACT, SMALL>(record, &mut buffer);
    } else {
        append_through::<COMPACT, WHOLE>(record, &mut buffer);
    }
    buffer
}

/// Appends `records` as one JSON array. It allocates nothing when the spare capacity holds the text.
pub fn append_array(records: &[Record], buffer: &mut Vec<u8>) {
    let bound = || "[]".len() + records.iter().map(|record| ",".len() + capacity_bound(record)).sum::<usize>();
    let mut out = Stage::<SMALL>::new(buffer, &bound);
    let mut at = out.put(0, b"[");
    for record in records {
        at = put_record::<COMPACT, SMALL>(&mut out, at, record);
        at = out.put(at, b",");
    }
    // Over the last comma, where there is one.
    at = out.put(at - usize::from(!records.is_empty()), b"]");
    out.finish(at);
}

/// `records` as one JSON array, in a buffer of its own that is allocated once, by the sum of [`capacity_bound`]. Where the array
/// only goes to a sink, [`stream`](super::stream) needs a fixed amount of memory and half the looks at each string.
///
/// ```
/// use perfblocks::serialization::{Record, direct};
/// assert_eq!(direct::array_to_vec(&[]), b"[]");
/// assert!(direct::array_to_vec(&[Record::default(), Record::default()]).ends_with(br#""success":false}]"#));
/// ```
pub fn array_to_vec(records: &[Record]) -> Vec<u8> {
    let mut buffer = Vec::new();
    append_array(records, &mut buffer);
    buffer
}

/// Strings of a record that is taken for a small one. A wrong guess costs time and is no mistake.
const FEW_TEXTS: usize = 16;

fn texts(record: &Record) -> usize {
    record.screenshots.len() + record.videos.len() + 2 * record.metrics.len() + record.error.len() / 32
}

#[inline(never)]
fn append_through<const LAYOUT: bool, const LEN: usize>(record: &Record, buffer: &mut Vec<u8>) {
    let bound = || capacity_bound(record);
    let mut out = Stage::<LEN>::new(buffer, &bound);
    let at = put_record::<LAYOUT, LEN>(&mut out, 0, record);
    out.finish(at);
}

#[inline(always)]
fn put_record<const LAYOUT: bool, const LEN: usize>(out: &mut Stage<'_, LEN>, mut at: usize, record: &Record) -> usize {
    at = put_lead::<LAYOUT, _, _, _>(out, at, b"{\"app_name\":\"", b"{\n  \"app_name\": \"");
    at = out.put_escaped(at, &record.app_name);
    at = put_lead::<LAYOUT, _, _, _>(out, at, b"\",\"app_type\":\"", b"\",\n  \"app_type\": \"");
    at = out.put_escaped(at, &record.app_type);
    at = put_lead::<LAYOUT, _, _, _>(out, at, b"\",\"start_time\":\"", b"\",\n  \"start_time\": \"");
    // A run seldom passes midnight, so the date is worked out once for both.
    let mut day = KnownDay::of(record.start_time);
    at = put_stamp(out, at, day, record.start_time);
    at = put_lead::<LAYOUT, _, _, _>(out, at, b"\",\"end_time\":\"", b"\",\n  \"end_time\": \"");
    at = put_stamp(out, at, day.move_to(record.end_time), record.end_time);
    at = put_lead::<LAYOUT, _, _, _>(out, at, b"\",\"duration\":", b"\",\n  \"duration\": ");
    at = put_i64(out, at, record.duration.0);
    at = put_lead::<LAYOUT, _, _, _>(out, at, b",\"metrics\":", b",\n  \"metrics\": ");
    at = put_map::<LAYOUT, _>(out, at, &record.metrics, 1);
    at = put_lead::<LAYOUT, _, _, _>(out, at, b",\"screenshots\":", b",\n  \"screenshots\": ");
    at = put_paths::<LAYOUT, _>(out, at, &record.screenshots);
    at = put_lead::<LAYOUT, _, _, _>(out, at, b",\"videos\":", b",\n  \"videos\": ");
    at = put_paths::<LAYOUT, _>(out, at, &record.videos);
    at = match record.success {
        true => put_lead::<LAYOUT, _, _, _>(out, at, b",\"success\":true", b",\n  \"success\": true"),
        false => put_lead::<LAYOUT, _, _, _>(out, at, b",\"success\":false", b",\n  \"success\": false"),
    };
    if !record.error.is_empty() {
        at = put_lead::<LAYOUT, _, _, _>(out, at, b",\"error\":\"", b",\n  \"error\": \"");
        at = out.put_escaped(at, &record.error);
        at = out.put(at, b"\"");
    }
    put_lead::<LAYOUT, _, _, _>(out, at, b"}", b"\n}")
}

/// Writes the constant of the layout, which is settled when the program is compiled.
#[inline(always)]
fn put_lead<const LAYOUT: bool, const SHORT: usize, const LONG: usize, const LEN: usize>(
    out: &mut Stage<'_, LEN>,
    at: usize,
    compact: &[u8; SHORT],
    pretty: &[u8; LONG],
) -> usize {
    if LAYOUT == PRETTY { out.put(at, pretty) } else { out.put(at, compact) }
}

fn put_paths<const LAYOUT: bool, const LEN: usize>(out: &mut Stage<'_, LEN>, mut at: usize, paths: &[String]) -> usize {
    if paths.is_empty() {
        return out.put(at, b"[]");
    }
    at = put_lead::<LAYOUT, _, _, _>(out, at, b"[\"", b"[\n    \"");
    for path in paths {
        at = out.put_escaped(at, path);
        at = put_lead::<LAYOUT, _, _, _>(out, at, b"\",\"", b"\",\n    \"");
    }
    // Over what was to separate the last path from one that does not come; it is in the stage in any case.
    put_lead::<LAYOUT, _, _, _>(out, at - if LAYOUT == PRETTY { 8 } else { 3 }, b"\"]", b"\"\n  ]")
}

pub(super) fn put_map<const LAYOUT: bool, const LEN: usize>(
    out: &mut Stage<'_, LEN>,
    mut at: usize,
    map: &Map,
    depth: usize,
) -> usize {
    if map.is_empty() {
        return out.put(at, b"{}");
    }
    at = out.put(at, b"{");
    for (key, value) in map.iter() {
        at = put_break::<LAYOUT, _>(out, at, depth + 1);
        at = out.put(at, b"\"");
        at = out.put_escaped(at, key);
        at = put_lead::<LAYOUT, _, _, _>(out, at, b"\":", b"\": ");
        at = put_value::<LAYOUT, _>(out, at, value, depth + 1);
        at = out.put(at, b",");
    }
    at = put_break::<LAYOUT, _>(out, at - 1, depth);
    out.put(at, b"}")
}

fn put_list<const LAYOUT: bool, const LEN: usize>(
    out: &mut Stage<'_, LEN>,
    mut at: usize,
    list: &[Value],
    depth: usize,
) -> usize {
    if list.is_empty() {
        return out.put(at, b"[]");
    }
    at = out.put(at, b"[");
    for value in list {
        at = put_break::<LAYOUT, _>(out, at, depth + 1);
        at = put_value::<LAYOUT, _>(out, at, value, depth + 1);
        at = out.put(at, b",");
    }
    at = put_break::<LAYOUT, _>(out, at - 1, depth);
    out.put(at, b"]")
}

#[inline(always)]
fn put_value<const LAYOUT: bool, const LEN: usize>(
    out: &mut Stage<'_, LEN>,
    at: usize,
    value: &Value,
    depth: usize,
) -> usize {
    match value {
        Value::Null => out.put(at, b"null"),
        Value::Bool(true) => out.put(at, b"true"),
        Value::Bool(false) => out.put(at, b"false"),
        Value::I64(value) => put_i64(out, at, *value),
        Value::U64(value) => put_u64(out, at, *value),
        Value::F64(value) => put_f64(out, at, *value),
        Value::String(value) => {
            let at = out.put(at, b"\"");
            let at = out.put_escaped(at, value);
            out.put(at, b"\"")
        }
        Value::List(value) => put_list::<LAYOUT, _>(out, at, value, depth),
        Value::Map(value) => put_map::<LAYOUT, _>(out, at, value, depth),
        Value::Timestamp(value) => {
            let at = out.put(at, b"\"");
            let at = put_stamp(out, at, KnownDay::of(*value), *value);
            out.put(at, b"\"")
        }
        Value::Duration(value) => put_i64(out, at, value.0),
    }
}

#[inline(always)]
fn put_i64<const LEN: usize>(out: &mut Stage<'_, LEN>, at: usize, value: i64) -> usize {
    // The sign is written in any case, and overwritten where there is none.
    let at = out.put_some(at, b"-", usize::from(value < 0));
    put_u64(out, at, value.unsigned_abs())
}

#[inline(always)]
fn put_u64<const LEN: usize>(out: &mut Stage<'_, LEN>, at: usize, value: u64) -> usize {
    let (words, len) = decimal(value);
    out.put_words(at, words, len)
}

#[inline(never)]
fn put_f64<const LEN: usize>(out: &mut Stage<'_, LEN>, at: usize, value: f64) -> usize {
    if value.is_finite() {
        out.put_slice::<FLOAT_LEN>(at, zmij::Buffer::new().format_finite(value).as_bytes())
    } else {
        out.put(at, b"null")
    }
}

#[inline(always)]
fn put_stamp<const LEN: usize>(out: &mut Stage<'_, LEN>, at: usize, day: KnownDay, value: Timestamp) -> usize {
    let (words, len) = day.text(value);
    out.put_words(at, words, len)
}

/// A new line and its indentation, where the layout has them.
#[inline(always)]
fn put_break<const LAYOUT: bool, const LEN: usize>(out: &mut Stage<'_, LEN>, at: usize, depth: usize) -> usize {
    const LINE: &[u8; 32] = b"\n                               ";
    if LAYOUT == COMPACT {
        return at;
    }
    let mut len = 1 + 2 * depth;
    let mut at = out.put_some(at, LINE, len);
    while len > LINE.len() {
        len -= LINE.len();
        at = out.put_some(at, b"                                ", len);
    }
    at
}
