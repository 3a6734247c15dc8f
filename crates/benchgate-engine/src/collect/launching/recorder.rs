//! The question how benches are started, as it is put to cargo, and what cargo answers.

use std::collections::BTreeMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow};
use thiserror::Error;

use super::super::configuration::{CargoConfiguration, Runner};
use super::record::LaunchRecord;
use super::surroundings::Surroundings;
use super::{RECORD, callers_environment};

/// True everywhere, and a name that nobody else has: a runner under the same one would be replaced without a word.
const EVERYWHERE: &str = "cfg(not(benchgate_starts_benches_otherwise))";

/// A runner that changes nothing: what a user sets in the place of another.
const PLAIN: &str = "env";

/// The user runs benches through another program, which the gate cannot do.
#[derive(Debug, Error)]
#[error(
    "cargo is told to start benches through another program: {origin}\nthe gate starts both sides itself, with a library in \
     front of their clock, so it would measure something else than `cargo bench` runs\nhint: where the benches also run \
     without it, {variable}={PLAIN} says so for one command, `{PLAIN}` being a runner that changes nothing"
)]
pub struct RunnerRefusal {
    origin: String,
    /// The variable that beats all files.
    variable: String,
}

/// The question that is put to cargo, and where the answers lie until they are read.
#[derive(Debug)]
pub(in crate::collect) struct LaunchRecorder {
    place: tempfile::TempDir,
    /// For the target of benches that are built for no other.
    host: Option<String>,
}

impl LaunchRecorder {
    /// Makes a place for answers. `place` has no blanks in its path, as nothing in the cache has.
    ///
    /// # Errors
    /// It cannot be used.
    pub fn new(place: tempfile::TempDir) -> Result<Self> {
        let gate = env::current_exe().context("the gate does not know its own file")?;
        // One that was built anew meanwhile is another; where there is none any more, the running one is still at hand.
        let gate = if gate.exists() { gate } else { format!("/proc/{}/exe", std::process::id()).into() };
        let link = place.path().join("gate");
        std::os::unix::fs::symlink(gate, &link).with_context(|| format!("cannot make `{}`", link.display()))?;
        Ok(Self { place, host: None })
    }

    /// Adds the question to a `cargo bench` that would run all benches.
    ///
    /// # Errors
    /// [`RunnerRefusal`]
    pub fn ask(
        &mut self,
        cargo: &mut Command,
        configuration: &CargoConfiguration,
        host: impl Fn() -> Result<String>,
    ) -> Result<()> {
        let runner = self.runner()?;
        let words = toml::Value::Array(runner.iter().map(|word| toml::Value::String(word.clone())).collect());
        cargo.arg("--config").arg(format!("target.'{EVERYWHERE}'.runner = {words}"));
        self.host = Some(host()?);
        let triples: Vec<&str> = match &configuration.targets[..] {
            [] => self.host.iter().map(String::as_str).collect(),
            targets => targets.iter().map(String::as_str).collect(),
        };
        for triple in triples {
            let variable = variable(triple);
            match env::var(&variable)
                .ok()
                .map(|command| command.trim().to_owned())
                .filter(|command| !command.is_empty())
            {
                // It stands for whatever the files say, as only a variable does.
                Some(command) if command == PLAIN => {
                    cargo.env(variable, runner.join(" "));
                }
                Some(command) => {
                    let origin = format!("`{command}`, by the variable {variable}");
                    return Err(RunnerRefusal { origin, variable }.into());
                }
                None => {
                    if let Some(Runner { target, command, file }) =
                        configuration.runners.iter().find(|one| one.target == triple)
                    {
                        let origin = format!("`{command}`, by `target.{target}.runner` in `{}`", file.display());
                        return Err(RunnerRefusal { origin, variable }.into());
                    }
                }
            }
        }
        Ok(())
    }

    /// The refusal that cargo's complaint about a second runner comes to, where that is what it said.
    pub fn refusal(&self, said: &[String], configuration: &CargoConfiguration) -> Option<RunnerRefusal> {
        said.iter().find(|line| line.contains("several matching instances of `target.'cfg(..)'.runner`"))?;
        let is_meant = |line: &&String| line.contains(" match `cfg(") && !line.contains(EVERYWHERE);
        let located = said.iter().find(is_meant).map_or("", |line| line.trim());
        let runner = configuration.runners.iter().find(|one| located.contains(&format!("`{}`", one.target)));
        let origin = match runner {
            Some(Runner { target, command, file }) => {
                format!("`{command}`, by `target.'{target}'.runner` in `{}`", file.display())
            }
            None => located.to_owned(),
        };
        let target = configuration.targets.first().or(self.host.as_ref())?;
        Some(RunnerRefusal { origin, variable: variable(target) })
    }

