//! Whether this process runs in CI, and what the job there is about: a change that is to go into a branch, or a branch.
//!
//! Each CI system is a row of [`SYSTEMS`]: which of its variables mean what, and the page that says so. The environment comes in
//! as a value, so that every row is tested without a CI.

use std::collections::BTreeMap;

/// Environment variables by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// Those of this process that are text.
    pub fn of_process() -> Self {
        let all = std::env::vars_os();
        all.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))).collect()
    }

    /// The value of a variable that says something: systems write nothing, `false` or `0` where they mean that there is none.
    fn said(&self, name: &str) -> Option<&str> {
        let value = self.0.get(name)?.trim();
        let is_empty = value.is_empty() || value == "0" || value.eq_ignore_ascii_case("false");
        (!is_empty).then_some(value)
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(variables: I) -> Self {
        Self(variables.into_iter().collect())
    }
}

/// A job in CI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ci {
    /// The system, where it is known.
    pub system: Option<&'static str>,
    /// What is built.
    pub job: Job,
    /// The repository's default branch, where the system says it.
    pub default_branch: Option<String>,
    /// The flag that names the base in this system.
    pub base_flag: &'static str,
}

/// What a job in CI builds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Job {
    /// A pull request, a merge request, or a part of a merge queue.
    Change {
        /// The branch that it is to go into, where the system says it.
        target: Option<String>,
    },
    /// A branch or a tag.
    Branch {
        /// The branch, where the system says it.
        name: Option<String>,
        /// Whether the system calls it the default branch itself.
        is_default: bool,
    },
}

impl Ci {
    /// What an environment says; `None` outside of CI.
    ///
    /// A system's own variables count even where `CI` is `false`: that is a common way to keep tools from being strict, not to say
    /// that nobody checks.
    pub fn of(environment: &Environment) -> Option<Self> {
        let jobs = SYSTEMS.iter().filter(|system| system.is_here(environment)).map(|system| system.job(environment));
        let mut jobs: Vec<Self> = jobs.collect();
        if jobs.is_empty() {
            environment.said("CI")?;
            // A system that passes few of its variables on: what names the target names it all the same.
            jobs = SYSTEMS.iter().map(|system| system.job(environment)).collect();
            jobs.retain(|ci| matches!(ci.job, Job::Change { target: Some(_) }));
        }
        let has_target = |ci: &&Self| matches!(ci.job, Job::Change { target: Some(_) });
        let best = jobs.iter().find(has_target).or_else(|| jobs.first()).cloned();
        Some(best.unwrap_or(Self {
            system: None,
            job: Job::Branch { name: None, is_default: false },
            default_branch: None,
            base_flag: ANY_BASE,
        }))
    }

    /// What this process runs in.
    pub fn here() -> Option<Self> {
        Self::of(&Environment::of_process())
    }
}

/// A condition on one variable.
#[derive(Clone, Copy, Debug)]
enum Sign {
    /// It says something.
    Set(&'static str),
    /// It has this value.
    Is(&'static str, &'static str),
}

impl Sign {
    fn holds(self, environment: &Environment) -> bool {
        match self {
            Self::Set(name) => environment.said(name).is_some(),
            Self::Is(name, value) => environment.said(name) == Some(value),
        }
    }
}

/// What the variables of a CI system mean. Of several variables of a kind the first that says something counts.
#[derive(Debug)]
struct System {
    name: &'static str,
    /// Any of them tells that this is the system.
    marks: &'static [Sign],
    /// Any of them tells that a change is built.
    change: &'static [Sign],
    /// Name the branch that a change is to go into, and so tell that one is built.
    target: &'static [&'static str],
    /// Whether those in `target` name what was pushed where no change is built, so that `change` alone tells.
    names_pushes: bool,
    /// Name the branch that is built.
    branch: &'static [&'static str],
    /// Name the default branch.
    default_branch: &'static [&'static str],
    /// Any of them tells that the default branch is built.
    is_default: &'static [Sign],
    base_flag: &'static str,
}

