//! Driving divan executables: listed and run through their command line, read from the table that they print.
//!
//! ```text
//! cases              fastest       │ slowest       │ median        │ mean          │ samples │ iters
//! ├─ allocating      851.2 ns      │ 2.003 µs      │ 853.1 ns      │ 860.4 ns      │ 300     │ 38400
//! │                  1.174 Mitem/s │ …
//! ╰─ sums                          │               │               │               │         │
//!    ╰─ 100                        │               │               │               │         │
//!       ├─ t=1       …
//!       ╰─ t=4       …
//! ```
//!
//! What a process measured of a bench is one sample, the median of divan's. Four digits are printed, so that an effect below 0.1 % cannot
//! be seen. A bench that runs on several numbers of threads becomes one for each, marked `@tN` as everywhere. The last two
//! parts of a path become function and value, what stands before them the group.

use super::criterion::{Arm, Effort, End, Launch, Limits, Listed, Measured, Planned, Process};
use super::whole::interrupted;
use benchgate_core::model::{Failure, FailureKind, Sample, Samples};

/// The name of a variable that divan's command line reads; tells executables that hold it.
pub(super) const MARK: &[u8] = b"DIVAN_SAMPLE_COUNT";

/// Between the parts of a path.
const SEPARATOR: &str = "::";

/// No bench gets longer, in seconds on its own clock; a sample that has begun is finished.
const MOST_SECONDS: &str = "3";

/// Lists the benches of an executable. It is asked for the paths; how many threads they run on only a run tells, of one
/// iteration each.
pub(super) fn list(arm: &Arm, limits: &Limits<'_>) -> Result<Vec<Listed>, Failure> {
    let one = ["--bench", "--timer", "os", "--color", "never", "--sample-count", "1", "--sample-size", "1"];
    let ran = said(arm, &Launch::plain(one), limits).map(|text| rows(&text));
    // As cargo-nextest asks for them: the one form that names arguments.
    let mut asking = Launch::plain(["--list", "--format", "terse"]);
    asking.environment.push(("NEXTEST", "1".into()));
    match (said(arm, &asking, limits), ran) {
        (Ok(listing), ran) => {
            let paths = listing.lines().filter_map(|line| line.strip_suffix(": benchmark"));
            // A bench that fails when it is run once fails again when it is measured, and is reported then.
            let rows = ran.unwrap_or_default();
            Ok(paths.flat_map(|path| cases(path, &rows)).collect())
        }
        // Divan before 0.1.18, and forks of it, do not know `--format`. What they have run once is all there is to tell their benches by.
        (Err(_), Ok(rows)) => Ok(rows.iter().map(Row::listed).collect()),
        (Err(failure), Err(_)) => Err(failure),
    }
}

/// The command line for one bench.
pub(super) fn arguments(effort: Effort, bench: &Listed) -> Vec<String> {
    let (path, threads) = path(bench);
    let mut words =
        ["--bench", "--exact", "--timer", "os", "--color", "never", "--min-time", "0"].map(String::from).to_vec();
    words.extend(["--max-time".into(), MOST_SECONDS.into(), "--sample-count".into(), effort.samples.to_string()]);
    if effort.batch > 0 {
        words.extend(["--sample-size".into(), effort.batch.to_string()]);
    }
    if let Some(threads) = threads {
        words.extend(["--threads".into(), threads.to_string()]);
    }
    words.push(path);
    words
}

/// What a process that was asked for one bench printed of it.
pub(super) fn results(text: &str, asked: &[Listed]) -> Result<Vec<Measured>, String> {
    match (&rows(text)[..], asked) {
        ([row], [bench]) => {
            let samples = Samples::new(vec![Sample { iterations: row.batch, nanos: row.median_ns * row.batch }]);
            let median_of = row.samples;
            Ok(vec![Measured { bench: bench.clone(), samples, planned: Planned::default(), median_of }])
        }
        (rows, asked) => Err(format!("it printed {} results where {} was asked for", rows.len(), asked.len())),
    }
}

/// A row with times.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    /// Its place in the tree, from the root, which is the crate.
    path: String,
    /// Of one iteration.
    median_ns: f64,
    /// Iterations a sample.
    batch: f64,
    /// Samples.
    samples: usize,
}

impl Row {
    /// The bench that it is of.
    fn listed(&self) -> Listed {
        let threads = self.path.rsplit_once("::t=").filter(|(_, threads)| threads.parse::<u32>().is_ok());
        listed(&threads.map_or_else(|| self.path.clone(), |(path, threads)| format!("{path}@t{threads}")))
    }
}

