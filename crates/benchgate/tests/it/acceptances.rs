//! Acceptances from outside: what is accepted passes up to its ceiling and its last day, is shown first where a change adds it, and
//! does not outlive its need.

use std::fs;

use crate::subject::{Subject, bench, heap, usual};

const PARSE: &str = "area/block/parse/small";
const FILE: &str = "baselines/acceptances.toml";
const LATER: &str = "2999-12-31";

/// Fake benches need no fresh link orders to be believed, and those take seconds.
const QUICK: &str = "[confirm]\nlink_orders = false\n";

/// The usual benches, and a policy that is quick.
fn subject() -> Option<Subject> {
    let subject = Subject::new(&usual())?;
    subject.write("benchgate.toml", QUICK);
    subject.commit("Decide without other link orders");
    Some(subject)
}

/// `parse` takes so much more than its microsecond.
fn slower(percent: f64) -> String {
    bench("parse", 1000.0 + 10.0 * percent, "ok") + &bench("print", 2000.0, "ok")
}

fn table(id: &str, what: &str, expires: &str) -> String {
    format!("[[accept]]\nid = \"{id}\"\n{what}\nreason = \"bounds checks\"\nexpires = \"{expires}\"\n")
}

const UP_TO_8: &str = "metric = \"time\"\nceiling = \"8%\"";

#[test]
fn a_regression_is_accepted_up_to_its_ceiling() {
    let Some(subject) = subject() else { return };
    subject.script(&slower(6.0));
    subject.bench(&[]).ends(100, &["1 regressed of 2 series"]);
    let accept = ["accept", PARSE, "time", "--ceiling", "8%", "--reason", "bounds checks", "--expires", LATER];
    let ran = subject.run(&accept);
    ran.ends(
        0,
        &[
            "added the acceptance of time of `area/block/parse/small` in baselines/acceptances.toml; commit it",
            "in the last run it is used: +",
            " % is within the 8 % accepted until 2999-12-31: bounds checks",
        ],
    );

    let [markdown, junit, html] = ["out.md", "out.xml", "out.html"].map(|name| subject.home().join(name));
    let outputs = [("markdown", &markdown), ("junit", &junit), ("html", &html)];
    let outputs = outputs.map(|(format, file)| format!("{format}={}", file.display()));
    let outputs: Vec<&str> = outputs.iter().flat_map(|output| ["--output", output]).collect();
    let ran = subject.bench(&outputs);
    ran.ends(0, &["acceptances added by this change", "PASS: 2 series: 1 accepted, 1 unchanged"]);
    ran.time("parse", "accepted").time("print", "unchanged");
    let one = &ran.json()["acceptances"][0];
    assert_eq!((&one["added"], &one["state"], &one["id"]), (&true.into(), &"used".into(), &PARSE.into()), "{one:#}");
    assert!(ran.out.find("added by this change") < ran.out.find("verdict"), "{}", ran.said());
    for (file, text) in [
        (markdown, "**added by this change:** △ used: time of `area/block/parse/small` may be up to 8 % more until"),
        (junit, "time of `area/block/parse/small` (added by this change)"),
        (html, "<strong>Added by this change:</strong>"),
    ] {
        let written = fs::read_to_string(&file).expect("written");
        assert!(written.contains(text), "`{text}` is missing: {written}");
    }

    // A kept run is judged the same later, whatever became of the file.
    fs::remove_file(subject.root().join(FILE)).expect("it was there");
    subject.run(&["report"]).ends(0, &["PASS: 2 series: 1 accepted"]);
    subject.bench(&[]).ends(100, &["1 regressed"]);

    subject.run(&accept).ends(0, &["added"]);
    subject.script(&slower(10.0));
    let ran = subject.bench(&[]);
    ran.ends(100, &[" % is beyond the 8 % that are accepted until 2999-12-31", "FAIL: 1 regressed of 2 series"]);
    ran.time("parse", "regressed");
    assert_eq!(ran.json()["acceptances"][0]["state"], "exceeded");
    // Another ceiling takes the place of the first.
    subject.run(&[&accept[..4], &["12%"], &accept[5..]].concat()).ends(0, &["replaced the acceptance of time"]);
    subject.bench(&[]).ends(0, &["1 accepted"]);
}

#[test]
fn after_its_last_day_it_is_red_again() {
    let Some(subject) = subject() else { return };
    subject.script(&slower(6.0));
    subject.write(FILE, &table(PARSE, UP_TO_8, "2020-02-29"));
    let ran = subject.bench(&[]);
    ran.ends(100, &["the acceptance of up to 8 % ended on 2020-02-29"]).time("parse", "regressed");
    assert_eq!(ran.json()["acceptances"][0]["state"], "expired");
}

