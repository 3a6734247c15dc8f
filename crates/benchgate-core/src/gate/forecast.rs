//! What a run will be able to see, before its first pair.

use super::percent::{plural, share};
use super::reach::{Reach, Seen};
use crate::stats::MAD_TO_SD;

/// Spread between pairs of a usual bench, as a logarithm: arithmetic has 0.01 %, allocating and hashing code 0.4 to 2 %.
const USUAL_SPREAD: f64 = 0.01;

/// What so many pairs for each series will show, in words. `tau` is the usual tolerance as a logarithm.
pub fn forecast(reach: Reach, pairs: u32, tau: f64) -> String {
    let (series, needed) = (reach.family, reach.fewest_pairs());
    let room = format!("room for {} for each of {series} series", plural(u64::from(pairs), "pair"));
    if pairs < needed {
        return format!("{room}: none can turn red, which takes {needed}; give it a larger budget, or fewer series");
    }
    // Three effects whose robust spread is the usual one.
    let deviation = USUAL_SPREAD / MAD_TO_SD;
    let effects = [-deviation, 0.0, deviation];
    let visible = reach.visible(Seen { effects: &effects, tau, pairs, name: "forecast" });
    format!(
        "{room}: at a spread of {} slowdowns of {} will be seen",
        share(USUAL_SPREAD),
        share(visible.effect.exp_m1())
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_pairs_see_more() {
        #[track_caller]
        fn check(family: usize, pairs: u32, expected: &str) {
            let text = forecast(Reach { family, confirms_by_linking: false }, pairs, 0.02_f64.ln_1p());
            assert!(text.ends_with(expected), "{text}");
        }
        check(38, 64, "room for 64 pairs for each of 38 series: at a spread of 1 % slowdowns of 2.2 % will be seen");
        check(38, 16, "slowdowns of 3.3 % will be seen");
        check(
            38,
            9,
            "room for 9 pairs for each of 38 series: none can turn red, which takes 13; give it a larger budget, or fewer series",
        );
    }
}