    /// What cargo, started by this command, gave to each executable. `set` are variables that the gate gave to cargo for benches to have, `own` the
    /// directories of the side.
    ///
    /// # Errors
    /// An answer cannot be read.
    pub fn answers(self, cargo: &Command, set: &[&OsStr], own: &[&Path]) -> Result<BTreeMap<PathBuf, Surroundings>> {
        let mut given: BTreeMap<OsString, OsString> = env::vars_os().collect();
        for (name, value) in cargo.get_envs() {
            match value {
                Some(value) => given.insert(name.to_owned(), value.to_owned()),
                None => given.remove(name),
            };
        }
        // Without the gate, rustup would have chosen it, and the bench would see it.
        given.remove(OsStr::new("RUSTUP_TOOLCHAIN"));
        set.iter().for_each(|name| drop(given.remove(*name)));
        let mut all = BTreeMap::new();
        for entry in fs::read_dir(self.answers_place()).context("cannot read how cargo starts benches")? {
            let file = entry?.path();
            let context = || format!("cannot read `{}`, which says how cargo starts a bench", file.display());
            let record = LaunchRecord::parse(&fs::read(&file).with_context(context)?).with_context(context)?;
            let own = own.iter().map(|path| path.to_path_buf()).collect();
            all.insert(record.program.clone(), Surroundings::of(record, &given, own));
        }
        Ok(all)
    }

    fn runner(&self) -> Result<[String; 3]> {
        let answers = self.answers_place();
        fs::create_dir_all(&answers).with_context(|| format!("cannot make `{}`", answers.display()))?;
        let text = |path: PathBuf| {
            path.into_os_string().into_string().map_err(|path| anyhow!("`{}` is not UTF-8", path.display()))
        };
        Ok([text(self.place.path().join("gate"))?, RECORD.into(), text(answers)?])
    }

    fn answers_place(&self) -> PathBuf {
        self.place.path().join("launches")
    }
}

/// Cargo's name for the variable that sets the runner of a target.
fn variable(triple: &str) -> String {
    format!("CARGO_TARGET_{}_RUNNER", triple.to_uppercase().replace(['-', '.'], "_"))
}

/// What decides how benches are started beside the files of the tree, for the keys of kept executables: settings that come from
/// elsewhere, as cargo's home, and variables of the caller.
pub(in crate::collect) fn deciding_settings(configuration: &CargoConfiguration) -> Vec<String> {
    let is_runner =
        |name: &OsStr| name.as_bytes().starts_with(b"CARGO_TARGET_") && name.as_bytes().ends_with(b"_RUNNER");
    let runners = env::vars_os().map(|(name, _)| name).filter(|name| is_runner(name));
    // What `[env]` does not force, it leaves to the caller.
    let left = configuration.variables.iter().map(|(name, _)| name.clone());
    let mut names: Vec<OsString> = runners.chain(left).collect();
    names.sort();
    names.dedup();
    let callers = callers_environment();
    let line = |name: &OsString| format!("{}={:?}", name.display(), callers.get(name));
    [format!("{configuration:?}")].into_iter().chain(names.iter().map(line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_targets_are_spelled_as_cargo_does() {
        #[track_caller]
        fn check(triple: &str, expected: &str) {
            assert_eq!(variable(triple), expected);
        }
        check("x86_64-unknown-linux-gnu", "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER");
        check("thumbv8m.main-none-eabi", "CARGO_TARGET_THUMBV8M_MAIN_NONE_EABI_RUNNER");
    }

    #[test]
    fn complaint_about_two_runners_names_the_users() {
        let recorder = LaunchRecorder::new(tempfile::tempdir().unwrap()).unwrap();
        let configuration = CargoConfiguration { targets: vec!["x-y".into()], ..CargoConfiguration::default() };
        let said = [
            "error: several matching instances of `target.'cfg(..)'.runner` in configurations".to_owned(),
            format!("first match `{EVERYWHERE}` located in --config cli option"),
            "second match `cfg(unix)` located in /w/.cargo/config.toml".to_owned(),
        ];
        let refusal = recorder.refusal(&said, &configuration).unwrap().to_string();
        assert!(refusal.contains("second match `cfg(unix)` located in /w/.cargo/config.toml\n"), "{refusal}");
        assert!(refusal.contains("CARGO_TARGET_X_Y_RUNNER=env"), "{refusal}");
        assert!(recorder.refusal(&said[1..], &configuration).is_none());
    }
}
