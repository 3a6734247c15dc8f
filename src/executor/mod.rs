//! A test executor that builds its costly parts when they are first needed.
//!
//! ```text
//!                   configuration ──┬─ always ── test generator ─┐
//!                                   │            error detector ─┴─> AI tester
//!                                   ├─ [cloud] ─ cloud manager ────> cloud analytics
//!                                   └─ [enterprise] ─ enterprise integration
//! ```
//!
//! Take a lazy executor ([`Executor::new`]) where most runs use few parts, and [`Executor::new_eager`] or [`Executor::warm`]
//! where the first request must be as fast as the next: the work is the same, only its moment differs. For one value without
//! failure, take `std::sync::LazyLock`: it is as fast and a line long.
//!
//! What a part costs is dominated by its pattern tables. [`DetectorTables::PerInstance`] compiles them for each executor, as
//! the original does, and is what the start-up benches measure; [`DetectorTables::Shared`] compiles them once for the process.

pub mod actions;
pub mod analytics;
pub mod cloud;
pub mod config;
pub mod enterprise;
mod lazy;
mod part;
pub mod report;
mod slot;
mod whole;

pub use config::{Config, DetectorTables};
pub use lazy::{Executor, Footprint};
pub use part::{Part, Unavailable};
pub use slot::Slot;
