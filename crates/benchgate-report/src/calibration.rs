//! Calibration -> the figures that both its page and its text show, and the text.
//!
//! Rates are shown with their exact intervals; nothing is judged here.

use std::fmt::Write;

use super::inert::inert;
use super::quantity;
use benchgate_core::gate::{Effect, clopper_pearson};
use benchgate_core::model::{CalibratedBench, Calibration, Planted};

/// Confidence of the intervals around rates.
const CONFIDENCE: f64 = 0.95;

/// Benchmarks that the text lists.
const WORST: usize = 12;

/// A rate that was counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rate {
    /// What was counted, in words.
    pub name: String,
    /// For instance `0 of 12 runs`.
    pub counted: String,
    /// For instance `0.0% [0.0%, 26%]`; empty without trials.
    pub rate: String,
}

impl Rate {
    fn new(name: impl Into<String>, hits: u32, trials: u32, noun: &str) -> Self {
        let counted = format!("{hits} of {trials} {noun}");
        Self { name: name.into(), counted, rate: rate(hits, trials) }
    }
}

/// A rate with its interval.
pub(super) fn rate(hits: u32, trials: u32) -> String {
    if trials == 0 {
        return String::new();
    }
    let [lower, upper] = clopper_pearson(hits, trials, CONFIDENCE).map(digits);
    format!("{} [{lower}, {upper}]", digits(f64::from(hits) / f64::from(trials)))
}

/// A share with two digits that tell something.
fn digits(share: f64) -> String {
    let percent = share * 100.0;
    match percent {
        0.0 => "0%".into(),
        p if p >= 9.95 => format!("{p:.0}%"),
        p if p >= 0.995 => format!("{p:.1}%"),
        p if p >= 0.0995 => format!("{p:.2}%"),
        p if p >= 0.000_05 => format!("{p:.4}%"),
        _ => "<0.0001%".into(),
    }
}

/// How often equal code was red.
pub(super) fn false_red(calibration: &Calibration) -> Vec<Rate> {
    let mut rates = Vec::new();
    for trial in &calibration.trials {
        let name = inert(&trial.name);
        let cut = if trial.cut_short > 0 { format!("; {} more cut short", trial.cut_short) } else { String::new() };
        rates.push(Rate::new(format!("{name}{cut}"), trial.red_runs, trial.runs, "suite runs"));
        let red =
            if trial.red_ids.is_empty() { String::new() } else { format!(": {}", inert(&trial.red_ids.join(", "))) };
        rates.push(Rate::new(format!("{name}, by bench{red}"), trial.red, trial.verdicts, "verdicts"));
    }
    for resampled in &calibration.resamplings {
        let signs = if resampled.is_symmetrised { "" } else { ", signs as recorded" };
        let name = format!("resampled from recorded pairs{signs}, {} series a suite", resampled.series);
        rates.push(Rate::new(&name, resampled.red_suites, resampled.suites, "suites"));
        let all = resampled.suites * resampled.series;
        rates.push(Rate::new(format!("{name}, by series"), resampled.red_series, all, "series"));
    }
    rates
}

/// How often slowdowns of one size are found.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Power {
    /// The size, as a share.
    pub effect: f64,
    /// Share found over all benchmarks.
    pub mean: f64,
    /// Share found in the benchmark at the worst tenth.
    pub worst_tenth: f64,
    /// Runs of benches with as much more work in their code that were red, and all of them.
    pub planted: (u32, u32),
}

/// Power by the size of the slowdown; without benchmarks that could be replayed, what was planted in code alone.
pub(super) fn power(calibration: &Calibration) -> Vec<Power> {
    let of = |(index, &effect): (usize, &f64)| {
        let found = calibration.benches.iter().filter_map(|bench| bench.found.get(index));
        let mut shares: Vec<f64> = found.map(|&found| f64::from(found) / f64::from(calibration.paths.max(1))).collect();
        shares.sort_by(f64::total_cmp);
        let planted = calibration.planted.iter().filter(|planted| (planted.share - effect).abs() < 1e-9);
        Power {
            effect,
            mean: if shares.is_empty() { f64::NAN } else { shares.iter().sum::<f64>() / shares.len() as f64 },
            worst_tenth: shares.get(shares.len() / 10).copied().unwrap_or(f64::NAN),
            planted: planted.fold((0, 0), |(red, runs), one: &Planted| (red + one.red, runs + one.runs)),
        }
    };
    calibration.effects.iter().enumerate().map(of).collect()
}

