//! What the documents and workflows say and do, as far as a program can check it.

use std::collections::BTreeMap;
use std::process::Command;

use regex::Regex;

use super::{files, none, read};

/// Documents, workflows and what CI runs.
fn documents() -> impl Iterator<Item = (String, String)> {
    let is_document = |path: &String| [".md", ".yml", ".yaml", ".ci/run"].iter().any(|end| path.ends_with(end));
    files().into_iter().filter(is_document).map(|path| {
        let text = read(&path);
        (path, text)
    })
}

/// Ways in which a step of a pipeline ends well although the gate did not.
fn dropped(line: &str) -> Option<&'static str> {
    [
        (r"(?:xtask|benchgate) [^`#]*[^|]\|\s*[a-z]", "ends as what it is piped into; use `--output FORMAT=FILE`"),
        (r"(?:cargo|benchgate) .*\|\|\s*(?:true\b|:|echo\b)", "ends well whatever happened; let it fail"),
        (r"continue-on-error:\s*true", "goes on whatever happened; let it fail"),
        (r"\bset \+e\b", "goes on whatever happened; let it fail"),
    ]
    .into_iter()
    .find(|(pattern, _)| Regex::new(pattern).expect("a valid expression").is_match(line))
    .map(|(_, why)| why)
}

#[test]
fn no_document_or_workflow_drops_an_exit_code() {
    let output = Regex::new(r"steps\.([\w-]+)\.outputs\.([\w-]+)").expect("a valid expression");
    let mut complaints = Vec::new();
    let mut steps = 0;
    for (path, text) in documents() {
        steps += usize::from(text.contains("cargo xtask bench "));
        for (at, line) in text.lines().enumerate() {
            complaints.extend(dropped(line).map(|why| format!("{path}:{}: `{}` {why}", at + 1, line.trim())));
        }
        // What a step puts out is read by some other, and what is read is put out.
        for found in output.captures_iter(&text) {
            let [step, key] = found.extract().1;
            let is_there = text.contains(&format!("id: {step}")) && text.contains(&format!("{key}="));
            complaints.extend((!is_there).then(|| format!("{path}: `{}` is put out by no step", &found[0])));
        }
    }
    none(complaints);
    assert!(steps > 2, "the documents are elsewhere");
    for line in [
        "cargo xtask bench | tee out.txt",
        "run: cargo benchgate bench --color never 2>&1 | head",
        "cargo xtask bench || true",
        "cargo xtask bench || echo failed",
        "    continue-on-error: true",
        "set +e",
    ] {
        assert!(dropped(line).is_some(), "{line}");
    }
    for line in ["| `cargo xtask bench` | measures |", "cargo xtask bench || status=$?", "a | b"] {
        assert_eq!(dropped(line), None, "{line}");
    }
}

#[test]
fn documented_flags_exist() {
    let command = Regex::new(r"cargo (?:xtask|benchgate) ([a-z]+)((?: [^`\n]*)?)").expect("a valid expression");
    let flag = Regex::new(r"(?:^|[\s{+])(--[a-z][a-z-]+)").expect("a valid expression");
    let mut helps: BTreeMap<Vec<String>, String> = BTreeMap::new();
    let mut complaints = Vec::new();
    let mut known = 0;
    for (path, text) in documents() {
        for found in command.captures_iter(&text) {
            let [verb, rest] = found.extract().1;
            let mut words = vec![verb.to_owned()];
            if ["baseline", "selftest"].contains(&verb) {
                words.extend(rest.split_whitespace().next().map(String::from));
            }
            for flag in flag.captures_iter(rest).map(|found| found.extract::<1>().1[0]) {
                let help = helps.entry(words.clone()).or_insert_with(|| help(&words));
                let is_known = help.split([' ', ',', '\n']).any(|word| word == flag);
                known += usize::from(is_known);
                complaints.extend((!is_known).then(|| format!("{path}: `{}` has no flag `{flag}`", words.join(" "))));
            }
        }
    }
    none(complaints);
    assert!(known > 10, "only {known} flags were found");
}

fn help(words: &[String]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-benchgate"));
    String::from_utf8(command.args(words).arg("--help").output().expect("the program starts").stdout).expect("text")
}

/// `path::name` of tests in a document, with the line of each.
fn named_tests(text: &str) -> Vec<(usize, String, String)> {
    let test = Regex::new(r"`([\w/.-]+\.rs)::(\w+)`").expect("a valid expression");
    let lines = text.lines().enumerate();
    lines
        .flat_map(|(at, line)| {
            let tests = test.captures_iter(line).map(|found| (at + 1, found[1].to_owned(), found[2].to_owned()));
            tests.collect::<Vec<_>>()
        })
        .collect()
}

fn is_test(source: &str, name: &str) -> bool {
    let attributes = r"#\[test\]\s*(?:#\[[^\]]*\]\s*)*";
    Regex::new(&format!(r"{attributes}fn {name}\(")).expect("a valid expression").is_match(source)
}

#[test]
fn known_failures_have_their_tests() {
    let path = "docs/failures.md";
    let text = read(path);
    let tests = named_tests(&text);
    let missing = tests.iter().filter(|(_, file, name)| !is_test(&read(file), name));
    let complaints = missing.map(|(line, file, name)| format!("{path}:{line}: {file} has no test `{name}`"));
    none(complaints.collect());
    let is_row = |line: &str| line.starts_with("| ") && !line.starts_with("| failure |");
    let bare = text.lines().enumerate().filter(|(at, line)| is_row(line) && !tests.iter().any(|(n, ..)| *n == at + 1));
    none(
        bare.map(|(at, _)| format!("{path}:{}: no test is named: name one as `path/to/file.rs::name`", at + 1))
            .collect(),
    );
    assert!(text.lines().filter(|line| is_row(line)).count() > 30);
    assert!(!is_test("fn a() {}\n#[test]\nfn b() {}\n", "a") && is_test("#[test]\n#[ignore]\nfn b() {}\n", "b"));
}
