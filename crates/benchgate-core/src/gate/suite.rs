//! The sequential decision over the times of a whole suite: told the effect of one pair after the other, it says which series are
//! decided. The driver asks it while measuring; `judge` replays the recorded pairs through it and gets the same answers.
//!
//! ```text
//!                   ┌─ E+ >= (N-r)/alpha and median > tau ──────────────────────────────────> Regressed
//!  Undecided ───────┼─ E- >= 1/beta ──> NotWorse ─┬─ EL >= 1/beta ──────────────────────────> Unchanged
//!  (every series)   │                             ├─ Ei >= (N-ri)/alpha and median < -tau ──> Improved
//!                   │                             └─ pairs spent ───────────────────────────> NotWorse, for good
//!                   ├─ at 12, 24, 36, 48 pairs: spread > 4 tau ─────────────────────────────> TooNoisy
//!                   └─ pairs spent ─────────────────────────────────────────────────────────> PairsSpent
//! ```
//!
//! Where both sides can be linked again, two lines are others, and [`super::confirm`] decides on fresh link orders:
//!
//! ```text
//!  Undecided ───────┬─ E+ >= 20 and median > tau, or 24 pairs and median > tau ─────────────> Flagged
//!  NotWorse ────────┬─ Ei >= 20 and median < -tau, or 24 pairs and median < -tau ───────────> FlaggedFaster
//! ```
//!
//! What is flagged goes on counting, should further pairs come: where fresh link orders cannot be had, those decide at the suite's
//! error level.
//!
//! E+ bets against "effect <= tau/2", E- against "effect >= tau", EL against "effect <= -tau", Ei against "effect >= -tau/2"; all
//! count by their running maxima, r and ri are the rejections so far (Holm). With equal code the chance of any `Regressed` in the
//! suite is at most alpha, whatever the noise, the schedule or the time of stopping; a series slower by its tolerance or more ends
//! in the lower branch with a chance of at most beta. It does not know what a class, a claim or an exit code is.

use crate::stats::{Direction, EProcess, Holm, SortedEffects};

/// Chance that a suite of equal code has any red series, and likewise any improved one: 1 in 100 runs.
pub const SUITE_ALPHA: f64 = 0.01;

/// Chance that one series slower by its tolerance is called not worse. Not corrected over the suite: a change with real regressions
/// passes only if all of them are missed. Five pairs are the least that prove it (1.98^5 > 20).
pub const MISS_BETA: f64 = 0.05;

/// Pairs for each series: with noise as large as the tolerance, 1.4 tolerances are still seen among 231 series.
pub const PAIR_CAP: u32 = 64;

/// Pairs for each series with `--quick`: enough to prove most benches unchanged, too few to call one red in a suite of five or more.
pub const QUICK_PAIR_CAP: u32 = 9;

/// E+ at which a series is flagged for confirmation, as one in so many. Loose, since flagging costs a second and decides nothing.
pub(super) const FLAG_LEVEL: f64 = 0.05;

/// Pairs from which a series without a decision is flagged as soon as its median is beyond the tolerance: by then most are decided,
/// and fresh link orders say more than further pairs of one link.
const FLAG_PAIRS: usize = 24;

/// Numbers of pairs at which hopelessly noisy series are given up; stopping early never costs validity.
const FUTILITY_LOOKS: [u32; 4] = [12, 24, 36, 48];

/// Spread, in tolerances, above which a series is given up; 17 % of such would still settle by 64 pairs.
const FUTILE_SPREAD: f64 = 4.0;

/// What is known of one series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeState {
    /// More pairs are needed.
    Undecided,
    /// Not slower by the tolerance. Further pairs tell whether it is unchanged or improved.
    NotWorse,
    /// Final; further pairs are not looked at, but those of what is flagged.
    Done(TimeVerdict),
}

