//! Hot-path building blocks.

pub mod serialization;
