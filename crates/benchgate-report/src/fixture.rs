//! Sample runs and outcomes for the tests of the renderers. Values are invented; nothing here was measured.

use std::collections::BTreeMap;

use benchgate_core::gate::{
    AcceptanceRow, AcceptanceState, Action, Bound, Census, ClaimRow, ClaimState, Effect, ExitCode, Outcome, Rating,
    Row, Source, Status,
};
use benchgate_core::model::{
    Base, BenchKey, CalibratedBench, Calibration, Ceiling, Conditions, CountReading, Evidence, Failure, FailureKind,
    Invocation, Machine, Metric, Origin, Pair, PairKind, Paired, Plan, Planted, PolicyChange, Resampling, Revision,
    Run, Sample, Samples, Series, SeriesKey, Side, Toolchain, Trial, VerdictSeconds,
};

pub(super) fn key(id: &str, metric: Metric) -> SeriesKey {
    let mut parts = id.splitn(4, '/');
    let mut part = || parts.next().map(str::to_owned);
    let (area, component, function, value) = (part(), part(), part(), part());
    let group = [area, component].into_iter().flatten().collect::<Vec<_>>().join("/");
    let target = if metric.is_count() { "heap" } else { "time" };
    let bench = BenchKey { package: "perfblocks".into(), target: target.into(), group, function, value };
    SeriesKey { bench, metric }
}

/// A row with nothing measured.
pub(super) fn row(id: &str, metric: Metric, status: Status) -> Row {
    let action = Action::default_of(status);
    Row {
        key: key(id, metric),
        id: id.into(),
        status,
        action,
        base: None,
        candidate: None,
        effect: None,
        tolerance: if metric.is_count() { 0.0 } else { 0.02 },
        smallest_visible: None,
        pairs: 0,
        seconds: 0.0,
        throughput: None,
        detail: String::new(),
        cause: None,
        relinked: None,
        unconfirmed: None,
        beside: None,
        kind: PairKind::default(),
        open: None,
        reproduce: (action == Action::Fail).then(|| format!("cargo xtask bench '{id}' --base 1a2b3c4d5 --seed 7")),
    }
}

/// A time row; effects as shares.
pub(super) fn time_row(id: &str, status: Status, base: f64, shares: [f64; 3]) -> Row {
    let [estimate, lower, upper] = shares.map(f64::ln_1p);
    Row {
        base: Some(base),
        candidate: Some(base * (1.0 + shares[0])),
        effect: Some(Effect { estimate, lower, upper }),
        smallest_visible: Some(0.034),
        pairs: 16,
        seconds: 1.25,
        ..row(id, Metric::Time, status)
    }
}

/// A count row.
pub(super) fn count_row(id: &str, metric: Metric, status: Status, base: f64, candidate: f64) -> Row {
    let log = if base == candidate { 0.0 } else { (candidate / base).ln() };
    let effect = Some(Effect { estimate: log, lower: log, upper: log });
    Row { base: Some(base), candidate: Some(candidate), effect, ..row(id, metric, status) }
}

