//! A clone in the cache that shares the objects of the user's repository and has a work tree of its own, which git writes.
//!
//! It holds what a clean clone does: the same commits, branches, tags and remotes, so that a build script can ask for revision and
//! tag. It is put together by hand (`git clone --shared` refuses a shallow repository), and what it adds goes to its own object
//! store: nothing is ever written to the user's repository.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::ErrorKind;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use super::super::cache::hex;
use super::super::command::{line, output, output_given};

/// Variables by which git finds a repository, an index and objects. A hook has them in its environment; here they would lead to the
/// user's repository. The list is that of `git rev-parse --local-env-vars` without those that only carry settings.
pub(in crate::collect) const GIT_PLACES: [&str; 11] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// Settings of a repository that decide what its files look like when they are checked out, and where objects that it lacks come from.
const CARRIED_SETTINGS: &str = r"^(filter\..*|lfs\..*|remote\..*\.(url|fetch|promisor|partialclonefilter)|core\.(autocrlf|eol|safecrlf|symlinks|filemode|ignorecase|precomposeunicode|excludesfile)|extensions\.partialclone)$";

/// What a clone that is put together whole says of itself, in `benchgate` in its git directory.
const MARK: &str = "benchgate clone 1\n";

/// Loose objects that a clone may gather from uncommitted changes before it is made anew. A run adds a handful; 256 directories of
/// some twenty are read quickly.
const MOST_LOOSE_OBJECTS: usize = 5000;

/// A git directory that objects and names come from: the user's repository, or a submodule of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    git_dir: PathBuf,
}

impl Origin {
    /// The repository that has its work tree at `directory`, if it is the top of one.
    pub fn of_work_tree(directory: &Path) -> Option<Self> {
        fs::symlink_metadata(directory.join(".git")).ok()?;
        let mut command = git();
        let asked = line(command.arg("-C").arg(directory).args(["rev-parse", "--absolute-git-dir"])).ok()?;
        Some(Self { git_dir: PathBuf::from(asked) })
    }

    /// A git directory.
    pub fn of_git_dir(git_dir: PathBuf) -> Option<Self> {
        let origin = Self { git_dir };
        origin.has_objects().then_some(origin)
    }

    fn has_objects(&self) -> bool {
        self.path("objects").is_ok_and(|objects| objects.is_dir())
    }

    fn git(&self) -> Command {
        let mut command = git();
        let mut flag = OsString::from("--git-dir=");
        flag.push(&self.git_dir);
        command.arg(flag).env("GIT_OPTIONAL_LOCKS", "0");
        command
    }

    /// Where git keeps one of its files; that of a linked work tree is elsewhere than its git directory.
    pub fn path(&self, name: &str) -> Result<PathBuf> {
        let mut bytes = output(self.git().args(["rev-parse", "--path-format=absolute", "--git-path", name]))?;
        bytes.truncate(bytes.trim_ascii_end().len());
        Ok(PathBuf::from(OsString::from_vec(bytes)))
    }

    /// Whether a commit and all that it needs at once is here.
    pub fn has_commit(&self, commit: &str) -> bool {
        line(self.git().args(["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{commit}^{{tree}}")]))
            .is_ok()
    }

    /// `HEAD`; `None` before the first commit.
    pub fn head(&self) -> Option<String> {
        line(self.git().args(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])).ok()
    }

    fn object_format(&self) -> String {
        line(self.git().args(["rev-parse", "--show-object-format"])).unwrap_or_else(|_| "sha1".into())
    }
}

/// Git without what would lead it to another repository.
pub(super) fn git() -> Command {
    let mut command = Command::new("git");
    for name in GIT_PLACES {
        command.env_remove(name);
    }
    command
}

/// The clone.
#[derive(Clone, Debug)]
pub(super) struct SharedClone {
    pub git_dir: PathBuf,
    pub work_tree: PathBuf,
    /// Whether the work tree says where the git directory is: that of a submodule lies in its parent's, as git does it, so that the
    /// parent's files can be made anew without it.
    pub is_submodule: bool,
}

impl SharedClone {
    /// Brings the clone up to date with its origin, or makes it; without an origin it has nothing but what is put into it.
    ///
    /// # Errors
    /// Git or the file system refuse.
    pub fn open(origin: Option<&Origin>, git_dir: &Path, work_tree: &Path) -> Result<Self> {
        Self { git_dir: git_dir.to_owned(), work_tree: work_tree.to_owned(), is_submodule: false }.opened(origin)
    }

