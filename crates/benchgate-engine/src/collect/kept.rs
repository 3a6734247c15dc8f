//! Builds, each in a target directory of its own, kept by what they were built from.
//!
//! What an executable may open when it runs (`OUT_DIR`, libraries, programs) stays where it was built, so an executable that is kept
//! finds its own and no other's. Beside the directories lies a record of each; the digests of what it holds lie elsewhere.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::build::Executable;
use super::cache::{Cache, hex};
use super::launching::Surroundings;
use super::outside::Outside;
use super::packages::below;
use super::seal::{Digests, Seal};
use super::seed::Units;
use benchgate_core::model::{Absence, LeftOut, Side};

/// How many builds are kept; the ones used longest ago go first. Both sides of a few branches.
const KEPT_BUILDS: usize = 8;

/// What a build is known by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Key {
    pub side: String,
    /// Files and commit of the tree, in full, against the improbable clash of hashes.
    pub tree: Vec<String>,
    /// Everything else that decides what comes out. Builds that share it can share units of dependencies.
    pub recipe: Vec<String>,
}

/// Where a build lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Its target directory.
    pub target: PathBuf,
    record: PathBuf,
    digests: PathBuf,
}

/// What was found of a build.
pub(super) enum Found {
    /// The executables, and what was not built.
    Kept(Vec<Executable>, Vec<LeftOut>),
    /// Nothing, or something that is not whole.
    Nothing,
    /// It was changed since it was built, and is gone now.
    Changed(PathBuf),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    key: Key,
    executables: Vec<Entry>,
    not_built: Vec<NotBuilt>,
    units: Units,
    outside: Outside,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    package: String,
    version: String,
    target: String,
    /// Below the target directory.
    file: PathBuf,
    /// Below the workspace root.
    directory: PathBuf,
    surroundings: Surroundings,
    inputs: BTreeSet<PathBuf>,
}

/// A bench whose required features are off.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NotBuilt {
    package: String,
    target: String,
    features: Vec<String>,
}

impl NotBuilt {
    fn of(left_out: &LeftOut) -> Vec<Self> {
        let LeftOut { package, benches, absence: Absence::Features(features) } = left_out else { return Vec::new() };
        let of =
            |target: &String| Self { package: package.clone(), target: target.clone(), features: features.clone() };
        benches.iter().map(of).collect()
    }
}

impl From<NotBuilt> for LeftOut {
    fn from(NotBuilt { package, target, features }: NotBuilt) -> Self {
        Self { package, benches: vec![target], absence: Absence::Features(features) }
    }
}

impl Key {
    /// Where a build of this key lies. Paths of both sides have the same length.
    pub fn place(&self, cache: &Cache) -> Place {
        let words = [std::slice::from_ref(&self.side), &self.tree[..], &self.recipe].concat();
        let letter = if self.side == Side::Base.name() { 'b' } else { 'c' };
        let name = format!("{letter}{}", &hex(&Sha256::digest(words.join("\0")))[..23]);
        Place {
            target: cache.builds().join(&name),
            record: cache.builds().join(format!("{name}.json")),
            digests: cache.digests().join(format!("{name}.json")),
        }
    }
}

impl Place {
    /// Where a side is compiled once more to be linked in other orders.
    pub fn links(&self) -> PathBuf {
        links(&self.target)
    }

    /// The file with the digests of what was built.
    pub fn digests(&self) -> &Path {
        &self.digests
    }

    /// Removes the build.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn remove(&self) -> Result<()> {
        for file in [&self.record, &self.digests] {
            super::tree::remove_if_there(file)?;
        }
        super::tree::remove_tree(&self.links())?;
        super::tree::remove_tree(&self.target)
    }
}

/// Where what is built in a target directory is compiled once more to be linked in other orders.
pub(super) fn links(target: &Path) -> PathBuf {
    target.with_extension("links")
}

/// The units of dependencies that a kept build used.
pub(super) fn units_of(target: &Path) -> Option<Units> {
    let record = fs::read(target.with_extension("json")).ok()?;
    serde_json::from_slice::<Record>(&record).ok().map(|record| record.units)
}

