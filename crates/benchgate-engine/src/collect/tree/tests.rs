//! Trees of real repositories: each is made, changed and checked out.

use std::os::unix::fs::symlink;
use std::process::Command;

use tempfile::TempDir;

use super::super::command::line;
use super::*;

struct Place {
    home: TempDir,
    cache: Cache,
}

impl Place {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let cache = Cache::at(home.path().join("cache"), || ()).unwrap();
        let place = Self { home, cache };
        place.git("repository", &["init", "-q", "-b", "main"]);
        place
    }

    fn path(&self, path: &str) -> PathBuf {
        self.home.path().join(path)
    }

    /// Runs git below the home; a repository that is not there is made.
    fn git(&self, repository: &str, words: &[&str]) -> String {
        fs::create_dir_all(self.path(repository)).unwrap();
        let mut command = clone::git();
        command.arg("-C").arg(self.path(repository)).args(["-c", "protocol.file.allow=always"]).args(words);
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "A").env(format!("GIT_{role}_EMAIL"), "a@example.org");
        }
        line(&mut command).unwrap()
    }

    fn write(&self, path: &str, text: &str) {
        let file = self.path("repository").join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    fn commit(&self) -> String {
        self.git("repository", &["add", "--all"]);
        self.git("repository", &["commit", "-q", "--allow-empty", "-m", "Change"]);
        self.git("repository", &["rev-parse", "HEAD"])
    }

    fn repository(&self) -> Repository {
        Repository::at(&self.path("repository")).unwrap().unwrap()
    }

    fn of_commit(&self, commit: &str) -> Tree {
        let (directory, repository, beside) = (self.path("repository"), self.repository(), Beside::default());
        let source = Source { directory: &directory, repository: Some(&repository), beside: &beside };
        Tree::of_commit(source, commit, &self.cache, Side::Base).unwrap()
    }

    fn of_work_tree(&self, beside: &Beside, outputs: &[&str]) -> Tree {
        let directory = self.path("repository");
        let outputs = outputs.iter().map(|path| directory.join(path));
        let repository = self.repository().writing(super::super::own_outputs::OwnOutputs::new(outputs));
        let source = Source { directory: &directory, repository: Some(&repository), beside };
        Tree::of_directory(source, &self.cache, Side::Candidate).unwrap()
    }

    fn candidate(&self) -> Tree {
        self.of_work_tree(&Beside::default(), &[])
    }
}

fn read(tree: &Tree, path: &str) -> Option<String> {
    fs::read_to_string(tree.root.join(path)).ok()
}

/// Everything below a directory with its content, but for `.git`.
fn listing(root: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut open = vec![PathBuf::new()];
    while let Some(below) = open.pop() {
        for entry in fs::read_dir(root.join(&below)).unwrap() {
            let entry = entry.unwrap();
            let path = below.join(entry.file_name());
            let kind = entry.file_type().unwrap();
            if entry.file_name() == ".git" {
                continue;
            } else if kind.is_dir() {
                open.push(path);
            } else if kind.is_symlink() {
                found.insert(path, format!("-> {}", fs::read_link(entry.path()).unwrap().display()));
            } else {
                found.insert(path, String::from_utf8_lossy(&fs::read(entry.path()).unwrap()).into_owned());
            }
        }
    }
    found
}

/// What stands at a path: each kind that git knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    File,
    Directory,
    Link,
    Submodule,
}

impl Kind {
    const ALL: [Self; 4] = [Self::File, Self::Directory, Self::Link, Self::Submodule];

    fn put(self, place: &Place, path: &str) {
        let full = place.path("repository").join(path);
        remove_tree(&full).unwrap();
        match self {
            Self::File => place.write(path, "a file"),
            Self::Directory => {
                place.write(&format!("{path}/a.txt"), "in a directory");
                place.write(&format!("{path}/deep/b.txt"), "deeper");
            }
            Self::Link => {
                fs::create_dir_all(full.parent().unwrap()).unwrap();
                symlink("../real", full).unwrap();
            }
            Self::Submodule => {
                let from = place.path("library").display().to_string();
                place.git("repository", &["clone", "-q", &from, path]);
            }
        }
    }
}

