//! What decides: `model` holds what was measured, `stats` estimates and tests, `gate` turns evidence and a policy into a verdict
//! for each series and one exit code.
//!
//! Nothing here does I/O or reads a clock, and no dependency does.

pub mod gate;
pub mod model;
pub mod stats;
