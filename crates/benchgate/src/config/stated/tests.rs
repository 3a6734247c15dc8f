use proptest::prelude::*;

use crate::config::{ConfigError, Loaded, check_matches, difference, parse_policy};
use benchgate_core::gate::{Claim, ClaimKind, Source};
use benchgate_core::model::{ClaimFile, PolicyText};

/// Sources in one file, a grid in another.
const SOURCES: &str = "[source.paper]\nrepository = \"o/r\"\nfile = \"P.md\"\n";
const GRID: &str = r#"[lists]
peers = ["sonic_rs", "serde_json"]

[words]
peer = { sonic_rs = "sonic-rs" }
threads = { 1 = "one thread", 2 = "two threads" }

[[claim]]
name = "{size}, {threads}: ahead of {peer}"
each = { size = ["small", "large"], threads = [1, 2], peer = "peers" }
kind = "ratio"
metric = "time"
numerator = "json/ours/{size}@t{threads}"
denominator = "json/{peer}/{size}@t{threads}"
at_most = "{threads}.5"
cells = [{ size = "large", target = 0.5 }, { size = "large", peer = "sonic_rs", threads = 2, target = 0.4, note = "{peer}" }]
source = "paper"
heading = "Of {peer}"
"#;

fn policy(files: &[(&str, &str)]) -> PolicyText {
    let claims = files.iter().map(|(name, text)| ClaimFile { name: (*name).into(), text: (*text).into() }).collect();
    PolicyText { claims, ..PolicyText::alone("b.toml", "") }
}

fn read(files: &[(&str, &str)]) -> Result<Loaded, ConfigError> {
    parse_policy(policy(files))
}

#[test]
fn a_table_states_a_claim_for_each_combination() {
    let loaded = read(&[("grid.toml", GRID), ("sources.toml", SOURCES)]).unwrap_or_else(|error| panic!("{error}"));
    let claims = &loaded.policy.claims;
    let names: Vec<&str> = claims.iter().map(|claim| claim.name.as_str()).collect();
    let expected = [
        "small, one thread: ahead of sonic-rs",
        "small, one thread: ahead of serde_json",
        "small, two threads: ahead of sonic-rs",
        "small, two threads: ahead of serde_json",
        "large, one thread: ahead of sonic-rs",
        "large, one thread: ahead of serde_json",
        "large, two threads: ahead of sonic-rs",
        "large, two threads: ahead of serde_json",
    ];
    assert_eq!(names, expected);
    let Claim { kind: ClaimKind::Ratio { numerator, denominator, .. }, bound, target, note, source, .. } = &claims[6]
    else {
        panic!("{:?}", claims[6])
    };
    assert_eq!((numerator.as_str(), denominator.as_str()), ("json/ours/large@t2", "json/sonic_rs/large@t2"));
    assert_eq!((bound.at_most, *target, note.as_deref()), (Some(2.5), Some(0.4), Some("sonic-rs")));
    let (repository, file, heading) = ("o/r".into(), "P.md".into(), "Of sonic-rs".into());
    assert_eq!(source, &Some(Source { repository, file, heading }));
    let targets: Vec<Option<f64>> = claims.iter().map(|claim| claim.target).collect();
    assert_eq!(targets, [None, None, None, None, Some(0.5), Some(0.5), Some(0.4), Some(0.5)]);
    assert!(loaded.claim_places().iter().all(|place| (place.file.as_str(), place.line) == ("grid.toml", 9)));
}

#[test]
fn claims_of_the_policy_come_first_and_may_be_grids_too() {
    let inline = "[[claim]]\nname = \"a {n}\"\neach = { n = [1, 2] }\nkind = \"count\"\nmetric = \"bytes\"\nid = \"x/{n}\"\nequals = \"{n}\"\n";
    let mut text = policy(&[("grid.toml", GRID), ("sources.toml", SOURCES)]);
    text.text = inline.into();
    let claims = parse_policy(text).unwrap_or_else(|error| panic!("{error}")).policy.claims;
    assert_eq!((claims.len(), claims[1].name.as_str(), claims[1].bound.at_most), (10, "a 2", Some(2.0)));
    let plain = "[[claim]]\nname = \"{n} {{\"\nkind = \"count\"\nmetric = \"bytes\"\nid = \"P { x: 1 }\"\nequals = 1\n";
    let claims = parse_policy(PolicyText::alone("b", plain)).unwrap().policy.claims;
    assert_eq!(claims[0].name, "{n} {{", "braces mean themselves where there is no `each`");
}

