//! Cases of `pools::Ring`, with the limit that netresearch/ofelia gives each stream of a job.

use super::super::case::{Case, Throughput};
use super::super::harness::Harness;
use perfblocks::pools::Ring;
use std::hint::black_box;

const LIMIT: usize = 256 << 10;

/// A line of a job's output.
const LINE: &[u8; 64] = b"2025-11-21T09:14:03Z job=backup step=7 level=info msg=\"copied\" \n";

/// Lines of a short job.
const SHORT_JOB: u64 = 16;

/// Lines that a job writes at a time and that do not divide the limit, so that writes go around its end at many places.
const BURST: usize = 100;

/// Hands over the cases of this block.
pub(super) fn cases(harness: &mut impl Harness) {
    write_small(harness);
    write_wrap(harness);
    to_string(harness);
}

/// A short job's line, in a ring that is cleared after each job. The ring is lazy: it never takes more than a short job
/// needs, where an eager one would hold all of its limit.
fn write_small(harness: &mut impl Harness) {
    let run = |ring: &mut Ring| {
        if ring.written() == SHORT_JOB * LINE.len() as u64 {
            ring.clear();
        }
        ring.push(black_box(LINE));
        ring.len()
    };
    harness.case(
        Case::new("pools/ring/write_small/256k", || Ring::new(LIMIT), run)
            .check(|ring, len| {
                assert_eq!((*len as u64, ring.capacity() <= 1024), (ring.written(), true));
                assert!(ring.as_slices().0.chunks(LINE.len()).all(|line| line == LINE));
            })
            .counters(|ring| vec![("capacity", ring.capacity() as u64), ("limit", ring.limit() as u64)])
            .throughput(Throughput::Bytes(LINE.len() as u64)),
    );
}

/// A burst of lines, in an eager ring that is full.
fn write_wrap(harness: &mut impl Harness) {
    let burst = LINE.repeat(BURST);
    let bytes = burst.len() as u64;
    let build = move || (full(), burst.clone());
    let run = |(ring, burst): &mut (Ring, Vec<u8>)| {
        ring.push(black_box(burst));
        ring.written()
    };
    harness.case(
        Case::new("pools/ring/write_wrap/256k", build, run)
            .check(|(ring, burst), written| {
                assert_eq!((*written, ring.len(), ring.capacity()), (ring.written(), LIMIT, LIMIT));
                assert!(ring.to_vec().ends_with(burst));
            })
            .counters(|(ring, _)| vec![("capacity", ring.capacity() as u64), ("limit", ring.limit() as u64)])
            .throughput(Throughput::Bytes(bytes)),
    );
}

/// The contiguous text of a ring that has gone around its end.
fn to_string(harness: &mut impl Harness) {
    let build = || {
        let mut ring = full();
        ring.push(&LINE.repeat(BURST));
        ring
    };
    harness.case(
        Case::new("pools/ring/to_string/256k", build, |ring: &mut Ring| ring.to_text())
            .check(|ring, text| {
                let (older, newer) = ring.as_slices();
                assert!(!newer.is_empty(), "the ring has gone around its end");
                assert_eq!(text.as_bytes(), [older, newer].concat());
            })
            .throughput(Throughput::Bytes(LIMIT as u64)),
    );
}

fn full() -> Ring {
    let mut ring = Ring::eager(LIMIT);
    ring.push(&LINE.repeat(LIMIT / LINE.len()));
    ring
}
