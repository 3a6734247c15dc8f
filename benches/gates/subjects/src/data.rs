//! Data structures: a plant enlarges the input. Two do not slow down in proportion. `sort` crosses a threshold of its
//! algorithm; the maps spend most of their time on growing, in steps that a few entries more do not change.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};
use std::hint::black_box;

use crate::{Work, scaled, scattered};

/// Numbers to sort.
const NUMBERS: usize = 800;

/// Sorting a copy of numbers without a pattern.
pub(crate) fn sort() -> Work {
    let numbers: Vec<u64> = (0..scaled(NUMBERS) as u64).map(scattered).collect();
    let mut copy = numbers.clone();
    Box::new(move || {
        copy.copy_from_slice(black_box(&numbers));
        copy.sort_unstable();
        copy[copy.len() / 2]
    })
}

/// Nodes of the graph; each has its own list of edges.
const NODES: usize = 550;

/// Building a graph of small heap blocks, and walking it in breadth.
pub(crate) fn graph() -> Work {
    let nodes = scaled(NODES);
    Box::new(move || {
        let mut edges: Vec<Vec<u32>> = Vec::with_capacity(nodes);
        let mut names: Vec<Box<u64>> = Vec::with_capacity(nodes);
        for node in 0..nodes {
            let other = (scattered(node as u64) % nodes as u64) as u32;
            edges.push(vec![((node + 1) % nodes) as u32, other]);
            names.push(Box::new(node as u64));
        }
        let mut is_seen = vec![false; nodes];
        let mut queue = VecDeque::from([0_u32]);
        let mut sum = 0;
        while let Some(node) = queue.pop_front() {
            let node = node as usize;
            if std::mem::replace(&mut is_seen[node], true) {
                continue;
            }
            sum = sum * 3 % 1_000_003 + *names[node];
            queue.extend(edges[node].iter().filter(|&&next| !is_seen[next as usize]));
        }
        black_box((&edges, &names));
        sum
    })
}

/// Entries that are put into a map.
const ENTRIES: usize = 1000;

/// Filling a map that grows, with a hash that is the same in every process.
pub(crate) fn map_build_fixed() -> Work {
    map_build::<BuildHasherDefault<Fnv>>()
}

/// The same with the standard library's hash, seeded in each process.
pub(crate) fn map_build_random() -> Work {
    map_build::<RandomState>()
}

fn map_build<S: BuildHasher + Default>() -> Work {
    let entries = scaled(ENTRIES) as u64;
    Box::new(move || {
        let mut map = HashMap::with_hasher(S::default());
        for i in 0..entries {
            map.insert(scattered(i), i);
        }
        black_box(&map).len() as u64
    })
}

/// FNV-1a, one byte at a time.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
