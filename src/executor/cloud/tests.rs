use super::*;
use std::fs;
use std::time::Duration;
use tempfile::TempDir;

const DAY: Duration = Duration::from_secs(86_400);

fn config(provider: Provider, root: &Path) -> CloudConfig {
    CloudConfig { provider, root: root.into(), bucket: "runs".into(), retention_days: 30, max_artifacts: None }
}

/// A manager of each store, and the directory of the first.
fn managers(max_artifacts: Option<usize>) -> (TempDir, [CloudManager; 2]) {
    let root = tempfile::tempdir().unwrap();
    let manager =
        |provider| CloudManager::new(&CloudConfig { max_artifacts, ..config(provider, root.path()) }).unwrap();
    let both = [Provider::Local, Provider::Memory].map(manager);
    (root, both)
}

fn names(manager: &CloudManager, prefix: &str) -> Vec<String> {
    manager.list(prefix).unwrap().into_iter().map(|artifact| artifact.name).collect()
}

/// What both stores do with the same calls: `expected` names are left of `uploads` once `deletes` are gone.
#[track_caller]
fn check(uploads: &[&str], deletes: &[&str], prefix: &str, expected: &[&str]) {
    let (_root, managers) = managers(None);
    for manager in &managers {
        for (index, name) in uploads.iter().enumerate() {
            manager.upload(name, format!("{index} {name}").as_bytes()).unwrap();
        }
        deletes.iter().for_each(|name| manager.delete(name).unwrap());
        assert_eq!(names(manager, prefix), expected, "{manager:?}");
        for name in expected {
            let index = uploads.iter().rposition(|upload| upload == name).unwrap();
            let text = format!("{index} {name}");
            assert_eq!(manager.download(name).unwrap(), text.as_bytes());
            assert_eq!(manager.list(name).unwrap()[0].size, text.len() as u64);
        }
        for name in deletes {
            let missing = [manager.download(name).map(drop), manager.delete(name)];
            assert!(missing.iter().all(|result| matches!(result, Err(CloudError::Missing(found)) if found == name)));
        }
    }
}

#[test]
fn what_is_uploaded_is_listed_in_order_and_downloaded_until_it_is_deleted() {
    check(&[], &[], "", &[]);
    check(&["b", "a"], &[], "", &["a", "b"]);
    check(&["a", "a"], &[], "", &["a"]);
    check(&["a", "b"], &["a"], "", &["b"]);
    check(&["n/1/shot.png", "n/2/shot.png", "m/1"], &[], "n/", &["n/1/shot.png", "n/2/shot.png"]);
    check(&["n/1", "n1", "n-1", "m"], &[], "n", &["n-1", "n/1", "n1"]);
    check(&["n/1/a", "n/10/a", "n/2/a"], &[], "n/1", &["n/1/a", "n/10/a"]);
    check(&["n/1/a", "n/1/b"], &["n/1/a"], "", &["n/1/b"]);
    check(&["n/1/a", "b"], &["n/1/a"], "", &["b"]);
}

#[test]
fn what_no_artifact_is_named_is_missing_and_what_none_could_be_is_refused() {
    let (_root, managers) = managers(None);
    for manager in &managers {
        manager.upload("n/1", b"text").unwrap();
        for missing in ["m", "n", "n/1/x"] {
            assert!(matches!(manager.download(missing), Err(CloudError::Missing(_))), "{manager:?} {missing}");
            assert!(matches!(manager.delete(missing), Err(CloudError::Missing(_))), "{manager:?} {missing}");
        }
        for refused in ["../n/1", "/n/1", "", "n.partial"] {
            let results = [manager.upload(refused, b""), manager.download(refused).map(drop), manager.delete(refused)];
            assert!(results.iter().all(|result| matches!(result, Err(CloudError::Name(name)) if name == refused)));
        }
        assert_eq!(names(manager, ""), ["n/1"]);
    }
    let error = managers[0].download("m").unwrap_err();
    assert_eq!(error.to_string(), "there is no artifact `m`");
}

#[test]
fn a_directory_keeps_no_partial_and_no_empty_one_and_lists_only_artifacts() {
    let (root, [local, _]) = managers(None);
    local.upload("n/1/a", b"one").unwrap();
    local.upload("n/1/a", b"two").unwrap();
    let bucket = root.path().join("runs");
    assert_eq!((local.bucket(), fs::read(bucket.join("n/1/a")).unwrap().as_slice()), (&*bucket, &b"two"[..]));
    fs::write(bucket.join("n/b.0.partial"), b"half").unwrap();
    fs::write(bucket.join(".lock"), b"").unwrap();
    assert_eq!(names(&local, ""), ["n/1/a"]);
    local.delete("n/1/a").unwrap();
    assert!(!bucket.join("n/1").exists() && bucket.join("n").exists());
    assert_eq!(fs::read_dir(&bucket).unwrap().count(), 2, "what is no artifact stays");
}

