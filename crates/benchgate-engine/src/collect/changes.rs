//! Whether a work tree has changes that are not committed.
//!
//! A change to a file that git knows is one. A file that git does not know is one if something may read it:
//!
//! - cargo, which finds manifests, lock files, toolchains, build scripts and Rust files by their names and places;
//! - whatever reads the directory that it lies in, if that holds files that git knows and is no package's root;
//! - whatever names it: a file of the tree that holds its name, its ending as a text, or the name of its directory.
//!
//! A log or a note at the root that nothing names is none of these. What is told by this decides nothing but whether a tree without
//! commits of its own is compared with `HEAD`, and the words of the report: the file is part of the candidate in any case.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::command::output;
use super::git::Repository;

/// Files that are looked at one by one; among more there is hardly none that is read.
const LOOKED_AT: usize = 64;

/// Files that name others to write or to ignore them, not to read them in a bench.
const NOT_READERS: [&str; 9] = [
    ":(top,exclude,glob)**/.git*",
    ":(top,exclude).github",
    ":(top,exclude,glob)*.yml",
    ":(top,exclude,glob)*.yaml",
    ":(top,exclude,glob)**/*.md",
    ":(top,exclude,glob)**/*.sh",
    ":(top,exclude,glob)**/Makefile",
    ":(top,exclude,glob)**/Dockerfile",
    ":(top,exclude,glob)**/Jenkinsfile",
];

impl Repository {
    /// Whether there are changes that are not committed, the gate's own outputs left out.
    ///
    /// # Errors
    /// Git does not say.
    pub fn has_changes(&self) -> Result<bool> {
        let mut status = self.git();
        status.args(["status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--"]);
        let listing = output(status.args(self.outputs().pathspecs(self.root())))?;
        let mut unknown = Vec::new();
        for entry in listing.split(|byte| *byte == 0).filter(|entry| !entry.is_empty()) {
            match entry.strip_prefix(b"?? ") {
                Some(path) => unknown.push(Path::new(OsStr::from_bytes(path))),
                None => return Ok(true),
            }
        }
        Ok(unknown.len() > LOOKED_AT || unknown.into_iter().any(|path| self.is_input(path)))
    }

    /// Whether something may read a file that git does not know.
    fn is_input(&self, path: &Path) -> bool {
        if is_cargos(path) {
            return true;
        }
        let Some(name) = path.file_name() else { return true };
        let mut names = vec![name.to_owned()];
        if let Some(ending) = path.extension() {
            // A name that is put together, a pattern, and an ending by itself.
            for (before, after) in [("}.", "\""), ("\".", "\""), ("*.", ""), ("\"", "\"")] {
                names.push([OsStr::new(before), ending, OsStr::new(after)].join(OsStr::new("")));
            }
        }
        // Up to the root of a package, which is named by nobody.
        for directory in path.ancestors().skip(1).take_while(|directory| !self.is_package_root(directory)) {
            if self.knows_files_in(directory) {
                return true;
            }
            names.extend(directory.file_name().map(OsStr::to_owned));
        }
        self.is_any_named(path, &names)
    }

    fn is_package_root(&self, directory: &Path) -> bool {
        directory.as_os_str().is_empty() || self.root().join(directory).join("Cargo.toml").is_file()
    }

    fn knows_files_in(&self, directory: &Path) -> bool {
        let mut listing = self.git();
        listing.args(["ls-files", "-z", "--cached", "--"]).arg(literal(directory));
        output(&mut listing).map_or(true, |files| !files.is_empty())
    }

    /// Whether a file that git knows holds one of these texts.
    fn is_any_named(&self, but: &Path, names: &[std::ffi::OsString]) -> bool {
        let mut search = self.git();
        search.args(["grep", "--quiet", "--text", "--fixed-strings"]);
        for name in names {
            search.arg("-e").arg(name);
        }
        search.args(["--", ":(top)"]).args(NOT_READERS).arg({
            let mut own = std::ffi::OsString::from(":(top,exclude,literal)");
            own.push(but);
            own
        });
        // 0 where there is one, 1 where there is none; anything else is no answer.
        search.output().map_or(true, |output| output.status.code() != Some(1))
    }
}

/// Whether cargo or the compiler looks for a file of this name or place by itself.
fn is_cargos(path: &Path) -> bool {
    let names = ["Cargo.toml", "Cargo.lock", "rust-toolchain", "rust-toolchain.toml", "benchgate.toml"];
    let places = ["src", "benches", "tests", "examples", "bin", ".cargo", "baselines"];
    path.file_name().is_some_and(|name| names.iter().any(|one| name == *one))
        || path.extension().is_some_and(|ending| ending == "rs")
        || path.components().any(|part| places.iter().any(|place| part.as_os_str() == *place))
}

fn literal(path: &Path) -> PathBuf {
    let mut spec = std::ffi::OsString::from(":(top,literal)");
    spec.push(path);
    spec.into()
}

#[cfg(test)]
mod tests {
    use crate::collect::OwnOutputs;
    use crate::collect::test_repository::TestRepository;

    const SOURCE: &str = "fn main() { read(\"words.txt\"); read_all(\"corpus\"); read(&format!(\"{name}.dat\")); }";

    fn repository() -> Option<TestRepository> {
        let fixture = TestRepository::new(&[
            ("Cargo.toml", "[package]"),
            ("src/lib.rs", SOURCE),
            (".github/workflows/ci.yml", "run: cargo build > build.log"),
            ("README.md", "The build writes build.log and step.txt."),
            ("data/one.bin", "1"),
            ("member/Cargo.toml", "[package]"),
        ])?;
        fixture.commit("Begin");
        Some(fixture)
    }

    #[test]
    fn file_that_git_does_not_know_is_a_change_where_something_may_read_it() {
        let Some(fixture) = repository() else { return };
        let check = |path: &str, expected: bool| {
            fixture.write(path, "2");
            assert_eq!(fixture.repository().has_changes().unwrap(), expected, "{path}");
            std::fs::remove_file(fixture.root().join(path)).unwrap();
        };
        assert!(!fixture.repository().has_changes().unwrap());
        for path in ["build.log", "notes.txt", "member/build.log", "scratch/today/notes.txt", "a name\nwith a break"] {
            check(path, false);
        }
        let read = [
            "src/new.rs",
            "new.rs",
            "Cargo.lock",
            "member/benches/data.bin",
            ".cargo/config.toml",
            "rust-toolchain.toml",
            "data/two.bin",
            "words.txt",
            "corpus/a/b",
            "anything.dat",
            "deeper/words.txt",
        ];
        for path in read {
            check(path, true);
        }
    }

    #[test]
    fn file_that_git_knows_is_a_change_whatever_it_is() {
        let Some(fixture) = repository() else { return };
        fixture.write("README.md", "Other words.");
        assert!(fixture.repository().has_changes().unwrap());
    }

    #[test]
    fn own_outputs_are_no_change_whether_git_knows_them_or_not() {
        let Some(fixture) = repository() else { return };
        let own = ["data/report", "src/out.json"];
        let repository = || {
            let paths = own.map(|path| fixture.root().join(path));
            fixture.repository().writing(OwnOutputs::new(paths))
        };
        fixture.write("data/report/index.html", "1");
        fixture.write("src/out.json", "1");
        assert!(fixture.repository().has_changes().unwrap());
        assert!(!repository().has_changes().unwrap());
        fixture.commit("Commit what the gate wrote");
        fixture.write("src/out.json", "2");
        assert!(!repository().has_changes().unwrap());
        fixture.write("src/other.json", "2");
        assert!(repository().has_changes().unwrap());
    }
}