#[test]
fn one_of_the_base_counts_and_is_an_error_once_nothing_needs_it() {
    let Some(subject) = subject() else { return };
    subject.write(FILE, &(table(PARSE, UP_TO_8, LATER) + "\n# The end.\n"));
    subject.commit("Accept what is to come");
    subject.git(&["switch", "-q", "-c", "change"]);
    subject.script(&slower(6.0));
    subject.commit("Check bounds");
    let ran = subject.bench(&[]);
    ran.ends(0, &["PASS: 2 series: 1 accepted, 1 unchanged"]).time("parse", "accepted");
    assert_eq!(ran.json()["acceptances"][0]["added"], false);
    assert!(!ran.out.contains("added by this change"), "{}", ran.said());
    // A run of other benchmarks does not tell.
    let ran = subject.bench(&["print"]);
    ran.ends(0, &["1 unchanged"]);
    assert_eq!(ran.json()["acceptances"][0]["state"], "undecided");

    // The change has landed; the next one has no need of it.
    subject.git(&["switch", "-q", "main"]);
    subject.git(&["merge", "-q", "--ff-only", "change"]);
    subject.write("src/lib.rs", &(subject.read("src/lib.rs") + "// A comment.\n"));
    let ran = subject.bench(&[]);
    let withdraw = "accept 'area/block/parse/small' time --withdraw";
    ran.ends(
        96,
        &["ERROR: 2 series: 2 identical; the acceptance of time of `area/block/parse/small` is unused", withdraw],
    );
    subject.run(&["accept", PARSE, "time", "--withdraw"]).ends(0, &["withdrew it"]);
    assert!(subject.read(FILE).ends_with("# The end.\n"), "{}", subject.read(FILE));
    subject.bench(&[]).ends(0, &["note: this change withdraws the acceptance of time of `area/block/parse/small`"]);
    let again = subject.run(&["accept", PARSE, "time", "--withdraw"]);
    again.stops(96, &["no acceptance of time of `area/block/parse/small`"], "baselines/acceptances.toml holds none");
}

#[test]
fn one_that_a_change_adds_in_vain_is_a_warning_there() {
    let Some(subject) = subject() else { return };
    subject.script(&slower(0.1));
    subject.write(FILE, &(table(PARSE, UP_TO_8, LATER) + &table("area/block/parser/small", UP_TO_8, LATER)));
    let ran = subject.bench(&[]);
    let unused = "warning: the acceptance of time of `area/block/parse/small`, added by this change, is unused: its series is unch";
    let unknown = "`area/block/parser/small`, added by this change, is unused: no benchmark has this id";
    ran.ends(0, &[unused, unknown]);
    subject.commit("Accept in vain");
    subject.script(&usual());
    subject.bench(&[]).ends(96, &["2 acceptances are unused, the first of time of `area/block/pa"]);
}

/// The event of a merge queue has no labels, so a label that accepts would be lost there; the file is read wherever it is.
#[test]
fn label_accepts_nothing_and_a_merge_queue_reads_the_file() {
    let Some(subject) = subject() else { return };
    let base = subject.git(&["rev-parse", "HEAD"]);
    subject.git(&["switch", "-q", "-c", "gh-readonly-queue/main/pr-7-0123456"]);
    subject.script(&slower(6.0));
    subject.commit("Check bounds");
    let label = "{\"name\": \"perf-regression-accepted\"}";
    let event = subject.home().join("event.json");
    fs::write(&event, format!("{{\"labels\": [{label}], \"pull_request\": {{\"labels\": [{label}]}}}}"))
        .expect("written");
    let event = event.display().to_string();
    let queue = |name| {
        let event =
            [("GITHUB_EVENT_NAME", name), ("GITHUB_EVENT_PATH", &*event), ("GITHUB_BASE_REF", ""), ("CI", "true")];
        subject.bench_with(&["--base", &base], &event)
    };
    for name in ["merge_group", "pull_request"] {
        queue(name).ends(100, &["1 regressed of 2 series"]).time("parse", "regressed");
    }
    subject.write(FILE, &table(PARSE, UP_TO_8, LATER));
    subject.commit("Accept it");
    queue("merge_group").ends(0, &["1 accepted", "acceptances added by this change"]).time("parse", "accepted");
}

#[test]
fn a_removal_is_accepted() {
    let Some(subject) = subject() else { return };
    subject.script(&bench("parse", 1000.0, "ok"));
    subject.bench(&[]).ends(106, &["1 removed of 2 series"]);
    let print = "area/block/print/small";
    let accept = ["accept", print, "--removed", "--reason", "nobody prints", "--expires", LATER];
    subject.run(&accept).ends(0, &["added the acceptance of the removal of `area/block/print/small`", "it is used"]);
    let ran = subject.bench(&[]);
    ran.ends(0, &["PASS: 2 series: 1 removed, 1 unchanged", "accepted until 2999-12-31: nobody prints"]);
    ran.time("print", "removed");
    subject.write(FILE, &table(print, "removed = true", "2020-01-01"));
    subject.bench(&[]).ends(106, &["its acceptance ended on 2020-01-01", "1 removed of 2 series"]);
    // Once it has landed, there is nothing to remove.
    subject.write(FILE, &table(print, "removed = true", LATER));
    subject.commit("Stop printing");
    subject.script(&bench("parse", 1000.1, "ok"));
    subject.bench(&[]).ends(96, &["the acceptance of the removal of `area/block/print/small` is unused"]);
}

