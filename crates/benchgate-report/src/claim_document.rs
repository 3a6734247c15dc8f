//! A document's tables of claims, written anew from a run while its own text stays.
//!
//! ```text
//! <!-- claims:pools -->
//! everything here is written anew
//! <!-- /claims -->
//! ```
//!
//! A run need not measure every claim: some need a tier of their own. A row of which nothing was measured stays as it was where
//! it still says the same about its claim.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use super::claim_table::{Cells, TITLES};
use super::inert::inert;
use super::markdown::code;
use benchgate_core::gate::{ClaimRow, ClaimState};
use benchgate_core::model::Run;

const OPEN: &str = "<!-- claims:";
const OPEN_END: &str = " -->";
const CLOSE: &str = "<!-- /claims -->";

/// Why a document cannot take the tables.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ClaimDocumentError {
    /// A section has no end.
    #[error("section `{OPEN}{area}{OPEN_END}` has no end\nhint: add the line `{CLOSE}` after it")]
    Unclosed {
        /// Which.
        area: String,
    },
    /// An area has two sections.
    #[error("area `{area}` has two sections\nhint: delete one of the two lines `{OPEN}{area}{OPEN_END}`")]
    Twice {
        /// Which.
        area: String,
    },
    /// Claims would be left out.
    #[error(
        "there is no section for the claims of area `{area}`\nhint: add the lines `{OPEN}{area}{OPEN_END}` and `{CLOSE}`"
    )]
    Missing {
        /// Which.
        area: String,
    },
}

/// A section of a document.
struct Section<'a> {
    area: &'a str,
    /// What stands between the two marks.
    inside: &'a str,
}

/// The document with every table of claims written anew from these rows, in the order given, and the text around them as it was.
///
/// # Errors
/// [`ClaimDocumentError`] if a section has no end or occurs twice, or an area of the claims has none.
pub fn claim_document(document: &str, claims: &[ClaimRow], run: &Run) -> Result<String, ClaimDocumentError> {
    let (texts, sections) = parts(document)?;
    let known: BTreeSet<&str> = sections.iter().map(|section| section.area).collect();
    if let Some(claim) = claims.iter().find(|claim| !known.contains(&*claim.area)) {
        return Err(ClaimDocumentError::Missing { area: claim.area.clone() });
    }
    let mut written = String::new();
    for (text, section) in texts.iter().zip(&sections) {
        let of_area = claims.iter().filter(|claim| claim.area == section.area);
        let table = table(&of_area.collect::<Vec<_>>(), section.inside, run);
        written += &format!("{text}{OPEN}{}{OPEN_END}\n{table}{CLOSE}", section.area);
    }
    written += texts.last().copied().unwrap_or_default();
    Ok(written)
}

/// Names of the claims that a document has rows for, by area, in its order.
///
/// # Errors
/// [`ClaimDocumentError`] if a section has no end or occurs twice.
pub fn documented_claims(document: &str) -> Result<BTreeMap<String, Vec<String>>, ClaimDocumentError> {
    let (_, sections) = parts(document)?;
    let names = |section: &Section<'_>| rows(section.inside).into_iter().map(|(name, _)| plain(name)).collect();
    Ok(sections.iter().map(|section| (section.area.to_owned(), names(section))).collect())
}

