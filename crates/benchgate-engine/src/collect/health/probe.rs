//! A program of one line, built as a bench would be: with it are tried the linker, and whether the clock that is preloaded
//! announces itself.

use std::collections::BTreeSet;
use std::fs;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use cargo_metadata::Message;
use tempfile::TempDir;

use crate::collect::build::Executable;
use crate::collect::cargo::clean_environment;
use crate::collect::command::output;
use crate::collect::launching::Surroundings;
use crate::collect::links;
use crate::collect::lockstep::{Board, Fit, HandOver};
use crate::collect::seal::Seal;
use benchgate_core::model::{Known, Preload};

/// Its name, which messages about its linking have.
const NAME: &str = "probe";

const MANIFEST: &str = "[package]\nname = \"probe\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\n[workspace]\n";

/// It reads the clock once, as a bench does.
const SOURCE: &str = "fn main() {\n    std::hint::black_box(std::time::Instant::now());\n}\n";

/// The program, and a place of its own that goes with it.
pub(super) struct Probe {
    scratch: TempDir,
    file: PathBuf,
}

impl Probe {
    /// Builds it below `home` with the toolchain, the configuration and the flags of the workspace at `root`.
    pub(super) fn build(root: &Path, home: &Path) -> Result<Self> {
        let scratch = tempfile::Builder::new().prefix("doctor-").tempdir_in(home)?;
        let manifest = scratch.path().join("Cargo.toml");
        fs::write(&manifest, MANIFEST)?;
        fs::create_dir_all(scratch.path().join("src"))?;
        fs::write(scratch.path().join("src/main.rs"), SOURCE)?;
        let mut cargo = Command::new("cargo");
        clean_environment(&mut cargo, None);
        // Cargo looks for its configuration where it is started.
        cargo.current_dir(root).args(["build", "--offline", "--quiet", "--message-format=json", "--manifest-path"]);
        cargo.arg(&manifest).arg("--target-dir").arg(scratch.path().join("target"));
        let said = output(&mut cargo).context("a program of one line does not build")?;
        let messages = Message::parse_stream(BufReader::new(&*said));
        let file = messages.flatten().find_map(|message| match message {
            Message::CompilerArtifact(artifact) => artifact.executable,
            _ => None,
        });
        let file = file.context("cargo names no executable")?.into_std_path_buf();
        Ok(Self { scratch, file })
    }

    /// Why it cannot be linked in another order.
    pub(super) fn linker(&self) -> Known<Option<String>> {
        let executable = Executable {
            package: NAME.into(),
            version: "0.0.0".into(),
            target: NAME.into(),
            file: self.file.clone(),
            directory: self.scratch.path().to_owned(),
            surroundings: Surroundings::plain(self.scratch.path()),
            inputs: BTreeSet::new(),
            target_directory: PathBuf::new(),
            seal: Seal::default(),
        };
        links::refusal(&executable).map_err(|error| format!("{error:#}"))
    }

    /// Runs it with the clock in front.
    pub(super) fn preload(&self) -> Known<Preload> {
        self.tried().map_err(|error| format!("{error:#}"))
    }

    fn tried(&self) -> Result<Preload> {
        let bytes = fs::read(&self.file).context("the program that was built is gone")?;
        let fit = match Fit::of(&bytes, self.scratch.path())? {
            Ok(fit) => fit,
            Err(why) => return Ok(Preload::Unfit(why)),
        };
        let board = Board::new(self.scratch.path(), [&fit, &fit], HandOver::Any).context("memory cannot be shared")?;
        let mut command = Command::new(&self.file);
        clean_environment(&mut command, None);
        command.envs(board.environment(0, &fit)).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let status = command.status().context("a program in the cache directory cannot be run")?;
        anyhow::ensure!(status.success(), "a program of one line ended with {status}");
        Ok(if board.has_joined(0) { Preload::Announced } else { Preload::Silent })
    }
}

#[cfg(all(test, target_os = "linux", target_env = "gnu"))]
mod tests {
    use super::*;

    #[test]
    fn the_clock_announces_itself_here() {
        let home = tempfile::tempdir().unwrap();
        let probe = Probe::build(Path::new(env!("CARGO_MANIFEST_DIR")), home.path()).unwrap();
        assert_eq!(probe.preload(), Ok(Preload::Announced));
        assert!(probe.linker().is_ok());
    }
}
