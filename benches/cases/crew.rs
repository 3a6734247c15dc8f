//! Threads that iterate together on a shared state.
//!
//! ```text
//! caller   post iterations, wait for the others | clock | its share | wait for the others | clock
//! others   parked ................ awake, spin  |         its share | parked
//! ```
//!
//! The caller is one of the threads, so one thread is timed without any hand-over, and the clock starts when all are awake:
//! waking up is not part of the time. Only the caller reads the clock.

use std::hint::{black_box, spin_loop};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Spins before a waiting thread gives its time slice away: a few microseconds, for where threads outnumber cores.
const SPINS: u32 = 1000;

/// Iterations to post that mean: end.
const END: u64 = u64::MAX;

struct Line {
    /// Parks the others between runs.
    gate: Barrier,
    /// Iterations of the next run.
    iterations: AtomicU64,
    /// Others that are awake and at the start.
    ready: AtomicUsize,
    /// Runs that have started.
    started: AtomicU64,
    /// Others that have done their share.
    done: AtomicUsize,
    threads: usize,
}

impl Line {
    /// Iterations of thread `index`: an equal share, the first threads take the rest.
    fn share(&self, iterations: u64, index: usize) -> u64 {
        let (threads, index) = (self.threads as u64, index as u64);
        iterations / threads + u64::from(index < iterations % threads)
    }
}

/// The threads of a threaded case.
pub(crate) struct Crew<Own> {
    line: Arc<Line>,
    own: Own,
    runs: u64,
    others: Vec<JoinHandle<()>>,
}

impl Crew<()> {
    /// Parks `threads - 1` threads; the caller is the remaining one.
    pub(crate) fn new<S, O>(
        threads: usize,
        state: Arc<S>,
        run: impl Fn(&S) -> O + Clone + Send + 'static,
    ) -> Crew<impl Fn(u64)>
    where
        S: Send + Sync + 'static,
    {
        let line = Arc::new(Line {
            gate: Barrier::new(threads),
            iterations: AtomicU64::new(0),
            ready: AtomicUsize::new(0),
            started: AtomicU64::new(0),
            done: AtomicUsize::new(0),
            threads,
        });
        let iterate = move |iterations| {
            for _ in 0..iterations {
                black_box(run(black_box(&*state)));
            }
        };
        let others = (1..threads)
            .map(|index| {
                let (line, iterate) = (Arc::clone(&line), iterate.clone());
                std::thread::spawn(move || attend(&line, index, iterate))
            })
            .collect();
        Crew { line, own: iterate, runs: 0, others }
    }
}

impl<Own: Fn(u64)> Crew<Own> {
    /// Runs `iterations` split over the threads; the time from when all are awake until all are done.
    pub(crate) fn run(&mut self, iterations: u64) -> Duration {
        let line = &self.line;
        line.iterations.store(iterations, Ordering::Relaxed);
        line.ready.store(0, Ordering::Relaxed);
        line.done.store(0, Ordering::Relaxed);
        line.gate.wait();
        self.runs += 1;
        wait_until(|| line.ready.load(Ordering::Acquire) == line.threads - 1);
        let start = Instant::now();
        line.started.store(self.runs, Ordering::Release);
        (self.own)(line.share(iterations, 0));
        wait_until(|| line.done.load(Ordering::Acquire) == line.threads - 1);
        start.elapsed()
    }
}

impl<Own> Drop for Crew<Own> {
    fn drop(&mut self) {
        self.line.iterations.store(END, Ordering::Relaxed);
        self.line.gate.wait();
        for other in self.others.drain(..) {
            other.join().expect("a panic on another thread ends the process");
        }
    }
}

/// Ends the process when its thread panics: the caller would wait for it for ever.
struct Ender;

impl Drop for Ender {
    fn drop(&mut self) {
        if std::thread::panicking() {
            std::process::exit(101);
        }
    }
}

/// What each of the others does until the end.
fn attend(line: &Line, index: usize, own: impl Fn(u64)) {
    let _ender = Ender;
    for runs in 1.. {
        line.gate.wait();
        let iterations = line.iterations.load(Ordering::Relaxed);
        if iterations == END {
            return;
        }
        line.ready.fetch_add(1, Ordering::Release);
        wait_until(|| line.started.load(Ordering::Acquire) == runs);
        own(line.share(iterations, index));
        line.done.fetch_add(1, Ordering::Release);
    }
}

fn wait_until(is_so: impl Fn() -> bool) {
    let mut spins = 0;
    while !is_so() {
        spins += 1;
        if spins < SPINS { spin_loop() } else { std::thread::yield_now() }
    }
}
