//! Watching real processes.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::super::roots::{Place, Root};
use super::*;

/// A side with a few files, and its candidate beside it, which is a copy.
struct Sides {
    _home: TempDir,
    base: Roots,
    candidate: Roots,
}

fn sides() -> Sides {
    let home = tempfile::tempdir().unwrap();
    let [base, candidate] = ["b", "c"].map(|side| {
        let tree = home.path().join(side);
        let target = home.path().join("t").join(side);
        fs::create_dir_all(tree.join("docs/deep")).unwrap();
        fs::create_dir_all(&target).unwrap();
        fs::write(tree.join("README.md"), "# Read me\n").unwrap();
        fs::write(tree.join("docs/guide.md"), "# Guide\n").unwrap();
        fs::write(target.join("table.bin"), "1 2 3").unwrap();
        fs::write(tree.join("script"), "#!./interpreter\n").unwrap();
        for program in ["script", "interpreter"] {
            let file = tree.join(program);
            if program == "interpreter" {
                symlink("/bin/true", &file).unwrap();
            } else {
                fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
            }
        }
        symlink("docs", tree.join("data")).unwrap();
        Roots { tree, target }
    });
    Sides { _home: home, base, candidate }
}

/// The program of `tests/reader.rs`.
struct Reader {
    _home: TempDir,
    file: PathBuf,
}

impl Reader {
    fn compiled(arguments: &[&str]) -> Option<Self> {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("reader");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/collect/reads/tests/reader.rs");
        let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
        rustc.args(["--edition", "2024"]).args(arguments).arg("-o").arg(&file).arg(source);
        rustc.output().unwrap().status.success().then_some(Self { _home: home, file })
    }

    fn notes(&self, way: &str, path: impl AsRef<OsStr>, roots: &Roots) -> Result<Notes, String> {
        watch(Command::new(&self.file).arg(way).arg(path), roots)
    }

    /// Reaches for a path below the candidate's tree, spelled as `spell` makes it of the tree, and holds that this alone is seen
    /// which `alter` changes on the base's side.
    #[track_caller]
    fn sees(&self, way: &str, spelled: &str, alter: fn(&Roots), place: &str) {
        let sides = sides();
        let path = spelled.replace("TREE", sides.candidate.tree.to_str().unwrap());
        let path = path.replace("TARGET", sides.candidate.target.to_str().unwrap());
        let notes = self.notes(way, &path, &sides.candidate).unwrap_or_else(|why| panic!("{way} {spelled}: {why}"));
        assert_eq!(notes.differing(&sides.base), None, "{way} {spelled}: {notes:?}");
        alter(&sides.base);
        let found = notes.differing(&sides.base).map(|place| place.below.clone());
        assert_eq!(found.as_deref(), Some(Path::new(place)), "{way} {spelled}: {notes:?}");
    }
}

/// What a program that runs in the candidate's tree was seen to ask for.
fn watch(command: &mut Command, roots: &Roots) -> Result<Notes, String> {
    let (watcher, leash) = Watcher::start(roots).unwrap();
    leash.attach(command);
    let status = command.current_dir(&roots.tree).stdin(Stdio::null()).stderr(Stdio::null()).status();
    let notes = watcher.end();
    assert!(status.as_ref().is_ok_and(std::process::ExitStatus::success), "{status:?}, {notes:?}");
    notes
}

fn alter_guide(base: &Roots) {
    fs::write(base.tree.join("docs/guide.md"), "# Another guide\n").unwrap();
}

fn remove_guide(base: &Roots) {
    fs::remove_file(base.tree.join("docs/guide.md")).unwrap();
}

fn add_file(base: &Roots) {
    fs::write(base.tree.join("docs/new.md"), "# New\n").unwrap();
}

#[test]
fn each_way_to_reach_a_file_is_seen() {
    let reader = Reader::compiled(&[]).unwrap();
    let ways =
        ["read", "metadata", "exists", "map", "thread", "child", "grandchild", "directory", "descriptor", "fopen"];
    let more = ["canonical", "realpath", "access", "open64", "glob", "ftw", "dlopen", "syscall", "assembly", "link"];
    for way in ways.into_iter().chain(more) {
        reader.sees(way, "TREE/docs/guide.md", alter_guide, "docs/guide.md");
        if way != "descriptor" {
            reader.sees(way, "TREE/docs/guide.md", remove_guide, "docs/guide.md");
        }
    }
    reader.sees("descriptor", "TREE/docs/guide.md", remove_guide, "docs"); // which it opens, and so may list
    for way in ["read", "metadata", "access", "child", "fopen", "own links"] {
        reader.sees(way, "docs/../docs/guide.md", alter_guide, "docs/guide.md");
        reader.sees(way, "data/guide.md", alter_guide, "docs/guide.md");
    }
    reader.sees("read", "TARGET/table.bin", |base| fs::write(base.target.join("table.bin"), "4").unwrap(), "table.bin");
}

#[test]
fn what_is_not_there_is_seen_too() {
    let reader = Reader::compiled(&[]).unwrap();
    for way in ["read", "exists", "link", "child", "fopen", "access", "glob", "syscall", "made"] {
        reader.sees(way, "docs/new.md", add_file, "docs/new.md");
    }
}

