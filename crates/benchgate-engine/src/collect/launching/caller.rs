//! The environment of whoever started the gate, without what the cargo that started it has put there.

use std::collections::BTreeMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

use super::super::configuration::CargoConfiguration;
use super::surroundings::LIBRARY_PATHS;

/// What `cargo run` sets for the program that it runs, beside `[env]` and the loader's path.
const OF_CARGO_RUN: [&str; 9] = [
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_LINKS",
    "CARGO_MANIFEST_PATH",
    "CARGO_PKG_",
    "CARGO_BIN_",
    "CARGO_CRATE_NAME",
    "CARGO_PRIMARY_PACKAGE",
    "CARGO_TARGET_TMPDIR",
    "OUT_DIR",
];

/// What is never the user's word to a bench: `cargo` says itself which it is, rustup which toolchain was chosen, and the gate
/// where Criterion connects.
const OF_NOBODY: [&str; 3] = ["CARGO", "RUSTUP_TOOLCHAIN", "CARGO_CRITERION_PORT"];

/// What a shell would give to the program that it starts.
///
/// `cargo xtask` is `cargo run`: it sets the variables of the gate's own package, and those of `[env]` of the directory where it was
/// started. The base may set others, and cargo leaves alone what is set already, so they must not come through.
pub(in crate::collect) fn environment() -> BTreeMap<OsString, OsString> {
    let directory = env::current_dir().unwrap_or_default();
    of(env::vars_os().collect(), || CargoConfiguration::at(&directory, &[]))
}

fn of(
    mut all: BTreeMap<OsString, OsString>,
    configuration: impl FnOnce() -> CargoConfiguration,
) -> BTreeMap<OsString, OsString> {
    let is_run_by_cargo = all.contains_key(OsStr::new("CARGO_MANIFEST_DIR"));
    all.retain(|name, _| !OF_NOBODY.iter().any(|other| name == other));
    if !is_run_by_cargo {
        return all;
    }
    let configuration = configuration();
    let is_cargos = |name: &OsStr| OF_CARGO_RUN.iter().any(|start| name.as_bytes().starts_with(start.as_bytes()));
    all.retain(|name, value| !is_cargos(name) && !configuration.sets(name, value));
    for name in LIBRARY_PATHS {
        let Some(value) = all.remove(OsStr::new(name)) else { continue };
        if let Some(rest) = behind_cargos(&value) {
            all.insert(name.into(), rest);
        }
    }
    all
}

/// What follows cargo's own entries of a loader's path, which end with the libraries of the toolchain.
fn behind_cargos(value: &OsStr) -> Option<OsString> {
    let entries: Vec<&[u8]> = value.as_bytes().split(|&byte| byte == b':').collect();
    let sysroot = |entry: &[u8]| {
        let target = Path::new(OsStr::from_bytes(entry)).parent()?; // …/lib/rustlib/TRIPLE
        (entry.ends_with(b"/lib") && target.parent()?.ends_with("lib/rustlib"))
            .then(|| target.parent()?.parent())
            .flatten()
            .map(Path::to_owned)
    };
    let (last, of_host) = entries.iter().enumerate().rev().find_map(|(at, entry)| Some((at, sysroot(entry)?)))?;
    let rest = &entries[last + 1..];
    let rest = match rest.split_first() {
        Some((first, rest)) if *first == of_host.as_os_str().as_bytes() => rest,
        _ => rest,
    };
    (!rest.is_empty()).then(|| OsString::from_vec(rest.join(&b':')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<OsString, OsString> {
        pairs.iter().map(|(name, value)| (name.into(), value.into())).collect()
    }

    #[test]
    fn what_cargo_run_set_is_left_out() {
        let configuration = || CargoConfiguration {
            variables: vec![("SIZE".into(), "800".into()), ("MINE".into(), "1".into())],
            ..CargoConfiguration::default()
        };
        let usual = [("CARGO_TERM_COLOR", "always"), ("HOME", "/h"), ("LD_PRELOAD", "/l.so"), ("MINE", "2")];
        let own = [
            ("CARGO", "/c"),
            ("CARGO_MANIFEST_DIR", "/x"),
            ("CARGO_PKG_NAME", "benchgate"),
            ("LD_LIBRARY_PATH", "/t/release:/r/lib/rustlib/x86_64-unknown-linux-gnu/lib:/r/lib"),
            ("OUT_DIR", "/o"),
            ("RUSTUP_TOOLCHAIN", "stable"),
            ("SIZE", "800"),
        ];
        assert_eq!(of(map(&[&usual[..], &own].concat()), configuration), map(&usual));
    }

    #[test]
    fn without_cargo_everything_is_the_users() {
        let all = [("CARGO_PKG_NAME", "x"), ("LD_LIBRARY_PATH", "/t:/r/lib/rustlib/x/lib"), ("OUT_DIR", "/o")];
        assert_eq!(of(map(&all), || unreachable!("cargo did not start it")), map(&all));
    }

    #[test]
    fn library_path_of_the_user_stays() {
        #[track_caller]
        fn check(value: &str, expected: Option<&str>) {
            assert_eq!(behind_cargos(value.as_ref()), expected.map(OsString::from));
        }
        check("/t:/t/deps:/r/lib/rustlib/x/lib:/r/lib", None);
        check("/t:/t/deps:/r/lib/rustlib/x/lib:/r/lib:/mine:/too", Some("/mine:/too"));
        check("/t:/r/lib/rustlib/x/lib:/mine", Some("/mine"));
        check("/t:/elsewhere", None);
    }
}