/// All twelve directions, and the tree is what a clean clone has, whatever lay there before; what a link points to is untouched.
#[test]
fn a_path_may_change_its_kind() {
    for from in Kind::ALL {
        for to in Kind::ALL.into_iter().filter(|to| *to != from) {
            let place = Place::new();
            place.git("library", &["init", "-q", "-b", "main"]);
            fs::write(place.path("library/a.txt"), "of the library").unwrap();
            place.git("library", &["add", "--all"]);
            place.git("library", &["commit", "-q", "-m", "Library"]);
            place.write("real/a.txt", "precious");
            from.put(&place, "d/x");
            let first = place.commit();
            place.git("repository", &["rm", "-q", "-r", "--cached", "d/x"]);
            to.put(&place, "d/x");
            let second = place.commit();
            for (commit, kind) in [(&first, from), (&second, to), (&first, from)] {
                let tree = place.of_commit(commit);
                let expected = match kind {
                    Kind::File => vec![("d/x", "a file")],
                    Kind::Directory => vec![("d/x/a.txt", "in a directory"), ("d/x/deep/b.txt", "deeper")],
                    Kind::Link => vec![("d/x", "-> ../real")],
                    // Only the submodule of the present is there to be had once another thing lies at its place.
                    Kind::Submodule if to == Kind::Submodule => vec![("d/x/a.txt", "of the library")],
                    Kind::Submodule => vec![],
                };
                let mut expected: BTreeMap<PathBuf, String> =
                    expected.into_iter().map(|(path, text)| (path.into(), text.to_owned())).collect();
                expected.insert("real/a.txt".into(), "precious".into());
                assert_eq!(listing(&tree.root), expected, "{from:?} to {to:?} at {kind:?}");
                let is_missing = kind == Kind::Submodule && to != Kind::Submodule;
                assert_eq!(tree.missing.len(), usize::from(is_missing), "{from:?} to {to:?}");
            }
        }
    }
}

#[test]
fn nothing_is_written_through_a_link_that_leads_out() {
    let place = Place::new();
    let outside = place.path("outside");
    fs::create_dir_all(&outside).unwrap();
    fs::write(outside.join("a.txt"), "precious").unwrap();
    symlink(&outside, place.path("repository").join("data")).unwrap();
    let first = place.commit();
    fs::remove_file(place.path("repository").join("data")).unwrap();
    place.write("data/a.txt", "overwritten");
    let second = place.commit();
    place.of_commit(&first);
    assert_eq!(read(&place.of_commit(&second), "data/a.txt").as_deref(), Some("overwritten"));
    assert_eq!(fs::read_to_string(outside.join("a.txt")).unwrap(), "precious");
    // Nor where a bench has put the link.
    let tree = place.of_commit(&second);
    fs::remove_dir_all(tree.root.join("data")).unwrap();
    symlink(&outside, tree.root.join("data")).unwrap();
    tree.restore().unwrap();
    assert_eq!(read(&tree, "data/a.txt").as_deref(), Some("overwritten"));
    assert_eq!(fs::read_to_string(outside.join("a.txt")).unwrap(), "precious");
}

#[test]
fn what_benches_and_build_scripts_did_to_a_tree_is_undone() {
    #[track_caller]
    fn check_git(spoil: impl Fn(&Path)) {
        let place = Place::new();
        place.write("src/lib.rs", "one");
        place.write("data/in.txt", "in");
        place.write(".gitignore", "made\n");
        let commit = place.commit();
        let tree = place.of_commit(&commit);
        let before = listing(&tree.root);
        // What git knows of the tree may be gone: then the next checkout begins anew.
        spoil(&tree.root);
        if tree.restore().is_ok() {
            assert_eq!(listing(&tree.root), before);
        }
        spoil(&tree.root);
        let again = place.of_commit(&commit);
        assert_eq!(listing(&again.root), before);
        assert_eq!(again.manifest, tree.manifest);
    }
    #[track_caller]
    fn check(spoil: impl Fn(&Path)) {
        let place = Place::new();
        place.write("src/lib.rs", "one");
        place.write("data/in.txt", "in");
        place.write(".gitignore", "made\n");
        let tree = place.of_commit(&place.commit());
        let before = listing(&tree.root);
        spoil(&tree.root);
        tree.restore().unwrap();
        assert_eq!(listing(&tree.root), before);
        check_git(spoil);
    }
    check(|root| fs::write(root.join("src/lib.rs"), "two").unwrap());
    check(|root| {
        let file = root.join("src/lib.rs");
        let modified = fs::metadata(&file).unwrap().modified().unwrap();
        fs::write(&file, "ONE").unwrap();
        fs::File::options().write(true).open(&file).unwrap().set_modified(modified).unwrap();
    });
    check(|root| fs::remove_file(root.join("data/in.txt")).unwrap());
    check(|root| fs::remove_dir_all(root.join("data")).unwrap());
    check(|root| fs::write(root.join("made"), "ignored").unwrap());
    check(|root| {
        fs::create_dir_all(root.join("more/.git")).unwrap();
        fs::write(root.join("more/x"), "a repository of its own").unwrap();
    });
    check_git(|root| remove_tree(&root.join(".git/refs")).unwrap());
    check_git(|root| fs::write(root.join(".git/index.lock"), "of a run that was killed").unwrap());
    check_git(|root| fs::write(root.join(".git/index"), "rubbish").unwrap());
}

