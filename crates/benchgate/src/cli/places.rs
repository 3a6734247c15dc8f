//! Where benchmarks and claims stand in the source, as far as it can be told by reading it: the line that holds the name of a
//! benchmark as a literal, where only one does.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::acceptances::ACCEPTANCES;
use crate::config::{self, ClaimPlace};
use benchgate_core::gate::{Action, Outcome};
use benchgate_core::model::BenchKey;
use benchgate_engine::collect::{Repository, Workspace};
use benchgate_report::{Place, Places};

/// Places of all benchmarks that are worth a look, and of the claims.
pub(super) fn places(workspace: &Workspace, outcome: &Outcome) -> Places {
    // Without a repository that git opens, annotations count from the workspace.
    let repository = Repository::at(&workspace.root).unwrap_or_default();
    let top = repository.as_ref().map_or(&*workspace.root, Repository::root);
    let mut sources = Sources { top, read: BTreeMap::new() };
    let mut places = Places::default();
    for row in outcome.rows.iter().filter(|row| row.action != Action::Pass) {
        let key = &row.key.bench;
        let target = workspace.benches.iter().find(|one| (&one.package, &one.name) == (&key.package, &key.target));
        if let Some(target) = target.filter(|_| !places.benches.contains_key(key)) {
            places.benches.insert(key.clone(), sources.place(&workspace.root.join(&target.source), key));
        }
    }
    // The files may be those of the base; annotations are about those here.
    let loaded = config::load(&workspace.root).unwrap_or_default();
    for ClaimPlace { claim, file, line } in loaded.claim_places() {
        let place = Place { file: sources.below(&workspace.root.join(file)), line: *line };
        places.claims.insert(claim.clone(), place);
    }
    let acceptances = workspace.root.join(ACCEPTANCES);
    for acceptance in &outcome.acceptances {
        let place = sources.only(&acceptances, &format!("id = \"{}\"", acceptance.id));
        places.acceptances.extend(place.map(|place| (acceptance.id.clone(), place)));
    }
    places
}

/// Files that were looked at.
struct Sources<'a> {
    /// Root of the repository, which annotations count from.
    top: &'a Path,
    read: BTreeMap<PathBuf, Option<String>>,
}

impl Sources<'_> {
    /// Where a benchmark of a target is registered; the first line of the target's source where that cannot be told.
    fn place(&mut self, source: &Path, key: &BenchKey) -> Place {
        let BenchKey { group, function, .. } = key;
        let id = key.id();
        // Without a function there is nothing but the group, which is the whole id then.
        let function = function.as_deref().unwrap_or(group);
        // The part that the harness adds for each number of threads stands nowhere.
        let alone = id.rsplit_once("@t").map_or(&*id, |(alone, _)| alone);
        let whole = [literal(&id), literal(alone), literal(&format!("{group}/{function}"))];
        // Ids that are put together: a literal that begins with the part that is fixed.
        let begun = [format!("\"{group}/{function}/"), format!("\"{group}/")];
        // What may mean something else in another file; divan names a bench after its function.
        let short = [literal(function), format!("fn {function}("), literal(group)];
        for text in whole.iter().chain(&short).chain(&begun) {
            if let Some(line) = self.text(source).and_then(|source| only_line(source, text)) {
                return Place { file: self.below(source), line };
            }
        }
        // A suite of many files, whose target only calls them.
        let beside = beside(source);
        for text in whole.iter().chain(&begun) {
            let found = beside.iter().filter_map(|file| Some((file, lines(self.text(file)?, text))));
            let found: Vec<(&PathBuf, usize)> =
                found.flat_map(|(file, lines)| lines.into_iter().map(move |line| (file, line))).collect();
            if let [(file, line)] = &found[..] {
                return Place { file: self.below(file), line: *line };
            }
        }
        Place { file: self.below(source), line: 1 }
    }

    /// The line of a file that holds a text, where no other does.
    fn only(&mut self, file: &Path, wanted: &str) -> Option<Place> {
        let line = only_line(self.text(file)?, wanted)?;
        Some(Place { file: self.below(file), line })
    }

    fn text(&mut self, file: &Path) -> Option<&str> {
        self.read.entry(file.to_owned()).or_insert_with(|| fs::read_to_string(file).ok()).as_deref()
    }

    /// A path as GitHub writes it.
    fn below(&self, file: &Path) -> String {
        file.strip_prefix(self.top).unwrap_or(file).display().to_string()
    }
}

