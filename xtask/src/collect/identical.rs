//! Proof that two executables hold the same code, so that nothing needs to be measured.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use super::build::Executable;
use super::cache::hex;
use super::elf::loaded_hash;
use super::tree::{TreeManifest, is_beside_the_code};

/// Whether two executables are the same code, and how that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// The same; says what was ignored.
    Identical(String),
    /// Not the same, or not provably so; says why.
    Different(String),
}

/// Compares the executables of both sides. `differing` are the files that differ between the two trees; the workspace
/// lies `below` their roots.
///
/// Cargo must start both alike. They are identical when all loaded bytes are equal but for the build-id and source positions in changed files, and
/// every differing file is a compile input or documentation: a data file read at run time changes nothing in the
/// executable.
///
/// # Errors
/// An executable cannot be read.
pub fn compare(
    base: &Executable,
    candidate: &Executable,
    differing: &BTreeSet<PathBuf>,
    below: &Path,
) -> Result<Identity> {
    let is_explained = |path: &&PathBuf| {
        path.to_str().is_some_and(is_beside_the_code) || base.inputs.contains(*path) || candidate.inputs.contains(*path)
    };
    if let Some(path) = differing.iter().find(|path| !is_explained(path)) {
        return Ok(Identity::Different(format!("`{}` differs and may be read at run time", path.display())));
    }
    if let Some(difference) = base.surroundings.difference(&candidate.surroundings) {
        return Ok(Identity::Different(difference));
    }
    let (base, candidate) = (read(base)?, read(candidate)?);
    let equal = |moved: &BTreeSet<String>| {
        let (left, right) = (loaded_hash(&base, moved), loaded_hash(&candidate, moved));
        left.is_some() && left == right
    };
    if base == candidate || equal(&BTreeSet::new()) {
        Ok(Identity::Identical("same bytes".into()))
    } else if equal(&names_in_code(differing, below)) {
        Ok(Identity::Identical("source positions moved".into()))
    } else {
        Ok(Identity::Different("machine code differs".into()))
    }
}

/// Hash of what a measurement of an executable of `tree` depends on: its loaded bytes but for the build-id, every file
/// that it may read at run time, and what cargo sets for it. Two executables of one hash are [`Identity::Identical`].
///
/// # Errors
/// The executable cannot be read.
pub fn code_hash(executable: &Executable, tree: &TreeManifest) -> Result<String> {
    let bytes = read(executable)?;
    let mut hash = Sha256::new();
    hash.update(loaded_hash(&bytes, &BTreeSet::new()).unwrap_or_else(|| Sha256::digest(&bytes).into()));
    let is_read = |path: &Path| !path.to_str().is_some_and(is_beside_the_code) && !executable.inputs.contains(path);
    hash.update(tree.hash_of(is_read));
    hash.update(executable.surroundings.hash());
    Ok(hex(&hash.finalize()))
}

fn read(executable: &Executable) -> Result<Vec<u8>> {
    fs::read(&executable.file).with_context(|| format!("cannot read `{}`", executable.file.display()))
}

/// How the compiler spells files in source positions: below the workspace, where it is started.
fn names_in_code(differing: &BTreeSet<PathBuf>, below: &Path) -> BTreeSet<String> {
    let names = differing.iter().filter_map(|path| path.strip_prefix(below).ok()?.to_str());
    names.map(String::from).collect()
}
