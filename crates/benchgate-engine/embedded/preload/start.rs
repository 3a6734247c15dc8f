//! Joining: before `main`, the library looks for its variable, takes its seat, and takes both variables out of the
//! environment, since children such as gnuplot would join in the same role.

use core::ffi::{CStr, c_char, c_int};

use super::environment::variable;
use super::exports::CLOCK;
use super::page::Page;
use super::system;

/// Run by the loader before `main`, with what `main` gets.
///
/// # Safety
/// Called by the loader: `environment` is a null-terminated table of terminated strings.
#[cfg_attr(not(benchgate_preload), expect(dead_code, reason = "the loader calls it"))]
pub unsafe extern "C" fn start(_count: c_int, _arguments: *const *const c_char, environment: *const *const c_char) {
    // SAFETY: the caller's promise.
    let Some(value) = (unsafe { variable(environment, NAME) }) else { return };
    system::unset(c"LD_PRELOAD");
    system::unset(c"BENCHGATE_LOCKSTEP");
    let Some((role, path)) = seat(value) else { return };
    let page = system::map_shared(path, size_of::<Page>()).cast::<Page>();
    if !page.is_null() {
        // SAFETY: just mapped, and never unmapped.
        unsafe { CLOCK.join(page, role) };
    }
}

#[cfg(benchgate_preload)]
#[used]
#[unsafe(link_section = ".init_array")]
static START: unsafe extern "C" fn(c_int, *const *const c_char, *const *const c_char) = start;

const NAME: &[u8] = b"BENCHGATE_LOCKSTEP=";

/// `0:/path` or `1:/path`.
fn seat(value: &CStr) -> Option<(usize, *const c_char)> {
    let role = match value.to_bytes() {
        [b'0', b':', _, ..] => 0,
        [b'1', b':', _, ..] => 1,
        _ => return None,
    };
    // SAFETY: two bytes are there before the terminator.
    Some((role, unsafe { value.as_ptr().add(2) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variable_names_role_and_page() {
        assert_eq!(NAME.strip_suffix(b"="), Some(super::super::page::VARIABLE.as_bytes()));
        #[track_caller]
        fn check(value: &CStr, expected: Option<(usize, &CStr)>) {
            // SAFETY: the rest of a terminated string.
            let found = seat(value).map(|(role, path)| (role, unsafe { CStr::from_ptr(path) }));
            assert_eq!(found, expected);
        }
        check(c"0:/a/b", Some((0, c"/a/b")));
        check(c"1:/a", Some((1, c"/a")));
        check(c"2:/a", None);
        check(c"0:", None);
        check(c"", None);
    }
}
