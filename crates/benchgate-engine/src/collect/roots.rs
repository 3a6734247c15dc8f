//! The two directories that belong to one side alone, and their names within bytes.
//!
//! Executables of equal code differ where they hold such a name: `env!("OUT_DIR")`, `env!("CARGO_MANIFEST_DIR")`,
//! `env!("CARGO_BIN_EXE_…")`, `file!()` in generated code. The names of both sides have equal lengths, so that nothing else moves.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Where a side's files and what is built of them lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roots {
    /// The checked-out files.
    pub tree: PathBuf,
    /// The target directory.
    pub target: PathBuf,
}

/// One of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Root {
    Tree,
    Target,
}

/// A path below one of them, by the bytes of its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub root: Root,
    /// Empty for the root itself.
    pub below: PathBuf,
}

/// Longest path that is looked for behind a root.
const LONGEST_PATH: usize = 4096;

impl Roots {
    /// The same directories without symbolic links in their names.
    pub(super) fn physical(&self) -> Self {
        let physical = |path: &PathBuf| fs::canonicalize(path).unwrap_or_else(|_| path.clone());
        Self { tree: physical(&self.tree), target: physical(&self.target) }
    }

    /// Where a path lies, if it belongs to this side.
    pub(super) fn place(&self, path: &Path) -> Option<Place> {
        let (root, below) =
            self.inner_first().into_iter().find_map(|(root, of)| Some((root, path.strip_prefix(of).ok()?)))?;
        Some(Place { root, below: below.to_owned() })
    }

    /// Where a place is on this side.
    pub(super) fn path(&self, place: &Place) -> PathBuf {
        let root = match place.root {
            Root::Tree => &self.tree,
            Root::Target => &self.target,
        };
        if place.below.as_os_str().is_empty() { root.clone() } else { root.join(&place.below) }
    }

    /// Writes the same text of equal length over each name of a root, and says what stands behind it.
    pub(super) fn blank(&self, bytes: &mut [u8]) -> Vec<Mention> {
        let mut found = Vec::new();
        for (root, name) in self.inner_first() {
            let name = name.as_os_str().as_bytes();
            let mut from = 0;
            while let Some(at) = position(&bytes[from..], name) {
                let end = from + at + name.len();
                bytes[from + at..end].fill(0);
                bytes[from + at] = match root {
                    Root::Tree => 1,
                    Root::Target => 2,
                };
                found.push((root, end));
                from = end;
            }
        }
        // Only now, since another root may stand behind one.
        let mention = |(root, end): (Root, usize)| {
            let rest = &bytes[end..bytes.len().min(end + LONGEST_PATH)];
            let rest = rest.split(|byte| *byte <= 2).next().unwrap_or_default();
            Mention { root, rest: rest.to_vec() }
        };
        found.into_iter().map(mention).collect()
    }

    /// The inner one first, where one lies in the other.
    fn inner_first(&self) -> [(Root, &Path); 2] {
        let (tree, target) = ((Root::Tree, &*self.tree), (Root::Target, &*self.target));
        if self.tree.starts_with(&self.target) { [tree, target] } else { [target, tree] }
    }
}

/// A root's name within bytes, and what stands behind it. Strings of Rust have no end of their own there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mention {
    root: Root,
    rest: Vec<u8>,
}

impl Mention {
    /// The deepest places that the bytes can mean, by the names that there are on any of these sides: where both `a` and `ab`
    /// are there, `abc` can be either.
    pub fn places(&self, sides: [&Roots; 2]) -> BTreeSet<Place> {
        let mut places = BTreeSet::new();
        let mut open = vec![(PathBuf::new(), &self.rest[..])];
        while let Some((below, rest)) = open.pop() {
            let place = Place { root: self.root, below };
            let Some(rest) = rest.strip_prefix(b"/") else {
                places.insert(place);
                continue;
            };
            let entries = sides.iter().filter_map(|roots| fs::read_dir(roots.path(&place)).ok());
            let names: BTreeSet<_> = entries.flatten().filter_map(|entry| Some(entry.ok()?.file_name())).collect();
            let mut is_deepest = true;
            for name in names.iter().filter(|name| rest.starts_with(name.as_bytes())) {
                open.push((place.below.join(name), &rest[name.len()..]));
                is_deepest = false;
            }
            if is_deepest {
                places.insert(place);
            }
        }
        places
    }
}

