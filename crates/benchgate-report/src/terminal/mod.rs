//! Outcome -> text for a terminal, worst first, the verdict last where the eye rests when a command ends.

mod acceptances;
mod claims;
mod fit;
mod look;
mod stack;
mod table;

use std::collections::BTreeSet;

use fit::wrap;
pub use look::{Charset, Look, Palette, Rows};

use super::build::remarks as remarks_of_build;
use super::comparison::headed;
use super::tone::{Tone, is_quiet};
use super::{Verdict, foreign, quantity};
use benchgate_core::gate::{Action, Outcome, Row, Status};
use benchgate_core::model::Run;

/// Rows that need no attention are folded when there are more than so many: half of a 24-line terminal.
const QUIET_ROWS: usize = 12;

/// Causes that are spelled out; a suite that fails as a whole has one cause, not a hundred.
const EXPLAINED_CAUSES: usize = 10;

/// Commands that are given for one cause.
const COMMANDS: usize = 3;

/// Prose is not squeezed below this many columns.
const MOST_NARROW: usize = 8;

/// The outcome as text for a terminal, ending in a line feed. The caller adds where the report is.
pub fn terminal(run: &Run, outcome: &Outcome, look: Look) -> String {
    let sections = [
        heading(run, &look),
        acceptances::sections(&outcome.acceptances, &run.policy_changes, &look),
        rows(run, outcome, &look),
        claims::claims(&outcome.claims, &look),
        explanations(outcome, &look),
        remarks(run, outcome, &look),
        census(outcome, &look),
        verdict(run, outcome, &look),
    ];
    sections.concat()
}

/// The verdict of a row as sign and word.
fn verdict_words(status: Status) -> String {
    format!("{} {}", status.sign(), status.name())
}

fn verdict_words_in(status: Status, look: &Look) -> String {
    look.say(&verdict_words(status))
}

fn heading(run: &Run, look: &Look) -> String {
    let mut text = paragraph(&headed(run), look);
    text.extend(remarks_of_build(run).iter().map(|remark| paragraph(remark, look)));
    text
}

fn rows(run: &Run, outcome: &Outcome, look: &Look) -> String {
    let (quiet, mut shown): (Vec<&Row>, Vec<&Row>) = outcome.rows.iter().partition(|row| is_quiet(row));
    // Where nothing is compared, what was measured is all that there is to see.
    let is_folded = look.rows == Rows::Folded && quiet.len() > QUIET_ROWS && !run.has_nothing_to_compare;
    if !is_folded {
        shown = outcome.rows.iter().collect();
    }
    let mut text = String::new();
    if !shown.is_empty() {
        text += "\n";
        text += &table::table(&shown, look).unwrap_or_else(|| stack::stack(&shown, look));
    }
    if is_folded {
        let line = format!("… {} more need no attention; the report has them", quiet.len());
        text += &look.paint(Tone::Quiet, paragraph(&line, look).trim_end());
        text += "\n";
    }
    text
}

/// Why rows fail or deserve a look, and the command that measures each failing one again. Rows with one cause are
/// explained together.
fn explanations(outcome: &Outcome, look: &Look) -> String {
    let is_explained = |row: &&Row| match row.action {
        Action::Fail => true,
        Action::Warn => !row.why().is_empty(),
        Action::Pass => row.unconfirmed.is_some() || (row.beside.is_some() && !is_quiet(row)),
    };
    let explained = outcome.rows.iter().filter(is_explained);
    let mut causes: Vec<Vec<&Row>> = Vec::new();
    for row in explained {
        match causes.iter_mut().find(|rows| (rows[0].status, rows[0].why()) == (row.status, row.why())) {
            Some(rows) => rows.push(row),
            None => causes.push(vec![row]),
        }
    }
    let mut commands = BTreeSet::new();
    let shown = causes.iter().take(EXPLAINED_CAUSES);
    let mut text: String = shown.map(|rows| explanation(rows, &mut commands, look)).collect();
    if causes.len() > EXPLAINED_CAUSES {
        let more: usize = causes[EXPLAINED_CAUSES..].iter().map(Vec::len).sum();
        text += &paragraph(&format!("… and {more} more series in the report"), look);
    }
    text
}