/// How a series ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeVerdict {
    /// Slower beyond the tolerance, at the suite's error level.
    Regressed,
    /// Probably slower beyond the tolerance in this link: to be judged on fresh link orders.
    Flagged,
    /// Faster beyond the tolerance, at the suite's error level.
    Improved,
    /// Probably faster beyond the tolerance in this link: likewise to be judged on fresh link orders.
    FlaggedFaster,
    /// Neither slower nor faster by the tolerance.
    Unchanged,
    /// Not slower by the tolerance; whether faster could not be told within the pairs.
    NotWorse,
    /// Given up: its spread is a multiple of the tolerance.
    TooNoisy,
    /// All pairs spent without a decision.
    PairsSpent,
}

/// What was bet on a series, each by a process of its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bets {
    /// Against "slower by at most half the tolerance": what makes it red, or suspect where fresh link orders decide.
    pub slower: Bet,
    /// Against "slower by the tolerance or more".
    pub not_slower: Bet,
    /// Against "faster by the tolerance or more".
    pub not_faster: Bet,
    /// Against "faster by at most half the tolerance".
    pub faster: Bet,
}

/// One bet: the evidence for it as odds, in logarithms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bet {
    /// The most that it was ever worth.
    pub log_odds: f64,
    /// What it must be worth to be won; less for one that is won after others.
    pub log_needed: f64,
    /// Whether it was won.
    pub is_won: bool,
}

/// The state of the decision over a suite.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeSuite {
    series: Vec<Sequence>,
    slower: Holm,
    faster: Holm,
    pair_cap: u32,
}

/// What it takes to be done with a series as slower.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Red {
    /// The suite's error level: it is red.
    Decided,
    /// A suspicion: it is flagged, and fresh link orders decide.
    Flagged,
}

#[derive(Clone, Debug, PartialEq)]
struct Sequence {
    tau: f64,
    red: Red,
    effects: SortedEffects,
    /// E+
    against_harmless: EProcess,
    /// E-
    against_slower: EProcess,
    /// EL
    against_faster: EProcess,
    /// Ei
    against_no_gain: EProcess,
    state: TimeState,
}

impl TimeSuite {
    /// A suite with one series for each of `taus`, its tolerance as a logarithm above zero. `family` is the number of series that the
    /// error level is shared by, fixed before the first pair; at least the number of `taus`.
    pub fn new(taus: &[f64], family: usize, pair_cap: u32) -> Self {
        Self {
            series: taus.iter().copied().map(Sequence::new).collect(),
            slower: Holm::new(taus.len(), family, SUITE_ALPHA),
            faster: Holm::new(taus.len(), family, SUITE_ALPHA),
            pair_cap,
        }
    }

    /// The same where fresh link orders decide what is red: nothing ends as [`TimeVerdict::Regressed`].
    pub fn flagging(taus: &[f64], family: usize, pair_cap: u32) -> Self {
        let mut suite = Self::new(taus, family, pair_cap);
        suite.series.iter_mut().for_each(|sequence| sequence.red = Red::Flagged);
        suite
    }

    /// No fresh link orders can be had of this series, whatever decides on the others. Before its first pair.
    pub fn decide_by_pairs(&mut self, series: usize) {
        self.series[series].red = Red::Decided;
    }

    /// Takes the effect of the next pair of a series; infinite is legal, NaN is not. Ignored once the series is done.
    ///
    /// # Panics
    /// If there is no such series.
    pub fn push(&mut self, series: usize, effect: f64) {
        debug_assert!(!effect.is_nan(), "a pair without an effect is a failure, not a number");
        let sequence = &mut self.series[series];
        let is_flagged = |verdict| matches!(verdict, TimeVerdict::Flagged | TimeVerdict::FlaggedFaster);
        if matches!(sequence.state, TimeState::Done(verdict) if !is_flagged(verdict)) {
            return;
        }
        sequence.push(effect);
        let thresholds = (self.slower.log_threshold(), self.faster.log_threshold());
        self.slower.update(series, self.series[series].against_harmless.log_sup());
        self.faster.update(series, self.series[series].against_no_gain.log_sup());
        // A rejection lowers the threshold of all others.
        if thresholds == (self.slower.log_threshold(), self.faster.log_threshold()) {
            self.settle(series);
        } else {
            (0..self.series.len()).for_each(|i| self.settle(i));
        }
    }

