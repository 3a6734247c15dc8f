//! Profiles as Chrome trace events: for each side of a benchmark a row that shows one mean iteration as frames within frames.
//!
//! A sampled profile has no order in time. The events say how an iteration divides, not when what ran: callees lie side by side,
//! the largest first, each as long as its share of the counts times the side's time per iteration. Where stacks end in a frame, that
//! frame's own time follows its callees.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};

use super::inert::inert;
use benchgate_core::gate::{Outcome, Row};
use benchgate_core::model::{Metric, Run, SeriesKey, Side, Stacks, Taken, Unit};

/// The category of these events.
const CATEGORY: &str = "iteration";

/// The first process of these rows; smaller numbers are the run's own. Viewers want numbers of threads that no process has.
const FIRST_PROCESS: usize = 10;

/// Length of an iteration whose time is not known, in microseconds.
const UNKNOWN_MICROS: f64 = 1000.0;

/// What the outermost event says of all of them.
const ORDER: &str = "shares of one mean iteration, largest first; the order is not that in which anything ran";

/// What it says where the time of an iteration is not known.
const UNKNOWN: &str = "the time of an iteration is not known here; 1 ms stands for it";

/// The mean iteration of each side of each profile that has stacks; a side without counts has no row.
pub fn iterations(run: &Run, outcome: &Outcome) -> Vec<Value> {
    let rows: HashMap<&SeriesKey, &Row> = outcome.rows.iter().map(|row| (&row.key, row)).collect();
    let mut events = Vec::new();
    for (number, profile) in run.profiles.iter().enumerate() {
        let Taken::Stacks(stacks) = &profile.taken else { continue };
        let process = FIRST_PROCESS + number * (1 + Side::BOTH.len());
        let row = rows.get(&profile.key).filter(|row| row.key.metric == Metric::Time);
        let nanos = [row.and_then(|row| row.base), row.and_then(|row| row.candidate)];
        let totals = stacks.totals();
        if totals != [0, 0] {
            let id = row.map_or_else(|| profile.key.bench.id(), |row| row.id.clone());
            events.push(named("process_name", [process, process], &format!("{}: one mean iteration", inert(&id))));
        }
        for (at, side) in Side::BOTH.into_iter().enumerate().filter(|(at, _)| totals[*at] > 0) {
            let thread = process + 1 + at;
            events.push(named("thread_name", [process, thread], side.name()));
            let micros = nanos[at].filter(|nanos| nanos.is_finite() && *nanos > 0.0).map(|nanos| nanos / 1e3);
            let mut iteration = Iteration {
                row: [process, thread],
                unit: stacks.unit,
                total: totals[at],
                micros: micros.unwrap_or(UNKNOWN_MICROS),
                events: &mut events,
            };
            iteration.lay(stacks, at, micros.is_none());
        }
    }
    events
}

fn named(what: &str, [process, thread]: [usize; 2], name: &str) -> Value {
    json!({ "name": what, "ph": "M", "pid": process, "tid": thread, "args": { "name": name } })
}

/// What is left of a stack below a frame, and its count.
type Rest<'a> = (&'a [String], u64);

/// One row.
struct Iteration<'a> {
    /// Process and thread.
    row: [usize; 2],
    unit: Unit,
    /// All counts, which take all of the time.
    total: u64,
    micros: f64,
    events: &'a mut Vec<Value>,
}