/// Text around sections, one more than there are of them, and the sections.
fn parts(document: &str) -> Result<(Vec<&str>, Vec<Section<'_>>), ClaimDocumentError> {
    let (mut texts, mut sections) = (Vec::new(), Vec::<Section<'_>>::new());
    let mut rest = document;
    while let Some((text, opened)) = rest.split_once(OPEN) {
        let (area, after) = opened.split_once(OPEN_END).unwrap_or((opened.lines().next().unwrap_or_default(), ""));
        let unclosed = || ClaimDocumentError::Unclosed { area: area.to_owned() };
        let (inside, after) = after.split_once(CLOSE).ok_or_else(unclosed)?;
        if inside.contains(OPEN) {
            return Err(unclosed());
        }
        if sections.iter().any(|section| section.area == area) {
            return Err(ClaimDocumentError::Twice { area: area.to_owned() });
        }
        texts.push(text);
        sections.push(Section { area, inside });
        rest = after;
    }
    texts.push(rest);
    Ok((texts, sections))
}

/// Name, still as written, and whole line of each row of a section.
fn rows(inside: &str) -> Vec<(&str, &str)> {
    // The first line is the header; the one below it has no blank.
    let lines = inside.lines().filter(|line| line.starts_with("| ")).skip(1);
    lines.map(|line| (line[2..].split("<br>").next().unwrap_or_default(), line)).collect()
}

/// The inside of a section.
fn table(claims: &[&ClaimRow], before: &str, run: &Run) -> String {
    if claims.is_empty() {
        return "\nNothing is claimed here yet.\n\n".into();
    }
    let mut text = format!("\n| {} |\n|{}\n", TITLES.join(" | "), "---|".repeat(TITLES.len()));
    let (mut is_any_new, mut is_any_kept) = (false, false);
    let old = rows(before);
    for claim in claims {
        let line = row(&Cells::new(claim));
        let is_measured =
            !matches!(claim.state, ClaimState::NotSelected | ClaimState::NotRun | ClaimState::NotApplicable);
        let kept = old.iter().map(|(_, line)| *line).filter(|_| !is_measured);
        let kept = kept.into_iter().find(|before| is_same_claim(before, &line) && says_a_value(before));
        is_any_new |= is_measured;
        is_any_kept |= kept.is_some();
        text += kept.unwrap_or(&line);
        text.push('\n');
    }
    let caption = match (is_any_new, is_any_kept) {
        (true, false) => format!("{}\n", place(run)),
        (true, true) => format!("{} Rows that it did not measure are from earlier runs.\n", place(run)),
        (false, true) => caption(before).map(|line| format!("{line}\n")).unwrap_or_default(),
        (false, false) => String::new(),
    };
    let caption = if caption.is_empty() { caption } else { format!("\n{caption}") };
    format!("{text}{caption}\n")
}

/// Whether something was measured for a line.
fn says_a_value(line: &str) -> bool {
    !["| not measured |", "| not applicable: "].iter().any(|nothing| line.contains(nothing))
}

/// What was said below the table that was there.
fn caption(before: &str) -> Option<&str> {
    before.lines().find(|line| line.starts_with("Measured on "))
}

/// When and where a run was. Its commit is that before the document's own, and may be gone after a rebase.
fn place(run: &Run) -> String {
    let day = run.started.split('T').next().unwrap_or_default();
    let machine = &run.machine;
    let compiler = run.toolchain.rustc.split(" (").next().unwrap_or_default();
    let said = format!("{day}: {}, {} cores, {compiler}.", machine.cpu_name, machine.cores);
    format!("Measured on {}", cell(&said))
}

/// Whether two lines are about the same claim: all but current, improvement and rating.
fn is_same_claim(a: &str, b: &str) -> bool {
    let fixed = |line: &str| {
        let cells: Vec<String> = cells(line).into_iter().map(str::to_owned).collect();
        (cells.len() == TITLES.len()).then(|| [0, 1, 3, 6].map(|index| cells[index].clone()))
    };
    fixed(a).is_some() && fixed(a) == fixed(b)
}

/// The cells of a line; a bar within one is written `\|`.
fn cells(line: &str) -> Vec<&str> {
    let line = line.trim().trim_start_matches("| ").trim_end_matches(" |");
    line.split(" | ").collect()
}

fn row(cells: &Cells) -> String {
    let Cells { claim, statement, stated, current, target, improvement, rating, source } = cells;
    let columns = [stated, current, target, improvement, rating, source].map(|text| cell(text));
    let columns = columns.map(|text| if text.is_empty() { "–".to_owned() } else { text });
    format!("| {}<br>{} | {} |", cell(claim), code(statement), columns.join(" | "))
}

/// Outside text as a cell: no markup, no bar, one line.
fn cell(text: &str) -> String {
    let mut written = String::new();
    for c in inert(text).trim().chars() {
        if MARKUP.contains(&c) {
            written.push('\\');
        }
        written.push(c);
    }
    written
}

/// Characters that mean something in Markdown, within a line.
const MARKUP: [char; 11] = ['\\', '|', '<', '>', '*', '_', '`', '[', ']', '&', '~'];

/// The text that [`cell`] was made of, as far as it is not escaped for other reasons.
fn plain(cell: &str) -> String {
    let mut text = String::new();
    let mut chars = cell.chars();
    while let Some(c) = chars.next() {
        let escaped = (c == '\\').then(|| chars.next()).flatten();
        text.push(escaped.unwrap_or(c));
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fixture::{empty_run, hostile_ids, mixed};
    use benchgate_core::gate::Source;

    const EMPTY: &str = "# Systems\n\nWhat it means.\n\n<!-- claims:serialization -->\n<!-- /claims -->\n\nBetween.\n\n\
                         <!-- claims:breakers -->\n<!-- /claims -->\n\nThe end.\n";

    fn written(document: &str, claims: &[ClaimRow]) -> String {
        claim_document(document, claims, &empty_run()).unwrap()
    }

    #[test]
    fn tables_are_written_between_the_marks() {
        insta::assert_snapshot!(written(EMPTY, &mixed().1.claims), @r#"
        # Systems

        What it means.

        <!-- claims:serialization -->

        | claim | stated | current | target | improvement | rating | source |
        |---|---|---|---|---|---|---|
        | direct-allocates-once<br>`allocations of serialization/result/direct/small = 1` | – | 2, violated | 1 | – | optimize | – |
        | reuse<br>`allocations of serialization/result/direct/small = 1` | – | undecided | 1 | – | – | – |
        | direct-beats-generic<br>`time of serialization/result/direct/small / time of serialization/result/generic/small <= 0.5` | 2.5 times as fast | 0.372 \[0.361, 0.384\] | ≤ 0.500, aim ≤ 0.400 | -62.8% | good | example/wrapper: PERFORMANCE.md, Serialization |

        Measured on 2026-11-21: AMD EPYC 9V74, 2 cores, rustc 1.95.0.

        <!-- /claims -->

        Between.

        <!-- claims:breakers -->

        | claim | stated | current | target | improvement | rating | source |
        |---|---|---|---|---|---|---|
        | eight threads<br>`time of breakers/circuit/closed/mt@t8 / time of breakers/circuit/closed/mt@t1 <= 4` | – | not applicable: it takes 8 cores, and this machine has 2 | ≤ 4 | – | – | – |
        | a call takes 50 ns<br>`time of breakers/circuit/closed/ok <= 50` | measured on another machine | 21.70 ns \[21.10 ns, 22.40 ns\] | ≤ 50 ns | – | excellent | – |

        Measured on 2026-11-21: AMD EPYC 9V74, 2 cores, rustc 1.95.0.

        <!-- /claims -->

        The end.
        "#);
    }

    #[test]
    fn writing_twice_changes_nothing() {
        let claims = mixed().1.claims;
        let once = written(EMPTY, &claims);
        assert_eq!(written(&once, &claims), once);
        assert!(once.starts_with("# Systems\n\nWhat it means.\n") && once.ends_with("\n\nThe end.\n"));
    }

    #[test]
    fn rows_that_were_not_measured_stay_while_their_claim_does() {
        let claims = mixed().1.claims;
        let before = written(EMPTY, &claims);
        let unmeasured = |claim: &ClaimRow| {
            let (state, value, interval) = (ClaimState::NotSelected, None, None);
            ClaimRow { state, value, interval, ..claim.clone() }
        };
        let mut next: Vec<ClaimRow> = claims.iter().map(unmeasured).collect();
        next[0] = ClaimRow { value: Some(3.0), ..claims[0].clone() };
        let after = written(&before, &next);
        assert!(after.contains("| 0.372 \\[0.361, 0.384\\] |") && after.contains("| 3, violated |"), "{after}");
        assert_eq!(after.matches("Rows that it did not measure are from earlier runs.").count(), 1);
        // A machine that is too small for a claim knows less than one that was not.
        let mut large = claims.clone();
        large[2] = ClaimRow { state: ClaimState::Holds, value: Some(3.5), ..claims[2].clone() };
        let smaller = written(&written(EMPTY, &large), &claims);
        assert!(smaller.contains("| 3.500 |") && !smaller.contains("not applicable"), "{smaller}");
        assert!(smaller.contains("Rows that it did not measure are from earlier runs."), "{smaller}");
        // Another statement, another row.
        next[3].statement = "time of something else".into();
        let after = written(&after, &next);
        assert!(!after.contains("0.372") && after.contains("| not measured |"), "{after}");
    }

    #[test]
    fn documents_that_do_not_fit_are_refused() {
        #[track_caller]
        fn check(document: &str, expected: &str) {
            let error = claim_document(document, &mixed().1.claims, &empty_run()).unwrap_err().to_string();
            assert!(error.contains(expected) && error.contains("\nhint: "), "{error}");
        }
        check("", "no section for the claims of area `serialization`");
        check("<!-- claims:serialization -->\n", "section `<!-- claims:serialization -->` has no end");
        check("<!-- claims:serialization", "section `<!-- claims:serialization -->` has no end");
        check(&EMPTY.replacen("<!-- /claims -->", "", 1), "section `<!-- claims:serialization -->` has no end");
        check(&format!("{EMPTY}{EMPTY}"), "area `serialization` has two sections");
        check(&EMPTY.replace("breakers", "pools"), "no section for the claims of area `breakers`");
    }

    #[test]
    fn an_area_without_claims_says_so() {
        let document = written(EMPTY, &[]);
        assert_eq!(document.matches("Nothing is claimed here yet.").count(), 2);
        let none = documented_claims(&document).unwrap();
        assert!(none.len() == 2 && none.values().all(Vec::is_empty), "{none:?}");
    }

    #[test]
    fn hostile_text_stays_in_its_cell() {
        for text in hostile_ids() {
            let mut claims = mixed().1.claims.split_off(3);
            let source = Source { repository: text.clone(), file: text.clone(), heading: text.clone() };
            let claim = &mut claims[0];
            (claim.name, claim.statement, claim.source) = (text.clone(), text.clone(), Some(source));
            (claim.stated, claim.note) = (Some(text.clone()), Some(text.clone()));
            let document = written(EMPTY, &claims);
            assert_eq!(document.matches(CLOSE).count(), 2, "{document}");
            assert_eq!(document.matches("\n| ").count(), 4, "{document}");
            let markup = document.replace(&code(&text), "").replace("\\<", "");
            assert!(!markup.contains("<script") && !markup.contains("<img"), "{document}");
            assert_eq!(written(&document, &claims), document);
        }
    }

    proptest! {
        #[test]
        fn names_come_back(name in "[ -~]{1,40}") {
            let name = name.trim().to_owned();
            prop_assume!(!name.is_empty());
            let mut claims = mixed().1.claims;
            claims[3].name.clone_from(&name);
            let found = documented_claims(&written(EMPTY, &claims)).unwrap();
            prop_assert_eq!(found["serialization"].last(), Some(&name));
        }

        #[test]
        fn no_document_panics(document in "(<!-- claims:|a| -->|<!-- /claims -->|\n\\| |\\|---|<br>|\\PC){0,20}") {
            if let Ok(written) = claim_document(&document, &[], &empty_run()) {
                prop_assert_eq!(claim_document(&written, &[], &empty_run()), Ok(written.clone()));
                documented_claims(&written).unwrap();
            }
        }
    }
}
