//! The e-process of one series and one hypothesis: a fortune that bets against "the effect is at most m" (or "at least m").
//!
//! ```text
//! d - m ──/tau──> x ──> five bets tanh(x/4 … 4x), capped at ±0.98 ──> five fortunes × (1 + bet) ──> weighted sum E ──> sup E
//! ```
//!
//! A fair coin draws for each pair everything that differs between the sides, so at equal code d and -d are equally likely given all
//! else. The bet is odd, so nobody can expect to win: E is a martingale that starts at 1, and by Ville's inequality its maximum
//! reaches 1/alpha with a chance of at most alpha, at any time and under any rule for when to stop. A bet does not depend on the
//! data, so E falls with m, which is what confidence bounds need. There is no estimate of scale, so nothing degenerates when all
//! effects are equal. Multiplicity is not handled here.

/// Sizes of the bets in units of 1/tolerance double from 1/4 to 4: the best size for normal noise is distance over variance, so
/// these cover noise from 0 to about twice the tolerance; the two small ones rescue noisy benches.
const SMALLEST_BET: f64 = 0.25;

/// Share of the fortune on each size. At 1/8 the two small ones cost nothing where noise is low.
const WEIGHTS: [f64; 5] = [0.125, 0.125, 0.25, 0.25, 0.25];

/// The largest share of a fortune that is staked: a pair multiplies it by 0.02 to 1.98. Uncapped, one wild pair costs the largest bet
/// 84 nats, for ever; capped, ln 50 = 3.9.
pub const BET_CAP: f64 = 0.98;

/// Which way an e-process bets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// That effects are above the null value.
    Up,
    /// That effects are below it.
    Down,
}

/// One e-process, in logarithms, so that nothing overflows.
#[derive(Clone, Debug, PartialEq)]
pub struct EProcess {
    tau: f64,
    null: f64,
    direction: Direction,
    log_fortunes: [f64; 5],
    log_value: f64,
    log_sup: f64,
}

impl EProcess {
    /// Bets against `effect <= null` (up) or `effect >= null` (down). `tau` is the tolerance as a logarithm, above zero.
    pub fn new(tau: f64, null: f64, direction: Direction) -> Self {
        Self { tau, null, direction, log_fortunes: WEIGHTS.map(f64::ln), log_value: 0.0, log_sup: 0.0 }
    }

    /// Takes the effect of one pair, infinite ones too, never NaN.
    pub fn push(&mut self, effect: f64) {
        let distance = match self.direction {
            Direction::Up => effect - self.null,
            Direction::Down => self.null - effect,
        };
        for (fortune, bet) in self.log_fortunes.iter_mut().zip(bets(distance / self.tau)) {
            *fortune += bet.ln_1p();
        }
        self.log_value = log_sum_exp(&self.log_fortunes);
        self.log_sup = self.log_sup.max(self.log_value);
    }

    /// ln E now.
    pub fn log_value(&self) -> f64 {
        self.log_value
    }

    /// ln of the largest E so far, at least 0.
    pub fn log_sup(&self) -> f64 {
        self.log_sup
    }
}

/// clamp(tanh(size · x)) for the five sizes. As they double, tanh(2y) = 2 tanh(y) / (1 + tanh²(y)) saves four of five tanh.
pub(super) fn bets(x: f64) -> [f64; 5] {
    let mut next = (SMALLEST_BET * x).tanh();
    WEIGHTS.map(|_| {
        let bet = next.clamp(-BET_CAP, BET_CAP);
        next = 2.0 * next / (1.0 + next * next);
        bet
    })
}

/// E as a plain number: what fortunes that start at 1 and were multiplied by `1 + bet` add up to.
pub(super) fn weighted(fortunes: &[f64; 5]) -> f64 {
    fortunes.iter().zip(WEIGHTS).map(|(fortune, weight)| fortune * weight).sum()
}

