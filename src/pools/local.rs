//! Idle values that a thread keeps for itself, in order of their return.
//!
//! It has no length: a put and the get after it would wait for each other's write of it. So a put leaves its value in the
//! first place and moves what lay there one place on, and where values are not nested that is nothing.

use std::cell::Cell;

pub(super) struct Local<T, const PLACES: usize> {
    places: [Cell<Option<T>>; PLACES],
}

impl<T, const PLACES: usize> Default for Local<T, PLACES> {
    fn default() -> Self {
        Self { places: [const { Cell::new(None) }; PLACES] }
    }
}

// The first place is what get and put are compiled around; the others are calls, so that those stay short enough to be inlined
// with their guard: outside, a guard goes through memory, and the value with it.
impl<T, const PLACES: usize> Local<T, PLACES> {
    /// The value that was put last.
    #[inline]
    pub(super) fn take(&self) -> Option<T> {
        let (first, others) = self.places.split_first()?;
        first.take().or_else(|| next(others))
    }

    /// Keeps `value` in one of the first `limit` places, and hands back the oldest value where they were full.
    #[inline]
    pub(super) fn keep(&self, value: T, limit: usize) -> Option<T> {
        match self.places.split_first() {
            Some((first, others)) if limit > 0 => {
                let older = first.replace(Some(value))?;
                make_way(others, older, limit - 1)
            }
            Some(_) | None => Some(value),
        }
    }
}

#[inline(never)]
fn next<T>(places: &[Cell<Option<T>>]) -> Option<T> {
    places.iter().find_map(Cell::take)
}

/// Moves values one place on, beginning with `value`.
#[inline(never)]
fn make_way<T>(places: &[Cell<Option<T>>], mut value: T, limit: usize) -> Option<T> {
    for place in places.iter().take(limit) {
        value = place.replace(Some(value))?;
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_put_is_taken_first_and_the_oldest_gives_way() {
        let local = Local::<u8, 3>::default();
        assert_eq!((local.take(), local.keep(1, 0)), (None, Some(1)));
        assert_eq!([1, 2].map(|value| local.keep(value, 2)), [None, None]);
        assert_eq!(local.keep(3, 2), Some(1));
        assert_eq!([local.take(), local.take(), local.take()], [Some(3), Some(2), None]);
    }
}
