//! What a terminal shows, by topic, and what the topics share.

mod colour;
mod width;
mod words;

use super::*;
use crate::fixture::mixed;

fn plain(width: usize) -> Look {
    Look { width, palette: Palette::Plain, charset: Charset::Unicode, rows: Rows::Folded }
}

/// No line is wider than the terminal, except commands, which must stay whole.
#[track_caller]
fn check_width(text: &str, width: usize) {
    for line in text.lines().filter(|line| !line.starts_with("  reproduce: ")) {
        assert!(fit::width(line) <= width, "{} columns in `{line}`", fit::width(line));
    }
}
