//! The planted slowdown. This file alone is rewritten to plant one.

/// Per cent of more work.
pub(crate) const PLANT_PERCENT: u32 = 0;
