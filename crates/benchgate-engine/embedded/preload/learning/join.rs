//! Joining: before `main`, the learning library looks for its log.

use core::ffi::{c_char, c_int};

use super::super::environment::variable;
use super::super::system;
use super::log::{FILE_BYTES, Header, Log};

/// The log of this process.
pub static LOG: Log = Log::new();

/// Run by the loader before `main`, with what `main` gets.
///
/// # Safety
/// Called by the loader: `environment` is a null-terminated table of terminated strings.
#[cfg_attr(not(benchgate_preload), expect(dead_code, reason = "the loader calls it"))]
unsafe extern "C" fn start(_count: c_int, _arguments: *const *const c_char, environment: *const *const c_char) {
    // SAFETY: the caller's promise.
    let Some(path) = (unsafe { variable(environment, NAME) }) else { return };
    system::unset(c"LD_PRELOAD");
    system::unset(c"BENCHGATE_LEARNING");
    let header = system::map_shared(path.as_ptr(), FILE_BYTES).cast::<Header>();
    if !header.is_null() {
        // SAFETY: just mapped, and never unmapped.
        unsafe { LOG.join(header, system::thread(), system::loaded_entry()) };
    }
}

#[cfg(benchgate_preload)]
#[used]
#[unsafe(link_section = ".init_array")]
static START: unsafe extern "C" fn(c_int, *const *const c_char, *const *const c_char) = start;

const NAME: &[u8] = b"BENCHGATE_LEARNING=";
