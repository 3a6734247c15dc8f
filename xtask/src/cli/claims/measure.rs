//! Measuring what claims need: pairs of two benchmarks of the candidate.

use std::path::Path;
use std::time::{Duration, Instant};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::cli::counting::Counts;
use crate::cli::prepare::{Found, Target};
use crate::cli::timing::DOUBTS_ALLOWED;
use crate::collect::{Arm, Cpus, Doubt, Effort, Grain, HeapReading, Limits, Listed, Schedule};
use crate::config;
use crate::gate::{self, Claim, Needs, Policy, pair_effect};
use crate::model::{ClaimEvidence, CountReading, Metric, Pair, SeriesKey, Side};

/// Pairs for each claim about times; most are proven by the fifth.
const CLAIM_PAIRS: u32 = 32;

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
    /// Time for claims, whatever the series have used.
    pub allowance: Duration,
}

/// Evidence for each claim, in their order. `counted` holds the candidate's counts.
pub(in crate::cli) fn measure(
    claims: &[Claim],
    counted: &[(usize, Counts)],
    measuring: &Measuring<'_>,
) -> Vec<ClaimEvidence> {
    let mut coin = ChaCha8Rng::seed_from_u64(measuring.seed);
    coin.set_stream(1);
    let deadline = Instant::now() + measuring.allowance;
    let mut evidence = Vec::new();
    for (index, claim) in claims.iter().enumerate() {
        let found = match claim.kind.needs() {
            Needs::Pairs { .. } if measuring.limits.is_interrupted() => Err("interrupted before its first pair".into()),
            Needs::Pairs { .. } if Instant::now() > deadline => Err("the time for claims was spent".into()),
            Needs::Pairs { over, under } => {
                let asked = Asked { index, claim, over: &over, under: &under };
                pairs(measuring, &asked, &mut coin).map(|pairs| (pairs, Vec::new()))
            }
            Needs::Counts { metric, ids } => counts(counted, metric, &ids).map(|counts| (Vec::new(), counts)),
            Needs::Counter { id, counter } => {
                self::counter(counted, id, counter).map(|count| (Vec::new(), vec![count]))
            }
        };
        let (pairs, counts, note) = match found {
            Ok((pairs, counts)) => (pairs, counts, None),
            Err(note) => (Vec::new(), Vec::new(), Some(note)),
        };
        evidence.push(ClaimEvidence { name: claim.name.clone(), pairs, counts, note });
    }
    evidence
}

/// One claim about times.
struct Asked<'a> {
    index: usize,
    claim: &'a Claim,
    over: &'a str,
    under: &'a str,
}

fn pairs(measuring: &Measuring<'_>, asked: &Asked<'_>, coin: &mut ChaCha8Rng) -> Result<Vec<Pair>, String> {
    let Asked { index, claim, .. } = *asked;
    let (over, over_bench) = find(measuring.targets, asked.over)?;
    let (under, under_bench) = find(measuring.targets, asked.under)?;
    let harness = over.candidate.as_ref().map(Found::harness);
    if harness != under.candidate.as_ref().map(Found::harness) {
        return Err(format!("`{}` and `{}` have different harnesses", asked.over, asked.under));
    }
    let schedule = Schedule { harness: harness.expect("found in the candidate"), limits: measuring.limits };
    let arm = |target: &Target, side| -> Result<Arm, String> {
        let found = target.candidate.as_ref().expect("found in the candidate");
        found.arm.in_role(measuring.scratch, side, index).map_err(|error| format!("{error:#}"))
    };
    let arms = [arm(under, Side::Base)?, arm(over, Side::Candidate)?];
    let mut efforts = Vec::new();
    for (arm, bench) in arms.iter().zip([&under_bench, &over_bench]) {
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
    let mut effort = Effort { samples, batch, cpus, dilation, grain: Grain::Turn };
    let mut doubted = 0;
    let key = SeriesKey { bench: over.key(&over_bench), metric: Metric::Time };
    let tau = gate::tau(measuring.policy.tolerance(&key));
    let statements = gate::statements(measuring.policy);
    let wanted = [(under_bench, over_bench)];
    let mut pairs = Vec::new();
    let mut failed = None;
    for order in 0..CLAIM_PAIRS.min(measuring.pair_cap) {
        for reading in schedule.pair([&arms[0], &arms[1]], &wanted, effort, coin) {
            match (reading.base, reading.candidate) {
                (Ok(_), Ok(_)) if matches!(reading.doubt, Some(Doubt::Threads(_))) => effort.cpus = Cpus::All,
                (Ok(_), Ok(_)) if reading.doubt == Some(Doubt::Deadlines) => effort.dilation = 1,
                (Ok(_), Ok(_)) if reading.doubt.is_some() => {
                    doubted += 1;
                    if doubted >= DOUBTS_ALLOWED {
                        effort.grain = Grain::Bench;
                    }
                }
                (Ok(base), Ok(candidate)) => {
                    pairs.push(Pair {
                        order: u64::from(order),
                        first: reading.first,
                        base,
                        candidate,
                        conditions: reading.conditions,
                    });
                }
                (Err(failure), _) | (_, Err(failure)) => failed = Some(failure.message),
            }
        }
        let effects: Vec<f64> = pairs.iter().map(pair_effect).collect();
        let is_decided = pairs.len() >= LEAST_PAIRS && gate::is_decided(claim, &effects, tau, statements);
        if is_decided || measuring.limits.is_interrupted() {
            break;
        }
    }
    match (pairs.is_empty(), failed) {
        (true, Some(message)) => Err(message),
        (true, None) => Err("interrupted before its first pair".into()),
        (false, _) => Ok(pairs),
    }
}

fn counts(counted: &[(usize, Counts)], metric: Metric, ids: &[&str]) -> Result<Vec<CountReading>, String> {
    let one = |id: &&str| {
        let reading = reading(counted, id)?;
        reading.counts.get(&metric).copied().ok_or_else(|| format!("`{id}` has no {metric}"))
    };
    ids.iter().map(one).collect()
}

fn counter(counted: &[(usize, Counts)], id: &str, counter: &str) -> Result<CountReading, String> {
    let known = &reading(counted, id)?.counters;
    known.get(counter).copied().ok_or_else(|| match config::did_you_mean(counter, known.keys().map(String::as_str)) {
        Some(near) => format!("`{id}` has no counter `{counter}`, but has `{near}`"),
        None if known.is_empty() => format!("`{id}` has no counters"),
        None => format!("`{id}` has no counter `{counter}`"),
    })
}

/// What was counted of a benchmark of the candidate.
fn reading<'a>(counted: &'a [(usize, Counts)], id: &str) -> Result<&'a HeapReading, String> {
    let mut readings = counted.iter().flat_map(|(_, counts)| counts);
    match readings.find(|(key, _)| key.id() == id) {
        Some((_, Ok(reading))) => Ok(reading),
        Some((_, Err(why))) => Err(why.message().to_owned()),
        None => Err(format!("the heap of `{id}` was not counted")),
    }
}

fn find<'a>(targets: &'a [Target], id: &str) -> Result<(&'a Target, Listed), String> {
    let timed = targets.iter().filter(|target| {
        target.candidate.as_ref().is_some_and(|found| found.harness() != crate::collect::Harness::Heap)
    });
    for target in timed {
        let Some(Ok(discovered)) = target.candidate.as_ref().map(|found| &found.discovered) else { continue };
        if let Some(bench) = discovered.benches.iter().find(|bench| target.key(bench).id() == id) {
            return Ok((target, bench.clone()));
        }
    }
    Err(format!("the candidate has no time benchmark `{id}`"))
}
