//! Breakers: a closed one lets a call through and takes its success into account.
//!
//! Each has its usual way of counting. Ours and `failsafe` open after ten failures in a row, `recloser` at half of the last
//! hundred calls; `failsafe_window`, its default, at a rate over a time as well.
//!
//! `breaker_totals` is the same with totals that are exact: of all calls since the breaker was made, how many succeeded. Ours
//! keeps them in any case. The others keep none, so that their caller counts, in a number that all threads share.

use super::case::Threaded;
use super::contest::{THREADS, shared};
use super::harness::Harness;
use failsafe::CircuitBreaker;
use perfblocks::breakers::{Breaker, Settings};
use recloser::Recloser;
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};

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
    ours(harness, what, "perfblocks", UNLIMITED);
    ours(harness, what, "perfblocks_limited", Settings::DOCKER_CLIENT);
    let call = |breaker: &Recloser| breaker.call(noop).ok();
    shared(harness, what, "recloser", EXPECTED, || Recloser::custom().build(), call);
    failsafes(harness, what);
    totals(harness);
}

/// Without a limit of calls in flight, which no other has.
const UNLIMITED: Settings = Settings { max_in_flight: None, ..Settings::DOCKER_CLIENT };

fn ours(harness: &mut impl Harness, what: &str, name: &str, settings: Settings) {
    let build = move || Breaker::new(settings).expect("the documented defaults are consistent");
    shared(harness, what, name, EXPECTED, build, |breaker: &Breaker| breaker.call(noop).into_result().ok());
}

fn failsafes(harness: &mut impl Harness, what: &str) {
    shared(harness, what, "failsafe", EXPECTED, consecutive, |breaker| breaker.call(noop).ok());
    let window = || failsafe::Config::new().build();
    shared(harness, what, "failsafe_window", EXPECTED, window, |breaker| breaker.call(noop).ok());
}

/// Opens after as many failures in a row as ours.
fn consecutive() -> impl CircuitBreaker + Send + Sync + 'static {
    let Settings { failure_threshold, recovery, .. } = Settings::DOCKER_CLIENT;
    let policy =
        failsafe::failure_policy::consecutive_failures(failure_threshold, failsafe::backoff::constant(recovery));
    failsafe::Config::new().failure_policy(policy).build()
}

/// A breaker and how many of its calls succeeded, on a line of its own.
struct Counted<B> {
    breaker: B,
    succeeded: Line,
}

#[derive(Default)]
#[repr(align(128))]
struct Line(AtomicU64);

impl<B> Counted<B> {
    fn new(breaker: B) -> Self {
        Self { breaker, succeeded: Line::default() }
    }

    /// Counts the outcome of a call.
    fn count<E>(&self, outcome: Result<u64, E>) -> Option<u64> {
        let value = outcome.ok()?;
        self.succeeded.0.fetch_add(1, Ordering::Relaxed);
        Some(value)
    }

    fn total(&self) -> u64 {
        self.succeeded.0.load(Ordering::Relaxed)
    }
}

fn totals(harness: &mut impl Harness) {
    let build = || Breaker::new(UNLIMITED).expect("the documented defaults are consistent");
    let call = |breaker: &Breaker| breaker.call(noop).into_result().ok();
    totalled(harness, "perfblocks", build, call, |breaker| breaker.counts().succeeded);
    let build = || Counted::new(Recloser::custom().build());
    let call = |counted: &Counted<Recloser>| counted.count(counted.breaker.call(noop));
    totalled(harness, "recloser", build, call, Counted::total);
    let build = || Counted::new(consecutive());
    totalled(harness, "failsafe", build, |counted| counted.count(counted.breaker.call(noop)), Counted::total);
}

/// A contestant: `peers/breaker_totals/<name>/mt@t1` and `…@t2`. Its total is held against the iterations.
fn totalled<S: Send + Sync + 'static>(
    harness: &mut impl Harness,
    name: &str,
    build: impl Fn() -> S,
    call: impl Fn(&S) -> Option<u64> + Clone + Send + 'static,
    total: impl Fn(&S) -> u64 + 'static,
) {
    harness.threaded(
        Threaded::new(&format!("peers/breaker_totals/{name}/mt"), THREADS, build, call)
            .check(move |breaker, iterations| assert_eq!(total(breaker), iterations)),
    );
}
