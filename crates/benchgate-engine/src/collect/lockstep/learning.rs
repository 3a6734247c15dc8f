//! The file in which a process of a learning run notes its readings of the clock, seen by the driver.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::super::noted::{Layout, Taken};
use super::Fit;
use crate::preload::learning::log::{Entry, FILE_BYTES, HEADER_BYTES, JOINED, MARKS_NOTED, MOST_ENTRIES, VARIABLE};

/// Numbers the files of this program.
static FILES: AtomicU32 = AtomicU32::new(0);

const LAYOUT: Layout = Layout { header: HEADER_BYTES, entry: size_of::<Entry>(), most: MOST_ENTRIES };

/// One process's log; its file goes with it.
#[derive(Debug)]
pub(in crate::collect) struct Noting {
    file: File,
    path: PathBuf,
}

/// What was noted since the last time.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::collect) enum Noted {
    /// Every reading.
    All(Vec<Entry>),
    /// The last ones, where there were more than a log holds.
    Last(Vec<Entry>),
    /// The library has not found its log.
    NotJoined,
}

impl Noting {
    /// A fresh log for an executable; adds what its process's environment must say. The last word on what is preloaded is this.
    pub fn prepare(fit: &Fit, scratch: &Path, environment: &mut Vec<(&'static str, String)>) -> io::Result<Self> {
        let path = scratch.join(format!("marks{:08}", FILES.fetch_add(1, Ordering::Relaxed) % 100_000_000));
        let file = File::options().read(true).write(true).create_new(true).open(&path)?;
        file.set_len(FILE_BYTES as u64)?;
        let words = [fit.code.entry, fit.code.from, fit.code.to].map(u64::to_ne_bytes).concat();
        file.write_all_at(&words, 16)?;
        environment.push(("LD_PRELOAD", fit.learning.display().to_string()));
        environment.push((VARIABLE, path.display().to_string()));
        Ok(Self { file, path })
    }

    /// Takes what was noted; the process must be waiting for the driver, or have ended.
    pub fn take(&self) -> io::Result<Noted> {
        let Taken { joined, lost, next, bytes } = LAYOUT.take(&self.file)?;
        if joined != JOINED {
            return Ok(Noted::NotJoined);
        }
        let mut all: Vec<Entry> = bytes.chunks_exact(size_of::<Entry>()).map(entry).collect();
        if lost == 0 {
            return Ok(Noted::All(all));
        }
        let oldest = (usize::try_from(next).unwrap_or(0) % MOST_ENTRIES).min(all.len());
        all.rotate_left(oldest);
        Ok(Noted::Last(all))
    }
}

impl Drop for Noting {
    fn drop(&mut self) {
        // It lies in the run's scratch directory, which goes as a whole.
        fs::remove_file(&self.path).ok();
    }
}

fn entry(bytes: &[u8]) -> Entry {
    let word = |at: usize| u64::from_ne_bytes(bytes[at * 8..][..8].try_into().expect("8 bytes"));
    let mut marks = [0; MARKS_NOTED];
    marks.iter_mut().enumerate().for_each(|(at, mark)| *mark = word(2 + at));
    Entry { nanos: word(0), clock: word(1), marks }
}
