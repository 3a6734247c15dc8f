//! Policy + evidence -> verdicts and states, claims, census, exit code. Pure: imports `model` and `stats`.

mod exit;
mod outcome;
mod policy;
mod schedule;
mod status;
mod suite;

pub use exit::ExitCode;
pub use outcome::{Census, ClaimRow, Effect, Outcome, Rating, Row};
pub use policy::{Action, Claim, ClaimKind, Class, IdGlobs, Policy, Source, ToleranceRule};
pub use schedule::{Wanted, wanted};
pub use status::{Status, Word};
pub use suite::{MISS_BETA, PAIR_CAP, QUICK_PAIR_CAP, SUITE_ALPHA, TimeState, TimeSuite, TimeVerdict};