#[test]
fn names_in_a_directory_and_links_are_seen() {
    let reader = Reader::compiled(&[]).unwrap();
    for way in ["list", "opendir", "ftw"] {
        reader.sees(way, "docs", add_file, "docs");
        reader.sees(way, "docs", remove_guide, "docs");
    }
    reader.sees("glob", "docs/*.md", add_file, "docs");
    let relink = |base: &Roots| {
        fs::remove_file(base.tree.join("data")).unwrap();
        symlink("docs/deep", base.tree.join("data")).unwrap();
    };
    for way in ["link", "exists", "read", "canonical"] {
        reader.sees(way, "data", relink, "data");
    }
    // That a file in a directory is another is not seen by who lists the directory.
    let sides = sides();
    let notes = reader.notes("list", "docs", &sides.candidate).unwrap();
    alter_guide(&sides.base);
    assert_eq!(notes.differing(&sides.base), None);
}

#[test]
fn scripts_are_seen_with_their_interpreters() {
    let reader = Reader::compiled(&[]).unwrap();
    let other = |base: &Roots| {
        fs::remove_file(base.tree.join("interpreter")).unwrap();
        symlink("/bin/false", base.tree.join("interpreter")).unwrap();
    };
    reader.sees("run", "TREE/script", other, "interpreter");
}

#[test]
fn nothing_else_is_seen() {
    let reader = Reader::compiled(&[]).unwrap();
    let sides = sides();
    for (way, path) in [("nothing", ""), ("read", "/etc/hostname"), ("list", "/"), ("read", "../beside")] {
        let notes = reader.notes(way, path, &sides.candidate).unwrap();
        assert_eq!(notes, Notes::default(), "{way} {path}");
    }
    let notes = reader.notes("read", "README.md", &sides.candidate).unwrap();
    alter_guide(&sides.base);
    add_file(&sides.base);
    assert_eq!(notes.differing(&sides.base), None);
}

#[test]
fn static_executables_and_streams_of_other_languages_are_seen() {
    if let Some(reader) = Reader::compiled(&["-C", "target-feature=+crt-static"]) {
        for way in ["read", "exists", "fopen", "syscall", "child"] {
            reader.sees(way, "docs/guide.md", alter_guide, "docs/guide.md");
        }
    }
    let home = tempfile::tempdir().unwrap();
    let source = home.path().join("stream.cc");
    fs::write(&source, "#include <fstream>\nint main(int, char **v) { std::ifstream in(v[2]); return !in.get(); }\n")
        .unwrap();
    let file = home.path().join("stream");
    if Command::new("c++").arg("-o").arg(&file).arg(&source).output().is_ok_and(|output| output.status.success()) {
        Reader { _home: home, file }.sees("read", "docs/guide.md", alter_guide, "docs/guide.md");
    }
}

#[test]
fn names_are_bytes() {
    let reader = Reader::compiled(&[]).unwrap();
    let deep = vec!["d".repeat(200); 15].join("/");
    let names: [&[u8]; 4] = [b"line\nbreak", b"not \xff UTF-8", b"-n", deep.as_bytes()];
    for name in names {
        let sides = sides();
        let file = sides.candidate.tree.join(OsStr::from_bytes(name));
        for side in [&sides.base, &sides.candidate] {
            fs::create_dir_all(side.tree.join(OsStr::from_bytes(name)).parent().unwrap()).unwrap();
            fs::write(side.tree.join(OsStr::from_bytes(name)), "a").unwrap();
        }
        let notes = reader.notes("read", &file, &sides.candidate).unwrap();
        assert_eq!(notes.differing(&sides.base), None);
        fs::write(sides.base.tree.join(OsStr::from_bytes(name)), "b").unwrap();
        let expected = Place { root: Root::Tree, below: OsStr::from_bytes(name).into() };
        assert_eq!(notes.differing(&sides.base), Some(&expected));
    }
}

#[test]
fn what_lay_there_before_counts_not_what_the_bench_made_of_it() {
    let reader = Reader::compiled(&[]).unwrap();
    let sides = sides();
    for file in ["docs/made.txt", "docs/guide.md"] {
        let notes = reader.notes("made", file, &sides.candidate).unwrap();
        assert_eq!(fs::read_to_string(sides.candidate.tree.join(file)).unwrap(), "made by the bench");
        assert_eq!(notes.differing(&sides.base), None, "{file}");
    }
}

#[test]
fn notes_that_cannot_be_complete_are_none() {
    let reader = Reader::compiled(&[]).unwrap();
    let sides = sides();
    let why = |way: &str| reader.notes(way, "docs", &sides.candidate).unwrap_err();
    assert_eq!(why("ring"), "it reaches files in a way that cannot be followed: io_uring");
    assert_eq!(why("root"), "it reaches files in a way that cannot be followed: another root directory");
    assert_eq!(why("handle"), "it reaches files in a way that cannot be followed: file handles");
    assert_eq!(why("leave"), "a process that it started has outlived it");
    let (watcher, leash) = Watcher::start(&sides.candidate).unwrap();
    drop(leash);
    assert_eq!(watcher.end().unwrap_err(), "it did not start");
}
