//! The cache directory, outside the repository: checked-out sides and what was built of them.
//!
//! Inside the repository's own `target/` a checked-out base would inherit the candidate's `.cargo/config.toml` and
//! workspace.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use super::tree::remove_tree;
use benchgate_core::model::Side;

/// Overrides where the cache lies.
pub const CACHE_VARIABLE: &str = "BENCHGATE_CACHE_DIR";

/// This repository's part of the cache, locked for this process.
#[derive(Debug)]
pub struct Cache {
    root: PathBuf,
    _lock: File,
}

impl Cache {
    /// Opens the part of the cache that belongs to the repository at `repository`; waits while another run has it.
    ///
    /// # Errors
    /// The place cannot be used: it holds a blank or a colon (the loader splits preloaded paths at both), or it cannot
    /// be written.
    pub fn open(repository: &Path, on_wait: impl FnOnce()) -> Result<Self> {
        let home = cache_home()?;
        refuse(&home)?;
        let name = hex(&Sha256::digest(repository.as_os_str().as_encoded_bytes()));
        Self::at(home.join(&name[..12]), on_wait)
    }

    /// Opens a cache that lies at `root`.
    pub(super) fn at(root: PathBuf, on_wait: impl FnOnce()) -> Result<Self> {
        let context = || {
            format!(
                "cannot use the cache directory `{}`\nhint: set {CACHE_VARIABLE} to one that can be written",
                root.display()
            )
        };
        fs::create_dir_all(&root).with_context(context)?;
        let lock = File::create(root.join("lock")).with_context(context)?;
        if lock.try_lock().is_err() {
            on_wait();
            lock.lock().with_context(context)?;
        }
        let cache = Self { root, _lock: lock };
        cache.remove_older()?;
        Ok(cache)
    }

    /// Version 0.1 kept both sides' builds in one directory and executables in another; what they hold cannot be used.
    fn remove_older(&self) -> Result<()> {
        for name in ["k", "b.json", "c.json"] {
            remove_tree(&self.root.join(name))?;
        }
        if self.builds().join("CACHEDIR.TAG").exists() {
            remove_tree(&self.builds())?;
        }
        Ok(())
    }

    /// Where a side is checked out; both paths have the same length.
    pub fn tree(&self, side: Side) -> PathBuf {
        self.root.join(match side {
            Side::Base => "b",
            Side::Candidate => "c",
        })
    }

    /// Where builds lie, each in a target directory of its own.
    pub(super) fn builds(&self) -> PathBuf {
        self.root.join("t")
    }

    /// Where set-up commands of a side build what they need.
    pub(super) fn setup(&self, side: Side) -> PathBuf {
        self.root.join("s").join(match side {
            Side::Base => "b",
            Side::Candidate => "c",
        })
    }

    /// Where the digests of builds lie, apart from what a bench process is told of.
    pub(super) fn digests(&self) -> PathBuf {
        let name = self.root.file_name().unwrap_or_default();
        self.root.with_file_name("digests").join(name)
    }

    /// The lock file that was made for a workspace without one.
    pub(super) fn lock_file(&self) -> PathBuf {
        self.root.join("Cargo.lock")
    }

    /// The program through which the workspace's own crates are compiled to be linked again; at one place for ever, since cargo
    /// keeps what it compiled through a program apart by the program's path.
    pub(super) fn wrapper(&self) -> PathBuf {
        self.root.join("w")
    }

    /// Where evidence about code by itself is kept between runs.
    pub fn evidence(&self) -> PathBuf {
        self.root.join("e")
    }

    /// A fresh directory for the files of this run, removed when dropped.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn scratch(&self) -> Result<tempfile::TempDir> {
        let mut builder = tempfile::Builder::new();
        builder.prefix("run-");
        builder.tempdir_in(&self.root).with_context(|| format!("cannot make a directory in `{}`", self.root.display()))
    }
}

/// Stops if a cache cannot lie there.
///
/// # Errors
/// The path holds a blank or a colon: the loader splits preloaded paths at both.
pub(super) fn refuse(home: &Path) -> Result<()> {
    if let Some(bad) = home.to_string_lossy().chars().find(|c| c.is_whitespace() || *c == ':') {
        bail!(
            "the cache directory `{}` holds {bad:?}, which the loader cannot take\nhint: set {CACHE_VARIABLE} to a \
             directory without blanks and colons",
            home.display()
        );
    }
    Ok(())
}

/// Where all caches lie.
///
/// # Errors
/// There is no home directory and none was named.
pub fn cache_home() -> Result<PathBuf> {
    let from = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(dir) = from(CACHE_VARIABLE) {
        return std::path::absolute(&dir).with_context(|| format!("{CACHE_VARIABLE}=`{}` is no path", dir.display()));
    }
    let home = if cfg!(target_os = "macos") {
        from("HOME").map(|home| home.join("Library/Caches"))
    } else {
        from("XDG_CACHE_HOME").filter(|dir| dir.is_absolute()).or_else(|| from("HOME").map(|home| home.join(".cache")))
    };
    match home {
        Some(home) => Ok(home.join("benchgate")),
        None => bail!("there is no home directory to keep the cache in\nhint: set {CACHE_VARIABLE}"),
    }
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
