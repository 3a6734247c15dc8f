//! Which revision a change is compared with, where nobody names one.
//!
//! ```text
//! in CI     a change whose target is told ───────────────> merge base with the target
//!           the default branch itself ───────────────────> nothing: the stored baseline
//!           another branch, or a change into one untold ─> merge base with the default branch, if that can be told
//! else      a branch with commits of its own ────────────> merge base with the default branch, uncommitted changes or not
//!           uncommitted changes alone ───────────────────> HEAD
//!           neither ─────────────────────────────────────> nothing
//! ```
//!
//! In CI `HEAD` is no base: what an earlier step left in the tree is not the change. The default branch is what the remote calls so,
//! so that commits of a local `main` that are not pushed are commits of its own.

use anyhow::Context;

use super::ci::{Ci, Job};
use super::command::line;
use super::git::{Fetched, GitError, Repository};

/// What applies where no base is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BaseChoice {
    /// This revision.
    Revision {
        /// Commit hash.
        commit: String,
        /// What it is, as in "against the merge base with `main`".
        reason: String,
    },
    /// There is none that differs.
    Nothing {
        /// Why, for a reader.
        reason: String,
        /// Whether that is as it should be.
        idle: Idle,
    },
}

/// Whether there is nothing to compare for a good reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idle {
    /// A clean default branch on somebody's machine: nobody changed anything.
    Expected,
    /// In CI, or somewhere behind the default branch: whoever asks there wants to be told something.
    Unexpected,
}

/// A branch that others are held against.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Branch {
    /// As git resolves it, such as `origin/main`.
    name: String,
    /// Without the remote.
    bare: String,
    /// Its commit.
    tip: String,
}

/// The base that applies when none is named; `ci` is the job that this runs in, if any.
///
/// # Errors
/// The branch to compare with is not told or not here, its history does not meet this one's, or git does not answer.
pub fn default_base(repository: &Repository, ci: Option<&Ci>) -> anyhow::Result<BaseChoice> {
    let Some(head) = repository.head()? else {
        return Ok(nothing("nothing is committed yet", Idle::Unexpected));
    };
    let repository = Asked { repository, head };
    match ci {
        Some(ci) => repository.base_in_ci(ci),
        None => repository.base_here(),
    }
}

fn nothing(reason: impl Into<String>, idle: Idle) -> BaseChoice {
    BaseChoice::Nothing { reason: reason.into(), idle }
}

/// A repository that has a commit.
struct Asked<'a> {
    repository: &'a Repository,
    head: String,
}