/// A run without series.
pub(super) fn empty_run() -> Run {
    Run {
        started: "2026-11-21T09:30:00Z".into(),
        seconds: 96.4,
        measured_seconds: 61.0,
        invocation: Invocation { program: "cargo xtask".into(), ..Invocation::default() },
        workspace: "perfblocks".into(),
        base: Base::Git {
            revision: Revision {
                commit: "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d".into(),
                subject: "Grow the pool by doubling".into(),
                tree: "77aa00".into(),
                is_dirty: false,
            },
            reason: "the merge base with `origin/main`".into(),
        },
        commits: Some(3),
        has_nothing_to_compare: false,
        candidate: Revision {
            commit: "9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c".into(),
            subject: "Write escapes from a table".into(),
            tree: "88bb11".into(),
            is_dirty: true,
        },
        machine: Machine {
            architecture: "x86_64".into(),
            cpu: "AuthenticAMD 26/2/1".into(),
            cpu_name: "AMD EPYC 9V74".into(),
            cores: 2,
            caches: "1024K+32768K".into(),
            hypervisor: "KVM".into(),
            system: "Linux 6.1.0".into(),
            memory_bytes: 8 << 30,
        },
        toolchain: Toolchain {
            rustc: "rustc 1.95.0 (0000000 2026-04-14)".into(),
            host: "x86_64-unknown-linux-gnu".into(),
            flags: String::new(),
        },
        seed: 7,
        plan: Plan {
            budget_seconds: 300.0,
            pair_cap: 64,
            is_quick: false,
            tiers: vec!["core".into()],
            filters: Vec::new(),
            schedule: "fresh processes in random order within a pair".into(),
            confirms_by_linking: false,
            supported: BTreeMap::new(),
        },
        series: Vec::new(),
        claims: Vec::new(),
        acceptances: Vec::new(),
        policy_changes: Vec::new(),
        build_changes: Vec::new(),
        left_out: Vec::new(),
        differences: BTreeMap::new(),
        foreign: Vec::new(),
        profiles: Vec::new(),
        is_interrupted: false,
        notes: Vec::new(),
    }
}

/// An outcome of these rows, in the order given.
pub(super) fn outcome(rows: Vec<Row>, exits: Vec<ExitCode>, headline: &str) -> Outcome {
    Outcome {
        census: Census::of(rows.iter().map(|row| row.status)),
        rows,
        claims: Vec::new(),
        acceptances: Vec::new(),
        exits,
        headline: headline.into(),
        warnings: Vec::new(),
        reach: String::new(),
    }
}

/// A run that failed in several ways, small enough for snapshots.
pub(super) fn mixed() -> (Run, Outcome) {
    let slower = "serialization/result/direct/small";
    let mut regressed = time_row(slower, Status::Regressed, 118.4, [0.0612, 0.0523, 0.0704]);
    regressed.throughput = Some("1.24 GiB/s".into());
    regressed.detail = "slower by 6.1 % in 16 pairs, evidence 4 100 : 1 against at most half the tolerance".into();
    let mut grown = count_row(slower, Metric::Allocations, Status::Regressed, 1.0, 2.0);
    grown.detail = "2 instead of 1, exact on both sides".into();
    let mut crashed = row("pools/slice/get_put/4k", Metric::Time, Status::Errored);
    crashed.detail = "candidate crashed: panicked at `called Option::unwrap on a None value`".into();
    let mut unsure = time_row("breakers/circuit/closed/ok", Status::Inconclusive, 21.7, [0.013, -0.009, 0.041]);
    unsure.detail = "64 pairs were not enough".into();
    let mut faster = time_row("executor/startup/new_lazy/minimal", Status::Improved, 48_210.0, [-0.312, -0.33, -0.29]);
    faster.pairs = 6;
    let same =
        count_row("executor/startup/new_lazy/minimal", Metric::AllocatedBytes, Status::Unchanged, 4096.0, 4096.0);
    let rows = vec![
        regressed,
        grown,
        crashed,
        unsure,
        faster,
        same,
        row("pools/object/reuse/one", Metric::Time, Status::Identical),
    ];
    let exits = vec![ExitCode::BenchFailed, ExitCode::Regression];
    let mut outcome =
        outcome(rows, exits, "2 of 7 series regressed, worst `serialization/result/direct/small` by 6.1 %");
    outcome.claims = claims();
    outcome.warnings = vec!["the baseline of 3 heap targets is older than the toolchain".into()];
    outcome.reach = "this run would have called 3.4 % red with 95 % chance".into();
    let mut run = empty_run();
    run.series = outcome.rows.iter().map(|row| evidence(row, 12)).collect();
    (run, outcome)
}