fn log_sum_exp(logs: &[f64; 5]) -> f64 {
    let max = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    max + logs.iter().map(|log| (log - max).exp()).sum::<f64>().ln()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::RngExt;
    use rand_chacha::ChaCha8Rng;

    use super::Direction::{Down, Up};
    use super::*;
    use crate::stats::noise::{generator, normal};

    const TAU: f64 = 0.02;

    fn values(effects: &[f64], null: f64, direction: Direction) -> Vec<f64> {
        let mut process = EProcess::new(TAU, null, direction);
        let step = |&effect: &f64| {
            process.push(effect);
            process.log_value().exp()
        };
        effects.iter().map(step).collect()
    }

    /// Holds values after the given numbers of pairs against expected ones, to the digits given.
    #[track_caller]
    fn check(effects: &[f64], null: f64, direction: Direction, expected: &[(usize, f64)]) {
        let values = values(effects, null, direction);
        for &(n, e) in expected {
            let got = values[n - 1];
            assert!((got / e - 1.0).abs() < 3e-5 || (got - e).abs() < 6e-5, "after {n} pairs: {got}, expected {e}");
        }
    }

    #[test]
    fn first_pair_by_hand() {
        // x = 1: tanh of 1/4, 1/2, 1, 2, 4 is .244919 .462117 .761594 .964028 .999329, the last one capped.
        let by_hand = 0.125 * (1.244919 + 1.462117) + 0.25 * (1.761594 + 1.964028 + 1.98);
        check(&[0.0], TAU, Down, &[(1, by_hand), (1, 1.76478)]);
    }

    #[test]
    fn published_vectors() {
        let zeros = [(1, 1.76478), (2, 3.1812), (3, 5.8331), (4, 10.8413), (5, 20.3639)];
        check(&[0.0; 5], TAU, Down, &zeros);
        check(&[0.0; 5], -TAU, Up, &zeros);
        check(&[0.0; 3], TAU / 2.0, Up, &[(1, 0.4069), (2, 0.2540), (3, 0.1800)]);
        let twice = [(1, 1.8405), (2, 3.4325), (3, 6.4697), (4, 12.2974), (5, 23.5296), (11, 1248.4), (12, 2437.5)];
        check(&[0.04; 16], TAU / 2.0, Up, &twice);
        check(&[0.04; 16], TAU / 2.0, Up, &[(15, 18255.7), (16, 35773.9)]);
        check(&[0.02; 17], TAU / 2.0, Up, &[(12, 1072.96), (13, 2048.47), (17, 28021.4)]);
        check(&[0.02; 17], TAU, Down, &[(17, 1.0)]);
        check(&[f64::INFINITY; 15], TAU / 2.0, Up, &[(11, 1833.7), (15, 28182.0)]);
        let small = [0.01, -0.005, 0.003, 0.0, 0.002, -0.001];
        check(&small, TAU, Down, &[(1, 1.5931), (2, 2.9448), (3, 5.3155), (4, 9.9098), (5, 18.4950), (6, 35.2791)]);
        let slower = [
            0.031, 0.027, 0.035, 0.029, 0.024, 0.033, 0.030, 0.028, 0.026, 0.032, 0.034, 0.025, 0.029, 0.031, 0.030,
            0.027,
        ];
        check(&slower, TAU / 2.0, Up, &[(12, 1866.67), (16, 26833.6)]);
    }

    #[test]
    fn one_wild_pair_costs_at_most_ln_50() {
        check(&[f64::NEG_INFINITY], TAU / 2.0, Up, &[(1, 0.02)]);
        let mut process = EProcess::new(TAU, 0.0, Up);
        process.push(f64::NEG_INFINITY);
        assert!((process.log_value() + 50f64.ln()).abs() < 1e-9);
        assert_eq!(process.log_sup(), 0.0);
    }

    #[test]
    fn thousands_of_pairs_do_not_overflow() {
        let mut process = EProcess::new(TAU, 0.0, Up);
        (0..5000).for_each(|_| process.push(1.0));
        assert!((process.log_value() / (5000.0 * 1.98f64.ln()) - 1.0).abs() < 1e-9);
        (0..5000).for_each(|_| process.push(-1.0));
        assert!(process.log_value().is_finite() && process.log_value() < -1000.0);
    }

    proptest! {
        #[test]
        fn doubling_agrees_with_tanh(x in -30.0..30.0f64) {
            for (bet, size) in bets(x).into_iter().zip([0.25, 0.5, 1.0, 2.0, 4.0]) {
                prop_assert!((bet - (size * x).tanh().clamp(-BET_CAP, BET_CAP)).abs() < 1e-12);
            }
        }

        #[test]
        fn invariances(effects in prop::collection::vec(-0.2..0.2f64, 1..40), null in -0.05..0.05f64, scale in 0.1..10.0f64) {
            let last = |effects: &[f64], null, direction| values(effects, null, direction).last().copied().unwrap().ln();
            let up = last(&effects, null, Up);
            let negated: Vec<f64> = effects.iter().map(|d| -d).collect();
            prop_assert!((up - last(&negated, -null, Down)).abs() < 1e-9, "antisymmetric");
            let reversed: Vec<f64> = effects.iter().rev().copied().collect();
            prop_assert!((up - last(&reversed, null, Up)).abs() < 1e-9, "order of pairs");
            prop_assert!(up >= last(&effects, null + 0.001, Up), "falls with the null value");
            let higher: Vec<f64> = effects.iter().map(|d| d + 0.001).collect();
            prop_assert!(up <= last(&higher, null, Up), "grows with each effect");
            let mut scaled = EProcess::new(TAU * scale, null * scale, Up);
            effects.iter().for_each(|d| scaled.push(d * scale));
            prop_assert!((up - scaled.log_value()).abs() < 1e-6, "unit of measurement");
        }
    }

    /// Share of 4000 paths of 64 pairs whose maximum reaches `threshold`.
    fn crossing(name: &str, null: f64, threshold: f64, mut path: impl FnMut(&mut ChaCha8Rng) -> Vec<f64>) -> f64 {
        let mut rng = generator(name);
        let mut crossed = 0;
        for _ in 0..4000 {
            let mut process = EProcess::new(TAU, null, Up);
            path(&mut rng).into_iter().for_each(|d| process.push(d));
            crossed += usize::from(process.log_sup() >= f64::ln(threshold));
        }
        crossed as f64 / 4000.0
    }

    /// A/A: published rates from 20 000 paths; bands are four standard errors of 4000.
    #[test]
    fn false_alarms_under_symmetric_noise_match_the_published_rates() {
        #[track_caller]
        fn check(name: &str, noise: fn(&mut ChaCha8Rng) -> f64, threshold: f64, low: f64, high: f64) {
            let rate = crossing(name, 0.0, threshold, |rng| (0..64).map(|_| noise(rng)).collect());
            assert!((low..=high).contains(&rate), "{name}: {rate}");
        }
        check("half tau, 20", |rng| TAU / 2.0 * normal(rng), 20.0, 0.0196, 0.0412);
        check("half tau, 100", |rng| TAU / 2.0 * normal(rng), 100.0, 0.0008, 0.0102);
        check("tau, 20", |rng| TAU * normal(rng), 20.0, 0.0231, 0.0463);
        check("tau, 100", |rng| TAU * normal(rng), 100.0, 0.0013, 0.0113);
        check("cauchy, 20", |rng| TAU / 2.0 * normal(rng) / normal(rng), 20.0, 0.0268, 0.0512);
    }

    /// Noise that remembers: with the coin the bound holds, without it the alarm rate explodes. The second half proves that the
    /// test would notice a missing coin.
    #[test]
    fn the_coin_makes_dependent_noise_harmless() {
        fn remembering(rng: &mut ChaCha8Rng, has_coin: bool) -> Vec<f64> {
            let mut state = normal(rng);
            let mut step = || {
                state = 0.9 * state + (1.0f64 - 0.81).sqrt() * normal(rng);
                let sign = if has_coin && rng.random::<bool>() { -1.0 } else { 1.0 };
                sign * TAU * state
            };
            (0..64).map(|_| step()).collect()
        }
        let with_coin = crossing("ar, coin", 0.0, 20.0, |rng| remembering(rng, true));
        let without = crossing("ar, no coin", 0.0, 20.0, |rng| remembering(rng, false));
        assert!(with_coin <= 0.05, "{with_coin}");
        assert!(without > 0.4, "{without}");
    }

    /// A/B: an effect of twice the tolerance crosses a suite's threshold.
    #[test]
    fn planted_effects_are_found() {
        let found = crossing("power", TAU / 2.0, 23_100.0, |rng| {
            (0..64).map(|_| 2.0 * TAU + TAU / 2.0 * normal(rng)).collect()
        });
        assert!(found > 0.999, "{found}");
    }
}
