//! What the compiler says that a unit was compiled from: a file beside it in the syntax of make, with blanks escaped by a backslash.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use cargo_metadata::Artifact;

/// Files of the tree at `root` that a unit was compiled from, below it; the workspace lies `below` the root.
pub(super) fn inputs(artifact: &Artifact, below: &Path, root: &Path) -> BTreeSet<PathBuf> {
    let Some(file) = artifact.filenames.first() else { return BTreeSet::new() };
    let stem = file.file_stem().unwrap_or_default();
    let stem = if artifact.executable.is_some() { file.file_name().unwrap_or(stem) } else { stem };
    let stem = stem.strip_prefix("lib").filter(|_| artifact.executable.is_none()).unwrap_or(stem);
    let info = file.with_file_name(format!("{stem}.d"));
    let Ok(text) = fs::read(info) else { return BTreeSet::new() };
    named_inputs(&text).into_iter().filter_map(|path| in_tree(&path, below, root)).collect()
}

/// A path of dep-info as a path below the tree's root: relative ones start at the workspace's root.
fn in_tree(path: &Path, below: &Path, root: &Path) -> Option<PathBuf> {
    let path = if path.is_absolute() { path.strip_prefix(root).ok()?.to_owned() } else { below.join(path) };
    let mut parts = PathBuf::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => parts.push(name),
            Component::ParentDir => parts.pop().then_some(())?,
            _ => {}
        }
    }
    Some(parts)
}

/// Inputs that it names, over all of its rules.
pub(super) fn named_inputs(text: &[u8]) -> BTreeSet<PathBuf> {
    let mut inputs = BTreeSet::new();
    for line in text.split(|byte| *byte == b'\n').filter(|line| !line.starts_with(b"#")) {
        let Some(at) = line.windows(2).position(|window| window == b": ") else { continue };
        let mut name = Vec::new();
        let mut bytes = line[at + 2..].iter().copied().peekable();
        while let Some(byte) = bytes.next() {
            match byte {
                b'\\' if bytes.peek() == Some(&b' ') => name.extend(bytes.next()),
                b' ' | b'\r' => inputs.extend(named(std::mem::take(&mut name))),
                _ => name.push(byte),
            }
        }
        inputs.extend(named(name));
    }
    inputs
}

fn named(bytes: Vec<u8>) -> Option<PathBuf> {
    (!bytes.is_empty()).then(|| PathBuf::from(OsStr::from_bytes(&bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dep_info_names_inputs() {
        #[track_caller]
        fn check(text: &str, expected: &[&str]) {
            assert_eq!(named_inputs(text.as_bytes()), expected.iter().map(PathBuf::from).collect());
        }
        check(
            "/t/deps/a-1.d: src/lib.rs src/b.rs\n\nsrc/lib.rs:\nsrc/b.rs:\n\n# env-dep:X=a: b\n",
            &["src/lib.rs", "src/b.rs"],
        );
        check("/t/deps/a: src/with\\ blank.rs\n", &["src/with blank.rs"]);
        check("", &[]);
    }
}
