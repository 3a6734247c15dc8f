//! Tiny operations, 100 an iteration.

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::{Work, calls, scattered};

/// Three rounds of multiply, shift and xor, each waiting for the one before: about 4 ns a call.
pub(crate) fn arith() -> Work {
    let mut x = 1;
    Box::new(move || {
        for _ in 0..calls() {
            x = mix(x);
        }
        x
    })
}

#[inline(never)]
fn mix(x: u64) -> u64 {
    let y = (x ^ (x >> 29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let z = (y ^ (y >> 32)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (z ^ (z >> 31)).wrapping_mul(0x94d0_49bb_1331_11eb) | 1
}

/// Adding to a shared counter.
pub(crate) fn atomic() -> Work {
    let counter = AtomicU64::new(1);
    Box::new(move || {
        for _ in 0..calls() {
            black_box(&counter).fetch_add(1, Ordering::SeqCst);
        }
        counter.load(Ordering::SeqCst)
    })
}

/// Adding to a number behind a lock that nobody else wants.
pub(crate) fn mutex() -> Work {
    let counter = Mutex::new(1_u64);
    Box::new(move || {
        let mut last = 0;
        for _ in 0..calls() {
            let mut guard = black_box(&counter).lock().expect("nobody panics with the lock");
            *guard += 1;
            last = *guard;
        }
        last
    })
}

/// Entries of the map: it fits into the second cache, not into the first.
const ENTRIES: u64 = 4096;

/// Looking up keys that are there, in an order without a pattern. The hash is seeded in each process.
pub(crate) fn hash_lookup() -> Work {
    let map: HashMap<u64, u64> = (0..ENTRIES).map(|i| (scattered(i), i)).collect();
    let mut next = 0;
    Box::new(move || {
        let mut sum = 0;
        for _ in 0..calls() {
            next = (next + 769) % ENTRIES;
            sum += map.get(&scattered(next)).copied().unwrap_or(0);
        }
        sum
    })
}

/// Blocks that live at a time, more than the allocator's first shelf holds.
const LIVE: usize = 64;

/// Taking 16 to 256 bytes of heap, and giving back what was taken 64 calls before.
pub(crate) fn alloc() -> Work {
    let mut live = vec![Vec::new(); LIVE];
    let mut next = 0;
    Box::new(move || {
        let mut sum = 0;
        for _ in 0..calls() {
            next += 1;
            let size = 16 + (scattered(next) % 16) as usize * 16;
            let block = Vec::<u8>::with_capacity(size);
            sum += block.capacity() as u64;
            live[next as usize % LIVE] = black_box(block);
        }
        sum
    })
}
