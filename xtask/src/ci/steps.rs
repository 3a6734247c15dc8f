//! What `ci` runs: the steps that every workspace has, and those that follow from what its packages hold.
//!
//! | a package has | step |
//! |---|---|
//! | a library with features | each of them builds alone |
//! | a test target `loom` | its models run under `--cfg loom`, in a target directory of their own |
//! | `[package.metadata.ci] unsafe-tests = "NAME"` | its library's tests whose names hold NAME run in Miri and under ThreadSanitizer |
//!
//! | the workspace's root has | step |
//! |---|---|
//! | `.github/workflows/` | `check-jsonschema` and `zizmor` read them |
//! | `_typos.toml` | `typos` |
//! | `deny.toml` | `cargo deny`, for licences, bans and sources |

use std::path::Path;

use cargo_metadata::{Metadata, Package, TargetKind};

type Environment = &'static [(&'static str, &'static str)];

/// One step.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub name: String,
    /// Program and arguments.
    pub command: Vec<String>,
    /// Variables that it needs.
    pub environment: Environment,
    pub needs: Option<Needs>,
}

/// What has to work, or the step is skipped.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Needs {
    /// Program and arguments.
    pub command: Vec<String>,
    /// What makes it work.
    pub hint: &'static str,
}

/// The steps, in the order in which they run.
///
/// # Errors
/// A directory of the workspace cannot be read.
pub(super) fn steps(root: &Path, metadata: &Metadata) -> anyhow::Result<Vec<Step>> {
    let mut steps = common();
    steps.extend(validators(root)?);
    for package in own_packages(metadata) {
        steps.extend(of_features(package));
        steps.extend(of_models(package));
        steps.extend(of_unsafe_code(package));
    }
    Ok(steps)
}

fn own_packages(metadata: &Metadata) -> Vec<&Package> {
    metadata.workspace_default_packages()
}

fn step(name: impl Into<String>, arguments: &str, environment: Environment) -> Step {
    Step { name: name.into(), command: words(&format!("cargo {arguments}")), environment, needs: None }
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

fn common() -> Vec<Step> {
    vec![
        step("format", "fmt --all --check", &[]),
        step("lints", "clippy --workspace --all-targets --quiet -- -D warnings", &[]),
        step("documentation", "doc --workspace --no-deps --quiet", &[("RUSTDOCFLAGS", "-D warnings")]),
        step("tests", "test --workspace --no-fail-fast", &[]),
        step("benches, once each", "test --workspace --benches --no-fail-fast", &[]),
    ]
}

/// Programs of others that read what is not Rust.
fn validators(root: &Path) -> anyhow::Result<Vec<Step>> {
    let validator = |name: &str, command: &str, version: &str, hint| Step {
        name: name.to_owned(),
        command: words(command),
        environment: &[],
        needs: Some(Needs { command: words(version), hint }),
    };
    let mut steps = Vec::new();
    let workflows = workflows(&root.join(WORKFLOWS))?;
    if !workflows.is_empty() {
        let schema = format!("check-jsonschema --builtin-schema vendor.github-workflows {}", workflows.join(" "));
        let hint = "`pip install check-jsonschema` brings it";
        steps.push(validator("schema of workflows", &schema, "check-jsonschema --version", hint));
        let zizmor = "zizmor --offline --no-progress .github";
        steps.push(validator("security of workflows", zizmor, "zizmor --version", "`pip install zizmor` brings it"));
    }
    if root.join("_typos.toml").is_file() {
        steps.push(validator("spelling", "typos", "typos --version", "`pip install typos` brings it"));
    }
    if root.join("deny.toml").is_file() {
        let deny = "cargo deny --workspace --offline check licenses bans sources";
        let hint = "`cargo install cargo-deny --locked` brings it";
        steps.push(validator("licences, bans and sources", deny, "cargo deny --version", hint));
    }
    Ok(steps)
}

const WORKFLOWS: &str = ".github/workflows";

/// Workflow files below the root, sorted; none where there is no such directory.
fn workflows(directory: &Path) -> anyhow::Result<Vec<String>> {
    if !directory.is_dir() {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".yml") || name.ends_with(".yaml") {
            files.push(format!("{WORKFLOWS}/{name}"));
        }
    }
    files.sort();
    Ok(files)
}

fn of_features(package: &Package) -> Vec<Step> {
    let name = &package.name;
    if !package.targets.iter().any(|target| target.kind.contains(&TargetKind::Lib)) {
        return Vec::new();
    }
    let alone = |feature: &String| {
        step(
            format!("`{feature}` of `{name}` alone"),
            &format!("check --quiet --package {name} --lib --no-default-features --features {feature}"),
            &[("RUSTFLAGS", "-D warnings")],
        )
    };
    package.features.keys().filter(|feature| *feature != "default").map(alone).collect()
}

