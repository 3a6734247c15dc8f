//! Which function a profile blames for a row: an explanation of a verdict, never a verdict.
//!
//! A stack is blamed on its innermost function of the workspace, so that a loop in a library is blamed on who called it. What a
//! function costs is its share of the samples times what an iteration takes on that side.

use std::collections::{BTreeMap, BTreeSet};

use super::percent;
use crate::model::{Metric, Profile, Sites, Stack, Stacks, Taken, Unit};
use crate::stats::{Shares, beyond_luck, visible_share};

/// What the profile of a row says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cause {
    /// One line: the function and what became of it, or why none is named.
    pub line: String,
    /// Whether the line names a function.
    pub is_found: bool,
    /// How it was looked at, in words.
    pub how: String,
    /// Functions, those whose own share changed most first; empty where no stacks were taken.
    pub functions: Vec<FunctionShares>,
    /// Allocation sites that differ, most first.
    pub sites: Vec<SiteChange>,
}

/// Shares of one function, of base and candidate.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionShares {
    /// Its name.
    pub name: String,
    /// Samples in itself.
    pub own: [f64; 2],
    /// Samples in itself or what it called.
    pub total: [f64; 2],
    /// Whether the sample size can show that its own share differs.
    pub is_own_shown: bool,
    /// Whether it can show that its total share differs.
    pub is_total_shown: bool,
}

/// One allocation site, an iteration of base and candidate.
#[derive(Clone, Debug, PartialEq)]
pub struct SiteChange {
    /// The function blamed.
    pub name: String,
    /// Its callers, nearest first.
    pub callers: Vec<String>,
    /// Blocks.
    pub blocks: [f64; 2],
    /// Bytes.
    pub bytes: [f64; 2],
    /// Where in the source, where that is known.
    pub place: String,
}

/// Chance of naming any function that did not change.
pub(super) const ALPHA: f64 = 0.01;

/// What counted shares must differ by to be told: they have no noise, but a share of a thousandth explains nothing.
const LEAST_COUNTED: f64 = 0.005;

/// Functions and sites that are listed.
const LISTED: usize = 12;

/// Crates whose functions are blamed only where nothing else is on the stack.
const STANDARD: [&str; 8] =
    ["core", "alloc", "std", "criterion", "dhat", "hashbrown", "compiler_builtins", "benchgate_heap"];

/// What a profile says; `values` are base and candidate of the row.
pub(super) fn cause(profile: &Profile, values: [Option<f64>; 2]) -> Cause {
    match &profile.taken {
        Taken::Stacks(stacks) => of_stacks(stacks, &profile.own, values),
        Taken::Sites(sites) => of_sites(sites, &profile.own, profile.key.metric),
        Taken::Nothing { reason } => Cause { line: format!("no profile: {reason}"), ..Cause::default() },
    }
}

fn of_stacks(stacks: &Stacks, own: &[String], values: [Option<f64>; 2]) -> Cause {
    let totals = stacks.totals();
    let mut blamed: BTreeMap<&str, [u64; 2]> = BTreeMap::new();
    for stack in &stacks.stacks {
        if let Some(name) = blame(stack.frames.iter().rev(), own) {
            add(blamed.entry(name).or_default(), stack);
        }
    }
    let weights = weights(stacks.unit, totals, values);
    let names: Vec<(&str, [u64; 2])> = blamed.into_iter().collect();
    let is_shown = shown(stacks.unit, totals, weights, names.iter().map(|(_, hits)| *hits));
    let change = |hits: [u64; 2]| {
        let [base, candidate] = shares(hits, totals);
        weights[1] * candidate - weights[0] * base
    };
    let direction = if weights[1] >= weights[0] { 1.0 } else { -1.0 };
    let named = names.iter().zip(&is_shown).filter(|((_, hits), shown)| **shown && direction * change(*hits) > 0.0);
    let worst = named.max_by(|((_, a), _), ((_, b), _)| (direction * change(*a)).total_cmp(&(direction * change(*b))));
    let line = match worst {
        Some(((name, hits), _)) => told(name, shares(*hits, totals), stacks.unit, weights[1] / weights[0]),
        None => nothing(stacks.unit, totals, names.len()),
    };
    Cause {
        line,
        is_found: worst.is_some(),
        how: stacks.how.clone(),
        functions: functions(stacks, totals),
        sites: Vec::new(),
    }
}

