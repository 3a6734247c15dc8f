//! What an action answers, as JSON: a map of values whose keys nobody knows beforehand.
//!
//! It is the writer of [`super::direct`] for a bare [`Map`], with the same bytes as serde_json's for the same map. Take it for
//! values that are put together at run time. A type with fixed fields is better off with a writer that knows them, or a derive.

use super::direct::{COMPACT, PRETTY, put_map};
use super::estimate::map_bound;
use super::stage::{SMALL, Stage};
use super::value::Map;

/// Appends `result` to `buffer` as JSON on one line. It allocates nothing when the spare capacity holds the text.
///
/// ```
/// use perfblocks::serialization::{Map, action};
/// let mut data = Map::default();
/// data.insert("users", 100_i64);
/// let mut result = Map::default();
/// result.insert("status", "success");
/// result.insert("data", data);
/// assert_eq!(action::to_vec(&result), br#"{"status":"success","data":{"users":100}}"#);
/// ```
pub fn append(result: &Map, buffer: &mut Vec<u8>) {
    append_through::<COMPACT>(result, buffer);
}

/// Appends `result` as indented JSON, two spaces a level.
pub fn append_pretty(result: &Map, buffer: &mut Vec<u8>) {
    append_through::<PRETTY>(result, buffer);
}

/// `result` as JSON on one line, in a buffer of its own that is allocated once: exactly as long as the text up to a kilobyte, and
/// for longer ones at [`bound`] bytes, which costs a second look at every string.
pub fn to_vec(result: &Map) -> Vec<u8> {
    let mut buffer = Vec::new();
    append(result, &mut buffer);
    buffer
}

/// `result` as indented JSON, in a buffer of its own that begins at twice [`bound`]: indentation seldom takes more than that.
pub fn to_vec_pretty(result: &Map) -> Vec<u8> {
    let mut buffer = Vec::with_capacity(2 * bound(result));
    append_pretty(result, &mut buffer);
    buffer
}

/// An upper bound, in bytes, on the length of `result` on one line; exact for text without escapes.
pub fn bound(result: &Map) -> usize {
    map_bound(result)
}

fn append_through<const LAYOUT: bool>(result: &Map, buffer: &mut Vec<u8>) {
    let bound = || bound(result);
    let mut out = Stage::<SMALL>::new(buffer, &bound);
    let at = put_map::<LAYOUT, SMALL>(&mut out, 0, result, 0);
    out.finish(at);
}
