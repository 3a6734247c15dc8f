//! Outcome -> annotations of a pull request: workflow commands that GitHub's runner reads from what a step prints.
//!
//! ```text
//! ::error file=benches/pools.rs,line=41,title=regressed%3A pools/slice/get_put/4k time::+6.1%25 …
//! ```
//!
//! GitHub shows ten errors and ten warnings of a step and drops the others without a word, so at most ten are written, worst first,
//! and the last says how many more there are. Where things stand in the source comes in with them: files are not read here.

use std::collections::BTreeMap;
use std::fmt;

use super::acceptance::{self, ADDED};
use super::comparison::headed;
use super::inert::inert;
use super::tone::is_quiet;
use super::{Verdict, build, foreign, quantity};
use benchgate_core::gate::{AcceptanceRow, Action, ClaimRow, ClaimState, Outcome, Row};
use benchgate_core::model::{BenchKey, Run};

/// Annotations of a kind that GitHub shows for a step.
const MOST: usize = 10;

/// Where things stand in the source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// Where benchmarks are registered, those whose target is gone left out.
    pub benches: BTreeMap<BenchKey, Place>,
    /// Where claims are stated, by name.
    pub claims: BTreeMap<String, Place>,
    /// Where acceptances stand, by the id of their benchmark.
    pub acceptances: BTreeMap<String, Place>,
}

/// A line of the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, below the repository's root.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

/// What is compared with what as a notice; then what this change permits itself, what fails the run as errors, and what deserves a
/// look as warnings: a line each, at most ten, worst first.
pub fn github(run: &Run, outcome: &Outcome, places: &Places) -> String {
    let words = [headed(run)].into_iter().chain(build::remarks(run)).chain(foreign::remarks(run));
    let words = words.collect::<Vec<_>>().join("\n");
    let notice = Annotation::of_comparison(&words).to_string();
    notice + &annotations(outcome, places)
}

fn annotations(outcome: &Outcome, places: &Places) -> String {
    let mut all: Vec<Annotation> = outcome.rows.iter().filter_map(|row| of_row(row, places)).collect();
    all.extend(outcome.claims.iter().filter_map(|claim| of_claim(claim, places)));
    all.sort_by_key(|one| one.level);
    let is_told = all.first().is_some_and(|one| one.level == Level::Error);
    if Verdict::of(outcome) != Verdict::Pass && !is_told {
        all.insert(0, Annotation::of_run(Verdict::of(outcome), &outcome.headline));
    }
    if let Some(added) = of_added(&outcome.acceptances, places) {
        all.insert(0, added);
    }
    let more = all.len().saturating_sub(MOST);
    all.truncate(MOST);
    if let Some(last) = all.last_mut().filter(|_| more > 0) {
        last.message.push_str(&format!("\n{more} more in the summary"));
    }
    all.iter().map(ToString::to_string).collect()
}

/// What is written when the tool ended before there was anything to judge.
pub fn github_without_run(error: &str) -> String {
    Annotation::of_run(Verdict::Error, error).to_string()
}

/// How much an annotation matters, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Error,
    Warning,
    Notice,
}

#[derive(Clone, Debug)]
struct Annotation {
    level: Level,
    place: Option<Place>,
    title: String,
    message: String,
}

impl Annotation {
    fn of_comparison(words: &str) -> Self {
        Self { level: Level::Notice, place: None, title: "benchgate".into(), message: words.to_owned() }
    }

    fn of_run(verdict: Verdict, words: &str) -> Self {
        let title = format!("benchgate: {}", verdict.name());
        Self { level: Level::Error, place: None, title, message: words.to_owned() }
    }
}

fn of_row(row: &Row, places: &Places) -> Option<Annotation> {
    let level = match row.action {
        Action::Fail => Level::Error,
        Action::Warn => Level::Warning,
        Action::Pass if row.beside.is_some() && !is_quiet(row) => Level::Notice,
        Action::Pass => return None,
    };
    let effect = row.effect.map(|effect| format!("{}; ", quantity::effect(effect))).unwrap_or_default();
    let again = row.reproduce.iter().map(|command| format!("\nagain: {command}")).collect::<String>();
    Some(Annotation {
        level,
        place: places.benches.get(&row.key.bench).cloned(),
        title: format!("{}: {} {}", row.status.name(), row.id, row.key.metric),
        message: format!("{effect}{}{again}", row.why()),
    })
}

