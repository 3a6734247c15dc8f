//! Hot-path building blocks.

pub mod analysis;
pub mod pools;
pub mod serialization;
