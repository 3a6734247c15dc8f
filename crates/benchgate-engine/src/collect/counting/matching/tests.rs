use proptest::prelude::*;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::*;

/// How a bench reads the clock in its samples.
#[derive(Clone, Copy, Debug)]
enum Method {
    /// Like `iter`.
    Iter,
    /// Like `iter_batched`, with so many sections a sample.
    Batched(usize),
    /// Reads inside the section, so many an iteration.
    Nested(usize),
    /// A time that is no difference of two readings.
    Made,
}

/// A process that reads a clock of some resolution and allocates.
struct Machine {
    dice: ChaCha8Rng,
    resolution: u64,
    now: u64,
    counters: Entry,
    log: Vec<Entry>,
}

impl Machine {
    fn new(seed: u64, resolution: u64) -> Self {
        let now = 1_000_000_007;
        Self { dice: ChaCha8Rng::seed_from_u64(seed), resolution, now, counters: Entry::default(), log: Vec::new() }
    }

    fn pass(&mut self, least: u64, most: u64) {
        self.now += self.dice.random_range(least..=most);
    }

    fn read(&mut self) -> u64 {
        self.pass(18, 40);
        let nanos = self.now / self.resolution * self.resolution;
        self.log.push(Entry { nanos, ..self.counters });
        nanos
    }

    fn allocate(&mut self, blocks: u64) {
        self.counters.blocks += blocks;
        self.counters.bytes += 8 * blocks;
    }

    /// One call of Criterion's; gives the time that it reports and what was asked for within.
    fn sample(&mut self, method: Method, iterations: u64, blocks: u64) -> (u64, Requests) {
        self.read();
        let mut nanos = 0;
        let work = |machine: &mut Self, iterations: u64| {
            machine.pass(300 * iterations, 310 * iterations);
            machine.allocate(blocks * iterations);
        };
        match method {
            Method::Iter | Method::Made => {
                let start = self.read();
                work(self, iterations);
                nanos += self.read() - start;
            }
            Method::Nested(reads) => {
                let start = self.read();
                for _ in 0..iterations {
                    work(self, 1);
                    for _ in 0..reads {
                        self.read();
                    }
                }
                nanos += self.read() - start;
            }
            Method::Batched(sections) => {
                for _ in 0..sections {
                    self.pass(50, 400);
                    self.allocate(17); // set-up
                    let start = self.read();
                    work(self, iterations);
                    nanos += self.read() - start;
                }
            }
        }
        self.allocate(3); // of the harness
        self.read();
        let sections = if let Method::Batched(sections) = method { sections as u64 } else { 1 };
        if let Method::Made = method {
            nanos = nanos * 2 / 3;
        }
        let blocks = sections * iterations * blocks;
        (nanos, Requests { blocks, bytes: 8 * blocks, other_blocks: 0 })
    }

    /// Warm-up, then ten samples.
    fn bench(&mut self, method: Method, blocks: u64) -> (Vec<u64>, Vec<Requests>) {
        for doubling in 0..6 {
            self.sample(method, 1 << doubling, blocks);
        }
        (1..=10).map(|sample| self.sample(method, 5 * sample, blocks)).unzip()
    }
}

#[track_caller]
fn check(method: Method, expected: bool) {
    for seed in 0..50 {
        let mut machine = Machine::new(seed, 1);
        let (nanos, truth) = machine.bench(method, 3);
        let found = requests(&machine.log, &nanos);
        assert_eq!(found, if expected { Ok(truth) } else { Err(Unmatched::Nowhere) }, "{method:?}, seed {seed}");
    }
}

#[test]
fn samples_of_each_method_are_found() {
    check(Method::Iter, true);
    check(Method::Batched(1), true);
    check(Method::Batched(10), true);
    check(Method::Batched(300), true);
    check(Method::Nested(1), true);
    check(Method::Nested(40), true);
    check(Method::Made, false);
}