/// A share found; a dash where nothing was replayed.
pub(super) fn found(share: f64) -> String {
    if share.is_nan() { "–".into() } else { format!("{:.0}%", share * 100.0) }
}

/// One benchmark as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BenchLine {
    /// Its id.
    pub id: String,
    /// Recorded pairs.
    pub pairs: String,
    /// Robust spread of their effects.
    pub spread: String,
    /// Tolerance that it supports.
    pub supports: String,
    /// Tolerance that `bench` will use.
    pub tolerance: String,
    /// Smallest effect that it will see.
    pub sees: String,
    /// Range over link orders.
    pub layout: String,
    /// Why it sees no more.
    pub remark: String,
}

/// All benchmarks, those that see least first.
pub(super) fn bench_lines(calibration: &Calibration) -> Vec<BenchLine> {
    let mut benches: Vec<&CalibratedBench> = calibration.benches.iter().collect();
    let blind = |bench: &CalibratedBench| bench.visible.unwrap_or(f64::INFINITY);
    benches.sort_by(|a, b| blind(b).total_cmp(&blind(a)).then_with(|| a.key.cmp(&b.key)));
    let size = |log: f64| quantity::size(Effect::share(log));
    let line = |bench: &CalibratedBench| BenchLine {
        id: inert(&bench.key.id()),
        pairs: bench.pairs.to_string(),
        spread: format!("{:.2}%", Effect::share(bench.spread) * 100.0),
        supports: match (bench.is_known, bench.supported) {
            (false, _) => "unknown".into(),
            (true, Some(share)) => format!("{:.0}%", share * 100.0),
            (true, None) => "none".into(),
        },
        tolerance: quantity::size(bench.tolerance),
        sees: bench.visible.map_or_else(|| "nothing".into(), size),
        layout: bench.layout.map_or_else(String::new, |[low, high]| {
            let ends = [low, high].map(|end| quantity::percent(Effect::share(end)));
            if low == high { ends[0].clone() } else { format!("{} to {}", ends[0], ends[1]) }
        }),
        remark: inert(&bench.remark),
    };
    benches.into_iter().map(line).collect()
}

/// The calibration as text for a terminal, without colour.
pub fn calibration_text(calibration: &Calibration) -> String {
    let mut text = String::new();
    write_text(&mut text, calibration).expect("a string takes everything");
    text
}

