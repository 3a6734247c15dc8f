//! What helps against an end for want of something in the surroundings, by what a process printed last.

/// The kinds of ends that have a cure, by words of the loader, the standard library and argument parsers. The first that fits counts:
/// the loader's message holds the words for a missing file too.
const CURES: [(&[&str], &str); 5] = [
    (
        &["cannot open shared object file", "Library not loaded"],
        "the loader looks where cargo says, in the target directory of the side, and in LD_LIBRARY_PATH of your shell; a \
         library that lies elsewhere needs `cargo:rustc-link-search` in a build script, or an rpath",
    ),
    (
        &["environment variable not found", "NotPresent"],
        "a variable is not set: if `cargo bench` runs here, it is one of your shell's, so export it before the gate \
         starts; else set it in `[env]` of `.cargo/config.toml`, which each side takes from its own tree",
    ),
    (
        &["Address already in use", "AddrInUse"],
        "a port is taken: both sides of a pair live at the same time, so let the bench bind port 0, which gives each its own; if \
         another program has it, stop that",
    ),
    (
        &["No such file or directory", "kind: NotFound", "os error 2)"],
        "a file is missing: a side is a clean clone, without files that git ignores (name them in `[tree] include`) and without what \
         other programs left in your work tree; paths are looked up from the package's directory",
    ),
    (
        &[
            "unexpected argument",
            "unrecognized option",
            "Unrecognized option",
            "unknown option",
            "Found argument",
            "invalid option",
        ],
        "its `main` refuses the words that a harness is started with (`--bench`, `--noplot`, a filter): let the harness read the \
         command line, in Criterion `Criterion::default().configure_from_args()`, or let `main` ignore what it does not know",
    ),
];

/// What helps a process that printed this.
pub(super) fn cure(said: &str) -> Option<&'static str> {
    let fits = |(words, _): &&(&[&str], &str)| words.iter().any(|word| said.contains(word));
    CURES.iter().find(fits).map(|(_, cure)| *cure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_in_the_surroundings_is_named() {
        #[track_caller]
        fn check(said: &str, expected: Option<&str>) {
            assert_eq!(cure(said).map(|cure| cure.contains(expected.unwrap_or_default())), expected.map(|_| true));
        }
        check("called `Result::unwrap()` on an `Err` value: NotPresent", Some("`[env]`"));
        check("no size: environment variable not found", Some("`[env]`"));
        check("libx.so: cannot open shared object file: No such file or directory", Some("LD_LIBRARY_PATH"));
        check("Os { code: 2, kind: NotFound, message: \"No such file or directory\" }", Some("`[tree] include`"));
        check("Os { code: 98, kind: AddrInUse, message: \"Address already in use\" }", Some("port 0"));
        check("error: unexpected argument '--noplot' found", Some("configure_from_args"));
        check("index out of bounds: the len is 2 but the index is 2", None);
    }
}
