//! Building a side's bench executables.
//!
//! Both sides share one target directory, so that dependencies are built once. Cargo gives a workspace member the same
//! hash in both trees and judges freshness by modification times alone; so every file that differs from what was built
//! last is touched before, and afterwards no unit with a changed input may have been called fresh.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context, Result, bail};
use cargo_metadata::{Message, TargetKind};

use super::cache::Cache;
use super::command::shown;
use super::kept;
use super::packages::Workspace;
use super::tree::{Tree, TreeManifest};

/// How both sides are built.
#[derive(Debug)]
pub struct Builder<'a> {
    /// Where to build.
    pub cache: &'a Cache,
    /// The workspace below a tree's root; empty where it is the root.
    pub below: PathBuf,
    /// rustup's name of the toolchain for both sides, where there is one.
    pub toolchain: Option<String>,
    /// What to name the compiler in the keys of kept executables.
    pub compiler: String,
    /// Configuration files that the repository inherits from directories above it and the cache does not.
    pub configurations: Vec<PathBuf>,
}

/// A side that is built.
#[derive(Clone, Debug)]
pub struct Built {
    /// Its bench executables.
    pub executables: Vec<Executable>,
    /// Whether they were kept from an earlier run.
    pub is_kept: bool,
}

/// One bench executable.
#[derive(Clone, Debug)]
pub struct Executable {
    /// Package.
    pub package: String,
    /// Version of the package.
    pub version: String,
    /// Bench target.
    pub target: String,
    /// The file.
    pub file: PathBuf,
    /// The package's directory in the side's tree: where it runs.
    pub directory: PathBuf,
    /// Files of the tree that were compiled into it, by dep-info.
    pub inputs: BTreeSet<String>,
}

