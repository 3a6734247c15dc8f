//! Both sides' bench executables, target by target.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use benchgate_core::model::Side;
use benchgate_engine::collect::{self, Arm, BuiltCode, Executable, Identity, Limits, Notes, Roots, Tree};
use benchgate_engine::measure::{BuiltSide, Target};

/// What was built of a side.
pub(super) struct Built<'a> {
    tree: &'a Tree,
    roots: Roots,
    executables: Vec<Executable>,
}

impl<'a> Built<'a> {
    pub fn of(tree: &'a Tree, executables: Vec<Executable>) -> Self {
        let target = executables.first().map_or_else(|| tree.root.clone(), |one| one.target_directory.clone());
        Self { tree, roots: Roots { tree: tree.root.clone(), target }, executables }
    }

    fn find(&self, package: &str, target: &str) -> Option<&Executable> {
        self.executables.iter().find(|one| one.package == package && one.target == target)
    }

    fn code<'b>(&'b self, executable: &'b Executable) -> BuiltCode<'b> {
        BuiltCode { executable, roots: &self.roots }
    }
}

/// The bench targets of both sides, each looked at: what it holds, what it reads, and whether both sides have the same code.
pub(super) fn targets(
    base: &Built<'_>,
    candidate: &Built<'_>,
    below: &Path,
    scratch: &Path,
    limits: &Limits<'_>,
) -> anyhow::Result<Vec<Target>> {
    let differing = base.tree.manifest.differing(&candidate.tree.manifest);
    let both = base.executables.iter().chain(&candidate.executables);
    let names: BTreeSet<(String, String)> = both.map(|one| (one.package.clone(), one.target.clone())).collect();
    let mut targets = Vec::new();
    for (index, (package, name)) in names.into_iter().enumerate() {
        let listed = |side, built: &Built<'_>| -> anyhow::Result<_> {
            let Some(executable) = built.find(&package, &name).cloned() else { return Ok(None) };
            let arm = Arm::prepare(scratch, side, index, &executable)?;
            let discovered = collect::discover(&arm, limits);
            Ok(Some((executable, arm, discovered)))
        };
        let left = listed(Side::Base, base)?;
        let right = listed(Side::Candidate, candidate)?;
        let notes = match &right {
            Some((_, arm, discovered)) => collect::note(arm, discovered, &candidate.roots, limits),
            None => Err("the candidate lacks it".into()),
        };
        let identity = match (&left, &right) {
            (Some((left, ..)), Some((right, arm, discovered))) => {
                let (left, right) = (base.code(left), candidate.code(right));
                let compare = |notes: &Result<Notes, String>| {
                    collect::compare(left, right, &differing, below, notes.as_ref().map_err(String::as_str))
                };
                let identity = compare(&notes)?;
                // A file that was not compiled in may be read in a later iteration, or where it is no test.
                let is_compiled_in =
                    |path: &PathBuf| left.executable.inputs.contains(path) && right.executable.inputs.contains(path);
                let is_open = matches!(identity, Identity::Identical(_)) && !differing.iter().all(is_compiled_in);
                match discovered {
                    Ok(discovered) if is_open => {
                        Some(compare(&collect::note_measured(arm, discovered.harness, &candidate.roots, limits))?)
                    }
                    _ => Some(identity),
                }
            }
            _ => None,
        };
        // What is the same code reads the same.
        let is_same = matches!(identity, Some(Identity::Identical(_)));
        let found = |built: &Built<'_>, listed, notes| -> anyhow::Result<Option<BuiltSide>> {
            let Some((executable, arm, discovered)) = listed else { return Ok(None) };
            let code = collect::code_hash(built.code(&executable), &built.tree.manifest, notes)?;
            Ok(Some(BuiltSide { arm, executable, code, discovered }))
        };
        let notes = notes.as_ref().ok();
        let base = found(base, left, notes.filter(|_| is_same))?;
        let candidate = found(candidate, right, notes)?;
        targets.push(Target { package, name, base, candidate, identity });
    }
    Ok(targets)
}