    /// The clone of a submodule that lies at `path` in this one's work tree.
    ///
    /// # Errors
    /// As [`SharedClone::open`].
    pub fn open_submodule(&self, origin: &Origin, path: &Path) -> Result<Self> {
        let name = &hex(&Sha256::digest(path.as_os_str().as_bytes()))[..16];
        let git_dir = self.git_dir.join("modules").join(name);
        Self { git_dir, work_tree: self.work_tree.join(path), is_submodule: true }.opened(Some(origin))
    }

    fn opened(self, origin: Option<&Origin>) -> Result<Self> {
        let clone = self;
        let (git_dir, work_tree) = (&clone.git_dir, &clone.work_tree);
        let mark = clone.mark(origin)?;
        if fs::read(clone.mark_file()).ok().as_deref() != Some(&mark) || clone.is_full() {
            clone.make(origin, &mark)?;
        }
        for lock in ["index.lock", "HEAD.lock", "packed-refs.lock", "config.lock", "shallow.lock"] {
            remove_if_there(&git_dir.join(lock))?; // of a run that was killed: the cache is ours alone
        }
        fs::create_dir_all(work_tree).with_context(|| format!("cannot make `{}`", work_tree.display()))?;
        if let Some(origin) = origin {
            clone.take_over(origin)?;
        }
        Ok(clone)
    }

