//! A program for tests of the lockstep clock: reads the clock as a bench does and prints what it saw, in nanoseconds.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

static STOP: AtomicBool = AtomicBool::new(false);
static BACKWARDS: AtomicU64 = AtomicU64::new(0);

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| words.get(at).and_then(|word| word.parse::<u64>().ok()).expect("a number");
    match words[0].as_str() {
        "work" => samples(number(1), number(2)),
        "park" => (0..number(1)).for_each(|_| println!("{}", park().as_nanos())),
        "spin" => beside(|| { black_box(chain(100)); }, || samples(number(1), number(2))),
        "watch" => {
            let mut last = Instant::now();
            let look = move || {
                let now = Instant::now();
                BACKWARDS.fetch_add(u64::from(now < last), Ordering::Relaxed);
                last = now;
                thread::sleep(Duration::from_micros(20));
            };
            beside(look, || samples(number(1), number(2)));
            println!("{}", BACKWARDS.load(Ordering::Relaxed));
        }
        "environment" => {
            for name in ["LD_PRELOAD", "BENCHGATE_LOCKSTEP"] {
                println!("{}", u8::from(std::env::var_os(name).is_some()));
            }
        }
        unknown => panic!("unknown mode `{unknown}`"),
    }
}

/// Times `count` sections of so many steps each.
fn samples(count: u64, steps: u64) {
    for _ in 0..count {
        let start = Instant::now();
        black_box(chain(black_box(steps)));
        let time = start.elapsed();
        println!("{}", time.as_nanos());
    }
}

/// A chain of dependent multiplications: as long as it has steps, whatever the processor.
fn chain(steps: u64) -> u64 {
    let mut x = black_box(3_u64);
    for _ in 0..steps {
        x = x.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(7);
    }
    x
}

fn park() -> Duration {
    let start = Instant::now();
    thread::park_timeout(Duration::from_micros(300));
    start.elapsed()
}

/// Runs `other` over and over on a thread of its own while `main` runs.
fn beside(mut other: impl FnMut() + Send + 'static, main: impl FnOnce()) {
    let thread = thread::spawn(move || {
        while !STOP.load(Ordering::Relaxed) {
            other();
        }
    });
    main();
    STOP.store(true, Ordering::Relaxed);
    thread.join().expect("it does not panic");
}
