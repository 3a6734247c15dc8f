//! What a side needs and cannot be had here is named before anything is built.

use anyhow::anyhow;

use super::stop::Stop;
use benchgate_core::gate::ExitCode;
use benchgate_engine::collect::{Missing, Tree};

/// Stops if the base lacks something that the candidate has: the two would not be compared on equal terms.
pub(super) fn refuse(base: &Tree, candidate: &Tree) -> Result<(), Stop> {
    let is_missing_there = |missing: &&Missing| !candidate.missing.iter().any(|other| other.path == missing.path);
    let missing: Vec<&Missing> = base.missing.iter().filter(is_missing_there).collect();
    let Some(first) = missing.first() else { return Ok(()) };
    let what: Vec<String> = missing.iter().map(ToString::to_string).collect();
    let error = anyhow!("the base cannot be checked out whole: {}\nhint: {}", what.join("; "), first.hint());
    Err(Stop { code: ExitCode::BaseUnavailable, error })
}
