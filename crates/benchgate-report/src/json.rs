//! Outcome -> JSON, version 1. The shape is published in `docs/schema/outcome.v1.schema.json`.
//!
//! Effects are shares of the base: 0.05 is 5 % more. JSON has no infinities; a number that is not finite becomes `null`,
//! which reads "no such bound" for the ends of an interval and "cannot be expressed" elsewhere. Text that could move a
//! terminal is written as `\u` escapes: the same string to a parser, harmless to `cat`.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;
use serde::ser::SerializeMap;
use serde_json::ser::{Formatter, PrettyFormatter};

use super::comparison::comparison;
use super::{Verdict, build, foreign};
use benchgate_core::gate::{
    AcceptanceRow, Census, ClaimRow, Effect, ExitCode, Open, Outcome, Rating, Relinked, Row, Source, Status,
};
use benchgate_core::model::{
    BuildChange, BuildPart, Ceiling, ForeignBench, LeftOut, Metric, Origin, PairKind, PolicyChange, Run,
};

/// The version of the shape that [`json`] writes.
const SCHEMA: u32 = 1;

/// The outcome as JSON with a final newline. Of the run it takes what is compared with what, and what the candidate changes in
/// the configuration.
pub fn json(run: &Run, outcome: &Outcome) -> String {
    let exit = ExitCode::strongest(outcome.exits.iter().copied());
    write(&WireOutcome {
        schema: SCHEMA,
        comparison: Some(comparison(run)),
        verdict: Verdict::of(outcome).name(),
        exit_code: exit.code(),
        message: &outcome.headline,
        notes: run.notes.iter().map(String::as_str).collect(),
        warnings: outcome.warnings.iter().map(String::as_str).collect(),
        acceptances: outcome.acceptances.iter().map(WireAcceptance::from).collect(),
        policy_changes: run.policy_changes.iter().map(WireChange::from).collect(),
        build_changes: run.build_changes.iter().map(WireBuildChange::from).collect(),
        left_out: run.left_out.iter().map(WireLeftOut::from).collect(),
        not_measured: run.foreign.iter().map(WireForeign::from).collect(),
        census: WireCensus(&outcome.census),
        series: outcome.rows.iter().map(WireSeries::from).collect(),
        claims: outcome.claims.iter().map(WireClaim::from).collect(),
    })
}

/// What is written when the tool ended before there was anything to judge: the exit code, why, and nothing compared.
pub fn json_without_run(exit: ExitCode, message: &str) -> String {
    write(&WireOutcome {
        schema: SCHEMA,
        comparison: None,
        verdict: Verdict::of_exit(exit).name(),
        exit_code: exit.code(),
        message,
        notes: Vec::new(),
        warnings: Vec::new(),
        acceptances: Vec::new(),
        policy_changes: Vec::new(),
        build_changes: Vec::new(),
        left_out: Vec::new(),
        not_measured: Vec::new(),
        census: WireCensus(&Census(BTreeMap::new())),
        series: Vec::new(),
        claims: Vec::new(),
    })
}

/// Any value for programs: indented, with a final line feed, text harmless to look at.
pub(super) fn write(value: &impl Serialize) -> String {
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, Visible(PrettyFormatter::new()));
    value.serialize(&mut serializer).expect("plain values serialize, and a vector takes every byte");
    bytes.push(b'\n');
    String::from_utf8(bytes).expect("serde_json writes UTF-8")
}

#[derive(Serialize)]
struct WireOutcome<'a> {
    schema: u32,
    comparison: Option<String>,
    verdict: &'static str,
    exit_code: u8,
    /// The verdict in a sentence; where nothing was measured, why.
    message: &'a str,
    /// What to know about how it went.
    notes: Vec<&'a str>,
    warnings: Vec<&'a str>,
    acceptances: Vec<WireAcceptance<'a>>,
    policy_changes: Vec<WireChange<'a>>,
    build_changes: Vec<WireBuildChange<'a>>,
    left_out: Vec<WireLeftOut<'a>>,
    not_measured: Vec<WireForeign<'a>>,
    census: WireCensus<'a>,
    series: Vec<WireSeries<'a>>,
    claims: Vec<WireClaim<'a>>,
}

#[derive(Serialize)]
struct WireAcceptance<'a> {
    added: bool,
    id: &'a str,
    metric: Option<&'static str>,
    ceiling: Option<WireCeiling>,
    reason: &'a str,
    expires: &'a str,
    state: &'static str,
    detail: &'a str,
}

