//! `accept`: writes a reviewed permission into `baselines/acceptances.toml`, or takes one back. Nothing else writes that file.

use std::path::Path;

use anyhow::anyhow;

use super::acceptances::{self, ACCEPTANCES};
use super::args::AcceptArgs;
use super::bench::Began;
use super::kept::{self, Kept};
use super::output::{print_text, write_file};
use super::prepare::{Scope, Wanted, limits, load_workspace, prepare};
use super::progress::Progress;
use super::rules;
use super::stop::{OrStop, Stop};
use crate::config;
use benchgate_core::gate::{ExitCode, Policy, judge};
use benchgate_core::model::{
    Acceptance, BenchKey, Ceiling, Granted, Matter, Metric, Origin, Permits, Presence, SeriesKey, day,
};
use benchgate_engine::collect::INTERRUPTED;
use benchgate_engine::collect::Workspace;

/// Writes or withdraws.
pub(super) fn run(args: &AcceptArgs) -> Result<ExitCode, Stop> {
    let workspace = load_workspace(&args.workspace.manifest_path)?;
    let file = workspace.root.join(ACCEPTANCES);
    let text = acceptances::text(&file)?;
    let all = config::parse_acceptances(ACCEPTANCES, &text).or_stop(ExitCode::Configuration)?;
    if args.withdraw {
        return withdraw(args, &file, &text, &all);
    }
    let (policy, known) = (policy(&workspace)?, Known::of(args, &workspace)?);
    let acceptance = acceptance(args, &policy, &known)?;
    let text = config::with_acceptance(ACCEPTANCES, &text, &acceptance).or_stop(ExitCode::Configuration)?;
    write_file(&file, text.as_bytes())?;
    let verb = if all.iter().any(|other| other.is_about_the_same(&acceptance)) { "replaced" } else { "added" };
    let subject = acceptance.subject();
    print_text(&format!(
        "{verb} the acceptance of {subject} in {ACCEPTANCES}; commit it with the change that needs it\n"
    ));
    if let Some(kept) = known.kept {
        print_text(&in_the_last_run(kept, &policy, acceptance));
    }
    Ok(ExitCode::Pass)
}

fn withdraw(args: &AcceptArgs, file: &Path, text: &str, all: &[Acceptance]) -> Result<ExitCode, Stop> {
    let matter = match args.metric {
        Some(metric) => Matter::Metric(metric),
        None if args.work_changed => Matter::Work,
        None => Matter::Removal,
    };
    let without = config::without_acceptance(ACCEPTANCES, text, &args.id, matter);
    let Some(without) = without.or_stop(ExitCode::Configuration)? else {
        let what = match matter {
            Matter::Metric(metric) => metric.name(),
            Matter::Removal => "removal",
            Matter::Work => "changed work",
        };
        let subjects: Vec<String> = all.iter().map(Acceptance::subject).collect();
        let hint = match &subjects[..] {
            [] => format!("{ACCEPTANCES} holds none"),
            _ => format!("it holds the acceptances of {}", subjects.join(", ")),
        };
        let error = anyhow!("no acceptance of {what} of `{}`\nhint: {hint}", args.id);
        return Err(Stop { code: ExitCode::Configuration, error });
    };
    write_file(file, without.as_bytes())?;
    print_text(&format!("withdrew it from {ACCEPTANCES}; commit that\n"));
    Ok(ExitCode::Pass)
}

/// The policy as it is here: a ceiling is held against its tolerance.
fn policy(workspace: &Workspace) -> Result<Policy, Stop> {
    Ok(rules::own(workspace)?.policy)
}

/// The benchmark that is meant, and the last run if that knows it.
struct Known {
    bench: BenchKey,
    kept: Option<Kept>,
}

