//! The second stage of the decision over times: series that were flagged in the link that was built are judged on fresh link
//! orders of both sides, and only that decides what is red.
//!
//! Where functions lie moves some benches by several per cent for one link only, and no pairs of that link can tell. Here one pair
//! of processes of one fresh link order a side is one replicate, so what moves with the link order is noise like any other:
//!
//! ```text
//!             ┌─ E+ >= (F-r)/alpha and median > tau ──> Moved
//!  Flagged ───┼─ U < tau, or median < tau/2 ──────────> Layout
//!             └─ else ────────────────────────────────> Open
//! ```
//!
//! E+ starts anew at 1, F is the number of series that were flagged as slower, fixed before the first fresh pair, r those rejected so
//! far (Holm), and U the upper bound of the effect. What was flagged as faster is judged by the mirror image, with an F of its own.
//! With code that is equal but for its link order the chance of any red in the suite is at most alpha, and likewise of any improved.
//!
//! E+ and U hold at any time and under any rule for when to stop, so [`undecided`] is asked after each link order, and what is decided
//! takes no more of them: twice the tolerance takes eight. A median alone proves nothing by itself, and speaks only after whole
//! rounds of [`link_orders`]. It does not know how one links; the flagging is `suite`'s.

use std::cmp::Reverse;

use super::suite::{MISS_BETA, SUITE_ALPHA};
use crate::stats::{Direction, EProcess, Holm, Interval, bounds, median};

/// Flagged series up to which [`link_orders`] asks for the smaller number.
const FEW_FLAGGED: usize = 3;

/// Link orders of each side: the chance to find twice the tolerance is near 1 where link orders spread by half a tolerance, and
/// 84 % where they spread by a whole one. Eight could reach 1 % for one flagged series, ten for three; four never.
pub const LINK_ORDERS: u32 = 12;

/// The same where more than three series share the error level, which ten of them cannot reach within twelve pairs with ease.
pub const MANY_LINK_ORDERS: u32 = 16;

/// Times as many link orders are drawn where the first do not decide: the evidence holds however long one goes on, and a bench
/// whose link orders spread by more than its slowdown needs more of them.
pub const MORE_LINK_ORDERS: u32 = 3;

/// How many series were flagged in each direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FlaggedCounts {
    /// Those that seem slower.
    pub slower: usize,
    /// Those that seem faster.
    pub faster: usize,
}

impl FlaggedCounts {
    /// Counts directions.
    pub fn of(directions: impl IntoIterator<Item = Direction>) -> Self {
        let mut counts = Self::default();
        for direction in directions {
            *counts.toward(direction) += 1;
        }
        counts
    }

    /// Those of one direction.
    pub fn in_direction(mut self, direction: Direction) -> usize {
        *self.toward(direction)
    }

    fn toward(&mut self, direction: Direction) -> &mut usize {
        match direction {
            Direction::Up => &mut self.slower,
            Direction::Down => &mut self.faster,
        }
    }
}

/// How many link orders of each side are drawn for so many flagged series, before any is looked at again.
pub fn link_orders(flagged: FlaggedCounts) -> u32 {
    if flagged.slower.max(flagged.faster) <= FEW_FLAGGED { LINK_ORDERS } else { MANY_LINK_ORDERS }
}

/// Which flagged series, by their position in `all`, the link orders so far leave open.
pub fn undecided(all: &[Fresh<'_>], flagged: FlaggedCounts) -> Vec<usize> {
    let round = link_orders(flagged) as usize;
    let mut so_far = all.to_vec();
    for fresh in &mut so_far {
        fresh.is_complete &= !fresh.effects.is_empty() && fresh.effects.len().is_multiple_of(round);
    }
    let confirmed = confirm(&so_far, flagged);
    (0..all.len()).filter(|&i| confirmed[i] == Confirmed::Open).collect()
}

/// A series that wants another link order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Waiting {
    /// Link orders that were drawn for its bench so far.
    pub drawn: u32,
    /// Effect in the link that was built, as a logarithm.
    pub effect: f64,
}

/// The position of the one to go on with: each gets a round of `round` link orders before any gets a second, and the largest effect,
/// which takes the fewest of them, comes first. So what is cut short is what was least clear.
pub fn next_waiting(waiting: &[Waiting], round: u32) -> Option<usize> {
    let size = |one: &Waiting| Reverse((one.effect.abs() * 1e6).round() as u64);
    (0..waiting.len()).min_by_key(|&i| (waiting[i].drawn / round.max(1), size(&waiting[i])))
}