#[derive(Serialize)]
struct WireCeiling {
    share: Option<f64>,
    count: Option<f64>,
}

impl<'a> From<&'a AcceptanceRow> for WireAcceptance<'a> {
    fn from(row: &'a AcceptanceRow) -> Self {
        let ceiling = |ceiling| match ceiling {
            Ceiling::Share(share) => WireCeiling { share: finite(share), count: None },
            Ceiling::Count(count) => WireCeiling { share: None, count: finite(count) },
        };
        Self {
            added: row.origin == Origin::Change,
            id: &row.id,
            metric: row.metric.map(Metric::name),
            ceiling: row.ceiling.map(ceiling),
            reason: &row.reason,
            expires: &row.expires,
            state: row.state.name(),
            detail: &row.detail,
        }
    }
}

#[derive(Serialize)]
struct WireChange<'a> {
    key: &'a str,
    base: Option<&'a str>,
    candidate: Option<&'a str>,
}

impl<'a> From<&'a PolicyChange> for WireChange<'a> {
    fn from(PolicyChange { key, base, candidate }: &'a PolicyChange) -> Self {
        Self { key, base: base.as_deref(), candidate: candidate.as_deref() }
    }
}

#[derive(Serialize)]
struct WireBuildChange<'a> {
    part: &'static str,
    package: Option<&'a str>,
    base: Option<&'a str>,
    candidate: Option<&'a str>,
}

impl<'a> From<&'a BuildChange> for WireBuildChange<'a> {
    fn from(BuildChange { part, base, candidate }: &'a BuildChange) -> Self {
        let (part, package) = match part {
            BuildPart::Toolchain => ("toolchain", None),
            BuildPart::Harness(name) => ("harness", Some(&**name)),
            BuildPart::Package(name) => ("package", Some(&**name)),
        };
        Self { part, package, base: base.as_deref(), candidate: candidate.as_deref() }
    }
}

#[derive(Serialize)]
struct WireLeftOut<'a> {
    package: &'a str,
    benches: &'a [String],
    reason: &'static str,
    detail: String,
}

impl<'a> From<&'a LeftOut> for WireLeftOut<'a> {
    fn from(LeftOut { package, benches, absence }: &'a LeftOut) -> Self {
        Self { package, benches, reason: build::reason(absence), detail: build::why(absence) }
    }
}

#[derive(Serialize)]
struct WireForeign<'a> {
    package: &'a str,
    bench: &'a str,
    harness: &'static str,
    reason: String,
    hint: &'static str,
}

impl<'a> From<&'a ForeignBench> for WireForeign<'a> {
    fn from(ForeignBench { package, bench, harness }: &'a ForeignBench) -> Self {
        Self { package, bench, harness: harness.name(), reason: foreign::why(*harness), hint: foreign::cure(*harness) }
    }
}

/// Every status by name, worst first, zeros too.
struct WireCensus<'a>(&'a Census);

impl Serialize for WireCensus<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(Status::ALL.len()))?;
        for status in Status::ALL {
            map.serialize_entry(status.name(), &self.0.count(status))?;
        }
        map.end()
    }
}

#[derive(Serialize)]
struct WireSeries<'a> {
    id: &'a str,
    metric: &'static str,
    verdict: &'static str,
    base: Option<f64>,
    candidate: Option<f64>,
    unit: &'static str,
    effect: Option<WireEffect>,
    tolerance: f64,
    pairs: u32,
    seconds: Option<f64>,
    smallest_visible_effect: Option<f64>,
    link_orders: Option<WireRelinked>,
    /// Only of a time that fresh link orders should have judged and could not.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_confirmed: Option<&'a str>,
    /// Why that verdict.
    reason: &'a str,
    /// Only where more differs between the sides than the code that it measures.
    #[serde(skip_serializing_if = "Option::is_none")]
    differs: Option<&'a str>,
    /// Only where it is not the usual kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pair_kind: Option<&'static str>,
    /// Only where the verdict is `inconclusive`.
    #[serde(skip_serializing_if = "Option::is_none")]
    open: Option<&'static str>,
    /// Only where a profile was taken or tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'a str>,
}

