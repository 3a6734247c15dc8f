//! The environment that the loader hands to a library before `main`.

use core::ffi::{CStr, c_char};

/// What stands behind `name`, which ends with `=`.
///
/// # Safety
/// A null-terminated table of terminated strings that outlive the process's use of them.
pub unsafe fn variable<'a>(mut environment: *const *const c_char, name: &[u8]) -> Option<&'a CStr> {
    // SAFETY: the caller's promise.
    unsafe {
        while let Some(entry) = environment.as_ref().filter(|entry| !entry.is_null()) {
            let entry = CStr::from_ptr(*entry);
            if entry.to_bytes().starts_with(name) {
                return Some(CStr::from_ptr(entry.as_ptr().add(name.len())));
            }
            environment = environment.add(1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_entry_of_the_name_is_found() {
        let table = [c"A=1".as_ptr(), c"BC=/p".as_ptr(), c"BC=/q".as_ptr(), core::ptr::null()];
        #[track_caller]
        fn check(table: &[*const c_char], name: &[u8], expected: Option<&CStr>) {
            // SAFETY: a null-terminated table.
            assert_eq!(unsafe { variable(table.as_ptr(), name) }, expected);
        }
        check(&table, b"BC=", Some(c"/p"));
        check(&table, b"A=", Some(c"1"));
        check(&table, b"B=", None);
        check(&table[3..], b"BC=", None);
    }
}
