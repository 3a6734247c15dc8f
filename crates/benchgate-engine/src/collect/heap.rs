//! Counting with the heap harness `benchgate-heap`: one JSON line a case.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use super::criterion::{Arm, End, Launch, Limits, Listed, Process};
use benchgate_core::model::{CountReading, Failure, FailureKind, HeapReading, Metric, Throughput, Uncounted};

/// What both listings and results begin with; also how the harness is told from others.
const MARK: &str = "{\"benchgate_heap\":";
/// What every executable of the harness holds, since it prints it.
pub(super) const NAME: &[u8] = b"benchgate_heap";
/// The wire version that is understood.
const VERSION: u32 = 1;

/// One case of a heap bench.
#[derive(Clone, Debug)]
pub struct HeapCase {
    /// Which benchmark.
    pub bench: Listed,
    /// What was counted, or why nothing was.
    pub reading: Result<HeapReading, Uncounted>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    benchgate_heap: u32,
    id: Option<Id>,
    /// A header line of a bench without cases.
    #[serde(rename = "cases")]
    _cases: Option<u64>,
    throughput: Option<BTreeMap<String, u64>>,
    #[serde(rename = "iterations")]
    _iterations: Option<u64>,
    allocations: Option<f64>,
    bytes: Option<f64>,
    peak_bytes: Option<f64>,
    live_bytes: Option<f64>,
    live_slope: Option<f64>,
    threads_before: Option<f64>,
    threads_after: Option<f64>,
    exact: Option<bool>,
    repeatable: Option<bool>,
    #[serde(default)]
    counters: BTreeMap<String, u64>,
    error: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Id {
    group: String,
    function: Option<String>,
    value: Option<String>,
}

/// Lists the cases of an executable; `None` where it is not a heap bench.
pub(super) fn list(arm: &Arm, limits: &Limits<'_>) -> Option<Result<Vec<Listed>, Failure>> {
    let mut process = Process::start(arm, &Launch::plain(["--list", "--format", "json"])).ok()?;
    let status = process.wait(limits.start, limits).ok()?;
    let said = process.said();
    let text = String::from_utf8_lossy(&said);
    if !text.starts_with(MARK) {
        return None;
    }
    let fail = |kind, what: &str| Some(Err(process.failure(kind, what)));
    match status {
        End::Interrupted => return fail(FailureKind::TimedOut, "interrupted"),
        End::TooLate => return fail(FailureKind::TimedOut, "it did not list its cases in time"),
        End::With(status) if !status.success() => {
            return fail(FailureKind::Crashed, &format!("it ended with {status}"));
        }
        End::With(_) => {}
    }
    match lines(&text) {
        Ok(lines) => Some(Ok(lines.into_iter().filter_map(|line| line.listed()).collect())),
        Err(what) => fail(FailureKind::Rubbish, &what),
    }
}

/// Counts cases of an arm; all of them where `wanted` is empty. An interrupted count gives no case.
///
/// # Errors
/// The process as a whole failed: it hung, or printed something else than results. A case that panicked is among the
/// cases.
pub fn count(arm: &Arm, wanted: &[Listed], limits: &Limits<'_>) -> Result<Vec<HeapCase>, Failure> {
    let mut arguments = ["--bench", "--format", "json", "--exact"].map(String::from).to_vec();
    arguments.extend(wanted.iter().map(Listed::full_id));
    let mut process = Process::start(arm, &Launch::plain(arguments)).map_err(|error| Failure {
        side: arm.side,
        kind: FailureKind::Crashed,
        message: format!("cannot start: {error}"),
    })?;
    let cases = u32::try_from(wanted.len()).unwrap_or(u32::MAX).max(1);
    let limit = limits.step.saturating_mul(cases).min(Duration::from_secs(1800));
    let status = match process.wait(limit, limits) {
        Ok(End::Interrupted) => return Ok(Vec::new()),
        Ok(End::With(status)) => status,
        Ok(End::TooLate) => return Err(process.failure(FailureKind::TimedOut, "it did not end in time")),
        Err(error) => return Err(process.failure(FailureKind::Crashed, &error.to_string())),
    };
    let said = process.said();
    let text = String::from_utf8_lossy(&said);
    let results: String = text.lines().filter(|line| line.starts_with(MARK)).map(|line| format!("{line}\n")).collect();
    let lines = match lines(&results) {
        Ok(lines) => lines,
        Err(what) => return Err(process.failure(FailureKind::Rubbish, &what)),
    };
    let cases: Vec<HeapCase> = lines.into_iter().filter_map(|line| line.case(arm, &process)).collect();
    if cases.is_empty() && !status.success() {
        return Err(process.failure(FailureKind::Crashed, &format!("it ended with {status}")));
    }
    Ok(cases)
}

fn lines(text: &str) -> Result<Vec<Line>, String> {
    let mut lines = Vec::new();
    for text in text.lines().filter(|line| !line.trim().is_empty()) {
        let line: Line =
            serde_json::from_str(text).map_err(|error| format!("it printed `{text}`, which is no result: {error}"))?;
        if line.benchgate_heap != VERSION {
            return Err(format!("it speaks version {} of the heap protocol, {VERSION} is known", line.benchgate_heap));
        }
        lines.push(line);
    }
    Ok(lines)
}

impl Line {
    fn listed(&self) -> Option<Listed> {
        let id = self.id.as_ref()?;
        let throughput = self.throughput.as_ref().and_then(|work| work.iter().next()).and_then(|(kind, &amount)| {
            match kind.as_str() {
                "bytes" => Some(Throughput::Bytes(amount)),
                "elements" => Some(Throughput::Elements(amount)),
                _ => None,
            }
        });
        Some(Listed { group: id.group.clone(), function: id.function.clone(), value: id.value.clone(), throughput })
    }