    /// How many series there are.
    pub fn len(&self) -> usize {
        self.series.len()
    }

    /// Whether there is no series.
    pub fn is_empty(&self) -> bool {
        self.series.is_empty()
    }

    /// What is known of a series.
    pub fn state(&self, series: usize) -> TimeState {
        self.series[series].state
    }

    /// Whether a series needs no more pairs.
    pub fn is_done(&self, series: usize) -> bool {
        matches!(self.state(series), TimeState::Done(_))
    }

    /// Series that fresh link orders must judge, with the direction in which they seem to have moved; final once no more pairs come.
    pub fn flagged(&self) -> Vec<(usize, Direction)> {
        (0..self.series.len()).filter_map(|series| Some((series, self.suspicion(series)?))).collect()
    }

    /// In which direction a series seems to have moved, where fresh link orders must judge it.
    pub fn suspicion(&self, series: usize) -> Option<Direction> {
        match self.state(series) {
            TimeState::Done(TimeVerdict::Flagged) => Some(Direction::Up),
            TimeState::Done(TimeVerdict::FlaggedFaster) => Some(Direction::Down),
            TimeState::Undecided | TimeState::NotWorse | TimeState::Done(_) => None,
        }
    }

    /// Whether pairs alone show, at the suite's error level, that a series moved beyond its tolerance in this direction.
    pub fn is_shown(&self, series: usize, direction: Direction) -> bool {
        let Some(median) = self.series[series].effects.median() else { return false };
        let tau = self.series[series].tau;
        match direction {
            Direction::Up => self.slower.is_rejected(series) && median > tau,
            Direction::Down => self.faster.is_rejected(series) && median < -tau,
        }
    }

    /// Pairs that counted for a series.
    pub fn pairs(&self, series: usize) -> usize {
        self.series[series].effects.len()
    }

    /// What was bet on a series so far.
    pub fn bets(&self, series: usize) -> Bets {
        let Sequence { against_harmless, against_slower, against_faster, against_no_gain, .. } = &self.series[series];
        let bet = |process: &EProcess, log_needed: f64| {
            let log_odds = process.log_sup();
            Bet { log_odds, log_needed, is_won: log_odds >= log_needed }
        };
        let in_suite = |process: &EProcess, holm: &Holm| Bet {
            is_won: holm.is_rejected(series),
            ..bet(process, holm.log_threshold())
        };
        Bets {
            slower: match self.series[series].red {
                Red::Decided => in_suite(against_harmless, &self.slower),
                Red::Flagged => bet(against_harmless, log_flag_threshold()),
            },
            not_slower: bet(against_slower, log_miss_threshold()),
            not_faster: bet(against_faster, log_miss_threshold()),
            faster: match self.series[series].red {
                Red::Decided => in_suite(against_no_gain, &self.faster),
                Red::Flagged => bet(against_no_gain, log_flag_threshold()),
            },
        }
    }

    /// Whether a series is proven slower than half its tolerance, which alone is not red.
    pub fn is_slower(&self, series: usize) -> bool {
        self.slower.is_rejected(series)
    }

    /// How close a series is to a decision: the larger share of a threshold's logarithm that is reached.
    pub fn progress(&self, series: usize) -> f64 {
        let sequence = &self.series[series];
        let (mover, holm, stayer) = match sequence.state {
            TimeState::Undecided => (&sequence.against_harmless, &self.slower, &sequence.against_slower),
            TimeState::NotWorse | TimeState::Done(_) => {
                (&sequence.against_no_gain, &self.faster, &sequence.against_faster)
            }
        };
        let threshold = match sequence.red {
            Red::Decided => holm.log_threshold(),
            Red::Flagged => log_flag_threshold(),
        };
        (mover.log_value() / threshold).max(stayer.log_value() / log_miss_threshold())
    }

