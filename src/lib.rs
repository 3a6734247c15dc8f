//! Hot-path building blocks.
