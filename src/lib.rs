//! Hot-path building blocks: small, measured, and each with a plain variant beside it that it is held against.
//!
//! | block | take it when | do not take it when |
//! |---|---|---|
//! | [`serialization`] | result records are written as JSON often, into a buffer that you keep | the type changes often, or nobody waits: derive `Serialize` and call serde_json |
//! | [`pools`] | buffers or records of a few kilobytes come and go on a path that is measured | values are small: the allocator is as fast as a shared pool, and frees what is not needed |
//! | [`breakers`] | calls go to something that fails for minutes at a time, and trying makes it worse | failures are rare and single: retry |
//! | [`metrics`] | operations of microseconds are counted and timed on several threads | a few hundred values on one thread: [`metrics::Histogram`] alone, or a sorted `Vec` |
//! | [`executor`] | parts are costly to build, some runs need few of them, and building may fail | one value that cannot fail: `std::sync::LazyLock` |
//! | [`executor::actions`] | steps wait for something, and some may run side by side | steps only compute: a thread costs more than a thousand of them |
//! | [`executor::report`] | results become a page, often or by the thousand | the page changes often: a template engine |
//! | [`analysis`] | text is searched for many patterns at once | one literal: `str::contains` |
//!
//! # Features
//! An area is a feature, and all are on by default. What is off is not compiled, nor are the crates that it alone needs; each area
//! needs `thiserror`, and nothing else where nothing is named.
//!
//! | feature | areas | crates |
//! |---|---|---|
//! | `serialization` | [`serialization`] | serde, serde_json, wide, zmij |
//! | `pools` | [`pools`]; [`serialization::pooled`] and [`pools::result`] with `serialization` | none |
//! | `breakers` | [`breakers`] | none |
//! | `metrics` | [`metrics`] | none |
//! | `executor` | [`executor`], [`analysis`]; takes `serialization` and `pools` along | itoa, regex-automata |
//!
//! ```toml
//! [dependencies]
//! perfblocks = { version = "0.1", default-features = false, features = ["breakers"] }
//! ```
//!
//! # What holds throughout
//! - Variants of one thing give the same result, byte for byte where there are bytes. Tests prove that with generated input before
//!   anything is timed.
//! - Lengths are in bytes, durations in nanoseconds, unless the name says otherwise. Each module has its own error type. What
//!   panics says so.
//! - `unsafe` is forbidden but in one private module of a page, which each pool, breaker and recorder has its slots of threads from.
//! - The clock is read by `breakers::Monotonic` and `executor::cloud::Memory` only, files are touched below [`executor`] only, where
//!   a name or a path says so; no environment and no entropy is read.
//! - Sizes, thresholds and the shapes of records are those of the programs that they were modelled on, named where they stand.
//!
//! # Example
//! A buffer that is kept makes the writer free of allocations:
//! ```
//! use perfblocks::serialization::{KeyOrder, Map, Nanos, Record, direct};
//! let mut metrics = Map::new(KeyOrder::Insertion);
//! metrics.insert("requests", 100_i64);
//! let record = Record { app_name: "Shop".into(), duration: Nanos(1_500_000), metrics, success: true, ..Record::default() };
//! let mut buffer = Vec::with_capacity(1024);
//! direct::append(&record, &mut buffer);
//! assert!(buffer.ends_with(br#""metrics":{"requests":100},"screenshots":[],"videos":[],"success":true}"#));
//! ```
#![warn(missing_docs)]

#[cfg(feature = "executor")]
#[forbid(unsafe_code)]
pub mod analysis;
#[cfg(feature = "breakers")]
#[forbid(unsafe_code)]
pub mod breakers;
#[cfg(feature = "executor")]
#[forbid(unsafe_code)]
pub mod executor;
#[cfg(feature = "metrics")]
#[forbid(unsafe_code)]
pub mod metrics;
#[cfg(any(feature = "pools", feature = "breakers", feature = "metrics"))]
#[cfg_attr(loom, path = "per_thread/none.rs")]
mod per_thread;
#[cfg(feature = "pools")]
#[forbid(unsafe_code)]
pub mod pools;
#[cfg(feature = "serialization")]
#[forbid(unsafe_code)]
pub mod serialization;
#[cfg(any(feature = "pools", feature = "breakers", feature = "metrics"))]
#[forbid(unsafe_code)]
mod sync;
