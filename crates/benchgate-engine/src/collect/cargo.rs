//! Running `cargo bench` on a side: to build it, and to ask how each bench is started.

use std::collections::BTreeMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context, Result, anyhow, ensure};
use cargo_metadata::Message;

use super::build::Builder;
use super::command::shown;
use super::configuration::CargoConfiguration;
use super::interruption;
use super::launching::{LaunchRecorder, Surroundings, callers_environment};
use super::machine;
use super::packages::{BenchTarget, Workspace};
use super::reduced::{InTheWay, Reduced};
use super::required::{Call, Calls};
use super::tree::{GIT_PLACES, Tree};
use benchgate_core::model::{LeftOut, Side};

/// What cargo made of benches.
pub(super) struct Made {
    pub messages: Vec<Message>,
    /// How it starts each executable.
    pub launches: BTreeMap<PathBuf, Surroundings>,
    /// Benches that it does not build, since features which they require are off.
    pub refused: Vec<LeftOut>,
    /// What a reader should know of how it was done.
    pub notes: Vec<String>,
}

impl Builder<'_> {
    /// Builds these benches in a target directory, with variables added to cargo's environment, and asks how each is started, in one go.
    pub(super) fn cargo(
        &self,
        tree: &Tree,
        workspace: &Workspace,
        target_directory: &Path,
        benches: &[&BenchTarget],
        environment: &[(&str, &Path)],
        mut on_line: impl FnMut(&str) + Send,
    ) -> Result<Made> {
        let configuration = self.configuration(workspace);
        let mut recorder = LaunchRecorder::new(self.cache.scratch()?)?;
        let mut calls = Calls::new(&workspace.benches, benches);
        let (mut messages, mut last) = (Vec::new(), None);
        let (mut notes, mut reduced) = (Vec::new(), None);
        while let Some(call) = calls.next() {
            let mut command = self.command(tree.side, workspace, target_directory, &call);
            command.envs(environment.iter().copied());
            let shown = shown(&command);
            let host = || Ok(machine::toolchain(&workspace.root, self.toolchain(tree.side))?.host);
            recorder.ask(&mut command, &configuration, host)?;
            match run(&mut command, &mut on_line)? {
                Ok(more) => messages.extend(more),
                Err(said) if calls.leave_out(&call, &said) => continue,
                Err(said) => {
                    let in_the_way = InTheWay::parse(&said, workspace);
                    if let Some(InTheWay { dependency, member, takes_part: false }) = &in_the_way
                        && reduced.is_none()
                    {
                        notes.push(format!(
                            "the {} is resolved without member `{member}`, which takes no part: its dependency `{dependency}` \
                             cannot be had",
                            tree.side.name()
                        ));
                        reduced = Some(Reduced::write(workspace)?);
                        calls.again(call);
                        continue;
                    }
                    return Err(match recorder.refusal(&said, &configuration) {
                        Some(refusal) => refusal.into(),
                        None => failure(&shown, (tree.side, workspace), &said, in_the_way),
                    });
                }
            }
            last = Some(command);
        }
        reduced.map_or(Ok(()), Reduced::undo)?;
        let own: Vec<&OsStr> = self.settings.environment.keys().map(AsRef::as_ref).collect();
        let launches = last.map(|command| recorder.answers(&command, &own, &[&tree.root, target_directory]));
        let launches = launches.transpose()?.unwrap_or_default();
        Ok(Made { messages, launches, refused: calls.refused(), notes })
    }

    pub(super) fn configuration(&self, workspace: &Workspace) -> CargoConfiguration {
        let mut configuration = CargoConfiguration::at(&workspace.root, &self.configurations);
        // The variable beats all files.
        const TARGET: &str = "CARGO_BUILD_TARGET";
        let callers = || env::var(TARGET).ok();
        if let Some(target) =
            self.settings.environment.get(TARGET).cloned().or_else(callers).filter(|one| !one.is_empty())
        {
            configuration.targets = vec![target];
        }
        configuration
    }

    fn command(&self, side: Side, workspace: &Workspace, target_directory: &Path, call: &Call<'_>) -> Command {
        let mut command = Command::new("cargo");
        self.prepare_environment(&mut command, side, target_directory);
        command.current_dir(&workspace.root);
        command.args(["bench", "--message-format=json-render-diagnostics"]);
        for bench in &call.benches {
            command.args(["--bench", bench]);
        }
        for package in &call.packages {
            command.args(["--package", package]);
        }
        let settings = &self.settings;
        for feature in self.settings.features.iter().filter(|feature| workspace.has_feature(feature)) {
            command.args(["--features", feature]);
        }
        command.args(settings.has_all_features.then_some("--all-features"));
        command.args(settings.has_no_default_features.then_some("--no-default-features"));
        if let Some(profile) = &settings.profile {
            command.args(["--profile", profile]);
        }
        for file in &self.configurations {
            command.arg("--config").arg(file);
        }
        command
    }

    /// The environment of whatever is started to build a side.
    pub(super) fn prepare_environment(&self, command: &mut Command, side: Side, target_directory: &Path) {
        clean_environment(command, self.toolchain(side));
        command.env("CARGO_TERM_COLOR", "never");
        command.envs(&self.settings.environment);
        // Both: a configured build directory would be the same for both sides.
        for name in ["CARGO_TARGET_DIR", "CARGO_BUILD_BUILD_DIR"] {
            command.env(name, target_directory);
        }
    }
}

