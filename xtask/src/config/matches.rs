//! Every glob and id of a policy must match a benchmark that exists: one that matches nothing guards nothing.

use super::error::{ConfigError, Document, visible};
use super::suggest;
use super::{Loaded, MentionKind};

/// Holds every glob and every claimed id of a policy against the ids of both sides.
///
/// A glob or an id that ends in `@tN` and matches nothing is let pass if the same benchmark exists here with fewer
/// threads only: then this machine has too few cores, which is no mistake of the file. So is the id of a claim that is
/// checked with one tier only, where that is not among `tiers`: its benches may not even be built. Without any id there is
/// nothing to hold against, and the run fails for that reason instead.
///
/// # Errors
/// [`ConfigError`] for the first that matches nothing, with the nearest id.
pub fn check_matches(loaded: &Loaded, ids: &[String], tiers: &[String]) -> Result<(), ConfigError> {
    let Some(text) = loaded.text.as_deref().filter(|_| !ids.is_empty()) else { return Ok(()) };
    let document = Document { name: &loaded.name, text };
    for mention in &loaded.mentions {
        let (found, is_matched, what) = match &mention.kind {
            MentionKind::Glob(globs) => (globs.patterns()[0].as_str(), ids.iter().any(|id| globs.is_match(id)), "glob"),
            MentionKind::Id(id) => (id.as_str(), ids.contains(id), "id"),
        };
        let is_left_out =
            mention.tier.as_ref().is_some_and(|tier| !tiers.iter().any(|one| one == tier || one == "all"));
        if is_matched || is_left_out || needs_more_cores(&mention.kind, found, ids) {
            continue;
        }
        let problem = format!("{what} `{}` matches none of the {} benchmarks", visible(found), ids.len());
        return Err(document.wrong(mention.span.clone(), problem, hint(found, ids)));
    }
    Ok(())
}

fn hint(found: &str, ids: &[String]) -> String {
    match suggest::nearest(found, ids.iter().map(String::as_str)) {
        Some(id) => format!("the nearest id is `{}`; all of them: `cargo xtask list --tier all`", visible(id)),
        None => "all ids: `cargo xtask list --tier all`".to_owned(),
    }
}

/// Whether the benchmark exists here, but only with fewer threads than the mention asks for.
fn needs_more_cores(kind: &MentionKind, found: &str, ids: &[String]) -> bool {
    let Some((stem, threads)) = split_threads(found) else { return false };
    let glob = match kind {
        MentionKind::Glob(_) => crate::gate::IdGlobs::new([stem]).ok(),
        MentionKind::Id(_) => None,
    };
    let here = ids.iter().filter_map(|id| split_threads(id));
    let here = here.filter(|(other, _)| glob.as_ref().map_or(stem == *other, |glob| glob.is_match(other)));
    here.map(|(_, n)| n).max().is_some_and(|most| most < threads)
}

fn split_threads(id: &str) -> Option<(&str, u32)> {
    let (stem, threads) = id.rsplit_once("@t")?;
    Some((stem, threads.parse().ok()?))
}