/// What is said of files that are not as they must be: in which file and line, a part of the problem, a part of the hint.
#[track_caller]
fn refuse(files: &[(&str, &str)], place: &str, problem: &str, hint: &str) {
    let said = read(files).map(|_| ()).expect_err("wrong").to_string();
    let (first, last) = said.split_once('\n').expect("several lines");
    let last = last.rsplit_once("\nhint: ").expect("a hint").1;
    assert!(first.starts_with(&format!("`{place}:")) && first.contains(problem) && last.contains(hint), "{said}");
}

/// The same of a grid in which something is written differently.
#[track_caller]
fn refuse_grid(from: &str, to: &str, line: usize, problem: &str, hint: &str) {
    assert!(GRID.contains(from), "{from}");
    let text = GRID.replace(from, to);
    refuse(&[("sources.toml", SOURCES), ("grid.toml", &text)], &format!("grid.toml:{line}"), problem, hint);
}

#[test]
fn what_is_wrong_with_a_grid_is_said_where_it_stands() {
    refuse_grid(
        "json/{peer}",
        "json/{per}",
        14,
        "unknown placeholder `{per}`, expected one of `{size}`, `{threads}`",
        "`peer`?",
    );
    refuse_grid("json/{peer}/{size}@t{threads}", "json/{peer", 14, "`{` has no partner", "`{{`");
    refuse_grid("json/ours/", "json/ours}/", 13, "`}` has no partner", "`}}`");
    refuse_grid("threads = [1, 2]", "threads = [1, 2], spare = [\"x\"]", 10, "`{spare}` stands nowhere", "delete it");
    refuse_grid(
        "{size}, {threads}: ahead",
        "{threads}: ahead",
        9,
        "is stated twice, first at `grid.toml:9`",
        "each variable",
    );
    refuse_grid("[\"small\", \"large\"]", "[]", 10, "at least one word, found `[]`", "fill the list");
    refuse_grid("[\"small\", \"large\"]", "[\"small\", \"small\"]", 10, "`small` stands in the list twice", "delete");
    refuse_grid("[\"small\", \"large\"]", "[0.5]", 10, "expected a word, found float", "quotes");
    refuse_grid("[\"small\", \"large\"]", "{ a = 1 }", 10, "expected a list of words, found table", "write");
    refuse_grid("peer = \"peers\"", "peer = \"pers\"", 10, "unknown list `pers`", "did you mean `peers`?");
    refuse_grid("peers = [\"sonic_rs\", \"serde_json\"]", "peers = []", 2, "found `[]`", "fill the list");
    refuse_grid("peer = \"peers\"", "peer = [\"sonic_rs\"]", 2, "no claim of this file uses list `peers`", "delete it");
    refuse_grid(
        "sonic_rs = \"sonic-rs\"",
        "sonic_r = \"sonic-rs\"",
        5,
        "`sonic_r` is no value of `peer`",
        "`sonic_rs`?",
    );
    refuse_grid("peer = { sonic_rs", "per = { sonic_rs", 5, "has a variable `per`", "did you mean `peer`?");
    refuse_grid(
        "size = \"large\", target",
        "sizes = \"large\", target",
        16,
        "`sizes` is neither a variable",
        "`size`?",
    );
    refuse_grid(
        "size = \"large\", target",
        "size = \"larger\", target",
        16,
        "`larger` is no value of `size`",
        "`large`?",
    );
    refuse_grid(
        "{ size = \"large\", target = 0.5 }",
        "{ size = \"large\" }",
        16,
        "which cells are meant, and what",
        "write",
    );
    refuse_grid("cells = [{", "cells = [3, {", 16, "expected a table", "write for instance");
    refuse_grid(
        "{threads}.5",
        "{peer}",
        15,
        "found `sonic_rs` (cell size = small, threads = 1, peer = sonic_rs)",
        "numbers",
    );
    refuse_grid("{threads}.5", "-{threads}.5", 15, "found `-1.5` (cell size = small, threads = 1", "write");
    refuse_grid(
        "each = { size =",
        "each = { note = [\"x\"], size =",
        10,
        "`note` is a key of claims",
        "something else",
    );
    refuse_grid("each = { size =", "each = { \"a b\" = [\"x\"], size =", 10, "expected a variable of letters", "write");
    refuse_grid("each = {", "eich = {", 16, "`cells` are those of `each`", "add for instance");
    refuse_grid("kind = ", "kined = ", 11, "unknown key `kined`", "did you mean `kind`?");
    refuse_grid("[lists]", "[list]", 1, "unknown key `list`", "did you mean `lists`?");
    refuse_grid("[lists]", "budget = \"5m\"\n[lists]", 1, "unknown key `budget`", "write one of");
    let many = (0..65).map(|n| n.to_string()).collect::<Vec<_>>().join(", ");
    let wide = format!("a = [{many}], b = [{many}], size =");
    refuse_grid(
        "each = { size =",
        &format!("each = {{ {wide}"),
        10,
        "at most 4096 claims of one table",
        "several tables",
    );
}