/// What cargo told of what it made; or what it said, where it failed.
pub(super) fn run(
    command: &mut Command,
    mut on_line: impl FnMut(&str) + Send,
) -> Result<Result<Vec<Message>, Vec<String>>> {
    let shown = shown(command);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("cannot run `{shown}`"))?;
    let stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
    let stderr = BufReader::new(child.stderr.take().expect("stderr is piped"));
    let (said, messages) = thread::scope(|scope| {
        let said = scope.spawn(move || {
            let mut said = Vec::new();
            for line in stderr.lines().map_while(Result::ok) {
                on_line(&line);
                said.push(line);
            }
            said
        });
        let messages: std::io::Result<Vec<Message>> = Message::parse_stream(stdout).collect();
        (said.join().expect("the reader does not panic"), messages)
    });
    let status = child.wait().with_context(|| format!("cannot wait for `{shown}`"))?;
    if !status.success() {
        ensure!(!interruption::explains(status), "interrupted");
        return Ok(Err(said));
    }
    Ok(Ok(messages.with_context(|| format!("cannot read what `{shown}` printed"))?))
}

pub(super) fn failure(
    shown: &str,
    (side, workspace): (Side, &Workspace),
    said: &[String],
    in_the_way: Option<InTheWay>,
) -> anyhow::Error {
    let other = match side {
        Side::Base => "; a base that does not build is no base, choose another with `--base REV`",
        Side::Candidate => "",
    };
    let usual = || format!("`cargo bench --no-run` shows all of it{other}");
    let hint = in_the_way.map_or_else(usual, |one| one.hint());
    anyhow!("`{shown}` failed in `{}`:\n{}\nhint: {hint}", workspace.root.display(), first_error(said))
}

/// The compiler's words from the first error on, at most 60 lines.
fn first_error(said: &[String]) -> String {
    let start = said.iter().position(|line| line.starts_with("error")).unwrap_or(said.len().saturating_sub(20));
    said[start..].iter().take(60).cloned().collect::<Vec<_>>().join("\n")
}

/// Variables of cargo's that are the caller's word on how both sides are built.
const PASSED_ON: [&str; 10] = [
    "CARGO_BUILD_",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_HOME",
    "CARGO_HTTP_",
    "CARGO_INCREMENTAL",
    "CARGO_NET_",
    "CARGO_PROFILE_",
    "CARGO_REGISTR",
    "CARGO_SOURCE_",
    "CARGO_TARGET_",
];

/// The same begin these, which are about where something is built: that is the gate's to say.
const PLACES: [&str; 4] =
    ["CARGO_BUILD_BUILD_DIR", "CARGO_BUILD_TARGET_DIR", "CARGO_TARGET_DIR", "CARGO_TARGET_TMPDIR"];

