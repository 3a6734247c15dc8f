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
//! where the first request must be as fast as the next: the work is the same, only its moment differs, and a run that uses every
//! part costs as much either way. For one value without failure, take `std::sync::LazyLock`: it is as fast and a line long.
//!
//! What a part costs is dominated by its pattern tables. [`DetectorTables::PerInstance`] compiles them for each executor, as
//! the original does, and is what the start-up benches measure; [`DetectorTables::Shared`] compiles them once for the process,
//! so that its first executor pays, as the cold benches show, and all others get them for nothing. Without part, an executor
//! costs a move of its configuration and no allocation; a part that is there costs a load and a branch.
//!
//! | module | what it is for | what it costs |
//! |---|---|---|
//! | [`suite`] | what a run is told, from a file that is parsed again only when it changed | a look at the file system, no allocation |
//! | [`actions`] | runs the actions of a test | a thread a worker; one allocation in turn |
//! | [`cloud`] | keeps artifacts in a store, and cleans up by age and number | a file each; a clean-up looks at all |
//! | [`params`] | parameters of an action, by kind | a comparison a key, no allocation |
//! | [`Results`] | what runs resulted in, until it is cleared | a record each; nothing once cleared |
//! | [`success_rate`] | the share that succeeded, of records or flags | a cache line a record, a bit a flag |
//! | [`report`] | results as HTML | one allocation a page |
//!
//! An executor pools nothing: what it built is freed by [`Executor::release`] or with it, once, by ownership.
//!
//! ```
//! use perfblocks::executor::{Config, Executor, Part};
//! let executor = Executor::new(Config::default()); // nothing is built yet
//! assert_eq!(executor.detect("a deadlock").len(), 1); // the detector is, now
//! assert_eq!([Part::ErrorDetector, Part::AiTester].map(|part| executor.attempts(part)), [1, 0]);
//! ```

pub mod actions;
pub mod analytics;
pub mod cloud;
pub mod config;
pub mod enterprise;
mod lazy;
pub mod params;
mod part;
pub mod report;
mod results;
mod slot;
pub mod success_rate;
pub mod suite;
mod whole;

pub use config::{Config, DetectorTables};
pub use lazy::{Executor, Footprint};
pub use part::{Part, Unavailable};
pub use results::Results;
pub use slot::Slot;
