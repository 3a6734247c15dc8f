//! Proof that two executables do the same, so that nothing needs to be measured.
//!
//! Executables of the same code do the same where they find the same: a program that reads the same bytes at each step takes the
//! same next step. So what the candidate was seen to ask for is looked up on the base's side, and if nothing of it is different
//! there, the base would ask for nothing else.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use memchr::memmem;
use sha2::{Digest, Sha256};

use super::build::Executable;
use super::cache::hex;
use super::elf::LoadedCode;
use super::reads::{Notes, State, Use};
use super::roots::{Mention, Place, Root, Roots};
use super::tree::TreeManifest;

/// Whether two executables do the same, and how that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// The same; says what was ignored.
    Identical(String),
    /// The same code, which finds something else or may do so; says what.
    Unproven(String),
    /// Other code.
    Different,
}

/// An executable, and where its side lies.
#[derive(Clone, Copy, Debug)]
pub struct BuiltCode<'a> {
    /// The executable.
    pub executable: &'a Executable,
    /// Its side's directories.
    pub roots: &'a Roots,
}

/// Compares the executables of both sides. `differing` are the files that differ between the two trees; the workspace
/// lies `below` their roots. `notes` are of the candidate, or say why there are none.
///
/// Cargo must start both alike. They are identical when all loaded bytes are equal but for the build-id, each side's own roots, and
/// source positions in changed files; when what lies at paths that they hold is equal; and when nothing that the candidate asks for
/// is another on the base's side.
///
/// # Errors
/// An executable cannot be read.
pub fn compare(
    base: BuiltCode<'_>,
    candidate: BuiltCode<'_>,
    differing: &BTreeSet<PathBuf>,
    below: &Path,
    notes: Result<&Notes, &str>,
) -> Result<Identity> {
    let (left, right) = (read(base.executable)?, read(candidate.executable)?);
    let is_seen = |name: &[u8]| may_see(&left, name) || may_see(&right, name);
    if let Some(difference) = base.executable.surroundings.difference(&candidate.executable.surroundings, is_seen) {
        return Ok(Identity::Unproven(difference));
    }
    let unmoved = BTreeSet::new();
    let moved = [base, candidate].map(|side| names_in_code(differing, below, side.roots));
    let codes = |moved: [&BTreeSet<String>; 2]| {
        (Code::of(&left, moved[0], base.roots), Code::of(&right, moved[1], candidate.roots))
    };
    let (mut codes_of_both, mut ignored) = (codes([&unmoved, &unmoved]), "same bytes");
    if codes_of_both.0 != codes_of_both.1 {
        (codes_of_both, ignored) = (codes([&moved[0], &moved[1]]), "source positions moved");
    }
    let (left, right) = codes_of_both;
    if left != right {
        return Ok(Identity::Different);
    }
    let unproven = |why: String| Ok(Identity::Unproven(why));
    if let Some(place) = differing_mention(&left.mentions, base, candidate) {
        return unproven(format!("{} differs and the bench names it", shown(&place)));
    }
    match notes {
        Ok(notes) => match notes.differing(base.roots) {
            Some(place) => unproven(format!("{} differs and is read by the bench", shown(place))),
            None => Ok(Identity::Identical(ignored.into())),
        },
        Err(_) if differing.is_empty() && left.mentions.is_empty() => Ok(Identity::Identical(ignored.into())),
        Err(why) => unproven(format!("what it reads was not seen: {why}")),
    }
}

/// Hash of what a measurement of an executable depends on: its loaded bytes but for the build-id and its side's roots, what
/// cargo sets for it, and what it reads when it runs. Two executables of one hash are [`Identity::Identical`]. Where there are no
/// notes, every file of its `tree` that was not compiled in counts.
///
/// # Errors
/// The executable cannot be read.
pub fn code_hash(built: BuiltCode<'_>, tree: &TreeManifest, notes: Option<&Notes>) -> Result<String> {
    let bytes = read(built.executable)?;
    let mut hash = Sha256::new();
    hash.update(Code::of(&bytes, &BTreeSet::new(), built.roots).hash);
    match notes {
        Some(notes) => hash.update(notes.hash()),
        None => hash.update(tree.hash_of(|path| !built.executable.inputs.contains(path))),
    }
    hash.update(built.executable.surroundings.hash(|name| may_see(&bytes, name)));
    Ok(hex(&hash.finalize()))
}

/// The variable by which cargo says where the README of a package is.
const README: &[u8] = b"CARGO_PKG_README";

/// Whether a variable may make a difference to an executable. A README that appears is none, unless the executable names the
/// variable; any other may be asked for by a name that is put together, or by a program that the bench starts.
fn may_see(executable: &[u8], variable: &[u8]) -> bool {
    variable != README || memmem::find(executable, README).is_some()
}

/// What is compared of an executable.
#[derive(PartialEq, Eq)]
struct Code {
    hash: [u8; 32],
    /// Where it names its side's roots.
    mentions: BTreeSet<Mention>,
}

