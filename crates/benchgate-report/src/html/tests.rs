use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::fixture::{count_row, empty_run, hostile_ids, mixed, outcome, permitted, row, suite, time_row};
use benchgate_core::gate::{Effect, ExitCode, Policy, Row, Status, judge};
use benchgate_core::model::{
    Base, CountReading, Evidence, Failure, FailureKind, Metric, Paired, Revision, Sample, Samples, Series, Side,
};

/// Elements that HTML closes by itself.
const VOID: [&str; 3] = ["meta", "input", "br"];

/// What stands between a tag, given without its brackets, and its end.
fn inside<'a>(page: &'a str, tag: &str) -> &'a str {
    let (_, rest) = page.split_once(&format!("<{tag}>")).unwrap();
    rest.split_once(&format!("</{tag}>")).unwrap().0
}

/// The tags of a page, without the inside of its style sheet and script: `name` or `/name`, with the names of the attributes.
fn tags(page: &str) -> Vec<String> {
    let body = page.replacen(inside(page, "style"), "", 1).replacen(inside(page, "script"), "", 1);
    body.split('<').skip(1).map(|piece| tag(piece.split_once('>').expect("a tag ends").0)).collect()
}

/// A tag with its attribute values taken out; values are quoted and hold no `>`, or the page is broken.
fn tag(inside: &str) -> String {
    inside.split('"').step_by(2).collect()
}

/// Panics unless every element is closed in turn.
#[track_caller]
fn check_well_formed(page: &str) {
    let mut open: Vec<String> = Vec::new();
    for tag in tags(page) {
        let name = tag.split([' ', '\n']).next().unwrap().trim_end_matches('/').to_owned();
        if let Some(closed) = name.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(closed));
        } else if !VOID.contains(&&*name) && !name.starts_with('!') && !tag.ends_with('/') {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

/// Values of one attribute, in order.
fn attributes<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    page.split(&format!(" {name}=\"")).skip(1).map(|rest| rest.split_once('"').unwrap().0).collect()
}

#[test]
fn golden_page() {
    let (run, outcome) = mixed();
    insta::assert_binary_snapshot!("mixed.html", html(&run, &outcome).unwrap().into_bytes());
}

#[test]
fn same_input_gives_the_same_bytes() {
    let (run, outcome) = suite();
    assert_eq!(html(&run, &outcome).unwrap(), html(&run.clone(), &outcome.clone()).unwrap());
}

#[test]
fn page_is_self_contained_and_runs_one_script() {
    let (run, outcome) = mixed();
    let page = html(&run, &outcome).unwrap();
    check_well_formed(&page);
    for tag in tags(&page) {
        let name = tag.split(' ').next().unwrap();
        assert!(!["link", "img", "iframe", "object", "base", "form"].contains(&name), "{tag}");
        let attributes: Vec<&str> = tag.split(' ').skip(1).map(|a| a.trim_end_matches(['=', '/'])).collect();
        assert!(!attributes.iter().any(|a| a.starts_with("on") || *a == "style" || *a == "src"), "{tag}");
    }
    assert!(attributes(&page, "href").iter().all(|target| target.starts_with('#')));
    let (style, script) = (inside(&page, "style"), inside(&page, "script"));
    assert!(!style.contains("url(") && !style.contains("@import"));
    assert_eq!(tags(&page).iter().filter(|tag| tag.starts_with("script")).count(), 1);
    assert_eq!(attributes(&page, "content")[0], csp::policy(style, Some(script)).replace('\'', "&#39;"));
}

#[test]
fn script_makes_no_markup_of_text_and_asks_for_nothing() {
    for word in
        ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "fetch(", "import("]
    {
        assert!(!SCRIPT.contains(word), "{word}");
    }
    assert!(!SCRIPT.contains("</") && !SCRIPT.contains("<!--"), "the script would end there");
}

