//! Policy + evidence -> verdicts and states, claims, census, exit code. Pure: imports `model` and `stats`.

mod exit;
mod outcome;
mod policy;
mod status;

pub use exit::ExitCode;
pub use outcome::{Census, ClaimRow, Effect, Outcome, Rating, Row};
pub use policy::{Action, Claim, ClaimKind, Class, IdGlobs, Policy, Source, ToleranceRule};
pub use status::{Status, Word};
