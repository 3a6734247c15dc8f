//! Two kept runs side by side: what each found, and how they differ in what was measured and with what.
//!
//! It judges nothing: each effect is that of candidate against base within its own run, and no time of one run is held against one of
//! the other.

use std::collections::{BTreeMap, BTreeSet};

use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};

use super::claim;
use super::quantity;
use super::terminal::{Look, Rows, hanging};
use super::tone::is_quiet;
use benchgate_core::gate::{ClaimRow, Outcome, Row};
use benchgate_core::model::{Base, PolicyText, Run, SeriesKey};

/// A kept run as it was judged.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'a> {
    /// The evidence.
    pub run: &'a Run,
    /// The decision, by the policy of the run.
    pub outcome: &'a Outcome,
    /// The text of that policy; `None` for the default.
    pub policy: Option<&'a PolicyText>,
}

/// Blank columns between two columns.
const GAP: u16 = 2;

/// Columns where lines need not be broken.
const WIDEST: usize = 400;

/// Columns from which names are not broken.
const ROOMY: usize = 100;

/// The first columns of the table, which name a series.
const NAMES: usize = 2;

/// Benchmarks that are listed of those that only one run has, where not all rows are asked for.
const LISTED: usize = 20;

/// Why nothing of this gates.
const CAUTION: &str = "Nothing here is a verdict. Each effect is that of the candidate against the base within its own run; runs minutes \
                       apart differ by 3 to 5 % in every time, whatever was changed between them, so no time of one run is held against \
                       one of the other. To compare two revisions, measure them in one run: `bench --base REV`.";

/// The two runs as text, each line ending in a line feed.
pub fn compare(then: Judged<'_>, now: Judged<'_>, look: &Look) -> String {
    let mut text = named("then", then, look) + &named("now", now, look);
    text += "\n";
    let differences = differences(then, now);
    if differences.is_empty() {
        text += &hanging("compiler, class of machine, policy and plan are the same", 0, look);
    }
    for (what, [then, now]) in differences {
        text += &hanging(&format!("{what}: {then} → {now}"), 0, look);
    }
    let both = Both::of(then.outcome, now.outcome);
    text += &both.table(look);
    text += &list("only then", &both.vanished, look);
    text += &list("only now", &both.appeared, look);
    text += &claims(&then.outcome.claims, &now.outcome.claims, look);
    text + "\n" + &hanging(CAUTION, 0, look)
}

fn named(word: &str, judged: Judged<'_>, look: &Look) -> String {
    let Judged { run, outcome, .. } = judged;
    let short = |commit: &str| commit.chars().take(9).collect::<String>();
    let base = match &run.base {
        Base::Git { revision, .. } => short(&revision.commit),
        Base::Stored { .. } => "stored baseline".into(),
    };
    let changes = if run.candidate.is_dirty { " with uncommitted changes" } else { "" };
    let candidate = if run.candidate.commit.is_empty() { "working tree".into() } else { short(&run.candidate.commit) };
    let line = format!("{word:<4}  {}  {base} → {candidate}{changes}: {}", run.started, outcome.headline);
    let body = hanging(&line, 6, look);
    body.trim_start().to_owned()
}

/// What differs of all that a number depends on, then and now.
fn differences(then: Judged<'_>, now: Judged<'_>) -> Vec<(&'static str, [String; 2])> {
    let of = |judged: Judged<'_>| -> Vec<(&'static str, String)> {
        let Run { workspace, machine, toolchain, seed, plan, .. } = judged.run;
        let filters = if plan.filters.is_empty() { "none".to_owned() } else { plan.filters.join(", ") };
        let flags = if toolchain.flags.is_empty() { "none".to_owned() } else { toolchain.flags.clone() };
        let yes = |is: bool| if is { "yes" } else { "no" }.to_owned();
        vec![
            ("workspace", workspace.clone()),
            ("compiler", format!("{}, {}", toolchain.rustc, toolchain.host)),
            ("flags", flags),
            ("class of machine", machine.class()),
            ("system", machine.system.clone()),
            ("seed", seed.to_string()),
            ("tiers", plan.tiers.join(", ")),
            ("filters", filters),
            ("budget", quantity::seconds(plan.budget_seconds)),
            ("most pairs a series", plan.pair_cap.to_string()),
            ("schedule", plan.schedule.clone()),
            ("red times confirmed on fresh link orders", yes(plan.confirms_by_linking)),
            ("interrupted", yes(judged.run.is_interrupted)),
        ]
    };
    let sides = of(then).into_iter().zip(of(now));
    let differ = sides.filter(|((_, then), (_, now))| then != now);
    let mut differences: Vec<_> = differ.map(|((what, then), (_, now))| (what, [then, now])).collect();
    let is_same = match (then.policy, now.policy) {
        (Some(then), Some(now)) => then.says_the_same(now),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    if !is_same {
        let changed =
            |policy: Option<&PolicyText>, word: &str| policy.map_or_else(|| "the default".into(), |_| word.to_owned());
        differences.push(("policy", [changed(then.policy, "one text"), changed(now.policy, "another")]));
    }
    differences
}