/// A name as it stands in source.
fn literal(name: &str) -> String {
    format!("\"{name}\"")
}

/// The lines that hold a text, from 1.
fn lines(text: &str, wanted: &str) -> Vec<usize> {
    text.lines().enumerate().filter(|(_, line)| line.contains(wanted)).map(|(at, _)| at + 1).collect()
}

/// The line that holds a text, where no other does.
fn only_line(text: &str, wanted: &str) -> Option<usize> {
    match lines(text, wanted)[..] {
        [line] => Some(line),
        _ => None,
    }
}

/// Rust files beside a source and below its directory. That of a package's root is not searched: it holds everything.
fn beside(source: &Path) -> Vec<PathBuf> {
    let Some(directory) = source.parent().filter(|directory| !directory.join("Cargo.toml").exists()) else {
        return Vec::new();
    };
    let mut files = Vec::new();
    let mut open = vec![directory.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
            let path = entry.path();
            // A package below has benches of its own; links may lead back.
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && !path.join("Cargo.toml").exists() => open.push(path),
                Ok(kind) if kind.is_file() && path.extension().is_some_and(|end| end == "rs") => files.push(path),
                Ok(_) | Err(_) => {}
            }
        }
    }
    files.retain(|file| file != source);
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(group: &str, function: &str) -> BenchKey {
        let (function, value) = (Some(function.into()), Some("small".into()));
        BenchKey { package: "p".into(), target: "t".into(), group: group.into(), function, value }
    }

    #[test]
    fn a_benchmark_stands_where_its_name_does() {
        let home = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let file = home.path().join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        };
        write("p/Cargo.toml", "");
        write(
            "p/benches/t.rs",
            "mod cases;\nfn a() {\n  let mut group = c.benchmark_group(\"json/list\");\n  group.bench_function(\"parse\");\n  \
             twice(\"print\", \"print\");\n  once(\"copy\");\n  again(\"copy\");\n}\n",
        );
        write("p/benches/cases/one.rs", "\n\nCase::new(\"pools/get/put/small\")\nCase::new(\"twice/a/b/small\")\n");
        write("p/benches/cases/two.rs", "Case::new(\"twice/a/b/small\")\nformat!(\"made/up/{size}\")\nfn a() {}\n");
        write("p/benches/cases/three.rs", "\"many/threads/on/mt\"\n");
        write("p/benches/other/Cargo.toml", "");
        write("p/benches/other/benches/o.rs", "\"elsewhere/x/y/small\"\n");
        let mut sources = Sources { top: home.path(), read: BTreeMap::new() };
        let mut check = |key: BenchKey, file: &str, line: usize| {
            let place = sources.place(&home.path().join("p/benches/t.rs"), &key);
            assert_eq!(place, Place { file: file.into(), line }, "{key:?}");
        };
        check(key("json/list", "parse"), "p/benches/t.rs", 4);
        check(key("xml", "print"), "p/benches/t.rs", 5);
        // Two lines have the function's name, one has the group's; then none has either.
        check(key("json/list", "copy"), "p/benches/t.rs", 3);
        check(key("xml", "copy"), "p/benches/t.rs", 1);
        check(key("pools/get", "put"), "p/benches/cases/one.rs", 3);
        check(key("twice/a", "b"), "p/benches/t.rs", 1);
        check(key("elsewhere/x", "y"), "p/benches/t.rs", 1);
        check(key("made", "up"), "p/benches/cases/two.rs", 2);
        check(key("crate::module", "a"), "p/benches/t.rs", 2);
        let threads = BenchKey { value: Some("mt@t8".into()), ..key("many/threads", "on") };
        check(threads, "p/benches/cases/three.rs", 1);
    }
}
