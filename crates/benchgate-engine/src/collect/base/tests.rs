use super::super::ci::Environment;
use super::super::test_repository::TestRepository;
use super::*;

/// `main` with one commit, `topic` with two more on top, `HEAD` on `topic`.
struct Story {
    repository: TestRepository,
    first: String,
    main: String,
    topic: String,
}

fn story() -> Option<Story> {
    let repository = TestRepository::new(&[("Cargo.toml", "[package]"), ("src/lib.rs", "1")])?;
    let first = repository.commit("First");
    let main = repository.commit("Second");
    repository.git(&["switch", "-q", "-c", "topic"]);
    repository.commit("Third");
    let topic = repository.commit("Fourth");
    Some(Story { repository, first, main, topic })
}

fn revision(commit: &str, reason: &str) -> BaseChoice {
    BaseChoice::Revision { commit: commit.into(), reason: reason.into() }
}

impl Story {
    /// What applies with these variables, none for outside of CI.
    fn base(&self, variables: &[(&str, &str)]) -> Result<BaseChoice, String> {
        let environment: Environment =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        default_base(&self.repository.repository(), Ci::of(&environment).as_ref()).map_err(|error| format!("{error:#}"))
    }

    #[track_caller]
    fn is_idle(&self, variables: &[(&str, &str)], words: &str, expected: Idle) {
        match self.base(variables) {
            Ok(BaseChoice::Nothing { reason, idle }) => {
                assert_eq!((reason.contains(words), idle), (true, expected), "{reason}");
            }
            other => panic!("{variables:?}: {other:?}"),
        }
    }

    /// Makes the repository one with a remote whose branches are where the local ones are.
    fn push(&self, branches: &[&str]) {
        self.repository.git(&["remote", "add", "origin", "https://example.org/it.git"]);
        for branch in branches {
            self.repository.git(&[
                "update-ref",
                &format!("refs/remotes/origin/{branch}"),
                &format!("refs/heads/{branch}"),
            ]);
        }
    }
}

#[test]
fn branch_is_compared_with_its_merge_base_whatever_is_not_committed() {
    let Some(story) = story() else { return };
    let expected = Ok(revision(&story.main, "the merge base with `main`"));
    assert_eq!(story.base(&[]), expected);
    story.repository.write("src/lib.rs", "2");
    assert_eq!(story.base(&[]), expected);
    assert_eq!(story.repository.repository().commits_since(&story.main).unwrap(), 2);
    // A detached `HEAD` is as good as a branch.
    story.repository.git(&["switch", "-q", "--detach"]);
    assert_eq!(story.base(&[]), expected);
}

#[test]
fn default_branch_is_compared_with_head_where_something_is_changed() {
    let Some(story) = story() else { return };
    story.repository.git(&["switch", "-q", "main"]);
    story.is_idle(&[], "nothing is changed on `main`", Idle::Expected);
    story.repository.write("build.log", "a note that nothing reads");
    story.is_idle(&[], "nothing is changed on `main`", Idle::Expected);
    story.repository.write("src/new.rs", "2");
    assert_eq!(story.base(&[]), Ok(revision(&story.main, "`HEAD`")));
    // A new branch is nothing else yet.
    story.repository.git(&["switch", "-q", "-c", "new"]);
    assert_eq!(story.base(&[]), Ok(revision(&story.main, "`HEAD`")));
    std::fs::remove_file(story.repository.root().join("src/new.rs")).unwrap();
    story.is_idle(&[], "nothing is changed", Idle::Expected);
    // Somewhere in history, as in a bisection, a pass would be taken for an answer.
    story.repository.git(&["switch", "-q", "--detach", &story.first]);
    story.is_idle(&[], "`main` holds all of this already", Idle::Unexpected);
}

#[test]
fn commits_of_the_default_branch_that_are_not_pushed_are_its_own() {
    let Some(story) = story() else { return };
    story.push(&["main"]);
    story.repository.git(&["switch", "-q", "main"]);
    story.is_idle(&[], "nothing is changed on `origin/main`", Idle::Expected);
    story.repository.commit("Not pushed");
    assert_eq!(story.base(&[]), Ok(revision(&story.main, "the merge base with `origin/main`")));
    // Behind the remote is no change.
    story.repository.git(&["reset", "-q", "--hard", &story.first]);
    story.is_idle(&[], "nothing is changed on `origin/main`", Idle::Expected);
}

#[test]
fn default_branch_is_what_the_remote_says_then_what_is_usual() {
    let Some(story) = story() else { return };
    let git = |arguments: &[&str]| story.repository.git(arguments);
    git(&["branch", "trunk", &story.first]);
    git(&["config", "init.defaultBranch", "trunk"]);
    assert_eq!(story.base(&[]), Ok(revision(&story.first, "the merge base with `trunk`")));
    story.push(&["main"]);
    assert_eq!(story.base(&[]), Ok(revision(&story.main, "the merge base with `origin/main`")));
    git(&["update-ref", "refs/remotes/origin/develop", &story.first]);
    git(&["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/develop"]);
    assert_eq!(story.base(&[]), Ok(revision(&story.first, "the merge base with `origin/develop`")));
    // A tag is no branch, whatever it is called.
    git(&["tag", "origin/develop", &story.topic]);
    assert_eq!(story.base(&[]), Ok(revision(&story.first, "the merge base with `origin/develop`")));
}

