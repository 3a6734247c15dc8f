//! Integration tests of the library, one binary.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod actions;
mod benches;
mod breakers;
#[path = "../../benches/cases/mod.rs"]
mod cases;
mod docs;
mod executor;
mod metrics;
mod report;
mod serialization;

use cases::serialization::records;
