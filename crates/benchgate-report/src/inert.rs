//! Outside text made harmless for people to look at.
//!
//! Control characters (terminal codes), text direction overrides, zero-width and unassigned characters become visible
//! escapes such as `\u{1b}`. Markup is not this file's business: the HTML template escapes it.

/// The text with every character that cannot be seen, or that moves others, written as an escape.
///
/// Quotes and backslashes stay as they are, because commands pass through here and must remain fit for pasting.
pub fn inert(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '\'' | '\\' => shown.push(c),
            // Draws an emoji in colour and nothing else; an escape in its place would garble an honest id.
            '\u{fe0f}' => {}
            c => shown.extend(c.escape_debug()),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(inert(text), expected);
    }

    #[test]
    fn what_cannot_be_seen_is_spelled_out() {
        check("plain/id-1 µ 😀 é", "plain/id-1 µ 😀 é");
        check("\u{1b}[31mred\u{7}", r"\u{1b}[31mred\u{7}");
        check("two\nlines\r\ttab", r"two\nlines\r\ttab");
        check("gnp.\u{202e}cod", r"gnp.\u{202e}cod");
        check("\u{9b}31m", r"\u{9b}31m");
        check("a\u{200b}b\u{feff}", r"a\u{200b}b\u{feff}");
        check(r#"cargo bench "a b" '$x' \"#, r#"cargo bench "a b" '$x' \"#);
    }
}
