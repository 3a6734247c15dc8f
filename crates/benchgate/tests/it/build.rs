//! How both sides are built: every member with benches, as `[build]` and cargo's own flags say, and what is left out by name.

use std::fs;
use std::process::Command;

use crate::ran::{Ran, unwrapped};
use crate::subject::{Subject, bench, usual};

/// A root package with benches, which makes itself the only default member, and a member `inner` with two more: `kernel`, and
/// `hidden`, which requires a feature.
fn with_member() -> Option<Subject> {
    let subject = Subject::new(&usual())?;
    let manifest = subject.read("Cargo.toml");
    subject.write("Cargo.toml", &manifest.replace("[workspace]", "[workspace]\nmembers = [\"inner\"]"));
    let inner = "[package]\nname = \"inner\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[lib]\nbench = false\n\n[features]\n\
                 internals = []\n\n[dependencies]\nsubject = { path = \"..\" }\n\n[[bench]]\nname = \"kernel\"\nharness = false\n\n\
                 [[bench]]\nname = \"hidden\"\nharness = false\nrequired-features = [\"internals\"]\n";
    subject.write("inner/Cargo.toml", inner);
    subject.write("inner/src/lib.rs", "");
    let fake = subject.read("benches/times.rs");
    subject.write("inner/benches/kernel.rs", &fake);
    subject.write("inner/benches/script.txt", &bench("kernel", 500.0, "ok"));
    subject.write("inner/benches/hidden.rs", &fake.replace("benches/script.txt", "benches/hidden.txt"));
    subject.write("inner/benches/hidden.txt", &bench("hidden", 700.0, "ok"));
    fs::remove_file(subject.root().join("Cargo.lock")).expect("there was one");
    subject.commit("Add a member");
    Some(subject)
}

/// A change that makes every bench slower.
fn slow_down(subject: &Subject) {
    let library = subject.read("src/lib.rs");
    subject.write("src/lib.rs", &library.replace("1.0", "1.2"));
}

/// A slowdown is red at once: that it is confirmed is for other tests.
const QUICK: &str = "[confirm]\nlink_orders = false\n";

const BASE: [&str; 2] = ["--base", "HEAD"];

fn asked<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&BASE[..], more].concat()
}

/// What JSON says of benches that take no part: package, benches, reason.
fn left_out(ran: &Ran) -> Vec<String> {
    let all = ran.json()["left_out"].as_array().expect("a list");
    let words = |one: &serde_json::Value| {
        let benches: Vec<&str> =
            one["benches"].as_array().expect("a list").iter().filter_map(|one| one.as_str()).collect();
        let word = |key: &str| one[key].as_str().expect("a text").to_owned();
        format!("{}/{}: {}", word("package"), benches.join("+"), word("reason"))
    };
    all.iter().map(words).collect()
}

#[test]
fn every_member_takes_part_and_a_bench_without_its_features_is_named_in_every_output() {
    let Some(subject) = with_member() else { return };
    slow_down(&subject);
    subject.write("benchgate.toml", QUICK);
    let outputs = ["md", "xml", "html", "txt"].map(|end| subject.home().join(format!("out.{end}")));
    let formats = ["markdown", "junit", "html", "text"];
    let flags: Vec<String> = formats
        .iter()
        .zip(&outputs)
        .flat_map(|(format, file)| ["--output".into(), format!("{format}={}", file.display())])
        .collect();
    let ran = subject.bench(&asked(&flags.iter().map(String::as_str).collect::<Vec<_>>()));
    let words = "bench `hidden` of `inner`: not built, because the required feature `internals` is off; `--features internals` builds it";
    ran.ends(100, &["3 regressed of 4 series", words, "1 not-built"])
        .time("kernel", "regressed")
        .time("parse", "regressed");
    assert_eq!((left_out(&ran), ran.census("not-built")), (vec!["inner/hidden: features".to_owned()], 1));
    assert_eq!(ran.series("(hidden)", "time")["verdict"], "not-built");
    for file in &outputs {
        let text = unwrapped(&fs::read_to_string(file).expect("written"));
        assert!(text.contains("hidden") && text.contains("internals"), "{}: {text}", file.display());
    }
    let listed = subject.run(&["list"]);
    let ids = ["kernel", "parse", "print"].map(|name| format!("area/block/{name}/small\n")).concat();
    assert!(listed.code == 0 && listed.out == ids && listed.err.contains(words), "{}", listed.said());

    // Relinked builds are built in the same way.
    subject.write("benchgate.toml", "");
    let with = subject.bench(&asked(&["-F", "internals"]));
    with.ends(100, &["4 regressed of 4 series", "--features internals"]).time("hidden", "regressed");
    assert!(left_out(&with).is_empty());

    subject.write("benchgate.toml", &format!("{QUICK}[on]\nnot-built = \"fail\"\n"));
    subject.bench(&asked(&[])).ends(106, &["3 regressed, 1 not-built of 4 series"]);
}