#[test]
fn against_the_stored_baseline_both_sides_are_the_same_file() {
    let counts = |n| heap("parse", n, 96, 0, "ok");
    let Some(subject) = Subject::with_heap(&usual(), &counts(0)) else { return };
    subject.write("benchgate.toml", QUICK);
    subject.run(&["baseline", "save"]).ends(0, &[]);
    subject.commit("Record");
    subject.heap(&counts(1));
    subject.bench(&["--stored"]).ends(100, &["1 regressed"]).verdict("parse", "allocations", "regressed");
    // What grows from nothing is bounded by a count.
    let accept = ["accept", PARSE, "allocations", "--ceiling", "1", "--reason", "a name to keep", "--expires", LATER];
    subject.run(&accept).ends(0, &["in the last run it is used: 1 is within the 1 allocs/iter"]);
    let ran = subject.bench(&["--stored"]);
    ran.ends(0, &["1 accepted"]).verdict("parse", "allocations", "accepted");
    assert_eq!(ran.json()["acceptances"][0]["added"], false);
}

#[test]
fn a_file_that_is_wrong_is_refused_where_it_stands_and_can_be_mended() {
    let Some(subject) = subject() else { return };
    let wrong = table(PARSE, &UP_TO_8.replace("8%", "8 percent"), LATER);
    subject.write(FILE, &wrong);
    let place = "`baselines/acceptances.toml:4:11`: expected a percentage such as `8%`, or a count such as `3`, found";
    subject.bench(&[]).stops(96, &[place], "ceiling = \"8%\"");
    subject.commit("Break it");
    subject.git(&["switch", "-q", "-c", "change"]);
    subject.write(FILE, &table(PARSE, UP_TO_8, LATER));
    subject.script(&slower(6.0));
    subject.commit("Mend it");
    let ran = subject.bench(&[]);
    ran.ends(0, &["baselines/acceptances.toml is broken at the base revision", "acceptances added by this change"]);
}

#[test]
fn bad_input_is_refused_and_writes_nothing() {
    let Some(subject) = subject() else { return };
    let try_out = |id: &str, metric: &str, ceiling: &str, reason: &str, expires: &str| {
        subject.run(&["accept", id, metric, "--ceiling", ceiling, "--reason", reason, "--expires", expires])
    };
    #[track_caller]
    fn usage(ran: &crate::ran::Ran, text: &str) {
        assert!(ran.code == 2 && ran.err.contains(text), "`{text}` is missing: {}", ran.said());
    }
    // Before there is a run, both sides are built and asked.
    let unknown = "no benchmark has the id `area/block/pars/small`";
    try_out("area/block/pars/small", "time", "8%", "r", LATER).stops(
        96,
        &[unknown],
        "nearest id is `area/block/parse/small`",
    );
    try_out(PARSE, "time", "2%", "r", LATER).stops(
        96,
        &["ceiling `2%` is not above the tolerance of time of `area/block/parse/small`, 2%"],
        "give more than 2%",
    );
    try_out(PARSE, "time", "8%", "r", "2020-01-01").stops(2, &["`2020-01-01` is past: today is"], "a day to come");
    try_out(PARSE, "time", "8", "r", LATER).stops(2, &["nanoseconds never gate"], "--ceiling 8%");
    usage(&try_out(PARSE, "tim", "8%", "r", LATER), "a similar value exists: 'time'");
    usage(&try_out(PARSE, "threads", "8%", "r", LATER), "invalid value 'threads'");
    usage(&try_out(PARSE, "time", "8 %%", "r", LATER), "expected a percentage such as `8%`");
    usage(&try_out(PARSE, "time", "8%", "  ", LATER), "expected a reason");
    usage(&try_out(PARSE, "time", "8%", "r", "31.12.2999"), "expected a day such as 2026-12-31");
    usage(&try_out(PARSE, "time", "8%", "r", "2999-02-29"), "expected a day such as 2026-12-31");
    usage(&subject.run(&["accept", PARSE, "time", "--reason", "r", "--expires", LATER]), "--ceiling");
    usage(&subject.run(&["accept", PARSE, "--reason", "r", "--expires", LATER]), "METRIC");
    usage(
        &subject.run(&["accept", PARSE, "time", "--removed", "--reason", "r", "--expires", LATER]),
        "cannot be used with",
    );
    assert!(!subject.root().join(FILE).exists(), "nothing was written");
}