/// The series of two runs.
struct Both<'a> {
    /// In both, those whose verdict changed first, else worst now first.
    shared: Vec<[&'a Row; 2]>,
    /// Benchmarks with those of their metrics that only the earlier run has.
    vanished: Vec<(&'a str, Vec<&'static str>)>,
    /// The same of the later one.
    appeared: Vec<(&'a str, Vec<&'static str>)>,
}

impl<'a> Both<'a> {
    fn of(then: &'a Outcome, now: &'a Outcome) -> Self {
        let by_key = |outcome: &'a Outcome| -> BTreeMap<&'a SeriesKey, &'a Row> {
            outcome.rows.iter().map(|row| (&row.key, row)).collect()
        };
        let (before, after) = (by_key(then), by_key(now));
        let mut shared: Vec<[&Row; 2]> =
            now.rows.iter().filter_map(|row| Some([*before.get(&row.key)?, row])).collect();
        shared.sort_by_key(|[then, now]| then.status == now.status);
        let only = |of: &'a Outcome, other: &BTreeMap<&SeriesKey, &Row>| -> Vec<(&'a str, Vec<&'static str>)> {
            let mut gone: Vec<(&str, Vec<&str>)> = Vec::new();
            for row in of.rows.iter().filter(|row| !other.contains_key(&row.key)) {
                let metric = row.key.metric.name();
                match gone.iter_mut().find(|(id, _)| *id == row.id) {
                    Some((_, metrics)) => metrics.push(metric),
                    None => gone.push((&row.id, vec![metric])),
                }
            }
            gone
        };
        Self { shared, vanished: only(then, &after), appeared: only(now, &before) }
    }

    fn table(&self, look: &Look) -> String {
        let is_news = |[then, now]: &&[&Row; 2]| then.status != now.status || !is_quiet(now) || look.rows == Rows::All;
        let shown: Vec<&[&Row; 2]> = self.shared.iter().filter(is_news).collect();
        let mut text = String::new();
        if !shown.is_empty() {
            let mut table = Table::new();
            table.load_style(presets::NOTHING);
            table.set_content_arrangement(ContentArrangement::Dynamic);
            table.set_width(look.width.min(WIDEST) as u16);
            table.set_header(["benchmark", "metric", "then", "now"]);
            for [then, now] in &shown {
                let cells = [now.id.clone(), now.key.metric.name().to_owned(), cell(then), cell(now)];
                table.add_row(cells.map(|cell| look.say(&cell)));
            }
            for (at, column) in table.column_iter_mut().enumerate() {
                column.set_padding((0, GAP));
                if at < NAMES && look.width >= ROOMY {
                    column.set_constraint(ColumnConstraint::ContentWidth);
                }
            }
            text += "\n";
            for (at, line) in table.lines().enumerate() {
                let line = line.trim_end();
                text += &(if at == 0 { look.strong(line) } else { line.to_owned() } + "\n");
            }
        }
        let changed = self.shared.iter().filter(|[then, now]| then.status != now.status).count();
        let quiet = self.shared.len() - shown.len();
        let folded = if quiet == 0 { String::new() } else { format!("; {quiet} without news in either are not shown") };
        let line = format!("{} series in both, {changed} with another verdict{folded}", self.shared.len());
        text + "\n" + &hanging(&line, 0, look)
    }
}

/// Verdict and what was found: for times the effect, for counts the counts.
fn cell(row: &Row) -> String {
    let verdict = format!("{} {}", row.status.sign(), row.status.name());
    let found = match quantity::sides(row.key.metric, row.base, row.candidate) {
        (Some(base), Some(candidate)) if row.key.metric.is_count() => Some(format!("{base} → {candidate}")),
        (None, Some(candidate)) if row.key.metric.is_count() => Some(candidate),
        _ => row.effect.map(quantity::effect),
    };
    found.map_or_else(|| verdict.clone(), |found| format!("{verdict} {found}"))
}

fn list(what: &str, benches: &[(&str, Vec<&str>)], look: &Look) -> String {
    if benches.is_empty() {
        return String::new();
    }
    let series: usize = benches.iter().map(|(_, metrics)| metrics.len()).sum();
    let shown = if look.rows == Rows::All { benches.len() } else { LISTED };
    let line = |(id, metrics): &(&str, Vec<&str>)| hanging(&format!("{id}: {}", metrics.join(", ")), 2, look);
    let lines: String = benches.iter().take(shown).map(line).collect();
    let more = match benches.len().saturating_sub(shown) {
        0 => String::new(),
        more => hanging(&format!("… and {} more", plural(more)), 2, look),
    };
    format!("\n{}{lines}{more}", hanging(&format!("{what}: {series} series of {}", plural(benches.len())), 0, look))
}

fn plural(benchmarks: usize) -> String {
    if benchmarks == 1 { "1 benchmark".into() } else { format!("{benchmarks} benchmarks") }
}

