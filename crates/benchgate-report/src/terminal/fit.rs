//! Text made to fit a width, measured in terminal columns.

use unicode_width::UnicodeWidthStr;

/// Columns that a text takes on a terminal.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// The text within `room` columns: as it is if it fits, else with its middle left out, since ids differ at both ends.
pub(super) fn shorten(text: &str, room: usize, ellipsis: &str) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let room = room.saturating_sub(width(ellipsis));
    let tail = take(text.chars().rev(), room / 2);
    let head = take(text.chars(), room - width(&tail));
    format!("{head}{ellipsis}{}", tail.chars().rev().collect::<String>())
}

/// The text broken at blanks into lines of at most `room` columns; a longer word is broken where it must be, and a per
/// cent sign stays with its number.
pub(super) fn wrap(text: &str, room: usize) -> Vec<String> {
    let room = room.max(1);
    let mut lines = vec![String::new()];
    // No-break spaces of outside text were made visible before, so that these are the only ones.
    for word in text.replace(" %", "\u{a0}%").split(' ') {
        let mut word = word.replace('\u{a0}', " ");
        let line = lines.last_mut().expect("starts with one line");
        let gap = usize::from(!line.is_empty());
        if width(line) + gap + width(&word) <= room {
            line.push_str(&" ".repeat(gap));
            line.push_str(&word);
            continue;
        }
        if !line.is_empty() {
            lines.push(String::new());
        }
        while width(&word) > room {
            let piece = take(word.chars(), room);
            // A character wider than the room still has to go somewhere.
            let piece = if piece.is_empty() { word.chars().take(1).collect() } else { piece };
            word.drain(..piece.len());
            *lines.last_mut().expect("never empty") = piece;
            if !word.is_empty() {
                lines.push(String::new());
            }
        }
        lines.last_mut().expect("never empty").push_str(&word);
    }
    lines
}

fn take(chars: impl Iterator<Item = char>, room: usize) -> String {
    let mut taken = String::new();
    for c in chars {
        taken.push(c);
        if width(&taken) > room {
            taken.pop();
            break;
        }
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_middle_is_left_out_and_only_if_needed() {
        #[track_caller]
        fn check(text: &str, room: usize, expected: &str) {
            assert_eq!(shorten(text, room, "…"), expected);
        }
        check("abcdef", 6, "abcdef");
        check("abcdefg", 6, "abc…fg");
        check("ab", 1, "…");
        check("日本語日本語", 7, "日本…語"); // each two columns wide
    }

    #[test]
    fn lines_keep_to_their_width() {
        #[track_caller]
        fn check(text: &str, room: usize, expected: &[&str]) {
            assert_eq!(wrap(text, room), expected);
        }
        check("one two three", 8, &["one two", "three"]);
        check("abcdefghij k", 4, &["abcd", "efgh", "ij k"]);
        check("a abcdefgh", 4, &["a", "abcd", "efgh"]);
        check("", 4, &[""]);
        check("worse by 6 %", 10, &["worse by", "6 %"]);
    }
}
