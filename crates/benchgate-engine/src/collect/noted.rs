//! What a preloaded library has noted in the file of a process: a header, then entries of one size. The logs of counting and of
//! learning begin alike.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// Where entries lie in such a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    /// Bytes before the first entry.
    pub header: usize,
    /// Bytes of an entry.
    pub entry: usize,
    /// Entries for which there is room.
    pub most: usize,
}

/// What was noted since the last time.
#[derive(Debug)]
pub(super) struct Taken {
    /// What the library set once it had found the file.
    pub joined: u32,
    /// Not 0 where there was no room for all entries.
    pub lost: u32,
    /// Entries since the last time, those without room included where they were counted.
    pub next: u64,
    /// The entries that are there, one behind the other.
    pub bytes: Vec<u8>,
}

impl Layout {
    /// Takes what was noted, and has the library begin anew. Its process must be waiting for the driver, or have ended.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub fn take(self, file: &File) -> io::Result<Taken> {
        let mut header = [0; 16];
        file.read_exact_at(&mut header, 0)?;
        let word = |at: usize| u32::from_ne_bytes(header[at..at + 4].try_into().expect("4 bytes"));
        let next = u64::from_ne_bytes(header[8..].try_into().expect("8 bytes"));
        let mut bytes = vec![0; usize::try_from(next).unwrap_or(0).min(self.most) * self.entry];
        file.read_exact_at(&mut bytes, self.header as u64)?;
        file.write_all_at(&[0; 12], 4)?;
        Ok(Taken { joined: word(0), lost: word(4), next, bytes })
    }
}
