//! Measuring: which pair is taken next, which readings are believed, which are doubted and taken again, when a benchmark is given
//! up, and when it all ends. Readings come from a [`Driver`]; what pairs mean is decided in `benchgate_core::gate`.
#![expect(clippy::disallowed_methods, reason = "the driver of bench processes reads the clock")]

mod advisory;
mod coexistence;
mod driver;
mod engine;
mod event;
mod rule;
mod series;
mod sharing;
mod target;
mod trial;

pub use advisory::advisory;
pub use driver::{Driver, Looked, SideDriver};
pub use engine::{Ended, Engine, Events};
pub use event::{Event, PairEvent};
pub use rule::{CLAIMS, LINK_ORDERS, RECORDINGS, Rule, SERIES};
pub use series::{Group, TimeSeries};
pub use target::{BuiltSide, Target};
pub use trial::{ONE_AT_A_TIME, Taken, Trial};
