//! A directory that is written to: whether it can be, what file system it lies on, and how much room there is.

use std::fs;
use std::path::{Path, PathBuf};

use rustix::fs::{StatVfs, StatVfsMountFlags, statvfs};

use crate::collect::cache::refuse;
use benchgate_core::model::{Known, Place};

/// Where executables are built and kept; made where it is not there yet, as a run would.
pub(super) fn cache(home: &Path) -> Place {
    let refusal = refuse(home).map_err(|error| format!("{error:#}")).and_then(|()| writable(home));
    of(home, refusal.err())
}

/// Where runs are kept. Nothing is written: the first run makes it.
pub(super) fn target(directory: &Path) -> Place {
    of(directory, None)
}

/// There is no such place.
pub(super) fn nowhere(why: &anyhow::Error) -> Place {
    let why = format!("{why:#}");
    let unknown = || "there is no such directory".to_owned();
    Place {
        path: PathBuf::new(),
        refusal: Some(why),
        kind: Err(unknown()),
        is_executable: Err(unknown()),
        free_bytes: Err(unknown()),
    }
}

fn of(path: &Path, refusal: Option<String>) -> Place {
    let there = path.ancestors().find(|place| place.exists()).unwrap_or(path);
    let room = statvfs(there).map_err(|error| format!("`{}`: {error}", there.display()));
    let read = |of: fn(&StatVfs) -> u64| room.as_ref().map(of).map_err(Clone::clone);
    Place {
        path: path.to_owned(),
        refusal,
        kind: kind(there),
        is_executable: room.as_ref().map(|room| !room.f_flag.contains(StatVfsMountFlags::NOEXEC)).map_err(Clone::clone),
        free_bytes: read(|room| room.f_bavail.saturating_mul(room.f_frsize)),
    }
}

fn writable(directory: &Path) -> Result<(), String> {
    let made = fs::create_dir_all(directory).and_then(|()| tempfile::tempfile_in(directory).map(drop));
    made.map_err(|error| format!("`{}` cannot be written: {error}", directory.display()))
}

fn kind(path: &Path) -> Known<String> {
    const MOUNTS: &str = "/proc/self/mounts";
    let path = fs::canonicalize(path).map_err(|error| format!("`{}`: {error}", path.display()))?;
    let mounts = fs::read_to_string(MOUNTS).map_err(|error| format!("`{MOUNTS}` cannot be read: {error}"))?;
    kind_in(&mounts, &path).ok_or_else(|| format!("`{MOUNTS}` does not list it"))
}

/// The kind of the innermost mount that holds a path; of two at one place the later hides the earlier. A line is
/// `device directory kind options 0 0`, with blanks in names as `\040`.
fn kind_in(mounts: &str, path: &Path) -> Option<String> {
    let mounts = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        Some((words.next()?.replace("\\040", " "), words.next()?))
    });
    let held = mounts.filter(|(directory, _)| path.starts_with(directory));
    held.max_by_key(|(directory, _)| directory.len()).map(|(_, kind)| kind.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn innermost_and_latest_mount_counts() {
        #[track_caller]
        fn check(path: &str, expected: Option<&str>) {
            let mounts = "overlay / overlay rw 0 0\ntmpfs /tmp tmpfs rw 0 0\n/dev/sda1 /tmp/my\\040disk ext4 rw 0 0\n\
                          tmpfs /data tmpfs rw 0 0\n/dev/sdb1 /data xfs rw 0 0\nnonsense\n";
            assert_eq!(kind_in(mounts, Path::new(path)).as_deref(), expected);
        }
        check("/var/cache", Some("overlay"));
        check("/tmp/x", Some("tmpfs"));
        check("/tmpx", Some("overlay"));
        check("/tmp/my disk/x", Some("ext4"));
        check("/data", Some("xfs"));
        assert_eq!(kind_in("", Path::new("/")), None);
    }

    #[test]
    fn a_place_that_cannot_be_written_says_so() {
        let home = tempfile::tempdir().unwrap();
        assert_eq!(cache(&home.path().join("new")).refusal, None);
        fs::write(home.path().join("file"), "").unwrap();
        let refusal = cache(&home.path().join("file/below")).refusal.unwrap();
        assert!(refusal.contains("cannot be written"), "{refusal}");
        let refusal = cache(&home.path().join("a b")).refusal.unwrap();
        assert!(refusal.contains("BENCHGATE_CACHE_DIR"), "{refusal}");
    }
}
