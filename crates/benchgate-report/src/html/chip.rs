//! A verdict or state as a small label: sign and word in their colour.

use crate::tone::Tone;
use benchgate_core::gate::Status;

/// The class of the style sheet for a tone.
pub(super) fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Bad => "bad",
        Tone::Good => "good",
        Tone::Doubt => "doubt",
        Tone::Quiet => "quiet",
    }
}

/// A verdict or state as a reader sees it: sign and word in their colour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chip {
    /// Class of the style sheet.
    pub class: &'static str,
    /// Sign.
    pub sign: String,
    /// Word.
    pub word: &'static str,
}

impl Chip {
    /// The chip of a status.
    pub(super) fn of(status: Status) -> Self {
        Self { class: class(Tone::of(status)), sign: status.sign().into(), word: status.name() }
    }
}
