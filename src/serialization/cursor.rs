//! A place to write in the caller's buffer.
//!
//! ```text
//! buffer:  | the caller's bytes | written |  zeroed window  |  untouched capacity  |
//!                                         ^ at              ^ buffer.len()
//! ```
//!
//! Appending piecewise to a vector re-checks and stores its length at every piece. Here the window is zeroed ahead in one
//! sweep, pieces are written into it as a plain slice, and the vector's length is put right once, at the end. The window never
//! makes the vector grow: it takes capacity that is there, and only a piece that does not fit makes it allocate.

use super::escape;

/// Bytes that a window is opened by at least, where the capacity has them. One sweep of this costs a few nanoseconds, and a
/// record of the usual size needs one.
const WINDOW: usize = 1024;

pub(super) struct Cursor<'a> {
    buffer: &'a mut Vec<u8>,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(buffer: &'a mut Vec<u8>) -> Cursor<'a> {
        let at = buffer.len();
        Cursor { buffer, at }
    }

    /// Cuts the unused window off, which leaves the caller's bytes and what was written.
    pub(super) fn finish(self) {
        self.buffer.truncate(self.at);
    }

    /// The next `len` bytes, not yet written.
    #[inline]
    fn room(&mut self, len: usize) -> &mut [u8] {
        if self.buffer.len() - self.at < len {
            self.open(len);
        }
        &mut self.buffer[self.at..self.at + len]
    }

    #[cold]
    #[inline(never)]
    fn open(&mut self, len: usize) {
        let needed = self.at + len;
        if needed > self.buffer.capacity() {
            self.buffer.truncate(self.at);
            self.buffer.reserve(len);
        }
        let window = needed.max(self.at + WINDOW).min(self.buffer.capacity());
        self.buffer.resize(window, 0);
    }

    /// Writes bytes as they are.
    #[inline(always)]
    pub(super) fn put(&mut self, bytes: &[u8]) {
        self.room(bytes.len()).copy_from_slice(bytes);
        self.at += bytes.len();
    }

    /// Writes what `write` puts at the front of `LEN` bytes; `write` returns how many it used.
    #[inline(always)]
    pub(super) fn put_with<const LEN: usize>(&mut self, write: impl FnOnce(&mut [u8; LEN]) -> usize) {
        // Near the end of the capacity the longest text may not fit while the actual one does.
        if self.at + LEN > self.buffer.capacity() {
            let mut text = [0; LEN];
            let len = write(&mut text);
            return self.put(&text[..len]);
        }
        let room = self.room(LEN).try_into().expect("the room has the length that was asked for");
        self.at += write(room);
    }

    /// Writes `text` in quotes with its escapes.
    #[inline]
    pub(super) fn put_string(&mut self, text: &str) {
        let text = text.as_bytes();
        let mut bound = 2 + escape::LONGEST * text.len();
        if self.at + bound > self.buffer.capacity() {
            bound = 2 + escape::escaped_len(text);
        }
        let room = self.room(bound);
        room[0] = b'"';
        let end = 1 + escape::escape_into(text, &mut room[1..]);
        room[end] = b'"';
        self.at += end + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::Cursor;

    #[test]
    fn exact_capacity_is_enough_and_is_kept() {
        let pieces = |cursor: &mut Cursor<'_>| {
            cursor.put(b"{");
            cursor.put_string("a\"\u{1}b");
            cursor.put(b":");
            cursor.put_with::<20>(|out| {
                out[..3].copy_from_slice(b"123");
                3
            });
            cursor.put(b"}");
        };
        let expected = b"before{\"a\\\"\\u0001b\":123}";
        for spare in [0, 1, 2, 17, 600] {
            let mut buffer = Vec::with_capacity(expected.len() + spare);
            let (capacity, start) = (buffer.capacity(), buffer.as_ptr());
            buffer.extend_from_slice(b"before");
            let mut cursor = Cursor::new(&mut buffer);
            pieces(&mut cursor);
            cursor.finish();
            assert_eq!(buffer, expected);
            assert_eq!((buffer.capacity(), buffer.as_ptr()), (capacity, start));
        }
        let mut growing = b"before".to_vec();
        let mut cursor = Cursor::new(&mut growing);
        pieces(&mut cursor);
        cursor.finish();
        assert_eq!(growing, expected);
    }
}