#[test]
fn a_bench_that_a_change_puts_behind_a_feature_is_removed() {
    let Some(subject) = with_member() else { return };
    let manifest = subject.read("inner/Cargo.toml");
    let kernel = "name = \"kernel\"\nharness = false\n";
    subject.write(
        "inner/Cargo.toml",
        &manifest.replace(kernel, &format!("{kernel}required-features = [\"internals\"]\n")),
    );
    let ran = subject.bench(&asked(&[]));
    ran.ends(106, &["1 removed of 4 series", "bench `kernel` of `inner`"])
        .time("kernel", "removed")
        .time("parse", "identical");
    assert_eq!(left_out(&ran), ["inner/hidden: features", "inner/kernel: features"]);
    // On both sides it is off, or on.
    subject.write("benchgate.toml", "[build]\nfeatures = [\"internals\"]\n");
    subject.bench(&asked(&[])).ends(0, &["4 series: 4 identical"]).time("hidden", "identical");
}

#[test]
fn packages_and_benches_are_chosen_by_keys_and_flags_and_the_rest_is_named() {
    let Some(subject) = with_member() else { return };
    let ran = subject.bench(&asked(&["-p", "inner"]));
    ran.ends(0, &["1 identical", "bench `times` of `subject`: not among the packages that are named"])
        .time("kernel", "identical");
    assert_eq!(left_out(&ran), ["subject/times: unnamed", "inner/hidden: features"]);
    let ran = subject.bench(&asked(&["--exclude", "inner"]));
    ran.ends(0, &["2 series: 2 identical", "benches `hidden`, `kernel` of `inner`: excluded by name"]);
    assert_eq!(left_out(&ran), ["inner/hidden+kernel: excluded"]);
    let ran = subject.bench(&asked(&["--bench", "ker*"]));
    ran.ends(0, &["1 series: 1 identical"]).time("kernel", "identical");
    assert_eq!(left_out(&ran), ["inner/hidden: unmatched", "subject/times: unmatched"]);

    subject.write("benchgate.toml", "[build]\npackages = [\"subject\"]\n");
    subject.bench(&asked(&[])).ends(0, &["2 series: 2 identical"]).time("parse", "identical");
    subject.bench(&asked(&["--workspace"])).ends(0, &["4 series: 1 not-built, 3 identical"]);
    subject.bench(&asked(&["-p", "inner"])).ends(0, &["2 series: 1 not-built, 1 identical"]);
    subject.write("benchgate.toml", "[build]\nexclude = [\"inner\"]\n");
    subject.bench(&asked(&["-p", "inner"])).stops(4, &["nothing to compare", "excluded by name"], "[build]");
}

#[test]
fn words_that_mean_nothing_are_refused_with_their_place() {
    let Some(subject) = with_member() else { return };
    let refused = |policy: &str, flags: &[&str], problem: &str, hint: &str| {
        subject.write("benchgate.toml", policy);
        subject.bench(&asked(flags)).stops(96, &[problem], hint);
    };
    refused(
        "[build]\nexclude = [\"iner\"]\n",
        &[],
        "`benchgate.toml:2:12`: the workspace has no package `iner`",
        "`inner`",
    );
    refused(
        "[build]\nbenches = [\"kern\"]\n",
        &[],
        "`benchgate.toml:2:12`: `kern` matches no bench target",
        "`kernel`",
    );
    refused("[build]\nfeatures = [\"internal\"]\n", &[], "`benchgate.toml:2:13`: no package", "`internals`");
    refused("", &["-p", "iner"], "the workspace has no package `iner`", "`inner`");
    refused("", &["--bench", "kern"], "`kern` matches no bench target", "`kernel`");
    refused("", &["-F", "internal"], "no package that takes part has a feature `internal`", "`internals`");
    refused(
        "[tiers.own]\npackages = [\"inner\"]\n",
        &["-p", "inner"],
        "package `inner` belongs to tier `own`",
        "--tier own",
    );
    subject.run(&["list", "-F", "internal"]).stops(96, &["no package that takes part"], "`internals`");
}