#[test]
fn a_benchmark_without_a_section_is_a_row_that_links_lead_to() {
    let rows: Vec<Row> =
        (0..1002).map(|i| time_row(&format!("a/b/c/{i}"), Status::Unchanged, 9.0, [0.0, -0.01, 0.01])).collect();
    let page = html(&empty_run(), &outcome(rows, vec![ExitCode::Pass], "nothing regressed")).unwrap();
    assert_eq!(page.matches("<details").count(), 1000);
    assert!(page.contains("Charts are drawn for the 200 worst, and 1000 of 1002 benchmarks have a section"));
    let ids: BTreeSet<&str> = attributes(&page, "id").into_iter().collect();
    assert!(attributes(&page, "href").iter().all(|target| ids.contains(&target[1..])));
}

#[test]
fn links_lead_somewhere_and_anchors_are_unique() {
    let (run, outcome) = suite();
    let page = html(&run, &outcome).unwrap();
    let ids = attributes(&page, "id");
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), unique.len());
    for target in attributes(&page, "href") {
        assert!(unique.contains(&target[1..]), "{target}");
    }
}

#[test]
fn everything_said_on_the_terminal_is_on_the_page() {
    let (run, outcome) = mixed();
    let page = html(&run, &outcome).unwrap();
    for text in
        ["104, also 100", "+6.12%", "[+5.2, +7.0]", "1.24 GiB/s", "3.4%", "direct-allocates-once", "9f8e7d6c5b4a"]
    {
        assert!(page.contains(text), "{text}");
    }
    for row in &outcome.rows {
        assert!(page.contains(&row.id) && page.contains(row.status.name()), "{}", row.id);
    }
    assert!(page.contains("the baseline of 3 heap targets is older than the toolchain"));
}

#[test]
fn time_and_heap_of_a_case_share_a_section() {
    let (run, outcome) = mixed();
    let page = html(&run, &outcome).unwrap();
    assert_eq!(page.matches("<details").count(), 5);
    let section = page.split("<details").nth(1).unwrap();
    assert!(section.contains(">time</th>") && section.contains(">allocations</th>"), "{section}");
}

#[test]
fn ordinary_suites_stay_below_two_megabytes() {
    let (run, outcome) = suite();
    let page = html(&run, &outcome).unwrap();
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
    check_well_formed(&page);
}

#[test]
fn an_empty_run_is_a_page() {
    let outcome = outcome(vec![], vec![ExitCode::NothingCompared], "nothing was compared");
    let page = html(&empty_run(), &outcome).unwrap();
    check_well_formed(&page);
    assert!(page.contains("nothing was measured and nothing was compared"));
}

#[test]
fn a_thousand_rows_are_a_page() {
    let rows: Vec<Row> =
        (0..1000).map(|i| time_row(&format!("a/b/c/{i}"), Status::Unchanged, 9.0, [0.0, -0.01, 0.01])).collect();
    let outcome = outcome(rows, vec![ExitCode::Pass], "nothing regressed");
    let page = html(&empty_run(), &outcome).unwrap();
    assert_eq!(page.matches("<details").count(), 1000);
}

#[test]
fn infinite_effects_become_arrows() {
    let grown = count_row("a/b/c/d", Metric::Allocations, Status::Regressed, 0.0, 3.0);
    let mut blind = time_row("a/b/c/f", Status::Inconclusive, 5.0, [0.0, -1.0, f64::INFINITY]);
    blind.smallest_visible = Some(f64::INFINITY);
    let mut wild = row("a/b/c/g", Metric::Time, Status::Implausible);
    wild.effect = Some(Effect { estimate: f64::NAN, lower: f64::NAN, upper: f64::NAN });
    (wild.base, wild.smallest_visible) = (Some(f64::NAN), Some(f64::NAN));
    let outcome = outcome(vec![grown, blind, wild], vec![ExitCode::Implausible], "1 series is implausible");
    let page = html(&empty_run(), &outcome).unwrap();
    check_well_formed(&page);
    assert_eq!(page.matches("M190 7v10l8-5z").count(), 2);
    assert_eq!(page.matches("M10 7v10l-8-5z").count(), 1);
    assert!(attributes(&page, "d").iter().chain(&attributes(&page, "cx")).all(|value| !value.contains("NaN")));
    assert!(page.contains("had too few pairs to turn red"));
}

