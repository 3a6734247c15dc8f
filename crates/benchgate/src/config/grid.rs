//! `each`: one table states a claim for every combination of some words.
//!
//! ```toml
//! [lists]
//! peers = ["sonic_rs", "serde_json"]
//!
//! [words]
//! peer = { sonic_rs = "sonic-rs" }
//!
//! [[claim]]
//! name = "JSON, {size}: ahead of {peer}"            # two sizes and two peers: four claims
//! denominator = "peers/json/{peer}/{size}"
//! each = { size = ["small", "large"], peer = "peers" }
//! cells = [{ size = "large", peer = "serde_json", target = 0.4 }]
//! ```
//!
//! It rewrites tables of TOML whose values know their places, before anything is known of claims. So whatever is wrong with one of
//! the claims is found by the code that looks at any claim, at the line that states it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::error::{ConfigError, Document, of_cell, visible};
use super::suggest;
use super::wire::Word;

/// Claims that one table may state. More are a mistake, and would take a machine's memory with them.
const MOST_CELLS: usize = 4096;

/// Keys of a claim that people read: `[words]` says how a word is written there.
const READ: [&str; 4] = ["name", "stated", "note", "heading"];

/// Keys of a claim that hold numbers, in lists or alone.
const NUMBERS: [&str; 6] = ["equals", "at_least", "at_most", "target", "sizes", "threads"];

/// Keys of a claim that a cell may have to itself.
const OF_A_CELL: [&str; 7] = ["equals", "at_least", "at_most", "target", "stated", "note", "heading"];

/// What the claims of one file share.
#[derive(Default)]
pub(super) struct Vocabulary {
    /// Lists by name.
    lists: BTreeMap<Word, Vec<Word>>,
    /// How the values of a variable are written where people read them.
    words: BTreeMap<Word, BTreeMap<Word, Word>>,
    used_lists: BTreeSet<String>,
    /// Variables with their values.
    used_values: BTreeSet<(String, String)>,
}

/// A claim as TOML.
pub(super) struct StatedClaim<'a> {
    /// The combination of words that it is about; `None` where its table states one claim.
    pub(super) cell: Option<String>,
    pub(super) table: DeTable<'a>,
}

/// A word of `each` with all that it stands for.
struct Variable {
    name: Word,
    values: Vec<Word>,
}

/// What each variable stands for in one claim, in the order of `each`.
type Cell<'v> = Vec<(&'v str, &'v str)>;

/// A table of `cells`.
struct CellRule<'a> {
    /// Variables with the values that it is about; any value of the others.
    chosen: Vec<(String, String)>,
    settings: Vec<(Spanned<Cow<'a, str>>, Spanned<DeValue<'a>>)>,
}

impl Vocabulary {
    pub(super) fn new(lists: BTreeMap<Word, Vec<Word>>, words: BTreeMap<Word, BTreeMap<Word, Word>>) -> Self {
        Self { lists, words, ..Self::default() }
    }

