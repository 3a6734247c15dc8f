//! Recorders: one latency, in nanoseconds, recorded where other threads may record too, so that none is lost.
//!
//! Latencies go round a table. hdrhistogram's recorder belongs to a thread: each thread of that contestant has its own, as
//! its documentation has it, and what they record is added up in one histogram.

use super::case::{Case, Threaded};
use super::harness::Harness;
use hdrhistogram::sync::{Recorder as HdrRecorder, SyncHistogram};
use histogram::AtomicHistogram;
use perfblocks::metrics::{Key, Operation, Recorder};
use prometheus::HistogramOpts;
use prometheus_client::metrics::histogram::Histogram as ClientHistogram;
use std::cell::{Cell, RefCell};
use std::sync::Mutex;

/// A power of two, so that going round is a mask.
const LATENCIES: usize = 1024;

/// Threads that share the recorder: alone, and against one other.
const THREADS: &[usize] = &[1, 2];

/// The longest latency that a recorder needs to tell apart: a minute.
const LONGEST_NS: u64 = 60_000_000_000;

/// Between 20 microseconds and 120 milliseconds, most of them short: xorshift, to the fourth power.
fn latencies() -> [u64; LATENCIES] {
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    [0; LATENCIES].map(|_: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let share = (random >> 40) as f64 / (1_u64 << 24) as f64;
        20_000 + (120e6 * share.powi(4)) as u64
    })
}

/// A recorder, the latencies that it is given, and the next one of them.
struct Recording<R> {
    recorder: R,
    latencies: Box<[u64; LATENCIES]>,
    turn: usize,
}

impl<R> Recording<R> {
    fn new(recorder: R) -> Self {
        Self { recorder, latencies: Box::new(latencies()), turn: 0 }
    }
}

/// Hands over the cases of this area.
pub(crate) fn cases(harness: &mut impl Harness) {
    let build = || {
        let recorder = Recorder::default();
        let key = recorder.operation("inspect");
        (recorder, key)
    };
    let record = |(recorder, key): &(Recorder, Key<Operation>), ns| recorder.latency(*key, ns);
    shared(harness, "perfblocks", build, record, |(recorder, key)| recorder.latencies(*key).count());
    hdr(harness);
    // As ours: 2^5 buckets to each doubling, up to 2^48 - 1.
    let build = || AtomicHistogram::new(5, 48).expect("consistent parameters");
    let record = |recorder: &AtomicHistogram, ns| recorder.increment(ns).expect("latencies are below three days");
    shared(harness, "histogram", build, record, |recorder| recorder.load().as_slice().iter().sum());
    prometheus(harness);
}

/// Bucket limits in seconds, the defaults of both.
const BUCKETS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

fn prometheus(harness: &mut impl Harness) {
    let build = || {
        let options = HistogramOpts::new("latency", "of an operation").buckets(BUCKETS.to_vec());
        prometheus::Histogram::with_opts(options).expect("the buckets are in order")
    };
    let record = |recorder: &prometheus::Histogram, ns| recorder.observe(ns as f64 * 1e-9);
    shared(harness, "prometheus", build, record, prometheus::Histogram::get_sample_count);
    let record = |recorder: &ClientHistogram, ns| recorder.observe(ns as f64 * 1e-9);
    shared(harness, "prometheus_client", || ClientHistogram::new(BUCKETS), record, ClientHistogram::count);
}

/// A contestant that all threads reach by reference: `peers/recorder/<name>/alone` and `…/mt@t1`, `…/mt@t2`. What it has
/// recorded is counted and held against the iterations.
fn shared<R: Send + Sync + 'static>(
    harness: &mut impl Harness,
    name: &str,
    build: impl Fn() -> R + Copy,
    record: impl Fn(&R, u64) + Copy + Send + 'static,
    count: impl Fn(&R) -> u64 + Copy + 'static,
) {
    let alone = move |recording: &mut Recording<R>| {
        let ns = recording.latencies[recording.turn % LATENCIES];
        recording.turn += 1;
        record(&recording.recorder, ns);
        recording.turn
    };
    harness.case(
        Case::new(&format!("peers/recorder/{name}/alone"), move || Recording::new(build()), alone)
            .check(move |recording, turn| assert_eq!(count(&recording.recorder), *turn as u64)),
    );
    let turn = Cell::new(0);
    let together = move |recording: &Recording<R>| {
        let ns = recording.latencies[turn.get() % LATENCIES];
        turn.set(turn.get() + 1);
        record(&recording.recorder, ns);
    };
    harness.threaded(
        Threaded::new(&format!("peers/recorder/{name}/mt"), THREADS, move || Recording::new(build()), together)
            .check(move |recording, iterations| assert_eq!(count(&recording.recorder), iterations)),
    );
}

/// The histogram that the recorders of all threads add up in, at two significant digits. It cannot be read while a
/// recorder is idle, so that the contestant is tried on one that is dropped.
fn hdr_histogram() -> SyncHistogram<u64> {
    let empty =
        || hdrhistogram::Histogram::new_with_bounds(1, LONGEST_NS, 2).expect("consistent parameters").into_sync();
    let mut tried: SyncHistogram<u64> = empty();
    let mut recorder = tried.recorder();
    latencies().iter().for_each(|ns| recorder.saturating_record(*ns));
    drop(recorder);
    tried.refresh();
    assert_eq!(tried.len(), LATENCIES as u64);
    empty()
}

/// A thread's own recorder; a copy for another thread has none yet.
#[derive(Default)]
struct Own(RefCell<Option<HdrRecorder<u64>>>);

impl Clone for Own {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// hdrhistogram's recorder: `alone` owns it, and threads have one each in a cell of their own.
fn hdr(harness: &mut impl Harness) {
    let build = || Recording::new(hdr_histogram().recorder());
    let alone = |recording: &mut Recording<HdrRecorder<u64>>| {
        let ns = recording.latencies[recording.turn % LATENCIES];
        recording.turn += 1;
        recording.recorder.saturating_record(ns);
        recording.turn
    };
    harness.case(Case::new("peers/recorder/hdrhistogram/alone", build, alone));
    let (own, turn) = (Own::default(), Cell::new(0));
    let together = move |recording: &Recording<Mutex<SyncHistogram<u64>>>| {
        let ns = recording.latencies[turn.get() % LATENCIES];
        turn.set(turn.get() + 1);
        let first = || recording.recorder.lock().expect("nobody panics under it").recorder();
        own.0.borrow_mut().get_or_insert_with(first).saturating_record(ns);
    };
    let build = || Recording::new(Mutex::new(hdr_histogram()));
    harness.threaded(Threaded::new("peers/recorder/hdrhistogram/mt", THREADS, build, together));
}
