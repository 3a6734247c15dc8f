//! What serde_json says about a broken file, in our words.

use serde_json::error::Category;

/// Where and how a file is broken.
pub(super) struct Broken {
    /// The file ends too early; else something in it is wrong.
    pub(super) is_truncated: bool,
    pub(super) line: usize,
    pub(super) column: usize,
    /// Without the place.
    pub(super) reason: String,
}

impl Broken {
    pub(super) fn new(error: &serde_json::Error, bytes: &[u8]) -> Self {
        let (line, column) = (error.line(), error.column());
        let text = error.to_string();
        let reason = text.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&text).to_owned();
        let is_truncated = match error.classify() {
            Category::Eof => true,
            // A file cut inside a number or a character is wrong at its very end.
            Category::Syntax => reason != "trailing characters" && offset(bytes, line, column) >= bytes.len(),
            Category::Data | Category::Io => false,
        };
        Self { is_truncated, line, column, reason }
    }
}

/// Offset of a place; columns count bytes from 1.
fn offset(bytes: &[u8], line: usize, column: usize) -> usize {
    bytes.split_inclusive(|&byte| byte == b'\n').take(line.saturating_sub(1)).map(<[u8]>::len).sum::<usize>() + column
}
