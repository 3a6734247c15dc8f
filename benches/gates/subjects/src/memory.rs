//! Memory beyond the caches.

use std::hint::black_box;

use crate::{Work, scaled, scattered};

/// One cache line.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line {
    next: u32,
}

/// Lines that are wandered over: 32 MiB.
const LINES: usize = 512 * 1024;
/// Lines an iteration.
const STEPS: usize = 1500;

/// Following a random cycle through 32 MiB: each step waits for memory. Pages are placed anew in each process, which moves
/// it by far more than any plant.
pub(crate) fn chase() -> Work {
    let mut lines: Vec<Line> = (0..LINES as u32).map(|next| Line { next }).collect();
    // Sattolo's shuffle makes one cycle of all.
    for i in (1..LINES).rev() {
        let j = (scattered(i as u64) % i as u64) as usize;
        let (a, b) = (lines[i].next, lines[j].next);
        lines[i].next = b;
        lines[j].next = a;
    }
    let mut at = 0;
    Box::new(move || {
        for _ in 0..scaled(STEPS) {
            at = lines[at as usize].next;
        }
        u64::from(at)
    })
}

/// Numbers of the vector: 6.5 MiB.
const NUMBERS: usize = 1_700_000;

/// Changing a long vector in place.
pub(crate) fn vec() -> Work {
    let mut numbers: Vec<u32> = (0..scaled(NUMBERS) as u64).map(|i| scattered(i) as u32).collect();
    Box::new(move || {
        let mut sum = 1_u32;
        for number in black_box(&mut numbers) {
            *number = number.rotate_left(5) ^ sum;
            sum = sum.wrapping_add(*number);
        }
        u64::from(sum)
    })
}
