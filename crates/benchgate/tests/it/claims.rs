//! Claims: performance statements about the candidate, checked whether or not its code changed.

use std::fs;

use crate::ran::Ran;
use crate::subject::{Subject, heap, usual};

fn ratio(metric: &str, at_most: f64) -> String {
    format!(
        "[[claim]]\nname = \"parse beats print\"\nkind = \"ratio\"\nmetric = \"{metric}\"\nnumerator = \"area/block/parse/small\"\n\
         denominator = \"area/block/print/small\"\nat_most = {at_most}\n"
    )
}

fn count(id: &str, equals: u32) -> String {
    format!(
        "[[claim]]\nname = \"parse allocates little\"\nkind = \"count\"\nmetric = \"allocations\"\nid = \"{id}\"\nequals = {equals}\n"
    )
}

#[track_caller]
fn check(subject: &Subject, claim: &str, arguments: &[&str], code: i32, holds: Option<bool>, words: &[&str]) -> Ran {
    subject.write("benchgate.toml", claim);
    let ran = subject.bench(&[&["--base", "HEAD"], arguments].concat());
    ran.ends(code, words);
    let claims = ran.json()["claims"].as_array().expect("a list");
    assert_eq!(claims.len(), 1, "{claims:#?}");
    assert_eq!(claims[0]["holds"].as_bool(), holds, "{claims:#?}\n{}", ran.said());
    ran
}

#[test]
fn ratio_of_times_holds_or_is_violated() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let ran = check(&subject, &ratio("time", 0.6), &[], 0, Some(true), &["PASS: 2 series: 2 identical"]);
    let value = ran.json()["claims"][0]["value"].as_f64().unwrap();
    assert!((0.49..0.51).contains(&value), "{value}");
    check(&subject, &ratio("time", 0.4), &[], 100, Some(false), &["FAIL", "claim `parse beats print` is violated"]);
}

#[test]
fn counts_hold_or_are_violated() {
    let counts = heap("parse", 3, 96, 0, "ok") + &heap("print", 4, 32, 0, "ok");
    let Some(subject) = Subject::with_heap(&usual(), &counts) else { return };
    let id = "area/block/parse/small";
    check(&subject, &count(id, 3), &[], 0, Some(true), &["PASS"]);
    check(&subject, &count(id, 2), &[], 100, Some(false), &["claim `parse allocates little` is violated"]);
    check(&subject, &ratio("allocations", 0.75), &[], 0, Some(true), &["PASS"]);
    check(&subject, &ratio("allocations", 0.74), &[], 100, Some(false), &["claim `parse beats print` is violated"]);
}

/// A claim of these keys, called `c`.
fn claim(keys: &str) -> String {
    format!("[[claim]]\nname = \"c\"\n{keys}\n")
}

#[track_caller]
fn check_state(subject: &Subject, keys: &str, arguments: &[&str], code: i32, state: &str, words: &[&str]) -> f64 {
    let holds = match state {
        "holds" | "caught" => Some(true),
        "violated" | "not-caught" => Some(false),
        _ => None,
    };
    let ran = check(subject, &claim(keys), arguments, code, holds, words);
    let claim = &ran.json()["claims"][0];
    assert_eq!(claim["state"], state, "{claim:#?}\n{}", ran.said());
    claim["value"].as_f64().unwrap_or(f64::NAN)
}

#[test]
fn counters_differences_and_growth_of_counts_gate() {
    let counts = heap("parse", 3, 96, 0, "ok") + &heap("print", 30, 960, 0, "ok");
    let Some(subject) = Subject::with_heap(&usual(), &counts) else { return };
    let (parse, print) = ("area/block/parse/small", "area/block/print/small");
    let counter = format!("kind = \"counter\"\nid = \"{parse}\"\ncounter = \"calls\"");
    check_state(&subject, &format!("{counter}\nequals = 3"), &[], 0, "holds", &["PASS"]);
    check_state(&subject, &format!("{counter}\nat_most = 2"), &[], 100, "violated", &["claim `c` is violated"]);
    let misspelt = format!("{counter}\nequals = 3").replace("calls", "clals");
    let words = ["has no counter `clals`, but has `calls`"];
    check_state(&subject, &misspelt, &[], 106, "not-run", &words);
    let difference = "kind = \"difference\"\nmetric = \"allocations\"";
    let difference = format!("{difference}\nminuend = \"{print}\"\nsubtrahend = \"{parse}\"");
    check_state(&subject, &format!("{difference}\nat_most = 27"), &[], 0, "holds", &["PASS"]);
    check_state(&subject, &format!("{difference}\nat_most = 26"), &[], 100, "violated", &["FAIL"]);
    let growth = format!("kind = \"growth\"\nmetric = \"bytes\"\nids = [\"{parse}\", \"{print}\"]\nsizes = [1, 10]");
    let value = check_state(&subject, &format!("{growth}\nat_least = 0.9\nat_most = 1.1"), &[], 0, "holds", &["PASS"]);
    assert!((value - 1.0).abs() < 1e-9, "{value}");
    check_state(&subject, &format!("{growth}\nat_most = 0.9"), &[], 100, "violated", &["FAIL"]);
}

