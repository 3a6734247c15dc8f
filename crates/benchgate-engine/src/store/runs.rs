//! Stored runs: one JSON file each, with everything that a verdict needs.
//!
//! They are kept under `<target>/benchgate/runs/`, named by start and seed so that names sort by time. The newest
//! [`KEPT_RUNS`] stay, and of those only as many as fit into [`KEPT_BYTES`]; the run just saved always stays.

use std::fs;
use std::path::{Path, PathBuf};

use super::file::{WriteError, write_whole};
use super::json::Broken;
use super::run_error::RunFileError;
use super::run_wire::{COMMAND_SCHEMA, FileWire, PolicyWire, SCHEMA, SchemaWire};
use benchgate_core::model::{PolicyText, Run};

/// Runs that are kept. A day's work on a branch; older ones are what git and baselines are for.
pub const KEPT_RUNS: usize = 50;

/// Bytes of runs that are kept: 256 MiB, a small share of a target directory.
pub const KEPT_BYTES: u64 = 256 << 20;

/// A run and the policy that judged it.
#[derive(Clone, Debug, PartialEq)]
pub struct RunFile {
    /// The evidence.
    pub run: Run,
    /// The policy as it was given; `None` where the workspace had none and the default held.
    pub policy: Option<PolicyText>,
}

/// Writes a run into `directory` and prunes old ones. Saving the same run again (same start and seed) replaces it, so
/// an interrupted run's partial file does not stay beside the final one.
///
/// # Errors
/// [`WriteError`] if the directory cannot be written, or a number of the run is NaN or infinite.
pub fn save(directory: &Path, file: &RunFile) -> Result<PathBuf, WriteError> {
    let path = directory.join(file_name(&file.run));
    let policy = file.policy.clone().map(PolicyWire::from);
    let json = serde_json::to_vec(&FileWire::new(&file.run, policy))
        .map_err(|error| WriteError::Content { path: path.clone(), reason: error.to_string() })?;
    write_whole(&path, &json)?;
    prune(directory, &path)?;
    Ok(path)
}

/// Reads a run.
///
/// # Errors
/// [`RunFileError`] if it is missing, cut off, damaged or of another schema.
pub fn load(path: &Path) -> Result<RunFile, RunFileError> {
    let name = path.display().to_string();
    let bytes = fs::read(path).map_err(|source| RunFileError::Unreadable { name: name.clone(), source })?;
    parse(&name, &bytes)
}

/// Reads a run from the bytes of its file; `name` is what messages call it.
///
/// # Errors
/// As [`load`].
pub fn parse(name: &str, bytes: &[u8]) -> Result<RunFile, RunFileError> {
    let broken = |error: serde_json::Error| {
        let name = name.to_owned();
        match Broken::new(&error, bytes) {
            Broken { is_truncated: true, line, column, reason } => {
                RunFileError::Truncated { name, line, column, reason }
            }
            Broken { is_truncated: false, line, column, reason } => {
                RunFileError::Damaged { name, line, column, reason }
            }
        }
    };
    let SchemaWire { schema } = serde_json::from_slice(bytes).map_err(broken)?;
    if schema != SCHEMA && schema != COMMAND_SCHEMA {
        return Err(RunFileError::Schema { name: name.to_owned(), found: schema, supported: SCHEMA });
    }
    let wire: FileWire = serde_json::from_slice(bytes).map_err(broken)?;
    let (run, policy) = wire.into_parts().map_err(|reason| RunFileError::Damaged {
        name: name.to_owned(),
        line: 1,
        column: 1,
        reason: reason.to_owned(),
    })?;
    Ok(RunFile { run, policy: policy.map(Into::into) })
}

/// The newest run of a directory.
///
/// # Errors
/// [`RunFileError::NoRuns`] if there is none, [`RunFileError::Unreadable`] if the directory cannot be listed.
pub fn latest(directory: &Path) -> Result<PathBuf, RunFileError> {
    let none = || RunFileError::NoRuns { directory: directory.to_path_buf() };
    match stored(directory) {
        Ok(mut paths) => paths.pop().ok_or_else(none),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(none()),
        Err(source) => Err(RunFileError::Unreadable { name: directory.display().to_string(), source }),
    }
}

/// `20261121T031806Z-1f2e3d4c.json`: start, then the low half of the seed.
fn file_name(run: &Run) -> String {
    let start: String = run.started.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
    format!("{start}-{:08x}.json", run.seed & 0xffff_ffff)
}

