//! The loops of the engine on a driver that answers from a script: what is taken next, and when it ends.

use std::collections::BTreeMap;

use super::*;
use crate::collect::{Cpus, Doubt, Grain, Harness, Interleaving, Look, Reading};
use crate::measure::Looked;
use benchgate_core::model::{BenchKey, Conditions, Failure, FailureKind, Sample, Samples, SeriesKey, Side};

/// What a benchmark does in one pair.
#[derive(Clone, Copy)]
enum Answer {
    /// So much slower is the candidate, as a logarithm.
    Effect(f64),
    Doubt(Doubt),
    Fails(Side),
    /// Another bench took the process with it.
    Nothing,
    /// It does not measure time.
    Unit,
}

/// A benchmark: what it does in its nth pair, and what a pair of it takes.
struct Bench {
    name: &'static str,
    target: usize,
    answer: fn(usize) -> Answer,
    seconds: f64,
}

const STILL: Bench = Bench { name: "still", target: 0, answer: |_| Answer::Effect(0.0), seconds: 0.02 };

struct Scripted {
    benches: Vec<Bench>,
    start: Instant,
    passed: Duration,
    /// Pairs after which the user interrupts.
    interrupted_after: usize,
    /// Benchmarks and effort of each pair.
    pairs: Vec<(Vec<String>, Effort)>,
    /// Pairs of each benchmark.
    counts: BTreeMap<String, usize>,
}

fn samples(nanos: f64) -> Samples {
    Samples::new((0..3).map(|_| Sample { iterations: 1.0, nanos }).collect()).unwrap()
}

impl Driver for Scripted {
    fn look(&mut self, target: usize, benches: &[Listed]) -> Option<Looked> {
        let look = |bench: &Listed| {
            let script = self.benches.iter().find(|one| one.name == bench.group).unwrap();
            assert_eq!(script.target, target);
            Look {
                bench: bench.clone(),
                samples: Ok(samples(1000.0)),
                foreign_unit: matches!((script.answer)(0), Answer::Unit).then(|| "cycles".into()),
                seconds: script.seconds / 2.0,
                threads: 1,
                dilation: 1,
                harness: Harness::Files,
                foreign_clock: None,
            }
        };
        Some(Looked { looks: benches.iter().map(look).collect(), fallback: None, shares_processes: true })
    }

    fn pair(&mut self, _: usize, wanted: &[(Listed, Metric)], effort: Effort, _: &mut ChaCha8Rng) -> Vec<Reading> {
        let names = wanted.iter().map(|(bench, _)| bench.group.clone()).collect();
        self.pairs.push((names, effort));
        let mut readings = Vec::new();
        for (index, (bench, _)) in wanted.iter().enumerate() {
            let script = self.benches.iter().find(|one| one.name == bench.group).unwrap();
            self.passed += Duration::from_secs_f64(script.seconds);
            let count = self.counts.entry(bench.group.clone()).or_default();
            *count += 1;
            let reading = Reading {
                index,
                first: Side::Base,
                base: Ok(samples(1000.0)),
                candidate: Ok(samples(1000.0)),
                conditions: Conditions::default(),
                interleaving: Interleaving::Benches,
                doubt: None,
            };
            let failure = |side| Failure { side, kind: FailureKind::Crashed, message: "no".into() };
            readings.extend(match (script.answer)(*count - 1) {
                Answer::Effect(effect) => Some(Reading { candidate: Ok(samples(1000.0 * effect.exp())), ..reading }),
                Answer::Doubt(doubt) => Some(Reading { doubt: Some(doubt), ..reading }),
                Answer::Fails(Side::Base) => Some(Reading { base: Err(failure(Side::Base)), ..reading }),
                Answer::Fails(Side::Candidate) => Some(Reading { candidate: Err(failure(Side::Candidate)), ..reading }),
                Answer::Nothing | Answer::Unit => None,
            });
        }
        readings
    }

    fn is_interrupted(&self) -> bool {
        self.pairs.len() >= self.interrupted_after
    }

    fn now(&self) -> Instant {
        self.start + self.passed
    }
}

const CAP: u32 = 64;

fn engine(benches: Vec<Bench>, budget: f64) -> Engine<Scripted> {
    let start = Instant::now();
    Engine {
        driver: Scripted {
            benches,
            start,
            passed: Duration::ZERO,
            interrupted_after: usize::MAX,
            pairs: Vec::new(),
            counts: BTreeMap::new(),
        },
        seed: 7,
        pair_cap: CAP,
        deadline: start + Duration::from_secs_f64(budget),
        order: 0,
        confirms_by_linking: true,
        is_exhaustive: false,
    }
}

