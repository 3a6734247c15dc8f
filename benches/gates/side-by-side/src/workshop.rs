//! A throw-away repository of the subjects, where changes are made, built and committed. Nothing of the project is touched.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow};
use serde_json::Value;

use crate::scenario::Change;
use crate::spend::succeed;

/// The repository, and executables kept by change.
#[derive(Debug)]
pub struct Workshop {
    root: PathBuf,
    executables: BTreeMap<Change, Executables>,
}

/// The subjects under both harnesses, with one change.
#[derive(Clone, Debug)]
pub struct Executables {
    /// Stock Criterion benches.
    pub criterion: PathBuf,
    /// tango's harness.
    pub tango: PathBuf,
}

impl Workshop {
    /// Copies the subjects from the workspace at `gates` to a fresh repository below `root`.
    ///
    /// # Errors
    /// Files cannot be copied, git or cargo is not there.
    pub fn open(gates: &Path, root: &Path) -> Result<Self> {
        let workshop = Self { root: root.to_owned(), executables: BTreeMap::new() };
        let tree = workshop.tree();
        if tree.exists() {
            fs::remove_dir_all(&tree).with_context(|| format!("cannot empty `{}`", tree.display()))?;
        }
        for package in ["subjects", "tango"] {
            copy(&gates.join(package), &tree.join(package))?;
        }
        copy(&gates.join("Cargo.lock"), &tree.join("Cargo.lock"))?;
        let manifest = read(&gates.join("Cargo.toml"))?;
        let members = "members = [\"subjects\", \"tango\", \"side-by-side\"]";
        if !manifest.contains(members) {
            return Err(anyhow!("`Cargo.toml` of the workspace lacks the line `{members}`"));
        }
        // tango's benches are no Criterion benches, and not this gate's business.
        let fewer = "members = [\"subjects\", \"tango\"]\ndefault-members = [\"subjects\"]";
        write(&tree.join("Cargo.toml"), &manifest.replace(members, fewer))?;
        write(&tree.join(".gitignore"), "/target\n/reports\n")?;
        workshop.apply(Change::Same)?;
        succeed(workshop.cargo().args(["metadata", "--format-version", "1"]))?; // drops from the lock file what is not here
        succeed(workshop.git().args(["init", "--quiet"]))?;
        Ok(workshop)
    }

    /// The repository.
    pub fn tree(&self) -> PathBuf {
        self.root.join("tree")
    }

    /// Commits the subjects as they are without any change, with a policy for this gate, as the base of what follows.
    ///
    /// # Errors
    /// git fails.
    pub fn commit_base(&self, policy: &str) -> Result<()> {
        self.apply(Change::Same)?;
        write(&self.tree().join("benchgate.toml"), policy)?;
        succeed(self.git().args(["add", "--all"]))?;
        let name = ["-c", "user.name=side-by-side", "-c", "user.email=side-by-side@localhost"];
        succeed(self.git().args(name).args(["commit", "--quiet", "--allow-empty", "--message", "Base"]))?;
        Ok(())
    }

    /// Makes a change in the working tree; any other is undone.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn apply(&self, change: Change) -> Result<()> {
        let source = self.tree().join("subjects").join("src");
        let (percent, edit) = match change {
            Change::Same => (0, None),
            Change::Neutral(edit) => (0, Some(edit)),
            Change::Plant(percent) => (percent, None),
        };
        write_changed(&source.join("plant.rs"), &plant(percent))?;
        write_changed(&source.join("neutral.rs"), &edit.map_or_else(|| neutral(0), |edit| neutral(edit + 3)))
    }

    /// Both executables with a change; built once.
    ///
    /// # Errors
    /// They do not build.
    pub fn executables(&mut self, change: Change) -> Result<Executables> {
        if let Some(known) = self.executables.get(&change) {
            return Ok(known.clone());
        }
        self.apply(change)?;
        let mut build = self.cargo();
        build.args(["build", "--profile", "bench", "--benches", "--message-format=json"]);
        build.args(["--package", "gate-subjects", "--package", "gate-tango"]);
        let (messages, _) = succeed(build.env("CARGO_TARGET_DIR", self.root.join("target")))?;
        let keep = self.root.join("executables").join(format!("{change:?}").replace(['(', ')'], "-"));
        fs::create_dir_all(&keep).with_context(|| format!("cannot make `{}`", keep.display()))?;
        let kept = |target: &str| -> Result<PathBuf> {
            let built =
                executable(&messages, "bench", target).with_context(|| format!("cargo built no bench `{target}`"))?;
            let place = keep.join(target);
            fs::copy(&built, &place).with_context(|| format!("cannot keep `{built}`"))?;
            Ok(place)
        };
        let executables = Executables { criterion: kept("subjects")?, tango: kept("tango")? };
        self.executables.insert(change, executables.clone());
        Ok(executables)
    }

    /// Names of the subjects, in their order.
    ///
    /// # Errors
    /// They do not build.
    pub fn subjects(&mut self) -> Result<Vec<String>> {
        let executables = self.executables(Change::Same)?;
        let (listed, _) = succeed(Command::new(&executables.criterion).args(["--bench", "--list"]))?;
        let names = listed.lines().filter_map(|line| line.strip_suffix(": benchmark"));
        Ok(names.map(String::from).collect())
    }

    fn cargo(&self) -> Command {
        let mut cargo = Command::new("cargo");
        cargo.current_dir(self.tree());
        cargo
    }

    fn git(&self) -> Command {
        let mut git = Command::new("git");
        git.current_dir(self.tree());
        git
    }
}

