//! Each side is what a clean clone of it gives: what cargo would not rebuild, what a bench opens of the build when it runs, and what
//! lies in no commit are the side's own.

use std::fs;
use std::path::PathBuf;

use crate::subject::{Subject, bench, git, usual};

/// The library of the fake benches, with times multiplied by what `factor` says.
fn library(factor: &str) -> String {
    include_str!("fixture/lib.rs").replace("    1.0\n", &format!("    {factor}\n"))
}

/// A branch that is twice as slow, whatever makes it so.
#[track_caller]
fn is_red(subject: &Subject) {
    let ran = subject.bench(&["--base", "main"]);
    ran.ends(100, &["2 regressed of 2 series"]).time("parse", "regressed");
    // The other way round it is faster, and nothing of the first run is taken for its own.
    subject.git(&["switch", "-q", "main"]);
    let ran = subject.bench(&["--base", "change"]);
    ran.ends(0, &["2 improved"]).time("parse", "improved");
}

/// A build script that does not say which file it reads.
#[test]
fn a_build_script_that_forgot_its_input_is_run_for_each_side() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.write("src/lib.rs", &library("include!(concat!(env!(\"OUT_DIR\"), \"/factor.rs\"))"));
    subject.write(
        "build.rs",
        "fn main() {\n    println!(\"cargo:rerun-if-changed=build.rs\");\n    let out = std::env::var(\"OUT_DIR\").unwrap();\n    \
         std::fs::copy(\"data/factor.rs\", out + \"/factor.rs\").unwrap();\n}\n",
    );
    subject.write("data/factor.rs", "1.0\n");
    subject.commit("Generate");
    subject.git(&["switch", "-q", "-c", "change"]);
    subject.write("data/factor.rs", "2.0\n");
    subject.commit("Be slower");
    is_red(&subject);
}

/// A macro that reads a file of which cargo knows nothing.
#[test]
fn a_macro_that_embeds_a_file_is_expanded_for_each_side() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let manifest = subject.read("Cargo.toml");
    subject.write("Cargo.toml", &format!("{manifest}\n[dependencies]\nembed = {{ path = \"embed\" }}\n"));
    subject.write(
        "embed/Cargo.toml",
        "[package]\nname = \"embed\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[lib]\nproc-macro = true\n",
    );
    subject.write(
        "embed/src/lib.rs",
        "#[proc_macro]\npub fn factor(_: proc_macro::TokenStream) -> proc_macro::TokenStream {\n    let root = \
         std::env::var(\"CARGO_MANIFEST_DIR\").unwrap();\n    std::fs::read_to_string(root + \
         \"/data/factor.txt\").unwrap().parse().unwrap()\n}\n",
    );
    subject.write("src/lib.rs", &library("embed::factor!()"));
    subject.write("data/factor.txt", "1.0\n");
    fs::remove_file(subject.root().join("Cargo.lock")).unwrap();
    subject.write(".gitignore", "target\nreports\nCargo.lock\n");
    subject.commit("Embed");
    subject.git(&["switch", "-q", "-c", "change"]);
    subject.write("data/factor.txt", "2.0\n");
    subject.commit("Be slower");
    is_red(&subject);
    assert!(!subject.root().join("Cargo.lock").exists(), "nothing is left in the user's work tree");
}

/// `OUT_DIR` is opened when the bench runs; the executables are equal.
#[test]
fn what_a_bench_opens_in_out_dir_is_its_own_sides() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let read = "std::fs::read_to_string(concat!(env!(\"OUT_DIR\"), \"/factor.txt\")).unwrap().trim().parse().unwrap()";
    subject.write("src/lib.rs", &library(read));
    subject.write(
        "build.rs",
        "fn main() {\n    let out = std::env::var(\"OUT_DIR\").unwrap();\n    std::fs::copy(\"data/factor.txt\", out + \
         \"/factor.txt\").unwrap();\n}\n",
    );
    subject.write("data/factor.txt", "1.0\n");
    subject.commit("Read when it runs");
    subject.git(&["switch", "-q", "-c", "change"]);
    subject.write("data/factor.txt", "2.0\n");
    subject.commit("Be slower");
    is_red(&subject);
}

/// The program that a bench starts is the one that its side built.
#[test]
fn a_bench_starts_its_own_sides_program() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let source = subject.read("benches/times.rs").replace("subject::factor()", "told()");
    let told = "\n/// What the program of this package says.\nfn told() -> f64 {\n    let said = \
                process::Command::new(env!(\"CARGO_BIN_EXE_tell\")).output().expect(\"it runs\").stdout;\n    \
                String::from_utf8(said).unwrap().trim().parse().unwrap()\n}\n";
    subject.write("benches/times.rs", &(source + told));
    let program = |factor: &str| format!("fn main() {{\n    println!(\"{factor}\");\n}}\n");
    subject.write("src/bin/tell.rs", &program("1.0"));
    subject.commit("Start a program");
    subject.git(&["switch", "-q", "-c", "change"]);
    subject.write("src/bin/tell.rs", &program("2.0"));
    subject.commit("Be slower");
    is_red(&subject);
}

