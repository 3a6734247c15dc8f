//! Which harness a workspace has, and whether a change of it is all that differs between two sides.
//!
//! Both are read from `Cargo.lock`. All that differs is the harness where no file differs but manifests and lock files, the
//! manifests are the same but for the lines that name the harness, and the packages that the members depend on otherwise are the same
//! by version, source and checksum. What only the harness brings along may differ: it is the harness's.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::discovery::Harness;
use super::tree::Tree;
use benchgate_core::model::HarnessChange;

/// Harnesses that speak Criterion's language, and divan's, by package.
const CRITERION: [&str; 4] =
    ["criterion", "criterion2", "codspeed-criterion-compat", "codspeed-criterion-compat-walltime"];
const DIVAN: [&str; 3] = ["divan", "codspeed-divan-compat", "codspeed-divan-compat-walltime"];

/// Tables of a manifest that name packages.
const DEPENDENCIES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// How the harness of a bench changed from the base to the candidate, whose executables speak `harnesses`; the workspace lies `below`
/// the trees' roots. `None` where it did not.
pub fn harness_change(trees: [&Tree; 2], below: &Path, harnesses: [Harness; 2]) -> Option<HarnessChange> {
    let lock = |tree: &Tree| fs::read_to_string(tree.root.join(below).join("Cargo.lock")).ok();
    let [base, candidate] = trees;
    let (left, right) = (Lock::parse(&lock(base)?)?, Lock::parse(&lock(candidate)?)?);
    let [before, after] = changed(harnesses, [&left, &right])?;
    let is_alone = left.without_harness() == right.without_harness() && is_of_manifests(base, candidate);
    Some(HarnessChange { base: before, candidate: after, is_alone })
}

/// Name and version on both sides, where they differ.
fn changed([base, candidate]: [Harness; 2], locks: [&Lock; 2]) -> Option<[String; 2]> {
    let names: &[&str] = match base {
        Harness::Deaf(_) | Harness::Port(_) | Harness::Files => &CRITERION,
        Harness::Divan => &DIVAN,
        Harness::Heap | Harness::Unknown | Harness::Command => return None,
    };
    let [left, right] = locks.map(|lock| lock.named(names));
    if left == right {
        return None;
    }
    match (base, candidate) {
        // Of several in one workspace, executables say which is theirs.
        (Harness::Port(base) | Harness::Deaf(base), Harness::Port(candidate) | Harness::Deaf(candidate))
            if left.len() > 1 || right.len() > 1 =>
        {
            let name = |[major, minor, patch]: [u8; 3]| format!("criterion {major}.{minor}.{patch}");
            (base != candidate).then(|| [name(base), name(candidate)])
        }
        _ => Some([left, right].map(|all| all.into_iter().collect::<Vec<_>>().join(", "))),
    }
}

/// Whether two trees differ in manifests and lock files alone, and manifests in nothing but the harness.
fn is_of_manifests(base: &Tree, candidate: &Tree) -> bool {
    let differing = base.manifest.differing(&candidate.manifest);
    differing.iter().all(|path| match path.file_name().and_then(OsStr::to_str) {
        Some("Cargo.lock") => true,
        Some("Cargo.toml") => {
            let read = |tree: &Tree| fs::read_to_string(tree.root.join(path)).ok();
            read(base).zip(read(candidate)).is_some_and(|(left, right)| is_same_but_for_harness(&left, &right))
        }
        _ => false,
    })
}

fn is_same_but_for_harness(left: &str, right: &str) -> bool {
    let stripped = |text: &str| {
        let mut manifest: toml::Table = text.parse().ok()?;
        strip(&mut manifest);
        Some(manifest)
    };
    stripped(left).is_some_and(|left| stripped(right) == Some(left))
}

/// Takes out what names a harness.
fn strip(table: &mut toml::Table) {
    for (key, value) in table {
        let Some(inner) = value.as_table_mut() else { continue };
        if DEPENDENCIES.contains(&key.as_str()) {
            inner.retain(|name, wanted| {
                let package = wanted.get("package").and_then(toml::Value::as_str).unwrap_or(name);
                !is_harness(package)
            });
        }
        strip(inner);
    }
}