    fn settle(&mut self, series: usize) {
        let (is_slower, is_faster) = (self.slower.is_rejected(series), self.faster.is_rejected(series));
        let sequence = &self.series[series];
        let (slower, faster) = match sequence.red {
            Red::Decided => (is_slower.then_some(TimeVerdict::Regressed), is_faster.then_some(TimeVerdict::Improved)),
            Red::Flagged => (
                sequence.is_suspect(Direction::Up).then_some(TimeVerdict::Flagged),
                sequence.is_suspect(Direction::Down).then_some(TimeVerdict::FlaggedFaster),
            ),
        };
        self.series[series].settle(slower, faster, self.pair_cap);
    }
}

impl Sequence {
    fn new(tau: f64) -> Self {
        Self {
            tau,
            red: Red::Decided,
            effects: SortedEffects::default(),
            against_harmless: EProcess::new(tau, tau / 2.0, Direction::Up),
            against_slower: EProcess::new(tau, tau, Direction::Down),
            against_faster: EProcess::new(tau, -tau, Direction::Up),
            against_no_gain: EProcess::new(tau, -tau / 2.0, Direction::Down),
            state: TimeState::Undecided,
        }
    }

    fn push(&mut self, effect: f64) {
        self.effects.insert(effect);
        self.against_harmless.push(effect);
        self.against_slower.push(effect);
        self.against_faster.push(effect);
        self.against_no_gain.push(effect);
    }

    /// `slower` and `faster` are how it ends if its median is beyond the tolerance there.
    fn settle(&mut self, slower: Option<TimeVerdict>, faster: Option<TimeVerdict>, pair_cap: u32) {
        let Some(median) = self.effects.median() else { return };
        let is_spent = self.effects.len() >= pair_cap as usize;
        if self.state == TimeState::Undecided {
            let slower = slower.filter(|_| median > self.tau);
            self.state = if let Some(verdict) = slower {
                TimeState::Done(verdict)
            } else if self.is_proven_harmless() {
                TimeState::NotWorse
            } else if self.is_futile() {
                TimeState::Done(TimeVerdict::TooNoisy)
            } else if is_spent {
                TimeState::Done(TimeVerdict::PairsSpent)
            } else {
                TimeState::Undecided
            };
        }
        if self.state == TimeState::NotWorse {
            let faster = faster.filter(|_| median < -self.tau);
            if self.against_faster.log_sup() >= log_miss_threshold() {
                self.state = TimeState::Done(TimeVerdict::Unchanged);
            } else if let Some(verdict) = faster {
                self.state = TimeState::Done(verdict);
            } else if is_spent || self.is_futile() {
                self.state = TimeState::Done(TimeVerdict::NotWorse);
            }
        }
    }

    /// Whether it is flagged if its median is beyond the tolerance in this direction. Noise that makes a series hopeless is no
    /// suspicion.
    fn is_suspect(&self, direction: Direction) -> bool {
        let (mover, stayer) = match direction {
            Direction::Up => (&self.against_harmless, &self.against_slower),
            Direction::Down => (&self.against_no_gain, &self.against_faster),
        };
        let is_likely = mover.log_sup() >= log_flag_threshold();
        let is_proven_harmless = stayer.log_sup() >= log_miss_threshold();
        is_likely || (self.effects.len() >= FLAG_PAIRS && !is_proven_harmless && !self.is_futile())
    }

    fn is_proven_harmless(&self) -> bool {
        self.against_slower.log_sup() >= log_miss_threshold()
    }

    fn is_futile(&self) -> bool {
        let is_look = FUTILITY_LOOKS.contains(&(self.effects.len() as u32));
        is_look && self.effects.robust_sd().is_some_and(|sd| sd > FUTILE_SPREAD * self.tau)
    }
}

/// What E+ must reach for a series to be flagged.
fn log_flag_threshold() -> f64 {
    -FLAG_LEVEL.ln()
}