/// What an iteration takes on either side, in nanoseconds or instructions; 1 where that is not known.
pub(super) fn weights(unit: Unit, totals: [u64; 2], values: [Option<f64>; 2]) -> [f64; 2] {
    match (unit, values) {
        (Unit::Samples, [Some(base), Some(candidate)]) if base > 0.0 && candidate > 0.0 => [base, candidate],
        (Unit::Samples, _) => [1.0; 2],
        (Unit::Instructions, _) => totals.map(|total| total as f64),
    }
}

/// `` `f`: 12 % of samples in base, 61 % in candidate ``.
fn told(name: &str, [base, candidate]: [f64; 2], unit: Unit, ratio: f64) -> String {
    let of = match unit {
        Unit::Samples => "samples",
        Unit::Instructions => "instructions",
    };
    let (base, candidate) = (percent::share(base), percent::share(candidate));
    let mut line = format!("`{name}`: {base} of {of} in base, {candidate} in candidate");
    if (ratio - 1.0).abs() >= 0.05 {
        let what = match unit {
            Unit::Samples => "takes",
            Unit::Instructions => "needs",
        };
        let many = if ratio >= 9.95 { format!("{ratio:.0}") } else { format!("{ratio:.1}") };
        line += &match unit {
            Unit::Samples => format!(", which {what} {many} times as long"),
            Unit::Instructions => format!(", which {what} {many} times as many"),
        };
    }
    line
}

fn nothing(unit: Unit, totals: [u64; 2], functions: usize) -> String {
    match (unit, totals) {
        (_, [0, 0] | [0, _] | [_, 0]) => "no profile: a side gave no stacks of the timed routine".into(),
        (Unit::Samples, [base, candidate]) => format!(
            "no function stands out in {base} and {candidate} samples, which show a difference of {} of them",
            percent::share(visible_share(totals, functions, ALPHA))
        ),
        (Unit::Instructions, _) => "no function stands out: both sides count the same instructions in each".into(),
    }
}

/// Self and total shares of the functions that changed most.
fn functions(stacks: &Stacks, totals: [u64; 2]) -> Vec<FunctionShares> {
    let mut all: BTreeMap<&str, ([u64; 2], [u64; 2])> = BTreeMap::new();
    for stack in &stacks.stacks {
        let once: BTreeSet<&str> = stack.frames.iter().map(String::as_str).collect();
        once.into_iter().for_each(|name| add(&mut all.entry(name).or_default().1, stack));
        if let Some(innermost) = stack.frames.last() {
            add(&mut all.entry(innermost).or_default().0, stack);
        }
    }
    let own = all.values().map(|(own, _)| *own);
    let total = all.values().map(|(_, total)| *total);
    let is_shown = shown(stacks.unit, totals, [1.0; 2], own.chain(total));
    let count = all.len();
    let mut functions: Vec<FunctionShares> = all
        .into_iter()
        .enumerate()
        .map(|(index, (name, (own, total)))| FunctionShares {
            name: name.to_owned(),
            own: shares(own, totals),
            total: shares(total, totals),
            is_own_shown: is_shown[index],
            is_total_shown: is_shown[count + index],
        })
        .collect();
    let apart = |one: &FunctionShares| (one.own[1] - one.own[0]).abs();
    functions.sort_by(|a, b| apart(b).total_cmp(&apart(a)));
    functions.truncate(LISTED);
    functions
}

fn add(sum: &mut [u64; 2], stack: &Stack) {
    sum.iter_mut().zip(stack.counts).for_each(|(sum, count)| *sum += count);
}

fn shares(hits: [u64; 2], totals: [u64; 2]) -> [f64; 2] {
    [0, 1].map(|side| if totals[side] == 0 { 0.0 } else { hits[side] as f64 / totals[side] as f64 })
}

/// Which of these differ by more than was to be expected; counts that are no samples have no noise.
pub(super) fn shown(unit: Unit, totals: [u64; 2], weights: [f64; 2], all: impl Iterator<Item = [u64; 2]>) -> Vec<bool> {
    match unit {
        _ if totals.contains(&0) => all.map(|_| false).collect(), // nothing to hold the other side against
        Unit::Samples => {
            let chances: Vec<f64> = all.map(|hits| Shares { hits, totals }.chance(weights)).collect();
            beyond_luck(&chances, ALPHA)
        }
        Unit::Instructions => all
            .map(|hits| {
                let [base, candidate] = shares(hits, totals);
                (weights[1] * candidate - weights[0] * base).abs() >= LEAST_COUNTED * weights[0].max(1.0)
            })
            .collect(),
    }
}

