//! `bench`: the whole pipeline, from flags to exit code.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::anyhow;

use super::acceptances;
use super::args::BenchArgs;
use super::blame;
use super::claims;
use super::confirm::{self, Confirming, Judged};
use super::differences::{differences, may_be_red};
use super::evidence::{Counted, Known};
use super::lost;
use super::not_built;
use super::own_outputs;
use super::prepare::{Prepared, limits, prepare, refuse_duplicates};
use super::profiles::Looking;
use super::progress::Progress;
use super::remarks;
use super::request::Request;
use super::rules;
use super::select::{Filter, Selection};
use super::stop::{OrStop, Stop};
use super::supported;
use super::watch::watch;
use crate::config;
use benchgate_core::gate::{self, ExitCode, judge};
use benchgate_core::model::{
    Base, BenchDifference, BenchKey, ClaimEvidence, Evidence, Metric, PairKind, Plan, Run, Series, SeriesKey, Side,
    TimeBaseline, Verb,
};
use benchgate_engine::collect::{self, Effort, Harness, INTERRUPTED, Identity, Idle, Limits, Listed, Schedule};
use benchgate_engine::measure::{BuiltSide, Ended, Engine, Event, SideDriver, Target, TimeSeries};
use benchgate_report as report;

/// Measures, decides, reports; again after every change where that is asked for.
pub(super) fn run(args: &BenchArgs) -> Result<ExitCode, Stop> {
    collect::listen_for_interrupts().or_stop(ExitCode::Internal)?;
    match args.watch {
        true => {
            let writes = own_outputs::asked_for(&args.output, args.trace.as_deref());
            watch(&args.workspace.manifest_path, &writes, &INTERRUPTED, || once(args))
        }
        false => once(args),
    }
}

fn once(args: &BenchArgs) -> Result<ExitCode, Stop> {
    let began = Began::now();
    let limits = limits(&INTERRUPTED);
    let mut progress = Progress::new();
    let request = Request::from(args);
    let writes = own_outputs::asked_for(&args.output, args.trace.as_deref());
    let prepared = prepare(request.scope(&writes), request.against.wanted(), &limits, &mut progress);
    refuse_interrupted()?;
    let prepared = prepared?;
    let asked = args.look_into.as_deref().map(Filter::new).transpose()?;
    let asked_for = Asked { request: &request, began, verb: Verb::Bench };
    let mut run = measure(&asked_for, &prepared, &mut progress)?.run;
    // A verdict in seconds is what is wanted there, and the next one is asked for soon.
    let is_automatic = !(args.no_profile || args.quick || args.watch);
    let looking = Looking { prepared: &prepared, limits, asked: asked.as_ref(), is_automatic };
    let mut outcome = judge(&prepared.loaded.policy, &run);
    let (profiles, texts) = looking.look(&outcome, &mut progress);
    run.profiles = profiles;
    gate::add_causes(&mut outcome, &run.profiles);
    progress.finish();
    let traced = args.trace.as_deref().map_or(Ok(()), |file| {
        let iterations = report::iterations(&run, &outcome);
        progress.trace.write(file, iterations)
    });
    let ended = finish::finish(args, &prepared, (run, &outcome), &texts)?;
    traced.map(|()| ended)
}

/// Stops if the user interrupted before there was anything to keep.
pub(super) fn refuse_interrupted() -> Result<(), Stop> {
    if INTERRUPTED.load(Ordering::Relaxed) {
        return Err(Stop::interrupted());
    }
    Ok(())
}

/// When a run began.
#[derive(Clone, Debug)]
pub(super) struct Began {
    at: Instant,
    /// RFC 3339 in UTC.
    pub stamp: String,
}

impl Began {
    pub fn now() -> Self {
        let stamp = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        Self { at: Instant::now(), stamp }
    }
}

/// What is to be measured, and what the run says of it.
pub(super) struct Asked<'a> {
    pub request: &'a Request,
    pub began: Began,
    pub verb: Verb,
}

