//! Series of benches that are not built, since features which they require are off: what such a bench holds is not known, so its name
//! stands for all of it.

use anyhow::anyhow;

use super::prepare::Prepared;
use super::stop::Stop;
use benchgate_core::gate::ExitCode;
use benchgate_core::model::{Absence, BenchKey, Evidence, LeftOut, Metric, Series, SeriesKey};
use benchgate_report::{self as report, lacking};

/// One for each bench that neither side builds. What the base builds is `removed`, benchmark by benchmark.
pub(super) fn series(prepared: &Prepared, known: &[Series]) -> Vec<Series> {
    let is_known = |package: &str, bench: &str| {
        known.iter().any(|one| (&*one.key.bench.package, &*one.key.bench.target) == (package, bench))
    };
    of(&prepared.left_out, is_known)
}

/// Stops a run that has no benchmark at all: what is left out may be why.
pub(super) fn nothing(prepared: &Prepared) -> Stop {
    let left_out = report::left_out(&prepared.left_out);
    let hint = match left_out.is_empty() {
        true => {
            "add a bench target with `harness = false`, see \
             https://bheisler.github.io/criterion.rs/book/getting_started.html"
        }
        false => {
            "the flags that take them in stand beside them; the rules are `[build]` and `[tiers]` of benchgate.toml"
        }
    };
    let left_out = left_out.iter().map(|words| format!("\nleft out: {words}"));
    let foreign = prepared.foreign.iter().map(|one| format!("\n{}", report::foreign_sentence(one)));
    let listed: String = left_out.chain(foreign).collect();
    let name = prepared.workspace.name();
    let error = anyhow!("nothing to compare: `{name}` has no benchmarks that take part{listed}\nhint: {hint}");
    Stop { code: ExitCode::NothingCompared, error }
}

fn of(left_out: &[LeftOut], is_known: impl Fn(&str, &str) -> bool) -> Vec<Series> {
    let mut series = Vec::new();
    for LeftOut { package, benches, absence } in left_out {
        let Absence::Features(features) = absence else { continue };
        let unknown = benches.iter().filter(|bench| !is_known(package, bench));
        series.extend(unknown.map(|bench| Series {
            key: SeriesKey {
                bench: BenchKey {
                    package: package.clone(),
                    target: bench.clone(),
                    group: format!("({bench})"),
                    function: None,
                    value: None,
                },
                metric: Metric::Time,
            },
            throughput: None,
            evidence: Evidence::NotBuilt { reason: lacking(features) },
        }));
    }
    series
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bench_that_lacks_features_and_is_not_known_has_a_series() {
        let absent = |bench: &str, absence| LeftOut { package: "p".into(), benches: vec![bench.into()], absence };
        let features = || Absence::Features(vec!["internals".into()]);
        let left_out = [absent("a", features()), absent("b", features()), absent("c", Absence::Excluded)];
        let found = of(&left_out, |package, bench| (package, bench) == ("p", "b"));
        let [one] = &found[..] else { panic!("{found:?}") };
        assert_eq!((&*one.key.bench.target, one.key.bench.id()), ("a", "(a)".to_owned()));
        let Evidence::NotBuilt { reason } = &one.evidence else { panic!("{one:?}") };
        assert!(reason.contains("feature `internals` is off") && reason.contains("`--features internals`"), "{reason}");
    }
}