/// The file that plants a slowdown.
fn plant(percent: u32) -> String {
    format!("//! The planted slowdown.\n\npub(crate) const PLANT_PERCENT: u32 = {percent};\n")
}

/// So many functions that nobody calls, of different lengths.
fn neutral(functions: u32) -> String {
    let mut text = String::from("//! The neutral edit.\n\n");
    let mut names = Vec::new();
    for function in 0..functions {
        let name = format!("unrelated_{function}");
        writeln!(text, "#[inline(never)]\nfn {name}(x: u64) -> u64 {{\n    let mut y = x;")
            .expect("writing to a string");
        for step in 0..=(function * 5 + functions) % 11 {
            let turn = 1 + (function + step) % 60;
            writeln!(text, "    y = y.rotate_left({turn}).wrapping_mul(x | {}) ^ (y >> {turn});", 3 + 2 * step)
                .expect("writing to a string");
        }
        text.push_str("    y\n}\n\n");
        names.push(name);
    }
    writeln!(text, "pub(crate) static UNRELATED: &[fn(u64) -> u64] = &[{}];", names.join(", "))
        .expect("writing to a string");
    text
}

/// The executable of a target among cargo's messages.
pub fn executable(messages: &str, kind: &str, target: &str) -> Option<String> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut built =
        messages.filter(|message| message["target"]["name"] == target && message["target"]["kind"][0] == kind);
    built.find_map(|message| message["executable"].as_str().map(String::from))
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| format!("cannot write `{}`", path.display()))
}

/// An equal file keeps its modification time, so that cargo builds nothing.
fn write_changed(path: &Path, text: &str) -> Result<()> {
    if fs::read_to_string(path).is_ok_and(|old| old == text) { Ok(()) } else { write(path, text) }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let context = || format!("cannot copy `{}`", from.display());
    if from.is_dir() {
        fs::create_dir_all(to).with_context(context)?;
        for entry in fs::read_dir(from).with_context(context)? {
            let name = entry.with_context(context)?.file_name();
            copy(&from.join(&name), &to.join(&name))?;
        }
        return Ok(());
    }
    fs::copy(from, to).map(drop).with_context(context)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neutral_edits_differ() {
        let edits: Vec<String> = (3..11).map(neutral).collect();
        for (at, edit) in edits.iter().enumerate() {
            assert_eq!(edit.matches("#[inline(never)]").count(), at + 3);
            assert!(edits[..at].iter().all(|other| other != edit));
        }
        assert!(neutral(0).ends_with("= &[];\n"));
    }

    #[test]
    fn executable_is_found_by_kind_and_name() {
        let messages = r#"{"reason":"compiler-artifact","target":{"kind":["lib"],"name":"tango"},"executable":null}
no JSON
{"reason":"compiler-artifact","target":{"kind":["bench"],"name":"tango"},"executable":"/t/tango-1"}"#;
        assert_eq!(executable(messages, "bench", "tango").as_deref(), Some("/t/tango-1"));
        assert_eq!(executable(messages, "bench", "subjects"), None);
    }
}