/// A run that adds an acceptance, finds one of the base unused, and edits the configuration.
pub(super) fn permitted() -> (Run, Outcome) {
    let id = "pools/slice/get_put/4k";
    let mut accepted = time_row(id, Status::Accepted, 20.1, [0.0612, 0.0523, 0.0704]);
    accepted.detail = "slower by 6.1 %; +6.1 % is within the 8 % accepted until 2026-12-31: bounds checks".into();
    let added = AcceptanceRow {
        id: id.into(),
        metric: Some(Metric::Time),
        ceiling: Some(Ceiling::Share(0.08)),
        subject: format!("time of `{id}`"),
        statement: format!("time of `{id}` may be up to 8 % more until 2026-12-31"),
        reason: "bounds checks".into(),
        expires: "2026-12-31".into(),
        origin: Origin::Change,
        state: AcceptanceState::Used,
        detail: "+6.1 % is within the 8 % accepted until 2026-12-31: bounds checks".into(),
        withdraw: None,
    };
    let stale = AcceptanceRow {
        id: "pools/old".into(),
        metric: None,
        ceiling: None,
        subject: "the removal of `pools/old`".into(),
        statement: "`pools/old` may be removed until 2027-01-31".into(),
        reason: "nobody calls it".into(),
        expires: "2027-01-31".into(),
        origin: Origin::Base,
        state: AcceptanceState::Unused,
        detail: "no benchmark has this id".into(),
        withdraw: Some("cargo xtask accept 'pools/old' --removed --withdraw".into()),
    };
    let headline = "1 series: 1 accepted; the acceptance of the removal of `pools/old` is unused";
    let mut outcome = outcome(vec![accepted], vec![ExitCode::Configuration], headline);
    outcome.acceptances = vec![added, stale];
    let mut run = empty_run();
    run.policy_changes = vec![PolicyChange {
        key: "tolerance.time".into(),
        base: Some("\"2%\"".into()),
        candidate: Some("\"50%\"".into()),
    }];
    (run, outcome)
}

/// A run of ordinary size: 35 timed benchmarks, 16 pairs of 50 samples each, and five counts of each.
pub(super) fn suite() -> (Run, Outcome) {
    let mut rows = Vec::new();
    for (i, id) in suite_ids().iter().enumerate() {
        let base = 18.0 * 1.45f64.powi((i * 7 % 35) as i32);
        let (status, shares) = match i {
            3 => (Status::Regressed, [0.0612, 0.0523, 0.0704]),
            11 => (Status::Regressed, [0.247, 0.229, 0.263]),
            7 => (Status::Improved, [-0.083, -0.094, -0.071]),
            15 => (Status::Inconclusive, [0.011, -0.007, 0.031]),
            i => (Status::Unchanged, [0.001 * (i as f64 % 7.0 - 3.0), -0.009, 0.008]),
        };
        let mut row = time_row(id, status, base, shares);
        row.throughput = (i % 4 == 0).then(|| "1.24 GiB/s".into());
        row.detail = format!("{status} after 16 pairs");
        rows.push(row);
        for (metric, count) in [
            (Metric::Allocations, 3.0),
            (Metric::AllocatedBytes, 4096.0),
            (Metric::PeakBytes, 2048.0),
            (Metric::LiveBytes, 0.0),
            (Metric::Threads, 0.0),
        ] {
            let is_grown = i == 3 && metric == Metric::Allocations;
            let (status, more) = if is_grown { (Status::Regressed, 1.0) } else { (Status::Unchanged, 0.0) };
            rows.push(count_row(id, metric, status, count, count + more));
        }
    }
    rows.sort_by_key(|row| Status::ALL.iter().position(|status| *status == row.status));
    let mut outcome = outcome(
        rows,
        vec![ExitCode::Regression],
        "3 of 210 series regressed, worst `pools/slice/generic/small` by 24.7 %",
    );
    outcome.claims = claims();
    let mut run = empty_run();
    run.series = outcome.rows.iter().map(|row| evidence(row, 50)).collect();
    (run, outcome)
}

fn suite_ids() -> Vec<String> {
    let areas = ["serialization/result", "pools/slice", "breakers/circuit", "executor/startup", "pools/object"];
    let operations = ["direct", "get_put", "closed", "get_cached", "reuse", "generic", "pretty"];
    let names =
        areas.iter().flat_map(|area| operations.iter().map(move |operation| format!("{area}/{operation}/small")));
    names.collect()
}