/// What was measured.
pub(super) struct Measured {
    pub run: Run,
    /// Machine time of each series until the gate was done with it, in seconds; those that it was never done with are left out.
    pub verdict_seconds: Vec<f64>,
}

/// Measures what is prepared: the one path from two built sides to a run, whoever asks.
pub(super) fn measure(asked: &Asked<'_>, prepared: &Prepared, progress: &mut Progress) -> Result<Measured, Stop> {
    let Asked { request, began, .. } = asked;
    let limits = limits(&INTERRUPTED);
    let policy = &prepared.loaded.policy;
    refuse_duplicates(&prepared.targets)?;
    let selection = Selection::new(&request.select, policy, prepared.machine.cores)?;
    let selected = select(prepared, &selection)?;

    let budget = request.budget.unwrap_or(policy.budget);
    let measuring = Instant::now();
    let mut bench = Bench {
        supported: supported(prepared, &selected),
        exclusive: BTreeSet::new(),
        differences: differences(prepared, &selected),
        request,
        prepared,
        selection: &selection,
        selected,
        limits,
        confirms_by_linking: false,
        notes: Vec::new(),
        verdict_seconds: Vec::new(),
        stored: match &prepared.base {
            Base::Git { .. } => Err("a base was built".into()),
            Base::Stored { .. } => rules::times(&prepared.workspace, &prepared.machine)?,
        },
    };
    let (evidence, tree) = (prepared.evidence(), prepared.tree());
    let mut known = Known::new(&evidence, tree, &prepared.machine, &began.stamp, !request.measures_identical);
    let deadline = measuring + budget;
    let mut series = bench.times(deadline, progress)?;
    let (counts, counted) = bench.counts(&mut known, deadline, progress);
    series.extend(counts);
    let claims = bench.claims(&counted, &mut known, progress);
    bench.notes.extend(known.close());
    refuse_broken(&prepared.targets)?;
    lost::explain(prepared, &mut series, &limits);
    if request.select.filters.is_empty() {
        series.extend(not_built::series(prepared, &series));
    }
    bench.notes.extend(blame::of_benches(prepared, &mut series, &limits));
    series.sort_by(|a, b| a.key.cmp(&b.key));

    let run = Run {
        started: began.stamp.clone(),
        seconds: began.at.elapsed().as_secs_f64(),
        measured_seconds: measuring.elapsed().as_secs_f64(),
        invocation: request.invocation(asked.verb),
        workspace: prepared.workspace.name(),
        base: prepared.base.clone(),
        commits: prepared.commits,
        has_nothing_to_compare: prepared.idle == Idle::Expected && request.select.filters.is_empty(),
        candidate: prepared.candidate.clone(),
        machine: prepared.machine.clone(),
        toolchain: prepared.toolchain.clone(),
        seed: request.seed,
        plan: Plan {
            budget_seconds: budget.as_secs_f64(),
            pair_cap: request.pair_cap(),
            is_quick: request.is_quick,
            tiers: selection.tiers().to_vec(),
            filters: request.select.filters.clone(),
            schedule: bench.schedule(),
            confirms_by_linking: bench.confirms_by_linking,
            supported: bench.supported,
        },
        series,
        profiles: Vec::new(),
        claims,
        acceptances: acceptances::granted(prepared, selection.tiers()),
        policy_changes: prepared.policy_changes.clone(),
        build_changes: prepared.build_changes.clone(),
        left_out: prepared.left_out.clone(),
        differences: bench.differences,
        foreign: prepared.foreign.clone(),
        is_interrupted: INTERRUPTED.load(Ordering::Relaxed),
        notes: prepared.notes.iter().chain(&bench.notes).cloned().collect(),
    };
    Ok(Measured { run, verdict_seconds: bench.verdict_seconds })
}