#[test]
fn a_checkout_that_was_cut_short_leaves_nothing_for_the_next() {
    let place = Place::new();
    place.write("a.rs", "1");
    place.write("b.rs", "1");
    let first = place.commit();
    place.write("a.rs", "2");
    fs::remove_file(place.path("repository").join("b.rs")).unwrap();
    place.write("d/c.rs", "2");
    let second = place.commit();
    let tree = place.of_commit(&first);
    // Git had written some of it, and not yet its index.
    fs::write(tree.root.join("a.rs"), "2").unwrap();
    fs::create_dir(tree.root.join("d")).unwrap();
    fs::write(tree.root.join("d/c.rs"), "half wr").unwrap();
    fs::write(tree.root.join(".git/index.lock"), "").unwrap();
    fs::remove_file(tree.root.with_extension("files")).unwrap();
    let tree = place.of_commit(&second);
    assert_eq!(listing(&tree.root), [("a.rs".into(), "2".to_owned()), ("d/c.rs".into(), "2".to_owned())].into());
}

#[test]
fn a_work_tree_is_taken_as_it_is_and_its_repository_left_alone() {
    let place = Place::new();
    place.write("kept.rs", "1");
    place.write("changed.rs", "1");
    place.write("deleted.rs", "1");
    place.write("staged.rs", "1");
    place.write(".gitignore", "ignored.rs\ntarget\n");
    place.write("reports/README.md", "kept");
    let head = place.commit();
    assert_eq!(place.candidate().commit, head, "nothing is changed yet");
    place.write("changed.rs", "2");
    place.write("staged.rs", "2");
    place.git("repository", &["add", "staged.rs"]);
    place.write("staged.rs", "3");
    fs::remove_file(place.path("repository").join("deleted.rs")).unwrap();
    place.write("new/untracked.rs", "1");
    place.write("ignored.rs", "1");
    place.write("reports/index.html", "written by the gate");
    let state = || listing_with_git(&place.path("repository"));
    place.write("reports/README.md", "overwritten by the gate");
    place.write("target/x", "built");
    let before = state();
    let tree = place.of_work_tree(&Beside::default(), &["reports", "target", "*", "sp ace"]);
    assert_eq!(read(&tree, "reports/README.md").as_deref(), Some("kept"));
    assert_eq!(state(), before, "the user's repository is not touched");
    assert_ne!(tree.commit, head);
    assert_eq!(read(&tree, "changed.rs").as_deref(), Some("2"));
    assert_eq!(read(&tree, "staged.rs").as_deref(), Some("3"));
    assert_eq!(read(&tree, "new/untracked.rs").as_deref(), Some("1"));
    for absent in ["deleted.rs", "ignored.rs", "reports/index.html"] {
        assert_eq!(read(&tree, absent), None, "{absent}");
    }
    assert_eq!(
        place.of_work_tree(&Beside::default(), &["reports", "target"]).commit,
        tree.commit,
        "the same, the same name"
    );
    let differing = tree.manifest.differing(&place.of_commit(&head).manifest);
    let expected = ["changed.rs", "deleted.rs", "new/untracked.rs", "staged.rs"].map(PathBuf::from);
    assert_eq!(differing, expected.into());
}

