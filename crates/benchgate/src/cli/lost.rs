//! Why a bench that failed lacks a file: git ignores it, or it lies in a submodule that is not here.

use std::collections::BTreeMap;
use std::path::Path;

use super::prepare::Prepared;
use crate::config::POLICY;
use benchgate_core::model::{Evidence, FailureKind, Series, Side};
use benchgate_engine::collect::{self, Limits, Roots};
use benchgate_engine::measure::{BuiltSide, Target};

/// How many files are named for a bench; what a directory lacks shows in the first.
const NAMED: usize = 5;

/// Adds the reasons to the failures of benches that crashed.
pub(super) fn explain(prepared: &Prepared, series: &mut [Series], limits: &Limits<'_>) {
    let mut known: BTreeMap<(usize, Side), Vec<String>> = BTreeMap::new();
    for one in series {
        let bench = &one.key.bench;
        let Evidence::Failed(failure) = &mut one.evidence else { continue };
        let is_of = |target: &Target| (&target.package, &target.name) == (&bench.package, &bench.target);
        let Some(index) = prepared.targets.iter().position(is_of) else { continue };
        let is_command =
            prepared.targets[index].base.iter().chain(&prepared.targets[index].candidate).any(BuiltSide::is_command);
        if failure.kind != FailureKind::Crashed || is_command {
            continue;
        }
        let side = failure.side;
        let reasons = known
            .entry((index, side))
            .or_insert_with(|| reasons(prepared, &prepared.targets[index], side, limits).unwrap_or_default());
        for reason in reasons {
            failure.message.push('\n');
            failure.message.push_str(reason);
        }
    }
}

fn reasons(prepared: &Prepared, target: &Target, side: Side, limits: &Limits<'_>) -> Option<Vec<String>> {
    let found = target.side(side)?;
    let [base, candidate] = &prepared.trees;
    let tree = match side {
        Side::Base => base.as_ref()?,
        Side::Candidate => candidate.as_ref()?,
    };
    let roots = Roots { tree: tree.root.clone(), target: found.executable.target_directory.clone() };
    let missing = collect::missing_files(&found.arm, &roots, limits);
    let reason = |path: &Path| {
        let shown = path.display();
        if let Some(part) = tree.missing.iter().find(|part| path.starts_with(&part.path)) {
            return Some(format!("`{shown}` is missing: {part}\nhint: {}", part.hint()));
        }
        let users = prepared.tree().join(path);
        if !users.exists() || !prepared.repository.as_ref()?.ignores(path) {
            return None;
        }
        let hint = match path.strip_prefix(prepared.below()) {
            Ok(below) if users.is_dir() => {
                format!("\nhint: `[tree] include = [\"{}/**\"]` in {POLICY}", below.display())
            }
            Ok(below) => format!("\nhint: `[tree] include = [\"{}\"]` in {POLICY}", below.display()),
            Err(_) => String::new(),
        };
        Some(format!("`{shown}` is missing: git ignores it, so a clean clone has none{hint}"))
    };
    Some(missing.iter().filter_map(|path| reason(path)).take(NAMED).collect())
}