#[test]
fn a_clean_up_deletes_the_old_and_the_many() {
    let (root, [local, memory]) = managers(Some(3));
    let now = SystemTime::now();
    for (name, days) in [("n/a", 31), ("n/b", 29), ("c", 3), ("d", 2), ("e", 1)] {
        local.upload(name, name.as_bytes()).unwrap();
        let file = fs::File::options().append(true).open(root.path().join("runs").join(name)).unwrap();
        file.set_modified(now - days * DAY).unwrap();
    }
    assert_eq!(local.clean_up(now).unwrap(), CleanUp { deleted: 2, freed: 6, kept: 3 });
    assert_eq!(names(&local, ""), ["c", "d", "e"]);
    assert_eq!(local.clean_up(now).unwrap(), CleanUp { deleted: 0, freed: 0, kept: 3 });
    assert_eq!(local.clean_up(now + 28 * DAY).unwrap(), CleanUp { deleted: 1, freed: 1, kept: 2 });

    ["a", "b", "c", "d"].into_iter().for_each(|name| memory.upload(name, b"text").unwrap());
    assert_eq!(memory.clean_up(SystemTime::now()).unwrap(), CleanUp { deleted: 1, freed: 4, kept: 3 });
    assert_eq!(memory.clean_up(SystemTime::now() + 31 * DAY).unwrap(), CleanUp { deleted: 3, freed: 12, kept: 0 });
    assert_eq!((names(&memory, ""), memory.store.memory_usage()), (Vec::<String>::new(), 0));
}

/// A store in which one artifact cannot be deleted and another is gone before its turn.
#[derive(Debug, Default)]
struct Stubborn(Memory);

impl Store for Stubborn {
    fn put(&self, name: Name<'_>, bytes: &[u8]) -> Result<(), CloudError> {
        self.0.put(name, bytes)
    }

    fn get(&self, name: Name<'_>) -> Result<Option<Vec<u8>>, CloudError> {
        self.0.get(name)
    }

    fn list(&self, prefix: &str) -> Result<Vec<Artifact>, CloudError> {
        self.0.list(prefix)
    }

    fn delete(&self, name: Name<'_>) -> Result<bool, CloudError> {
        match name.as_str() {
            "locked" => Err(CloudError::Missing("key".into())),
            "gone" => self.0.delete(name).map(|_| false),
            _ => self.0.delete(name),
        }
    }

    fn is_durable(&self) -> bool {
        false
    }

    fn memory_usage(&self) -> usize {
        self.0.memory_usage()
    }
}

#[test]
fn a_clean_up_goes_on_behind_a_failure_and_tells_it() {
    let retention = Retention { max_age: DAY, max_count: None };
    let later = SystemTime::now() + 2 * DAY;
    let manager = CloudManager::with_store(Box::new(Stubborn::default()), "runs".into(), retention);
    manager.upload("a", b"text").unwrap();
    manager.upload("gone", b"text").unwrap();
    assert_eq!(manager.clean_up(later).unwrap(), CleanUp { deleted: 1, freed: 4, kept: 0 });
    ["a", "locked", "z"].into_iter().for_each(|name| manager.upload(name, b"text").unwrap());
    assert_eq!(manager.clean_up(later).unwrap_err().to_string(), "there is no artifact `key`");
    assert_eq!(names(&manager, ""), ["locked"]);
}

#[test]
fn uploads_and_deletions_side_by_side_leave_whole_artifacts() {
    let (_root, managers) = managers(None);
    for manager in &managers {
        let text = |writer: usize| vec![b'a' + writer as u8; 10_000];
        std::thread::scope(|scope| {
            for writer in 0..3 {
                scope.spawn(move || {
                    for _ in 0..50 {
                        manager.upload("n/1/shared", &text(writer)).unwrap();
                    }
                });
            }
            for _ in 0..50 {
                if let Ok(seen) = manager.download("n/1/shared") {
                    assert!(seen.len() == 10_000 && seen.iter().all(|&byte| byte == seen[0]));
                }
                assert!(names(manager, "").len() <= 1);
            }
        });
        assert_eq!(names(manager, ""), ["n/1/shared"]);
    }
}

#[test]
fn what_cannot_be_built_says_why() {
    #[track_caller]
    fn check(change: impl FnOnce(&mut CloudConfig), message: &str) {
        let root = tempfile::tempdir().unwrap();
        let mut config = config(Provider::Local, root.path());
        change(&mut config);
        assert_eq!(CloudManager::new(&config).unwrap_err().to_string().lines().next(), Some(message));
    }
    check(|config| config.provider = Provider::Gcp, "the provider `Gcp` is not wired, expected `Local` or `Memory`");
    check(|config| config.bucket = "../runs".into(), "`../runs` is no plain name of a bucket or an artifact");
    check(|config| config.bucket = "a/b".into(), "`a/b` is no plain name of a bucket or an artifact");
    check(|config| config.retention_days = 0, "the limit `retention_days` is 0, expected at least 1");
    check(|config| config.max_artifacts = Some(0), "the limit `max_artifacts` is 0, expected at least 1");
    check(|config| config.root = "/nonexistent".into(), "`/nonexistent/runs` could not be used");
}