    /// The claims that a table states.
    pub(super) fn expand<'a>(
        &mut self,
        document: Document<'_>,
        mut table: DeTable<'a>,
    ) -> Result<Vec<StatedClaim<'a>>, ConfigError> {
        let (each, cells) = (table.remove("each"), table.remove_entry("cells"));
        let Some(each) = each else {
            if let Some((key, _)) = cells {
                let problem = "`cells` are those of `each`, which this claim lacks";
                return Err(document.wrong(key.span(), problem, format!("add for instance `{EXAMPLE}`")));
            }
            return Ok(vec![StatedClaim { cell: None, table }]);
        };
        let variables = self.variables(document, &each)?;
        let rules = cells.map(|(_, cells)| rules(document, &variables, cells)).transpose()?.unwrap_or_default();
        let (mut claims, mut used) = (Vec::new(), BTreeSet::new());
        for cell in combinations(&variables) {
            let mut table = table.clone();
            let is_here = |(name, value): &(String, String)| cell.contains(&(name.as_str(), value.as_str()));
            for rule in rules.iter().filter(|rule| rule.chosen.iter().all(is_here)) {
                table.extend(rule.settings.iter().cloned());
            }
            Filler { document, words: &self.words, cell: &cell, used: &mut used }.table(&mut table)?;
            claims.push(StatedClaim { cell: Some(label(&cell)), table });
        }
        match variables.iter().find(|one| !used.contains(one.name.get_ref())) {
            Some(Variable { name, .. }) => {
                let problem = format!("`{{{}}}` stands nowhere in this claim", name.get_ref());
                let hint = "write it into the name and the ids, or delete it from `each`";
                Err(document.wrong(name.span(), problem, hint))
            }
            None => Ok(claims),
        }
    }

    /// Refuses lists and words that no claim of the file uses.
    pub(super) fn check_used(&self, document: Document<'_>) -> Result<(), ConfigError> {
        if let Some((name, _)) = self.lists.iter().find(|(name, _)| !self.used_lists.contains(name.get_ref())) {
            let problem = format!("no claim of this file uses list `{}`", visible(name.get_ref()));
            return Err(document.wrong(name.span(), problem, "delete it, or name it in an `each`"));
        }
        for (variable, words) in &self.words {
            let known = || self.used_values.iter().filter(|(name, _)| name == variable.get_ref());
            if known().next().is_none() {
                let problem = format!("no `each` of this file has a variable `{}`", visible(variable.get_ref()));
                let names = self.used_values.iter().map(|(name, _)| name.as_str());
                return Err(document.wrong(variable.span(), problem, or_delete(variable.get_ref(), names)));
            }
            let is_unused = |word: &&Word| known().all(|(_, value)| value != word.get_ref());
            if let Some(word) = words.keys().find(is_unused) {
                let [found, name] = [word, variable].map(|word| visible(word.get_ref()));
                let problem = format!("`{found}` is no value of `{name}` in this file");
                return Err(document.wrong(
                    word.span(),
                    problem,
                    or_delete(&found, known().map(|(_, value)| &**value)),
                ));
            }
        }
        Ok(())
    }

    /// The variables of `each`, in the order in which they are written.
    fn variables(&mut self, document: Document<'_>, each: &Spanned<DeValue<'_>>) -> Result<Vec<Variable>, ConfigError> {
        let Some(table) = each.get_ref().as_table().filter(|table| !table.is_empty()) else {
            let problem = "expected the words that stand for each claim";
            return Err(document.wrong(each.span(), problem, format!("write for instance `{EXAMPLE}`")));
        };
        let mut variables = Vec::new();
        for (key, value) in table.iter() {
            let name = Spanned::new(key.span(), key.get_ref().clone().into_owned());
            check_variable(document, &name)?;
            let values = match value.get_ref().as_str() {
                Some(list) => self.list(document, list, value.span())?,
                None => words(document, value)?,
            };
            let used = values.iter().map(|value| (name.get_ref().clone(), value.get_ref().clone()));
            self.used_values.extend(used);
            variables.push(Variable { name, values });
        }
        variables.sort_by_key(|variable| variable.name.span().start);
        let cells = variables.iter().try_fold(1_usize, |cells, one| cells.checked_mul(one.values.len()));
        if cells.is_none_or(|cells| cells > MOST_CELLS) {
            let problem = format!("expected at most {MOST_CELLS} claims of one table");
            return Err(document.wrong(each.span(), problem, "state them in several tables"));
        }
        Ok(variables)
    }

    fn list(&mut self, document: Document<'_>, name: &str, at: Range<usize>) -> Result<Vec<Word>, ConfigError> {
        let Some(list) = self.lists.get(name) else {
            let problem = format!("unknown list `{}`", visible(name));
            let hint = match suggest::did_you_mean(name, self.lists.keys().map(|name| name.get_ref().as_str())) {
                Some(known) => format!("did you mean `{known}`?"),
                None => "write a list of words, or state this one below `[lists]` of this file".to_owned(),
            };
            return Err(document.wrong(at, problem, hint));
        };
        self.used_lists.insert(name.to_owned());
        Ok(list.clone())
    }
}

const EXAMPLE: &str = "each = { size = [\"small\", \"large\"] }";

fn or_delete<'a>(found: &str, known: impl Iterator<Item = &'a str>) -> String {
    match suggest::did_you_mean(found, known) {
        Some(word) => format!("did you mean `{word}`?"),
        None => "delete it".to_owned(),
    }
}

fn check_variable(document: Document<'_>, name: &Word) -> Result<(), ConfigError> {
    let text = name.get_ref();
    if text.is_empty() || !text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        let problem = format!("expected a variable of letters, digits and `_`, found `{}`", visible(text));
        return Err(document.wrong(name.span(), problem, format!("write for instance `{EXAMPLE}`")));
    }
    if OF_A_CELL.contains(&text.as_str()) {
        let problem = format!("`{text}` is a key of claims, which `cells` could not tell from a variable");
        return Err(document.wrong(name.span(), problem, "call the variable something else"));
    }
    Ok(())
}

