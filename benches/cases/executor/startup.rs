//! What starting costs, lazily and eagerly, what a part costs when it is first wanted, and what it costs that is there.
//!
//! The detectors of these executors compile their tables for each executor, as the original's do; but for the cold cases, which
//! take what the library takes unless told otherwise: tables of the process, compiled once. So those run in a process of their
//! own each.
//!
//! Each configuration holds the one before: minimal, then cloud storage with its analytics, then the enterprise integration.
//! Making and cloning a configuration is not measured.

use super::super::case::{Case, Measures, Threaded, Throughput};
use super::super::cold::Cold;
use super::super::harness::Harness;
use super::CALLS;
use perfblocks::executor::cloud::{CloudConfig, Provider};
use perfblocks::executor::enterprise::EnterpriseConfig;
use perfblocks::executor::{Config, Executor, Part};
use std::cell::LazyCell;
use std::hint::black_box;
use tempfile::TempDir;

/// Settings of an organisation as they stand in a configuration: every key, and roles of its own.
const SETTINGS: &str = r#"{"organization":"Acme Testing","max_projects":25,"max_users":200,"audit_retention_days":365,
"session_hours":12,"roles":["owner","admin","release manager","editor","viewer"]}"#;

/// How often each part is built when all are that a configuration asks for, in the order of [`Part::ALL`].
const MINIMAL: [u32; 6] = [1, 1, 1, 0, 0, 0];
const CLOUD: [u32; 6] = [1, 1, 1, 1, 1, 0];
const ENTERPRISE: [u32; 6] = [1; 6];

/// A configuration, and the directory of its cloud storage while the case lives.
struct Ground {
    root: TempDir,
    config: Config,
}

/// Nothing is made before it is asked for: a case that is only listed leaves no directory.
type Lazy = LazyCell<Ground, fn() -> Ground>;

/// What hands out copies of a configuration.
fn copies(ground: fn() -> Ground) -> impl Fn() -> Config + 'static {
    let ground: Lazy = LazyCell::new(ground);
    move || ground.config.clone()
}

fn minimal() -> Ground {
    let root = tempfile::tempdir().expect("the system has a directory for temporary files");
    Ground { root, config: Config::minimal() }
}

fn cloud() -> Ground {
    let Ground { root, config } = minimal();
    let cloud = CloudConfig {
        provider: Provider::Local,
        root: root.path().into(),
        bucket: "runs".into(),
        retention_days: 30,
        max_artifacts: None,
    };
    Ground { root, config: Config { cloud: Some(cloud), ..config } }
}

fn enterprise() -> Ground {
    let Ground { root, config } = cloud();
    Ground { root, config: Config { enterprise: Some(EnterpriseConfig::Inline(SETTINGS.into())), ..config } }
}

/// Hands over the cases of this component.
pub(super) fn cases(harness: &mut impl Harness) {
    eager(harness, "executor/startup/new_eager/minimal", minimal, MINIMAL);
    eager(harness, "executor/startup/new_eager/cloud", cloud, CLOUD);
    eager(harness, "executor/startup/new_eager/enterprise", enterprise, ENTERPRISE);
    lazy(harness, "executor/startup/new_lazy/minimal", minimal);
    lazy(harness, "executor/startup/new_lazy/cloud", cloud);
    lazy(harness, "executor/startup/new_lazy/enterprise", enterprise);
    all_used(harness);
    cold(harness);
    first_use(harness);
    cached(harness);
}

fn eager(harness: &mut impl Harness, id: &str, ground: fn() -> Ground, built: [u32; 6]) {
    let case = Case::with_input(
        id,
        || (),
        copies(ground),
        |(), config| Executor::new_eager(config).expect("its directory is there and its settings fit"),
    )
    .check(move |(), executor| assert_eq!(attempts(executor), built));
    harness.case(case);
}

fn lazy(harness: &mut impl Harness, id: &str, ground: fn() -> Ground) {
    let case = Case::with_input(id, || (), copies(ground), |(), config| Executor::new(config))
        .check(|(), executor| assert_eq!(attempts(executor), [0; 6]));
    harness.case(case);
}

/// Lazy, with every part wanted: it must cost what the eager start costs.
fn all_used(harness: &mut impl Harness) {
    let case = Case::with_input(
        "executor/startup/new_lazy/all_used",
        || (),
        copies(enterprise),
        |(), config| {
            let executor = Executor::new(config);
            touch(&executor);
            executor
        },
    )
    .check(|(), executor| assert_eq!(attempts(executor), ENTERPRISE));
    harness.case(case);
}