#[test]
fn profiles_variables_and_set_up_reach_both_builds_and_belong_to_what_is_kept() {
    let Some(subject) = Subject::new(&usual()) else { return };
    // It builds with assertions, a variable and a file that is made, or not at all.
    let library = subject.read("src/lib.rs")
        + "\n#[cfg(not(debug_assertions))]\ncompile_error!(\"no assertions\");\npub const WORD: &str = env!(\"SUBJECT_WORD\");\n";
    subject.write(
        "src/lib.rs",
        &library.replace("    1.0\n", "    include_str!(\"../made/factor.txt\").trim().parse().expect(\"a number\")\n"),
    );
    let manifest = subject.read("Cargo.toml");
    subject.write(
        "Cargo.toml",
        &format!("{manifest}\n[profile.checked]\ninherits = \"bench\"\ndebug-assertions = true\n"),
    );
    subject.write("make.sh", "mkdir -p made && echo 1.0 > made/factor.txt\n");
    subject.write(".gitignore", "target\nmade\n");
    let setup = "setup = [\"sh make.sh\"]\n";
    let all = format!("{QUICK}[build]\nprofile = \"checked\"\nenv = {{ SUBJECT_WORD = \"x\" }}\n{setup}");
    subject.write("benchgate.toml", &all);
    subject.commit("Ask for much");

    subject.bench(&asked(&[])).ends(0, &["2 identical"]);
    // What set-up commands make is an input like any other.
    subject.write("make.sh", "mkdir -p made && echo 1.2 > made/factor.txt\n");
    subject.bench(&asked(&[])).ends(100, &["2 regressed of 2 series"]).time("parse", "regressed");
    subject.git(&["checkout", "-q", "make.sh"]);

    subject.write("benchgate.toml", &all.replace("profile = \"checked\"\n", ""));
    let hint = "";
    subject.bench(&asked(&[])).stops(103, &["neither side builds", "no assertions"], hint);
    subject.bench(&asked(&["--profile", "checked"])).ends(0, &["2 identical"]);
    // The caller's variables reach both builds, and what they built is not taken without them.
    let assertions = [("CARGO_PROFILE_BENCH_DEBUG_ASSERTIONS", "true")];
    subject.bench_with(&asked(&[]), &assertions).ends(0, &["2 identical"]);
    subject.bench(&asked(&[])).stops(103, &["neither side builds", "no assertions"], hint);

    subject.write("benchgate.toml", &all.replace("env =", "# env ="));
    subject.bench(&asked(&[])).stops(103, &["SUBJECT_WORD"], hint);
    subject.write("benchgate.toml", &all.replace("sh make.sh", "echo no data; false"));
    subject.bench(&asked(&[])).stops(
        103,
        &["`[build] setup` fails in the base", "`echo no data; false` ended with", "no data"],
        "clean clone",
    );
}