/// Stops if what was measured is no longer what was built.
fn refuse_broken(targets: &[Target]) -> Result<(), Stop> {
    let found = targets.iter().flat_map(|target| [&target.base, &target.candidate]).flatten();
    let Some(broken) = found.filter_map(|found| found.arm.check().err()).next() else { return Ok(()) };
    let error = anyhow!(
        "{broken}, while the benches ran, so what was measured is not known\nhint: look for a bench that writes to files of the \
         build; the next run builds it again"
    );
    Err(Stop { code: ExitCode::BenchFailed, error })
}

/// The selected benchmarks of each target, in the order in which they are registered, candidate's first.
pub(super) struct Selected {
    pub target: usize,
    pub benches: Vec<Listed>,
}

struct Bench<'a> {
    request: &'a Request,
    prepared: &'a Prepared,
    selection: &'a Selection<'a>,
    selected: Vec<Selected>,
    limits: Limits<'a>,
    /// Whether fresh link orders decide what is red; chosen before the first pair.
    confirms_by_linking: bool,
    notes: Vec<String>,
    verdict_seconds: Vec<f64>,
    /// Benchmarks whose sides turned out to be unable to live at once.
    exclusive: BTreeSet<BenchKey>,
    /// What else differs between the sides than the code that is measured.
    differences: BTreeMap<BenchKey, BenchDifference>,
    /// Smallest tolerance that each benchmark supports here, where that is calibrated.
    supported: BTreeMap<BenchKey, f64>,
    /// What is stored of times where no base is built, or why nothing is.
    stored: Result<TimeBaseline, String>,
}

mod counts;
mod finish;
mod scope;
mod stored;

