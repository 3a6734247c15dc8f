use proptest::prelude::*;

use super::*;
use crate::config::presence;
use benchgate_core::model::{Matter, Presence};

const TWO: &str = r#"# Ours.

# Worth it: issue 12.
[[accept]]
id = "a/b/c/d"
metric = "time"
ceiling = "8%" # measured 6 %
reason = "bounds checks"
expires = "2026-12-31"

# Gone with version 2.
[[accept]]
id = "a/b/old/d"
removed = true
reason = "nobody calls it"
expires = "2027-01-31"
# The end.
"#;

fn acceptance(id: &str, permits: Permits) -> Acceptance {
    let expires = day("2026-12-31").expect("a day");
    Acceptance { id: id.into(), permits, reason: "because \"it\" is".into(), expires, tier: None }
}

fn slower(ceiling: f64) -> Permits {
    Permits::Worse { metric: Metric::Time, ceiling: Ceiling::Share(ceiling) }
}

#[test]
fn every_key_is_read() {
    let all = parse_acceptances("f", &TWO.replace("removed = true", "removed = true\ntier = \"peers\"")).expect("fine");
    let [first, second] = &all[..] else { panic!("{all:?}") };
    assert_eq!((first.id.as_str(), first.permits, first.tier.as_deref()), ("a/b/c/d", slower(0.08), None));
    assert_eq!((first.reason.as_str(), first.expires.to_string()), ("bounds checks", "2026-12-31".into()));
    assert_eq!((second.permits, second.tier.as_deref()), (Permits::Removal, Some("peers")));
    assert_eq!(parse_acceptances("f", "").expect("fine"), []);
    assert_eq!(parse_acceptances("f", HEADER).expect("fine"), []);
}

/// Line, column and a part of the problem.
#[track_caller]
fn check(text: &str, place: (usize, usize), expected: &str) {
    let ConfigError::Wrong(complaint) = parse_acceptances("f", text).expect_err("wrong") else {
        panic!("no complaint")
    };
    assert!(complaint.problem.contains(expected), "{complaint}");
    assert_eq!((complaint.line, complaint.column), place, "{complaint}");
    assert!(!complaint.hint.is_empty() && !complaint.to_string().ends_with('.'), "{complaint}");
}

#[test]
fn nothing_is_forgiven() {
    let table = |lines: &str| format!("[[accept]]\n{lines}\n");
    let rest = "reason = \"r\"\nexpires = \"2026-12-31\"";
    check("[[accepted]]\nid = \"a\"", (1, 3), "unknown key `accepted`");
    check(&table(&format!("id = \"a\"\nmetrik = \"time\"\n{rest}")), (3, 1), "unknown key `metrik`");
    check(&table(&format!("id = \"\"\nremoved = true\n{rest}")), (2, 6), "expected a name for the benchmark");
    check(&table(&format!("id = \"a\"\n{rest}")), (2, 6), "expected `metric` and `ceiling`, or `removed = true`");
    check(&table(&format!("id = \"a\"\nmetric = \"time\"\n{rest}")), (2, 6), "expected `metric` and `ceiling`");
    check(&table(&format!("id = \"a\"\nremoved = false\n{rest}")), (3, 11), "`removed` is `true` or absent");
    check(&table(&format!("id = \"a\"\nremoved = true\nmetric = \"time\"\n{rest}")), (4, 10), "as well");
    check(&table(&format!("id = \"a\"\nmetric = \"tim\"\nceiling = \"8%\"\n{rest}")), (3, 10), "unknown metric `tim`");
    check(&table(&format!("id = \"a\"\nmetric = \"threads\"\nceiling = \"8%\"\n{rest}")), (3, 10), "is a leak");
    check(&table(&format!("id = \"a\"\nmetric = \"time\"\nceiling = \"8 percent\"\n{rest}")), (4, 11), "`8 percent`");
    check(
        &table(&format!("id = \"a\"\nmetric = \"time\"\nceiling = \"8\"\n{rest}")),
        (4, 11),
        "nanoseconds never gate",
    );
    check(
        &table("id = \"a\"\nremoved = true\nreason = \"  \"\nexpires = \"2026-12-31\""),
        (4, 10),
        "expected a reason",
    );
    check(&table("id = \"a\"\nremoved = true\nreason = \"r\"\nexpires = \"2026-02-30\""), (5, 11), "expected a day");
    check(&table("id = \"a\"\nremoved = true\nexpires = \"2026-02-03\""), (1, 1), "missing key `reason`");
    check(
        &format!("{TWO}\n{}", table(&format!("id = \"a/b/c/d\"\nmetric = \"time\"\nceiling = \"9%\"\n{rest}"))),
        (20, 6),
        "time of `a/b/c/d` is accepted twice",
    );
}

