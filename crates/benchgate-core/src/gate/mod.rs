//! Policy + evidence -> verdicts and states, claims, census, exit code. Pure: imports `model` and `stats`.

mod acceptances;
mod calibration;
mod cause;
mod claim;
mod claims;
mod confirm;
mod counts;
mod difference;
mod exit;
mod finding;
#[cfg(test)]
mod fixture;
mod flagged;
mod flame;
mod forecast;
mod grounds;
mod headline;
mod health;
mod judge;
mod outcome;
mod percent;
mod policy;
mod reach;
mod recorded;
mod reproduce;
#[cfg(test)]
mod resampled;
mod schedule;
mod shift;
mod status;
mod suite;
mod throughput;
mod times;
mod undecided;

pub use calibration::{
    FEWEST_PAIRS, PATHS, PLANTED_EFFECTS, Pool, Recorded, Signs, Supported, TOLERANCES, calibrated_bench, count_run,
    resample, supported_tolerance, verdict_seconds,
};
pub use cause::{Cause, FunctionShares, SiteChange};
pub use claim::{Bound, Claim, ClaimKind, Expect, Needs, Point, Source};
pub use claims::{fewest_refuting_pairs, is_crowded, is_decided, statements};
pub use confirm::{
    Confirmed, FlaggedCounts, Fresh, LINK_ORDERS, MANY_LINK_ORDERS, MORE_LINK_ORDERS, Waiting, confirm, link_orders,
    next_waiting, undecided,
};
pub use exit::ExitCode;
pub use flame::{Flame, Flames, flames};
pub use forecast::forecast;
pub use grounds::{ConfirmationGrounds, Grounds, Meanwhile, Origin, TimeGrounds, grounds};
pub use health::{Check, CheckState, examine};
pub use judge::{add_causes, judge};
pub use outcome::{
    AcceptanceRow, AcceptanceState, Census, ClaimRow, ClaimState, Effect, Open, Outcome, Rating, Relinked, Row,
};
pub use policy::{Action, Canary, Class, DEFAULT_TIME_TOLERANCE, IdGlobs, Policy, Tier, ToleranceRule};
pub use reach::Reach;
pub use recorded::{APART, FEWEST_GATING, FEWEST_SHOWN, Stored, counted, recorded_time, sittings, stored};
pub use reproduce::repeat;
pub use schedule::wanted;
pub use status::{Status, Word};
pub use suite::{Bet, Bets, MISS_BETA, PAIR_CAP, QUICK_PAIR_CAP, SUITE_ALPHA, TimeState, TimeSuite, TimeVerdict};
pub use times::tau;

// Renderers that draw pairs use the estimator that decided.
pub use crate::stats::{Direction, clopper_pearson, median, pair_effect};
