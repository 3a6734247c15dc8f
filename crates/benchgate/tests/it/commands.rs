//! Commands: whatever can be started is measured as a whole, each side with its own program and its own files.

use std::fs;

use crate::ran::Ran;
use crate::subject::Subject;

const MANIFEST: &str = "[package]\nname = \"tool\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[workspace]\n\n\
                        [profile.bench]\nopt-level = 1\n";
const LOCK: &str = "version = 4\n\n[[package]]\nname = \"tool\"\nversion = \"0.1.0\"\n";

/// Works as often as the file at its first argument says and allocates as many KiB as its second; `factor` is in its code.
fn source(factor: u32) -> String {
    format!(
        "fn main() {{
    let words: Vec<String> = std::env::args().collect();
    let text = std::fs::read_to_string(&words[1]).unwrap_or_else(|error| panic!(\"no input: {{error}}\"));
    let rounds: u64 = text.trim().parse().unwrap();
    let kilobytes: usize = std::env::var(\"KILOBYTES\").map_or(0, |text| text.parse().unwrap());
    let room = std::hint::black_box(vec![1_u8; 1024 * kilobytes]);
    let mut x = room.len() as u64;
    for i in 0..{factor} * rounds {{
        x = std::hint::black_box(x.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ i);
    }}
    println!(\"{{x}}\");
}}
"
    )
}

fn policy(kilobytes: u32) -> String {
    format!(
        "[[command]]
name = \"tool/count\"
run = [\"{{target}}/tool\", \"{{tree}}/data.txt\"]
env = {{ KILOBYTES = \"{kilobytes}\" }}

[tolerance]
time = \"10%\"
processor-time = \"10%\"
"
    )
}

fn subject() -> Subject {
    let source = source(1);
    let policy = policy(4000);
    Subject::of(&[
        ("Cargo.toml", MANIFEST),
        ("Cargo.lock", LOCK),
        ("src/main.rs", &source),
        ("data.txt", "4000000\n"),
        ("benchgate.toml", &policy),
    ])
}

#[track_caller]
fn verdicts(ran: &Ran) -> [&str; 3] {
    ["time", "processor-time", "peak-memory"]
        .map(|metric| ran.series("tool/count", metric)["verdict"].as_str().expect("a word"))
}

#[test]
fn a_command_is_measured_with_each_sides_program_and_files() {
    let subject = subject();
    let list = subject.run(&["list"]);
    assert_eq!((list.code, &*list.out), (0, "tool/count\n"), "{}", list.said());

    // Its program does twice as much.
    subject.write("src/main.rs", &source(2));
    let ran = subject.bench(&[]);
    ran.ends(100, &["regressed", "tool/count"]);
    let [time, processor, memory] = verdicts(&ran);
    assert_eq!([time, processor], ["regressed"; 2], "{}", ran.said());
    assert_ne!(memory, "regressed", "{}", ran.said());
    assert_eq!(ran.series("tool/count", "time")["pair_kind"], "command");
    subject.run(&["explain", "tool/count"]).ends(0, &["whole runs of the command"]);

    // Its input is twice as long.
    subject.write("src/main.rs", &source(1));
    subject.write("data.txt", "8000000\n");
    let ran = subject.bench(&[]);
    ran.ends(100, &["regressed"]);
    assert_eq!(verdicts(&ran)[0], "regressed", "{}", ran.said());

    // Faster is seen as well.
    subject.write("data.txt", "2000000\n");
    let ran = subject.bench(&[]);
    assert_eq!(ran.code, 0, "{}", ran.said());
    assert_eq!(verdicts(&ran)[..2], ["improved"; 2], "{}", ran.said());
}

#[test]
fn a_command_that_needs_more_memory_is_red() {
    let subject = subject();
    subject.write("src/main.rs", &source(1).replace("1024 * kilobytes", "2048 * kilobytes"));
    let ran = subject.bench(&[]);
    ran.ends(100, &["regressed", "peak-memory", "MiB"]);
    assert_eq!(verdicts(&ran)[2], "regressed", "{}", ran.said());
}

#[test]
fn failures_of_a_command_are_named_with_its_words() {
    let subject = subject();
    // The candidate does not run: never a pass.
    subject.write("data.txt", "none\n");
    let ran = subject.bench(&[]);
    ran.ends(104, &["errored", "candidate: it ended with exit status: 101", "ParseIntError"]);
    // It is gone, and that is no pass either.
    subject.write("data.txt", "4000000\n");
    fs::create_dir_all(subject.root().join("src/bin")).unwrap();
    fs::rename(subject.root().join("src/main.rs"), subject.root().join("src/bin/other.rs")).unwrap();
    let ran = subject.bench(&[]);
    ran.ends(106, &["removed"]);
    // A name that is nobody's.
    subject.write("benchgate.toml", &policy(1).replace("{target}/tool", "{target}/toll"));
    subject.bench(&[]).stops(96, &["command `tool/count`", "starts `{target}/toll`"], "did you mean `{target}/tool`");
    // What does not build is said to be so.
    subject.write("benchgate.toml", &policy(1));
    subject.write("src/main.rs", "fn main() { none() }\n");
    subject.bench(&[]).stops(103, &["the programs of the candidate do not build", "cannot find function `none`"], "");
}
