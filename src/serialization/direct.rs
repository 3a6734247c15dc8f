//! The hand-written writer: it knows the record's fields, so that keys are constants and nothing is asked twice.
//!
//! It writes exactly the bytes that serde_json writes for the same record. It cannot fail and writes valid JSON for every value.

use super::cursor::Cursor;
use super::estimate::capacity_bound;
use super::record::Record;
use super::scalar::{put_f64, put_i64, put_timestamp, put_u64};
use super::timestamp::{MAX_TEXT_LEN, Timestamp};
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
    let mut cursor = Cursor::new(buffer);
    put_record::<COMPACT>(&mut cursor, record);
    cursor.finish();
}

/// Appends `record` as indented JSON, two spaces a level. It allocates nothing when the spare capacity holds the text.
pub fn append_pretty(record: &Record, buffer: &mut Vec<u8>) {
    let mut cursor = Cursor::new(buffer);
    put_record::<PRETTY>(&mut cursor, record);
    cursor.finish();
}

/// `record` as JSON on one line, in a buffer of its own that is allocated once, at [`capacity_bound`] bytes.
pub fn to_vec(record: &Record) -> Vec<u8> {
    let mut buffer = Vec::with_capacity(capacity_bound(record));
    append(record, &mut buffer);
    buffer
}

fn put_record<const LAYOUT: bool>(out: &mut Cursor<'_>, record: &Record) {
    out.put(lead::<LAYOUT>(b"{\"app_name\":", b"{\n  \"app_name\": "));
    out.put_string(&record.app_name);
    out.put(lead::<LAYOUT>(b",\"app_type\":", b",\n  \"app_type\": "));
    out.put_string(&record.app_type);
    put_period::<LAYOUT>(out, record.start_time, record.end_time);
    out.put(lead::<LAYOUT>(b",\"duration\":", b",\n  \"duration\": "));
    put_i64(out, record.duration.0);
    out.put(lead::<LAYOUT>(b",\"metrics\":", b",\n  \"metrics\": "));
    put_map::<LAYOUT>(out, &record.metrics, 1);
    out.put(lead::<LAYOUT>(b",\"screenshots\":", b",\n  \"screenshots\": "));
    put_paths::<LAYOUT>(out, &record.screenshots);
    out.put(lead::<LAYOUT>(b",\"videos\":", b",\n  \"videos\": "));
    put_paths::<LAYOUT>(out, &record.videos);
    out.put(match record.success {
        true => lead::<LAYOUT>(b",\"success\":true", b",\n  \"success\": true"),
        false => lead::<LAYOUT>(b",\"success\":false", b",\n  \"success\": false"),
    });
    if !record.error.is_empty() {
        out.put(lead::<LAYOUT>(b",\"error\":", b",\n  \"error\": "));
        out.put_string(&record.error);
    }
    out.put(lead::<LAYOUT>(b"}", b"\n}"));
}

/// The constant of the layout; resolved when the program is compiled.
#[inline(always)]
fn lead<const LAYOUT: bool>(compact: &'static [u8], pretty: &'static [u8]) -> &'static [u8] {
    if LAYOUT == PRETTY { pretty } else { compact }
}

/// Start and end: a run seldom passes midnight, so the date is worked out once for both.
#[inline]
fn put_period<const LAYOUT: bool>(out: &mut Cursor<'_>, start: Timestamp, end: Timestamp) {
    let mut text = [0; MAX_TEXT_LEN];
    let len = start.write(&mut text);
    out.put(lead::<LAYOUT>(b",\"start_time\":\"", b",\n  \"start_time\": \""));
    out.put(&text[..len]);
    let len = end.write_after(start, &mut text);
    out.put(lead::<LAYOUT>(b"\",\"end_time\":\"", b"\",\n  \"end_time\": \""));
    out.put(&text[..len]);
    out.put(b"\"");
}

fn put_paths<const LAYOUT: bool>(out: &mut Cursor<'_>, paths: &[String]) {
    let Some((first, rest)) = paths.split_first() else {
        return out.put(b"[]");
    };
    out.put(lead::<LAYOUT>(b"[", b"[\n    "));
    out.put_string(first);
    for path in rest {
        out.put(lead::<LAYOUT>(b",", b",\n    "));
        out.put_string(path);
    }
    out.put(lead::<LAYOUT>(b"]", b"\n  ]"));
}

pub(super) fn put_map<const LAYOUT: bool>(out: &mut Cursor<'_>, map: &Map, depth: usize) {
    if map.is_empty() {
        return out.put(b"{}");
    }
    let mut open: &[u8] = b"{";
    for (key, value) in map.iter() {
        if LAYOUT == PRETTY {
            out.put(open);
            break_line(out, depth + 1);
            out.put_string(key);
            out.put(b": ");
        } else {
            out.put(open);
            out.put_string(key);
            out.put(b":");
        }
        put_value::<LAYOUT>(out, value, depth + 1);
        open = b",";
    }
    close::<LAYOUT>(out, b"}", depth);
}

fn put_list<const LAYOUT: bool>(out: &mut Cursor<'_>, list: &[Value], depth: usize) {
    if list.is_empty() {
        return out.put(b"[]");
    }
    let mut open: &[u8] = b"[";
    for value in list {
        out.put(open);
        if LAYOUT == PRETTY {
            break_line(out, depth + 1);
        }
        put_value::<LAYOUT>(out, value, depth + 1);
        open = b",";
    }
    close::<LAYOUT>(out, b"]", depth);
}

fn put_value<const LAYOUT: bool>(out: &mut Cursor<'_>, value: &Value, depth: usize) {
    match value {
        Value::Null => out.put(b"null"),
        Value::Bool(true) => out.put(b"true"),
        Value::Bool(false) => out.put(b"false"),
        Value::I64(value) => put_i64(out, *value),
        Value::U64(value) => put_u64(out, *value),
        Value::F64(value) => put_f64(out, *value),
        Value::String(value) => out.put_string(value),
        Value::List(value) => put_list::<LAYOUT>(out, value, depth),
        Value::Map(value) => put_map::<LAYOUT>(out, value, depth),
        Value::Timestamp(value) => put_timestamp(out, *value),
        Value::Duration(value) => put_i64(out, value.0),
    }
}

#[inline]
fn close<const LAYOUT: bool>(out: &mut Cursor<'_>, bracket: &[u8], depth: usize) {
    if LAYOUT == PRETTY {
        break_line(out, depth);
    }
    out.put(bracket);
}

fn break_line(out: &mut Cursor<'_>, depth: usize) {
    out.put(b"\n");
    for _ in 0..depth {
        out.put(b"  ");
    }
}
