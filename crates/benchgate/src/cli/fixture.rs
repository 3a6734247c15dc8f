//! A generated workspace whose benches do a known share more work when it is planted: what `calibrate` and `selftest canary`
//! measure where a slowdown of known size is needed.
//!
//! It is built with the Criterion that the user's workspace has locked, so that nothing new is downloaded, and lies in the
//! cache directory, so that it is built once.

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};

use benchgate_engine::collect::{self, Change, Edit};
use benchgate_engine::store;

/// Calls of an iteration: half a per cent is one call.
const CALLS: u32 = 200;

/// Calls that the plant adds, by bench; the first has none, and must stay green.
const ADDED: [u32; 6] = [0, 1, 2, 4, 10, 20];

/// What a call does, by bench group: a dependent chain, an allocation, the reading of a number.
const KINDS: [&str; 3] = ["arithmetic", "allocation", "parsing"];

const LIBRARY: &str = include_str!("fixture/lib.rs");
const BENCH: &str = include_str!("fixture/bench.rs");

/// The generated workspace.
#[derive(Clone, Debug)]
pub(super) struct Fixture {
    /// Its manifest.
    pub manifest: PathBuf,
}

/// A bench of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PlantedBench {
    pub id: String,
    /// Share of work that the plant adds.
    pub share: f64,
}

impl Fixture {
    /// Writes it, with the Criterion and the toolchain of the workspace at `root`.
    ///
    /// # Errors
    /// The workspace has locked no Criterion from crates.io, or the cache cannot be written.
    pub fn generate(root: &Path) -> anyhow::Result<Self> {
        let lock = std::fs::read_to_string(root.join("Cargo.lock"))
            .context("the workspace has no `Cargo.lock` to take Criterion's version from")?;
        let version = locked_criterion(&lock)
            .ok_or_else(|| anyhow!("the workspace's `Cargo.lock` has no Criterion from crates.io to build it with"))?;
        let home = collect::cache_home()?.join(format!("fixture-{version}"));
        let mut files = vec![
            ("Cargo.toml", manifest(&version)),
            ("Cargo.lock", lock),
            ("src/lib.rs", LIBRARY.to_owned()),
            ("benches/planted.rs", BENCH.to_owned()),
        ];
        for toolchain in ["rust-toolchain.toml", "rust-toolchain"] {
            files.extend(std::fs::read_to_string(root.join(toolchain)).ok().map(|text| (toolchain, text)));
        }
        for (path, text) in files {
            store::write_whole(&home.join(path), text.as_bytes())?;
        }
        Ok(Self { manifest: home.join("Cargo.toml") })
    }

    /// The change that plants the work.
    pub fn plant() -> Edit {
        let added = |calls: [u32; 6]| format!("pub static ADDED: [u32; 6] = {calls:?};");
        let change = Change::Replace { before: added([0; 6]), after: added(ADDED) };
        Edit { file: "src/lib.rs".into(), change }
    }

    /// Its benches.
    pub fn benches() -> Vec<PlantedBench> {
        let of = |kind: &'static str| {
            ADDED.into_iter().enumerate().map(move |(index, added)| PlantedBench {
                id: format!("planted/{kind}/calls/{index}"),
                share: f64::from(added) / f64::from(CALLS),
            })
        };
        KINDS.into_iter().flat_map(of).collect()
    }
}

fn manifest(criterion: &str) -> String {
    // Before 0.4 the feature that lets `cargo bench` run it is not apart from the others.
    let features = match criterion.starts_with("0.3.") {
        true => "",
        false => ", default-features = false, features = [\"cargo_bench_support\"]",
    };
    format!(
        "[package]\nname = \"benchgate-planted\"\nversion = \"0.0.0\"\nedition = \"2021\"\npublish = false\n\n\
         [lib]\nbench = false\n\n[dev-dependencies]\ncriterion = {{ version = \"={criterion}\"{features} }}\n\n\
         [[bench]]\nname = \"planted\"\nharness = false\n\n[workspace]\n"
    )
}

/// The newest Criterion from crates.io that a lock file holds.
fn locked_criterion(lock: &str) -> Option<String> {
    let lock: toml::Table = lock.parse().ok()?;
    let packages = lock.get("package")?.as_array()?.iter().filter_map(toml::Value::as_table);
    let text = |package: &toml::Table, key: &str| package.get(key).and_then(toml::Value::as_str).map(String::from);
    let versions = packages.filter(|package| {
        text(package, "name").as_deref() == Some("criterion")
            && text(package, "source").is_some_and(|source| source.contains("crates.io"))
    });
    let number = |version: &String| -> Vec<u64> { version.split('.').filter_map(|part| part.parse().ok()).collect() };
    versions.filter_map(|package| text(package, "version")).max_by_key(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_criterion_of_the_registry_is_taken() {
        #[track_caller]
        fn check(packages: &[(&str, &str, &str)], expected: Option<&str>) {
            let package = |(name, version, source): &(&str, &str, &str)| {
                format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n{source}\n")
            };
            let lock: String = packages.iter().map(package).collect();
            assert_eq!(locked_criterion(&format!("version = 4\n{lock}")).as_deref(), expected);
        }
        let registry = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
        let git = "source = \"git+https://github.com/criterion-rs/criterion.rs\"";
        check(&[], None);
        check(&[("criterion", "0.8.2", registry)], Some("0.8.2"));
        check(&[("criterion", "0.10.0", registry), ("criterion", "0.9.9", registry)], Some("0.10.0"));
        check(&[("criterion", "0.8.2", git), ("criterion", "0.5.0", "")], None);
        check(&[("criterion-plot", "0.8.2", registry)], None);
        assert_eq!(locked_criterion("no [ lock"), None);
    }

    #[test]
    fn the_plant_fits_the_library_and_adds_what_it_says() {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir(home.path().join("src")).unwrap();
        std::fs::write(home.path().join("src/lib.rs"), LIBRARY).unwrap();
        Fixture::plant().check(home.path()).unwrap();
        assert!(LIBRARY.contains(&format!("pub const CALLS: u32 = {CALLS};")));
        let benches = Fixture::benches();
        assert_eq!(benches.len(), 18);
        assert_eq!(benches[0], PlantedBench { id: "planted/arithmetic/calls/0".into(), share: 0.0 });
        assert_eq!(benches[4], PlantedBench { id: "planted/arithmetic/calls/4".into(), share: 0.05 });
        assert_eq!(benches[17], PlantedBench { id: "planted/parsing/calls/5".into(), share: 0.1 });
        for kind in KINDS {
            assert!(BENCH.contains(&format!("\"planted/{kind}\"")), "{kind}");
        }
    }

    #[test]
    fn old_criterion_keeps_its_default_features() {
        assert!(manifest("0.3.6").contains("criterion = { version = \"=0.3.6\" }"));
        assert!(manifest("0.8.2").contains("default-features = false"));
    }
}
