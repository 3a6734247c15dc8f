//! What is asked of a run, as the run itself keeps it, so that it can be asked again.

use std::path::Path;

use super::request::Request;
use benchgate_core::model::{Invocation, Verb};

impl Request {
    /// What it asks, for the record.
    pub fn invocation(&self, verb: Verb) -> Invocation {
        let is_here = self.manifest == Path::new("Cargo.toml");
        Invocation {
            program: program().into(),
            verb,
            manifest: (!is_here).then(|| self.manifest.display().to_string()),
            tiers: self.select.tier.clone(),
            build: self.build.words(),
            is_quick: self.is_quick,
            is_without_counting: !self.counts_unmodified,
            measures_identical: self.measures_identical,
        }
    }
}

/// How this program is called here: through the alias that cargo sets up, or as an installed subcommand.
pub(super) fn program() -> &'static str {
    if std::env::var_os("CARGO_BIN_NAME").is_some() || std::env::var_os("CARGO_MANIFEST_DIR").is_some() {
        "cargo xtask"
    } else {
        INSTALLED
    }
}

/// How an installed program is called. Hints of errors are written so.
pub(super) const INSTALLED: &str = "cargo benchgate";