impl Code {
    /// What is loaded; all bytes where the file is no ELF executable.
    fn of(bytes: &[u8], moved: &BTreeSet<String>, roots: &Roots) -> Self {
        match LoadedCode::of(bytes) {
            Some(mut code) => {
                code.blank_locations(moved);
                let mentions = code.blank_roots(roots).into_iter().collect();
                Self { hash: code.hash(), mentions }
            }
            None => {
                let mut bytes = bytes.to_vec();
                let mentions = roots.blank(&mut bytes).into_iter().collect();
                Self { hash: Sha256::digest(&bytes).into(), mentions }
            }
        }
    }
}

/// The first place that both executables name and at which the sides have something else.
fn differing_mention(mentions: &BTreeSet<Mention>, base: BuiltCode<'_>, candidate: BuiltCode<'_>) -> Option<Place> {
    let places: BTreeSet<Place> =
        mentions.iter().flat_map(|mention| mention.places([base.roots, candidate.roots])).collect();
    places.into_iter().find_map(|place| {
        let is_compiled_in = place.root == Root::Tree && {
            let path = &place.below;
            base.executable.inputs.contains(path) && candidate.executable.inputs.contains(path)
        };
        if is_compiled_in { None } else { differing_below(place, [base.roots, candidate.roots]) }
    })
}

/// The place itself if its sides differ there, or one below it if it is what a build script wrote. What other directories hold
/// counts where it is read.
fn differing_below(place: Place, sides: [&Roots; 2]) -> Option<Place> {
    let is_output = place.root == Root::Target && is_build_output(&place.below);
    let used = if is_output { Use::Opened } else { Use::Asked };
    let [left, right] = sides.map(|roots| State::now(&roots.path(&place), used, roots));
    match (left, right) {
        (left, right) if left != right => Some(place),
        (State::Listed(names), _) => {
            let below = names.iter().map(|(name, _)| Place { root: place.root, below: place.below.join(name) });
            below.into_iter().find_map(|place| differing_below(place, sides))
        }
        _ => None,
    }
}

/// `…/build/<package>-<hash>/out` or below.
fn is_build_output(path: &Path) -> bool {
    let names: Vec<_> = path.iter().collect();
    names.windows(3).any(|names| names[0] == "build" && names[2] == "out")
}

fn shown(place: &Place) -> String {
    let root = match place.root {
        Root::Tree => "",
        Root::Target => " in the target directory",
    };
    match place.below.display().to_string() {
        path if path.is_empty() => format!("the root{root}"),
        path => format!("`{path}`{root}"),
    }
}

fn read(executable: &Executable) -> Result<Vec<u8>> {
    fs::read(&executable.file).with_context(|| format!("cannot read `{}`", executable.file.display()))
}

/// How the compiler spells files in source positions: below the workspace, where it is started; with their whole paths, where
/// they are of packages outside of it.
fn names_in_code(differing: &BTreeSet<PathBuf>, below: &Path, roots: &Roots) -> BTreeSet<String> {
    let whole = differing.iter().map(|path| roots.tree.join(path).display().to_string());
    let relative = differing.iter().filter_map(|path| path.strip_prefix(below).ok());
    relative.map(|path| path.display().to_string()).chain(whole).collect()
}

#[cfg(test)]
mod tests {
    use super::super::launching::Surroundings;
    use super::super::seal::Seal;
    use std::process::Command;

    use tempfile::TempDir;

    use super::*;

    const PLAIN: &str = "fn main() { println!(\"{}\", env!(\"PLACE\")); }";

    /// Two sides whose programs hold the path of `place`, `t/…` in the side's target directory and anything else in its tree.
    struct Sides {
        _home: TempDir,
        roots: [Roots; 2],
        executables: [Executable; 2],
    }

    impl Sides {
        fn compiled(sources: [&str; 2], place: &str) -> Self {
            let home = tempfile::tempdir().unwrap();
            let roots = ["b", "c"].map(|side| Roots {
                tree: home.path().join(side),
                target: home.path().join("t").join(format!("{side}1")),
            });
            let executables = [0, 1].map(|side| {
                let roots = &roots[side];
                fs::create_dir_all(&roots.tree).unwrap();
                fs::create_dir_all(&roots.target).unwrap();
                let (source, file) = (roots.tree.join("main.rs"), roots.target.join("main"));
                fs::write(&source, sources[side]).unwrap();
                let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
                rustc.args(["--edition", "2024", "--crate-name", "main", "main.rs", "-o"]).arg(&file);
                let place = place.strip_prefix("t/").map_or_else(|| roots.tree.join(place), |at| roots.target.join(at));
                assert!(rustc.env("PLACE", place).current_dir(&roots.tree).status().unwrap().success());
                Executable {
                    package: "main".into(),
                    version: "0.1.0".into(),
                    target: "main".into(),
                    file,
                    directory: roots.tree.clone(),
                    inputs: ["main.rs".into()].into(),
                    surroundings: Surroundings::plain(home.path()),
                    target_directory: roots.target.clone(),
                    seal: Seal::default(),
                }
            });
            Self { _home: home, roots, executables }
        }