fn rows(text: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    let mut is_open = false;
    for line in text.lines() {
        let times = times(line);
        if let Some((depth, rest)) = branch(line).filter(|(depth, _)| *depth <= names.len()) {
            names.truncate(depth);
            names.push(name(rest, times.is_some()));
            is_open = true;
        } else if let Some((root, _)) = line.split_once("fastest").filter(|(_, rest)| rest.contains("│ median")) {
            names = vec![root.trim()];
            is_open = false;
        }
        // What a bench prints itself may stand between its name and its times.
        if let Some((median_ns, batch, samples)) = times.filter(|_| is_open) {
            rows.push(Row { path: names.join(SEPARATOR), median_ns, batch, samples });
            is_open = false;
        }
    }
    rows
}

/// How deep a line is below its root, and what stands behind the branch.
fn branch(line: &str) -> Option<(usize, &str)> {
    let (mut depth, mut rest) = (1, line);
    loop {
        if let Some(leaf) = ["├─ ", "╰─ "].into_iter().find_map(|mark| rest.strip_prefix(mark)) {
            return Some((depth, leaf));
        }
        rest = ["│  ", "   "].into_iter().find_map(|mark| rest.strip_prefix(mark))?;
        depth += 1;
    }
}

/// The name that a line begins with; at least two blanks follow it.
fn name(rest: &str, has_times: bool) -> &str {
    let cell = rest.split('│').next().unwrap_or_default().trim_end();
    let cut = if has_times { cell.rsplit_once("  ") } else { cell.split_once("  ") };
    cut.map_or(cell, |(name, _)| name).trim_end()
}

/// The median of a line with four times and two counts, how many iterations a sample had, and how many samples there were.
fn times(line: &str) -> Option<(f64, f64, usize)> {
    let cells: Vec<&str> = line.rsplit('│').map(str::trim).take(6).collect();
    let [iterations, samples, _, median, _, _] = cells[..] else { return None };
    let count = |text: &str| text.parse::<usize>().ok().filter(|count| *count > 0);
    let samples = count(samples)?;
    Some((nanos(median)?, count(iterations)? as f64 / samples as f64, samples))
}

/// `1.234 µs`
fn nanos(duration: &str) -> Option<f64> {
    let (number, unit) = duration.split_once(' ')?;
    let unit = match unit {
        "ps" => 1e-3,
        "ns" => 1.0,
        "µs" => 1e3,
        "ms" => 1e6,
        "s" => 1e9,
        "m" => 60e9,
        "h" => 3600e9,
        _ => return None,
    };
    Some(number.parse::<f64>().ok()? * unit)
}

/// A path as it is, or once for each number of threads that its rows tell.
fn cases(path: &str, rows: &[Row]) -> Vec<Listed> {
    let threads = rows.iter().filter_map(|row| row.path.strip_prefix(path)?.strip_prefix("::t=")?.parse::<u32>().ok());
    let marked: Vec<Listed> = threads.map(|threads| listed(&format!("{path}@t{threads}"))).collect();
    if marked.is_empty() { vec![listed(path)] } else { marked }
}

fn listed(path: &str) -> Listed {
    let parts: Vec<&str> = path.split(SEPARATOR).collect();
    let (group, function, value) = match &parts[..] {
        [group, function] => ((*group).to_owned(), Some(*function), None),
        [group @ .., function, value] if !group.is_empty() => (group.join(SEPARATOR), Some(*function), Some(*value)),
        _ => (path.to_owned(), None, None),
    };
    Listed { group, function: function.map(String::from), value: value.map(String::from), throughput: None }
}

/// The path of a bench, and the number of threads that it states.
fn path(bench: &Listed) -> (String, Option<u32>) {
    let parts = [Some(&bench.group), bench.function.as_ref(), bench.value.as_ref()];
    let path = parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(SEPARATOR);
    match path.rsplit_once("@t").and_then(|(path, threads)| Some((path.to_owned(), threads.parse().ok()?))) {
        Some((path, threads)) => (path, Some(threads)),
        None => (path, None),
    }
}

fn said(arm: &Arm, launch: &Launch, limits: &Limits<'_>) -> Result<String, Failure> {
    let mut process = Process::start(arm, launch).map_err(|error| Failure {
        side: arm.side,
        kind: FailureKind::Crashed,
        message: format!("cannot start: {error}"),
    })?;
    match process.wait(limits.step, limits) {
        Ok(End::With(status)) if status.success() => Ok(String::from_utf8_lossy(&process.said()).into_owned()),
        Ok(End::With(status)) => Err(process.failure(FailureKind::Crashed, &format!("it ended with {status}"))),
        Ok(End::Interrupted) => Err(interrupted(arm)),
        Ok(End::TooLate) => Err(process.failure(FailureKind::TimedOut, "it did not end in time")),
        Err(error) => Err(process.failure(FailureKind::Crashed, &error.to_string())),
    }
}

#[cfg(test)]
mod tests;
