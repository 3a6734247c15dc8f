//! Whether an executable can be run in lockstep, and what the preloaded library needs to know of it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use object::read::elf::{ElfFile64, FileHeader, ProgramHeader};
use object::{Endianness, elf};

use super::Lessons;

/// The preload library, as the build script left it; empty where it cannot work.
static LIBRARY: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/lockstep.so"));

/// The library that notes where the clock is read, likewise.
static LEARNING: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/learning.so"));

/// An executable that can be run in lockstep.
#[derive(Clone, Debug)]
pub struct Fit {
    /// Where the library lies.
    pub library: PathBuf,
    /// Where the one for learning lies.
    pub learning: PathBuf,
    /// Where its code lies.
    pub code: Code,
    /// What has been learned of its benches.
    pub lessons: Lessons,
}

/// Addresses of an executable as linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// Entry point.
    pub entry: u64,
    /// First address of its code.
    pub from: u64,
    /// One past the last.
    pub to: u64,
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
        let code = match look(executable) {
            Ok(found) => found,
            Err(why) => return Ok(Err(why)),
        };
        let library = written(scratch.join("lockstep.so"), LIBRARY)?;
        let learning = written(scratch.join("learning.so"), LEARNING)?;
        Ok(Ok(Self { library, learning, code, lessons: Lessons::default() }))
    }
}

fn written(library: PathBuf, bytes: &[u8]) -> anyhow::Result<PathBuf> {
    if !library.exists() {
        fs::write(&library, bytes).with_context(|| format!("cannot write `{}`", library.display()))?;
    }
    Ok(library)
}

/// Where the code of an executable lies.
fn look(executable: &[u8]) -> Result<Code, String> {
    let file = ElfFile64::<Endianness>::parse(executable).map_err(|_| "it is no 64-bit ELF executable".to_owned())?;
    let endian = file.endian();
    let interpreter = file.elf_program_headers().iter().find_map(|segment| {
        let bytes = segment.interpreter(endian, executable).ok().flatten()?;
        Some(String::from_utf8_lossy(bytes).into_owned())
    });
    match interpreter {
        None => return Err("the executable is static, so nothing can be preloaded".into()),
        Some(loader) if !loader.contains("ld-linux") => {
            return Err(format!("its loader `{loader}` is not glibc's"));
        }
        Some(_) => {}
    }
    let is_code = |segment: &&elf::ProgramHeader64<Endianness>| {
        segment.p_type(endian) == elf::PT_LOAD && segment.p_flags(endian).0 & elf::PF_X.0 != 0
    };
    let mut code = Code { entry: file.elf_header().e_entry(endian), from: u64::MAX, to: 0 };
    for segment in file.elf_program_headers().iter().filter(is_code) {
        let from = segment.p_vaddr(endian);
        code.from = code.from.min(from);
        code.to = code.to.max(from.saturating_add(segment.p_memsz(endian)));
    }
    if code.from < code.to { Ok(code) } else { Err("it has no code".into()) }
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
        let Code { entry, from, to } = fit.code;
        assert!((from..to).contains(&entry), "{:x?}", fit.code);
        assert_eq!(fs::read(fit.library).unwrap(), LIBRARY);
        assert_eq!(fs::read(fit.learning).unwrap(), LEARNING);
    }
}
