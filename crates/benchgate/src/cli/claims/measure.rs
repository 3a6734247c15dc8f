//! Measuring what claims need: pairs of two benchmarks of the candidate.

use std::path::Path;
use std::time::{Duration, Instant};

use rand_chacha::ChaCha8Rng;

use crate::cli::evidence::{Counted, Known, Of};
use crate::config;
use benchgate_core::gate::{self, Claim, Needs, Policy, pair_effect};
use benchgate_core::model::{
    BenchKey, ClaimEvidence, CountReading, HeapReading, Metric, Pair, SeriesKey, Side, Stream, Uncounted,
};
use benchgate_engine::collect::{Arm, Cpus, Effort, Grain, Harness, Limits, Schedule};
use benchgate_engine::measure::{BuiltSide, Target};
use benchgate_engine::measure::{CLAIMS, Taken, Trial};

/// Pairs for each claim about times in a run; most are proven by the fifth.
const CLAIM_PAIRS: u32 = 32;

/// Pairs after which a claim is left open, however many runs measured them.
const MOST_PAIRS: usize = 128;

/// Pairs that are taken even where fewer would prove the claim, so that its interval says something.
const LEAST_PAIRS: usize = 8;

/// Where the run stands when claims are measured.
pub(in crate::cli) struct Measuring<'a> {
    pub targets: &'a [Target],
    pub limits: Limits<'a>,
    pub scratch: &'a Path,
    pub policy: &'a Policy,
    pub seed: u64,
    pub pair_cap: u32,
    /// The machine's.
    pub cores: u32,
    /// What earlier runs found of this very code.
    pub known: &'a mut Known,
    /// Time for claims, whatever the series have used.
    pub allowance: Duration,
}

/// Evidence for each claim, in their order. `counted` holds the candidate's counts.
pub(in crate::cli) fn measure(
    claims: &[Claim],
    counted: &Counted,
    measuring: &mut Measuring<'_>,
) -> Vec<ClaimEvidence> {
    let mut coin = Stream::Claims.of(measuring.seed);
    let deadline = Instant::now() + measuring.allowance;
    let mut evidence = Vec::new();
    for (index, claim) in claims.iter().enumerate() {
        let none = || ClaimEvidence { name: claim.name.clone(), pairs: Vec::new(), counts: Vec::new(), note: None };
        let found = match claim.kind.needs() {
            Needs::Pairs { over, under } => Asked::find(measuring.targets, index, claim, [&over, &under])
                .and_then(|asked| pairs(measuring, &asked, deadline, &mut coin))
                .map(|(pairs, note)| ClaimEvidence { pairs, note, ..none() }),
            Needs::Counts { metric, ids } => counts(counted, metric, &ids).map(|counts| ClaimEvidence {
                counts,
                note: since(counted, &ids),
                ..none()
            }),
            Needs::Counter { id, counter } => self::counter(counted, id, counter).map(|count| ClaimEvidence {
                counts: vec![count],
                note: since(counted, &[id]),
                ..none()
            }),
        };
        evidence.push(found.unwrap_or_else(|note| ClaimEvidence { note: Some(note), ..none() }));
    }
    evidence
}

/// One claim about times.
struct Asked<'a> {
    index: usize,
    claim: &'a Claim,
    over: Of<'a>,
    under: Of<'a>,
}

impl<'a> Asked<'a> {
    fn find(targets: &'a [Target], index: usize, claim: &'a Claim, ids: [&str; 2]) -> Result<Self, String> {
        let [over, under] = [find(targets, ids[0])?, find(targets, ids[1])?];
        let harness = |of: Of<'_>| of.target.candidate.as_ref().map(BuiltSide::harness);
        if harness(over) != harness(under) {
            return Err(format!("`{}` and `{}` have different harnesses", ids[0], ids[1]));
        }
        Ok(Self { index, claim, over, under })
    }
}

/// Pairs of a claim and what is to be said of them. Those of earlier runs come first, and where they decide, no more are
/// measured: doubt goes on, it does not start over.
fn pairs(
    measuring: &mut Measuring<'_>,
    asked: &Asked<'_>,
    deadline: Instant,
    coin: &mut ChaCha8Rng,
) -> Result<(Vec<Pair>, Option<String>), String> {
    let Asked { over, under, .. } = *asked;
    let kept = measuring.known.pairs(over, under);
    let since = kept.as_ref().map(|kept| kept.since.clone());
    let mut pairs = kept.map(|kept| kept.pairs).unwrap_or_default();
    let before = pairs.len();
    let stopped = if is_decided(measuring, asked, &pairs) || before >= MOST_PAIRS {
        None
    } else if measuring.limits.is_interrupted() {
        Some("interrupted".to_owned())
    } else if Instant::now() > deadline {
        Some("the time for claims was spent".to_owned())
    } else {
        take(measuring, asked, &mut pairs, deadline, coin)?
    };
    if pairs.is_empty() {
        return Err(stopped.unwrap_or_else(|| "no pair could be trusted".into()));
    }
    // What a crowd of other programs slowed down is nothing to keep.
    if pairs.len() > before && !gate::is_crowded(asked.claim, measuring.cores, &pairs[before..]) {
        measuring.known.keep_pairs(over, under, since.as_deref(), &pairs);
    }
    let known = since.map(|since| match pairs.len() - before {
        0 => format!("measured {since}, the code is the same"),
        _ => format!("{before} of them measured {since}, the code is the same"),
    });
    let notes: Vec<String> = stopped.into_iter().chain(known).collect();
    Ok((pairs, Some(notes.join("; ")).filter(|note| !note.is_empty())))
}