/// The same with what lies in `.git`, but for the times in an index.
fn listing_with_git(root: &Path) -> BTreeMap<PathBuf, String> {
    let git = listing(&root.join(".git"));
    let git = git.into_iter().map(|(path, text)| (Path::new(".git").join(path), text));
    listing(root).into_iter().chain(git).collect()
}

/// Git tells files by size and time, and the time of many a git is in seconds.
#[test]
fn a_change_in_the_same_second_is_seen() {
    let place = Place::new();
    for turn in 0..20 {
        place.write("a.rs", &format!("{turn:03}"));
        place.commit();
        place.write("a.rs", &format!("{turn:02}x"));
        assert_eq!(read(&place.candidate(), "a.rs"), Some(format!("{turn:02}x")));
    }
}

#[test]
fn build_scripts_can_ask_for_revision_tag_and_remote() {
    let place = Place::new();
    place.write("a.rs", "1");
    let commit = place.commit();
    place.git("repository", &["tag", "-a", "-m", "Release", "v1.2"]);
    place.git("repository", &["remote", "add", "origin", "https://host.example/x.git"]);
    place.write("a.rs", "2");
    place.commit();
    let tree = place.of_commit(&commit);
    let ask = |words: &[&str]| line(clone::git().arg("-C").arg(&tree.root).args(words)).unwrap();
    assert_eq!(ask(&["rev-parse", "HEAD"]), commit);
    assert_eq!(ask(&["describe"]), "v1.2");
    assert_eq!(ask(&["remote", "get-url", "origin"]), "https://host.example/x.git");
    assert_eq!(ask(&["status", "--porcelain", "--ignored"]), "");
    assert_eq!(ask(&["rev-parse", "--show-toplevel"]), fs::canonicalize(&tree.root).unwrap().display().to_string());
    // A tag that is gone is gone here too.
    place.git("repository", &["tag", "-d", "v1.2"]);
    place.of_commit(&commit);
    assert!(line(clone::git().arg("-C").arg(&tree.root).arg("describe")).is_err());
}

#[test]
fn names_are_bytes() {
    use std::ffi::OsStr;
    let place = Place::new();
    let names: [&[u8]; 6] = [b"-dash", b"new\nline", b"\xff\xfe", b"quote\"d", b"tab\there", b":(top)magic"];
    for name in names {
        fs::write(place.path("repository").join(OsStr::from_bytes(name)), "1").unwrap();
    }
    let commit = place.commit();
    fs::write(place.path("repository").join(OsStr::from_bytes(b"-dash")), "2").unwrap();
    let (base, candidate) = (place.of_commit(&commit), place.candidate());
    for name in names {
        assert!(base.root.join(OsStr::from_bytes(name)).is_file());
    }
    assert_eq!(candidate.manifest.differing(&base.manifest), ["-dash".into()].into());
    assert_eq!(place.of_commit(&commit).manifest, base.manifest, "known from the record");
}

/// The change decides how its own files are written, and not how the base's are.
#[test]
fn attributes_are_those_of_the_side() {
    let place = Place::new();
    place.write("data.txt", "a\nb\n");
    let first = place.commit();
    place.write(".gitattributes", "*.txt text eol=crlf\n");
    let second = place.commit();
    let (base, candidate) = (place.of_commit(&first), place.candidate());
    assert_eq!(candidate.commit, second);
    assert_eq!(read(&base, "data.txt").as_deref(), Some("a\nb\n"));
    assert_eq!(read(&candidate, "data.txt").as_deref(), Some("a\r\nb\r\n"));
    let differing = candidate.manifest.differing(&base.manifest);
    assert_eq!(differing, [".gitattributes", "data.txt"].map(PathBuf::from).into());
}

/// Files that are stored with other line ends than their attributes ask for are changed as soon as they are cloned.
#[test]
fn a_tree_that_is_never_clean_is_taken_as_a_clone_has_it() {
    let place = Place::new();
    place.write("data.txt", "a\r\nb\r\n");
    place.write(".gitattributes", "*.txt -text\n");
    place.commit();
    place.write(".gitattributes", "*.txt text\n");
    place.git("repository", &["add", ".gitattributes"]);
    place.git("repository", &["commit", "-q", "-m", "Ask for other line ends"]);
    let commit = place.git("repository", &["rev-parse", "HEAD"]);
    let tree = place.of_commit(&commit);
    let before = listing(&tree.root);
    tree.restore().unwrap();
    assert_eq!(listing(&tree.root), before);
}

