//! Code that is the same is not measured, and only code that is provably the same.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::subject::{Subject, heap, usual};

/// The newest kept run as text, without blanks.
fn kept(subject: &Subject) -> String {
    let newest = subject.runs().pop().expect("a run is kept");
    fs::read_to_string(newest).expect("it can be read")
}

#[test]
fn comment_on_a_line_of_its_own_above_benched_code_is_identical() {
    let Some(subject) = Subject::with_heap(&usual(), &heap("parse", 3, 96, 0, "ok")) else { return };
    subject.git(&["switch", "-q", "-c", "change"]);
    let lib = subject.read("src/lib.rs").replace("/// A function", "// Nothing but a comment.\n\n/// A function");
    subject.write("src/lib.rs", &lib);
    subject.commit("Comment");
    let ran = subject.bench(&[]);
    ran.ends(0, &["PASS: 8 series: 8 identical", "the merge base with `main`"]);
    ran.time("parse", "identical").time("print", "identical").verdict("parse", "allocations", "identical");
    assert_eq!(ran.census("identical"), 8);
    assert!(kept(&subject).contains("source positions moved"), "{}", kept(&subject));
}

#[test]
fn document_beside_the_code_is_identical() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.write("README.md", "# Subject\n");
    subject.git(&["add", "README.md"]);
    let ran = subject.bench(&[]);
    ran.ends(0, &["PASS: 2 series: 2 identical"]);
    assert!(kept(&subject).contains("same bytes"));
    subject.bench(&["--measure-identical"]).ends(0, &["PASS: 2 series: 2 unchanged"]);
}

#[test]
fn file_that_is_neither_compiled_in_nor_read_changes_nothing() {
    let Some(subject) = Subject::new(&usual()) else { return };
    for file in ["benches/data/unread.json", "docs/guide.md", "LICENSE", "src/unused.rs", "line\nbreak.txt"] {
        subject.write(file, "{}");
    }
    subject.bench(&[]).ends(0, &["PASS: 2 series: 2 identical"]);
}

#[test]
fn changed_code_is_measured() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let lib = subject.read("src/lib.rs").replace("values[at]", "values[at] ^ 1");
    subject.write("src/lib.rs", &lib);
    subject.bench(&[]).ends(0, &["PASS: 2 series: 2 unchanged"]);
    // A position that moved within a line is no other code either, but where the file name differs it may be.
    subject.commit("Change");
    subject.write("src/lib.rs", &lib.replace("values[at] ^ 1", "   values[at] ^ 1"));
    subject.bench(&[]).ends(0, &["PASS: 2 series: 2 identical"]);
}

#[test]
fn sides_that_were_built_before_need_no_compiler() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.write("benches/input.json", "1");
    let wrapper = subject.home().join("wrapper");
    let wrap = |script: &str| {
        fs::write(&wrapper, script).unwrap();
        fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)).unwrap();
    };
    wrap("#!/bin/sh\nexec \"$@\"\n");
    let path = wrapper.display().to_string();
    let compiler = [("RUSTC_WRAPPER", &*path)];
    subject.bench_with(&[], &compiler).ends(0, &["2 unchanged"]);
    wrap("#!/bin/sh\nexit 1\n");
    subject.bench_with(&[], &compiler).ends(0, &["2 unchanged"]);
    // The control: with other code there is something to compile.
    subject.write("src/lib.rs", "pub fn work(_: &[u32], _: usize) -> u32 { 4 }");
    subject.bench_with(&[], &compiler).stops(103, &["the candidate does not build"], "cargo bench --no-run");
}