/// ln(1/beta): what E- and EL must reach.
fn log_miss_threshold() -> f64 {
    -MISS_BETA.ln()
}

#[cfg(test)]
mod tests {
    use super::TimeVerdict::{Flagged, FlaggedFaster, Improved, NotWorse, PairsSpent, Regressed, TooNoisy, Unchanged};
    use super::*;
    use crate::stats::noise::{generator, normal};

    const TAU: f64 = 0.02;

    /// Pushes effects, repeating the last one, until the series of a suite of `family` is done; the verdict and its pairs.
    #[track_caller]
    fn check(effects: &[f64], family: usize, expected: (TimeVerdict, usize)) {
        let mut suite = TimeSuite::new(&[TAU], family, PAIR_CAP);
        let repeated = effects.iter().copied().chain(std::iter::repeat(*effects.last().unwrap()));
        for effect in repeated.take(PAIR_CAP as usize) {
            suite.push(0, effect);
        }
        let TimeState::Done(verdict) = suite.state(0) else { panic!("{:?}", suite.state(0)) };
        assert_eq!((verdict, suite.pairs(0)), expected);
    }

    #[test]
    fn each_end_is_reached_after_the_published_number_of_pairs() {
        check(&[0.0], 231, (Unchanged, 5));
        check(&[0.01, -0.005, 0.003, 0.0, 0.002, -0.001], 14, (Unchanged, 6));
        check(&[0.04], 14, (Regressed, 12));
        check(&[0.04], 231, (Regressed, 16));
        check(&[f64::INFINITY], 14, (Regressed, 11));
        check(&[f64::INFINITY], 231, (Regressed, 15));
        check(&[-0.04], 14, (Improved, 12));
        check(&[f64::NEG_INFINITY], 231, (Improved, 15));
        // Exactly at the tolerance: proven slower than half of it, never beyond it.
        check(&[0.02], 14, (PairsSpent, 64));
        check(&[-0.02], 14, (NotWorse, 64));
        let wild: Vec<f64> = (0..12).map(|i| if i % 2 == 0 { 0.25 } else { -0.25 }).collect();
        check(&wild, 14, (TooNoisy, 12));
    }

    /// The same where fresh link orders decide.
    #[track_caller]
    fn check_flagging(effects: &[f64], expected: (TimeVerdict, usize)) {
        let mut suite = TimeSuite::flagging(&[TAU], 231, PAIR_CAP);
        let repeated = effects.iter().copied().chain(std::iter::repeat(*effects.last().unwrap()));
        for effect in repeated.take(PAIR_CAP as usize) {
            if !suite.is_done(0) {
                suite.push(0, effect);
            }
        }
        let TimeState::Done(verdict) = suite.state(0) else { panic!("{:?}", suite.state(0)) };
        assert_eq!((verdict, suite.pairs(0)), expected);
        let direction = match verdict {
            Flagged => Some(Direction::Up),
            FlaggedFaster => Some(Direction::Down),
            _ => None,
        };
        assert_eq!(suite.flagged().first().map(|flagged| flagged.1), direction);
    }

    #[test]
    fn suspects_are_flagged_whatever_the_size_of_the_suite() {
        // E+ of twice the tolerance is 12.3 after four pairs and 23.5 after five.
        check_flagging(&[0.04], (Flagged, 5));
        check_flagging(&[f64::INFINITY], (Flagged, 5));
        check_flagging(&[0.0], (Unchanged, 5));
        // The mirror image, by the same number of pairs.
        check_flagging(&[-0.04], (FlaggedFaster, 5));
        check_flagging(&[-0.02], (NotWorse, 64));
        // At the tolerance its median is never beyond it.
        check_flagging(&[0.02], (PairsSpent, 64));
        // Half wild, half a little faster, so that nothing is proven: the median is beyond the tolerance at 24 pairs.
        let torn: Vec<f64> = (0..24).map(|i| if i % 2 == 0 { -0.02 } else { 0.0605 }).collect();
        check_flagging(&torn, (Flagged, 24));
        // The same with a median below it goes on to the end; wilder still it is given up as noise.
        let torn: Vec<f64> = (0..64).map(|i| if i % 2 == 0 { -0.02 } else { 0.0595 }).collect();
        check_flagging(&torn, (PairsSpent, 64));
        let wild: Vec<f64> = (0..12).map(|i| if i % 2 == 0 { 0.25 } else { -0.2 }).collect();
        check_flagging(&wild, (TooNoisy, 12));
    }

