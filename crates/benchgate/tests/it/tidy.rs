//! Conventions of this repository that a program can check. Each message says what to do.

mod arrows;
mod documents;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use regex::Regex;

/// Root of this repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the gate is a member of a workspace").to_owned()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Files of this repository below its root, those that git ignores left out.
fn files() -> Vec<String> {
    let mut git = Command::new("git");
    git.arg("-C").arg(root()).args(["ls-files", "--cached", "--others", "--exclude-standard"]);
    match git.output() {
        Ok(output) if output.status.success() => {
            let listed = String::from_utf8(output.stdout).expect("our paths are UTF-8");
            listed.lines().map(String::from).filter(|path| root().join(path).is_file()).collect()
        }
        _ => walk(&root()), // a source archive
    }
}

fn walk(directory: &Path) -> Vec<String> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).expect("our own source") {
        let path = entry.expect("our own source").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if ["target", ".git"].contains(&&*name) {
            continue;
        }
        if path.is_dir() {
            files.extend(walk(&path));
        } else {
            files.push(path.strip_prefix(root()).expect("below the root").display().to_string());
        }
    }
    files
}

fn rust_files() -> Vec<String> {
    let files: Vec<String> = files().into_iter().filter(|path| path.ends_with(".rs")).collect();
    assert!(files.len() > 100, "only {} source files were found: {files:?}", files.len());
    files
}

#[track_caller]
fn none(complaints: Vec<String>) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

/// What is wrong with the imports of one file.
fn wrong_arrows(document: &str, path: &str, source: &str) -> Vec<String> {
    let table = arrows::table(document);
    let is_wrong = |arrow: &arrows::Arrow| !table.get(&arrow.from).is_some_and(|allowed| allowed.contains(&arrow.to));
    let complain = |arrow: arrows::Arrow| {
        let arrows::Arrow { from, to, line } = arrow;
        let allowed = table.get(&from).map(|allowed| allowed.join(", ")).unwrap_or_default();
        let allowed = if allowed.is_empty() { "nothing of ours" } else { &allowed };
        format!(
            "src/{path}:{line}: `{from}` imports `{to}`, and may import {allowed}; hand the value in as an argument, move \
             the code into a room that may, or change the table in ARCHITECTURE.md and say why"
        )
    };
    arrows::arrows(path, source).into_iter().filter(is_wrong).map(complain).collect()
}

/// Packages of several rooms. Between packages Cargo draws the arrows.
const PACKAGES_WITH_ROOMS: [&str; 3] = ["benchgate", "benchgate-core", "benchgate-engine"];

#[test]
fn data_flows_one_way() {
    let document = read("ARCHITECTURE.md");
    let mut complaints = Vec::new();
    for path in rust_files() {
        for package in PACKAGES_WITH_ROOMS {
            if let Some(below) = path.strip_prefix(&format!("crates/{package}/src/")) {
                complaints.extend(wrong_arrows(&document, below, &read(&path)));
            }
        }
    }
    none(complaints);
}

#[test]
fn forbidden_arrow_is_found_and_the_message_says_what_to_do() {
    let document = read("ARCHITECTURE.md");
    let source = "use crate::model::Pair;\nuse crate::{stats::median, gate::judge};\n";
    let complaints = wrong_arrows(&document, "stats/median.rs", source);
    let expected = "src/stats/median.rs:2: `stats` imports `gate`, and may import model; hand the value in";
    assert_eq!(complaints.len(), 1, "{complaints:?}");
    assert!(complaints[0].starts_with(expected), "{complaints:?}");
    assert_eq!(wrong_arrows(&document, "model/key.rs", "use crate::stats;").len(), 1);
    assert_eq!(wrong_arrows(&document, "store/json.rs", "use crate::explain;").len(), 1);
    assert_eq!(wrong_arrows(&document, "unheard/of.rs", "use crate::model;").len(), 1, "a room that the table lacks");
    assert!(wrong_arrows(&document, "explain/subject.rs", "use crate::{collect};").is_empty());
}