impl Builder<'_> {
    /// Builds a side's benches, or takes the ones kept for the same files, flags and toolchain.
    ///
    /// # Errors
    /// The side does not build, with the compiler's last words; or cargo called a unit fresh whose input had changed.
    pub fn build(&self, tree: &Tree, workspace: &Workspace, on_line: impl FnMut(&str) + Send) -> Result<Built> {
        let key = self.key(tree, workspace);
        if let Some(executables) = kept::find(&self.cache.kept(), &key, &workspace.root)? {
            return Ok(Built { executables, is_kept: true });
        }
        self.build_under(&key, tree, workspace, on_line)
    }

    /// Builds a side's benches whatever is kept, every unit of the workspace included, and keeps them apart.
    ///
    /// # Errors
    /// As [`Builder::build`].
    pub fn build_again(&self, tree: &Tree, workspace: &Workspace, on_line: impl FnMut(&str) + Send) -> Result<Built> {
        let record = self.last_record();
        if record.exists() {
            // Without a record of the last build, everything is touched.
            fs::remove_file(&record).with_context(|| format!("cannot remove `{}`", record.display()))?;
        }
        let mut key = self.key(tree, workspace);
        key.push("built again".into());
        self.build_under(&key, tree, workspace, on_line)
    }

    fn build_under(
        &self,
        key: &[String],
        tree: &Tree,
        workspace: &Workspace,
        on_line: impl FnMut(&str) + Send,
    ) -> Result<Built> {
        if workspace.benches.is_empty() {
            return Ok(Built { executables: Vec::new(), is_kept: false });
        }
        let packages: BTreeSet<String> = packages(workspace).map(String::from).collect();
        let changed = self.touch_changed(tree, &packages)?;
        let artifacts = self.cargo(workspace, &["*"], &[], on_line)?;
        self.check_freshness(&artifacts, &changed)?;
        let executables = self.executables(&artifacts, workspace)?;
        fs::write(self.last_record(), serde_json::to_vec(&(&packages, &tree.manifest))?)
            .context("cannot note what was built")?;
        let executables = kept::keep(&self.cache.kept(), key, &executables, &workspace.root)?;
        Ok(Built { executables, is_kept: false })
    }

    fn key(&self, tree: &Tree, workspace: &Workspace) -> Vec<String> {
        let flag = |name: &str| format!("{name}={}", env::var(name).unwrap_or_default());
        let mut key = vec![tree.manifest.whole_hash(), self.below.display().to_string(), self.compiler.clone()];
        key.extend(["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CC", "CFLAGS", "CXXFLAGS"].map(flag));
        for file in &self.configurations {
            key.push(format!("{}={}", file.display(), fs::read_to_string(file).unwrap_or_default()));
        }
        key.extend(
            packages(workspace).collect::<BTreeSet<_>>().into_iter().map(|package| format!("package={package}")),
        );
        key
    }

    fn last_record(&self) -> PathBuf {
        self.cache.target().join("last-built.json")
    }

    /// Touches what differs from the last build; without a record of it, or where it was of other packages and so left some
    /// units as they were, everything. Returns what was touched.
    fn touch_changed(&self, tree: &Tree, packages: &BTreeSet<String>) -> Result<BTreeSet<String>> {
        let record = self.last_record();
        let last = fs::read(&record).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let last = last.filter(|(built, _): &(BTreeSet<String>, TreeManifest)| built == packages);
        if record.exists() {
            fs::remove_file(&record).with_context(|| format!("cannot remove `{}`", record.display()))?;
        }
        let changed = match &last {
            Some((_, last)) => last.differing(&tree.manifest),
            None => tree.manifest.paths().map(String::from).collect(),
        };
        tree.touch(changed.iter().map(String::as_str))?;
        Ok(changed)
    }

    /// Builds the benches whose names match, with variables added to cargo's environment. The packages are the same whichever
    /// benches are wanted, since cargo unites features over them.
    pub(super) fn cargo(
        &self,
        workspace: &Workspace,
        benches: &[&str],
        environment: &[(&str, &Path)],
        mut on_line: impl FnMut(&str) + Send,
    ) -> Result<Vec<cargo_metadata::Artifact>> {
        let mut command = Command::new("cargo");
        clean_environment(&mut command, self.toolchain.as_deref());
        command
            .current_dir(&workspace.root)
            .env("CARGO_TARGET_DIR", self.cache.target())
            .env("CARGO_TERM_COLOR", "never")
            .envs(environment.iter().copied());
        command.args(["bench", "--no-run", "--message-format=json-render-diagnostics"]);
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
        let shown = shown(&command);
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
            bail!(
                "`{shown}` failed in `{}`:\n{}\nhint: `cargo bench --no-run` shows all of it; a base that does not build \
                 is no base, choose another with `--base REV`",
                workspace.root.display(),
                first_error(&said)
            );
        }
        let messages = messages.with_context(|| format!("cannot read what `{shown}` printed"))?;
        let artifacts = messages.into_iter().filter_map(|message| match message {
            Message::CompilerArtifact(artifact) => Some(artifact),
            _ => None,
        });
        Ok(artifacts.collect())
    }

    fn check_freshness(&self, artifacts: &[cargo_metadata::Artifact], changed: &BTreeSet<String>) -> Result<()> {
        for artifact in artifacts.iter().filter(|artifact| artifact.fresh) {
            let inputs = self.inputs(artifact);
            if let Some(path) = inputs.intersection(changed).next() {
                bail!(
                    "cargo calls `{}` fresh although `{path}` changed, so it would measure the other side's code\nhint: rm -r {}",
                    artifact.target.name,
                    self.cache.target().display()
                );
            }
        }
        Ok(())
    }

    fn executables(&self, artifacts: &[cargo_metadata::Artifact], workspace: &Workspace) -> Result<Vec<Executable>> {
        // What went into a bench is what went into it and into every library unit of the workspace: dep-info stops at
        // crate borders.
        let mut by_unit: BTreeMap<PathBuf, BTreeSet<String>> = BTreeMap::new();
        let mut libraries = BTreeSet::new();
        for artifact in artifacts {
            let inputs = self.inputs(artifact);
            if let Some(executable) = &artifact.executable {
                by_unit.insert(executable.clone().into_std_path_buf(), inputs);
            } else {
                libraries.extend(inputs);
            }
        }
        let mut executables = Vec::new();
        for artifact in artifacts.iter().filter(|artifact| artifact.target.kind.contains(&TargetKind::Bench)) {
            let Some(file) = artifact.executable.clone().map(cargo_metadata::camino::Utf8PathBuf::into_std_path_buf)
            else {
                continue;
            };
            let directory = artifact.manifest_path.parent().map(|dir| dir.as_std_path().to_owned());
            let found = workspace.benches.iter().find(|bench| {
                bench.name == artifact.target.name
                    && directory.as_deref() == Some(&*workspace.root.join(&bench.directory))
            });
            let bench = found.with_context(|| format!("cargo built an unknown bench `{}`", artifact.target.name))?;
            let mut inputs = by_unit.remove(&file).unwrap_or_default();
            inputs.extend(libraries.iter().cloned());
            executables.push(Executable {
                package: bench.package.clone(),
                version: bench.version.clone(),
                target: bench.name.clone(),
                directory: workspace.root.join(&bench.directory),
                file,
                inputs,
            });
        }
        executables.sort_by(|a, b| (&a.package, &a.target).cmp(&(&b.package, &b.target)));
        Ok(executables)
    }

    /// Files of the tree that a unit was compiled from, by the dep-info beside it.
    fn inputs(&self, artifact: &cargo_metadata::Artifact) -> BTreeSet<String> {
        let Some(file) = artifact.filenames.first() else { return BTreeSet::new() };
        let stem = file.file_stem().unwrap_or_default();
        let stem = if artifact.executable.is_some() { file.file_name().unwrap_or(stem) } else { stem };
        let stem = stem.strip_prefix("lib").filter(|_| artifact.executable.is_none()).unwrap_or(stem);
        let info = file.with_file_name(format!("{stem}.d"));
        let Ok(text) = fs::read_to_string(info) else { return BTreeSet::new() };
        dep_info(&text).into_iter().filter_map(|path| self.below_tree(&path)).collect()
    }

    /// A path of dep-info as a path below the tree's root: relative ones start at the workspace's root.
    fn below_tree(&self, path: &str) -> Option<String> {
        let path = Path::new(path);
        let path = if path.is_absolute() {
            let roots = crate::model::Side::BOTH.map(|side| self.cache.tree(side));
            roots.iter().find_map(|root| path.strip_prefix(root).ok())?.to_owned()
        } else {
            self.below.join(path)
        };
        let mut parts: Vec<&std::ffi::OsStr> = Vec::new();
        for part in path.components() {
            match part {
                std::path::Component::Normal(name) => parts.push(name),
                std::path::Component::ParentDir => {
                    parts.pop()?;
                }
                _ => {}
            }
        }
        Some(parts.join(std::ffi::OsStr::new("/")).to_string_lossy().into_owned())
    }
}

