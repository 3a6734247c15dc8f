//! Cases of `metrics`. Latencies go round a table of pseudo-random ones, so that neither the bucket nor the branches for the
//! least and the greatest are the same each time; keys are looked up before.
//!
//! No timed part reads a clock: what is recorded was measured elsewhere.

use super::case::{Case, Measures, Threaded, Throughput};
use super::harness::Harness;
use perfblocks::metrics::{Custom, Event, Execution, Job, Key, Operation, Reason, Recorder, Snapshot, Status};
use std::cell::Cell;
use std::fmt::Write as _;

/// A power of two, so that going round is a mask.
const LATENCIES: usize = 1024;

/// Types of operations of the docker client of netresearch/ofelia, which its validation report counts as five.
const OPERATIONS: [&str; 5] = ["create", "start", "inspect", "logs", "remove"];

/// A recorder, the keys that the cases use, and latencies.
struct Recording {
    recorder: Recorder,
    operations: [Key<Operation>; 5],
    job: Key<Job>,
    reason: Key<Reason>,
    event: Key<Event>,
    custom: Key<Custom>,
    latencies: Box<[u64; LATENCIES]>,
}

impl Recording {
    fn new() -> Self {
        let recorder = Recorder::default();
        // Between 20 microseconds and 120 milliseconds, most of them short: xorshift, squared twice.
        let mut random = 0x9e37_79b9_7f4a_7c15_u64;
        let latencies = Box::new([0; LATENCIES].map(|_: u64| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let share = (random >> 40) as f64 / (1_u64 << 24) as f64;
            20_000 + (120e6 * share.powi(4)) as u64
        }));
        Self {
            operations: OPERATIONS.map(|name| recorder.operation(name)),
            job: recorder.job("backup"),
            reason: recorder.reason("still running"),
            event: recorder.event("die"),
            custom: recorder.custom("bytes"),
            recorder,
            latencies,
        }
    }

    fn latency(&self, turn: u64) -> u64 {
        self.latencies[turn as usize % LATENCIES]
    }

    /// One operation in sixteen fails.
    fn status(turn: u64) -> Status {
        if turn.is_multiple_of(16) { Status::Failed } else { Status::Ok }
    }
}

/// A recording and the number of the next iteration.
type State = (Recording, u64);

fn state() -> State {
    (Recording::new(), 0)
}

/// Iterates `record`, which gets the number of the iteration, and holds against that number what `seen` finds.
fn recording(
    harness: &mut impl Harness,
    id: &str,
    record: impl Fn(&Recording, u64) + 'static,
    seen: impl Fn(&Snapshot) -> u64 + 'static,
) {
    let iterate = move |(recording, turn): &mut State| {
        record(recording, *turn);
        *turn += 1;
        *turn
    };
    harness.case(
        Case::new(id, state, iterate)
            .check(move |(recording, _), turns| assert_eq!(seen(&recording.recorder.snapshot()), *turns)),
    );
}

/// Hands over the cases of this area.
pub(crate) fn cases(harness: &mut impl Harness) {
    operations(harness);
    jobs(harness);
    rest(harness);
    on_threads(harness);
    reading(harness);
}

fn operations(harness: &mut impl Harness) {
    let ended = |snapshot: &Snapshot| snapshot.operations.iter().map(|operation| operation.ok + operation.failed).sum();
    let timed = |snapshot: &Snapshot| snapshot.operations.iter().map(|operation| operation.latency.count).sum();
    recording(
        harness,
        "metrics/recorder/op/1key",
        |it, turn| it.recorder.count(it.operations[0], Recording::status(turn)),
        ended,
    );
    recording(
        harness,
        "metrics/recorder/latency/1key",
        |it, turn| it.recorder.latency(it.operations[0], it.latency(turn)),
        timed,
    );
    let op_latency = |it: &Recording, key: usize, turn| {
        it.recorder.ended(it.operations[key], it.latency(turn), Recording::status(turn));
    };
    recording(harness, "metrics/recorder/op_latency/1key", move |it, turn| op_latency(it, 0, turn), ended);
    let round_robin = move |it: &Recording, turn| op_latency(it, turn as usize % OPERATIONS.len(), turn);
    recording(harness, "metrics/recorder/op_latency/5keys", round_robin, timed);
}

fn jobs(harness: &mut impl Harness) {
    recording(
        harness,
        "metrics/recorder/job/1key",
        |it, turn| it.recorder.executed(it.job, execution(it, turn)),
        |snapshot| snapshot.jobs[0].totals.count(),
    );
    recording(
        harness,
        "metrics/recorder/retry/1key",
        |it, turn| it.recorder.retried(it.job, Recording::status(turn)),
        |snapshot| snapshot.jobs[0].totals.retries_ok + snapshot.jobs[0].totals.retries_failed,
    );
    recording(
        harness,
        "metrics/recorder/skip/1key",
        |it, _| it.recorder.skipped(it.reason),
        |snapshot| snapshot.skips[0].count,
    );
    recording(
        harness,
        "metrics/recorder/wait/1key",
        |it, turn| it.recorder.waited(it.latency(turn)),
        |snapshot| snapshot.waits.count,
    );
    // A job that starts while another runs, and ends: both numbers of the gauge change.
    let overlapping = |recording: &mut Recording| {
        let outer = recording.recorder.running();
        let inner = recording.recorder.running();
        drop(outer);
        drop(inner);
    };
    harness.case(
        Case::new("metrics/recorder/concurrent_jobs/1key", Recording::new, overlapping)
            .check(|recording, ()| {
                let running = recording.recorder.snapshot().running;
                assert_eq!((running.now, running.max), (0, 2));
            })
            .throughput(Throughput::Elements(2)),
    );
}

