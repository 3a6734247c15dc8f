//! What documentation and lints promise of each area, read from the source: an example that runs, and no `unsafe`.

use std::path::{Path, PathBuf};

fn source(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(path)
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("`{}`: {error}", path.display()))
}

/// Names of the public modules that `text` declares, each with the attributes before it.
fn public_modules(text: &str) -> Vec<(String, Vec<&str>)> {
    let mut modules = Vec::new();
    let mut attributes = Vec::new();
    for line in text.lines() {
        if line.starts_with("#[") {
            attributes.push(line);
        } else {
            if let Some(name) = line.strip_prefix("pub mod ").and_then(|rest| rest.strip_suffix(';')) {
                modules.push((name.to_owned(), attributes.clone()));
            }
            attributes.clear();
        }
    }
    modules
}

/// Whether the documentation of the module itself has an example that is compiled and run.
fn has_example(module: &str) -> bool {
    let documentation = module.lines().filter_map(|line| line.strip_prefix("//!"));
    let mut fences = documentation.map(str::trim).filter(|line| line.starts_with("```")).step_by(2);
    fences.any(|fence| fence == "```" || fence == "```rust" || fence == "```should_panic")
}

#[track_caller]
fn check_has_example(text: &str, expected: bool) {
    assert_eq!(has_example(text), expected, "{text}");
}

#[test]
fn an_example_is_rust_that_runs() {
    check_has_example("//! It is.\n//! ```\n//! let a = 1;\n//! ```\n", true);
    check_has_example("//! ```text\n//! a -> b\n//! ```\n//! ```\n//! let a = 1;\n//! ```\n", true);
    check_has_example("//! ```text\n//! a -> b\n//! ```\n", false);
    check_has_example("//! ```ignore\n//! let a = 1;\n//! ```\n", false);
    check_has_example("//! ```no_run\n//! let a = 1;\n//! ```\n", false);
    check_has_example("/// ```\n/// let a = 1;\n/// ```\nfn a() {}\n", false);
}

#[test]
fn each_area_has_an_example_in_its_module_documentation() {
    let library = read(&source("lib.rs"));
    assert!(has_example(&library), "the front page has no example that runs");
    let areas = public_modules(&library);
    assert!(areas.len() >= 6, "expected the areas in `src/lib.rs`, found {areas:?}");
    for (area, _) in areas {
        let path = source(&area).join("mod.rs");
        assert!(
            has_example(&read(&path)),
            "`{}` has no example that runs\nhint: add one to the `//!` documentation at its top",
            path.display()
        );
    }
}

#[test]
fn the_front_page_names_each_area_and_each_feature() {
    let library = read(&source("lib.rs"));
    let page: String = library.lines().filter(|line| line.starts_with("//!")).collect();
    for (area, _) in public_modules(&library) {
        assert!(page.contains(&format!("| [`{area}`] | ")), "no row of the first table is about `{area}`");
    }
    let manifest = read(&source("../Cargo.toml"));
    let (_, features) = manifest.split_once("\n[features]\n").unwrap();
    let (features, _) = features.split_once("\n[").unwrap();
    for (feature, needs) in features.lines().filter_map(|line| line.split_once(" = ")) {
        if feature == "default" {
            continue;
        }
        let row = library.lines().find_map(|line| line.strip_prefix(&format!("//! | `{feature}` | ")));
        let row = row.unwrap_or_else(|| panic!("no row of the table of features is about `{feature}`"));
        let crates: Vec<_> = needs.split('"').filter_map(|need| need.strip_prefix("dep:")).collect();
        let crates = if crates.is_empty() { "none".to_owned() } else { crates.join(", ") };
        assert!(
            row.ends_with(&format!("| {crates} |")),
            "the row of `{feature}` ends in other crates than {crates}: {row}"
        );
    }
}

/// The compiler holds what `forbid` says; this holds that it says so.
#[test]
fn unsafe_code_is_forbidden_but_in_the_slots_of_threads() {
    let library = read(&source("lib.rs"));
    for (area, attributes) in public_modules(&library) {
        let is_forbidden = attributes.contains(&"#[forbid(unsafe_code)]");
        assert!(
            is_forbidden,
            "`unsafe` is not forbidden in `{area}`\nhint: `#[forbid(unsafe_code)]` before `pub mod {area};`"
        );
    }
    let mut allowing = Vec::new();
    each_file(&source(""), &mut |path| {
        if read(path).contains("allow(unsafe_code") {
            allowing.push(path.strip_prefix(source("")).unwrap().to_owned());
        }
    });
    assert_eq!(allowing, [Path::new("per_thread.rs")]);
}

fn each_file(directory: &Path, visit: &mut impl FnMut(&Path)) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            each_file(&path, visit);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            visit(&path);
        }
    }
}
