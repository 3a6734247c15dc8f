//! Benches are started as cargo starts them: environment, libraries, directory.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::subject::{Subject, bench, usual};

/// A library whose `factor` is that of a variable, and which leaves its environment behind where it is told to.
const LIB: &str = r#"
use std::os::unix::ffi::OsStrExt;
use std::{env, fs, path::Path};

pub fn work(values: &[u32], at: usize) -> u32 {
    values[at]
}

pub fn factor() -> f64 {
    if let Some(place) = env::var_os("SUBJECT_DUMP") {
        let mut text = Vec::new();
        for (name, value) in env::vars_os() {
            text.extend([name.as_bytes(), b"=", value.as_bytes(), b"\0"].concat());
        }
        text.extend([b"@=", env::current_dir().expect("a directory").as_os_str().as_bytes(), b"\0"].concat());
        fs::write(Path::new(&place).join(std::process::id().to_string()), text).expect("the test gave a place");
    }
    let number = |text: String| text.trim().parse::<f64>().expect("a number");
    let file = env::var_os("SUBJECT_FACTOR_FILE").map(|file| fs::read_to_string(file).expect("a file"));
    file.or_else(|| env::var("SUBJECT_FACTOR").ok()).map_or(1.0, number)
}
"#;

const CONFIG: &str = ".cargo/config.toml";

/// The usual workspace with that library and these files, all committed.
fn subject(files: &[(&str, &str)]) -> Option<Subject> {
    let subject = Subject::new(&usual())?;
    subject.write("src/lib.rs", LIB);
    for (path, text) in files {
        subject.write(path, text);
    }
    subject.commit("Read a variable");
    Some(subject)
}

/// Each side has the value of its own tree.
#[track_caller]
fn slower(subject: &Subject, environment: &[(&str, &str)]) {
    let ran = subject.bench_with(&[], environment);
    ran.ends(100, &["2 regressed of 2 series"]).time("parse", "regressed");
}

#[test]
fn each_side_has_the_variables_of_its_own_configuration() {
    let value = |factor: &str| format!("[env]\nSUBJECT_FACTOR = \"{factor}\"\n");
    let Some(subject) = subject(&[(CONFIG, &value("1.0"))]) else { return };
    subject.write(CONFIG, &value("1.5"));
    slower(&subject, &[]);
    // Again, now that both sides' executables are kept.
    slower(&subject, &[]);
    // What is not forced the caller may set, though the executables that are kept were built without.
    let both = [("SUBJECT_FACTOR", "1.2")];
    subject.bench_with(&[], &both).ends(0, &["identical"]).time("parse", "identical");
    subject.write(CONFIG, "[env]\nSUBJECT_FACTOR = { value = \"1.8\", force = true }\n");
    slower(&subject, &both);
}

/// Cargo's home is no part of the tree, so what is kept for the same tree may have been started otherwise.
#[test]
fn configuration_outside_the_tree_counts_though_executables_are_kept() {
    let Some(subject) = subject(&[]) else { return };
    subject.write("src/more.rs", "");
    let home = subject.home().join("cargo-home");
    fs::create_dir_all(&home).expect("a directory");
    let dump = Dump::new(&subject);
    let environment = [("CARGO_HOME", home.to_str().expect("a plain path")), ("SUBJECT_DUMP", dump.place())];
    for factor in ["1.25", "1.5"] {
        let config = format!("[env]\nSUBJECT_FACTOR = \"{factor}\"\n");
        fs::write(home.join("config.toml"), config).expect("written");
        subject.bench_with(&["--measure-identical"], &environment);
        assert!(dump.all().iter().all(|seen| seen[&OsString::from("SUBJECT_FACTOR")] == *factor), "{factor}");
    }
    // A runner there is seen although nothing has to be built.
    fs::write(home.join("config.toml"), "[target.'cfg(unix)']\nrunner = \"false\"\n").expect("written");
    subject.bench_with(&[], &environment).stops(96, &["`false`, by `target.'cfg(unix)'.runner` in `/"], "_RUNNER=env");
}

#[test]
fn relative_path_of_a_configuration_leads_into_the_side() {
    let config = "[env]\nSUBJECT_FACTOR_FILE = { value = \"data/factor.txt\", relative = true }\n";
    let Some(subject) = subject(&[(CONFIG, config), ("data/factor.txt", "1.0\n")]) else { return };
    subject.write("data/factor.txt", "1.5\n");
    slower(&subject, &[]);
}

