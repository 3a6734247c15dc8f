//! The acceptances that a run is judged with: those of the base, and those that the candidate adds.

use std::collections::BTreeSet;
use std::path::Path;

use super::base::Chosen;
use super::prepare::Prepared;
use super::rules;
use super::stop::{OrStop, Stop};
use crate::config;
use benchgate_core::gate::ExitCode;
use benchgate_core::model::{Acceptance, Granted, Origin, Presence};
use benchgate_engine::collect::{Repository, Workspace};

/// Where a workspace keeps its acceptances, below its root.
pub(super) const ACCEPTANCES: &str = "baselines/acceptances.toml";

/// Reads both sides. What stands in both counts as the base's; what only the candidate has is added by this change; what only the
/// base has is withdrawn by it, and counts no more. Where no base revision is built, both sides are the same file.
pub(super) fn load(
    workspace: &Workspace,
    repository: Option<&Repository>,
    chosen: &Chosen,
    below: &Path,
    notes: &mut Vec<String>,
) -> Result<Vec<(Acceptance, Origin)>, Stop> {
    let text = text(&workspace.root.join(ACCEPTANCES))?;
    let here = config::parse_acceptances(ACCEPTANCES, &text).or_stop(ExitCode::Configuration)?;
    let at_base = match (chosen, repository) {
        // What a plant or a copy does to the figures, nobody has accepted.
        (Chosen::Itself { .. }, _) => return Ok(Vec::new()),
        (Chosen::Git { commit, .. }, Some(repository)) => at_base(repository, commit, below, notes),
        (Chosen::Git { .. } | Chosen::Stored { .. }, _) => here.clone(),
    };
    for gone in at_base.iter().filter(|one| !here.iter().any(|other| other.is_about_the_same(one))) {
        notes.push(format!("this change withdraws the acceptance of {}", gone.subject()));
    }
    let origin = |one: &Acceptance| if at_base.contains(one) { Origin::Base } else { Origin::Change };
    Ok(here.into_iter().map(|one| (one.clone(), origin(&one))).collect())
}

/// The file as it is here; empty where there is none.
pub(super) fn text(file: &Path) -> Result<String, Stop> {
    Ok(rules::text(file, ACCEPTANCES).or_stop(ExitCode::Configuration)?.unwrap_or_default())
}

/// The base's. A file that is broken there cannot be mended there, so all that stands here counts as added then.
fn at_base(repository: &Repository, commit: &str, below: &Path, notes: &mut Vec<String>) -> Vec<Acceptance> {
    let path = below.join(ACCEPTANCES).display().to_string();
    let Some(bytes) = repository.file_at(commit, &path) else { return Vec::new() };
    match config::parse_acceptances(&path, &String::from_utf8_lossy(&bytes)) {
        Ok(acceptances) => acceptances,
        Err(_) => {
            notes.push(format!(
                "{ACCEPTANCES} is broken at the base revision; all of this change's count as added by it"
            ));
            Vec::new()
        }
    }
}

/// With what was built, whether each is about something that exists.
pub(super) fn granted(prepared: &Prepared, tiers: &[String]) -> Vec<Granted> {
    let (mut ids, mut is_listed) = (BTreeSet::new(), true);
    for target in &prepared.targets {
        for found in [&target.base, &target.candidate].into_iter().flatten() {
            match &found.discovered {
                Ok(discovered) => ids.extend(discovered.benches.iter().flat_map(|bench| {
                    let id = target.key(bench).id();
                    [format!("{}/{}: {id}", target.package, target.name), id]
                })),
                Err(_) => is_listed = false,
            }
        }
    }
    let is_built = |name: &str| prepared.targets.iter().any(|target| target.name == name);
    is_listed &= prepared.workspace.benches.iter().all(|bench| is_built(&bench.name));
    let ids: Vec<String> = ids.into_iter().collect();
    let policy = &prepared.loaded.policy;
    let presence = |acceptance: &Acceptance| match config::presence(policy, acceptance, &ids, tiers) {
        Presence::Absent if !is_listed => Presence::Untold,
        presence => presence,
    };
    let granted = |(acceptance, origin): &(Acceptance, Origin)| Granted {
        presence: presence(acceptance),
        acceptance: acceptance.clone(),
        origin: *origin,
    };
    prepared.acceptances.iter().map(granted).collect()
}