        fn put(&self, side: usize, place: &str, text: &str) {
            let roots = &self.roots[side];
            let file: PathBuf = match place.strip_prefix("t/") {
                Some(at) => roots.target.join(at),
                None => roots.tree.join(place),
            };
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }

        fn built(&self, side: usize) -> BuiltCode<'_> {
            BuiltCode { executable: &self.executables[side], roots: &self.roots[side] }
        }

        fn compare(&self, notes: Result<&Notes, &str>) -> Identity {
            let differing = ["main.rs".into()].into();
            compare(self.built(0), self.built(1), &differing, Path::new(""), notes).unwrap()
        }

        #[track_caller]
        fn is(&self, expected: &str) {
            let found = match self.compare(Ok(&Notes::default())) {
                Identity::Identical(found) | Identity::Unproven(found) => found,
                Identity::Different => "machine code differs".into(),
            };
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn own_roots_in_strings_are_equal_and_other_text_is_not() {
        let both = Sides::compiled([PLAIN; 2], "t/release/build/main-1/out");
        both.is("same bytes");
        let code = |side| code_hash(both.built(side), &TreeManifest::default(), None).unwrap();
        assert_eq!(code(0), code(1));
        let moved = "// A comment.\nfn main() { println!(\"{}\", env!(\"PLACE\")); }";
        Sides::compiled([PLAIN, moved], "data.txt").is("same bytes");
        let panics = "fn main() { assert!(std::env::args().count() > 7, \"{}\", env!(\"PLACE\")) }";
        Sides::compiled([panics, &format!("\n{panics}")], "data.txt").is("source positions moved");
        let other = PLAIN.replace("PLACE\")", "PLACE\").len()");
        Sides::compiled([PLAIN, &other], "data.txt").is("machine code differs");
    }

    #[test]
    fn what_lies_at_a_path_that_both_name_must_be_equal() {
        let out = Sides::compiled([PLAIN; 2], "t/release/build/main-1/out");
        out.put(0, "t/release/build/main-1/out/deep/table.bin", "1");
        out.is("`release/build/main-1/out` in the target directory differs and the bench names it");
        out.put(1, "t/release/build/main-1/out/deep/table.bin", "2");
        let table = "`release/build/main-1/out/deep/table.bin` in the target directory";
        out.is(&format!("{table} differs and the bench names it"));
        // Equal but for the side's own root is equal.
        for side in [0, 1] {
            let text = format!("made in {}", out.roots[side].target.display());
            out.put(side, "t/release/build/main-1/out/deep/table.bin", &text);
        }
        out.is("same bytes");

        let data = Sides::compiled([PLAIN; 2], "data/input.txt");
        data.is("same bytes");
        data.put(1, "data/input.txt", "1");
        data.is("`data/input.txt` differs and the bench names it");
        data.put(0, "data/input.txt", "2");
        data.is("`data/input.txt` differs and the bench names it");
        data.put(0, "data/input.txt", "1");
        data.is("same bytes");

        let program = Sides::compiled([PLAIN; 2], "t/release/tool");
        program.put(0, "t/release/tool", "1");
        program.put(1, "t/release/tool", "2");
        program.is("`release/tool` in the target directory differs and the bench names it");

        // What was compiled in does nothing unless it is read, and its directory neither.
        Sides::compiled([PLAIN, &format!("{PLAIN} // A comment")], "main.rs").is("same bytes");
        Sides::compiled([PLAIN, &format!("{PLAIN} // A comment")], "").is("same bytes");
    }

    #[test]
    fn a_new_readme_counts_where_it_is_named() {
        assert!(!may_see(b"..CARGO_PKG_NAME..", README));
        assert!(may_see(b"..CARGO_PKG_README..", README));
        assert!(may_see(b"..", b"CARGO_PKG_DESCRIPTION"), "a program that the bench starts may ask for it");
    }

    #[test]
    fn without_notes_only_equal_trees_are_identical() {
        let both = Sides::compiled([PLAIN; 2], "");
        let why = "what it reads was not seen: it hangs".to_owned();
        assert_eq!(both.compare(Err("it hangs")), Identity::Unproven(why.clone()));
        let rootless = Sides::compiled(["fn main() {}"; 2], "");
        assert_eq!(rootless.compare(Err("it hangs")), Identity::Unproven(why));
        let none = BTreeSet::new();
        let same = compare(rootless.built(0), rootless.built(1), &none, Path::new(""), Err("it hangs")).unwrap();
        assert_eq!(same, Identity::Identical("same bytes".into()));
    }

    #[test]
    fn moved_files_are_spelled_from_the_workspace_and_in_full() {
        let roots = Roots { tree: "/x/b".into(), target: "/x/t/b1".into() };
        let differing = ["sub/src/lib.rs", "subject/src/lib.rs"].map(PathBuf::from).into();
        let names = names_in_code(&differing, Path::new("sub"), &roots);
        let expected = ["/x/b/sub/src/lib.rs", "/x/b/subject/src/lib.rs", "src/lib.rs"];
        assert_eq!(names.iter().map(String::as_str).collect::<Vec<_>>(), expected);
    }
}
