//! Stored times as text: which recordings there are, what they can see, how two of them differ.

use std::fmt::Write;

use super::inert::inert;
use super::quantity;
use benchgate_core::gate::{Effect, FEWEST_GATING, FEWEST_SHOWN, Stored, sittings};
use benchgate_core::model::{BenchKey, Recording, TimeBaseline};

/// Columns of an id.
const ID: usize = 52;

/// One line a recording, numbered from 1.
pub fn recordings(baseline: &TimeBaseline) -> String {
    let all: Vec<&Recording> = baseline.recordings.iter().collect();
    let mut text = String::new();
    for (index, (one, is_sitting)) in all.iter().zip(sittings(&all)).enumerate() {
        let short: String = one.commit.chars().take(12).collect();
        let commit = if short.is_empty() { "uncommitted".to_owned() } else { inert(&short) };
        let links = if one.links > 1 { format!("{} link orders", one.links) } else { "one link".into() };
        let note =
            if is_sitting { "" } else { "; too near the one before, one sitting with it if they are of one code" };
        let (count, others) = (one.times().count(), 100.0 * one.conditions.others);
        let started = inert(&one.started);
        add(
            &mut text,
            format_args!(
                "{:>3}  {started}  {commit:<12}  {count} benchmarks, {links}, {others:.0} % of the machine used by others{note}",
                index + 1
            ),
        );
    }
    add(
        &mut text,
        format_args!("{FEWEST_SHOWN} recordings of one code are shown beside a candidate, {FEWEST_GATING} gate"),
    );
    text
}

/// One line a benchmark: what counts of it, how recordings differ, which slowdown they can see.
pub fn stored_times(baseline: &TimeBaseline, stored: &[Stored]) -> String {
    let mut text = String::new();
    let (reference, cpu) = (inert(&baseline.reference), inert(&baseline.cpu_name));
    add(&mut text, format_args!("times beside the reference `{reference}`, on {cpu}"));
    let percent = |log: f64| quantity::size(Effect::share(log));
    for Stored { bench, recordings, mean, sd, visible } in stored {
        let id = inert(&bench.id());
        let spread = sd.map_or_else(
            || "no spread yet".into(),
            |[own, moderated]| format!("spread {}, moderated {}", percent(own), percent(moderated)),
        );
        let visible = visible.map_or_else(String::new, |log| format!(", sees {}", percent(log)));
        let ratio = mean.exp();
        add(
            &mut text,
            format_args!("  {id:<ID$} {ratio:>12.4} x reference, {recordings} recordings, {spread}{visible}"),
        );
    }
    text
}

/// The change of each benchmark from one recording to another, largest first.
pub fn recording_diff(base: &Recording, candidate: &Recording) -> String {
    let mut rows: Vec<(&BenchKey, f64, bool)> = Vec::new();
    let mut gone: Vec<&BenchKey> = Vec::new();
    for (bench, _) in base.times() {
        match (base.time(bench), candidate.time(bench)) {
            (Some((old, before)), Some((new, after))) => rows.push((bench, after.value - before.value, old == new)),
            _ => gone.push(bench),
        }
    }
    rows.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    let mut text = String::new();
    let [from, to] = [base, candidate].map(|one| inert(&one.started));
    add(&mut text, format_args!("{to} held against {from}; two recordings have no spread, so nothing is judged"));
    for (bench, change, is_same) in rows {
        let (id, percent) = (inert(&bench.id()), 100.0 * Effect::share(change));
        let code = if is_same { "the same code" } else { "other code" };
        add(&mut text, format_args!("  {id:<ID$} {percent:>+9.2} %  {code}"));
    }
    for bench in gone {
        add(&mut text, format_args!("  {:<ID$} only in {from}", inert(&bench.id())));
    }
    for (bench, _) in candidate.times().filter(|(bench, _)| base.time(bench).is_none()) {
        add(&mut text, format_args!("  {:<ID$} only in {to}", inert(&bench.id())));
    }
    text
}

fn add(text: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(text, "{line}").expect("a string takes everything");
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use benchgate_core::gate::{Policy, stored};
    use benchgate_core::model::{Conditions, RecordedTarget, RecordedTime};

    fn bench(group: &str) -> BenchKey {
        BenchKey { package: "p".into(), target: "t".into(), group: group.into(), function: None, value: None }
    }

    fn recording(started: &str, code: &str, times: &[(&str, f64)]) -> Recording {
        let time = |&(group, value): &(&str, f64)| (bench(group), RecordedTime { value, spread: 0.01, pairs: 10 });
        let times: BTreeMap<_, _> = times.iter().map(time).collect();
        Recording {
            started: started.into(),
            commit: "0123456789abcdef".into(),
            links: 10,
            conditions: Conditions { others: 0.25, ..Conditions::default() },
            targets: vec![RecordedTarget { code: code.into(), times }],
            ..Recording::default()
        }
    }

    fn baseline() -> TimeBaseline {
        TimeBaseline {
            machine: "m".into(),
            cpu_name: "a CPU".into(),
            reference: "chain 1".into(),
            recordings: vec![
                recording("2026-01-01T00:00:00Z", "x", &[("fast", 0.0), ("gone", 1.0), ("slow", 2.0)]),
                recording("2026-01-01T00:10:00Z", "x", &[("fast", 0.01), ("slow", 2.0)]),
                recording("2026-01-01T01:00:00Z", "x", &[("fast", 0.02), ("slow", 2.0)]),
                recording("2026-01-01T02:00:00Z", "y", &[("fast", 0.1), ("new\u{1b}[31m", 1.0), ("slow", 1.0)]),
            ],
        }
    }

    #[test]
    fn recordings_are_numbered_and_say_what_counts() {
        let text = recordings(&baseline());
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[0],
            "  1  2026-01-01T00:00:00Z  0123456789ab  3 benchmarks, 10 link orders, 25 % of the machine used by others"
        );
        assert!(
            lines[1].ends_with("; too near the one before, one sitting with it if they are of one code")
                && !lines[2].contains("too near")
        );
        assert_eq!(lines.len(), 5);
    }

    #[test]
    fn what_recordings_can_see_stands_beside_each_benchmark() {
        let baseline = baseline();
        let text = stored_times(&baseline, &stored(&Policy::default(), &baseline.recordings));
        let line = |name: &str| text.lines().find(|line| line.trim_start().starts_with(name)).unwrap().to_owned();
        // Two of three are a sitting of their own; the code that came last has one recording.
        assert!(line("fast").contains("1.1052 x reference, 1 recordings, no spread yet"), "{text}");
        assert!(line("gone").contains("2.7183 x reference, 1 recordings"), "{text}");
        assert!(!text.contains('\u{1b}'), "{text:?}");
    }

    #[test]
    fn difference_of_two_recordings_is_sorted_by_its_size() {
        let TimeBaseline { recordings: all, .. } = baseline();
        let text = recording_diff(&all[0], &all[3]);
        let words: Vec<&str> = text.lines().skip(1).map(|line| line.split_whitespace().next().unwrap()).collect();
        assert_eq!((words[0], words[1], words[2]), ("slow", "fast", "gone"));
        assert!(text.contains("-63.21 %  other code") && text.contains("+10.52 %"), "{text}");
        assert!(recording_diff(&all[0], &all[1]).contains("the same code"));
    }
}