fn is_run_name(name: &str) -> bool {
    let Some((start, seed)) = name.strip_suffix(".json").and_then(|stem| stem.split_once('-')) else { return false };
    start.starts_with(|c: char| c.is_ascii_digit()) && seed.len() == 8 && seed.chars().all(|c| c.is_ascii_hexdigit())
}

/// Run files of a directory, oldest first.
fn stored(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(is_run_name) {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

fn prune(directory: &Path, saved: &Path) -> Result<(), WriteError> {
    let failed = |source| WriteError::File { path: saved.to_path_buf(), directory: directory.to_path_buf(), source };
    let (mut runs, mut bytes) = (0, 0);
    for path in stored(directory).map_err(failed)?.into_iter().rev() {
        runs += 1;
        bytes += fs::metadata(&path).map_or(0, |metadata| metadata.len());
        if path == saved || (runs <= KEPT_RUNS && bytes <= KEPT_BYTES) {
            continue;
        }
        match fs::remove_file(&path) {
            // Another run of the gate may have pruned it in the meantime.
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;

    use super::*;
    use benchgate_core::model::{
        Absence, Acceptance, Base, BenchDifference, BenchKey, BuildChange, BuildPart, Ceiling, ClaimEvidence,
        ClaimFile, Company, Conditions, Confirmation, CountReading, Evidence, Failure, FailureKind, ForeignBench,
        ForeignHarness, Granted, HarnessChange, Invocation, LeftOut, Machine, Metric, Origin, Pair, PairKind, Paired,
        PastTime, Permits, Plan, PolicyChange, Presence, Profile, Recorded, Revision, Sample, Samples, Series,
        SeriesKey, Side, Site, Sites, Stack, Stacks, Taken, Throughput, Toolchain, Unit, Verb,
    };

    fn word() -> impl Strategy<Value = String> {
        prop_oneof!["\\PC{0,8}", Just("a/b \"c\" <d> %:|* \u{1f980}\n\u{1b}\\".to_owned())]
    }

    fn number() -> impl Strategy<Value = f64> {
        prop_oneof![any::<f64>().prop_filter("finite", |x| x.is_finite()), (0_u32..1000).prop_map(f64::from)]
    }

    fn samples() -> impl Strategy<Value = Samples> {
        let positive = || number().prop_map(|x| x.abs().max(f64::MIN_POSITIVE));
        let sample = (positive(), positive()).prop_map(|(iterations, nanos)| Sample { iterations, nanos });
        vec(sample, 1..6).prop_map(|list| Samples::new(list).expect("finite and above zero"))
    }

    fn side() -> impl Strategy<Value = Side> {
        prop_oneof![Just(Side::Base), Just(Side::Candidate)]
    }

    fn pairs() -> impl Strategy<Value = Vec<Pair>> {
        let conditions = [number(), number(), number(), number()]
            .prop_map(|[steal, busy, others, megahertz]| Conditions { steal, busy, others, megahertz });
        let pair = (any::<u64>(), side(), samples(), samples(), conditions);
        let pair = pair.prop_map(|(order, first, base, candidate, conditions)| Pair {
            order,
            first,
            base,
            candidate,
            conditions,
        });
        vec(pair, 0..4)
    }

    fn confirmation() -> impl Strategy<Value = Confirmation> {
        let instructions = option::of([number(), number()]);
        let company =
            option::of((any::<u32>(), option::of(number())).prop_map(|(benches, alone)| Company { benches, alone }));
        let ended = (option::of(word()), any::<bool>());
        let parts = (any::<u32>(), pairs(), vec(failure(), 0..3), ended, instructions, company);
        parts.prop_map(|(flagged, pairs, failures, (cut_short, is_disk_full), instructions, company)| Confirmation {
            flagged,
            pairs,
            failures,
            cut_short,
            is_disk_full,
            instructions,
            company,
        })
    }

    fn count() -> impl Strategy<Value = CountReading> {
        (number(), any::<bool>()).prop_map(|(value, is_exact)| CountReading { value, is_exact })
    }

    fn failure() -> impl Strategy<Value = Failure> {
        let kind = prop_oneof![
            Just(FailureKind::Crashed),
            Just(FailureKind::TimedOut),
            Just(FailureKind::Rubbish),
            Just(FailureKind::Implausible),
            Just(FailureKind::SetUp)
        ];
        (side(), kind, word()).prop_map(|(side, kind, message)| Failure { side, kind, message })
    }

    fn pair_kind() -> impl Strategy<Value = PairKind> {
        proptest::sample::select(vec![PairKind::Interleaved, PairKind::OneAtATime, PairKind::Command])
    }

    fn evidence() -> impl Strategy<Value = Evidence> {
        prop_oneof![
            word().prop_map(|detail| Evidence::Identical { detail }),
            (pairs(), vec(failure(), 0..3), option::of(word()), word(), pair_kind(), option::of(confirmation()))
                .prop_map(|(pairs, failures, cut_short, interleaving, kind, confirmation)| {
                    Evidence::Pairs(Paired { pairs, failures, cut_short, interleaving, kind, confirmation })
                }),
            (count(), count()).prop_map(|(base, candidate)| Evidence::Counts { base, candidate }),
            (side(), option::of(number())).prop_map(|(side, value)| Evidence::OnlyOn { side, value }),
            (count(), word()).prop_map(|(candidate, reason)| Evidence::MissingBaseline { candidate, reason }),
            (vec(samples(), 0..3), word()).prop_map(|(candidate, reason)| Evidence::Advisory { candidate, reason }),
            (vec((word(), number(), any::<u32>()), 0..3), any::<u32>(), pairs(), vec(failure(), 0..2)).prop_map(
                |(past, links, pairs, failures)| {
                    let past = past.into_iter().map(|(started, value, links)| PastTime { started, value, links });
                    Evidence::Recorded(Recorded { past: past.collect(), links, pairs, failures })
                }
            ),
            failure().prop_map(Evidence::Failed),
            word().prop_map(|reason| Evidence::NotRun { reason }),
            word().prop_map(|reason| Evidence::Incomparable { reason }),
            word().prop_map(|reason| Evidence::NotCounted { reason }),
            word().prop_map(|reason| Evidence::NotBuilt { reason }),
        ]
    }

    fn bench_key() -> impl Strategy<Value = BenchKey> {
        let bench = (word(), word(), word(), option::of(word()), option::of(word()));
        bench.prop_map(|(package, target, group, function, value)| BenchKey { package, target, group, function, value })
    }

    fn series() -> impl Strategy<Value = Series> {
        let throughput = prop_oneof![
            any::<u64>().prop_map(Throughput::Bytes),
            any::<u64>().prop_map(Throughput::Elements),
            any::<u64>().prop_map(Throughput::Bits)
        ];
        (bench_key(), proptest::sample::select(&Metric::ALL[..]), option::of(throughput), evidence()).prop_map(
            |(bench, metric, throughput, evidence)| Series { key: SeriesKey { bench, metric }, throughput, evidence },
        )
    }

    fn revision() -> impl Strategy<Value = Revision> {
        (word(), word(), word(), any::<bool>()).prop_map(|(commit, subject, tree, is_dirty)| Revision {
            commit,
            subject,
            tree,
            is_dirty,
        })
    }

    fn base() -> impl Strategy<Value = Base> {
        prop_oneof![
            (revision(), word()).prop_map(|(revision, reason)| Base::Git { revision, reason }),
            word().prop_map(|reason| Base::Stored { reason })
        ]
    }

    fn build_change() -> impl Strategy<Value = BuildChange> {
        let part = prop_oneof![
            Just(BuildPart::Toolchain),
            word().prop_map(BuildPart::Harness),
            word().prop_map(BuildPart::Package)
        ];
        (part, option::of(word()), option::of(word())).prop_map(|(part, base, candidate)| BuildChange {
            part,
            base,
            candidate,
        })
    }

    fn left_out() -> impl Strategy<Value = LeftOut> {
        let plain = [Absence::Excluded, Absence::Unnamed, Absence::OtherTiers, Absence::Unmatched];
        let absence = prop_oneof![
            proptest::sample::select(plain.to_vec()),
            word().prop_map(Absence::Tier),
            vec(word(), 0..3).prop_map(Absence::Features)
        ];
        (word(), vec(word(), 0..3), absence).prop_map(|(package, benches, absence)| LeftOut {
            package,
            benches,
            absence,
        })
    }

    fn machine() -> impl Strategy<Value = Machine> {
        (word(), word(), any::<u32>(), any::<u64>()).prop_map(|(a, b, cores, memory_bytes)| Machine {
            architecture: a.clone(),
            cpu: b.clone(),
            cpu_name: format!("{a} {b}"),
            cores,
            caches: "1024K+32768K".into(),
            hypervisor: b,
            system: a,
            memory_bytes,
        })
    }

    fn plan() -> impl Strategy<Value = Plan> {
        let supported = proptest::collection::btree_map(bench_key(), number(), 0..3);
        let words = (vec(word(), 0..3), vec(word(), 0..3), word());
        (number(), any::<u32>(), any::<bool>(), words, any::<bool>(), supported).prop_map(
            |(budget_seconds, pair_cap, is_quick, (tiers, filters, schedule), confirms_by_linking, supported)| Plan {
                budget_seconds,
                pair_cap,
                is_quick,
                tiers,
                filters,
                schedule,
                confirms_by_linking,
                supported,
            },
        )
    }

    fn claim() -> impl Strategy<Value = ClaimEvidence> {
        (word(), pairs(), vec(count(), 0..3), option::of(word()))
            .prop_map(|(name, pairs, counts, note)| ClaimEvidence { name, pairs, counts, note })
    }

    fn granted() -> impl Strategy<Value = Granted> {
        let ceiling = prop_oneof![number().prop_map(Ceiling::Share), number().prop_map(Ceiling::Count)];
        let worse = (proptest::sample::select(&Metric::ALL[..]), ceiling)
            .prop_map(|(metric, ceiling)| Permits::Worse { metric, ceiling });
        let permits = prop_oneof![worse, Just(Permits::Removal), Just(Permits::OtherWork)];
        let origin = prop_oneof![Just(Origin::Base), Just(Origin::Change)];
        let presence = prop_oneof![Just(Presence::Here), Just(Presence::Absent), Just(Presence::Untold)];
        let day = (2000_i16..3000, 1_i8..=12, 1_i8..=28).prop_map(|(y, m, d)| jiff::civil::date(y, m, d));
        let words = (word(), word(), option::of(word()));
        (words, permits, day, origin, presence).prop_map(|((id, reason, tier), permits, expires, origin, presence)| {
            Granted { acceptance: Acceptance { id, permits, reason, expires, tier }, origin, presence }
        })
    }

    fn policy_text() -> impl Strategy<Value = PolicyText> {
        let claims = vec((word(), word()).prop_map(|(name, text)| ClaimFile { name, text }), 0..3);
        (word(), word(), claims).prop_map(|(name, text, claims)| PolicyText { name, text, claims })
    }

    fn policy_change() -> impl Strategy<Value = PolicyChange> {
        let values = (word(), option::of(word()), option::of(word()));
        values.prop_map(|(key, base, candidate)| PolicyChange { key, base, candidate })
    }

    fn profile() -> impl Strategy<Value = Profile> {
        let counts = || [any::<u32>(), any::<u32>()].prop_map(|counts| counts.map(u64::from));
        let stack = (vec(word(), 0..4), counts()).prop_map(|(frames, counts)| Stack { frames, counts });
        let unit = prop_oneof![Just(Unit::Samples), Just(Unit::Instructions)];
        let site = (vec(word(), 0..4), [number(), number()], [number(), number()], word())
            .prop_map(|(frames, blocks, bytes, place)| Site { frames, blocks, bytes, place });
        let taken = prop_oneof![
            (word(), unit, vec(stack, 0..4)).prop_map(|(how, unit, stacks)| Taken::Stacks(Stacks {
                how,
                unit,
                stacks
            })),
            (word(), vec(site, 0..3)).prop_map(|(how, sites)| Taken::Sites(Sites { how, sites })),
            word().prop_map(|reason| Taken::Nothing { reason }),
        ];
        let metric = proptest::sample::select(&Metric::ALL[..]);
        (bench_key(), metric, vec(word(), 0..3), taken).prop_map(|(bench, metric, own, taken)| Profile {
            key: SeriesKey { bench, metric },
            own,
            taken,
        })
    }

    fn difference() -> impl Strategy<Value = BenchDifference> {
        let work = option::of([any::<u64>(), any::<u64>()].prop_map(|work| work.map(Throughput::Elements)));
        let harness =
            option::of((word(), word(), any::<bool>()).prop_map(|(base, candidate, is_alone)| HarnessChange {
                base,
                candidate,
                is_alone,
            }));
        (work, vec(word(), 0..2), harness).prop_map(|(work, source, harness)| BenchDifference { work, source, harness })
    }

    fn foreign() -> impl Strategy<Value = ForeignBench> {
        let harness = prop_oneof![
            any::<u32>().prop_map(|benches| ForeignHarness::Libtest { benches }),
            Just(ForeignHarness::Gungraun),
            Just(ForeignHarness::IaiCallgrind),
            Just(ForeignHarness::Iai),
            Just(ForeignHarness::Binggan),
            Just(ForeignHarness::Empty),
            Just(ForeignHarness::Own),
        ];
        (word(), word(), harness).prop_map(|(package, bench, harness)| ForeignBench { package, bench, harness })
    }

    fn run_file() -> impl Strategy<Value = RunFile> {
        let list = vec(series(), 0..8).prop_map(|mut list| {
            list.sort_by(|a, b| a.key.cmp(&b.key));
            list.dedup_by(|a, b| a.key == b.key);
            list
        });
        let when = (number(), number(), word(), any::<u64>(), any::<bool>());
        let with =
            ((base(), option::of(0..3_u32)), revision(), machine(), plan(), (vec(claim(), 0..3), vec(foreign(), 0..3)));
        let differences = proptest::collection::btree_map(bench_key(), difference(), 0..3);
        let built = (vec(build_change(), 0..3), vec(left_out(), 0..3), differences);
        let reviewed = (vec(granted(), 0..3), vec(policy_change(), 0..3), vec(profile(), 0..3), built);
        let policy = option::of(policy_text());
        (when, with, reviewed, list, policy).prop_map(|(when, with, reviewed, series, policy)| {
            let (acceptances, policy_changes, profiles, (build_changes, left_out, differences)) = reviewed;
            let (seconds, measured_seconds, command, seed, is_interrupted) = when;
            let ((base, commits), candidate, machine, plan, (claims, foreign)) = with;
            let toolchain = Toolchain { rustc: command.clone(), host: "h".into(), flags: String::new() };
            let (started, workspace, notes) = ("2026-11-21T03:18:06Z".into(), command.clone(), vec![command.clone()]);
            let run = Run {
                started,
                seconds,
                measured_seconds,
                invocation: Invocation {
                    program: command.clone(),
                    verb: if seed % 2 == 0 { Verb::Bench } else { Verb::Canary },
                    manifest: (seed % 3 == 0).then(|| command.clone()),
                    tiers: vec![command.clone(); (seed % 3) as usize],
                    build: vec![command; (seed % 4) as usize],
                    is_quick: seed % 5 == 0,
                    is_without_counting: seed % 7 == 0,
                    measures_identical: seed % 11 == 0,
                },
                workspace,
                base,
                commits,
                has_nothing_to_compare: commits == Some(0),
                candidate,
                machine,
                toolchain,
                seed,
                plan,
                series,
                profiles,
                claims,
                acceptances,
                policy_changes,
                build_changes,
                left_out,
                differences,
                foreign,
                is_interrupted,
                notes,
            };
            RunFile { run, policy }
        })
    }

    fn bytes_of(file: &RunFile) -> Vec<u8> {
        let policy = file.policy.clone().map(PolicyWire::from);
        serde_json::to_vec(&FileWire::new(&file.run, policy)).expect("finite")
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn runs_come_back(file in run_file()) {
            prop_assert_eq!(parse("r", &bytes_of(&file)).expect("just written"), file);
        }

        #[test]
        fn truncated_runs_never_load(file in run_file(), share in 0.0..1.0_f64) {
            let bytes = bytes_of(&file);
            let cut = (bytes.len() as f64 * share) as usize;
            let is_truncated = matches!(parse("r", &bytes[..cut]), Err(RunFileError::Truncated { .. }));
            prop_assert!(is_truncated);
            prop_assert!(parse("r", &bytes[..bytes.len() - 1]).is_err());
        }

        #[test]
        fn no_bytes_panic(bytes in vec(any::<u8>(), 0..200)) {
            prop_assert!(parse("r", &bytes).is_err());
        }

        #[test]
        fn no_flipped_byte_panics(file in run_file(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let mut bytes = bytes_of(&file);
            let at = at.index(bytes.len());
            bytes[at] = byte;
            // Some flips make another valid run, which then must survive its own round trip.
            if let Ok(other) = parse("r", &bytes) {
                prop_assert_eq!(parse("r", &bytes_of(&other)).expect("just written"), other);
            }
        }
    }

    /// A small run, the same every time.
    fn example(started: &str, seed: u64) -> RunFile {
        let columns = |nanos: [f64; 2]| {
            Samples::new(nanos.map(|nanos| Sample { iterations: 8.0, nanos }).to_vec()).expect("durations")
        };
        let bench = BenchKey {
            package: "p".into(),
            target: "t".into(),
            group: "a/b".into(),
            function: Some("c".into()),
            value: None,
        };
        let pair = Pair {
            order: 0,
            first: Side::Base,
            base: columns([80.0, 81.5]),
            candidate: columns([90.0, 91.0]),
            conditions: Conditions { steal: 0.01, busy: 0.5, others: 0.125, megahertz: 2600.0 },
        };
        let evidence = Evidence::Pairs(Paired { pairs: vec![pair], interleaving: "turns".into(), ..Paired::default() });
        let series = vec![Series { key: SeriesKey { bench, metric: Metric::Time }, throughput: None, evidence }];
        let plan = Plan {
            budget_seconds: 300.0,
            pair_cap: 40,
            is_quick: false,
            tiers: vec!["core".into()],
            filters: vec![],
            schedule: "alternating processes".into(),
            confirms_by_linking: true,
            supported: std::collections::BTreeMap::new(),
        };
        let run = Run {
            started: started.into(),
            seconds: 12.5,
            measured_seconds: 10.0,
            invocation: Invocation { program: "cargo xtask".into(), ..Invocation::default() },
            workspace: "w".into(),
            base: Base::Stored { reason: "no differing base revision".into() },
            commits: None,
            has_nothing_to_compare: false,
            candidate: Revision::default(),
            machine: Machine::default(),
            toolchain: Toolchain::default(),
            seed,
            plan,
            series,
            claims: vec![],
            acceptances: vec![],
            policy_changes: vec![],
            build_changes: vec![],
            left_out: vec![],
            differences: std::collections::BTreeMap::new(),
            foreign: vec![],
            profiles: Vec::new(),
            is_interrupted: false,
            notes: vec![],
        };
        RunFile { run, policy: Some(PolicyText::alone("benchgate.toml", "budget = \"5m\"\n")) }
    }

    fn example_text() -> String {
        String::from_utf8(bytes_of(&example("2026-11-21T03:18:06Z", 7))).expect("JSON is UTF-8")
    }

    #[test]
    fn layout_is_pinned() {
        insta::assert_snapshot!(example_text(), @r#"
        {"schema":2,"started":"2026-11-21T03:18:06Z","seconds":12.5,"measured_seconds":10,"invocation":{"program":"cargo xtask","verb":"bench"},"workspace":"w","base":{"stored":{"reason":"no differing base revision"}},"candidate":{"commit":"","subject":"","tree":"","dirty":false},"machine":{"architecture":"","cpu":"","cpu_name":"","cores":0,"caches":"","hypervisor":"","system":"","memory_bytes":0},"toolchain":{"rustc":"","host":"","flags":""},"seed":7,"plan":{"budget_seconds":300,"pair_cap":40,"quick":false,"tiers":["core"],"filters":[],"schedule":"alternating processes","confirms_by_linking":true},"interrupted":false,"notes":[],"policy":{"name":"benchgate.toml","text":"budget = \"5m\"\n"},"claims":[],"series":[{"package":"p","target":"t","group":"a/b","function":"c","value":null,"metric":"time","throughput":null,"evidence":{"pairs":{"pairs":[{"order":0,"first":"base","base":{"iterations":[8,8],"nanos":[80,81.5]},"candidate":{"iterations":[8,8],"nanos":[90,91]},"conditions":{"steal":0.01,"busy":0.5,"others":0.125,"megahertz":2600}}],"failures":[],"cut_short":null,"interleaving":"turns","confirmation":null}}}]}
        "#);
    }

    #[test]
    fn runs_of_schema_1_are_read() {
        let good = example_text();
        let invocation = r#""invocation":{"program":"cargo xtask","verb":"bench"}"#;
        let old = good.replace("\"schema\":2", "\"schema\":1");
        let old = old.replace(invocation, r#""command":"cargo xtask bench --quick --seed 7""#);
        let mut expected = example("2026-11-21T03:18:06Z", 7);
        expected.run.invocation.is_quick = true;
        assert_eq!(parse("r.json", old.as_bytes()).expect("readable"), expected);
        for mixed in [old.replace("\"schema\":1", "\"schema\":2"), good.replace("\"schema\":2", "\"schema\":1")] {
            let message = parse("r.json", mixed.as_bytes()).expect_err("unusable").to_string();
            assert!(message.starts_with("run file `r.json` is damaged at line 1, column 1: expected `"), "{message}");
        }
    }

    #[test]
    fn each_kind_of_damage_has_its_message() {
        #[track_caller]
        fn check(text: &str, expected: &str) {
            let message = parse("r.json", text.as_bytes()).expect_err("unusable").to_string();
            assert!(message.starts_with(expected), "{message}");
            assert_eq!(message.matches("\nhint: ").count(), 1, "{message}");
        }
        let good = example_text();
        check("", "run file `r.json` is cut off at line 1, column 0");
        check(&good[..good.len() / 2], "run file `r.json` is cut off at line 1");
        check("{}", "run file `r.json` is damaged at line 1, column 2: missing field `schema`");
        check("rubbish", "run file `r.json` is damaged at line 1, column 1");
        check("{\"schema\":3,\"new\":{}}", "run file `r.json` has schema 3, expected 2\nhint: a newer benchgate");
        check("{\"schema\":0}", "run file `r.json` has schema 0, expected 2\nhint: an older benchgate");
        check(&good.replace("81.5", "-81.5"), "run file `r.json` is damaged at line 1, column");
        check(&good.replace("80,81.5", "80"), "run file `r.json` is damaged at line 1, column");
        check(&good.replace("81.5", "1e999"), "run file `r.json` is damaged at line 1, column");
        check(&good.replace("\"notes\"", "\"remarks\""), "run file `r.json` is damaged at line 1, column");
        let start = good.find("[{\"package\"").expect("has a series") + 1;
        let series = good[start..].strip_suffix("]}").expect("series come last");
        let twice = format!("{}{series},{series}]}}", &good[..start]);
        check(&twice, "run file `r.json` is damaged at line 1, column");
        assert!(parse("r", twice.as_bytes()).expect_err("twice").to_string().contains("`a/b/c time` occurs twice"));
    }

    #[test]
    fn saved_run_is_found_and_loaded() {
        let home = tempfile::tempdir().expect("temporary directory");
        let directory = home.path().join("benchgate/runs");
        assert!(matches!(latest(&directory), Err(RunFileError::NoRuns { .. })));
        let (old, new) = (example("2026-11-21T03:18:06Z", 7), example("2026-11-21T04:00:00Z", 1));
        let newest = save(&directory, &new).expect("saved");
        save(&directory, &old).expect("saved");
        assert_eq!(latest(&directory).expect("there is one"), newest);
        assert_eq!(newest.file_name().expect("a name"), "20261121T040000Z-00000001.json");
        assert_eq!(load(&newest).expect("loads"), new);
        assert_eq!(save(&directory, &new).expect("saved"), newest, "the same run keeps its name");
        assert!(matches!(load(&directory.join("none.json")), Err(RunFileError::Unreadable { .. })));
    }

    #[test]
    fn value_that_no_file_can_hold_is_not_written() {
        let home = tempfile::tempdir().expect("temporary directory");
        let mut file = example("2026-11-21T03:18:06Z", 7);
        file.run.seconds = f64::NAN;
        assert!(matches!(save(home.path(), &file), Err(WriteError::Content { .. })));
        assert_eq!(fs::read_dir(home.path()).expect("readable").count(), 0);
    }

    #[test]
    fn old_runs_make_room_and_other_files_stay() {
        let home = tempfile::tempdir().expect("temporary directory");
        fs::write(home.path().join("notes.json"), "mine").expect("written");
        for minute in 0..KEPT_RUNS {
            save(home.path(), &example(&format!("2026-11-21T03:{minute:02}:00Z"), 1)).expect("saved");
        }
        let oldest = save(home.path(), &example("2020-01-01T00:00:00Z", 1)).expect("saved");
        assert_eq!(stored(home.path()).expect("readable").len(), KEPT_RUNS + 1, "the run just saved always stays");
        save(home.path(), &example("2026-11-21T04:00:00Z", 1)).expect("saved");
        let left = stored(home.path()).expect("readable");
        assert_eq!(left.len(), KEPT_RUNS);
        assert!(!left.contains(&oldest));
        assert_eq!(fs::read_to_string(home.path().join("notes.json")).expect("still there"), "mine");
    }
}
