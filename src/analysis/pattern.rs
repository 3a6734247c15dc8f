//! Error patterns and compiled tables of them.
//!
//! A table is compiled in one of two ways, which find the same things:
//!
//! - [`PatternTable::one_pass`]: one automaton for all patterns tells in a single pass which of them match; only those are then
//!   looked for. Made once for the process by [`PatternTable::shared`].
//! - [`PatternTable::each`]: an automaton a pattern, tried one after the other, as the original does for every instance. It
//!   costs as much again with each detector; it is kept to be measured against.
//!
//! Letters match in either case within ASCII; other letters match as they stand.

use regex_automata::meta::{self, Regex};
use regex_automata::util::syntax;
use regex_automata::{MatchKind, PatternSet};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::{Arc, LazyLock};

/// What part of a system an error points at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Category {
    /// Connections, names, gateways.
    Network,
    /// Elements and rendering.
    Ui,
    /// Identity and permission.
    Authentication,
    /// Input that was refused.
    Validation,
    /// Too slow, too large.
    Performance,
    /// Errors of scripts.
    JavaScript,
    /// Queries, locks, constraints.
    Database,
    /// Files and disks.
    Filesystem,
    /// An indicator word, but no pattern.
    Unknown,
}

/// How much an error matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Worth a note.
    Low,
    /// Worth a look.
    Medium,
    /// Likely to fail the run.
    High,
}

/// One thing to look for.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    /// Its name, such as `connection`.
    pub name: &'static str,
    /// A regular expression in the syntax of the regex crate, without Unicode classes.
    pub expression: Cow<'static, str>,
    /// What it points at.
    pub category: Category,
    /// How much that matters.
    pub severity: Severity,
    /// From 0 to 1.
    pub confidence: f64,
    /// What to try.
    pub suggestions: &'static [&'static str],
    /// Words to file it under.
    pub tags: &'static [&'static str],
}

/// A pattern that is no regular expression.
#[derive(Debug, Clone, thiserror::Error)]
#[error("pattern `{name}` is no regular expression")]
pub struct PatternError {
    /// The pattern's name.
    pub name: &'static str,
    /// What the engine said.
    pub source: Box<meta::BuildError>,
}

/// Compiled patterns. Immutable; to have other patterns, compile another table.
#[derive(Debug)]
pub struct PatternTable {
    patterns: Vec<Pattern>,
    /// Which patterns match at all; without it each is tried.
    any: Option<Regex>,
    /// Where each matches.
    each: Vec<Regex>,
    indicators: Regex,
}

impl PatternTable {
    /// The built-in patterns in one pass, compiled on first use and shared by the whole process.
    pub fn shared() -> Arc<PatternTable> {
        static TABLE: LazyLock<Arc<PatternTable>> = LazyLock::new(|| {
            let table = PatternTable::one_pass(BUILT_IN.to_vec()).expect("the built-in patterns are tested");
            Arc::new(table)
        });
        Arc::clone(&TABLE)
    }

    /// Compiles `patterns` for a search in one pass.
    ///
    /// # Errors
    /// When a pattern is no regular expression.
    pub fn one_pass(patterns: Vec<Pattern>) -> Result<PatternTable, PatternError> {
        let expressions: Vec<&str> = patterns.iter().map(|pattern| pattern.expression.as_ref()).collect();
        let any =
            Regex::builder().configure(engine().match_kind(MatchKind::All)).syntax(ascii()).build_many(&expressions);
        let table = PatternTable::each(patterns)?;
        let any = any.map_err(|source| PatternError { name: "all together", source: Box::new(source) })?;
        Ok(PatternTable { any: Some(any), ..table })
    }