#[test]
fn unknown_default_branch_is_asked_for() {
    let Some(story) = story() else { return };
    story.repository.git(&["branch", "-q", "-m", "main", "other"]);
    story.repository.git(&["config", "init.defaultBranch", "nowhere"]);
    let error = story.base(&[]).unwrap_err();
    assert!(error.contains("--base BRANCH") && error.contains("git config init.defaultBranch NAME"), "{error}");
    let error = story.base(&[("CI", "true")]).unwrap_err();
    assert!(error.contains("--base origin/BRANCH"), "{error}");
    let circle = [("CIRCLECI", "true"), ("CIRCLE_PULL_REQUEST", "https://github.com/a/b/pull/7")];
    let error = story.base(&circle).unwrap_err();
    assert!(error.contains("CircleCI builds a change") && error.contains("pipeline.event.github"), "{error}");
    // The only branch of a repository that is nowhere else is its default one.
    story.repository.git(&["branch", "-q", "-D", "other"]);
    story.is_idle(&[], "nothing is changed on `topic`", Idle::Expected);
}

#[test]
fn in_ci_head_is_never_the_base_and_what_lies_about_changes_nothing() {
    let Some(story) = story() else { return };
    story.repository.git(&["switch", "-q", "--detach"]);
    let cases: [&[(&str, &str)]; 9] = [
        &[],
        &[("GITHUB_BASE_REF", "main")],
        &[("CHANGE_TARGET", "main")],
        &[("DRONE_TARGET_BRANCH", "main")],
        &[("CI_COMMIT_TARGET_BRANCH", "main")],
        &[("BITBUCKET_PR_DESTINATION_BRANCH", "main")],
        &[("SYSTEM_PULLREQUEST_TARGETBRANCH", "refs/heads/main")],
        &[("CIRCLECI", "true"), ("CIRCLE_BRANCH", "topic")],
        &[("TRAVIS", "true"), ("TRAVIS_PULL_REQUEST", "7"), ("TRAVIS_BRANCH", "main")],
    ];
    for dirt in [None, Some("build.log"), Some("Cargo.lock"), Some("src/lib.rs")] {
        if let Some(file) = dirt {
            story.repository.write(file, "left by an earlier step");
        }
        for case in cases {
            let base = story.base(&[&[("CI", "true")], case].concat());
            assert_eq!(base, Ok(revision(&story.main, "the merge base with `main`")), "{dirt:?} {case:?}");
        }
        story.repository.git(&["switch", "-q", "--detach", "main"]);
        story.is_idle(&[("CI", "true")], "`main` holds all of this already", Idle::Unexpected);
        story.repository.git(&["switch", "-q", "--detach", "topic"]);
    }
}

#[test]
fn build_of_the_default_branch_in_ci_has_no_base() {
    let Some(story) = story() else { return };
    let check = |variables: &[(&str, &str)]| story.is_idle(variables, "this is a build of", Idle::Unexpected);
    // Whatever the clone holds: what is built is what the system says.
    check(&[("GITHUB_ACTIONS", "true"), ("GITHUB_REF", "refs/heads/main")]);
    check(&[("GITLAB_CI", "true"), ("CI_COMMIT_BRANCH", "trunk"), ("CI_DEFAULT_BRANCH", "trunk")]);
    check(&[("BUILDKITE", "true"), ("BUILDKITE_BRANCH", "trunk"), ("BUILDKITE_PIPELINE_DEFAULT_BRANCH", "trunk")]);
    check(&[("JENKINS_URL", "u"), ("BRANCH_NAME", "trunk"), ("BRANCH_IS_PRIMARY", "true")]);
    check(&[
        ("DRONE", "true"),
        ("DRONE_BUILD_EVENT", "push"),
        ("DRONE_TARGET_BRANCH", "main"),
        ("DRONE_BRANCH", "main"),
    ]);
    check(&[("CI", "woodpecker"), ("CI_COMMIT_BRANCH", "trunk"), ("CI_REPO_DEFAULT_BRANCH", "trunk")]);
    check(&[("BITBUCKET_BUILD_NUMBER", "1"), ("BITBUCKET_BRANCH", "main")]);
    check(&[("TF_BUILD", "True"), ("BUILD_SOURCEBRANCH", "refs/heads/main")]);
    check(&[("CIRCLECI", "true"), ("CIRCLE_BRANCH", "main")]);
    check(&[("TRAVIS", "true"), ("TRAVIS_PULL_REQUEST", "false"), ("TRAVIS_BRANCH", "main")]);
}

#[test]
fn target_that_is_not_here_is_fetched_and_not_replaced() {
    let Some(story) = story() else { return };
    let error = story.base(&[("CI", "true"), ("GITHUB_BASE_REF", "release/1.x")]).unwrap_err();
    assert!(
        error.contains("`release/1.x` is not in this repository") && error.contains("no remote to fetch it from"),
        "{error}"
    );
    story.repository.git(&["branch", "release/1.x", &story.first]);
    let base = story.base(&[("CI", "true"), ("GITHUB_BASE_REF", "release/1.x")]);
    assert_eq!(base, Ok(revision(&story.first, "the merge base with `release/1.x`")));
}

#[test]
fn nothing_committed_is_no_base() {
    let Some(repository) = TestRepository::new(&[("src/lib.rs", "1")]) else { return };
    let base = default_base(&repository.repository(), None).unwrap();
    assert_eq!(base, nothing("nothing is committed yet", Idle::Unexpected));
}
