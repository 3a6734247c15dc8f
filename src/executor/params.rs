//! Reads parameters of a known kind from a map of values.
//!
//! A key that is absent and a value of another kind both give the kind's zero: the empty text, `false`, 0. That suits
//! optional parameters; where the difference matters, match on [`Map::get`]. Reading borrows and never allocates. A map is
//! searched key by key, so this is for the few parameters of an action and not for tables.

use crate::serialization::{Map, Value};

/// The text at `key`, else the empty one.
///
/// ```
/// use perfblocks::executor::params;
/// use perfblocks::serialization::Map;
/// let mut given = Map::default();
/// given.insert("selector", "#buy");
/// given.insert("retries", 2.9);
/// assert_eq!(params::text(&given, "selector"), "#buy");
/// assert_eq!(params::text(&given, "value"), "");
/// assert_eq!(params::integer(&given, "retries"), 2);
/// ```
#[inline]
pub fn text<'m>(map: &'m Map, key: &str) -> &'m str {
    match map.get(key) {
        Some(Value::String(text)) => text,
        _ => "",
    }
}

/// The truth value at `key`, else `false`.
#[inline]
pub fn flag(map: &Map, key: &str) -> bool {
    matches!(map.get(key), Some(Value::Bool(true)))
}

/// The integer at `key`, else 0. A float is cut off towards zero; what lies beyond an `i64` becomes its nearest end, and what is
/// no number becomes 0.
#[inline]
pub fn integer(map: &Map, key: &str) -> i64 {
    match map.get(key) {
        Some(Value::I64(number)) => *number,
        Some(Value::U64(number)) => i64::try_from(*number).unwrap_or(i64::MAX),
        Some(Value::F64(number)) => *number as i64,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::{flag, integer, text};
    use crate::serialization::{Map, Nanos, Value};

    #[track_caller]
    fn check(value: impl Into<Value>, expected: (&str, bool, i64)) {
        let mut map = Map::default();
        map.insert("before", "other");
        map.insert("key", value);
        assert_eq!((text(&map, "key"), flag(&map, "key"), integer(&map, "key")), expected);
        assert_eq!((text(&map, "ke"), flag(&map, "keys"), integer(&map, "")), ("", false, 0));
    }

    #[test]
    fn each_kind_is_read_as_itself_and_others_as_nothing() {
        check("text", ("text", false, 0));
        check("7", ("7", false, 0));
        check(true, ("", true, 0));
        check(false, ("", false, 0));
        check(-7_i64, ("", false, -7));
        check(Value::Null, ("", false, 0));
        check(Nanos(5), ("", false, 0));
    }

    #[test]
    fn numbers_are_cut_off_and_kept_in_range() {
        check(2.9, ("", false, 2));
        check(-2.9, ("", false, -2));
        check(f64::NAN, ("", false, 0));
        check(f64::INFINITY, ("", false, i64::MAX));
        check(-1e300, ("", false, i64::MIN));
        check(u64::MAX, ("", false, i64::MAX));
        check(i64::MIN, ("", false, i64::MIN));
    }
}
