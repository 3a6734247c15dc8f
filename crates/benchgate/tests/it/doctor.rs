//! What `doctor` says of a machine, and when it fails.

use serde_json::Value;

use crate::ran::Ran;
use crate::subject::{Subject, usual};

/// The checks that it prints for programs.
#[track_caller]
fn checks(ran: &Ran) -> Vec<Value> {
    let json: Value = serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {}", ran.said()));
    assert_eq!((&json["schema"], &json["exit_code"]), (&1.into(), &ran.code.into()), "{}", ran.said());
    json["checks"].as_array().expect("a list").clone()
}

#[track_caller]
fn find<'a>(checks: &'a [Value], name: &str) -> &'a Value {
    checks.iter().find(|check| check["name"] == name).unwrap_or_else(|| panic!("no `{name}` in {checks:#?}"))
}

#[test]
fn doctor_has_a_line_for_each_thing_that_matters() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let ran = subject.run(&["doctor"]);
    ran.ends(0, &["This machine can measure"]);
    for name in [
        "toolchain",
        "workspace",
        "git",
        "governor",
        "steal",
        "load",
        "cores",
        "addresses",
        "preload",
        "linker",
        "valgrind",
        "cache",
        "target",
        "gnuplot",
    ] {
        let has_line = ran.out.lines().any(|line| line.split_whitespace().nth(1) == Some(name));
        assert!(has_line, "no line for `{name}`: {}", ran.said());
    }
    assert!(subject.runs().is_empty());
    // What it tried is gone.
    let left = std::fs::read_dir(subject.home().join("cache")).expect("it was made").count();
    assert_eq!(left, 0);
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn doctor_tries_the_preloaded_clock_on_a_process() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let checks = checks(&subject.run(&["doctor", "--format", "json"]));
    let preload = find(&checks, "preload");
    assert_eq!(preload["state"], "good", "{preload:#}");
    let workspace = find(&checks, "workspace");
    assert_eq!(workspace["found"], "1 bench target");
}

#[test]
fn doctor_ends_as_bench_would_where_nothing_can_be_measured() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let mut blank = subject.gate(&["doctor", "--format", "json"]);
    blank.env("BENCHGATE_CACHE_DIR", subject.home().join("a b"));
    let ran = Ran::of(blank, None);
    assert_eq!(ran.code, 110, "{}", ran.said());
    let found = checks(&ran);
    let cache = find(&found, "cache");
    assert_eq!((&cache["state"], &cache["exit_code"]), (&"impossible".into(), &110.into()), "{cache:#}");
    assert_eq!(find(&found, "preload")["state"], "unknown");

    subject.write("Cargo.toml", "[package\n");
    let ran = subject.run(&["doctor"]);
    ran.ends(102, &["Nothing can be measured: `bench` would end with 102."]);
}
