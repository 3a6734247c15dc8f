use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Value, json as literal};

use super::*;
use crate::fixture::{empty_run, hostile_ids, mixed, outcome, permitted, row, time_row};
use crate::fixture_built::built_unlike;
use benchgate_core::gate::{AcceptanceState, Action, Bound, ClaimKind, ClaimState, Rating};
use benchgate_core::model::Metric;

const PUBLISHED: &str = include_str!("../../../../docs/schema/outcome.v1.schema.json");

const EXITS: [ExitCode; 16] = [
    ExitCode::Internal,
    ExitCode::Usage,
    ExitCode::Configuration,
    ExitCode::MalformedFilter,
    ExitCode::Metadata,
    ExitCode::BaseUnavailable,
    ExitCode::Build,
    ExitCode::Output,
    ExitCode::BenchFailed,
    ExitCode::Implausible,
    ExitCode::Baseline,
    ExitCode::Incomplete,
    ExitCode::NothingCompared,
    ExitCode::Regression,
    ExitCode::Inconclusive,
    ExitCode::Pass,
];

fn validator() -> Validator {
    jsonschema::validator_for(&serde_json::from_str(PUBLISHED).unwrap()).unwrap()
}

fn parsed(outcome: &Outcome) -> Value {
    serde_json::from_str(&json(&empty_run(), outcome)).unwrap()
}

#[test]
fn what_the_builds_differ_in_and_what_is_left_out_has_the_published_shape() {
    let text = json(&built_unlike(), &outcome(Vec::new(), vec![ExitCode::Pass], "fine"));
    let value: Value = serde_json::from_str(&text).unwrap();
    assert!(validator().is_valid(&value), "{text}");
    let change = literal!({ "part": "harness", "package": "criterion", "base": "0.5.1", "candidate": "0.8.2" });
    assert_eq!(value["build_changes"][1], change);
    let left_out = &value["left_out"];
    let expected =
        literal!({ "package": "gpu", "benches": ["kernels"], "reason": "excluded", "detail": "excluded by name" });
    assert_eq!(left_out[0], expected);
    let reasons: Vec<&str> = left_out.as_array().unwrap().iter().map(|one| one["reason"].as_str().unwrap()).collect();
    assert_eq!(reasons, ["excluded", "features", "unmatched", "tier", "unnamed", "tier"]);
}

#[test]
fn shape_is_the_published_one() {
    let (run, mut outcome) = mixed();
    outcome.rows.truncate(2);
    outcome.claims = outcome.claims.split_off(3);
    outcome.claims.truncate(1);
    let value: Value = serde_json::from_str(&json(&run, &outcome)).unwrap();
    let (time, allocations) = (&value["series"][0], &value["series"][1]);
    assert_eq!((&value["schema"], &value["verdict"], &value["exit_code"]), (&1.into(), &"error".into(), &104.into()));
    assert_eq!(value["census"]["regressed"], 2);
    assert_eq!(value["message"], *outcome.headline);
    assert_eq!(value["notes"].as_array().map(Vec::len), Some(run.notes.len()));
    assert_eq!(value["census"]["timed-out"], 0);
    assert_eq!(time["id"], "serialization/result/direct/small");
    assert!((time["effect"]["estimate"].as_f64().unwrap() - 0.0612).abs() < 1e-12);
    assert_eq!((&time["unit"], &time["pairs"], &time["seconds"]), (&"ns/iter".into(), &16.into(), &1.25.into()));
    assert_eq!(time["smallest_visible_effect"], 0.034);
    let expected = literal!({
        "id": "serialization/result/direct/small", "metric": "allocations", "verdict": "regressed",
        "base": 1.0, "candidate": 2.0, "unit": "allocs/iter",
        "effect": { "estimate": 1.0, "lower": 1.0, "upper": 1.0 },
        "tolerance": 0.0, "pairs": 0, "seconds": 0.0, "smallest_visible_effect": null, "link_orders": null,
        "reason": "2 instead of 1, exact on both sides"
    });
    assert_eq!(allocations, &expected);
    let expected = literal!([{
        "name": "direct-beats-generic", "kind": "ratio",
        "statement": "time of serialization/result/direct/small / time of serialization/result/generic/small <= 0.5",
        "state": "holds", "holds": true, "value": 0.372, "interval": { "lower": 0.361, "upper": 0.384 }, "unit": null,
        "bound": { "at_least": null, "at_most": 0.5 }, "target": 0.4, "rating": "good", "detail": "proven by 7 pairs",
        "stated": "2.5 times as fast", "note": null,
        "source": { "repository": "example/wrapper", "file": "PERFORMANCE.md", "heading": "Serialization" }
    }]);
    assert_eq!(value["claims"], expected);
}

