//! Building a side's bench executables, in a target directory that belongs to this tree of this side alone.
//!
//! Cargo judges what is fresh by modification times and by what build scripts say of themselves, and what it calls fresh would be the
//! other side's. So a build begins with no unit of a workspace member or path dependency; those of registry and git dependencies
//! are carried over from the build before.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context, Result, bail};
use cargo_metadata::{Artifact, Message, TargetKind};

use super::cache::Cache;
use super::command::shown;
use super::kept::{self, Key, Place};
use super::packages::Workspace;
use super::seal::{Digests, Seal};
use super::seed::{Units, is_outside};
use super::tree::{GIT_PLACES, Tree, remove_tree};

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
    /// A file of an earlier build that was no longer what had been built, so that it was built again.
    pub changed: Option<PathBuf>,
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
    /// The target directory that it was built in.
    pub target_directory: PathBuf,
    /// The package's directory in the side's tree: where it runs.
    pub directory: PathBuf,
    /// Files of the tree that were compiled into it, by dep-info.
    pub inputs: BTreeSet<PathBuf>,
    /// It, and what it may open of the build: programs, libraries, what build scripts wrote.
    pub seal: Seal,
}

impl Builder<'_> {
    /// Builds a side's benches, or takes the ones kept for the same files, flags and toolchain.
    ///
    /// # Errors
    /// The side does not build, with the compiler's last words; or cargo called a unit fresh that was not built here.
    pub fn build(&self, tree: &Tree, workspace: &Workspace, on_line: impl FnMut(&str) + Send) -> Result<Built> {
        let key = self.key(tree, workspace);
        match kept::find(self.cache, &key, &workspace.root)? {
            kept::Found::Kept(executables) => Ok(Built { executables, is_kept: true, changed: None }),
            kept::Found::Nothing => self.build_under(&key, tree, workspace, on_line),
            kept::Found::Changed(file) => {
                let built = self.build_under(&key, tree, workspace, on_line)?;
                Ok(Built { changed: Some(file), ..built })
            }
        }
    }

    /// Builds a side's benches whatever is kept, every unit of the workspace included, and keeps them apart.
    ///
    /// # Errors
    /// As [`Builder::build`].
    pub fn build_again(&self, tree: &Tree, workspace: &Workspace, on_line: impl FnMut(&str) + Send) -> Result<Built> {
        let mut key = self.key(tree, workspace);
        key.tree.push("built again".into());
        key.place(self.cache).remove()?;
        self.build_under(&key, tree, workspace, on_line)
    }

    fn build_under(
        &self,
        key: &Key,
        tree: &Tree,
        workspace: &Workspace,
        on_line: impl FnMut(&str) + Send,
    ) -> Result<Built> {
        if workspace.benches.is_empty() {
            return Ok(Built { executables: Vec::new(), is_kept: false, changed: None });
        }
        let place = key.place(self.cache);
        kept::prune(self.cache, &place)?;
        // What an interrupted build of the same tree left is gone on with.
        let is_begun = place.target.exists();
        let seeds = if is_begun { Units::default() } else { self.seed(key, &place)? };
        let messages = self.cargo(workspace, &place.target, &["*"], &[], on_line)?;
        if !is_begun {
            check_freshness(&messages, &seeds, &place)?;
        }
        let sealed = openable(&messages, tree);
        let seal = Digests::take(sealed).context("cannot read what was built")?;
        let seal = Seal::of(seal).context("a build that is still being written")?;
        let executables = self.executables(&messages, tree, workspace, &place, &seal)?;
        let units = Units::used(&messages, &place.target, &tree.root, self.has_env(tree));
        kept::keep(self.cache, key, &executables, units, &workspace.root)?;
        Ok(Built { executables, is_kept: false, changed: None })
    }

    fn key(&self, tree: &Tree, workspace: &Workspace) -> Key {
        let flag = |name: &str| format!("{name}={}", env::var(name).unwrap_or_default());
        let mut recipe = vec![self.below.display().to_string(), self.compiler.clone()];
        recipe.extend(["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CC", "CFLAGS", "CXXFLAGS"].map(flag));
        for file in &self.configurations {
            recipe.push(format!("{}={}", file.display(), fs::read_to_string(file).unwrap_or_default()));
        }
        recipe.extend(
            packages(workspace).collect::<BTreeSet<_>>().into_iter().map(|package| format!("package={package}")),
        );
        // A build script may ask git for the revision.
        let tree_words = vec![tree.manifest.whole_hash(), tree.commit.clone()];
        Key { side: tree.side.name().to_owned(), tree: tree_words, recipe }
    }

    fn seed(&self, key: &Key, place: &Place) -> Result<Units> {
        match kept::latest_like(self.cache, key) {
            Some((from, units)) => units.carry(&from, &place.target),
            None => Ok(Units::default()),
        }
    }

    /// An empty target directory beside the one of a build, with its units of dependencies.
    ///
    /// # Errors
    /// The file system refuses.
    pub(super) fn begin_links(&self, target_directory: &Path) -> Result<PathBuf> {
        let links = kept::links(target_directory);
        remove_tree(&links)?;
        if let Some(units) = kept::units_of(target_directory) {
            units.carry(target_directory, &links)?;
        }
        Ok(links)
    }

    /// Whether a configuration file that cargo reads for this tree sets variables.
    fn has_env(&self, tree: &Tree) -> bool {
        let root = tree.root.join(&self.below);
        let above = root.ancestors().take_while(|directory| directory.starts_with(&tree.root));
        let within = above.map(|directory| directory.join(".cargo"));
        let home = env::var_os("CARGO_HOME").map(PathBuf::from);
        let home = home.or_else(|| env::var_os("HOME").map(|home| Path::new(&home).join(".cargo")));
        let files = within.chain(home).flat_map(|directory| ["config.toml", "config"].map(|name| directory.join(name)));
        files.chain(self.configurations.iter().cloned()).any(|file| {
            let text = fs::read_to_string(file).unwrap_or_default();
            // What cannot be read here cargo complains about.
            text.parse::<toml::Table>()
                .map_or(!text.is_empty(), |table| ["env", "include"].iter().any(|key| table.contains_key(*key)))
        })
    }

    /// Builds the benches whose names match in a target directory, with variables added to cargo's environment. The packages are the
    /// same whichever benches are wanted, since cargo unites features over them.
    pub(super) fn cargo(
        &self,
        workspace: &Workspace,
        target_directory: &Path,
        benches: &[&str],
        environment: &[(&str, &Path)],
        mut on_line: impl FnMut(&str) + Send,
    ) -> Result<Vec<Message>> {
        let mut command = Command::new("cargo");
        clean_environment(&mut command, self.toolchain.as_deref());
        command
            .current_dir(&workspace.root)
            .env("CARGO_TARGET_DIR", target_directory)
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
        messages.with_context(|| format!("cannot read what `{shown}` printed"))
    }

    fn executables(
        &self,
        messages: &[Message],
        tree: &Tree,
        workspace: &Workspace,
        place: &Place,
        seal: &Seal,
    ) -> Result<Vec<Executable>> {
        // What went into a bench is what went into it and into every library unit of the workspace: dep-info stops at
        // crate borders.
        let mut by_unit: BTreeMap<PathBuf, BTreeSet<PathBuf>> = BTreeMap::new();
        let mut libraries = BTreeSet::new();
        for artifact in artifacts(messages) {
            let inputs = self.inputs(artifact, &tree.root);
            if let Some(executable) = &artifact.executable {
                by_unit.insert(executable.clone().into_std_path_buf(), inputs);
            } else {
                libraries.extend(inputs);
            }
        }
        let mut executables = Vec::new();
        for artifact in artifacts(messages).filter(|artifact| artifact.target.kind.contains(&TargetKind::Bench)) {
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
                target_directory: place.target.clone(),
                inputs,
                seal: seal.clone(),
            });
        }
        executables.sort_by(|a, b| (&a.package, &a.target).cmp(&(&b.package, &b.target)));
        Ok(executables)
    }

    /// Files of the tree that a unit was compiled from, by the dep-info beside it.
    fn inputs(&self, artifact: &Artifact, root: &Path) -> BTreeSet<PathBuf> {
        let Some(file) = artifact.filenames.first() else { return BTreeSet::new() };
        let stem = file.file_stem().unwrap_or_default();
        let stem = if artifact.executable.is_some() { file.file_name().unwrap_or(stem) } else { stem };
        let stem = stem.strip_prefix("lib").filter(|_| artifact.executable.is_none()).unwrap_or(stem);
        let info = file.with_file_name(format!("{stem}.d"));
        let Ok(text) = fs::read(info) else { return BTreeSet::new() };
        dep_info(&text).into_iter().filter_map(|path| self.below_tree(&path, root)).collect()
    }

    /// A path of dep-info as a path below the tree's root: relative ones start at the workspace's root.
    fn below_tree(&self, path: &Path, root: &Path) -> Option<PathBuf> {
        let path = if path.is_absolute() { path.strip_prefix(root).ok()?.to_owned() } else { self.below.join(path) };
        let mut below = PathBuf::new();
        for part in path.components() {
            match part {
                Component::Normal(name) => below.push(name),
                Component::ParentDir => below.pop().then_some(())?,
                _ => {}
            }
        }
        Some(below)
    }
}

