//! dhat's file, version 2, as both dhat-rs and valgrind write it: allocation sites as indices into a table of frames, innermost
//! first, `0x4f2a: a::b (src/lib.rs:7:9)`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::names::name;

#[derive(Deserialize)]
struct File {
    #[serde(rename = "dhatFileVersion")]
    version: u32,
    pps: Vec<Point>,
    ftbl: Vec<String>,
}

/// A program point: bytes, blocks, frames.
#[derive(Deserialize)]
struct Point {
    tb: u64,
    tbk: u64,
    fs: Vec<usize>,
}

/// What is allocated under one stack of functions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Blocks.
    pub blocks: u64,
    /// Bytes.
    pub bytes: u64,
    /// Places of the frames, where they are known; of the first point that has this stack.
    pub places: Vec<String>,
}

/// Sites by their functions, innermost first.
pub(super) type BySite = BTreeMap<Vec<String>, Found>;

/// The sites of a file. `named` gives the whole name of the function at an address, where it is known.
pub(super) fn read(text: &str, named: impl Fn(u64) -> Option<String>) -> Result<BySite, String> {
    let File { version, pps, ftbl } =
        serde_json::from_str(text).map_err(|error| format!("dhat's file cannot be read: {error}"))?;
    if version != 2 {
        return Err(format!("dhat's file has version {version}, 2 is known"));
    }
    let mut sites = BySite::new();
    for Point { tb, tbk, fs } in pps {
        let frames: Vec<Frame<'_>> =
            fs.iter().filter_map(|&index| ftbl.get(index)).filter_map(|text| frame(text)).collect();
        let frames = physical(&frames).map(|one| {
            let whole = u64::from_str_radix(one.address.trim_start_matches("0x"), 16).ok().and_then(&named);
            (whole.unwrap_or_else(|| name(one.symbol)), one.place.to_owned())
        });
        let (names, places): (Vec<String>, Vec<String>) = frames.unzip();
        let found = sites.entry(names).or_default();
        found.blocks += tbk;
        found.bytes += tb;
        if found.places.is_empty() {
            found.places = places;
        }
    }
    Ok(sites)
}

struct Frame<'a> {
    address: &'a str,
    symbol: &'a str,
    place: &'a str,
}

fn frame(text: &str) -> Option<Frame<'_>> {
    let (address, rest) = text.split_once(": ")?;
    let (symbol, place) = match rest.rsplit_once(" (") {
        Some((symbol, place)) => (symbol, place.trim_end_matches(')')),
        None => (rest, ""),
    };
    Some(Frame { address, symbol, place: if place.starts_with("in ") { "" } else { place } })
}

/// Functions that were inlined share an address with what they were inlined into, and line tables know only the last part of
/// their names: the last frame of an address, which is the function as the linker knows it, stands for all.
fn physical<'a>(frames: &'a [Frame<'a>]) -> impl Iterator<Item = &'a Frame<'a>> {
    let is_last = |at: usize| frames.get(at + 1).is_none_or(|next| next.address != frames[at].address);
    frames.iter().enumerate().filter(move |(at, _)| is_last(*at)).map(|(_, frame)| frame)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{"dhatFileVersion":2,"mode":"heap","pps":[
        {"tb":40,"tbk":1,"fs":[1,2,3,4]},{"tb":2,"tbk":1,"fs":[5,3,4]},{"tb":40,"tbk":1,"fs":[1,2,3,4,99]}],
        "ftbl":["[root]","0x10: malloc (in /usr/x.so)","0x20: with_capacity<u8> (vec/mod.rs:524)",
        "0x20: fixture::parse::h0123456789abcdef (lib.rs:7)","0x30: main (m.rs:1)","0x11: fixture::own (lib.rs:9:3)"]}"#;

    #[test]
    fn sites_are_summed_by_functions() {
        let sites = read(TEXT, |_| None).unwrap();
        let of = |names: &[&str]| sites[&names.iter().map(ToString::to_string).collect::<Vec<_>>()].clone();
        let parse = of(&["malloc", "fixture::parse", "main"]);
        assert_eq!((parse.blocks, parse.bytes), (2, 80));
        assert_eq!(parse.places, ["", "lib.rs:7", "m.rs:1"]);
        assert_eq!(of(&["fixture::own", "fixture::parse", "main"]).blocks, 1);
    }

    #[test]
    fn whole_names_come_from_the_symbols() {
        let sites = read(TEXT, |address| (address == 0x20).then(|| "fixture::inner::parse".into())).unwrap();
        assert!(sites.keys().any(|names| names[1] == "fixture::inner::parse"), "{sites:?}");
    }

    #[test]
    fn rubbish_is_an_error() {
        assert!(read("{}", |_| None).is_err());
        assert!(read(&TEXT.replace(":2,", ":3,"), |_| None).unwrap_err().contains("version 3"));
    }
}
