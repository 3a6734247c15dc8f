//! The command that repeats a run, as it would be typed here.

use std::path::Path;

use super::prepare::Prepared;
use super::request::Request;
use benchgate_core::model::Base;

/// Words that measure the same again, with the same coins.
pub(super) fn command(request: &Request, prepared: &Prepared) -> String {
    let mut words = vec![program().to_owned(), "bench".to_owned()];
    let manifest = &request.manifest;
    if manifest != Path::new("Cargo.toml") {
        words.extend(["--manifest-path".into(), quoted(&manifest.display().to_string())]);
    }
    match &prepared.base {
        Base::Git { revision, .. } => words.extend(["--base".into(), revision.commit.chars().take(12).collect()]),
        Base::Stored { .. } => words.push("--stored".into()),
    }
    words.extend(request.select.tier.iter().flat_map(|tier| ["--tier".to_owned(), quoted(tier)]));
    words.extend(request.build.words().iter().map(|word| quoted(word)));
    if request.is_quick {
        words.push("--quick".into());
    }
    if !request.counts_unmodified {
        words.push("--no-counting".into());
    }
    words.extend(["--seed".into(), request.seed.to_string()]);
    words.extend(request.select.filters.iter().map(|filter| quoted(filter)));
    words.join(" ")
}

/// How this program is called here: through the alias that cargo sets up, or as an installed subcommand.
pub(super) fn program() -> &'static str {
    if std::env::var_os("CARGO_BIN_NAME").is_some() || std::env::var_os("CARGO_MANIFEST_DIR").is_some() {
        "cargo xtask"
    } else {
        "cargo benchgate"
    }
}

fn quoted(word: &str) -> String {
    let is_plain = word.chars().all(|c| c.is_ascii_alphanumeric() || "-_./@=,:+".contains(c));
    if is_plain { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}