#[test]
fn submodules_come_at_each_sides_pin_from_the_users_own_copy() {
    let place = Place::new();
    place.git("library", &["init", "-q", "-b", "main"]);
    let library = |text: &str| {
        fs::write(place.path("library/a.txt"), text).unwrap();
        place.git("library", &["add", "--all"]);
        place.git("library", &["commit", "-q", "-m", "Library"]);
        place.git("library", &["rev-parse", "HEAD"])
    };
    library("one");
    let from = place.path("library").display().to_string();
    place.git("repository", &["submodule", "add", "-q", &from, "vendor/library"]);
    let first = place.commit();
    let pin = library("two");
    place.git("repository/vendor/library", &["fetch", "-q", "origin"]);
    place.git("repository/vendor/library", &["checkout", "-q", &pin]);
    let (base, candidate) = (place.of_commit(&first), place.candidate());
    assert_eq!(read(&base, "vendor/library/a.txt").as_deref(), Some("one"));
    assert_eq!(read(&candidate, "vendor/library/a.txt").as_deref(), Some("two"));
    assert!(candidate.manifest.differing(&base.manifest).contains(Path::new("vendor/library/a.txt")));
    // What is not committed in the submodule is part of the work tree.
    fs::write(place.path("repository/vendor/library/a.txt"), "three").unwrap();
    fs::write(place.path("repository/vendor/library/b.txt"), "new").unwrap();
    let candidate = place.candidate();
    assert_eq!(read(&candidate, "vendor/library/a.txt").as_deref(), Some("three"));
    assert_eq!(read(&candidate, "vendor/library/b.txt").as_deref(), Some("new"));
    fs::write(candidate.root.join("vendor/library/a.txt"), "spoilt").unwrap();
    candidate.restore().unwrap();
    assert_eq!(read(&candidate, "vendor/library/a.txt").as_deref(), Some("three"));
    // A copy that is not checked out is still a copy; one that does not have the commit is named.
    place.git("repository/vendor/library", &["checkout", "-q", "--force", &pin]);
    place.git("repository", &["submodule", "deinit", "-q", "--force", "vendor/library"]);
    assert_eq!(read(&place.of_commit(&first), "vendor/library/a.txt").as_deref(), Some("one"));
    let third = library("not fetched");
    place.git("repository", &["update-index", "--cacheinfo", &format!("160000,{third},vendor/library")]);
    place.git("repository", &["commit", "-q", "-m", "Pin what is not here"]);
    let commit = place.git("repository", &["rev-parse", "HEAD"]);
    let tree = place.of_commit(&commit);
    let missing = Missing { path: "vendor/library".into(), kind: MissingKind::SubmoduleCommit(third.clone()) };
    assert_eq!(tree.missing, std::slice::from_ref(&missing));
    assert_eq!(missing.to_string(), format!("submodule `vendor/library` has no commit {third}"));
    fs::remove_dir_all(place.path("repository/.git/modules")).unwrap();
    assert_eq!(place.of_commit(&first).missing[0].to_string(), "submodule `vendor/library` is not checked out");
}

#[test]
fn submodules_of_submodules_come_too() {
    let place = Place::new();
    let commit = |repository: &str| {
        place.git(repository, &["add", "--all"]);
        place.git(repository, &["commit", "-q", "-m", "Begin"]);
    };
    for (name, text) in [("inner", "inner"), ("outer", "outer")] {
        place.git(name, &["init", "-q", "-b", "main"]);
        fs::write(place.path(name).join("a.txt"), text).unwrap();
        commit(name);
    }
    let path = |name: &str| place.path(name).display().to_string();
    place.git("outer", &["submodule", "add", "-q", &path("inner"), "inner"]);
    commit("outer");
    place.git("repository", &["submodule", "add", "-q", &path("outer"), "outer"]);
    place.git("repository", &["submodule", "update", "-q", "--init", "--recursive"]);
    let commit = place.commit();
    for tree in [place.of_commit(&commit), place.candidate()] {
        assert_eq!(read(&tree, "outer/a.txt").as_deref(), Some("outer"));
        assert_eq!(read(&tree, "outer/inner/a.txt").as_deref(), Some("inner"));
        tree.restore().unwrap();
        assert_eq!(read(&tree, "outer/inner/a.txt").as_deref(), Some("inner"));
    }
}

