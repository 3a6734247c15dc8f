//! What the counting library stands in for beside the clock: the allocator's functions.
//!
//! Blocks that libc or the loader ask for themselves are not counted: starting a thread takes some, or none where one that
//! ended has left its stack. So counts are those that the program, in Rust or not, asks for; the caller's address tells.

use core::ffi::{c_char, c_int, c_void};

use super::super::environment::variable;
use super::super::system;
use super::libc_range::Ranges;
use super::log::{FILE_BYTES, Header, Log};

/// The log of this process.
pub static LOG: Log = Log::new();

/// Where libc's code lies.
static LIBC: Ranges = Ranges::new();

unsafe extern "C" {
    fn __libc_malloc(size: usize) -> *mut c_void;
    fn __libc_calloc(count: usize, size: usize) -> *mut c_void;
    fn __libc_realloc(block: *mut c_void, size: usize) -> *mut c_void;
    fn __libc_memalign(alignment: usize, size: usize) -> *mut c_void;
}

const INVALID: c_int = 22;
const NO_MEMORY: c_int = 12;

/// Run by the loader before `main`, with what `main` gets.
///
/// # Safety
/// Called by the loader: `environment` is a null-terminated table of terminated strings.
#[cfg_attr(not(benchgate_preload), expect(dead_code, reason = "the loader calls it"))]
unsafe extern "C" fn start(_count: c_int, _arguments: *const *const c_char, environment: *const *const c_char) {
    // SAFETY: the caller's promise.
    let Some(path) = (unsafe { variable(environment, NAME) }) else { return };
    system::unset(c"LD_PRELOAD");
    system::unset(c"BENCHGATE_COUNTING");
    LIBC.find(__libc_malloc as *const () as usize);
    let header = system::map_shared(path.as_ptr(), FILE_BYTES).cast::<Header>();
    if !header.is_null() {
        // SAFETY: just mapped, and never unmapped.
        unsafe { LOG.join(header, system::thread()) };
    }
}

#[cfg(benchgate_preload)]
#[used]
#[unsafe(link_section = ".init_array")]
static START: unsafe extern "C" fn(c_int, *const *const c_char, *const *const c_char) = start;

const NAME: &[u8] = b"BENCHGATE_COUNTING=";

/// Counts a request unless libc made it.
#[inline]
fn count(bytes: usize, caller: usize) {
    if !LIBC.hold(caller) {
        LOG.count(bytes, system::thread());
    }
}

/// A function that calls another one with its return address as one more argument, which stands in the named register on
/// x86_64 and on aarch64.
#[cfg(benchgate_preload)]
macro_rules! stand_in {
    ($name:ident($($argument:ident: $type:ty),*) -> $result:ty, $x86:literal, $arm:literal, $at:path) => {
        #[unsafe(no_mangle)]
        #[unsafe(naked)]
        pub unsafe extern "C" fn $name($($argument: $type),*) -> $result {
            #[cfg(target_arch = "x86_64")]
            core::arch::naked_asm!(concat!("mov ", $x86, ", [rsp]"), "jmp {}", sym $at);
            #[cfg(target_arch = "aarch64")]
            core::arch::naked_asm!(concat!("mov ", $arm, ", x30"), "b {}", sym $at);
        }
    };
}

#[cfg(benchgate_preload)]
mod exports {
    use super::{c_int, c_void};

    stand_in!(malloc(_size: usize) -> *mut c_void, "rsi", "x1", super::malloc_at);
    stand_in!(calloc(_count: usize, _size: usize) -> *mut c_void, "rdx", "x2", super::calloc_at);
    stand_in!(realloc(_block: *mut c_void, _size: usize) -> *mut c_void, "rdx", "x2", super::realloc_at);
    stand_in!(memalign(_alignment: usize, _size: usize) -> *mut c_void, "rdx", "x2", super::memalign_at);
    stand_in!(aligned_alloc(_alignment: usize, _size: usize) -> *mut c_void, "rdx", "x2", super::memalign_at);
    stand_in!(
        posix_memalign(_block: *mut *mut c_void, _alignment: usize, _size: usize) -> c_int,
        "rcx", "x3", super::posix_memalign_at
    );
}

unsafe extern "C" fn malloc_at(size: usize, caller: usize) -> *mut c_void {
    count(size, caller);
    // SAFETY: the caller's argument.
    unsafe { __libc_malloc(size) }
}

unsafe extern "C" fn calloc_at(number: usize, size: usize, caller: usize) -> *mut c_void {
    count(number.wrapping_mul(size), caller);
    // SAFETY: the caller's arguments.
    unsafe { __libc_calloc(number, size) }
}

unsafe extern "C" fn realloc_at(block: *mut c_void, size: usize, caller: usize) -> *mut c_void {
    count(size, caller);
    // SAFETY: the caller's arguments.
    unsafe { __libc_realloc(block, size) }
}

unsafe extern "C" fn memalign_at(alignment: usize, size: usize, caller: usize) -> *mut c_void {
    count(size, caller);
    // SAFETY: the caller's arguments.
    unsafe { __libc_memalign(alignment, size) }
}

unsafe extern "C" fn posix_memalign_at(block: *mut *mut c_void, alignment: usize, size: usize, caller: usize) -> c_int {
    if !alignment.is_power_of_two() || alignment < size_of::<*mut c_void>() {
        return INVALID;
    }
    // SAFETY: the caller's arguments.
    let found = unsafe { memalign_at(alignment, size, caller) };
    if found.is_null() {
        return NO_MEMORY;
    }
    // SAFETY: the caller's place for the result.
    unsafe { block.write(found) };
    0
}
