//! Every glob, id and package of a policy must match something that exists: one that matches nothing guards nothing.

use std::collections::BTreeSet;

use super::error::{ConfigError, of_cell, visible};
use super::suggest;
use super::{Loaded, Mention, MentionKind};
use benchgate_core::gate::Policy;
use benchgate_core::model::{Acceptance, Presence};

/// Holds every glob and every claimed id of a policy against the ids of both sides, as they are with `tiers`.
///
/// What belongs to a tier is let pass where that tier is not among `tiers`, and all else where `tiers` have their packages
/// to themselves: its benches are not even built. So is a glob or an id that ends in `@tN` and matches nothing if the same
/// benchmark exists here with fewer threads only: then this machine has too few cores, which is no mistake of the file.
/// Without any id there is nothing to hold against, and the run fails for that reason instead.
///
/// # Errors
/// [`ConfigError`] for the first that matches nothing, with the nearest id.
pub fn check_matches(loaded: &Loaded, ids: &[String], tiers: &[String]) -> Result<(), ConfigError> {
    if ids.is_empty() {
        return Ok(());
    }
    for mention in loaded.mentions.iter().filter(|mention| is_built(loaded, mention, tiers)) {
        let (found, is_matched, what) = match &mention.kind {
            MentionKind::Glob(globs) => (globs.patterns()[0].as_str(), ids.iter().any(|id| globs.is_match(id)), "glob"),
            MentionKind::Id(id) => (id.as_str(), ids.contains(id), "id"),
            MentionKind::Package(_) => continue,
        };
        if is_matched || needs_more_cores(&mention.kind, found, ids) {
            continue;
        }
        let problem = format!("{what} `{}` matches none of the {} benchmarks", visible(found), ids.len());
        return Err(complaint(loaded, mention, problem, hint(found, ids)));
    }
    Ok(())
}

/// Holds the packages that a policy names against those of the workspace, whatever is asked for: a tier that names none that is there keeps
/// none out of what is measured in any case.
///
/// # Errors
/// [`ConfigError`] for the first that the workspace lacks, with the nearest name.
pub fn check_packages(loaded: &Loaded, packages: &BTreeSet<String>) -> Result<(), ConfigError> {
    for mention in &loaded.mentions {
        let MentionKind::Package(name) = &mention.kind else { continue };
        if !packages.contains(name) {
            let problem = format!("the workspace has no package `{}`", visible(name));
            let hint = suggest::hint(name, packages.iter().map(String::as_str));
            return Err(complaint(loaded, mention, problem, hint));
        }
    }
    Ok(())
}

fn complaint(loaded: &Loaded, mention: &Mention, problem: String, hint: String) -> ConfigError {
    let document = loaded.document(mention.file).expect("a mention is one of a file");
    document.wrong(mention.span.clone(), of_cell(problem, mention.cell.as_deref()), hint)
}

/// Whether there is a benchmark of the id of an acceptance, of all that were built for `tiers`.
pub fn presence(policy: &Policy, acceptance: &Acceptance, ids: &[String], tiers: &[String]) -> Presence {
    let id = &acceptance.id;
    if ids.contains(id) {
        Presence::Here
    } else if !is_built_with(policy, acceptance.tier.as_ref(), tiers)
        || needs_more_cores(&MentionKind::Id(id.clone()), id, ids)
    {
        Presence::Untold
    } else {
        Presence::Absent
    }
}

/// Whether what is mentioned is built for `tiers`.
fn is_built(loaded: &Loaded, mention: &Mention, tiers: &[String]) -> bool {
    is_built_with(&loaded.policy, mention.tier.as_ref(), tiers)
}

/// The same for a benchmark of some tier, or of none.
fn is_built_with(policy: &Policy, tier: Option<&String>, tiers: &[String]) -> bool {
    let is_reserved = |tier: &String| policy.tiers.get(tier).is_some_and(|tier| !tier.packages.is_empty());
    match tier {
        Some(tier) => tiers.contains(tier) || (!is_reserved(tier) && tiers.iter().any(|one| one == "all")),
        None => policy.members(tiers).has_common,
    }
}

fn hint(found: &str, ids: &[String]) -> String {
    match suggest::nearest(found, ids.iter().map(String::as_str)) {
        Some(id) => format!("the nearest id is `{}`; all of them: `cargo benchgate list --tier all`", visible(id)),
        None => "all ids: `cargo benchgate list --tier all`".to_owned(),
    }
}

/// Whether the benchmark exists here, but only with fewer threads than the mention asks for.
fn needs_more_cores(kind: &MentionKind, found: &str, ids: &[String]) -> bool {
    let Some((stem, threads)) = split_threads(found) else { return false };
    let glob = match kind {
        MentionKind::Glob(_) => benchgate_core::gate::IdGlobs::new([stem]).ok(),
        MentionKind::Id(_) | MentionKind::Package(_) => None,
    };
    let here = ids.iter().filter_map(|id| split_threads(id));
    let here = here.filter(|(other, _)| glob.as_ref().map_or(stem == *other, |glob| glob.is_match(other)));
    here.map(|(_, n)| n).max().is_some_and(|most| most < threads)
}

fn split_threads(id: &str) -> Option<(&str, u32)> {
    let (stem, threads) = id.rsplit_once("@t")?;
    Some((stem, threads.parse().ok()?))
}
