//! Whether an executable can be run in lockstep, and what the preloaded library needs to know of it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use object::read::elf::{ElfFile64, FileHeader, ProgramHeader};
use object::{Endianness, Object, ObjectSymbol};

/// The preload library, as the build script left it; empty where it cannot work.
static LIBRARY: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/lockstep.so"));

/// What both mangling schemes make of `std::time::Instant::elapsed`.
const ELAPSED: &str = "7Instant7elapsed";

/// An executable that can be run in lockstep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fit {
    /// Where the library lies.
    pub library: PathBuf,
    /// Entry point as linked.
    pub entry: u64,
    /// Addresses of `Instant::elapsed` as linked; `None` where it has no symbol, since symbols are stripped or it was inlined.
    pub ends: Option<(u64, u64)>,
}

impl Fit {
    /// Looks at an executable. The inner error says why it cannot be run in lockstep.
    ///
    /// # Errors
    /// The library cannot be written.
    pub fn of(executable: &[u8], scratch: &Path) -> anyhow::Result<Result<Self, String>> {
        if LIBRARY.is_empty() {
            return Ok(Err("the library to preload is built for Linux with glibc only".into()));
        }
        let (entry, ends) = match look(executable) {
            Ok(found) => found,
            Err(why) => return Ok(Err(why)),
        };
        let library = scratch.join("lockstep.so");
        if !library.exists() {
            fs::write(&library, LIBRARY).with_context(|| format!("cannot write `{}`", library.display()))?;
        }
        Ok(Ok(Self { library, entry, ends }))
    }
}

/// Entry point and the place of `Instant::elapsed`.
fn look(executable: &[u8]) -> Result<(u64, Option<(u64, u64)>), String> {
    let file = ElfFile64::<Endianness>::parse(executable).map_err(|_| "it is no 64-bit ELF executable".to_owned())?;
    let interpreter = file.elf_program_headers().iter().find_map(|segment| {
        let bytes = segment.interpreter(file.endian(), executable).ok().flatten()?;
        Some(String::from_utf8_lossy(bytes).into_owned())
    });
    match interpreter {
        None => return Err("the executable is static, so nothing can be preloaded".into()),
        Some(loader) if !loader.contains("ld-linux") => {
            return Err(format!("its loader `{loader}` is not glibc's"));
        }
        Some(_) => {}
    }
    let entry = file.elf_header().e_entry(file.endian());
    let elapsed =
        file.symbols().find(|symbol| symbol.name().is_ok_and(|name| name.contains(ELAPSED)) && symbol.size() > 0);
    Ok((entry, elapsed.map(|symbol| (symbol.address(), symbol.address() + symbol.size()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_take_part_says_why() {
        #[track_caller]
        fn check(executable: &[u8], expected: &str) {
            let scratch = tempfile::tempdir().unwrap();
            let why = Fit::of(executable, scratch.path()).unwrap().unwrap_err();
            assert!(why.contains(expected) || LIBRARY.is_empty(), "{why}");
            assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 0);
        }
        check(b"", "no 64-bit ELF");
        check(b"#!/bin/sh\n", "no 64-bit ELF");
        check(&fs::read("/proc/self/exe").unwrap()[..100], "no 64-bit ELF");
    }

    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[test]
    fn this_very_program_can_take_part() {
        let scratch = tempfile::tempdir().unwrap();
        let fit = Fit::of(&fs::read("/proc/self/exe").unwrap(), scratch.path()).unwrap().unwrap();
        let (from, to) = fit.ends.expect("tests keep their symbols");
        assert!(from < to && to - from < 1000, "{from:x}..{to:x}");
        assert_eq!(fs::read(fit.library).unwrap(), LIBRARY);
    }
}
