//! Repositories for the tests of this room.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::git::Repository;

/// A git repository on `main`, gone when dropped.
pub(super) struct TestRepository {
    home: TempDir,
}

impl TestRepository {
    /// A repository with these files, none of them committed. `None`, and a line that says so, without git.
    pub(super) fn new(files: &[(&str, &str)]) -> Option<Self> {
        if Command::new("git").arg("--version").stdout(Stdio::null()).status().is_err() {
            writeln!(std::io::stdout(), "skipped: git is missing").unwrap();
            return None;
        }
        let repository = Self { home: tempfile::tempdir().unwrap() };
        repository.git(&["init", "-q", "-b", "main"]);
        for (path, text) in files {
            repository.write(path, text);
        }
        Some(repository)
    }

    pub(super) fn root(&self) -> &Path {
        self.home.path()
    }

    /// What is asked about it.
    pub(super) fn repository(&self) -> Repository {
        Repository::at(self.root()).unwrap().unwrap()
    }

    pub(super) fn write(&self, path: &str, text: &str) {
        let file = self.root().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    /// Commits everything, and gives the commit.
    pub(super) fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Runs git and returns what it printed.
    pub(super) fn git(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("git");
        command
            .arg("-C")
            .arg(self.root())
            .args(["-c", "user.name=A", "-c", "user.email=a@example.org"])
            .args(arguments);
        let output = command.stdin(Stdio::null()).output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }
}
