//! When a reading counts, and when a benchmark is given up: one rule for each use of pairs, side by side.

/// When a benchmark leaves lockstep, and when it is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Doubted pairs after which it leaves lockstep, unless four times as many were believed.
    pub doubts: usize,
    /// Whether iteration counts that cannot both be right are a reason to leave it. In a pair with the reference program they
    /// are those of two programs.
    pub doubts_iterations: bool,
    /// It is given up where more than one try of this many failed.
    pub failures: usize,
    /// Failures that are forgiven, whatever their share.
    pub forgives: usize,
}

/// Pairs of a series. A busy machine disturbs a warm-up now and then, so that two doubts mean nothing; one failure may be the
/// machine's too, and where more than a tenth fails, what is left is a selection.
pub const SERIES: Rule = Rule { doubts: 3, doubts_iterations: true, failures: 10, forgives: 1 };

/// Pairs on fresh link orders. Each order gets three tries; a bench that fails in all tries of three orders runs in none.
pub const LINK_ORDERS: Rule = Rule { forgives: 8, ..SERIES };

/// Pairs with the reference program, ten of them: the second failure is more than a tenth.
pub const RECORDINGS: Rule = Rule { doubts_iterations: false, ..SERIES };

/// Pairs of two benchmarks of one side. They fail and are disturbed like those of a series, and a claim that one failure lost would
/// be lost by chance.
pub const CLAIMS: Rule = SERIES;

/// Doubts count this much less where the benches' clock runs fast: the other way takes the seconds that they ask for, not
/// milliseconds.
const PATIENCE_OF_FAST_CLOCKS: usize = 4;

/// This many times as many pairs that were believed make up for those that were doubted.
const MAKES_UP: usize = 4;

impl Rule {
    /// Whether doubts are too many for lockstep.
    pub(super) fn is_doubtful(&self, doubted: usize, believed: usize, dilation: u32) -> bool {
        let allowed = if dilation > 1 { PATIENCE_OF_FAST_CLOCKS * self.doubts } else { self.doubts };
        doubted >= allowed && MAKES_UP * doubted > believed
    }

    /// Whether failures are too many.
    pub(super) fn gives_up(&self, failed: usize, believed: usize) -> bool {
        failed > self.forgives && failed * self.failures > believed + failed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failure_is_forgiven_and_then_one_in_ten() {
        #[track_caller]
        fn check(rule: Rule, failed: usize, believed: usize, expected: bool) {
            assert_eq!(rule.gives_up(failed, believed), expected);
        }
        for rule in [SERIES, CLAIMS, RECORDINGS] {
            check(rule, 0, 0, false);
            check(rule, 1, 0, false);
            check(rule, 1, 7, false); // one of eight
            check(rule, 2, 0, true);
            check(rule, 2, 17, true);
            check(rule, 2, 18, false);
            check(rule, 3, 27, false);
        }
        check(LINK_ORDERS, 8, 0, false);
        check(LINK_ORDERS, 9, 0, true);
        check(LINK_ORDERS, 9, 81, false);
    }

    #[test]
    fn three_doubts_are_too_many_unless_four_times_as_many_were_believed() {
        #[track_caller]
        fn check(doubted: usize, believed: usize, dilation: u32, expected: bool) {
            for rule in [SERIES, CLAIMS, RECORDINGS, LINK_ORDERS] {
                assert_eq!(rule.is_doubtful(doubted, believed, dilation), expected, "{rule:?}");
            }
        }
        check(2, 0, 1, false);
        check(3, 0, 1, true);
        check(3, 11, 1, true);
        check(3, 12, 1, false);
        check(11, 0, 16, false);
        check(12, 0, 16, true);
        check(12, 48, 16, false);
    }
}