#[test]
fn a_new_file_says_what_it_is() {
    insta::assert_snapshot!(with_acceptance("f", "", &acceptance("a/b", slower(0.08))).expect("fine"), @r##"
    # Reviewed permissions to be slower or heavier, or to remove a benchmark: `cargo benchgate accept --help`.
    # Each ends on its last day, in UTC, and is withdrawn once nothing needs it.

    [[accept]]
    id = "a/b"
    metric = "time"
    ceiling = "8%"
    reason = 'because "it" is'
    expires = "2026-12-31"
    "##);
}

#[test]
fn the_rest_of_the_file_stays_as_it_was_written() {
    let more = with_acceptance("f", TWO, &acceptance("x", Permits::Removal)).expect("fine");
    assert!(more.starts_with(TWO.trim_end()), "{more}");
    assert!(more.ends_with("# The end.\n\n[[accept]]\nid = \"x\"\nremoved = true\nreason = 'because \"it\" is'\nexpires = \"2026-12-31\"\n"), "{more}");

    let other = with_acceptance("f", TWO, &acceptance("a/b/c/d", slower(0.1))).expect("fine");
    let expected = TWO.replace("\"8%\" # measured 6 %", "\"10%\"").replace("\"bounds checks\"", "'because \"it\" is'");
    assert_eq!(other, expected);

    // The comment of the file outlives the table that it stands above; the table's own goes with it.
    let without =
        without_acceptance("f", TWO, "a/b/c/d", Matter::Metric(Metric::Time)).expect("fine").expect("it is there");
    assert_eq!(without, TWO[..9].to_owned() + &TWO[TWO.find("# Gone").expect("there")..]);
    let none = without_acceptance("f", &without, "a/b/old/d", Matter::Removal).expect("fine").expect("it is there");
    assert_eq!(none, "# Ours.\n# The end.\n");
    assert_eq!(without_acceptance("f", TWO, "a/b/c/d", Matter::Removal).expect("fine"), None);
    assert_eq!(without_acceptance("f", TWO, "a/b/c", Matter::Metric(Metric::Time)).expect("fine"), None);
}

#[test]
fn the_example_of_the_document_is_read() {
    let text = include_str!("../../../../../docs/acceptances.md");
    let example = text.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("there is one");
    assert_eq!(parse_acceptances("docs/acceptances.md", example).expect("fine").len(), 2);
}

#[test]
fn what_was_not_built_is_not_missed() {
    let policy = crate::config::parse("b", "[tiers]\npeers = { packages = [\"p\"] }\n").expect("fine").policy;
    let ids = ["a/b".to_owned(), "a/mt@t2".to_owned()];
    #[track_caller]
    fn check(found: Presence, expected: Presence) {
        assert_eq!(found, expected);
    }
    let of = |id: &str, tier: Option<&str>, tiers: &[&str]| {
        let acceptance = Acceptance { tier: tier.map(Into::into), ..acceptance(id, Permits::Removal) };
        let tiers: Vec<String> = tiers.iter().map(|tier| (*tier).to_owned()).collect();
        presence(&policy, &acceptance, &ids, &tiers)
    };
    check(of("a/b", None, &["core"]), Presence::Here);
    check(of("a/x", None, &["core"]), Presence::Absent);
    check(of("a/x", None, &[]), Presence::Absent);
    check(of("a/x", None, &["peers"]), Presence::Untold);
    check(of("a/x", Some("peers"), &["core"]), Presence::Untold);
    check(of("a/x", Some("peers"), &["peers"]), Presence::Absent);
    // This machine has two cores.
    check(of("a/mt@t8", None, &["core"]), Presence::Untold);
    check(of("a/nt@t8", None, &["core"]), Presence::Absent);
}

#[test]
fn a_list_in_one_line_is_read_but_not_edited() {
    let line = "accept = [{ id = \"a\", removed = true, reason = \"r\", expires = \"2026-12-31\" }]\n";
    assert_eq!(parse_acceptances("f", line).expect("fine").len(), 1);
    let error = with_acceptance("f", line, &acceptance("b", Permits::Removal)).expect_err("it cannot");
    assert!(error.to_string().contains("cannot be edited"), "{error}");
}

fn any_acceptance() -> impl Strategy<Value = Acceptance> {
    let id = prop_oneof!["[a-c/]{1,5}", "\\PC{1,8}"].prop_filter("a name", |id| !id.trim().is_empty());
    let metric = prop::sample::select(acceptable_metrics().collect::<Vec<_>>());
    let ceiling = (1_u32..10_000, any::<bool>()).prop_map(|(n, is_share)| match is_share {
        true => Ceiling::Share(f64::from(n) / 1000.0),
        false => Ceiling::Count(f64::from(n)),
    });
    let worse = (metric, ceiling)
        .prop_filter("counts of counts", |(metric, ceiling)| check_ceiling(*metric, *ceiling).is_ok())
        .prop_map(|(metric, ceiling)| Permits::Worse { metric, ceiling });
    let permits = prop_oneof![worse, Just(Permits::Removal), Just(Permits::OtherWork)];
    let reason = "\\PC{1,20}".prop_filter("says something", |text| check_reason(text).is_ok());
    let tier = prop::option::of("[a-z]{1,4}");
    (id, permits, reason, tier, 1_i8..=28).prop_map(|(id, permits, reason, tier, d)| Acceptance {
        id,
        permits,
        reason,
        expires: jiff::civil::date(2027, 5, d),
        tier,
    })
}

/// Equal but for the last bits of a share.
fn is_same(one: &Acceptance, other: &Acceptance) -> bool {
    let text = |acceptance: &Acceptance| match acceptance.permits {
        Permits::Worse { metric, ceiling } => format!("{metric} {ceiling}"),
        Permits::Removal => "removal".into(),
        Permits::OtherWork => "work".into(),
    };
    text(one) == text(other) && Acceptance { permits: one.permits, ..other.clone() } == *one
}

proptest! {
    #[test]
    fn what_is_written_is_read(all in prop::collection::vec(any_acceptance(), 0..5)) {
        let mut kept: Vec<Acceptance> = Vec::new();
        let mut text = TWO.to_owned();
        for one in all {
            text = with_acceptance("f", &text, &one).expect("it was valid");
            kept.retain(|other| !other.is_about_the_same(&one));
            kept.push(one);
        }
        let read = parse_acceptances("f", &text).expect("just written");
        prop_assert_eq!(read.len(), kept.len() + 2);
        for one in &kept {
            prop_assert!(read.iter().any(|other| is_same(one, other)), "{:?} in {}", one, text);
        }
        // Withdrawn in any order, what was there at first is left, with its comments.
        for one in &kept {
            text = without_acceptance("f", &text, &one.id, one.permits.matter()).expect("valid").expect("there");
        }
        prop_assert_eq!(text.trim_end(), TWO.trim_end());
    }

    #[test]
    fn any_text_is_an_error_or_acceptances(text in "\\PC*") {
        prop_assert!(parse_acceptances("f", &text).is_err() || text.trim().is_empty() || text.trim_start().starts_with('#'));
    }

    #[test]
    fn no_changed_character_panics(at in any::<prop::sample::Index>(), c in any::<char>()) {
        let mut text: Vec<char> = TWO.chars().collect();
        let at = at.index(text.len());
        text[at] = c;
        let text: String = text.into_iter().collect();
        if let Ok(all) = parse_acceptances("f", &text) {
            prop_assert!(all.len() <= 2);
            // What can be read can be edited.
            let more = with_acceptance("f", &text, &acceptance("x", Permits::Removal));
            prop_assert!(more.is_ok_and(|more| parse_acceptances("f", &more).is_ok_and(|more| more.len() == all.len() + 1)));
        }
    }
}
