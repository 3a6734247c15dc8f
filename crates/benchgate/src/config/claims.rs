//! `[[claim]]` tables -> claims: each complete, none stated twice, none that contradicts another.

mod contradiction;
mod kind;
mod size;

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;

use super::convert::Conversion;
use super::error::{ConfigError, visible};
use super::stated::Stated;
use super::suggest;
use super::wire::{ClaimWire, SourceWire, Word};
use benchgate_core::gate::{Bound, Claim, ClaimKind, Expect, Source, Tier};
use contradiction::contradiction;

pub(super) fn convert<'a>(
    conversion: &mut Conversion<'a>,
    stated: Vec<Stated<'a, ClaimWire>>,
    tiers: &BTreeMap<String, Tier>,
) -> Result<Vec<Claim>, ConfigError> {
    let mut claims: Vec<Claim> = Vec::new();
    let mut places: BTreeMap<String, String> = BTreeMap::new();
    for Stated { document, file, cell, claim: wire } in stated {
        (conversion.document, conversion.file, conversion.cell) = (document, file, cell);
        let name = wire.name.clone();
        conversion.check_name(&name, "claim")?;
        if let Some(other) = places.insert(name.get_ref().clone(), document.place(name.span())) {
            let problem = format!("claim `{}` is stated twice, first at `{other}`", name.get_ref());
            let hint = match conversion.cell {
                Some(_) => "write each variable of `each` into the name, or give one of the two another name",
                None => "give one of the two another name, or delete it",
            };
            return Err(conversion.wrong(name.span(), problem, hint));
        }
        let claim = one(conversion, wire, tiers)?;
        if let Some((other, reason)) = claims.iter().find_map(|other| Some((other, contradiction(other, &claim)?))) {
            let problem = format!("claim `{}` contradicts claim `{}`: {reason}", claim.name, other.name);
            return Err(conversion.wrong(name.span(), problem, "both cannot hold: delete or correct one of them"));
        }
        claims.push(claim);
    }
    Ok(claims)
}

fn one(
    conversion: &mut Conversion<'_>,
    mut wire: ClaimWire,
    tiers: &BTreeMap<String, Tier>,
) -> Result<Claim, ConfigError> {
    let tier = wire.tier.take().map(|word| tier(conversion, word, tiers)).transpose()?;
    let first = conversion.mentions.len();
    let (kind, bound) = kind::convert(conversion, &wire)?;
    conversion.mentions[first..].iter_mut().for_each(|mention| mention.tier.clone_from(&tier));
    let target = wire.target.as_ref().map(|number| target(conversion, &wire, bound, number)).transpose()?;
    let expect = wire.expect.as_ref().map(|word| expect(conversion, word, &kind)).transpose()?.unwrap_or_default();
    let stated = wire.stated.map(|word| said(conversion, word)).transpose()?;
    let note = wire.note.map(|word| said(conversion, word)).transpose()?;
    let source = wire.source.map(|wire| source(conversion, wire)).transpose()?;
    Ok(Claim { name: wire.name.into_inner(), kind, bound, expect, target, tier, stated, note, source })
}

fn expect(conversion: &Conversion<'_>, word: &Word, kind: &ClaimKind) -> Result<Expect, ConfigError> {
    let expect = match word.get_ref().as_str() {
        "holds" => return Ok(Expect::Holds),
        "violated" => Expect::Violated,
        _ => return Err(conversion.unknown(word, "expectation", &["holds", "violated"])),
    };
    if kind.is_absolute() {
        let problem = "nanoseconds never gate, so that nothing can be caught by them";
        return Err(conversion.wrong(word.span(), problem, "use a ratio of times or a count, or delete `expect`"));
    }
    Ok(expect)
}

/// The goal beyond a bound: at least as strict, where the bound has one end that it can stand for.
fn target(
    conversion: &Conversion<'_>,
    wire: &ClaimWire,
    bound: Bound,
    number: &Spanned<f64>,
) -> Result<f64, ConfigError> {
    let target = *number.get_ref();
    let wrong = |problem: String, hint: &str| Err(conversion.wrong(number.span(), problem, hint));
    if wire.expect.as_ref().is_some_and(|word| word.get_ref() == "violated") {
        return wrong("a control has no target".into(), "delete `target`");
    }
    let is_strict = match (bound.at_least, bound.at_most) {
        (Some(end), None) => target >= end,
        (None, Some(end)) => target <= end,
        (Some(_), Some(_)) | (None, None) => {
            let problem = "a target stands for the only end of a bound, and this claim has two".to_owned();
            return wrong(problem, "delete `target`, or state two claims");
        }
    };
    if !is_strict || !target.is_finite() {
        let problem = format!("expected a target at least as strict as `{bound}`, found `{target}`");
        return wrong(problem, "the bound gates, the target is what is aimed at: exchange the two, or delete `target`");
    }
    Ok(target)
}

fn tier(conversion: &Conversion<'_>, word: Word, tiers: &BTreeMap<String, Tier>) -> Result<String, ConfigError> {
    let known: Vec<&str> = tiers.keys().map(String::as_str).chain(["core"]).collect();
    if !known.contains(&word.get_ref().as_str()) {
        let found = visible(word.get_ref());
        let problem = format!("unknown tier `{found}`, expected one of {}", suggest::listed(known.iter().copied()));
        return Err(conversion.wrong(word.span(), problem, suggest::hint(&found, known)));
    }
    Ok(word.into_inner())
}

fn said(conversion: &Conversion<'_>, word: Word) -> Result<String, ConfigError> {
    let text = word.get_ref();
    if text.trim().is_empty() || text.contains(char::is_control) {
        let problem = format!("expected a short text on one line, found `{}`", visible(text));
        return Err(conversion.wrong(word.span(), problem, "fill it in, or delete the key"));
    }
    Ok(word.into_inner())
}

fn source(conversion: &Conversion<'_>, wire: SourceWire) -> Result<Source, ConfigError> {
    let SourceWire { repository, file, heading } = wire;
    for word in [&repository, &file, &heading] {
        if word.get_ref().trim().is_empty() {
            let problem = "expected where the claim comes from, found an empty text";
            return Err(conversion.wrong(word.span(), problem, "fill it in, or delete `source`"));
        }
    }
    Ok(Source { repository: repository.into_inner(), file: file.into_inner(), heading: heading.into_inner() })
}

impl ClaimWire {
    /// The keys that depend on the kind, with their places where they are there.
    fn keys(&self) -> [(&'static str, Option<Range<usize>>); 13] {
        let word = |word: &Option<Word>| word.as_ref().map(Spanned::span);
        let number = |number: &Option<Spanned<f64>>| number.as_ref().map(Spanned::span);
        [
            ("metric", word(&self.metric)),
            ("numerator", word(&self.numerator)),
            ("denominator", word(&self.denominator)),
            ("minuend", word(&self.minuend)),
            ("subtrahend", word(&self.subtrahend)),
            ("id", word(&self.id)),
            ("counter", word(&self.counter)),
            ("ids", self.ids.as_ref().map(Spanned::span)),
            ("sizes", self.sizes.as_ref().map(Spanned::span)),
            ("threads", self.threads.as_ref().map(Spanned::span)),
            ("equals", number(&self.equals)),
            ("at_least", number(&self.at_least)),
            ("at_most", number(&self.at_most)),
        ]
    }
}

#[cfg(test)]
mod tests;
