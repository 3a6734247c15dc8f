//! What the engine tells while it measures. It prints and draws nothing: progress and traces are made of these.

use std::time::Instant;

use crate::collect::{Doubt, Interleaving};
use benchgate_core::model::{BenchKey, Conditions, Side};

/// Something happened.
#[derive(Clone, Debug)]
pub enum Event<'a> {
    /// A step begins, in words.
    Step(String),
    /// A pair of one benchmark was taken.
    Pair(PairEvent<'a>),
    /// Measuring goes on.
    Decided {
        /// Series that are decided.
        decided: usize,
        /// All of them.
        series: usize,
        /// Pairs so far.
        pairs: u64,
        /// Estimate of what is left.
        seconds_left: f64,
    },
}

/// One pair.
#[derive(Clone, Debug)]
pub struct PairEvent<'a> {
    pub bench: &'a BenchKey,
    pub started: Instant,
    pub ended: Instant,
    /// Who ran first.
    pub first: Side,
    pub interleaving: Interleaving,
    pub conditions: &'a Conditions,
    /// Why it is measured again, if it is.
    pub doubt: Option<Doubt>,
}