/// Beside those of cargo, variables that decide what a build gives.
const OF_COMPILERS: [&str; 9] =
    ["AR", "CC", "CFLAGS", "CXX", "CXXFLAGS", "RUSTC", "RUSTC_BOOTSTRAP", "RUSTC_WORKSPACE_WRAPPER", "RUSTC_WRAPPER"];

/// Takes out of a command's environment what the calling cargo put there, keeping what says where crates come from and how to
/// build, and selects a toolchain. None is installed on the way.
pub(super) fn clean_environment(command: &mut Command, toolchain: Option<&str>) {
    let callers = callers_environment();
    for (name, value) in env::vars_os() {
        match callers.get(&name).filter(|_| is_passed_on(&name.to_string_lossy())) {
            Some(own) if *own == value => {}
            Some(own) => drop(command.env(&name, own)),
            None => drop(command.env_remove(&name)),
        }
    }
    // A hook's repository is the user's; a build script that asks git must find its own side's.
    for name in GIT_PLACES {
        command.env_remove(name);
    }
    command.env("RUSTUP_AUTO_INSTALL", "0");
    if let Some(toolchain) = toolchain {
        command.env("RUSTUP_TOOLCHAIN", toolchain);
    }
}

fn is_passed_on(name: &str) -> bool {
    !name.starts_with("CARGO_") || (PASSED_ON.iter().any(|start| name.starts_with(start)) && !PLACES.contains(&name))
}

/// What the caller's environment says of how to build, a line each, for the keys of kept builds.
pub(super) fn callers_recipe() -> Vec<String> {
    recipe(&callers_environment())
}

fn recipe(callers: &BTreeMap<OsString, OsString>) -> Vec<String> {
    const PARTS: [&str; 3] = ["CARGO_BUILD_", "CARGO_PROFILE_", "CARGO_TARGET_"];
    const ALONE: [&str; 3] = ["CARGO_ENCODED_RUSTFLAGS", "CARGO_INCREMENTAL", "RUSTFLAGS"];
    // How many compilers run at once changes nothing of what they give; runners have words of their own in the key.
    let is_of_build = |name: &str| {
        let is_cargos = PARTS.iter().any(|start| name.starts_with(start)) || ALONE.contains(&name);
        let is_compilers = OF_COMPILERS.contains(&name);
        (is_cargos || is_compilers) && is_passed_on(name) && name != "CARGO_BUILD_JOBS" && !name.ends_with("_RUNNER")
    };
    let names = callers.iter().map(|(name, value)| (name.to_string_lossy(), value));
    names.filter(|(name, _)| is_of_build(name)).map(|(name, value)| format!("{name}={}", value.display())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_words_on_building_are_passed_on_and_those_on_places_are_not() {
        #[track_caller]
        fn check(name: &str, is_passed: bool, is_in_key: bool) {
            let callers = BTreeMap::from([(name.into(), "x".into())]);
            assert_eq!(
                (is_passed_on(name), recipe(&callers) == [format!("{name}=x")]),
                (is_passed, is_in_key),
                "{name}"
            );
        }
        for name in ["CARGO_PROFILE_BENCH_LTO", "CARGO_BUILD_RUSTFLAGS", "CARGO_BUILD_TARGET", "CARGO_INCREMENTAL"] {
            check(name, true, true);
        }
        for name in
            ["CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER", "RUSTFLAGS"]
        {
            check(name, true, true);
        }
        for name in ["CARGO_HOME", "CARGO_NET_OFFLINE", "CARGO_BUILD_JOBS", "HOME", "CARGO_TARGET_X_RUNNER"] {
            check(name, true, false);
        }
        for name in [
            "CARGO_TARGET_DIR",
            "CARGO_BUILD_TARGET_DIR",
            "CARGO_BUILD_BUILD_DIR",
            "CARGO_PKG_NAME",
            "CARGO_UNSTABLE_X",
        ] {
            check(name, false, false);
        }
    }
}
