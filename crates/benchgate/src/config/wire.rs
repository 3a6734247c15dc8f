//! The wire form of `benchgate.toml`, and what the TOML reader says about it in our words.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use toml::Spanned;

use super::build::BuildWire;
use super::command::CommandWire;
use super::error::{ConfigError, Document, visible};
use super::sources::NamedSourceWire;
use super::suggest;
use super::tier::TierWire;

/// A text with its place.
pub(super) type Word = Spanned<String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyWire {
    pub(super) budget: Option<Word>,
    #[serde(default)]
    pub(super) tolerance: ToleranceWire,
    #[serde(default)]
    pub(super) tiers: BTreeMap<Word, Spanned<TierWire>>,
    #[serde(default)]
    pub(super) class: BTreeMap<Word, ClassWire>,
    #[serde(default)]
    pub(super) on: BTreeMap<Word, Spanned<toml::Value>>,
    #[serde(default)]
    pub(super) heap: HeapWire,
    #[serde(default)]
    pub(super) confirm: ConfirmWire,
    #[serde(rename = "claim")]
    pub(super) _claim: Option<Vec<IgnoredAny>>, // taken out before
    #[serde(rename = "claims")]
    pub(super) _claims: Option<IgnoredAny>, // read when the files are gathered
    #[serde(default)]
    pub(super) source: BTreeMap<Word, NamedSourceWire>,
    #[serde(rename = "lists")]
    pub(super) _lists: Option<BTreeMap<Word, IgnoredAny>>, // taken out before
    #[serde(default)]
    pub(super) words: BTreeMap<Word, BTreeMap<Word, Word>>,
    #[serde(default)]
    pub(super) command: Vec<CommandWire>,
    pub(super) canary: Option<CanaryWire>,
    #[serde(default)]
    pub(super) output: OutputWire,
    #[serde(default)]
    pub(super) tree: TreeWire,
    #[serde(default)]
    pub(super) build: BuildWire,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OutputWire {
    pub(super) report: Option<Word>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TreeWire {
    #[serde(default)]
    pub(super) include: Vec<Word>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CanaryWire {
    pub(super) file: Word,
    pub(super) before: Word,
    pub(super) after: Word,
    pub(super) id: Word,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HeapWire {
    pub(super) unmodified: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ToleranceWire {
    pub(super) time: Option<Word>,
    pub(super) allocations: Option<Word>,
    pub(super) bytes: Option<Word>,
    pub(super) peak_bytes: Option<Word>,
    pub(super) live_bytes: Option<Word>,
    pub(super) live_slope: Option<Word>,
    pub(super) threads: Option<Word>,
    pub(super) processor_time: Option<Word>,
    pub(super) peak_memory: Option<Word>,
    #[serde(default, rename = "override")]
    pub(super) overrides: Vec<OverrideWire>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConfirmWire {
    pub(super) link_orders: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OverrideWire {
    pub(super) ids: Spanned<Vec<Word>>,
    pub(super) metric: Option<Word>,
    pub(super) value: Word,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClassWire {
    pub(super) ids: Spanned<Vec<Word>>,
    pub(super) gate: Option<bool>,
    pub(super) exclusive: Option<bool>,
}

/// Flat on purpose: serde's tagged enums lose the places of their fields.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClaimWire {
    pub(super) name: Word,
    pub(super) kind: Word,
    pub(super) metric: Option<Word>,
    pub(super) numerator: Option<Word>,
    pub(super) denominator: Option<Word>,
    pub(super) minuend: Option<Word>,
    pub(super) subtrahend: Option<Word>,
    pub(super) id: Option<Word>,
    pub(super) counter: Option<Word>,
    pub(super) ids: Option<Spanned<Vec<Word>>>,
    pub(super) sizes: Option<Spanned<Vec<Spanned<f64>>>>,
    pub(super) threads: Option<Spanned<Vec<Spanned<u32>>>>,
    pub(super) equals: Option<Spanned<f64>>,
    pub(super) at_least: Option<Spanned<f64>>,
    pub(super) at_most: Option<Spanned<f64>>,
    pub(super) target: Option<Spanned<f64>>,
    pub(super) expect: Option<Word>,
    pub(super) tier: Option<Word>,
    pub(super) stated: Option<Word>,
    pub(super) note: Option<Word>,
    pub(super) source: Option<SourceWire>,
    // Filled in before, and listed here because a claim may have them.
    #[serde(rename = "each")]
    pub(super) _each: Option<IgnoredAny>,
    #[serde(rename = "cells")]
    pub(super) _cells: Option<IgnoredAny>,
    #[serde(rename = "heading")]
    pub(super) _heading: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SourceWire {
    pub(super) repository: Word,
    pub(super) file: Word,
    pub(super) heading: Word,
}

/// Reads the text as TOML.
pub(super) fn read_as<T: DeserializeOwned>(document: Document<'_>) -> Result<T, ConfigError> {
    toml::from_str(document.text).map_err(|error| in_our_words(document, &error))
}

/// What the TOML reader says, in our words.
pub(super) fn in_our_words(document: Document<'_>, error: &toml::de::Error) -> ConfigError {
    let span = error.span().unwrap_or(0..0);
    let found = document.at(span.clone());
    let message = visible(error.message().trim().lines().next().unwrap_or("not TOML"));
    if let Some(rest) = message.strip_prefix("unknown field ") {
        let (key, expected) = rest.split_once(", ").unwrap_or((rest, ""));
        let allowed: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
        let problem = format!("unknown key {key}, expected one of {}", suggest::listed(allowed.iter().copied()));
        return document.wrong(span, problem, suggest::hint(key.trim_matches('`'), allowed));
    }
    if let Some(key) = message.strip_prefix("missing field ") {
        return document.wrong(span, format!("missing key {key}"), format!("add {key} here"));
    }
    if let Some(found) = message.strip_prefix("invalid type: ") {
        let expected = found.rsplit_once("expected ").map_or("another type", |(_, expected)| expected);
        let (type_found, _) = found.split_once(", expected").unwrap_or((found, ""));
        let text = document.at(span.clone());
        let is_number = type_found.starts_with("integer") || type_found.starts_with("floating");
        let hint = match expected {
            "a string" if is_number => "quantities have units and stand in quotes: `\"5m\"`, `\"2%\"`".to_owned(),
            "a string" => format!("write it in quotes: `\"{text}\"`"),
            "a sequence" => format!("write a list: `[{text}]`"),
            "a boolean" => "write `true` or `false`, without quotes".to_owned(),
            _ => "the configuration reference has an example of every key".to_owned(),
        };
        return document.wrong(span, format!("expected {expected}, found {type_found}"), hint);
    }
    let subject = if found.is_empty() { String::new() } else { format!(" at `{found}`") };
    document.wrong(
        span,
        format!("not TOML{subject}: {message}"),
        "the rules of TOML are at <https://toml.io/en/v1.0.0>",
    )
}