/// Executables kept under a key, with their directories in the workspace at `root`.
pub(super) fn find(cache: &Cache, key: &Key, root: &Path) -> Result<Found> {
    let place = key.place(cache);
    let Ok(bytes) = fs::read(&place.record) else { return Ok(Found::Nothing) };
    let Ok(record) = serde_json::from_slice::<Record>(&bytes) else { return Ok(Found::Nothing) };
    let Some(digests) = fs::read(&place.digests).ok().and_then(|bytes| Digests::parse(&bytes)) else {
        return Ok(Found::Nothing);
    };
    if record.key != *key {
        return Ok(Found::Nothing);
    }
    if !record.outside.is_same() {
        place.remove()?; // cargo would begin with what it built of something else
        return Ok(Found::Nothing);
    }
    let seal = match Seal::of(digests) {
        Ok(seal) => seal,
        Err(broken) => {
            place.remove()?;
            return Ok(Found::Changed(broken.file));
        }
    };
    let touched = fs::File::options().write(true).open(&place.record)?;
    touched.set_modified(std::time::SystemTime::now()).context("cannot note that a kept build was used")?;
    let executables = record.executables.into_iter().map(|entry| Executable {
        file: place.target.join(&entry.file),
        target_directory: place.target.clone(),
        directory: root.join(&entry.directory),
        surroundings: entry.surroundings,
        package: entry.package,
        version: entry.version,
        target: entry.target,
        inputs: entry.inputs,
        seal: seal.clone(),
    });
    Ok(Found::Kept(executables.collect(), record.not_built.into_iter().map(LeftOut::from).collect()))
}

/// Keeps what was built. `seal` covers the executables and what they may open.
pub(super) fn keep(
    cache: &Cache,
    key: &Key,
    (executables, not_built): (&[Executable], &[LeftOut]),
    (units, outside): (Units, Outside),
    root: &Path,
) -> Result<()> {
    let place = key.place(cache);
    let Some(first) = executables.first() else { return Ok(()) };
    let entry = |executable: &Executable| Entry {
        package: executable.package.clone(),
        version: executable.version.clone(),
        target: executable.target.clone(),
        file: below(&executable.file, &place.target),
        directory: below(&executable.directory, root),
        surroundings: executable.surroundings.clone(),
        inputs: executable.inputs.clone(),
    };
    let executables = executables.iter().map(entry).collect();
    let not_built = not_built.iter().flat_map(NotBuilt::of).collect();
    let record = Record { key: key.clone(), executables, not_built, units, outside };
    let record = serde_json::to_vec(&record)?;
    let context = || format!("cannot keep `{}`", place.target.display());
    fs::create_dir_all(cache.digests()).with_context(context)?;
    fs::write(&place.digests, first.seal.digests().to_bytes()).with_context(context)?;
    write_whole(&place.record, &record).with_context(context) // last: it makes the rest count
}

/// Keeps a build of programs alone.
pub(super) fn keep_without_benches(cache: &Cache, key: &Key, (units, outside): (Units, Outside)) -> Result<()> {
    let place = key.place(cache);
    let record = Record { key: key.clone(), executables: Vec::new(), not_built: Vec::new(), units, outside };
    write_whole(&place.record, &serde_json::to_vec(&record)?).context("cannot keep a build")
}

/// Makes room: builds that were not finished, those used longest ago, and what is no build. `current` stays.
pub(super) fn prune(cache: &Cache, current: &Place) -> Result<()> {
    let mut used = BTreeSet::new();
    let entries = match fs::read_dir(cache.builds()) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error).with_context(|| format!("cannot read `{}`", cache.builds().display())),
    };
    for entry in entries {
        let path = entry?.path();
        let is_current = [&current.target, &current.record].contains(&&path);
        let is_record = path.extension().is_some_and(|extension| extension == "json");
        let record = path.with_extension("json");
        let is_finished = record.is_file() && path.with_extension("") == path;
        if is_record && !is_current && path.with_extension("").is_dir() {
            let modified = fs::metadata(&path).and_then(|metadata| metadata.modified()).ok();
            used.insert((modified, path.with_extension("")));
        } else if !is_current && !is_finished {
            super::tree::remove_tree(&path)?;
        }
    }
    let surplus = (used.len() + 1).saturating_sub(KEPT_BUILDS);
    for (_, target) in used.into_iter().take(surplus) {
        let name = target.file_name().unwrap_or_default().to_owned();
        let digests = cache.digests().join(name).with_extension("json");
        Place { record: target.with_extension("json"), target, digests }.remove()?;
    }
    Ok(())
}

/// The target directory of the build that was used last and whose dependencies were built in the same way, and its units of them.
pub(super) fn latest_like(cache: &Cache, key: &Key) -> Option<(PathBuf, Units)> {
    let records = fs::read_dir(cache.builds()).ok()?.flatten().map(|entry| entry.path());
    let records = records.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    let mut found: Vec<_> = records
        .filter_map(|path| {
            let record = serde_json::from_slice::<Record>(&fs::read(&path).ok()?).ok()?;
            let is_alike = record.key.recipe == key.recipe;
            let modified = fs::metadata(&path).ok()?.modified().ok()?;
            is_alike.then(|| (modified, path.with_extension(""), record.units))
        })
        .collect();
    found.sort_by_key(|(modified, ..)| *modified);
    found.pop().map(|(_, target, units)| (target, units))
}

fn write_whole(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut temporary = tempfile::NamedTempFile::new_in(file.parent().unwrap_or(file))?;
    temporary.write_all(bytes)?;
    temporary.persist(file)?;
    Ok(())
}