#[test]
fn link_orders_are_shares_too() {
    let mut row = time_row("a/b/c/d", Status::Layout, 100.0, [0.05, 0.04, 0.06]);
    let effect = Effect { estimate: 0.0, lower: -0.5f64.ln_1p(), upper: f64::INFINITY };
    let (lowest, highest) = (0.75f64.ln(), 1.25f64.ln());
    row.relinked = Some(Relinked { link_orders: 12, effect, lowest, highest, instructions: Some(0.0) });
    let value = parsed(&outcome(vec![row], vec![ExitCode::Pass], ""));
    let found = &value["series"][0]["link_orders"];
    assert!(validator().is_valid(&value), "{value}");
    assert_eq!((&found["pairs"], &found["instructions"]), (&12.into(), &0.0.into()));
    assert_eq!((&found["effect"]["estimate"], &found["effect"]["upper"]), (&0.0.into(), &Value::Null));
    assert!((found["lowest"].as_f64().unwrap() + 0.25).abs() < 1e-12);
    assert!((found["highest"].as_f64().unwrap() - 0.25).abs() < 1e-12);
}

#[test]
fn what_is_open_and_what_was_not_confirmed_is_said() {
    for open in Open::ALL {
        let mut row = time_row("a/b/c/d", Status::Inconclusive, 100.0, [0.05, 0.04, 0.06]);
        row.open = Some(open);
        let value = parsed(&outcome(vec![row], vec![ExitCode::Incomplete], ""));
        assert!(validator().is_valid(&value), "{value}");
        assert_eq!(value["series"][0]["open"], open.name());
    }
    let mut row = time_row("a/b/c/d", Status::Regressed, 100.0, [0.05, 0.04, 0.06]);
    row.unconfirmed = Some("the base cannot be linked again".into());
    let value = parsed(&outcome(vec![row], vec![ExitCode::Regression], ""));
    assert!(validator().is_valid(&value), "{value}");
    assert_eq!(value["series"][0]["not_confirmed"], "the base cannot be linked again");
}

#[test]
fn acceptances_and_changed_keys_come_before_the_census() {
    let (run, outcome) = permitted();
    let text = json(&run, &outcome);
    let at = |word: &str| text.find(word).unwrap();
    assert!(at("\"added\": true") < at("\"added\": false") && at("\"policy_changes\"") < at("\"census\""));
    let value: Value = serde_json::from_str(&text).unwrap();
    assert!(validator().is_valid(&value), "{value}");
    let expected = literal!([
        { "added": true, "id": "pools/slice/get_put/4k", "metric": "time", "ceiling": { "share": 0.08, "count": null },
          "reason": "bounds checks", "expires": "2026-12-31", "state": "used",
          "detail": "+6.1 % is within the 8 % accepted until 2026-12-31: bounds checks" },
        { "added": false, "id": "pools/old", "metric": null, "ceiling": null, "reason": "nobody calls it",
          "expires": "2027-01-31", "state": "unused", "detail": "no benchmark has this id" }
    ]);
    assert_eq!(value["acceptances"], expected);
    let expected = literal!([{ "key": "tolerance.time", "base": "\"2%\"", "candidate": "\"50%\"" }]);
    assert_eq!(value["policy_changes"], expected);
}

