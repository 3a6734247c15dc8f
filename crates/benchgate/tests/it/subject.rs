//! A throw-away workspace whose benches are fakes, in a repository of its own.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::ran::Ran;

/// A workspace `subject` in a git repository, and a cache for the gate, both gone when dropped.
pub(crate) struct Subject {
    home: PathBuf,
    /// Takes the home with it.
    _temporary: Option<TempDir>,
    /// The workspace below the repository's root; empty where it is the root.
    below: &'static str,
}

/// One line of the time script: the bench `area/block/<name>/small`, what an iteration takes, and what happens.
pub(crate) fn bench(name: &str, nanos: f64, action: &str) -> String {
    format!("area/block\t{name}\tsmall\t{nanos}\t{action}\t\n")
}

/// One line of the heap script: allocations and bytes of `area/block/<name>/small`, growth an iteration, and what happens.
pub(crate) fn heap(name: &str, allocations: u32, bytes: u32, slope: u32, action: &str) -> String {
    format!("area/block\t{name}\tsmall\t{allocations}\t{bytes}\t{slope}\t{action}\n")
}

/// How variables begin that say something about another build, or about the CI that these tests may run in.
const FOREIGN: [&str; 23] = [
    "APPVEYOR",
    "BENCHGATE_",
    "BITBUCKET_",
    "BRANCH_",
    "BUILDKITE",
    "BUILD_",
    "CARGO_",
    "CHANGE_",
    "CIRCLE",
    "CIRRUS_",
    "CI_",
    "CODEBUILD_",
    "DRONE",
    "GITHUB_",
    "GITLAB_",
    "GIT_",
    "JENKINS_",
    "LD_",
    "RUSTFLAGS",
    "SYSTEM_",
    "TEAMCITY_",
    "TF_BUILD",
    "TRAVIS",
];

/// Two benches that take 1 and 2 microseconds.
pub(crate) fn usual() -> String {
    bench("parse", 1000.0, "ok") + &bench("print", 2000.0, "ok")
}

const PACKAGE: &str = "[package]\nname = \"subject\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[lib]\nbench = false\n\n\
                       [workspace]\n\n[profile.bench]\nopt-level = 0\n";
const LOCK: &str = "version = 4\n\n[[package]]\nname = \"subject\"\nversion = \"0.1.0\"\n";

/// Tells, once a test, that it cannot run here. Past libtest's capture, so that a skipped test is seen as one.
fn skip(what: &str) {
    writeln!(std::io::stdout(), "skipped: {what}").expect("standard output is open");
}

impl Subject {
    /// A workspace with one fake Criterion bench; everything is committed to `main`. `None`, and a line that says so, without git.
    pub(crate) fn new(script: &str) -> Option<Self> {
        Self::made("", &[("benches/script.txt", script)])
    }

    /// The same with a fake heap bench beside the time bench.
    pub(crate) fn with_heap(script: &str, heap: &str) -> Option<Self> {
        Self::made("", &[("benches/script.txt", script), ("benches/heap.txt", heap)])
    }

    /// The same as [`Subject::new`] in a directory of the repository, not at its root.
    pub(crate) fn below(directory: &'static str, script: &str) -> Option<Self> {
        Self::made(directory, &[("benches/script.txt", script)])
    }

    /// A workspace with these files beside a manifest and a library; the benches are those whose scripts are among them.
    pub(crate) fn made(below: &'static str, files: &[(&str, &str)]) -> Option<Self> {
        if Command::new("git").arg("--version").stdout(Stdio::null()).status().is_err() {
            skip("git is missing");
            return None;
        }
        let home = tempfile::Builder::new().prefix("benchgate-it-").tempdir().expect("a temporary directory");
        let subject = Self { home: home.path().to_owned(), _temporary: Some(home), below };
        let has = |script: &str| files.iter().any(|(path, _)| *path == script);
        let mut manifest = PACKAGE.to_owned();
        let benches = [
            ("times", "benches/script.txt", include_str!("fixture/criterion.rs")),
            ("heap_counts", "benches/heap.txt", include_str!("fixture/heap.rs")),
        ];
        for (name, script, source) in benches {
            if has(script) {
                manifest += &format!("\n[[bench]]\nname = \"{name}\"\nharness = false\n");
                subject.write(&format!("benches/{name}.rs"), source);
            }
        }
        subject.write("Cargo.toml", &manifest);
        subject.write("Cargo.lock", LOCK);
        subject.write("src/lib.rs", include_str!("fixture/lib.rs"));
        for (path, text) in files {
            subject.write(path, text);
        }
        subject.begin();
        Some(subject)
    }