#[test]
fn controls_must_be_caught() {
    let counts = heap("parse", 3, 96, 64, "ok") + &heap("print", 4, 32, 0, "ok");
    let Some(subject) = Subject::with_heap(&usual(), &counts) else { return };
    let flat = |id: &str| {
        format!(
            "kind = \"count\"\nmetric = \"live-slope\"\nid = \"area/block/{id}/small\"\nequals = 0\nexpect = \"violated\""
        )
    };
    // Recounted, so that the leak is a series of its own and not identical code.
    let recount = ["--measure-identical"];
    check_state(&subject, &flat("parse"), &recount, 0, "caught", &["PASS"]);
    // Without the leak the control is blind; the leak of the other bench is nobody's control.
    let words = ["control `c` is not caught", "1 leaked"];
    check_state(&subject, &flat("print"), &recount, 107, "not-caught", &words);
}

#[test]
fn growth_and_threads_of_times_are_pairs() {
    let timed = |name: &str, value: &str, nanos: u32| format!("area/block\t{name}\t{value}\t{nanos}\tok\t\n");
    let script = timed("sort", "10", 1000) + &timed("sort", "1k", 100_000);
    let script = script + &timed("share", "mt@t1", 1000) + &timed("share", "mt@t2", 600);
    let Some(subject) = Subject::new(&script) else { return };
    let growth = "kind = \"growth\"\nmetric = \"time\"\nids = [\"area/block/sort/10\", \"area/block/sort/1k\"]";
    let linear = format!("{growth}\nat_least = 0.9\nat_most = 1.1");
    let value = check_state(&subject, &linear, &[], 0, "holds", &["PASS"]);
    assert!((0.99..1.01).contains(&value), "{value}");
    check_state(&subject, &format!("{growth}\nat_most = 0.5"), &[], 100, "violated", &["claim `c` is violated"]);
    let control = format!("{growth}\nat_most = 0.5\nexpect = \"violated\"");
    check_state(&subject, &control, &[], 0, "caught", &["PASS"]);
    let threads = |many: u32, most: f64| {
        format!("kind = \"threads\"\nid = \"area/block/share/mt\"\nthreads = [1, {many}]\nat_most = {most}")
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    if cores >= 2 {
        let value = check_state(&subject, &threads(2, 0.7), &[], 0, "holds", &["PASS"]);
        assert!((0.59..0.61).contains(&value), "{value}");
        subject.write("benchgate.toml", &claim(&threads(2, 0.5)));
        let ran = subject.bench(&["--base", "HEAD"]);
        // What else runs on the machine of this test may be in the way of a violation, and then that is said.
        match ran.json()["claims"][0]["state"].as_str() {
            Some("violated") => ran.ends(100, &["claim `c` is violated"]),
            _ => ran.ends(0, &["undecided", "but other programs used the processors that its threads need"]),
        };
    }
    let words = ["it takes 4096 cores, and this machine has"];
    check_state(&subject, &threads(4096, 9.0), &["--verbose"], 0, "not-applicable", &words);
}

#[test]
fn nanoseconds_are_reported_and_pass() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let (parse, print) = ("area/block/parse/small", "area/block/print/small");
    let ceiling = format!("kind = \"ceiling\"\nmetric = \"time\"\nid = \"{parse}\"\nat_most = 500");
    let words = ["nanoseconds never gate", "(optimize)"];
    let value = check_state(&subject, &ceiling, &[], 0, "reported", &words);
    assert!((980.0..1020.0).contains(&value), "{value}");
    let difference = "kind = \"difference\"\nmetric = \"time\"";
    let difference = format!("{difference}\nminuend = \"{print}\"\nsubtrahend = \"{parse}\"\nat_most = 2000");
    let value = check_state(&subject, &difference, &[], 0, "reported", &["(excellent)"]);
    assert!((960.0..1040.0).contains(&value), "{value}");
}

#[test]
fn claim_of_a_tier_is_checked_with_it_only() {
    let counts = heap("parse", 3, 96, 0, "ok");
    let Some(subject) = Subject::with_heap(&usual(), &counts) else { return };
    let keys = "kind = \"count\"\nmetric = \"allocations\"\nid = \"area/block/parse/small\"\nequals = 2\ntier = \"peers\"\n\n\
                [tiers]\ncore = [\"**\"]\npeers = [\"**/parse/*\"]";
    check_state(&subject, keys, &[], 0, "not-selected", &["PASS"]);
    check_state(&subject, keys, &["--tier", "peers"], 100, "violated", &["claim `c` is violated"]);
}