#[test]
fn files_beside_the_commit_are_the_same_on_both_sides() {
    let place = Place::new();
    place.write(".gitignore", "/Cargo.lock\n/data\n");
    place.write("a.rs", "1");
    let commit = place.commit();
    place.write("data/deep/in.bin", "input");
    place.write("data/other.bin", "not asked for");
    let repository = place.repository();
    let files = repository.ignored_files(Path::new("data/deep/**")).unwrap();
    assert_eq!(files, [PathBuf::from("data/deep/in.bin")].into());
    let with_lock = |text: &str| Beside { lock: Some(("Cargo.lock".into(), text.into())), included: files.clone() };
    let directory = place.path("repository");
    let of_commit = |beside: &Beside| {
        let source = Source { directory: &directory, repository: Some(&repository), beside };
        Tree::of_commit(source, &commit, &place.cache, Side::Base).unwrap()
    };
    let beside = with_lock("version = 4");
    let (base, candidate) = (of_commit(&beside), place.of_work_tree(&beside, &[]));
    for tree in [&base, &candidate] {
        assert_eq!(read(tree, "Cargo.lock").as_deref(), Some("version = 4"));
        assert_eq!(read(tree, "data/deep/in.bin").as_deref(), Some("input"));
        assert_eq!(read(tree, "data/other.bin"), None);
        assert_eq!(tree.commit, commit, "no commit holds them");
        fs::write(tree.root.join("Cargo.lock"), "drifted").unwrap();
        fs::remove_dir_all(tree.root.join("data")).unwrap();
        tree.restore().unwrap();
        assert_eq!(read(tree, "Cargo.lock").as_deref(), Some("version = 4"));
        assert_eq!(read(tree, "data/deep/in.bin").as_deref(), Some("input"));
    }
    assert!(base.manifest.differing(&candidate.manifest).is_empty());
    // An update of an ignored lock file is a change of the source.
    let after = of_commit(&with_lock("version = 4\n# updated"));
    assert_ne!(after.manifest.whole_hash(), base.manifest.whole_hash());
    // What a side has of its own stays.
    place.git("repository", &["add", "--force", "data/deep/in.bin"]);
    place.git("repository", &["commit", "-q", "-m", "Take it in"]);
    place.write("data/deep/in.bin", "changed");
    place.git("repository", &["stash", "-q"]);
    let held = place.git("repository", &["rev-parse", "HEAD"]);
    let source = Source { directory: &directory, repository: Some(&repository), beside: &beside };
    fs::write(directory.join("data/deep/in.bin"), "mine").unwrap();
    let tree = Tree::of_commit(source, &held, &place.cache, Side::Base).unwrap();
    assert_eq!(read(&tree, "data/deep/in.bin").as_deref(), Some("input"));
    // What is no longer asked for is gone.
    let tree = of_commit(&Beside::default());
    assert_eq!((read(&tree, "Cargo.lock"), read(&tree, "data/deep/in.bin")), (None, None));
}

#[test]
fn edits_are_made_to_the_copy_only() {
    let place = Place::new();
    place.write("src/a.rs", "one");
    place.commit();
    let edit = Edit { file: "src/a.rs".into(), change: super::super::edit::Change::Append(" more".into()) };
    let (directory, repository, beside) = (place.path("repository"), place.repository(), Beside::default());
    let source = Source { directory: &directory, repository: Some(&repository), beside: &beside };
    let tree = Tree::of_edited_directory(source, &[edit], &place.cache, Side::Candidate).unwrap();
    assert_eq!(read(&tree, "src/a.rs").as_deref(), Some("one more"));
    assert_eq!(fs::read_to_string(directory.join("src/a.rs")).unwrap(), "one");
    assert_eq!(read(&place.candidate(), "src/a.rs").as_deref(), Some("one"));
}

