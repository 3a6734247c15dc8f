//! Samples -> folded stacks.

use pprof::{Report, Symbol};
use std::collections::BTreeMap;

/// How functions are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    /// As the executable's debug information has them, else its symbols.
    Plain,
    /// `0x1f0 name`: the address in its file of what was running, then its name. Line tables know only the last part of names,
    /// symbols know them whole; who asked looks them up.
    Placed,
}

/// A line a stack, outermost first, in the order of their text. Names of threads are left out: all threads of a bench do its
/// work.
pub(crate) fn text(report: &Report, names: Names) -> String {
    let mut stacks: BTreeMap<String, isize> = BTreeMap::new();
    for (frames, count) in &report.data {
        // Frames are innermost first. Of the symbols of one, what was inlined and into what, only the last is true of all its
        // samples: pprof counts samples by function and resolves the address of the first.
        let symbols = frames.frames.iter().rev().filter_map(|symbols| symbols.last());
        let stack = symbols.map(|symbol| name(symbol, names)).collect::<Vec<_>>().join(";");
        *stacks.entry(stack).or_default() += count;
    }
    stacks.into_iter().map(|(stack, count)| format!("{stack} {count}\n")).collect()
}

fn name(symbol: &Symbol, names: Names) -> String {
    let name = symbol.name().replace([';', '\n'], ":");
    match (names, symbol.addr) {
        // Already less where the file is loaded: that is what the lookup of its name was made with.
        (Names::Placed, Some(address)) => format!("{:#x} {name}", address.addr()),
        (Names::Placed | Names::Plain, _) => name,
    }
}