fn execution(recording: &Recording, turn: u64) -> Execution {
    Execution { status: Recording::status(turn), took_ns: recording.latency(turn), ended_at_ns: turn }
}

fn rest(harness: &mut impl Harness) {
    recording(
        harness,
        "metrics/recorder/container_event/1key",
        |it, _| it.recorder.happened(it.event),
        |snapshot| snapshot.events[0].count,
    );
    recording(
        harness,
        "metrics/recorder/custom/1key",
        |it, _| it.recorder.add(it.custom, 1),
        |snapshot| snapshot.customs[0].count,
    );
}

const THREADS: &[usize] = &[1, 2, 4, 8, 16];

thread_local! {
    /// The number of this thread's next iteration.
    static TURN: Cell<u64> = const { Cell::new(0) };
}

fn on_threads(harness: &mut impl Harness) {
    harness.threaded(
        Threaded::new("metrics/recorder/op_latency/mt", THREADS, Recording::new, |it: &Recording| {
            let turn = TURN.get();
            TURN.set(turn + 1);
            let operation = it.operations[turn as usize % OPERATIONS.len()];
            it.recorder.ended(operation, it.latency(turn), Recording::status(turn));
        })
        .check(|it, iterations| {
            let snapshot = it.recorder.snapshot();
            let counts: u64 = snapshot.operations.iter().map(|operation| operation.latency.count).sum();
            assert_eq!(counts, iterations);
        }),
    );
    let pair = |recorder: &Recorder| drop(recorder.running());
    harness.threaded(
        Threaded::new("metrics/recorder/job_gauge/mt", THREADS, Recorder::default, pair)
            .check(|recorder, _| {
                let running = recorder.snapshot().running;
                assert_eq!(running.now, 0);
                assert!((1..=16).contains(&running.max));
            })
            .measures(Measures::TimeHeap)
            .counters(|recorder| vec![("running_at_end", recorder.snapshot().running.now.into())]),
    );
}

/// Recorders that have seen something, read without being changed.
fn reading(harness: &mut impl Harness) {
    let used = || {
        let recording = Recording::new();
        for turn in 0..10_000 {
            let operation = recording.operations[turn as usize % OPERATIONS.len()];
            recording.recorder.ended(operation, recording.latency(turn / 5), Recording::status(turn));
        }
        recording
    };
    let p95 = |recording: &mut Recording| recording.recorder.quantile_ns(recording.operations[2], 0.95);
    harness.case(
        Case::new("metrics/recorder/quantile/p95", used, p95)
            .check(|recording, quantile| {
                // The 95th of a hundred in a sort, of the latencies that went to that operation.
                let mut latencies: Vec<u64> = (0..2000).map(|turn| recording.latency(turn)).collect();
                latencies.sort_unstable();
                let exact = latencies[1899];
                let found = quantile.expect("there are latencies");
                assert!(found.abs_diff(exact) <= exact / 64, "{found} for {exact}");
            })
            .counters(|recording| {
                let quantile = |q| recording.recorder.quantile_ns(recording.operations[2], q).unwrap_or_default();
                vec![("p50_ns", quantile(0.5)), ("p95_ns", quantile(0.95)), ("p99_ns", quantile(0.99))]
            }),
    );
    harness.case(
        Case::new("metrics/recorder/snapshot/5ops", used, |recording| recording.recorder.snapshot())
            .check(|_, snapshot| {
                assert_eq!(snapshot.operations.len(), 5);
                assert!(snapshot.operations.iter().all(|operation| operation.ok + operation.failed == 2000));
            })
            .throughput(Throughput::Elements(5)),
    );
    let with_jobs = || {
        let recording = Recording::new();
        for turn in 0..1000 {
            let job = recording.recorder.job(&format!("job {}", turn % 100));
            recording.recorder.executed(job, execution(&recording, turn));
        }
        recording
    };
    harness.case(
        Case::new("metrics/recorder/snapshot/100jobs", with_jobs, |recording| recording.recorder.snapshot())
            .check(|_, snapshot| {
                let counts = snapshot.jobs.iter().map(|job| job.totals.count());
                assert_eq!((snapshot.jobs.len(), counts.sum::<u64>()), (101, 1000));
            })
            .throughput(Throughput::Elements(100)),
    );
    summary(harness, used);
}

fn summary(harness: &mut impl Harness, used: impl Fn() -> Recording + 'static) {
    let build = move || {
        let recording = used();
        recording.recorder.executed(recording.job, execution(&recording, 1));
        (recording, Snapshot::default(), String::new())
    };
    let write = |(recording, snapshot, text): &mut (Recording, Snapshot, String)| {
        recording.recorder.snapshot_into(snapshot);
        text.clear();
        write!(text, "{snapshot}").expect("a string takes all text");
        text.len()
    };
    harness.case(
        Case::new("metrics/recorder/summary/text", build, write)
            .check(|(_, _, text), length| {
                assert_eq!(text.len(), *length);
                assert!(text.starts_with("operations: 6.2 % failed\n  create: 1"), "{text}");
                assert!(text.contains("\n  backup: 1 ok, 0 failed"), "{text}");
            })
            .counters(|(_, _, text)| vec![("text_bytes", text.len() as u64)]),
    );
}
