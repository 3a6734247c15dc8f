//! What is wrong with a configuration, where, and what to type instead.

use std::fmt;
use std::io;
use std::ops::Range;

use thiserror::Error;

/// A configuration that cannot be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file is there and cannot be read.
    #[error("`{name}` cannot be read: {source}\nhint: look at its permissions: `ls -l {name}`")]
    Unreadable {
        /// The file.
        name: String,
        /// What the system said.
        source: io::Error,
    },
    /// The file is not UTF-8.
    #[error("`{name}` is not UTF-8 text: the first wrong byte is at offset {offset}\nhint: save it as UTF-8")]
    NotText {
        /// The file.
        name: String,
        /// Bytes before the wrong one.
        offset: usize,
    },
    /// Something in the file is wrong.
    #[error(transparent)]
    Wrong(#[from] Complaint),
}

/// One thing that is wrong, with its place.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct Complaint {
    /// The file.
    pub name: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What was expected and what was found.
    pub problem: String,
    /// What to type instead.
    pub hint: String,
    /// The line, ready to be shown.
    pub excerpt: String,
    /// Characters of the line that are meant, at least 1.
    pub width: usize,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, line, column, problem, hint, excerpt, width } = self;
        let number = line.to_string();
        let margin = " ".repeat(number.len());
        let carets = format!("{}{}", " ".repeat(column - 1), "^".repeat(*width));
        writeln!(f, "`{name}:{line}:{column}`: {problem}")?;
        writeln!(f, " {number} | {excerpt}")?;
        writeln!(f, " {margin} | {carets}")?;
        write!(f, "hint: {hint}")
    }
}

/// A text with its name: what every message needs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Document<'a> {
    pub(super) name: &'a str,
    pub(super) text: &'a str,
}

impl Document<'_> {
    /// What stands at a place, control characters made visible.
    pub(super) fn at(&self, span: Range<usize>) -> String {
        visible(self.text.get(span).unwrap_or_default())
    }

    /// An error about a place, which is a range of bytes; one that lies outside the text means its end.
    pub(super) fn wrong(&self, span: Range<usize>, problem: impl Into<String>, hint: impl Into<String>) -> ConfigError {
        let start = self.boundary(span.start);
        let line_start = self.text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = self.text[start..].find('\n').map_or(self.text.len(), |length| start + length);
        let end = self.boundary(span.end).clamp(start, line_end.max(start));
        let complaint = Complaint {
            name: self.name.to_owned(),
            line: self.text[..start].matches('\n').count() + 1,
            column: self.text[line_start..start].chars().count() + 1,
            problem: problem.into(),
            hint: hint.into(),
            excerpt: visible(self.text[line_start..line_end].trim_end()),
            width: self.text[start..end].trim_end().chars().count().max(1),
        };
        complaint.into()
    }

    /// File and line of a place.
    pub(super) fn place(&self, span: Range<usize>) -> String {
        format!("{}:{}", self.name, self.line(span))
    }

    /// The line of a place, from 1.
    pub(super) fn line(&self, span: Range<usize>) -> usize {
        self.text[..self.boundary(span.start)].matches('\n').count() + 1
    }

    fn boundary(&self, offset: usize) -> usize {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }
}

/// A problem of one of the claims that a table states: which one is said, as all of them have the same place.
pub(super) fn of_cell(problem: String, cell: Option<&str>) -> String {
    match cell {
        Some(cell) => format!("{problem} (cell {cell})"),
        None => problem,
    }
}

/// Escape sequences in a file must not reach the terminal.
pub(super) fn visible(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c == '\t' {
                ' '
            } else if c.is_control() {
                '\u{fffd}'
            } else {
                c
            }
        })
        .collect()
}