/// Wants every part of an executor that has all.
fn touch(executor: &Executor) {
    black_box(executor.test_generator());
    black_box(executor.error_detector());
    black_box(executor.ai_tester());
    black_box(executor.cloud_manager().expect("its directory is there"));
    black_box(executor.cloud_analytics().expect("its directory is there"));
    black_box(executor.enterprise().expect("its settings fit"));
}

/// The first start of a process, with tables that the process shares.
fn cold(harness: &mut impl Harness) {
    let eager = Cold::new("executor/startup/cold/new_eager", || Executor::new_eager(black_box(Config::default())))
        .check(|executor| assert_eq!(executor.as_ref().map(attempts).expect("no part of it can fail"), MINIMAL));
    harness.cold(eager);
    let lazy = Cold::new("executor/startup/cold/new_lazy", || Executor::new(black_box(Config::default())))
        .check(|executor| assert_eq!(attempts(executor), [0; 6]));
    harness.cold(lazy);
    let all_used = Cold::new("executor/startup/cold/all_used", || {
        let executor = Executor::new(black_box(Config::default()));
        black_box(executor.test_generator());
        black_box(executor.error_detector());
        black_box(executor.ai_tester());
        executor
    })
    .check(|executor| assert_eq!(attempts(executor), MINIMAL));
    harness.cold(all_used);
}

/// The first call of a getter; making the executor is not part of it, the parts that the wanted one needs are.
fn first_use(harness: &mut impl Harness) {
    let (testgen, detector, tester) = ([1, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0], MINIMAL);
    let (manager, analytics, integration) = ([0, 0, 0, 1, 0, 0], [0, 0, 0, 1, 1, 0], [0, 0, 0, 0, 0, 1]);
    first(harness, "executor/startup/first_use/testgen", testgen, |executor| {
        black_box(executor.test_generator());
    });
    first(harness, "executor/startup/first_use/error_detector", detector, |executor| {
        black_box(executor.error_detector());
    });
    first(harness, "executor/startup/first_use/ai_tester", tester, |executor| {
        black_box(executor.ai_tester());
    });
    first(harness, "executor/startup/first_use/cloud", manager, |executor| {
        black_box(executor.cloud_manager().expect("its directory is there"));
    });
    first(harness, "executor/startup/first_use/analytics", analytics, |executor| {
        black_box(executor.cloud_analytics().expect("its directory is there"));
    });
    first(harness, "executor/startup/first_use/enterprise", integration, |executor| {
        black_box(executor.enterprise().expect("its settings fit"));
    });
}

fn first(harness: &mut impl Harness, id: &str, built: [u32; 6], want: impl Fn(&Executor) + 'static) {
    let config = copies(enterprise);
    let case = Case::with_input(
        id,
        || (),
        move || Executor::new(config()),
        move |(), executor| {
            want(&executor);
            executor
        },
    )
    .check(move |(), executor| {
        assert_eq!(attempts(executor), built);
        assert_eq!(executor.error_detector().patterns().len(), 14);
        assert_eq!(executor.detect("a deadlock").len(), 1);
    });
    harness.case(case);
}

/// Later calls of a getter, on one thread and on several that share the executor and race for the first.
fn cached(harness: &mut impl Harness) {
    let warm = || Executor::new_eager(Config::minimal()).expect("no part of it can fail");
    let case = Case::new("executor/startup/get_cached/ai_tester", warm, |executor| get(executor))
        .check(|executor, tests| {
            assert_eq!(attempts(executor), MINIMAL);
            assert_eq!(*tests, CALLS as usize * executor.config().ai.max_tests);
        })
        .counters(|executor| vec![("constructions", u64::from(executor.attempts(Part::AiTester)))])
        .throughput(Throughput::Elements(u64::from(CALLS)));
    harness.case(case);
    let racing =
        Threaded::new("executor/startup/get_cached/mt", &[1, 2, 4, 8], || Executor::new(Config::minimal()), get)
            .check(|executor, _| assert_eq!(attempts(executor), MINIMAL))
            .counters(|executor| vec![("constructions", u64::from(executor.attempts(Part::AiTester)))])
            .measures(Measures::TimeHeap);
    harness.threaded(racing);
}

/// Gets the AI tester [`CALLS`] times, and reads something of it each time.
fn get(executor: &Executor) -> usize {
    (0..CALLS).map(|_| black_box(executor).ai_tester().config().max_tests).sum()
}

fn attempts(executor: &Executor) -> [u32; 6] {
    Part::ALL.map(|part| executor.attempts(part))
}