#[test]
fn what_is_wrong_with_a_source_is_said_where_it_stands() {
    refuse_grid("source = \"paper\"", "source = \"papr\"", 17, "unknown source `papr`", "did you mean `paper`?");
    refuse_grid("heading = \"Of {peer}\"\n", "", 17, "a named source needs a `heading`", "add");
    refuse_grid("source = \"paper\"\n", "", 17, "`heading` is one of a named source", "add `source");
    let same = [("a.toml", SOURCES), ("b.toml", SOURCES), ("grid.toml", GRID)];
    assert!(read(&same).is_ok(), "the same document twice is one");
    let other = [("a.toml", SOURCES), ("b.toml", &SOURCES.replace("P.md", "Q.md")), ("grid.toml", GRID)];
    refuse(&other, "b.toml:1", "source `paper` is another document than at `a.toml:1`", "another name");
    refuse(&[("a.toml", SOURCES)], "a.toml:1", "no claim refers to source `paper`", "delete it");
    refuse(&[("a.toml", &SOURCES.replace("o/r", " "))], "a.toml:2", "found an empty text", "fill it in");
    refuse(&[("a.toml", &SOURCES.replace("file", "files"))], "a.toml:3", "unknown key `files`", "did you mean `file`?");
}

#[test]
fn names_are_unique_over_all_files() {
    let claim = "[[claim]]\nname = \"c\"\nkind = \"count\"\nmetric = \"bytes\"\nid = \"x\"\nequals = 1\n";
    refuse(
        &[("one.toml", claim), ("two.toml", claim)],
        "two.toml:2",
        "is stated twice, first at `one.toml:2`",
        "delete",
    );
    let contrary = claim.replace("\"c\"", "\"d\"").replace("equals = 1", "equals = 2");
    refuse(&[("one.toml", claim), ("two.toml", &contrary)], "two.toml:2", "claim `d` contradicts claim `c`", "");
}

#[test]
fn an_id_that_matches_nothing_is_said_with_its_cell() {
    let loaded = read(&[("sources.toml", SOURCES), ("grid.toml", GRID)]).unwrap();
    let ids: Vec<String> = ["small@t1", "large@t1", "small@t2", "large@t2"]
        .iter()
        .flat_map(|end| ["ours", "sonic_rs", "serde_json"].map(|one| format!("json/{one}/{end}")))
        .collect();
    assert!(check_matches(&loaded, &ids, &[]).is_ok());
    let but_one: Vec<String> = ids.into_iter().filter(|id| id != "json/serde_json/large@t1").collect();
    let said = check_matches(&loaded, &but_one, &[]).expect_err("gone").to_string();
    let place = "`grid.toml:14:15`: id `json/serde_json/large@t1` matches none of the 11 benchmarks \
                 (cell size = large, threads = 1, peer = serde_json)\n";
    assert!(said.starts_with(place), "{said}");
}