/// A page on which every outside text is `text`.
fn page_of(text: &str) -> String {
    let rows = vec![row(text, Metric::Time, Status::Errored), row("plain", Metric::PeakBytes, Status::New)];
    let (_, donor) = mixed();
    let mut outcome = outcome(rows, vec![ExitCode::BenchFailed], text);
    outcome.reach = text.into();
    outcome.warnings = vec![text.into()];
    outcome.claims = donor.claims[..1].to_vec();
    let claim = &mut outcome.claims[0];
    (claim.name, claim.statement, claim.detail) = (text.into(), text.into(), text.into());
    claim.source =
        Some(benchgate_core::gate::Source { repository: text.into(), file: text.into(), heading: text.into() });
    for row in &mut outcome.rows {
        (row.detail, row.reproduce, row.throughput) = (text.into(), Some(text.into()), Some(text.into()));
    }
    let mut run = empty_run();
    let revision = Revision { commit: text.into(), subject: text.into(), tree: text.into(), is_dirty: true };
    run.base = Base::Git { revision: revision.clone(), reason: text.into() };
    (run.candidate, run.workspace, run.invocation.program, run.started) =
        (revision, text.into(), text.into(), text.into());
    run.notes = vec![text.into()];
    run.machine.cpu_name = text.into();
    run.toolchain.flags = text.into();
    run.plan.filters = vec![text.into()];
    let failure = Failure { side: Side::Base, kind: FailureKind::Rubbish, message: text.into() };
    let key = outcome.rows[0].key.clone();
    run.series = vec![Series { key, throughput: None, evidence: Evidence::Failed(failure) }];
    html(&run, &outcome).unwrap()
}

#[test]
fn hostile_text_is_inert() {
    let benign = page_of("benign");
    for text in hostile_ids() {
        let page = page_of(&text);
        check_well_formed(&page);
        assert_eq!(tags(&page), tags(&benign), "{text:?} changed the markup");
        let is_seen = |c: char| c == '\n' || matches!(c, '"' | '\'' | '\\') || c.escape_debug().len() == 1;
        assert_eq!(page.chars().find(|&c| !is_seen(c)), None, "{text:?}");
    }
}

#[test]
fn what_the_gate_decided_is_what_is_shown() {
    let (run, _) = suite();
    let outcome = judge(&Policy::default(), &run);
    let page = html(&run, &outcome).unwrap();
    check_well_formed(&page);
    let table = page.split("<table").nth(1).unwrap().split("</table>").next().unwrap();
    for status in Status::ALL {
        let shown = table.matches(&format!("</span> {status}</span>")).count();
        assert_eq!(shown, outcome.census.count(status) as usize, "{status}");
    }
}

#[test]
fn every_kind_of_evidence_has_a_section() {
    let samples = || Samples::new(vec![Sample { iterations: 2.0, nanos: 50.0 }]).unwrap();
    let failure = Failure { side: Side::Candidate, kind: FailureKind::TimedOut, message: "one\n<two>".into() };
    let reading = CountReading { value: 3.0, is_exact: true };
    let reason = || "why".to_owned();
    let cases: BTreeMap<&str, (Evidence, &str)> = BTreeMap::from([
        ("identical", (Evidence::Identical { detail: reason() }, "<details")),
        ("pairs", (Evidence::Pairs(Paired { failures: vec![failure.clone()], ..Paired::default() }), "did not end")),
        ("counts", (Evidence::Counts { base: reading, candidate: reading }, "<details")),
        ("only", (Evidence::OnlyOn { side: Side::Base, value: None }, "<details")),
        ("missing", (Evidence::MissingBaseline { candidate: reading, reason: reason() }, "<details")),
        ("advisory", (Evidence::Advisory { candidate: vec![samples()], reason: reason() }, "candidate: median 25 ns")),
        ("failed", (Evidence::Failed(failure), "<pre>one\n&#60;two&#62;</pre>")),
        ("not-run", (Evidence::NotRun { reason: reason() }, "<details")),
        ("incomparable", (Evidence::Incomparable { reason: reason() }, "<details")),
        ("not-counted", (Evidence::NotCounted { reason: reason() }, "<details")),
        ("not-built", (Evidence::NotBuilt { reason: reason() }, "<details")),
    ]);
    for (id, (evidence, expected)) in cases {
        let row = row(id, Metric::Time, Status::New);
        let mut run = empty_run();
        run.series = vec![Series { key: row.key.clone(), throughput: None, evidence }];
        let page = html(&run, &outcome(vec![row], vec![ExitCode::Pass], "")).unwrap();
        check_well_formed(&page);
        assert!(page.contains(expected), "{id}: {expected}");
    }
}

