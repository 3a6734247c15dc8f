//! The bytes of an ELF executable that the loader maps, with what may differ between equal code taken out.
//!
//! Left out: the build-id note, and, on request, where a side's roots are, and the line and column words of `core::panic::Location` records. Such a
//! record is 24 bytes in relocated read-only data: a pointer to a file name (seen here through its relocation), the
//! name's length, then line and column as 32-bit words.

use std::collections::{BTreeMap, BTreeSet};

use object::elf;
use object::read::elf::{ElfFile64, FileHeader, ProgramHeader};
use object::{Endianness, Object, ObjectSection, RelocationFlags, RelocationTarget, SectionFlags, SectionKind};
use sha2::{Digest, Sha256};

use super::roots::{Mention, Roots};

/// Longest file name that is looked at.
const LONGEST_NAME: u64 = 4096;

/// Hash over everything that is loaded. Line and column words of locations in the files of `moved` are left out; with
/// an empty set nothing but the build-id is.
///
/// `None` where the file is not a 64-bit ELF executable with section headers.
pub(super) fn loaded_hash(bytes: &[u8], moved: &BTreeSet<String>) -> Option<[u8; 32]> {
    let mut code = LoadedCode::of(bytes)?;
    code.blank_locations(moved);
    Some(code.hash())
}

/// What is loaded of an executable.
pub(super) struct LoadedCode<'a> {
    file: ElfFile64<'a, Endianness>,
    sections: Vec<Loaded<'a>>,
}

impl<'a> LoadedCode<'a> {
    /// `None` where the file is not a 64-bit ELF executable with section headers.
    pub fn of(bytes: &'a [u8]) -> Option<Self> {
        let file = ElfFile64::<Endianness>::parse(bytes).ok()?;
        let mut sections: Vec<Loaded<'_>> = Vec::new();
        for section in file.sections() {
            let SectionFlags::Elf { sh_flags, .. } = section.flags() else { return None };
            if sh_flags.0 & elf::SHF_ALLOC.0 == 0 {
                continue;
            }
            let name = section.name_bytes().ok()?;
            let is_zeroed = matches!(section.kind(), SectionKind::UninitializedData | SectionKind::UninitializedTls);
            let data = if is_zeroed || name == BUILD_ID { Vec::new() } else { section.data().ok()?.to_vec() };
            sections.push(Loaded { name, address: section.address(), size: section.size(), data });
        }
        (!sections.is_empty()).then_some(Self { file, sections })
    }

    /// Leaves out line and column words of locations in these files.
    pub fn blank_locations(&mut self, moved: &BTreeSet<String>) {
        if !moved.is_empty() {
            blank_locations(&self.file, &mut self.sections, moved);
        }
    }

    /// Leaves out where the side's roots are, and says what stands behind them.
    pub fn blank_roots(&mut self, roots: &Roots) -> Vec<Mention> {
        self.sections.iter_mut().flat_map(|section| roots.blank(&mut section.data)).collect()
    }

    /// Hash over what is left.
    pub fn hash(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        let header = self.file.elf_header();
        hash.update(header.e_entry(self.file.endian()).to_le_bytes());
        for segment in self.file.elf_program_headers() {
            hash.update(segment.p_type(self.file.endian()).0.to_le_bytes());
            hash.update(segment.p_flags(self.file.endian()).0.to_le_bytes());
        }
        for section in &self.sections {
            hash.update(section.name);
            hash.update([0]);
            hash.update(section.address.to_le_bytes());
            hash.update(section.size.to_le_bytes());
            hash.update(&section.data);
        }
        hash.finalize().into()
    }
}

/// Where the build-id note lies in an ELF file.
pub(super) fn build_id(bytes: &[u8]) -> Option<std::ops::Range<usize>> {
    let file = ElfFile64::<Endianness>::parse(bytes).ok()?;
    let (start, length) = file.section_by_name_bytes(BUILD_ID)?.file_range()?;
    let range = usize::try_from(start).ok()?..usize::try_from(start.checked_add(length)?).ok()?;
    bytes.get(range.clone()).map(|_| range)
}

/// The section that says which build it was.
const BUILD_ID: &[u8] = b".note.gnu.build-id";

/// The executable without what is not loaded: debug information and the section table, which are most of a bench
/// executable's bytes. `None` where it is not a 64-bit ELF executable.
pub(super) fn loaded_part(bytes: &[u8]) -> Option<Vec<u8>> {
    /// Where a 64-bit ELF header keeps the section table's offset (8 bytes), and its entry size, count and name index
    /// (2 bytes each).
    const SECTION_TABLE: std::ops::Range<usize> = 40..48;
    const SECTION_COUNTS: std::ops::Range<usize> = 58..64;
    let file = ElfFile64::<Endianness>::parse(bytes).ok()?;
    let endian = file.endian();
    let ends = file.elf_program_headers().iter().map(|segment| segment.p_offset(endian) + segment.p_filesz(endian));
    let end = usize::try_from(ends.max()?).ok()?;
    let mut part = bytes.get(..end)?.to_vec();
    part.get_mut(SECTION_TABLE)?.fill(0);
    part.get_mut(SECTION_COUNTS)?.fill(0);
    Some(part)
}

struct Loaded<'a> {
    name: &'a [u8],
    address: u64,
    size: u64,
    data: Vec<u8>,
}

impl Loaded<'_> {
    fn bytes(&self, address: u64, length: u64) -> Option<&[u8]> {
        let start = usize::try_from(address.checked_sub(self.address)?).ok()?;
        self.data.get(start..start.checked_add(usize::try_from(length).ok()?)?)
    }
}

fn blank_locations(file: &ElfFile64<'_, Endianness>, sections: &mut [Loaded<'_>], moved: &BTreeSet<String>) {
    let pointers: BTreeMap<u64, u64> = relative_pointers(file);
    let mut blanks = Vec::new();
    for (&at, &name) in &pointers {
        // A pointer where line and column would be: an array of strings, not a location.
        if pointers.contains_key(&(at + 16)) {
            continue;
        }
        let find = |address, length| sections.iter().find_map(|section| section.bytes(address, length));
        let Some(length) = find(at + 8, 16).map(|words| u64::from_le_bytes(words[..8].try_into().expect("8 bytes")))
        else {
            continue;
        };
        if length > LONGEST_NAME {
            continue;
        }
        let is_moved =
            find(name, length).and_then(|name| std::str::from_utf8(name).ok()).is_some_and(|name| moved.contains(name));
        if is_moved {
            blanks.push(at + 16);
        }
    }
    for at in blanks {
        let section = sections.iter_mut().find(|section| section.bytes(at, 8).is_some());
        if let Some(section) = section {
            let start = usize::try_from(at - section.address).expect("found in the section");
            section.data[start..start + 8].fill(0);
        }
    }
}

/// Addresses that the loader fills with the address of something in this file, and that address.
fn relative_pointers(file: &ElfFile64<'_, Endianness>) -> BTreeMap<u64, u64> {
    let relocations = file.dynamic_relocations().into_iter().flatten();
    let relative = relocations.filter(|(_, relocation)| {
        let RelocationFlags::Elf { r_type } = relocation.flags() else { return false };
        relocation.target() == RelocationTarget::Absolute
            && matches!(r_type, elf::R_X86_64_RELATIVE | elf::R_AARCH64_RELATIVE)
    });
    relative.map(|(at, relocation)| (at, relocation.addend().cast_unsigned())).collect()
}
