//! Estimators and e-processes: what the decision computes from the effects of pairs.
//!
//! An effect is ln(candidate/base) of one pair: positive is worse, never NaN, infinite where one side ran into a time limit.
//! Nothing here knows verdicts, policies or suites; those are `gate`. Pure: imports `model`.

mod bounds;
mod eprocess;
mod holm;
mod median;
mod median_interval;
pub(crate) mod noise;
mod pair;
mod prediction;
mod proportion;
mod shares;
mod visible;

pub use bounds::{Interval, bounds};
pub use eprocess::{BET_CAP, Direction, EProcess};
pub use holm::Holm;
pub use median::{MAD_TO_SD, SortedEffects, median, robust_sd};
pub use median_interval::median_interval;
pub use pair::pair_effect;
pub use prediction::{Lent, Predicted};
pub use proportion::clopper_pearson;
pub use shares::{Shares, beyond_luck, visible_share};
pub use visible::{Noise, Visible, VisibleInput, fewest_red_pairs, smallest_visible};
