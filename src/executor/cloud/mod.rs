//! Keeps artifacts of runs: uploads, downloads, lists and deletes them, and cleans up what is kept long enough.
//!
//! ```text
//!   CloudManager ── Store ─┬─ Directory   provider `local`: files below a directory of this machine
//!                          └─ Memory      provider `memory`: gone with the process, for trials
//! ```
//! The providers of the network (`aws`, `gcp`, `azure`) are not wired and say so when the manager is built; a program that has a
//! client for one makes a [`Store`] of it. Nothing here runs by itself: [`CloudManager::clean_up`] is the caller's to call, with
//! the time that it takes for now.
//!
//! Building the manager for a directory costs a call of the system, whether the directory is there or not. An upload writes one
//! file beside its place and renames it; a list looks at every file of the bucket; memory does not grow with what is stored, but
//! in [`Memory`].
//!
//! ```
//! use perfblocks::executor::cloud::{CloudConfig, CloudManager, Provider};
//! use std::time::{Duration, SystemTime};
//! let cloud = CloudManager::new(&CloudConfig {
//!     provider: Provider::Memory,
//!     root: "".into(),
//!     bucket: "runs".into(),
//!     retention_days: 30,
//!     max_artifacts: None,
//! })?;
//! cloud.upload("nightly/shot.png", b"pixels")?;
//! assert_eq!(cloud.list("nightly/")?[0].size, 6);
//! assert_eq!(cloud.download("nightly/shot.png")?, b"pixels");
//! let in_31_days = SystemTime::now() + Duration::from_secs(31 * 86_400);
//! assert_eq!(cloud.clean_up(in_31_days)?.deleted, 1);
//! # Ok::<(), perfblocks::executor::cloud::CloudError>(())
//! ```

mod directory;
mod memory;
mod name;
mod retention;
mod store;

pub use directory::Directory;
pub use memory::Memory;
pub use name::Name;
pub use retention::Retention;
pub use store::{Artifact, Store};

use serde::Deserialize;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Who stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// A directory of this machine.
    Local,
    /// The memory of this process.
    Memory,
    /// Not wired.
    Aws,
    /// Not wired.
    Gcp,
    /// Not wired.
    Azure,
}

/// The section `cloud` of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CloudConfig {
    /// Who stores.
    pub provider: Provider,
    /// The directory of the local provider, which must exist before the manager is built; others do not look at it.
    pub root: PathBuf,
    /// Name of the bucket, a directory below the root.
    pub bucket: String,
    /// Days that an artifact is kept, at least 1.
    pub retention_days: u32,
    /// Artifacts that are kept at most, at least 1: the newest ones. As many as there are where it is not said.
    #[serde(default)]
    pub max_artifacts: Option<usize>,
}

/// Why the cloud manager cannot be built, or cannot do what it is asked to.
#[derive(Debug, thiserror::Error)]
pub enum CloudError {
    /// The provider has no implementation.
    #[error("the provider `{0:?}` is not wired, expected `Local` or `Memory`")]
    NotWired(Provider),
    /// A limit of 0 would keep nothing.
    #[error("the limit `{0}` is 0, expected at least 1")]
    Limit(&'static str),
    /// A name that would leave the bucket, or that no file could have.
    #[error(
        "`{0}` is no plain name of a bucket or an artifact\nhint: parts between `/` that neither begin with `.` nor end with `.partial`"
    )]
    Name(String),
    /// There is no such artifact.
    #[error("there is no artifact `{0}`")]
    Missing(String),
    /// The file system refused.
    #[error("`{path}` could not be used")]
    Io {
        /// Which file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// What a clean-up did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CleanUp {
    /// Artifacts that were deleted.
    pub deleted: usize,
    /// Their bytes.
    pub freed: u64,
    /// Artifacts that are still kept.
    pub kept: usize,
}

/// Keeps artifacts in a store; shared by threads.
#[derive(Debug)]
pub struct CloudManager {
    store: Box<dyn Store>,
    bucket: PathBuf,
    retention: Retention,
}