const JUMPS: fn(usize) -> Answer = |nth| Answer::Effect(if nth % 2 == 0 { 0.05 } else { -0.05 });

/// Without link orders: pairs alone decide.
fn alone(engine: Engine<Scripted>) -> Engine<Scripted> {
    Engine { confirms_by_linking: false, ..engine }
}

fn series(engine: &Engine<Scripted>) -> Vec<TimeSeries> {
    let of = |bench: &Bench| {
        let listed = Listed { group: bench.name.into(), function: None, value: None, throughput: None };
        let key = BenchKey {
            package: "p".into(),
            target: bench.target.to_string(),
            group: bench.name.into(),
            function: None,
            value: None,
        };
        TimeSeries::new(
            SeriesKey { bench: key, metric: Metric::Time },
            bench.target,
            listed,
            0.02,
            PairKind::Interleaved,
        )
    };
    engine.driver.benches.iter().map(of).collect()
}

type Outcome = (Option<String>, Vec<(usize, Direction)>, Vec<usize>, Engine<Scripted>);

/// Runs benches to their end; what ended it, what was flagged, and the pairs of each.
fn run(mut engine: Engine<Scripted>) -> Outcome {
    let mut series = series(&engine);
    let ended = engine.pairs(&mut series, &mut |_| ());
    let pairs = series.iter().map(|one| one.trial.pairs.len()).collect();
    (ended.cut_short, ended.flagged, pairs, engine)
}

#[test]
fn it_ends_with_the_decision() {
    #[track_caller]
    fn check(answer: fn(usize) -> Answer, flagged: &[(usize, Direction)], pairs: std::ops::RangeInclusive<usize>) {
        let (cut_short, found, taken, _) = run(engine(vec![Bench { answer, ..STILL }], 1000.0));
        assert_eq!((cut_short, &found[..]), (None, flagged));
        assert!(pairs.contains(&taken[0]), "{taken:?}");
    }
    check(|_| Answer::Effect(0.0), &[], 5..=8);
    check(|_| Answer::Effect(0.2), &[(0, Direction::Up)], 5..=8);
    check(|_| Answer::Effect(-0.2), &[(0, Direction::Down)], 5..=8);
    // What jumps by more than twice the tolerance either way shows nothing by its pairs alone.
    let jumps = Bench { answer: JUMPS, ..STILL };
    let (cut_short, flagged, pairs, _) = run(alone(engine(vec![jumps], 1000.0)));
    assert_eq!((cut_short, &flagged[..], pairs[0]), (None, &[][..], CAP as usize));
}

#[test]
fn budget_and_user_end_it() {
    let bench = || Bench { answer: JUMPS, seconds: 1.0, ..STILL };
    let (cut_short, _, pairs, _) = run(engine(vec![bench()], 9.5));
    assert_eq!((cut_short.as_deref(), &pairs[..]), (Some("the budget was spent"), &[10][..]));
    let mut interrupted = engine(vec![bench()], 1000.0);
    interrupted.driver.interrupted_after = 3;
    let (cut_short, _, pairs, _) = run(interrupted);
    assert_eq!((cut_short.as_deref(), &pairs[..]), (Some("interrupted"), &[3][..]));
    let (cut_short, _, pairs, _) = run(engine(vec![bench()], 0.0));
    assert_eq!((cut_short.as_deref(), &pairs[..]), (Some("the budget was spent"), &[0][..]));
}

#[test]
fn doubted_pairs_are_taken_again_and_lasting_doubt_leaves_lockstep() {
    let (_, _, pairs, engine) = run(engine(
        vec![Bench {
            answer: |nth| if nth == 1 { Answer::Doubt(Doubt::Stray(0.5)) } else { Answer::Effect(0.0) },
            ..STILL
        }],
        1000.0,
    ));
    assert_eq!(engine.driver.pairs.len(), pairs[0] + 1);
    assert!(engine.driver.pairs.iter().all(|(_, effort)| effort.grain == Grain::Turn));
    let (cut_short, _, pairs, engine) = run(self::engine(
        vec![Bench {
            answer: |nth| if nth == 0 { Answer::Doubt(Doubt::NotJoined) } else { Answer::Effect(0.0) },
            ..STILL
        }],
        1000.0,
    ));
    assert_eq!(cut_short, None);
    let grains: Vec<Grain> = engine.driver.pairs.iter().map(|(_, effort)| effort.grain).collect();
    assert_eq!((grains[0], grains.len()), (Grain::Turn, pairs[0] + 1));
    assert!(grains[1..].iter().all(|grain| *grain == Grain::Bench));
}

