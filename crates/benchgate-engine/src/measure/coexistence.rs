//! Whether the two sides of a benchmark can live at once, or want the same port, file or lock.
//!
//! ```text
//!             failed while both lived           passed alone             failed once more while both lived
//!  together ─────────────────────────> tried ───────────────> again ──────────────────────────────────────> apart
//!      ^                                 │ failed alone          │ passed
//!      └─────────────────────────────────┴───────────────────────┘ what had failed counts as a failure
//! ```
//!
//! A bench that fails now and then passes the second time, and is no such bench. One that hung while both lived is not made to
//! hang again: that takes a minute.

use crate::collect::{Effort, Grain};
use benchgate_core::model::{Failure, FailureKind};

/// What is known of a benchmark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Coexistence {
    /// Its sides live at once, as far as is known.
    Together {
        /// Whether they failed at once before, and passed the next time.
        was_doubted: bool,
    },
    /// They failed at once and are tried one process at a time.
    Tried {
        /// How they failed.
        failure: Failure,
        /// How they were interleaved.
        grain: Grain,
        was_doubted: bool,
    },
    /// That went well, and they are tried at once again.
    Again { failure: Failure },
    /// They cannot live at once.
    Apart {
        /// How they failed; `None` where the configuration says it.
        failure: Option<Failure>,
    },
}

impl Coexistence {
    /// Before the first pair; `is_exclusive` is what the configuration says.
    pub fn new(is_exclusive: bool, effort: &mut Effort) -> Self {
        if is_exclusive {
            effort.grain = Grain::Process;
            return Self::Apart { failure: None };
        }
        Self::Together { was_doubted: false }
    }

    /// Whether the sides cannot live at once.
    pub fn is_apart(&self) -> bool {
        matches!(self, Self::Apart { .. })
    }

    /// How the sides failed while both lived, where that was seen.
    pub fn exclusion(&self) -> Option<&Failure> {
        if let Self::Apart { failure } = self { failure.as_ref() } else { None }
    }

    /// A failure that nothing has been tried about yet: what is left of a benchmark whose time is over.
    pub fn into_pending(self) -> Option<Failure> {
        match self {
            Self::Tried { failure, .. } | Self::Again { failure } => Some(failure),
            Self::Together { .. } | Self::Apart { .. } => None,
        }
    }

    /// Takes in that a pair passed; gives a failure that counts after all.
    pub fn passed(&mut self, effort: &mut Effort) -> Option<Failure> {
        match self.clone() {
            Self::Together { .. } | Self::Apart { .. } => None,
            Self::Tried { failure, was_doubted, .. } if was_doubted || failure.kind == FailureKind::TimedOut => {
                *self = Self::Apart { failure: Some(failure) };
                None
            }
            Self::Tried { failure, grain, .. } => {
                effort.grain = grain;
                *self = Self::Again { failure };
                None
            }
            Self::Again { failure } => {
                *self = Self::Together { was_doubted: true };
                Some(failure)
            }
        }
    }

