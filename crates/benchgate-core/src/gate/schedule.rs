//! Which series to measure next. Any schedule is valid, since the decision holds under every one of them; this one is fast.
//!
//! Five rounds over all series in random order, since five pairs are the least that decide anything, then the one closest to its
//! decision. The driver measures several benches of one target at a time and picks its set from the front of the list.

use rand::seq::SliceRandom;

use super::suite::TimeSuite;
use crate::model::Stream;

/// Rounds over all series before any is preferred.
const ROUNDS: usize = 5;

/// What to measure next, most urgent first, given all that was measured so far; the seed of the run draws the order within a round.
/// Whether a series is faster is asked as urgently as whether it is slower.
pub fn wanted(suite: &TimeSuite, seed: u64) -> Vec<usize> {
    let open = (0..suite.len()).filter(|&series| !suite.is_done(series));
    let (early, mut late): (Vec<usize>, Vec<usize>) = open.partition(|&series| suite.pairs(series) < ROUNDS);
    late.sort_by(|&a, &b| suite.progress(b).total_cmp(&suite.progress(a)));
    [in_rounds(suite, early, seed), late].concat()
}

/// Those with the fewest pairs first, in an order that is drawn anew for each round.
fn in_rounds(suite: &TimeSuite, series: Vec<usize>, seed: u64) -> Vec<usize> {
    let mut ordered = Vec::with_capacity(series.len());
    for round in 0..ROUNDS {
        let mut shuffled: Vec<usize> = (0..suite.len()).collect();
        shuffled.shuffle(&mut Stream::Round(round as u32).of(seed));
        ordered.extend(shuffled.into_iter().filter(|i| suite.pairs(*i) == round && series.binary_search(i).is_ok()));
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::suite::PAIR_CAP;

    const TAU: f64 = 0.02;

    #[test]
    fn each_round_visits_every_series_once_in_an_order_of_its_own() {
        let mut suite = TimeSuite::new(&[TAU; 8], 8, PAIR_CAP);
        let mut rounds = Vec::new();
        for _ in 0..4 {
            let round: Vec<usize> = (0..8)
                .map(|_| {
                    let next = wanted(&suite, 7)[0];
                    suite.push(next, 0.0);
                    next
                })
                .collect();
            let mut sorted = round.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, (0..8).collect::<Vec<_>>());
            rounds.push(round);
        }
        rounds.dedup();
        assert_eq!(rounds.len(), 4);
        assert_ne!(wanted(&TimeSuite::new(&[TAU; 8], 8, PAIR_CAP), 8), rounds[0], "the seed matters");
    }

    #[test]
    fn after_the_rounds_the_closest_to_a_decision_comes_first() {
        let mut suite = TimeSuite::new(&[TAU; 3], 3, PAIR_CAP);
        for (series, effect) in [TAU, TAU / 2.0, 4.0 * TAU].into_iter().enumerate() {
            (0..5).for_each(|_| suite.push(series, effect));
        }
        // 1 is nearly proven not worse, 2 runs towards red, 0 sits on the tolerance and crawls.
        assert_eq!(wanted(&suite, 1), [1, 2, 0]);
    }

    #[test]
    fn whether_it_is_faster_is_asked_as_urgently_and_decided_is_gone() {
        let mut suite = TimeSuite::new(&[TAU; 3], 3, PAIR_CAP);
        (0..8).for_each(|_| suite.push(0, -2.0 * TAU));
        (0..5).for_each(|_| suite.push(1, 0.0));
        (0..5).for_each(|_| suite.push(2, TAU));
        assert_eq!(wanted(&suite, 1), [0, 2], "0 is nearly proven faster, 2 crawls, 1 is unchanged");
        (0..2).for_each(|_| suite.push(0, -2.0 * TAU));
        assert_eq!(wanted(&suite, 1), [2]);
    }
}