impl Known {
    /// Looks in the last run, where what is red was seen; else builds both sides and asks them.
    fn of(args: &AcceptArgs, workspace: &Workspace) -> Result<Self, Stop> {
        if let Ok(kept) = kept::load(workspace, None) {
            let mut series = kept.run.series.iter().map(|series| &series.key);
            if let Some(key) = series.find(|key| is_called(&key.bench, &args.id)) {
                return Ok(Self { bench: key.bench.clone(), kept: Some(kept) });
            }
        }
        let (limits, mut progress) = (limits(&INTERRUPTED), Progress::new());
        let scope = Scope::of(&args.workspace.manifest_path);
        let prepared = prepare(scope, Wanted::Default, &limits, &mut progress)?;
        progress.finish();
        let mut keys = Vec::new();
        for target in &prepared.targets {
            let sides = [&target.candidate, &target.base].into_iter().flatten();
            let listed = sides.filter_map(|found| found.discovered.as_ref().ok());
            keys.extend(listed.flat_map(|discovered| discovered.benches.iter().map(|bench| target.key(bench))));
        }
        if let Some(bench) = keys.iter().find(|bench| is_called(bench, &args.id)) {
            return Ok(Self { bench: bench.clone(), kept: None });
        }
        let ids: Vec<String> = keys.iter().map(BenchKey::id).collect();
        let all = "all of them: `cargo benchgate list --tier all`";
        let hint = match config::nearest(&args.id, ids.iter().map(String::as_str)) {
            Some(id) => format!("the nearest id is `{id}`; {all}"),
            None => all.to_owned(),
        };
        let error = anyhow!("no benchmark has the id `{}`\nhint: {hint}", args.id);
        Err(Stop { code: ExitCode::Configuration, error })
    }

    /// What the benchmark may cost more before anybody cares.
    fn tolerance(&self, policy: &Policy, metric: Metric) -> f64 {
        let key = SeriesKey { bench: self.bench.clone(), metric };
        match &self.kept {
            Some(kept) => policy.tolerance_given(&kept.run.plan.supported, &key),
            None => policy.tolerance(&key),
        }
    }
}

/// Whether a benchmark has this id, or this name where two targets share an id.
fn is_called(bench: &BenchKey, name: &str) -> bool {
    let id = bench.id();
    id == name || format!("{}/{}: {id}", bench.package, bench.target) == name
}

fn acceptance(args: &AcceptArgs, policy: &Policy, known: &Known) -> Result<Acceptance, Stop> {
    let usage = |error| Stop { code: ExitCode::Usage, error };
    let (Some(expires), Some(reason)) = (args.expires, args.reason.clone()) else {
        return Err(usage(anyhow!("expected `--reason` and `--expires`\nhint: `cargo benchgate accept --help`")));
    };
    let today = Began::now().stamp.get(..10).and_then(day);
    if let Some(today) = today.filter(|today| expires < *today) {
        return Err(usage(anyhow!(
            "`{expires}` is past: today is {today} in UTC\nhint: give a day to come, `--expires DATE`"
        )));
    }
    let permits = match (args.metric, args.ceiling) {
        (Some(metric), Some(ceiling)) => {
            config::check_ceiling(metric, ceiling)
                .map_err(|problem| usage(anyhow!("{problem}\nhint: write for instance `--ceiling 8%`")))?;
            let tolerance = known.tolerance(policy, metric);
            if matches!(ceiling, Ceiling::Share(share) if share <= tolerance) {
                let tolerance = Ceiling::Share(tolerance);
                let error = anyhow!(
                    "ceiling `{ceiling}` is not above the tolerance of {metric} of `{}`, {tolerance}: nothing would ever need it\n\
                     hint: give more than {tolerance}, or nothing if it is not red",
                    args.id
                );
                return Err(Stop { code: ExitCode::Configuration, error });
            }
            Permits::Worse { metric, ceiling }
        }
        _ if args.work_changed => Permits::OtherWork,
        _ => Permits::Removal,
    };
    let holds = |(name, tier): (&String, &benchgate_core::gate::Tier)| {
        tier.packages.contains(&known.bench.package).then(|| name.clone())
    };
    let tier = policy.tiers.iter().find_map(holds);
    Ok(Acceptance { id: args.id.clone(), permits, reason, expires, tier })
}

/// What it would have been in the last run.
fn in_the_last_run(Kept { mut run, .. }: Kept, policy: &Policy, acceptance: Acceptance) -> String {
    run.acceptances.retain(|other| !other.acceptance.is_about_the_same(&acceptance));
    let subject = acceptance.subject();
    run.acceptances.push(Granted { acceptance, origin: Origin::Change, presence: Presence::Here });
    let rows = judge(policy, &run).acceptances;
    let row = rows.into_iter().find(|row| row.subject == subject);
    row.map_or_else(String::new, |row| format!("in the last run it is {}: {}\n", row.state.name(), row.detail))
}
