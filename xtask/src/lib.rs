//! benchgate: measures two versions of a workspace's benches side by side and decides, with suite-wide error control,
//! whether the candidate became slower or heavier.
//!
//! Data flows one way: `collect -> model -> stats -> gate -> report`; `store` and `config` feed `gate`. The core
//! (`model`, `stats`, `gate`, `report`) does no I/O and reads no clock; `tests/it/tidy.rs` reads the `use` lines to keep it so.

pub mod model;

pub mod stats;

pub mod gate;

pub mod report;

pub mod collect;

#[path = "preload/lib.rs"]
pub mod preload;

#[path = "reference/main.rs"]
pub mod reference;

pub mod explain;

pub mod store;

pub mod config;

pub mod cli;
