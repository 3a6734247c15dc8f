//! The generic writer: `#[derive(Serialize)]` through serde_json. What everyone would write first, and what the direct writer
//! is held against, in its bytes and in its time. It never calls the direct writer.

use super::SerializationError;
use super::record::Record;

/// `record` as JSON on one line.
///
/// # Errors
/// When serde_json refuses; it has no reason to with a [`Record`].
pub fn to_vec(record: &Record) -> Result<Vec<u8>, SerializationError> {
    Ok(serde_json::to_vec(record)?)
}

/// `record` as indented JSON, two spaces a level.
///
/// # Errors
/// As [`to_vec`].
pub fn to_vec_pretty(record: &Record) -> Result<Vec<u8>, SerializationError> {
    Ok(serde_json::to_vec_pretty(record)?)
}