/// What to type where nothing better is known.
const ANY_BASE: &str = "--base origin/BRANCH";

/// Nothing is known.
const UNKNOWN: System = System {
    name: "",
    marks: &[],
    change: &[],
    target: &[],
    names_pushes: false,
    branch: &[],
    default_branch: &[],
    is_default: &[],
    base_flag: ANY_BASE,
};

/// The systems, each by its own documentation.
const SYSTEMS: [System; 14] = [
    // https://docs.github.com/en/actions/reference/workflows-and-actions/variables: `GITHUB_BASE_REF` is only set for
    // `pull_request` and `pull_request_target`. A merge queue builds the branch `gh-readonly-queue/TARGET/pr-…`. Gitea's and
    // Forgejo's actions set the same variables.
    System {
        name: "GitHub Actions",
        marks: &[Sign::Set("GITHUB_ACTIONS"), Sign::Set("GITHUB_BASE_REF")],
        change: &[
            Sign::Set("GITHUB_BASE_REF"),
            Sign::Is("GITHUB_EVENT_NAME", "pull_request"),
            Sign::Is("GITHUB_EVENT_NAME", "pull_request_target"),
        ],
        target: &["GITHUB_BASE_REF"],
        branch: &["GITHUB_REF"],
        base_flag: "--base \"origin/$GITHUB_BASE_REF\"",
        ..UNKNOWN
    },
    // https://docs.gitlab.com/ci/variables/predefined_variables/: the target is only there in merge request pipelines,
    // `CI_COMMIT_BRANCH` only in branch pipelines.
    System {
        name: "GitLab CI",
        marks: &[Sign::Set("GITLAB_CI"), Sign::Set("CI_MERGE_REQUEST_TARGET_BRANCH_NAME")],
        change: &[Sign::Set("CI_MERGE_REQUEST_IID"), Sign::Set("CI_EXTERNAL_PULL_REQUEST_IID")],
        target: &["CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME"],
        branch: &["CI_COMMIT_BRANCH"],
        default_branch: &["CI_DEFAULT_BRANCH"],
        base_flag: "--base \"origin/$CI_DEFAULT_BRANCH\"",
        ..UNKNOWN
    },
    // https://buildkite.com/docs/pipelines/configure/environment-variables: `BUILDKITE_PULL_REQUEST` is a number or `false`, the base
    // branch is empty where there is no pull request.
    System {
        name: "Buildkite",
        marks: &[Sign::Set("BUILDKITE"), Sign::Set("BUILDKITE_PULL_REQUEST_BASE_BRANCH")],
        change: &[Sign::Set("BUILDKITE_PULL_REQUEST")],
        target: &["BUILDKITE_PULL_REQUEST_BASE_BRANCH", "BUILDKITE_MERGE_QUEUE_BASE_BRANCH"],
        branch: &["BUILDKITE_BRANCH"],
        default_branch: &["BUILDKITE_PIPELINE_DEFAULT_BRANCH"],
        base_flag: "--base \"origin/$BUILDKITE_PIPELINE_DEFAULT_BRANCH\"",
        ..UNKNOWN
    },
    // https://www.jenkins.io/doc/book/pipeline/multibranch/ and the list of variables that each Jenkins serves under
    // `/env-vars.html`: `CHANGE_*` are only set for change requests, where `BRANCH_NAME` is arbitrary, such as `PR-12`; `GIT_BRANCH`
    // comes from the Git plugin, with the remote before it.
    System {
        name: "Jenkins",
        marks: &[Sign::Set("JENKINS_URL")],
        change: &[Sign::Set("CHANGE_ID")],
        target: &["CHANGE_TARGET"],
        branch: &["BRANCH_NAME", "GIT_BRANCH"],
        is_default: &[Sign::Is("BRANCH_IS_PRIMARY", "true")],
        base_flag: "--base \"origin/$CHANGE_TARGET\"",
        ..UNKNOWN
    },
    // https://woodpecker-ci.org/docs/usage/environment: `CI` is `woodpecker`; the target is empty but for pull requests, where
    // `CI_COMMIT_BRANCH` equals it. Before Drone, whose variables older versions set too.
    System {
        name: "Woodpecker",
        marks: &[Sign::Is("CI", "woodpecker"), Sign::Set("CI_COMMIT_TARGET_BRANCH")],
        change: &[Sign::Is("CI_PIPELINE_EVENT", "pull_request"), Sign::Is("CI_BUILD_EVENT", "pull_request")],
        target: &["CI_COMMIT_TARGET_BRANCH"],
        branch: &["CI_COMMIT_BRANCH"],
        default_branch: &["CI_REPO_DEFAULT_BRANCH"],
        base_flag: "--base \"origin/$CI_COMMIT_TARGET_BRANCH\"",
        ..UNKNOWN
    },
    // https://docs.drone.io/pipeline/environment/reference/: `DRONE_TARGET_BRANCH` is set for pushes as well, to the branch that was
    // pushed, and so names a target in pull requests only.
    System {
        name: "Drone",
        marks: &[Sign::Set("DRONE")],
        change: &[Sign::Is("DRONE_BUILD_EVENT", "pull_request"), Sign::Set("DRONE_PULL_REQUEST")],
        target: &["DRONE_TARGET_BRANCH"],
        names_pushes: true,
        branch: &["DRONE_BRANCH", "DRONE_COMMIT_BRANCH"],
        default_branch: &["DRONE_REPO_BRANCH"],
        base_flag: "--base \"origin/$DRONE_TARGET_BRANCH\"",
        ..UNKNOWN
    },
    // https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/: the destination is only there for pull requests, the
    // branch is then the source.
    System {
        name: "Bitbucket Pipelines",
        marks: &[Sign::Set("BITBUCKET_BUILD_NUMBER"), Sign::Set("BITBUCKET_PR_DESTINATION_BRANCH")],
        change: &[Sign::Set("BITBUCKET_PR_ID")],
        target: &["BITBUCKET_PR_DESTINATION_BRANCH"],
        branch: &["BITBUCKET_BRANCH"],
        base_flag: "--base \"origin/$BITBUCKET_PR_DESTINATION_BRANCH\"",
        ..UNKNOWN
    },
    // https://learn.microsoft.com/en-us/azure/devops/pipelines/build/variables: the target is `refs/heads/main` or `main`, and only
    // there for pull requests; the source branch is `refs/heads/…`, `refs/tags/…` or `refs/pull/1/merge`.
    System {
        name: "Azure Pipelines",
        marks: &[Sign::Set("TF_BUILD"), Sign::Set("SYSTEM_PULLREQUEST_TARGETBRANCH")],
        change: &[Sign::Is("BUILD_REASON", "PullRequest"), Sign::Set("SYSTEM_PULLREQUEST_PULLREQUESTID")],
        target: &["SYSTEM_PULLREQUEST_TARGETBRANCH", "SYSTEM_PULLREQUEST_TARGETBRANCHNAME"],
        branch: &["BUILD_SOURCEBRANCH"],
        base_flag: "--base \"origin/$SYSTEM_PULLREQUEST_TARGETBRANCHNAME\"",
        ..UNKNOWN
    },
    // https://circleci.com/docs/reference/variables/: no variable names the target of a pull request, only a pipeline value does,
    // which the configuration has to pass on.
    System {
        name: "CircleCI",
        marks: &[Sign::Set("CIRCLECI")],
        change: &[Sign::Set("CIRCLE_PULL_REQUEST"), Sign::Set("CIRCLE_PR_NUMBER"), Sign::Set("CI_PULL_REQUEST")],
        branch: &["CIRCLE_BRANCH"],
        base_flag: "--base \"origin/<< pipeline.event.github.pull_request.base.ref >>\"",
        ..UNKNOWN
    },
    // https://docs.travis-ci.com/user/environment-variables/: `TRAVIS_PULL_REQUEST` is a number or `false`; `TRAVIS_BRANCH` is the
    // target for pull requests, and what was pushed otherwise.
    System {
        name: "Travis CI",
        marks: &[Sign::Set("TRAVIS")],
        change: &[Sign::Set("TRAVIS_PULL_REQUEST")],
        target: &["TRAVIS_BRANCH"],
        names_pushes: true,
        branch: &["TRAVIS_BRANCH"],
        base_flag: "--base \"origin/$TRAVIS_BRANCH\"",
        ..UNKNOWN
    },
    // https://www.appveyor.com/docs/environment-variables/: for pull requests the branch is the one to merge into.
    System {
        name: "AppVeyor",
        marks: &[Sign::Set("APPVEYOR")],
        change: &[Sign::Set("APPVEYOR_PULL_REQUEST_NUMBER")],
        target: &["APPVEYOR_REPO_BRANCH"],
        names_pushes: true,
        branch: &["APPVEYOR_REPO_BRANCH"],
        ..UNKNOWN
    },
    // https://cirrus-ci.org/guide/writing-tasks/#environment-variables
    System {
        name: "Cirrus CI",
        marks: &[Sign::Set("CIRRUS_CI")],
        change: &[Sign::Set("CIRRUS_PR")],
        target: &["CIRRUS_BASE_BRANCH"],
        branch: &["CIRRUS_BRANCH"],
        default_branch: &["CIRRUS_DEFAULT_BRANCH"],
        ..UNKNOWN
    },
    // https://www.jetbrains.com/help/teamcity/predefined-build-parameters.html: it sets no `CI`.
    System { name: "TeamCity", marks: &[Sign::Set("TEAMCITY_VERSION")], ..UNKNOWN },
    // https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html: it sets no `CI`; the base of a pull request is
    // a whole reference.
    System {
        name: "CodeBuild",
        marks: &[Sign::Set("CODEBUILD_BUILD_ID")],
        target: &["CODEBUILD_WEBHOOK_BASE_REF"],
        branch: &["CODEBUILD_WEBHOOK_HEAD_REF"],
        ..UNKNOWN
    },
];