fn is_harness(package: &str) -> bool {
    CRITERION.contains(&package) || DIVAN.contains(&package)
}

/// The packages of a lock file.
#[derive(Debug)]
struct Lock(Vec<Package>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Package {
    name: String,
    version: String,
    /// Absent in members and path dependencies.
    source: Option<String>,
    checksum: Option<String>,
    /// `name`, `name version` or `name version (source)`.
    dependencies: Vec<String>,
}

impl Lock {
    fn parse(text: &str) -> Option<Self> {
        let table: toml::Table = text.parse().ok()?;
        let packages = table.get("package")?.as_array()?.iter().map(|package| {
            let word = |key: &str| package.get(key).and_then(toml::Value::as_str).map(String::from);
            let dependencies = package.get("dependencies").and_then(toml::Value::as_array);
            let dependencies = dependencies.into_iter().flatten().filter_map(toml::Value::as_str).map(String::from);
            Some(Package {
                name: word("name")?,
                version: word("version")?,
                source: word("source"),
                checksum: word("checksum"),
                dependencies: dependencies.collect(),
            })
        });
        packages.collect::<Option<_>>().map(Self)
    }

    /// Packages of these names from elsewhere, with their versions.
    fn named(&self, names: &[&str]) -> BTreeSet<String> {
        let named = self.0.iter().filter(|package| names.contains(&&*package.name) && package.source.is_some());
        named.map(|package| format!("{} {}", package.name, package.version)).collect()
    }

    /// What members depend on otherwise than through a harness, and the members themselves.
    fn without_harness(&self) -> BTreeSet<Package> {
        let mut by_name: BTreeMap<&str, Vec<&Package>> = BTreeMap::new();
        for package in &self.0 {
            by_name.entry(&package.name).or_default().push(package);
        }
        let mut open: Vec<&Package> = self.0.iter().filter(|package| package.source.is_none()).collect();
        let mut found: BTreeSet<&Package> = BTreeSet::new();
        while let Some(package) = open.pop() {
            if (is_harness(&package.name) && package.source.is_some()) || !found.insert(package) {
                continue;
            }
            for dependency in &package.dependencies {
                let mut words = dependency.split(' ');
                let (name, version) = (words.next().unwrap_or_default(), words.next());
                let named = by_name.get(name).into_iter().flatten();
                open.extend(named.filter(|one| version.is_none_or(|version| one.version == version)));
            }
        }
        // Whom a harness brings along may stand among the words by which members name their dependencies.
        let bare = |package: &Package| Package { dependencies: Vec::new(), ..package.clone() };
        found.into_iter().map(bare).collect()
    }
}

/// Files of a bench's own source: the one that it begins in, and what was compiled in from the directory that holds its benches. Paths
/// are below the tree's root.
pub fn own_source<'a>(source: &'a Path, inputs: impl IntoIterator<Item = &'a PathBuf>) -> BTreeSet<&'a Path> {
    let directory = source.parent().filter(|directory| is_of_benches(directory));
    let is_own = |path: &&Path| directory.is_some_and(|directory| path.starts_with(directory));
    inputs.into_iter().map(PathBuf::as_path).filter(is_own).chain([source]).collect()
}

/// Whether a directory is there for benches: what lies in `src` or at a package's root is the code as well.
fn is_of_benches(directory: &Path) -> bool {
    directory.iter().any(|part| part == "benches" || part == "bench")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"
version = 4
[[package]]
name = "mine"
version = "0.1.0"
dependencies = ["criterion", "itoa", "serde"]
[[package]]
name = "criterion"
version = "0.5.1"
source = "registry"
checksum = "aa"
dependencies = ["itertools", "serde"]
[[package]]
name = "itertools"
version = "0.10.5"
source = "registry"
[[package]]
name = "itoa"
version = "1.0.0"
source = "registry"
checksum = "bb"
[[package]]
name = "serde"
version = "1.0.0"
source = "registry"
"#;

    const PORTS: [Harness; 2] = [Harness::Port([0, 5, 1]), Harness::Port([0, 8, 2])];

    /// Whether two locks differ in their harness, and in nothing else.
    #[track_caller]
    fn check(edits: &[[&str; 2]], expected: Option<bool>) {
        let edited = edits.iter().fold(LOCK.to_owned(), |lock, [from, to]| {
            assert!(lock.contains(from), "{from}");
            lock.replace(from, to)
        });
        let (left, right) = (Lock::parse(LOCK).unwrap(), Lock::parse(&edited).unwrap());
        let found = changed(PORTS, [&left, &right]);
        let is_alone = found.is_some().then(|| left.without_harness() == right.without_harness());
        assert_eq!(is_alone, expected, "{found:?}");
    }

    #[test]
    fn what_only_the_harness_brings_along_is_the_harness() {
        let update = ["0.5.1", "0.8.2"];
        check(&[], None);
        check(&[update], Some(true));
        check(&[update, ["0.10.5", "0.13.0"]], Some(true));
        check(&[update, ["\"itertools\", \"serde\"", "\"plotters\", \"serde\""]], Some(true));
        // The code has these as well, whoever asked for another version.
        check(&[update, ["bb", "cc"]], Some(false));
        check(
            &[update, ["name = \"serde\"\nversion = \"1.0.0\"", "name = \"serde\"\nversion = \"1.0.1\""]],
            Some(false),
        );
        check(&[["1.0.0", "1.0.1"]], None);
    }

    #[test]
    fn of_several_harnesses_the_executables_say_which_is_theirs() {
        let two =
            LOCK.replace("name = \"itertools\"\nversion = \"0.10.5\"", "name = \"criterion\"\nversion = \"0.3.6\"");
        let locks = [Lock::parse(&two).unwrap(), Lock::parse(&two.replace("0.5.1", "0.8.2")).unwrap()];
        let of = |harnesses| changed(harnesses, [&locks[0], &locks[1]]);
        assert_eq!(of(PORTS), Some(["criterion 0.5.1".into(), "criterion 0.8.2".into()]));
        assert_eq!(of([Harness::Port([0, 3, 6]); 2]), None);
        assert_eq!(of([Harness::Divan; 2]), None);
    }

    #[test]
    fn manifests_may_differ_in_the_harness_alone() {
        const MANIFEST: &str = "[package]\nname = \"a\"\n[dependencies]\nitoa = \"1\"\n[dev-dependencies]\ncriterion = { version = \"0.5\" }\n";
        #[track_caller]
        fn check(from: &str, to: &str, expected: bool) {
            assert!(MANIFEST.contains(from));
            assert_eq!(is_same_but_for_harness(MANIFEST, &MANIFEST.replace(from, to)), expected);
        }
        check("0.5", "0.8", true);
        check("criterion = { version = \"0.5\" }", "harness = { package = \"criterion\", version = \"0.8\" }", true);
        check("itoa = \"1\"", "itoa = \"=1.0.1\"", false);
        check("itoa = \"1\"", "itoa = \"1\"\n[profile.bench]\nlto = true", false);
        check("itoa", "criterion", false);
    }

    #[test]
    fn own_source_is_what_lies_with_the_benches() {
        #[track_caller]
        fn check(source: &str, inputs: &[&str], expected: &[&str]) {
            let inputs: Vec<PathBuf> = inputs.iter().map(PathBuf::from).collect();
            let own = own_source(Path::new(source), &inputs);
            assert_eq!(own, expected.iter().map(Path::new).collect());
        }
        let inputs = ["m/benches/a.rs", "m/benches/common/mod.rs", "m/src/lib.rs", "m/data.txt"];
        check("m/benches/a.rs", &inputs, &inputs[..2]);
        check("m/src/bench.rs", &["m/src/bench.rs", "m/src/lib.rs"], &["m/src/bench.rs"]);
        check("a.rs", &["a.rs", "src/lib.rs"], &["a.rs"]);
    }
}
