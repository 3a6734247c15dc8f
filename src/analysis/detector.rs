//! Finds errors in the text of a page or a log.
//!
//! One detection for each pattern that matches, at its first match; when none does, one of the category `Unknown` if an
//! indicator word occurs. It counts no repetitions and does not read stack traces.

use super::pattern::{BUILT_IN, Category, Pattern, PatternError, PatternTable, Severity, UNKNOWN};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// Finds errors in text. Cheap to clone: clones share their table.
///
/// ```
/// use perfblocks::analysis::detector::ErrorDetector;
/// use perfblocks::analysis::pattern::Category;
/// let detector = ErrorDetector::shared();
/// let found = detector.detect("POST /login: HTTP 503, then ECONNREFUSED");
/// assert_eq!(found.len(), 2);
/// assert_eq!(found[0].pattern.category, Category::Network);
/// assert_eq!(found[0].place, 28..40);
/// # assert_eq!(&"POST /login: HTTP 503, then ECONNREFUSED"[28..40], "ECONNREFUSED");
/// ```
#[derive(Debug, Clone)]
pub struct ErrorDetector {
    table: Arc<PatternTable>,
}

/// One error found.
#[derive(Debug, Clone, PartialEq)]
pub struct Detection<'d> {
    /// The pattern that matched.
    pub pattern: &'d Pattern,
    /// Where, in bytes of the text.
    pub place: Range<usize>,
}

/// How many detections there are of each kind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    /// By category.
    pub by_category: BTreeMap<Category, usize>,
    /// By severity.
    pub by_severity: BTreeMap<Severity, usize>,
}

impl ErrorDetector {
    /// The built-in patterns, compiled once for the process, searched in one pass. Take this one.
    pub fn shared() -> ErrorDetector {
        ErrorDetector { table: PatternTable::shared() }
    }

    /// The built-in patterns, compiled for this instance, tried one after the other, as the original does. It finds the
    /// same and is here to be measured against.
    pub fn compiled() -> ErrorDetector {
        let table = PatternTable::each(BUILT_IN.to_vec()).expect("the built-in patterns are tested");
        ErrorDetector { table: Arc::new(table) }
    }

    /// A detector with one pattern more. It compiles a table of its own, and no other detector sees the pattern.
    ///
    /// # Errors
    /// When the pattern is no regular expression.
    pub fn with_pattern(&self, pattern: Pattern) -> Result<ErrorDetector, PatternError> {
        let mut patterns = self.table.patterns().to_vec();
        patterns.push(pattern);
        Ok(ErrorDetector { table: Arc::new(PatternTable::one_pass(patterns)?) })
    }

    /// The errors in `text`, in the order of the patterns.
    pub fn detect(&self, text: &str) -> Vec<Detection<'_>> {
        let mut found = Vec::new();
        self.table.search(text, |pattern, place| found.push(Detection { pattern, place }));
        if found.is_empty() {
            found.extend(self.table.first_indicator(text).map(|place| Detection { pattern: &UNKNOWN, place }));
        }
        found
    }

    /// The patterns that it looks for.
    pub fn patterns(&self) -> &[Pattern] {
        self.table.patterns()
    }

    /// Heap memory of its table in bytes, whether or not others share it.
    pub fn memory_usage(&self) -> usize {
        self.table.memory_usage()
    }
}

impl Summary {
    /// Counts `detections`.
    pub fn of(detections: &[Detection<'_>]) -> Summary {
        let mut summary = Summary::default();
        for detection in detections {
            *summary.by_category.entry(detection.pattern.category).or_default() += 1;
            *summary.by_severity.entry(detection.pattern.severity).or_default() += 1;
        }
        summary
    }
}

#[cfg(test)]
mod tests {
    use super::{ErrorDetector, Summary};
    use crate::analysis::pattern::{BUILT_IN, Category, INDICATORS, Pattern, PatternTable, Severity};
    use proptest::prelude::{ProptestConfig, Strategy, proptest};
    use std::borrow::Cow;
    use std::sync::Arc;

