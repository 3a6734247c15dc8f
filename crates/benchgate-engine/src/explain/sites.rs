//! Allocation sites of two sides -> one list with both.

use std::collections::BTreeSet;

use super::dhat::{BySite, Found};
use super::names::timed;
use benchgate_core::model::Site;

/// Functions of allocators and of the heap harness, which every site begins with.
const ALLOCATING: [&str; 10] = [
    "malloc",
    "calloc",
    "realloc",
    "memalign",
    "posix_memalign",
    "aligned_alloc",
    "__rust_alloc",
    "__rustc::__rust_alloc",
    "__rust_realloc",
    "__rust_alloc_zeroed",
];

/// Every site of either side, for `iterations` of each.
pub(super) fn paired([base, candidate]: [&BySite; 2], iterations: [f64; 2]) -> Vec<Site> {
    let keys: BTreeSet<&Vec<String>> = base.keys().chain(candidate.keys()).collect();
    let sites = keys.into_iter().map(|key| {
        let found = [base.get(key), candidate.get(key)];
        let mut values = [(0.0, 0.0); 2];
        for ((value, found), iterations) in values.iter_mut().zip(found).zip(iterations) {
            if let Some(Found { blocks, bytes, .. }) = found {
                *value = (*blocks as f64 / iterations, *bytes as f64 / iterations);
            }
        }
        let skipped = key.iter().take_while(|frame| is_allocating(frame)).count();
        let places = found[1].or(found[0]).map(|found| found.places.as_slice()).unwrap_or_default();
        let first = key.iter().skip(skipped).position(|frame| !is_standard(frame)).unwrap_or(0);
        Site {
            frames: key[skipped..].to_vec(),
            blocks: values.map(|(blocks, _)| blocks),
            bytes: values.map(|(_, bytes)| bytes),
            place: places.get(skipped + first).cloned().unwrap_or_default(),
        }
    });
    sites.collect()
}

/// The sites of the timed routine of a Criterion bench, cut down to it.
pub(super) fn of_routine(all: BySite) -> BySite {
    let mut kept = BySite::new();
    for (frames, found) in all {
        let outermost_first: Vec<&str> = frames.iter().rev().map(String::as_str).collect();
        let Some(inside) = timed(&outermost_first) else { continue };
        let sum = kept.entry(frames[..inside.len()].to_vec()).or_default();
        sum.blocks += found.blocks;
        sum.bytes += found.bytes;
        if sum.places.is_empty() {
            sum.places = found.places[..inside.len()].to_vec();
        }
    }
    kept
}

fn is_allocating(frame: &str) -> bool {
    ALLOCATING.contains(&frame) || frame.contains("GlobalAlloc") || frame.contains("__rust_alloc")
}

fn is_standard(frame: &str) -> bool {
    let path = frame.trim_start_matches(['<', '&']);
    ["alloc::", "core::", "std::"].iter().any(|start| path.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(frames: &[&str], blocks: u64, bytes: u64) -> (Vec<String>, Found) {
        let places = (0..frames.len()).map(|line| format!("f.rs:{line}")).collect();
        (frames.iter().map(ToString::to_string).collect(), Found { blocks, bytes, places })
    }

    #[test]
    fn sites_of_either_side_are_there_an_iteration() {
        let both = ["malloc", "alloc::vec::with_capacity", "a::parse", "t::all"];
        let base = BySite::from([site(&both, 8, 80)]);
        let candidate = BySite::from([site(&both, 16, 160), site(&["malloc", "a::new", "t::all"], 8, 8)]);
        let sites = paired([&base, &candidate], [8.0, 8.0]);
        let parse = sites.iter().find(|site| site.frames[1] == "a::parse").unwrap();
        assert_eq!((parse.blocks, parse.bytes, &*parse.place), ([1.0, 2.0], [10.0, 20.0], "f.rs:2"));
        let new = sites.iter().find(|site| site.frames[0] == "a::new").unwrap();
        assert_eq!((new.blocks, &*new.place), ([0.0, 1.0], "f.rs:1"));
    }

    #[test]
    fn the_harness_allocates_on_its_own_account() {
        let inside = site(&["malloc", "a::parse", "criterion::Bencher<M>::iter", "main"], 1, 1);
        let outside = site(&["malloc", "criterion::report", "main"], 1, 1);
        let kept = of_routine(BySite::from([inside, outside]));
        assert_eq!(kept.into_keys().collect::<Vec<_>>(), [["malloc", "a::parse"]]);
    }
}
