//! What a calibration means for a run, decided before its first pair: defaults are raised to what a bench supports on this class
//! of machines, and a stated tolerance that cannot be seen here is told.

use std::collections::BTreeMap;

use benchgate_core::gate::{DEFAULT_TIME_TOLERANCE, Policy, TOLERANCES};
use benchgate_core::model::{BenchKey, Calibration, Metric, SeriesKey};

/// The smallest tolerance that each of the benchmarks supports, as a share, where the calibration knows it. Those that support
/// none of the tolerances offered get the largest.
pub(super) fn supported(calibration: Option<&Calibration>, benches: &[BenchKey]) -> BTreeMap<BenchKey, f64> {
    let known = calibration.iter().flat_map(|calibration| &calibration.benches).filter(|bench| bench.is_known);
    let largest = TOLERANCES[TOLERANCES.len() - 1];
    known
        .filter(|bench| benches.contains(&bench.key))
        .map(|bench| (bench.key.clone(), bench.supported.unwrap_or(largest)))
        .collect()
}

/// What the reader of a run should know about it.
pub(super) fn notes(
    policy: &Policy,
    calibration: Option<&Calibration>,
    supported: &BTreeMap<BenchKey, f64>,
) -> Vec<String> {
    let Some(calibration) = calibration else { return Vec::new() };
    let date = calibration.recorded.split('T').next().unwrap_or_default();
    let stated = |key: &BenchKey| policy.stated_tolerance(&SeriesKey { bench: key.clone(), metric: Metric::Time });
    let percent = |share: f64| format!("{} %", (share * 1e4).round() / 100.0);
    let mut notes = Vec::new();
    let raised = supported.iter().filter(|(key, floor)| stated(key).is_none() && **floor > DEFAULT_TIME_TOLERANCE);
    let raised: Vec<String> = raised.map(|(key, floor)| format!("`{}` {}", key.id(), percent(*floor))).collect();
    if let Some(first) = raised.first() {
        notes.push(format!(
            "the default tolerance of time is raised for {} benchmarks to what they support here, for instance {first}, by the \
             calibration of {date}",
            raised.len()
        ));
    }
    let unseen = supported.iter().filter_map(|(key, floor)| {
        let stated = stated(key).filter(|stated| stated < floor)?;
        Some(format!("`{}`: {} stated, {} supported", key.id(), percent(stated), percent(*floor)))
    });
    let unseen: Vec<String> = unseen.collect();
    if let Some(first) = unseen.first() {
        notes.push(format!(
            "warning: this machine cannot see the stated tolerance of {} benchmarks, for instance {first}, by the calibration of \
             {date}",
            unseen.len()
        ));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use benchgate_core::gate::{IdGlobs, ToleranceRule};
    use benchgate_core::model::CalibratedBench;

    fn key(id: &str) -> BenchKey {
        BenchKey { package: "p".into(), target: "t".into(), group: id.into(), function: None, value: None }
    }

    fn calibrated(id: &str, is_known: bool, supported: Option<f64>) -> CalibratedBench {
        CalibratedBench {
            key: key(id),
            pairs: 30,
            spread: 0.01,
            centre: 0.0,
            order_effect: None,
            is_known,
            supported,
            tolerance: 0.02,
            visible: None,
            found: vec![],
            layout: None,
            remark: String::new(),
        }
    }

    #[test]
    fn defaults_are_raised_and_stated_ones_are_kept_and_told() {
        let benches = vec![
            calibrated("calm", true, Some(0.01)),
            calibrated("jumpy", true, Some(0.05)),
            calibrated("wild", true, None),
            calibrated("new", false, None),
            calibrated("stated", true, Some(0.03)),
            calibrated("elsewhere", true, Some(0.1)),
        ];
        let recorded = "2026-01-02T03:04:05Z".into();
        let calibration = Calibration { benches, recorded, ..Calibration::default() };
        let asked = ["calm", "jumpy", "wild", "new", "stated"].map(key);
        let supported = supported(Some(&calibration), &asked);
        let rule = ToleranceRule { metric: None, ids: IdGlobs::new(["stated"]).unwrap(), tolerance: 0.02 };
        let policy = Policy { tolerances: vec![rule], ..Policy::default() };
        let tolerance =
            |id: &str| policy.tolerance_given(&supported, &SeriesKey { bench: key(id), metric: Metric::Time });
        let tolerances = ["calm", "jumpy", "wild", "new", "stated", "elsewhere"].map(tolerance);
        assert_eq!(tolerances, [0.02, 0.05, 0.2, 0.02, 0.02, 0.02]);
        let count = SeriesKey { bench: key("jumpy"), metric: Metric::Allocations };
        assert_eq!(policy.tolerance_given(&supported, &count), 0.01);
        insta::assert_snapshot!(notes(&policy, Some(&calibration), &supported).join("\n"), @r"
        the default tolerance of time is raised for 2 benchmarks to what they support here, for instance `jumpy` 5 %, by the calibration of 2026-01-02
        warning: this machine cannot see the stated tolerance of 1 benchmarks, for instance `stated`: 2 % stated, 3 % supported, by the calibration of 2026-01-02
        ");
        assert_eq!(super::supported(None, &asked), BTreeMap::new());
    }
}
