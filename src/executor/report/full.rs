//! The full page into memory, into a sink, into a file.

use super::page;
use super::{Report, ReportError};
use crate::executor::whole::write_whole;
use std::convert::Infallible;
use std::io::{self, Write};
use std::path::Path;

/// Bytes that a fresh buffer has at least and that go to a sink at once: what the Panoptic testing framework begins its page
/// with (`internal/executor/report.go`).
pub(super) const CHUNK: usize = 8 * 1024;

impl Report<'_> {
    /// Appends the full page to `buffer`. It allocates nothing when the spare capacity holds the page.
    pub fn append(&self, buffer: &mut Vec<u8>) {
        let Ok(()) = page::write(self, &mut |piece| -> Result<(), Infallible> {
            buffer.extend_from_slice(piece);
            Ok(())
        });
    }

    /// The full page in a buffer of its own, allocated once: the page is gone through twice, first to know its length.
    pub fn to_vec(&self) -> Vec<u8> {
        let mut buffer = Vec::with_capacity(self.full_len().max(CHUNK));
        self.append(&mut buffer);
        buffer
    }

    /// Length of the full page in bytes.
    pub fn full_len(&self) -> usize {
        let mut len = 0;
        let Ok(()) = page::write(self, &mut |piece| -> Result<(), Infallible> {
            len += piece.len();
            Ok(())
        });
        len
    }

    /// Hands the full page to `sink` in pieces of 8 KiB. It allocates nothing that the sink does not. The sink is not flushed.
    ///
    /// # Errors
    /// When the sink fails. What it took before is not a whole page.
    pub fn write(&self, sink: &mut impl Write) -> io::Result<()> {
        let mut chunk = [0; CHUNK];
        let mut len = 0;
        page::write(self, &mut |piece| {
            if let Some(room) = chunk[len..].get_mut(..piece.len()) {
                room.copy_from_slice(piece);
                len += piece.len();
                return Ok(());
            }
            sink.write_all(&chunk[..len])?;
            len = 0;
            match chunk.get_mut(..piece.len()) {
                Some(room) => {
                    room.copy_from_slice(piece);
                    len = piece.len();
                    Ok(())
                }
                None => sink.write_all(piece),
            }
        })?;
        sink.write_all(&chunk[..len])
    }

    /// Writes the full page to `path`, whole or not at all: a reader sees the page that was there or this one.
    ///
    /// # Errors
    /// When the directory does not exist or cannot be written to. What was at `path` is still there then.
    pub fn save(&self, path: &Path) -> Result<(), ReportError> {
        let page = self.to_vec();
        write_whole(path, |file| file.write_all(&page)).map_err(|source| ReportError { path: path.to_owned(), source })
    }
}
