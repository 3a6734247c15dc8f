//! `baselines/acceptances.toml`: read like the configuration, where nothing is forgiven, and edited in place, so that the rest of the
//! file stays as people wrote it.

use serde::Deserialize;
use toml::Spanned;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

use super::convert::Conversion;
use super::error::{ConfigError, Document, visible};
use super::quantity::parse_ceiling;
use super::wire::{Word, read_as};
use benchgate_core::model::{Acceptance, Ceiling, Matter, Metric, Permits, day};

/// What a new file begins with.
const HEADER: &str = "# Reviewed permissions to be slower or heavier, or to remove a benchmark: `cargo benchgate accept --help`.\n\
                      # Each ends on its last day, in UTC, and is withdrawn once nothing needs it.\n";

/// The key of what may do other work.
const OTHER_WORK: &str = "work-changed";

/// The key of the tables.
const TABLES: &str = "accept";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileWire {
    #[serde(default)]
    accept: Vec<AcceptWire>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AcceptWire {
    id: Word,
    metric: Option<Word>,
    ceiling: Option<Word>,
    removed: Option<Spanned<bool>>,
    #[serde(rename = "work-changed")]
    work_changed: Option<Spanned<bool>>,
    reason: Word,
    expires: Word,
    tier: Option<Word>,
}

/// Reads acceptances from the text of their file, which messages call `name`.
///
/// # Errors
/// [`ConfigError`] for the first thing that is wrong.
pub fn parse_acceptances(name: &str, text: &str) -> Result<Vec<Acceptance>, ConfigError> {
    let document = Document { name, text };
    let FileWire { accept } = read_as(document)?;
    let conversion = Conversion::of(document);
    let mut all: Vec<Acceptance> = Vec::with_capacity(accept.len());
    for wire in accept {
        let place = wire.id.span();
        let acceptance = conversion.acceptance(wire)?;
        if all.iter().any(|other| other.is_about_the_same(&acceptance)) {
            let problem = format!("{} is accepted twice", visible(&acceptance.subject()));
            return Err(document.wrong(place, problem, "keep one of the two tables"));
        }
        all.push(acceptance);
    }
    Ok(all)
}

/// The text with an acceptance in it, in the place of one about the same if there is one, else at the end.
///
/// # Errors
/// The text is no list of acceptances.
pub fn with_acceptance(name: &str, text: &str, acceptance: &Acceptance) -> Result<String, ConfigError> {
    let text = if text.trim().is_empty() { HEADER } else { text };
    let mut document = edited(name, text)?;
    let tables = tables(&mut document, name, text)?;
    let Some(table) = tables.iter_mut().find(|table| is_about(table, &acceptance.id, acceptance.permits.matter()))
    else {
        // What follows the last table, comments above all, stays before the new one.
        let mut table = Table::new();
        fill(&mut table, acceptance);
        let mut alone = ArrayOfTables::new();
        alone.push(table);
        let mut entry = DocumentMut::new();
        entry.insert(TABLES, Item::ArrayOfTables(alone));
        return Ok(format!("{}\n\n{}", text.trim_end(), entry.to_string().trim_start()));
    };
    fill(table, acceptance);
    Ok(document.to_string())
}

/// The text without the acceptance of a matter of a benchmark; `None` where there is none.
///
/// # Errors
/// The text is no list of acceptances.
pub fn without_acceptance(name: &str, text: &str, id: &str, matter: Matter) -> Result<Option<String>, ConfigError> {
    let mut document = edited(name, text)?;
    let tables = tables(&mut document, name, text)?;
    let Some(at) = tables.iter().position(|table| is_about(table, id, matter)) else { return Ok(None) };
    let before = tables.get(at).map(comment_of_the_file).unwrap_or_default();
    tables.remove(at);
    let is_the_only_one = tables.is_empty();
    if let Some(next) = tables.get_mut(at).filter(|_| !before.is_empty()) {
        let own = next.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default();
        let prefix = format!("{before}\n{}", own.trim_start_matches('\n'));
        next.decor_mut().set_prefix(prefix);
        return Ok(Some(document.to_string()));
    }
    if is_the_only_one {
        document.remove(TABLES);
        return Ok(Some(format!("{before}{document}")));
    }
    Ok(Some(format!("{document}{before}")))
}

/// The metrics of which more can be accepted: more threads or a heap that grows are leaks, which are no regressions.
pub fn acceptable_metrics() -> impl Iterator<Item = Metric> {
    Metric::ALL.into_iter().filter(|metric| !matches!(metric, Metric::LiveSlope | Metric::Threads))
}

/// Whether a ceiling can be one of a metric.
///
/// # Errors
/// Why not, in words.
pub fn check_ceiling(metric: Metric, ceiling: Ceiling) -> Result<(), String> {
    match ceiling {
        Ceiling::Count(_) if !metric.is_count() => {
            Err(format!("expected a percentage such as `8%` for `{metric}`, found `{ceiling}`: nanoseconds never gate"))
        }
        Ceiling::Count(_) | Ceiling::Share(_) => Ok(()),
    }
}

/// Whether a text says why.
///
/// # Errors
/// What was expected, in words.
pub fn check_reason(text: &str) -> Result<(), String> {
    if text.trim().is_empty() || text.contains(char::is_control) {
        return Err(format!("expected a reason in printable characters on one line, found `{}`", visible(text)));
    }
    Ok(())
}

impl Conversion<'_> {
    fn acceptance(&self, wire: AcceptWire) -> Result<Acceptance, ConfigError> {
        let AcceptWire { id, metric, ceiling, removed, work_changed, reason, expires, tier } = wire;
        self.check_name(&id, "benchmark")?;
        let (flag, name, permits) = match (removed, work_changed) {
            (Some(_), Some(other)) => {
                let hint = "keep one of the two, or write two tables";
                return Err(self.wrong(other.span(), "what is removed does no other work", hint));
            }
            (removed, None) => (removed, "removed", Permits::Removal),
            (None, work_changed) => (work_changed, OTHER_WORK, Permits::OtherWork),
        };
        let permits = match (flag, metric, ceiling) {
            (Some(flag), ..) if !flag.get_ref() => {
                let hint = format!("write `{name} = true`, or a `metric` with its `ceiling`");
                return Err(self.wrong(flag.span(), format!("`{name}` is `true` or absent"), &hint));
            }
            (Some(_), None, None) => permits,
            (Some(_), Some(other), _) | (Some(_), None, Some(other)) => {
                let what = if permits == Permits::Removal { "what is removed" } else { "what does other work" };
                let hint = format!("keep `{name} = true`, or the `metric` with its `ceiling`");
                return Err(self.wrong(other.span(), format!("{what} is not slower or heavier as well"), &hint));
            }
            (None, Some(metric), Some(ceiling)) => self.worse(&metric, &ceiling)?,
            (None, ..) => {
                let problem = "expected `metric` and `ceiling`, or `removed = true`, beside this id";
                return Err(self.wrong(
                    id.span(),
                    problem,
                    "write for instance `metric = \"time\"` and `ceiling = \"8%\"`",
                ));
            }
        };
        let hint = "say what is gained for it: this is what a reviewer reads";
        check_reason(reason.get_ref()).map_err(|problem| self.wrong(reason.span(), problem, hint))?;
        let wrong_day = || {
            let problem = format!("expected a day, found `{}`", visible(expires.get_ref()));
            self.wrong(expires.span(), problem, "write for instance `expires = \"2026-12-31\"`, the last day included")
        };
        let day = day(expires.get_ref()).ok_or_else(wrong_day)?;
        tier.iter().try_for_each(|tier| self.check_name(tier, "tier"))?;
        Ok(Acceptance {
            id: id.into_inner(),
            permits,
            reason: reason.into_inner(),
            expires: day,
            tier: tier.map(Spanned::into_inner),
        })
    }

    fn worse(&self, metric: &Word, ceiling: &Word) -> Result<Permits, ConfigError> {
        let place = metric.span();
        let metric = self.metric(metric)?;
        if !acceptable_metrics().any(|one| one == metric) {
            let problem = format!("more of `{metric}` is a leak, which cannot be accepted");
            return Err(self.wrong(place, problem, "mend the leak, or claim it as a control: `expect = \"violated\"`"));
        }
        let wrong = |problem| self.wrong(ceiling.span(), problem, "write for instance `ceiling = \"8%\"`");
        let found = parse_ceiling(ceiling.get_ref()).map_err(wrong)?;
        check_ceiling(metric, found).map_err(wrong)?;
        Ok(Permits::Worse { metric, ceiling: found })
    }
}

