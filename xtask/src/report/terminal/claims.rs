//! Claims: those that hold in one line, the others with their reason.

use super::fit::wrap;
use super::look::{Look, Rows};
use crate::gate::{ClaimRow, Rating};
use crate::report::quantity::plain;
use crate::report::tone::Tone;

/// More claims that hold than these are counted, not listed.
const HELD_CLAIMS: usize = 5;

/// The claims section, nothing where there are none; each line ends in a line feed.
pub(super) fn claims(claims: &[ClaimRow], look: &Look) -> String {
    let mut text = String::new();
    if claims.is_empty() {
        return text;
    }
    text += &format!("\n{}\n", look.strong("claims"));
    let (held, others): (Vec<&ClaimRow>, Vec<&ClaimRow>) = claims.iter().partition(|claim| claim.holds == Some(true));
    let is_folded = look.rows == Rows::Folded && held.len() > HELD_CLAIMS;
    let shown = if is_folded { others } else { claims.iter().collect() };
    for claim in shown {
        text += &entry(claim, look);
    }
    if is_folded {
        text += &format!("{} {} of {} claims hold\n", look.paint(Tone::Good, &look.say("✓")), held.len(), claims.len());
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
