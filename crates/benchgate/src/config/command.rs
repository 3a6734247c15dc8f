//! `[[command]]`: commands that are measured as a whole.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path};

use serde::Deserialize;
use toml::Spanned;

use super::error::{ConfigError, Document, visible};
use super::wire::Word;
use benchgate_core::model::{CommandBench, TREE};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CommandWire {
    name: Word,
    run: Spanned<Vec<Word>>,
    dir: Option<Word>,
    #[serde(default)]
    env: BTreeMap<Word, Word>,
    stdin: Option<Word>,
}

/// Checks the commands of a document.
pub(super) fn convert(document: Document<'_>, wire: Vec<CommandWire>) -> Result<Vec<CommandBench>, ConfigError> {
    let mut names = BTreeSet::new();
    let mut commands = Vec::new();
    for command in wire {
        let command = one(document, command, &mut names)?;
        commands.push(command);
    }
    Ok(commands)
}

fn one(document: Document<'_>, wire: CommandWire, names: &mut BTreeSet<String>) -> Result<CommandBench, ConfigError> {
    let CommandWire { name, run, dir, env, stdin } = wire;
    let text = name.get_ref();
    if text.trim().is_empty() || text.contains(char::is_control) {
        let problem = format!("expected the id of the benchmark, found `{}`", visible(text));
        return Err(document.wrong(name.span(), problem, "write for instance `name = \"cli/parse\"`"));
    }
    if !names.insert(text.clone()) {
        let problem = format!("two commands are called `{}`", visible(text));
        return Err(document.wrong(name.span(), problem, "a name is the id of a benchmark: give one of them another"));
    }
    let hint = "write the program and its arguments, for instance `run = [\"{target}/tool\", \"--input\", \"{tree}/data.json\"]`";
    let Some(program) = run.get_ref().first() else {
        return Err(document.wrong(run.span(), "expected a program, found `[]`", hint));
    };
    if program.get_ref().trim().is_empty() {
        return Err(document.wrong(program.span(), "expected a program, found nothing", hint));
    }
    for word in run.get_ref().iter().chain(env.values()).chain(&stdin) {
        no_zero(document, word)?;
    }
    let directory = dir.map(|dir| directory(document, &dir)).transpose()?.unwrap_or_default();
    let mut environment = BTreeMap::new();
    for (name, value) in env {
        if name.get_ref().is_empty() || name.get_ref().contains(['=', '\0']) {
            let problem = format!("expected the name of a variable, found `{}`", visible(name.get_ref()));
            return Err(document.wrong(name.span(), problem, "write for instance `env = { THREADS = \"1\" }`"));
        }
        environment.insert(name.into_inner(), value.into_inner());
    }
    Ok(CommandBench {
        name: name.into_inner(),
        run: run.into_inner().into_iter().map(Spanned::into_inner).collect(),
        directory,
        environment,
        stdin: stdin.map(Spanned::into_inner),
    })
}

fn no_zero(document: Document<'_>, word: &Word) -> Result<(), ConfigError> {
    match word.get_ref().contains('\0') {
        true => Err(document.wrong(word.span(), "a zero byte cannot be in a command", "leave it out")),
        false => Ok(()),
    }
}

fn directory(document: Document<'_>, word: &Word) -> Result<String, ConfigError> {
    let below = word.get_ref().strip_prefix(TREE).unwrap_or(word.get_ref()).trim_start_matches('/');
    let is_inside = Path::new(below).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    let is_absolute = word.get_ref().starts_with('/');
    if !is_inside || is_absolute {
        let problem = format!("expected a directory below the workspace's root, found `{}`", visible(word.get_ref()));
        return Err(document.wrong(word.span(), problem, "write for instance `dir = \"crates/tool\"`"));
    }
    Ok(below.to_owned())
}

#[cfg(test)]
mod tests {
    use crate::config::parse;

    #[test]
    fn every_key_is_read() {
        let text = r#"
[[command]]
name = "cli/parse"
run = ["{target}/tool", "--input", "{tree}/data.json"]
dir = "crates/tool"
env = { THREADS = "1" }
stdin = "{tree}/data.json"

[[command]]
name = "cli/help"
run = ["{target}/tool", "--help"]
"#;
        let commands = parse("f", text).unwrap().policy.commands;
        assert_eq!(commands[0].run, ["{target}/tool", "--input", "{tree}/data.json"]);
        assert_eq!((&*commands[0].directory, commands[0].stdin.as_deref()), ("crates/tool", Some("{tree}/data.json")));
        assert_eq!(commands[0].environment["THREADS"], "1");
        assert_eq!((&*commands[1].name, &*commands[1].directory, commands[1].stdin.as_deref()), ("cli/help", "", None));
    }

    #[track_caller]
    fn check(table: &str, line: usize, problem: &str, hint: &str) {
        let error = parse("f", &format!("[[command]]\n{table}\n")).unwrap_err().to_string();
        assert!(error.starts_with(&format!("`f:{line}:")) && error.contains(problem), "{error}");
        assert!(error.rsplit_once("hint: ").is_some_and(|(_, found)| found.contains(hint)), "{error}");
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        check("name = \"a\"", 1, "missing key `run`", "add `run`");
        check("run = [\"a\"]", 1, "missing key `name`", "add `name`");
        check("name = \"a\"\nrun = []", 3, "expected a program, found `[]`", "{target}/tool");
        check("name = \"a\"\nrun = [\" \"]", 3, "expected a program, found nothing", "{target}/tool");
        check("name = \"\"\nrun = [\"a\"]", 2, "expected the id of the benchmark", "cli/parse");
        check("name = \"a\"\nrun = [\"a\"]\nmetric = \"time\"", 4, "unknown key `metric`", "");
        check("name = \"a\"\nrun = [\"a\"]\ndir = \"../x\"", 4, "below the workspace's root", "crates/tool");
        check("name = \"a\"\nrun = [\"a\"]\ndir = \"/x\"", 4, "below the workspace's root", "crates/tool");
        check("name = \"a\"\nrun = [\"a\"]\nenv = { \"A=B\" = \"1\" }", 4, "the name of a variable", "THREADS");
        check(
            "name = \"a\"\nrun = [\"a\"]\n[[command]]\nname = \"a\"\nrun = [\"b\"]",
            5,
            "two commands are called `a`",
            "another",
        );
        check("name = \"a\"\nrun = \"tool\"", 3, "expected a sequence", "write a list");
    }
}