#[test]
fn claim_about_what_is_not_selected_is_open_and_told() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let note = "1 of 1 claims are not checked: 1 about benchmarks that no filter names";
    check(&subject, &ratio("time", 0.4), &["parse"], 0, None, &[note]);
    let tiers = format!("{}\n[tiers]\nnightly = [\"**/print/*\"]\n", ratio("time", 0.4));
    check(&subject, &tiers, &[], 0, None, &["1 of 1 claims are not checked: 1 of other tiers"]);
}

#[test]
fn claim_with_more_threads_than_cores_is_left_for_that_reason() {
    let crowd = "area/block\tprint\tmt@t4096\t1000\tok\t\n";
    let Some(subject) = Subject::new(&(usual() + crowd)) else { return };
    let policy = ratio("time", 0.4).replace("block/print/small", "block/print/mt@t4096");
    check(&subject, &policy, &[], 0, None, &["1 of 1 claims are not checked: 1 with more threads than the "]);
}

#[test]
fn quick_says_that_no_claim_about_times_could_be_refuted() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let claims = |n: usize| {
        let one = |at: usize| ratio("time", 0.4).replace("parse beats print", &format!("c{at}"));
        (0..n).map(one).collect::<Vec<String>>().join("\n")
    };
    subject.write("benchgate.toml", &claims(5));
    let quick = ["--base", "HEAD", "--quick", "--measure-identical"];
    let ran = subject.bench(&quick);
    ran.ends(0, &["9 pairs, with none of earlier runs, can prove a claim about times and refute none; that takes 10"]);
    // With fewer to share the error level, nine pairs are enough.
    subject.write("benchgate.toml", &claims(4));
    let ran = subject.bench(&quick);
    ran.ends(100, &["are violated"]);
    assert!(!ran.out.contains("refute none"), "{}", ran.said());
}

#[test]
fn claim_about_an_unknown_id_is_an_error_with_its_place() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.write("benchgate.toml", &count("area/block/prase/small", 0));
    let ran = subject.bench(&["--base", "HEAD"]);
    let words = ["`benchgate.toml:5:6`: id `area/block/prase/small` matches none of the 2 benchmarks"];
    ran.stops(96, &words, "the nearest id is `area/block/parse/small`");
}

#[test]
fn table_of_a_kept_run_is_printed_and_written_into_a_document() {
    let counts = heap("parse", 3, 96, 0, "ok") + &heap("print", 4, 32, 0, "ok");
    let Some(subject) = Subject::with_heap(&usual(), &counts) else { return };
    subject.run(&["claims"]).stops(105, &["holds no run"], "measure first");
    let stated = "stated = \"half\"\nsource = { repository = \"o/r\", file = \"F.md\", heading = \"H\" }\n";
    let policy = ratio("allocations", 0.75) + stated + &count("area/block/parse/small", 3);
    subject.write("benchgate.toml", &policy);
    subject.bench(&["--base", "HEAD"]).ends(0, &["PASS"]);
    let printed = subject.run(&["claims"]);
    printed.ends(
        0,
        &["parse beats print", "half", "0.750", "-25.0%", "o/r: F.md, H", "parse allocates little", "excellent"],
    );
    subject.write("systems.md", "# Claims\n\n<!-- claims:area -->\n<!-- /claims -->\n\nThe end.\n");
    let write = ["claims", "--write", "systems.md"];
    subject.run(&write).ends(0, &[]);
    let read = || fs::read_to_string(subject.root().join("systems.md")).expect("written");
    let document = read();
    assert!(document.starts_with("# Claims\n") && document.ends_with("\n\nThe end.\n"), "{document}");
    assert!(document.contains("| half | 0.750 | ≤ 0.750 | -25.0% | good | o/r: F.md, H |"), "{document}");
    // A run of something else leaves what it did not measure, unless that is about something else now.
    subject.bench(&["--base", "HEAD", "print"]).ends(0, &[]);
    subject.run(&write).ends(0, &["not measured"]);
    assert_eq!(read(), document);
    subject.write("benchgate.toml", &policy.replace("equals = 3", "equals = 2"));
    subject.run(&write).ends(0, &[]);
    assert!(read().contains("| – | not measured | 2 |"), "{}", read());
    // What was measured for a claim is no evidence for another one of its name.
    subject.write("benchgate.toml", &policy);
    subject.bench(&["--base", "HEAD"]).ends(0, &[]);
    subject.write("benchgate.toml", &policy.replace("\"allocations\"\nnumerator", "\"bytes\"\nnumerator"));
    subject.run(&["claims"]).ends(0, &["not measured"]);
    subject.write("systems.md", "# Claims\n");
    subject.run(&write).stops(
        110,
        &["no section for the claims of area `area`"],
        "add the lines `<!-- claims:area -->`",
    );
}
