//! Artifacts in the memory of this process: for trials, and for tests without a file system.
//!
//! It is as large as what is stored in it; only a clean-up bounds it. All calls take one lock, under which an upload copies.

use super::{Artifact, CloudError, Name, Store};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// A store that ends with the process.
#[derive(Debug, Default)]
pub struct Memory(Mutex<BTreeMap<String, Kept>>);

#[derive(Debug)]
struct Kept {
    bytes: Box<[u8]>,
    modified: SystemTime,
}

impl Memory {
    /// No foreign code runs under the lock, so what it guards is whole even after a panic.
    fn kept(&self) -> MutexGuard<'_, BTreeMap<String, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for Memory {
    fn put(&self, name: Name<'_>, bytes: &[u8]) -> Result<(), CloudError> {
        let kept = Kept { bytes: bytes.into(), modified: SystemTime::now() };
        let replaced = self.kept().insert(name.as_str().to_owned(), kept);
        drop(replaced); // after the lock
        Ok(())
    }

    fn get(&self, name: Name<'_>) -> Result<Option<Vec<u8>>, CloudError> {
        Ok(self.kept().get(name.as_str()).map(|kept| kept.bytes.to_vec()))
    }

    fn list(&self, prefix: &str) -> Result<Vec<Artifact>, CloudError> {
        let kept = self.kept();
        let from_prefix = kept.range::<str, _>((std::ops::Bound::Included(prefix), std::ops::Bound::Unbounded));
        let named = from_prefix.take_while(|(name, _)| name.starts_with(prefix));
        let artifact = |(name, kept): (&String, &Kept)| Artifact {
            name: name.clone(),
            size: kept.bytes.len() as u64,
            modified: kept.modified,
        };
        Ok(named.map(artifact).collect())
    }

    fn delete(&self, name: Name<'_>) -> Result<bool, CloudError> {
        let removed = self.kept().remove(name.as_str());
        Ok(removed.is_some())
    }

    fn is_durable(&self) -> bool {
        false
    }

    fn memory_usage(&self) -> usize {
        let size = |(name, kept): (&String, &Kept)| name.capacity() + kept.bytes.len() + size_of::<(String, Kept)>();
        self.kept().iter().map(size).sum()
    }
}