impl CloudManager {
    /// A manager configured from `config`; for the local provider it makes the bucket's directory.
    ///
    /// # Errors
    /// When the provider is not wired, the bucket's name is not plain, a limit is 0, or the root is not a directory that can be
    /// used.
    pub fn new(config: &CloudConfig) -> Result<CloudManager, CloudError> {
        let retention = Retention::of_days(config.retention_days, config.max_artifacts)?;
        let bucket = name::part(&config.bucket)?;
        match config.provider {
            Provider::Local => {
                let bucket = config.root.join(bucket);
                Ok(CloudManager { store: Box::new(Directory::new(bucket.clone())?), bucket, retention })
            }
            Provider::Memory => {
                Ok(CloudManager { store: Box::new(Memory::default()), bucket: bucket.into(), retention })
            }
            Provider::Aws | Provider::Gcp | Provider::Azure => Err(CloudError::NotWired(config.provider)),
        }
    }

    /// A manager of a store of the caller's, whose artifacts reports say to lie in `bucket`.
    pub fn with_store(store: Box<dyn Store>, bucket: PathBuf, retention: Retention) -> CloudManager {
        CloudManager { store, bucket, retention }
    }

    /// Stores `bytes` under `name`, replacing what was there. They are stored whole or not at all.
    ///
    /// # Errors
    /// When the name is not plain or the store refuses.
    pub fn upload(&self, name: &str, bytes: &[u8]) -> Result<(), CloudError> {
        self.store.put(Name::new(name)?, bytes)
    }

    /// What is stored under `name`.
    ///
    /// # Errors
    /// When the name is not plain, there is no such artifact, or the store refuses.
    pub fn download(&self, name: &str) -> Result<Vec<u8>, CloudError> {
        self.store.get(Name::new(name)?)?.ok_or_else(|| CloudError::Missing(name.to_owned()))
    }

    /// The artifacts whose names begin with `prefix`, in order of their names.
    ///
    /// # Errors
    /// When the store refuses.
    pub fn list(&self, prefix: &str) -> Result<Vec<Artifact>, CloudError> {
        self.store.list(prefix)
    }

    /// Deletes the artifact `name`.
    ///
    /// # Errors
    /// When the name is not plain, there is no such artifact, or the store refuses.
    pub fn delete(&self, name: &str) -> Result<(), CloudError> {
        if self.store.delete(Name::new(name)?)? { Ok(()) } else { Err(CloudError::Missing(name.to_owned())) }
    }

    /// Deletes what the retention does not keep at the time `now`. What others deleted first counts as theirs. An artifact that
    /// is replaced while this runs may go with the one that it replaces.
    ///
    /// # Errors
    /// When the artifacts cannot be listed, or with the first that could not be deleted; the others are deleted then.
    pub fn clean_up(&self, now: SystemTime) -> Result<CleanUp, CloudError> {
        let mut artifacts = self.store.list("")?;
        let kept = self.retention.keep_first(&mut artifacts, now);
        let mut done = CleanUp { kept, ..CleanUp::default() };
        let mut failed = Ok(());
        for expired in &artifacts[kept..] {
            match Name::new(&expired.name).and_then(|name| self.store.delete(name)) {
                Ok(true) => {
                    done.deleted += 1;
                    done.freed += expired.size;
                }
                Ok(false) => {}
                Err(error) => failed = failed.and(Err(error)),
            }
        }
        failed.map(|()| done)
    }

    /// Where the artifacts are: the directory of a local bucket, the name of one in memory.
    pub fn bucket(&self) -> &Path {
        &self.bucket
    }

    /// What is kept.
    pub const fn retention(&self) -> Retention {
        self.retention
    }

    /// Whether another manager, built as this one was, would find what this one stored.
    pub fn is_durable(&self) -> bool {
        self.store.is_durable()
    }

    pub(super) fn memory_usage(&self) -> usize {
        self.bucket.capacity() + self.store.memory_usage()
    }
}

#[cfg(test)]
mod tests;
