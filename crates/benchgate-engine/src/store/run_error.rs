//! Why a stored run cannot be used.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// A run file that cannot be used; each case has its own cure.
#[derive(Debug, Error)]
pub enum RunFileError {
    /// No run was ever stored here.
    #[error("directory `{}` holds no run\nhint: measure first: `cargo benchgate bench`", directory.display())]
    NoRuns {
        /// The directory.
        directory: PathBuf,
    },
    /// The file is not there, or may not be read.
    #[error("run file `{name}` cannot be read: {source}\nhint: {}", if source.kind() == io::ErrorKind::NotFound {
        "leave `--run` out to take the newest one: `cargo benchgate report`"
    } else {
        "look at its permissions with `ls -l`"
    })]
    Unreadable {
        /// The file.
        name: String,
        /// What the system said.
        source: io::Error,
    },
    /// The file ends too early.
    #[error(
        "run file `{name}` is cut off at line {line}, column {column}: {reason}\nhint: delete it and measure again: `cargo benchgate bench`"
    )]
    Truncated {
        /// The file.
        name: String,
        /// Line of the end, from 1.
        line: usize,
        /// Column of the end.
        column: usize,
        /// What was still expected.
        reason: String,
    },
    /// The file is not JSON, or not that of a run.
    #[error(
        "run file `{name}` is damaged at line {line}, column {column}: {reason}\nhint: delete it and measure again: `cargo benchgate bench`"
    )]
    Damaged {
        /// The file.
        name: String,
        /// Line, from 1.
        line: usize,
        /// Column.
        column: usize,
        /// What was expected and what was found.
        reason: String,
    },
    /// Another program's version wrote it.
    #[error("run file `{name}` has schema {found}, expected {supported}\nhint: {}", if found > supported {
        "a newer benchgate wrote it: update this one, or measure again with `cargo benchgate bench`"
    } else {
        "an older benchgate wrote it: measure again with `cargo benchgate bench`"
    })]
    Schema {
        /// The file.
        name: String,
        /// Its schema.
        found: u64,
        /// The schema of this program.
        supported: u64,
    },
}
