//! Cases of actions: what running them costs beside what they do, and what they answer as JSON, in memory and on disk.

use super::case::{Case, Measures, Throughput};
use super::harness::Harness;
use perfblocks::executor::actions::save::{self, SaveError};
use perfblocks::executor::actions::{
    Action, ActionKind, Outcome, Run, Stop, Workers, groups, run_parallel, run_sequential,
};
use perfblocks::serialization::{KeyOrder, Map, Value, action};
use std::convert::Infallible;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// Hands over the cases of running and keeping, `executor/actions` and `executor/action_save`.
pub(crate) fn cases(harness: &mut impl Harness) {
    grouped(harness);
    sequential(harness);
    for threads in [1, 2, 4] {
        parallel(harness, threads);
    }
    saved(harness, "compact", save::compact);
    saved(harness, "presized", save::presized);
    saved(harness, "pretty", save::pretty);
    saved(harness, "stream", save::stream);
}

type Answer = fn() -> Map;

/// Hands over the cases of answers in memory, `serialization/action`.
pub(crate) fn answers(harness: &mut impl Harness) {
    let sizes: [(&str, Answer); 3] = [("small", small), ("medium", medium), ("large", large)];
    for (size, answer) in sizes {
        let expected = serde_json::to_vec(&answer()).expect("an answer is a JSON value");
        written(harness, &format!("serialization/action/compact/{size}"), answer, action::to_vec, expected);
    }
    let expected = serde_json::to_vec_pretty(&medium()).expect("an answer is a JSON value");
    written(harness, "serialization/action/pretty/medium", medium, action::to_vec_pretty, expected);
}

fn written(harness: &mut impl Harness, id: &str, answer: Answer, write: fn(&Map) -> Vec<u8>, expected: Vec<u8>) {
    let throughput = Throughput::Bytes(expected.len() as u64);
    let case = Case::new(id, answer, move |answer| write(answer))
        .check(move |_, text| assert_eq!(*text, expected))
        .throughput(throughput);
    harness.case(case);
}

/// Twenty actions of four barriers and the groups between and behind them: one, four, one, one, two, one, ten.
fn grouped(harness: &mut impl Harness) {
    let build = || {
        let mut actions = vec![Action::new(ActionKind::Fill, "fill"); 20];
        for (index, kind) in [(0, ActionKind::Navigate), (5, ActionKind::Submit), (6, ActionKind::Wait)] {
            actions[index].kind = kind;
        }
        actions[6].duration = Some(Duration::from_secs(5));
        actions[9] = Action { duration: Some(Duration::from_secs(5)), ..Action::new(ActionKind::Record, "record") };
        actions[15].kind = ActionKind::Wait;
        actions
    };
    let case = Case::new("executor/actions/group/20", build, |actions: &mut Vec<Action>| {
        let mut widths = [0; 20];
        for (width, group) in widths.iter_mut().zip(groups(actions)) {
            *width = group.width();
        }
        widths
    })
    .check(|_, widths| assert_eq!(widths[..8], [1, 4, 1, 1, 2, 1, 10, 0]))
    .throughput(Throughput::Elements(20));
    harness.case(case);
}

/// A platform whose clicks do nothing.
struct Mock;

impl Mock {
    fn click(&self, selector: &str) -> Result<usize, Infallible> {
        Ok(black_box(selector).len())
    }
}

fn clicks() -> Vec<Action> {
    let click = Action { selector: "#btn".into(), ..Action::new(ActionKind::Click, "click") };
    vec![click; 20]
}

fn check_clicks(run: &Run<usize, Infallible>) {
    assert_eq!(run.outcomes, vec![Outcome::Done("#btn".len()); 20]);
}

fn sequential(harness: &mut impl Harness) {
    let case = Case::new("executor/actions/run_seq/20", clicks, |actions: &mut Vec<Action>| {
        run_sequential(actions, &Stop::new(), |action, _| Mock.click(&action.selector))
    })
    .check(|_, run| check_clicks(run))
    .throughput(Throughput::Elements(20))
    .measures(Measures::Time);
    harness.case(case);
}

/// The same on so many threads, which are started and joined within the time.
fn parallel(harness: &mut impl Harness, threads: usize) {
    let case = Case::new("executor/actions/run_par/20", clicks, move |actions: &mut Vec<Action>| {
        run_parallel(actions, Workers::new(threads), &Stop::new(), |action, _| Mock.click(&action.selector))
    })
    .check(|_, run| check_clicks(run))
    .throughput(Throughput::Elements(20))
    .measures(Measures::Time)
    .on_threads(threads);
    harness.case(case);
}

/// An answer to a file, written whole beside it and renamed.
fn saved(harness: &mut impl Harness, way: &str, save: fn(&Map, &Path) -> Result<(), SaveError>) {
    struct State {
        _directory: TempDir,
        path: PathBuf,
        answer: Map,
    }
    let build = || {
        let directory = tempfile::tempdir().expect("a directory to write to");
        State { path: directory.path().join("enterprise/result.json"), _directory: directory, answer: medium() }
    };
    let is_pretty = way == "pretty";
    let id = format!("executor/action_save/{way}/file");
    let case =
        Case::new(&id, build, move |state: &mut State| save(&state.answer, &state.path)).check(move |state, saved| {
            saved.as_ref().expect("the directory can be written to");
            let expected = match is_pretty {
                true => serde_json::to_vec_pretty(&state.answer),
                false => serde_json::to_vec(&state.answer),
            };
            let text = std::fs::read(&state.path).expect("the answer was written");
            assert_eq!(text, expected.expect("an answer is a JSON value"));
        });
    harness.case(case);
}

/// The answers are those of the Panoptic testing framework's own benchmarks of keeping them: two keys,
fn small() -> Map {
    map([("status", "success".into()), ("message", "Operation completed".into())])
}

/// four keys, one of them a map of three counts,
fn medium() -> Map {
    let data = map([("users", 100_i64.into()), ("projects", 50_i64.into()), ("teams", 25_i64.into())]);
    map([
        ("status", "success".into()),
        ("count", 42_i64.into()),
        ("message", "Operation completed successfully".into()),
        ("data", data.into()),
    ])
}

/// and four keys with a hundred numbers, fifty absent maps and seven metrics.
fn large() -> Map {
    let metrics = map([
        ("requests", 10_000_i64.into()),
        ("errors", 50_i64.into()),
        ("duration", 150.5.into()),
        ("throughput", 500.25.into()),
        ("latency", 25.75.into()),
        ("cpu_usage", 75.5.into()),
        ("memory_usage", 1024.75.into()),
    ]);
    let data = map([
        ("users", vec![Value::I64(0); 100].into()),
        ("projects", vec![Value::Null; 50].into()),
        ("metrics", metrics.into()),
    ]);
    map([
        ("status", "success".into()),
        ("count", 1000_i64.into()),
        ("message", "Operation completed successfully".into()),
        ("data", data.into()),
    ])
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Map {
    let mut map = Map::new(KeyOrder::Insertion);
    for (key, value) in entries {
        map.insert(key, value);
    }
    map
}
