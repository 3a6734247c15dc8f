//! Cases of `executor`, a file for each of its components; reports and actions have theirs beside this directory.

use super::harness::Harness;

mod config;
mod params;
mod result;
mod run;
mod startup;
mod success_rate;

/// Calls an iteration where a single one takes about a cycle of the clock, too little to be told from nothing.
const CALLS: u32 = 100;

/// Hands over the cases of this area.
pub(crate) fn cases(harness: &mut impl Harness) {
    startup::cases(harness);
    config::cases(harness);
    params::cases(harness);
    result::cases(harness);
    run::cases(harness);
    success_rate::cases(harness);
    super::report::cases(harness);
    super::action::cases(harness);
}