/// All that this change permits itself, as one.
fn of_added(acceptances: &[AcceptanceRow], places: &Places) -> Option<Annotation> {
    let rows: Vec<&AcceptanceRow> = acceptance::added(acceptances).collect();
    let place = rows.iter().find_map(|row| places.acceptances.get(&row.id));
    let line = |row: &&AcceptanceRow| format!("{}: {}; {}", row.state.name(), row.statement, row.reason);
    let mut lines: Vec<String> = rows.iter().take(MOST).map(line).collect();
    lines.extend(
        rows.len().checked_sub(MOST).filter(|more| *more > 0).map(|more| format!("{more} more in the summary")),
    );
    let noun = if rows.len() == 1 { "acceptance" } else { "acceptances" };
    (!rows.is_empty()).then(|| Annotation {
        level: Level::Warning,
        place: place.cloned(),
        title: format!("{} {noun} {ADDED}", rows.len()),
        message: lines.join("\n"),
    })
}

fn of_claim(claim: &ClaimRow, places: &Places) -> Option<Annotation> {
    let level = match claim.state {
        ClaimState::Violated | ClaimState::NotCaught | ClaimState::NotRun => Level::Error,
        ClaimState::Undecided => Level::Warning,
        ClaimState::Holds
        | ClaimState::Caught
        | ClaimState::Reported
        | ClaimState::NotSelected
        | ClaimState::NotApplicable => return None,
    };
    Some(Annotation {
        level,
        place: places.claims.get(&claim.name).cloned(),
        title: format!("claim {}: {}", claim.state.name(), claim.name),
        message: format!("{}; {}", claim.statement, claim.detail),
    })
}

/// The command, with its line feed.
impl fmt::Display for Annotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Notice => "notice",
        };
        write!(f, "::{level} ")?;
        if let Some(Place { file, line }) = &self.place {
            write!(f, "file={},line={line},", property(file))?;
        }
        writeln!(f, "title={}::{}", property(&self.title), data(&self.message))
    }
}

