//! Symbols of two builds under one name.

use std::borrow::Cow;

/// A symbol without what differs between two builds of the same function (the hash of legacy mangling, the disambiguators of v0) or
/// would break a line of folded stacks.
pub(super) fn name(symbol: &str) -> String {
    let symbol = without_hash(symbol.trim());
    let mut name = String::new();
    let mut rest = symbol;
    while let Some((before, opened)) = rest.split_once('[') {
        name.push_str(before);
        match opened.split_once(']') {
            Some((inside, after)) if is_disambiguator(inside) => rest = after,
            Some(_) | None => {
                name.push('[');
                rest = opened;
            }
        }
    }
    name.push_str(rest);
    let name = without_brackets(&name);
    name.chars().map(|c| if c == ';' || c.is_control() { ':' } else { c }).collect()
}

/// `a::b` of `a::b::h0123456789abcdef`.
fn without_hash(symbol: &str) -> &str {
    match symbol.rsplit_once("::h") {
        Some((path, hash)) if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => path,
        Some(_) | None => symbol,
    }
}

/// v0 writes a method of a type's own as `<a::Store>::total`, legacy as `a::Store::total`, and so does everybody else.
fn without_brackets(name: &str) -> Cow<'_, str> {
    let Some(inside) = name.strip_prefix('<') else { return name.into() };
    let mut depth = 1;
    let close = inside.char_indices().find(|&(at, character)| {
        match character {
            '<' => depth += 1,
            '>' if !inside[..at].ends_with('-') => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    let Some((close, _)) = close else { return name.into() };
    let (of, method) = (&inside[..close], &inside[close + 1..]);
    let is_path = of.starts_with(|first: char| first.is_alphabetic() || first == '_') && !of.starts_with("dyn ");
    if is_path && !of.contains(" as ") { format!("{of}{method}").into() } else { name.into() }
}

/// As in `core[8f3a]::iter`.
fn is_disambiguator(inside: &str) -> bool {
    (2..=16).contains(&inside.len()) && inside.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Frames from the timed routine inwards, outermost first: what lies below `Bencher::iter` and its like, else below the start of a
/// thread of the bench. `None` for the harness itself.
pub(super) fn timed<'a, 'b>(frames: &'b [&'a str]) -> Option<&'b [&'a str]> {
    let is_routine = |frame: &&str| frame.contains("Bencher") && frame.contains("::iter");
    if let Some(at) = frames.iter().rposition(is_routine) {
        return Some(&frames[at + 1..]).filter(|rest| !rest.is_empty());
    }
    if frames.iter().any(|frame| frame.contains("criterion::") || *frame == "main") {
        return None;
    }
    let start = frames.iter().rposition(|frame| frame.contains("__rust_begin_short_backtrace"));
    Some(&frames[start? + 1..]).filter(|rest| !rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builds_share_names() {
        #[track_caller]
        fn check(symbol: &str, expected: &str) {
            assert_eq!(name(symbol), expected);
        }
        check("a::b::h0123456789abcdef", "a::b");
        check("a::b::hurry", "a::b::hurry");
        check("core[8f3a01]::iter::<a[12]::B>", "core::iter::<a::B>");
        check("<[T] as core::X>::y", "<[T] as core::X>::y");
        check("<[T; 3] as core::X>::y", "<[T: 3] as core::X>::y");
        check("<a[12]::Store>::total", "a::Store::total");
        check("<a::Store<b::C>>::total::<u8>", "a::Store<b::C>::total::<u8>");
        check("<a::Store<fn() -> u8>>::total", "a::Store<fn() -> u8>::total");
        check("<a::Store as core::X>::y", "<a::Store as core::X>::y");
        check("<[u8]>::len", "<[u8]>::len");
        check("<dyn a::X>::y", "<dyn a::X>::y");
        check("<a::b", "<a::b");
        check("a\nb", "a:b");
        check("a[", "a[");
    }

    #[test]
    fn the_harness_is_left_out() {
        #[track_caller]
        fn check(stack: &str, expected: Option<&str>) {
            let frames: Vec<&str> = stack.split(';').collect();
            assert_eq!(timed(&frames).map(|frames| frames.join(";")), expected.map(String::from));
        }
        check("main;criterion::bencher::Bencher<M>::iter;t::all::{{closure}};a::b", Some("t::all::{{closure}};a::b"));
        check("main;criterion::bencher::Bencher<M>::iter", None);
        check("main;criterion::routine::warm_up", None);
        check("clone3;std::sys::backtrace::__rust_begin_short_backtrace;t::crew;a::b", Some("t::crew;a::b"));
        check("clone3;who", None);
        check("", None);
    }
}
