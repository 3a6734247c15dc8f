//! The report in a browser: Chromium without a window opens it from a file, and what a reader would do is done to it.
//!
//! Runs where there is a Chromium; otherwise each test says that it was skipped. One browser serves all tests, one page at a
//! time, by the DevTools protocol. Nothing here depends on how long anything takes: conditions are waited for.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests are at the edge, and one that cannot go on panics"
)]

use benchgate_core::{gate, model};

mod accessibility;
mod browser;
#[allow(dead_code, reason = "the unit tests of the renderers use the rest")]
#[path = "../../src/fixture.rs"]
mod fixture;
mod flame;
mod large;
mod page;
mod pictures;
mod safety;
mod view;
mod without_script;
