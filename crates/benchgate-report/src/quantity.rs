//! Numbers as people read them: values with units, effects with signs.
//!
//! A value keeps four significant digits. Effects are percentages of the base and always carry a sign.

use benchgate_core::gate::Effect;
use benchgate_core::model::Metric;

/// A time in nanoseconds, or a count, with its unit.
pub(super) fn value(metric: Metric, value: f64) -> String {
    if !value.is_finite() {
        return infinite(value);
    }
    match metric {
        Metric::Time | Metric::ProcessorTime => scaled(value, &[("ns", 1.0), ("µs", 1e3), ("ms", 1e6), ("s", 1e9)]),
        Metric::AllocatedBytes | Metric::PeakBytes | Metric::LiveBytes | Metric::LiveSlope | Metric::PeakMemory => {
            scaled(value, &[("B", 1.0), ("KiB", 1024.0), ("MiB", 1_048_576.0), ("GiB", 1_073_741_824.0)])
        }
        Metric::Allocations | Metric::Threads => plain(value),
    }
}

/// Both sides of a row. Two different values that round to the same text are written out in full instead.
pub(super) fn sides(metric: Metric, base: Option<f64>, candidate: Option<f64>) -> (Option<String>, Option<String>) {
    let (short_base, short_candidate) = (base.map(|v| value(metric, v)), candidate.map(|v| value(metric, v)));
    let hides_a_change = metric.is_count() && base != candidate && short_base == short_candidate;
    if !hides_a_change {
        return (short_base, short_candidate);
    }
    let exact = |v: f64| match metric {
        Metric::Time | Metric::ProcessorTime | Metric::Allocations | Metric::Threads => grouped(v),
        Metric::AllocatedBytes | Metric::PeakBytes | Metric::LiveBytes | Metric::LiveSlope | Metric::PeakMemory => {
            format!("{} B", grouped(v))
        }
    };
    (base.map(exact), candidate.map(exact))
}

/// A share as a percentage with its sign: 0.0488 becomes `+4.88%`.
pub(super) fn percent(share: f64) -> String {
    if share.is_nan() {
        return "NaN".into();
    }
    if share.is_infinite() {
        return if share > 0.0 { "+∞".into() } else { "-∞".into() };
    }
    format!("{}%", signed(share * 100.0))
}

/// An effect with its interval, where it has one: `+6.1% [+5.2%, +7.0%]`.
pub(super) fn effect(effect: Effect) -> String {
    let share = |log| percent(Effect::share(log));
    let Effect { estimate, lower, upper } = effect;
    match lower == upper {
        true => share(estimate),
        false => format!("{} [{}, {}]", share(estimate), share(lower), share(upper)),
    }
}

/// A share that has no direction: 0.031 becomes `3.1%`, infinity `none`.
pub(super) fn size(share: f64) -> String {
    if share.is_infinite() {
        return "none".into();
    }
    if share >= 0.1 { format!("{:.0}%", share * 100.0) } else { format!("{:.1}%", share * 100.0) }
}

/// Point estimate of an effect as a percentage.
pub(super) fn estimate(effect: Effect) -> String {
    percent(Effect::share(effect.estimate))
}

/// Interval of an effect in percent, `[+3.9, +5.8]`; nothing where it has no width, as for counts.
pub(super) fn interval(effect: Effect) -> Option<String> {
    let has_width = effect.lower != effect.upper;
    has_width.then(|| format!("[{}, {}]", bound(effect.lower), bound(effect.upper)))
}

/// One end of an interval: a digit less than the estimate, which it must not outshine.
fn bound(log: f64) -> String {
    let percent = Effect::share(log) * 100.0;
    let magnitude = percent.abs();
    if !percent.is_finite() {
        infinite(percent)
    } else if magnitude < 0.005 {
        "0".into()
    } else if magnitude < 0.995 {
        format!("{percent:+.2}")
    } else if magnitude < 99.95 {
        format!("{percent:+.1}")
    } else if magnitude < 1e6 {
        format!("{percent:+.0}")
    } else {
        format!("{percent:+.1e}")
    }
}

/// A plain number: thousands grouped, or four significant digits below 10 000 where it is not whole.
pub(super) fn plain(value: f64) -> String {
    if !value.is_finite() {
        return infinite(value);
    }
    if value.fract() == 0.0 || value.abs() >= 10_000.0 { grouped(value.round()) } else { significant(value) }
}

/// Seconds: `850 ms`, `12.3 s`, `4 min 05 s`.
pub(super) fn seconds(seconds: f64) -> String {
    if !seconds.is_finite() {
        return infinite(seconds);
    }
    let whole = seconds.round();
    if seconds < 60.0 {
        value(Metric::Time, seconds * 1e9)
    } else if seconds < 3600.0 {
        format!("{} min {:02} s", (whole / 60.0).floor(), whole % 60.0)
    } else {
        format!("{} h {:02} min", (whole / 3600.0).floor(), ((whole % 3600.0) / 60.0).floor())
    }
}

