//! Breakers: a closed one lets a call through and takes its success into account.
//!
//! Each has its usual way of counting. Ours and `failsafe` open after ten failures in a row, `recloser` at half of the last
//! hundred calls; `failsafe_window`, its default, at a rate over a time as well.

use super::contest::shared;
use super::harness::Harness;
use failsafe::CircuitBreaker;
use perfblocks::breakers::{Breaker, Settings};
use recloser::Recloser;
use std::hint::black_box;

/// The protected call: it succeeds at once, and is not inlined, as a real one would not be.
#[inline(never)]
fn noop() -> Result<u64, u8> {
    black_box(Ok(7))
}

const EXPECTED: Option<u64> = Some(7);

/// Hands over the cases of this area.
pub(crate) fn cases(harness: &mut impl Harness) {
    let what = "breaker_closed";
    shared(harness, what, "direct_call", EXPECTED, || (), |()| noop().ok());
    ours(harness, what, "perfblocks", Settings { max_in_flight: None, ..Settings::DOCKER_CLIENT });
    ours(harness, what, "perfblocks_limited", Settings::DOCKER_CLIENT);
    let call = |breaker: &Recloser| breaker.call(noop).ok();
    shared(harness, what, "recloser", EXPECTED, || Recloser::custom().build(), call);
    failsafes(harness, what);
}

fn ours(harness: &mut impl Harness, what: &str, name: &str, settings: Settings) {
    let build = move || Breaker::new(settings).expect("the documented defaults are consistent");
    shared(harness, what, name, EXPECTED, build, |breaker: &Breaker| breaker.call(noop).into_result().ok());
}

fn failsafes(harness: &mut impl Harness, what: &str) {
    let Settings { failure_threshold, recovery, .. } = Settings::DOCKER_CLIENT;
    let consecutive = move || {
        let policy =
            failsafe::failure_policy::consecutive_failures(failure_threshold, failsafe::backoff::constant(recovery));
        failsafe::Config::new().failure_policy(policy).build()
    };
    shared(harness, what, "failsafe", EXPECTED, consecutive, |breaker| breaker.call(noop).ok());
    let window = || failsafe::Config::new().build();
    shared(harness, what, "failsafe_window", EXPECTED, window, |breaker| breaker.call(noop).ok());
}
