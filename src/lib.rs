//! Hot-path building blocks.

pub mod pools;
pub mod serialization;
