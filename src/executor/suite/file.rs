//! Keeps the suite of a file until the file changes.
//!
//! Whether it has changed is seen from what the file system says of it, without opening it: device, inode, length, time of
//! the last change of the contents, and of the last change of any kind, which no program can set back. A rename of a new file
//! over the old one is always seen. Not seen is one thing: a second write of the same length within the same tick of the
//! file system's clock, some milliseconds, when the file was loaded between the two. Where programs write like that, call
//! [`SuiteFile::forget`] after the last write.

use super::{Suite, SuiteError};
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// Reads of a file that is being written, before what was read is taken as it is, and not kept.
const READS: u32 = 3;

/// A file with a suite. Loading it again costs one look at the file system while the file stays the same, and allocates
/// nothing; all who loaded the same contents share one suite, which nobody can change.
///
/// ```
/// use perfblocks::executor::suite::SuiteFile;
/// use std::sync::Arc;
/// let directory = tempfile::tempdir()?;
/// let path = directory.path().join("suite.json");
/// let text = r#"{"name": "nightly", "apps": [{"name": "Till", "type": "desktop", "path": "/opt/till"}]}"#;
/// std::fs::write(&path, text)?;
/// let file = SuiteFile::new(&path);
/// let first = file.load()?;
/// assert!(Arc::ptr_eq(&first, &file.load()?));
/// std::fs::write(&path, text.replace("nightly", "weekly"))?;
/// assert_eq!(file.load()?.name, "weekly");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SuiteFile {
    path: PathBuf,
    kept: Mutex<Option<Kept>>,
}

#[derive(Debug)]
struct Kept {
    stamp: Stamp,
    suite: Arc<Suite>,
}

/// What a file system says of a file that changes with its contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    len: u64,
    modified: Option<SystemTime>,
    #[cfg(unix)]
    inode: (u64, u64),
    #[cfg(unix)]
    changed: (i64, i64),
}

impl Stamp {
    fn of(metadata: &Metadata) -> Stamp {
        #[cfg(unix)]
        use std::os::unix::fs::MetadataExt;
        Stamp {
            len: metadata.len(),
            modified: metadata.modified().ok(),
            #[cfg(unix)]
            inode: (metadata.dev(), metadata.ino()),
            #[cfg(unix)]
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

impl SuiteFile {
    /// The file at `path`. It is not looked at before it is loaded.
    pub fn new(path: impl Into<PathBuf>) -> SuiteFile {
        SuiteFile { path: path.into(), kept: Mutex::new(None) }
    }

    /// The suite that the file holds now. Where several threads meet a changed file, one parses and the others wait for it.
    ///
    /// # Errors
    /// When the file cannot be read or holds no suite that can be run. Nothing is kept then, and the next call reads again.
    pub fn load(&self) -> Result<Arc<Suite>, SuiteError> {
        let mut kept = self.kept();
        let stamp = fs::metadata(&self.path).map(|metadata| Stamp::of(&metadata));
        if let (Some(Kept { stamp: old, suite }), Ok(new)) = (&*kept, stamp)
            && *old == new
        {
            return Ok(Arc::clone(suite));
        }
        *kept = None;
        let (text, stamp) = read(&self.path).map_err(|source| SuiteError::Read { path: self.path.clone(), source })?;
        let suite = Arc::new(Suite::parse(&text)?);
        *kept = stamp.map(|stamp| Kept { stamp, suite: Arc::clone(&suite) });
        Ok(suite)
    }

    /// Lets go of what is kept: the next load reads the file.
    pub fn forget(&self) {
        *self.kept() = None;
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn kept(&self) -> MutexGuard<'_, Option<Kept>> {
        // What is kept is replaced whole, so a panic while parsing leaves nothing half-done behind it.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The text of a file and its stamp; none if it never kept still while it was read.
fn read(path: &Path) -> io::Result<(String, Option<Stamp>)> {
    let mut text = String::new();
    for _ in 0..READS {
        let mut file = File::open(path)?;
        let before = Stamp::of(&file.metadata()?);
        text.clear();
        file.read_to_string(&mut text)?;
        if Stamp::of(&file.metadata()?) == before {
            return Ok((text, Some(before)));
        }
    }
    Ok((text, None))
}

#[cfg(test)]
mod tests {
    use super::super::{Suite, SuiteError};
    use super::SuiteFile;
    use std::fs::{self, File};
    use std::path::PathBuf;
    use std::sync::{Arc, Barrier};
    use std::time::{Duration, UNIX_EPOCH};
    use tempfile::TempDir;

    fn text(name: &str) -> String {
        format!(r#"{{"name":"{name}","apps":[{{"name":"Till","type":"desktop","path":"/opt/till"}}]}}"#)
    }

    fn file(name: &str) -> (TempDir, PathBuf, SuiteFile) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("suite.json");
        fs::write(&path, text(name)).unwrap();
        let file = SuiteFile::new(&path);
        (directory, path, file)
    }

    /// After `change`, the file is read anew and names `expected`; then it is kept again.
    #[track_caller]
    fn check(change: impl FnOnce(&PathBuf, &SuiteFile), expected: &str) {
        let (_directory, path, file) = file("one");
        let first = file.load().unwrap();
        assert!(Arc::ptr_eq(&first, &file.load().unwrap()), "an unchanged file is not read again");
        change(&path, &file);
        let second = file.load().unwrap();
        assert_eq!(second.name, expected);
        assert!(!Arc::ptr_eq(&first, &second), "a changed file is read again");
        assert!(Arc::ptr_eq(&second, &file.load().unwrap()));
        assert_eq!(first.name, "one", "what was handed out stays");
    }

    #[test]
    fn every_change_that_a_file_system_tells_is_seen() {
        check(|path, _| fs::write(path, text("three")).unwrap(), "three");
        check(
            |path, _| {
                let other = path.with_extension("new");
                fs::write(&other, text("two")).unwrap();
                fs::rename(other, path).unwrap();
            },
            "two",
        );
        check(
            |path, _| {
                fs::write(path, text("two")).unwrap();
                let later = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
                File::options().write(true).open(path).unwrap().set_modified(later).unwrap();
            },
            "two",
        );
        check(|_, file| file.forget(), "one");
    }

    #[test]
    fn a_failure_is_told_every_time_and_mended_by_a_good_file() {
        let (_directory, path, file) = file("one");
        file.load().unwrap();
        fs::remove_file(&path).unwrap();
        for _ in 0..2 {
            assert!(matches!(file.load(), Err(SuiteError::Read { path: named, .. }) if named == path));
        }
        fs::write(&path, "{").unwrap();
        assert!(matches!(file.load(), Err(SuiteError::Text(_))));
        fs::write(&path, text("")).unwrap();
        assert!(matches!(file.load(), Err(SuiteError::Invalid { .. })));
        fs::write(&path, text("mended")).unwrap();
        assert_eq!(file.load().unwrap().name, "mended");
        assert_eq!(file.path(), path);
    }

    #[test]
    fn racing_loaders_parse_once() {
        const THREADS: usize = 8;
        for _ in 0..50 {
            let (_directory, _path, file) = file("one");
            let start = Barrier::new(THREADS);
            let load = || {
                start.wait();
                file.load().unwrap()
            };
            let loaded: Vec<Arc<Suite>> = std::thread::scope(|scope| {
                let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(load)).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            assert!(loaded.windows(2).all(|pair| Arc::ptr_eq(&pair[0], &pair[1])));
        }
    }
}