#[test]
fn rooms_of_the_architecture_are_those_of_the_source() {
    let listed: BTreeSet<String> = arrows::table(&read("ARCHITECTURE.md")).into_keys().collect();
    let module = Regex::new(r"(?m)^(?:pub )?mod (\w+);").expect("a valid expression");
    let libraries = PACKAGES_WITH_ROOMS.map(|package| read(&format!("crates/{package}/src/lib.rs"))).concat();
    let rooms: BTreeSet<String> = module.captures_iter(&libraries).map(|found| found[1].to_owned()).collect();
    assert!(rooms.len() > 8, "{rooms:?}");
    let missing = rooms.into_iter().filter(|room| !listed.contains(room));
    none(
        missing
            .map(|room| format!("ARCHITECTURE.md lacks `{room}/`: add a row that says what it may import"))
            .collect(),
    );
}

/// Lines before the tests of a file, where the aim is 300.
const MOST_LINES: usize = 500;

#[test]
fn files_are_short() {
    let is_all_tests = |path: &str| path.ends_with("tests.rs") || path.contains("/tests/");
    let length =
        |path: &String| read(path).split("\n#[cfg(test)]\nmod tests").next().map_or(0, |code| code.lines().count());
    let long = rust_files().into_iter().filter(|path| !is_all_tests(path) && length(path) > MOST_LINES);
    none(long.map(|path| format!("{path}: over {MOST_LINES} lines; split it along its nouns and verbs")).collect());
}

#[test]
fn files_are_named_after_what_they_hold() {
    let vague = ["util", "utils", "helper", "helpers", "common", "misc", "manager", "managers", "types"];
    let is_vague = |path: &String| path.trim_end_matches(".rs").split('/').any(|part| vague.contains(&part));
    let named = rust_files().into_iter().filter(is_vague);
    none(named.map(|path| format!("{path}: name it after the one thing that it holds")).collect());
}

#[test]
fn every_dependency_has_its_reason() {
    let manifest = read("Cargo.toml");
    let section = manifest.split("[workspace.dependencies]\n").nth(1).and_then(|rest| rest.split("\n[").next());
    let section = section.expect("the root manifest lists all dependencies");
    let lines: Vec<&str> = section.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert!(lines.len() > 10, "{lines:?}");
    let has_reason = |line: &&str| line.rsplit_once(" # ").is_some_and(|(_, reason)| reason.split(' ').count() >= 2);
    let bare = lines.into_iter().filter(|line| !has_reason(line));
    none(bare.map(|line| format!("Cargo.toml: `{line}` lacks `# why it is needed` on its line")).collect());
}

#[test]
fn documented_exit_codes_are_those_of_the_program() {
    let source = read("crates/benchgate-core/src/gate/exit.rs");
    let number = Regex::new(r"Self::(\w+) => (\d+),").expect("a valid expression");
    let variant = Regex::new(r"(?m)^    (\w+),$").expect("a valid expression");
    let declared = source.split("\n}\n").next().expect("the enum comes first");
    let code = |name: &str| {
        let mut found = number.captures_iter(&source).filter(|found| &found[1] == name);
        let found = found.next().unwrap_or_else(|| panic!("`{name}` has no number"));
        found[2].parse::<u64>().expect("digits")
    };
    let order: Vec<u64> = variant.captures_iter(declared).map(|found| code(&found[1])).collect();
    assert_eq!(order.len(), number.captures_iter(&source).count());
    assert_eq!(order.last(), Some(&u64::from(benchgate_core::gate::ExitCode::Pass.code())), "{order:?}");

    let document = read("docs/exit-codes.md");
    let row = Regex::new(r"(?m)^\| (\d+) \|").expect("a valid expression");
    let parse = |text: &str| text.parse::<u64>().expect("digits");
    let documented: BTreeSet<u64> = row.captures_iter(&document).map(|found| parse(&found[1])).collect();
    assert_eq!(documented, order.iter().copied().collect(), "the table of docs/exit-codes.md");
    let told = Regex::new(r"in the order ([\d,\s]+)\.").expect("a valid expression");
    let told = told.captures(&document).expect("docs/exit-codes.md says in which order they win");
    let told: Vec<u64> = told[1].split(',').map(|word| parse(word.trim())).collect();
    assert_eq!(told, order, "the order in docs/exit-codes.md");

    let schema: serde_json::Value = serde_json::from_str(&read("docs/schema/outcome.v1.schema.json")).expect("JSON");
    let listed = schema["properties"]["exit_code"]["enum"].as_array().expect("a list");
    let listed: BTreeSet<u64> = listed.iter().filter_map(serde_json::Value::as_u64).collect();
    assert_eq!(listed, documented, "the schema");
}

