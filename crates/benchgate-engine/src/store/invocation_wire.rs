//! What was asked for, as run files hold it: a table since schema 2, a command line in schema 1.

use serde::{Deserialize, Serialize};

use benchgate_core::model::{Invocation, Verb};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InvocationWire {
    program: String,
    #[serde(with = "VerbWire")]
    verb: Verb,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    manifest: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tiers: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    build: Vec<String>,
    #[serde(default, rename = "quick", skip_serializing_if = "std::ops::Not::not")]
    is_quick: bool,
    #[serde(default, rename = "no_counting", skip_serializing_if = "std::ops::Not::not")]
    is_without_counting: bool,
    #[serde(default, rename = "measure_identical", skip_serializing_if = "std::ops::Not::not")]
    measures_identical: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Verb", rename_all = "kebab-case")]
enum VerbWire {
    Bench,
    Calibrate,
    Canary,
}

impl From<Invocation> for InvocationWire {
    fn from(invocation: Invocation) -> Self {
        let Invocation { program, verb, manifest, tiers, build, is_quick, is_without_counting, measures_identical } =
            invocation;
        Self { program, verb, manifest, tiers, build, is_quick, is_without_counting, measures_identical }
    }
}

impl From<InvocationWire> for Invocation {
    fn from(wire: InvocationWire) -> Self {
        let InvocationWire { program, verb, manifest, tiers, build, is_quick, is_without_counting, measures_identical } =
            wire;
        Self { program, verb, manifest, tiers, build, is_quick, is_without_counting, measures_identical }
    }
}

/// Flags of the build that have a value.
const BUILD_WITH_VALUE: [&str; 5] = ["--features", "--profile", "--package", "--exclude", "--bench"];

/// The same, without one.
const BUILD: [&str; 3] = ["--all-features", "--no-default-features", "--workspace"];

/// What a command line of schema 1 asked for. The gate wrote it, so that each flag is spelled in one way.
pub(super) fn of_command(line: &str) -> Invocation {
    let words = words(line);
    let at = words.iter().position(|word| ["bench", "calibrate", "selftest"].contains(&&**word)).unwrap_or(words.len());
    let program = if at == 0 || at == words.len() { "cargo xtask".to_owned() } else { words[..at].join(" ") };
    let verb = match words.get(at).map(String::as_str) {
        Some("calibrate") => Verb::Calibrate,
        Some("selftest") => Verb::Canary,
        _ => Verb::Bench,
    };
    let mut invocation = Invocation { program, verb, ..Invocation::default() };
    let mut rest = words.into_iter().skip(at + 1);
    while let Some(word) = rest.next() {
        match &*word {
            "--manifest-path" => invocation.manifest = rest.next(),
            "--tier" => invocation.tiers.extend(rest.next()),
            "--quick" => invocation.is_quick = true,
            "--no-counting" => invocation.is_without_counting = true,
            flag if BUILD.contains(&flag) => invocation.build.push(word),
            flag if BUILD_WITH_VALUE.contains(&flag) => {
                if let Some(value) = rest.next() {
                    invocation.build.extend([word, value]);
                }
            }
            _ => {}
        }
    }
    invocation
}

/// Words of a command line, without the quotes of a shell.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut is_quoted, mut is_escaped) = (Vec::new(), None::<String>, false, false);
    for character in line.chars() {
        match character {
            _ if is_escaped => {
                is_escaped = false;
                word.get_or_insert_default().push(character);
            }
            '\\' if !is_quoted => is_escaped = true,
            '\'' => {
                is_quoted = !is_quoted;
                word.get_or_insert_default();
            }
            blank if blank.is_whitespace() && !is_quoted => words.extend(word.take()),
            character => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_lines_of_schema_1_are_read() {
        #[track_caller]
        fn check(line: &str, program: &str, expected: Invocation) {
            assert_eq!(of_command(line), Invocation { program: program.into(), ..expected });
        }
        let list = |text: &str| text.split(' ').map(String::from).collect::<Vec<_>>();
        check("cargo xtask bench", "cargo xtask", Invocation::default());
        check("", "cargo xtask", Invocation::default());
        check("calibrate", "cargo xtask", Invocation { verb: Verb::Calibrate, ..Invocation::default() });
        check(
            "cargo benchgate selftest canary --seed 3",
            "cargo benchgate",
            Invocation { verb: Verb::Canary, ..Invocation::default() },
        );
        check(
            r"cargo benchgate bench --manifest-path 'my '\''dir/Cargo.toml' --base 1a2b --tier all --features a --features 'b c' --all-features --quick --no-counting --seed 7 'x*'",
            "cargo benchgate",
            Invocation {
                manifest: Some("my 'dir/Cargo.toml".into()),
                tiers: list("all"),
                build: [list("--features a --features"), vec!["b c".into()], list("--all-features")].concat(),
                is_quick: true,
                is_without_counting: true,
                ..Invocation::default()
            },
        );
        check("cargo xtask bench --features", "cargo xtask", Invocation::default());
    }

    proptest::proptest! {
        #[test]
        fn no_line_panics(line in ".{0,80}") {
            of_command(&line);
        }
    }
}