/// Claims whose state is another one, and those that only one run has.
fn claims(then: &[ClaimRow], now: &[ClaimRow], look: &Look) -> String {
    let find = |claims: &[ClaimRow], name: &str| {
        let found = claims.iter().find(|claim| claim.name == name);
        found.map_or_else(
            || "not stated".to_owned(),
            |claim| {
                let measured = claim::measured(claim).map(|value| format!(" ({value})")).unwrap_or_default();
                format!("{} {}{measured}", claim::mark(claim.state).1, claim.state.name())
            },
        )
    };
    let state = |claims: &[ClaimRow], name: &str| claims.iter().find(|one| one.name == name).map(|one| one.state);
    let names: BTreeSet<&str> = then.iter().chain(now).map(|claim| &*claim.name).collect();
    let changed = names.into_iter().filter(|name| state(then, name) != state(now, name));
    let lines: String =
        changed.map(|name| hanging(&format!("{name}: {} → {}", find(then, name), find(now, name)), 2, look)).collect();
    if lines.is_empty() { lines } else { format!("\nclaims with another state\n{lines}") }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::fixture::{count_row, empty_run, hostile_ids, mixed, outcome, row, time_row};
    use crate::{Charset, Palette};
    use benchgate_core::gate::{ClaimState, ExitCode, Status};
    use benchgate_core::model::Metric;

    const LOOK: Look = Look { width: 110, palette: Palette::Plain, charset: Charset::Unicode, rows: Rows::Folded };

    #[test]
    fn two_runs_side_by_side() {
        let (run, then) = mixed();
        let id = "serialization/result/direct/small";
        let mut mended = outcome(
            vec![
                time_row("breakers/circuit/closed/ok", Status::Inconclusive, 21.7, [0.004, -0.012, 0.021]),
                row("pools/slice/fresh/4k", Metric::Time, Status::New),
                time_row(id, Status::Unchanged, 112.0, [0.001, -0.008, 0.009]),
                count_row(id, Metric::Allocations, Status::Unchanged, 1.0, 1.0),
                count_row(
                    "executor/startup/new_lazy/minimal",
                    Metric::AllocatedBytes,
                    Status::Unchanged,
                    4096.0,
                    4096.0,
                ),
            ],
            vec![ExitCode::Pass],
            "5 series: 1 inconclusive, 1 new, 3 unchanged",
        );
        mended.claims = then.claims.clone();
        mended.claims[0].state = ClaimState::Holds;
        mended.claims[0].value = Some(1.0);
        let mut later = run.clone();
        later.started = "2026-11-21T10:02:00Z".into();
        later.seed = 8;
        later.toolchain.rustc = "rustc 1.96.0".into();
        later.candidate.is_dirty = false;
        let before = Judged { run: &run, outcome: &then, policy: None };
        let policy = PolicyText::alone("b", "budget = \"1m\"");
        let after = Judged { run: &later, outcome: &mended, policy: Some(&policy) };
        assert_snapshot!(compare(before, after, &LOOK));
    }

    #[test]
    fn a_run_beside_itself_has_no_news() {
        let (run, outcome) = mixed();
        let judged = Judged { run: &run, outcome: &outcome, policy: None };
        let text = compare(judged, judged, &LOOK);
        assert!(text.contains("\ncompiler, class of machine, policy and plan are the same\n"), "{text}");
        assert!(
            text.contains("7 series in both, 0 with another verdict; 2 without news in either are not shown"),
            "{text}"
        );
        assert!(!text.contains("only") && !text.contains("claims"), "{text}");
        let all = compare(judged, judged, &Look { rows: Rows::All, ..LOOK });
        assert!(all.contains("pools/object/reuse/one") && !all.contains("not shown"), "{all}");
    }

    #[test]
    fn long_lists_are_cut_unless_all_is_asked_for() {
        let rows = |n: usize| (0..n).map(|i| row(&format!("a/b/c/{i}"), Metric::Time, Status::New)).collect();
        let [few, many] = [1, 31].map(|n| outcome(rows(n), vec![ExitCode::Pass], "fine"));
        let run = empty_run();
        let judged = |outcome| Judged { run: &run, outcome, policy: None };
        let text = compare(judged(&few), judged(&many), &LOOK);
        assert!(
            text.contains("only now: 30 series of 30 benchmarks\n") && text.contains("\n  … and 10 benchmarks more\n"),
            "{text}"
        );
        let all = compare(judged(&few), judged(&many), &Look { rows: Rows::All, ..LOOK });
        assert!(all.contains("\n  a/b/c/30: time\n") && !all.contains("more\n"), "{all}");
    }

    #[test]
    fn hostile_names_are_inert() {
        let rows = |status| hostile_ids().iter().map(|id| row(id, Metric::Time, status)).collect();
        let then = outcome(rows(Status::Errored), vec![ExitCode::BenchFailed], "crashed");
        let now = outcome(rows(Status::New), vec![ExitCode::Pass], "\u{1b}[31m");
        let run = empty_run();
        let judged = |outcome| Judged { run: &run, outcome, policy: None };
        let nothing = outcome(Vec::new(), vec![ExitCode::Pass], "fine");
        for text in [compare(judged(&then), judged(&now), &LOOK), compare(judged(&nothing), judged(&now), &LOOK)] {
            assert!(text.chars().all(|c| c == '\n' || !c.is_control()) && !text.contains('\u{202e}'), "{text}");
        }
    }
}
