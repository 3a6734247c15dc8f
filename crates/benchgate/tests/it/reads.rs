//! What a bench reads when it runs is part of it, whatever it is called.

use std::os::unix::fs::symlink;

use crate::subject::{Subject, bench, usual};

/// The library of the subject, whose `factor` is this expression.
fn library(factor: &str) -> String {
    format!(
        "#[inline(never)]\npub fn work(values: &[u32], at: usize) -> u32 {{\n    values[at]\n}}\n\n\
         pub fn factor() -> f64 {{\n    {factor}\n}}\n"
    )
}

/// A subject whose time grows with what this expression, a number of bytes, says.
fn reader(script: &str, bytes: &str) -> Option<Subject> {
    let subject = Subject::new(script)?;
    subject.write("src/lib.rs", &library(&format!("({bytes}) as f64")));
    Some(subject)
}

#[test]
fn pages_that_a_bench_reads_are_its_input() {
    let read = "std::fs::read(\"benches/page.md\").unwrap().len() + std::fs::read(\"docs/guide.txt\").unwrap().len()";
    let Some(subject) = reader(&usual(), read) else { return };
    let page = "A line of a page that is parsed.\n";
    subject.write("benches/page.md", page);
    subject.write("docs/guide.txt", page);
    subject.commit("Parse a page");
    subject.git(&["switch", "-q", "-c", "topic"]);
    subject.write("README.md", "# Nobody reads this\n");
    subject.bench(&["--base", "main"]).ends(0, &["PASS: 2 series: 2 identical"]);
    for file in ["benches/page.md", "docs/guide.txt"] {
        subject.write(file, &page.repeat(2));
        let ran = subject.bench(&["--base", "main"]);
        ran.ends(100, &["2 regressed"]).time("parse", "regressed").time("print", "regressed");
        subject.write(file, page);
    }
}

/// Ways in which a program can depend on a file, each with the change that it must notice.
#[test]
fn every_way_to_read_is_seen() {
    let ways = [
        "std::fs::read(\"docs/read.md\").is_ok()",
        "std::fs::read_dir(\"docs/listed\").unwrap().count() > 9",
        "std::path::Path::new(\"docs/missing.md\").exists()",
        "std::fs::read_link(\"docs/link\").is_ok()",
        "std::process::Command::new(\"cat\").arg(\"docs/child.md\").output().is_ok()",
        "unsafe { fopen(c\"docs/stream.md\".as_ptr(), c\"r\".as_ptr()) == 0 }",
        "std::fs::metadata(std::env::var(\"CARGO_MANIFEST_DIR\").unwrap() + \"/docs/gone.md\").is_ok()",
    ];
    let Some(subject) = Subject::new(&bench("parse", 1000.0, "ok")) else { return };
    let all: String = ways.map(|way| format!("    std::hint::black_box({way});\n")).concat();
    let stream =
        "unsafe extern \"C\" { fn fopen(path: *const std::ffi::c_char, mode: *const std::ffi::c_char) -> usize; }\n";
    subject.write("src/lib.rs", &(stream.to_owned() + &library(&format!("{all}    1.0"))));
    for file in ["docs/read.md", "docs/listed/a.md", "docs/child.md", "docs/stream.md", "docs/gone.md"] {
        subject.write(file, "1");
    }
    symlink("read.md", subject.root().join("docs/link")).expect("a link");
    subject.commit("Read");
    subject.bench(&["--base", "HEAD"]).ends(0, &["1 identical"]);
    let is_measured = |change: &str| {
        let ran = subject.bench(&["--base", "HEAD"]);
        assert_eq!((ran.code, ran.census("unchanged")), (0, 1), "{change}: {}", ran.said());
        subject.git(&["reset", "-q", "--hard"]);
        subject.git(&["clean", "-q", "-f", "-d"]);
    };
    for file in
        ["docs/read.md", "docs/child.md", "docs/stream.md", "docs/missing.md", "docs/listed/b.md", "docs/gone.md"]
    {
        subject.write(file, "2");
        is_measured(file);
    }
    std::fs::remove_file(subject.root().join("docs/gone.md")).expect("it was there");
    is_measured("without docs/gone.md");
    std::fs::remove_file(subject.root().join("docs/link")).expect("it was there");
    symlink("child.md", subject.root().join("docs/link")).expect("a link");
    is_measured("docs/link");
    subject.write("docs/listed/a.md", "2"); // a name that stays
    subject.bench(&["--base", "HEAD"]).ends(0, &["1 identical"]);
}

#[test]
fn bench_that_cannot_be_watched_is_measured() {
    let Some(subject) = reader(
        &usual(),
        "std::env::args().filter(|word| word != \"--test\" || std::process::exit(3)).count() / 1000 + 1",
    ) else {
        return;
    };
    subject.commit("Fail where it is tested");
    subject.write("README.md", "# Subject\n");
    subject.bench(&["--base", "HEAD"]).ends(0, &["PASS: 2 series: 2 unchanged"]);
}

/// A bench that is told that it is a test may read something else than one that is measured.
#[test]
fn what_is_read_only_where_it_is_measured_is_seen() {
    let read =
        "std::fs::read(if std::env::args().any(|word| word == \"--test\") { \"small.txt\" } else { \"large.txt\" })";
    let Some(subject) = reader(&usual(), &format!("{read}.unwrap().len()")) else { return };
    for file in ["small.txt", "large.txt"] {
        subject.write(file, "1");
    }
    subject.commit("Read less where it is a test");
    subject.write("large.txt", "11");
    subject.bench(&["--base", "HEAD"]).ends(100, &["2 regressed of 2 series"]);
}
