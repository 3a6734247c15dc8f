//! A buffer that keeps the last bytes of what is written to it: for the output of jobs of which only the end is read.
//!
//! It takes memory as bytes come, doubling up to its limit, so that a log of 1 KiB never costs the 256 KiB that a long one
//! may take; [`Ring::eager`] takes all of it at once, for rings that are always filled. A write costs one copy, two where
//! it goes around the end. Where the whole text is wanted, a `Vec` is simpler; where single elements come and go at both
//! ends, `VecDeque` is made for it.

use super::object::Reset;
use std::borrow::BorrowMut;
use std::io;

/// Bytes of the first growth: some lines of text.
const FIRST_GROWTH: usize = 512;

/// Keeps the last `limit` bytes. `B` is where they lie: a vector of its own, or one on loan from a pool.
///
/// ```
/// use perfblocks::pools::Ring;
///
/// let mut log = Ring::new(8);
/// log.push(b"one two ");
/// log.push(b"three");
/// assert_eq!(log.to_text(), "wo three");
/// assert_eq!((log.len(), log.written()), (8, 13));
/// ```
#[derive(Clone, Debug)]
pub struct Ring<B = Vec<u8>> {
    /// Never longer than `limit`; overwritten in a circle once it is as long.
    buffer: B,
    limit: usize,
    /// Where the oldest byte lies; 0 until the ring is full.
    start: usize,
    written: u64,
}

impl Ring {
    /// A ring that has no memory yet and takes up to `limit` bytes as they come.
    pub fn new(limit: usize) -> Self {
        Self::over(Vec::new(), limit)
    }

    /// A ring that takes all its memory now.
    ///
    /// # Panics
    /// If `limit` exceeds `isize::MAX`.
    pub fn eager(limit: usize) -> Self {
        Self::over(Vec::with_capacity(limit), limit)
    }
}

impl<B: BorrowMut<Vec<u8>>> Ring<B> {
    /// A ring in a buffer at hand, which is emptied and grows up to `limit` where it has less capacity.
    pub fn over(mut buffer: B, limit: usize) -> Self {
        buffer.borrow_mut().clear();
        Self { buffer, limit, start: 0, written: 0 }
    }

    /// Appends `data`, over the oldest bytes where there is no room.
    #[inline]
    pub fn push(&mut self, data: &[u8]) {
        self.written += data.len() as u64;
        let bytes = self.buffer.borrow_mut();
        // Both differences hold: a ring is never longer than its limit, a vector never longer than its capacity.
        if data.len() <= (self.limit - bytes.len()).min(bytes.capacity() - bytes.len()) {
            bytes.extend_from_slice(data);
        } else {
            self.push_around(data);
        }
    }

    /// Where there is not room enough for `data`: grows, and goes around the end.
    fn push_around(&mut self, data: &[u8]) {
        let last = &data[data.len().saturating_sub(self.limit)..];
        let bytes = self.buffer.borrow_mut();
        let (fitting, over) = last.split_at(last.len().min(self.limit - bytes.len()));
        grow(bytes, fitting.len(), self.limit);
        bytes.extend_from_slice(fitting);
        let (to_end, from_start) = over.split_at(over.len().min(self.limit - self.start));
        bytes[self.start..][..to_end.len()].copy_from_slice(to_end);
        bytes[..from_start.len()].copy_from_slice(from_start);
        self.start += over.len();
        if self.start >= self.limit {
            self.start -= self.limit;
        }
    }

    /// The bytes that it holds, the older part first, without a copy.
    pub fn as_slices(&self) -> (&[u8], &[u8]) {
        let (newer, older) = self.buffer.borrow().split_at(self.start);
        (older, newer)
    }

    /// Appends the bytes that it holds to `out`.
    pub fn copy_into(&self, out: &mut Vec<u8>) {
        let (older, newer) = self.as_slices();
        out.reserve(self.len());
        out.extend_from_slice(older);
        out.extend_from_slice(newer);
    }

    /// The bytes that it holds, in a vector of exactly their number.
    pub fn to_vec(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.len());
        self.copy_into(&mut out);
        out
    }

    /// What it holds as text: a character whose beginning was overwritten is left out, what is no UTF-8 is replaced by U+FFFD.
    pub fn to_text(&self) -> String {
        let mut text = self.to_vec();
        if self.written > text.len() as u64 {
            text.drain(..cut_off(&text));
        }
        String::from_utf8(text).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }

    /// Bytes that it holds, at most the limit.
    pub fn len(&self) -> usize {
        self.buffer.borrow().len()
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The most bytes that it holds.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Bytes that it has memory for.
    pub fn capacity(&self) -> usize {
        self.buffer.borrow().capacity()
    }

    /// Bytes written since it was made or cleared, those that are gone included.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Forgets everything and keeps the memory.
    pub fn clear(&mut self) {
        self.buffer.borrow_mut().clear();
        self.start = 0;
        self.written = 0;
    }

    /// The buffer that it lay in; where the ring had gone around, the bytes do not stand in order there.
    pub fn into_inner(self) -> B {
        self.buffer
    }
}