/// A list of different words, at least one; whole numbers are words as well.
pub(super) fn words(document: Document<'_>, value: &Spanned<DeValue<'_>>) -> Result<Vec<Word>, ConfigError> {
    let Some(list) = value.get_ref().as_array() else {
        let problem = format!("expected a list of words, found {}", value.get_ref().type_str());
        return Err(document.wrong(value.span(), problem, "write for instance `[\"small\", \"large\"]`"));
    };
    if list.is_empty() {
        let problem = "expected at least one word, found `[]`: that would state nothing";
        return Err(document.wrong(value.span(), problem, "fill the list, or delete the claims"));
    }
    let mut words: Vec<Word> = Vec::new();
    for value in list.iter() {
        let word = word(document, value)?;
        if words.iter().any(|other| other.get_ref() == word.get_ref()) {
            let problem = format!("`{}` stands in the list twice", visible(word.get_ref()));
            return Err(document.wrong(word.span(), problem, "delete one of the two"));
        }
        words.push(word);
    }
    Ok(words)
}

fn word(document: Document<'_>, value: &Spanned<DeValue<'_>>) -> Result<Word, ConfigError> {
    let text = match value.get_ref() {
        DeValue::String(text) => text.clone().into_owned(),
        DeValue::Integer(number) => number.to_string(),
        other => {
            let problem = format!("expected a word, found {}", other.type_str());
            return Err(document.wrong(value.span(), problem, "write it in quotes"));
        }
    };
    Ok(Spanned::new(value.span(), text))
}

/// The tables of `cells`.
fn rules<'a>(
    document: Document<'_>,
    variables: &[Variable],
    cells: Spanned<DeValue<'a>>,
) -> Result<Vec<CellRule<'a>>, ConfigError> {
    let span = cells.span();
    let hint = "write for instance `cells = [{ size = \"large\", target = 0.5 }]`";
    let DeValue::Array(tables) = cells.into_inner() else {
        return Err(document.wrong(span, "expected a list of tables", hint));
    };
    let mut rules = Vec::new();
    for table in tables {
        let span = table.span();
        let DeValue::Table(table) = table.into_inner() else {
            return Err(document.wrong(span, "expected a table", hint));
        };
        let mut rule = CellRule { chosen: Vec::new(), settings: Vec::new() };
        for (key, value) in table {
            match variables.iter().find(|one| *one.name.get_ref() == **key.get_ref()) {
                Some(variable) => {
                    rule.chosen.push((variable.name.get_ref().clone(), chosen(document, variable, &value)?));
                }
                None if OF_A_CELL.contains(&&**key.get_ref()) => rule.settings.push((key, value)),
                None => {
                    let known: Vec<&str> =
                        variables.iter().map(|one| one.name.get_ref().as_str()).chain(OF_A_CELL).collect();
                    let found = visible(key.get_ref());
                    let problem = format!("`{found}` is neither a variable of `each` nor what a cell may say");
                    return Err(document.wrong(key.span(), problem, suggest::hint(&found, known)));
                }
            }
        }
        if rule.chosen.is_empty() || rule.settings.is_empty() {
            let problem = "expected which cells are meant, and what they say";
            return Err(document.wrong(span, problem, hint));
        }
        rules.push(rule);
    }
    Ok(rules)
}

/// The value of a variable that a table of `cells` is about.
fn chosen(document: Document<'_>, variable: &Variable, value: &Spanned<DeValue<'_>>) -> Result<String, ConfigError> {
    let word = word(document, value)?;
    if !variable.values.iter().any(|known| known.get_ref() == word.get_ref()) {
        let found = visible(word.get_ref());
        let known: Vec<&str> = variable.values.iter().map(|known| known.get_ref().as_str()).collect();
        let problem = format!("`{found}` is no value of `{}`", variable.name.get_ref());
        return Err(document.wrong(word.span(), problem, suggest::hint(&found, known)));
    }
    Ok(word.into_inner())
}

/// Every combination, the last variable changing first.
fn combinations(variables: &[Variable]) -> Vec<Cell<'_>> {
    variables.iter().fold(vec![Vec::new()], |cells, Variable { name, values }| {
        cells
            .iter()
            .flat_map(|cell: &Cell<'_>| {
                values.iter().map(move |value| {
                    let mut longer = cell.clone();
                    longer.push((name.get_ref().as_str(), value.get_ref().as_str()));
                    longer
                })
            })
            .collect()
    })
}

