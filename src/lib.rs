//! Hot-path building blocks.

pub mod analysis;
pub mod executor;
pub mod pools;
pub mod serialization;