#[test]
fn numbers_that_are_not_finite_become_null() {
    let mut row = time_row("a/b/c/d", Status::Regressed, f64::NAN, [f64::INFINITY, 0.1, f64::INFINITY]);
    row.smallest_visible = Some(f64::INFINITY);
    row.seconds = f64::NAN;
    let value = parsed(&outcome(vec![row], vec![ExitCode::Regression], ""));
    let series = &value["series"][0];
    assert_eq!(series["base"], Value::Null);
    assert_eq!(series["effect"]["estimate"], Value::Null);
    assert!((series["effect"]["lower"].as_f64().unwrap() - 0.1).abs() < 1e-12);
    assert_eq!(series["effect"]["upper"], Value::Null);
    assert_eq!((&series["smallest_visible_effect"], &series["seconds"]), (&Value::Null, &Value::Null));
    assert!(validator().is_valid(&value));
}

#[test]
fn a_count_that_vanishes_is_a_whole_share_less() {
    let mut row = row("a/b/c/d", Metric::Allocations, Status::Improved);
    row.effect = Some(Effect { estimate: f64::NEG_INFINITY, lower: f64::NEG_INFINITY, upper: f64::NEG_INFINITY });
    assert_eq!(parsed(&outcome(vec![row], vec![], ""))["series"][0]["effect"]["estimate"], -1.0);
}

#[test]
fn hostile_ids_survive_and_are_inert() {
    let rows = hostile_ids().iter().map(|id| row(id, Metric::Time, Status::New)).collect();
    let text = json(&empty_run(), &outcome(rows, vec![ExitCode::Pass], ""));
    let is_seen = |c: char| c == '\n' || c.is_ascii_graphic() || c == ' ' || c.escape_debug().len() == 1;
    assert_eq!(text.chars().find(|&c| !is_seen(c)), None);
    let value: Value = serde_json::from_str(&text).unwrap();
    let ids: Vec<_> = value["series"].as_array().unwrap().iter().map(|s| s["id"].as_str().unwrap()).collect();
    assert_eq!(ids, hostile_ids());
}

#[test]
fn an_end_before_any_measurement_has_the_same_shape() {
    for exit in EXITS {
        let value: Value = serde_json::from_str(&json_without_run(exit, "the base does not build")).unwrap();
        assert!(validator().is_valid(&value), "{value}");
        assert_eq!(value["exit_code"], exit.code());
        assert_eq!(value["message"], "the base does not build");
    }
    assert_eq!(parsed(&outcome(vec![], vec![ExitCode::NothingCompared], ""))["verdict"], "error");
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![any::<f64>(), Just(f64::INFINITY), Just(f64::NEG_INFINITY), Just(f64::NAN), -1e3..1e3f64]
}

fn arbitrary_row() -> impl Strategy<Value = Row> {
    let effect = prop::option::of((number(), number(), number()));
    let values = (
        prop::option::of(number()),
        prop::option::of(number()),
        prop::option::of(prop_oneof![0.0..1e6f64, Just(f64::INFINITY)]),
    );
    let relinked = prop::option::of((number(), number(), prop::option::of(number())));
    let words = (any::<String>(), prop::sample::select(&Metric::ALL), prop::sample::select(&Status::ALL));
    let three = |(estimate, lower, upper)| Effect { estimate, lower, upper };
    (words, values, effect, relinked, any::<u32>(), 0.0..1e9f64).prop_map(
        move |((id, metric, status), (base, candidate, visible), effect, relinked, pairs, seconds)| Row {
            base,
            candidate,
            effect: effect.map(three),
            smallest_visible: visible,
            relinked: relinked.map(|(lowest, highest, instructions)| Relinked {
                link_orders: pairs,
                effect: three((lowest, lowest, highest)),
                lowest,
                highest,
                instructions,
            }),
            pairs,
            seconds,
            action: Action::Pass,
            ..row(&id, metric, status)
        },
    )
}

fn arbitrary_claim() -> impl Strategy<Value = ClaimRow> {
    let ratings = [Rating::Excellent, Rating::Good, Rating::Optimize, Rating::Unknown];
    let found = (
        prop::sample::select(&ClaimState::ALL),
        prop::sample::select(ratings.to_vec()),
        prop::option::of(number()),
        prop::option::of((number(), number())),
        prop::option::of(prop::sample::select(&Metric::ALL)),
    );
    let limits = (prop::option::of(number()), prop::option::of(number()), prop::option::of(number()));
    let words = (any::<String>(), prop::sample::select(&ClaimKind::NAMES), prop::option::of(any::<String>()));
    (words, found, limits).prop_map(
        |((name, kind, said), (state, rating, value, interval, unit), (at_least, at_most, target))| ClaimRow {
            area: name.clone(),
            statement: name.clone(),
            detail: name.clone(),
            name,
            kind,
            unit,
            state,
            value,
            interval,
            bound: Bound { at_least, at_most },
            target,
            rating,
            stated: said.clone(),
            note: said.clone(),
            source: said.map(|file| Source { repository: String::new(), file, heading: String::new() }),
        },
    )
}