    #[test]
    fn published_sequence_is_red_at_12_and_16() {
        let effects = [
            0.031, 0.027, 0.035, 0.029, 0.024, 0.033, 0.030, 0.028, 0.026, 0.032, 0.034, 0.025, 0.029, 0.031, 0.030,
            0.027,
        ];
        check(&effects, 14, (Regressed, 12));
        check(&effects, 231, (Regressed, 16));
    }

    #[test]
    fn at_the_tolerance_is_slower_but_not_red() {
        let mut suite = TimeSuite::new(&[TAU], 14, PAIR_CAP);
        (0..64).for_each(|_| suite.push(0, TAU));
        assert!(suite.is_slower(0));
    }

    #[test]
    fn pairs_after_the_end_change_nothing() {
        let mut suite = TimeSuite::new(&[TAU], 1, PAIR_CAP);
        (0..5).for_each(|_| suite.push(0, 0.0));
        let before = suite.clone();
        (0..20).for_each(|_| suite.push(0, 1.0));
        assert_eq!(suite, before);
    }

    #[test]
    fn quick_never_is_red_in_a_suite_of_five() {
        let mut suite = TimeSuite::new(&[TAU; 5], 5, QUICK_PAIR_CAP);
        (0..9).for_each(|_| suite.push(0, 1.0));
        assert_eq!(suite.state(0), TimeState::Done(PairsSpent));
    }

    #[test]
    fn one_rejection_makes_the_next_easier_without_a_new_pair() {
        // N=2 needs 200, then 100: series 0 stops between the two after 8 pairs, and is settled by the rejection of series 1.
        let mut suite = TimeSuite::new(&[TAU; 2], 2, PAIR_CAP);
        (0..8).for_each(|_| suite.push(0, 0.05));
        assert_eq!(suite.state(0), TimeState::Undecided);
        (0..9).for_each(|_| suite.push(1, 0.05));
        assert_eq!((suite.state(0), suite.state(1)), (TimeState::Done(Regressed), TimeState::Done(Regressed)));
        assert_eq!(suite.pairs(0), 8);
    }

    /// What is flagged stays flagged, and further pairs bring it to the suite's error level or away from it.
    #[test]
    fn pairs_after_the_flag_can_show_it_at_the_error_level_of_the_suite() {
        #[track_caller]
        fn check(effect: f64, later: &[f64], direction: Direction, expected: bool) {
            let mut suite = TimeSuite::flagging(&[TAU; 2], 14, PAIR_CAP);
            (0..5).for_each(|_| suite.push(0, effect));
            assert_eq!((suite.suspicion(0), suite.is_shown(0, direction)), (Some(direction), false));
            later.iter().for_each(|&effect| suite.push(0, effect));
            assert_eq!((suite.suspicion(0), suite.is_shown(0, direction)), (Some(direction), expected));
            assert_eq!(suite.pairs(0), 5 + later.len());
        }
        check(0.04, &[0.04; 6], Direction::Up, false);
        check(0.04, &[0.04; 7], Direction::Up, true);
        check(-0.04, &[-0.04; 7], Direction::Down, true);
        check(0.04, &[0.0; 20], Direction::Up, false);
    }

