//! Reading, checking and keeping the suite of a file: three applications, four actions.

use super::super::case::{Case, Throughput};
use super::super::harness::Harness;
use perfblocks::executor::suite::{AppKind, Suite, SuiteFile};
use std::hint::black_box;
use std::sync::Arc;
use tempfile::TempDir;

const TEXT: &str = r##"{
  "name": "Shop nightly",
  "output": "out/nightly",
  "apps": [
    {"name": "Shop", "type": "web", "url": "https://shop.example"},
    {"name": "Till", "type": "desktop", "path": "/opt/till/bin/till"},
    {"name": "Scanner", "type": "mobile", "platform": "android", "device": "emulator-5554"}
  ],
  "actions": [
    {"name": "open", "type": "navigate", "value": "https://shop.example/login"},
    {"name": "user", "type": "fill", "selector": "#user", "value": "tester"},
    {"name": "send", "type": "submit", "selector": "#login"},
    {"name": "settle", "type": "wait", "duration_ms": 500}
  ],
  "settings": {"screenshot_format": "jpg", "quality": 75, "headless": true, "log_level": "warn"}
}
"##;

fn suite() -> Suite {
    Suite::parse(TEXT).expect("it is a suite that can be run")
}

#[track_caller]
fn check(suite: &Suite) {
    assert_eq!((suite.apps.len(), suite.actions.len(), suite.settings.quality), (3, 4, 75));
    assert_eq!(suite.apps[2].kind, AppKind::Mobile);
}

/// Hands over the cases of this component.
pub(super) fn cases(harness: &mut impl Harness) {
    harness.case(
        Case::new("executor/config/validate/3apps_4actions", suite, |suite| black_box(&*suite).problems())
            .check(|suite, problems| {
                assert!(problems.is_empty());
                let mut spoilt = suite.clone();
                spoilt.apps[2].platform.clear();
                spoilt.actions[3].kind = "wiat".into();
                assert_eq!(spoilt.problems().len(), 2, "it does look");
            })
            .throughput(Throughput::Elements(7)),
    );
    harness.case(
        Case::new("executor/config/load_miss/small", || (), |()| Suite::parse(black_box(TEXT)))
            .check(|(), parsed| check(parsed.as_ref().expect("it is a suite that can be run")))
            .throughput(Throughput::Bytes(TEXT.len() as u64)),
    );
    harness.case(Case::new("executor/config/load_hit/small", loaded, |(_, file, _)| file.load()).check(
        |(_, _, first), again| {
            let again = again.as_ref().expect("the file is there");
            assert!(Arc::ptr_eq(first, again), "it was not parsed again");
            check(again);
        },
    ));
}

/// A file that has been loaded once.
fn loaded() -> (TempDir, SuiteFile, Arc<Suite>) {
    let directory = tempfile::tempdir().expect("the system has a directory for temporary files");
    let path = directory.path().join("suite.json");
    std::fs::write(&path, TEXT).expect("the directory is ours");
    let file = SuiteFile::new(path);
    let first = file.load().expect("it is a suite that can be run");
    (directory, file, first)
}
