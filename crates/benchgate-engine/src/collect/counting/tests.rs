//! The counting library on a real process.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::notes::{Noted, Notes};
use crate::preload::counting::log::Entry;

/// Runs the test program under the library; what it noted, and the numbers that it printed.
fn run(word: &str) -> (Vec<Entry>, Vec<u64>) {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("requester");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/collect/counting/tests/requester.rs");
    let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc.args(["--edition", "2024", "-O"]).arg("-o").arg(&file).arg(source);
    assert!(rustc.status().unwrap().success());
    let notes = Notes::new(place.path()).unwrap();
    let output = Command::new(&file).arg(word).envs(notes.environment()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let Noted::All(log) = notes.take().unwrap() else { panic!("the library did not join") };
    assert!(fs::exists(place.path().join("counting.so")).unwrap());
    let text = String::from_utf8(output.stdout).unwrap();
    (log, text.lines().map(|line| line.parse().unwrap()).collect())
}

/// What was asked for in each section: `[blocks, bytes, other blocks]`.
fn sections(word: &str) -> Vec<[u64; 3]> {
    let (log, times) = run(word);
    let both: Vec<&[Entry]> = log.chunks(2).collect();
    assert_eq!(both.len(), times.len());
    for (section, nanos) in both.iter().zip(&times) {
        assert_eq!(section[1].nanos - section[0].nanos, *nanos, "the reading that was noted is the one that was shown");
    }
    let of = |section: &[Entry]| {
        let [from, to] = [section[0], section[1]];
        [to.blocks - from.blocks, to.bytes - from.bytes, to.other_blocks - from.other_blocks]
    };
    both.into_iter().map(of).collect()
}

#[test]
fn each_way_to_ask_for_memory_is_one_block_of_its_bytes() {
    let expected = [[0, 0, 0], [1, 48, 0], [1, 24, 0], [1, 1000, 0], [2, 140, 0], [1, 256, 0]];
    assert_eq!(sections("requests"), expected);
}

#[test]
fn blocks_of_other_threads_stand_apart_and_those_of_libc_are_not_counted() {
    let all = sections("threads");
    let own: Vec<u64> = all.iter().map(|section| section[0]).collect();
    // Starting a thread takes libc as many blocks as it has no stack left over for; Rust always takes as many.
    assert_eq!(own, [own[0]; 3]);
    let others: Vec<u64> = all.iter().map(|section| section[2]).collect();
    assert_eq!(others, [others[0], others[0] + 3, others[0] + 1]);
}

#[test]
fn children_do_not_join() {
    let (log, set) = run("environment");
    assert_eq!((log.len(), set), (0, vec![0, 0]));
}
