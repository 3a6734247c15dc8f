//! `[source.NAME]`: a document is named once, in any file of the policy, and claims refer to it by that name.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{ConfigError, Document, visible};
use super::suggest;
use super::wire::Word;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NamedSourceWire {
    repository: Word,
    file: Word,
}

/// Every document that has a name.
#[derive(Default)]
pub(super) struct Sources<'a> {
    by_name: BTreeMap<String, NamedSource<'a>>,
    used: BTreeSet<String>,
}

struct NamedSource<'a> {
    repository: String,
    file: String,
    document: Document<'a>,
    name: Word,
}

impl<'a> Sources<'a> {
    /// Adds those of a text.
    pub(super) fn add(
        &mut self,
        document: Document<'a>,
        wires: BTreeMap<Word, NamedSourceWire>,
    ) -> Result<(), ConfigError> {
        for (name, NamedSourceWire { repository, file }) in wires {
            if let Some(empty) = [&repository, &file].into_iter().find(|word| word.get_ref().trim().is_empty()) {
                let problem = "expected where claims come from, found an empty text";
                return Err(document.wrong(empty.span(), problem, "fill it in, or delete the source"));
            }
            let (repository, file) = (repository.into_inner(), file.into_inner());
            if let Some(other) = self.by_name.get(name.get_ref()) {
                if (&other.repository, &other.file) != (&repository, &file) {
                    let other_place = other.document.place(other.name.span());
                    let name_seen = visible(name.get_ref());
                    let problem = format!("source `{name_seen}` is another document than at `{other_place}`");
                    return Err(document.wrong(name.span(), problem, "give one of the two another name"));
                }
                continue;
            }
            let key = name.get_ref().clone();
            self.by_name.insert(key, NamedSource { repository, file, document, name });
        }
        Ok(())
    }

    /// Writes the document that a claim refers to into the claim: `source = "NAME"` and `heading = "…"` become the table that they
    /// stand for.
    pub(super) fn fill_in(&mut self, document: Document<'_>, claim: &mut DeTable<'_>) -> Result<(), ConfigError> {
        let heading = claim.remove_entry("heading");
        let named = claim.get("source").and_then(|value| Some((value.get_ref().as_str()?.to_owned(), value.span())));
        let Some((name, span)) = named else {
            return match heading {
                Some((key, _)) => {
                    let problem = "`heading` is one of a named source, and this claim names none";
                    Err(document.wrong(key.span(), problem, "add `source = \"NAME\"`, the name of a `[source.NAME]`"))
                }
                None => Ok(()),
            };
        };
        let Some((_, heading)) = heading else {
            let hint = "add `heading = \"…\"` to this claim: where in the document it stands";
            return Err(document.wrong(span, "a named source needs a `heading`", hint));
        };
        let Some(source) = self.by_name.get(&name) else {
            let problem = format!("unknown source `{}`", visible(&name));
            let hint = match suggest::did_you_mean(&name, self.by_name.keys().map(String::as_str)) {
                Some(known) => format!("did you mean `{known}`?"),
                None => format!("state it: `[source.{}]` with `repository` and `file`", visible(&name)),
            };
            return Err(document.wrong(span, problem, hint));
        };
        let word = |text: &str| Spanned::new(span.clone(), DeValue::String(Cow::Owned(text.to_owned())));
        let key = |key: &'static str| Spanned::new(span.clone(), Cow::Borrowed(key));
        let mut table = DeTable::new();
        table.insert(key("repository"), word(&source.repository));
        table.insert(key("file"), word(&source.file));
        table.insert(key("heading"), heading);
        claim.insert(key("source"), Spanned::new(span.clone(), DeValue::Table(table)));
        self.used.insert(name);
        Ok(())
    }

    /// Refuses a document that no claim refers to.
    pub(super) fn check_used(&self) -> Result<(), ConfigError> {
        match self.by_name.iter().find(|(name, _)| !self.used.contains(*name)) {
            Some((name, NamedSource { document, name: word, .. })) => {
                let problem = format!("no claim refers to source `{}`", visible(name));
                Err(document.wrong(word.span(), problem, "delete it, or write `source = \"NAME\"` into a claim"))
            }
            None => Ok(()),
        }
    }
}
