//! Full names of functions by their places in an executable. Line tables, which benches are built with, know only the last part of
//! names; the table of symbols knows them whole.

use std::path::Path;

use object::read::{Object, ObjectSegment, ObjectSymbol};
use object::{File, SymbolKind};
use rustc_demangle::demangle;

use super::names::name;

/// The functions of an executable.
#[derive(Debug, Default)]
pub(super) struct Symbols {
    /// Start, end and name, by start; addresses as the file states them.
    functions: Vec<(u64, u64, String)>,
    /// The first address of the file that is loaded.
    begin: u64,
}

impl Symbols {
    /// Reads a file; without symbols there are none.
    pub fn of(file: &Path) -> Self {
        let read = |bytes: &[u8]| {
            let file = File::parse(bytes).ok()?;
            let begin = file.segments().map(|segment| segment.address()).min()? & !0xfff; // mappings begin at pages
            let functions = file.symbols().filter(|one| one.kind() == SymbolKind::Text && one.size() > 0);
            let of = |symbol: object::Symbol<'_, '_>| {
                let (start, size) = (symbol.address(), symbol.size());
                Some((start, start + size, name(&format!("{:#}", demangle(symbol.name().ok()?)))))
            };
            let mut functions: Vec<_> = functions.filter_map(of).collect();
            functions.sort();
            Some(Self { functions, begin })
        };
        std::fs::read(file).ok().and_then(|bytes| read(&bytes)).unwrap_or_default()
    }

    /// The function at an address of a process in which the file was loaded at another.
    pub fn loaded(&self, address: u64, loaded_at: u64) -> Option<&str> {
        self.at(address.checked_sub(loaded_at)? + self.begin)
    }

    /// The function at an address as the file states it.
    fn at(&self, place: u64) -> Option<&str> {
        let after = self.functions.partition_point(|(start, ..)| *start <= place);
        let (_, end, name) = self.functions.get(after.checked_sub(1)?)?;
        (place < *end).then_some(name)
    }

    /// What a frame of folded stacks is called, `0x1f0 name` or a name alone. The address may be another file's, so that what lies
    /// there in this one must have the name as its last part.
    pub fn named(&self, frame: &str) -> String {
        let placed = frame.strip_prefix("0x").and_then(|frame| frame.split_once(' '));
        let Some((place, known)) = placed else { return name(frame) };
        let found = u64::from_str_radix(place, 16).ok().and_then(|place| self.at(place));
        let found = found.filter(|whole| is_last_part(known, whole));
        found.map_or_else(|| name(known), String::from)
    }
}

/// `iter<M, O>` is of `criterion::bencher::Bencher<M>::iter`, `{closure#0}` of `a::b::{{closure}}`.
fn is_last_part(part: &str, whole: &str) -> bool {
    let part = part.split('<').next().unwrap_or("");
    match part.starts_with('{') {
        true => whole.contains('{'),
        false => whole.ends_with(part) || whole.contains(&format!("{part}::<")) || whole.contains(&format!("{part}<")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_have_names() {
        let functions = vec![(16, 32, "a::b".into()), (32, 40, "a::c".into()), (64, 80, "d".into())];
        let symbols = Symbols { functions, begin: 0 };
        #[track_caller]
        fn check(symbols: &Symbols, frame: &str, expected: &str) {
            assert_eq!(symbols.named(frame), expected);
        }
        check(&symbols, "0x10 b", "a::b");
        check(&symbols, "0x1f b", "a::b");
        check(&symbols, "0x20 c", "a::c");
        check(&symbols, "0x10 c", "c");
        check(&symbols, "0x29 between", "between");
        check(&symbols, "0x1 before", "before");
        check(&symbols, "plain::h0123456789abcdef", "plain");
        assert_eq!(symbols.loaded(0x5010, 0x5000), Some("a::b"));
        assert_eq!(symbols.loaded(0x10, 0x5000), None);
    }

    #[test]
    fn our_own_functions_are_found_by_name() {
        let symbols = Symbols::of(&std::env::current_exe().unwrap());
        assert!(symbols.functions.iter().any(|(.., name)| name.contains("our_own_functions_are_found_by_name")));
        assert!(Symbols::of(Path::new("nowhere")).at(1).is_none());
    }
}
