//! Figures in sentences: effects as percentages, numbers of things.

use super::Effect;

/// The size of an effect, a logarithm, as a percentage without a sign: `4.9 %`.
pub(super) fn size(log: f64) -> String {
    share(Effect::share(log).abs())
}

/// A share as a percentage: 0.02 becomes `2 %`, 0.0214 becomes `2.1 %`.
pub(super) fn share(share: f64) -> String {
    let percent = 100.0 * share;
    if percent.is_infinite() {
        "any amount".into()
    } else if percent >= 9.95 || (percent - percent.round()).abs() < 0.005 {
        format!("{percent:.0} %")
    } else if percent >= 0.095 {
        format!("{percent:.1} %")
    } else {
        format!("{percent:.2} %")
    }
}

/// An effect, a logarithm, as a percentage with its sign: `+4.9 %`.
pub(super) fn signed(log: f64) -> String {
    with_sign(log, 1)
}

/// The same to a hundredth of a per cent, for counts.
pub(super) fn fine(log: f64) -> String {
    with_sign(log, 2)
}

fn with_sign(log: f64, digits: usize) -> String {
    let percent = 100.0 * Effect::share(log);
    let text = format!("{percent:+.digits$} %");
    match text.strip_prefix(['+', '-']) {
        _ if percent.is_infinite() => "any amount".into(),
        // `-0.0` would claim a direction that the digits do not show.
        Some(size) if !size.contains(|c| ('1'..='9').contains(&c)) => format!("±{size}"),
        _ => text,
    }
}

/// A percentage as files write it, as sentences do: `8%` becomes `8 %`.
pub(super) fn spelled(percentage: &str) -> String {
    percentage.replace('%', " %")
}

/// `1 pair`, `2 pairs`.
pub(super) fn plural(n: u64, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_follow_the_size() {
        #[track_caller]
        fn check(value: f64, expected: &str) {
            assert_eq!(share(value), expected);
        }
        check(0.02, "2 %");
        check(0.0214, "2.1 %");
        check(0.0004, "0.04 %");
        check(0.1234, "12 %");
        check(0.0, "0 %");
        check(f64::INFINITY, "any amount");
        assert_eq!(size(-(1.25f64.ln())), "20 %");
        assert_eq!((signed(1.051f64.ln()), signed(-(1.25f64.ln()))), ("+5.1 %".into(), "-20.0 %".into()));
        assert_eq!((signed(f64::INFINITY), fine(0.0)), ("any amount".into(), "±0.00 %".into()));
    }
}
