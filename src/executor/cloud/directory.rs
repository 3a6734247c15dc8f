//! Artifacts as files below a directory of this machine, their names the paths.
//!
//! A directory that its last artifact leaves goes with it. Links are not followed. Files whose path is no name of an artifact,
//! such as those under way, are passed over.

use super::{Artifact, CloudError, Name, Store};
use crate::executor::whole::write_whole;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// How often an upload makes its directory anew when a deletion takes it away. More than this is no race.
const ATTEMPTS: u32 = 3;

/// A store of files.
#[derive(Debug)]
pub struct Directory {
    root: PathBuf,
}

impl Directory {
    /// The directory `root`, which is made where it is not; the one that it lies in must be there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn new(root: PathBuf) -> Result<Directory, CloudError> {
        match fs::create_dir(&root) {
            Err(source) if source.kind() != ErrorKind::AlreadyExists => Err(CloudError::Io { path: root, source }),
            _ => Ok(Directory { root }),
        }
    }

    fn path(&self, name: Name<'_>) -> PathBuf {
        self.root.join(name.as_str())
    }

    /// Adds the artifacts below `directory`, whose names begin with `above`, to `found`.
    fn walk(&self, directory: &Path, above: &str, prefix: &str, found: &mut Vec<Artifact>) -> io::Result<()> {
        // What is deleted while this looks is passed over.
        let Some(entries) = unless_missing(fs::read_dir(directory))? else { return Ok(()) };
        for entry in entries {
            let entry = entry?;
            let part = entry.file_name();
            let Some(part) = part.to_str() else { continue };
            let name = format!("{above}{part}");
            let Some(kind) = unless_missing(entry.file_type())? else { continue };
            if Name::new(&name).is_err() {
                continue;
            }
            if kind.is_dir() {
                let below = format!("{name}/");
                if below.starts_with(prefix) || prefix.starts_with(&below) {
                    self.walk(&entry.path(), &below, prefix, found)?;
                }
            } else if kind.is_file()
                && name.starts_with(prefix)
                && let Some(metadata) = unless_missing(entry.metadata())?
            {
                found.push(Artifact { name, size: metadata.len(), modified: metadata.modified()? });
            }
        }
        Ok(())
    }
}

impl Store for Directory {
    fn put(&self, name: Name<'_>, bytes: &[u8]) -> Result<(), CloudError> {
        let path = self.path(name);
        let directory = path.parent().unwrap_or(&self.root);
        let mut attempt = 1;
        loop {
            let is_nested = directory != self.root;
            let made = if is_nested { fs::create_dir_all(directory) } else { Ok(()) };
            match made.and_then(|()| write_whole(&path, |file| file.write_all(bytes))) {
                Ok(()) => return Ok(()),
                Err(error) if is_nested && error.kind() == ErrorKind::NotFound && attempt < ATTEMPTS => attempt += 1,
                Err(source) => return Err(CloudError::Io { path, source }),
            }
        }
    }

    fn get(&self, name: Name<'_>) -> Result<Option<Vec<u8>>, CloudError> {
        let path = self.path(name);
        unless_missing(fs::read(&path)).map_err(|source| CloudError::Io { path, source })
    }

    fn list(&self, prefix: &str) -> Result<Vec<Artifact>, CloudError> {
        let mut found = Vec::new();
        match self.walk(&self.root, "", prefix, &mut found) {
            Ok(()) => {
                found.sort_unstable_by(|a, b| a.name.cmp(&b.name));
                Ok(found)
            }
            Err(source) => Err(CloudError::Io { path: self.root.clone(), source }),
        }
    }

    fn delete(&self, name: Name<'_>) -> Result<bool, CloudError> {
        let path = self.path(name);
        let removed = unless_missing(fs::remove_file(&path));
        let was_there = removed.map_err(|source| CloudError::Io { path: path.clone(), source })?.is_some();
        if !was_there {
            return Ok(false);
        }
        let above = path.ancestors().skip(1).take_while(|above| *above != self.root);
        // A directory that is not empty stays, and so do those above it.
        for emptied in above {
            if fs::remove_dir(emptied).is_err() {
                break;
            }
        }
        Ok(true)
    }

    fn is_durable(&self) -> bool {
        true
    }

    fn memory_usage(&self) -> usize {
        self.root.capacity()
    }
}

/// `None` for what is not there, or is there as the other of file and directory.
fn unless_missing<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) => match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::IsADirectory => Ok(None),
            _ => Err(error),
        },
    }
}