    /// Takes in that a pair failed, and gives the failures that count. `is_doubtful` says that the benchmark has shown nothing
    /// yet, or has failed too often.
    pub fn failed(&mut self, failure: Failure, effort: &mut Effort, is_doubtful: bool) -> Vec<Failure> {
        match self.clone() {
            Self::Together { was_doubted } if is_doubtful && effort.grain != Grain::Process => {
                *self = Self::Tried { failure, grain: effort.grain, was_doubted };
                effort.grain = Grain::Process;
                Vec::new()
            }
            Self::Together { .. } | Self::Apart { .. } => vec![failure],
            Self::Tried { failure: at_once, grain, .. } => {
                effort.grain = grain;
                *self = Self::Together { was_doubted: true };
                vec![failure, at_once]
            }
            Self::Again { failure: at_once } => {
                effort.grain = Grain::Process;
                *self = Self::Apart { failure: Some(at_once) };
                Vec::new()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use benchgate_core::model::Side;

    /// What a benchmark does in one pair.
    #[derive(Clone, Copy)]
    struct Bench {
        passes_at_once: fn(u32) -> bool,
        passes_alone: fn(u32) -> bool,
        kind: FailureKind,
    }

    const CRASHING: Bench = Bench { passes_at_once: |_| false, passes_alone: |_| true, kind: FailureKind::Crashed };

    /// Runs so many pairs; which of them took turns process by process, how many failures count, and what is known then.
    fn run(bench: Bench, pairs: u32, is_exclusive: bool) -> (String, usize, Coexistence) {
        let mut effort = Effort::LOOK;
        let mut coexistence = Coexistence::new(is_exclusive, &mut effort);
        let (mut grains, mut counted, mut passed) = (String::new(), 0, 0);
        for pair in 0..pairs {
            let is_alone = effort.grain == Grain::Process;
            grains.push(if is_alone { 'p' } else { 't' });
            let passes = if is_alone { bench.passes_alone } else { bench.passes_at_once };
            if passes(pair) {
                passed += 1;
                counted += usize::from(coexistence.passed(&mut effort).is_some());
            } else {
                let failure = Failure { side: Side::Candidate, kind: bench.kind, message: format!("pair {pair}") };
                let is_doubtful = passed == 0 || counted + 1 > passed / 10 + 1;
                counted += coexistence.failed(failure, &mut effort, is_doubtful).len();
            }
        }
        (grains, counted, coexistence)
    }

    #[track_caller]
    fn check(bench: Bench, grains: &str, counted: usize, is_apart: bool) {
        let (shown, failures, coexistence) = run(bench, grains.len() as u32, false);
        assert_eq!((&*shown, failures, coexistence.is_apart()), (grains, counted, is_apart), "{coexistence:?}");
    }

    #[test]
    fn sides_that_cannot_live_at_once_take_turns_and_nothing_failed() {
        check(CRASHING, "tptppppp", 0, true);
        check(Bench { kind: FailureKind::TimedOut, ..CRASHING }, "tppppp", 0, true);
        let (grains, counted, coexistence) = run(CRASHING, 4, false);
        assert_eq!((&*grains, counted), ("tptp", 0));
        let Coexistence::Apart { failure: Some(failure) } = coexistence else { panic!("{coexistence:?}") };
        assert_eq!(failure.message, "pair 0");
    }

    #[test]
    fn sides_that_get_in_each_others_way_now_and_then_take_turns_in_the_end() {
        check(Bench { passes_at_once: |pair| pair % 2 == 0, ..CRASHING }, "ttttptpppp", 1, true);
    }

    #[test]
    fn stated_exclusion_skips_the_failing_try() {
        let (grains, counted, coexistence) = run(CRASHING, 3, true);
        assert_eq!((&*grains, counted, coexistence), ("ppp", 0, Coexistence::Apart { failure: None }));
    }

    #[test]
    fn bench_that_fails_alone_as_well_fails() {
        check(Bench { passes_alone: |_| false, ..CRASHING }, "tp", 2, false);
    }

    #[test]
    fn bench_that_fails_once_in_a_while_stays_as_it_was() {
        check(Bench { passes_at_once: |pair| pair != 0, ..CRASHING }, "tpttt", 1, false);
        check(Bench { passes_at_once: |pair| pair != 20, ..CRASHING }, &"t".repeat(25), 1, false);
    }

    #[test]
    fn failure_beside_a_foreign_grain_is_tried_and_the_grain_comes_back() {
        let mut effort = Effort { grain: Grain::Bench, ..Effort::LOOK };
        let mut coexistence = Coexistence::new(false, &mut effort);
        let failure = Failure { side: Side::Base, kind: FailureKind::Crashed, message: "no".into() };
        assert_eq!(coexistence.failed(failure, &mut effort, true), []);
        assert_eq!(effort.grain, Grain::Process);
        assert_eq!(coexistence.passed(&mut effort), None);
        assert_eq!(effort.grain, Grain::Bench);
    }
}