/// A build script that asks git, and gets an answer as in any clone.
#[test]
fn a_build_script_may_ask_git() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.write(
        "build.rs",
        "fn main() {\n    let ask = |words: &[&str]| {\n        let output = \
         std::process::Command::new(\"git\").args(words).output().unwrap();\n        assert!(output.status.success(), \"{}\", \
         String::from_utf8_lossy(&output.stderr));\n        String::from_utf8(output.stdout).unwrap()\n    };\n    \
         assert_eq!(ask(&[\"rev-parse\", \"HEAD\"]).trim().len(), 40);\n    assert!(ask(&[\"describe\", \
         \"--tags\"]).starts_with(\"v1\"));\n}\n",
    );
    subject.commit("Ask git");
    subject.git(&["tag", "v1"]);
    subject.git(&["switch", "-q", "-c", "change"]);
    subject.write("src/lib.rs", &library("2.0"));
    // A hook has this in its environment.
    let hook = [("GIT_DIR", ".git"), ("GIT_INDEX_FILE", ".git/index")];
    subject.bench_with(&["--base", "main"], &hook).ends(100, &["2 regressed of 2 series"]);
    subject.commit("Be slower");
    is_red(&subject);
}

/// The change moves a submodule's pin.
#[test]
fn submodules_are_those_of_the_side() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let library_of_data = subject.home().join("data");
    fs::create_dir(&library_of_data).unwrap();
    let data = |factor: &str| {
        fs::write(library_of_data.join("factor.txt"), factor).unwrap();
        git(&library_of_data, &["add", "--all"]);
        git(&library_of_data, &["commit", "-q", "-m", "Data"]);
    };
    git(&library_of_data, &["init", "-q", "-b", "main"]);
    data("1.0");
    let read = "std::fs::read_to_string(\"data/factor.txt\").unwrap().trim().parse().unwrap()";
    subject.write("src/lib.rs", &library(read));
    let allow = ["-c", "protocol.file.allow=always"];
    subject.git(&[&allow[..], &["submodule", "add", "-q", "../data", "data"]].concat());
    subject.commit("Read a submodule");
    subject.git(&["switch", "-q", "-c", "change"]);
    data("2.0");
    subject.git(&[&allow[..], &["submodule", "update", "-q", "--remote"]].concat());
    subject.commit("Move the pin");
    subject.bench(&["--base", "main"]).ends(100, &["2 regressed of 2 series"]);
    // A pin that is not here is named before anything is built.
    let lacking = subject.home().join("lacking");
    let from = subject.repository().display().to_string();
    git(subject.home(), &["clone", "-q", &from, &lacking.display().to_string()]);
    git(&lacking, &["fetch", "-q", "origin", "main:main"]);
    git(
        &lacking,
        &[
            "-c",
            "protocol.file.allow=always",
            "clone",
            "-q",
            "--depth",
            "1",
            &format!("file://{}", library_of_data.display()),
            "data",
        ],
    );
    let ran = crate::ran::Ran::of(subject.gate_in(&lacking, &["bench", "--base", "main", "--no-counting"]), None);
    ran.stops(97, &["submodule `data` has no commit"], "git -C 'data' fetch origin");
}

/// Files that git ignores take part where the configuration says so, and are the same on both sides.
#[test]
fn ignored_files_take_part_where_they_are_named() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let read = "std::fs::read_to_string(\"data/factor.txt\").unwrap().trim().parse().unwrap()";
    subject.write("src/lib.rs", &library(read));
    subject.write(".gitignore", "target\nreports\ndata\n");
    subject.write("data/factor.txt", "1.0");
    subject.write("benchgate.toml", "[tree]\ninclude = [\"data/**\"]\n");
    subject.commit("Read what is ignored");
    subject.script(&(bench("parse", 1000.0, "ok") + &bench("print", 2400.0, "ok")));
    let ran = subject.bench(&[]);
    ran.ends(100, &["1 regressed of 2 series"]).time("parse", "unchanged").time("print", "regressed");
    subject.write("benchgate.toml", "[tree]\ninclude = [\"data/**\", \"more/*\"]\n");
    subject.bench(&[]).stops(96, &["`more/*` matches no file that git ignores"], "leave them out");
    // Without it the bench has no data, and the reason is told.
    subject.write("benchgate.toml", "");
    let ran = subject.bench(&[]);
    ran.ends(104, &["`data` is missing: git ignores it", "`[tree] include = [\"data/**\"]`"]);
}

