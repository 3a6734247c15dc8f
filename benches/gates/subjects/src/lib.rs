//! Fourteen small pieces of work, from 4 nanoseconds to a millisecond, for comparing tools that compare benchmarks: what is
//! known of them is how much slower they really became.
//!
//! One call of [`Work`] is one iteration. The small ones do 100 calls of something tiny an iteration, and a plant of `S` per
//! cent adds exactly `S` calls; the large ones get `S` per cent more input. What they compute is of no use.

mod neutral;
mod plant;

mod data;
mod memory;
mod small;
mod text;

use std::hint::black_box;

/// One iteration. The result depends on the work, so that none of it can be left out.
pub type Work = Box<dyn FnMut() -> u64>;

/// One of the fourteen.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    /// Its id in every harness.
    pub name: &'static str,
    /// Prepares it; not part of what is timed.
    pub prepare: fn() -> Work,
}

/// All of them, from the smallest to the largest.
pub fn subjects() -> [Subject; 14] {
    black_box(neutral::UNRELATED); // linked, and called by nobody
    [
        Subject { name: "arith", prepare: small::arith },
        Subject { name: "atomic", prepare: small::atomic },
        Subject { name: "mutex", prepare: small::mutex },
        Subject { name: "hash_lookup", prepare: small::hash_lookup },
        Subject { name: "alloc", prepare: small::alloc },
        Subject { name: "fmt", prepare: text::fmt },
        Subject { name: "json", prepare: text::json },
        Subject { name: "sort", prepare: data::sort },
        Subject { name: "graph", prepare: data::graph },
        Subject { name: "parse", prepare: text::parse },
        Subject { name: "map_build_fixed", prepare: data::map_build_fixed },
        Subject { name: "map_build_random", prepare: data::map_build_random },
        Subject { name: "chase", prepare: memory::chase },
        Subject { name: "vec", prepare: memory::vec },
    ]
}

/// Calls of a tiny operation an iteration; hidden from the optimizer, so that a plant does not change the code.
fn calls() -> u32 {
    black_box(100 + plant::PLANT_PERCENT)
}

/// Size of the input of a large operation, likewise.
fn scaled(size: usize) -> usize {
    black_box(size + (size * plant::PLANT_PERCENT as usize).div_ceil(100))
}

/// Numbers without a pattern, the same in every process (the mixer of `SplitMix64`).
fn scattered(index: u64) -> u64 {
    let mut z = index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_distinct() {
        let names: BTreeSet<&str> = subjects().iter().map(|subject| subject.name).collect();
        assert_eq!(names.len(), subjects().len());
    }

    #[test]
    fn two_copies_compute_the_same() {
        for Subject { name, prepare } in subjects() {
            let (mut one, mut other) = (prepare(), prepare());
            let results: Vec<u64> = (0..3).map(|_| one()).collect();
            assert_eq!(results, (0..3).map(|_| other()).collect::<Vec<u64>>(), "{name}");
            assert!(results.iter().any(|&result| result != 0), "{name}");
        }
    }

    #[test]
    fn plant_adds_its_share() {
        assert_eq!(calls(), 100 + plant::PLANT_PERCENT);
        assert_eq!(scaled(1000), 1000 + 10 * plant::PLANT_PERCENT as usize);
    }
}
