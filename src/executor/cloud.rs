//! Keeps artifacts in a store. Only the local provider, a directory, is wired; the others say so when the manager is built.

use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Who stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// A directory of this machine.
    Local,
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
    /// The directory of the local provider. It must exist before the manager is built.
    pub root: PathBuf,
    /// Name of the bucket, a directory below the root.
    pub bucket: String,
    /// Days that an artifact is kept.
    pub retention_days: u32,
}

/// Why the cloud manager cannot be built or cannot store.
#[derive(Debug, thiserror::Error)]
pub enum CloudError {
    /// The provider has no implementation.
    #[error("the provider `{0:?}` is not wired, expected `Local`")]
    NotWired(Provider),
    /// A name that would leave the bucket.
    #[error("`{0}` is no plain name of a bucket or an artifact")]
    Name(String),
    /// The file system refused.
    #[error("`{path}` could not be used")]
    Io {
        /// Which file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Keeps artifacts.
#[derive(Debug)]
pub struct CloudManager {
    bucket: PathBuf,
    retention_days: u32,
}

impl CloudManager {
    /// A manager configured from `config`; it makes the bucket's directory.
    ///
    /// # Errors
    /// When the provider is not wired, the bucket's name is not plain, or the root is not a directory that can be used.
    pub fn new(config: &CloudConfig) -> Result<CloudManager, CloudError> {
        if config.provider != Provider::Local {
            return Err(CloudError::NotWired(config.provider));
        }
        let bucket = config.root.join(plain(&config.bucket)?);
        match fs::create_dir(&bucket) {
            Err(source) if source.kind() != io::ErrorKind::AlreadyExists => {
                Err(CloudError::Io { path: bucket, source })
            }
            _ => Ok(CloudManager { bucket, retention_days: config.retention_days }),
        }
    }

    /// Stores `bytes` under `name`, replacing what was there, and returns where. The file is written whole or not at all.
    ///
    /// # Errors
    /// When the name is not plain or the file cannot be written.
    pub fn store(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, CloudError> {
        let path = self.bucket.join(plain(name)?);
        let partial = self.bucket.join(format!(".{name}.partial"));
        let written = fs::write(&partial, bytes).and_then(|()| fs::rename(&partial, &path));
        match written {
            Ok(()) => Ok(path),
            Err(source) => Err(CloudError::Io { path, source }),
        }
    }

    /// Where the artifacts are.
    pub fn bucket(&self) -> &Path {
        &self.bucket
    }

    /// Days that an artifact is kept.
    pub const fn retention_days(&self) -> u32 {
        self.retention_days
    }

    pub(super) fn memory_usage(&self) -> usize {
        self.bucket.capacity()
    }
}

/// One ordinary component of a path.
fn plain(name: &str) -> Result<&str, CloudError> {
    if name.is_empty() || name.starts_with('.') || name.contains(['/', '\\', '\0']) {
        return Err(CloudError::Name(name.to_owned()));
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::{CloudConfig, CloudError, CloudManager, Provider};

    fn config(root: &std::path::Path) -> CloudConfig {
        CloudConfig { provider: Provider::Local, root: root.into(), bucket: "runs".into(), retention_days: 30 }
    }

    #[track_caller]
    fn check(name: &str, is_plain: bool) {
        let root = tempfile::tempdir().unwrap();
        let stored = CloudManager::new(&config(root.path())).unwrap().store(name, b"text");
        match stored {
            Ok(path) => assert!(is_plain && std::fs::read(path).unwrap() == b"text"),
            Err(error) => assert!(!is_plain && matches!(&error, CloudError::Name(found) if found == name), "{error}"),
        }
    }

    #[test]
    fn only_plain_names_are_stored() {
        check("shot.png", true);
        check("übersicht 1.png", true);
        check("../shot.png", false);
        check("a/b", false);
        check("..", false);
        check("", false);
    }

    #[test]
    fn storing_again_replaces_and_leaves_nothing_partial() {
        let root = tempfile::tempdir().unwrap();
        let manager = CloudManager::new(&config(root.path())).unwrap();
        manager.store("a", b"one").unwrap();
        let path = manager.store("a", b"two").unwrap();
        assert_eq!(std::fs::read(path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(manager.bucket()).unwrap().count(), 1);
        assert_eq!(manager.retention_days(), 30);
    }

    #[test]
    fn a_provider_that_is_not_wired_says_so() {
        let root = tempfile::tempdir().unwrap();
        let error = CloudManager::new(&CloudConfig { provider: Provider::Gcp, ..config(root.path()) }).unwrap_err();
        assert_eq!(error.to_string(), "the provider `Gcp` is not wired, expected `Local`");
    }
}
