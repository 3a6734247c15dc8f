//! Keeps what an action answered as a file of JSON: four ways, each whole or not at all.
//!
//! | way | allocations for the text | memory | text |
//! |---|---|---|---|
//! | [`presized`] | 1 | the text | one line |
//! | [`compact`] | as the buffer grows | up to twice the text | one line |
//! | [`pretty`] | 1, seldom more | twice the text | indented |
//! | [`stream`] | 1 | 8 KiB, whatever the text | one line |
//!
//! Take [`presized`], or [`stream`] where an answer is larger than memory should hold twice. Making, writing and renaming the
//! file costs tens of microseconds and the text less than one, so which way it is written hardly shows in the time: that is
//! what the benches say, and why the text alone has benches of its own.
//!
//! The directory is made when it is missing, and only then, so that a save into one that exists asks for nothing more.

use crate::executor::whole::write_whole;
use crate::serialization::{Map, action};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Bytes that [`stream`] hands to the file at once.
const CHUNK: usize = 8 * 1024;

/// Why an answer could not be kept.
#[derive(Debug, thiserror::Error)]
#[error(
    "what the action answered could not be kept as `{path}`\nhint: expected a path in a directory that can be written to"
)]
pub struct SaveError {
    /// Where it was to be.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

/// On one line, in a buffer that grows as it is written.
///
/// # Errors
/// When the file cannot be written; what was there is still there then.
pub fn compact(result: &Map, path: &Path) -> Result<(), SaveError> {
    let mut text = Vec::new();
    action::append(result, &mut text);
    save(path, |file| file.write_all(&text))
}

/// On one line, in a buffer that is allocated once.
///
/// # Errors
/// As [`compact`].
///
/// ```
/// use perfblocks::executor::actions::save;
/// use perfblocks::serialization::Map;
/// let directory = tempfile::tempdir().expect("a directory to write to");
/// let path = directory.path().join("enterprise/status.json");
/// let mut answer = Map::default();
/// answer.insert("status", "success");
/// save::presized(&answer, &path)?;
/// assert_eq!(std::fs::read(path).expect("it was written"), br#"{"status":"success"}"#);
/// # Ok::<(), save::SaveError>(())
/// ```
pub fn presized(result: &Map, path: &Path) -> Result<(), SaveError> {
    let text = action::to_vec(result);
    save(path, |file| file.write_all(&text))
}

/// Indented, for people.
///
/// # Errors
/// As [`compact`].
pub fn pretty(result: &Map, path: &Path) -> Result<(), SaveError> {
    let text = action::to_vec_pretty(result);
    save(path, |file| file.write_all(&text))
}

/// On one line, through a buffer of 8 KiB, by serde_json: the direct writer puts a text together as a whole.
///
/// # Errors
/// As [`compact`].
pub fn stream(result: &Map, path: &Path) -> Result<(), SaveError> {
    save(path, |file| {
        let mut sink = BufWriter::with_capacity(CHUNK, file);
        serde_json::to_writer(&mut sink, result)?;
        sink.flush()
    })
}

fn save(path: &Path, write: impl Fn(&mut File) -> io::Result<()>) -> Result<(), SaveError> {
    let saved = match write_whole(path, &write) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            path.parent().map_or(Err(error), fs::create_dir_all).and_then(|()| write_whole(path, &write))
        }
        saved => saved,
    };
    saved.map_err(|source| SaveError { path: path.to_owned(), source })
}
