//! Which room of the gate imports which: read from the source, held against the table of the architecture.
//!
//! It reads paths that begin with `crate::`, or with enough `super::` to leave the room, wherever they stand. It does not
//! resolve names: what a macro or a re-export hides is not seen.

use std::collections::BTreeMap;

use regex::Regex;

/// A room that imports another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Arrow {
    pub(super) from: String,
    pub(super) to: String,
    /// From 1.
    pub(super) line: usize,
}

/// What each room may import, from the rows `| `room/` | what it holds | `a`, `b` |` of a document.
pub(super) fn table(document: &str) -> BTreeMap<String, Vec<String>> {
    let row = Regex::new(r"(?m)^\| `(\w+)/` \|[^|]*\| ([^|]*) \|$").expect("a valid expression");
    let name = Regex::new(r"`(\w+)`").expect("a valid expression");
    let rooms: Vec<String> = row.captures_iter(document).map(|found| found[1].to_owned()).collect();
    let allowed = |cell: &str| match cell {
        "all" => rooms.clone(),
        cell => name.captures_iter(cell).map(|found| found[1].to_owned()).collect(),
    };
    row.captures_iter(document).map(|found| (found[1].to_owned(), allowed(&found[2]))).collect()
}

/// The arrows of one file that leave its room. `path` is below `src/`.
pub(super) fn arrows(path: &str, source: &str) -> Vec<Arrow> {
    let Some((room, below)) = path.split_once('/') else { return Vec::new() }; // the crate's root has no room
    let depth = 1 + below.trim_end_matches(".rs").split('/').filter(|part| *part != "mod").count();
    let mut found = Vec::new();
    let code = code(source);
    let start = Regex::new(r"\b(?:crate::|(?:super::)+)").expect("a valid expression");
    for prefix in start.find_iter(&code) {
        let is_outward = match prefix.as_str() {
            "crate::" => true,
            supers => supers.matches("super").count() >= depth + inline_modules(&code[..prefix.start()]),
        };
        if !is_outward {
            continue;
        }
        let line = code[..prefix.start()].matches('\n').count() + 1;
        for to in heads(&code[prefix.end()..]) {
            found.push(Arrow { from: room.into(), to, line });
        }
    }
    found.retain(|arrow| arrow.to != arrow.from);
    found
}

/// First names of a path or of the list in braces that follows: `a::b` gives `a`, `{a::b, c}` gives both.
fn heads(rest: &str) -> Vec<String> {
    let word = |text: &str| text.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let Some(list) = rest.strip_prefix('{') else { return vec![word(rest)] };
    let (mut depth, mut items) = (0, vec![String::new()]);
    for c in list.chars() {
        match c {
            '}' if depth == 0 => break,
            ',' if depth == 0 => {
                items.push(String::new());
                continue;
            }
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        items.last_mut().expect("never empty").push(c);
    }
    items.iter().map(|item| word(item)).filter(|item| !item.is_empty()).collect()
}

/// Inline modules that are open at the end of some code.
fn inline_modules(code: &str) -> usize {
    let opening = Regex::new(r"\bmod\s+\w+\s*$").expect("a valid expression");
    let mut open = Vec::new();
    for (at, c) in code.char_indices().filter(|(_, c)| matches!(c, '{' | '}')) {
        if c == '{' {
            open.push(opening.is_match(&code[at.saturating_sub(60).min(code.len())..at]));
        } else {
            open.pop();
        }
    }
    open.into_iter().filter(|is_module| *is_module).count()
}

/// Source without comments and without what stands in strings; lines stay where they are.
pub(super) fn code(source: &str) -> String {
    // In this order: what starts first wins, so a slash in a string starts no comment.
    let tokens = r##"(?s)//[^\n]*|/\*.*?\*/|r#+".*?"#+|r"[^"]*"|"(?:\\.|[^"\\])*"|'(?:\\[^\n]{1,8}|[^'\\\n])'"##;
    let tokens = Regex::new(tokens).expect("a valid expression");
    let blank = |found: &regex::Captures<'_>| "\n".repeat(found[0].matches('\n').count());
    let code: String = tokens.replace_all(source, blank).into_owned();
    code.chars().map(|c| if c.is_ascii() { c } else { '_' }).collect() // so that every offset is a boundary
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, source: &str, expected: &[(&str, usize)]) {
        let found: Vec<(String, usize)> =
            arrows(path, source).into_iter().map(|arrow| (arrow.to, arrow.line)).collect();
        let expected: Vec<(String, usize)> = expected.iter().map(|(to, line)| ((*to).to_owned(), *line)).collect();
        assert_eq!(found, expected, "{source}");
    }

    #[test]
    fn every_way_to_write_a_path_is_seen() {
        check("stats/pair.rs", "use crate::gate::Policy;", &[("gate", 1)]);
        check("stats/pair.rs", "use crate::model::Pair;\nfn f() { crate::cli::main(); }", &[("model", 1), ("cli", 2)]);
        check(
            "stats/pair.rs",
            "use crate::{\n    gate::{Policy, Status},\n    model,\n};",
            &[("gate", 1), ("model", 1)],
        );
        check("stats/pair.rs", "pub(in crate::stats) use super::median;", &[]);
        check("stats/pair.rs", "use super::super::gate::judge;", &[("gate", 1)]);
        check("stats/deep/mod.rs", "use super::super::gate;\nuse super::pair;", &[("gate", 1)]);
        check("stats/deep/er.rs", "use super::super::pair;\nuse super::super::super::gate;", &[("gate", 2)]);
        check("stats/pair.rs", "mod tests {\n use super::super::pair;\n}\nuse super::super::gate;", &[("gate", 4)]);
        check("main.rs", "use crate::gate;", &[]);
    }

    #[test]
    fn comments_and_strings_import_nothing() {
        check("stats/pair.rs", "// crate::gate\n/* crate::cli */ /// [`crate::gate`]\n", &[]);
        check("stats/pair.rs", "let a = \"crate::gate \\\" crate::cli\"; let b = r#\"crate::gate\"#;", &[]);
        check("stats/pair.rs", "let a = '\"'; use crate::gate; let b = '\"';", &[("gate", 1)]);
        check("stats/pair.rs", "fn f<'a>(x: &'a str) -> &'a str { crate::gate::f(x, \"//\") }", &[("gate", 1)]);
    }

    #[test]
    fn table_is_read() {
        let document = "| room | holds | may import |\n|---|---|---|\n| `a/` | x | nothing of ours |\n| `b/` | y, z | `a` |\n| `c/` | w | all |\n";
        let table = table(document);
        let expected = [("a", vec![]), ("b", vec!["a"]), ("c", vec!["a", "b", "c"])];
        let expected = expected.map(|(room, all)| (room.to_owned(), all.into_iter().map(String::from).collect()));
        assert_eq!(table, BTreeMap::from(expected));
    }
}
