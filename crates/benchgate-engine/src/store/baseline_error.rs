//! Why stored counts cannot be used.

use std::io;

use thiserror::Error;

/// A baseline file that cannot be used; each case has its own cure.
#[derive(Debug, Error)]
pub enum BaselineError {
    /// The file or its directory may not be read.
    #[error("baseline `{name}` cannot be read: {source}\nhint: look at its permissions with `ls -l`")]
    Unreadable {
        /// The file or directory.
        name: String,
        /// What the system said.
        source: io::Error,
    },
    /// The file ends too early.
    #[error("baseline `{name}` is cut off at line {line}, column {column}: {reason}\nhint: {}", restore(name))]
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
    /// The file is not JSON, not that of a baseline, or says something twice.
    #[error("baseline `{name}` is damaged at line {line}, column {column}: {reason}\nhint: {}", restore(name))]
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
    /// A merge was not finished.
    #[error(
        "baseline `{name}` has a merge conflict at line {line}\nhint: record it again on the merged tree: `cargo benchgate baseline save`"
    )]
    Conflict {
        /// The file.
        name: String,
        /// Line of the first marker, from 1.
        line: usize,
    },
    /// Another program's version wrote it.
    #[error("baseline `{name}` has schema {found}, expected {supported}\nhint: {}", if found > supported {
        "a newer benchgate wrote it: update this one"
    } else {
        "an older benchgate wrote it: record it again with `cargo benchgate baseline save`"
    })]
    Schema {
        /// The file.
        name: String,
        /// Its schema.
        found: u64,
        /// The schema of this program.
        supported: u64,
    },
    /// Two files speak for one bench target.
    #[error(
        "baselines `{first}` and `{second}` both hold target `{target}` of package `{package}`\nhint: delete the stale one"
    )]
    SameTarget {
        /// The file read first.
        first: String,
        /// The other.
        second: String,
        /// Cargo package.
        package: String,
        /// Bench target.
        target: String,
    },
}

fn restore(name: &str) -> String {
    format!("restore it with `git checkout -- {name}` or record it again with `cargo benchgate baseline save`")
}
