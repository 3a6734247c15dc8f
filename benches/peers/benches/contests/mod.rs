//! The contests: one job, done by this library and by each peer, and the result of each held against what is expected
//! before anything is timed.
//!
//! Cases, threads and harnesses are those of the library's own benches.
#![allow(dead_code, reason = "each target takes one area and one harness of this module")]

#[path = "../../../cases/case.rs"]
pub(crate) mod case;
#[path = "../../../cases/cold.rs"]
pub(crate) mod cold;
#[path = "../../../cases/crew.rs"]
pub(crate) mod crew;
#[path = "../../../cases/harness.rs"]
pub(crate) mod harness;
#[path = "../../../cases/heap.rs"]
pub(crate) mod heap;
#[path = "../../../cases/id.rs"]
pub(crate) mod id;
#[path = "../../../cases/settings.rs"]
pub(crate) mod settings;
#[path = "../../../cases/time.rs"]
pub(crate) mod time;

pub(crate) mod breakers;
pub(crate) mod contest;
pub(crate) mod metrics;
pub(crate) mod pools;
pub(crate) mod serialization;
