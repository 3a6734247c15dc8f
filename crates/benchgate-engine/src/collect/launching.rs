//! How cargo starts a bench: asked once for each side, when it is built, and followed ever after.
//!
//! ```text
//! cargo bench --config runner = gate record-launch DIR ──> for each executable: gate record-launch DIR PROGRAM --bench
//!                                                           └─ writes down environment and directory, and ends
//! ```
//!
//! Cargo knows `[env]`, the loader's path, `CARGO_PKG_*`, `OUT_DIR` and whatever comes next; what it makes of them is not imitated.
//! Kept is what it changes in the environment that it was given itself; the rest is that of whoever starts the gate.

mod caller;
mod record;
mod recorder;
mod surroundings;
mod wire;

use std::env;
use std::ffi::OsString;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use super::cache::hex;
pub(super) use caller::environment as callers_environment;
use record::LaunchRecord;
pub use recorder::RunnerRefusal;
pub(super) use recorder::{LaunchRecorder, deciding_settings};
pub use surroundings::Surroundings;

/// The first argument of the gate when cargo starts it as a runner.
const RECORD: &str = "record-launch";

/// Writes down how cargo starts a bench, where cargo started the gate as a runner; `None` where it did not.
pub fn recorded_launch(mut words: impl Iterator<Item = OsString>) -> Option<Result<()>> {
    if words.next()? != RECORD {
        return None;
    }
    Some(write_record(words).context("cannot write down how cargo starts a bench"))
}

fn write_record(mut words: impl Iterator<Item = OsString>) -> Result<()> {
    let place = words.next().map(PathBuf::from).context("there is no place for it")?;
    let program = words.next().map(PathBuf::from).context("there is no program")?;
    let name = hex(&Sha256::digest(program.as_os_str().as_bytes()));
    let record = LaunchRecord { program, directory: env::current_dir()?, environment: env::vars_os().collect() };
    let mut file = tempfile::NamedTempFile::new_in(&place)?;
    file.write_all(&record.bytes())?;
    file.persist(place.join(&name[..24]))?;
    Ok(())
}
