//! `benchgate.toml` -> [`Policy`].
//!
//! A typing error in a gate's configuration is a way to pass by accident, so nothing is forgiven: an unknown key, a
//! value out of range, a glob that matches nothing are errors with file, line, column and a suggestion. It reads the
//! file, nothing else: no environment, no user-wide settings, no inheritance.
#![expect(clippy::disallowed_methods, reason = "reading the configuration file is what this module is for")]

mod acceptances;
mod build;
mod claims;
mod command;
mod convert;
mod difference;
mod error;
mod files;
mod grid;
mod matches;
mod output;
mod quantity;
mod sources;
mod stated;
mod suggest;
mod tier;
mod tree;
mod wire;

use std::ops::Range;
use std::path::Path;

pub use acceptances::{
    acceptable_metrics, check_ceiling, check_reason, parse_acceptances, with_acceptance, without_acceptance,
};
pub use build::unknown_to_both;
pub use difference::difference;
pub use error::{Complaint, ConfigError};
pub use files::{Files, POLICY, WorkTree, gather, text_of};
pub use matches::{check_matches, check_packages, presence};
pub use quantity::{format_duration, parse_ceiling, parse_duration, parse_share};
pub use suggest::{did_you_mean, nearest};
pub use tree::unmatched;

use benchgate_core::gate::{IdGlobs, Policy};
use benchgate_core::model::PolicyText;
use error::Document;
use toml::Spanned;

/// A policy with the text that it came from.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// The policy; the default one where there is no file.
    pub policy: Policy,
    /// Its files; `None` where there is none.
    pub text: Option<PolicyText>,
    /// Directory for reports below the workspace's root, where the file names one.
    pub report: Option<String>,
    claim_places: Vec<ClaimPlace>,
    mentions: Vec<Mention>,
    include: Vec<Spanned<String>>,
    /// Words of `[build]` that must be known to a side.
    sought: Vec<Spanned<String>>,
}

impl Loaded {
    /// Globs of files that git ignores and benches need, below the workspace's root.
    pub fn include(&self) -> impl Iterator<Item = &str> {
        self.include.iter().map(|glob| glob.get_ref().as_str())
    }

    /// Where the claims are stated.
    pub fn claim_places(&self) -> &[ClaimPlace] {
        &self.claim_places
    }

    /// One of its files, by the order in which they were read.
    fn document(&self, file: usize) -> Option<Document<'_>> {
        stated::documents(self.text.as_ref()?).get(file).copied()
    }
}

impl From<Policy> for Loaded {
    /// A policy that no file states, so that none of its globs is held against the benchmarks.
    fn from(policy: Policy) -> Self {
        Self { policy, ..Self::default() }
    }
}

/// Where a claim is stated. All claims of one table have the same place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimPlace {
    /// Name of the claim.
    pub claim: String,
    /// What messages call the file.
    pub file: String,
    /// The line of its name, from 1.
    pub line: usize,
}

/// A place of a file that names benchmarks or packages, and so must match at least one.
#[derive(Clone, Debug)]
struct Mention {
    /// Which of the files of the policy it is in.
    file: usize,
    span: Range<usize>,
    kind: MentionKind,
    /// The only tier with which it must match; any where `None`.
    tier: Option<String>,
    /// The combination of words of the claim that it belongs to, where its table states several.
    cell: Option<String>,
}

#[derive(Clone, Debug)]
enum MentionKind {
    Glob(IdGlobs),
    Id(String),
    Package(String),
}

/// Reads the policy of a workspace. Where there is no file the default policy holds.
///
/// # Errors
/// [`ConfigError`] if a file cannot be read, or for the first thing that is wrong in one.
pub fn load(root: &Path) -> Result<Loaded, ConfigError> {
    gather(&WorkTree(root), "")?.map_or_else(|| Ok(Loaded::default()), parse_policy)
}

/// Reads a policy from its texts, for instance those of the base revision.
///
/// # Errors
/// [`ConfigError`] for the first thing that is wrong.
pub fn parse_policy(text: PolicyText) -> Result<Loaded, ConfigError> {
    let document = Document { name: &text.name, text: &text.text };
    let (mut wire, stated) = stated::read(&text)?;
    let include = std::mem::take(&mut wire.tree.include);
    tree::check(document, &include)?;
    let report = output::report(document, &wire.output)?;
    let sought = wire.build.sought();
    let claim_places = stated.iter().map(stated::Stated::place).collect();
    let (policy, mentions) = convert::policy(document, wire, stated)?;
    Ok(Loaded { policy, text: Some(text), report, claim_places, mentions, include, sought })
}

