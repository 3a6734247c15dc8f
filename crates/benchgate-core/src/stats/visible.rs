//! The smallest visible effect: how large a slowdown must be for this run to have called it red in 95 of 100 cases.
//!
//! A green row without it says little: a bench that jitters by a third, measured nine times, would be green at twice the time.
//! Found by simulation from the noise that the run itself has seen, with the seed of the benchmark's name, so that the same run gives
//! the same figure.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::eprocess::{bets, weighted};
use super::noise::{generator, normal};
use super::{BET_CAP, SortedEffects, median, robust_sd};

/// Paths simulated for each effect that is tried; the chance at 95 % is then known to ±1.5 %.
const PATHS: usize = 200;

/// How many of the paths may miss a visible effect: 5 %.
const MISSES_ALLOWED: usize = PATHS / 20;

/// Largest effect that is looked for, in tolerances; what is not visible there is called infinite.
const LARGEST: f64 = 60.0;

/// Halvings between the tolerance and [`LARGEST`], in logarithms: an accuracy of 0.4 %.
const HALVINGS: usize = 10;

/// With fewer effects than this, resampling them would repeat a handful of values; normal noise of their spread is used instead.
const FEWEST_TO_RESAMPLE: usize = 8;

/// What the smallest visible effect depends on.
#[derive(Clone, Copy, Debug)]
pub struct VisibleInput<'a> {
    /// Effects that were measured; their noise is taken as the bench's.
    pub effects: &'a [f64],
    /// Tolerance as a logarithm, above zero.
    pub tau: f64,
    /// Pairs that the series has, or could have had.
    pub pairs: u32,
    /// Series tested in the run.
    pub family: usize,
    /// Error level of the suite.
    pub alpha: f64,
    /// Names the stream of random numbers; the benchmark's id.
    pub name: &'a str,
}

/// Where the simulated noise comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noise {
    /// Measured deviations, resampled with random signs.
    Resampled,
    /// Too few deviations: normal noise of the same robust spread.
    Normal,
}

/// The smallest visible effect.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Visible {
    /// As a logarithm; infinite where no effect up to sixty tolerances would have been red.
    pub effect: f64,
    /// What it was simulated with.
    pub noise: Noise,
}

/// The fewest pairs after which a series of a suite can be red at all: the fortune grows by 1.98 a pair at most.
pub fn fewest_red_pairs(family: usize, alpha: f64) -> u32 {
    ((family.max(1) as f64 / alpha).ln() / (1.0 + BET_CAP).ln()).ceil() as u32
}

/// The effect that reaches N/alpha with a median above the tolerance within the pairs, with 95 % chance.
pub fn smallest_visible(input: VisibleInput<'_>) -> Visible {
    let noise = if input.effects.len() < FEWEST_TO_RESAMPLE { Noise::Normal } else { Noise::Resampled };
    let is_hopeless = input.pairs < fewest_red_pairs(input.family, input.alpha);
    let effect = match deviations(input, noise) {
        Some(paths) if !is_hopeless => search(input, &paths),
        _ => f64::INFINITY,
    };
    Visible { effect, noise }
}

fn search(input: VisibleInput<'_>, paths: &[f64]) -> f64 {
    let is_visible = |multiple: f64| {
        let is_missed = |path: &&[f64]| !is_red(input, path, multiple * input.tau);
        paths.chunks_exact(input.pairs as usize).filter(is_missed).nth(MISSES_ALLOWED).is_none()
    };
    if !is_visible(LARGEST) {
        return f64::INFINITY;
    }
    let (mut below, mut above) = (0.0, LARGEST.ln());
    for _ in 0..HALVINGS {
        let middle = (below + above) / 2.0;
        if is_visible(middle.exp()) { above = middle } else { below = middle }
    }
    above.exp() * input.tau
}

/// Noise of all paths, one after the other, drawn once so that a larger effect is never seen less often; `None` if the effects
/// have no finite centre or spread.
fn deviations(input: VisibleInput<'_>, noise: Noise) -> Option<Vec<f64>> {
    let centre = median(input.effects).filter(|centre| centre.is_finite())?;
    let sd = robust_sd(input.effects).filter(|sd| sd.is_finite())?;
    let mut rng = generator(input.name);
    let mut draw: Box<dyn FnMut(&mut ChaCha8Rng) -> f64> = match noise {
        Noise::Normal => Box::new(move |rng| sd * normal(rng)),
        Noise::Resampled => Box::new(move |rng| {
            let deviation = input.effects[rng.random_range(0..input.effects.len())] - centre;
            if rng.random::<bool>() { deviation } else { -deviation }
        }),
    };
    Some((0..PATHS * input.pairs as usize).map(|_| draw(&mut rng)).collect())
}