fn arbitrary_acceptance() -> impl Strategy<Value = AcceptanceRow> {
    let ceiling = prop_oneof![number().prop_map(Ceiling::Share), number().prop_map(Ceiling::Count)];
    let origin = prop_oneof![Just(Origin::Base), Just(Origin::Change)];
    let found = (prop::sample::select(&AcceptanceState::ALL), origin);
    (any::<String>(), prop::option::of(prop::sample::select(&Metric::ALL)), prop::option::of(ceiling), found).prop_map(
        |(text, metric, ceiling, (state, origin))| AcceptanceRow {
            id: text.clone(),
            metric,
            ceiling,
            subject: text.clone(),
            statement: text.clone(),
            reason: text.clone(),
            expires: text.clone(),
            origin,
            state,
            detail: text,
            withdraw: None,
        },
    )
}

fn arbitrary_outcome() -> impl Strategy<Value = Outcome> {
    let rows = prop::collection::vec(arbitrary_row(), 0..5);
    let claims = prop::collection::vec(arbitrary_claim(), 0..3);
    let acceptances = prop::collection::vec(arbitrary_acceptance(), 0..3);
    let exits = prop::sample::subsequence(EXITS.to_vec(), 1..3);
    (rows, claims, acceptances, exits).prop_map(|(rows, claims, acceptances, exits)| {
        let mut outcome = outcome(rows, exits, "");
        outcome.acceptances = acceptances;
        outcome.claims = claims;
        outcome
    })
}

/// Every place of a value, as JSON pointers.
fn pointers(value: &Value, at: String, all: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                pointers(value, format!("{at}/{key}"), all);
            }
        }
        Value::Array(items) => {
            for (i, value) in items.iter().enumerate() {
                pointers(value, format!("{at}/{i}"), all);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    all.push(at);
}

/// A value of a type that the published schema allows nowhere near this one.
fn foreign(value: &Value) -> Value {
    match value {
        Value::Number(_) | Value::Bool(_) => literal!("rubbish"),
        Value::Null => literal!([]),
        Value::String(_) => literal!(1.5),
        Value::Array(_) => literal!({}),
        Value::Object(_) => literal!([]),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn every_outcome_validates(outcome in arbitrary_outcome()) {
        let value = parsed(&outcome);
        let errors: Vec<_> = validator().iter_errors(&value).map(|error| error.to_string()).collect();
        prop_assert!(errors.is_empty(), "{errors:?}");
    }

    #[test]
    fn a_mutated_outcome_does_not(outcome in arbitrary_outcome(), place in any::<prop::sample::Index>()) {
        let mut value = parsed(&outcome);
        let mut places = Vec::new();
        pointers(&value, String::new(), &mut places);
        let place: &String = place.get(&places);
        let place = value.pointer_mut(place).unwrap();
        *place = foreign(place);
        prop_assert!(!validator().is_valid(&value), "{value}");
    }

    #[test]
    fn an_unknown_or_missing_field_does_not(outcome in arbitrary_outcome(), place in any::<prop::sample::Index>()) {
        let value = parsed(&outcome);
        let mut places = Vec::new();
        pointers(&value, String::new(), &mut places);
        places.retain(|place| value.pointer(place).unwrap().is_object());
        let place: &String = place.get(&places);
        let mut more = value.clone();
        more.pointer_mut(place).unwrap()["unheard_of"] = literal!(null);
        prop_assert!(!validator().is_valid(&more), "{more}");
        let mut less = value;
        let object = less.pointer_mut(place).unwrap().as_object_mut().unwrap();
        let first = object.keys().next().unwrap().clone();
        object.remove(&first);
        prop_assert!(!validator().is_valid(&less), "{less}");
    }
}
