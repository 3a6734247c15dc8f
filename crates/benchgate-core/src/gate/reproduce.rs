//! The commands that a row ends with: to measure one benchmark alone again, and to take an acceptance back.

use crate::model::Matter;

/// Says which workspace is meant.
const MANIFEST: &str = "--manifest-path";

/// Options of the original command that say what is compared and how it is built, each with a value.
const KEPT_WITH_VALUE: [&str; 8] =
    [MANIFEST, "--base", "--tier", "--features", "--profile", "--package", "--exclude", "--bench"];

/// The same, without one.
const KEPT: [&str; 4] = ["--stored", "--all-features", "--no-default-features", "--workspace"];

/// From the command of a run and an id, the command for this id: program and subcommand as called, the id quoted for a shell, and
/// the options that say what is compared.
pub(super) fn command(original: &str, id: &str) -> String {
    let words = words(original);
    let (program, options) = match words.iter().position(|word| *word == "bench") {
        Some(at) => (words[..=at].join(" "), &words[at + 1..]),
        None => ("cargo xtask bench".into(), &[][..]),
    };
    let mut command = format!("{program} {}", quoted(id));
    let mut options = options.iter();
    while let Some(option) = options.next() {
        let name = option.split('=').next().unwrap_or(option);
        if KEPT.contains(option) || (KEPT_WITH_VALUE.contains(&name) && option.contains('=')) {
            command = format!("{command} {option}");
        } else if KEPT_WITH_VALUE.contains(option) {
            command = options.next().map_or(command.clone(), |value| format!("{command} {option} {value}"));
        }
    }
    command
}

/// From the command of a run, the one that takes an acceptance back.
pub(super) fn withdrawal(original: &str, id: &str, matter: Matter) -> String {
    let words = words(original);
    let program = words.iter().position(|word| *word == "bench").map(|at| words[..at].join(" "));
    let program = program.filter(|program| !program.is_empty()).unwrap_or_else(|| "cargo xtask".into());
    let subject = match matter {
        Matter::Metric(metric) => metric.name(),
        Matter::Removal => "--removed",
        Matter::Work => "--work-changed",
    };
    let mut command = format!("{program} accept {} {subject} --withdraw", quoted(id));
    if let Some(at) = words.iter().position(|word| word.split('=').next() == Some(MANIFEST)) {
        let value = if words[at] == MANIFEST { words.get(at + 1) } else { None };
        command = [command.as_str(), words[at]].into_iter().chain(value.copied()).collect::<Vec<_>>().join(" ");
    }
    command
}

fn quoted(id: &str) -> String {
    format!("'{}'", id.replace('\'', r"'\''"))
}

/// Words of a command line as they were written, quotes kept, so that they need no quoting again.
fn words(line: &str) -> Vec<&str> {
    let (mut words, mut start, mut quote, mut is_escaped) = (Vec::new(), None, None, false);
    for (at, character) in line.char_indices() {
        if start.is_none() && !character.is_whitespace() {
            start = Some(at);
        }
        match (quote, character) {
            _ if is_escaped => is_escaped = false,
            (None | Some('"'), '\\') => is_escaped = true,
            (None, '\'' | '"') => quote = Some(character),
            (Some(open), close) if open == close => quote = None,
            (None, blank) if blank.is_whitespace() => words.extend(start.take().map(|start| &line[start..at])),
            _ => {}
        }
    }
    words.extend(start.map(|start| &line[start..]));
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Metric;

    #[test]
    fn keeps_what_says_what_is_compared() {
        #[track_caller]
        fn check(original: &str, expected: &str) {
            assert_eq!(command(original, "a/b c/%"), expected);
        }
        check("cargo xtask bench", "cargo xtask bench 'a/b c/%'");
        check("cargo benchgate bench --quick x --base main", "cargo benchgate bench 'a/b c/%' --base main");
        check("cargo xtask bench --base=HEAD~1 --seed 3", "cargo xtask bench 'a/b c/%' --base=HEAD~1");
        check(
            "cargo xtask bench --manifest-path 'my dir/Cargo.toml' --stored",
            "cargo xtask bench 'a/b c/%' --manifest-path 'my dir/Cargo.toml' --stored",
        );
        check(
            "cargo xtask bench --base main --features a --features 'b/c' --all-features --profile fast --seed 3",
            "cargo xtask bench 'a/b c/%' --base main --features a --features 'b/c' --all-features --profile fast",
        );
        check(
            "cargo xtask bench --package p --exclude q --bench 't*' --workspace --no-default-features --quick",
            "cargo xtask bench 'a/b c/%' --package p --exclude q --bench 't*' --workspace --no-default-features",
        );
        check("", "cargo xtask bench 'a/b c/%'");
        check("cargo xtask bench --base", "cargo xtask bench 'a/b c/%'");
    }

    #[test]
    fn withdrawal_is_about_the_same_workspace() {
        #[track_caller]
        fn check(original: &str, matter: Matter, expected: &str) {
            assert_eq!(withdrawal(original, "a/b", matter), expected);
        }
        check(
            "cargo xtask bench --base main",
            Matter::Metric(Metric::Time),
            "cargo xtask accept 'a/b' time --withdraw",
        );
        check("", Matter::Removal, "cargo xtask accept 'a/b' --removed --withdraw");
        check("", Matter::Work, "cargo xtask accept 'a/b' --work-changed --withdraw");
        let there = "cargo benchgate bench --manifest-path 'my dir/Cargo.toml' --stored";
        check(
            there,
            Matter::Removal,
            "cargo benchgate accept 'a/b' --removed --withdraw --manifest-path 'my dir/Cargo.toml'",
        );
        let there = "cargo benchgate bench --manifest-path=x/Cargo.toml";
        check(there, Matter::Removal, "cargo benchgate accept 'a/b' --removed --withdraw --manifest-path=x/Cargo.toml");
    }

    #[test]
    fn quotes_survive_the_shell() {
        assert_eq!(command("cargo xtask bench", "it's"), r"cargo xtask bench 'it'\''s'");
    }
}