/// Reads a policy of one file.
#[cfg(test)]
fn parse(name: &str, text: &str) -> Result<Loaded, ConfigError> {
    parse_policy(PolicyText::alone(name, text))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use benchgate_core::gate::{Action, Claim, ClaimKind, Status};
    use benchgate_core::model::{BenchKey, Metric, SeriesKey};

    /// Every key once.
    const FULL: &str = r#"
budget = "1h30m"

[tolerance]
time = "3%"
bytes = "1%"

[[tolerance.override]]
ids = ["pools/**"]
value = "5%"

[[tolerance.override]]
ids = ["pools/slice/*/*"]
metric = "time"
value = "0.5%"

[tiers]
smoke = ["**/small"]

[class.io]
ids = ["disk/**"]
gate = false

[class.server]
ids = ["pools/**"]
exclusive = true

[[command]]
name = "tool"
run = ["{target}/tool"]

[on]
inconclusive = "fail"
removed = "warn"

[confirm]
link_orders = false

[tree]
include = ["data/**", "corpus/*.txt"]

[[claim]]
name = "direct is faster"
kind = "ratio"
metric = "time"
numerator = "json/direct/small"
denominator = "json/dynamic/small"
at_most = 0.4
source = { repository = "o/r", file = "F.md", heading = "H" }

[[claim]]
name = "reuse allocates nothing"
kind = "count"
metric = "allocations"
id = "json/reuse/small"
equals = 0

[canary]
file = "src/json.rs"
before = "write(x)"
after = "write(x); write(x)"
id = "json/direct/small"

[[claim]]
name = "direct takes little more"
kind = "difference"
metric = "time"
minuend = "json/direct/small"
subtrahend = "json/reuse/small"
at_most = 100

[[claim]]
name = "direct stays small"
kind = "ceiling"
metric = "peak-bytes"
id = "json/direct/small"
at_most = 4096
target = 1024
tier = "smoke"
stated = "1 KB"
note = "the document leaves out the buffer"

[[claim]]
name = "the limit rejects"
kind = "counter"
id = "json/direct/small"
counter = "rejected"
at_least = 56
at_most = 57

[[claim]]
name = "quadratic is caught"
kind = "growth"
metric = "time"
ids = ["json/size/10", "json/size/1k"]
at_least = 0.9
at_most = 1.1
expect = "violated"

[[claim]]
name = "threads scale"
kind = "threads"
id = "json/par/mt"
threads = [1, 2]
at_most = 1.1
"#;

    fn series(id: &str, metric: Metric) -> SeriesKey {
        let (package, target) = ("p".to_owned(), "t".to_owned());
        SeriesKey { bench: BenchKey { package, target, group: id.to_owned(), function: None, value: None }, metric }
    }

    #[test]
    fn every_key_reaches_the_policy() {
        let policy = parse("b", FULL).unwrap().policy;
        assert_eq!(policy.budget, Duration::from_secs(5400));
        let tolerance = |id, metric| policy.tolerance(&series(id, metric));
        assert_eq!(tolerance("json/direct/small", Metric::Time), 0.03);
        assert_eq!(tolerance("json/direct/small", Metric::AllocatedBytes), 0.01);
        assert_eq!(tolerance("json/direct/small", Metric::Allocations), 0.01);
        assert_eq!(tolerance("pools/object/x/y", Metric::Time), 0.05);
        assert_eq!(tolerance("pools/slice/x/y", Metric::Time), 0.005);
        assert_eq!(tolerance("pools/slice/x/y", Metric::Allocations), 0.05);
        assert!(policy.is_in_tiers(&series("json/direct/small", Metric::Time).bench, &["smoke".into()]));
        assert!(!policy.is_in_tiers(&series("json/direct/small", Metric::Time).bench, &["core".into()]));
        assert!(!policy.gates(&series("disk/a", Metric::Time)));
        assert!(policy.gates(&series("json/a", Metric::Time)));
        assert!(
            policy.gates(&series("pools/a", Metric::Time))
                && policy.is_exclusive(&series("pools/a", Metric::Time).bench)
        );
        assert!(!policy.is_exclusive(&series("disk/a", Metric::Time).bench));
        assert_eq!(policy.commands[0].name, "tool");
        assert_eq!(policy.action(Status::Inconclusive), Action::Fail);
        assert_eq!(policy.action(Status::Removed), Action::Warn);
        assert_eq!(policy.action(Status::Regressed), Action::Fail);
        let canary = policy.canary.as_ref().unwrap();
        let parts = [&canary.file, &canary.before, &canary.after, &canary.id].map(String::as_str);
        assert_eq!(parts, ["src/json.rs", "write(x)", "write(x); write(x)", "json/direct/small"]);
        assert!(!policy.confirms_by_linking && Policy::default().confirms_by_linking);
        assert_eq!(policy.claims.len(), ClaimKind::NAMES.len());
    }

    #[test]
    fn a_share_may_be_inconclusive() {
        let at_most = |text: &str| parse("b", text).unwrap().policy.inconclusive_at_most;
        assert_eq!(at_most("[on]\ninconclusive = { at-most = \"10%\" }"), Some(0.1));
        assert_eq!(at_most("[on.inconclusive]\nat-most = \"0%\""), Some(0.0));
        assert_eq!(at_most("[on]\ninconclusive = \"fail\""), None);
        for (text, expected) in [
            ("inconclusive = { at-most = 0.1 }", "expected `at-most` with a share in quotes"),
            ("inconclusive = { at_most = \"10%\" }", "expected `at-most` with a share in quotes"),
            ("inconclusive = { at-most = \"10%\", or = \"20%\" }", "no other key"),
            ("inconclusive = { at-most = \"110%\" }", "110%"),
            ("layout = { at-most = \"10%\" }", "`layout` takes an action, only `inconclusive` takes a share"),
            ("layout = 3", "expected an action in quotes, found integer `3`"),
        ] {
            let found = message(&format!("[on]\n{text}\n"));
            assert!(found.contains(expected) && found.contains("`benchgate.toml:2:"), "{found}");
        }
    }

    #[test]
    fn absent_and_empty_files_are_the_default() {
        let home = tempfile::tempdir().unwrap();
        let absent = load(home.path()).unwrap();
        assert_eq!((&absent.text, absent.policy.budget), (&None, Policy::default().budget));
        assert_eq!(parse("b", "").unwrap().policy.budget, Policy::default().budget);
        check_matches(&absent, &["a".into()], &[]).unwrap();
    }

    #[test]
    fn files_that_are_no_text_are_refused() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join(POLICY);
        fs::write(&path, b"budget = \"\xff\"").unwrap();
        let message = load(home.path()).unwrap_err().to_string();
        assert!(message.contains("not UTF-8 text: the first wrong byte is at offset 10"), "{message}");
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert!(matches!(load(home.path()), Err(ConfigError::Unreadable { .. })));
    }

    #[test]
    fn every_metric_has_a_tolerance() {
        for metric in Metric::ALL {
            let policy = parse("b", &format!("[tolerance]\n{metric} = \"7%\"")).unwrap().policy;
            for other in Metric::ALL {
                assert_eq!(policy.tolerance(&series("a", other)) == 0.07, other == metric, "{metric} {other}");
            }
        }
    }

    fn message(text: &str) -> String {
        parse("benchgate.toml", text).expect_err("wrong").to_string()
    }

    #[test]
    fn message_shows_the_place_and_what_to_type() {
        insta::assert_snapshot!(message("budget = \"5m\"\n\n[tolerence]\ntime = \"2%\"\n"), @r#"
        `benchgate.toml:3:2`: unknown key `tolerence`, expected one of `budget`, `tolerance`, `tiers`, `class`, `on`, `heap`, `confirm`, `claim`, `claims`, `source`, `lists`, `words`, `command`, `canary`, `output`, `tree`, `build`
         3 | [tolerence]
           |  ^^^^^^^^^
        hint: did you mean `tolerance`?
        "#);
        insta::assert_snapshot!(message("[on]\ninconclusive = \"error\"\n"), @r#"
        `benchgate.toml:2:16`: unknown action `error`, expected one of `fail`, `warn`, `pass`
         2 | inconclusive = "error"
           |                ^^^^^^^
        hint: write one of `fail`, `warn`, `pass`
        "#);
        insta::assert_snapshot!(message("[on]\nregressed = \"pass\"\n"), @r#"
        `benchgate.toml:2:13`: `regressed` cannot be `pass`: a gate that lets every regression pass is none
         2 | regressed = "pass"
           |             ^^^^^^
        hint: put the ids into a `[class.NAME]` with `gate = false`, or raise their tolerance with `[[tolerance.override]]`
        "#);
        insta::assert_snapshot!(message("[tolerance]\ntime = 0.02 # 2 %\n"), @r#"
        `benchgate.toml:2:8`: expected a string, found floating point `0.02`
         2 | time = 0.02 # 2 %
           |        ^^^^
        hint: quantities have units and stand in quotes: `"5m"`, `"2%"`
        "#);
        insta::assert_snapshot!(message("[class.io]\nids = [\"a/**\", \"b/[\"]\ngate = false\n"), @r#"
        `benchgate.toml:2:16`: malformed glob `b/[`: unclosed character class; missing ']'
         2 | ids = ["a/**", "b/["]
           |                ^^^^^
        hint: `*` stays within a segment, `**` crosses them, `[[]` stands for `[` and `[{]` for `{`
        "#);
        insta::assert_snapshot!(message("[class.io]\nids = [\"a/**\"]\n"), @r#"
        `benchgate.toml:1:8`: class `io` says nothing about its benchmarks
         1 | [class.io]
           |        ^^
        hint: add `gate = false` or `exclusive = true`
        "#);
        insta::assert_snapshot!(message("budget = \"5m\n"), @r#"
        `benchgate.toml:1:13`: not TOML: invalid basic string, expected `"`
         1 | budget = "5m
           |             ^
        hint: the rules of TOML are at <https://toml.io/en/v1.0.0>
        "#);
        insta::assert_snapshot!(message("budget = \"\u{1b}[31m\"\n"), @r#"
        `benchgate.toml:1:11`: not TOML at `�`: invalid basic string, expected non-double-quote visible characters, `\`
         1 | budget = "�[31m"
           |           ^
        hint: the rules of TOML are at <https://toml.io/en/v1.0.0>
        "#);
    }

    /// Line, column, and a part of the problem; every message has exactly one hint.
    #[track_caller]
    fn check(text: &str, place: (usize, usize), expected: &str) {
        let ConfigError::Wrong(complaint) = parse("b", text).expect_err("wrong") else { panic!("no complaint") };
        assert_eq!((complaint.line, complaint.column), place, "{complaint}");
        assert!(complaint.problem.contains(expected), "{complaint}");
        assert!(complaint.problem.starts_with(|c: char| c.is_lowercase() || c == '`'), "{complaint}");
        assert!(!complaint.hint.is_empty() && !complaint.to_string().ends_with('.'), "{complaint}");
    }

    #[test]
    fn unknown_words_are_found_where_they_stand() {
        check("budgte = \"5m\"", (1, 1), "unknown key `budgte`");
        check("[tolerance]\nspeed = \"2%\"", (2, 1), "unknown key `speed`");
        check(
            "[[tolerance.override]]\nids = [\"a\"]\nvalue = \"1%\"\nmetrik = \"time\"",
            (4, 1),
            "unknown key `metrik`",
        );
        check(
            "[[tolerance.override]]\nids = [\"a\"]\nvalue = \"1%\"\nmetric = \"tim\"",
            (4, 10),
            "unknown metric `tim`",
        );
        check("[class.x]\nids = [\"a\"]\ngates = true", (3, 1), "unknown key `gates`");
        check("[on]\nregresed = \"fail\"", (2, 1), "unknown verdict or state `regresed`");
        check(
            "[[claim]]\nname = \"a\"\nkind = \"ration\"\nmetric = \"time\"",
            (3, 8),
            "unknown kind of claim `ration`",
        );
    }

    #[test]
    fn suggestions_are_the_words_allowed_there() {
        #[track_caller]
        fn check(text: &str, expected: &str) {
            assert_eq!(message(text).rsplit_once("hint: ").map(|(_, hint)| hint), Some(expected));
        }
        check("[tolerance]\ntiem = \"2%\"", "did you mean `time`?");
        check(
            "[tolerance]\nids = \"2%\"",
            "write one of `time`, `allocations`, `bytes`, `peak-bytes`, `live-bytes`, `live-slope`, `threads`, `processor-time`, `peak-memory`, `override`",
        );
        check("[on]\ntimedout = \"fail\"", "did you mean `timed-out`?");
        check("[on]\nremoved = \"wran\"", "did you mean `warn`?");
        check("budget = 300", "quantities have units and stand in quotes: `\"5m\"`, `\"2%\"`");
        check("budget = true", "write it in quotes: `\"true\"`");
        check("[tiers]\nx = \"a/**\"", "write a list: `[\"a/**\"]`");
    }

    #[test]
    fn line_ends_and_marks_of_other_systems_are_understood() {
        check("[on]\r\nremoved = \"x\"\r\n", (2, 11), "unknown action `x`");
        assert!(message("[on]\r\nremoved = \"x\"\r\n").contains("\n 2 | removed = \"x\"\n"));
        assert_eq!(parse("b", "\u{feff}budget = \"5m\"").unwrap().policy.budget, Duration::from_secs(300));
        check("\u{feff}# ü\nbudget = \"ü\"", (2, 10), "found `ü`");
    }

    #[test]
    fn escapes_of_the_hint_are_understood() {
        let glob = parse("b", "[tiers]\nx = [\"a[[]b\", \"c[{]d\"]").unwrap().policy.tiers["x"].ids.clone();
        assert!(glob.is_match("a[b") && glob.is_match("c{d") && !glob.is_match("ab"));
    }

    #[test]
    fn values_out_of_range_are_refused() {
        check("budget = \"5\"", (1, 10), "expected a duration");
        check("budget = \"25h\"", (1, 10), "expected at most `24h`");
        check("[tolerance]\ntime = \"2\"", (2, 8), "expected a percentage");
        check("[tolerance]\ntime = \"0%\"", (2, 8), "above `0%` for `time`");
        check("[[tolerance.override]]\nids = [\"a\"]\nvalue = \"0%\"", (3, 9), "above `0%` for `time`");
        check("[tiers]\nall = [\"a\"]", (2, 1), "tier `all`");
        check("[tiers]\next = []", (2, 7), "found `[]`, which matches nothing");
        check("[tiers]\n\"\" = [\"a\"]", (2, 1), "expected a name for the tier");
        check("[tiers]\next = [\"a\", \"{a\"]", (2, 13), "malformed glob `{a`");
        check("[on]\nregressed = \"warn\"", (2, 13), "`regressed` cannot be `warn`");
        check("[on]\nerrored = \"pass\"", (2, 11), "`errored` cannot be `pass`");
        check("[on]\non = [", (2, 7), "not TOML");
        check("budget = \"1s\"\nbudget = \"2s\"", (2, 1), "duplicate key");
    }

    /// A claim of kind count on line 1 and following.
    fn count(name: &str, metric: &str, id: &str, equals: &str) -> String {
        format!(
            "[[claim]]\nname = \"{name}\"\nkind = \"count\"\nmetric = \"{metric}\"\nid = \"{id}\"\nequals = {equals}\n"
        )
    }

    const IDS: [&str; 9] = [
        "json/size/10",
        "json/size/1k",
        "json/par/mt@t1",
        "pools/slice/get/x",
        "json/direct/small",
        "json/dynamic/small",
        "json/reuse/small",
        "disk/a/b/c",
        "breakers/closed/mt@t2",
    ];

    fn matches(text: &str) -> Result<(), String> {
        let ids: Vec<String> = IDS.map(str::to_owned).to_vec();
        check_matches(&parse("b", text).unwrap(), &ids, &[]).map_err(|error| error.to_string())
    }

    #[test]
    fn every_glob_and_id_must_match() {
        assert_eq!(matches(FULL), Ok(()));
        insta::assert_snapshot!(matches(&FULL.replace("disk/**", "disc/**")).unwrap_err(), @r#"
        `b:21:8`: glob `disc/**` matches none of the 9 benchmarks
         21 | ids = ["disc/**"]
            |        ^^^^^^^^^
        hint: the nearest id is `disk/a/b/c`; all of them: `cargo benchgate list --tier all`
        "#);
        insta::assert_snapshot!(matches(&FULL.replace("json/reuse/small", "json/reuse/smal")).unwrap_err(), @r#"
        `b:55:6`: id `json/reuse/smal` matches none of the 9 benchmarks
         55 | id = "json/reuse/smal"
            |      ^^^^^^^^^^^^^^^^^
        hint: the nearest id is `json/reuse/small`; all of them: `cargo benchgate list --tier all`
        "#);
        assert!(
            matches("[tiers]\nx = [\"json/**\", \"jsno/**\"]").unwrap_err().starts_with("`b:2:17`: glob `jsno/**`")
        );
        assert!(matches("[tiers]\nx = [\"json/*\"]").is_err(), "`*` stays within a segment");
        assert!(matches(&count("a", "bytes", "json/*/small", "1")).is_err(), "a claim names ids, not globs");
    }

    #[test]
    fn threads_that_this_machine_lacks_are_no_mistake() {
        assert_eq!(matches("[tiers]\nx = [\"**/mt@t*\"]"), Ok(()));
        assert_eq!(matches("[tiers]\nx = [\"breakers/*/mt@t8\"]"), Ok(()));
        assert_eq!(matches(&count("a", "bytes", "breakers/closed/mt@t8", "0")), Ok(()));
        assert!(matches(&count("a", "bytes", "breakers/closed/mt@t1", "0")).is_err(), "two cores have one");
        assert!(matches(&count("a", "bytes", "breakers/close/mt@t8", "0")).is_err());
    }

    #[test]
    fn claims_of_a_tier_name_benches_that_only_it_builds() {
        let text = format!("[tiers]\npeers = [\"disk/**\"]\n{}tier = \"peers\"\n", count("a", "bytes", "disk/x", "0"));
        let loaded = parse("b", &text).unwrap();
        let ids = IDS.map(str::to_owned);
        let is_refused = |tier: &str| check_matches(&loaded, &ids, &[tier.to_owned()]).is_err();
        assert_eq!(["core", "peers", "all"].map(is_refused), [false, true, true]);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,80}") {
            if let Err(error) = parse("b", &text) {
                prop_assert_eq!(error.to_string().matches("\nhint: ").count(), 1);
            }
        }

        #[test]
        fn no_changed_character_panics(at in any::<prop::sample::Index>(), c in any::<char>(), cut in any::<bool>()) {
            let mut text: Vec<char> = FULL.chars().collect();
            let at = at.index(text.len());
            if cut {
                text.truncate(at);
            } else {
                text[at] = c;
            }
            if let Err(error) = parse("b", &text.into_iter().collect::<String>()) {
                prop_assert_eq!(error.to_string().matches("\nhint: ").count(), 1);
            }
        }
    }

    /// The files of the repository, held against the code so that they stay true.
    mod repository {
        use super::*;

        fn file(path: &str) -> String {
            fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)).unwrap()
        }

        #[test]
        fn own_policy_is_sound() {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
            let policy = load(&root).unwrap_or_else(|e| panic!("{e}")).policy;
            // Those of a tier are this repository's own aims.
            let is_sourced = |claim: &Claim| claim.source.is_some() || claim.tier.is_some();
            assert!(policy.claims.iter().all(is_sourced), "each claim names its source");
            // The peers are compared with when they are asked for, and take no part in the first command.
            let absence = policy.members(&[]).why_not("perfblocks-peers");
            assert_eq!(absence, Some(benchgate_core::model::Absence::Tier("peers".into())));
            assert_eq!(policy.members(&[]).why_not("perfblocks"), None);
        }

        #[test]
        fn every_example_of_the_reference_is_accepted() {
            let text = file("docs/configuration.md");
            let examples: Vec<&str> =
                text.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
            assert!(examples.len() >= 8, "expected an example a section, found {}", examples.len());
            for example in examples {
                parse("docs/configuration.md", example).unwrap_or_else(|error| panic!("{error}"));
            }
        }

        #[test]
        fn reference_lists_every_status_with_its_default_and_its_choices() {
            let text = file("docs/configuration.md");
            let actions = [("fail", Action::Fail), ("warn", Action::Warn), ("pass", Action::Pass)];
            for status in Status::ALL {
                let default = actions.iter().find(|(_, action)| *action == Action::default_of(status)).unwrap().0;
                let is_allowed = |name: &str| parse("b", &format!("[on]\n{status} = \"{name}\"")).is_ok();
                let choices: Vec<_> =
                    actions.iter().filter(|(n, _)| is_allowed(n)).map(|(n, _)| format!("`{n}`")).collect();
                let row = format!("| `{status}` | `{default}` | {} |", choices.join(", "));
                assert!(text.contains(&row), "docs/configuration.md lacks the row: {row}");
            }
        }

        #[test]
        fn reference_states_the_defaults() {
            let text = file("docs/configuration.md");
            let policy = Policy::default();
            let [time, count] =
                [Metric::Time, Metric::Allocations].map(|one| policy.tolerance(&series("a", one)) * 100.0);
            for fact in [
                format!("Default `{}`", format_duration(policy.budget)),
                format!("`time` has `{time}%` unless stated, counts have `{count}%`"),
                format!(
                    "The metrics are `{}` and `threads`",
                    Metric::ALL[..6].iter().map(|m| m.name()).collect::<Vec<_>>().join("`, `")
                ),
            ] {
                assert!(text.replace('\n', " ").contains(&fact), "docs/configuration.md lacks: {fact}");
            }
        }
    }
}