/// An ignored lock file is an input like any other.
#[test]
fn an_update_of_an_ignored_lock_file_is_built() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let dependency = |version: &str, factor: &str| {
        subject.write(
            &format!("vendor/dep-{version}/Cargo.toml"),
            &format!("[package]\nname = \"dep\"\nversion = \"{version}\"\nedition = \"2021\"\n\n[workspace]\n"),
        );
        subject.write(
            &format!("vendor/dep-{version}/src/lib.rs"),
            &format!("pub fn factor() -> f64 {{\n    {factor}\n}}\n"),
        );
        subject.write(&format!("vendor/dep-{version}/.cargo-checksum.json"), "{\"files\":{}}");
    };
    dependency("1.0.0", "1.0");
    dependency("1.1.0", "2.0");
    subject.write(
        ".cargo/config.toml",
        "[source.crates-io]\nreplace-with = \"vendored\"\n\n[source.vendored]\ndirectory = \"vendor\"\n",
    );
    let manifest = subject.read("Cargo.toml").replace("[workspace]", "[workspace]\nexclude = [\"vendor\"]");
    subject.write("Cargo.toml", &format!("{manifest}\n[dependencies]\ndep = \"1\"\n"));
    subject.write("src/lib.rs", &library("dep::factor()"));
    subject.write(".gitignore", "target\nreports\nCargo.lock\n");
    subject.git(&["rm", "-q", "--cached", "Cargo.lock"]);
    subject.commit("Depend");
    let lock = |version: &str| {
        subject.write(
            "Cargo.lock",
            &format!(
                "version = 4\n\n[[package]]\nname = \"dep\"\nversion = \"{version}\"\nsource = \
                 \"registry+https://github.com/rust-lang/crates.io-index\"\n\n[[package]]\nname = \"subject\"\nversion = \
                 \"0.1.0\"\ndependencies = [\n \"dep\",\n]\n"
            ),
        );
    };
    lock("1.0.0");
    subject.write("benches/input.json", "1");
    subject.bench(&["--base", "HEAD"]).ends(0, &["2 unchanged"]);
    let first = built(&subject);
    lock("1.1.0");
    subject.bench(&["--base", "HEAD"]).ends(0, &["2 unchanged"]);
    assert_eq!(built(&subject).len(), first.len() + 2, "both sides are built anew, of the same lock file");
}

/// Target directories of builds in the cache.
fn built(subject: &Subject) -> Vec<PathBuf> {
    let repositories = fs::read_dir(subject.home().join("cache"))
        .expect("a cache")
        .map(|entry| entry.expect("a cache").path().join("t"));
    let builds = repositories
        .filter_map(|builds| fs::read_dir(builds).ok())
        .flatten()
        .map(|entry| entry.expect("an entry").path());
    let mut builds: Vec<PathBuf> = builds.filter(|path| path.is_dir() && path.extension().is_none()).collect();
    builds.sort();
    builds
}

/// What a bench does to the files of its package is undone before the next build.
#[test]
fn a_bench_that_edits_its_sources_spoils_no_later_run() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let spoil = "fs::write(\"src/lib.rs\", \"compile_error!(\\\"spoilt\\\");\").unwrap();\n    \
                 fs::remove_file(\"Cargo.toml\").ok();\n    ";
    let source = subject.read("benches/times.rs");
    let at = source.find("fn main() {\n").expect("a main") + "fn main() {\n    ".len();
    subject.write("benches/times.rs", &format!("{}{spoil}{}", &source[..at], &source[at..]));
    subject.commit("Spoil");
    subject.git(&["switch", "-q", "-c", "change"]);
    subject.write("src/lib.rs", &library("2.0"));
    subject.commit("Be slower");
    subject.bench(&["--base", "main"]).ends(100, &["2 regressed of 2 series"]);
    subject.write("src/lib.rs", &library("1.0"));
    subject.write("benches/input.json", "1");
    subject.commit("Be as fast as before");
    subject.bench(&["--base", "main"]).ends(0, &["PASS"]);
}

