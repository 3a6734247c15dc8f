//! Values whose type is known only at run time, and the string-keyed map that holds them.
//!
//! There is no parser here: these are values to be written. A value nests as deep as its owner builds it, and writing or
//! dropping it takes stack in proportion.

use super::timestamp::{Nanos, Timestamp};
use serde::{Serialize, Serializer};

/// A value whose type is known only at run time.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// JSON `null`.
    #[default]
    Null,
    /// JSON `true` or `false`.
    Bool(bool),
    /// A signed integer, written exactly.
    I64(i64),
    /// An unsigned integer, written exactly, also above `i64::MAX`.
    U64(u64),
    /// The shortest digits that read back as the same number; `null` when it is not finite, as JSON has no text for that.
    F64(f64),
    /// Text, escaped where JSON demands it and raw otherwise.
    String(String),
    /// A list, `[]` when empty.
    List(Vec<Value>),
    /// A map, `{}` when empty.
    Map(Map),
    /// RFC 3339 text.
    Timestamp(Timestamp),
    /// Integer nanoseconds.
    Duration(Nanos),
}

/// The order in which a [`Map`] keeps its keys, and in which every writer writes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeyOrder {
    /// As first inserted.
    #[default]
    Insertion,
    /// By their bytes.
    Sorted,
}

/// A map from text to [`Value`] with a fixed order of its keys and no key twice.
///
/// The order is chosen once, when the map is made, rather than by each writer: so all writers agree, and sorting costs an
/// insertion and never a write. Insertion scans the keys (a binary search where they are sorted): meant for tens of keys,
/// not for thousands.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Map {
    order: KeyOrder,
    entries: Vec<(String, Value)>,
}

impl Map {
    /// An empty map that keeps its keys in `order`.
    pub const fn new(order: KeyOrder) -> Map {
        Map { order, entries: Vec::new() }
    }

    /// Sets `key` to `value` and returns what it held before. A key that is set again keeps its place.
    pub fn insert(&mut self, key: impl Into<String>, value: impl Into<Value>) -> Option<Value> {
        let (key, value) = (key.into(), value.into());
        match self.place(&key) {
            Ok(found) => Some(std::mem::replace(&mut self.entries[found].1, value)),
            Err(place) => {
                self.entries.insert(place, (key, value));
                None
            }
        }
    }

    /// What `key` holds.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.place(key).ok().map(|found| &self.entries[found].1)
    }

    /// Keys and values in the map's order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.entries.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// Number of keys.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Removes every key and keeps the capacity.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    fn place(&self, key: &str) -> Result<usize, usize> {
        match self.order {
            KeyOrder::Insertion => self.entries.iter().position(|(other, _)| other == key).ok_or(self.entries.len()),
            KeyOrder::Sorted => self.entries.binary_search_by(|(other, _)| other.as_str().cmp(key)),
        }
    }
}

impl Serialize for Map {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Value {
        Value::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Value {
        Value::I64(value)
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Value {
        Value::U64(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Value {
        Value::F64(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Value {
        Value::String(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Value {
        Value::String(value)
    }
}

impl From<Vec<Value>> for Value {
    fn from(value: Vec<Value>) -> Value {
        Value::List(value)
    }
}

impl From<Map> for Value {
    fn from(value: Map) -> Value {
        Value::Map(value)
    }
}

impl From<Timestamp> for Value {
    fn from(value: Timestamp) -> Value {
        Value::Timestamp(value)
    }
}

impl From<Nanos> for Value {
    fn from(value: Nanos) -> Value {
        Value::Duration(value)
    }
}

#[cfg(test)]
mod tests {
    use super::{KeyOrder, Map, Value};

    #[track_caller]
    fn check(order: KeyOrder, keys: &[&str], expected: &[&str]) {
        let mut map = Map::new(order);
        for (index, key) in keys.iter().enumerate() {
            map.insert(*key, index as i64);
        }
        assert_eq!(map.iter().map(|(key, _)| key).collect::<Vec<_>>(), expected);
        for key in keys {
            let last = keys.iter().rposition(|other| other == key).unwrap();
            assert_eq!(map.get(key), Some(&Value::I64(last as i64)));
        }
    }

    #[test]
    fn keys_keep_the_chosen_order_and_are_unique() {
        check(KeyOrder::Insertion, &["b", "a", "c", "a"], &["b", "a", "c"]);
        check(KeyOrder::Sorted, &["b", "a", "c", "a", "Z"], &["Z", "a", "b", "c"]);
        check(KeyOrder::Sorted, &[], &[]);
    }
}