fn scaled(value: f64, units: &[(&str, f64)]) -> String {
    // 999.95 would round to `1000` of the smaller unit.
    let fits = |scale: f64| value.abs() >= scale * 0.99995;
    let (unit, scale) = units.iter().rev().find(|(_, scale)| fits(*scale)).copied().unwrap_or(units[0]);
    format!("{} {unit}", plain(value / scale))
}

fn significant(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude >= 999.95 {
        format!("{value:.0}")
    } else if magnitude >= 99.995 {
        format!("{value:.1}")
    } else if magnitude >= 9.9995 {
        format!("{value:.2}")
    } else if magnitude >= 0.001 {
        format!("{value:.3}")
    } else {
        format!("{value:.1e}")
    }
}

fn signed(percent: f64) -> String {
    // `-0.00` would claim a direction that the digits do not show.
    let percent = if percent.abs() < 0.005 { 0.0 } else { percent };
    let magnitude = percent.abs();
    if percent == 0.0 {
        "±0.00".into()
    } else if magnitude < 9.995 {
        format!("{percent:+.2}")
    } else if magnitude < 99.95 {
        format!("{percent:+.1}")
    } else if magnitude < 1e6 {
        format!("{percent:+.0}")
    } else {
        format!("{percent:+.1e}")
    }
}

fn grouped(value: f64) -> String {
    let text = format!("{}", value.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut grouped = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let sign = if value < 0.0 { "-" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{grouped}{point}{fraction}")
}

fn infinite(value: f64) -> String {
    match (value.is_nan(), value > 0.0) {
        (true, _) => "NaN".into(),
        (false, true) => "∞".into(),
        (false, false) => "-∞".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_carry_the_unit_that_suits_them() {
        #[track_caller]
        fn check(metric: Metric, input: f64, expected: &str) {
            assert_eq!(value(metric, input), expected);
        }
        check(Metric::Time, 0.5, "0.500 ns");
        check(Metric::Time, 12.0, "12 ns");
        check(Metric::Time, 999.96, "1.000 µs");
        check(Metric::Time, 1234.5, "1.234 µs");
        check(Metric::Time, 56_789_000.0, "56.79 ms");
        check(Metric::Time, 3.2e9, "3.200 s");
        check(Metric::Time, 3.2e15, "3,200,000 s");
        check(Metric::Time, f64::NAN, "NaN");
        check(Metric::AllocatedBytes, 512.0, "512 B");
        check(Metric::AllocatedBytes, 4096.0, "4 KiB");
        check(Metric::PeakBytes, 5_000_000.0, "4.768 MiB");
        check(Metric::LiveBytes, -2048.0, "-2 KiB");
        check(Metric::Allocations, 3.0, "3");
        check(Metric::Allocations, 1_234_567.0, "1,234,567");
        check(Metric::Allocations, 0.25, "0.250");
        check(Metric::Allocations, 0.000_12, "1.2e-4");
    }

    #[test]
    fn different_counts_never_look_alike() {
        let text = |x: &str| Some(x.to_owned());
        let bytes = |a: f64, b: f64| sides(Metric::AllocatedBytes, Some(a), Some(b));
        assert_eq!(bytes(4096.0, 8192.0), (text("4 KiB"), text("8 KiB")));
        assert_eq!(bytes(1_048_577.0, 1_048_578.0), (text("1,048,577 B"), text("1,048,578 B")));
        assert_eq!(sides(Metric::Time, Some(1000.01), None), (text("1.000 µs"), None));
    }

    #[test]
    fn effects_always_carry_a_sign() {
        #[track_caller]
        fn check(share: f64, expected: &str) {
            assert_eq!(percent(share), expected);
        }
        check(0.0488, "+4.88%");
        check(-0.0488, "-4.88%");
        check(0.123, "+12.3%");
        check(9.0, "+900%");
        check(0.0, "±0.00%");
        check(-0.00001, "±0.00%");
        check(f64::INFINITY, "+∞");
        check(-1.0, "-100%");
        check(1e9, "+1.0e11%");
    }

    #[test]
    fn intervals_carry_signs_too() {
        #[track_caller]
        fn check(lower: f64, upper: f64, expected: Option<&str>) {
            let effect = Effect { estimate: lower, lower: f64::ln_1p(lower), upper: f64::ln_1p(upper) };
            assert_eq!(interval(effect).as_deref(), expected);
        }
        check(0.0523, 0.0704, Some("[+5.2, +7.0]"));
        check(-0.0012, 0.0, Some("[-0.12, 0]"));
        check(-1.0, f64::INFINITY, Some("[-100, ∞]"));
        check(1.5, 20_000.0, Some("[+150, +2.0e6]"));
        check(0.0, 0.0, None);
    }

    #[test]
    fn seconds_read_as_a_clock_does() {
        #[track_caller]
        fn check(input: f64, expected: &str) {
            assert_eq!(seconds(input), expected);
        }
        check(0.85, "850 ms");
        check(12.3, "12.30 s");
        check(245.2, "4 min 05 s");
        check(3661.0, "1 h 01 min");
    }
}
