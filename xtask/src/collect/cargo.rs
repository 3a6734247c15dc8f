//! Running `cargo bench` on a side: to build it, and to ask how each bench is started.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
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
use super::packages::Workspace;
use super::tree::{GIT_PLACES, Tree};

impl Builder<'_> {
    /// Builds the benches whose names match in a target directory, with variables added to cargo's environment, and asks how each is
    /// started, in one go. The packages are the same whichever benches are wanted, since cargo unites features over them.
    pub(super) fn cargo(
        &self,
        tree: &Tree,
        workspace: &Workspace,
        target_directory: &Path,
        benches: &[&str],
        environment: &[(&str, &Path)],
        on_line: impl FnMut(&str) + Send,
    ) -> Result<(Vec<Message>, BTreeMap<PathBuf, Surroundings>)> {
        let configuration = self.configuration(workspace);
        let mut command = self.command(workspace, target_directory, benches);
        command.envs(environment.iter().copied());
        let shown = shown(&command);
        let mut recorder = LaunchRecorder::new(self.cache.scratch()?)?;
        recorder.ask(&mut command, &configuration, || Ok(machine::toolchain(&workspace.root)?.host))?;
        let messages =
            messages(&mut command, on_line)?.map_err(|said| match recorder.refusal(&said, &configuration) {
                Some(refusal) => refusal.into(),
                None => failure(&shown, workspace, &said),
            })?;
        let launches = recorder.answers(&command, &[&tree.root, target_directory])?;
        Ok((messages, launches))
    }

    pub(super) fn configuration(&self, workspace: &Workspace) -> CargoConfiguration {
        CargoConfiguration::at(&workspace.root, &self.configurations)
    }

    fn command(&self, workspace: &Workspace, target_directory: &Path, benches: &[&str]) -> Command {
        let mut command = Command::new("cargo");
        clean_environment(&mut command, self.toolchain.as_deref());
        command.current_dir(&workspace.root).env("CARGO_TERM_COLOR", "never");
        // Both: a configured build directory would be the same for both sides.
        for name in ["CARGO_TARGET_DIR", "CARGO_BUILD_BUILD_DIR"] {
            command.env(name, target_directory);
        }
        command.args(["bench", "--message-format=json-render-diagnostics"]);
        for bench in benches {
            command.args(["--bench", bench]);
        }
        let specifications: BTreeSet<&str> =
            workspace.benches.iter().map(|bench| bench.specification.as_str()).collect();
        for specification in specifications {
            command.args(["--package", specification]);
        }
        for file in &self.configurations {
            command.arg("--config").arg(file);
        }
        command
    }
}

/// What cargo told of what it made; or what it said, where it failed.
fn messages(command: &mut Command, mut on_line: impl FnMut(&str) + Send) -> Result<Result<Vec<Message>, Vec<String>>> {
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

fn failure(shown: &str, workspace: &Workspace, said: &[String]) -> anyhow::Error {
    anyhow!(
        "`{shown}` failed in `{}`:\n{}\nhint: `cargo bench --no-run` shows all of it; a base that does not build \
         is no base, choose another with `--base REV`",
        workspace.root.display(),
        first_error(said)
    )
}

/// The compiler's words from the first error on, at most 60 lines.
fn first_error(said: &[String]) -> String {
    let start = said.iter().position(|line| line.starts_with("error")).unwrap_or(said.len().saturating_sub(20));
    said[start..].iter().take(60).cloned().collect::<Vec<_>>().join("\n")
}

/// Takes out of a command's environment what the calling cargo put there, keeping what says where crates come from, and
/// selects a toolchain.
pub(super) fn clean_environment(command: &mut Command, toolchain: Option<&str>) {
    const KEPT: [&str; 6] =
        ["CARGO_HOME", "CARGO_NET_", "CARGO_HTTP_", "CARGO_REGISTR", "CARGO_SOURCE_", "CARGO_ENCODED_RUSTFLAGS"];
    let callers = callers_environment();
    for (name, value) in env::vars_os() {
        let text = name.to_string_lossy();
        let is_cargos = text.starts_with("CARGO_") && !KEPT.iter().any(|kept| text.starts_with(kept));
        match callers.get(&name).filter(|_| !is_cargos) {
            Some(own) if *own == value => {}
            Some(own) => drop(command.env(&name, own)),
            None => drop(command.env_remove(&name)),
        }
    }
    // A hook's repository is the user's; a build script that asks git must find its own side's.
    for name in GIT_PLACES {
        command.env_remove(name);
    }
    if let Some(toolchain) = toolchain {
        command.env("RUSTUP_TOOLCHAIN", toolchain);
    }
}