impl<'a> From<&'a Row> for WireSeries<'a> {
    fn from(row: &'a Row) -> Self {
        Self {
            id: &row.id,
            metric: row.key.metric.name(),
            verdict: row.status.name(),
            base: row.base.and_then(finite),
            candidate: row.candidate.and_then(finite),
            unit: row.key.metric.unit(),
            effect: row.effect.map(WireEffect::from),
            tolerance: row.tolerance,
            pairs: row.pairs,
            seconds: finite(row.seconds),
            smallest_visible_effect: row.smallest_visible.and_then(finite),
            link_orders: row.relinked.map(WireRelinked::from),
            not_confirmed: row.unconfirmed.as_deref(),
            reason: &row.detail,
            differs: row.beside.as_deref(),
            pair_kind: match row.kind {
                PairKind::Interleaved => None,
                PairKind::OneAtATime => Some("one-at-a-time"),
                PairKind::Command => Some("command"),
            },
            open: row.open.map(Open::name),
            cause: row.cause.as_ref().map(|cause| &*cause.line),
        }
    }
}

#[derive(Serialize)]
struct WireEffect {
    estimate: Option<f64>,
    lower: Option<f64>,
    upper: Option<f64>,
}

impl From<Effect> for WireEffect {
    fn from(effect: Effect) -> Self {
        let share = |log| finite(Effect::share(log));
        Self { estimate: share(effect.estimate), lower: share(effect.lower), upper: share(effect.upper) }
    }
}

#[derive(Serialize)]
struct WireRelinked {
    pairs: u32,
    effect: WireEffect,
    lowest: Option<f64>,
    highest: Option<f64>,
    instructions: Option<f64>,
}

impl From<Relinked> for WireRelinked {
    fn from(relinked: Relinked) -> Self {
        let share = |log| finite(Effect::share(log));
        Self {
            pairs: relinked.link_orders,
            effect: relinked.effect.into(),
            lowest: share(relinked.lowest),
            highest: share(relinked.highest),
            instructions: relinked.instructions.and_then(share),
        }
    }
}

#[derive(Serialize)]
struct WireClaim<'a> {
    name: &'a str,
    kind: &'static str,
    statement: &'a str,
    state: &'static str,
    holds: Option<bool>,
    value: Option<f64>,
    interval: Option<WireInterval>,
    unit: Option<&'static str>,
    bound: WireBound,
    target: Option<f64>,
    rating: Option<&'static str>,
    detail: &'a str,
    stated: Option<&'a str>,
    note: Option<&'a str>,
    source: Option<WireSource<'a>>,
}

#[derive(Serialize)]
struct WireInterval {
    lower: Option<f64>,
    upper: Option<f64>,
}

#[derive(Serialize)]
struct WireBound {
    at_least: Option<f64>,
    at_most: Option<f64>,
}

#[derive(Serialize)]
struct WireSource<'a> {
    repository: &'a str,
    file: &'a str,
    heading: &'a str,
}

impl<'a> From<&'a ClaimRow> for WireClaim<'a> {
    fn from(claim: &'a ClaimRow) -> Self {
        let source = claim.source.as_ref();
        Self {
            name: &claim.name,
            kind: claim.kind,
            statement: &claim.statement,
            state: claim.state.name(),
            holds: claim.state.is_kept(),
            value: claim.value.and_then(finite),
            interval: claim.interval.map(|(lower, upper)| WireInterval { lower: finite(lower), upper: finite(upper) }),
            unit: claim.unit.map(Metric::unit),
            bound: WireBound {
                at_least: claim.bound.at_least.and_then(finite),
                at_most: claim.bound.at_most.and_then(finite),
            },
            target: claim.target.and_then(finite),
            rating: Some(claim.rating).filter(|rating| *rating != Rating::Unknown).map(Rating::name),
            detail: &claim.detail,
            stated: claim.stated.as_deref(),
            note: claim.note.as_deref(),
            source: source.map(|Source { repository, file, heading }| WireSource { repository, file, heading }),
        }
    }
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

/// Pretty JSON in which every character that cannot be seen is a `\u` escape.
struct Visible(PrettyFormatter<'static>);

impl Formatter for Visible {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        for c in fragment.chars() {
            if c.is_ascii_graphic() || c == ' ' || (!c.is_ascii() && c.escape_debug().len() == 1) {
                write!(writer, "{c}")?;
            } else {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
        }
        Ok(())
    }

    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests;