    /// Both kinds of detector find these patterns, at these places.
    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)]) {
        for detector in [ErrorDetector::shared(), ErrorDetector::compiled()] {
            let found = detector.detect(text);
            let found: Vec<_> = found.iter().map(|found| (found.pattern.name, &text[found.place.clone()])).collect();
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn each_built_in_pattern_is_found() {
        check("Connection was REFUSED by peer", &[("connection", "Connection was REFUSED")]);
        check("the gateway timed out", &[("timeout", "gateway timed out")]);
        check("DNS lookup failed", &[("name resolution", "DNS lookup fail")]);
        check("status code: 404", &[("http status", "status code: 404")]);
        check("Button \"#save\" is not clickable", &[("element", "Button \"#save\" is not clickable")]);
        check("image 7 is broken", &[("rendering", "image 7 is broken")]);
        check("Invalid Password", &[("credentials", "Invalid Password")]);
        check("403? No: Forbidden.", &[("permission", "Forbidden")]);
        check("This field is required", &[("validation", "field is required")]);
        check("the query took too long", &[("slow", "query took too long")]);
        check("fatal: out of memory", &[("memory", "out of memory")]);
        check("Uncaught TypeError: x is not a function", &[("script", "TypeError")]);
        check("Deadlock found", &[("query", "Deadlock")]);
        check("No space left on device", &[("file", "No space left")]);
    }

    #[test]
    fn several_match_in_table_order_and_none_is_unknown_or_nothing() {
        let text = "ENOENT after a SQL syntax error, session expired — übel";
        check(text, &[("permission", "session expired"), ("query", "SQL syntax error"), ("file", "ENOENT")]);
        check("a CRASH of some kind", &[("unknown", "CRASH")]);
        check("all is well: 200 OK", &[]);
        check("", &[]);
    }

    #[test]
    fn the_table_is_as_documented() {
        assert_eq!(BUILT_IN.len(), 14);
        assert_eq!(INDICATORS.len(), 18);
        assert!(BUILT_IN.iter().all(|pattern| (0.65..=0.90).contains(&pattern.confidence)));
        assert!(BUILT_IN.iter().all(|pattern| !pattern.suggestions.is_empty() && !pattern.tags.is_empty()));
        let mut categories: Vec<_> = BUILT_IN.iter().map(|pattern| pattern.category).collect();
        categories.dedup();
        assert_eq!(categories.len(), 8, "one run of patterns a category");
    }

    #[test]
    fn a_pattern_added_to_one_is_unknown_to_others() {
        let quota = Pattern {
            name: "quota",
            expression: Cow::Borrowed("quota [a-z]+ exhausted"),
            category: Category::Performance,
            severity: Severity::Medium,
            confidence: 0.7,
            suggestions: &[],
            tags: &[],
        };
        let shared = ErrorDetector::shared();
        let own = shared.with_pattern(quota.clone()).unwrap();
        assert_eq!(own.detect("Quota bytes exhausted")[0].pattern.name, "quota");
        assert_eq!(own.detect("deadlock")[0].pattern.name, "query");
        assert!(shared.detect("Quota bytes exhausted").is_empty());
        assert!(ErrorDetector::shared().detect("Quota bytes exhausted").is_empty());
        let bad = Pattern { expression: Cow::Borrowed("("), ..quota };
        assert_eq!(shared.with_pattern(bad).unwrap_err().to_string(), "pattern `quota` is no regular expression");
    }

    #[test]
    fn the_shared_table_is_one_and_the_compiled_one_is_not() {
        assert!(Arc::ptr_eq(&ErrorDetector::shared().table, &PatternTable::shared()));
        assert!(!Arc::ptr_eq(&ErrorDetector::compiled().table, &ErrorDetector::compiled().table));
        assert!(ErrorDetector::compiled().memory_usage() > 10_000);
    }

    #[test]
    fn a_summary_counts_every_detection_once() {
        let detector = ErrorDetector::shared();
        let summary = Summary::of(&detector.detect("ECONNRESET, request timed out, deadlock"));
        assert_eq!(summary.by_category, [(Category::Network, 2), (Category::Database, 1)].into());
        assert_eq!(summary.by_severity, [(Severity::Medium, 1), (Severity::High, 2)].into());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]
        #[test]
        fn both_kinds_of_table_find_the_same(words in proptest::collection::vec(word(), 0..30)) {
            let text = words.join(" ");
            assert_eq!(ErrorDetector::shared().detect(&text), COMPILED.detect(&text));
        }
    }

    static COMPILED: std::sync::LazyLock<ErrorDetector> = std::sync::LazyLock::new(ErrorDetector::compiled);

    /// Words of the patterns, so that most texts hold some and many hold nearly some.
    fn word() -> impl Strategy<Value = String> {
        let words: Vec<String> = BUILT_IN
            .iter()
            .flat_map(|pattern| pattern.expression.split(|c: char| !c.is_ascii_alphabetic()))
            .chain(INDICATORS)
            .chain(["failed", "the", "404", "ü", "was", "\n"])
            .map(str::to_owned)
            .collect();
        proptest::sample::select(words)
    }
}
