//! The dynamic writer: copy the record into a tree of values, then print the tree. The analogue of reflection, and the
//! slowest of the family; it is here to be measured against.
//!
//! The tree is `serde_json::Value` but for its objects: those keep the order of their keys, which serde_json's do only with a
//! feature that would change every other user of that crate in the same build. It never calls the direct writer.

use super::SerializationError;
use super::record::Record;
use super::value::{Map, Value};
use serde::{Serialize, Serializer};

/// `record` as JSON on one line, by way of a tree.
///
/// # Errors
/// When serde_json refuses; it has no reason to with a [`Record`].
pub fn to_vec(record: &Record) -> Result<Vec<u8>, SerializationError> {
    Ok(serde_json::to_vec(&record_tree(record))?)
}

enum Tree {
    Leaf(serde_json::Value),
    Array(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

impl Serialize for Tree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Tree::Leaf(value) => value.serialize(serializer),
            Tree::Array(values) => serializer.collect_seq(values),
            Tree::Object(entries) => serializer.collect_map(entries.iter().map(|(key, value)| (key, value))),
        }
    }
}

fn record_tree(record: &Record) -> Tree {
    let paths = |paths: &[String]| Tree::Array(paths.iter().map(|path| leaf(path.as_str())).collect());
    let mut fields = vec![
        ("app_name".to_owned(), leaf(record.app_name.as_str())),
        ("app_type".to_owned(), leaf(record.app_type.as_str())),
        ("start_time".to_owned(), leaf(record.start_time.to_string())),
        ("end_time".to_owned(), leaf(record.end_time.to_string())),
        ("duration".to_owned(), leaf(record.duration.0)),
        ("metrics".to_owned(), map_tree(&record.metrics)),
        ("screenshots".to_owned(), paths(&record.screenshots)),
        ("videos".to_owned(), paths(&record.videos)),
        ("success".to_owned(), leaf(record.success)),
    ];
    if !record.error.is_empty() {
        fields.push(("error".to_owned(), leaf(record.error.as_str())));
    }
    Tree::Object(fields)
}

fn leaf(value: impl Into<serde_json::Value>) -> Tree {
    Tree::Leaf(value.into())
}

fn map_tree(map: &Map) -> Tree {
    Tree::Object(map.iter().map(|(key, value)| (key.to_owned(), value_tree(value))).collect())
}

fn value_tree(value: &Value) -> Tree {
    match value {
        Value::Null => Tree::Leaf(serde_json::Value::Null),
        Value::Bool(value) => leaf(*value),
        Value::I64(value) => leaf(*value),
        Value::U64(value) => leaf(*value),
        Value::F64(value) => leaf(*value),
        Value::String(value) => leaf(value.as_str()),
        Value::List(values) => Tree::Array(values.iter().map(value_tree).collect()),
        Value::Map(map) => map_tree(map),
        Value::Timestamp(value) => leaf(value.to_string()),
        Value::Duration(value) => leaf(value.0),
    }
}