fn edited(name: &str, text: &str) -> Result<DocumentMut, ConfigError> {
    text.parse().map_err(|error: toml_edit::TomlError| {
        let message = format!("not TOML: {}", visible(error.message()));
        let hint = "the rules of TOML are at <https://toml.io/en/v1.0.0>";
        Document { name, text }.wrong(error.span().unwrap_or(0..0), message, hint)
    })
}

fn tables<'a>(document: &'a mut DocumentMut, name: &str, text: &str) -> Result<&'a mut ArrayOfTables, ConfigError> {
    let item = document.entry(TABLES).or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    item.as_array_of_tables_mut().ok_or_else(|| {
        let place = text.find(TABLES).unwrap_or(0);
        let problem = "the acceptances stand in one list, which cannot be edited";
        let hint = "give each a table of its own: `[[accept]]`";
        Document { name, text }.wrong(place..place + TABLES.len(), problem, hint)
    })
}

fn is_about(table: &Table, id: &str, matter: Matter) -> bool {
    let text = |key: &str| table.get(key).and_then(Item::as_str);
    let metric = match matter {
        Matter::Metric(metric) => Some(metric.name()),
        Matter::Removal | Matter::Work => None,
    };
    text("id") == Some(id) && text("metric") == metric && table.contains_key(OTHER_WORK) == (matter == Matter::Work)
}

/// Sets the keys of an acceptance; the order of those that are there, and what else stands in the table, is kept.
fn fill(table: &mut Table, acceptance: &Acceptance) {
    let Acceptance { id, permits, reason, expires, tier } = acceptance;
    let mut set = |key: &str, item: Option<Item>| match item {
        Some(item) => drop(table.insert(key, item)),
        None => drop(table.remove(key)),
    };
    let (metric, ceiling) = match permits {
        Permits::Worse { metric, ceiling } => (Some(value(metric.name())), Some(value(ceiling.to_string()))),
        Permits::Removal | Permits::OtherWork => (None, None),
    };
    let flag = |wanted: Permits| (*permits == wanted).then(|| value(true));
    set("id", Some(value(id)));
    set("metric", metric);
    set("ceiling", ceiling);
    set("removed", flag(Permits::Removal));
    set(OTHER_WORK, flag(Permits::OtherWork));
    set("reason", Some(value(reason)));
    set("expires", Some(value(expires.to_string())));
    set("tier", tier.as_ref().map(value));
}

/// The comment above a table that is the whole file's: what a blank line parts from the table's own.
fn comment_of_the_file(table: &Table) -> String {
    let above = table.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default();
    above.rfind("\n\n").map_or_else(String::new, |end| format!("{}\n", above[..end].trim_end()))
}

#[cfg(test)]
mod tests;
