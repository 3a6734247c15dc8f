//! What lies at a path, so far as a program that asks can tell.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::collect::elf::build_id;
use crate::collect::roots::Roots;

/// How a path was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::collect) enum Use {
    /// Asked for, read, or run.
    Asked,
    /// Opened, and if it is a directory, listed.
    Opened,
}

/// What lies at a path. Times are left out: they differ between checkouts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::collect) enum State {
    /// Nothing.
    Missing,
    /// A file; its content is compared but for the side's own roots and the build-id.
    File { digest: [u8; 32], is_executable: bool },
    /// A directory, whatever is in it.
    Directory,
    /// A directory, the names in it and what they are of: a listing tells both.
    Listed(BTreeSet<(OsString, Kind)>),
    /// A symbolic link, with the side's own roots blanked.
    Link(Vec<u8>),
    /// A device, a socket, or what cannot be read.
    Other,
}

/// What an entry of a directory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::collect) enum Kind {
    File = 1,
    Directory = 2,
    Link = 3,
    Other = 4,
}

impl Kind {
    fn of(entry: &fs::DirEntry) -> Self {
        match entry.file_type() {
            Ok(kind) if kind.is_file() => Self::File,
            Ok(kind) if kind.is_dir() => Self::Directory,
            Ok(kind) if kind.is_symlink() => Self::Link,
            _ => Self::Other,
        }
    }
}

impl State {
    /// What lies at a path of a side now.
    pub fn now(path: &Path, used: Use, roots: &Roots) -> Self {
        let Ok(metadata) = fs::symlink_metadata(path) else { return Self::Missing };
        if metadata.is_symlink() {
            let Ok(text) = fs::read_link(path) else { return Self::Other };
            let mut text = text.into_os_string().as_bytes().to_vec();
            roots.blank(&mut text);
            return Self::Link(text);
        }
        if metadata.is_dir() {
            return match (used, fs::read_dir(path)) {
                (Use::Asked, _) => Self::Directory,
                (Use::Opened, Ok(entries)) => {
                    let entries = entries.filter_map(Result::ok);
                    Self::Listed(entries.map(|entry| (entry.file_name(), Kind::of(&entry))).collect())
                }
                (Use::Opened, Err(_)) => Self::Other,
            };
        }
        let bytes = if metadata.is_file() { fs::read(path).ok() } else { None };
        match bytes {
            Some(bytes) => {
                Self::File { digest: digest(bytes, roots), is_executable: metadata.permissions().mode() & 0o111 != 0 }
            }
            None => Self::Other,
        }
    }

    /// For hashes: equal where the states are.
    pub fn text(&self) -> Vec<u8> {
        match self {
            Self::Missing => b"missing".to_vec(),
            Self::File { digest, is_executable } => [&b"file "[..], &[u8::from(*is_executable)], digest].concat(),
            Self::Directory => b"directory".to_vec(),
            Self::Listed(names) => {
                let names = names.iter().map(|(name, kind)| [name.as_bytes(), &[0, *kind as u8, 0]].concat());
                [b"listed ".to_vec(), names.collect::<Vec<_>>().concat()].concat()
            }
            Self::Link(text) => [b"link ", &**text].concat(),
            Self::Other => b"other".to_vec(),
        }
    }
}

fn digest(mut bytes: Vec<u8>, roots: &Roots) -> [u8; 32] {
    if let Some(build_id) = build_id(&bytes) {
        bytes[build_id].fill(0);
    }
    roots.blank(&mut bytes);
    Sha256::digest(&bytes).into()
}