fn explanation<'a>(rows: &[&'a Row], commands: &mut BTreeSet<&'a str>, look: &Look) -> String {
    let first = rows[0];
    let name = match rows.len() - 1 {
        0 => format!("{} {} {}", verdict_words(first.status), first.id, first.key.metric),
        more => format!("{} {} {} and {more} more series", verdict_words(first.status), first.id, first.key.metric),
    };
    let mut text = format!("\n{}\n", look.paint(Tone::of(first.status), paragraph(&name, look).trim_end()));
    let cause = first.cause.as_ref().map(|cause| (cause.is_found, indented(&cause.line, look)));
    text += &cause.iter().filter(|(is_found, _)| *is_found).map(|(_, line)| line.as_str()).collect::<String>();
    text += &indented(&first.detail, look);
    text += &cause.iter().filter(|(is_found, _)| !is_found).map(|(_, line)| line.as_str()).collect::<String>();
    // One command measures all metrics of a benchmark.
    let fresh = rows.iter().filter_map(|row| row.reproduce.as_deref()).filter(|command| commands.insert(*command));
    for command in fresh.take(COMMANDS) {
        // One line whatever the width, so that it can be pasted.
        text += &format!("  reproduce: {}\n", look.say(command));
    }
    text
}

fn remarks(run: &Run, outcome: &Outcome, look: &Look) -> String {
    let mut text = String::new();
    let warnings = outcome.warnings.iter().map(|warning| format!("warning: {warning}"));
    let foreign = foreign::remarks(run).into_iter().map(|remark| format!("note: {remark}"));
    let notes = run.notes.iter().map(|note| format!("note: {note}"));
    for (i, remark) in warnings.chain(foreign).chain(notes).enumerate() {
        if i == 0 {
            text += "\n";
        }
        text += &paragraph(&remark, look);
    }
    text
}

fn census(outcome: &Outcome, look: &Look) -> String {
    let present = Status::ALL.into_iter().filter(|status| outcome.census.count(*status) > 0);
    let counts: Vec<String> = present.map(|status| format!("{} {status}", outcome.census.count(status))).collect();
    let total = outcome.census.total();
    let line = match counts.is_empty() {
        true => "0 series".to_owned(),
        false => format!("{total} series: {}", counts.join(", ")),
    };
    format!("\n{}", paragraph(&line, look))
}

fn verdict(run: &Run, outcome: &Outcome, look: &Look) -> String {
    let verdict = Verdict::of(outcome);
    let tone = match verdict {
        Verdict::Pass => Tone::Good,
        Verdict::Fail | Verdict::Error => Tone::Bad,
        Verdict::Inconclusive => Tone::Doubt,
    };
    let word = verdict.name().to_uppercase();
    let wait =
        format!("measured for {}, {} in all", quantity::seconds(run.measured_seconds), quantity::seconds(run.seconds));
    let reach = if outcome.reach.is_empty() { wait } else { format!("{}; {wait}", outcome.reach) };
    let mut text = paragraph(&reach, look);
    let line = paragraph(&format!("{word}: {}", outcome.headline), look);
    // The word is ASCII and first, so that it can be painted after wrapping, if it was not broken itself.
    match line.strip_prefix(&word) {
        Some(rest) => text += &format!("{}{rest}", look.paint(tone, &word)),
        None => text += &line,
    }
    text
}

/// Prose within the width, each line ending in a line feed.
fn paragraph(text: &str, look: &Look) -> String {
    wrap(&look.say(text), look.width.max(MOST_NARROW)).into_iter().map(|line| line + "\n").collect()
}

/// Prose whose lines begin after `indent` blanks, within the width; each line of the text begins anew.
pub(crate) fn hanging(text: &str, indent: usize, look: &Look) -> String {
    let room = look.width.saturating_sub(indent).max(MOST_NARROW);
    let lines = text.lines().flat_map(|line| wrap(&look.say(line), room));
    lines.map(|line| format!("{:indent$}{line}\n", "")).collect()
}

fn indented(text: &str, look: &Look) -> String {
    // What a process printed keeps its lines; everything else that moves a terminal is spelled out.
    hanging(text, 2, look)
}

#[cfg(test)]
mod tests;
