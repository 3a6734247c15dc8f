//! Outcome -> Markdown for a pull request or a step summary: what is red first, the rest folded, never longer than is asked for.
//!
//! It is cut between rows, so that what is shown is whole; what is left out is counted. Ids stand in code spans, where neither
//! markup nor mentions work, and sentences have every character escaped that GitHub's Markdown gives a meaning.

use super::acceptance::ADDED;
use super::comparison::headed;
use super::inert::inert;
use super::tone::is_quiet;
use super::{Verdict, acceptance, build, claim, foreign, quantity};
use benchgate_core::gate::{AcceptanceRow, Action, ClaimRow, Outcome, Row, Status};
use benchgate_core::model::{PolicyChange, Run};

/// Characters that GitHub takes in a comment (65,536), less room for what a caller puts around it.
pub const COMMENT: usize = 65_000;

/// Room that is kept for the lines after the rows.
const RESERVE: usize = 2_000;

/// Of a sentence that comes from outside, so many characters are shown.
const LONGEST_SENTENCE: usize = 400;

/// The outcome as Markdown of at most `limit` characters, with a final line feed.
pub fn markdown(run: &Run, outcome: &Outcome, limit: usize) -> String {
    let mut page = Page { text: String::new(), length: 0, limit: limit.saturating_sub(RESERVE) };
    page.push(&heading(run, outcome));
    for remark in build::remarks(run) {
        page.push(&format!("\n> {}\n", sentence(&remark)));
    }
    for row in acceptance::added(&outcome.acceptances) {
        page.push(&format!("\n**{ADDED}:** {}\n", of_acceptance(row)));
    }
    for row in acceptance::wrong(&outcome.acceptances) {
        page.push(&format!("\n> {}\n", of_acceptance(row)));
    }
    page.table("keys of the configuration", &run.policy_changes, CHANGES, of_change);
    let (quiet, shown): (Vec<&Row>, Vec<&Row>) = outcome.rows.iter().partition(|row| is_quiet(row));
    page.table("benchmarks", &shown, TABLE, row);
    let wanting: Vec<&ClaimRow> = outcome.claims.iter().filter(|claim| !claim::is_quiet(claim.state)).collect();
    page.table("claims", &wanting, CLAIMS, of_claim);
    for (state, count) in claim::quiet_counts(&outcome.claims) {
        let ((_, sign), all) = (claim::mark(state), outcome.claims.len());
        page.push(&format!("\n{sign} {count} of {all} claims: {}\n", state.name()));
    }
    let commands: Vec<&String> =
        shown.iter().filter(|row| row.action == Action::Fail).filter_map(|row| row.reproduce.as_ref()).collect();
    if let Some(command) = commands.first() {
        page.push(&format!("\nAgain, the first row alone: {}\n", code(command)));
    }
    for warning in &outcome.warnings {
        page.push(&format!("\n> {}\n", sentence(warning)));
    }
    for remark in foreign::remarks(run) {
        page.push(&format!("\n> {}\n", sentence(&remark)));
    }
    if !quiet.is_empty() {
        page.push(&format!("\n<details><summary>{} series without news</summary>\n", quiet.len()));
        let fits = page.table("series", &quiet, TABLE, row);
        let after = if fits { "" } else { "\n" };
        page.finish(&format!("{after}\n</details>\n"));
    }
    page.finish(&census(outcome));
    page.text
}

/// What is written when the tool ended before there was anything to judge.
pub fn markdown_without_run(error: &str) -> String {
    format!("### ! {}: nothing was compared\n\n{}\n", Verdict::Error.name(), sentence(error))
}

const TABLE: &str = "\n| | benchmark | metric | base | candidate | change | why |\n|---|---|---|--:|--:|--:|---|\n";
const CLAIMS: &str = "\n| | claim | states | why |\n|---|---|---|---|\n";

const CHANGES: &str = "\n| configuration | base | this change |\n|---|---|---|\n";

/// Text that must not grow beyond a limit.
struct Page {
    text: String,
    length: usize,
    limit: usize,
}

impl Page {
    /// Adds a part if it fits.
    fn push(&mut self, part: &str) -> bool {
        let fits = self.length + part.chars().count() <= self.limit;
        if fits {
            self.finish(part);
        }
        fits
    }

    /// Adds a part that has its place reserved.
    fn finish(&mut self, part: &str) {
        self.text.push_str(part);
        self.length += part.chars().count();
    }

