//! How the terminal output should look: everything that a caller knows about its terminal, as values.

use anstyle::{AnsiColor, Style};

use crate::inert::inert;
use crate::tone::Tone;

/// How the terminal output should look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Columns of the terminal; `usize::MAX` where lines need not be broken.
    pub width: usize,
    /// Whether escape codes for colour may be written.
    pub palette: Palette,
    /// Which characters the terminal can show.
    pub charset: Charset,
    /// Which rows to show.
    pub rows: Rows,
}

/// Whether escape codes for colour may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Palette {
    /// No escape codes at all.
    Plain,
    /// The eight ANSI colours, bold and dim.
    Ansi,
}

/// Which characters the terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// Printable ASCII only.
    Ascii,
    /// All of Unicode.
    Unicode,
}

/// Which rows to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// What needs no attention is folded into one line where there is much of it.
    Folded,
    /// Every row.
    All,
}

impl Look {
    /// Outside text, fit for this terminal.
    pub(crate) fn say(&self, text: &str) -> String {
        match self.charset {
            Charset::Unicode => inert(text),
            Charset::Ascii => inert(text).chars().map(ascii).collect(),
        }
    }

    /// Text in the colour of its tone. The text must have been through [`Look::say`].
    pub(crate) fn paint(&self, tone: Tone, text: &str) -> String {
        let style = match tone {
            Tone::Bad => AnsiColor::Red.on_default().bold(),
            Tone::Good => AnsiColor::Cyan.on_default(),
            Tone::Doubt => AnsiColor::Yellow.on_default(),
            Tone::Quiet => Style::new().dimmed(),
        };
        self.styled(style, text)
    }

    /// A heading.
    pub(crate) fn strong(&self, text: &str) -> String {
        self.styled(Style::new().bold(), text)
    }

    fn styled(&self, style: Style, text: &str) -> String {
        match self.palette {
            Palette::Plain => text.to_owned(),
            Palette::Ansi => format!("{style}{text}{style:#}"),
        }
    }

    /// The mark that stands for what was left out.
    pub(super) fn ellipsis(&self) -> &'static str {
        match self.charset {
            Charset::Ascii => "..",
            Charset::Unicode => "…",
        }
    }
}

/// The nearest ASCII of the signs that our own text uses; anything else as an escape.
fn ascii(c: char) -> String {
    let known = match c {
        c if c.is_ascii() => return c.into(),
        'µ' => "u",
        '▲' | '△' => "^",
        '▼' => "v",
        '∅' => "-",
        '≡' => "==",
        '·' => ".",
        '…' => "..",
        '→' => "->",
        '∞' => "inf",
        '±' => "+-",
        '✓' => "+",
        '✗' => "x",
        '≤' => "<=",
        '≥' => ">=",
        '–' | '—' => "-",
        other => return other.escape_unicode().to_string(),
    };
    known.into()
}
