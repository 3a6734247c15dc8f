//! What cargo puts around an executable when it starts it: kept as the difference to what cargo was given.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::callers_environment;
use super::record::LaunchRecord;
use super::wire::Wire;

/// Where the loader looks for libraries; cargo puts its own directories before those of the caller.
pub(super) const LIBRARY_PATHS: [&str; 2] = ["LD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"];

/// Rustup's notes to itself, which depend on how deep the gate was started.
const OF_RUSTUP: [&str; 2] = ["RUST_RECURSION_COUNT", "RUSTUP_TOOLCHAIN_SOURCE"];

/// What cargo puts around an executable when it starts it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Wire", into = "Wire")]
pub struct Surroundings {
    /// Where it runs.
    pub directory: PathBuf,
    pub(super) changes: BTreeMap<OsString, Change>,
    /// Directories of the side, whose names are no difference between two sides.
    pub(super) own: Vec<PathBuf>,
}

/// What cargo does to a variable that it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Value(OsString),
    /// It puts this before what is there, and a colon between.
    Before(OsString),
    /// It puts this behind what is there.
    Behind(OsString),
    Removed,
}

impl Surroundings {
    /// Those of a program that is none of cargo's.
    pub fn plain(directory: &Path) -> Self {
        Self { directory: directory.to_owned(), changes: BTreeMap::new(), own: Vec::new() }
    }

    pub(super) fn of(record: LaunchRecord, given: &BTreeMap<OsString, OsString>, own: Vec<PathBuf>) -> Self {
        let LaunchRecord { program: _, directory, environment } = record;
        let is_rustups = |name: &OsStr| OF_RUSTUP.iter().any(|other| name == *other);
        let mut changes = BTreeMap::new();
        for (name, value) in &environment {
            if given.get(name) != Some(value) && !is_rustups(name) {
                changes.insert(name.clone(), Change::of(name, given.get(name), value));
            }
        }
        for name in given.keys().filter(|name| !environment.contains_key(*name)) {
            changes.insert(name.clone(), Change::Removed);
        }
        Self { directory, changes, own }
    }

    /// The whole environment of a process, as of now.
    pub fn environment(&self) -> BTreeMap<OsString, OsString> {
        self.changed(callers_environment())
    }

    fn changed(&self, mut environment: BTreeMap<OsString, OsString>) -> BTreeMap<OsString, OsString> {
        for (name, change) in &self.changes {
            let there = environment.remove(name);
            environment.extend(change.applied(there).map(|value| (name.clone(), value)));
        }
        environment
    }

    /// The first thing in which two sides differ but for the names of their own directories, among the variables that `is_seen`.
    pub fn difference(&self, other: &Self, is_seen: impl Fn(&[u8]) -> bool) -> Option<String> {
        let (left, right) = (self.neutral(), other.neutral());
        let differs = |name: &&Vec<u8>| left.get(*name) != right.get(*name) && is_seen(name);
        let name = left.keys().chain(right.keys()).find(differs)?;
        Some(match &**name {
            b"" => "its working directory differs".into(),
            name => format!("the variable `{}` differs", String::from_utf8_lossy(name)),
        })
    }

    /// The same for surroundings of all sides that are equal in the variables that `is_seen`.
    pub fn hash(&self, is_seen: impl Fn(&[u8]) -> bool) -> [u8; 32] {
        let mut hash = Sha256::new();
        for (name, value) in self.neutral().into_iter().filter(|(name, _)| is_seen(name)) {
            hash.update([&*name, b"\0", &value, b"\0"].concat());
        }
        hash.finalize().into()
    }

    /// All of it, with marks in the place of the side's own directories; no variable has an empty name.
    fn neutral(&self) -> BTreeMap<Vec<u8>, Vec<u8>> {
        let marked = |text: &OsStr| {
            let mut text = text.as_bytes().to_vec();
            for (index, own) in self.own.iter().enumerate() {
                text = replaced(&text, own.as_os_str().as_bytes(), format!("\0{index}").as_bytes());
            }
            text
        };
        let changes = self.changes.iter().map(|(name, change)| {
            let (kind, value) = match change {
                Change::Value(value) => (b'=', &**value),
                Change::Before(value) => (b'<', &**value),
                Change::Behind(value) => (b'>', &**value),
                Change::Removed => (b'-', OsStr::new("")),
            };
            (name.as_bytes().to_vec(), [&[kind], &*marked(value)].concat())
        });
        changes.chain([(Vec::new(), marked(self.directory.as_os_str()))]).collect()
    }
}

impl Change {
    fn of(name: &OsStr, given: Option<&OsString>, value: &OsStr) -> Self {
        let is_path = name == "PATH" || LIBRARY_PATHS.iter().any(|path| name == *path);
        let bytes = value.as_bytes();
        let owned = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
        match given.filter(|given| !given.is_empty()) {
            Some(given) if is_path => {
                let before = bytes.strip_suffix(given.as_bytes()).and_then(|rest| rest.strip_suffix(b":"));
                let behind = bytes.strip_prefix(given.as_bytes()).and_then(|rest| rest.strip_prefix(b":"));
                match (before, behind) {
                    (Some(before), _) => Self::Before(owned(before)),
                    (None, Some(behind)) => Self::Behind(owned(behind)),
                    (None, None) => Self::Value(value.to_owned()),
                }
            }
            None if is_path => Self::Before(value.to_owned()),
            _ => Self::Value(value.to_owned()),
        }
    }