fn position(bytes: &[u8], name: &[u8]) -> Option<usize> {
    let (first, rest) = name.split_first()?;
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(|byte| byte == first) {
        if bytes[from + at + 1..].starts_with(rest) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roots(tree: &str, target: &str) -> Roots {
        Roots { tree: tree.into(), target: target.into() }
    }

    #[test]
    fn path_belongs_to_the_inner_root() {
        #[track_caller]
        fn check(roots: &Roots, path: &str, expected: Option<(Root, &str)>) {
            let place = roots.place(Path::new(path));
            assert_eq!(place, expected.map(|(root, below)| Place { root, below: below.into() }));
            if let Some(place) = place {
                assert_eq!(roots.path(&place), Path::new(path));
            }
        }
        let beside = roots("/x/b", "/x/t/b1");
        check(&beside, "/x/b/src/lib.rs", Some((Root::Tree, "src/lib.rs")));
        check(&beside, "/x/b", Some((Root::Tree, "")));
        check(&beside, "/x/t/b1/o", Some((Root::Target, "o")));
        check(&beside, "/x/bc", None);
        check(&roots("/x/b", "/x/b/target"), "/x/b/target/o", Some((Root::Target, "o")));
        check(&roots("/x/t/b", "/x/t"), "/x/t/b/o", Some((Root::Tree, "o")));
    }

    #[test]
    fn names_of_both_sides_become_one_text() {
        #[track_caller]
        fn check(text: &str, expected: &str, rests: &[(Root, &str)]) {
            let (base, candidate) = (roots("/x/b", "/x/t/b1"), roots("/x/c", "/x/t/c1"));
            let [mut left, mut right] = [("/x/b", "/x/t/b1"), ("/x/c", "/x/t/c1")]
                .map(|(tree, target)| text.replace("TREE", tree).replace("TARGET", target).into_bytes());
            let mentions = base.blank(&mut left);
            assert_eq!(mentions, candidate.blank(&mut right));
            assert_eq!(left, right);
            assert_eq!(String::from_utf8(left).unwrap(), expected);
            let mention = |(root, rest): &(Root, &str)| Mention { root: *root, rest: rest.as_bytes().to_vec() };
            assert_eq!(mentions, rests.iter().map(mention).collect::<Vec<_>>());
        }
        check("", "", &[]);
        check("a/x/y", "a/x/y", &[]);
        check("TREE/a\0b", "\u{1}\0\0\0/a\0b", &[(Root::Tree, "/a")]);
        check("1TARGET/o2", "1\u{2}\0\0\0\0\0\0/o2", &[(Root::Target, "/o2")]);
        check("TREETREE", "\u{1}\0\0\0\u{1}\0\0\0", &[(Root::Tree, ""), (Root::Tree, "")]);
        check("//x/TREE", "//x/\u{1}\0\0\0", &[(Root::Tree, "")]);
    }

    #[test]
    fn deepest_existing_paths_are_meant() {
        let home = tempfile::tempdir().unwrap();
        let sides = ["b", "c"].map(|side| Roots { tree: home.path().join(side), target: home.path().join("t") });
        fs::create_dir_all(sides[0].tree.join("a/deep")).unwrap();
        fs::write(sides[0].tree.join("ab"), "").unwrap();
        fs::create_dir_all(sides[1].tree.join("a")).unwrap();
        fs::write(sides[1].tree.join("a/new"), "").unwrap();
        let check = |rest: &str, expected: &[&str]| {
            let places = Mention { root: Root::Tree, rest: rest.as_bytes().to_vec() }.places([&sides[0], &sides[1]]);
            let below: Vec<_> = places.iter().map(|place| place.below.to_str().unwrap()).collect();
            assert_eq!(below, expected, "{rest}");
        };
        check("", &[""]);
        check("called `Option`", &[""]);
        check("/gone", &[""]);
        check("/a/deep/src and more", &["a/deep"]);
        check("/a/newer", &["a/new"]);
        check("/abc", &["a", "ab"]);
        check("/a/", &["a"]);
    }
}