fn claims() -> Vec<ClaimRow> {
    let holds = ClaimRow {
        name: "direct-beats-generic".into(),
        kind: "ratio",
        area: "serialization".into(),
        statement: "time of serialization/result/direct/small / time of serialization/result/generic/small <= 0.5"
            .into(),
        unit: None,
        state: ClaimState::Holds,
        value: Some(0.372),
        interval: Some((0.361, 0.384)),
        bound: Bound::at_most(0.5),
        target: Some(0.4),
        rating: Rating::Good,
        detail: "proven by 7 pairs".into(),
        stated: Some("2.5 times as fast".into()),
        note: None,
        source: Some(Source {
            repository: "example/wrapper".into(),
            file: "PERFORMANCE.md".into(),
            heading: "Serialization".into(),
        }),
    };
    let violated = ClaimRow {
        name: "direct-allocates-once".into(),
        kind: "count",
        area: "serialization".into(),
        statement: "allocations of serialization/result/direct/small = 1".into(),
        unit: Some(Metric::Allocations),
        state: ClaimState::Violated,
        value: Some(2.0),
        interval: None,
        bound: Bound::exactly(1.0),
        target: None,
        rating: Rating::Optimize,
        detail: "counted 2".into(),
        stated: None,
        note: None,
        source: None,
    };
    let undecided = ClaimRow {
        name: "reuse".into(),
        state: ClaimState::Undecided,
        value: None,
        rating: Rating::Unknown,
        detail: "a count does not repeat itself".into(),
        ..violated.clone()
    };
    let reported = ClaimRow {
        name: "a call takes 50 ns".into(),
        kind: "ceiling",
        area: "breakers".into(),
        statement: "time of breakers/circuit/closed/ok <= 50".into(),
        unit: Some(Metric::Time),
        state: ClaimState::Reported,
        value: Some(21.7),
        interval: Some((21.1, 22.4)),
        bound: Bound::at_most(50.0),
        rating: Rating::Excellent,
        detail: "median of 8 pairs; nanoseconds never gate".into(),
        note: Some("measured on another machine".into()),
        ..violated.clone()
    };
    let too_small = ClaimRow {
        name: "eight threads".into(),
        kind: "threads",
        area: "breakers".into(),
        statement: "time of breakers/circuit/closed/mt@t8 / time of breakers/circuit/closed/mt@t1 <= 4".into(),
        unit: None,
        state: ClaimState::NotApplicable,
        bound: Bound::at_most(4.0),
        detail: "it takes 8 cores, and this machine has 2".into(),
        ..undecided.clone()
    };
    vec![violated, undecided, too_small, holds, reported]
}

/// Evidence such as may have led to a row.
pub(super) fn evidence(row: &Row, samples: u32) -> Series {
    let reading = |value: Option<f64>| CountReading { value: value.unwrap_or(0.0), is_exact: true };
    let evidence = match (row.status, row.key.metric.is_count()) {
        (Status::Errored, _) => Evidence::Failed(Failure {
            side: Side::Candidate,
            kind: FailureKind::Crashed,
            message: "panicked at `called Option::unwrap on a None value`".into(),
        }),
        (Status::Identical, _) => Evidence::Identical { detail: "same bytes".into() },
        (_, true) => Evidence::Counts { base: reading(row.base), candidate: reading(row.candidate) },
        (_, false) => {
            let effect = row.effect.map_or(0.0, |effect| effect.estimate);
            let base = row.base.unwrap_or(100.0);
            Evidence::Pairs(Paired { pairs: pairs(base, effect, row.pairs, samples), ..Paired::default() })
        }
    };
    Series { key: row.key.clone(), throughput: None, evidence }
}

