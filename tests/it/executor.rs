//! The executor's promise: lazy and eager parts are equal, each is built once, and what is missing says why.

use perfblocks::analysis::rule::Rule;
use perfblocks::analysis::tester::TesterConfig;
use perfblocks::analysis::vision::GreyImage;
use perfblocks::executor::cloud::{CleanUp, CloudConfig, CloudError, Provider};
use perfblocks::executor::enterprise::EnterpriseConfig;
use perfblocks::executor::suite::Suite;
use perfblocks::executor::{Config, DetectorTables, Executor, Part, Unavailable};
use perfblocks::serialization::{Nanos, Record, generic};
use std::path::Path;
use std::sync::Barrier;
use std::time::{Duration, SystemTime};

fn full(root: &Path) -> Config {
    let cloud = CloudConfig {
        provider: Provider::Local,
        root: root.into(),
        bucket: "runs".into(),
        retention_days: 30,
        max_artifacts: None,
    };
    Config {
        tables: DetectorTables::PerInstance,
        rules: None,
        ai: TesterConfig { confidence: 0.5, max_tests: 100 },
        cloud: Some(cloud),
        enterprise: Some(EnterpriseConfig::Inline(r#"{"max_projects":2}"#.into())),
    }
}

#[test]
fn racing_getters_build_each_part_once() {
    const THREADS: usize = 8;
    let root = tempfile::tempdir().unwrap();
    for _ in 0..20 {
        let (executor, start) = (Executor::new(full(root.path())), Barrier::new(THREADS));
        let addresses = |first: usize| {
            start.wait();
            let mut seen = [0; 6];
            // Each thread begins with another part, so that parts that need others race with those.
            for step in 0..6 {
                let part = (first + step) % 6;
                seen[part] = match part {
                    0 => std::ptr::from_ref(executor.test_generator()).addr(),
                    1 => std::ptr::from_ref(executor.error_detector()).addr(),
                    2 => std::ptr::from_ref(executor.ai_tester()).addr(),
                    3 => std::ptr::from_ref(executor.cloud_manager().unwrap()).addr(),
                    4 => std::ptr::from_ref(executor.cloud_analytics().unwrap()).addr(),
                    _ => std::ptr::from_ref(executor.enterprise().unwrap()).addr(),
                };
            }
            seen
        };
        let addresses = &addresses;
        let seen: Vec<[usize; 6]> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS).map(|first| scope.spawn(move || addresses(first))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(seen.windows(2).all(|pair| pair[0] == pair[1]));
        assert_eq!(Part::ALL.map(|part| executor.attempts(part)), [1; 6]);
    }
}

#[test]
fn lazy_and_eager_parts_are_equal() {
    let root = tempfile::tempdir().unwrap();
    let lazy = Executor::new(full(root.path()));
    assert_eq!(Part::ALL.map(|part| lazy.attempts(part)), [0; 6]);
    let eager = Executor::new_eager(full(root.path())).unwrap();
    assert_eq!(Part::ALL.map(|part| eager.attempts(part)), [1; 6]);

    let text = "ECONNREFUSED, then Uncaught TypeError, then a crash";
    let picture = GreyImage::new(60, 60, (0..3600).map(|index| (index * 7 % 256) as u8).collect()).unwrap();
    assert_eq!(lazy.detect(text), eager.detect(text));
    let (one, other) = (lazy.examine(text, &picture), eager.examine(text, &picture));
    assert!(!one.elements.is_empty() && one.errors.len() == 2);
    assert_eq!(one, other);
    assert_eq!(lazy.propose(&one.elements), eager.propose(&other.elements));
    assert_eq!(lazy.cloud_manager().unwrap().bucket(), eager.cloud_manager().unwrap().bucket());
    assert_eq!(lazy.summary().unwrap(), eager.summary().unwrap());
    assert_eq!(lazy.enterprise().unwrap(), eager.enterprise().unwrap());
    assert!(lazy.admits_project(1).unwrap() && !eager.admits_project(2).unwrap());
    assert_eq!(Part::ALL.map(|part| lazy.attempts(part)), [1; 6]);
    assert_eq!(lazy.memory_footprint(), eager.memory_footprint());
}

#[test]
fn shared_and_own_tables_find_the_same() {
    let own = Executor::new(Config::minimal());
    let shared = Executor::new(Config::default());
    for text in ["deadlock", "HTTP 404, access denied", "", "fatal"] {
        assert_eq!(own.detect(text), shared.detect(text));
    }
}

#[test]
fn what_the_configuration_does_not_ask_for_is_absent_and_no_failure() {
    let executor = Executor::new_eager(Config::minimal()).unwrap();
    #[track_caller]
    fn check<T>(got: Result<T, Unavailable>, message: &str) {
        let why = got.err().expect("the section is missing");
        assert!(why.is_absent());
        assert_eq!(why.to_string(), message);
    }
    check(executor.cloud_manager(), "there is no cloud manager, as the configuration has no section `cloud`");
    check(executor.cloud_analytics(), "there is no cloud analytics, as the configuration has no section `cloud`");
    check(executor.summary(), "there is no cloud analytics, as the configuration has no section `cloud`");
    check(
        executor.publish("a", &Record::default()),
        "there is no cloud manager, as the configuration has no section `cloud`",
    );
    let enterprise = "there is no enterprise integration, as the configuration has no section `enterprise`";
    check(executor.enterprise(), enterprise);
    check(executor.admits_project(0), enterprise);
    assert_eq!(Part::ALL.map(|part| executor.attempts(part)), [1, 1, 1, 0, 0, 0]);
}

#[test]
fn failure_is_reported_on_every_call_and_mended_by_the_next() {
    let parent = tempfile::tempdir().unwrap();
    let root = parent.path().join("later");
    let settings = parent.path().join("settings.json");
    let config = Config { enterprise: Some(EnterpriseConfig::File(settings.clone())), ..full(&root) };
    assert!(matches!(Executor::new_eager(config.clone()), Err(Unavailable::Cloud(CloudError::Io { .. }))));

    let executor = Executor::new(config);
    for attempt in 1..=3 {
        assert!(matches!(executor.cloud_manager(), Err(Unavailable::Cloud(CloudError::Io { .. }))));
        assert!(matches!(executor.enterprise(), Err(Unavailable::Enterprise(_))));
        assert_eq!((executor.attempts(Part::CloudManager), executor.attempts(Part::Enterprise)), (attempt, attempt));
    }
    assert!(matches!(executor.cloud_analytics(), Err(Unavailable::Cloud(_))));
    std::fs::create_dir(&root).unwrap();
    std::fs::write(&settings, r#"{"organization":"Acme"}"#).unwrap();
    executor.warm(&Part::ALL).unwrap();
    assert_eq!(executor.cloud_manager().unwrap().bucket(), root.join("runs"));
    assert_eq!(executor.enterprise().unwrap().settings().organization, "Acme");
    let attempts = Part::ALL.map(|part| executor.attempts(part));
    executor.warm(&Part::ALL).unwrap();
    assert_eq!(Part::ALL.map(|part| executor.attempts(part)), attempts);
}

#[test]
fn a_published_result_is_stored_and_counted() {
    let root = tempfile::tempdir().unwrap();
    let executor = Executor::new(full(root.path()));
    let good = Record { app_name: "good".into(), duration: Nanos(3_000_000), success: true, ..Record::default() };
    let bad =
        Record { app_name: "bad".into(), duration: Nanos(1_000_000), error: "deadlock".into(), ..Record::default() };
    executor.publish("nightly/good.json", &good).unwrap();
    executor.publish("nightly/bad.json", &bad).unwrap();
    let cloud = executor.cloud_manager().unwrap();
    assert_eq!(cloud.download("nightly/good.json").unwrap(), generic::to_vec(&good).unwrap());
    assert_eq!(cloud.list("nightly/").unwrap().len(), 2);
    let summary = executor.summary().unwrap();
    assert_eq!((summary.passed, summary.failed, summary.mean_ms()), (1, 1, 2.0));
    assert_eq!(summary.slowest, [(3_000_000, "good".to_owned()), (1_000_000, "bad".to_owned())]);
    assert!(matches!(executor.publish("../x", &good), Err(Unavailable::Cloud(CloudError::Name(_)))));
}

#[test]
fn what_is_published_is_cleaned_up_once_it_is_old() {
    let root = tempfile::tempdir().unwrap();
    let executor = Executor::new(full(root.path()));
    assert_eq!(executor.clean_up(SystemTime::now()).unwrap(), CleanUp::default(), "through the getter, which builds");
    executor.publish("good.json", &Record::default()).unwrap();
    assert_eq!(executor.clean_up(SystemTime::now()).unwrap().kept, 1);
    let in_31_days = SystemTime::now() + Duration::from_secs(31 * 86_400);
    assert_eq!(executor.clean_up(in_31_days).unwrap().deleted, 1);
    assert_eq!(executor.cloud_manager().unwrap().list("").unwrap(), []);
}

#[test]
fn the_rules_of_the_configuration_are_those_of_generator_and_tester() {
    let rule = Rule { confidence: 0.99, ..Rule::originals().swap_remove(0) };
    let config = Config { rules: Some(vec![rule.clone()]), ..Config::default() };
    let executor = Executor::new(config);
    let picture = GreyImage::new(10, 5, vec![90; 50]).unwrap();
    let report = executor.examine("", &picture);
    assert_eq!(report.tests.len(), 1);
    assert_eq!((report.tests[0].rule, executor.test_generator().rules()), (&rule, std::slice::from_ref(&rule)));
    assert_eq!(executor.propose(&report.elements), report.tests);
}

#[test]
fn the_footprint_grows_with_what_is_built_and_builds_nothing() {
    let executor = Executor::new(Config::minimal());
    let empty = executor.memory_footprint();
    assert_eq!((empty.heap, empty.inline), (0, size_of::<Executor>()));
    executor.test_generator();
    let rules = executor.memory_footprint().heap;
    assert!((100..10_000).contains(&rules), "{rules} bytes");
    executor.ai_tester();
    let warm = executor.memory_footprint();
    assert!(warm.heap > 10_000 + rules && warm.total() == warm.heap + warm.inline);
    assert_eq!(warm, Executor::new_eager(Config::minimal()).unwrap().memory_footprint());
}

#[test]
fn what_is_released_is_freed_and_built_again_as_it_was() {
    let root = tempfile::tempdir().unwrap();
    let mut executor = Executor::new_eager(full(root.path())).unwrap();
    executor.publish("good.json", &Record { success: true, ..Record::default() }).unwrap();
    let warm = executor.memory_footprint();
    executor.release();
    executor.release();
    let (empty, summary) = (executor.memory_footprint(), executor.summary().unwrap());
    assert!(empty.heap < warm.heap / 10, "{} of {} bytes", empty.heap, warm.heap);
    assert_eq!(summary.passed, 1, "counts of runs are no part that can be built again");
    executor.warm(&Part::ALL).unwrap();
    assert_eq!(executor.memory_footprint(), warm);
    assert_eq!(Part::ALL.map(|part| executor.attempts(part)), [2, 2, 2, 2, 1, 2]);
}

#[test]
fn a_release_keeps_artifacts_that_would_be_lost() {
    let mut config = full(Path::new("unused"));
    if let Some(cloud) = &mut config.cloud {
        cloud.provider = Provider::Memory;
    }
    let mut executor = Executor::new_eager(config).unwrap();
    executor.publish("good.json", &Record::default()).unwrap();
    executor.release();
    assert_eq!(executor.cloud_manager().unwrap().list("").unwrap().len(), 1);
    assert_eq!(executor.attempts(Part::CloudManager), 1);
}

#[test]
fn an_executor_holds_nothing_of_results_that_were_cleared() {
    let result =
        |run: usize| Record { app_name: "x".repeat(1024), success: !run.is_multiple_of(3), ..Record::default() };
    let mut executor = Executor::new(Config::minimal());
    let empty = executor.memory_footprint();
    for _ in 0..3 {
        executor.push_result(result(1));
        let one = executor.memory_footprint().heap;
        (2..=300).for_each(|run| executor.push_result(result(run)));
        assert!(executor.memory_footprint().heap > 250 * one / 4);
        assert_eq!((executor.results().len(), executor.results().passed()), (300, 200));
        executor.clear_results();
        assert_eq!(executor.memory_footprint(), empty);
        assert_eq!(executor.results().success_percent(), 0.0);
    }
}

#[test]
fn a_suite_says_what_its_executor_is_made_with() {
    let root = tempfile::tempdir().unwrap();
    let settings = root.path().join("organisation.json");
    std::fs::write(&settings, r#"{"max_projects":1}"#).unwrap();
    let path = |path: &Path| serde_json::to_string(path).unwrap();
    let text = format!(
        r#"{{"name":"nightly","apps":[{{"name":"Till","type":"desktop","path":"/opt/till"}}],"settings":{{
            "ai":{{"confidence":0.8,"max_tests":10}},"enterprise":{},
            "cloud":{{"provider":"local","root":{},"bucket":"runs","retention_days":30}}}}}}"#,
        path(&settings),
        path(root.path())
    );
    let executor = Executor::new_eager(Suite::parse(&text).unwrap().config()).unwrap();
    assert_eq!(Part::ALL.map(|part| executor.attempts(part)), [1; 6]);
    assert_eq!(executor.ai_tester().config(), TesterConfig { confidence: 0.8, max_tests: 10 });
    assert_eq!(executor.cloud_manager().unwrap().bucket(), root.path().join("runs"));
    assert!(executor.admits_project(0).unwrap() && !executor.admits_project(1).unwrap());
}
