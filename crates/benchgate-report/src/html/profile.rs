//! What was found by looking into a benchmark: flame graphs, shares of functions, allocation sites.

use std::collections::HashMap;

use super::flame::{Graph, graph};
use crate::inert::inert;
use crate::quantity;
use benchgate_core::gate::{Cause, Flames, FunctionShares, Row, SiteChange, flames};
use benchgate_core::model::{Profile, SeriesKey, Unit};

/// One look into a benchmark.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Looked {
    /// Metric that it explains.
    pub metric: &'static str,
    /// How one looked.
    pub how: String,
    /// Flame graphs: candidate, base, difference.
    pub graphs: Vec<Graph>,
    /// Functions.
    pub functions: Vec<Function>,
    /// Allocation sites.
    pub sites: Vec<SiteRow>,
}

/// Shares of a function as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Function {
    /// Its name.
    pub name: String,
    /// Own share of base and candidate.
    pub own: [String; 2],
    /// Total share of base and candidate.
    pub total: [String; 2],
    /// Which differences are more than luck, in words.
    pub shown: &'static str,
}

/// An allocation site as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SiteRow {
    /// The function.
    pub name: String,
    /// Its callers and its place in the source.
    pub whence: String,
    /// Blocks of base and candidate.
    pub blocks: [String; 2],
    /// Bytes of base and candidate.
    pub bytes: [String; 2],
}

/// Callers that are shown of a site.
const CALLERS: usize = 3;

/// What was found for the series of one benchmark; sites that explain several of them stand once.
pub(super) fn looked(rows: &[&Row], profiles: &HashMap<&SeriesKey, &Profile>) -> Vec<Looked> {
    let mut all: Vec<Looked> = Vec::new();
    for row in rows {
        let (Some(cause), Some(profile)) = (&row.cause, profiles.get(&row.key)) else { continue };
        let one = of(row, cause, profile);
        let is_empty = one.graphs.is_empty() && one.sites.is_empty();
        let is_told = |sites: &[SiteRow]| !sites.is_empty() && all.iter().any(|known| has_all(&known.sites, sites));
        if !is_empty && !is_told(&one.sites) {
            all.push(one);
        }
    }
    all
}

fn has_all(known: &[SiteRow], sites: &[SiteRow]) -> bool {
    sites.iter().all(|site| known.contains(site))
}

fn of(row: &Row, cause: &Cause, profile: &Profile) -> Looked {
    let flames = flames(profile, row);
    let graphs = flames.iter().flat_map(graphs).collect();
    Looked {
        metric: row.key.metric.name(),
        how: inert(&cause.how),
        graphs,
        functions: cause.functions.iter().map(function).collect(),
        sites: cause.sites.iter().map(site).collect(),
    }
}

fn graphs(flames: &Flames) -> [Graph; 3] {
    let unit = match flames.unit {
        Unit::Samples => "samples",
        Unit::Instructions => "instructions",
    };
    let [base, candidate] = flames.totals.map(|total| format!("{} {unit}", quantity::plain(total as f64)));
    [
        graph(
            "difference",
            "Difference",
            "the candidate, coloured by what it costs more or less than the base",
            &flames.difference,
        ),
        graph("candidate", "Candidate", &candidate, &flames.candidate),
        graph("base", "Base", &base, &flames.base),
    ]
}

fn function(one: &FunctionShares) -> Function {
    let shares = |shares: [f64; 2]| shares.map(quantity::size);
    Function {
        name: inert(&one.name),
        own: shares(one.own),
        total: shares(one.total),
        shown: match (one.is_own_shown, one.is_total_shown) {
            (true, true) => "both",
            (true, false) => "own",
            (false, true) => "total",
            (false, false) => "",
        },
    }
}

fn site(one: &SiteChange) -> SiteRow {
    let SiteChange { name, callers, blocks, bytes, place } = one;
    let shown = callers.iter().take(CALLERS).map(String::as_str).collect::<Vec<_>>().join(" ← ");
    let parts = [place.clone(), if shown.is_empty() { shown } else { format!("from {shown}") }];
    let whence = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    let values = |pair: [f64; 2]| pair.map(quantity::plain);
    SiteRow { name: inert(name), whence: inert(&whence), blocks: values(*blocks), bytes: values(*bytes) }
}
