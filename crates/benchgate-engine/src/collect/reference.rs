//! The reference program as one side of a pair: embedded as the build script left it, written out when it is needed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::build::Executable;
use super::criterion::{Arm, Listed};
use super::launching::Surroundings;
use super::seal::Seal;
use crate::reference::plan::GROUP;
use benchgate_core::model::Side;

/// The program, as the build script left it; empty where lockstep cannot work.
static PROGRAM: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/reference"));

/// Which work is the partner of all benchmarks, with its version: another chain would be another reference.
pub const REFERENCE: &str = "chain 1";

/// The reference program on a run's scratch directory.
#[derive(Debug)]
pub struct Reference {
    executable: Executable,
    scratch: PathBuf,
}

impl Reference {
    /// Writes the program out. The inner error says why there is none.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn prepare(scratch: &Path) -> anyhow::Result<Result<Self, String>> {
        if PROGRAM.is_empty() {
            return Ok(Err("the reference program is built for Linux with glibc only".into()));
        }
        let file = scratch.join("reference");
        fs::write(&file, PROGRAM).with_context(|| format!("cannot write `{}`", file.display()))?;
        let executable = Executable {
            package: "reference".into(),
            version: "0.0.0".into(),
            target: "reference".into(),
            file,
            directory: scratch.to_owned(),
            surroundings: Surroundings::plain(scratch),
            inputs: BTreeSet::new(),
            target_directory: PathBuf::new(),
            seal: Seal::default(),
        };
        Ok(Ok(Self { executable, scratch: scratch.to_owned() }))
    }

    /// The partner of an arm: it stands where the base would, with paths and environment of the same length.
    ///
    /// # Errors
    /// It cannot be copied.
    pub fn beside(&self, index: usize, arm: &Arm) -> anyhow::Result<Arm> {
        let partner = Arm::prepare(&self.scratch, Side::Base, index, &self.executable)?;
        Ok(Arm { directory: arm.directory.clone(), environment: arm.environment.clone(), ..partner })
    }

    /// What the partner runs while an arm runs its benchmark of this number.
    pub fn bench(index: usize) -> Listed {
        Listed { group: GROUP.into(), function: Some(index.to_string()), value: None, throughput: None }
    }
}
