//! A workspace without the members that take no part, for when a dependency of theirs cannot be had.
//!
//! Cargo resolves all members whatever is to be built, lock file or not, and fetches git dependencies to do so. What takes no part
//! must not stop the gate, so the root manifest then names only the packages that do, until cargo is done. Path dependencies
//! are members by themselves.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use toml_edit::{Array, DocumentMut};

use super::packages::Workspace;
use super::tree::remove_if_there;

/// A member in the way: cargo cannot get one of its dependencies.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct InTheWay {
    pub dependency: String,
    pub member: String,
    /// Whether the member takes part itself.
    pub takes_part: bool,
}

impl InTheWay {
    /// What to do where the member takes part.
    pub fn hint(&self) -> String {
        let Self { dependency, member, .. } = self;
        format!(
            "`{dependency}` cannot be had; `--exclude {member}`, or `[build] exclude = [\"{member}\"]`, leaves that member out, unless \
             another one needs it"
        )
    }

    /// Reads cargo's complaint: ``failed to get `NAME` as a dependency of package `NAME vVERSION (PATH)` ``, below which may stand whose
    /// dependency that package is.
    pub fn parse(said: &[String], workspace: &Workspace) -> Option<Self> {
        const START: &str = "failed to get `";
        let at = said.iter().position(|line| line.contains(START))?;
        let dependency = said[at].split_once(START)?.1.split('`').next()?.to_owned();
        let quoted = said[at..].iter().flat_map(|line| line.split('`').skip(1).step_by(2));
        let packages = quoted.filter_map(|words| Some(words.split_once(" v")?.0));
        let member = packages.filter(|name| workspace.packages.contains_key(*name)).last()?.to_owned();
        let takes_part = workspace.benches.iter().any(|bench| bench.package == member);
        Some(Self { dependency, member, takes_part })
    }
}

/// The files of a workspace that were changed for cargo, as they were.
pub(super) struct Reduced {
    files: Vec<(PathBuf, Option<Vec<u8>>)>,
}

impl Reduced {
    /// Lets the root manifest name the packages that take part.
    ///
    /// # Errors
    /// It cannot be read or written.
    pub fn write(workspace: &Workspace) -> Result<Self> {
        let files = ["Cargo.toml", "Cargo.lock"].map(|name| workspace.root.join(name));
        let files: Vec<_> = files.into_iter().map(|file| (file.clone(), fs::read(&file).ok())).collect();
        let (manifest, text) = &files[0];
        let text = String::from_utf8_lossy(text.as_deref().unwrap_or_default()).into_owned();
        let members: BTreeSet<&str> = workspace
            .benches
            .iter()
            .filter_map(|bench| bench.directory.to_str())
            .filter(|path| !path.is_empty())
            .collect();
        let text = naming(&text, &members).with_context(|| format!("cannot read `{}`", manifest.display()))?;
        fs::write(manifest, text).with_context(|| format!("cannot write `{}`", manifest.display()))?;
        Ok(Self { files })
    }

    /// Brings the files back.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn undo(self) -> Result<()> {
        for (file, bytes) in self.files {
            match bytes {
                Some(bytes) => fs::write(&file, bytes).with_context(|| format!("cannot write `{}`", file.display()))?,
                None => remove_if_there(&file)?,
            }
        }
        Ok(())
    }
}

/// A root manifest with these members and no others beside its own package.
fn naming(manifest: &str, members: &BTreeSet<&str>) -> Result<String> {
    let mut document: DocumentMut = manifest.parse()?;
    if let Some(workspace) = document.get_mut("workspace").and_then(|item| item.as_table_like_mut()) {
        workspace.insert("members", toml_edit::value(members.iter().copied().collect::<Array>()));
        workspace.remove("default-members");
    }
    Ok(document.to_string())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::collect::packages::BenchTarget;

    fn workspace(taking_part: &[&str], others: &[&str]) -> Workspace {
        let bench = |package: &&str| BenchTarget {
            package: (*package).to_owned(),
            version: "0.1.0".into(),
            specification: (*package).to_owned(),
            directory: PathBuf::from(format!("crates/{package}")),
            name: "times".into(),
            source: "benches/times.rs".into(),
        };
        let packages = taking_part.iter().chain(others).map(|name| ((*name).to_owned(), BTreeSet::new()));
        Workspace {
            root: "/w".into(),
            target_directory: "/w/target".into(),
            benches: taking_part.iter().map(bench).collect(),
            left_out: Vec::new(),
            packages: packages.collect::<BTreeMap<_, _>>(),
        }
    }

    #[track_caller]
    fn check(said: &str, expected: Option<(&str, &str, bool)>) {
        let said: Vec<String> = said.lines().map(String::from).collect();
        let found = InTheWay::parse(&said, &workspace(&["core"], &["fuzz"]));
        let found = found.as_ref().map(|one| (&*one.dependency, &*one.member, one.takes_part));
        assert_eq!(found, expected);
    }

    #[test]
    fn the_member_in_the_way_is_read_from_the_complaint() {
        let complaint = "    Updating git repository `https://x/engine`\nerror: failed to get `engine` as a dependency of package \
                         `fuzz v0.1.0 (/w/fuzz)`\n\nCaused by:\n  failed to load source for dependency `engine`";
        check(complaint, Some(("engine", "fuzz", false)));
        check(&complaint.replace("fuzz v0.1.0", "core v0.1.0"), Some(("engine", "core", true)));
        let deeper = "error: failed to get `engine` as a dependency of package `bridge v1.0.0 (https://x/bridge#1)`\n    ... which \
                      satisfies git dependency `bridge` of package `fuzz v0.1.0 (/w/fuzz)`";
        check(deeper, Some(("engine", "fuzz", false)));
        check(&complaint.replace("fuzz v0.1.0", "elsewhere v0.1.0"), None);
        check("error: could not compile `core`", None);
    }

    #[test]
    fn other_members_are_taken_out_of_the_manifest() {
        let manifest = "# Ours.\n[package]\nname = \"root\"\n\n[workspace]\nmembers = [\"crates/*\", \"fuzz\"]\n\
                        default-members = [\"fuzz\"]\nresolver = \"2\"\n";
        let members: BTreeSet<&str> = ["crates/core"].into();
        let expected =
            "# Ours.\n[package]\nname = \"root\"\n\n[workspace]\nmembers = [\"crates/core\"]\nresolver = \"2\"\n";
        assert_eq!(naming(manifest, &members).unwrap(), expected);
        let alone = "[package]\nname = \"root\"\n";
        assert_eq!(naming(alone, &members).unwrap(), alone);
        assert!(naming("[workspace\n", &members).is_err());
    }

    #[test]
    fn files_come_back_as_they_were() {
        let home = tempfile::tempdir().unwrap();
        let manifest = home.path().join("Cargo.toml");
        fs::write(&manifest, "[workspace]\nmembers = [\"a\"]\n").unwrap();
        let reduced = Reduced::write(&Workspace { root: home.path().into(), ..workspace(&["core"], &[]) }).unwrap();
        assert!(fs::read_to_string(&manifest).unwrap().contains("crates/core"));
        fs::write(home.path().join("Cargo.lock"), "made by cargo").unwrap();
        reduced.undo().unwrap();
        assert_eq!(fs::read_to_string(&manifest).unwrap(), "[workspace]\nmembers = [\"a\"]\n");
        assert!(!home.path().join("Cargo.lock").exists());
    }
}