impl System {
    fn is_here(&self, environment: &Environment) -> bool {
        self.marks.iter().any(|sign| sign.holds(environment))
    }

    fn job(&self, environment: &Environment) -> Ci {
        let first = |names: &[&str]| names.iter().find_map(|name| branch(environment.said(name)?));
        let target = first(self.target);
        let is_named = target.is_some() && !self.names_pushes;
        let is_change = is_named || self.change.iter().any(|sign| sign.holds(environment));
        let name = first(self.branch);
        let queued = name.as_deref().and_then(queued);
        let job = match (is_change, queued) {
            (_, Some(target)) => Job::Change { target: Some(target) },
            (true, None) => Job::Change { target },
            (false, None) => {
                Job::Branch { name, is_default: self.is_default.iter().any(|sign| sign.holds(environment)) }
            }
        };
        let default_branch = first(self.default_branch);
        Ci { system: Some(self.name), job, default_branch, base_flag: self.base_flag }
    }
}

/// The name of a branch: systems write it bare, as a whole reference, or behind the remote's name. `None` for other references.
fn branch(value: &str) -> Option<String> {
    let bare = value.strip_prefix("refs/heads/").or_else(|| value.strip_prefix("refs/remotes/")).unwrap_or(value);
    let bare = bare.strip_prefix("origin/").unwrap_or(bare);
    (!bare.is_empty() && !bare.starts_with("refs/")).then(|| bare.to_owned())
}

/// The target of a merge queue's branch, which GitHub calls `gh-readonly-queue/TARGET/pr-12-SHA`, whichever system builds it.
fn queued(branch: &str) -> Option<String> {
    let (target, _) = branch.strip_prefix("gh-readonly-queue/")?.rsplit_once("/pr-")?;
    Some(target.to_owned())
}

#[cfg(test)]
mod tests;