/// `cargo xtask` is `cargo run`: cargo sets what belongs to the gate's package, and `[env]` of the candidate.
#[test]
fn environment_of_the_cargo_that_started_the_gate_reaches_no_side() {
    let value = |factor: &str| format!("[env]\nSUBJECT_FACTOR = \"{factor}\"\n");
    let Some(subject) = subject(&[(CONFIG, &value("1.0"))]) else { return };
    subject.write(CONFIG, &value("1.5"));
    let toolchain = "/t/release:/t/release/deps:/r/lib/rustlib/x86_64-unknown-linux-gnu/lib:/r/lib";
    let dump = Dump::new(&subject);
    let from_cargo = [
        ("CARGO", "cargo"),
        ("CARGO_MANIFEST_DIR", "/elsewhere"),
        ("CARGO_PKG_NAME", "elsewhere"),
        ("CARGO_PKG_AUTHORS", "Somebody Else"),
        ("CARGO_BIN_EXE_elsewhere", "/elsewhere/bin"),
        ("LD_LIBRARY_PATH", toolchain),
        ("OUT_DIR", "/elsewhere/out"),
        ("SUBJECT_FACTOR", "1.5"),
    ];
    slower(&subject, &[&from_cargo[..], &[("SUBJECT_DUMP", dump.place())]].concat());
    for seen in dump.all() {
        for (name, value) in &seen {
            assert!(!value.as_bytes().windows(10).any(|part| part == b"/elsewhere"), "{name:?}={value:?}");
        }
        assert_eq!(seen[&OsString::from("CARGO_PKG_NAME")], "subject");
        assert_eq!(seen[&OsString::from("CARGO_PKG_AUTHORS")], "");
    }
}

/// Where benches leave what they were given.
struct Dump(PathBuf);

type Environment = BTreeMap<OsString, OsString>;

impl Dump {
    fn new(subject: &Subject) -> Self {
        let place = subject.home().join("dump");
        fs::create_dir_all(&place).expect("a directory");
        Self(place)
    }

    fn place(&self) -> &str {
        self.0.to_str().expect("a plain path")
    }

    /// What each process was given, and takes it away. The directory is called `@`.
    fn all(&self) -> Vec<Environment> {
        let files: Vec<PathBuf> =
            fs::read_dir(&self.0).expect("a directory").map(|entry| entry.expect("a file").path()).collect();
        assert!(!files.is_empty(), "no bench ran");
        let read = |file: &PathBuf| {
            let bytes = fs::read(file).expect("readable");
            fs::remove_file(file).expect("removed");
            let pairs = bytes.split(|&byte| byte == 0).filter(|pair| !pair.is_empty()).map(|pair| {
                let at = pair.iter().position(|&byte| byte == b'=').expect("a variable");
                let owned = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
                (owned(&pair[..at]), owned(&pair[at + 1..]))
            });
            pairs.collect()
        };
        files.iter().map(read).collect()
    }
}

