//! Cases that are asynchronous, and cases that take their times from clocks of their own.

use std::hint::black_box;
use std::time::{Duration, SystemTime};

use cases::chunk;
use criterion::async_executor::FuturesExecutor;
use criterion::{criterion_group, criterion_main, Criterion};

fn cases(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("cases");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    group.bench_function("tokio", |b| b.to_async(&runtime).iter(|| async { chunk(black_box(7)) }));
    group.bench_function("futures", |b| b.to_async(FuturesExecutor).iter(|| async { chunk(black_box(7)) }));
    group.bench_function("calendar", |b| {
        b.iter_custom(|iterations| {
            let start = SystemTime::now();
            work(iterations);
            start.elapsed().expect("nobody sets the clock back")
        })
    });
    let clock = quanta::Clock::new();
    group.bench_function("quanta", |b| {
        b.iter_custom(|iterations| {
            let start = clock.now();
            work(iterations);
            clock.now() - start
        })
    });
    group.bench_function("counter", |b| {
        b.iter_custom(|iterations| {
            let start = ticks();
            work(iterations);
            Duration::from_nanos((ticks() - start) / 3)
        })
    });
    group.finish();
}

fn work(iterations: u64) {
    for _ in 0..iterations {
        black_box(chunk(black_box(7)));
    }
}

#[cfg(target_arch = "x86_64")]
fn ticks() -> u64 {
    unsafe { core::arch::x86_64::_rdtsc() }
}

#[cfg(target_arch = "aarch64")]
fn ticks() -> u64 {
    let ticks: u64;
    unsafe { core::arch::asm!("mrs {}, cntvct_el0", out(reg) ticks) };
    100 * ticks
}

criterion_group!(benches, cases);
criterion_main!(benches);