/// An executable that is overwritten is noticed in the run, and mended in the next.
#[test]
fn a_build_that_was_overwritten_is_noticed_and_built_again() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.git(&["switch", "-q", "-c", "change"]);
    subject.write("src/lib.rs", &library("2.0"));
    subject.commit("Be slower");
    let red = || subject.bench(&["--base", "main"]);
    red().ends(100, &["2 regressed of 2 series"]);
    // Between two runs.
    for build in built(&subject) {
        let deps = fs::read_dir(build.join("release/deps")).unwrap().map(|entry| entry.unwrap().path());
        let benches = deps.filter(|path| path.extension().is_none() && path.to_str().unwrap().contains("/times-"));
        benches.for_each(|bench| fs::write(bench, "#!/bin/false\n").unwrap());
    }
    red().ends(100, &["2 regressed of 2 series", "was changed after an earlier run had built it"]);
    // In the run: the candidate's build script gets at the base's executable.
    let attack = "fn main() {\n    let target = std::path::PathBuf::from(std::env::var(\"OUT_DIR\").unwrap());\n    let builds = \
                  target.ancestors().nth(5).unwrap();\n    for build in std::fs::read_dir(builds).unwrap() {\n        let deps = \
                  build.unwrap().path().join(\"release/deps\");\n        for file in std::fs::read_dir(deps).into_iter().flatten() \
                  {\n            let file = file.unwrap().path();\n            let name = \
                  file.file_name().unwrap().to_str().unwrap().to_owned();\n            if name.starts_with(\"times-\") && \
                  !name.contains('.') {\n                std::fs::remove_file(&file).unwrap();\n                \
                  std::fs::write(&file, \"#!/bin/false\").unwrap();\n            }\n        }\n    }\n}\n";
    subject.write("build.rs", attack);
    subject.commit("Attack");
    red().stops(104, &["is not what was built"], "look for a bench that writes to files of the build");
    fs::remove_file(subject.root().join("build.rs")).unwrap();
    subject.commit("Take it back");
    red().ends(100, &["2 regressed of 2 series"]);
}

/// What is kept of a build was built of what lies outside the tree too.
#[test]
fn a_kept_base_is_built_again_where_something_outside_the_tree_changed() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let outside = subject.home().join("outside.txt");
    fs::write(&outside, "1.0").unwrap();
    let script = format!(
        "fn main() {{\n    println!(\"cargo:rerun-if-changed={0}\");\n    let out = std::env::var(\"OUT_DIR\").unwrap();\n    \
         std::fs::copy(\"{0}\", out + \"/factor.rs\").unwrap();\n}}\n",
        outside.display()
    );
    subject.write("build.rs", &script);
    let factor = |times: &str| {
        library(&format!(
            "let k: f64 = include!(concat!(env!(\"OUT_DIR\"), \"/factor.rs\"));\n    let fast = \
             option_env!(\"SUBJECT_FAST\").is_some();\n    k * {times} * if fast {{ 0.5 }} else {{ 1.0 }}"
        ))
    };
    subject.write("src/lib.rs", &factor("1.0"));
    subject.commit("Read from outside");
    subject.git(&["switch", "-q", "-c", "change"]);
    subject.write("src/lib.rs", &factor("2.0"));
    subject.commit("Be slower");
    let red = |environment: &[(&str, &str)]| {
        let ran = subject.bench_with(&["--base", "main"], environment);
        ran.ends(100, &["2 regressed of 2 series"]);
    };
    red(&[]);
    // A candidate of today beside a base of yesterday would be as fast.
    fs::write(&outside, "0.5").unwrap();
    subject.write("src/lib.rs", &(factor("2.0") + "// A comment.\n"));
    red(&[]);
    subject.write("src/lib.rs", &(factor("2.0") + "// Another.\n"));
    red(&[("SUBJECT_FAST", "1")]);
}

/// Files that git was told to take for unchanged are part of the work tree.
#[test]
fn files_that_git_does_not_look_at_are_taken_as_they_lie_there() {
    for flag in ["--assume-unchanged", "--skip-worktree"] {
        let Some(subject) = Subject::new(&usual()) else { return };
        subject.git(&["update-index", flag, "src/lib.rs"]);
        subject.write("src/lib.rs", &library("2.0"));
        let ran = subject.bench(&["--base", "HEAD"]);
        ran.ends(100, &["2 regressed of 2 series"]).time("parse", "regressed");
    }
}

/// Settings of the user's that would lead both sides to one place, or git to another format.
#[test]
fn settings_that_lead_elsewhere_change_nothing() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.write(".cargo/config.toml", "[build]\nbuild-dir = \"bd\"\n");
    subject.write(".gitignore", "target\nbd\n");
    subject.commit("Build elsewhere");
    subject.git(&["switch", "-q", "-c", "change"]);
    subject.write("src/lib.rs", &library("2.0"));
    subject.commit("Be slower");
    // A repository without a commit lies about.
    subject.git(&["init", "-q", "scratch"]);
    let ran = subject.bench_with(&["--base", "main"], &[("GIT_DEFAULT_HASH", "sha256")]);
    ran.ends(100, &["2 regressed of 2 series"]).time("parse", "regressed");
}