/// What fresh link orders say of a flagged series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmed {
    /// Moved beyond the tolerance as it seemed to, whatever the link order, at the suite's error level.
    Moved,
    /// What was seen belongs to that link.
    Layout,
    /// Neither.
    Open,
}

/// A flagged series with its fresh pairs.
#[derive(Clone, Copy, Debug)]
pub struct Fresh<'a> {
    /// Tolerance as a logarithm.
    pub tau: f64,
    /// Where it seems to have moved.
    pub direction: Direction,
    /// Effects by link order; infinite is legal, NaN is not.
    pub effects: &'a [f64],
    /// Whether every link order that was asked for gave a pair. A median alone acquits only then.
    pub is_complete: bool,
}

/// Judges flagged series. `flagged` is how many there were, those without a fresh pair included.
pub fn confirm(all: &[Fresh<'_>], flagged: FlaggedCounts) -> Vec<Confirmed> {
    let mut confirmed = vec![Confirmed::Open; all.len()];
    for direction in [Direction::Up, Direction::Down] {
        let these: Vec<usize> = (0..all.len()).filter(|&i| all[i].direction == direction).collect();
        let mut moved = Holm::new(these.len(), flagged.in_direction(direction), SUITE_ALPHA);
        these.iter().enumerate().for_each(|(nth, &i)| moved.update(nth, all[i].log_odds()));
        for (nth, &i) in these.iter().enumerate() {
            confirmed[i] = all[i].confirmed(moved.is_rejected(nth));
        }
    }
    confirmed
}

impl Fresh<'_> {
    /// The evidence against "moved by at most half the tolerance" as odds, in logarithms.
    pub(super) fn log_odds(&self) -> f64 {
        let mut against_harmless = EProcess::new(self.tau, self.tau / 2.0, Direction::Up);
        self.mirrored().into_iter().for_each(|effect| against_harmless.push(effect));
        against_harmless.log_sup()
    }

    fn confirmed(&self, has_moved: bool) -> Confirmed {
        let effects = self.mirrored();
        let Some(median) = median(&effects) else { return Confirmed::Open };
        let Interval { upper, .. } = bounds(&effects, self.tau, 1.0 / MISS_BETA);
        if has_moved && median > self.tau {
            Confirmed::Moved
        } else if upper < self.tau || (self.is_complete && median < self.tau / 2.0) {
            Confirmed::Layout
        } else {
            Confirmed::Open
        }
    }

    /// Effects as if it had seemed slower: everything here is odd.
    fn mirrored(&self) -> Vec<f64> {
        let sign = if self.direction == Direction::Up { 1.0 } else { -1.0 };
        self.effects.iter().map(|effect| sign * effect).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand_chacha::ChaCha8Rng;

    use super::Confirmed::{Layout, Moved, Open};
    use super::*;
    use crate::stats::noise::{generator, normal};

    const TAU: f64 = 0.02;

    fn fresh(effects: &[f64]) -> Fresh<'_> {
        Fresh { tau: TAU, direction: Direction::Up, effects, is_complete: true }
    }

    fn slower(flagged: usize) -> FlaggedCounts {
        FlaggedCounts { slower: flagged, faster: 0 }
    }

    /// Judges one series among so many flagged ones, and its mirror image among as many that seem faster.
    #[track_caller]
    fn check(effects: &[f64], flagged: usize, expected: Confirmed) {
        assert_eq!(confirm(&[fresh(effects)], slower(flagged)), [expected]);
        let mirrored: Vec<f64> = effects.iter().map(|effect| -effect).collect();
        let faster = Fresh { direction: Direction::Down, ..fresh(&mirrored) };
        assert_eq!(confirm(&[faster], FlaggedCounts { slower: 100, faster: flagged }), [expected]);
    }

    #[test]
    fn twice_the_tolerance_is_red_from_eight_link_orders_on() {
        // E+ of a constant 0.04 after 5, 11 and 12 pairs is 23.5, 1248.4 and 2437.5; it must reach 100 for one flagged series.
        check(&[0.04; 7], 1, Open);
        check(&[0.04; 8], 1, Moved);
        check(&[f64::INFINITY; 7], 1, Moved);
        check(&[f64::INFINITY; 6], 1, Open);
        check(&[0.04; 11], 12, Moved);
        check(&[0.04; 11], 13, Open);
        check(&[0.04; 12], 24, Moved);
        check(&[0.04; 12], 25, Open);
    }

    #[test]
    fn what_vanishes_is_layout() {
        check(&[0.0; 12], 1, Layout);
        check(&[-0.05; 12], 1, Layout);
        // Five zeros bound the effect below the tolerance, four do not; but their median is below half of it.
        check(&[0.0; 5], 1, Layout);
        check(&[0.0; 4], 1, Layout);
        // Torn between two layouts: median below half a tolerance, bound above a whole one.
        let torn = [-0.05, 0.06, -0.05, 0.06, -0.05, 0.06, -0.05, 0.06, -0.05, 0.06, -0.05, 0.06];
        check(&torn, 1, Layout);
        let cut_short = Fresh { is_complete: false, ..fresh(&torn) };
        assert_eq!(confirm(&[cut_short], slower(1)), [Open]);
        assert_eq!(confirm(&[Fresh { is_complete: false, ..fresh(&[0.0; 5]) }], slower(1)), [Layout]);
        assert_eq!(confirm(&[Fresh { is_complete: false, ..fresh(&[0.0; 4]) }], slower(1)), [Open]);
    }

    #[test]
    fn what_is_neither_stays_open() {
        check(&[], 1, Open);
        // At the tolerance: proven slower than half of it, and its median not beyond it.
        check(&[TAU; 16], 1, Open);
        check(&[0.75 * TAU; 12], 1, Layout);
        let noisy = [0.08, -0.03, 0.05, 0.01, -0.02, 0.07, 0.03, -0.04, 0.06, 0.02, 0.05, -0.01];
        check(&noisy, 1, Open);
    }

    #[test]
    fn flagged_series_share_the_error_level_by_holm() {
        // Seven pairs of five tolerances reach 112, nine 430: beside a stronger one the second needs only 100 of 200.
        let (strong, weak) = ([0.1; 9], [0.1; 7]);
        assert_eq!(confirm(&[fresh(&weak), fresh(&strong)], slower(2)), [Moved, Moved]);
        assert_eq!(confirm(&[fresh(&weak), fresh(&[0.0; 12])], slower(2)), [Open, Layout]);
        assert_eq!(confirm(&[fresh(&weak), fresh(&strong)], slower(3)), [Open, Moved]);
    }

    #[test]
    fn more_flagged_series_take_more_link_orders() {
        assert_eq!([0, 1, 3, 4, 100].map(|n| link_orders(slower(n))), [12, 12, 12, 16, 16]);
        assert_eq!(link_orders(FlaggedCounts { slower: 3, faster: 3 }), 12);
        assert_eq!(link_orders(FlaggedCounts { slower: 0, faster: 4 }), 16);
    }

    /// Share of 2000 series whose link orders spread by `sd` around `effect` that end so.
    fn share(effect: f64, sd: f64, flagged: usize, wanted: Confirmed) -> f64 {
        let mut rng = generator("link orders");
        let draw = |rng: &mut ChaCha8Rng| {
            let effects: Vec<f64> = (0..link_orders(slower(flagged))).map(|_| effect + sd * normal(rng)).collect();
            confirm(&[fresh(&effects)], slower(flagged))[0] == wanted
        };
        (0..2000).filter(|_| draw(&mut rng)).count() as f64 / 2000.0
    }

    /// Published: spread of half a tolerance: 1.5 tolerances 98 %, 2 found always; of one: 2 in 84 %, 3 always; of two: 3 in 66 %.
    #[test]
    fn real_slowdowns_are_confirmed_as_often_as_published() {
        #[track_caller]
        fn check(share: f64, low: f64, high: f64) {
            assert!((low..=high).contains(&share), "{share}");
        }
        check(share(1.5 * TAU, TAU / 2.0, 1, Moved), 0.96, 1.0);
        check(share(2.0 * TAU, TAU / 2.0, 1, Moved), 0.995, 1.0);
        check(share(2.0 * TAU, TAU, 1, Moved), 0.80, 0.88);
        check(share(3.0 * TAU, TAU, 1, Moved), 0.985, 1.0);
        check(share(3.0 * TAU, 2.0 * TAU, 1, Moved), 0.61, 0.71);
        // Sixteen link orders for ten flagged series find what twelve find for one.
        check(share(2.0 * TAU, TAU / 2.0, 10, Moved), 0.99, 1.0);
        check(share(2.0 * TAU, TAU, 10, Moved), 0.65, 1.0);
    }

    /// Judges series whose link orders spread by `sd` around `effect`, stopping as soon as it may: shares moved and layout, and the mean
    /// number of link orders.
    fn stopped_early(effect: f64, sd: f64) -> (f64, f64, f64) {
        let mut rng = generator("stopped early");
        let (mut moved, mut layout, mut drawn) = (0, 0, 0);
        for _ in 0..2000 {
            let mut effects = Vec::new();
            while effects.len() < (LINK_ORDERS * MORE_LINK_ORDERS) as usize {
                effects.push(effect + sd * normal(&mut rng));
                if undecided(&[fresh(&effects)], slower(1)).is_empty() {
                    break;
                }
            }
            drawn += effects.len();
            match confirm(&[fresh(&effects)], slower(1))[0] {
                Moved => moved += 1,
                Layout => layout += 1,
                Open => {}
            }
        }
        (f64::from(moved) / 2000.0, f64::from(layout) / 2000.0, drawn as f64 / 2000.0)
    }

    /// Looking after each link order costs neither error level: 1 % red without a change, 5 % missed at the tolerance and above.
    #[test]
    fn stopping_as_soon_as_it_is_decided_is_as_honest_and_takes_a_third() {
        for sd in [0.25, 0.5, 1.0, 2.0, 4.0] {
            let (red, ..) = stopped_early(0.0, sd * TAU);
            assert!(red <= 0.01, "spread of {sd} tolerances: {red}");
        }
        #[track_caller]
        fn check((moved, layout, drawn): (f64, f64, f64), least: f64, missed: f64, most: f64) {
            assert!(moved >= least && layout <= missed && drawn <= most, "{moved} {layout} {drawn}");
        }
        check(stopped_early(2.0 * TAU, TAU / 2.0), 0.995, 0.005, 10.0);
        check(stopped_early(3.0 * TAU, TAU), 0.99, 0.01, 11.0);
        check(stopped_early(36.0 * TAU, TAU), 1.0, 0.0, 7.0);
        // What vanishes is known to by the time at which the bound is below the tolerance.
        let (_, layout, drawn) = stopped_early(0.0, TAU / 2.0);
        assert!(layout > 0.99 && drawn < 7.5, "{layout} {drawn}");
    }

    #[test]
    fn medians_speak_after_whole_rounds_only() {
        #[track_caller]
        fn check(effects: &[f64], is_open: bool) {
            assert_eq!(undecided(&[fresh(effects)], slower(1)).is_empty(), !is_open, "{effects:?}");
        }
        // Below half a tolerance in the middle, with a bound above it.
        let torn: Vec<f64> = (0..24).map(|i| if i % 2 == 0 { -0.05 } else { 0.06 }).collect();
        check(&torn[..1], true);
        check(&torn[..11], true);
        check(&torn[..12], false);
        check(&torn[..13], true);
        check(&torn, false);
        check(&[], true);
        check(&[0.04; 7], true);
        check(&[0.04; 8], false);
        check(&[0.0; 5], false);
    }

    #[test]
    fn largest_effects_come_first_and_every_series_gets_a_round_before_any_gets_two() {
        let waiting = |drawn, effect| Waiting { drawn, effect };
        #[track_caller]
        fn check(all: &[Waiting], expected: Option<usize>) {
            assert_eq!(next_waiting(all, 12), expected);
        }
        check(&[], None);
        check(&[waiting(0, 0.03), waiting(0, -0.7), waiting(0, 0.1)], Some(1));
        check(&[waiting(11, 0.03), waiting(12, -0.7), waiting(3, 0.02)], Some(0));
        check(&[waiting(12, 0.03), waiting(23, f64::INFINITY), waiting(24, 0.5)], Some(1));
    }

    /// Code that is equal but for its link order, at any spread: 1 % may be red, and most is called layout.
    #[test]
    fn layout_alone_is_never_red_above_the_error_level() {
        for sd in [0.25, 0.5, 1.0, 2.0, 4.0] {
            let red = share(0.0, sd * TAU, 1, Moved);
            assert!(red <= 0.01, "spread of {sd} tolerances: {red}");
            let layout = share(0.0, sd * TAU, 1, Layout);
            assert!(layout >= if sd <= 1.0 { 0.9 } else { 0.6 }, "spread of {sd} tolerances: {layout}");
        }
    }

    proptest! {
        #[test]
        fn order_of_series_and_a_larger_family_never_help(effects in prop::collection::vec(-0.05..0.1f64, 0..16), flagged in 1..8usize) {
            let [alone] = confirm(&[fresh(&effects)], slower(flagged))[..] else { unreachable!() };
            let [among] = confirm(&[fresh(&effects)], slower(flagged + 1))[..] else { unreachable!() };
            prop_assert!(among != Moved || alone == Moved);
            prop_assert!(alone != Moved || effects.len() >= 7, "fewer than seven pairs cannot reach 100");
        }
    }
}