/// What a bench sees of cargo's it sees here too, whatever it is; what the gate must set is another, and nothing else.
#[test]
fn bench_sees_what_plain_cargo_bench_gives_it() {
    const OF_THE_GATE: [&str; 3] = ["CARGO_CRITERION_PORT", "CARGO_TARGET_DIR", "CRITERION_HOME"];
    let manifest = "[package]\nname = \"subject\"\nversion = \"0.1.0\"\nedition = \"2021\"\nauthors = [\"A, B & C\"]\n\
                    description = \"two\\nlines = and more\"\n\n[lib]\nbench = false\n\n[[bench]]\nname = \"times\"\nharness = false\n\n\
                    [[bin]]\nname = \"tool\"\n\n[profile.bench]\nopt-level = 0\n";
    let config = "[env]\nPLAIN = \"1\"\nPLACE = { value = \"data\", relative = true }\nFORCED = { value = \"2\", force = true }\n\
                  LEFT = \"3\"\n";
    let workspace = "[workspace]\nmembers = [\"inner/member\"]\nresolver = \"2\"\n\n[profile.bench]\nopt-level = 0\n";
    let manifest = manifest.replace("\n[profile.bench]\nopt-level = 0\n", "");
    let subject = Subject::of(&[
        ("Cargo.toml", workspace),
        ("Cargo.lock", "version = 4\n\n[[package]]\nname = \"subject\"\nversion = \"0.1.0\"\n"),
        (CONFIG, config),
        ("inner/member/Cargo.toml", &manifest),
        ("inner/member/build.rs", "fn main() {}\n"),
        ("inner/member/src/bin/tool.rs", "fn main() {}\n"),
        ("inner/member/src/lib.rs", LIB),
        ("inner/member/benches/times.rs", include_str!("fixture/criterion.rs")),
        ("inner/member/benches/script.txt", &usual()),
    ]);
    let dump = Dump::new(&subject);
    let odd = OsString::from_vec(b"line\nbreak=\xff".to_vec());
    let set = |command: &mut Command| {
        command.env("SUBJECT_DUMP", dump.place()).env("CRITERION_HOME", subject.home().join("criterion"));
        command.env("ODD", &odd).env("FORCED", "mine").env("LEFT", "mine").env("LD_LIBRARY_PATH", "/my/libraries");
        command.env("CARGO_INCREMENTAL", "0");
    };
    let mut gate = subject.gate(&["bench", "--no-counting", "--base", "HEAD", "--seed", "7"]);
    set(&mut gate);
    subject.write("inner/member/benches/script.txt", &(usual() + "\n"));
    let mut cargo = Command::new("cargo");
    for (name, value) in gate.get_envs() {
        match value {
            Some(value) => cargo.env(name, value),
            None => cargo.env_remove(name),
        };
    }
    let cargo =
        cargo.args(["bench", "-q", "--bench", "times"]).current_dir(subject.root()).output().expect("cargo runs");
    assert!(cargo.status.success(), "{}", String::from_utf8_lossy(&cargo.stderr));
    let plain = dump.all().pop().expect("one process");
    let ran = gate.output().expect("the gate runs");
    assert_eq!(ran.status.code(), Some(0), "{}", String::from_utf8_lossy(&ran.stdout));
    let root = subject.repository().display().to_string();
    let target = Path::new(&root).join("target").display().to_string();
    let caches =
        fs::read_dir(subject.home().join("cache")).expect("a cache").map(|entry| entry.expect("an entry").path());
    let cache = caches.into_iter().find(|cache| cache.join("t").is_dir()).expect("builds");
    let builds = |letter: &str| {
        let builds = fs::read_dir(cache.join("t")).expect("builds").map(|entry| entry.expect("an entry").path());
        builds.into_iter().find(|build| {
            let name = build.file_name().expect("a name").to_string_lossy();
            name.starts_with(letter) && !name.contains('.')
        })
    };
    for seen in dump.all() {
        let side = if seen[&OsString::from("@")].as_bytes().starts_with(cache.join("b/").as_os_str().as_bytes()) {
            "b"
        } else {
            "c"
        };
        let here = |value: &OsString| {
            let text = String::from_utf8_lossy(value.as_bytes());
            let text = text.replace(&target, &builds(side).expect("a build").display().to_string());
            text.replace(&root, &cache.join(side).display().to_string())
        };
        for (name, value) in &plain {
            let name = name.to_string_lossy();
            if OF_THE_GATE.contains(&&*name)
                || name == "PATH"
                || name.starts_with("RUST")
                || name.starts_with("BENCHGATE")
            {
                continue;
            }
            let found =
                seen.get(&OsString::from(&*name)).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
            // The hash of a build script's directory is another in another place.
            let found = match &*name {
                "OUT_DIR" => found.map(|_| here(value)),
                _ => found,
            };
            assert_eq!(found, Some(here(value)), "{name}");
        }
        assert!(Path::new(&seen[&OsString::from("OUT_DIR")]).starts_with(cache.join("t")));
        let more: Vec<_> = seen.keys().filter(|name| !plain.contains_key(*name)).collect();
        assert!(more.iter().all(|name| OF_THE_GATE.iter().any(|own| name == own)), "{more:?}");
        assert_eq!(seen[&OsString::from("ODD")], odd);
    }
}