    /// Compiles `patterns` each for itself.
    ///
    /// # Errors
    /// When a pattern is no regular expression.
    pub fn each(patterns: Vec<Pattern>) -> Result<PatternTable, PatternError> {
        let compile = |name: &'static str, expression: &str| {
            let built = Regex::builder().configure(engine()).syntax(ascii()).build(expression);
            built.map_err(|source| PatternError { name, source: Box::new(source) })
        };
        let each =
            patterns.iter().map(|pattern| compile(pattern.name, &pattern.expression)).collect::<Result<_, _>>()?;
        let indicators = compile("indicators", &INDICATORS.join("|"))?;
        Ok(PatternTable { patterns, any: None, each, indicators })
    }

    /// The patterns, in the order in which they are reported.
    pub fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }

    /// Calls `found` with each pattern that matches `text` and the place of its first match, in the order of the patterns.
    pub(super) fn search<'t>(&'t self, text: &str, mut found: impl FnMut(&'t Pattern, Range<usize>)) {
        let candidates = self.any.as_ref().map(|any| {
            let mut candidates = PatternSet::new(any.pattern_len());
            any.which_overlapping_matches(&text.into(), &mut candidates);
            candidates
        });
        for (index, (pattern, regex)) in self.patterns.iter().zip(&self.each).enumerate() {
            let is_candidate = |candidates: &PatternSet| {
                candidates.contains(regex_automata::PatternID::new(index).expect("there is a pattern of that number"))
            };
            if candidates.as_ref().is_none_or(is_candidate)
                && let Some(place) = regex.find(text)
            {
                found(pattern, place.range());
            }
        }
    }

    /// Where the first indicator word stands.
    pub(super) fn first_indicator(&self, text: &str) -> Option<Range<usize>> {
        self.indicators.find(text).map(|place| place.range())
    }

    /// Heap memory of the table in bytes, as the engine accounts for it, without the scratch that searches keep.
    pub fn memory_usage(&self) -> usize {
        let compiled: usize = self.each.iter().chain(&self.any).map(Regex::memory_usage).sum();
        let patterns = self.patterns.capacity() * size_of::<Pattern>() + self.each.capacity() * size_of::<Regex>();
        compiled + self.indicators.memory_usage() + patterns
    }
}

/// Without prefilters of literals: letters in either case stand for every spelling of their words, and preparing those made
/// three quarters of the allocations of a table.
fn engine() -> meta::Config {
    meta::Config::new().auto_prefilter(false)
}

fn ascii() -> syntax::Config {
    syntax::Config::new().case_insensitive(true).unicode(false).utf8(false)
}

/// Words that hint at an error of no known kind.
pub const INDICATORS: [&str; 18] = [
    "error",
    "exception",
    "failed",
    "failure",
    "fatal",
    "crash",
    "timeout",
    "refused",
    "denied",
    "invalid",
    "unable",
    "cannot",
    "missing",
    "abort",
    "panic",
    "unexpected",
    "broken",
    "critical",
];

/// What is reported when an indicator occurs and no pattern matches.
pub(super) static UNKNOWN: Pattern = Pattern {
    name: "unknown",
    expression: Cow::Borrowed(""),
    category: Category::Unknown,
    severity: Severity::Low,
    confidence: 0.50,
    suggestions: &["read the text around the word"],
    tags: &["unknown"],
};

