//! Outcome -> JUnit XML, the dialect of Jenkins that most CI services read: a suite for each bench target and metric, a case for
//! each series, and one suite for the claims.
//!
//! What fails the run is a `failure`, what broke an `error`, what could not be told or was not compared is `skipped` with its
//! reason: never a silent pass. `time` is the seconds that were spent in timed sections.

use std::fmt::Write as _;

use super::comparison::headed;
use super::inert::inert;
use super::{Verdict, acceptance, build, foreign, quantity};
use benchgate_core::gate::{AcceptanceRow, AcceptanceState, Action, ClaimRow, ClaimState, Outcome, Row, Status, Word};
use benchgate_core::model::{ForeignBench, Origin, Run};

/// The outcome as an XML document with a final line feed.
pub fn junit(run: &Run, outcome: &Outcome) -> String {
    let mut suites: Vec<Suite> = Vec::new();
    if !outcome.acceptances.is_empty() {
        suites
            .push(Suite { name: "acceptances".into(), cases: outcome.acceptances.iter().map(of_acceptance).collect() });
    }
    let of_build = of_build(run);
    if !of_build.is_empty() {
        suites.push(Suite { name: "build".into(), cases: of_build });
    }
    for row in &outcome.rows {
        let name = format!("{}::{} {}", row.key.bench.package, row.key.bench.target, row.key.metric);
        let case = of_row(row);
        match suites.iter_mut().find(|suite| suite.name == name) {
            Some(suite) => suite.cases.push(case),
            None => suites.push(Suite { name, cases: vec![case] }),
        }
    }
    if !outcome.claims.is_empty() {
        suites.push(Suite { name: "claims".into(), cases: outcome.claims.iter().map(of_claim).collect() });
    }
    if !run.foreign.is_empty() {
        suites.push(Suite { name: "not measured".into(), cases: run.foreign.iter().map(of_foreign).collect() });
    }
    suites.push(Suite { name: "gate".into(), cases: vec![of_run(outcome)] });
    document(&format!("benchgate {}", headed(run)), &suites)
}

fn document(name: &str, suites: &[Suite]) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    open(&mut xml, 0, "testsuites", &escaped(name), suites.iter().flat_map(|suite| &suite.cases));
    suites.iter().for_each(|suite| suite.write(&mut xml));
    xml.push_str("</testsuites>\n");
    xml
}

/// What is written when the tool ended before there was anything to judge.
pub fn junit_without_run(error: &str) -> String {
    let case = Case {
        name: "verdict".into(),
        seconds: 0.0,
        end: End::Broken { kind: "error", words: error.to_owned() },
        properties: Vec::new(),
    };
    document("benchgate", &[Suite { name: "gate".into(), cases: vec![case] }])
}

struct Suite {
    name: String,
    cases: Vec<Case>,
}

