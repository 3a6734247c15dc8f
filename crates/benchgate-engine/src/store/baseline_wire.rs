//! The wire form of stored counts, schema 1: a header and one series a line, sorted, so that a changed count is one
//! changed line of a diff.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::number;
use super::run_wire::metric;
use benchgate_core::model::{BenchKey, CountReading, Metric, SeriesKey};

/// What this program writes and reads.
pub(super) const SCHEMA: u64 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BaselineWire {
    pub(super) schema: u64,
    pub(super) package: String,
    pub(super) target: String,
    pub(super) rustc: String,
    pub(super) host: String,
    pub(super) tree: String,
    pub(super) commit: String,
    #[serde(skip_serializing)]
    pub(super) series: Counts,
}

/// Counts by what a line names; package and target stand in the header.
#[derive(Default)]
pub(super) struct Counts(pub(super) BTreeMap<(IdWire, Metric), CountReading>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IdWire {
    group: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    function: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LineWire {
    id: IdWire,
    #[serde(with = "metric")]
    metric: Metric,
    #[serde(with = "number")]
    value: f64,
    /// Left out where true, which is the rule.
    #[serde(default = "exact", skip_serializing_if = "Clone::clone")]
    exact: bool,
}

fn exact() -> bool {
    true
}

impl IdWire {
    pub(super) fn of(key: &BenchKey) -> Self {
        Self { group: key.group.clone(), function: key.function.clone(), value: key.value.clone() }
    }

    pub(super) fn into_key(self, package: &str, target: &str, metric: Metric) -> SeriesKey {
        let Self { group, function, value } = self;
        let bench = BenchKey { package: package.to_owned(), target: target.to_owned(), group, function, value };
        SeriesKey { bench, metric }
    }
}

/// The text of a file: the header a key a line, then a series a line.
///
/// # Errors
/// If a count is NaN or infinite.
pub(super) fn write(header: &BaselineWire) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(header)?;
    text.truncate(text.trim_end_matches(['\n', '}']).len());
    text.push_str(",\n  \"series\": [");
    for (index, ((id, metric), count)) in header.series.0.iter().enumerate() {
        text.push_str(if index == 0 { "\n    " } else { ",\n    " });
        let line = LineWire { id: id.clone(), metric: *metric, value: count.value, exact: count.is_exact };
        text.push_str(&serde_json::to_string(&line)?);
    }
    text.push_str(if header.series.0.is_empty() { "]\n}\n" } else { "\n  ]\n}\n" });
    Ok(text)
}

impl<'de> Deserialize<'de> for Counts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(CountsVisitor)
    }
}

struct CountsVisitor;

impl<'de> Visitor<'de> for CountsVisitor {
    type Value = Counts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of series")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut lines: A) -> Result<Counts, A::Error> {
        let mut counts = Counts::default();
        while lines.next_element_seed(Line(&mut counts))?.is_some() {}
        Ok(counts)
    }
}

/// Reads one series into the counts. Checking here, inside the object, makes an error name the line that is wrong.
struct Line<'a>(&'a mut Counts);

impl<'de> DeserializeSeed<'de> for Line<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Line<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a series")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        let LineWire { id, metric, value, exact } = LineWire::deserialize(MapAccessDeserializer::new(map))?;
        if !metric.is_count() {
            return Err(A::Error::custom(format!("expected the metric of a count, found `{metric}`")));
        }
        let name = id.clone().into_key("", "", metric);
        match self.0.0.insert((id, metric), CountReading { value, is_exact: exact }) {
            Some(_) => Err(A::Error::custom(format!("series `{name}` occurs twice"))),
            None => Ok(()),
        }
    }
}