fn is_decided(measuring: &Measuring<'_>, asked: &Asked<'_>, pairs: &[Pair]) -> bool {
    let key = SeriesKey { bench: asked.over.target.key(asked.over.bench), metric: Metric::Time };
    let tau = gate::tau(measuring.policy.tolerance(&key));
    let effects: Vec<f64> = pairs.iter().map(pair_effect).collect();
    pairs.len() >= LEAST_PAIRS && gate::is_decided(asked.claim, &effects, tau, gate::statements(measuring.policy))
}

/// Measures until a claim is decided or the pairs of a run are spent; why there are not more, where something was in the way.
///
/// # Errors
/// Why a pair failed, where too many did, by the rule of series: what is left over then is not to be trusted.
fn take(
    measuring: &Measuring<'_>,
    asked: &Asked<'_>,
    pairs: &mut Vec<Pair>,
    deadline: Instant,
    coin: &mut ChaCha8Rng,
) -> Result<Option<String>, String> {
    let found = asked.over.target.candidate.as_ref().expect("found in the candidate");
    let schedule = Schedule { harness: found.harness(), limits: measuring.limits };
    let arm = |of: Of<'_>, side| -> Result<Arm, String> {
        let found = of.target.candidate.as_ref().expect("found in the candidate");
        found.arm.in_role(measuring.scratch, side, asked.index).map_err(|error| format!("{error:#}"))
    };
    let arms = [arm(asked.under, Side::Base)?, arm(asked.over, Side::Candidate)?];
    let wanted = [(asked.under.bench.clone(), asked.over.bench.clone())];
    let mut efforts = Vec::new();
    for (arm, bench) in arms.iter().zip([asked.under.bench, asked.over.bench]) {
        for look in schedule.look(arm, std::slice::from_ref(bench), Effort::look(schedule.harness)) {
            efforts.push(look.fitting());
            look.samples.map_err(|failure| failure.message)?;
        }
    }
    // The fewer samples of the two, and room for the threads of either.
    let samples = efforts.iter().map(|effort| effort.samples).min().unwrap_or(Effort::LOOK.samples);
    let cpus = efforts.iter().map(|effort| effort.cpus).max().unwrap_or(Cpus::All);
    let dilation = efforts.iter().map(|effort| effort.dilation).max().unwrap_or(1);
    let batch = efforts.iter().map(|effort| effort.batch).min().unwrap_or(0);
    let effort = Effort { samples, batch, cpus, dilation, grain: Grain::Turn };
    let is_exclusive =
        [asked.under, asked.over].iter().any(|of| measuring.policy.is_exclusive(&of.target.key(of.bench)));
    let mut trial = Trial::new(CLAIMS, effort, is_exclusive);
    let mut stopped = None;
    let first = pairs.iter().map(|pair| pair.order + 1).max().unwrap_or(0);
    for order in first..first + u64::from(CLAIM_PAIRS.min(measuring.pair_cap)) {
        for reading in schedule.pair([&arms[0], &arms[1]], &wanted, trial.effort, coin) {
            if trial.take(reading, order) == Taken::Believed {
                pairs.extend(trial.pairs.last().cloned());
            }
        }
        stopped = match () {
            () if is_decided(measuring, asked, pairs) || trial.is_given_up() => break,
            () if measuring.limits.is_interrupted() => Some("interrupted".to_owned()),
            () if Instant::now() > deadline => Some("the time for claims was spent".to_owned()),
            () => continue,
        };
        break;
    }
    let is_given_up = trial.is_given_up();
    match trial.failures.pop().map(|failure| failure.message) {
        Some(last) if is_given_up => Err(last),
        last => Ok(stopped.or(last)),
    }
}

fn counts(counted: &Counted, metric: Metric, ids: &[&str]) -> Result<Vec<CountReading>, String> {
    let one = |id: &&str| {
        let reading = reading(counted, id)?;
        reading.counts.get(&metric).copied().ok_or_else(|| format!("`{id}` has no {metric}"))
    };
    ids.iter().map(one).collect()
}

fn counter(counted: &Counted, id: &str, counter: &str) -> Result<CountReading, String> {
    let known = &reading(counted, id)?.counters;
    known.get(counter).copied().ok_or_else(|| match config::did_you_mean(counter, known.keys().map(String::as_str)) {
        Some(near) => format!("`{id}` has no counter `{counter}`, but has `{near}`"),
        None if known.is_empty() => format!("`{id}` has no counters"),
        None => format!("`{id}` has no counter `{counter}`"),
    })
}

/// What was counted of a benchmark of the candidate.
fn reading<'a>(counted: &'a Counted, id: &str) -> Result<&'a HeapReading, String> {
    match found(counted, id) {
        Some((_, Ok(reading))) => Ok(reading),
        Some((_, Err(why))) => Err(why.message().to_owned()),
        None => Err(format!("the heap of `{id}` was not counted")),
    }
}

fn found<'a>(counted: &'a Counted, id: &str) -> Option<(&'a BenchKey, &'a Result<HeapReading, Uncounted>)> {
    counted.counts.iter().find(|(key, _)| key.id() == id)
}

/// Since when counts are known, where earlier runs counted.
fn since(counted: &Counted, ids: &[&str]) -> Option<String> {
    let times = ids.iter().filter_map(|id| counted.since.get(found(counted, id)?.0));
    times.min().map(|since| format!("counted {since}, the code is the same"))
}

fn find<'a>(targets: &'a [Target], id: &str) -> Result<Of<'a>, String> {
    for target in targets {
        let Some(found) = target.candidate.as_ref().filter(|found| found.harness() != Harness::Heap) else { continue };
        let Ok(discovered) = &found.discovered else { continue };
        if let Some(bench) = discovered.benches.iter().find(|bench| target.key(bench).id() == id) {
            return Ok(Of { target, bench });
        }
    }
    Err(format!("the candidate has no time benchmark `{id}`"))
}