    fn applied(&self, there: Option<OsString>) -> Option<OsString> {
        let joined = |first: &OsStr, second: &OsStr| {
            let mut joined = first.to_owned();
            joined.push(":");
            joined.push(second);
            joined
        };
        match (self, there.filter(|there| !there.is_empty())) {
            (Self::Value(value), _) => Some(value.clone()),
            (Self::Before(value), Some(there)) => Some(joined(value, &there)),
            (Self::Behind(value), Some(there)) => Some(joined(&there, value)),
            (Self::Before(value) | Self::Behind(value), None) => Some(value.clone()),
            (Self::Removed, _) => None,
        }
    }
}

fn replaced(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, after)) = rest.split_first() {
        match rest.strip_prefix(from).filter(|_| !from.is_empty()) {
            Some(behind) => {
                out.extend_from_slice(to);
                rest = behind;
            }
            None => {
                out.push(first);
                rest = after;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::collection::btree_map;
    use proptest::prelude::*;

    use super::*;

    type Environment = BTreeMap<OsString, OsString>;

    fn map(pairs: &[(&str, &str)]) -> Environment {
        pairs.iter().map(|(name, value)| (name.into(), value.into())).collect()
    }

    fn between(given: &Environment, environment: &Environment, own: &[&str]) -> Surroundings {
        let record =
            LaunchRecord { program: "/p".into(), directory: "/w/b/pkg".into(), environment: environment.clone() };
        Surroundings::of(record, given, own.iter().map(PathBuf::from).collect())
    }

    #[test]
    fn what_cargo_changes_is_changed_and_the_rest_is_the_callers() {
        #[track_caller]
        fn check(given: &[(&str, &str)], got: &[(&str, &str)], caller: &[(&str, &str)], expected: &[(&str, &str)]) {
            let changed = between(&map(given), &map(got), &[]).changed(map(caller));
            assert_eq!(changed, map(expected));
        }
        check(&[("A", "1")], &[("A", "1"), ("B", "2")], &[("A", "3")], &[("A", "3"), ("B", "2")]);
        check(&[("A", "1")], &[("A", "2")], &[("A", "3")], &[("A", "2")]);
        check(&[("A", "1"), ("B", "2")], &[("B", "2")], &[("A", "3"), ("B", "")], &[("B", "")]);
        // The loader's path of the moment stays behind cargo's, whether there was one when cargo was asked or not.
        let path = "LD_LIBRARY_PATH";
        check(&[(path, "/u")], &[(path, "/t:/u")], &[(path, "/v:/u")], &[(path, "/t:/v:/u")]);
        check(&[], &[(path, "/t:/s")], &[(path, "/v")], &[(path, "/t:/s:/v")]);
        check(&[(path, "/u")], &[(path, "/t:/u")], &[], &[(path, "/t")]);
        check(&[("PATH", "/bin")], &[("PATH", "/bin:/r")], &[("PATH", "/x")], &[("PATH", "/x:/r")]);
        check(&[("RUST_RECURSION_COUNT", "1")], &[("RUST_RECURSION_COUNT", "2")], &[], &[]);
    }

    #[test]
    fn sides_differ_in_values_and_not_in_their_own_names() {
        #[track_caller]
        fn check(base: &[(&str, &str)], candidate: &[(&str, &str)], expected: Option<&str>) {
            let base = between(&Environment::new(), &map(base), &["/w/b", "/w/s"]);
            let candidate = Surroundings {
                directory: "/w/c/pkg".into(),
                ..between(&Environment::new(), &map(candidate), &["/w/c", "/w/t"])
            };
            assert_eq!(base.difference(&candidate, |_| true).as_deref(), expected);
            assert_eq!(base.hash(|_| true) == candidate.hash(|_| true), expected.is_none());
        }
        check(&[("A", "/w/b/x:/w/s/o")], &[("A", "/w/c/x:/w/t/o")], None);
        check(&[("A", "/w/b/x")], &[("A", "/w/c/y")], Some("the variable `A` differs"));
        check(&[("A", "1")], &[("A", "2")], Some("the variable `A` differs"));
        check(&[("A", "1"), ("B", "1")], &[("A", "1")], Some("the variable `B` differs"));
        check(&[("A", "/w/b")], &[("A", "/w/t")], Some("the variable `A` differs"));
    }

    fn environment() -> impl Strategy<Value = Environment> {
        let name = prop::sample::select(vec!["A", "B", "PATH", "LD_LIBRARY_PATH", "é"]).prop_map(OsString::from);
        let value =
            prop::collection::vec(prop::sample::select(b"/a:\n\xff=".to_vec()), 0..6).prop_map(OsString::from_vec);
        btree_map(name, value, 0..5)
    }

    proptest! {
        /// Applied to what cargo was given, the changes give what cargo gave.
        #[test]
        fn changes_lead_from_what_was_given_to_what_was_got(given in environment(), got in environment()) {
            prop_assert_eq!(between(&given, &got, &[]).changed(given), got);
        }

        #[test]
        fn what_is_kept_is_read_again(given in environment(), got in environment()) {
            let surroundings = between(&given, &got, &["/w/b"]);
            let kept = serde_json::to_vec(&surroundings).unwrap();
            prop_assert_eq!(serde_json::from_slice::<Surroundings>(&kept).unwrap(), surroundings);
        }
    }
}