/// The runner of a target beats the gate's; so do those of conditions, and cargo takes no two.
#[test]
fn runner_of_the_user_is_refused_with_the_place_where_it_is_set() {
    let host = host();
    let Some(subject) = subject(&[]) else { return };
    let words = |by: &str| format!("cargo is told to start benches through another program: {by}");
    let variable = format!("CARGO_TARGET_{}_RUNNER", host.to_uppercase().replace(['-', '.'], "_"));
    let hint = format!("{variable}=env");
    let check = |config: &str, by: &str| {
        subject.write(CONFIG, config);
        let ran = subject.bench(&[]);
        ran.stops(96, &[&words(by), CONFIG], &hint);
    };
    check(&format!("[target.{host}]\nrunner = \"false\"\n"), &format!("`false`, by `target.{host}.runner` in `/"));
    check("[target.'cfg(unix)']\nrunner = [\"false\", \"x\"]\n", "`false x`, by `target.'cfg(unix)'.runner` in `/");
    check("[target.'cfg(all())']\nrunner = \"false\"\n", "`false`, by `target.'cfg(all())'.runner` in `/");
    // The variable beats all files, and says here that the benches also run without.
    subject.script(&(bench("parse", 1500.0, "ok") + &bench("print", 2000.0, "ok")));
    subject.bench_with(&[], &[(&variable, "env")]).ends(100, &["1 regressed of 2 series"]);
    // Another program does not, though what was built is kept.
    subject.bench_with(&[], &[(&variable, "false")]).stops(96, &[&words("`false`, by the variable")], &hint);
    // A runner for other targets is none for these.
    subject.write(
        CONFIG,
        "[target.thumbv7m-none-eabi]\nrunner = \"false\"\n[target.'cfg(windows)']\nrunner = \"false\"\n",
    );
    subject
        .bench_with(&[], &[("CARGO_TARGET_THUMBV7M_NONE_EABI_RUNNER", "false")])
        .ends(100, &["1 regressed of 2 series"]);
}

fn host() -> String {
    let output = Command::new("rustc").arg("-vV").output().expect("rustc runs");
    let text = String::from_utf8(output.stdout).expect("text");
    text.lines().find_map(|line| line.strip_prefix("host: ")).expect("a host").to_owned()
}

/// Only the loader's path that cargo sets leads to them.
#[test]
fn shared_libraries_are_found_where_cargo_says() {
    let manifest = |name: &str, more: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n{more}")
    };
    let build = r#"
fn main() {
    let out = std::env::var("OUT_DIR").expect("cargo sets it");
    let rustc = std::env::var_os("RUSTC").expect("cargo sets it");
    let made = std::process::Command::new(rustc)
        .args(["--crate-type", "cdylib", "--crate-name", "native", "native.rs", "--out-dir", &out])
        .status();
    assert!(made.expect("rustc runs").success());
    println!("cargo:rustc-link-search=native={out}");
    println!("cargo:rustc-link-lib=dylib=native");
    println!("cargo:rerun-if-changed=native.rs");
}
"#;
    let native =
        |factor: &str| format!("#[no_mangle]\npub extern \"C\" fn native_factor() -> f64 {{\n    {factor}\n}}\n");
    let engine = "extern \"C\" {\n    fn native_factor() -> f64;\n}\n\npub fn factor() -> f64 {\n    unsafe { native_factor() }\n}\n";
    let subject = Subject::of(&[
        (
            "Cargo.toml",
            "[workspace]\nmembers = [\"engine\", \"subject\"]\nresolver = \"2\"\n\n[profile.bench]\nopt-level = 0\n",
        ),
        ("engine/Cargo.toml", &manifest("engine", "[lib]\ncrate-type = [\"dylib\"]\nbench = false\n")),
        ("engine/build.rs", build),
        ("engine/native.rs", &native("1.0")),
        ("engine/src/lib.rs", engine),
        (
            "subject/Cargo.toml",
            &manifest(
                "subject",
                "[lib]\nbench = false\n\n[dependencies]\nengine = { path = \"../engine\" }\n\n[[bench]]\nname = \"times\"\nharness = false\n",
            ),
        ),
        (
            "subject/src/lib.rs",
            "pub use engine::factor;\n\npub fn work(values: &[u32], at: usize) -> u32 {\n    values[at]\n}\n",
        ),
        ("subject/benches/times.rs", include_str!("fixture/criterion.rs")),
        ("subject/benches/script.txt", &usual()),
    ]);
    subject.write("subject/benches/script.txt", &(bench("parse", 1500.0, "ok") + &bench("print", 2000.0, "ok")));
    let ran = subject.bench(&[]);
    ran.ends(100, &["1 regressed of 2 series"]).time("parse", "regressed").time("print", "unchanged");
}

#[test]
fn bench_that_wants_a_variable_says_so() {
    let Some(subject) = subject(&[]) else { return };
    subject.write(
        "src/lib.rs",
        &LIB.replace("pub fn factor() -> f64 {", "pub fn factor() -> f64 {\n    env::var(\"SUBJECT_SIZE\").unwrap();"),
    );
    let ran = subject.bench(&[]);
    ran.ends(104, &["candidate: it ended with exit status: 101", "NotPresent", "`[env]` of `.cargo/config.toml`"]);
    ran.time("parse", "errored");
    subject.write(CONFIG, "[env]\nSUBJECT_SIZE = \"7\"\n");
    subject.bench(&[]).ends(0, &["2 unchanged"]);
}
