//! What is known of the code by itself is measured once, and again where the code is another.

use std::fs;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use crate::ran::Ran;
use crate::subject::{Subject, bench, heap, usual};

const RULES: &str = "[[claim]]\nname = \"time\"\nkind = \"ratio\"\nmetric = \"time\"\nnumerator = \"area/block/parse/small\"\n\
                     denominator = \"area/block/print/small\"\nat_most = 0.6\n\n[[claim]]\nname = \"count\"\n\
                     kind = \"count\"\nmetric = \"allocations\"\nid = \"area/block/parse/small\"\nequals = 3\n";

fn subject() -> Option<Subject> {
    let subject = Subject::with_heap(&usual(), &(heap("parse", 3, 96, 0, "ok") + &heap("print", 4, 32, 0, "ok")))?;
    subject.write("benchgate.toml", RULES);
    Some(subject)
}

/// Whether each of the two claims holds, and whether its evidence is that of an earlier run.
#[track_caller]
fn claims(ran: &Ran) -> [(bool, bool); 2] {
    let claims = ran.json()["claims"].as_array().expect("a list");
    ["time", "count"].map(|name| {
        let claim = claims.iter().find(|claim| claim["name"] == name).unwrap_or_else(|| panic!("{name}: {claims:#?}"));
        let detail = claim["detail"].as_str().expect("a text");
        (claim["state"] == "holds", detail.ends_with("Z, the code is the same"))
    })
}

const KNOWN: [(bool, bool); 2] = [(true, true); 2];
const MEASURED: [(bool, bool); 2] = [(true, false); 2];

fn files(subject: &Subject) -> Vec<PathBuf> {
    let entries = fs::read_dir(evidence(subject)).expect("it is there");
    entries.map(|entry| entry.expect("readable").path()).collect()
}

/// Where it is kept: in the cache.
fn evidence(subject: &Subject) -> PathBuf {
    let caches = fs::read_dir(subject.home().join("cache")).expect("it is there");
    let mut places = caches.map(|entry| entry.expect("readable").path().join("e")).filter(|place| place.exists());
    places.next().expect("evidence is kept")
}

/// Pairs of the first claim in the newest kept run.
fn pairs(subject: &Subject) -> serde_json::Value {
    let newest = subject.runs().pop().expect("a run is kept");
    let run: serde_json::Value = serde_json::from_str(&fs::read_to_string(newest).expect("readable")).expect("JSON");
    run["claims"][0]["pairs"].clone()
}

#[test]
fn unchanged_code_is_not_measured_again_and_it_is_said_since_when() {
    let Some(subject) = subject() else { return };
    let bench = |arguments: &[&str]| subject.bench(&[&["--base", "HEAD"], arguments].concat());
    assert_eq!(claims(bench(&[]).ends(0, &["PASS"])), MEASURED);
    let first = pairs(&subject);
    let again = bench(&[]);
    again.ends(0, &["PASS", "heap counts of 2 of the benchmarks are those of earlier runs, since 20"]);
    assert_eq!((claims(&again), pairs(&subject)), (KNOWN, first));
    // A document and a comment are no other code, whatever line the code stands on; what was counted for fewer benchmarks
    // serves for those.
    subject.write("README.md", "# Subject\n");
    let lib = subject.read("src/lib.rs");
    subject.write("src/lib.rs", &lib.replace("/// A function", "// Nothing but a comment.\n\n/// A function"));
    assert_eq!(claims(bench(&[]).ends(0, &["identical"])), KNOWN);
    assert_eq!(claims(&bench(&["--measure-identical"])), MEASURED);
}