#[test]
fn changes_are_those_of_the_claims_whichever_file_states_them() {
    let base = policy(&[("grid.toml", GRID), ("sources.toml", SOURCES)]);
    let keys = |candidate: &PolicyText| difference(&base, candidate).into_iter().map(|one| one.key).collect::<Vec<_>>();
    let changed = |from: &str, to: &str| policy(&[("a.toml", SOURCES), ("b.toml", &GRID.replace(from, to))]);
    assert!(keys(&changed("", "")).is_empty());
    let one = changed("target = 0.4", "target = 0.3");
    assert_eq!(keys(&one), ["claim.[\"large, two threads: ahead of sonic-rs\"].target"]);
    let changes = difference(&base, &one);
    assert_eq!((changes[0].base.as_deref(), changes[0].candidate.as_deref()), (Some("0.4"), Some("0.3")));
    let gone = changed("[\"small\", \"large\"]", "[\"large\"]");
    assert_eq!(keys(&gone).len(), 4);
    assert!(difference(&base, &gone).iter().all(|one| one.base.is_some() && one.candidate.is_none()));
    let heading = policy(&[("sources.toml", &SOURCES.replace("P.md", "Q.md")), ("grid.toml", GRID)]);
    assert_eq!(keys(&heading).len(), 8, "a source is part of what each claim says");
}

/// Different words; some of them are what a brace would look like.
fn values() -> impl Strategy<Value = Vec<String>> {
    prop::collection::btree_set("[a-z0-9_./@-]{1,4}", 1..4).prop_map(|set| set.into_iter().collect()).prop_shuffle()
}

proptest! {
    /// A grid says what all of its claims say when they are written out by hand.
    #[test]
    fn a_grid_is_its_claims_written_out(
        a in values(), b in values(), c in values(),
        goals in prop::collection::vec((any::<prop::sample::Index>(), prop::option::of(any::<prop::sample::Index>()), 1_u32..90), 0..4),
    ) {
        let goals: Vec<(&String, Option<&String>, f64)> = goals
            .iter()
            .map(|(x, y, goal)| (x.get(&a), y.as_ref().map(|y| y.get(&b)), f64::from(*goal) / 100.0))
            .collect();
        let list = |values: &[String]| format!("{values:?}");
        let cell = |(x, y, goal): &(&String, Option<&String>, f64)| {
            let second = y.map(|y| format!("b = {y:?}, ")).unwrap_or_default();
            format!("{{ a = {x:?}, {second}target = {goal:?} }}")
        };
        let cells = goals.iter().map(cell).collect::<Vec<_>>().join(", ");
        let body = "kind = \"ratio\"\nmetric = \"time\"";
        let grid = format!(
            "[[claim]]\nname = \"{{a}} {{b}} {{c}} {{{{}}}}\"\neach = {{ b = {}, a = {}, c = {} }}\ncells = [{cells}]\n{body}\n\
             numerator = \"x/{{a}}/{{b}}\"\ndenominator = \"y/{{c}}{{a}}\"\nat_most = 1.0\n",
            list(&b), list(&a), list(&c)
        );
        let mut long = String::new();
        for y in &b {
            for x in &a {
                for z in &c {
                    let is_meant = |(of_a, of_b, _): &&(&String, Option<&String>, f64)| *of_a == x && of_b.is_none_or(|of_b| of_b == y);
                    let goal = goals.iter().rfind(is_meant).map(|(.., goal)| format!("target = {goal:?}\n")).unwrap_or_default();
                    long += &format!(
                        "[[claim]]\nname = \"{x} {y} {z} {{}}\"\n{body}\nnumerator = \"x/{x}/{y}\"\ndenominator = \"y/{z}{x}\"\nat_most = 1.0\n{goal}"
                    );
                }
            }
        }
        let [grid, long] = [grid, long].map(|text| policy(&[("f.toml", &text)]));
        match (parse_policy(grid.clone()), parse_policy(long.clone())) {
            (Ok(short), Ok(written)) => {
                prop_assert_eq!(short.policy.claims, written.policy.claims);
                prop_assert!(difference(&grid, &long).is_empty());
            }
            (short, written) => {
                // Two cells may say the same, or the contrary of each other: then both forms are refused.
                prop_assert_eq!(short.map(|_| ()).is_err(), written.map(|_| ()).is_err());
            }
        }
    }

    #[test]
    fn no_changed_character_panics(at in any::<prop::sample::Index>(), c in any::<char>(), is_cut in any::<bool>()) {
        let mut text: Vec<char> = GRID.chars().collect();
        let at = at.index(text.len());
        if is_cut {
            text.remove(at);
        } else {
            text[at] = c;
        }
        if let Err(error) = read(&[("sources.toml", SOURCES), ("grid.toml", &text.into_iter().collect::<String>())]) {
            prop_assert_eq!(error.to_string().matches("\nhint: ").count(), 1);
        }
    }
}
