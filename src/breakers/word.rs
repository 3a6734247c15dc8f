//! The state of a breaker in one word, so that the closed path reads it with one load.
//!
//! ```text
//!  63        32 31       2 1     0
//!  generation   failures   state
//! ```
//! The generation changes with each change of state. Failures are those in a row, in the closed state only.

/// State of a breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Calls run.
    Closed,
    /// Calls are rejected.
    Open,
    /// Trials run.
    HalfOpen,
    /// Switched off: calls run, unlimited and uncounted.
    Disabled,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word(pub(super) u64);

impl Word {
    /// A state without failures.
    #[inline]
    pub(super) fn new(generation: u32, state: State) -> Self {
        Self(u64::from(generation) << 32 | state as u64)
    }

    #[inline]
    pub(super) fn generation(self) -> u32 {
        (self.0 >> 32) as u32
    }

    #[inline]
    pub(super) fn state(self) -> State {
        match self.0 & 3 {
            0 => State::Closed,
            1 => State::Open,
            2 => State::HalfOpen,
            _ => State::Disabled,
        }
    }

    pub(super) fn failures(self) -> u32 {
        (self.0 as u32) >> 2
    }

    /// The same with one failure more. The caller keeps below [`Settings::MAX_THRESHOLD`](super::Settings).
    pub(super) fn with_failure(self) -> Self {
        Self(self.0 + 4)
    }

    /// The state that follows: the next generation, without failures.
    pub(super) fn next(self, state: State) -> Self {
        Self::new(self.generation().wrapping_add(1), state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_parts_of_a_word_do_not_touch(generation in any::<u32>(), failures in 0_u32..1000) {
            for state in [State::Closed, State::Open, State::HalfOpen, State::Disabled] {
                let word = (0..failures).fold(Word::new(generation, state), |word, _| word.with_failure());
                prop_assert_eq!((word.generation(), word.failures(), word.state()), (generation, failures, state));
                prop_assert_eq!(word.next(State::Open), Word::new(generation.wrapping_add(1), State::Open));
            }
        }

        #[test]
        fn the_greatest_threshold_fits(generation in any::<u32>()) {
            let max = Word(u64::from(generation) << 32 | u64::from(super::super::Settings::MAX_THRESHOLD - 1) << 2);
            prop_assert_eq!((max.with_failure().generation(), max.with_failure().state()), (generation, State::Closed));
        }
    }
}