    /// Removes the clone and its work tree.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn remove(&self) -> Result<()> {
        remove_tree(&self.git_dir)?;
        remove_tree(&self.work_tree)
    }

    /// Git, told to work here. Hooks and a monitor of the file system are the user's, not a clean clone's.
    pub fn git(&self) -> Command {
        let mut command = git();
        command.args(["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "gc.auto=0"]);
        command.args(["-c", "advice.detachedHead=false", "-c", "core.untrackedCache=false"]);
        command.env("GIT_DIR", &self.git_dir).env("GIT_WORK_TREE", &self.work_tree);
        if self.work_tree.is_dir() {
            command.current_dir(&self.work_tree);
        }
        command
    }

    /// Git with an index of its own, which lies beside the clone's.
    pub fn git_with_index(&self, index: &str) -> Command {
        let mut command = self.git();
        command.env("GIT_INDEX_FILE", self.index(index));
        command
    }

    /// Writes the file that leads from a submodule's work tree to its git directory.
    pub fn link_work_tree(&self) -> Result<()> {
        if !self.is_submodule {
            return Ok(());
        }
        // A bench may have put a link to somewhere else in its place.
        if !fs::symlink_metadata(&self.work_tree).is_ok_and(|metadata| metadata.is_dir()) {
            remove_tree(&self.work_tree)?;
        }
        let link = self.work_tree.join(".git");
        let text = [b"gitdir: ", self.git_dir.as_os_str().as_bytes(), b"\n"].concat();
        if fs::read(&link).ok().as_deref() != Some(&text) {
            fs::create_dir_all(&self.work_tree)
                .with_context(|| format!("cannot make `{}`", self.work_tree.display()))?;
            remove_tree(&link)?;
            fs::write(&link, text).with_context(|| format!("cannot write `{}`", link.display()))?;
        }
        Ok(())
    }

    /// Where such an index lies.
    pub fn index(&self, name: &str) -> PathBuf {
        self.git_dir.join(name)
    }

    /// The entries of an index, the clone's own where none is named.
    pub fn entries(&self, index: Option<&str>) -> Result<Vec<Entry>> {
        let mut command = index.map_or_else(|| self.git(), |index| self.git_with_index(index));
        Entry::parse(&output(command.args(["ls-files", "--stage", "-z"]))?)
    }

    /// The entries of a commit.
    pub fn entries_of(&self, commit: &str) -> Result<Vec<Entry>> {
        let mut command = self.git_with_index(LISTING_INDEX);
        remove_if_there(&self.index(LISTING_INDEX))?;
        output(command.args(["read-tree", commit]))?;
        self.entries(Some(LISTING_INDEX))
    }

    /// Puts bytes into the object store and returns their name.
    pub fn store(&self, bytes: &[u8], path: &Path) -> Result<String> {
        let mut flag = OsString::from("--path=");
        flag.push(path);
        let mut command = self.git();
        command.args(["hash-object", "-w", "--stdin"]).arg(flag);
        Ok(String::from_utf8_lossy(&output_given(&mut command, bytes)?).trim().to_owned())
    }

    /// Adds entries to an index.
    pub fn add_entries<'a>(&self, index: &str, entries: impl IntoIterator<Item = &'a Entry>) -> Result<()> {
        let mut text = Vec::new();
        for Entry { mode, object, path } in entries {
            text.extend_from_slice(format!("{mode} {object}\t").as_bytes());
            text.extend_from_slice(path.as_os_str().as_bytes());
            text.push(0);
        }
        output_given(
            self.git_with_index(index).args(["update-index", "-z", "--add", "--replace", "--index-info"]),
            &text,
        )
        .map(drop)
    }

    fn mark_file(&self) -> PathBuf {
        self.git_dir.join("benchgate")
    }

    fn mark(&self, origin: Option<&Origin>) -> Result<Vec<u8>> {
        let mut mark = MARK.as_bytes().to_vec();
        if let Some(origin) = origin {
            mark.extend_from_slice(origin.path("objects")?.as_os_str().as_bytes());
        }
        Ok(mark)
    }

    fn is_full(&self) -> bool {
        let count = |directory: fs::DirEntry| fs::read_dir(directory.path()).map_or(0, Iterator::count);
        let objects = fs::read_dir(self.git_dir.join("objects")).into_iter().flatten().flatten();
        objects.filter(|directory| directory.file_name().len() == 2).map(count).sum::<usize>() > MOST_LOOSE_OBJECTS
    }

    fn make(&self, origin: Option<&Origin>, mark: &[u8]) -> Result<()> {
        self.remove()?;
        for directory in [&self.work_tree, &self.git_dir] {
            fs::create_dir_all(directory).with_context(|| format!("cannot make `{}`", directory.display()))?;
        }
        let mut command = git();
        command.args([
            "-c",
            "core.hooksPath=/dev/null",
            "-c",
            "init.defaultBranch=main",
            "init",
            "--quiet",
            "--template=",
        ]);
        // Sets GIT_DIR to a name that ends in `/.git` where the clone has its work tree around it.
        command
            .env("GIT_DIR", &self.git_dir)
            .env("GIT_WORK_TREE", &self.work_tree)
            .env("GIT_DEFAULT_REF_FORMAT", "files");
        let format = origin.map_or_else(|| "sha1".into(), Origin::object_format);
        command.arg(format!("--object-format={format}"));
        output(command.current_dir(&self.work_tree))?;
        // Cargo and build scripts run here without our variables.
        output(self.git().args(["config", "core.bare", "false"]))?;
        remove_setting(self, "core.worktree");
        if let Some(origin) = origin {
            let objects = origin.path("objects")?;
            self.write("objects/info/alternates", &quoted_line(objects.as_os_str().as_bytes()))?;
        }
        self.write("benchgate", mark) // last: it makes the rest count
    }

    /// Takes over branches, tags, remotes, settings, and where history is cut off.
    fn take_over(&self, origin: &Origin) -> Result<()> {
        let refs = output(origin.git().args([
            "for-each-ref",
            "--format=%(objectname) %(refname)",
            "refs/heads",
            "refs/tags",
            "refs/remotes",
        ]))?;
        let mut lines: Vec<&[u8]> = refs.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
        lines.sort_by_key(|line| line.splitn(2, |byte| *byte == b' ').nth(1).map(<[u8]>::to_vec));
        let packed: Vec<u8> = lines.iter().flat_map(|line| [line, &b"\n"[..]].concat()).collect();
        for kind in ["heads", "tags", "remotes"] {
            let loose = self.git_dir.join("refs").join(kind);
            remove_tree(&loose)?;
        }
        fs::create_dir_all(self.git_dir.join("refs/heads")).context("cannot make `refs/heads`")?;
        self.write("packed-refs", &[b"# pack-refs with: sorted \n", &packed[..]].concat())?;
        for name in ["shallow", "info/exclude"] {
            match fs::read(origin.path(name)?) {
                Ok(bytes) => self.write(name, &bytes)?,
                Err(error) if error.kind() == ErrorKind::NotFound => remove_if_there(&self.git_dir.join(name))?,
                Err(error) => return Err(error).with_context(|| format!("cannot read git's `{name}`")),
            }
        }
        self.take_over_settings(origin)
    }

    fn take_over_settings(&self, origin: &Origin) -> Result<()> {
        let list = |command: &mut Command| {
            // Git ends with 1 where there are none.
            output(command.args(["config", "--local", "--null", "--get-regexp", CARRIED_SETTINGS])).unwrap_or_default()
        };
        let (wanted, present) = (list(&mut origin.git()), list(&mut self.git()));
        if wanted == present {
            return Ok(());
        }
        for (name, _) in settings(&present) {
            remove_setting(self, &name);
        }
        for (name, value) in settings(&wanted) {
            output(self.git().args(["config", "--local", "--add", &name]).arg(OsStr::from_bytes(value)))?;
        }
        Ok(())
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let file = self.git_dir.join(name);
        let context = || format!("cannot write `{}`", file.display());
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent).with_context(context)?;
        }
        fs::write(&file, bytes).with_context(context)
    }
}

/// The index into which commits are read to list them.
const LISTING_INDEX: &str = "benchgate-listing";

