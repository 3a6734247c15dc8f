//! Files beside the commit that both sides get: a lock file that git ignores, and what `[tree] include` names.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::Context;

use super::rules;
use super::stop::{OrStop, Stop};
use crate::config;
use benchgate_core::gate::ExitCode;
use benchgate_engine::collect::{self, Beside, Cache, Repository, Workspace};

/// Finds them. The configuration is the one that lies here: it is this work tree's files that are taken.
pub(super) fn beside(
    workspace: &Workspace,
    repository: Option<&Repository>,
    below: &Path,
    cache: &Cache,
) -> Result<Beside, Stop> {
    let lock = workspace.root.join("Cargo.lock");
    let lock = match std::fs::read(&lock) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == ErrorKind::NotFound => collect::known_lock(cache),
        Err(error) => {
            return Err(error).with_context(|| format!("cannot read `{}`", lock.display())).or_stop(ExitCode::Build);
        }
    };
    let lock = lock.map(|bytes| (below.join("Cargo.lock"), bytes));
    let Some(repository) = repository else { return Ok(Beside { lock, included: BTreeSet::new() }) };
    let loaded = rules::own(workspace)?;
    let mut included = BTreeSet::new();
    for glob in loaded.include() {
        let files = repository.ignored_files(&below.join(glob)).or_stop(ExitCode::Configuration)?;
        if files.is_empty() {
            return Err(config::unmatched(&loaded, glob)).or_stop(ExitCode::Configuration);
        }
        included.extend(files);
    }
    Ok(Beside { lock, included })
}