    /// A workspace with these files and no others.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let home = tempfile::Builder::new().prefix("benchgate-it-").tempdir().expect("a temporary directory");
        let subject = Self { home: home.path().to_owned(), _temporary: Some(home), below: "" };
        for (path, text) in files {
            subject.write(path, text);
        }
        subject.begin();
        subject
    }

    /// A repository of these files, nothing else, in a home that lasts until `cargo clean`: what it builds is kept there for
    /// the next time. No two tests may have one of the same name. `None`, and a line that says so, without git.
    pub(crate) fn lasting(name: &str, files: &[(&str, &str)]) -> Option<Self> {
        if Command::new("git").arg("--version").stdout(Stdio::null()).status().is_err() {
            skip("git is missing");
            return None;
        }
        let subject = Self { home: Path::new(env!("CARGO_TARGET_TMPDIR")).join(name), _temporary: None, below: "" };
        fs::remove_dir_all(subject.repository())
            .or_else(|error| match error.kind() {
                std::io::ErrorKind::NotFound => Ok(()),
                _ => Err(error),
            })
            .expect("cleared");
        for (path, text) in files {
            subject.write(path, text);
        }
        subject.begin();
        Some(subject)
    }

    fn begin(&self) {
        self.write(".gitignore", "target\n");
        self.git(&["init", "-q", "-b", "main"]);
        self.commit("Begin");
    }

    /// Where nothing but this test writes.
    pub(crate) fn home(&self) -> &Path {
        &self.home
    }

    pub(crate) fn repository(&self) -> PathBuf {
        self.home.join("repository")
    }

    /// Root of the workspace.
    pub(crate) fn root(&self) -> PathBuf {
        self.repository().join(self.below)
    }

    /// Writes a file of the workspace.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let file = self.root().join(path);
        fs::create_dir_all(file.parent().expect("below the root")).expect("a directory");
        fs::write(file, text).expect("written");
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Sets what the time benches take from now on.
    pub(crate) fn script(&self, script: &str) {
        self.write("benches/script.txt", script);
    }

    /// Sets what the heap benches count from now on.
    pub(crate) fn heap(&self, heap: &str) {
        self.write("benches/heap.txt", heap);
    }

    /// Runs git in the repository and returns what it printed.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let repository = self.repository();
        fs::create_dir_all(&repository).expect("a directory");
        git(&repository, arguments)
    }

    /// Commits everything.
    pub(crate) fn commit(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "-q", "-m", message]);
    }

    /// The program with these arguments, started in the workspace.
    pub(crate) fn gate(&self, arguments: &[&str]) -> Command {
        self.gate_in(&self.root(), arguments)
    }

    /// The program with these arguments, started elsewhere.
    pub(crate) fn gate_in(&self, directory: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-benchgate"));
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy().into_owned();
            let is_foreign = FOREIGN.iter().any(|start| text.starts_with(start));
            let is_setting = ["CI", "NO_COLOR", "COLUMNS", "CLICOLOR_FORCE"].contains(&&*text);
            if (is_foreign && text != "CARGO_HOME") || is_setting {
                command.env_remove(name);
            }
        }
        command.args(arguments).current_dir(directory).stdin(Stdio::null());
        command.env("BENCHGATE_CACHE_DIR", self.home.join("cache")).env("BENCHGATE_STEP_LIMIT", "20");
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").env("TERM", "dumb");
        command
    }

    /// Runs `bench` on benches that are no fakes, so that their heap can be counted.
    pub(crate) fn counting_bench(&self, arguments: &[&str]) -> Ran {
        let json = self.home.join("out.json");
        let output = format!("json={}", json.display());
        let all = [&["bench", "--seed", "7", "--output", &output], arguments].concat();
        Ran::of(self.gate(&all), Some(&json))
    }

    /// Runs `bench` with a fixed seed and its JSON beside.
    pub(crate) fn bench(&self, arguments: &[&str]) -> Ran {
        self.bench_with(arguments, &[])
    }

    /// The same with variables set.
    pub(crate) fn bench_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
        let json = self.home.join("out.json");
        let output = format!("json={}", json.display());
        // What a fake bench reports was never measured, so no heap can be counted by it.
        let all = [&["bench", "--seed", "7", "--no-counting", "--output", &output], arguments].concat();
        let mut command = self.gate(&all);
        command.envs(environment.iter().copied());
        Ran::of(command, Some(&json))
    }

    /// Runs another verb.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.gate(arguments), None)
    }

    /// Kept runs, oldest first.
    pub(crate) fn runs(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.root().join("target/benchgate/runs")) else { return Vec::new() };
        let mut runs: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
        runs.sort();
        runs
    }
}

/// Runs git somewhere, with an author and without anybody's settings.
pub(crate) fn git(directory: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.arg("-C").arg(directory).args(arguments).stdin(Stdio::null());
    for role in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{role}_NAME"), "A").env(format!("GIT_{role}_EMAIL"), "a@example.org");
    }
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        command.env_remove(name);
    }
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    let output = command.output().expect("git is there");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {}: {said}", arguments.join(" "));
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}
