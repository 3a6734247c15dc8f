//! The file in which a process of a counting run notes its readings of the clock, seen by the driver.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::Context;

use super::super::noted::{Layout, Taken};
use crate::preload::counting::log::{Entry, FILE_BYTES, HEADER_BYTES, JOINED, MOST_ENTRIES, VARIABLE};

/// The counting library, as the build script left it; empty where it cannot work.
static LIBRARY: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/counting.so"));

/// Numbers the files of this program.
static FILES: AtomicU32 = AtomicU32::new(0);

const LAYOUT: Layout = Layout { header: HEADER_BYTES, entry: size_of::<Entry>(), most: MOST_ENTRIES };

/// One process's log; its file goes with it.
#[derive(Debug)]
pub(super) struct Notes {
    file: File,
    path: PathBuf,
    library: PathBuf,
}

/// What was noted since the last time.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Noted {
    /// Every reading.
    All(Vec<Entry>),
    /// There were more readings than a log holds.
    TooMany,
    /// The library has not found its log.
    NotJoined,
}

impl Notes {
    /// A fresh log in the run's scratch directory.
    pub fn new(scratch: &Path) -> anyhow::Result<Self> {
        let number = FILES.fetch_add(1, Ordering::Relaxed) % 100_000_000;
        let library = scratch.join("counting.so");
        if !library.exists() {
            // Whole or not at all: another thread may be counting too.
            let begun = scratch.join(format!("counting{number:08}"));
            let written = fs::write(&begun, LIBRARY).and_then(|()| fs::rename(&begun, &library));
            written.with_context(|| format!("cannot write `{}`", library.display()))?;
        }
        let path = scratch.join(format!("notes{number:08}"));
        let context = || format!("cannot make `{}`", path.display());
        let file = File::options().read(true).write(true).create_new(true).open(&path).with_context(context)?;
        file.set_len(FILE_BYTES as u64).with_context(context)?;
        Ok(Self { file, path, library })
    }

    /// What the environment of the process must say.
    pub fn environment(&self) -> [(&'static str, String); 2] {
        [("LD_PRELOAD", self.library.display().to_string()), (VARIABLE, self.path.display().to_string())]
    }

    /// Takes what was noted; the process must be waiting for the driver.
    pub fn take(&self) -> io::Result<Noted> {
        let Taken { joined, lost, bytes, next: _ } = LAYOUT.take(&self.file)?;
        if joined != JOINED {
            return Ok(Noted::NotJoined);
        }
        if lost > 0 {
            return Ok(Noted::TooMany);
        }
        Ok(Noted::All(bytes.chunks_exact(size_of::<Entry>()).map(entry).collect()))
    }
}

impl Drop for Notes {
    fn drop(&mut self) {
        // It lies in the run's scratch directory, which goes as a whole.
        fs::remove_file(&self.path).ok();
    }
}

fn entry(bytes: &[u8]) -> Entry {
    let word = |at: usize| u64::from_ne_bytes(bytes[at * 8..][..8].try_into().expect("8 bytes"));
    Entry { nanos: word(0), blocks: word(1), bytes: word(2), other_blocks: word(3), other_bytes: word(4) }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::FileExt;

    use super::*;

    #[test]
    fn what_the_library_writes_is_read() {
        let scratch = tempfile::tempdir().unwrap();
        let notes = Notes::new(scratch.path()).unwrap();
        assert_eq!(notes.take().unwrap(), Noted::NotJoined);
        let write = |words: &[u64], at: usize| {
            let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_ne_bytes()).collect();
            notes.file.write_all_at(&bytes, at as u64).unwrap();
        };
        write(&[10, 1, 16, 0, 0, 20, 2, 48, 5, 80], HEADER_BYTES);
        write(&[u64::from(JOINED), 2], 0);
        let first = Entry { nanos: 10, blocks: 1, bytes: 16, ..Entry::default() };
        let second = Entry { nanos: 20, blocks: 2, bytes: 48, other_blocks: 5, other_bytes: 80 };
        assert_eq!(notes.take().unwrap(), Noted::All(vec![first, second]));
        assert_eq!(notes.take().unwrap(), Noted::All(Vec::new()));
        write(&[u64::from(JOINED) | 1 << 32, 2], 0);
        assert_eq!(notes.take().unwrap(), Noted::TooMany);
        assert_eq!(notes.take().unwrap(), Noted::All(Vec::new()));
        let path = notes.path.clone();
        drop(notes);
        assert!(!path.exists());
    }
}
