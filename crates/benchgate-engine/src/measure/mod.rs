//! Taking pairs: which readings are believed, which are doubted and taken again, and when a benchmark is given up. What pairs mean
//! is decided in `benchgate_core::gate`.

mod coexistence;
mod rule;
mod sharing;
mod trial;

pub use rule::{CLAIMS, LINK_ORDERS, RECORDINGS, Rule, SERIES};
pub use sharing::{Cost, efforts, round_seconds};
pub use trial::{ONE_AT_A_TIME, Taken, Trial};
