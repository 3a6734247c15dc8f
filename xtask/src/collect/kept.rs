//! Executables kept by what they were built from, so that a base is built once.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::build::Executable;
use super::cache::hex;

/// How many builds are kept; the ones used longest ago go first.
const KEPT_BUILDS: usize = 16;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    /// What it was built from, in full, against the improbable clash of hashes.
    key: Vec<String>,
    executables: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    package: String,
    version: String,
    target: String,
    file: String,
    /// Below the workspace root.
    directory: PathBuf,
    inputs: BTreeSet<String>,
}

fn place(kept: &Path, key: &[String]) -> PathBuf {
    kept.join(&hex(&Sha256::digest(key.join("\0")))[..24])
}

/// Executables kept under a key, with their directories in the workspace at `root`; `None` where there are none, or
/// the record does not hold what it should.
pub(super) fn find(kept: &Path, key: &[String], root: &Path) -> Result<Option<Vec<Executable>>> {
    let place = place(kept, key);
    let Ok(bytes) = fs::read(place.join("record.json")) else { return Ok(None) };
    let Ok(record) = serde_json::from_slice::<Record>(&bytes) else { return Ok(None) };
    let is_whole = record.executables.iter().all(|entry| place.join(&entry.file).is_file());
    if record.key != key || !is_whole {
        return Ok(None);
    }
    let touched = fs::File::options().write(true).open(place.join("record.json"))?;
    touched.set_modified(std::time::SystemTime::now()).context("cannot note that kept executables were used")?;
    let executables = record.executables.into_iter().map(|entry| Executable {
        file: place.join(&entry.file),
        directory: root.join(&entry.directory),
        package: entry.package,
        version: entry.version,
        target: entry.target,
        inputs: entry.inputs,
    });
    Ok(Some(executables.collect()))
}

/// Copies executables under a key and returns them at their new place.
pub(super) fn keep(kept: &Path, key: &[String], executables: &[Executable], root: &Path) -> Result<Vec<Executable>> {
    let place = place(kept, key);
    let context = || format!("cannot keep executables in `{}`", place.display());
    if place.exists() {
        fs::remove_dir_all(&place).with_context(context)?;
    }
    fs::create_dir_all(&place).with_context(context)?;
    let mut entries = Vec::new();
    let mut moved = Vec::new();
    for (index, executable) in executables.iter().enumerate() {
        let name = format!("{index:03}");
        fs::copy(&executable.file, place.join(&name)).with_context(context)?;
        moved.push(Executable { file: place.join(&name), ..executable.clone() });
        entries.push(Entry {
            package: executable.package.clone(),
            version: executable.version.clone(),
            target: executable.target.clone(),
            file: name,
            directory: executable.directory.strip_prefix(root).unwrap_or(&executable.directory).to_owned(),
            inputs: executable.inputs.clone(),
        });
    }
    let record = Record { key: key.to_vec(), executables: entries };
    fs::write(place.join("record.json"), serde_json::to_vec(&record)?).with_context(context)?; // last: it makes the rest count
    prune(kept)?;
    Ok(moved)
}

fn prune(kept: &Path) -> Result<()> {
    let mut places = Vec::new();
    for entry in fs::read_dir(kept).with_context(|| format!("cannot read `{}`", kept.display()))? {
        let path = entry?.path();
        let used = fs::metadata(path.join("record.json")).and_then(|metadata| metadata.modified()).ok();
        places.push((used, path));
    }
    places.sort();
    let surplus = places.len().saturating_sub(KEPT_BUILDS);
    for (_, path) in &places[..surplus] {
        fs::remove_dir_all(path).with_context(|| format!("cannot remove `{}`", path.display()))?;
    }
    Ok(())
}
