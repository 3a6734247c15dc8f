//! What differs between two configurations, key by key; comments and the order of tables are no difference.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use super::stated;
use benchgate_core::model::{PolicyChange, PolicyText};

/// The keys whose values differ, in the order of their names; none where one of the texts is no TOML. Claims are compared one by one,
/// whichever file states them.
pub fn difference(base: &PolicyText, candidate: &PolicyText) -> Vec<PolicyChange> {
    let (Some(base), Some(candidate)) = (whole(base), whole(candidate)) else { return Vec::new() };
    let mut changes = Vec::new();
    compare("", Some(&Value::Table(base)), Some(&Value::Table(candidate)), &mut changes);
    changes
}

/// A policy as one table, its claims written out; as it is written where something is wrong with it.
fn whole(text: &PolicyText) -> Option<Table> {
    let mut table: Table = text.text.parse().ok()?;
    if let Ok((_, stated)) = stated::read::<Value>(text) {
        for key in ["claim", "lists", "words", "source"] {
            table.remove(key);
        }
        let claims: Vec<Value> = stated.into_iter().map(|one| one.claim).collect();
        if !claims.is_empty() {
            table.insert("claim".into(), claims.into());
        }
    }
    Some(table)
}

fn compare(key: &str, base: Option<&Value>, candidate: Option<&Value>, changes: &mut Vec<PolicyChange>) {
    if base == candidate {
        return;
    }
    if let (Some(before), Some(after)) = (base.and_then(parts), candidate.and_then(parts)) {
        let labels: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for label in labels {
            let key = if key.is_empty() { label.clone() } else { format!("{key}.{label}") };
            compare(&key, before.get(label).copied(), after.get(label).copied(), changes);
        }
        return;
    }
    let text = |value: Option<&Value>| value.map(ToString::to_string);
    changes.push(PolicyChange { key: key.to_owned(), base: text(base), candidate: text(candidate) });
}

/// The values of a table by key, those of a list of tables by what identifies them.
fn parts(value: &Value) -> Option<BTreeMap<String, &Value>> {
    match value {
        Value::Table(table) => Some(table.iter().map(|(key, value)| (named(key), value)).collect()),
        Value::Array(list) if !list.is_empty() && list.iter().all(Value::is_table) => {
            let mut parts = BTreeMap::new();
            for element in list {
                let mut label = identity(element);
                while parts.contains_key(&label) {
                    label.push('\'');
                }
                parts.insert(label, element);
            }
            Some(parts)
        }
        _ => None,
    }
}

/// A key as it would be written.
fn named(key: &str) -> String {
    let is_bare = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if is_bare { key.to_owned() } else { Value::from(key).to_string() }
}

/// What tells a table of a list from the others: its name, else its ids and metric.
fn identity(table: &Value) -> String {
    let part = |key: &str| table.get(key).map(ToString::to_string);
    let parts = match part("name") {
        Some(name) => vec![name],
        None => [part("ids"), part("metric")].into_iter().flatten().collect(),
    };
    format!("[{}]", parts.join(" "))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(text: &str) -> PolicyText {
        PolicyText::alone("b", text)
    }

    #[track_caller]
    fn check(base: &str, candidate: &str, expected: &[(&str, Option<&str>, Option<&str>)]) {
        let found = difference(&text(base), &text(candidate));
        let found: Vec<_> =
            found.iter().map(|one| (&*one.key, one.base.as_deref(), one.candidate.as_deref())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn keys_are_named_with_both_values() {
        let base = "budget = \"5m\"\n[tolerance]\ntime = \"2%\"\nbytes = \"1%\"\n";
        check(base, base, &[]);
        check(base, &format!("# Another comment.\n{base}"), &[]);
        check(base, &base.replace("2%", "50%"), &[("tolerance.time", Some("\"2%\""), Some("\"50%\""))]);
        check(base, &base.replace("bytes = \"1%\"\n", ""), &[("tolerance.bytes", Some("\"1%\""), None)]);
        check("", "[on]\nremoved = \"warn\"\n", &[("on", None, Some("{ removed = \"warn\" }"))]);
        check(
            "[tiers]\n\"a b\" = [\"x\"]\n",
            "[tiers]\n\"a b\" = [\"y\"]\n",
            &[("tiers.\"a b\"", Some("[\"x\"]"), Some("[\"y\"]"))],
        );
    }

    #[test]
    fn claims_are_told_apart_by_name_and_overrides_by_ids() {
        let claim = |name: &str, most: &str| format!("[[claim]]\nname = \"{name}\"\nat_most = {most}\n");
        check(
            &(claim("a", "1") + &claim("b", "2")),
            &(claim("b", "3") + &claim("a", "1")),
            &[("claim.[\"b\"].at_most", Some("2"), Some("3"))],
        );
        check(
            &claim("a", "1"),
            &(claim("a", "1") + &claim("c", "4")),
            &[("claim.[\"c\"]", None, Some("{ at_most = 4, name = \"c\" }"))],
        );
        let rule = |ids: &str, value: &str| format!("[[tolerance.override]]\nids = [\"{ids}\"]\nvalue = \"{value}\"\n");
        check(
            &(rule("a", "1%") + &rule("b", "1%")),
            &(rule("a", "1%") + &rule("b", "9%")),
            &[("tolerance.override.[[\"b\"]].value", Some("\"1%\""), Some("\"9%\""))],
        );
        // The order of equal rules matters to nobody who can tell them apart; both are shown.
        check(
            &(rule("a", "1%") + &rule("a", "2%")),
            &rule("a", "1%"),
            &[("tolerance.override.[[\"a\"]]'", Some("{ ids = [\"a\"], value = \"2%\" }"), None)],
        );
    }

    proptest! {
        #[test]
        fn no_text_panics(base in "[a-c\\[\\]=\".\n {}1]{0,40}", candidate in "[a-c\\[\\]=\".\n {}1]{0,40}") {
            let (base, candidate) = (text(&base), text(&candidate));
            let there = difference(&base, &candidate);
            let back = difference(&candidate, &base);
            prop_assert_eq!(there.len(), back.len());
            prop_assert!(difference(&base, &base).is_empty());
        }
    }
}