impl Bench<'_> {
    fn target(&self, selected: &Selected) -> &Target {
        &self.prepared.targets[selected.target]
    }

    fn harness(&self, selected: &Selected) -> Harness {
        let target = self.target(selected);
        let sides = [&target.candidate, &target.base].into_iter().flatten();
        sides.map(BuiltSide::harness).find(|harness| *harness != Harness::Unknown).unwrap_or(Harness::Unknown)
    }

    fn is_measured(&self, target: &Target) -> bool {
        self.request.measures_identical || !matches!(target.identity, Some(Identity::Identical(_)))
    }

    fn times(&mut self, deadline: Instant, progress: &mut Progress) -> Result<Vec<Series>, Stop> {
        if matches!(self.prepared.base, Base::Stored { .. }) {
            return self.stored_times(deadline, progress);
        }
        let timed = self.selected.iter().filter(|selected| self.harness(selected) != Harness::Heap);
        let mut series = Vec::new();
        let mut open = Vec::new();
        for selected in timed {
            let target = self.target(selected);
            let is_command = self.harness(selected) == Harness::Command;
            for bench in &selected.benches {
                let key = |metric| SeriesKey { bench: target.key(bench), metric };
                if let Some(evidence) = self.settled(target, bench) {
                    series.push(Series { key: key(Metric::Time), throughput: bench.throughput, evidence });
                    continue;
                }
                let policy = &self.prepared.loaded.policy;
                let (metrics, kind) = match is_command {
                    true => (&Metric::OF_COMMANDS[..], PairKind::Command),
                    false => (&[Metric::Time][..], policy.pair_kind(&target.key(bench))),
                };
                for key in metrics.iter().copied().map(key) {
                    let tolerance = policy.tolerance_given(&self.supported, &key);
                    open.push(TimeSeries::new(key, selected.target, bench.clone(), tolerance, kind));
                }
            }
        }
        if !open.is_empty() {
            let (policy, calibration) = (&self.prepared.loaded.policy, self.prepared.calibration.as_ref());
            self.notes.extend(supported::notes(policy, calibration, &self.supported));
            let refusal = confirm::refusal(self.prepared, &open);
            self.confirms_by_linking = refusal.is_none();
            self.notes.extend(refusal);
            progress.step(&format!("measuring {} series in pairs", open.len()));
            let mut engine = Engine {
                driver: SideDriver::new(&self.prepared.targets, self.limits),
                seed: self.request.seed,
                pair_cap: self.request.pair_cap(),
                deadline,
                order: 0,
                confirms_by_linking: self.confirms_by_linking,
                is_exhaustive: self.request.is_exhaustive,
            };
            let Ended { cut_short, flagged, mut suite } = engine.pairs(&mut open, &mut |event| progress.notice(event));
            self.verdict_seconds.extend(open.iter().filter_map(|one| one.verdict_seconds));
            // Of what cannot be red, nothing needs to be confirmed.
            if flagged.iter().any(|&(index, _)| may_be_red(&self.differences, &open[index].key.bench)) {
                let mut confirming = Confirming {
                    prepared: self.prepared,
                    limits: engine.driver.limits,
                    seed: self.request.seed,
                    order: engine.order,
                    deadline,
                    is_exhaustive: self.request.is_exhaustive,
                };
                let Judged { note, end } = confirming.run(&mut open, &flagged, progress);
                self.notes.push(note);
                engine.order = confirming.order;
                let unjudged = confirm::unjudged(&open, &flagged);
                if !unjudged.is_empty() {
                    progress.step(&format!("measuring {} series that could not be confirmed", unjudged.len()));
                    let events = &mut |event: Event<'_>| progress.notice(event);
                    engine.further(&mut open, &mut suite, &unjudged, end, events);
                }
            }
            let is_interrupted = INTERRUPTED.load(Ordering::Relaxed);
            self.notes.extend(remarks::fallbacks(&open));
            self.notes.extend(remarks::remarks(&self.prepared.targets, &open));
            self.notes.extend(remarks::exclusions(&open));
            self.exclusive
                .extend(open.iter().filter(|one| one.trial.exclusion().is_some()).map(|one| one.key.bench.clone()));
            series.extend(open.into_iter().map(|one| Series {
                key: one.key.clone(),
                throughput: one.bench.throughput,
                evidence: one.into_evidence(cut_short.as_deref(), is_interrupted),
            }));
        }
        Ok(series)
    }

    /// What is known of a time series without measuring it.
    fn settled(&self, target: &Target, bench: &Listed) -> Option<Evidence> {
        let failure = |side| target.side(side).and_then(|found| found.discovered.as_ref().err()).cloned();
        if let Some(failure) = failure(Side::Candidate).or_else(|| failure(Side::Base)) {
            return Some(Evidence::Failed(failure));
        }
        let has = |side| target.side(side).is_some_and(|found| found.has(bench));
        match (has(Side::Base), has(Side::Candidate)) {
            (true, true) => {}
            (false, _) => return Some(Evidence::OnlyOn { side: Side::Candidate, value: None }),
            (true, false) => return Some(Evidence::OnlyOn { side: Side::Base, value: None }),
        }
        let harness = |side| target.side(side).map(BuiltSide::harness);
        let is_port = |harness: Option<Harness>| harness.is_some_and(Harness::has_port);
        let (left, right) = (harness(Side::Base), harness(Side::Candidate));
        if left != right && !(is_port(left) && is_port(right)) {
            return Some(Evidence::Incomparable { reason: "the sides use different bench harnesses".into() });
        }
        match &target.identity {
            Some(Identity::Identical(detail)) if !self.is_measured(target) => {
                Some(Evidence::Identical { detail: detail.clone() })
            }
            _ => None,
        }
    }

    /// Evidence for the claims whose benchmarks are all selected.
    fn claims(&mut self, counted: &Counted, known: &mut Known, progress: &mut Progress) -> Vec<ClaimEvidence> {
        let in_scope = self.claims_in_scope();
        if in_scope.is_empty() {
            return Vec::new();
        }
        progress.step(&format!("checking {} claims", in_scope.len()));
        let mut measuring = claims::Measuring {
            known,
            targets: &self.prepared.targets,
            limits: self.limits,
            scratch: self.prepared.scratch.path(),
            policy: &self.prepared.loaded.policy,
            seed: self.request.seed,
            pair_cap: self.request.pair_cap(),
            cores: self.prepared.machine.cores,
            allowance: CLAIMS_ALLOWANCE.max(CLAIM_ALLOWANCE.saturating_mul(in_scope.len() as u32)),
        };
        claims::measure(&in_scope, counted, &mut measuring)
    }

    /// How the first timed target's sides are interleaved; each series says it for itself.
    fn schedule(&self) -> String {
        let interleaving = self.selected.iter().find_map(|selected| {
            let harness = Some(self.harness(selected)).filter(|harness| *harness != Harness::Heap)?;
            let target = self.target(selected);
            let arms = [&target.base.as_ref()?.arm, &target.candidate.as_ref()?.arm];
            Some(Schedule { harness, limits: self.limits }.interleaving(arms, Effort::look(harness)).0)
        });
        interleaving.map_or_else(|| "nothing was timed in pairs".into(), |how| how.to_string())
    }
}

