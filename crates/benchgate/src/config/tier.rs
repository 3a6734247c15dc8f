//! A tier in `benchgate.toml`: a list of globs, or a table where packages belong to the tier.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use super::MentionKind;
use super::convert::Conversion;
use super::error::{ConfigError, visible};
use super::wire::Word;
use benchgate_core::gate::{IdGlobs, Tier};

/// Either form.
pub(super) enum TierWire {
    Ids(Vec<Word>),
    Packages(PackagesWire),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PackagesWire {
    packages: Spanned<Vec<Word>>,
    ids: Option<Spanned<Vec<Word>>>,
}

/// By hand, since serde's untagged enums lose the places of what is in them.
impl<'de> Deserialize<'de> for TierWire {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EitherForm)
    }
}

struct EitherForm;

impl<'de> Visitor<'de> for EitherForm {
    type Value = TierWire;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<TierWire, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(list)).map(TierWire::Ids)
    }

    fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<TierWire, A::Error> {
        PackagesWire::deserialize(MapAccessDeserializer::new(table)).map(TierWire::Packages)
    }
}

/// Checks the tiers of a document.
pub(super) fn convert(
    conversion: &mut Conversion<'_>,
    wire: BTreeMap<Word, Spanned<TierWire>>,
) -> Result<BTreeMap<String, Tier>, ConfigError> {
    let mut tiers = BTreeMap::new();
    for (name, tier) in wire {
        if name.get_ref() == "all" {
            let problem = "tier `all` always holds every benchmark and cannot be defined";
            return Err(conversion.wrong(name.span(), problem, "give this tier another name"));
        }
        conversion.check_name(&name, "tier")?;
        let span = tier.span();
        let tier = match tier.into_inner() {
            TierWire::Ids(ids) => Tier { ids: conversion.globs(&Spanned::new(span, ids))?, packages: BTreeSet::new() },
            TierWire::Packages(_) if name.get_ref() == "core" => {
                let problem = "tier `core` is what `bench` measures by default and cannot have packages";
                return Err(conversion.wrong(name.span(), problem, "give this tier another name"));
            }
            TierWire::Packages(wire) => packages(conversion, name.get_ref(), wire)?,
        };
        tiers.insert(name.into_inner(), tier);
    }
    Ok(tiers)
}

fn packages(conversion: &mut Conversion<'_>, tier: &str, wire: PackagesWire) -> Result<Tier, ConfigError> {
    let PackagesWire { packages, ids } = wire;
    let first = conversion.mentions.len();
    if packages.get_ref().is_empty() {
        let hint = "name a package, or write the globs alone: `[tiers]` with `name = [\"glob\"]`";
        return Err(conversion.wrong(packages.span(), "expected packages, found `[]`", hint));
    }
    for package in packages.get_ref() {
        if package.get_ref().trim().is_empty() {
            let problem = format!("expected the name of a package, found `{}`", visible(package.get_ref()));
            return Err(conversion.wrong(package.span(), problem, "take it from the `[package]` of its Cargo.toml"));
        }
        let kind = MentionKind::Package(package.get_ref().clone());
        conversion.mention(package.span(), kind);
    }
    let ids = match ids {
        Some(ids) => conversion.globs(&ids)?,
        None => IdGlobs::all(),
    };
    // What they name is not even built without the tier.
    conversion.mentions[first..].iter_mut().for_each(|mention| mention.tier = Some(tier.to_owned()));
    Ok(Tier { ids, packages: packages.into_inner().into_iter().map(Spanned::into_inner).collect() })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::config::{check_matches, check_packages, parse};
    use benchgate_core::model::BenchKey;

    const TIERS: &str = "[tiers]\nsmoke = [\"json/*\"]\n\n[tiers.peers]\npackages = [\"against\"]\n";

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[track_caller]
    fn check(package: &str, id: &str, expected: &[&str]) {
        let policy = parse("b", TIERS).unwrap().policy;
        let (package, target) = (package.to_owned(), "t".to_owned());
        let bench = BenchKey { package, target, group: id.to_owned(), function: None, value: None };
        let tiers = ["core", "smoke", "peers", "all"];
        let held: Vec<&str> = tiers.into_iter().filter(|tier| policy.is_in_tiers(&bench, &names(&[tier]))).collect();
        assert_eq!(held, expected);
    }

    #[test]
    fn packages_of_a_tier_are_in_no_other() {
        check("library", "json/a", &["smoke", "all"]);
        check("library", "pools/a", &["core", "all"]);
        check("against", "json/a", &["peers"]);
        check("against", "pools/a", &["peers"]);
    }

    #[test]
    fn packages_of_a_tier_are_built_with_it_only() {
        let policy = parse("b", TIERS).unwrap().policy;
        let built = |tiers: &[&str]| {
            let members = policy.members(&names(tiers));
            ["library", "against"].map(|package| members.why_not(package).is_none())
        };
        assert_eq!(built(&[]), [true, false]);
        assert_eq!(built(&["all"]), [true, false]);
        assert_eq!(built(&["smoke"]), [true, false]);
        assert_eq!(built(&["peers"]), [false, true]);
        assert_eq!(built(&["core", "peers"]), [true, true]);
    }

    #[test]
    fn only_what_is_built_must_match() {
        let text = format!("{TIERS}ids = [\"against/*\"]\n");
        let matches = |ids: &[&str], tiers: &[&str]| {
            check_matches(&parse("b", &text).unwrap(), &names(ids), &names(tiers)).map_err(|error| error.to_string())
        };
        assert_eq!(matches(&["json/a"], &["core"]), Ok(()));
        assert_eq!(matches(&["json/a"], &["all"]), Ok(()));
        assert_eq!(matches(&["against/a"], &["peers"]), Ok(()));
        insta::assert_snapshot!(matches(&["json/a"], &["core", "peers"]).unwrap_err(), @r#"
        `b:6:8`: glob `against/*` matches none of the 1 benchmarks
         6 | ids = ["against/*"]
           |        ^^^^^^^^^^^
        hint: the nearest id is `json/a`; all of them: `cargo benchgate list --tier all`
        "#);
        assert!(matches(&["against/a"], &["core", "peers"]).unwrap_err().contains("glob `json/*`"));
    }

    #[test]
    fn packages_exist_and_are_named() {
        let problem = |text: &str| {
            let known: BTreeSet<String> = names(&["library", "agains"]).into_iter().collect();
            let checked = parse("b", text).and_then(|loaded| check_packages(&loaded, &known));
            checked.map_err(|error| error.to_string())
        };
        assert_eq!(problem(&TIERS.replace("against", "library")), Ok(()));
        insta::assert_snapshot!(problem(TIERS).unwrap_err(), @r#"
        `b:5:13`: the workspace has no package `against`
         5 | packages = ["against"]
           |             ^^^^^^^^^
        hint: did you mean `agains`?
        "#);
        let refused = |text: &str, why: &str| {
            let said = problem(text).unwrap_err();
            assert!(said.contains(why), "{said}");
        };
        refused("[tiers.x]\npackages = []", "`b:2:12`: expected packages, found `[]`");
        refused("[tiers.x]\npackages = [\" \"]", "`b:2:13`: expected the name of a package");
        refused("[tiers.x]\nids = [\"a\"]", "missing key `packages`");
        refused("[tiers.x]\npackage = [\"a\"]", "unknown key `package`");
        refused("[tiers.x]\npackages = [\"a\"]\nids = [\"{a\"]", "`b:3:8`: malformed glob");
        refused("[tiers.core]\npackages = [\"a\"]", "tier `core` is what `bench` measures by default");
    }
}
