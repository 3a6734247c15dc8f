//! The run's own schedule as Chrome trace events, for `about:tracing` and Perfetto: what was built and when, each pair with the
//! benches that it measured, who began and how their turns were cut, and what else the machine did meanwhile. What the benches
//! themselves did in an iteration comes from the profiles, and is drawn by [`benchgate_report::iterations`].

use std::path::Path;
use std::time::Instant;

use serde_json::{Value, json};

use super::output::write_file;
use super::stop::Stop;
use benchgate_core::model::Conditions;
use benchgate_engine::measure::PairEvent;

/// The run itself as a process of the trace.
const PROCESS: u32 = 1;

/// Steps of the run lie in one row, pairs in another.
const STEPS: u32 = 1;
const PAIRS: u32 = 2;

/// What happened so far.
#[derive(Debug)]
pub(super) struct Trace {
    began: Instant,
    /// The step that is under way.
    step: Option<(String, Instant)>,
    events: Vec<Value>,
}

impl Trace {
    /// Nothing yet.
    pub fn new() -> Self {
        Self { began: Instant::now(), step: None, events: Vec::new() }
    }

    /// A step begins, and the one before ends.
    pub fn step(&mut self, name: &str) {
        self.end_step();
        self.step = Some((name.to_owned(), Instant::now()));
    }

    /// A pair was measured.
    pub fn pair(&mut self, pair: &PairEvent<'_>) {
        let doubt = pair.doubt.map(|doubt| doubt.to_string());
        let arguments = json!({ "first": pair.first.name(), "turns": pair.interleaving.to_string(), "doubt": doubt });
        let event = self.lasting(PAIRS, "pair", &pair.bench.id(), (pair.started, pair.ended), arguments);
        self.events.push(event);
        let Conditions { steal, busy, others, megahertz } = pair.conditions;
        let noise = json!({ "steal": steal, "busy": busy, "others": others, "megahertz": megahertz });
        let at = self.micros(pair.ended);
        self.events
            .push(json!({ "name": "noise", "cat": "noise", "ph": "C", "pid": PROCESS, "ts": at, "args": noise }));
    }

    /// Writes all of it and what was profiled, whole or not at all.
    pub fn write(&mut self, file: &Path, iterations: Vec<Value>) -> Result<(), Stop> {
        self.end_step();
        let named = |what: &str, thread: u32, name: &str| json!({ "name": what, "ph": "M", "pid": PROCESS, "tid": thread, "args": { "name": name } });
        let threads = [(STEPS, "steps"), (PAIRS, "pairs")].map(|(thread, name)| named("thread_name", thread, name));
        let mut events = vec![named("process_name", STEPS, "the run")];
        events.extend(threads.into_iter().chain(self.events.iter().cloned()).chain(iterations));
        let trace = json!({ "displayTimeUnit": "ms", "traceEvents": events });
        write_file(file, trace.to_string().as_bytes())
    }

    fn end_step(&mut self) {
        if let Some((name, started)) = self.step.take() {
            let event = self.lasting(STEPS, "step", &name, (started, Instant::now()), json!({}));
            self.events.push(event);
        }
    }

    fn lasting(&self, thread: u32, kind: &str, name: &str, (started, ended): (Instant, Instant), args: Value) -> Value {
        let (start, end) = (self.micros(started), self.micros(ended));
        json!({ "name": name, "cat": kind, "ph": "X", "pid": PROCESS, "tid": thread, "ts": start, "dur": end - start, "args": args })
    }

    fn micros(&self, at: Instant) -> f64 {
        at.saturating_duration_since(self.began).as_secs_f64() * 1e6
    }
}