/// Least time for all claims together; most take a third of a second each.
const CLAIMS_ALLOWANCE: Duration = Duration::from_secs(120);

/// Time for each where there are many: enough for all pairs of one that is never decided.
const CLAIM_ALLOWANCE: Duration = Duration::from_secs(4);

/// What the calibration of this class of machines knows of the benchmarks that are selected.
fn supported(prepared: &Prepared, selected: &[Selected]) -> BTreeMap<BenchKey, f64> {
    let keys = |one: &Selected| one.benches.iter().map(|bench| prepared.targets[one.target].key(bench)).collect();
    let keys: Vec<BenchKey> = selected.iter().flat_map::<Vec<BenchKey>, _>(keys).collect();
    supported::supported(prepared.calibration.as_ref(), &keys)
}

/// Chooses benchmarks of either side; checks that the configuration names nothing unknown.
pub(super) fn select(prepared: &Prepared, selection: &Selection<'_>) -> Result<Vec<Selected>, Stop> {
    let mut ids = Vec::new();
    let mut all = Vec::new();
    for (index, target) in prepared.targets.iter().enumerate() {
        let mut benches: Vec<Listed> = Vec::new();
        for found in [&target.candidate, &target.base].into_iter().flatten() {
            match &found.discovered {
                Ok(discovered) => {
                    let is_new = |bench: &&Listed| !benches.iter().any(|known| target.key(known) == target.key(bench));
                    let more: Vec<Listed> = discovered.benches.iter().filter(is_new).cloned().collect();
                    benches.extend(more);
                }
                Err(_) => benches.extend(unlisted(target, &benches)),
            }
        }
        ids.extend(benches.iter().map(|bench| target.key(bench).id()));
        benches.retain(|bench| selection.holds(&target.key(bench)) || is_unlisted(target, bench));
        if !benches.is_empty() {
            all.push(Selected { target: index, benches });
        }
    }
    if ids.is_empty() {
        return Err(not_built::nothing(prepared));
    }
    config::check_matches(&prepared.loaded, &ids, selection.tiers()).or_stop(ExitCode::Configuration)?;
    if all.is_empty() {
        let nearest = selection.nearest(&ids).map_or_else(String::new, |id| format!(", for instance `{id}`"));
        let error = anyhow!(
            "nothing to compare: no benchmark is selected\nhint: `list --tier all` shows all {} ids{nearest}",
            ids.len()
        );
        return Err(Stop { code: ExitCode::NothingCompared, error });
    }
    Ok(all)
}

/// Stands for the benchmarks of an executable that could not even list them, so that it is not lost.
fn unlisted(target: &Target, known: &[Listed]) -> Option<Listed> {
    known.is_empty().then(|| Listed {
        group: format!("({})", target.name),
        function: None,
        value: None,
        throughput: None,
    })
}

fn is_unlisted(target: &Target, bench: &Listed) -> bool {
    bench.group == format!("({})", target.name) && bench.function.is_none()
}

/// A seed for a run that was not given one.
pub(super) fn drawn_seed() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    // The standard library's per-process random keys are the entropy; the seed is recorded with the run.
    RandomState::new().hash_one(std::process::id()) >> 16
}
