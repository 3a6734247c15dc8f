//! The command line of a heap bench: cargo's and libtest's flags, as far as they mean something here.
//!
//! Hand-written, so that a dev-dependency does not bring a parser of its own.

use std::fmt;
use std::path::PathBuf;

/// What to do with the cases that the filters admit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// `--bench`: measure.
    Measure,
    /// Without `--bench`, as `cargo test --benches` calls it: run and check each case once.
    Test,
    /// `--sites FILE`: write where a case allocates.
    Sites(PathBuf),
    /// `--list`.
    List,
}

/// Who reads the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Human,
    Json,
}

/// A command line that is not understood; says what and how it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArgumentsError(String);

impl fmt::Display for ArgumentsError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}\n{USAGE}", self.0)
    }
}

impl std::error::Error for ArgumentsError {}

/// The parsed command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arguments {
    pub(crate) mode: Mode,
    pub(crate) format: Format,
    filters: Vec<String>,
    is_exact: bool,
    /// `--ignored` asks for ignored cases only, and there are none.
    is_ignored: bool,
}

const USAGE: &str = "\
usage: <bench> [--bench | --test | --list] [--sites FILE] [--format pretty|terse|json] [--exact] [FILTER]...

  --bench     measure; without it each case runs once with its check
  --list      name the cases
  --sites     write where the case allocates to a file for DHAT's viewer
  --format    json prints one versioned object a line
  --exact     a filter is a full id, not a part of one
  FILTER      a part of the full id `group/function/value`; several admit what any of them admits";

impl Arguments {
    /// Parses what follows the program's name.
    pub(crate) fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self, ArgumentsError> {
        let mut parsed =
            Self { mode: Mode::Test, format: Format::Human, filters: Vec::new(), is_exact: false, is_ignored: false };
        let (mut is_bench, mut is_test, mut is_list, mut sites) = (false, false, false, None);
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let (flag, attached) = match argument.split_once('=') {
                Some((flag, value)) if flag.starts_with("--") => (flag.to_owned(), Some(value.to_owned())),
                _ => (argument.clone(), None),
            };
            let mut value = || {
                attached
                    .clone()
                    .or_else(|| arguments.next())
                    .ok_or_else(|| ArgumentsError(format!("`{flag}` expects a value")))
            };
            match flag.as_str() {
                "--bench" => is_bench = true,
                "--test" => is_test = true,
                "--list" => is_list = true,
                "--sites" => sites = Some(PathBuf::from(value()?)),
                "--exact" => parsed.is_exact = true,
                "--ignored" => parsed.is_ignored = true,
                "--format" => parsed.format = format(&value()?)?,
                // libtest's flags about presentation and threads: a heap bench runs one case at a time, uncaptured.
                "--nocapture" | "--no-capture" | "--show-output" | "--include-ignored" | "--quiet" | "-q"
                | "--verbose" | "-v" => {}
                "--color" | "--test-threads" => drop(value()?),
                _ if flag.starts_with('-') => return Err(ArgumentsError(format!("unknown flag `{flag}`"))),
                _ => parsed.filters.push(argument),
            }
        }
        parsed.mode = match (is_list, is_test, is_bench, sites) {
            (true, _, _, _) => Mode::List,
            (_, false, _, Some(file)) => Mode::Sites(file),
            (_, false, true, None) => Mode::Measure,
            (_, _, _, _) => Mode::Test,
        };
        Ok(parsed)
    }

    /// Whether the case of this full id is asked for.
    pub(crate) fn admits(&self, id: &str) -> bool {
        let matches = |filter: &String| if self.is_exact { filter == id } else { id.contains(filter) };
        !self.is_ignored && (self.filters.is_empty() || self.filters.iter().any(matches))
    }
}

fn format(name: &str) -> Result<Format, ArgumentsError> {
    match name {
        "json" => Ok(Format::Json),
        "pretty" | "terse" => Ok(Format::Human),
        _ => Err(ArgumentsError(format!("`--format` expects pretty, terse or json, found `{name}`"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Arguments, ArgumentsError> {
        Arguments::parse(line.split_whitespace().map(str::to_owned))
    }

    #[track_caller]
    fn check(line: &str, mode: Mode, format: Format, admits_a_b: bool) {
        let parsed = parse(line).unwrap();
        assert_eq!((parsed.admits("a/b"), parsed.mode, parsed.format), (admits_a_b, mode, format));
    }

    #[test]
    fn flags_choose_mode_format_and_cases() {
        check("", Mode::Test, Format::Human, true);
        check("--bench", Mode::Measure, Format::Human, true);
        check("--bench --test", Mode::Test, Format::Human, true);
        check("--bench --format json", Mode::Measure, Format::Json, true);
        check("--list --format=json", Mode::List, Format::Json, true);
        check("--list --format terse", Mode::List, Format::Human, true);
        check("--bench a/", Mode::Measure, Format::Human, true);
        check("--bench --sites f a/", Mode::Sites("f".into()), Format::Human, true);
        check("--test --sites=f", Mode::Test, Format::Human, true);
        check("--bench x /b", Mode::Measure, Format::Human, true);
        check("--bench x", Mode::Measure, Format::Human, false);
        check("--exact a", Mode::Test, Format::Human, false);
        check("--exact a/b", Mode::Test, Format::Human, true);
        check("--ignored", Mode::Test, Format::Human, false);
        check("--nocapture -q --test-threads 1 --color=never", Mode::Test, Format::Human, true);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let refused = |line| parse(line).unwrap_err().to_string();
        assert!(refused("--frobnicate").starts_with("unknown flag `--frobnicate`\nusage: "));
        assert!(refused("--format").starts_with("`--format` expects a value\n"));
        assert!(refused("--format xml").contains("found `xml`"));
    }
}