    /// As many lines of a table as fit, and how many did not; whether all did.
    fn table<T>(&mut self, what: &str, rows: &[T], head: &str, line: impl Fn(&T) -> String) -> bool {
        if rows.is_empty() {
            return true;
        }
        let mut written = 0;
        if self.push(head) {
            written = rows.iter().take_while(|row| self.push(&line(row))).count();
        }
        let left = rows.len() - written;
        if left > 0 {
            self.finish(&format!("\n**{left} more {what} are in the report.**\n"));
        }
        left == 0
    }
}

fn heading(run: &Run, outcome: &Outcome) -> String {
    let sign = match Verdict::of(outcome) {
        Verdict::Pass => '✓',
        Verdict::Fail => '▲',
        Verdict::Inconclusive => '?',
        Verdict::Error => '!',
    };
    let mut text = format!("{}\n\n", sentence(&headed(run)));
    text += &format!("### {sign} {}: {}\n", Verdict::of(outcome).name(), sentence(&outcome.headline));
    if !outcome.reach.is_empty() {
        text += &format!("\n{}\n", sentence(&outcome.reach));
    }
    text
}

fn row(row: &&Row) -> String {
    let metric = row.key.metric;
    let (base, candidate) = quantity::sides(metric, row.base, row.candidate);
    let change = row.effect.map(quantity::effect);
    let cell = |text: Option<String>| text.map_or_else(|| "–".to_owned(), |text| sentence(&text));
    format!(
        "| {} {} | {} | {} | {} | {} | {} | {} |\n",
        row.status.sign(),
        row.status.name(),
        code(&row.id),
        metric,
        cell(base),
        cell(candidate),
        cell(change),
        sentence(&row.why())
    )
}

fn of_acceptance(row: &AcceptanceRow) -> String {
    let withdraw = row.withdraw.as_ref().map(|command| format!(" Withdraw it: {}", code(command))).unwrap_or_default();
    format!(
        "{} {}: {} (reason: {}). {}.{withdraw}",
        acceptance::mark(row).1,
        row.state.name(),
        sentence(&row.statement),
        sentence(&row.reason),
        sentence(&row.detail)
    )
}

fn of_change(PolicyChange { key, base, candidate }: &PolicyChange) -> String {
    let value = |value: &Option<String>| {
        let short = |text: &String| code(&text.chars().take(LONGEST_SENTENCE).collect::<String>());
        value.as_ref().map_or_else(|| "absent".into(), short)
    };
    format!("| {} | {} | {} |\n", code(key), value(base), value(candidate))
}

fn of_claim(claim: &&ClaimRow) -> String {
    format!(
        "| {} {} | {} | {} | {} |\n",
        claim::mark(claim.state).1,
        claim.state.name(),
        sentence(&claim.name),
        sentence(&claim.statement),
        sentence(&claim.detail)
    )
}

fn census(outcome: &Outcome) -> String {
    let counts = Status::ALL.into_iter().map(|status| (status.name(), outcome.census.count(status)));
    let counts: Vec<String> = counts.filter(|(_, n)| *n > 0).map(|(name, n)| format!("{n} {name}")).collect();
    let counts = if counts.is_empty() { "no series at all".to_owned() } else { counts.join(", ") };
    format!("\n{} series: {counts}.\n", outcome.census.total())
}

/// A code span, also within a table: the fence is longer than any run of backticks in it.
pub(super) fn code(text: &str) -> String {
    let text = inert(text).replace('|', "\\|");
    let runs = text.split(|c| c != '`').map(str::len);
    let fence = "`".repeat(runs.max().unwrap_or(0) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') || text.is_empty() { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A sentence in which nothing is markup, but what stands in backticks is code.
fn sentence(text: &str) -> String {
    let short: String = text.chars().take(LONGEST_SENTENCE).collect();
    let ellipsis = if short.len() < text.len() { "…" } else { "" };
    let parts: Vec<&str> = short.split('`').collect();
    let is_paired = parts.len() % 2 == 1;
    let shown = parts.iter().enumerate().map(|(i, part)| match (i % 2, is_paired) {
        (1, true) => code(part),
        (_, true) => plain(part),
        (0, false) if i == 0 => plain(part),
        _ => format!("\\`{}", plain(part)),
    });
    shown.collect::<String>() + ellipsis
}

/// Text without markup, mentions, links or references.
fn plain(text: &str) -> String {
    let mut shown = String::new();
    for c in inert(text).chars() {
        match c {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '@' => shown.push_str("&#64;"),
            '#' => shown.push_str("&#35;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' | '$' => shown.extend(['\\', c]),
            c => shown.push(c),
        }
    }
    // GitHub makes links of bare addresses.
    shown.replace("://", "&#58;//").replace("www.", "www&#46;")
}

#[cfg(test)]
mod tests;
