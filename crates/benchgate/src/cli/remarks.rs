//! What is said of how times were measured, a line for each reason.

use std::collections::{BTreeMap, BTreeSet};

use super::confirm::on_one_line;
use benchgate_engine::measure::ONE_AT_A_TIME;
use benchgate_engine::measure::{Target, TimeSeries};

/// One line for each reason why series were not measured in lockstep: their readings are noisier.
pub(super) fn fallbacks(series: &[TimeSeries]) -> Vec<String> {
    let mut by_reason: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for one in series {
        if let Some(reason) = one.trial.fallback() {
            by_reason.entry(reason).or_default().push(one.key.bench.id());
        }
    }
    let line = |(reason, ids): (&str, Vec<String>)| match &ids[..] {
        [id] => format!("`{id}` was not measured in lockstep: {reason}"),
        [id, ..] => format!("{} series, `{id}` among them, were not measured in lockstep: {reason}", ids.len()),
        [] => unreachable!("a reason has a series"),
    };
    by_reason.into_iter().map(line).collect()
}

/// What is to be said of benches for how they are driven, once for each target.
pub(super) fn remarks(targets: &[Target], series: &[TimeSeries]) -> Vec<String> {
    let used: BTreeSet<usize> = series.iter().map(|one| one.target).collect();
    let remark = |index: usize| {
        let target = &targets[index];
        let remark =
            [&target.base, &target.candidate].into_iter().flatten().find_map(|side| side.harness().remark())?;
        Some(format!("bench `{}`: {remark}", target.name))
    };
    used.into_iter().filter_map(remark).collect()
}

/// One line for each reason why the sides of series were not alive at once.
pub(super) fn exclusions(series: &[TimeSeries]) -> Vec<String> {
    let mut by_reason: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for one in series {
        let Some(failure) = one.trial.exclusion() else { continue };
        let said = format!("the {} failed while both lived: {}", failure.side.name(), on_one_line(failure.words()));
        by_reason.entry(said).or_default().push(one.key.bench.id());
    }
    let line = |(reason, ids): (String, Vec<String>)| {
        let (who, are) = match &ids[..] {
            [id] => (format!("`{id}`"), "was"),
            [id, ..] => (format!("{} benchmarks, `{id}` among them,", ids.len()), "were"),
            [] => unreachable!("a reason has a series"),
        };
        format!(
            "{who} {are} measured {ONE_AT_A_TIME}; {reason}; `exclusive = true` in a `[class.NAME]` of benchgate.toml says so beforehand"
        )
    };
    by_reason.into_iter().map(line).collect()
}
