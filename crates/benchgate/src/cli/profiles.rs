//! Looking into red series after the verdict: which, and where the stacks are kept as text.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::prepare::Prepared;
use super::progress::Progress;
use super::select::Filter;
use super::stop::{OrStop, Stop};
use benchgate_core::gate::{Action, ExitCode, Outcome, Row, Status};
use benchgate_core::model::{BenchKey, Metric, Profile, Taken};
use benchgate_engine::collect::{Harness, Limits, Listed};
use benchgate_engine::explain::{self, Folded, Subject, TURN, TURNS};
use benchgate_engine::measure::{BuiltSide, Target};
use benchgate_engine::store;

/// Benchmarks of either kind that are looked into unasked, the worst ones: half a minute of a run that is red anyway.
const MOST: usize = 3;

/// Benchmarks that are looked into where a pattern asks for them.
const MOST_ASKED: usize = 12;

/// What is to be looked into.
pub(super) struct Looking<'a> {
    pub prepared: &'a Prepared,
    pub limits: Limits<'a>,
    /// Benchmarks that were asked for, whatever their verdicts.
    pub asked: Option<&'a Filter>,
    /// Whether red rows are looked into unasked.
    pub is_automatic: bool,
}

/// Stacks of one benchmark as text.
pub(super) type Text = (BenchKey, Folded);

impl Looking<'_> {
    /// Looks into what is red or asked for; what was found, and the stacks as text.
    pub fn look(&self, outcome: &Outcome, progress: &mut Progress) -> (Vec<Profile>, Vec<Text>) {
        let mut profiles = Vec::new();
        let mut texts = Vec::new();
        for row in self.times(&outcome.rows) {
            if self.limits.is_interrupted() {
                return (profiles, texts);
            }
            let seconds = 2 * u64::from(TURNS) * TURN.as_secs();
            progress.step(&format!("profiling {} on both sides, about {seconds} s", row.id));
            let (taken, text) = self.subject(&row.key.bench, |subject, _| explain::stacks(subject));
            texts.extend(text.map(|text| (row.key.bench.clone(), text)));
            profiles.push(self.profile(row, taken));
        }
        let (mut benches, mut last) = (BTreeSet::new(), None);
        for row in outcome.rows.iter().filter(|row| self.is_automatic && is_heavier(row)) {
            let bench = &row.key.bench;
            if benches.len() == MOST && !benches.contains(bench) || self.limits.is_interrupted() {
                continue;
            }
            benches.insert(bench);
            // One look serves all metrics of a benchmark, which mostly stand together.
            let taken = match &last {
                Some((of, taken)) if of == bench => Taken::clone(taken),
                _ => {
                    progress.step(&format!("finding the allocation sites of {} on both sides", row.id));
                    let sites =
                        |subject: &Subject<'_>, harness| (explain::sites(subject, harness == Harness::Heap), None);
                    self.subject(bench, sites).0
                }
            };
            last = Some((bench.clone(), taken.clone()));
            profiles.push(self.profile(row, taken));
        }
        (profiles, texts)
    }

    /// Times to look into, worst first.
    fn times<'r>(&self, rows: &'r [Row]) -> Vec<&'r Row> {
        let times = || rows.iter().filter(|row| row.key.metric == Metric::Time);
        let is_asked = |row: &Row| self.asked.is_some_and(|filter| filter.is_match(&row.key.bench.id()));
        let red = times().filter(|row| self.is_automatic && is_red(row)).take(MOST);
        let mut wanted: Vec<&Row> = times().filter(|row| is_asked(row)).take(MOST_ASKED).collect();
        red.for_each(|row| {
            if !wanted.iter().any(|one| one.key == row.key) {
                wanted.push(row);
            }
        });
        wanted
    }

    fn profile(&self, row: &Row, taken: Taken) -> Profile {
        let benches = self.prepared.workspace.benches.iter().map(|bench| &bench.name);
        let own = self.prepared.workspace.packages.keys().chain(benches).map(|name| name.replace('-', "_"));
        let own: BTreeSet<String> = own.collect();
        Profile { key: row.key.clone(), own: own.into_iter().collect(), taken }
    }

    /// Looks into a benchmark that both sides have.
    fn subject(
        &self,
        key: &BenchKey,
        look: impl FnOnce(&Subject<'_>, Harness) -> (Taken, Option<Folded>),
    ) -> (Taken, Option<Folded>) {
        let nothing = |reason: &str| (Taken::Nothing { reason: reason.into() }, None);
        let of = |target: &&Target| (&target.package, &target.name) == (&key.package, &key.target);
        let Some(target) = self.prepared.targets.iter().find(of) else { return nothing("its bench is not built") };
        let (Some(base), Some(candidate)) = (&target.base, &target.candidate) else {
            return nothing("only one side is built here; `--base REV` builds both");
        };
        let Some(bench) = listed(target, candidate, key) else { return nothing("the candidate does not list it") };
        if candidate.harness() == Harness::Command {
            return nothing("a command is not profiled");
        }
        let sides = [&base.executable, &candidate.executable];
        let scratch = self.prepared.scratch.path();
        let harness = candidate.harness();
        look(&Subject { sides, bench, harness, scratch, limits: &self.limits }, harness)
    }
}

fn listed<'t>(target: &Target, found: &'t BuiltSide, key: &BenchKey) -> Option<&'t Listed> {
    found.discovered.as_ref().ok()?.benches.iter().find(|bench| target.key(bench) == *key)
}

/// Whether a row fails the run, or would if its class gated, because something got slower or heavier.
fn is_red(row: &Row) -> bool {
    row.status == Status::Regressed && row.action != Action::Pass
}

fn is_heavier(row: &Row) -> bool {
    let is_of_heap = match row.key.metric {
        Metric::Allocations | Metric::AllocatedBytes | Metric::PeakBytes | Metric::LiveBytes | Metric::LiveSlope => {
            true
        }
        Metric::Time | Metric::Threads | Metric::ProcessorTime | Metric::PeakMemory => false,
    };
    is_of_heap && (is_red(row) || (row.status == Status::Leaked && row.action != Action::Pass))
}

/// Writes stacks as text beside the run, a file a side; forgets those of runs that are gone.
pub(super) fn keep(runs: &Path, run: &Path, texts: &[Text]) -> Result<(), Stop> {
    let all = runs.with_file_name("profiles");
    let stem = run.file_stem().unwrap_or_default();
    for (number, (key, folded)) in texts.iter().enumerate() {
        let id: String = key.id().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).take(60).collect();
        for (side, text) in ["base", "candidate"].into_iter().zip(&folded.sides) {
            let file = all.join(stem).join(format!("{}-{id}-{side}.folded", number + 1));
            store::write_whole(&file, text.as_bytes()).or_stop(ExitCode::Output)?;
        }
    }
    let Ok(kept) = fs::read_dir(&all) else { return Ok(()) };
    for directory in kept.flatten().map(|entry| entry.path()) {
        let is_gone = directory.file_name().is_some_and(|stem| !runs.join(stem).with_extension("json").is_file());
        if is_gone {
            // What stays is text of a run that nobody can show any more; the next run tries again.
            fs::remove_dir_all(&directory).ok();
        }
    }
    Ok(())
}
