//! How the terminal output should look: everything that a caller knows about its terminal, as values.

use anstyle::{AnsiColor, Style};

use crate::gate::Status;
use crate::report::inert::inert;

/// How the terminal output should look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Columns of the terminal.
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

/// What a piece of text is, from which its colour follows. The text says it in words too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Bad,
    Good,
    Doubt,
    Quiet,
    Strong,
}

impl Tone {
    /// The tone of a status.
    pub(super) fn of(status: Status) -> Self {
        match status {
            Status::Regressed
            | Status::Implausible
            | Status::Leaked
            | Status::Errored
            | Status::TimedOut
            | Status::NotRun
            | Status::Incomparable
            | Status::MissingBaseline
            | Status::Removed => Self::Bad,
            Status::Inconclusive | Status::Accepted | Status::Layout => Self::Doubt,
            Status::Improved | Status::New => Self::Good,
            Status::Advisory | Status::NotCounted | Status::Unchanged | Status::Identical => Self::Quiet,
        }
    }

    fn style(self) -> Style {
        match self {
            Self::Bad => AnsiColor::Red.on_default().bold(),
            Self::Good => AnsiColor::Cyan.on_default(),
            Self::Doubt => AnsiColor::Yellow.on_default(),
            Self::Quiet => Style::new().dimmed(),
            Self::Strong => Style::new().bold(),
        }
    }
}

impl Look {
    /// Outside text, fit for this terminal.
    pub(super) fn say(&self, text: &str) -> String {
        match self.charset {
            Charset::Unicode => inert(text),
            Charset::Ascii => inert(text).chars().map(ascii).collect(),
        }
    }

    /// Text in a tone. The text must have been through [`Look::say`].
    pub(super) fn paint(&self, tone: Tone, text: &str) -> String {
        match self.palette {
            Palette::Plain => text.to_owned(),
            Palette::Ansi => {
                let style = tone.style();
                format!("{style}{text}{style:#}")
            }
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
        '–' | '—' => "-",
        other => return other.escape_unicode().to_string(),
    };
    known.into()
}
