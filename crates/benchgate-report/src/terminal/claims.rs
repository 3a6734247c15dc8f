//! Claims: those that hold in one line, the others with their reason.

use super::fit::wrap;
use super::look::{Look, Rows};
use crate::claim::{bound, interval, is_quiet, mark, measured, quiet_counts, target};
use crate::tone::Tone;
use benchgate_core::gate::ClaimRow;

/// More claims that need no attention than these are counted, not listed.
const QUIET_CLAIMS: usize = 5;

/// Columns of the state, with its sign and the blanks after it.
const STATE: usize = 18;

/// The claims section, nothing where there are none; each line ends in a line feed.
pub(super) fn claims(claims: &[ClaimRow], look: &Look) -> String {
    let mut text = String::new();
    if claims.is_empty() {
        return text;
    }
    text += &format!("\n{}\n", look.strong("claims"));
    let (quiet, loud): (Vec<&ClaimRow>, Vec<&ClaimRow>) = claims.iter().partition(|claim| is_quiet(claim.state));
    let is_folded = look.rows == Rows::Folded && quiet.len() > QUIET_CLAIMS;
    let shown = if is_folded { loud } else { claims.iter().collect() };
    for claim in shown {
        text += &entry(claim, look);
    }
    if is_folded {
        for (state, count) in quiet_counts(claims) {
            let ((tone, sign), all) = (mark(state), claims.len());
            text += &format!("{} {count} of {all} claims: {}\n", look.paint(tone, &look.say(sign)), state.name());
        }
    }
    text
}

fn entry(claim: &ClaimRow, look: &Look) -> String {
    let (tone, sign) = mark(claim.state);
    let words = look.say(&format!("{sign} {}", claim.state.name()));
    let mut text = look.paint(tone, &words);
    let measured = match (measured(claim), interval(claim)) {
        (Some(value), Some(interval)) => format!("measured {value} {interval}"),
        (Some(value), None) => format!("measured {value}"),
        (None, _) => "not measured".to_owned(),
    };
    let target = target(claim).map(|target| format!(", target {target}")).unwrap_or_default();
    let facts = format!("{}: {measured}, bound {}{target} ({})", claim.name, bound(claim), claim.rating.name());
    let reason = (tone != Tone::Good).then_some(&claim.detail).filter(|detail| !detail.is_empty());
    let lines = [Some(&facts), Some(&claim.statement), reason].into_iter().flatten();
    // Beside the state where that leaves lines of a fair length, else below it.
    let is_beside = look.width >= 60;
    let indent = if is_beside { STATE } else { 2 };
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