/// Pairs around a base time in nanoseconds and an effect, with noise from a fixed congruential sequence.
pub(super) fn pairs(base: f64, effect: f64, count: u32, samples: u32) -> Vec<Pair> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64 ^ base.to_bits();
    let mut uniform = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    // The sum of four uniforms is bell-shaped enough for a picture; sd of about 0.58.
    let mut bell = move || (0..4).map(|_| uniform()).sum::<f64>() - 2.0;
    let mut pairs = Vec::new();
    for order in 0..count {
        let (shift, difference) = (0.02 * bell(), effect + 0.008 * bell());
        let mut side = |log: f64| {
            let sample = |i: u32, noise: f64| {
                let iterations = f64::from(i + 1) * 100.0;
                Sample { iterations, nanos: iterations * base * (log + shift + 0.012 * noise).exp() }
            };
            Samples::new((0..samples).map(|i| sample(i, bell())).collect()).expect("above zero")
        };
        let (base, candidate) = (side(0.0), side(difference));
        let first = if order % 3 == 0 { Side::Base } else { Side::Candidate };
        pairs.push(Pair { order: u64::from(order), first, base, candidate, conditions: Conditions::default() });
    }
    pairs
}

/// Ids that try to break out of whatever shows them.
pub(super) fn hostile_ids() -> Vec<String> {
    let equal = "x".repeat(65);
    vec![
        r#"a/" % < > | : *&'`/b"#.into(),
        "<script>alert(1)</script>/x".into(),
        "</style><img src=x onerror=alert(1)>".into(),
        "emoji/🦀/⚠️".into(),
        "new\nline/\r\ttab".into(),
        "\u{1b}[31mred\u{1b}[0m/\u{1b}]8;;http://evil\u{7}".into(),
        format!("{equal}/a"),
        format!("{equal}/b"),
        "rtl/\u{202e}gnp.exe".into(),
        "nul/\u{0}\u{7f}\u{9b}x".into(),
        "{{ outcome }}/{% raw %}".into(),
    ]
}

/// A small calibration: one bench that sees well, one that sees nothing.
pub(super) fn calibration() -> Calibration {
    let bench = |value: &str, spread, supported: Option<f64>, visible, found: [u32; 2]| CalibratedBench {
        key: BenchKey {
            package: "p".into(),
            target: "t".into(),
            group: "a/b".into(),
            function: Some("c".into()),
            value: Some(value.into()),
        },
        pairs: 48,
        spread,
        centre: 0.0,
        order_effect: Some(0.001),
        is_known: true,
        supported,
        tolerance: supported.unwrap_or(0.2),
        visible,
        found: found.to_vec(),
        layout: Some([-0.01, 0.03]),
        remark: if supported.is_none() {
            "pairs spread by 28 %: its time cannot be gated here".into()
        } else {
            String::new()
        },
    };
    Calibration {
        recorded: "2026-01-02T03:04:05Z".into(),
        machine: "x86_64 V 1/2/3 2 cores 1M+2M KVM".into(),
        cpu_name: "A <CPU>".into(),
        rustc: "rustc 1.95.0".into(),
        workspace: "w".into(),
        commit: "0123456789abcdef".into(),
        tree: "fedcba".into(),
        seed: 7,
        measured_seconds: 1200.0,
        pair_cap: 64,
        family: 2,
        trials: vec![Trial {
            name: "copies of one executable".into(),
            runs: 12,
            cut_short: 1,
            red_runs: 1,
            verdicts: 24,
            red: 1,
            unchanged: 20,
            layout: 0,
            red_ids: vec!["a/b/c/wild".into()],
        }],
        resamplings: vec![Resampling { is_symmetrised: true, suites: 300, series: 231, red_suites: 1, red_series: 1 }],
        verdict_seconds: Some(VerdictSeconds { median: 0.12, mean: 0.3, series: 24 }),
        effects: vec![0.01, 0.05],
        paths: 200,
        planted: vec![Planted {
            id: "planted/x/calls/4".into(),
            share: 0.05,
            runs: 4,
            red: 3,
            unchanged: 0,
            estimate: Some(0.0485),
            tolerance: 0.02,
        }],
        benches: vec![
            bench("calm", 0.004, Some(0.02), Some(0.0215), [100, 200]),
            bench("wild", 0.25, None, None, [0, 100]),
        ],
        gaps: vec!["the neutral edit was measured in one link order only".into()],
    }
}