#[test]
fn samples_on_the_edge_of_the_log_are_found() {
    let mut machine = Machine::new(1, 1);
    let (nanos, truth): (Vec<u64>, Vec<Requests>) =
        (1..=10).map(|sample| machine.sample(Method::Iter, sample, 2)).unzip();
    let log = &machine.log[1..machine.log.len() - 1];
    assert_eq!(requests(log, &nanos), Ok(truth));
    assert_eq!(requests(&log[1..], &nanos), Err(Unmatched::Nowhere));
    assert_eq!(requests(&log[..log.len() - 1], &nanos), Err(Unmatched::Nowhere));
    assert_eq!(requests(&[], &nanos), Err(Unmatched::Nowhere));
    assert_eq!(requests(log, &[]), Err(Unmatched::Nowhere));
}

/// Two stretches of the log take exactly as long as the samples.
#[test]
fn stretches_that_differ_in_their_counts_are_told_apart_from_those_that_do_not() {
    #[track_caller]
    fn check(second: u64, expected: Result<u64, Unmatched>) {
        let mut log = Vec::new();
        let mut counters = Entry::default();
        for blocks in [4, second] {
            counters.nanos += 77; // the stretches do not join
            for sample in 1..=10 {
                for (gap, blocks) in [(25, 0), (30, 0), (1000 * sample + sample % 7, blocks), (30, 0)] {
                    counters.nanos += gap;
                    counters.blocks += blocks;
                    log.push(counters);
                }
            }
        }
        let nanos: Vec<u64> = (1..=10).map(|sample| 1000 * sample + sample % 7).collect();
        assert_eq!(requests(&log, &nanos).map(|all| all[9].blocks), expected);
    }
    check(4, Ok(4));
    check(5, Err(Unmatched::Several));
}

#[test]
fn clock_that_stands_still_gives_up_quickly() {
    let log: Vec<Entry> =
        (0..500_000_u64).map(|at| Entry { nanos: at / 5000 * 100, blocks: at, ..Entry::default() }).collect();
    assert_eq!(requests(&log, &[100; 10]), Err(Unmatched::Several));
}

#[test]
fn other_threads_stand_apart() {
    let mut log = Vec::new();
    for sample in 0..10_u64 {
        for read in 0..4_u64 {
            let nanos = sample * 10_000 + [0, 20, 5020 + sample * sample, 5050 + sample * sample][read as usize];
            let other_blocks = sample * 2 + u64::from(read > 1);
            log.push(Entry { nanos, blocks: sample + u64::from(read > 1), other_blocks, ..Entry::default() });
        }
    }
    let nanos: Vec<u64> = (0..10).map(|sample| 5000 + sample * sample).collect();
    let expected = Requests { blocks: 1, bytes: 0, other_blocks: 1 };
    assert_eq!(requests(&log, &nanos), Ok(vec![expected; 10]));
}

proptest! {
    /// Whatever the clock's resolution: what is given is true, or nothing is given.
    #[test]
    fn no_count_is_wrong(
        seed: u64,
        resolution in prop::sample::select(vec![1_u64, 10, 40, 100, 1000, 20_000]),
        method in prop::sample::select(vec![
            Method::Iter, Method::Batched(1), Method::Batched(7), Method::Nested(1), Method::Nested(5), Method::Made,
        ]),
        blocks in 0..4_u64,
    ) {
        let mut machine = Machine::new(seed, resolution);
        let (nanos, truth) = machine.bench(method, blocks);
        let is_made = matches!(method, Method::Made);
        match requests(&machine.log, &nanos) {
            Ok(found) => prop_assert!(found == truth && !is_made),
            Err(_) => prop_assert!(is_made || resolution > 1),
        }
    }
}

/// Half a million readings are searched in no time; this one only must come to its end in a debug build too.
#[test]
fn long_logs_are_searched() {
    let mut machine = Machine::new(4, 1);
    for _ in 0..500_000 {
        machine.read();
    }
    let (nanos, truth) = machine.bench(Method::Nested(40), 3);
    assert_eq!(requests(&machine.log, &nanos), Ok(truth));
}