fn artifacts(messages: &[Message]) -> impl Iterator<Item = &Artifact> {
    messages.iter().filter_map(|message| match message {
        Message::CompilerArtifact(artifact) => Some(artifact),
        _ => None,
    })
}

/// In a directory that began empty, only what was carried there can be fresh.
fn check_freshness(messages: &[Message], seeds: &Units, place: &Place) -> Result<()> {
    for artifact in artifacts(messages).filter(|artifact| artifact.fresh) {
        if !artifact.filenames.iter().any(|file| seeds.hold(file.as_std_path(), &place.target)) {
            bail!(
                "cargo calls `{}` fresh although it was not built here, so it may be the other side's code\nhint: rm -r {}",
                artifact.target.name,
                place.target.display()
            );
        }
    }
    Ok(())
}

/// What a bench may open of a build: every executable and shared library, and what build scripts of the tree's packages wrote.
fn openable(messages: &[Message], tree: &Tree) -> BTreeSet<PathBuf> {
    let mut files = BTreeSet::new();
    for message in messages {
        match message {
            Message::CompilerArtifact(artifact) => {
                files.extend(artifact.executable.iter().map(|file| file.as_std_path().to_owned()));
                let is_macro = artifact.target.kind.contains(&TargetKind::ProcMacro);
                let libraries = artifact.filenames.iter().filter(|file| !is_macro && file.extension() == Some("so"));
                files.extend(libraries.map(|file| file.as_std_path().to_owned()));
            }
            // Its files do not lie in the tree, so only the package's name says whose it is.
            Message::BuildScriptExecuted(script)
                if !is_outside(&script.package_id.repr, Some(Path::new("")), &tree.root) =>
            {
                files.extend(files_below(script.out_dir.as_std_path()));
            }
            _ => {}
        }
    }
    files
}

