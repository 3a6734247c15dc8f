//! The result of one test run against one application: the record that all writers write.

use super::timestamp::{Nanos, Timestamp};
use super::value::Map;
use serde::Serialize;

/// The result of one test run. The fields stand in the order in which JSON has them.
///
/// The rule for what is absent: a list or a map without elements is written as `[]` or `{}`, never as `null` and never left
/// out; only `error` is left out, when it is empty. Every writer follows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Record {
    /// Name of the application under test.
    pub app_name: String,
    /// Kind of application: web, desktop, mobile.
    pub app_type: String,
    /// When the run began.
    pub start_time: Timestamp,
    /// When the run ended.
    pub end_time: Timestamp,
    /// How long the run took, on a clock that need not agree with the two times above.
    pub duration: Nanos,
    /// What the run measured, by name.
    pub metrics: Map,
    /// Paths of the screenshots taken.
    pub screenshots: Vec<String>,
    /// Paths of the videos taken.
    pub videos: Vec<String>,
    /// Whether the run succeeded.
    pub success: bool,
    /// What went wrong; empty when nothing did.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub error: String,
}

impl Default for Record {
    /// An empty record at the Unix epoch. It allocates nothing.
    fn default() -> Record {
        Record {
            app_name: String::new(),
            app_type: String::new(),
            start_time: Timestamp::UNIX_EPOCH,
            end_time: Timestamp::UNIX_EPOCH,
            duration: Nanos(0),
            metrics: Map::default(),
            screenshots: Vec::new(),
            videos: Vec::new(),
            success: false,
            error: String::new(),
        }
    }
}