/// The text of a command: line feeds stay, everything else that moves something is spelled out.
fn data(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(inert).collect();
    lines.join("\n").replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, which ends at a comma, and all of them at a colon.
fn property(text: &str) -> String {
    data(&text.replace(['\r', '\n'], " ")).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use proptest::prelude::*;

    use super::*;
    use crate::fixture::{hostile_ids, mixed, outcome, permitted, row, time_row};
    use benchgate_core::gate::{ExitCode, Status};
    use benchgate_core::model::Metric;

    fn places(outcome: &Outcome) -> Places {
        let place = |at: usize| Place { file: "benches/a,b.rs".into(), line: at + 1 };
        let benches = outcome.rows.iter().enumerate().map(|(at, row)| (row.key.bench.clone(), place(at))).collect();
        let claim = Place { file: "benchgate.toml".into(), line: 12 };
        let claims = [("direct-allocates-once".to_owned(), claim)].into();
        Places { benches, claims, acceptances: BTreeMap::new() }
    }

    #[test]
    fn a_run_that_failed_in_several_ways() {
        let (run, outcome) = mixed();
        assert_snapshot!(github(&run, &outcome, &places(&outcome)));
    }

    #[test]
    fn ten_at_most_and_the_last_says_how_many_more() {
        #[track_caller]
        fn check(rows: usize, expected: usize, last: &str) {
            let rows = (0..rows).map(|i| time_row(&format!("a/b/c/{i}"), Status::Regressed, 10.0, [0.1, 0.09, 0.11]));
            let text = annotations(&outcome(rows.collect(), vec![ExitCode::Regression], "slow"), &Places::default());
            assert_eq!((text.lines().count(), text.trim_end().ends_with(last)), (expected, true), "{text}");
        }
        check(1, 1, "--seed 7");
        check(10, 10, "--seed 7");
        check(11, 10, "--seed 7%0A1 more in the summary");
        check(200, 10, "%0A190 more in the summary");
    }

    #[test]
    fn what_fails_comes_before_what_does_not() {
        let mut shown = row("shown", Metric::Time, Status::Regressed);
        shown.action = Action::Warn;
        let rows = vec![shown, row("failing", Metric::Time, Status::Removed), row("fine", Metric::Time, Status::New)];
        let text = annotations(&outcome(rows, vec![ExitCode::Incomplete], "1 removed"), &Places::default());
        let titles: Vec<&str> = text.lines().filter_map(|line| line.split("::").nth(1)).collect();
        assert_eq!(titles, ["error title=removed%3A failing time", "warning title=regressed%3A shown time"]);
    }

    #[test]
    fn a_failure_without_a_row_is_told_and_a_pass_is_silent() {
        let nothing = outcome(Vec::new(), vec![ExitCode::NothingCompared], "nothing was compared");
        assert_eq!(
            annotations(&nothing, &Places::default()),
            "::error title=benchgate%3A error::nothing was compared\n"
        );
        let rows = vec![row("a", Metric::Time, Status::Unchanged)];
        assert_eq!(annotations(&outcome(rows, vec![ExitCode::Pass], "fine"), &Places::default()), "");
        assert_eq!(github_without_run("no\nhint: 100%"), "::error title=benchgate%3A error::no%0Ahint: 100%25\n");
    }

    #[test]
    fn what_this_change_permits_itself_is_one_line_and_the_first() {
        let (_, mut outcome) = permitted();
        let acceptances = [(outcome.acceptances[0].id.clone(), Place { file: "a.toml".into(), line: 3 })].into();
        let places = Places { acceptances, ..Places::default() };
        assert_snapshot!(annotations(&outcome, &places), @r"
        ::warning file=a.toml,line=3,title=1 acceptance added by this change::used: time of `pools/slice/get_put/4k` may be up to 8 %25 more until 2026-12-31; bounds checks
        ::error title=benchgate%3A error::1 series: 1 accepted; the acceptance of the removal of `pools/old` is unused
        ::warning title=accepted%3A pools/slice/get_put/4k time::+6.12%25 [+5.23%25, +7.04%25]; slower by 6.1 %25; +6.1 %25 is within the 8 %25 accepted until 2026-12-31: bounds checks
        ");
        let hostile = "a\r\n::error::b%0A::c";
        outcome.acceptances = vec![AcceptanceRow { reason: hostile.into(), ..outcome.acceptances[0].clone() }; 12];
        let text = annotations(&outcome, &Places::default());
        let first = text.lines().next().unwrap();
        assert!(first.starts_with("::warning title=12 acceptances added by this change::used: "), "{first}");
        assert!(first.ends_with("%0A2 more in the summary") && !text.contains("\n::error::b"), "{text}");
    }

    /// What GitHub's runner makes of a line: the name, the properties, the text.
    fn parse(line: &str) -> (String, Vec<(String, String)>, String) {
        let unescape = |text: &str| text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%");
        let (head, text) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
        let (name, properties) = head.split_once(' ').unwrap();
        let property = |part: &str| {
            let (key, value) = part.split_once('=').unwrap();
            (key.to_owned(), unescape(&value.replace("%3A", ":").replace("%2C", ",")))
        };
        (name.to_owned(), properties.split(',').map(property).collect(), unescape(text))
    }

    #[track_caller]
    fn check_inert(id: &str, words: &str) {
        let mut one = row("a", Metric::Time, Status::Errored);
        (one.id, one.detail, one.reproduce) = (id.to_owned(), words.to_owned(), None);
        let place = Place { file: id.to_owned(), line: 3 };
        let places = Places { benches: [(one.key.bench.clone(), place)].into(), ..Places::default() };
        let text = annotations(&outcome(vec![one], vec![ExitCode::BenchFailed], "crashed"), &places);
        assert!(text.ends_with('\n') && text.lines().count() == 1, "{text:?}");
        let line = text.strip_suffix('\n').unwrap();
        assert!(line.chars().all(|c| !c.is_control()), "{line:?}");
        let (name, properties, said) = parse(line);
        let keys: Vec<&str> = properties.iter().map(|(key, _)| &**key).collect();
        assert_eq!((&*name, &keys[..]), ("error", &["file", "line", "title"][..]), "{line}");
        let shown = inert(&id.replace(['\r', '\n'], " "));
        assert_eq!(properties[2].1, format!("errored: {shown} time"));
        assert_eq!(said.lines().count(), words.lines().count(), "{said:?}");
    }

    #[test]
    fn hostile_names_are_inert() {
        for id in hostile_ids() {
            check_inert(&id, &id);
        }
        check_inert("a::error title=b::c", "x\n::error::y\r\n%0A::error::z");
    }

    proptest! {
        #[test]
        fn any_text_stays_within_its_command(id in any::<String>(), words in any::<String>()) {
            check_inert(&id, &words);
        }
    }
}