/// One entry of an index or a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// `100644`, `100755`, `120000`, or `160000` for a submodule.
    pub mode: String,
    /// Name of the blob, or of the submodule's commit.
    pub object: String,
    /// Below the root.
    pub path: PathBuf,
}

impl Entry {
    /// Whether it is a submodule, of which git keeps no more than the commit.
    pub fn is_submodule(&self) -> bool {
        self.mode == "160000"
    }

    /// Reads `git ls-files --stage -z`.
    fn parse(listing: &[u8]) -> Result<Vec<Self>> {
        let mut entries = Vec::new();
        for record in listing.split(|byte| *byte == 0).filter(|record| !record.is_empty()) {
            let tab = record.iter().position(|byte| *byte == b'\t');
            let parsed = tab.and_then(|tab| {
                let mut words = std::str::from_utf8(&record[..tab]).ok()?.split(' ');
                let (mode, object, stage) = (words.next()?, words.next()?, words.next()?);
                let path = PathBuf::from(OsStr::from_bytes(&record[tab + 1..]));
                (stage == "0").then(|| Self { mode: mode.into(), object: object.into(), path })
            });
            let Some(entry) = parsed else {
                bail!("`git ls-files` printed something unexpected: `{}`", String::from_utf8_lossy(record));
            };
            entries.push(entry);
        }
        Ok(entries)
    }
}

/// `name\nvalue\0`, as `git config --null` prints it; a name without a value means true.
fn settings(listing: &[u8]) -> Vec<(String, &[u8])> {
    let records = listing.split(|byte| *byte == 0).filter(|record| !record.is_empty());
    let setting = |record: &'_ [u8]| match record.iter().position(|byte| *byte == b'\n') {
        Some(at) => (String::from_utf8_lossy(&record[..at]).into_owned(), at + 1),
        None => (String::from_utf8_lossy(record).into_owned(), record.len()),
    };
    records.map(|record| (setting(record).0, &record[setting(record).1..])).collect()
}

/// One that is not there is as good as removed.
fn remove_setting(clone: &SharedClone, name: &str) {
    output(clone.git().args(["config", "--local", "--unset-all", name])).ok();
}

/// A line of `objects/info/alternates`; git reads a quoted one as C would.
fn quoted_line(path: &[u8]) -> Vec<u8> {
    let is_plain = path.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ' || *byte >= 0x80)
        && !path.starts_with(b"\"")
        && !path.starts_with(b"#");
    let mut line = Vec::new();
    if is_plain {
        line.extend_from_slice(path);
    } else {
        line.push(b'"');
        for &byte in path {
            match byte {
                b'"' | b'\\' => line.extend_from_slice(&[b'\\', byte]),
                0x20..=0x7e => line.push(byte),
                _ => line.extend_from_slice(format!("\\{byte:03o}").as_bytes()),
            }
        }
        line.push(b'"');
    }
    line.push(b'\n');
    line
}

/// Removes a file; one that is not there is as good as removed.
pub(in crate::collect) fn remove_if_there(file: &Path) -> Result<()> {
    match fs::remove_file(file) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error).with_context(|| format!("cannot remove `{}`", file.display())),
    }
}

/// Removes a directory with all that is in it, or whatever else lies there; links are not followed.
pub(in crate::collect) fn remove_tree(path: &Path) -> Result<()> {
    let context = || format!("cannot remove `{}`", path.display());
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path).with_context(context),
        Ok(_) => fs::remove_file(path).with_context(context),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error).with_context(context),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_with_or_without_a_value() {
        let listing = b"core.eol\nlf\0filter.x.required\0filter.x.clean\na\nb\0";
        let expected: [(String, &[u8]); 3] =
            [("core.eol".into(), b"lf"), ("filter.x.required".into(), b""), ("filter.x.clean".into(), b"a\nb")];
        assert_eq!(settings(listing), expected);
    }

    #[test]
    fn places_of_objects_are_quoted_where_git_needs_it() {
        #[track_caller]
        fn check(path: &[u8], expected: &[u8]) {
            assert_eq!(quoted_line(path), expected);
        }
        check(b"/a b/objects", b"/a b/objects\n");
        check(b"#a", b"\"#a\"\n");
        check(b"/a\nb\"\\", b"\"/a\\012b\\\"\\\\\"\n");
    }

    #[test]
    fn listings_are_read_as_bytes() {
        let entries = Entry::parse(b"100644 aa 0\ta\xff\nb\x00160000 bb 0\tsub\0").unwrap();
        assert_eq!(entries[0].path.as_os_str().as_bytes(), b"a\xff\nb");
        assert!(entries[1].is_submodule() && !entries[0].is_submodule());
        assert!(Entry::parse(b"100644 aa 1\tconflict\0").is_err());
        assert!(Entry::parse(b"x\0").is_err());
    }
}
