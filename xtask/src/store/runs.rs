//! Stored runs: one JSON file each, with everything that a verdict needs.
//!
//! They are kept under `<target>/benchgate/runs/`, named by start and seed so that names sort by time. The newest
//! [`KEPT_RUNS`] stay, and of those only as many as fit into [`KEPT_BYTES`]; the run just saved always stays.

use std::fs;
use std::path::{Path, PathBuf};

use super::file::{WriteError, write_whole};
use super::run_error::RunFileError;
use super::run_wire::{FileWire, PolicyWire, SCHEMA, SchemaWire};
use crate::model::Run;

/// Runs that are kept. A day's work on a branch; older ones are what git and baselines are for.
pub const KEPT_RUNS: usize = 50;

/// Bytes of runs that are kept: 256 MiB, a small share of a target directory.
pub const KEPT_BYTES: u64 = 256 << 20;

/// A run and the policy that judged it.
#[derive(Clone, Debug, PartialEq)]
pub struct RunFile {
    /// The evidence.
    pub run: Run,
    /// The policy as it was given; `None` where the workspace had none and the default held.
    pub policy: Option<PolicyText>,
}

/// A policy as text: `report` parses it again with `config::parse(&name, &text)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyText {
    /// What to call it in messages, for instance `benchgate.toml` or `origin/main:benchgate.toml`.
    pub name: String,
    /// The whole text of the file.
    pub text: String,
}

/// Writes a run into `directory` and prunes old ones. Saving the same run again (same start and seed) replaces it, so
/// an interrupted run's partial file does not stay beside the final one.
///
/// # Errors
/// [`WriteError`] if the directory cannot be written, or a number of the run is NaN or infinite.
pub fn save(directory: &Path, file: &RunFile) -> Result<PathBuf, WriteError> {
    let path = directory.join(file_name(&file.run));
    let policy = file.policy.clone().map(|PolicyText { name, text }| PolicyWire { name, text });
    let json = serde_json::to_vec(&FileWire::new(&file.run, policy))
        .map_err(|error| WriteError::Content { path: path.clone(), reason: error.to_string() })?;
    write_whole(&path, &json)?;
    prune(directory, &path)?;
    Ok(path)
}

/// Reads a run.
///
/// # Errors
/// [`RunFileError`] if it is missing, cut off, damaged or of another schema.
pub fn load(path: &Path) -> Result<RunFile, RunFileError> {
    let name = path.display().to_string();
    let bytes = fs::read(path).map_err(|source| RunFileError::Unreadable { name: name.clone(), source })?;
    parse(&name, &bytes)
}

/// Reads a run from the bytes of its file; `name` is what messages call it.
///
/// # Errors
/// As [`load`].
pub fn parse(name: &str, bytes: &[u8]) -> Result<RunFile, RunFileError> {
    let broken = |error: serde_json::Error| {
        let (name, line, column) = (name.to_owned(), error.line(), error.column());
        let reason = without_place(&error);
        match error.classify() {
            serde_json::error::Category::Eof => RunFileError::Truncated { name, line, column, reason },
            _ => RunFileError::Damaged { name, line, column, reason },
        }
    };
    let SchemaWire { schema } = serde_json::from_slice(bytes).map_err(broken)?;
    if schema != SCHEMA {
        return Err(RunFileError::Schema { name: name.to_owned(), found: schema, supported: SCHEMA });
    }
    let wire: FileWire = serde_json::from_slice(bytes).map_err(broken)?;
    let (run, policy) = wire.into_parts();
    Ok(RunFile { run, policy: policy.map(|PolicyWire { name, text }| PolicyText { name, text }) })
}

/// The newest run of a directory.
///
/// # Errors
/// [`RunFileError::NoRuns`] if there is none, [`RunFileError::Unreadable`] if the directory cannot be listed.
pub fn latest(directory: &Path) -> Result<PathBuf, RunFileError> {
    let none = || RunFileError::NoRuns { directory: directory.to_path_buf() };
    match stored(directory) {
        Ok(mut paths) => paths.pop().ok_or_else(none),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(none()),
        Err(source) => Err(RunFileError::Unreadable { name: directory.display().to_string(), source }),
    }
}

/// The message of a JSON error without its place, which our errors state by themselves.
pub(super) fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&place).unwrap_or(&text).to_owned()
}

/// `20261121T031806Z-1f2e3d4c.json`: start, then the low half of the seed.
fn file_name(run: &Run) -> String {
    let start: String = run.started.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
    format!("{start}-{:08x}.json", run.seed & 0xffff_ffff)
}

fn is_run_name(name: &str) -> bool {
    let Some((start, seed)) = name.strip_suffix(".json").and_then(|stem| stem.split_once('-')) else { return false };
    start.starts_with(|c: char| c.is_ascii_digit()) && seed.len() == 8 && seed.chars().all(|c| c.is_ascii_hexdigit())
}

/// Run files of a directory, oldest first.
fn stored(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(is_run_name) {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

fn prune(directory: &Path, saved: &Path) -> Result<(), WriteError> {
    let failed = |source| WriteError::File { path: saved.to_path_buf(), directory: directory.to_path_buf(), source };
    let (mut runs, mut bytes) = (0, 0);
    for path in stored(directory).map_err(failed)?.into_iter().rev() {
        runs += 1;
        bytes += fs::metadata(&path).map_or(0, |metadata| metadata.len());
        if path == saved || (runs <= KEPT_RUNS && bytes <= KEPT_BYTES) {
            continue;
        }
        match fs::remove_file(&path) {
            // Another run of the gate may have pruned it in the meantime.
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
    }
    Ok(())
}