fn files_below(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut open = vec![directory.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => open.push(entry.path()),
                Ok(kind) if kind.is_file() => files.push(entry.path()),
                _ => {}
            }
        }
    }
    files
}

/// Packages whose benches take part.
fn packages(workspace: &Workspace) -> impl Iterator<Item = &str> {
    workspace.benches.iter().map(|bench| bench.package.as_str())
}

/// Inputs that a dep-info file (make syntax, blanks escaped by a backslash) names, over all of its rules.
fn dep_info(text: &[u8]) -> BTreeSet<PathBuf> {
    let mut inputs = BTreeSet::new();
    for line in text.split(|byte| *byte == b'\n').filter(|line| !line.starts_with(b"#")) {
        let Some(at) = line.windows(2).position(|window| window == b": ") else { continue };
        let mut name = Vec::new();
        let mut bytes = line[at + 2..].iter().copied().peekable();
        while let Some(byte) = bytes.next() {
            match byte {
                b'\\' if bytes.peek() == Some(&b' ') => name.extend(bytes.next()),
                b' ' | b'\r' => inputs.extend(named(std::mem::take(&mut name))),
                _ => name.push(byte),
            }
        }
        inputs.extend(named(name));
    }
    inputs
}

fn named(bytes: Vec<u8>) -> Option<PathBuf> {
    (!bytes.is_empty()).then(|| PathBuf::from(OsStr::from_bytes(&bytes)))
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
    // A hook's repository is the user's; a build script that asks git must find its own side's.
    for name in GIT_PLACES {
        command.env_remove(name);
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
            assert_eq!(dep_info(text.as_bytes()), expected.iter().map(PathBuf::from).collect());
        }
        check(
            "/t/deps/a-1.d: src/lib.rs src/b.rs\n\nsrc/lib.rs:\nsrc/b.rs:\n\n# env-dep:X=a: b\n",
            &["src/lib.rs", "src/b.rs"],
        );
        check("/t/deps/a: src/with\\ blank.rs\n", &["src/with blank.rs"]);
        check("", &[]);
    }
}