impl Asked<'_> {
    fn base_in_ci(&self, ci: &Ci) -> anyhow::Result<BaseChoice> {
        let target = match &ci.job {
            Job::Change { target: Some(target) } => self.named(target)?,
            Job::Branch { is_default: true, name } => return Ok(of_default_branch(name.as_deref())),
            Job::Branch { name: Some(name), .. } if ci.default_branch.as_ref() == Some(name) => {
                return Ok(of_default_branch(Some(name)));
            }
            Job::Change { target: None } | Job::Branch { .. } => {
                let default = match &ci.default_branch {
                    Some(name) => Some(self.named(name)?),
                    None => self.default_branch(),
                };
                let built = match &ci.job {
                    Job::Branch { name, .. } => name.as_deref(),
                    Job::Change { .. } => None,
                };
                match (default, built) {
                    (Some(default), Some(name)) if default.bare == name => return Ok(of_default_branch(Some(name))),
                    (None, Some(name)) if USUAL_NAMES.contains(&name) => return Ok(of_default_branch(Some(name))),
                    (Some(default), _) => default,
                    (None, _) => return Err(self.untold(ci).into()),
                }
            }
        };
        let commit = self.merge_base(&target)?;
        Ok(if commit == self.head {
            nothing(format!("`{}` holds all of this already", target.name), Idle::Unexpected)
        } else {
            of_merge_base(commit, &target)
        })
    }

    fn base_here(&self) -> anyhow::Result<BaseChoice> {
        let default = self.default_branch().ok_or_else(|| GitError::UntoldDefault { hint: self.tell_default() })?;
        let commit = self.merge_base(&default)?;
        if commit != self.head {
            return Ok(of_merge_base(commit, &default));
        }
        if self.repository.has_changes()? {
            return Ok(BaseChoice::Revision { commit, reason: "`HEAD`".into() });
        }
        let is_default = default.tip == self.head || self.branch().as_deref() == Some(&*default.bare);
        let (what, idle) = match is_default {
            true => (format!("nothing is changed on `{}`", default.name), Idle::Expected),
            false => (format!("`{}` holds all of this already", default.name), Idle::Unexpected),
        };
        Ok(nothing(what, idle))
    }

    /// The branch that `HEAD` is on.
    fn branch(&self) -> Option<String> {
        line(self.repository.git().args(["symbolic-ref", "--quiet", "--short", "HEAD"])).ok()
    }

    /// A branch by its bare name, the remote's if it has one.
    fn named(&self, bare: &str) -> Result<Branch, GitError> {
        let remote = self.repository.remote().map(|remote| format!("refs/remotes/{remote}/{bare}"));
        let references = remote.into_iter().chain([format!("refs/heads/{bare}"), bare.to_owned()]);
        self.first(references.map(|reference| (reference, bare.to_owned()))).ok_or_else(|| {
            let is_shallow = self.repository.is_shallow();
            GitError::Unknown {
                revision: bare.into(),
                is_shallow,
                hint: self.repository.fetch_hint(bare, Fetched::AsBranch),
            }
        })
    }

    /// The default branch: what the remote calls so, else one of the name that new repositories get here, or of a usual one, the remote's
    /// before the local one. Without a remote the only branch will do.
    fn default_branch(&self) -> Option<Branch> {
        let git = |arguments: &[&str]| line(self.repository.git().args(arguments)).ok().filter(|text| !text.is_empty());
        let initial = git(&["config", "--get", "init.defaultBranch"]);
        let usual: Vec<String> = initial.into_iter().chain(USUAL_NAMES.map(String::from)).collect();
        let mut references = Vec::new();
        if let Some(remote) = self.repository.remote() {
            let place = format!("refs/remotes/{remote}/");
            let head = git(&["symbolic-ref", "--quiet", &format!("{place}HEAD")]);
            let head = head.and_then(|head| Some(head.strip_prefix(&place)?.to_owned()));
            let bare = head.into_iter().chain(usual.iter().cloned());
            references.extend(bare.map(|bare| (format!("{place}{bare}"), bare)));
        }
        references.extend(usual.into_iter().map(|bare| (format!("refs/heads/{bare}"), bare)));
        if self.repository.remote().is_none() {
            let all = git(&["for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads"]).unwrap_or_default();
            let only = Some(all).filter(|all| all.lines().count() == 1);
            references.extend(only.map(|bare| (format!("refs/heads/{bare}"), bare)));
        }
        self.first(references)
    }

    /// The first of these references that is here; each comes with its bare name.
    fn first(&self, references: impl IntoIterator<Item = (String, String)>) -> Option<Branch> {
        references.into_iter().find_map(|(reference, bare)| {
            let tip = self.repository.resolve(&reference).ok()?;
            let places = ["refs/heads/", "refs/remotes/"];
            let name = places.iter().find_map(|place| reference.strip_prefix(place)).unwrap_or(&reference);
            Some(Branch { name: name.to_owned(), bare, tip })
        })
    }

    fn merge_base(&self, with: &Branch) -> Result<String, GitError> {
        line(self.repository.git().args(["merge-base", "HEAD", &with.tip])).map_err(|_| {
            let is_shallow = self.repository.is_shallow();
            let hint = self.repository.fetch_hint(&with.name, Fetched::AsBranch);
            GitError::NoMergeBase { target: with.name.clone(), is_shallow, hint }
        })
    }

    fn untold(&self, ci: &Ci) -> GitError {
        let system = ci.system.unwrap_or("CI").to_owned();
        let is_shallow = self.repository.is_shallow();
        GitError::UntoldTarget { system, flag: ci.base_flag.to_owned(), is_shallow }
    }

    /// How to tell git for good.
    fn tell_default(&self) -> String {
        match self.repository.remote() {
            Some(remote) => format!("`git remote set-head {remote} --auto`"),
            None => "`git config init.defaultBranch NAME`".into(),
        }
    }
}

/// What default branches are called, the more usual one first.
const USUAL_NAMES: [&str; 2] = ["main", "master"];

fn of_merge_base(commit: String, with: &Branch) -> BaseChoice {
    BaseChoice::Revision { commit, reason: format!("the merge base with `{}`", with.name) }
}

fn of_default_branch(name: Option<&str>) -> BaseChoice {
    let what = name.map_or_else(|| "the default branch".to_owned(), |name| format!("`{name}`, the default branch"));
    nothing(format!("this is a build of {what}"), Idle::Unexpected)
}

impl Repository {
    /// How many commits `HEAD` has that another does not.
    ///
    /// # Errors
    /// Git does not say.
    pub fn commits_since(&self, commit: &str) -> anyhow::Result<u32> {
        let count = line(self.git().args(["rev-list", "--count", &format!("{commit}..HEAD")]))?;
        count.parse().with_context(|| format!("`git rev-list --count` printed `{count}`"))
    }
}

#[cfg(test)]
mod tests;
