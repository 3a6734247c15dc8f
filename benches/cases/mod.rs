//! The cases of all areas, each written once: for time with Criterion and for the heap with dhat.
//!
//! A bench target names one harness and one area: `cases::settings::time(cases::pools::cases)`.
#![allow(dead_code, reason = "each target takes one area and one harness of this module")]

pub(crate) mod case;
pub(crate) mod cold;
pub(crate) mod crew;
pub(crate) mod harness;
pub(crate) mod heap;
pub(crate) mod id;
pub(crate) mod settings;
pub(crate) mod time;

pub(crate) mod action;
pub(crate) mod breakers;
pub(crate) mod executor;
pub(crate) mod metrics;
pub(crate) mod pools;
pub(crate) mod report;
pub(crate) mod serialization;
