//! Following a path through the file system, as the kernel does for a process, and telling what it meets.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::task::Task;

/// As many links as Linux follows in one path.
const MOST_LINKS: u32 = 40;

/// Follows `path` from the directory `start`. Tells `met` each symbolic link on the way and where the path ends: at what it
/// names, or at the first name that is not there. The last name is followed too, though not every call does so. Returns where
/// it ends.
pub(super) fn walk(start: &Path, path: &[u8], task: Task, mut met: impl FnMut(&Path)) -> PathBuf {
    let mut at = if path.starts_with(b"/") { PathBuf::from("/") } else { start.to_owned() };
    let mut names: VecDeque<OsString> = parts(path).collect();
    let mut links = 0;
    while let Some(name) = names.pop_front() {
        if name == ".." {
            at.pop();
            continue;
        }
        let next = at.join(&name);
        // What these links say is about the process that asks, and here that would be this one.
        let own = if at == Path::new("/proc") { task.own_link(&name) } else { None };
        let metadata = fs::symlink_metadata(&next);
        let target = match (own, &metadata) {
            (Some(own), _) => Some(own),
            (None, Ok(metadata)) if metadata.is_symlink() => fs::read_link(&next).ok(),
            (None, _) => None,
        };
        match target {
            Some(target) if links < MOST_LINKS => {
                met(&next);
                links += 1;
                let target = target.as_os_str().as_bytes();
                if target.starts_with(b"/") {
                    at = "/".into();
                }
                parts(target).collect::<Vec<_>>().into_iter().rev().for_each(|name| names.push_front(name));
            }
            _ if metadata.is_ok_and(|metadata| metadata.is_dir()) => at = next,
            _ => {
                at = next;
                break;
            }
        }
    }
    met(&at);
    at
}

fn parts(path: &[u8]) -> impl Iterator<Item = OsString> {
    let names = path.split(|byte| *byte == b'/').filter(|name| !name.is_empty() && *name != b".");
    names.map(|name| OsStr::from_bytes(name).to_owned())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_on_the_way_are_met_and_what_is_missing_ends_it() {
        let home = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(home.path()).unwrap();
        fs::create_dir_all(root.join("docs/deep")).unwrap();
        fs::write(root.join("docs/guide.md"), "").unwrap();
        symlink("docs", root.join("data")).unwrap();
        symlink(root.join("data/guide.md"), root.join("page")).unwrap();
        symlink("loop", root.join("loop")).unwrap();
        let check = |path: &str, expected: &[&str]| {
            let mut seen = Vec::new();
            let path = path.replace("ROOT", root.to_str().unwrap());
            let end = walk(&root, path.as_bytes(), Task::new(std::process::id()), |path| seen.push(path.to_owned()));
            assert_eq!(seen.last(), Some(&end));
            let seen: Vec<_> = seen.iter().map(|path| path.strip_prefix(&root).unwrap_or(path)).collect();
            assert_eq!(seen, expected.iter().map(Path::new).collect::<Vec<_>>(), "{path}");
        };
        check("docs/guide.md", &["docs/guide.md"]);
        check("./docs//deep/../guide.md", &["docs/guide.md"]);
        check("ROOT/data/guide.md", &["data", "docs/guide.md"]);
        check("page", &["page", "data", "docs/guide.md"]);
        check("data/deep/..", &["data", "docs"]);
        check("docs/gone/x", &["docs/gone"]);
        check("docs/guide.md/x", &["docs/guide.md"]);
        check("gone/../docs", &["gone"]);
        check("", &[""]);
        check(&"../".repeat(100), &["/"]);
        assert_eq!(walk(&root, b"loop", Task::new(std::process::id()), |_| ()), root.join("loop"));
        let own = walk(&root, b"/proc/self/cwd", Task::new(std::process::id()), |_| ());
        assert_eq!(own, std::env::current_dir().unwrap());
    }
}