fn label(cell: &[(&str, &str)]) -> String {
    cell.iter().map(|(name, value)| format!("{name} = {}", visible(value))).collect::<Vec<_>>().join(", ")
}

/// Fills in the placeholders of one claim.
struct Filler<'v> {
    document: Document<'v>,
    words: &'v BTreeMap<Word, BTreeMap<Word, Word>>,
    cell: &'v [(&'v str, &'v str)],
    /// Variables that stood somewhere.
    used: &'v mut BTreeSet<String>,
}

impl Filler<'_> {
    fn table(&mut self, table: &mut DeTable<'_>) -> Result<(), ConfigError> {
        table.iter_mut().try_for_each(|(key, value)| self.value(key.get_ref(), value))
    }

    fn value(&mut self, key: &str, value: &mut Spanned<DeValue<'_>>) -> Result<(), ConfigError> {
        let span = value.span();
        match value.get_mut() {
            DeValue::String(text) if text.contains(['{', '}']) => {
                *text = Cow::Owned(self.text(key, text, &span)?);
                Ok(())
            }
            DeValue::Array(list) => list.iter_mut().try_for_each(|value| self.value(key, value)),
            DeValue::Table(table) => self.table(table),
            _ => Ok(()),
        }
    }

    /// `{size}` becomes the word of this cell, `{{` and `}}` become braces.
    fn text(&mut self, key: &str, text: &str, span: &Range<usize>) -> Result<String, ConfigError> {
        let wrong = |problem: String, hint: String| Err(self.document.wrong(span.clone(), problem, hint));
        let mut filled = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            filled.push_str(&rest[..at]);
            let brace = &rest[at..at + 1];
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(brace) {
                filled.push_str(brace);
                rest = after;
                continue;
            }
            let Some((name, after)) = rest.split_once('}').filter(|_| brace == "{") else {
                return wrong(format!("`{brace}` has no partner"), format!("write `{brace}{brace}` for a brace"));
            };
            let Some((name, value)) = self.cell.iter().find(|(known, _)| *known == name) else {
                let names: Vec<&str> = self.cell.iter().map(|(known, _)| *known).collect();
                let known = names.iter().map(|known| format!("`{{{known}}}`")).collect::<Vec<_>>().join(", ");
                let problem = format!("unknown placeholder `{{{}}}`, expected one of {known}", visible(name));
                return wrong(problem, suggest::hint(name, names));
            };
            let spelled = self.words.get(*name).filter(|_| READ.contains(&key)).and_then(|words| words.get(*value));
            filled.push_str(spelled.map_or(*value, |word| word.get_ref().as_str()));
            self.used.insert((*name).to_owned());
            rest = after;
        }
        Ok(filled + rest)
    }
}

/// The same table with numbers where a placeholder left their text.
pub(super) fn with_numbers<'b>(
    document: Document<'_>,
    StatedClaim { cell, table }: &'b StatedClaim<'_>,
) -> Result<DeTable<'b>, ConfigError> {
    let mut numbered: DeTable<'b> = table.clone();
    let Some(cell) = cell else { return Ok(numbered) };
    for key in NUMBERS {
        if let (Some(value), Some(filled)) = (numbered.get_mut(key), table.get(key)) {
            *value = number(document, cell, filled)?;
        }
    }
    Ok(numbered)
}

fn number<'b>(
    document: Document<'_>,
    cell: &str,
    filled: &'b Spanned<DeValue<'_>>,
) -> Result<Spanned<DeValue<'b>>, ConfigError> {
    let value = match filled.get_ref() {
        DeValue::String(text) => {
            let value = DeValue::parse(text).ok().map(Spanned::into_inner);
            value.filter(|value| value.is_integer() || value.is_float()).ok_or_else(|| {
                let problem = of_cell(format!("expected a number, found `{}`", visible(text)), Some(cell));
                document.wrong(filled.span(), problem, "let the words of `each` be numbers, or use `cells`")
            })?
        }
        DeValue::Array(list) => {
            let mut numbers = DeArray::new();
            for filled in list.iter() {
                numbers.push(number(document, cell, filled)?);
            }
            DeValue::Array(numbers)
        }
        other => other.clone(),
    };
    Ok(Spanned::new(filled.span(), value))
}