    /// 2000 series with a true effect and normal noise, each alone in a family; returns (share with the verdict, mean pairs).
    fn simulate(effect: f64, sd: f64, family: usize, is_wanted: fn(TimeState) -> bool) -> (f64, f64) {
        let mut rng = generator("speed");
        let (mut wanted, mut pairs) = (0, 0);
        for _ in 0..2000 {
            let mut suite = TimeSuite::new(&[TAU], family, PAIR_CAP);
            while suite.state(0) == TimeState::Undecided {
                suite.push(0, effect + sd * normal(&mut rng));
            }
            wanted += usize::from(is_wanted(suite.state(0)));
            pairs += suite.pairs(0);
        }
        (wanted as f64 / 2000.0, pairs as f64 / 2000.0)
    }

    fn is_green(state: TimeState) -> bool {
        matches!(state, TimeState::NotWorse | TimeState::Done(Unchanged | Improved | NotWorse))
    }

    fn is_red(state: TimeState) -> bool {
        state == TimeState::Done(Regressed)
    }

    /// Published rates and means of 20 000 paths; bands are four standard errors of 2000.
    #[test]
    fn speed_and_misses_match_the_published_ones() {
        #[track_caller]
        fn check((share, mean): (f64, f64), shares: (f64, f64), means: (f64, f64)) {
            assert!((shares.0..=shares.1).contains(&share), "share {share}");
            assert!((means.0..=means.1).contains(&mean), "mean pairs {mean}");
        }
        check(simulate(0.0, TAU / 2.0, 231, is_green), (1.0, 1.0), (5.83, 6.19));
        check(simulate(0.0, TAU, 231, is_green), (0.98, 1.0), (9.7, 11.1));
        check(simulate(TAU, TAU / 2.0, 100_000, is_green), (0.016, 0.046), (20.0, 64.0));
        check(simulate(TAU, TAU, 100_000, is_green), (0.018, 0.050), (20.0, 64.0));
        check(simulate(2.0 * TAU, TAU / 2.0, 231, is_red), (0.999, 1.0), (15.95, 16.21));
        check(simulate(2.0 * TAU, TAU, 231, is_red), (0.99, 1.0), (19.9, 20.9));
    }

    /// 200 suites of 231 series, noise of 0.3 to 0.75 tolerances, all with the same true effect: how many have a red row.
    fn red_suites(effect: f64) -> usize {
        let mut rng = generator("suites");
        let has_red = |_: &u32| {
            let mut suite = TimeSuite::new(&[TAU; 231], 231, PAIR_CAP);
            for series in 0..231 {
                let sd = TAU * (0.3 + 0.45 * series as f64 / 230.0);
                while suite.state(series) == TimeState::Undecided {
                    suite.push(series, effect + sd * normal(&mut rng));
                }
            }
            (0..231).any(|series| is_red(suite.state(series)))
        };
        (0..200).filter(has_red).count()
    }

    /// At a true rate of 0.5 % six or more of 200 have a chance below 0.1 %.
    #[test]
    fn whole_suites_stay_green_when_nothing_or_half_a_tolerance_changed() {
        assert!(red_suites(0.0) <= 5);
        assert!(red_suites(TAU / 2.0) <= 5);
    }

    #[test]
    fn faster_is_found_as_often_as_slower() {
        let mut rng = generator("mirror");
        let (mut slower, mut faster) = (0, 0);
        for _ in 0..50 {
            // Of twelve series two are slower and two are faster, by two and by three tolerances.
            let effects = [2.0, 3.0, -2.0, -3.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0].map(|taus| taus * TAU);
            let mut suite = TimeSuite::new(&[TAU; 12], 12, PAIR_CAP);
            for _ in 0..PAIR_CAP {
                effects.iter().enumerate().for_each(|(i, effect)| suite.push(i, effect + 0.5 * TAU * normal(&mut rng)));
            }
            let verdicts = |verdict| (0..12).filter(|&i| suite.state(i) == TimeState::Done(verdict)).count();
            slower += verdicts(Regressed);
            faster += verdicts(Improved);
        }
        assert_eq!((slower, faster), (100, 100));
    }

    /// The suite test can fail: at twice the tolerance every suite is red.
    #[test]
    fn whole_suites_turn_red_when_everything_regressed() {
        assert_eq!(red_suites(2.0 * TAU), 200);
    }
}