/// Whether a path with this effect is called red: the fortune reaches N/alpha and, then or later, the median is above the tolerance.
/// Plain products suffice for the tens of pairs that a plan allows; one that underflows stays a miss.
fn is_red(input: VisibleInput<'_>, path: &[f64], effect: f64) -> bool {
    let threshold = input.family.max(1) as f64 / input.alpha;
    let mut fortunes = [1.0; 5];
    let mut sorted = SortedEffects::default();
    let mut is_rejected = false;
    path.iter().any(|deviation| {
        let d = effect + deviation;
        sorted.insert(d);
        let bets = bets(d / input.tau - 0.5);
        fortunes.iter_mut().zip(bets).for_each(|(fortune, bet)| *fortune *= 1.0 + bet);
        is_rejected |= weighted(&fortunes) >= threshold;
        is_rejected && sorted.median().is_some_and(|median| median > input.tau)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAU: f64 = 0.02;

    /// Effects around zero whose robust spread is `sd`, with the shape of normal noise.
    fn normal_like(sd: f64, n: usize) -> Vec<f64> {
        let mut rng = generator("visible");
        let draws: Vec<f64> = (0..n).map(|_| normal(&mut rng)).collect();
        let scale = sd / robust_sd(&draws).unwrap();
        draws.iter().map(|x| x * scale).collect()
    }

    fn input<'a>(effects: &'a [f64], pairs: u32, family: usize) -> VisibleInput<'a> {
        VisibleInput { effects, tau: TAU, pairs, family, alpha: 0.01, name: "area/component/operation/param" }
    }

    #[test]
    fn fewest_pairs_follow_from_the_largest_factor() {
        #[track_caller]
        fn check(family: usize, expected: u32) {
            assert_eq!(fewest_red_pairs(family, 0.01), expected);
        }
        check(1, 7); // 1.98^7 = 119 >= 100 > 60 = 1.98^6
        check(14, 11);
        check(35, 12);
        check(100, 14);
        check(231, 15);
        check(1000, 17);
    }

    /// The published table was made with normal noise; 200 paths leave 6 % either way.
    #[test]
    fn published_table() {
        #[track_caller]
        fn check(sd: f64, pairs: u32, family: usize, expected: f64) {
            let few = [-sd / 1.4826, 0.0, sd / 1.4826, -2.0 * sd, 2.0 * sd].map(|x| x * TAU);
            let got = smallest_visible(input(&few, pairs, family));
            assert_eq!(got.noise, Noise::Normal);
            assert!((got.effect / TAU / expected - 1.0).abs() < 0.06, "{sd} {pairs} {family}: {}", got.effect / TAU);
        }
        check(0.1, 16, 14, 1.05);
        check(0.1, 16, 231, 1.35);
        check(0.5, 24, 231, 1.35);
        check(0.5, 64, 14, 1.12);
        check(1.0, 16, 14, 2.51);
        check(1.0, 64, 231, 1.39);
        check(2.0, 32, 1000, 3.51);
    }

    #[test]
    fn what_could_not_have_been_red_is_infinite() {
        assert_eq!(smallest_visible(input(&[0.0; 5], 9, 35)).effect, f64::INFINITY);
        assert_eq!(smallest_visible(input(&[0.0; 16], 16, 1000)).effect, f64::INFINITY);
        assert_eq!(smallest_visible(input(&[f64::INFINITY; 16], 64, 1)).effect, f64::INFINITY);
        assert_eq!(smallest_visible(input(&[], 64, 1)).effect, f64::INFINITY);
    }

    #[test]
    fn resampling_normal_noise_agrees_with_normal_noise() {
        let got = smallest_visible(input(&normal_like(TAU, 200), 64, 231));
        assert_eq!(got.noise, Noise::Resampled);
        assert!((got.effect / TAU / 1.39 - 1.0).abs() < 0.1, "{}", got.effect / TAU);
    }

    #[test]
    fn unit_of_measurement_and_centre_do_not_matter() {
        let effects = normal_like(TAU / 2.0, 16);
        let plain = smallest_visible(input(&effects, 64, 35)).effect;
        let moved: Vec<f64> = effects.iter().map(|d| d + 0.5).collect();
        assert!((smallest_visible(input(&moved, 64, 35)).effect / plain - 1.0).abs() < 1e-2);
        let scaled: Vec<f64> = effects.iter().map(|d| d * 4.0).collect();
        let scaled = smallest_visible(VisibleInput { tau: TAU * 4.0, ..input(&scaled, 64, 35) }).effect;
        assert!((scaled / plain / 4.0 - 1.0).abs() < 1e-2);
    }

    /// A/B: planting the visible effect is found in about 95 %, planting half a tolerance nearly never.
    #[test]
    fn planting_the_visible_effect_is_red_in_95_of_100() {
        let few = [-0.5, 0.5, 0.0, 1.0, -1.0].map(|x| x * TAU);
        let sd = robust_sd(&few).unwrap();
        let input = input(&few, 24, 35);
        let visible = smallest_visible(input).effect;
        let mut rng = generator("planting");
        let mut red = |effect: f64| {
            let found = (0..1000).filter(|_| {
                let path: Vec<f64> = (0..24).map(|_| sd * normal(&mut rng)).collect();
                is_red(input, &path, effect)
            });
            found.count()
        };
        let found = red(visible);
        assert!((900..=990).contains(&found), "{found}");
        assert!(red(TAU / 2.0) <= 3);
    }
}