impl Iteration<'_> {
    fn lay(&mut self, stacks: &Stacks, side: usize, is_unknown: bool) {
        let mut whole = self.event("one mean iteration", 0, self.total);
        whole["args"]["how"] = inert(&stacks.how).into();
        whole["args"]["order"] = ORDER.into();
        if is_unknown {
            whole["args"]["note"] = UNKNOWN.into();
        }
        self.events.push(whole);
        let counted = stacks.stacks.iter().map(|stack| (&*stack.frames, stack.counts[side]));
        self.callees(counted.filter(|(_, count)| *count > 0).collect(), 0);
    }

    /// What is called from a frame that begins after so many counts. A caller comes before its callees.
    fn callees(&mut self, stacks: Vec<Rest<'_>>, mut begin: u64) {
        let mut callees: BTreeMap<&str, (u64, Vec<Rest<'_>>)> = BTreeMap::new();
        for (frames, count) in stacks {
            if let Some((frame, rest)) = frames.split_first() {
                let (sum, below) = callees.entry(frame).or_default();
                *sum += count;
                below.push((rest, count));
            }
        }
        let mut callees: Vec<_> = callees.into_iter().collect();
        callees.sort_by_key(|(_, (count, _))| Reverse(*count)); // stable: equal ones stay in the order of their names
        for (name, (count, below)) in callees {
            let event = self.event(&inert(name), begin, count);
            self.events.push(event);
            self.callees(below, begin);
            begin += count;
        }
    }

    /// Edges are computed from whole counts, so that callees end where their caller does, and not a rounding later.
    fn event(&self, name: &str, begin: u64, count: u64) -> Value {
        let at = |counts: u64| counts as f64 / self.total as f64 * self.micros;
        let [process, thread] = self.row;
        let unit = match self.unit {
            Unit::Samples => "samples",
            Unit::Instructions => "instructions",
        };
        let (start, end) = (at(begin), at(begin + count));
        let arguments = json!({ unit: count, "share": count as f64 / self.total as f64 });
        json!({
            "name": name, "cat": CATEGORY, "ph": "X", "pid": process, "tid": thread,
            "ts": start, "dur": end - start, "args": arguments,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fixture::{empty_run, key, outcome, time_row};
    use benchgate_core::gate::Status;
    use benchgate_core::model::{Profile, Stack};

    const ID: &str = "area/block/parse/small";

    /// The events of one profile, of a benchmark that takes 1000 ns in the base and 2000 ns in the candidate.
    fn events(list: &[(&str, [u64; 2])]) -> Vec<Value> {
        of(taken(list), vec![time_row(ID, Status::Regressed, 1000.0, [1.0; 3])])
    }

    fn taken(list: &[(&str, [u64; 2])]) -> Taken {
        let stack = |(frames, counts): &(&str, [u64; 2])| Stack {
            frames: frames.split(';').filter(|frame| !frame.is_empty()).map(String::from).collect(),
            counts: *counts,
        };
        Taken::Stacks(Stacks { how: "sampled".into(), unit: Unit::Samples, stacks: list.iter().map(stack).collect() })
    }

    fn of(taken: Taken, rows: Vec<Row>) -> Vec<Value> {
        let profile = Profile { key: key(ID, Metric::Time), own: Vec::new(), taken };
        let run = Run { profiles: vec![profile], ..empty_run() };
        iterations(&run, &outcome(rows, Vec::new(), ""))
    }

    fn frames(events: &[Value], thread: usize) -> Vec<&Value> {
        events.iter().filter(|event| event["ph"] == "X" && event["tid"] == thread).collect()
    }

    fn edges(event: &Value) -> [f64; 2] {
        let (start, length) = (event["ts"].as_f64().unwrap(), event["dur"].as_f64().unwrap());
        [start, start + length]
    }

    #[test]
    fn frames_lie_within_their_callers_largest_first() {
        let events = events(&[("f", [10, 0]), ("f;a", [30, 1]), ("f;b;c", [50, 3]), ("g", [10, 0])]);
        let shown = |thread| -> Vec<(String, String, u64)> {
            let one = |event: &Value| {
                let edges = edges(event).map(|edge| format!("{edge:.3}")).join("-");
                (event["name"].as_str().unwrap().into(), edges, event["args"]["samples"].as_u64().unwrap())
            };
            frames(&events, thread).into_iter().map(one).collect()
        };
        let row = |name: &str, edges: &str, samples| (name.to_owned(), edges.to_owned(), samples);
        assert_eq!(
            shown(11),
            [
                row("one mean iteration", "0.000-1.000", 100),
                row("f", "0.000-0.900", 90),
                row("b", "0.000-0.500", 50),
                row("c", "0.000-0.500", 50),
                row("a", "0.500-0.800", 30),
                row("g", "0.900-1.000", 10),
            ]
        );
        assert_eq!(
            shown(12),
            [
                row("one mean iteration", "0.000-2.000", 4),
                row("f", "0.000-2.000", 4),
                row("b", "0.000-1.500", 3),
                row("c", "0.000-1.500", 3),
                row("a", "1.500-2.000", 1),
            ]
        );
        let f = frames(&events, 11)[1];
        assert_eq!((&f["args"]["share"], &f["pid"], &f["cat"]), (&0.9.into(), &10.into(), &"iteration".into()));
        let names: Vec<&str> =
            events.iter().filter(|one| one["ph"] == "M").map(|one| one["args"]["name"].as_str().unwrap()).collect();
        assert_eq!(names, [&*format!("{ID}: one mean iteration"), "base", "candidate"]);
        assert_eq!(frames(&events, 11)[0]["args"]["note"], Value::Null);
    }

    #[test]
    fn rows_of_several_benchmarks_are_told_apart() {
        let [parse, print] = [ID, "area/block/print/small"].map(|id| Profile {
            key: key(id, Metric::Time),
            own: Vec::new(),
            taken: taken(&[("f", [1, 1])]),
        });
        let run = Run { profiles: vec![parse, print], ..empty_run() };
        let events = iterations(&run, &outcome(Vec::new(), Vec::new(), ""));
        let of = |event: &Value| [event["pid"].as_u64().unwrap(), event["tid"].as_u64().unwrap()];
        let mut rows: Vec<_> = events.iter().filter(|event| event["name"] == "f").map(of).collect();
        rows.sort();
        assert_eq!(rows, [[10, 11], [10, 12], [13, 14], [13, 15]]);
    }

    #[test]
    fn unknown_time_is_a_millisecond_that_says_so() {
        let nothing = Row { base: None, candidate: None, ..time_row(ID, Status::Unchanged, 1.0, [0.0; 3]) };
        for rows in [vec![nothing], Vec::new()] {
            let events = of(taken(&[("f", [1, 1]), ("g", [1, 0])]), rows);
            let base = frames(&events, 11);
            assert_eq!((edges(base[0]), edges(base[1])), ([0.0, 1000.0], [0.0, 500.0]));
            assert!(base[0]["args"]["note"].as_str().unwrap().contains("not known"), "{base:?}");
        }
    }

    #[test]
    fn nothing_seen_gives_nothing() {
        let rows = || vec![time_row(ID, Status::Regressed, 1000.0, [1.0; 3])];
        assert!(of(taken(&[]), rows()).is_empty());
        assert!(of(taken(&[("f", [0, 0])]), rows()).is_empty());
        assert!(of(Taken::Nothing { reason: "no valgrind".into() }, rows()).is_empty());
        let one_sided = of(taken(&[("f", [0, 2])]), rows());
        assert!(frames(&one_sided, 11).is_empty() && frames(&one_sided, 12).len() == 2, "{one_sided:?}");
        assert!(!one_sided.iter().any(|event| event["args"]["name"] == "base"), "{one_sided:?}");
    }

    #[test]
    fn hostile_names_stay_names() {
        let name = "a\"},{\"ph\":\"M\\\u{1b}[31m\u{202e}</script>\n";
        let events = events(&[(name, [1, 1])]);
        let text = Value::from(events.clone()).to_string();
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\n']), "{text}");
        assert_eq!(serde_json::from_str::<Vec<Value>>(&text).unwrap().len(), 3 + 2 * 2);
        assert_eq!(frames(&events, 11)[1]["name"], r#"a"},{"ph":"M\\u{1b}[31m\u{202e}</script>\n"#);
    }

    proptest! {
        #[test]
        fn any_stacks_nest_and_add_up(list in proptest::collection::vec(("[ab;]{0,9}", 0..100_u64, 0..100_u64), 0..20)) {
            let list: Vec<(&str, [u64; 2])> = list.iter().map(|(name, a, b)| (&**name, [*a, *b])).collect();
            let events = events(&list);
            for (side, thread) in [11, 12].into_iter().enumerate() {
                let mut open: Vec<[f64; 2]> = Vec::new();
                let mut own = 0.0;
                for event in frames(&events, thread) {
                    let [start, end] = edges(event);
                    open.retain(|caller| caller[1] > start + 1e-9);
                    if let Some(caller) = open.last() {
                        prop_assert!(caller[0] <= start && end <= caller[1] + 1e-9, "{event} sticks out of {caller:?}");
                        own += (end - start) * f64::from(u8::from(open.len() == 1));
                    }
                    open.push([start, end]);
                }
                let count = |is_wanted: fn(&str) -> bool| -> u64 {
                    list.iter().filter(|one| is_wanted(one.0)).map(|one| one.1[side]).sum()
                };
                let (framed, total) = (count(|frames| frames.contains(['a', 'b'])), count(|_| true));
                let whole = [1.0, 2.0][side];
                let expected = if total == 0 { 0.0 } else { whole * framed as f64 / total as f64 };
                prop_assert!((own - expected).abs() < 1e-9, "{own} of {expected}");
            }
        }
    }
}