fn write_text(text: &mut String, calibration: &Calibration) -> std::fmt::Result {
    let Calibration { workspace, machine, seed, measured_seconds, benches, verdict_seconds, gaps, .. } = calibration;
    writeln!(text, "calibration of {} on {}", inert(workspace), inert(machine))?;
    let time = quantity::seconds(*measured_seconds);
    writeln!(text, "{} benchmarks, {time} of measuring, seed {seed}\n", benches.len())?;
    writeln!(text, "equal code that turned red (with 95 % interval)")?;
    for Rate { name, counted, rate } in false_red(calibration) {
        writeln!(text, "  {counted:<24} {rate:<26} {name}")?;
    }
    writeln!(text, "\nslowdowns found      all benches   worst tenth   planted in code")?;
    for Power { effect, mean, worst_tenth, planted: (red, runs) } in power(calibration) {
        let planted = if runs == 0 { "–".into() } else { format!("{red} of {runs} runs") };
        let (effect, mean, worst) = (quantity::size(effect), found(mean), found(worst_tenth));
        writeln!(text, "  {effect:>6} {mean:>23} {worst:>13}   {planted}")?;
    }
    for planted in calibration.planted.iter().filter(|planted| planted.runs > 0) {
        let read = planted.estimate.map_or_else(|| "–".into(), |log| quantity::percent(Effect::share(log)));
        let share = quantity::size(planted.share);
        let Planted { red, unchanged, runs, .. } = planted;
        let id = inert(&planted.id);
        writeln!(text, "  {share:>6} more work read as {read:<8} {red} red, {unchanged} unchanged of {runs}  {id}")?;
    }
    if let Some(seconds) = verdict_seconds {
        let (median, mean) = (quantity::seconds(seconds.median), quantity::seconds(seconds.mean));
        writeln!(text, "\nmachine time to a verdict: median {median}, mean {mean}, over {} series", seconds.series)?;
    }
    let lines = bench_lines(calibration);
    writeln!(text, "\nbenches that see least\n    sees  supports  tolerance  spread  pairs  bench")?;
    for line in lines.iter().take(WORST) {
        let BenchLine { id, pairs, spread, supports, tolerance, sees, remark, .. } = line;
        writeln!(text, "{sees:>8} {supports:>9} {tolerance:>10} {spread:>7} {pairs:>6}  {id}")?;
        if !remark.is_empty() {
            writeln!(text, "{:>46}{remark}", "")?;
        }
    }
    if lines.len() > WORST {
        writeln!(text, "  and {} more, in the report", lines.len() - WORST)?;
    }
    for gap in gaps {
        writeln!(text, "not measured: {}", inert(gap))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::calibration;

    #[test]
    fn rates_have_exact_intervals() {
        #[track_caller]
        fn check(hits: u32, trials: u32, expected: &str) {
            assert_eq!(rate(hits, trials), expected);
        }
        check(0, 0, "");
        check(0, 300, "0% [0%, 1.2%]");
        check(1, 300, "0.33% [0.0084%, 1.8%]");
        check(0, 69_300, "0% [0%, 0.0053%]");
        check(10, 10, "100% [69%, 100%]");
    }

    #[test]
    fn power_is_that_of_all_and_of_the_worst_tenth() {
        let power = power(&calibration());
        assert_eq!(power.len(), 2);
        assert_eq!((power[0].mean, power[0].worst_tenth, power[0].planted), (0.25, 0.0, (0, 0)));
        assert_eq!((power[1].mean, power[1].worst_tenth, power[1].planted), (0.75, 0.5, (3, 4)));
        let nothing = Calibration { effects: vec![0.01], ..Calibration::default() };
        assert!(super::power(&nothing)[0].mean.is_nan());
    }

    #[test]
    fn text_says_what_was_measured_and_what_was_not() {
        insta::assert_snapshot!(calibration_text(&calibration()), @r"
        calibration of w on x86_64 V 1/2/3 2 cores 1M+2M KVM
        2 benchmarks, 20 min 00 s of measuring, seed 7

        equal code that turned red (with 95 % interval)
          1 of 12 suite runs       8.3% [0.21%, 38%]          copies of one executable; 1 more cut short
          1 of 24 verdicts         4.2% [0.11%, 21%]          copies of one executable, by bench: a/b/c/wild
          1 of 300 suites          0.33% [0.0084%, 1.8%]      resampled from recorded pairs, 231 series a suite
          1 of 69300 series        0.0014% [<0.0001%, 0.0080%] resampled from recorded pairs, 231 series a suite, by series

        slowdowns found      all benches   worst tenth   planted in code
            1.0%                     25%            0%   –
            5.0%                     75%           50%   3 of 4 runs
            5.0% more work read as +4.97%   3 red, 0 unchanged of 4  planted/x/calls/4

        machine time to a verdict: median 120 ms, mean 300 ms, over 24 series

        benches that see least
            sees  supports  tolerance  spread  pairs  bench
         nothing      none        20%  28.40%     48  a/b/c/wild
                                                      pairs spread by 28 %: its time cannot be gated here
            2.2%        2%       2.0%   0.40%     48  a/b/c/calm
        not measured: the neutral edit was measured in one link order only
        ");
    }
}