#[test]
fn a_dependency_of_a_member_that_takes_no_part_need_not_be_had() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let manifest = subject.read("Cargo.toml");
    subject.write("Cargo.toml", &manifest.replace("[workspace]", "[workspace]\nmembers = [\"fuzz\"]"));
    let fuzz = "[package]\nname = \"fuzz\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[dependencies]\n\
                engine = { git = \"file:///nowhere/benchgate-engine\" }\n";
    subject.write("fuzz/Cargo.toml", fuzz);
    subject.write("fuzz/src/lib.rs", "");
    let source = "source = \"git+file:///nowhere/benchgate-engine#0123456789012345678901234567890123456789\"";
    let lock = format!(
        "version = 4\n\n[[package]]\nname = \"engine\"\nversion = \"0.1.0\"\n{source}\n\n[[package]]\nname = \"fuzz\"\nversion = \"0.1.0\"\n\
         dependencies = [\n \"engine\",\n]\n\n[[package]]\nname = \"subject\"\nversion = \"0.1.0\"\n"
    );
    subject.write("Cargo.lock", &lock);
    subject.commit("Fuzz with an engine that is gone");
    slow_down(&subject);
    subject.write("benchgate.toml", QUICK);
    let ran = subject.bench(&asked(&[]));
    let note = "is resolved without member `fuzz`, which takes no part: its dependency `engine` cannot be had";
    ran.ends(100, &["2 regressed of 2 series", &format!("the base {note}"), &format!("the candidate {note}")]);
    assert_eq!(subject.read("Cargo.lock"), lock, "the user's own is left alone");

    // A member that takes part is named with what leaves it out.
    let with_bench = format!("{fuzz}\n[[bench]]\nname = \"times\"\nharness = false\n");
    subject.write("fuzz/Cargo.toml", &with_bench);
    subject.write("fuzz/benches/times.rs", "fn main() {}\n");
    subject.commit("Bench the fuzzer");
    subject.bench(&asked(&[])).stops(103, &["failed to get `engine`"], "`--exclude fuzz`");
    subject.git(&["rm", "-q", "Cargo.lock"]);
    subject.commit("Leave the lock file to cargo");
    subject.bench(&asked(&["--exclude", "fuzz"])).ends(0, &["2 identical"]);
}

#[test]
fn any_directory_of_the_workspace_will_do() {
    let Some(subject) = with_member() else { return };
    let expected = subject.run(&["list"]);
    assert_eq!(expected.code, 0, "{}", expected.said());
    for directory in ["inner", "inner/benches"] {
        let ran = Ran::of(subject.gate_in(&subject.root().join(directory), &["list"]), None);
        assert_eq!((ran.code, &ran.out), (0, &expected.out), "{directory}: {}", ran.said());
    }
    let there = ["list", "--manifest-path", "inner/Cargo.toml"];
    assert_eq!(subject.run(&there).out, expected.out, "a member's manifest means the workspace");
}

#[test]
fn toolchains_that_are_missing_are_named_and_what_moved_in_the_lock_file_is_said() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let lock = subject.read("Cargo.lock");
    let locked = |version: &str| {
        let source = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
        format!("{lock}\n[[package]]\nname = \"criterion\"\nversion = \"{version}\"\n{source}\n")
    };
    subject.write("Cargo.lock", &locked("0.5.1"));
    subject.commit("Lock a harness");
    subject.write("Cargo.lock", &locked("0.8.2"));
    let ran = subject.bench(&asked(&[]));
    ran.ends(0, &["changed beside the source: harness: criterion 0.5.1 → 0.8.2"]);
    let change = &ran.json()["build_changes"][0];
    assert_eq!((&change["part"], &change["package"]), (&"harness".into(), &"criterion".into()));

    let active = Command::new("rustup")
        .args(["show", "active-toolchain"])
        .output()
        .ok()
        .filter(|output| output.status.success());
    let Some(active) = active else { return }; // without rustup there is one toolchain
    let name = String::from_utf8_lossy(&active.stdout).split_whitespace().next().expect("a name").to_owned();
    let file = |channel: &str| subject.write("rust-toolchain.toml", &format!("[toolchain]\nchannel = \"{channel}\"\n"));
    file("1.0.0");
    subject.commit("Ask for a toolchain of long ago");
    let gone = ["toolchain `1.0.0", "of the base, selected by its toolchain file, is not installed"];
    subject.bench(&asked(&[])).stops(103, &gone, "rustup toolchain install");
    file(&name);
    subject.bench(&asked(&[])).stops(103, &gone, "[build] toolchain = \"NAME\"");
    subject.write("benchgate.toml", &format!("[build]\ntoolchain = \"{name}\"\n"));
    subject.bench(&asked(&[])).ends(0, &["2 identical"]);
    subject.write("benchgate.toml", &format!("[build]\ntoolchain = {{ base = \"{name}\", candidate = \"1.0.0\" }}\n"));
    subject.bench(&asked(&[])).stops(
        103,
        &["toolchain `1.0.0` of the candidate, asked for"],
        "rustup toolchain install",
    );
}