#[test]
fn code_that_changed_or_may_read_what_changed_is_measured() {
    let Some(subject) = subject() else { return };
    let first = subject.bench(&["--base", "HEAD"]);
    assert_eq!(claims(&first), MEASURED);
    subject.script(&(bench("parse", 1900.0, "ok") + &bench("print", 2000.0, "ok")));
    subject.heap(&(heap("parse", 9, 96, 0, "ok") + &heap("print", 4, 32, 0, "ok")));
    let words = ["claims `time`, `count` are violated"];
    assert_eq!(claims(subject.bench(&["--base", "HEAD"]).ends(100, &words)), [(false, false); 2]);
    // The same verdict from what is known now: a red that is not worked on stays.
    subject.commit("Slower");
    assert_eq!(claims(subject.bench(&["--base", "HEAD"]).ends(100, &words)), [(false, true); 2]);
}

#[test]
fn claim_that_is_open_goes_on_where_it_stood() {
    let Some(subject) = subject() else { return };
    assert_eq!(claims(&subject.bench(&["--base", "HEAD"])), MEASURED);
    let has_pairs = |file: &&PathBuf| fs::read_to_string(file).expect("readable").contains("\"pairs\":[");
    let kept = files(&subject);
    let file = kept.iter().find(has_pairs).expect("pairs are kept");
    let mut evidence: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(file).expect("readable")).expect("JSON");
    let few = evidence["evidence"]["pairs"].as_array_mut().expect("a list");
    few.truncate(3);
    let few = few.clone();
    let text = evidence["evidence"].to_string();
    evidence["sha256"] = Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect::<String>().into();
    fs::write(file, evidence.to_string()).expect("written");
    let ran = subject.bench(&["--base", "HEAD"]);
    assert_eq!(claims(ran.ends(0, &["PASS"])), KNOWN);
    let all = pairs(&subject);
    let all = all.as_array().expect("a list");
    assert!(all.len() >= 8 && all[..3] == few[..], "{all:#?}");
    let detail = ran.json()["claims"][0]["detail"].as_str().expect("a text");
    assert!(detail.contains("3 of them measured 20"), "{detail}");
}

#[test]
fn damaged_evidence_is_measured_again_and_a_place_that_takes_none_is_told() {
    let Some(subject) = subject() else { return };
    assert_eq!(claims(&subject.bench(&["--base", "HEAD"])), MEASURED);
    let kept = files(&subject);
    assert_eq!(kept.len(), 2, "{kept:?}");
    let damaged = |damage: fn(&str) -> String| {
        for file in &kept {
            let text = fs::read_to_string(file).expect("readable");
            assert_ne!(damage(&text), text);
            fs::write(file, damage(&text)).expect("written");
        }
        assert_eq!(claims(subject.bench(&["--base", "HEAD"]).ends(0, &["PASS"])), MEASURED);
    };
    damaged(|text| text[..text.len() - 1].to_owned());
    // A stamp is as good as any other, and nobody measured then.
    damaged(|text| text.replace("\"since\":\"20", "\"since\":\"19"));
    assert_eq!(claims(&subject.bench(&["--base", "HEAD"])), KNOWN);
    let directory = evidence(&subject);
    fs::remove_dir_all(&directory).expect("removed");
    fs::write(&directory, "in the way").expect("written");
    let ran = subject.bench(&["--base", "HEAD"]);
    assert_eq!(claims(ran.ends(0, &["PASS", "evidence about this code is not kept"])), MEASURED);
}

#[test]
fn evidence_in_the_checkout_is_not_read() {
    let Some(subject) = subject() else { return };
    assert_eq!(claims(&subject.bench(&["--base", "HEAD"])), MEASURED);
    // Where version 0.1 kept it, and where a commit can bring it.
    let (kept, forged) = (evidence(&subject), subject.root().join("target/benchgate/evidence"));
    fs::create_dir_all(forged.parent().expect("below the root")).expect("a directory");
    fs::rename(&kept, &forged).expect("moved");
    assert_eq!(claims(&subject.bench(&["--base", "HEAD"])), MEASURED);
    assert_eq!(claims(&subject.bench(&["--base", "HEAD"])), KNOWN);
}
