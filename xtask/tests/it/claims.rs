//! Claims: performance statements about the candidate, checked whether or not its code changed.

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

#[test]
fn claim_about_what_is_not_selected_is_open_and_told() {
    let Some(subject) = Subject::new(&usual()) else { return };
    let note = "1 of 1 claims are about benchmarks that are not selected";
    check(&subject, &ratio("time", 0.4), &["parse"], 0, None, &[note]);
}

#[test]
fn claim_about_an_unknown_id_is_an_error_with_its_place() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.write("benchgate.toml", &count("area/block/prase/small", 0));
    let ran = subject.bench(&["--base", "HEAD"]);
    let words = ["`benchgate.toml:5:6`: id `area/block/prase/small` matches none of the 2 benchmarks"];
    ran.stops(96, &words, "the nearest id is `area/block/parse/small`");
}
