//! The lock file of a workspace that has none: made once, and then the same for both sides of every run, so that no dependency that is
//! released meanwhile tells them apart.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::cache::Cache;
use super::cargo::clean_environment;
use super::command::output;
use super::packages::Workspace;
use super::reduced::{InTheWay, Reduced};
use benchgate_core::model::{BuildChange, BuildPart};

/// The one that an earlier run made.
pub fn known_lock(cache: &Cache) -> Option<Vec<u8>> {
    fs::read(cache.lock_file()).ok()
}

/// Has cargo make one for a workspace in a tree of the cache; without members that take no part, where a dependency of theirs cannot be had.
///
/// # Errors
/// Cargo cannot resolve the workspace.
pub fn make_lock(workspace: &Workspace, cache: &Cache, toolchain: Option<&str>) -> Result<Vec<u8>> {
    let make = || {
        let mut command = Command::new("cargo");
        clean_environment(&mut command, toolchain);
        output(command.current_dir(&workspace.root).arg("generate-lockfile")).map(drop)
    };
    let read = || {
        let lock = workspace.root.join("Cargo.lock");
        fs::read(&lock).with_context(|| format!("cannot read `{}`", lock.display()))
    };
    let bytes = match make() {
        Ok(()) => read()?,
        Err(error) => {
            let said: Vec<String> = format!("{error:#}").lines().map(String::from).collect();
            match InTheWay::parse(&said, workspace) {
                Some(InTheWay { takes_part: false, .. }) => {
                    let reduced = Reduced::write(workspace)?;
                    make()?;
                    let bytes = read()?;
                    reduced.undo()?;
                    bytes
                }
                Some(in_the_way) => bail!("{error:#}\nhint: {}", in_the_way.hint()),
                None => return Err(error),
            }
        }
    };
    let kept = cache.lock_file();
    fs::write(&kept, &bytes).with_context(|| format!("cannot write `{}`", kept.display()))?;
    Ok(bytes)
}

/// Packages that run benches, by the beginning of their names: what they do around a benchmark is part of what is measured.
const HARNESSES: [&str; 6] = ["codspeed", "criterion", "divan", "gungraun", "iai", "tango-bench"];

/// The packages from elsewhere that two lock files, of base and candidate, hold in different versions or from different places.
pub fn lock_changes(base: &str, candidate: &str) -> Vec<BuildChange> {
    let (base, candidate) = (locked(base), locked(candidate));
    let names: BTreeSet<&String> = base.keys().chain(candidate.keys()).collect();
    let changed = names.into_iter().filter(|name| base.get(*name) != candidate.get(*name));
    let part = |name: &str| match HARNESSES.iter().any(|harness| name.starts_with(harness)) {
        true => BuildPart::Harness(name.to_owned()),
        false => BuildPart::Package(name.to_owned()),
    };
    let mut changes: Vec<BuildChange> = changed
        .map(|name| {
            let [before, after] = [base.get(name), candidate.get(name)].map(Option::into_iter).map(Iterator::flatten);
            let (before, after): (BTreeSet<_>, BTreeSet<_>) = (before.collect(), after.collect());
            let only = |these: &BTreeSet<&String>, others: &BTreeSet<&String>| {
                let versions: Vec<&str> = these.difference(others).map(|version| version.as_str()).collect();
                (!versions.is_empty()).then(|| versions.join(", "))
            };
            BuildChange { part: part(name), base: only(&before, &after), candidate: only(&after, &before) }
        })
        .collect();
    changes.sort_by(|a, b| a.part.cmp(&b.part));
    changes
}

/// Versions of packages by name, with where they are from if that is not the registry; members of the workspace are none. A file that is no
/// lock file holds nothing: cargo complains about it.
fn locked(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let table = text.parse::<toml::Table>().unwrap_or_default();
    for package in table.get("package").and_then(toml::Value::as_array).into_iter().flatten() {
        let word = |key: &str| package.get(key).and_then(toml::Value::as_str);
        let (Some(name), Some(version), Some(source)) = (word("name"), word("version"), word("source")) else {
            continue;
        };
        let is_usual = source == "registry+https://github.com/rust-lang/crates.io-index";
        let place = if is_usual { String::new() } else { format!(" from {source}") };
        all.entry(name.to_owned()).or_default().insert(format!("{version}{place}"));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

    fn lock(packages: &[(&str, &str, &str)]) -> String {
        let package = |(name, version, source): &(&str, &str, &str)| {
            let source = if source.is_empty() { String::new() } else { format!("source = \"{source}\"\n") };
            format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n{source}\n")
        };
        packages.iter().map(package).collect()
    }

    #[track_caller]
    fn check(
        base: &[(&str, &str, &str)],
        candidate: &[(&str, &str, &str)],
        expected: &[(BuildPart, Option<&str>, Option<&str>)],
    ) {
        let changes = lock_changes(&lock(base), &lock(candidate));
        let found: Vec<_> =
            changes.iter().map(|one| (one.part.clone(), one.base.as_deref(), one.candidate.as_deref())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn packages_that_moved_are_named_with_both_versions() {
        let package = |name: &str| BuildPart::Package(name.into());
        let before = [("itoa", "1.0.1", REGISTRY), ("serde", "1.0.1", REGISTRY), ("old", "0.1.0", REGISTRY)];
        let after = [("itoa", "1.0.1", REGISTRY), ("serde", "1.0.2", REGISTRY), ("young", "0.1.0", REGISTRY)];
        check(&before, &before, &[]);
        check(
            &before,
            &after,
            &[
                (package("old"), Some("0.1.0"), None),
                (package("serde"), Some("1.0.1"), Some("1.0.2")),
                (package("young"), None, Some("0.1.0")),
            ],
        );
        check(
            &[("a", "1.0.0", REGISTRY), ("a", "2.0.0", REGISTRY)],
            &[("a", "1.0.0", REGISTRY), ("a", "2.0.1", REGISTRY)],
            &[(package("a"), Some("2.0.0"), Some("2.0.1"))],
        );
        check(
            &[("a", "1.0.0", REGISTRY)],
            &[("a", "1.0.0", "git+https://x/a#1")],
            &[(package("a"), Some("1.0.0"), Some("1.0.0 from git+https://x/a#1"))],
        );
    }

    #[test]
    fn harnesses_come_first_and_members_are_no_news() {
        let changes = [
            (BuildPart::Harness("criterion".into()), Some("0.5.1"), Some("0.8.2")),
            (BuildPart::Harness("criterion-plot".into()), Some("0.5.0"), None),
            (BuildPart::Package("anes".into()), Some("0.1.6"), None),
        ];
        let before = [
            ("anes", "0.1.6", REGISTRY),
            ("criterion", "0.5.1", REGISTRY),
            ("criterion-plot", "0.5.0", REGISTRY),
            ("me", "1.0.0", ""),
        ];
        check(&before, &[("criterion", "0.8.2", REGISTRY), ("me", "1.1.0", "")], &changes);
        assert!(lock_changes("no [ lock", "").is_empty());
    }
}
