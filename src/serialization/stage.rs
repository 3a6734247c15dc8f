//! Where text is put together before it goes to the caller's buffer in one copy.
//!
//! ```text
//! stage:   | written | any bytes      |   a fixed length, zeroed once
//!                    ^ at
//! buffer:  | the caller's bytes | earlier flushes |  capacity, never touched beforehand  |
//! ```
//!
//! A vector asks for room and stores its length at every piece, and its spare capacity may be written but not be declared
//! written without `unsafe`. The stage has a length that the compiler knows: a piece is a store of fixed width, rounded up where
//! that is cheaper, and what was written too much is overwritten by the next piece. `at` travels as a value, in a register.
//! The price is one sweep of zeros a text and one copy of it, together a few per cent of writing it.
//!
//! The buffer grows by what was written and not by what might have been: a capacity that holds the text exactly is enough.

use super::escape::{LONGEST, escape_into};

/// Bytes of a stage where the text goes to a buffer that exists: more would cost the sweep of zeros more than it saves copies.
pub(super) const SMALL: usize = 1024;

/// Bytes of a stage where a text of some kilobytes is to be held whole, so that its buffer is allocated when its length is
/// known. Sweeping these takes less than half as long as working the length out beforehand.
pub(super) const WHOLE: usize = 8 * 1024;

/// What a text may be written too long by: a block and its shifted rest.
const SLACK: usize = 32;

/// Longest text that is escaped in one go.
const PIECE: usize = 128;

pub(super) struct Stage<'a, const LEN: usize> {
    bytes: Bytes<LEN>,
    buffer: &'a mut Vec<u8>,
    /// What the buffer is to hold in the end, asked for once where it has no memory yet.
    bound: &'a dyn Fn() -> usize,
}

/// Aligned to a cache line, so that how many stores cross one does not depend on the caller's stack.
#[repr(align(64))]
struct Bytes<const LEN: usize>([u8; LEN]);

impl<'a, const LEN: usize> Stage<'a, LEN> {
    #[inline(always)]
    pub(super) fn new(buffer: &'a mut Vec<u8>, bound: &'a dyn Fn() -> usize) -> Stage<'a, LEN> {
        Stage { bytes: Bytes([0; LEN]), buffer, bound }
    }

    /// Hands over what is left.
    #[inline(always)]
    pub(super) fn finish(self, at: usize) {
        if self.buffer.capacity() == 0 {
            self.buffer.reserve_exact(at);
        }
        self.buffer.extend_from_slice(&self.bytes.0[..at]);
    }

    #[cold]
    #[inline(never)]
    fn flush(&mut self, at: usize) -> usize {
        if self.buffer.capacity() == 0 {
            self.buffer.reserve_exact((self.bound)());
        }
        self.buffer.extend_from_slice(&self.bytes.0[..at]);
        0
    }

    /// Makes room for `len` bytes, at most as many as the stage has.
    #[inline(always)]
    pub(super) fn room(&mut self, at: usize, len: usize) -> usize {
        if at > LEN - len { self.flush(at) } else { at }
    }

    /// Writes bytes whose number the compiler knows.
    #[inline(always)]
    pub(super) fn put<const N: usize>(&mut self, at: usize, bytes: &[u8; N]) -> usize {
        self.put_some(at, bytes, N)
    }

    /// Writes the first `len` of `bytes`. The others are written too, for the next piece to overwrite.
    #[inline(always)]
    pub(super) fn put_some<const N: usize>(&mut self, at: usize, bytes: &[u8; N], len: usize) -> usize {
        let at = self.room(at, N);
        self.bytes.0[at..at + N].copy_from_slice(bytes);
        at + len.min(N)
    }

    /// Writes the first `len` bytes of `words`.
    #[inline(always)]
    pub(super) fn put_words<const WORDS: usize>(&mut self, at: usize, words: [u64; WORDS], len: usize) -> usize {
        let at = self.room(at, 8 * WORDS);
        for (word, place) in words.iter().zip(self.bytes.0[at..at + 8 * WORDS].as_chunks_mut().0) {
            *place = word.to_le_bytes();
        }
        at + len
    }

    /// Writes bytes, `MOST` at most.
    #[inline(always)]
    pub(super) fn put_slice<const MOST: usize>(&mut self, at: usize, bytes: &[u8]) -> usize {
        let at = self.room(at, MOST);
        self.bytes.0[at..at + bytes.len()].copy_from_slice(bytes);
        at + bytes.len()
    }

    /// Writes `text` with its escapes, without quotes.
    #[inline(always)]
    pub(super) fn put_escaped(&mut self, at: usize, text: &str) -> usize {
        let text = text.as_bytes();
        // Where it fits, the text is not longer than the stage and the product cannot overflow.
        if text.len() > LEN || at + LONGEST * text.len() > LEN - SLACK {
            return self.put_pieces(at, text);
        }
        escape_into(text, &mut self.bytes.0, at)
    }

    #[inline(never)]
    fn put_pieces(&mut self, mut at: usize, text: &[u8]) -> usize {
        for piece in text.chunks(PIECE) {
            at = self.room(at, LONGEST * piece.len() + SLACK);
            at = escape_into(piece, &mut self.bytes.0, at);
        }
        at
    }
}
