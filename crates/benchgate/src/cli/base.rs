//! The base that a run is compared with, from what was asked for and what applies here.

use super::prepare::{Itself, Wanted};
use super::rules::BASELINES;
use super::stop::{OrStop, Stop};
use benchgate_core::gate::ExitCode;
use benchgate_core::model::{Revision, Side};
use benchgate_engine::collect::{BaseChoice, Cache, Ci, GitError, Idle, Repository, Source, Tree, default_base};
use benchgate_engine::store::HeapBaselines;

/// The base that applies.
pub(super) enum Chosen {
    Git {
        commit: String,
        /// What it is, as in "against the merge base with `main`".
        reason: String,
    },
    Stored {
        reason: String,
        idle: Idle,
    },
    Itself {
        reason: String,
        is_built_again: bool,
    },
}

impl Chosen {
    fn stored(reason: &str) -> Self {
        Self::Stored { reason: reason.into(), idle: Idle::Unexpected }
    }

    /// How many commits the candidate has that the base lacks, where it is a revision.
    ///
    /// # Errors
    /// Git does not say.
    pub fn commits(&self, repository: Option<&Repository>) -> Result<Option<u32>, Stop> {
        match (self, repository) {
            (Self::Git { commit, .. }, Some(repository)) => {
                repository.commits_since(commit).map(Some).or_stop(ExitCode::BaseUnavailable)
            }
            (Self::Git { .. } | Self::Stored { .. } | Self::Itself { .. }, _) => Ok(None),
        }
    }
}

/// The repository of a workspace. Where git refuses it, only what needs no revision goes on, and says so.
pub(super) fn repository(
    root: &std::path::Path,
    wanted: &Wanted<'_>,
    notes: &mut Vec<String>,
) -> Result<Option<Repository>, Stop> {
    let refused = match Repository::at(root) {
        Ok(repository) => return Ok(repository),
        Err(refused) => refused,
    };
    match wanted {
        Wanted::Stored | Wanted::Itself(_) => {
            let words = refused.to_string();
            let first = words.lines().next().unwrap_or_default();
            notes.push(format!("{first}; the files are taken as they lie there, whether or not git would ignore them"));
            Ok(None)
        }
        Wanted::Default | Wanted::Revision(_) => Err(refused).or_stop(ExitCode::BaseUnavailable),
    }
}

/// Chooses it.
pub(super) fn choose(
    wanted: Wanted<'_>,
    source: Source<'_>,
    cache: &Cache,
    stored: &HeapBaselines,
    candidate: &Revision,
) -> Result<Chosen, Stop> {
    match (wanted, source.repository) {
        (Wanted::Stored, _) => Ok(Chosen::stored("asked for with --stored")),
        (Wanted::Itself(Itself { is_built_again, reason, .. }), _) => {
            Ok(Chosen::Itself { reason: reason.to_owned(), is_built_again })
        }
        (Wanted::Revision(revision), Some(repository)) => {
            let commit = repository.resolve(revision).or_stop(ExitCode::BaseUnavailable)?;
            Ok(Chosen::Git { commit, reason: format!("`{revision}`, asked for with --base") })
        }
        (Wanted::Revision(revision), None) => {
            let directory = std::env::current_dir().unwrap_or_default().display().to_string();
            Err(GitError::NoRepository { directory, revision: revision.into() }).or_stop(ExitCode::BaseUnavailable)
        }
        (Wanted::Default, None) => Ok(Chosen::stored("this is no git repository")),
        (Wanted::Default, Some(repository)) => {
            let ci = Ci::here();
            match default_base(repository, ci.as_ref()).or_stop(ExitCode::BaseUnavailable)? {
                BaseChoice::Revision { commit, reason } => Ok(Chosen::Git { commit, reason }),
                BaseChoice::Nothing { reason, idle } => {
                    let recorded = recorded_commit(source, repository, cache, stored, candidate);
                    Ok(match recorded.or_stop(ExitCode::BaseUnavailable)? {
                        Some(commit) => {
                            let reason = "the source that the stored baseline was recorded from".into();
                            Chosen::Git { commit, reason }
                        }
                        None => Chosen::Stored { reason, idle },
                    })
                }
            }
        }
    }
}

/// The commit whose source the stored baseline was recorded from, where that differs from the candidate's. `HEAD` is none, whatever
/// lies about in the work tree: it has nothing that the stored baseline has not.
fn recorded_commit(
    source: Source<'_>,
    repository: &Repository,
    cache: &Cache,
    stored: &HeapBaselines,
    candidate: &Revision,
) -> anyhow::Result<Option<String>> {
    let Some(recorded) = stored.iter().map(|baseline| baseline.tree.as_str()).find(|tree| *tree != candidate.tree)
    else {
        return Ok(None);
    };
    for commit in repository.commits_around(BASELINES) {
        let tree = Tree::of_commit(source, &commit, cache, Side::Base)?;
        if tree.manifest.source_hash() == recorded {
            return Ok((commit != candidate.commit).then_some(commit));
        }
    }
    Ok(None)
}