/// The fourteen patterns that every table has unless it is given others.
pub static BUILT_IN: [Pattern; 14] = [
    Pattern {
        name: "connection",
        expression: Cow::Borrowed(r"connection (?:was )?(?:refused|reset|closed|aborted)|econn(?:refused|reset)"),
        category: Category::Network,
        severity: Severity::High,
        confidence: 0.90,
        suggestions: &["check that the server is up and reachable", "retry with a back-off"],
        tags: &["network", "connection"],
    },
    Pattern {
        name: "timeout",
        expression: Cow::Borrowed(r"(?:request|connection|gateway|network|read) (?:timed out|time-?out)|etimedout"),
        category: Category::Network,
        severity: Severity::Medium,
        confidence: 0.85,
        suggestions: &["raise the timeout", "look at the latency of the server"],
        tags: &["network", "timeout"],
    },
    Pattern {
        name: "name resolution",
        expression: Cow::Borrowed(r"(?:dns|name resolution)[ \w]*(?:error|fail)|could not resolve host|enotfound"),
        category: Category::Network,
        severity: Severity::High,
        confidence: 0.85,
        suggestions: &["check the host name", "check the resolver"],
        tags: &["network", "dns"],
    },
    Pattern {
        name: "http status",
        expression: Cow::Borrowed(r"(?:http|status)(?: error| code)?[ :]+[45][0-9][0-9]\b"),
        category: Category::Network,
        severity: Severity::Medium,
        confidence: 0.80,
        suggestions: &["look at the answer's body", "check the address"],
        tags: &["network", "http"],
    },
    Pattern {
        name: "element",
        expression: Cow::Borrowed(
            r#"(?:element|selector|button|link)[ \w"'#.-]*not (?:found|visible|clickable)|no such element|stale element"#,
        ),
        category: Category::Ui,
        severity: Severity::Medium,
        confidence: 0.80,
        suggestions: &["wait for the element", "check the selector"],
        tags: &["ui", "element"],
    },
    Pattern {
        name: "rendering",
        expression: Cow::Borrowed(r"(?:layout|render\w*|image)[ \w]*(?:error|fail|broken)"),
        category: Category::Ui,
        severity: Severity::Low,
        confidence: 0.65,
        suggestions: &["compare screenshots"],
        tags: &["ui", "rendering"],
    },
    Pattern {
        name: "credentials",
        expression: Cow::Borrowed(
            r"(?:authentication|authorization|login) (?:failed|required|error)|invalid (?:credentials|password|token)",
        ),
        category: Category::Authentication,
        severity: Severity::High,
        confidence: 0.90,
        suggestions: &["check the account of the test", "renew the token"],
        tags: &["authentication", "credentials"],
    },
    Pattern {
        name: "permission",
        expression: Cow::Borrowed(
            r"(?:session|token) (?:has )?expired|access denied|permission denied|unauthori[sz]ed|forbidden",
        ),
        category: Category::Authentication,
        severity: Severity::High,
        confidence: 0.80,
        suggestions: &["log in again", "check the rights of the account"],
        tags: &["authentication", "permission"],
    },
    Pattern {
        name: "validation",
        expression: Cow::Borrowed(
            r"validation (?:failed|error)|field is (?:required|mandatory)|invalid (?:email|format|input|date)",
        ),
        category: Category::Validation,
        severity: Severity::Low,
        confidence: 0.75,
        suggestions: &["check the test data"],
        tags: &["validation", "form"],
    },
    Pattern {
        name: "slow",
        expression: Cow::Borrowed(r"(?:page|response|query|loading)[ \w]*(?:too slow|took too long|exceeded)"),
        category: Category::Performance,
        severity: Severity::Medium,
        confidence: 0.70,
        suggestions: &["profile the page", "look at the slowest requests"],
        tags: &["performance", "latency"],
    },
    Pattern {
        name: "memory",
        expression: Cow::Borrowed(r"out of memory|memory (?:leak|limit)|heap (?:limit|exhausted)|stack overflow"),
        category: Category::Performance,
        severity: Severity::High,
        confidence: 0.85,
        suggestions: &["take a heap profile"],
        tags: &["performance", "memory"],
    },
    Pattern {
        name: "script",
        expression: Cow::Borrowed(
            r"\b(?:type|reference|syntax|range)error\b|uncaught (?:error|exception)|is not (?:a function|defined)",
        ),
        category: Category::JavaScript,
        severity: Severity::High,
        confidence: 0.85,
        suggestions: &["read the console's stack trace"],
        tags: &["javascript", "console"],
    },
    Pattern {
        name: "query",
        expression: Cow::Borrowed(r"(?:sql|database)[ \w]*(?:error|fail)|deadlock|duplicate key|constraint violation"),
        category: Category::Database,
        severity: Severity::High,
        confidence: 0.85,
        suggestions: &["look at the statement and its parameters"],
        tags: &["database", "query"],
    },
    Pattern {
        name: "file",
        expression: Cow::Borrowed(
            r"no such file|file not found|enoent|disk (?:is )?full|no space left|read-only file system",
        ),
        category: Category::Filesystem,
        severity: Severity::Medium,
        confidence: 0.80,
        suggestions: &["check the path", "free some space"],
        tags: &["filesystem", "disk"],
    },
];
