//! Sentences with names in backticks: the names are set as code.

use crate::inert::inert;

/// A sentence in pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Prose {
    /// The pieces, in order.
    pub spans: Vec<Span>,
}

/// A piece of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Span {
    /// The text, without backticks where it is code.
    pub text: String,
    /// Whether it stood in backticks.
    pub is_code: bool,
}

impl Prose {
    /// Takes outside text apart. A backtick without a partner is text.
    pub(super) fn of(text: &str) -> Self {
        let mut spans = Vec::new();
        let mut rest = text;
        while let Some((before, opened)) = rest.split_once('`') {
            let Some((code, after)) = opened.split_once('`') else { break };
            spans.extend([(before, false), (code, true)]);
            rest = after;
        }
        spans.push((rest, false));
        spans.retain(|(text, _)| !text.is_empty());
        Self { spans: spans.into_iter().map(|(text, is_code)| Span { text: inert(text), is_code }).collect() }
    }

    /// Whether there is nothing to say.
    pub(super) fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backticks_come_in_pairs() {
        #[track_caller]
        fn check(text: &str, expected: &[(&str, bool)]) {
            let prose = Prose::of(text);
            let spans: Vec<_> = prose.spans.iter().map(|span| (&*span.text, span.is_code)).collect();
            assert_eq!(spans, expected);
        }
        check("", &[]);
        check("plain", &[("plain", false)]);
        check("`a` is slow", &[("a", true), (" is slow", false)]);
        check("claims `a`, `b`", &[("claims ", false), ("a", true), (", ", false), ("b", true)]);
        check("a ` alone", &[("a ` alone", false)]);
        check("`a\u{1b}`", &[(r"a\u{1b}", true)]);
    }
}
