//! Where the code of libc and of the loader lies, to tell their calls from the program's.

use core::ffi::{c_char, c_int, c_void};
use core::sync::atomic::{AtomicUsize, Ordering};

/// What `dl_iterate_phdr` hands out of each loaded object; the fields behind these are not looked at.
#[repr(C)]
struct Object {
    address: usize,
    name: *const c_char,
    segments: *const Segment,
    count: u16,
}

/// A program header of a 64-bit object.
#[repr(C)]
struct Segment {
    kind: u32,
    flags: u32,
    offset: u64,
    address: u64,
    physical: u64,
    file_bytes: u64,
    bytes: u64,
    alignment: u64,
}

/// `PT_LOAD`.
const LOADED: u32 = 1;

unsafe extern "C" {
    fn dl_iterate_phdr(
        each: unsafe extern "C" fn(*mut Object, usize, *mut c_void) -> c_int,
        with: *mut c_void,
    ) -> c_int;
    fn getauxval(kind: usize) -> usize;
}

/// Addresses of two objects; empty until [`Ranges::find`].
#[derive(Debug)]
pub struct Ranges {
    libc: [AtomicUsize; 2],
    loader: [AtomicUsize; 2],
}

/// What is looked for, and where it goes.
struct Search<'a> {
    ranges: &'a Ranges,
    inside_libc: usize,
    loader: usize,
}

impl Ranges {
    /// Empty.
    pub const fn new() -> Self {
        Self { libc: [const { AtomicUsize::new(0) }; 2], loader: [const { AtomicUsize::new(0) }; 2] }
    }

    /// Finds the object that holds the address `inside_libc`, and the loader.
    pub fn find(&self, inside_libc: usize) {
        const LOADER_ADDRESS: usize = 7;
        // SAFETY: reads the process's own table; the search outlives the call, which only calls `look`.
        unsafe {
            let mut search = Search { ranges: self, inside_libc, loader: getauxval(LOADER_ADDRESS) };
            dl_iterate_phdr(look, (&raw mut search).cast());
        }
    }

    /// Whether an address lies in one of them.
    #[inline]
    pub fn hold(&self, address: usize) -> bool {
        [&self.libc, &self.loader].into_iter().any(|[from, to]| {
            let (from, to) = (from.load(Ordering::Relaxed), to.load(Ordering::Relaxed));
            address.wrapping_sub(from) < to.wrapping_sub(from)
        })
    }
}

unsafe extern "C" fn look(object: *mut Object, _bytes: usize, with: *mut c_void) -> c_int {
    // SAFETY: `dl_iterate_phdr` hands out its own object and what `find` gave it.
    unsafe {
        let (object, search) = (&*object, &*with.cast::<Search<'_>>());
        let (mut from, mut to) = (usize::MAX, 0);
        for at in 0..usize::from(object.count) {
            let segment = &*object.segments.add(at);
            if segment.kind == LOADED {
                let start = object.address.wrapping_add(segment.address as usize);
                from = from.min(start);
                to = to.max(start.wrapping_add(segment.bytes as usize));
            }
        }
        let store = |range: &[AtomicUsize; 2]| {
            range[0].store(from, Ordering::Relaxed);
            range[1].store(to, Ordering::Relaxed);
        };
        if (from..to).contains(&search.inside_libc) {
            store(&search.ranges.libc);
        }
        if object.address == search.loader && search.loader != 0 {
            store(&search.ranges.loader);
        }
    }
    0
}

#[cfg(all(test, target_os = "linux", target_env = "gnu"))]
mod tests {
    use super::*;

    #[test]
    fn code_of_libc_is_told_from_the_programs() {
        let ranges = Ranges::new();
        let (libc, own) = (getauxval as *const () as usize, look as *const () as usize);
        assert!(!ranges.hold(libc) && !ranges.hold(own) && !ranges.hold(0));
        ranges.find(libc);
        assert!(ranges.hold(libc) && !ranges.hold(own) && !ranges.hold(0));
    }
}
