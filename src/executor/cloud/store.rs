//! What a manager needs of whatever keeps artifacts.

use super::{CloudError, Name};
use std::fmt;
use std::time::SystemTime;

/// An artifact as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Its name.
    pub name: String,
    /// Bytes that it has.
    pub size: u64,
    /// When it was stored.
    pub modified: SystemTime,
}

/// Keeps bytes by name; shared by threads. What several threads do to one name happens in some order, each whole.
pub trait Store: fmt::Debug + Send + Sync {
    /// Stores `bytes` under `name`, whole or not at all, replacing what was there.
    ///
    /// # Errors
    /// When the store refuses.
    fn put(&self, name: Name<'_>, bytes: &[u8]) -> Result<(), CloudError>;

    /// What is stored under `name`; `None` where nothing is.
    ///
    /// # Errors
    /// When the store refuses.
    fn get(&self, name: Name<'_>) -> Result<Option<Vec<u8>>, CloudError>;

    /// The artifacts whose names begin with `prefix`, in order of their names.
    ///
    /// # Errors
    /// When the store refuses.
    fn list(&self, prefix: &str) -> Result<Vec<Artifact>, CloudError>;

    /// Deletes what is stored under `name`; false where nothing was.
    ///
    /// # Errors
    /// When the store refuses.
    fn delete(&self, name: Name<'_>) -> Result<bool, CloudError>;

    /// Whether artifacts outlive the store.
    fn is_durable(&self) -> bool;

    /// Bytes that it holds on the heap, without the allocator's overhead.
    fn memory_usage(&self) -> usize;
}