fn of_models(package: &Package) -> Option<Step> {
    let is_loom = |target: &cargo_metadata::Target| target.kind.contains(&TargetKind::Test) && target.name == "loom";
    let name = &package.name;
    package.targets.iter().any(is_loom).then(|| {
        // Optimised: a model is run some hundred thousand times.
        step(
            format!("models of `{name}`"),
            &format!("test --release --package {name} --test loom --target-dir target/loom"),
            &[("RUSTFLAGS", "--cfg loom")],
        )
    })
}

fn of_unsafe_code(package: &Package) -> Vec<Step> {
    let Some(filter) = package.metadata.get("ci").and_then(|ci| ci.get("unsafe-tests")).and_then(|name| name.as_str())
    else {
        return Vec::new();
    };
    let name = &package.name;
    let tests = |directory: &str| format!("--package {name} --lib --target-dir target/{directory} -- {filter}");
    let miri = Step {
        needs: Some(needs("+nightly miri --version", "`rustup +nightly component add miri` installs it")),
        ..step(format!("unsafe code of `{name}` in Miri"), &format!("+nightly miri test {}", tests("miri")), &[])
    };
    // With a standard library that is watched too: what that of the toolchain does to synchronise would go unseen.
    let watched = format!("-Zbuild-std --target {}-unknown-linux-gnu", std::env::consts::ARCH);
    let races = Step {
        needs: Some(needs(
            &format!("+nightly fetch {watched}"),
            "`rustup +nightly component add rust-src` brings the source of the standard library that it needs",
        )),
        ..step(
            format!("unsafe code of `{name}` under ThreadSanitizer"),
            &format!("+nightly test {watched} {}", tests("tsan")),
            &[("RUSTFLAGS", "-Zsanitizer=thread")],
        )
    };
    vec![miri, races]
}

fn needs(arguments: &str, hint: &'static str) -> Needs {
    Needs { command: words(&format!("cargo {arguments}")), hint }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(manifest: &str, files: &[(&str, &str)]) -> Vec<String> {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join("src")).unwrap();
        std::fs::create_dir_all(root.path().join("tests")).unwrap();
        for (path, text) in [("Cargo.toml", manifest), ("src/lib.rs", "")].iter().chain(files) {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let manifest = root.path().join("Cargo.toml");
        let metadata = cargo_metadata::MetadataCommand::new().manifest_path(manifest).no_deps().exec().unwrap();
        let common = common().len();
        steps(root.path(), &metadata).unwrap().into_iter().skip(common).map(|step| step.name).collect()
    }

    #[test]
    fn what_a_package_holds_decides_what_is_run() {
        let plain = "[package]\nname = \"a\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
        assert_eq!(names(plain, &[]), [""; 0]);
        let features = format!("{plain}[features]\ndefault = [\"b\"]\nb = []\nc = [\"b\"]\n");
        assert_eq!(names(&features, &[]), ["`b` of `a` alone", "`c` of `a` alone"]);
        let program =
            features.replace("[features]", "autolib = false\n[[bin]]\nname = \"a\"\npath = \"src/lib.rs\"\n[features]");
        assert_eq!(names(&program, &[]), [""; 0], "no library");
        assert_eq!(names(plain, &[("tests/loom.rs", "")]), ["models of `a`"]);
        let unsafe_code = format!("{plain}[package.metadata.ci]\nunsafe-tests = \"slots\"\n");
        let expected = ["unsafe code of `a` in Miri", "unsafe code of `a` under ThreadSanitizer"];
        assert_eq!(names(&unsafe_code, &[]), expected);
    }

    #[test]
    fn what_the_root_holds_decides_what_reads_it() {
        let plain = "[package]\nname = \"a\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
        let root = [("_typos.toml", ""), ("deny.toml", "")];
        assert_eq!(names(plain, &root), ["spelling", "licences, bans and sources"]);
        let expected = ["schema of workflows", "security of workflows"];
        assert_eq!(names(plain, &[(".github/workflows/b.yml", ""), (".github/workflows/a.yaml", "")]), expected);
        assert_eq!(names(plain, &[(".github/workflows/README.md", "")]), [""; 0]);
    }

    #[test]
    fn steps_are_what_one_would_type() {
        let typed: Vec<_> = common().iter().map(|step| step.command.join(" ")).collect();
        assert_eq!(typed[0], "cargo fmt --all --check");
        assert_eq!(typed[3], "cargo test --workspace --no-fail-fast");
    }
}
