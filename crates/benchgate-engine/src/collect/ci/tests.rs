use super::*;

fn environment(variables: &[(&str, &str)]) -> Environment {
    variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn change(target: &str) -> Job {
    Job::Change { target: Some(target.into()) }
}

fn branch_named(name: &str) -> Job {
    Job::Branch { name: Some(name.into()), is_default: false }
}

/// What the variables say of the job; the system's name is the one given.
#[track_caller]
fn check(system: &str, variables: &[(&str, &str)], expected: &Job) -> Ci {
    let ci = Ci::of(&environment(variables)).expect("it is a CI");
    assert_eq!((ci.system, &ci.job), (Some(system), expected), "{variables:?}");
    ci
}

#[test]
fn every_system_names_the_target_of_a_change() {
    let main = change("main");
    check(
        "GitHub Actions",
        &[("GITHUB_ACTIONS", "true"), ("GITHUB_BASE_REF", "main"), ("GITHUB_REF", "refs/pull/7/merge")],
        &main,
    );
    check("GitLab CI", &[("GITLAB_CI", "true"), ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main")], &main);
    check("GitLab CI", &[("GITLAB_CI", "true"), ("CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME", "main")], &main);
    let pull = [
        ("BUILDKITE_PULL_REQUEST", "7"),
        ("BUILDKITE_PULL_REQUEST_BASE_BRANCH", "main"),
        ("BUILDKITE_BRANCH", "a:main"),
    ];
    check("Buildkite", &[&[("BUILDKITE", "true")], &pull[..]].concat(), &main);
    check("Jenkins", &[("JENKINS_URL", "https://ci"), ("CHANGE_TARGET", "main"), ("BRANCH_NAME", "PR-7")], &main);
    let pull = [("DRONE_BUILD_EVENT", "pull_request"), ("DRONE_TARGET_BRANCH", "main"), ("DRONE_BRANCH", "main")];
    check("Drone", &[&[("DRONE", "true")], &pull[..]].concat(), &main);
    let pull =
        [("CI_PIPELINE_EVENT", "pull_request"), ("CI_COMMIT_TARGET_BRANCH", "main"), ("CI_COMMIT_BRANCH", "main")];
    check("Woodpecker", &[&[("CI", "woodpecker"), ("DRONE", "true")], &pull[..]].concat(), &main);
    let pull = [("BITBUCKET_PR_ID", "7"), ("BITBUCKET_PR_DESTINATION_BRANCH", "main"), ("BITBUCKET_BRANCH", "topic")];
    check("Bitbucket Pipelines", &[&[("BITBUCKET_BUILD_NUMBER", "1")], &pull[..]].concat(), &main);
    let azure = |target| {
        [("TF_BUILD", "True"), ("BUILD_SOURCEBRANCH", "refs/pull/7/merge"), ("SYSTEM_PULLREQUEST_TARGETBRANCH", target)]
    };
    check("Azure Pipelines", &azure("refs/heads/main"), &main);
    check("Azure Pipelines", &azure("release/1.x"), &change("release/1.x"));
    check("Travis CI", &[("TRAVIS", "true"), ("TRAVIS_PULL_REQUEST", "7"), ("TRAVIS_BRANCH", "main")], &main);
    check(
        "AppVeyor",
        &[("APPVEYOR", "True"), ("APPVEYOR_PULL_REQUEST_NUMBER", "7"), ("APPVEYOR_REPO_BRANCH", "main")],
        &main,
    );
    check("Cirrus CI", &[("CIRRUS_CI", "true"), ("CIRRUS_PR", "7"), ("CIRRUS_BASE_BRANCH", "main")], &main);
    check("CodeBuild", &[("CODEBUILD_BUILD_ID", "a:1"), ("CODEBUILD_WEBHOOK_BASE_REF", "refs/heads/main")], &main);
}

#[test]
fn target_alone_is_enough_where_ci_is_set() {
    let names = [
        "GITHUB_BASE_REF",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
        "BUILDKITE_PULL_REQUEST_BASE_BRANCH",
        "CHANGE_TARGET",
        "CI_COMMIT_TARGET_BRANCH",
        "BITBUCKET_PR_DESTINATION_BRANCH",
        "SYSTEM_PULLREQUEST_TARGETBRANCH",
    ];
    for name in names {
        let ci = Ci::of(&environment(&[("CI", "true"), (name, "refs/heads/main")])).expect("it is a CI");
        assert_eq!(ci.job, change("main"), "{name}");
    }
}

#[test]
fn what_names_a_push_is_no_target() {
    let drone =
        [("DRONE", "true"), ("DRONE_BUILD_EVENT", "push"), ("DRONE_TARGET_BRANCH", "topic"), ("DRONE_BRANCH", "topic")];
    let ci = check("Drone", &[&drone[..], &[("DRONE_REPO_BRANCH", "trunk")]].concat(), &branch_named("topic"));
    assert_eq!(ci.default_branch.as_deref(), Some("trunk"));
    let travis = [("TRAVIS", "true"), ("TRAVIS_PULL_REQUEST", "false"), ("TRAVIS_BRANCH", "topic")];
    check("Travis CI", &travis, &branch_named("topic"));
    let appveyor = [("APPVEYOR", "true"), ("APPVEYOR_REPO_BRANCH", "topic")];
    check("AppVeyor", &appveyor, &branch_named("topic"));
    let pushed = [("CI", "woodpecker"), ("CI_PIPELINE_EVENT", "push"), ("CI_COMMIT_BRANCH", "topic")];
    check("Woodpecker", &[&pushed[..], &[("CI_COMMIT_TARGET_BRANCH", "")]].concat(), &branch_named("topic"));
    let buildkite =
        [("BUILDKITE", "true"), ("BUILDKITE_PULL_REQUEST", "false"), ("BUILDKITE_PULL_REQUEST_BASE_BRANCH", "")];
    let ci = check(
        "Buildkite",
        &[&buildkite[..], &[("BUILDKITE_BRANCH", "main"), ("BUILDKITE_PIPELINE_DEFAULT_BRANCH", "main")]].concat(),
        &branch_named("main"),
    );
    assert_eq!(ci.default_branch.as_deref(), Some("main"));
    let github = [("GITHUB_ACTIONS", "true"), ("GITHUB_BASE_REF", ""), ("GITHUB_REF", "refs/heads/a/b")];
    check("GitHub Actions", &github, &branch_named("a/b"));
    let gitlab = [("GITLAB_CI", "true"), ("CI_COMMIT_BRANCH", "topic"), ("CI_DEFAULT_BRANCH", "main")];
    check("GitLab CI", &gitlab, &branch_named("topic"));
    check(
        "Azure Pipelines",
        &[("TF_BUILD", "True"), ("BUILD_SOURCEBRANCH", "refs/heads/topic")],
        &branch_named("topic"),
    );
    check("Jenkins", &[("JENKINS_URL", "u"), ("GIT_BRANCH", "origin/topic")], &branch_named("topic"));
}

#[test]
fn default_branch_tag_queue_and_untold_target_are_told_apart() {
    let primary = [("JENKINS_URL", "u"), ("BRANCH_NAME", "main"), ("BRANCH_IS_PRIMARY", "true")];
    check("Jenkins", &primary, &Job::Branch { name: Some("main".into()), is_default: true });
    let tag = [("GITHUB_ACTIONS", "true"), ("GITHUB_REF", "refs/tags/v1")];
    check("GitHub Actions", &tag, &Job::Branch { name: None, is_default: false });
    let queue = "refs/heads/gh-readonly-queue/release/1.x/pr-12-0a1b2c3d";
    check("GitHub Actions", &[("GITHUB_ACTIONS", "true"), ("GITHUB_REF", queue)], &change("release/1.x"));
    let circle =
        [("CIRCLECI", "true"), ("CIRCLE_PULL_REQUEST", "https://github.com/a/b/pull/7"), ("CIRCLE_BRANCH", "topic")];
    let ci = check("CircleCI", &circle, &Job::Change { target: None });
    assert!(ci.base_flag.contains("pipeline.event.github.pull_request.base.ref"), "{ci:?}");
    check("CircleCI", &[("CIRCLECI", "true"), ("CIRCLE_BRANCH", "topic")], &branch_named("topic"));
}

#[test]
fn ci_is_told_by_its_name_or_by_a_system_of_its_own() {
    #[track_caller]
    fn check(variables: &[(&str, &str)], is_ci: bool) {
        assert_eq!(Ci::of(&environment(variables)).is_some(), is_ci, "{variables:?}");
    }
    check(&[], false);
    check(&[("CI", "true")], true);
    check(&[("CI", "1")], true);
    check(&[("CI", "codeship")], true);
    for nothing in ["", " ", "false", "False", "0"] {
        check(&[("CI", nothing)], false);
    }
    // A CI may be told not to be strict by `CI=false`; it remains one.
    check(&[("CI", "false"), ("GITHUB_ACTIONS", "true")], true);
    check(&[("TF_BUILD", "True")], true);
    check(&[("TEAMCITY_VERSION", "2026.1")], true);
    check(&[("GITHUB_ACTIONS", "false")], false);
    // A variable that anybody may have for something else.
    check(&[("CHANGE_TARGET", "main")], false);
    check(&[("TRAVIS_BRANCH", "main")], false);
}
