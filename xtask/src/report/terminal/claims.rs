//! Claims: one line each, and the reason below those that do not hold.

use super::fit::wrap;
use super::look::Look;
use crate::gate::{ClaimRow, Rating};
use crate::report::quantity::plain;
use crate::report::tone::Tone;

/// The claims section, nothing where there are none; each line ends in a line feed.
pub(super) fn claims(claims: &[ClaimRow], look: &Look) -> String {
    let mut text = String::new();
    if claims.is_empty() {
        return text;
    }
    text += &format!("\n{}\n", look.strong("claims"));
    for claim in claims {
        text += &entry(claim, look);
    }
    text
}

fn entry(claim: &ClaimRow, look: &Look) -> String {
    let (tone, words) = match claim.holds {
        Some(true) => (Tone::Good, "✓ holds"),
        Some(false) => (Tone::Bad, "✗ violated"),
        None => (Tone::Doubt, "? undecided"),
    };
    let words = look.say(words);
    let mut text = look.paint(tone, &words);
    let measured = match (claim.value, claim.interval) {
        (Some(value), Some((lower, upper))) => {
            format!("measured {} [{}, {}]", plain(value), plain(lower), plain(upper))
        }
        (Some(value), None) => format!("measured {}", plain(value)),
        (None, _) => "not measured".to_owned(),
    };
    let facts = format!("{}: {measured}, target {} ({})", claim.name, plain(claim.target), rating(claim.rating));
    let reason = (claim.holds != Some(true)).then_some(&claim.detail).filter(|detail| !detail.is_empty());
    let lines = [Some(&facts), Some(&claim.statement), reason].into_iter().flatten();
    // Beside the verdict where that leaves lines of a fair length, else below it.
    let is_beside = look.width >= 60;
    let indent = if is_beside { 13 } else { 2 };
    let lines = lines.flat_map(|line| wrap(&look.say(line), look.width.saturating_sub(indent)));
    for (i, line) in lines.enumerate() {
        let blanks = match (i, is_beside) {
            (0, true) => indent - words.chars().count(),
            (0, false) => {
                text.push('\n');
                indent
            }
            _ => indent,
        };
        text += &format!("{}{line}\n", " ".repeat(blanks));
    }
    text
}

fn rating(rating: Rating) -> &'static str {
    match rating {
        Rating::Excellent => "excellent",
        Rating::Good => "good",
        Rating::Optimize => "optimize",
        Rating::Unknown => "not rated",
    }
}