    fn case(self, arm: &Arm, process: &Process) -> Option<HeapCase> {
        let bench = self.listed()?;
        if let Some(error) = self.error {
            let failure = Failure { side: arm.side, kind: FailureKind::Crashed, message: error };
            return Some(HeapCase { bench, reading: Err(Uncounted::Failed(failure)) });
        }
        let is_repeatable = self.repeatable == Some(true);
        let is_whole = self.exact == Some(true);
        let threads = self.threads_after.zip(self.threads_before).map(|(after, before)| after - before);
        let columns = [
            (Metric::Allocations, self.allocations, is_whole),
            (Metric::AllocatedBytes, self.bytes, is_whole),
            (Metric::PeakBytes, self.peak_bytes, true),
            (Metric::LiveBytes, self.live_bytes, true),
            (Metric::LiveSlope, self.live_slope, true),
            (Metric::Threads, threads, true),
        ];
        let mut counts = BTreeMap::new();
        for (metric, value, is_exact) in columns {
            match value {
                Some(value) if value.is_finite() => {
                    counts.insert(metric, CountReading { value, is_exact: is_exact && is_repeatable });
                }
                Some(_) => {
                    let failure = process.failure(FailureKind::Implausible, &format!("its {metric} are no number"));
                    return Some(HeapCase { bench, reading: Err(Uncounted::Failed(failure)) });
                }
                None if metric == Metric::Threads => {} // not every system tells
                None => {
                    let failure = process.failure(FailureKind::Rubbish, &format!("its result has no {metric}"));
                    return Some(HeapCase { bench, reading: Err(Uncounted::Failed(failure)) });
                }
            }
        }
        let counter = |value: u64| CountReading { value: value as f64, is_exact: is_repeatable };
        let counters = self.counters.into_iter().map(|(name, value)| (name, counter(value))).collect();
        Some(HeapCase { bench, reading: Ok(HeapReading { counts, counters, other_threads: 0.0 }) })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_known_lines_are_results() {
        #[track_caller]
        fn check(text: &str, expected: bool) {
            assert_eq!(lines(text).is_ok(), expected, "{text}");
        }
        let id = r#""id":{"group":"a","function":null,"value":null}"#;
        check(&format!(r#"{{"benchgate_heap":1,{id},"throughput":null}}"#), true);
        check(r#"{"benchgate_heap":1,"cases":0}"#, true);
        check(&format!(r#"{{"benchgate_heap":2,{id}}}"#), false);
        check(&format!(r#"{{"benchgate_heap":1,{id},"surprise":1}}"#), false);
        check("not json", false);
    }

    proptest! {
        #[test]
        fn rubbish_is_an_error_and_no_panic(text in ".{0,200}") {
            lines(&text).ok();
        }
    }
}
