//! A run of sides that are built unlike each other, with benches that take no part.

use super::fixture::empty_run;
use benchgate_core::model::{Absence, BuildChange, BuildPart, LeftOut, Run};

/// Builds that differ in every part, and benches of every kind that take no part.
pub(super) fn built_unlike() -> Run {
    let change = |part, base: Option<&str>, candidate: Option<&str>| BuildChange {
        part,
        base: base.map(String::from),
        candidate: candidate.map(String::from),
    };
    let package = |name: &str| BuildPart::Package(name.into());
    let absent = |package: &str, benches: &[&str], absence| LeftOut {
        package: package.into(),
        benches: benches.iter().map(|bench| (*bench).to_owned()).collect(),
        absence,
    };
    Run {
        build_changes: vec![
            change(BuildPart::Toolchain, Some("rustc 1.94.0"), Some("rustc 1.95.0")),
            change(BuildPart::Harness("criterion".into()), Some("0.5.1"), Some("0.8.2")),
            change(package("anes"), Some("0.1.6"), None),
            change(package("serde"), Some("1.0.1"), Some("1.0.2")),
        ],
        left_out: vec![
            absent("gpu", &["kernels"], Absence::Excluded),
            absent("perfblocks", &["internals"], Absence::Features(vec!["internals".into()])),
            absent("perfblocks", &["more"], Absence::Unmatched),
            absent("perfblocks-peers", &["contests", "heap"], Absence::Tier("peers".into())),
            absent("tools", &["tools"], Absence::Unnamed),
            absent("wide", &["wide"], Absence::OtherTiers),
        ],
        ..empty_run()
    }
}