struct Case {
    name: String,
    seconds: f64,
    end: End,
    properties: Vec<(&'static str, String)>,
}

/// How a case ended; the words say why.
enum End {
    Passed,
    Failed { kind: &'static str, words: String },
    Broken { kind: &'static str, words: String },
    Skipped { words: String },
}

/// What the builds differ in, and what takes no part: neither fails, and neither passes.
fn of_build(run: &Run) -> Vec<Case> {
    let case =
        |name: String, words: String| Case { name, seconds: 0.0, end: End::Skipped { words }, properties: Vec::new() };
    let changes =
        build::changes(&run.build_changes).into_iter().map(|words| case("changed beside the source".into(), words));
    let left_out = run.left_out.iter().map(|one| {
        case(format!("{}::{}", one.package, one.benches.join(", ")), format!("left out: {}", build::why(&one.absence)))
    });
    changes.chain(left_out).collect()
}

/// A bench that is not measured neither fails nor passes.
fn of_foreign(one: &ForeignBench) -> Case {
    let end = End::Skipped { words: foreign::sentence(one) };
    Case { name: format!("{}::{}", one.package, one.bench), seconds: 0.0, end, properties: Vec::new() }
}

fn of_row(row: &Row) -> Case {
    let words = || Some(row.why()).filter(|why| !why.is_empty()).unwrap_or_else(|| row.status.name().to_owned());
    let kind = row.status.name();
    let end = match (row.action, row.status.word()) {
        (Action::Fail, Word::Verdict) => End::Failed { kind, words: words() },
        (Action::Fail, Word::State) => End::Broken { kind, words: words() },
        (Action::Warn | Action::Pass, _) => match row.status {
            Status::Unchanged | Status::Identical | Status::Improved | Status::Layout | Status::Accepted => End::Passed,
            _ => End::Skipped { words: format!("{kind}: {}", words()) },
        },
    };
    let (base, candidate) = quantity::sides(row.key.metric, row.base, row.candidate);
    let properties = [
        ("status", Some(kind.to_owned())),
        ("base", base),
        ("candidate", candidate),
        ("effect", row.effect.map(quantity::effect)),
        ("tolerance", Some(quantity::size(row.tolerance))),
        ("differs", row.beside.clone()),
        ("reproduce", row.reproduce.clone()),
    ];
    let properties = properties.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    Case { name: row.id.clone(), seconds: row.seconds, end, properties }
}

fn of_claim(claim: &ClaimRow) -> Case {
    let words = if claim.detail.is_empty() { claim.statement.clone() } else { claim.detail.clone() };
    let kind = claim.state.name();
    let end = match claim.state {
        ClaimState::Holds | ClaimState::Caught => End::Passed,
        ClaimState::Violated | ClaimState::NotCaught => End::Failed { kind, words },
        ClaimState::NotRun => End::Broken { kind, words },
        ClaimState::Undecided | ClaimState::Reported | ClaimState::NotSelected | ClaimState::NotApplicable => {
            End::Skipped { words: format!("{kind}: {words}") }
        }
    };
    let properties = vec![("states", claim.statement.clone())];
    Case { name: claim.name.clone(), seconds: 0.0, end, properties }
}

/// An acceptance that does not hold fails through its series, if that gates; one that nothing needs fails by itself.
fn of_acceptance(row: &AcceptanceRow) -> Case {
    let (kind, words) = (row.state.name(), format!("{}: {}", row.statement, row.detail));
    let end = match row.state {
        AcceptanceState::Used => End::Passed,
        _ if row.is_stale() => End::Broken { kind, words },
        _ => End::Skipped { words: format!("{kind}: {words}") },
    };
    let origin = if row.origin == Origin::Change { acceptance::ADDED } else { "of the base" };
    let properties =
        vec![("origin", origin.to_owned()), ("reason", row.reason.clone()), ("expires", row.expires.clone())];
    Case { name: format!("{} ({origin})", row.subject), seconds: 0.0, end, properties }
}

/// The run as a whole, since a check that compared nothing has no other case that could fail.
fn of_run(outcome: &Outcome) -> Case {
    let words = outcome.headline.clone();
    let end = match Verdict::of(outcome) {
        Verdict::Pass => End::Passed,
        Verdict::Fail => End::Failed { kind: "fail", words },
        Verdict::Inconclusive => End::Failed { kind: "inconclusive", words },
        Verdict::Error => End::Broken { kind: "error", words },
    };
    Case { name: "verdict".into(), seconds: 0.0, end, properties: Vec::new() }
}

impl Suite {
    fn write(&self, xml: &mut String) {
        let name = escaped(&self.name);
        open(xml, 1, "testsuite", &name, self.cases.iter());
        for case in &self.cases {
            case.write(xml, &name);
        }
        xml.push_str("  </testsuite>\n");
    }
}

impl Case {
    fn write(&self, xml: &mut String, class: &str) {
        let name = escaped(&self.name);
        line(xml, 2, &format!("<testcase classname=\"{class}\" name=\"{name}\" time=\"{:.3}\">", self.seconds));
        if !self.properties.is_empty() {
            line(xml, 3, "<properties>");
            for (name, value) in &self.properties {
                line(xml, 4, &format!("<property name=\"{name}\" value=\"{}\"/>", escaped(value)));
            }
            line(xml, 3, "</properties>");
        }
        match &self.end {
            End::Passed => {}
            End::Failed { kind, words } => {
                line(xml, 3, &format!("<failure type=\"{kind}\" message=\"{}\"/>", escaped(words)));
            }
            End::Broken { kind, words } => {
                line(xml, 3, &format!("<error type=\"{kind}\" message=\"{}\"/>", escaped(words)));
            }
            End::Skipped { words } => line(xml, 3, &format!("<skipped message=\"{}\"/>", escaped(words))),
        }
        line(xml, 2, "</testcase>");
    }
}

/// An opening tag with the counts of its cases.
fn open<'a>(xml: &mut String, depth: usize, tag: &str, name: &str, cases: impl Iterator<Item = &'a Case>) {
    let (mut tests, mut failures, mut errors, mut skipped, mut seconds) = (0, 0, 0, 0, 0.0);
    for case in cases {
        tests += 1;
        seconds += case.seconds;
        match case.end {
            End::Passed => {}
            End::Failed { .. } => failures += 1,
            End::Broken { .. } => errors += 1,
            End::Skipped { .. } => skipped += 1,
        }
    }
    let counts = format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\"");
    line(xml, depth, &format!("<{tag} name=\"{name}\" {counts} time=\"{seconds:.3}\">"));
}

fn line(xml: &mut String, depth: usize, text: &str) {
    writeln!(xml, "{:width$}{text}", "", width = 2 * depth).expect("a string takes every byte");
}

/// Text for an attribute. Characters that XML forbids are spelled out before.
fn escaped(text: &str) -> String {
    let mut shown = String::new();
    for c in inert(text).chars() {
        match c {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '"' => shown.push_str("&quot;"),
            '\'' => shown.push_str("&apos;"),
            c => shown.push(c),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use proptest::prelude::*;

    use super::*;
    use crate::fixture::{empty_run, hostile_ids, mixed, outcome, permitted, row, suite};
    use benchgate_core::gate::ExitCode;
    use benchgate_core::model::Metric;

    #[test]
    fn a_run_that_failed_in_several_ways() {
        let (run, outcome) = mixed();
        assert_snapshot!(junit(&run, &outcome));
    }

    #[test]
    fn counts_agree_with_the_cases() {
        let (run, outcome) = suite();
        let xml = junit(&run, &outcome);
        let cases = outcome.rows.len() + outcome.claims.len() + 1;
        assert!(
            xml.contains("<testsuites name=\"benchgate perfblocks: 3 commits and ")
                && xml.contains(&format!(" tests=\"{cases}\" failures=\"")),
            "{xml}"
        );
        assert_eq!(xml.matches("<testcase ").count(), cases);
        assert_eq!(xml.matches("<testcase ").count(), xml.matches("</testcase>").count());
    }

    #[test]
    fn nothing_compared_is_an_error() {
        let outcome = outcome(Vec::new(), vec![ExitCode::NothingCompared], "nothing was compared");
        let xml = junit(&empty_run(), &outcome);
        assert!(xml.contains("<error type=\"error\" message=\"nothing was compared\"/>"), "{xml}");
    }

    #[test]
    fn states_that_do_not_fail_are_skipped_with_their_reason() {
        for status in Status::ALL {
            let mut one = row("a/b/c/d", Metric::Time, status);
            one.action = Action::Pass;
            let xml = junit(&empty_run(), &outcome(vec![one], vec![ExitCode::Pass], "fine"));
            let is_pass = matches!(
                status,
                Status::Unchanged | Status::Identical | Status::Improved | Status::Layout | Status::Accepted
            );
            assert_eq!(xml.contains("<skipped message="), !is_pass, "{status}");
        }
    }

    #[test]
    fn acceptances_come_first_and_stale_ones_are_errors() {
        let (run, outcome) = permitted();
        let xml = junit(&run, &outcome);
        let first = xml.lines().find(|line| line.contains("<testcase ")).expect("there is a case");
        let name = "classname=\"acceptances\" name=\"time of `pools/slice/get_put/4k` (added by this change)\"";
        assert!(first.contains(name), "{xml}");
        assert!(
            xml.contains("<error type=\"unused\" message=\"`pools/old` may be removed until 2027-01-31: no benchmark")
        );
        assert!(xml.contains("<testsuite name=\"acceptances\" tests=\"2\" failures=\"0\" errors=\"1\" skipped=\"0\""));
    }

    #[test]
    fn hostile_names_are_inert() {
        let rows = hostile_ids().iter().map(|id| row(id, Metric::Time, Status::Errored)).collect();
        let xml = junit(&empty_run(), &outcome(rows, vec![ExitCode::BenchFailed], "<b>&\"'"));
        assert!(!xml.contains("<script") && !xml.contains("<b>"), "{xml}");
    }

    proptest! {
        #[test]
        fn any_text_is_an_attribute(text in any::<String>()) {
            let shown = escaped(&text);
            prop_assert!(!shown.contains(['<', '>', '"', '\'']), "{shown}");
            prop_assert!(shown.chars().all(|c| !c.is_control()), "{shown}");
        }
    }
}