#[test]
fn shallow_linked_and_sparse_work_trees_are_taken_whole() {
    let place = Place::new();
    place.write("a/one.rs", "1");
    place.write("b/two.rs", "1");
    let first = place.commit();
    place.write("a/one.rs", "2");
    let second = place.commit();
    let url = format!("file://{}", place.path("repository").display());
    place.git("", &["clone", "-q", "--depth", "1", &url, "shallow"]);
    place.git("repository", &["worktree", "add", "-q", &place.path("linked").display().to_string(), &first]);
    place.git("", &["clone", "-q", &url, "sparse"]);
    place.git("sparse", &["sparse-checkout", "set", "a"]);
    #[track_caller]
    fn check(place: &Place, name: &str, commit: &str) {
        let directory = place.path(name);
        let repository = Repository::at(&directory).unwrap().unwrap();
        let beside = Beside::default();
        let source = Source { directory: &directory, repository: Some(&repository), beside: &beside };
        let tree = Tree::of_directory(source, &place.cache, Side::Candidate).unwrap();
        assert_eq!(tree.commit, commit, "{name} is clean");
        assert_eq!(read(&tree, "b/two.rs").as_deref(), Some("1"), "{name}");
        let log = line(clone::git().arg("-C").arg(&tree.root).args(["log", "--format=%H"])).unwrap();
        assert!(log.starts_with(commit));
    }
    check(&place, "shallow", &second);
    check(&place, "linked", &first);
    check(&place, "sparse", &second);
}

#[test]
fn a_directory_without_a_repository_is_taken_as_it_is_and_has_none_in_the_cache() {
    let place = Place::new();
    let directory = place.path("plain");
    for (path, text) in [("src/lib.rs", "1"), (".cargo/config.toml", ""), ("target/x", "built"), (".idea/x", "hidden")]
    {
        let file = directory.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    let beside = Beside::default();
    let source = Source { directory: &directory, repository: None, beside: &beside };
    let take = || Tree::of_directory(source, &place.cache, Side::Candidate).unwrap();
    let tree = take();
    let paths: Vec<PathBuf> = listing(&tree.root).into_keys().collect();
    assert_eq!(paths, [".cargo/config.toml", "src/lib.rs"].map(PathBuf::from));
    assert!(!tree.root.join(".git").exists());
    fs::write(directory.join("src/lib.rs"), "2").unwrap();
    assert_eq!(read(&take(), "src/lib.rs").as_deref(), Some("2"));
    assert!(!directory.join(".git").exists());
}

#[test]
fn large_objects_come_from_the_users_copy() {
    if Command::new("git-lfs").arg("version").output().is_err() {
        println!("skipped: git-lfs is missing");
        return;
    }
    let place = Place::new();
    place.git("repository", &["lfs", "install", "--local"]);
    place.git("repository", &["lfs", "track", "*.bin"]);
    place.write("data/in.bin", "a large object");
    let commit = place.commit();
    let tree = place.of_commit(&commit);
    assert_eq!(read(&tree, "data/in.bin").as_deref(), Some("a large object"));
    assert_eq!(tree.missing, []);
    assert_eq!(read(&place.candidate(), "data/in.bin").as_deref(), Some("a large object"));
    fs::remove_dir_all(place.path("repository/.git/lfs/objects")).unwrap();
    remove_tree(&tree.root).unwrap();
    let tree = place.of_commit(&commit);
    assert_eq!(tree.missing, [Missing { path: "data/in.bin".into(), kind: MissingKind::LargeObject }]);
}

#[test]
fn what_set_up_commands_leave_is_taken_in_and_undone() {
    let place = Place::new();
    place.write("src/lib.rs", "one");
    place.write("old.txt", "one");
    place.write(".gitignore", "made\n");
    let commit = place.commit();
    let before = place.of_commit(&commit);
    let mut tree = before.clone();
    tree.take_in().unwrap();
    assert_eq!(tree.manifest, before.manifest, "nothing was made yet");
    fs::create_dir_all(tree.root.join("made")).unwrap();
    fs::write(tree.root.join("made/data.bin"), "data").unwrap();
    fs::write(tree.root.join("src/lib.rs"), "two").unwrap();
    fs::remove_file(tree.root.join("old.txt")).unwrap();
    tree.take_in().unwrap();
    let differing: Vec<PathBuf> = before.manifest.differing(&tree.manifest).into_iter().collect();
    assert_eq!(differing, ["made/data.bin", "old.txt", "src/lib.rs"].map(PathBuf::from));
    assert_ne!(before.manifest.whole_hash(), tree.manifest.whole_hash());
    tree.restore().unwrap();
    assert_eq!((read(&tree, "src/lib.rs").as_deref(), read(&tree, "made/data.bin")), (Some("one"), None));
}
