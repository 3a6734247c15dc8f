//! What the files of a policy state: the policy itself, and the claims of all files, each with its file and its cell.
//!
//! `benchgate.toml` may state claims as well, so every file is read alike: its claims are taken out of it, and what is left must be
//! what such a file may say.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer, ValueDeserializer};

use super::ClaimPlace;
use super::error::{ConfigError, Document};
use super::grid::{self, StatedClaim, Vocabulary};
use super::sources::{NamedSourceWire, Sources};
use super::wire::{ClaimWire, PolicyWire, Word, in_our_words};
use benchgate_core::model::PolicyText;

/// The keys of a file of claims. Its claims and lists are taken out before it is read, unless they are something else.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClaimFileWire {
    #[serde(rename = "claim")]
    _claim: Option<Vec<IgnoredAny>>,
    #[serde(default)]
    source: BTreeMap<Word, NamedSourceWire>,
    #[serde(rename = "lists")]
    _lists: Option<BTreeMap<Word, IgnoredAny>>,
    #[serde(default)]
    words: BTreeMap<Word, BTreeMap<Word, Word>>,
}

/// A claim that a file states.
pub(super) struct Stated<'a, T> {
    pub(super) document: Document<'a>,
    /// Which of the files of the policy that is, the policy itself being the first.
    pub(super) file: usize,
    /// The combination of words that it is about, where its table states several claims.
    pub(super) cell: Option<String>,
    pub(super) claim: T,
}

impl Stated<'_, ClaimWire> {
    pub(super) fn place(&self) -> ClaimPlace {
        let Self { document, claim: ClaimWire { name, .. }, .. } = self;
        ClaimPlace { claim: name.get_ref().clone(), file: document.name.to_owned(), line: document.line(name.span()) }
    }
}

/// The files of a policy, the policy itself first.
pub(super) fn documents(text: &PolicyText) -> Vec<Document<'_>> {
    let policy = Document { name: &text.name, text: &text.text };
    let claims = text.claims.iter().map(|file| Document { name: &file.name, text: &file.text });
    [policy].into_iter().chain(claims).collect()
}

/// Reads the files of a policy, its claims as `T`.
pub(super) fn read<T: DeserializeOwned>(text: &PolicyText) -> Result<(PolicyWire, Vec<Stated<'_, T>>), ConfigError> {
    let mut policy: Option<PolicyWire> = None;
    let mut sources = Sources::default();
    let mut files = Vec::new();
    for document in documents(text) {
        let mut table = DeTable::parse(document.text).map_err(|error| in_our_words(document, &error))?;
        let (claims, lists) = (claims(document, table.get_mut())?, lists(document, table.get_mut())?);
        let rest = Deserializer::from(table);
        let broken = |error: toml::de::Error| in_our_words(document, &error);
        let (source, words) = match policy {
            None => {
                let wire = policy.insert(PolicyWire::deserialize(rest).map_err(broken)?);
                (std::mem::take(&mut wire.source), std::mem::take(&mut wire.words))
            }
            Some(_) => {
                let wire = ClaimFileWire::deserialize(rest).map_err(broken)?;
                (wire.source, wire.words)
            }
        };
        sources.add(document, source)?;
        files.push((document, Vocabulary::new(lists, words), claims));
    }
    let mut stated = Vec::new();
    for (file, (document, mut vocabulary, claims)) in files.into_iter().enumerate() {
        for claim in claims {
            let span = claim.span();
            for mut claim in vocabulary.expand(document, claim.into_inner())? {
                sources.fill_in(document, &mut claim.table)?;
                let table = DeValue::Table(grid::with_numbers(document, &claim)?);
                let read = T::deserialize(ValueDeserializer::from(Spanned::new(span.clone(), table)));
                let read = read.map_err(|error| in_our_words(document, &error))?;
                let StatedClaim { cell, .. } = claim;
                stated.push(Stated { document, file, cell, claim: read });
            }
        }
        vocabulary.check_used(document)?;
    }
    sources.check_used()?;
    Ok((policy.expect("the policy is the first of the documents"), stated))
}

/// Takes the claims out of a file. What is no list stays there, for the reader to complain about.
fn claims<'a>(document: Document<'_>, table: &mut DeTable<'a>) -> Result<Vec<Spanned<DeTable<'a>>>, ConfigError> {
    let is_list = table.get("claim").is_some_and(|value| value.get_ref().is_array());
    let Some(DeValue::Array(list)) = is_list.then(|| table.remove("claim")).flatten().map(Spanned::into_inner) else {
        return Ok(Vec::new());
    };
    let claim = |value: Spanned<DeValue<'a>>| match (value.span(), value.into_inner()) {
        (span, DeValue::Table(table)) => Ok(Spanned::new(span, table)),
        (span, _) => {
            let hint = "write `[[claim]]`, and its keys below it";
            Err(document.wrong(span, "expected a claim as a table", hint))
        }
    };
    list.into_iter().map(claim).collect()
}

/// Takes the lists out of a file, likewise.
fn lists(document: Document<'_>, table: &mut DeTable<'_>) -> Result<BTreeMap<Word, Vec<Word>>, ConfigError> {
    let is_table = table.get("lists").is_some_and(|value| value.get_ref().is_table());
    let Some(DeValue::Table(lists)) = is_table.then(|| table.remove("lists")).flatten().map(Spanned::into_inner) else {
        return Ok(BTreeMap::new());
    };
    let list = |(name, value): (Spanned<Cow<'_, str>>, Spanned<DeValue<'_>>)| {
        let name = Spanned::new(name.span(), name.into_inner().into_owned());
        grid::words(document, &value).map(|words| (name, words))
    };
    lists.into_iter().map(list).collect()
}

#[cfg(test)]
mod tests;