/// Room for `more` bytes: twice the capacity, never above `limit`.
fn grow(bytes: &mut Vec<u8>, more: usize, limit: usize) {
    let needed = bytes.len() + more;
    if needed > bytes.capacity() {
        let doubled = (2 * bytes.capacity()).max(FIRST_GROWTH).min(limit);
        bytes.reserve_exact(doubled.max(needed) - bytes.len());
    }
}

/// Bytes at the beginning that continue a character whose first byte is gone: three at most.
fn cut_off(text: &[u8]) -> usize {
    text.iter().take(3).take_while(|byte| **byte & 0b1100_0000 == 0b1000_0000).count()
}

impl<B: BorrowMut<Vec<u8>>> Reset for Ring<B> {
    fn reset(&mut self) {
        self.clear();
    }
}

/// Every write succeeds, and whole.
impl<B: BorrowMut<Vec<u8>>> io::Write for Ring<B> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.push(data);
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(limit: usize, writes: &[&[u8]], expected: &[u8]) {
        for mut ring in [Ring::new(limit), Ring::eager(limit)] {
            for data in writes {
                ring.push(data);
            }
            assert_eq!(ring.to_vec(), expected);
            assert_eq!(ring.written(), writes.iter().map(|data| data.len() as u64).sum::<u64>());
        }
    }

    #[test]
    fn the_last_bytes_stay_in_order() {
        check(4, &[], b"");
        check(4, &[b"abc"], b"abc");
        check(4, &[b"abcd"], b"abcd");
        check(4, &[b"abcde"], b"bcde");
        check(4, &[b"abc", b"de"], b"bcde");
        check(4, &[b"abcd", b"e", b"fgh"], b"efgh");
        check(4, &[b"abcd", b"ef", b"ghi"], b"fghi");
        check(4, &[b"ab", b"cdefghijk"], b"hijk");
        check(0, &[b"abc"], b"");
    }

    #[test]
    fn memory_comes_with_the_bytes() {
        let mut ring = Ring::new(256 << 10);
        assert_eq!(ring.capacity(), 0);
        ring.push(&[b'x'; 1000]);
        assert_eq!(ring.capacity(), 1000);
        ring.push(b"y");
        assert_eq!(ring.capacity(), 2000);
        for _ in 0..300 {
            ring.push(&[b'z'; 1000]);
        }
        assert_eq!((ring.len(), ring.capacity()), (256 << 10, 256 << 10));
        ring.clear();
        assert_eq!((ring.len(), ring.written(), ring.capacity()), (0, 0, 256 << 10));
    }

    #[test]
    fn text_starts_with_a_whole_character() {
        let mut ring = Ring::new(6);
        ring.push("aé€".as_bytes());
        assert_eq!(ring.to_text(), "aé€");
        ring.push(b"bc"); // overwrites `a` and the first byte of `é`
        assert_eq!(ring.to_text(), "€bc");
        ring.push(b"\xff");
        assert_eq!(ring.to_text(), "€bc\u{fffd}");
    }

    #[test]
    fn a_lent_buffer_goes_back_as_it_came() {
        let mut bytes = Vec::with_capacity(64);
        bytes.extend_from_slice(b"old");
        let address = bytes.as_ptr();
        let mut ring = Ring::over(bytes, 64);
        assert!(ring.is_empty());
        io::Write::write_all(&mut ring, b"new").unwrap();
        let bytes = ring.into_inner();
        assert_eq!((bytes.as_slice(), bytes.as_ptr()), (&b"new"[..], address));
    }

    proptest! {
        #[test]
        fn a_ring_holds_the_end_of_what_was_written(
            limit in 0_usize..50,
            is_eager in any::<bool>(),
            writes in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..70), 0..20),
        ) {
            let mut ring = if is_eager { Ring::eager(limit) } else { Ring::new(limit) };
            let mut all = Vec::new();
            for data in &writes {
                ring.push(data);
                all.extend_from_slice(data);
                let end = &all[all.len().saturating_sub(limit)..];
                let (older, newer) = ring.as_slices();
                prop_assert_eq!([older, newer].concat(), end);
                prop_assert!(ring.capacity() <= limit.max(ring.len()));
            }
            prop_assert_eq!(ring.written(), all.len() as u64);
        }
    }
}
