//! How many bytes a record's JSON can take at most, so that a fresh buffer is allocated once and is hardly too large.
//!
//! Strings are scanned, as one control character can become six bytes: their lengths are exact. Numbers whose digits would have
//! to be worked out count with their longest text.

use super::digits::INTEGER_LEN;
use super::escape::escaped_len;
use super::record::Record;
use super::rfc3339::MAX_TEXT_LEN;
use super::scalar::FLOAT_LEN;
use super::value::{Map, Value};

/// Everything in a record's text that does not depend on its values, and the longest timestamps and duration.
const FRAME: usize =
    "{\"app_name\":\"\",\"app_type\":\"\",\"start_time\":\"\",\"end_time\":\"\",\"duration\":,\"metrics\":{},\
                      \"screenshots\":[],\"videos\":[],\"success\":false,\"error\":\"\"}"
        .len()
        + 2 * MAX_TEXT_LEN;

/// An upper bound, in bytes, on the length of `record` as JSON on one line; close to it unless most values are short floats.
pub fn capacity_bound(record: &Record) -> usize {
    let paths = record.screenshots.iter().chain(&record.videos);
    FRAME
        + text_len(&record.app_name)
        + text_len(&record.app_type)
        + integer_bound(record.duration.0)
        + entries_bound(&record.metrics)
        + paths.map(|path| "\"\",".len() + text_len(path)).sum::<usize>()
        + text_len(&record.error)
}

fn text_len(text: &str) -> usize {
    escaped_len(text.as_bytes())
}

/// Digits and sign, in two steps: most metrics are small counts.
#[inline]
fn integer_bound(value: i64) -> usize {
    if (-999..=9_999).contains(&value) { 4 } else { INTEGER_LEN }
}

/// An upper bound, in bytes, on the length of `map` as JSON on one line.
pub(super) fn map_bound(map: &Map) -> usize {
    "{}".len() + entries_bound(map)
}

fn entries_bound(map: &Map) -> usize {
    map.iter().map(|(key, value)| "\"\":,".len() + text_len(key) + value_bound(value)).sum()
}

fn value_bound(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(true) => "null".len(),
        Value::Bool(false) => "false".len(),
        Value::I64(value) => integer_bound(*value),
        Value::U64(_) => INTEGER_LEN,
        Value::F64(_) => FLOAT_LEN,
        Value::Timestamp(_) => "\"\"".len() + MAX_TEXT_LEN,
        Value::Duration(value) => integer_bound(value.0),
        Value::String(value) => "\"\"".len() + text_len(value),
        Value::List(values) => "[]".len() + values.iter().map(|value| ",".len() + value_bound(value)).sum::<usize>(),
        Value::Map(map) => map_bound(map),
    }
}