/// Colours of one theme: the variables of the first or the second `:root` block.
fn theme(number: usize) -> BTreeMap<&'static str, &'static str> {
    let block = STYLE.split(":root{").nth(number).unwrap().split_once('}').unwrap().0;
    let pairs = block.split(';').filter_map(|line| line.trim().split_once(':'));
    pairs.filter(|(_, value)| value.starts_with('#')).collect()
}

/// Contrast of two colours, WCAG 2.2, from relative luminance.
fn contrast(a: &str, b: &str) -> f64 {
    let luminance = |colour: &str| {
        let hex = colour.trim_start_matches('#');
        let wide: String = if hex.len() == 3 { hex.chars().flat_map(|c| [c, c]).collect() } else { hex.into() };
        let channel = |i: usize| {
            let value = f64::from(u8::from_str_radix(&wide[2 * i..2 * i + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(0) + 0.7152 * channel(1) + 0.0722 * channel(2)
    };
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn text_and_marks_stand_out_in_both_themes() {
    assert!((contrast("#fff", "#000") - 21.0).abs() < 1e-9);
    for number in [1, 2] {
        let theme = theme(number);
        let check = |front: &str, back: &str, least: f64| {
            let found = contrast(theme[front], theme[back]);
            assert!(found >= least, "{front} on {back} in theme {number}: {found:.2}, expected {least}");
        };
        for back in ["--page", "--card", "--soft"] {
            check("--ink", back, 4.5);
            check("--muted", back, 4.5);
            check("--link", back, 4.5);
        }
        for tone in ["--bad", "--good", "--doubt", "--quiet"] {
            check(tone, "--card", 4.5);
            check(tone, &format!("{tone}-soft"), 4.5);
            check(&format!("{tone}-mark"), "--card", 3.0);
        }
        check("--base", "--card", 3.0);
    }
}

#[test]
fn what_this_change_permits_itself_stands_before_the_verdict() {
    let (run, outcome) = permitted();
    let page = html(&run, &outcome).unwrap();
    check_well_formed(&page);
    let body = page.split_once("<main>").unwrap().1;
    let at = |text: &str| body.find(text).unwrap_or_else(|| panic!("{text}"));
    assert!(at("<strong>Added by this change:</strong>") < at("id=\"verdict\""));
    assert!(at("<strong>added by this change</strong>") < at("of the base"));
    for text in ["bounds checks", "no benchmark has this id", "--removed --withdraw", "tolerance.time", "&#34;50%&#34;"]
    {
        assert!(body.contains(text), "{text}");
    }
    let (run, mut outcome) = permitted();
    outcome.acceptances.remove(0);
    assert!(!html(&run, &outcome).unwrap().contains("dded by this change:"));
}

#[test]
fn hostile_acceptances_and_keys_are_inert() {
    for id in hostile_ids() {
        let (mut run, mut outcome) = permitted();
        outcome.acceptances[0].statement = id.clone();
        outcome.acceptances[0].reason = id.clone();
        run.policy_changes[0].key = id.clone();
        run.policy_changes[0].base = Some(id);
        check_well_formed(&html(&run, &outcome).unwrap());
    }
}
