//! What was learned of an executable, by the names of its functions: for executables that hold the same functions at other
//! addresses.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use object::read::elf::ElfFile64;
use object::{Endianness, Object, ObjectSymbol};

use super::lessons::{Lesson, Name};
use super::{Fit, Lessons};
use crate::preload::end::{address, mark, slot};

/// Lessons of one executable, ready for others.
#[derive(Debug, Default)]
pub struct KnownEnds {
    ends: Vec<(Name, Vec<Place>)>,
    /// What holds wherever functions lie.
    others: Vec<(Name, Lesson)>,
}

/// A mark, by the function that it lies in.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    slot: usize,
    function: Vec<u8>,
    size: u64,
    offset: u64,
}

/// Addresses and sizes of functions.
type Functions<'a> = BTreeMap<&'a [u8], Vec<(u64, u64)>>;

impl KnownEnds {
    /// Of an executable that was built to `file`. A bench whose marks lie in functions without a name is left out.
    pub fn of(lessons: &Lessons, file: &Path) -> Self {
        let mut known = Self::default();
        let Ok(bytes) = fs::read(file) else { return known };
        let functions = functions(&bytes);
        let place = |mark: &u64| {
            let at = address(*mark);
            let holds = |&&(start, size): &&(u64, u64)| at >= start && at - start < size;
            let found = functions.iter().find_map(|(name, all)| Some((name, all.iter().find(holds)?)));
            let (name, &(start, size)) = found?;
            Some(Place { slot: slot(*mark), function: name.to_vec(), size, offset: at - start })
        };
        for (name, lesson) in lessons.all() {
            match lesson {
                Lesson::Ends(marks) => {
                    known.ends.extend(marks.iter().map(place).collect::<Option<_>>().map(|places| (name, places)));
                }
                Lesson::Foreign(_) | Lesson::Unknown => known.others.push((name, lesson)),
            }
        }
        known
    }

    /// Teaches an executable that was linked to `file` of the same functions. What cannot be told for sure is left to be learned.
    pub fn teach(&self, fit: &Fit, file: &Path) {
        let Ok(bytes) = fs::read(file) else { return };
        let functions = functions(&bytes);
        let marked = |place: &Place| match functions.get(&*place.function).map(Vec::as_slice) {
            Some(&[(start, size)]) if size == place.size => Some(mark(place.slot, (start + place.offset) as usize)),
            _ => None,
        };
        for (name, places) in &self.ends {
            if let Some(marks) = places.iter().map(marked).collect() {
                fit.lessons.keep_as(name.clone(), Lesson::Ends(marks));
            }
        }
        for (name, lesson) in &self.others {
            fit.lessons.keep_as(name.clone(), lesson.clone());
        }
    }
}

fn functions(executable: &[u8]) -> Functions<'_> {
    let mut functions = Functions::new();
    let Ok(file) = ElfFile64::<Endianness>::parse(executable) else { return functions };
    for symbol in file.symbols().filter(|symbol| symbol.size() > 0 && symbol.kind() == object::SymbolKind::Text) {
        if let Ok(name) = symbol.name_bytes() {
            functions.entry(name).or_default().push((symbol.address(), symbol.size()));
        }
    }
    functions
}
