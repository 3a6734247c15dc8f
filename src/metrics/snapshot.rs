//! What a recorder has seen, as plain values.

use super::gauge::Level;
use super::histogram::LatencySummary;
use super::jobs::JobTotals;
use super::status::error_rate_percent;
use std::fmt;
use std::sync::Arc;

/// What was recorded since the last reset, or since the recorder was made.
///
/// `Display` writes it as text for people, without an allocation of its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// Operations, in the order in which their keys were made.
    pub operations: Vec<OperationTotals>,
    /// Jobs, likewise.
    pub jobs: Vec<NamedJob>,
    /// Jobs that run, and the most that did. A reset keeps those that run.
    pub running: Level,
    /// How long jobs waited for their turn.
    pub waits: LatencySummary,
    /// Jobs that were scheduled.
    pub scheduled: u64,
    /// Jobs that were skipped, by reason.
    pub skips: Vec<NamedCount>,
    /// Events of containers, by kind.
    pub events: Vec<NamedCount>,
    /// Times that events were missing and had to be asked for.
    pub fallbacks: u64,
    /// Custom counters.
    pub customs: Vec<NamedCount>,
}

/// What is known of an operation.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationTotals {
    /// Its name, or [`OTHER`](super::OTHER).
    pub name: Arc<str>,
    /// Operations that succeeded.
    pub ok: u64,
    /// Operations that failed.
    pub failed: u64,
    /// Latencies that were recorded.
    pub latency: LatencySummary,
}

impl OperationTotals {
    /// Failures among operations, in percent from 0 to 100; none without one.
    pub fn error_rate_percent(&self) -> Option<f64> {
        error_rate_percent(self.ok, self.failed)
    }
}

/// A job by name.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedJob {
    /// Its name, or [`OTHER`](super::OTHER).
    pub name: Arc<str>,
    /// What is known of it.
    pub totals: JobTotals,
}

/// A count by name.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedCount {
    /// Its name, or [`OTHER`](super::OTHER).
    pub name: Arc<str>,
    /// How often.
    pub count: u64,
}

impl Snapshot {
    /// Failures among all operations, in percent from 0 to 100; none without one.
    pub fn error_rate_percent(&self) -> Option<f64> {
        let [ok, failed] = self.operations.iter().fold([0_u64; 2], |[ok, failed], operation| {
            [ok.saturating_add(operation.ok), failed.saturating_add(operation.failed)]
        });
        error_rate_percent(ok, failed)
    }

    /// Jobs that were skipped, for whatever reason.
    pub fn skipped(&self) -> u64 {
        self.skips.iter().map(|skip| skip.count).sum()
    }

    /// The operation of that name.
    pub fn operation(&self, name: &str) -> Option<&OperationTotals> {
        self.operations.iter().find(|operation| &*operation.name == name)
    }

    /// The job of that name.
    pub fn job(&self, name: &str) -> Option<&JobTotals> {
        self.jobs.iter().find(|job| &*job.name == name).map(|job| &job.totals)
    }
}

/// Nanoseconds as people read them.
struct Time(f64);

impl fmt::Display for Time {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(ns) = *self;
        match ns {
            ns if ns < 1e3 => write!(out, "{ns:.0} ns"),
            ns if ns < 1e6 => write!(out, "{:.1} us", ns / 1e3),
            ns if ns < 1e9 => write!(out, "{:.1} ms", ns / 1e6),
            ns => write!(out, "{:.1} s", ns / 1e9),
        }
    }
}

fn time(ns: u64) -> Time {
    Time(ns as f64)
}

/// `12.5 %`, or that there is nothing to take a share of.
struct Share(Option<f64>);

impl fmt::Display for Share {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(percent) => write!(out, "{percent:.1} % failed"),
            None => out.write_str("none ended"),
        }
    }
}

impl fmt::Display for LatencySummary {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(mean) = self.mean_ns() else { return out.write_str("no latencies") };
        let [min, p50, p95, p99, max] = [self.min_ns, self.p50_ns, self.p95_ns, self.p99_ns, self.max_ns].map(time);
        let mean = Time(mean);
        write!(out, "min {min}, mean {mean}, p50 {p50}, p95 {p95}, p99 {p99}, max {max}")
    }
}

impl fmt::Display for Snapshot {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "operations: {}", Share(self.error_rate_percent()))?;
        for operation in &self.operations {
            let OperationTotals { name, ok, failed, latency } = operation;
            writeln!(out, "  {name}: {ok} ok, {failed} failed; {latency}")?;
        }
        let Level { now, max } = self.running;
        let skipped = self.skipped();
        writeln!(out, "jobs: {} scheduled, {skipped} skipped, {now} running, at most {max}", self.scheduled)?;
        for NamedJob { name, totals } in &self.jobs {
            let JobTotals { ok, failed, retries_ok, retries_failed, .. } = totals;
            let mean = Time(totals.mean_ns().unwrap_or(0.0));
            let retries = retries_ok + retries_failed;
            writeln!(out, "  {name}: {ok} ok, {failed} failed, {retries} retries, mean {mean}")?;
        }
        writeln!(out, "waits: {}", self.waits)?;
        counts(out, "skips", &self.skips)?;
        counts(out, "events", &self.events)?;
        writeln!(out, "fallbacks: {}", self.fallbacks)?;
        counts(out, "custom", &self.customs)
    }
}

/// Nothing where there are none.
fn counts(out: &mut fmt::Formatter<'_>, title: &str, counts: &[NamedCount]) -> fmt::Result {
    if counts.is_empty() {
        return Ok(());
    }
    writeln!(out, "{title}:")?;
    counts.iter().try_for_each(|NamedCount { name, count }| writeln!(out, "  {name}: {count}"))
}