/// Verbs that the program has.
fn verbs() -> BTreeSet<String> {
    let help = Command::new(env!("CARGO_BIN_EXE_cargo-benchgate")).arg("--help").output().expect("the program starts");
    let help = String::from_utf8(help.stdout).expect("text");
    let listed = help.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next()).expect("a list of verbs");
    listed.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next()).map(String::from).collect()
}

#[test]
fn documented_commands_exist() {
    let mut verbs = verbs();
    verbs.insert("ci".into()); // of `cargo xtask` alone
    let readme = read("README.md");
    for command in ["\ncargo xtask bench ", "\ncargo xtask ci "] {
        assert!(readme.contains(command), "README.md lacks `{}`", command.trim());
    }
    assert!(read(".cargo/config.toml").contains("xtask = \"run "), "the alias `cargo xtask` is gone");
    let command = Regex::new(r"cargo (?:xtask|benchgate) ([a-z]+)\b").expect("a valid expression");
    let is_document = |path: &String| [".md", ".yml", ".toml", ".ci/run"].iter().any(|end| path.ends_with(end));
    let mut complaints = Vec::new();
    for path in files().into_iter().filter(is_document) {
        let text = read(&path);
        let unknown = command.captures_iter(&text).filter(|found| !verbs.contains(&found[1]));
        complaints.extend(unknown.map(|found| format!("{path}: `{}` is no command of the program", &found[0])));
    }
    none(complaints);
}

#[test]
fn documented_claims_are_those_of_the_policy() {
    let policy = benchgate::config::load(&root()).expect("a sound policy").policy;
    let documented = benchgate_report::documented_claims(&read("docs/systems.md")).expect("sections with an end");
    let stated = policy.claims.iter().map(|claim| (claim.kind.area(), claim.name.clone()));
    let rows = documented.into_iter().flat_map(|(area, names)| names.into_iter().map(move |name| (area.clone(), name)));
    let (stated, rows): (Vec<_>, Vec<_>) = (stated.collect(), rows.collect());
    let write = "measure with `cargo xtask bench`, then `cargo xtask claims --write docs/systems.md`";
    let missing = stated.iter().filter(|claim| !rows.contains(claim));
    let missing =
        missing.map(|(area, name)| format!("docs/systems.md: no row for claim `{name}` in `{area}`; {write}"));
    let surplus = rows.iter().filter(|row| !stated.contains(row));
    let surplus = surplus.map(|(area, name)| format!("docs/systems.md: `{name}` in `{area}` is no claim; {write}"));
    none(missing.chain(surplus).collect());
}

#[test]
fn links_between_documents_lead_somewhere() {
    let link = Regex::new(r"\]\(([^)#\s]+)(?:#[^)]*)?\)").expect("a valid expression");
    let mut complaints = Vec::new();
    for path in files().into_iter().filter(|path| path.ends_with(".md")) {
        let text = read(&path);
        let directory = root().join(&path).parent().expect("a file has a directory").to_owned();
        let local =
            link.captures_iter(&text).filter(|found| !found[1].contains("://") && !found[1].starts_with("mailto:"));
        let broken = local.filter(|found| !directory.join(&found[1]).exists());
        complaints.extend(broken.map(|found| format!("{path}: `{}` leads nowhere", &found[1])));
    }
    none(complaints);
}

#[test]
fn no_file_names_a_place_of_one_machine() {
    // In two parts, so that this file does not name one.
    let place = Regex::new(concat!(r"(?:^|[^\w./~}])/(?:wo", r"rk|ro", r"ot|ho", "me)/")).expect("a valid expression");
    let mut complaints = Vec::new();
    for path in files() {
        let Ok(text) = fs::read_to_string(root().join(&path)) else { continue }; // no text
        let lines = text.lines().enumerate().filter(|(_, line)| place.is_match(line));
        complaints.extend(
            lines.map(|(at, line)| format!("{path}:{}: `{}` is there on one machine only", at + 1, line.trim())),
        );
    }
    none(complaints);
    for place_of_one in [concat!("see /wo", "rk/shared"), concat!("\"/ro", "ot/.cargo\""), concat!("/ho", "me/me/x")] {
        assert!(place.is_match(place_of_one), "{place_of_one}");
    }
    assert!(!place.is_match("target/work/x and docs/root/y"));
}
