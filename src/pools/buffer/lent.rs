//! A buffer on loan.

use super::pool::BufferPool;
use super::store::Handle;
use std::borrow::{Borrow, BorrowMut};
use std::fmt;
use std::ops::{Deref, DerefMut};

/// A byte buffer on loan, empty at first. Dropping it empties it and gives it back, unless it was grown or exchanged: the
/// pool frees one of another capacity than it lent, and counts it as rejected.
#[must_use = "dropped at once, the buffer goes straight back"]
pub struct PooledBuffer<'pool> {
    pool: &'pool BufferPool,
    /// `None` only while the guard is being consumed.
    buffer: Option<Handle>,
}

const LENT: &str = "a guard holds its buffer until it is consumed";

impl<'pool> PooledBuffer<'pool> {
    #[inline]
    pub(super) fn new(pool: &'pool BufferPool, buffer: Handle) -> Self {
        Self { pool, buffer: Some(buffer) }
    }

    /// Keeps the buffer; the pool counts it as taken.
    pub fn take(mut self) -> Vec<u8> {
        self.pool.take(self.buffer.take().expect(LENT))
    }
}

impl Drop for PooledBuffer<'_> {
    #[inline]
    fn drop(&mut self) {
        if let Some(buffer) = self.buffer.take() {
            self.pool.put(buffer);
        }
    }
}

impl Deref for PooledBuffer<'_> {
    type Target = Vec<u8>;

    #[inline]
    fn deref(&self) -> &Vec<u8> {
        &self.buffer.as_ref().expect(LENT).bytes
    }
}

impl DerefMut for PooledBuffer<'_> {
    #[inline]
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        &mut self.buffer.as_mut().expect(LENT).bytes
    }
}

impl Borrow<Vec<u8>> for PooledBuffer<'_> {
    fn borrow(&self) -> &Vec<u8> {
        self
    }
}

/// So that a [`Ring`](crate::pools::Ring) can lie in a lent buffer.
impl BorrowMut<Vec<u8>> for PooledBuffer<'_> {
    fn borrow_mut(&mut self) -> &mut Vec<u8> {
        self
    }
}

impl fmt::Debug for PooledBuffer<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.deref().fmt(out)
    }
}
