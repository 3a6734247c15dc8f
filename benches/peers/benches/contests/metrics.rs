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
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

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

/// The histogram that the recorders of all threads add up in, at two significant digits. Reading it waits for every recorder
/// that is not idle, so it is read when there is none.
fn hdr_histogram() -> SyncHistogram<u64> {
    hdrhistogram::Histogram::new_with_bounds(1, LONGEST_NS, 2).expect("consistent parameters").into_sync()
}

/// hdrhistogram's recorder: `alone` owns it, and threads have one each in a cell of their own.
fn hdr(harness: &mut impl Harness) {
    let build = || {
        let histogram = hdr_histogram();
        (Recording::new(RefCell::new(histogram.recorder())), RefCell::new(histogram))
    };
    let alone = |(recording, _): &mut (Recording<RefCell<HdrRecorder<u64>>>, _)| {
        let ns = recording.latencies[recording.turn % LATENCIES];
        recording.turn += 1;
        recording.recorder.get_mut().saturating_record(ns);
        recording.turn
    };
    harness.case(Case::new("peers/recorder/hdrhistogram/alone", build, alone).check(|(recording, histogram), turn| {
        let mut histogram = histogram.borrow_mut();
        // What it recorded is seen once it is gone; another takes its place.
        drop(recording.recorder.replace(histogram.recorder()));
        let mut next = recording.recorder.borrow_mut();
        let idle = next.idle();
        histogram.refresh();
        drop(idle);
        assert_eq!(histogram.len(), *turn as u64);
    }));
    let own = Own::default();
    let together = move |recording: &Recording<Arc<Sum>>| {
        let ns = recording.latencies[own.turn.get() % LATENCIES];
        own.turn.set(own.turn.get() + 1);
        let first = || (recording.recorder.recorder(), Arc::clone(&recording.recorder));
        own.recorder.borrow_mut().get_or_insert_with(first).0.saturating_record(ns);
    };
    let build = || Recording::new(Arc::new(Sum { histogram: Mutex::new(hdr_histogram()), turns: AtomicU64::new(0) }));
    harness.threaded(Threaded::new("peers/recorder/hdrhistogram/mt", THREADS, build, together));
}

/// What the recorders of all threads have recorded, and how often they did. Held against each other at the end, when the
/// recorders are gone: as long as threads have them, all would have to record once more to be seen.
struct Sum {
    histogram: Mutex<SyncHistogram<u64>>,
    turns: AtomicU64,
}

impl Sum {
    fn recorder(&self) -> HdrRecorder<u64> {
        self.histogram.lock().expect("nobody panics under it").recorder()
    }
}

impl Drop for Sum {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let histogram = self.histogram.get_mut().expect("nobody panics under it");
            histogram.refresh();
            assert_eq!(histogram.len(), *self.turns.get_mut());
        }
    }
}

/// A thread's own recorder, with what it adds up in, and how often it recorded; a copy for another thread has none yet.
#[derive(Default)]
struct Own {
    recorder: RefCell<Option<(HdrRecorder<u64>, Arc<Sum>)>>,
    turn: Cell<usize>,
}

impl Clone for Own {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        if let Some((recorder, sum)) = self.recorder.take() {
            drop(recorder);
            sum.turns.fetch_add(self.turn.get() as u64, Ordering::Relaxed);
        }
    }
}