/// Packages whose benches take part.
fn packages(workspace: &Workspace) -> impl Iterator<Item = &str> {
    workspace.benches.iter().map(|bench| bench.package.as_str())
}

/// Inputs that a dep-info file (make syntax, blanks escaped by a backslash) names, over all of its rules.
fn dep_info(text: &str) -> BTreeSet<String> {
    let mut inputs = BTreeSet::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let Some((_, listed)) = line.split_once(": ") else { continue };
        let joined = listed.replace("\\ ", "\0");
        inputs.extend(joined.split(' ').filter(|path| !path.is_empty()).map(|path| path.replace('\0', " ")));
    }
    inputs
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
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        let is_cargos =
            name == "CARGO" || (name.starts_with("CARGO_") && !KEPT.iter().any(|kept| name.starts_with(kept)));
        if is_cargos || name == "RUSTUP_TOOLCHAIN" || name.starts_with("LD_") {
            command.env_remove(&*name);
        }
    }
    if let Some(toolchain) = toolchain {
        command.env("RUSTUP_TOOLCHAIN", toolchain);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dep_info_names_inputs() {
        #[track_caller]
        fn check(text: &str, expected: &[&str]) {
            assert_eq!(dep_info(text), expected.iter().map(ToString::to_string).collect());
        }
        check(
            "/t/deps/a-1.d: src/lib.rs src/b.rs\n\nsrc/lib.rs:\nsrc/b.rs:\n\n# env-dep:X=a: b\n",
            &["src/lib.rs", "src/b.rs"],
        );
        check("/t/deps/a: src/with\\ blank.rs\n", &["src/with blank.rs"]);
        check("", &[]);
    }
}