#[test]
fn what_fails_is_given_up_whichever_side_it_is_and_the_others_are_decided() {
    for fails in [|_| Answer::Fails(Side::Base), |_| Answer::Fails(Side::Candidate)] as [fn(usize) -> Answer; 2] {
        let failing = Bench { name: "failing", answer: fails, ..STILL };
        let (cut_short, flagged, pairs, engine) = run(engine(vec![failing, STILL], 1000.0));
        assert_eq!((cut_short, &flagged[..], pairs[0]), (None, &[][..], 0));
        assert!(pairs[1] >= 5, "{pairs:?}");
        assert_eq!(engine.driver.counts["failing"], 2, "once together, once apart");
    }
}

#[test]
fn what_gives_nothing_and_what_is_no_time_are_given_up() {
    let silent = Bench { name: "silent", answer: |_| Answer::Nothing, ..STILL };
    let cycles = Bench { name: "cycles", answer: |_| Answer::Unit, ..STILL };
    let (cut_short, _, pairs, engine) = run(engine(vec![silent, cycles, STILL], 1000.0));
    assert_eq!((cut_short, pairs[0], pairs[1]), (None, 0, 0));
    assert!(pairs[2] >= 5);
    assert_eq!((engine.driver.counts["silent"], engine.driver.counts.get("cycles")), (5, None));
}

#[test]
fn a_slow_bench_does_not_eat_the_budget_of_the_others() {
    let slow = Bench { name: "slow", target: 1, answer: JUMPS, seconds: 10.0 };
    let quick = Bench { answer: JUMPS, seconds: 0.1, ..STILL };
    let (cut_short, _, pairs, _) = run(alone(engine(vec![slow, quick], 60.0)));
    assert_eq!(cut_short.as_deref(), Some("the budget was spent"));
    assert!(pairs[1] == CAP as usize && (5..=6).contains(&pairs[0]), "{pairs:?}");
}

#[test]
fn benches_of_a_target_share_a_process_until_they_are_decided() {
    let (_, _, pairs, engine) = run(alone(engine(vec![STILL, Bench { name: "open", answer: JUMPS, ..STILL }], 1000.0)));
    let both = engine.driver.pairs.iter().filter(|(names, _)| names.len() == 2).count();
    assert_eq!((both, pairs[1]), (pairs[0], CAP as usize));
}

#[test]
fn everything_is_measured_and_flagged_where_that_is_asked_for() {
    let mut exhaustive = engine(vec![STILL, Bench { name: "other", target: 1, ..STILL }], 1000.0);
    (exhaustive.is_exhaustive, exhaustive.pair_cap) = (true, 20);
    let (cut_short, flagged, pairs, _) = run(exhaustive);
    assert_eq!((cut_short, flagged.len(), &pairs[..]), (None, 2, &[20, 20][..]));
}

#[test]
fn further_pairs_show_what_link_orders_could_not() {
    let mut engine = engine(vec![Bench { answer: |_| Answer::Effect(0.2), ..STILL }], 1000.0);
    let mut series = series(&engine);
    let Ended { flagged, mut suite, .. } = engine.pairs(&mut series, &mut |_| ());
    let before = series[0].trial.pairs.len();
    assert!(!suite.is_shown(0, Direction::Up));
    let end = engine.deadline;
    engine.further(&mut series, &mut suite, &flagged, end, &mut |_| ());
    assert!(suite.is_shown(0, Direction::Up));
    assert!((before + 1..=before + 8).contains(&series[0].trial.pairs.len()), "{}", series[0].trial.pairs.len());
    let taken = series[0].trial.pairs.len();
    engine.further(&mut series, &mut suite, &flagged, end, &mut |_| ());
    assert_eq!(series[0].trial.pairs.len(), taken, "it is shown");
}

#[test]
fn the_engine_tells_of_every_pair_and_says_what_can_be_seen() {
    let mut engine = engine(vec![STILL], 1000.0);
    let mut series = series(&engine);
    let (mut steps, mut pairs) = (Vec::new(), 0);
    engine.pairs(&mut series, &mut |event| match event {
        Event::Step(text) => steps.push(text),
        Event::Pair(_) => pairs += 1,
        Event::Decided { decided, series, .. } => assert!(decided <= series),
    });
    assert_eq!(pairs, engine.driver.pairs.len());
    assert!(steps.len() == 1 && steps[0].starts_with("room for 64 pairs"), "{steps:?}");
    assert!(engine.driver.pairs.iter().all(|(_, effort)| effort.cpus == Cpus::One));
}