/// The innermost function of the workspace, else of any crate but the standard ones, else the innermost.
fn blame<'a>(innermost_first: impl Iterator<Item = &'a String> + Clone, own: &[String]) -> Option<&'a str> {
    let is_own = |name: &&String| is_of(own, name);
    let is_foreign = |name: &&String| name.contains("::") && !STANDARD.contains(&crate_of(name));
    let mut found = innermost_first.clone().find(is_own);
    found = found.or_else(|| innermost_first.clone().find(is_foreign));
    found.or_else(|| innermost_first.clone().next()).map(|name| without_closures(name))
}

/// Whether a function is of the workspace's crates.
pub(super) fn is_of(own: &[String], name: &str) -> bool {
    let of = crate_of(name);
    !STANDARD.contains(&of) && own.iter().any(|one| one == of)
}

/// The crate of a function, or of the type whose method it is: `a` of `a::b` and of `<a::C as core::D>::e`.
fn crate_of(name: &str) -> &str {
    let mut name = name;
    loop {
        let before = name;
        for start in ["<", "&", "[", "(", "*const ", "*mut ", "mut ", "dyn "] {
            name = name.strip_prefix(start).unwrap_or(name);
        }
        if name == before {
            break;
        }
    }
    name.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("")
}

/// `a::b` of `a::b::{{closure}}`: a closure is its function's.
fn without_closures(name: &str) -> &str {
    let mut name = name;
    while let Some((outer, inner)) = name.rsplit_once("::") {
        if !inner.starts_with("{closure") && inner != "{{closure}}" {
            break;
        }
        name = outer;
    }
    name
}

fn of_sites(sites: &Sites, own: &[String], metric: Metric) -> Cause {
    let mut all: Vec<SiteChange> = sites
        .sites
        .iter()
        .map(|site| {
            let name = blame(site.frames.iter(), own).unwrap_or("an unknown function");
            let mut callers: Vec<String> =
                site.frames.iter().skip_while(|frame| without_closures(frame) != name).skip(1).cloned().collect();
            callers.dedup();
            let (blocks, bytes, place) = (site.blocks, site.bytes, site.place.clone());
            SiteChange { name: name.to_owned(), callers, blocks, bytes, place }
        })
        .collect();
    let is_blocks = metric == Metric::Allocations;
    let values = |one: &SiteChange| if is_blocks { one.blocks } else { one.bytes };
    let apart = |[base, candidate]: [f64; 2]| candidate - base;
    let mut by_name: BTreeMap<&str, [f64; 2]> = BTreeMap::new();
    for site in &all {
        let sum = by_name.entry(&site.name).or_default();
        sum.iter_mut().zip(values(site)).for_each(|(sum, value)| *sum += value);
    }
    let whole: f64 = by_name.values().map(|&sum| apart(sum)).sum();
    let direction = if whole >= 0.0 { 1.0 } else { -1.0 };
    let worst = by_name.iter().max_by(|(_, a), (_, b)| (direction * apart(**a)).total_cmp(&(direction * apart(**b))));
    let line = match worst {
        Some((name, sum)) if apart(*sum) != 0.0 => {
            let (size, word) = (apart(*sum).abs(), if apart(*sum) > 0.0 { "more" } else { "fewer" });
            let size = if size.fract().abs() < 1e-9 { format!("{size:.0}") } else { format!("{size:.2}") };
            let unit = match (is_blocks, &*size) {
                (true, "1") => "allocation",
                (true, _) => "allocations",
                (false, "1") => "byte",
                (false, _) => "bytes",
            };
            format!("`{name}`: {size} {word} {unit} per iteration")
        }
        Some(_) | None => "no allocation site differs between the sides".into(),
    };
    let is_found = worst.is_some_and(|(_, sum)| apart(*sum) != 0.0);
    all.retain(|site| apart(site.blocks) != 0.0 || apart(site.bytes) != 0.0);
    all.sort_by(|a, b| apart(values(b)).abs().total_cmp(&apart(values(a)).abs()).then_with(|| a.name.cmp(&b.name)));
    all.truncate(LISTED);
    Cause { line, is_found, how: sites.how.clone(), functions: Vec::new(), sites: all }
}

#[cfg(test)]
mod tests;
